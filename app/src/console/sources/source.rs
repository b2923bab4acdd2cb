//! One source: what came by it, how it is connected, a sample, another secret, and its end.

use heliograph_shared::api::status::{ReceivedRecord, RecordStage, RecordStep};
use leptos::prelude::*;
use std::collections::BTreeMap;

use super::asking::Asking;
use super::connect::{Connect, Filling};
use super::device::DeviceForm;
use super::sample::TrySample;
use super::templates;
use crate::browser::clock;
use crate::client::manage::{ShownSource, SourceStatus};
use crate::console::letter_words::reason;
use crate::console::place::{Part, Place};
use crate::console::seat::Seat;
use crate::parts::format;
use crate::parts::icons::{Glyph, Icon};

/// What is asked for a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Another secret.
    Rotate,
    /// Its end.
    Delete,
}

fn whole(count: u64) -> String {
    format::number(count as f64, 0)
}

fn last(status: Option<&SourceStatus>) -> String {
    match status.and_then(|status| status.last) {
        Some(at) => format::age_sentence(clock::wall().since(at)),
        None => text!(console.sources.never).to_owned(),
    }
}

/// Whether it asks, and the last time failed.
fn is_failing(source: &ShownSource) -> bool {
    source.polled.as_ref().is_some_and(|polled| polled.failures > 0)
}

/// The source, folded up at first.
#[component]
pub fn SourceRow(
    /// As it was when the row was made.
    source: ShownSource,
    /// Its board.
    board: StoredValue<String>,
    /// Who sits here.
    seat: Seat,
    /// All of them, as they are.
    list: Memo<Vec<ShownSource>>,
    /// What came by each.
    counts: RwSignal<BTreeMap<String, SourceStatus>>,
    /// Asks before something is done with it.
    ask: Callback<(Deed, ShownSource)>,
    /// It was changed.
    changed: Callback<()>,
) -> impl IntoView {
    let name = source.name.to_string();
    let first = StoredValue::new(source.clone());
    let now = Memo::new(move |_| {
        let found = list.with(|all| first.with_value(|first| all.iter().find(|s| s.name == first.name).cloned()));
        found.unwrap_or_else(|| first.get_value())
    });
    let of_name = name.clone();
    let status = Memo::new(move |_| counts.with(|counts| counts.get(&of_name).cloned()));
    let code = templates::code_of_source(&source);
    let asks = source.poll.is_some();
    let letters = Place::Board(board.get_value(), Part::Letters).path();
    let refused = Memo::new(move |_| status.with(|s| s.as_ref().map_or(0, |s| s.refused)));
    // The age grows though nothing comes.
    let came = move || {
        counts.track();
        status.with(|status| last(status.as_ref()))
    };
    view! {
        <li data-source=name>
            <details>
                <summary>
                    <strong>{name.clone()}</strong> " " <span class="tag">{templates::label(code)}</span>
                    <span class="source-counts">
                        <span data-count="taken">{text!(console.sources.taken)} " " {move || status.with(|s| whole(s.as_ref().map_or(0, |s| s.taken)))}</span>
                        <span data-count="refused">{text!(console.sources.refused)} " " {move || whole(refused.get())}</span>
                        {move || status.with(|s| s.as_ref()?.lag_ms).map(|lag| view! { <span data-count="lag" title=text!(console.sources.lag_help)>{text!(console.sources.lag)} " " {format::latency(lag as f64)}</span> })}
                    </span>
                    {move || now.with(is_failing).then(|| view! { <span class="tag bad" data-testid="asking-fails"><Icon glyph=Glyph::Warning />{text!(console.sources.asking.failed)}</span> })}
                    <span class="quiet-text">{came}</span>
                </summary>
                {asks.then(|| view! { <Asking now=now /> })}
                <Facts now=now status=status />
                {move || (refused.get() > 0).then(|| view! { <p><a href=letters.clone()>{text!(console.sources.refused_link, count = whole(refused.get()))}</a></p> })}
                <h3>{text!(console.sources.records)}</h3>
                {move || status.with(|status| records(status.as_ref()))}
                {(!asks).then(|| view! { <h3>{text!(console.sources.connect)}</h3><Connect filling=Filling::without(&source) code=code /> })}
                {(!asks).then(|| view! {
                    <details class="sheet">
                        <summary>{text!(console.sources.device.title)}</summary>
                        <DeviceForm now=now board=board seat=seat changed=changed />
                    </details>
                })}
                <details class="sheet">
                    <summary>{text!(console.sources.try_it)}</summary>
                    <TrySample source=source board=board seat=seat changed=changed />
                </details>
                <p class="actions">
                    <button class="button" type="button" on:click=move |_| ask.run((Deed::Rotate, now.get_untracked()))>{text!(console.sources.rotate)}</button>
                    <button class="button danger" type="button" on:click=move |_| ask.run((Deed::Delete, now.get_untracked()))>{text!(console.sources.delete)}</button>
                </p>
            </details>
        </li>
    }
}

#[component]
fn Facts(now: Memo<ShownSource>, status: Memo<Option<SourceStatus>>) -> impl IntoView {
    move || {
        let (source, status) = (now.get(), status.get());
        let of = |show: fn(&SourceStatus) -> String| status.as_ref().map(show);
        let facts = [
            (text!(console.sources.what.url), Some(source.ingest.clone())),
            (text!(console.sources.last), Some(last(status.as_ref()))),
            (text!(console.sources.lag), status.as_ref().and_then(|s| s.lag_ms).map(|lag| format::latency(lag as f64))),
            (text!(console.sources.requests), of(|s| whole(s.requests))),
            (text!(console.sources.duplicates), of(|s| whole(s.duplicate))),
            (text!(console.sources.since), of(|s| clock::short_text(s.since))),
            (text!(console.sources.made), Some(clock::short_text(source.created))),
            (text!(console.sources.previous), source.previous_until.map(clock::short_text)),
        ];
        view! {
            <dl class="facts">
                {facts.into_iter().filter_map(|(name, value)| value.map(|value| view! { <div><dt>{name}</dt><dd>{value}</dd></div> })).collect_view()}
            </dl>
        }
    }
}

/// How a record came, and what each step made of it.
fn way(input: &str, steps: &[RecordStep]) -> AnyView {
    let row = |step: &RecordStep| {
        let label = match step.stage {
            RecordStage::Program => text!(console.sources.way.program).to_owned(),
            RecordStage::Event => text!(console.sources.way.event).to_owned(),
            RecordStage::Step => step.name.clone(),
        };
        let end = step.end.as_deref().map(|end| match end {
            "filtered" => text!(console.sources.way.filtered).to_owned(),
            "merged" => text!(console.sources.way.merged).to_owned(),
            code => reason(Some(code)),
        });
        let RecordStep { made, message, .. } = step.clone();
        view! {
            <div><dt>{label}</dt>
            <dd>{made.map(|made| view! { <code class="record-text">{made}</code> })} {end} " " {message}</dd></div>
        }
    };
    view! {
        <details class="way">
            <summary>{text!(console.sources.way.title)}</summary>
            <dl class="facts" data-testid="way">
                <div><dt>{text!(console.sources.way.input)}</dt><dd><code class="record-text">{input.to_owned()}</code></dd></div>
                {steps.iter().map(row).collect_view()}
            </dl>
        </details>
    }
    .into_any()
}

fn records(status: Option<&SourceStatus>) -> AnyView {
    let Some(status) = status.filter(|status| !status.records.is_empty()) else {
        return view! { <p class="quiet-text">{text!(console.sources.no_records)}</p> }.into_any();
    };
    let row = |record: &ReceivedRecord| {
        let ReceivedRecord { at, key, input, steps, event, code, message } = record.clone();
        let is_bad = code.is_some();
        let word = match (code, &event) {
            (Some(code), _) => reason(Some(&code)),
            (None, Some(_)) => text!(console.sources.kept_event).to_owned(),
            (None, None) => text!(console.sources.passed_over).to_owned(),
        };
        view! {
            <li class:bad=is_bad><span class="quiet-text">{clock::short_text(at)}</span> " " <strong>{word}</strong> " " <code>{key}</code> " "
                {message} {event.map(|event| view! { <code class="record-text">{event}</code> })}
                {input.map(|input| way(&input, &steps))}</li>
        }
    };
    // The newest first.
    view! { <ul class="last-records" tabindex="0" aria-label=text!(console.sources.records) data-testid="last-records">{status.records.iter().rev().map(row).collect_view()}</ul> }.into_any()
}
