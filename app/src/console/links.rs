//! Links that share a part of the board: a new one, all there are to copy again, and the end of one.

use heliograph_shared::rights::Operation;
use heliograph_shared::share::ShareState;
use heliograph_shared::time::Millis;
use leptos::prelude::*;
use serde_json::{Value, json};

use super::ask_first::{Ask, AskFirst};
use super::copyable::Copyable;
use super::field::{Field, Others, Problems, problems_of};
use super::frame::BoardFrame;
use super::keys::patterns;
use super::place::Part;
use super::seat::Seat;
use super::shown::{self, Answer, Said, Shown};
use crate::browser::clock;
use crate::client::manage::{self, ShownShare};
use crate::parts::open_board::Board;
use crate::parts::qr::QrPicture;

/// The fields of the form.
const SHOWN: &[&str] = &["label", "keys", "expires_at", "count", "conditions.delay_s"];
/// How long a link lasts in a form that nobody changed: a week.
const WEEK: i64 = 7 * 86_400_000;

/// What the form says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Wish {
    label: String,
    keys: String,
    until: Option<Millis>,
    count: String,
    /// Seconds by which everything is seen later.
    delay: String,
    history: bool,
}

/// A whole number as it is sent. What is none is sent as it is, and refused at its field.
fn number(text: &str) -> Value {
    text.parse::<u32>().map_or_else(|_| text.into(), Value::from)
}

impl Wish {
    /// As it is sent.
    fn body(&self) -> Value {
        let mut body = json!({"label": self.label.trim(), "operations": ["read"]});
        if self.history {
            body["operations"] = json!(["read", "history"]);
        }
        let keys = patterns(&self.keys);
        if !keys.is_empty() {
            body["keys"] = keys.into();
        }
        if let Some(until) = self.until {
            body["expires_at"] = until.0.into();
        }
        match self.count.trim() {
            "" => {}
            count => body["count"] = number(count),
        }
        match self.delay.trim() {
            "" => {}
            delay => body["conditions"] = json!({"delay_s": number(delay)}),
        }
        body
    }
}

/// What a link is called.
fn called(share: &ShownShare) -> String {
    if share.label.is_empty() { text!(console.links.unnamed, id = &share.id) } else { share.label.clone() }
}

/// What a link shows, in words.
fn shows(share: &ShownShare) -> String {
    let is_all = share.keys.iter().any(|key| key == "*");
    let what = if is_all { text!(console.links.everything).to_owned() } else { share.keys.join(", ") };
    let what =
        if share.operations.contains(&Operation::History) { what } else { text!(console.links.now_only, what = what) };
    match share.conditions.delay_s {
        None => what,
        Some(seconds) => text!(console.links.later, what = what, seconds = seconds),
    }
}

fn state(state: ShareState) -> &'static str {
    match state {
        ShareState::Open => text!(console.links.open),
        ShareState::Expired => text!(console.links.expired),
        ShareState::UsedUp => text!(console.links.used_up),
        ShareState::KeyGone => text!(console.links.key_gone),
    }
}

/// Whether there is something to send to somebody.
fn is_sent(share: &ShownShare) -> Option<String> {
    share.url.clone().filter(|_| share.state == ShareState::Open)
}

/// The part.
#[component]
pub fn LinksPart(
    /// The board.
    board: Board,
    /// Who sits here.
    seat: Seat,
) -> impl IntoView {
    let name = StoredValue::new(board.name.clone());
    let answer: Answer<Vec<ShownShare>> = RwSignal::new(None);
    let load = move || shown::ask(answer, async move { manage::shares(&name.get_value(), &seat.key()).await });
    load();
    let chosen = RwSignal::new(None::<ShownShare>);
    let asked = RwSignal::new(None::<Ask>);
    let (error, done) = (RwSignal::new(None::<String>), RwSignal::new(None::<String>));
    let end = move |share: ShownShare| {
        error.set(None);
        leptos::task::spawn_local(async move {
            match manage::delete_share(&name.get_value(), &seat.key(), &share.id).await {
                Ok(()) => {
                    let _ = done.try_set(Some(text!(console.links.revoked, label = called(&share))));
                    let _ = chosen.try_update(|chosen| chosen.take_if(|known| known.id == share.id));
                    load();
                }
                Err(failure) => {
                    let _ = error.try_set(Some(shown::sentence(failure)));
                }
            }
        });
    };
    let ask = Callback::new(move |share: ShownShare| {
        asked.set(Some(Ask {
            title: text!(console.links.revoke_title, label = called(&share)),
            text: text!(console.links.revoke_asks).to_owned(),
            label: text!(console.links.revoke).to_owned(),
            word: None,
            then: Callback::new(move |()| end(share.clone())),
        }));
    });
    let made = Callback::new(move |share: ShownShare| {
        done.set(Some(text!(console.links.made).to_owned()));
        chosen.set(Some(share));
        load();
    });
    let then = move |shares: Vec<ShownShare>| {
        if shares.is_empty() {
            return view! { <p class="empty">{text!(console.links.none)}</p> }.into_any();
        }
        view! { <Table shares=shares ask=ask chosen=chosen /> }.into_any()
    };
    view! {
        <BoardFrame board=board part=Part::Links seat=seat>
            <section class="manage-head"><h2>{text!(console.place.links)}</h2><p class="quiet-text">{text!(console.links.about)}</p></section>
            <Make board=name seat=seat made=made />
            <Said error=error done=done />
            {move || chosen.get().map(|share| view! { <Sent share=share chosen=chosen /> })}
            <Shown answer=answer retry=Callback::new(move |()| load()) then=then />
            <AskFirst asked=asked />
        </BoardFrame>
    }
}

/// A link to copy or to scan.
#[component]
fn Sent(share: ShownShare, chosen: RwSignal<Option<ShownShare>>) -> impl IntoView {
    let label = called(&share);
    is_sent(&share).map(|url| {
        view! {
            <section class="sheet connect" aria-labelledby="link-title" data-testid="link">
                <h3 id="link-title">{label}</h3>
                <Copyable what=text!(console.links.the_link) text=url.clone() />
                <QrPicture text=url label=text!(console.links.code) />
                <p class="actions"><button class="button" type="button" on:click=move |_| chosen.set(None)>{text!(console.links.close)}</button></p>
            </section>
        }
    })
}

#[component]
fn Table(shares: Vec<ShownShare>, ask: Callback<ShownShare>, chosen: RwSignal<Option<ShownShare>>) -> impl IntoView {
    let row = move |share: ShownShare| {
        let label = called(&share);
        let uses = match share.count {
            Some(count) => text!(console.links.of, uses = share.uses, count = count),
            None => share.uses.to_string(),
        };
        let (to_show, to_end) = (share.clone(), share.clone());
        view! {
            <tr data-link=share.id.clone() data-state=format!("{:?}", share.state)>
                <th scope="row">{label.clone()}</th>
                <td class="wrap">{shows(&share)}</td>
                <td class="number">{uses}</td>
                <td>{clock::short_text(share.expires_at)}</td>
                <td><span class="tag">{state(share.state)}</span></td>
                <td>
                    {is_sent(&share).map(|_| view! { <button class="button small" type="button" aria-label=text!(console.links.show_of, label = &label) on:click=move |_| chosen.set(Some(to_show.clone()))>{text!(console.links.show)}</button> " " })}
                    <button class="button small" type="button" aria-label=text!(console.links.revoke_title, label = &label) on:click=move |_| ask.run(to_end.clone())>{text!(console.links.revoke)}</button>
                </td>
            </tr>
        }
    };
    view! {
        <div class="table-place" tabindex="0" role="region" aria-label=text!(console.place.links)>
            <table class="manage-table" data-testid="links">
                <thead><tr>
                    <th scope="col">{text!(console.links.label)}</th>
                    <th scope="col">{text!(console.links.what)}</th>
                    <th scope="col">{text!(console.links.uses)}</th>
                    <th scope="col">{text!(console.links.ends)}</th>
                    <th scope="col">{text!(console.links.state)}</th>
                    <th scope="col"><span class="sr-only">{text!(console.links.revoke)}</span></th>
                </tr></thead>
                <tbody>{shares.into_iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
}

#[component]
fn Make(board: StoredValue<String>, seat: Seat, made: Callback<ShownShare>) -> impl IntoView {
    let [label, keys, count, delay] = std::array::from_fn(|_| RwSignal::new(String::new()));
    let until = RwSignal::new(clock::field_text(clock::wall().plus(WEEK)));
    let history = RwSignal::new(true);
    let problems: Problems = RwSignal::new(Vec::new());
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        problems.set(Vec::new());
        let wish = Wish {
            label: label.get_untracked(),
            keys: keys.get_untracked(),
            until: clock::field_moment(&until.get_untracked()),
            count: count.get_untracked(),
            delay: delay.get_untracked(),
            history: history.get_untracked(),
        };
        leptos::task::spawn_local(async move {
            match manage::make_share(&board.get_value(), &seat.key(), &wish.body()).await {
                Ok(share) => {
                    for field in [label, keys, count, delay] {
                        let _ = field.try_set(String::new());
                    }
                    made.run(share);
                }
                Err(refusal) => drop(problems.try_set(problems_of(refusal))),
            }
        });
    };
    let is_late = move || problems.with(|all| all.iter().find(|p| p.field == "expires_at").map(|p| p.message.clone()));
    view! {
        <details class="sheet make-key">
            <summary data-testid="new-link">{text!(console.links.make)}</summary>
            <form on:submit=submit data-testid="make-link">
                <Others problems=problems shown=SHOWN />
                <Field path="label" label=text!(console.links.label) help=text!(console.links.label_help) value=label problems=problems />
                <Field path="keys" label=text!(console.links.keys) help=text!(console.links.keys_help) value=keys problems=problems />
                <div class="form-field" class:wrong=move || is_late().is_some()>
                    <label for="link-until">{text!(console.links.until)}</label>
                    <input id="link-until" type="datetime-local" required aria-describedby="link-until-help" prop:value=until
                        on:input=move |event| until.set(event_target_value(&event)) />
                    <p class="help" id="link-until-help">{text!(console.links.until_help)}</p>
                    <p class="error">{is_late}</p>
                </div>
                <Field path="count" label=text!(console.links.count) help=text!(console.links.count_help) value=count problems=problems is_number=true />
                <Field path="conditions.delay_s" label=text!(console.links.delay) help=text!(console.links.delay_help) value=delay problems=problems is_number=true />
                <label class="check"><input type="checkbox" prop:checked=history on:change=move |event| history.set(event_target_checked(&event)) />{text!(console.links.history)}</label>
                <p class="actions"><button class="button primary" type="submit">{text!(console.links.make)}</button></p>
            </form>
        </details>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use heliograph_shared::share::ShareWish;

    #[test]
    fn a_form_becomes_a_wish_that_the_server_takes() {
        let wish = Wish { label: " press ".into(), keys: "bus-*, van".into(), count: "50".into(), ..Wish::default() };
        let wish = Wish { until: Some(Millis(5)), history: true, ..wish };
        let read: ShareWish = serde_json::from_value(wish.body()).unwrap();
        assert_eq!((read.label.as_str(), read.count, read.expires_at), ("press", Some(50), Some(Millis(5))));
        assert_eq!(read.keys, Some(vec!["bus-*".to_owned(), "van".to_owned()]));
        assert_eq!(read.operations, Some(vec![Operation::Read, Operation::History]));
        let bare: ShareWish = serde_json::from_value(Wish::default().body()).unwrap();
        assert_eq!((bare.keys, bare.operations, bare.count), (None, Some(vec![Operation::Read]), None));
    }

    #[test]
    fn a_delay_is_a_condition_of_the_link() {
        let wish = Wish { delay: " 60 ".into(), ..Wish::default() };
        let read: ShareWish = serde_json::from_value(wish.body()).unwrap();
        assert_eq!(read.conditions.delay_s, Some(60));
        assert!(Wish::default().body().get("conditions").is_none());
    }

    #[test]
    fn a_count_that_is_none_is_left_to_the_server_to_refuse() {
        let wish = Wish { count: "many".into(), ..Wish::default() };
        assert_eq!(wish.body()["count"], "many");
        assert!(serde_json::from_value::<ShareWish>(wish.body()).is_err());
    }
}
