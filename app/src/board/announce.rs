//! For people who listen: a summary now and then, never one per event.

use leptos::prelude::*;

use super::state::{Page, StatusView};
use crate::browser::clock;
use crate::parts::format;
use crate::parts::truth::Truth;
use crate::texts::whole;

/// Politeness: at most this often, except when the connection changes.
const EVERY_MS: f64 = 10_000.0;

/// The summary in one or two sentences.
pub fn summary(status: &StatusView, selected: Option<&str>, age: Option<&str>) -> String {
    let items = counted!(status.items, words.items);
    let board = match status.truth {
        Truth::Live => text!(board.announce.live, items = items),
        Truth::Connecting
        | Truth::CatchingUp
        | Truth::Stale
        | Truth::Waiting
        | Truth::Offline
        | Truth::Stopped
        | Truth::Past => text!(board.announce.detail, detail = &status.detail, items = items),
    };
    match (selected, age) {
        (Some(key), Some(age)) => text!(board.announce.seen, board = board, key = key, ago = age),
        (Some(_) | None, _) => board,
    }
}

/// The live region.
#[component]
pub fn Announcer(
    /// The board.
    page: Page,
) -> impl IntoView {
    let ui = page.ui;
    let text = RwSignal::new(String::new());
    let said = StoredValue::new((f64::MIN, None::<Truth>));
    Effect::new(move |_| {
        let _ = ui.seconds.get();
        let truth = ui.status.with(|status| status.truth);
        let (at, before) = said.get_value();
        let now = clock::steady();
        if before == Some(truth) && now - at < EVERY_MS {
            return;
        }
        said.set_value((now, Some(truth)));
        let store = page.store();
        let selected = ui.selected.get_untracked();
        let age = selected.as_ref().and_then(|key| {
            let time = store.with_replica(|replica| Some(replica.get(replica.find(key)?)?.time)).flatten()?;
            Some(format::age_sentence(store.server_time().since(time)))
        });
        let mut fresh = ui.status.with_untracked(|status| summary(status, selected.as_deref(), age.as_deref()));
        for (rule, count) in store.marks.rules().zip(store.scene.borrow().counts()).filter(|(_, count)| *count > 0) {
            fresh.push(' ');
            fresh.push_str(&text!(board.announce.mark, label = &rule.label, count = whole(count as u64)));
        }
        if text.with_untracked(|old| *old != fresh) {
            text.set(fresh);
        }
    });
    view! { <div class="sr-only" role="status" aria-live="polite" data-testid="announcer">{text}</div> }
}

/// Short messages that go away by themselves.
#[component]
pub fn Toast(
    /// The board.
    page: Page,
) -> impl IntoView {
    const SHOWN_MS: i32 = 5_000;
    let toast = page.ui.toast;
    let timer = StoredValue::new_local(None::<crate::browser::dom::Timer>);
    Effect::new(move |_| {
        if toast.with(Option::is_some) {
            timer.set_value(crate::browser::dom::Timer::after(SHOWN_MS, move || {
                let _ = toast.try_set(None);
            }));
        }
    });
    view! {
        <div class="toast-place" role="status" aria-live="polite">
            {move || toast.get().map(|message| view! { <p class="toast">{message}</p> })}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_names_the_selected_item() {
        let status = StatusView { truth: Truth::Live, items: 321, ..StatusView::default() };
        assert_eq!(summary(&status, Some("bus 7"), Some("3 s ago")), "Live, 321 items. bus 7, seen 3 s ago.");
        let status = StatusView { truth: Truth::Offline, detail: "No network.".into(), items: 1, ..status };
        assert_eq!(summary(&status, None, None), "No network. 1 item.");
    }
}
