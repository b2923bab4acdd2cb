//! The line that tells whether the standings are live, and the summary for people who listen.

use leptos::prelude::*;

use super::model::Model;
use super::words;
use crate::browser::clock;
use crate::parts::icons::Icon;
use crate::parts::seconds::every_second;

/// Politeness: at most this often.
const EVERY_MS: f64 = 10_000.0;

/// The line in the page's head.
#[component]
pub fn LiveLine(
    /// The page.
    model: Model,
) -> impl IntoView {
    every_second(move || model.tell());
    let line = model.line;
    let truth = Memo::new(move |_| line.with(|line| line.truth));
    let retry = move |_| {
        if let Some(feed) = model.feed() {
            feed.retry();
        }
    };
    view! {
        <div class="status" data-truth=move || truth.get().code() data-testid="status">
            <span class="truth" title=move || line.with(|line| line.detail.clone())>
                {move || view! { <Icon glyph=truth.get().glyph() /> }}
                <span class="truth-text">{move || line.with(|line| line.text.clone())}</span>
            </span>
            <button class="button small" type="button" on:click=retry hidden=move || !line.with(|line| line.can_retry)>{text!(words.retry_now)}</button>
        </div>
    }
}

/// The live region: how it stands, now and then, never one message per event.
#[component]
pub fn Summary(
    /// The page.
    model: Model,
) -> impl IntoView {
    let text = RwSignal::new(String::new());
    let said = StoredValue::new((f64::MIN, 0_u64));
    let seconds = RwSignal::new(0_u32);
    every_second(move || seconds.update(|seconds| *seconds += 1));
    Effect::new(move |_| {
        let _ = (seconds.get(), model.about.with(Option::is_some));
        let (at, before) = said.get_value();
        let (now, changes) = (clock::steady(), model.changes());
        if model.about.with_untracked(Option::is_none) || now - at < EVERY_MS {
            return;
        }
        if at > f64::MIN && changes == before {
            return;
        }
        said.set_value((now, changes));
        let fresh = model.with_scores(|scores| {
            let leader = scores.rows().first().filter(|row| row.position == 1);
            model.about.with_untracked(|about| {
                // Somebody who reads further down hears only that something happens above.
                let about = about.as_ref()?;
                (leader.is_some() || scores.total() == 0).then(|| words::summary(leader, about, changes - before))
            })
        });
        if let Some(fresh) = fresh.flatten() {
            text.set(fresh);
        }
    });
    view! { <div class="sr-only" role="status" aria-live="polite" data-testid="summary">{text}</div> }
}
