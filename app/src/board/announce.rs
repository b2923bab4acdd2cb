//! For people who listen: a summary now and then, never one per event.
//!
//! | behaviour | file |
//! |---|---|
//! | what happened to items, in counts | `happened` |
//! | what happened at fences | `fences` |
//! | whether somebody wants to hear it | `wanted` |

pub mod fences;
pub mod happened;
pub mod wanted;

use heliograph_shared::fences::{FenceEvent, FenceEvents};
use leptos::prelude::*;

use self::fences::Said;
use self::happened::sentence;
use super::state::{Page, StatusView};
use crate::browser::{clock, dom};
use crate::client::{boards, credential};
use crate::parts::format;
use crate::parts::truth::Truth;
use crate::texts::whole;

/// Politeness: at most this often, except when the connection changes.
const EVERY_MS: f64 = 10_000.0;

/// So many of the newest happenings at fences are asked for; of more in ten seconds the older ones are not told.
const MOST_HAPPENINGS: usize = 100;

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
    let at_fences = StoredValue::new(Said::default());
    Effect::new(move |_| {
        let _ = ui.seconds.get();
        let truth = ui.status.with(|status| status.truth);
        let (at, before) = said.get_value();
        let now = clock::steady();
        let is_due = ui.summary.get_untracked() && now - at >= EVERY_MS;
        if before == Some(truth) && !is_due {
            return;
        }
        said.set_value((now, Some(truth)));
        let counts = page.store().happened.borrow_mut().counts();
        if !ui.summary.get_untracked() {
            // Whether the board is live is told all the same.
            return say(text, ui.status.with_untracked(|status| summary(status, None, None)));
        }
        let names = ui.fences.get_untracked();
        if names.is_empty() || !dom::is_seen() {
            return say(text, told(page, sentence(counts, Vec::new())));
        }
        let board = page.store().board.clone();
        leptos::task::spawn_local(async move {
            let events = happenings(&board).await;
            let parts = events.and_then(|events| at_fences.try_update_value(|said| said.parts(&events, &names)));
            let parts = parts.unwrap_or_default();
            if page.store.try_get_value().is_some() {
                say(text, told(page, sentence(counts, parts)));
            }
        });
    });
    view! { <div class="sr-only" role="status" aria-live="polite" data-testid="announcer">{text}</div> }
}

fn say(text: RwSignal<String>, fresh: String) {
    if text.try_with_untracked(|old| *old != fresh) == Some(true) {
        text.set(fresh);
    }
}

/// All that is to be said: how the board is, what happened, and how many items each rule is about.
fn told(page: Page, happened: Option<String>) -> String {
    let (ui, store) = (page.ui, page.store());
    let selected = ui.selected.get_untracked();
    let age = selected.as_ref().and_then(|key| {
        let time = store.with_replica(|replica| Some(replica.get(replica.find(key)?)?.time)).flatten()?;
        Some(format::age_sentence(store.server_time().since(time)))
    });
    let board = ui.status.with_untracked(|status| summary(status, selected.as_deref(), age.as_deref()));
    let mut fresh = match happened {
        Some(happened) => text!(board.announce.both, board = board, said = happened),
        None => board,
    };
    for (rule, count) in store.marks.rules().zip(store.scene.borrow().counts()).filter(|(_, count)| *count > 0) {
        fresh.push(' ');
        fresh.push_str(&text!(board.announce.mark, label = &rule.label, count = whole(count as u64)));
    }
    fresh
}

/// The newest happenings at the board's fences; none when they can't be had just now.
async fn happenings(board: &str) -> Option<Vec<FenceEvent>> {
    let key = credential::get(board);
    let path = format!("fences/events?limit={MOST_HAPPENINGS}");
    boards::read::<FenceEvents>(board, &path, key.as_deref()).await.ok().map(|answer| answer.events)
}

/// Short messages that go away by themselves.
#[component]
pub fn Toast(
    /// The board.
    page: Page,
) -> impl IntoView {
    const SHOWN_MS: i32 = 5_000;
    let toast = page.ui.toast;
    let timer = StoredValue::new_local(None::<dom::Timer>);
    Effect::new(move |_| {
        if toast.with(Option::is_some) {
            timer.set_value(dom::Timer::after(SHOWN_MS, move || {
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
