//! Who changed what on the board: a list by kind, older entries on demand, and all of it as a file.

use heliograph_shared::audit::{By, Kind};
use leptos::prelude::*;

use super::frame::BoardFrame;
use super::place::Part;
use super::seat::Seat;
use super::shown::{self, Answer, Said, Shown};
use crate::browser::clock;
use crate::browser::save;
use crate::client::manage::{self, AuditLog, AuditLogEntry};
use crate::parts::open_board::Board;

fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Config => text!(console.audit.config),
        Kind::Keys => text!(console.audit.keys),
        Kind::Links => text!(console.audit.links),
        Kind::Sources => text!(console.audit.sources),
        Kind::Sessions => text!(console.audit.sessions),
        Kind::Scores => text!(console.audit.scores),
        Kind::DeadLetters => text!(console.audit.dead_letters),
        Kind::Items => text!(console.audit.items),
        Kind::Connections => text!(console.audit.connections),
        Kind::Alarms => text!(console.audit.alarms),
    }
}

/// Who did something, in one line.
fn who(by: &By) -> String {
    match &by.subject {
        Some(subject) => format!("{subject} ({})", by.credential),
        None => by.credential.clone(),
    }
}

/// The part.
#[component]
pub fn AuditPart(
    /// The board.
    board: Board,
    /// Who sits here.
    seat: Seat,
) -> impl IntoView {
    let board_name = StoredValue::new(board.name.clone());
    let kind = RwSignal::new(String::new());
    let answer: Answer<AuditLog> = RwSignal::new(None);
    let error = RwSignal::new(None::<String>);
    let done = RwSignal::new(None::<String>);
    let load = move || {
        answer.set(None);
        let kind = kind.get_untracked();
        shown::ask(answer, async move { manage::audit(&board_name.get_value(), &seat.key(), &kind, None).await });
    };
    load();
    let choose = move |event| {
        kind.set(event_target_value(&event));
        load();
    };
    let more = Callback::new(move |after: String| {
        let chosen = kind.get_untracked();
        leptos::task::spawn_local(async move {
            match manage::audit(&board_name.get_value(), &seat.key(), &chosen, Some(&after)).await {
                Ok(older) => {
                    let _ = answer.try_update(|answer| {
                        // Another kind may have been chosen meanwhile.
                        if let Some(Ok(log)) = answer
                            && log.next.as_deref() == Some(after.as_str())
                        {
                            log.entries.extend(older.entries);
                            log.next = older.next;
                        }
                    });
                }
                Err(failure) => drop(error.try_set(Some(shown::sentence(failure)))),
            }
        });
    });
    let take_out = move |format: &'static str, media: &'static str| {
        let kind = kind.get_untracked();
        leptos::task::spawn_local(async move {
            let board = board_name.get_value();
            match manage::export_audit(&board, &seat.key(), &kind, format).await {
                Ok(text) => {
                    let file = save::file_name(&[&board, Part::Audit.label()], format);
                    // A browser that saves no files says so itself.
                    let _ = save::save(&file, media, text.as_bytes());
                }
                Err(failure) => drop(error.try_set(Some(shown::sentence(failure)))),
            }
        });
    };
    let then = move |log: AuditLog| {
        if log.entries.is_empty() {
            let is_all = kind.with_untracked(String::is_empty);
            let text = if is_all { text!(console.audit.none) } else { text!(console.audit.none_of_kind) };
            return view! { <p class="empty">{text}</p> }.into_any();
        }
        view! { <Table log=log more=more /> }.into_any()
    };
    view! {
        <BoardFrame board=board part=Part::Audit seat=seat>
            <section class="manage-head"><h2>{text!(console.place.audit)}</h2><p class="quiet-text">{text!(console.audit.about)}</p></section>
            <p class="actions">
                <label for="audit-kind">{text!(console.audit.kind)}</label>
                <select id="audit-kind" class="select" data-testid="audit-kind" on:change=choose>
                    <option value="">{text!(console.audit.all)}</option>
                    {Kind::ALL.into_iter().map(|kind| view! { <option value=kind.name()>{name(kind)}</option> }).collect_view()}
                </select>
                <button class="button" type="button" on:click=move |_| take_out("csv", "text/csv")>{text!(console.audit.csv)}</button>
                <button class="button" type="button" on:click=move |_| take_out("ndjson", "application/x-ndjson")>{text!(console.audit.ndjson)}</button>
            </p>
            <Said error=error done=done />
            <Shown answer=answer retry=Callback::new(move |()| load()) then=then />
        </BoardFrame>
    }
}

#[component]
fn Table(log: AuditLog, more: Callback<String>) -> impl IntoView {
    let part = |label: &'static str, text: Option<String>| {
        text.map(|text| view! { <dt>{label}</dt><dd><code>{text}</code></dd> })
    };
    let row = move |entry: AuditLogEntry| {
        let who = who(&entry.by);
        view! {
            <tr data-entry=entry.id data-kind=entry.kind.name()>
                <td>{clock::local_text(entry.time)}</td>
                <th scope="row" class="wrap"><span class="tag">{name(entry.kind)}</span> " " {entry.action} " " {entry.target.map(|target| view! { <code>{target}</code> })}</th>
                <td class="wrap">{who}</td>
                <td class="wrap"><dl class="changes">{part(text!(console.audit.before), entry.before)}{part(text!(console.audit.after), entry.after)}</dl></td>
            </tr>
        }
    };
    let next = log.next;
    view! {
        <div class="table-place" tabindex="0" role="region" aria-label=text!(console.place.audit)>
            <table class="manage-table" data-testid="audit">
                <thead><tr>
                    <th scope="col">{text!(console.audit.when)}</th>
                    <th scope="col">{text!(console.audit.what)}</th>
                    <th scope="col">{text!(console.audit.who)}</th>
                    <th scope="col">{text!(console.audit.change)}</th>
                </tr></thead>
                <tbody>{log.entries.into_iter().map(row).collect_view()}</tbody>
            </table>
        </div>
        {next.map(|next| view! { <p class="actions"><button class="button" type="button" on:click=move |_| more.run(next.clone())>{text!(console.audit.more)}</button></p> })}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_did_something_is_told_with_the_credential() {
        let by = |subject: Option<&str>| By { credential: "key:ab".into(), subject: subject.map(str::to_owned) };
        assert_eq!(who(&by(None)), "key:ab");
        assert_eq!(who(&by(Some("ann"))), "ann (key:ab)");
    }
}
