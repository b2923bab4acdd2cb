//! The selected item: everything known about it, and the buttons to follow it and to send it to somebody.

use leptos::prelude::*;

use super::words::column_label;
use crate::board::address::Column;
use crate::board::items::chart::CardChart;
use crate::board::items::path::CardPath;
use crate::board::marks::classes;
use crate::board::state::{Page, address_now};
use crate::board::store::Store;
use crate::browser::clock;
use crate::browser::dom;
use crate::parts::format;
use crate::parts::icons::{Glyph, Icon};

#[derive(Clone, Debug, PartialEq)]
struct CardView {
    key: String,
    class: String,
    meaning: Option<String>,
    is_stale: bool,
    age: String,
    time: String,
    seq: u64,
    place: Option<String>,
    motion: Vec<(String, String)>,
    fields: Vec<(String, String)>,
}

fn card_view(store: &Store, key: &str) -> Option<CardView> {
    let now = store.server_time();
    let stale_before = store.stale_before();
    let info = &store.info;
    store
        .with_replica(|replica| {
            let item = replica.get(replica.find(key)?)?;
            let position = item.position;
            let parts = [
                (text!(words.speed), position.and_then(|p| p.speed()).map(format::speed)),
                (text!(words.heading), position.and_then(|p| p.heading()).map(format::heading)),
                (text!(board.card.altitude), position.and_then(|p| p.altitude()).map(|v| format::height(v, 1))),
                (
                    text!(board.card.accuracy),
                    position.and_then(|p| p.accuracy()).map(|v| text!(board.card.within, n = format::height(v, 1))),
                ),
            ];
            let fields = item
                .fields
                .iter()
                .map(|(name, value)| (info.label(name), format::value_with_unit(value, info.unit(name))));
            Some(CardView {
                key: item.key.clone(),
                class: classes(store.marks.of(item)),
                meaning: store.marks.of(item).map(|rule| rule.label.clone()),
                is_stale: item.time < stale_before,
                age: format::age_sentence(now.since(item.time)),
                time: clock::local_text(item.time),
                seq: item.seq,
                place: position.map(|p| format::coordinates(p.lat(), p.lon())),
                motion: parts.into_iter().filter_map(|(name, part)| Some((name.to_owned(), part?))).collect(),
                fields: fields.collect(),
            })
        })
        .flatten()
}

/// The card.
#[component]
pub fn Card(
    /// The board.
    page: Page,
) -> impl IntoView {
    let ui = page.ui;
    let card = RwSignal::new(None::<CardView>);
    Effect::new(move |_| {
        let _ = (ui.data.get(), ui.seconds.get());
        let fresh = ui.selected.with(|key| key.as_ref().and_then(|key| card_view(&page.store(), key)));
        if card.with_untracked(|old| *old != fresh) {
            card.set(fresh);
        }
    });
    let is_open = Memo::new(move |_| ui.selected.with(Option::is_some));
    view! {
        <Show when=move || is_open.get()>
            <CardBody page=page card=card />
        </Show>
    }
}

#[component]
fn CardBody(page: Page, card: RwSignal<Option<CardView>>) -> impl IntoView {
    let ui = page.ui;
    let key_label = column_label(&page.store().info, &Column::Key);
    let key = move || ui.selected.get().unwrap_or_default();
    let is_known = Memo::new(move |_| card.with(Option::is_some));
    let is_stale = move || card.with(|card| card.as_ref().is_some_and(|card| card.is_stale));
    let part = move |part: fn(&CardView) -> String| card.with(|card| card.as_ref().map(part).unwrap_or_default());
    let class = move || card.with(|card| card.as_ref().map_or_else(|| classes(None), |card| card.class.clone()));
    let meaning = Memo::new(move |_| card.with(|card| card.as_ref().and_then(|card| card.meaning.clone())));
    let pairs = Memo::new(move |_| {
        card.with(|card| {
            let Some(card) = card else { return Vec::new() };
            let place = card.place.iter().map(|place| (text!(board.card.position).to_owned(), place.clone()));
            card.motion.iter().chain(&card.fields).cloned().chain(place).collect::<Vec<_>>()
        })
    });
    let names = Memo::new(move |_| pairs.with(|pairs| pairs.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>()));
    let copy = move |_| {
        dom::copy(&address_now(page), move |is_done| {
            page.say(if is_done { text!(board.card.copied) } else { text!(board.card.not_copied) });
        });
    };
    let show = move |_| {
        if let (Some(map), Some(id)) = (page.map(), page.store().find(&ui.selected.get_untracked().unwrap_or_default()))
        {
            map.fit(|other| other == id.0);
        }
    };
    view! {
        <aside class="card" aria-label=text!(board.card.label) data-testid="card" class:stale=is_stale>
            <header class="card-head">
                <span class=class aria-hidden="true"></span>
                <div class="card-title">
                    <p class="overline">{key_label}</p>
                    <h2>{key}</h2>
                </div>
                <button class="button icon-only quiet" type="button" aria-label=text!(board.card.close) title=text!(board.card.close)
                    on:click=move |_| page.unselect()>
                    <Icon glyph=Glyph::Close />
                </button>
            </header>
            <div class="card-actions">
                <button class="button" type="button" class:primary=ui.follow data-testid="follow"
                    aria-pressed=move || if ui.follow.get() { "true" } else { "false" }
                    title=text!(board.card.keep)
                    disabled=move || !is_known.get()
                    on:click=move |_| page.toggle_follow()>
                    <Icon glyph=Glyph::Follow />
                    {move || if ui.follow.get() { text!(board.card.following) } else { text!(board.card.follow) }}
                </button>
                <button class="button" type="button" title=text!(board.card.show) on:click=show disabled=move || !is_known.get()>
                    <Icon glyph=Glyph::Fit />{text!(board.card.fit)}
                </button>
                <button class="button" type="button" title=text!(board.card.copy) on:click=copy>
                    <Icon glyph=Glyph::Link />{text!(words.copy_link)}
                </button>
            </div>
            <CardPath page=page key=Signal::derive(key) />
            <Show
                when=move || is_known.get()
                fallback=|| view! { <p class="card-missing">{text!(board.card.missing)}</p> }
            >
                <div class="card-body">
                    <p class="card-age">
                        {move || is_stale().then(|| view! { <span class="tag">{text!(words.stale)}</span> })}
                        {move || meaning.get().map(|meaning| view! { <span class="tag" data-testid="meaning">{meaning}</span> })}
                        <span title=move || part(|card| card.time.clone())>
                            {text!(board.card.seen)}<strong>{move || part(|card| card.age.clone())}</strong>
                        </span>
                        <span class="quiet-text">{move || part(|card| card.time.clone())}</span>
                    </p>
                    <dl class="facts">
                        {move || names.get().into_iter().enumerate().map(|(index, name)| {
                            let value = Memo::new(move |_| {
                                pairs.with(|pairs| pairs.get(index).map(|(_, value)| value.clone()).unwrap_or_default())
                            });
                            view! { <div class="pair"><dt>{name}</dt><dd>{value}</dd></div> }
                        }).collect_view()}
                        <div class="pair quiet-text"><dt>{text!(board.card.sequence)}</dt><dd>{move || part(|card| card.seq.to_string())}</dd></div>
                    </dl>
                    <CardChart page=page key=Signal::derive(key) />
                </div>
            </Show>
        </aside>
    }
}
