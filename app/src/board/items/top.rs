//! The top list: ranks by any number, with rows that move when ranks change.

use std::collections::HashMap;

use heliograph_shared::items::ItemId;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::list::{Step, step};
use super::rows;
use super::words::{column_label, column_text};
use crate::board::address::{Column, Sort};
use crate::board::state::Page;
use crate::board::store::Store;
use crate::parts::format;
use crate::parts::icons::{Glyph, Icon};

/// How many ranks are shown.
const LIMIT: usize = 100;

/// A row's height in CSS pixels; `style/board/items.css` has the same.
const ROW: f64 = 48.0;

#[derive(Clone, Debug, PartialEq)]
struct TopRow {
    id: u32,
    place: usize,
    rank: String,
    rank_spoken: String,
    key: String,
    value: String,
    share: f64,
    is_stale: bool,
}

/// What the list ranks by: the viewer's choice, else the board's, else the first number there is.
pub fn effective_sort(store: &Store, chosen: Option<&Sort>, numbers: &[Column]) -> Option<Sort> {
    if let Some(chosen) = chosen {
        return Some(chosen.clone());
    }
    if let Some(top) = &store.info.top {
        let column = Column::from_code(&top.field);
        return Some(Sort { column, descending: top.direction != "asc" });
    }
    numbers.first().map(|column| Sort { column: column.clone(), descending: true })
}

fn top_rows(store: &Store, sort: &Sort) -> (Vec<TopRow>, usize) {
    let (now, stale_before) = (store.server_time(), store.stale_before());
    let read = store.with_replica(|replica| {
        let (ranked, total) = rows::top(replica, sort, LIMIT);
        let most = ranked.iter().map(|row| row.value.abs()).fold(0.0, f64::max);
        let row = |(place, row): (usize, &rows::Ranked)| {
            let item = replica.get(row.id)?;
            Some(TopRow {
                id: row.id.0,
                place,
                rank: format!("{}{}", if row.tied { "=" } else { "" }, row.rank),
                rank_spoken: if row.tied {
                    text!(board.top.rank_tied, rank = row.rank)
                } else {
                    text!(board.top.rank, rank = row.rank)
                },
                key: item.key.clone(),
                value: column_text(&store.info, item, &sort.column, now),
                share: if most > 0.0 { row.value.abs() / most } else { 0.0 },
                is_stale: item.time < stale_before,
            })
        };
        (ranked.iter().enumerate().filter_map(row).collect(), total)
    });
    read.unwrap_or_default()
}

/// The top list.
#[component]
pub fn Top(
    /// The board.
    page: Page,
) -> impl IntoView {
    let ui = page.ui;
    let numbers = RwSignal::new(Vec::<Column>::new());
    let rows = RwSignal::new(HashMap::<u32, TopRow>::new());
    let order = RwSignal::new(Vec::<u32>::new());
    let total = RwSignal::new(0_usize);
    let sort = Memo::new(move |_| {
        numbers.with(|numbers| ui.top.with(|top| effective_sort(&page.store(), top.as_ref(), numbers)))
    });
    Effect::new(move |_| {
        let _ = ui.data.get();
        let store = page.store();
        let speeds = store.with_replica(|replica| {
            replica.items().any(|(_, item)| rows::number(item, &Column::Speed).is_some()).then_some(Column::Speed)
        });
        let fields =
            store.columns().into_iter().filter(|(_, is_number)| *is_number).map(|(name, _)| Column::Field(name));
        let fresh: Vec<Column> = fields.chain(speeds.flatten()).collect();
        if numbers.with_untracked(|old| *old != fresh) {
            numbers.set(fresh);
        }
        let (fresh, count) = sort.get().map(|sort| top_rows(&store, &sort)).unwrap_or_default();
        let ids: Vec<u32> = fresh.iter().map(|row| row.id).collect();
        let fresh: HashMap<u32, TopRow> = fresh.into_iter().map(|row| (row.id, row)).collect();
        if rows.with_untracked(|old| *old != fresh) {
            rows.set(fresh);
        }
        if order.with_untracked(|old| *old != ids) {
            order.set(ids);
        }
        if total.get_untracked() != count {
            total.set(count);
        }
    });
    // The page keeps its rows in the order of their numbers and moves them by style, so that a new rank is a movement
    // and not a new row; `aria-owns` tells the reading order.
    let members = Memo::new(move |_| {
        let mut ids = order.get();
        ids.sort_unstable();
        ids
    });
    let owned = move || order.with(|ids| ids.iter().map(|id| format!("top-{id}")).collect::<Vec<_>>().join(" "));
    let active = RwSignal::new(None::<usize>);
    let active_id = move || order.with(|ids| active.get().and_then(|at| ids.get(at)).map(|id| format!("top-{id}")));
    let choose = move |id: u32| {
        if let Some(key) = page.store().key(ItemId(id)) {
            page.select(&key);
        }
    };
    let on_key = move |event: KeyboardEvent| {
        let ids = order.get_untracked();
        match step(&event.key(), active.get_untracked(), ids.len(), 8) {
            Step::To(at) => {
                event.prevent_default();
                active.set(Some(at));
                ui.hovered.set(ids.get(at).copied());
                let row = ids.get(at).and_then(|id| document().get_element_by_id(&format!("top-{id}")));
                if let Some(row) = row {
                    row.scroll_into_view_with_bool(false);
                }
            }
            Step::Choose(at) => {
                event.prevent_default();
                if let Some(id) = ids.get(at) {
                    choose(*id);
                }
            }
            Step::Nothing => {}
        }
    };
    view! {
        <TopHead page=page numbers=numbers sort=sort />
        <Show when=move || sort.with(Option::is_some) && (total.get() > 0) fallback=move || view! {
            <div class="empty">
                <p><strong>{text!(board.top.empty)}</strong></p>
                <p>{text!(board.top.needs)}</p>
            </div>
        }>
            <div class="rows top-rows" role="listbox" aria-label=text!(board.top.label) tabindex="0" aria-owns=owned
                aria-activedescendant=active_id data-testid="top" on:keydown=on_key
                on:pointerleave=move |_| ui.hovered.set(None)>
                <div class="rows-space" role="presentation"
                    style:height=move || format!("{}px", order.with(Vec::len) as f64 * ROW)>
                    <For each=move || members.get() key=|id| *id let:id>
                        <TopLine page=page id=id rows=rows order=order active=active choose=choose />
                    </For>
                </div>
            </div>
            <p class="list-foot">{move || {
                let (shown, all) = (order.with(Vec::len), total.get());
                if shown < all { text!(board.top.first_of, shown = shown, all = format::number(all as f64, 0)) } else { String::new() }
            }}</p>
        </Show>
    }
}

#[component]
fn TopLine(
    page: Page,
    id: u32,
    rows: RwSignal<HashMap<u32, TopRow>>,
    order: RwSignal<Vec<u32>>,
    active: RwSignal<Option<usize>>,
    choose: impl Fn(u32) + Copy + Send + 'static,
) -> impl IntoView {
    let ui = page.ui;
    let row = Memo::new(move |_| rows.with(|rows| rows.get(&id).cloned()));
    let text = move |part: fn(&TopRow) -> &String| row.with(|row| row.as_ref().map(part).cloned().unwrap_or_default());
    let place = Memo::new(move |_| row.with(|row| row.as_ref().map_or(0, |row| row.place)));
    let is_podium = move || place.get() < 3;
    let share = move || row.with(|row| row.as_ref().map_or(0.0, |row| row.share));
    let is_selected = move || {
        row.with(|row| row.as_ref().is_some_and(|row| ui.selected.with(|key| key.as_deref() == Some(&row.key))))
    };
    view! {
        <div class="row top-row" role="option" id=format!("top-{id}")
            style:transform=move || format!("translateY({}px)", place.get() as f64 * ROW)
            class:active=move || active.get() == Some(place.get())
            class:hovered=move || ui.hovered.get() == Some(id)
            class:stale=move || row.with(|row| row.as_ref().is_some_and(|row| row.is_stale))
            class:podium=is_podium
            aria-selected=move || if is_selected() { "true" } else { "false" }
            aria-posinset=move || place.get() + 1
            aria-setsize=move || order.with(Vec::len)
            on:click=move |_| {
                active.set(Some(place.get_untracked()));
                choose(id);
            }
            on:pointerenter=move |_| ui.hovered.set(Some(id))
        >
            <span class="rank">
                <span aria-hidden="true">{move || text(|row| &row.rank)}</span>
                <span class="sr-only">{move || text(|row| &row.rank_spoken)}</span>
            </span>
            <span class="row-main">
                <span class="row-key">{move || text(|row| &row.key)}</span>
                <span class="bar-track" aria-hidden="true">
                    <span class="bar-fill" style:transform=move || format!("scaleX({:.4})", share())></span>
                </span>
            </span>
            <span class="row-right"><span class="value">{move || text(|row| &row.value)}</span></span>
        </div>
    }
}

#[component]
fn TopHead(page: Page, numbers: RwSignal<Vec<Column>>, sort: Memo<Option<Sort>>) -> impl IntoView {
    let ui = page.ui;
    let code = move || sort.with(|sort| sort.as_ref().map(|sort| sort.column.code()).unwrap_or_default());
    let is_descending = move || sort.with(|sort| sort.as_ref().is_none_or(|sort| sort.descending));
    let options = move || {
        let mut columns = numbers.get();
        if let Some(sort) = sort.get()
            && !columns.contains(&sort.column)
        {
            columns.insert(0, sort.column);
        }
        columns
    };
    let choose = move |event| {
        let column = Column::from_code(&event_target_value(&event));
        ui.top.set(Some(Sort { column, descending: is_descending() }));
    };
    let turn = move |_| {
        if let Some(sort) = sort.get_untracked() {
            ui.top.set(Some(Sort { descending: !sort.descending, ..sort }));
        }
    };
    let direction = move || if is_descending() { text!(board.top.highest) } else { text!(board.top.lowest) };
    view! {
        <div class="search-row top-head">
            <label class="field-label" for="top-field">{text!(board.top.by)}</label>
            <select id="top-field" class="select" prop:value=move || { let _ = numbers.get(); code() } on:change=choose>
                {move || options().into_iter().map(|column| {
                    let is_chosen = code() == column.code();
                    let label = column_label(&page.store().info, &column);
                    view! { <option value=column.code() selected=is_chosen>{label}</option> }
                }).collect_view()}
            </select>
            <button class="button icon-only" type="button" on:click=turn title=direction
                aria-label=move || text!(board.top.change, order = direction())>
                {move || view! { <Icon glyph=if is_descending() { Glyph::Down } else { Glyph::Up } /> }}
            </button>
        </div>
    }
}
