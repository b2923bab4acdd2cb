//! The panel beside the map: search, sorting and the three views of the items. On a phone it is a sheet that can be
//! dragged, tapped, or moved with the arrow keys.

use leptos::ev::{KeyboardEvent, PointerEvent};
use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::list::List;
use super::table::Table;
use super::top::Top;
use super::words::column_label;
use crate::board::address::{Column, Sort, Tab};
use crate::board::state::{Page, SheetStop};
use crate::parts::icons::{Glyph, Icon};

/// The id of the search field, for the `/` shortcut.
pub const SEARCH_ID: &str = "search";

fn tab_label(tab: Tab) -> &'static str {
    match tab {
        Tab::List => text!(board.panel.list),
        Tab::Top => text!(board.panel.top),
        Tab::Table => text!(board.panel.table),
    }
}

/// The panel.
#[component]
pub fn Panel(
    /// The board.
    page: Page,
) -> impl IntoView {
    let ui = page.ui;
    let panel = NodeRef::<leptos::html::Section>::new();
    view! {
        <section
            class="panel"
            aria-label=text!(board.panel.items)
            node_ref=panel
            data-sheet=move || match ui.sheet.get() {
                SheetStop::Peek => "peek",
                SheetStop::Half => "half",
                SheetStop::Full => "full",
            }
            data-tab=move || ui.tab.get().code()
        >
            <Handle page=page panel=panel />
            <div class="panel-head">
                <Tabs page=page />
                <Show when=move || ui.tab.get() != Tab::Top>
                    <Search page=page />
                </Show>
            </div>
            <div
                class="panel-body"
                id="panel-body"
                role="tabpanel"
                aria-labelledby=move || format!("tab-{}", ui.tab.get().code())
            >
                {move || match ui.tab.get() {
                    Tab::List => view! { <List page=page /> }.into_any(),
                    Tab::Top => view! { <Top page=page /> }.into_any(),
                    Tab::Table => view! { <Table page=page /> }.into_any(),
                }}
            </div>
        </section>
    }
}

#[component]
fn Tabs(page: Page) -> impl IntoView {
    let ui = page.ui;
    let root = NodeRef::<Div>::new();
    let on_key = move |event: KeyboardEvent| {
        let at = Tab::ALL.iter().position(|tab| *tab == ui.tab.get_untracked()).unwrap_or(0);
        let next = match event.key().as_str() {
            "ArrowRight" => (at + 1) % Tab::ALL.len(),
            "ArrowLeft" => (at + Tab::ALL.len() - 1) % Tab::ALL.len(),
            "Home" => 0,
            "End" => Tab::ALL.len() - 1,
            _ => return,
        };
        event.prevent_default();
        if let Some(tab) = Tab::ALL.get(next) {
            ui.tab.set(*tab);
            let id = format!("#tab-{}", tab.code());
            let button = root.get_untracked().and_then(|root| root.query_selector(&id).ok().flatten());
            if let Some(button) = button.and_then(|button| button.dyn_into::<web_sys::HtmlElement>().ok()) {
                // A button that was just found can take the focus.
                let _ = button.focus();
            }
        }
    };
    view! {
        <div class="tabs" role="tablist" aria-label=text!(board.panel.views) node_ref=root on:keydown=on_key>
            {Tab::ALL.map(|tab| {
                let is_open = move || ui.tab.get() == tab;
                view! {
                    <button
                        class="tab"
                        type="button"
                        role="tab"
                        id=format!("tab-{}", tab.code())
                        aria-controls="panel-body"
                        aria-selected=move || if is_open() { "true" } else { "false" }
                        tabindex=move || if is_open() { "0" } else { "-1" }
                        on:click=move |_| {
                            ui.tab.set(tab);
                            if ui.sheet.get_untracked() == SheetStop::Peek {
                                ui.sheet.set(SheetStop::Half);
                            }
                        }
                    >
                        {tab_label(tab)}
                    </button>
                }
            })}
        </div>
    }
}

#[component]
fn Search(page: Page) -> impl IntoView {
    let ui = page.ui;
    let columns = RwSignal::new(Vec::<(Column, String)>::new());
    Effect::new(move |_| {
        let _ = ui.data.get();
        let store = page.store();
        let fields =
            store.columns().into_iter().filter(|(_, is_number)| *is_number).map(|(name, _)| Column::Field(name));
        let fresh: Vec<_> = [Column::Key, Column::Seen, Column::Speed]
            .into_iter()
            .chain(fields)
            .map(|column| (column.clone(), column_label(&store.info, &column)))
            .collect();
        if columns.with_untracked(|old| *old != fresh) {
            columns.set(fresh);
        }
    });
    let turn = move |_| ui.sort.update(|sort| sort.descending = !sort.descending);
    let direction =
        move || if ui.sort.with(|sort| sort.descending) { text!(words.descending) } else { text!(words.ascending) };
    view! {
        <div class="search-row">
            <div class="search">
                <Icon glyph=Glyph::Search />
                <input
                    id=SEARCH_ID
                    type="search"
                    placeholder=text!(board.panel.search)
                    aria-label=text!(board.panel.search_what)
                    autocomplete="off"
                    spellcheck="false"
                    prop:value=ui.query
                    on:input=move |event| ui.query.set(event_target_value(&event))
                    on:focus=move |_| {
                        if ui.sheet.get_untracked() == SheetStop::Peek {
                            ui.sheet.set(SheetStop::Half);
                        }
                    }
                />
                <kbd class="hint" aria-hidden="true">"/"</kbd>
            </div>
            <Show when=move || ui.tab.get() == Tab::List>
                <select
                    class="select"
                    aria-label=text!(board.panel.sort)
                    prop:value=move || {
                        let _ = columns.get();
                        ui.sort.with(|sort| sort.column.code())
                    }
                    on:change=move |event| {
                        let column = Column::from_code(&event_target_value(&event));
                        let descending = !matches!(column, Column::Key);
                        ui.sort.set(Sort { column, descending });
                    }
                >
                    {move || columns.get().into_iter().map(|(column, label)| {
                        let code = column.code();
                        let is_chosen = ui.sort.with_untracked(|sort| sort.column == column);
                        view! { <option value=code selected=is_chosen>{label}</option> }
                    }).collect_view()}
                </select>
                <button
                    class="button icon-only"
                    type="button"
                    aria-label=move || if ui.sort.with(|sort| sort.descending) { text!(board.panel.descending) } else { text!(board.panel.ascending) }
                    title=direction
                    on:click=turn
                >
                    {move || {
                        let glyph = if ui.sort.with(|sort| sort.descending) { Glyph::Down } else { Glyph::Up };
                        view! { <Icon glyph=glyph /> }
                    }}
                </button>
            </Show>
        </div>
    }
}

/// Where a sheet should rest after it was let go at `share` of the screen's height.
pub fn resting_stop(share: f64) -> SheetStop {
    if share < 0.3 {
        SheetStop::Peek
    } else if share < 0.72 {
        SheetStop::Half
    } else {
        SheetStop::Full
    }
}

#[component]
fn Handle(page: Page, panel: NodeRef<leptos::html::Section>) -> impl IntoView {
    let ui = page.ui;
    let drag = RwSignal::new(None::<(f64, f64, bool)>);
    let set_height = move |pixels: Option<f64>| {
        let Some(panel) = panel.get_untracked() else { return };
        let style = web_sys::HtmlElement::style(&panel);
        // A height in pixels is always a valid value.
        let _ = match pixels {
            Some(pixels) => style.set_property("height", &format!("{pixels}px")),
            None => style.remove_property("height").map(drop),
        };
    };
    let room = move || {
        let parent = panel.get_untracked().and_then(|panel| panel.parent_element());
        parent.map_or(1.0, |parent| f64::from(parent.client_height()).max(1.0))
    };
    let on_down = move |event: PointerEvent| {
        let Some(panel) = panel.get_untracked() else { return };
        let element: Option<web_sys::Element> = event.current_target().and_then(|target| target.dyn_into().ok());
        if let Some(element) = element {
            // Without the capture a fast finger only loses the sheet.
            let _ = element.set_pointer_capture(event.pointer_id());
        }
        drag.set(Some((f64::from(event.client_y()), f64::from(panel.offset_height()), false)));
    };
    let on_move = move |event: PointerEvent| {
        let Some((from, height, moved)) = drag.get_untracked() else { return };
        let up = from - f64::from(event.client_y());
        if moved || up.abs() > 6.0 {
            drag.set(Some((from, height, true)));
            set_height(Some((height + up).clamp(72.0, room())));
        }
    };
    let on_up = move |event: PointerEvent| {
        let Some((from, height, moved)) = drag.get_untracked() else { return };
        if moved {
            let up = from - f64::from(event.client_y());
            ui.sheet.set(resting_stop((height + up) / room()));
            set_height(None);
        }
    };
    let on_click = move |_| {
        let was_drag = drag.get_untracked().is_some_and(|(.., moved)| moved);
        drag.set(None);
        if !was_drag {
            ui.sheet.update(|stop| {
                *stop = match stop {
                    SheetStop::Peek => SheetStop::Half,
                    SheetStop::Half => SheetStop::Full,
                    SheetStop::Full => SheetStop::Peek,
                };
            });
        }
    };
    let on_key = move |event: KeyboardEvent| {
        let next = match (event.key().as_str(), ui.sheet.get_untracked()) {
            ("ArrowUp", SheetStop::Peek) | ("ArrowDown", SheetStop::Full) => SheetStop::Half,
            ("ArrowUp", SheetStop::Half | SheetStop::Full) => SheetStop::Full,
            ("ArrowDown", SheetStop::Half | SheetStop::Peek) => SheetStop::Peek,
            (_, SheetStop::Peek | SheetStop::Half | SheetStop::Full) => return,
        };
        event.prevent_default();
        ui.sheet.set(next);
    };
    view! {
        <button
            class="handle"
            type="button"
            aria-label=move || match ui.sheet.get() {
                SheetStop::Peek => text!(board.panel.sheet_peek),
                SheetStop::Half => text!(board.panel.sheet_half),
                SheetStop::Full => text!(board.panel.sheet_full),
            }
            data-testid="handle"
            on:pointerdown=on_down
            on:pointermove=on_move
            on:pointerup=on_up
            on:pointercancel=move |_| { drag.set(None); set_height(None); }
            on:click=on_click
            on:keydown=on_key
        >
            <span class="grip"></span>
        </button>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_rests_at_the_nearest_stop() {
        assert_eq!(resting_stop(0.1), SheetStop::Peek);
        assert_eq!(resting_stop(0.5), SheetStop::Half);
        assert_eq!(resting_stop(0.9), SheetStop::Full);
    }
}
