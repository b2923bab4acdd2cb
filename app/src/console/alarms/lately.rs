//! What happened to alarms lately, the newest first.

use heliograph_shared::alarms::Reason;
use leptos::prelude::*;

use super::standing::item_path;
use crate::browser::clock;
use crate::client::alarms::AlarmEvent;
use crate::client::http::Failure;
use crate::console::alarm_words::{SeverityTag, happened};
use crate::console::shown;

/// Why, where that is not plain.
fn why(event: &AlarmEvent) -> String {
    match (event.reason, &event.by) {
        (Reason::Ended, _) => text!(console.alarms.lately.ended).to_owned(),
        (Reason::RuleChanged, _) => text!(console.alarms.lately.rule_changed).to_owned(),
        (Reason::RuleDeleted, _) => text!(console.alarms.lately.rule_deleted).to_owned(),
        (Reason::Person | Reason::Rule, Some(by)) => text!(console.alarms.lately.by, who = by),
        (Reason::Person | Reason::Rule, None) => String::new(),
    }
}

/// The table.
#[component]
pub fn Lately(
    /// What happened.
    events: RwSignal<Option<Result<Vec<AlarmEvent>, Failure>>>,
    /// The board.
    board: StoredValue<String>,
) -> impl IntoView {
    let row = move |event: AlarmEvent| {
        let path = item_path(&board.get_value(), &event.key);
        view! {
            <tr data-event=event.id data-kind=event.kind.name()>
                <td title=clock::local_text(event.received_at)>{clock::short_text(event.time)}</td>
                <td>{happened(event.kind)}</td>
                <th scope="row" class="wrap"><SeverityTag severity=event.severity /> " " {event.name.clone()}</th>
                <td class="wrap"><a href=path rel="external">{event.key.clone()}</a></td>
                <td class="wrap"><code>{event.seen.clone()}</code> " " <span class="quiet-text">{why(&event)}</span></td>
            </tr>
        }
    };
    let body = move || match events.get() {
        None => ().into_any(),
        Some(Err(failure)) => view! { <p class="empty">{shown::sentence(failure)}</p> }.into_any(),
        Some(Ok(events)) if events.is_empty() => {
            view! { <p class="empty">{text!(console.alarms.lately.nothing)}</p> }.into_any()
        }
        Some(Ok(events)) => view! {
            <div class="table-place" tabindex="0" role="region" aria-label=text!(console.alarms.lately.title)>
                <table class="manage-table" data-testid="lately">
                    <thead><tr>
                        <th scope="col">{text!(console.alarms.lately.when)}</th>
                        <th scope="col">{text!(console.alarms.lately.what)}</th>
                        <th scope="col">{text!(console.alarms.lately.alarm)}</th>
                        <th scope="col">{text!(console.alarms.lately.item)}</th>
                        <th scope="col">{text!(console.alarms.lately.seen)}</th>
                    </tr></thead>
                    <tbody>{events.into_iter().map(row).collect_view()}</tbody>
                </table>
            </div>
        }
        .into_any(),
    };
    view! {
        <section class="manage-head" aria-labelledby="lately-title">
            <h3 id="lately-title">{text!(console.alarms.lately.title)}</h3>
            {body}
        </section>
    }
}
