//! The line that tells the truth: whether the board is live, how late it is, and what to do when it is not.

use heliograph_shared::link::LinkStatus;
use heliograph_shared::time::Millis;
use leptos::prelude::*;

use super::state::{Page, StatusView};
use super::store::Store;
use crate::browser::clock;
use crate::parts::format;
use crate::parts::icons::Icon;
use crate::parts::truth::{Known, Truth, describe};

/// The status of a board now.
pub fn status_of(store: &Store) -> StatusView {
    let Some(feed) = store.feed() else { return StatusView::default() };
    if let Some(at) = store.past_at() {
        let time = clock::local_text(at);
        return StatusView {
            truth: Truth::Past,
            text: text!(board.status.replay, time = &time),
            detail: text!(board.status.replay_of, time = &time),
            items: store.len(),
            viewers: feed.viewers(),
            watching: store.watching(),
            ..StatusView::default()
        };
    }
    let now = clock::wall();
    let link = feed.status();
    let until = match &link {
        LinkStatus::Waiting { until, .. } => *until,
        LinkStatus::Connecting { .. }
        | LinkStatus::CatchingUp
        | LinkStatus::Live
        | LinkStatus::Offline
        | LinkStatus::Stopped { .. } => Millis(0),
    };
    let known = Known {
        newest_age_ms: store.newest().map(|newest| store.server_time().since(newest)),
        frame_age_ms: feed.last_frame_at().or(store.kept_at()).map(|at| now.since(at)),
        is_kept: store.kept_at().is_some(),
        stale_after_ms: store.info.stale_after_ms(),
        retry_in_ms: until.since(now),
    };
    let (truth, text, detail, can_retry) = describe(&link, &known);
    let lag = feed.lag();
    let latency_ms = lag.map(|lag| lag.source_to_screen_ms).filter(|_| truth == Truth::Live);
    let (viewers, watching) = (feed.viewers(), store.watching());
    StatusView { truth, text, detail, can_retry, latency_ms, items: store.len(), viewers, watching }
}

/// The line in the page's head.
#[component]
pub fn StatusLine(
    /// The board.
    page: Page,
) -> impl IntoView {
    let status = page.ui.status;
    let truth = Memo::new(move |_| status.with(|status| status.truth));
    let text = Memo::new(move |_| status.with(|status| status.text.clone()));
    let detail = Memo::new(move |_| status.with(|status| status.detail.clone()));
    let can_retry = Memo::new(move |_| status.with(|status| status.can_retry));
    let latency = Memo::new(move |_| status.with(|status| status.latency_ms.map(format::latency)));
    let items = Memo::new(move |_| status.with(|status| status.items));
    // Where the board tells who is there, that counts; connections that nobody reads don't.
    let viewers = Memo::new(move |_| status.with(|status| status.viewers.filter(|_| status.watching.is_none())));
    let watching = Memo::new(move |_| status.with(|status| status.watching));
    let retry = move |_| {
        let window = web_sys::window();
        match (status.with_untracked(|status| status.truth), page.store().feed(), window) {
            // What ended for good begins anew with the page, which asks for a key if one is needed.
            (Truth::Stopped, _, Some(window)) => drop(window.location().reload()),
            (_, Some(feed), _) => feed.retry(),
            (_, None, _) => {}
        }
    };
    view! {
        <div class="status" data-truth=move || truth.get().code() data-testid="status">
            <span class="truth" title=detail>
                {move || view! { <Icon glyph=truth.get().glyph() /> }}
                <span class="truth-text">{text}</span>
            </span>
            {move || latency.get().map(|latency| view! {
                <span class="fact" title=text!(board.status.latency_what) data-testid="latency">
                    <span class="sr-only">{text!(board.status.latency)}</span>{latency}
                </span>
            })}
            <span class="fact" data-testid="count">{move || counted!(items.get(), words.items)}</span>
            {move || viewers.get().map(|n| view! {
                <span class="fact fact-viewers">{counted!(n, board.status.viewers)}</span>
            })}
            {move || watching.get().map(|n| view! {
                <span class="fact fact-viewers" data-testid="watching">{counted!(n, board.status.watching)}</span>
            })}
            <Show when=move || can_retry.get()>
                <button class="button small" type="button" on:click=retry data-testid="retry">{text!(words.retry_now)}</button>
            </Show>
        </div>
    }
}
