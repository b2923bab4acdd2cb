//! The alarms that stand: what each is about, since when, and what can be done with it.

use heliograph_shared::limits;
use leptos::html::Li;
use leptos::prelude::*;

use super::watch::{Deed, PAGE, Watch, ago};
use crate::browser::clock;
use crate::browser::percent::encode;
use crate::client::alarms::{self, AlarmList, StandingAlarm, Which};
use crate::console::alarm_words::SeverityTag;
use crate::console::place::{Part, Place};
use crate::parts::board_tabs::Tab;
use crate::parts::icons::{Glyph, Icon};

/// An item on its board's map.
pub fn item_path(board: &str, key: &str) -> String {
    format!("{}?item={}", Tab::Map.path(board), encode(key))
}

/// They, with how many there are.
#[component]
pub fn Standing(
    /// What stands.
    list: Memo<AlarmList>,
    /// The page.
    watch: Watch,
    /// Does something with one.
    act: Callback<Deed>,
) -> impl IntoView {
    let has_rules = RwSignal::new(true);
    leptos::task::spawn_local(async move {
        if let Ok(rules) = alarms::rules(&watch.board.get_value(), &watch.seat.key()).await {
            let _ = has_rules.try_set(!rules.is_empty());
        }
    });
    let is_empty = Memo::new(move |_| list.with(|list| list.alarms.is_empty()));
    let count = Memo::new(move |_| list.with(|list| (list.alarms.len(), list.count)));
    let is_more =
        Memo::new(move |_| list.with(|list| list.next.is_some()) && watch.limit.get() < limits::PAGE_ROWS_MAX);
    let not_raised = Memo::new(move |_| list.with(|list| list.not_raised));
    let shown = move || {
        let (shown, all) = count.get();
        if shown == all {
            return counted!(all, console.alarms.count);
        }
        text!(console.alarms.some, shown = crate::texts::whole(shown as u64), all = crate::texts::whole(all as u64))
    };
    let more = move |_| {
        watch.limit.update(|limit| *limit = (*limit + PAGE).min(limits::PAGE_ROWS_MAX));
        watch.load();
    };
    let rules = Place::Board(watch.board.get_value(), Part::AlarmRules).path();
    let nothing = move || {
        let rules = rules.clone();
        is_empty.get().then(|| match (watch.which.get() == Which::default(), has_rules.get()) {
            (_, false) => view! {
                <p class="empty">{text!(console.alarms.no_rules)} " " <a href=rules>{text!(console.alarms.make_rule)}</a></p>
            }
            .into_any(),
            (true, true) => view! { <p class="empty">{text!(console.alarms.none)}</p> }.into_any(),
            (false, true) => view! { <p class="empty">{text!(console.alarms.none_like_that)}</p> }.into_any(),
        })
    };
    view! {
        {move || (not_raised.get() > 0).then(|| view! {
            <p class="banner error" role="status"><Icon glyph=Glyph::Warning /><span>{counted!(not_raised.get(), console.alarms.not_raised)}</span></p>
        })}
        {nothing}
        <p class="quiet-text" data-testid="count" hidden=move || is_empty.get()>{shown}</p>
        <ul class="alarm-list" data-testid="standing" aria-label=text!(console.place.alarms) hidden=move || is_empty.get()>
            <For each=move || list.with(|list| list.alarms.clone()) key=|alarm| alarm.id let:alarm>
                <Row alarm=alarm list=list watch=watch act=act />
            </For>
        </ul>
        {move || is_more.get().then(|| view! { <p class="actions"><button class="button" type="button" on:click=more>{text!(console.alarms.more)}</button></p> })}
    }
}

#[component]
fn Row(alarm: StandingAlarm, list: Memo<AlarmList>, watch: Watch, act: Callback<Deed>) -> impl IntoView {
    let place = NodeRef::<Li>::new();
    let first = StoredValue::new(alarm.clone());
    let now = Memo::new(move |_| {
        let id = first.with_value(|first| first.id);
        let found = list.with(|list| list.alarms.iter().find(|alarm| alarm.id == id).cloned());
        found.unwrap_or_else(|| first.get_value())
    });
    let StandingAlarm { id, rule, key, severity, since, .. } = alarm;
    let name = Memo::new(move |_| now.with(|alarm| alarm.name.clone()));
    let seen = Memo::new(move |_| now.with(|alarm| alarm.seen.clone()));
    let seen_by = Memo::new(move |_| now.with(|alarm| alarm.acknowledged.clone()));
    let is_muted = Memo::new(move |_| now.with(|alarm| alarm.muted));
    let called = {
        let key = key.clone();
        Memo::new(move |_| text!(console.alarms.called, name = name.get(), key = &key))
    };
    // The button goes; the focus stays with its alarm.
    let stay = move || {
        if let Some(row) = place.get_untracked() {
            // It can only fail for what is not in the page.
            let _ = row.focus();
        }
    };
    let acknowledge = move |_| {
        act.run(Deed::Acknowledge(id));
        stay();
    };
    let path = item_path(&watch.board.get_value(), &key);
    let (mute_rule, mute_key) = (rule.clone(), key.clone());
    let mute = Callback::new(move |()| {
        act.run(Deed::Mute(mute_rule.clone(), mute_key.clone()));
        stay();
    });
    view! {
        <li data-alarm=id data-severity=severity.name() data-rule=rule tabindex="-1" node_ref=place>
            <SeverityTag severity=severity />
            <p class="alarm-what"><strong>{name}</strong> " " <a href=path rel="external">{key}</a> " " <code>{seen}</code></p>
            <p class="alarm-when quiet-text">
                <span title=clock::local_text(since)>{move || text!(console.alarms.since, at = clock::short_text(since), age = ago(watch, since))}</span>
                {move || is_muted.get().then(|| view! { <span class="tag">{text!(console.alarms.is_muted)}</span> })}
                {move || seen_by.get().map(|seen| view! { <span>{text!(console.alarms.seen_by, who = seen.by, at = clock::short_text(seen.at))}</span> })}
            </p>
            <p class="actions">
                {move || seen_by.with(Option::is_none).then(|| view! {
                    <button class="button small" type="button" aria-label=text!(console.alarms.acknowledge_of, what = called.get()) on:click=acknowledge>{text!(console.alarms.acknowledge)}</button>
                })}
                {move || (!is_muted.get()).then(|| view! {
                    <button class="button small" type="button" aria-label=text!(console.alarms.mute_of, what = called.get()) on:click=move |_| mute.run(())>{text!(console.alarms.mute)}</button>
                })}
            </p>
        </li>
    }
}
