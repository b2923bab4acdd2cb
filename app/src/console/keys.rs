//! API keys: who has which rights, a new one with its secret once, and the end of one. The administrator's affair.

use heliograph_shared::rights::Operation;
use leptos::prelude::*;
use serde_json::{Value, json};

use super::ask_first::{Ask, AskFirst};
use super::field::{Field, Others, Problems, problems_of};
use super::frame::{BoardFrame, ServerFrame};
use super::grants;
use super::place::{Part, Place};
use super::seat::Seat;
use super::shown::{self, Answer, Said, Shown};
use crate::browser::{clock, dom};
use crate::client::manage::{self, KeyRow};
use crate::parts::open_board::Board;

/// The fields of the form.
const SHOWN: &[&str] = &["label", "grants[0].board", "grants[0].keys"];

/// A new key, while its secret is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Fresh {
    label: String,
    secret: String,
}

/// All keys of the server.
#[component]
pub fn KeysPage(
    /// Who sits here.
    seat: Seat,
) -> impl IntoView {
    view! {
        <ServerFrame place=Place::Keys seat=seat>
            <section class="manage-head"><h2>{text!(console.place.keys)}</h2></section>
            <Keys board=None seat=seat />
        </ServerFrame>
    }
}

/// The keys that reach a board.
#[component]
pub fn BoardKeysPart(
    /// The board.
    board: Board,
    /// Who sits here.
    seat: Seat,
) -> impl IntoView {
    let name = board.name.clone();
    view! {
        <BoardFrame board=board part=Part::Keys seat=seat>
            <section class="manage-head"><h2>{text!(console.place.keys)}</h2><p class="quiet-text">{text!(console.keys.of_board)}</p></section>
            <Keys board=Some(name) seat=seat />
        </BoardFrame>
    }
}

#[component]
fn Keys(board: Option<String>, seat: Seat) -> impl IntoView {
    if !seat.is_administrator {
        return view! { <p class="empty">{text!(console.keys.only_administrator)}</p> }.into_any();
    }
    let board = StoredValue::new(board);
    let answer: Answer<Vec<KeyRow>> = RwSignal::new(None);
    let load = move || shown::ask(answer, async move { manage::keys(&seat.key()).await });
    load();
    let asked = RwSignal::new(None::<Ask>);
    let (error, done) = (RwSignal::new(None::<String>), RwSignal::new(None::<String>));
    let end = move |row: KeyRow| {
        error.set(None);
        leptos::task::spawn_local(async move {
            match manage::delete_key(&seat.key(), &row.id).await {
                Ok(()) => {
                    let _ = done.try_set(Some(text!(console.keys.deleted, label = row.label)));
                    load();
                }
                Err(failure) => {
                    let _ = error.try_set(Some(shown::sentence(failure)));
                }
            }
        });
    };
    let ask = Callback::new(move |row: KeyRow| {
        asked.set(Some(Ask {
            title: text!(console.keys.delete_title, label = &row.label),
            text: text!(console.keys.delete_asks).to_owned(),
            label: text!(console.keys.delete).to_owned(),
            word: None,
            then: Callback::new(move |()| end(row.clone())),
        }));
    });
    let fresh = RwSignal::new(None::<Fresh>);
    let renew = move |row: KeyRow| {
        error.set(None);
        leptos::task::spawn_local(async move {
            match manage::rotate_key(&seat.key(), &row.id).await {
                Ok(answer) => {
                    let secret = answer["key"].as_str().unwrap_or_default().to_owned();
                    let _ = fresh.try_set(Some(Fresh { label: row.label, secret }));
                    load();
                }
                Err(failure) => drop(error.try_set(Some(shown::sentence(failure)))),
            }
        });
    };
    let rotate = Callback::new(move |row: KeyRow| {
        asked.set(Some(Ask {
            title: text!(console.keys.rotate_title, label = &row.label),
            text: text!(console.keys.rotate_asks).to_owned(),
            label: text!(console.keys.rotate).to_owned(),
            word: None,
            then: Callback::new(move |()| renew(row.clone())),
        }));
    });
    let then = move |rows: Vec<KeyRow>| {
        let of_board = |row: &KeyRow| {
            let grants = row.grants.as_array().into_iter().flatten();
            board.with_value(|board| {
                board.as_ref().is_none_or(|board| grants.clone().any(|grant| grants::reaches(grant, board)))
            })
        };
        let rows: Vec<KeyRow> = rows.into_iter().filter(of_board).collect();
        if rows.is_empty() {
            return view! { <p class="empty">{text!(console.keys.none)}</p> }.into_any();
        }
        view! { <Table rows=rows ask=ask rotate=rotate /> }.into_any()
    };
    view! {
        <MakeKey board=board.get_value() seat=seat made=Callback::new(move |()| load()) />
        <Said error=error done=done />
        {move || fresh.get().map(|made| view! { <Secret fresh=made close=Callback::new(move |()| fresh.set(None)) /> })}
        <Shown answer=answer retry=Callback::new(move |()| load()) then=then />
        <AskFirst asked=asked />
    }
    .into_any()
}

#[component]
fn Table(rows: Vec<KeyRow>, ask: Callback<KeyRow>, rotate: Callback<KeyRow>) -> impl IntoView {
    view! {
        <div class="table-place" tabindex="0" role="region" aria-label=text!(console.place.keys)>
            <table class="manage-table" data-testid="keys">
                <thead><tr>
                    <th scope="col">{text!(console.keys.label)}</th>
                    <th scope="col">{text!(console.keys.rights)}</th>
                    <th scope="col">{text!(console.keys.made)}</th>
                    <th scope="col">{text!(console.keys.used)}</th>
                    <th scope="col">{text!(console.keys.owner)}</th>
                    <th scope="col"><span class="sr-only">{text!(console.keys.delete)}</span></th>
                </tr></thead>
                <tbody>{rows.into_iter().map(|row| {
                    let grants: Vec<String> = row.grants.as_array().into_iter().flatten().map(grants::sentence).collect();
                    let (label, of_row, to_rotate) = (row.label.clone(), row.clone(), row.clone());
                    let used = row.used.map_or_else(|| text!(console.keys.never).to_owned(), clock::short_text);
                    let previous = row.previous_until.map(|until| text!(console.keys.previous, time = clock::short_text(until)));
                    view! {
                        <tr data-key=row.id.clone()>
                            <th scope="row">{row.label}{row.needs_renewal.then(|| view! { " " <span class="tag">{text!(console.keys.needs_renewal)}</span> })}</th>
                            <td class="wrap"><ul>{grants.into_iter().map(|text| view! { <li>{text}</li> }).collect_view()}</ul></td>
                            <td>{clock::short_text(row.created)}</td>
                            <td class="wrap" data-testid="key-used">{used}{previous.map(|text| view! { <p class="quiet-text">{text}</p> })}</td>
                            <td><code>{row.owner}</code></td>
                            <td><button class="button small" type="button" aria-label=text!(console.keys.rotate_title, label = &label) on:click=move |_| rotate.run(to_rotate.clone())>{text!(console.keys.rotate)}</button> " "
                                <button class="button small" type="button" aria-label=text!(console.keys.delete_title, label = label) on:click=move |_| ask.run(of_row.clone())>{text!(console.keys.delete)}</button></td>
                        </tr>
                    }
                }).collect_view()}</tbody>
            </table>
        </div>
    }
}

fn name(operation: Operation) -> &'static str {
    match operation {
        Operation::Read => text!(console.keys.may_read),
        Operation::History => text!(console.keys.may_look_back),
        Operation::Publish => text!(console.keys.may_publish),
        Operation::Presence => text!(console.keys.may_see_who),
        Operation::Manage => text!(console.keys.may_manage),
    }
}

/// Patterns as they were typed: apart by commas or spaces.
pub(super) fn patterns(text: &str) -> Vec<String> {
    let all = text.split([',', ' ', '\n']).map(str::trim).filter(|part| !part.is_empty());
    all.map(str::to_owned).collect()
}

/// What is sent for a new key.
fn wish(label: &str, board: &str, operations: &[Operation], keys: &str) -> Value {
    let mut grant = json!({"board": board.trim(), "operations": operations});
    let keys = patterns(keys);
    // To manage is about a board as a whole: the form has no keys then.
    if !keys.is_empty() && !operations.contains(&Operation::Manage) {
        grant["keys"] = keys.into();
    }
    json!({"label": label.trim(), "grants": [grant]})
}

#[component]
fn MakeKey(board: Option<String>, seat: Seat, made: Callback<()>) -> impl IntoView {
    let label = RwSignal::new(String::new());
    let boards = RwSignal::new(board.unwrap_or_default());
    let keys = RwSignal::new(String::new());
    let operations = RwSignal::new(vec![Operation::Publish]);
    let problems: Problems = RwSignal::new(Vec::new());
    let fresh = RwSignal::new(None::<Fresh>);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        problems.set(Vec::new());
        let body = operations.with_untracked(|operations| {
            wish(&label.get_untracked(), &boards.get_untracked(), operations, &keys.get_untracked())
        });
        leptos::task::spawn_local(async move {
            match manage::make_key(&seat.key(), &body).await {
                Ok(answer) => {
                    let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
                    let _ = fresh.try_set(Some(Fresh { label: text("label"), secret: text("key") }));
                    let _ = label.try_set(String::new());
                    made.run(());
                }
                Err(refusal) => {
                    let _ = problems.try_set(problems_of(refusal));
                }
            }
        });
    };
    let turn = move |operation: Operation, is_on: bool| {
        operations.update(|list| {
            list.retain(|known| *known != operation);
            if is_on {
                list.push(operation);
            }
        });
    };
    view! {
        <details class="sheet make-key">
            <summary data-testid="new-key">{text!(console.keys.make)}</summary>
            <form on:submit=submit data-testid="make-key">
                <Others problems=problems shown=SHOWN />
                <Field path="label" label=text!(console.keys.label) help=text!(console.keys.label_help) value=label problems=problems />
                <Field path="grants[0].board" label=text!(console.keys.board) help=text!(console.keys.board_help) value=boards problems=problems />
                <fieldset class="checks">
                    <legend>{text!(console.keys.may)}</legend>
                    {Operation::ALL.into_iter().map(|operation| view! {
                        <label class="check"><input type="checkbox" prop:checked=move || operations.with(|list| list.contains(&operation))
                            on:change=move |event| turn(operation, event_target_checked(&event)) />{name(operation)}</label>
                    }).collect_view()}
                </fieldset>
                <div hidden=move || operations.with(|list| list.contains(&Operation::Manage))>
                    <Field path="grants[0].keys" label=text!(console.keys.keys) help=text!(console.keys.keys_help) value=keys problems=problems />
                </div>
                <p class="actions"><button class="button primary" type="submit">{text!(console.keys.make)}</button></p>
            </form>
        </details>
        {move || fresh.get().map(|made| view! { <Secret fresh=made close=Callback::new(move |()| fresh.set(None)) /> })}
    }
}

/// A new key's secret: shown this once.
#[component]
fn Secret(fresh: Fresh, close: Callback<()>) -> impl IntoView {
    let said = RwSignal::new("");
    let secret = StoredValue::new(fresh.secret);
    let copy = move |_| {
        dom::copy(&secret.get_value(), move |is_done| {
            said.set(if is_done { text!(boards.make.copied) } else { text!(boards.make.select) });
        });
    };
    view! {
        <section class="sheet secret" aria-labelledby="secret-title" data-testid="secret">
            <h3 id="secret-title">{text!(console.keys.secret, label = fresh.label)}</h3>
            <p>{text!(console.keys.secret_about)}</p>
            <pre tabindex="0"><code>{secret.get_value()}</code></pre>
            <p class="actions">
                <button class="button primary" type="button" on:click=copy>{text!(console.keys.copy)}</button>
                <button class="button" type="button" on:click=move |_| close.run(())>{text!(console.keys.kept)}</button>
                <span role="status">{said}</span>
            </p>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_becomes_a_grant_that_the_server_takes() {
        let body = wish(" Buses ", "fleet", &[Operation::Publish], "n-*, v7 v8");
        assert_eq!(body["grants"][0]["keys"], json!(["n-*", "v7", "v8"]));
        let grant: Vec<heliograph_shared::rights::Grant> = serde_json::from_value(body["grants"].clone()).unwrap();
        assert!(heliograph_shared::rights::check_grants(&grant).is_ok());
        assert_eq!(body["label"], "Buses");
        // Who manages has all keys.
        let manager = wish("M", "quiz-*", &[Operation::Manage, Operation::Read], "v*");
        assert!(manager["grants"][0].get("keys").is_none());
    }
}
