//! Who is connected to the board now: each feed with its credential, what it follows and how far behind it is, and the end of
//! one or of all of a credential.

use heliograph_shared::api::connections::Connections;
use heliograph_shared::relay::who::{ConnectionView, Followed, Spoken};
use heliograph_shared::time::Millis;
use leptos::prelude::*;

use super::ask_first::{Ask, AskFirst};
use super::frame::BoardFrame;
use super::place::Part;
use super::seat::Seat;
use super::shown::{self, Answer, Said, Shown};
use crate::browser::clock;
use crate::client::manage;
use crate::parts::format;
use crate::parts::open_board::Board;

/// Whom to end.
#[derive(Clone, Debug, PartialEq, Eq)]
enum End {
    /// One connection.
    One(String),
    /// All of a credential.
    AllOf(String),
}

/// Who it is, in a word or two.
fn who(view: &ConnectionView) -> String {
    let credential = view.credential.as_ref().map(ToString::to_string);
    match (&view.name, credential) {
        (Some(name), Some(credential)) => format!("{name} ({credential})"),
        (Some(name), None) => name.clone(),
        (None, Some(credential)) => credential,
        (None, None) => text!(console.connections.anybody).to_owned(),
    }
}

fn spoken(mode: Spoken) -> &'static str {
    match mode {
        Spoken::Binary => text!(console.connections.binary),
        Spoken::Json => text!(console.connections.json),
        Spoken::Plain => text!(console.connections.plain),
    }
}

/// What it follows, in words.
fn follows(all: &[Followed]) -> String {
    let one = |followed: &Followed| match (followed.what.as_str(), followed.keys, followed.bbox) {
        ("scores", ..) => text!(console.connections.scores).to_owned(),
        ("presence", ..) => text!(console.connections.presence).to_owned(),
        (_, Some(keys), _) => counted!(keys, console.connections.keys),
        (_, None, Some(_)) => text!(console.connections.a_box).to_owned(),
        (_, None, None) => text!(console.connections.everything).to_owned(),
    };
    let words: Vec<String> = all.iter().map(one).collect();
    if words.is_empty() { text!(console.connections.nothing).to_owned() } else { words.join(" · ") }
}

/// Bytes for people, in units of 1,000.
fn bytes(count: u64) -> String {
    let count = count as f64;
    match count {
        _ if count < 1e3 => text!(console.connections.bytes, n = format::number(count, 0)),
        _ if count < 1e6 => text!(console.connections.kilobytes, n = format::number(count / 1e3, 1)),
        _ => text!(console.connections.megabytes, n = format::number(count / 1e6, 1)),
    }
}

/// How far behind it is, in words.
fn behind(view: &ConnectionView, now: Millis) -> String {
    let waiting = u64::from(view.waiting_bytes) + view.unacknowledged_bytes.unwrap_or_default();
    match view.blocked_since {
        Some(since) => text!(console.connections.blocked, age = format::age(now.since(since))),
        None if waiting > 0 => bytes(waiting),
        None => text!(console.connections.up_to_date).to_owned(),
    }
}

/// The part.
#[component]
pub fn ConnectionsPart(
    /// The board.
    board: Board,
    /// Who sits here.
    seat: Seat,
) -> impl IntoView {
    let name = StoredValue::new(board.name.clone());
    let answer: Answer<Connections> = RwSignal::new(None);
    let (error, done) = (RwSignal::new(None::<String>), RwSignal::new(None::<String>));
    let load =
        move || shown::ask(answer, async move { manage::connections(&name.get_value(), &seat.key(), None).await });
    load();
    let more = Callback::new(move |after: String| {
        leptos::task::spawn_local(async move {
            match manage::connections(&name.get_value(), &seat.key(), Some(&after)).await {
                Ok(page) => {
                    let _ = answer.try_update(|answer| {
                        // The list may have been asked for anew meanwhile.
                        if let Some(Ok(known)) = answer
                            && known.next.is_some_and(|next| next.to_string() == after)
                        {
                            known.connections.extend(page.connections);
                            known.next = page.next;
                        }
                    });
                }
                Err(failure) => drop(error.try_set(Some(shown::sentence(failure)))),
            }
        });
    });
    let end = move |whom: End| {
        error.set(None);
        leptos::task::spawn_local(async move {
            let (board, key) = (name.get_value(), seat.key());
            let ended = match &whom {
                End::One(id) => manage::end_connection(&board, &key, id).await.map(|()| 1),
                End::AllOf(credential) => manage::end_connections_of(&board, &key, credential).await,
            };
            match ended {
                Ok(count) => {
                    let _ = done.try_set(Some(counted!(count, console.connections.ended)));
                    load();
                }
                Err(failure) => drop(error.try_set(Some(shown::sentence(failure)))),
            }
        });
    };
    let asked = RwSignal::new(None::<Ask>);
    let ask = Callback::new(move |(whom, title): (End, String)| {
        asked.set(Some(Ask {
            title,
            text: text!(console.connections.asks).to_owned(),
            label: text!(console.connections.end).to_owned(),
            word: None,
            then: Callback::new(move |()| end(whom.clone())),
        }));
    });
    let then = move |list: Connections| {
        if list.connections.is_empty() {
            return view! { <p class="empty">{text!(console.connections.none)}</p> }.into_any();
        }
        view! { <Table list=list ask=ask more=more /> }.into_any()
    };
    view! {
        <BoardFrame board=board part=Part::Connections seat=seat>
            <section class="manage-head"><h2>{text!(console.place.connections)}</h2><p class="quiet-text">{text!(console.connections.about)}</p></section>
            <p class="actions"><button class="button" type="button" data-testid="again" on:click=move |_| load()>{text!(console.connections.again)}</button></p>
            <Said error=error done=done />
            <Shown answer=answer retry=Callback::new(move |()| load()) then=then />
            <AskFirst asked=asked />
        </BoardFrame>
    }
}

#[component]
fn Table(list: Connections, ask: Callback<(End, String)>, more: Callback<String>) -> impl IntoView {
    let now = list.time;
    let row = move |view: ConnectionView| {
        let (id, called) = (view.id.to_string(), who(&view));
        let title = text!(console.connections.end_title, who = &called);
        let all = view.credential.as_ref().map(|credential| {
            let whom = End::AllOf(credential.to_string());
            let title = text!(console.connections.end_all_title, who = &called);
            let label = title.clone();
            view! { " " <button class="button small" type="button" aria-label=label on:click=move |_| ask.run((whom.clone(), title.clone()))>{text!(console.connections.end_all)}</button> }
        });
        let (label, whom) = (title.clone(), End::One(id.clone()));
        view! {
            <tr data-connection=id>
                <th scope="row" class="wrap">{called}</th>
                <td>{spoken(view.mode)}</td>
                <td class="wrap">{follows(&view.follows)}</td>
                <td title=clock::local_text(view.since)>{format::age(now.since(view.since))}</td>
                <td class="number">{bytes(view.sent_bytes)}</td>
                <td>{behind(&view, now)}</td>
                <td>
                    <button class="button small" type="button" aria-label=label on:click=move |_| ask.run((whom.clone(), title.clone()))>{text!(console.connections.end)}</button>
                    {all}
                </td>
            </tr>
        }
    };
    let count = list.connections.len();
    let next = list.next.map(|next| next.to_string());
    let shown = if next.is_some() {
        counted!(count, console.connections.first)
    } else {
        counted!(count, console.connections.count)
    };
    view! {
        <p class="quiet-text" data-testid="count">{shown}</p>
        <div class="table-place" tabindex="0" role="region" aria-label=text!(console.place.connections)>
            <table class="manage-table" data-testid="connections">
                <thead><tr>
                    <th scope="col">{text!(console.connections.who)}</th>
                    <th scope="col">{text!(console.connections.mode)}</th>
                    <th scope="col">{text!(console.connections.follows)}</th>
                    <th scope="col">{text!(console.connections.since)}</th>
                    <th scope="col">{text!(console.connections.sent)}</th>
                    <th scope="col">{text!(console.connections.behind)}</th>
                    <th scope="col"><span class="sr-only">{text!(console.connections.end)}</span></th>
                </tr></thead>
                <tbody>{list.connections.into_iter().map(row).collect_view()}</tbody>
            </table>
        </div>
        {next.map(|next| view! { <p class="actions"><button class="button" type="button" on:click=move |_| more.run(next.clone())>{text!(console.connections.more)}</button></p> })}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(json: &str) -> ConnectionView {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_connection_is_told_in_words() {
        let named = view(
            r#"{"id":"0.7.1772366400000","since":1772366400000,"mode":"json","credential":"key:ab","name":"Ann","expires_at":null,
                "follows":[{"id":1,"what":"items","keys":2,"bbox":null},{"id":2,"what":"scores","keys":null,"bbox":null}],
                "sent_bytes":1234567,"unacknowledged_bytes":null,"waiting_bytes":0,"blocked_since":null}"#,
        );
        assert_eq!(who(&named), "Ann (key:ab)");
        assert_eq!(follows(&named.follows), "2 items · scoreboard");
        assert_eq!(bytes(named.sent_bytes), "1.2 MB");
        assert_eq!(behind(&named, Millis(1_772_366_400_000)), "up to date");
        let blocked =
            ConnectionView { blocked_since: Some(Millis(1_772_366_400_000)), credential: None, name: None, ..named };
        assert_eq!(who(&blocked), "without a credential");
        assert!(behind(&blocked, Millis(1_772_366_405_000)).contains("5 s"));
        assert_eq!(follows(&[]), "nothing yet");
    }
}
