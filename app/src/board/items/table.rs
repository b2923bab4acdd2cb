//! The accessible twin of the map and the list: a real table, a hundred rows a page, sorted by its headers. It changes
//! at most once a second, and not at all while somebody is in it with the keyboard or the pointer, except for values.

use heliograph_shared::items::ItemId;
use leptos::prelude::*;

use super::rows;
use super::wanted::Wanted;
use super::words::{column_label, column_text};
use crate::board::address::{Column, Sort};
use crate::board::state::Page;
use crate::browser::clock;
use crate::parts::format;
use crate::parts::icons::{Glyph, Icon};

/// Rows on one page.
const PER_PAGE: usize = 100;

/// How often the table is written anew.
const EVERY_MS: f64 = 1_000.0;

#[derive(Clone, Debug, PartialEq)]
struct TableRow {
    key: String,
    meaning: Option<String>,
    is_stale: bool,
    cells: Vec<String>,
}

/// The table.
#[component]
pub fn Table(
    /// The board.
    page: Page,
) -> impl IntoView {
    let ui = page.ui;
    let at = RwSignal::new(0_usize);
    let total = RwSignal::new(0_usize);
    let held = RwSignal::new(false);
    let columns = RwSignal::new(Vec::<Column>::new());
    let rows = RwSignal::new(Vec::<TableRow>::new());
    let order: StoredValue<Vec<ItemId>, LocalStorage> = StoredValue::new_local(Vec::new());
    let written_at = StoredValue::new(f64::MIN);
    Effect::new(move |before: Option<(Wanted, Sort, usize, u32)>| {
        let _ = (ui.data.get(), ui.seconds.get());
        let wanted = (ui.wanted(), ui.sort.get(), at.get(), ui.turned.get());
        let is_asked = before.as_ref() != Some(&wanted);
        if !is_asked && clock::steady() - written_at.get_value() < EVERY_MS {
            return wanted;
        }
        written_at.set_value(clock::steady());
        let store = page.store();
        let fixed = [Column::Seen, Column::Speed, Column::Heading, Column::Lat, Column::Lon];
        let fields: Vec<Column> = store.columns().into_keys().map(Column::Field).collect();
        let fresh_columns: Vec<Column> = std::iter::once(Column::Key).chain(fields).chain(fixed).collect();
        let now = store.server_time();
        let fresh = store.with_replica(|replica| {
            if is_asked || !held.get_untracked() {
                order.set_value(rows::ordered(replica, |item| wanted.0.has(&store.marks, item), &wanted.1));
            }
            let row = |id: &ItemId| {
                let item = replica.get(*id)?;
                let cells = fresh_columns.iter().skip(1).map(|column| column_text(&store.info, item, column, now));
                let is_stale = item.time < store.stale_before();
                let meaning = store.marks.of(item).map(|rule| rule.label.clone());
                Some(TableRow { key: item.key.clone(), meaning, is_stale, cells: cells.collect() })
            };
            order.with_value(|order| order.iter().skip(at.get() * PER_PAGE).take(PER_PAGE).filter_map(row).collect())
        });
        total.set(order.with_value(Vec::len));
        let fresh: Vec<TableRow> = fresh.unwrap_or_default();
        if columns.with_untracked(|old| *old != fresh_columns) {
            columns.set(fresh_columns);
        }
        if rows.with_untracked(|old| *old != fresh) {
            rows.set(fresh);
        }
        wanted
    });
    let pages = Memo::new(move |_| total.get().div_ceil(PER_PAGE).max(1));
    Effect::new(move |_| {
        if at.get_untracked() >= pages.get() {
            at.set(0);
        }
    });
    let count = Memo::new(move |_| rows.with(Vec::len));
    let title = page.store().info.title.clone();
    let is_last = move || at.get() + 1 >= pages.get();
    view! {
        <div
            class="table-scroll"
            tabindex="0"
            role="region"
            aria-label=text!(board.table.label)
            data-testid="table"
            on:focusin=move |_| held.set(true)
            on:focusout=move |_| held.set(false)
            on:pointerenter=move |_| held.set(true)
            on:pointerleave=move |_| held.set(false)
        >
            <table>
                <caption class="sr-only">
                    {move || counted!(total.get(), board.table.caption, title = &title)}
                </caption>
                <thead>
                    <tr>
                        {move || columns.get().into_iter().map(|column| view! { <Head page=page column=column /> }).collect_view()}
                    </tr>
                </thead>
                <tbody>
                    {move || (0..count.get()).map(|index| view! { <Line page=page rows=rows index=index columns=columns /> }).collect_view()}
                </tbody>
            </table>
            <Show when=move || count.get() == 0>
                <div class="empty"><p><strong>{text!(board.table.empty)}</strong></p></div>
            </Show>
        </div>
        <nav class="pager" aria-label=text!(board.table.pages)>
            <button class="button icon-only" type="button" aria-label=text!(board.table.previous)
                disabled=move || at.get() == 0 on:click=move |_| at.update(|at| *at = at.saturating_sub(1))>
                <Icon glyph=Glyph::Previous />
            </button>
            <span>{move || {
                let (first, all) = (at.get() * PER_PAGE, total.get());
                let last = (first + PER_PAGE).min(all);
                text!(board.table.rows_of, first = if all == 0 { 0 } else { first + 1 }, last = last, all = format::number(all as f64, 0))
            }}</span>
            <button class="button icon-only" type="button" aria-label=text!(board.table.next)
                disabled=is_last on:click=move |_| at.update(|at| *at += 1)>
                <Icon glyph=Glyph::Next />
            </button>
        </nav>
    }
}

#[component]
fn Head(page: Page, column: Column) -> impl IntoView {
    let ui = page.ui;
    let label = column_label(&page.store().info, &column);
    let mine = StoredValue::new(column);
    let state = Memo::new(move |_| {
        ui.sort.with(|sort| mine.with_value(|mine| (sort.column == *mine).then_some(sort.descending)))
    });
    let sort = move |_| {
        let column = mine.get_value();
        let descending = state.get_untracked().map_or(!matches!(column, Column::Key), |descending| !descending);
        ui.sort.set(Sort { column, descending });
    };
    view! {
        <th scope="col" aria-sort=move || match state.get() {
            None => "none",
            Some(false) => "ascending",
            Some(true) => "descending",
        }>
            <button class="sorter" type="button" on:click=sort>
                {label}
                <span class="sort-mark" aria-hidden="true">{move || match state.get() {
                    None => "",
                    Some(false) => "▲",
                    Some(true) => "▼",
                }}</span>
            </button>
        </th>
    }
}

#[component]
fn Line(page: Page, rows: RwSignal<Vec<TableRow>>, index: usize, columns: RwSignal<Vec<Column>>) -> impl IntoView {
    let ui = page.ui;
    let row = Memo::new(move |_| rows.with(|rows| rows.get(index).cloned()));
    let key = Memo::new(move |_| row.with(|row| row.as_ref().map(|row| row.key.clone()).unwrap_or_default()));
    let width = Memo::new(move |_| columns.with(|columns| columns.len().saturating_sub(1)));
    let is_stale = Memo::new(move |_| row.with(|row| row.as_ref().is_some_and(|row| row.is_stale)));
    let meaning = Memo::new(move |_| row.with(|row| row.as_ref().and_then(|row| row.meaning.clone())));
    let is_selected = Memo::new(move |_| ui.selected.with(|selected| selected.as_deref() == Some(key.get().as_str())));
    view! {
        <tr class:selected=is_selected class:stale=is_stale>
            <th scope="row">
                <button class="link" type="button" on:click=move |_| page.select(&key.get_untracked())>{key}</button>
                {move || is_stale.get().then(|| view! { <span class="tag">{text!(words.stale)}</span> })}
                {move || meaning.get().map(|meaning| view! { <span class="tag">{meaning}</span> })}
            </th>
            {move || (0..width.get()).map(|at| {
                let cell = Memo::new(move |_| {
                    row.with(|row| row.as_ref().and_then(|row| row.cells.get(at)).cloned().unwrap_or_default())
                });
                view! { <td>{cell}</td> }
            }).collect_view()}
        </tr>
    }
}
