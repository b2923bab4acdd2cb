//! How a source goes that asks an address.

use heliograph_shared::source::poll::{Outcome, PollStatus};
use leptos::prelude::*;

use crate::browser::clock;
use crate::client::manage::ShownSource;
use crate::parts::format;
use crate::parts::icons::{Glyph, Icon};

fn outcome(polled: &PollStatus) -> &'static str {
    match polled.outcome {
        None => text!(console.sources.asking.never),
        Some(Outcome::Taken) => text!(console.sources.asking.taken),
        Some(Outcome::Unchanged) => text!(console.sources.asking.unchanged),
        Some(Outcome::Failed) => text!(console.sources.asking.failed),
    }
}

fn whole(count: u64) -> String {
    format::number(count as f64, 0)
}

/// What it asks, how that ended, and when it asks next.
#[component]
pub fn Asking(
    /// The source.
    now: Memo<ShownSource>,
) -> impl IntoView {
    move || {
        let source = now.get();
        let poll = source.poll?;
        let polled = source.polled.unwrap_or_default();
        let facts = [
            (text!(console.sources.asking.address), Some(poll.url.clone())),
            (text!(console.sources.asking.every), Some(text!(console.sources.asking.seconds, n = poll.interval_s))),
            (text!(console.sources.asking.last), polled.asked.map(clock::short_text)),
            (text!(console.sources.asking.how), Some(outcome(&polled).to_owned())),
            (text!(console.sources.asking.next), polled.next.map(clock::short_text)),
            (text!(console.sources.asking.news), polled.taken.map(clock::short_text)),
            (
                text!(console.sources.asking.records),
                polled.taken.map(|_| {
                    let [taken, known, refused] = [polled.accepted, polled.duplicate, polled.refused].map(whole);
                    text!(console.sources.asking.counts, taken = taken, known = known, refused = refused)
                }),
            ),
        ];
        Some(view! {
            <section data-testid="asking">
                {polled.error.clone().map(|why| view! {
                    <p class="banner error" role="status"><Icon glyph=Glyph::Warning />
                        <span>{text!(console.sources.asking.error, times = polled.failures, why = why)}</span></p>
                })}
                <dl class="facts">
                    {facts.into_iter().filter_map(|(name, value)| value.map(|value| view! { <div><dt>{name}</dt><dd>{value}</dd></div> })).collect_view()}
                </dl>
            </section>
        })
    }
}
