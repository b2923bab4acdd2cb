//! The list beside the map: search, sorting, live ages, and only as many rows in the page as are in view, so that ten
//! thousand items cost no more than twenty.

use heliograph_shared::items::ItemId;
use heliograph_shared::replica::ReplicaItem;
use leptos::ev::KeyboardEvent;
use leptos::html::Div;
use leptos::prelude::*;

use super::rows;
use super::wanted::Wanted;
use super::words::{column_text, detail};
use crate::board::address::{Column, Sort};
use crate::board::marks::classes;
use crate::board::state::Page;
use crate::board::store::Store;
use crate::browser::clock;
use crate::parts::format;

/// A row's height in CSS pixels; `style/board/items.css` has the same.
const ROW: f64 = 56.0;

/// Rows in the page; more than any screen shows at once.
const POOL: usize = 64;

/// The order changes under the reader's eyes at most this often.
const SORT_EVERY_MS: f64 = 1_000.0;

/// What a row shows.
#[derive(Clone, Debug, PartialEq)]
struct RowView {
    index: usize,
    id: u32,
    key: String,
    class: String,
    detail: String,
    right: String,
    is_stale: bool,
}

fn row_view(store: &Store, item: &ReplicaItem, id: ItemId, index: usize, sort: &Sort) -> RowView {
    let now = store.server_time();
    let age = format::age(now.since(item.time));
    let right = match &sort.column {
        Column::Key | Column::Seen => age,
        column @ (Column::Speed | Column::Heading | Column::Lat | Column::Lon | Column::Field(_)) => {
            column_text(&store.info, item, column, now)
        }
    };
    RowView {
        index,
        id: id.0,
        key: item.key.clone(),
        class: classes(store.marks.of(item)),
        detail: detail(&store.info, &store.marks, item, Some(&sort.column)),
        right,
        is_stale: item.time < store.stale_before(),
    }
}

/// The list.
#[component]
pub fn List(
    /// The board.
    page: Page,
) -> impl IntoView {
    let ui = page.ui;
    let order: StoredValue<Vec<ItemId>, LocalStorage> = StoredValue::new_local(Vec::new());
    let count = RwSignal::new(0_usize);
    let scroll = RwSignal::new(0.0_f64);
    let height = RwSignal::new(600.0_f64);
    let active = RwSignal::new(None::<usize>);
    let held = RwSignal::new(false);
    let rows = RwSignal::new(Vec::<RowView>::new());
    let scroller = NodeRef::<Div>::new();

    keep_order(page, order, count, held);
    Effect::new(move |_| {
        let _ = (ui.data.get(), ui.seconds.get(), ui.turned.get(), count.get());
        let sort = ui.sort.get();
        if let Some(element) = scroller.get() {
            height.set(f64::from(element.client_height()));
        }
        let window = rows::window(scroll.get(), height.get(), ROW, count.get());
        let store = page.store();
        let fresh = store.with_replica(|replica| {
            order.with_value(|order| {
                let ids = order.iter().enumerate().skip(window.start).take(window.len().min(POOL));
                let row = |(index, id): (usize, &ItemId)| {
                    replica.get(*id).map(|item| row_view(&store, item, *id, index, &sort))
                };
                ids.filter_map(row).collect::<Vec<_>>()
            })
        });
        let fresh = fresh.unwrap_or_default();
        if rows.with_untracked(|rows| *rows != fresh) {
            rows.set(fresh);
        }
    });

    let reveal = move |index: usize| {
        let Some(element) = scroller.get_untracked() else { return };
        let (top, bottom) = (index as f64 * ROW, (index + 1) as f64 * ROW);
        let (from, size) = (f64::from(element.scroll_top()), f64::from(element.client_height()));
        if top < from {
            element.set_scroll_top(top as i32);
        } else if bottom > from + size {
            element.set_scroll_top((bottom - size) as i32);
        }
    };
    let choose = move |index: usize| {
        let id = order.with_value(|order| order.get(index).copied());
        if let Some(key) = id.and_then(|id| page.store().key(id)) {
            page.select(&key);
        }
    };
    let on_key = move |event: KeyboardEvent| {
        let total = count.get_untracked();
        let per_page = ((height.get_untracked() / ROW) as usize).max(1);
        match step(&event.key(), active.get_untracked(), total, per_page) {
            Step::To(index) => {
                event.prevent_default();
                active.set(Some(index));
                let id = order.with_value(|order| order.get(index).copied());
                ui.hovered.set(id.map(|id| id.0));
                reveal(index);
            }
            Step::Choose(index) => {
                event.prevent_default();
                choose(index);
            }
            Step::Nothing => {}
        }
    };
    let active_id = move || {
        let index = active.get()?;
        rows.with(|rows| rows.iter().find(|row| row.index == index).map(|row| format!("row-{}", row.id)))
    };
    view! {
        <div
            class="rows"
            role="listbox"
            aria-label=text!(board.list.items)
            tabindex="0"
            aria-activedescendant=active_id
            node_ref=scroller
            data-testid="list"
            on:scroll=move |_| {
                if let Some(element) = scroller.get_untracked() {
                    scroll.set(f64::from(element.scroll_top()));
                }
            }
            on:keydown=on_key
            on:focus=move |_| {
                held.set(true);
                if active.get_untracked().is_none() && count.get_untracked() > 0 {
                    active.set(Some((scroll.get_untracked() / ROW).ceil() as usize));
                }
            }
            on:blur=move |_| held.set(false)
            on:pointerenter=move |_| held.set(true)
            on:pointerleave=move |_| {
                held.set(false);
                ui.hovered.set(None);
            }
        >
            <div class="rows-space" role="presentation" style:height=move || format!("{}px", count.get() as f64 * ROW)>
                {(0..POOL).map(|slot| {
                    let row = Memo::new(move |_| {
                        rows.with(|rows| rows.iter().find(|row| row.index % POOL == slot).cloned())
                    });
                    view! { <Row page=page row=row count=count active=active choose=choose /> }
                }).collect_view()}
            </div>
        </div>
        <ListEmpty page=page count=count />
    }
}

/// A row of the pool: whichever item is at its place now.
#[component]
fn Row(
    page: Page,
    row: Memo<Option<RowView>>,
    count: RwSignal<usize>,
    active: RwSignal<Option<usize>>,
    choose: impl Fn(usize) + Copy + Send + 'static,
) -> impl IntoView {
    let ui = page.ui;
    let index = Memo::new(move |_| row.with(|row| row.as_ref().map(|row| row.index)));
    let text = move |part: fn(&RowView) -> &String| row.with(|row| row.as_ref().map(part).cloned().unwrap_or_default());
    let is_selected = Memo::new(move |_| {
        row.with(|row| row.as_ref().is_some_and(|row| ui.selected.with(|key| key.as_deref() == Some(&row.key))))
    });
    let is_hovered =
        Memo::new(move |_| row.with(|row| row.as_ref().is_some_and(|row| ui.hovered.get() == Some(row.id))));
    let is_stale = move || row.with(|row| row.as_ref().is_some_and(|row| row.is_stale));
    move || {
        index.get().map(|at| {
            view! {
                <div
                    class="row"
                    role="option"
                    id=move || row.with(|row| row.as_ref().map(|row| format!("row-{}", row.id)))
                    style:transform=format!("translateY({}px)", at as f64 * ROW)
                    class:active=move || active.get() == Some(at)
                    class:hovered=is_hovered
                    class:stale=is_stale
                    aria-selected=move || if is_selected.get() { "true" } else { "false" }
                    aria-posinset=at + 1
                    aria-setsize=count
                    on:click=move |_| {
                        active.set(Some(at));
                        choose(at);
                    }
                    on:pointerenter=move |_| ui.hovered.set(row.with_untracked(|row| row.as_ref().map(|row| row.id)))
                >
                    <span class=move || text(|row| &row.class) aria-hidden="true"></span>
                    <span class="row-main">
                        <span class="row-key">{move || text(|row| &row.key)}</span>
                        <span class="row-detail">{move || text(|row| &row.detail)}</span>
                    </span>
                    <span class="row-right">
                        {move || is_stale().then(|| view! { <span class="tag">{text!(words.stale)}</span> })}
                        <span>{move || text(|row| &row.right)}</span>
                    </span>
                </div>
            }
        })
    }
}

#[component]
fn ListEmpty(page: Page, count: RwSignal<usize>) -> impl IntoView {
    let ui = page.ui;
    let is_empty = Memo::new(move |_| count.get() == 0);
    let has_query = Memo::new(move |_| !ui.wanted().is_everything());
    let has_snapshot = Memo::new(move |_| {
        let _ = (ui.data.get(), ui.status.with(|status| status.truth));
        page.store().resets() > 0
    });
    move || {
        is_empty.get().then(|| {
            if !has_snapshot.get() {
                return view! {
                    <div class="skeleton" aria-hidden="true">
                        {(0..8).map(|_| view! { <div class="skeleton-row"></div> }).collect_view()}
                    </div>
                }
                .into_any();
            }
            if has_query.get() {
                return view! {
                    <div class="empty">
                        <p><strong>{text!(board.list.no_match)}</strong></p>
                        <p>{text!(board.list.where_it_looks)}</p>
                        <button class="button" type="button" on:click=move |_| ui.want_everything()>
                            {text!(board.list.clear)}
                        </button>
                    </div>
                }
                .into_any();
            }
            let board = page.store().board.clone();
            view! {
                <div class="empty">
                    <p><strong>{text!(board.list.empty)}</strong></p>
                    <p>{text!(board.list.how)}</p>
                    <pre tabindex="0"><code>{format!("POST /v1/boards/{board}/events")}</code></pre>
                </div>
            }
            .into_any()
        })
    }
}

/// Sorts when the viewer asks, and now and then by itself, unless somebody is reading.
fn keep_order(page: Page, order: StoredValue<Vec<ItemId>, LocalStorage>, count: RwSignal<usize>, held: RwSignal<bool>) {
    let ui = page.ui;
    let sorted_at = StoredValue::new(f64::MIN);
    Effect::new(move |before: Option<(Wanted, Sort, u32)>| {
        // The seconds too: what changed right after the last sorting is sorted in with the next one.
        let _ = (ui.data.get(), ui.seconds.get());
        let wanted = (ui.wanted(), ui.sort.get(), ui.turned.get());
        let is_asked = before.as_ref() != Some(&wanted) || count.get_untracked() == 0;
        let is_due = clock::steady() - sorted_at.get_value() >= SORT_EVERY_MS;
        let is_held = held.get_untracked() && count.get_untracked() > 0;
        if is_asked || (is_due && !is_held) {
            sorted_at.set_value(clock::steady());
            let store = page.store();
            let is_wanted = |item: &_| wanted.0.has(&store.marks, item);
            let fresh = store.with_replica(|replica| rows::ordered(replica, is_wanted, &wanted.1));
            let fresh = fresh.unwrap_or_default();
            count.set(fresh.len());
            order.set_value(fresh);
        }
        wanted
    });
}

/// What a key does in a list of options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Another option becomes the active one.
    To(usize),
    /// The active option is chosen.
    Choose(usize),
    /// The key means nothing here.
    Nothing,
}

/// Decides what a key does.
pub fn step(key: &str, active: Option<usize>, count: usize, per_page: usize) -> Step {
    let Some(last) = count.checked_sub(1) else { return Step::Nothing };
    match (key, active) {
        ("ArrowDown", None) | ("Home", _) => Step::To(0),
        ("ArrowDown", Some(at)) => Step::To((at + 1).min(last)),
        ("ArrowUp", at) => Step::To(at.map_or(last, |at| at.saturating_sub(1).min(last))),
        ("PageDown", at) => Step::To((at.unwrap_or(0) + per_page).min(last)),
        ("PageUp", at) => Step::To(at.unwrap_or(0).saturating_sub(per_page)),
        ("End", _) => Step::To(last),
        ("Enter" | " ", Some(at)) if at <= last => Step::Choose(at),
        (_, _) => Step::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_move_within_the_list() {
        assert_eq!(step("ArrowDown", None, 3, 10), Step::To(0));
        assert_eq!(step("ArrowDown", Some(2), 3, 10), Step::To(2));
        assert_eq!(step("ArrowUp", Some(0), 3, 10), Step::To(0));
        assert_eq!(step("ArrowUp", None, 3, 10), Step::To(2));
        assert_eq!(step("PageDown", Some(1), 100, 10), Step::To(11));
        assert_eq!(step("End", Some(1), 100, 10), Step::To(99));
        assert_eq!(step("Enter", Some(1), 100, 10), Step::Choose(1));
        assert_eq!(step("Enter", Some(100), 100, 10), Step::Nothing);
        assert_eq!(step("x", Some(1), 100, 10), Step::Nothing);
        assert_eq!(step("ArrowDown", None, 0, 10), Step::Nothing);
    }
}
