//! A table of items in a frame.

use std::cell::RefCell;

use heliograph_shared::protocol::Subscription;
use heliograph_shared::replica::Replica;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::host::Host;
use super::items::Items;
use super::open::Opened;
use super::picks::Picks;
use super::settings::Settings;
use super::shell::{Shell, set};
use super::wording::Wording;
use crate::board::address::Column;
use crate::board::items::rows::{self, Query};
use crate::board::items::words::column_label;
use crate::browser::clock;
use crate::browser::dom::Listener;
use crate::scores::slot::{append, attribute, element};

/// It is written anew at most so often, in milliseconds: faster nobody reads.
const EVERY_MS: f64 = 1_000.0;
/// Columns beside the key where neither the address nor the board's config names any.
const OWN_COLUMNS: usize = 3;

/// A table in the page.
pub struct Table {
    region: HtmlElement,
    head: HtmlElement,
    body: HtmlElement,
    empty: HtmlElement,
    sheet: RefCell<Sheet>,
}

#[derive(Default)]
struct Sheet {
    columns: Vec<Column>,
    rows: Vec<Row>,
    written_at: Option<f64>,
}

struct Row {
    row: HtmlElement,
    key: HtmlElement,
    tag: HtmlElement,
    cells: Vec<HtmlElement>,
}

/// Shows items of a board for as long as the page lives.
pub fn show(opened: Opened, settings: Settings, picks: Picks, shell: Shell, host: Host) -> Option<()> {
    let chosen = host.clone();
    let table = Table::build(&shell.body, move |key| chosen.say("select", &[("key", key.into())]))?;
    let draw = move |items: &Items, replica: &Replica| {
        table.draw(&items.wording(), replica, items.settings.top as usize, items.settings.key.as_deref());
    };
    Items::follow(opened, (settings, picks), (shell, host), Subscription::items_all(), draw);
    Some(())
}

impl Table {
    /// Puts an empty one at the end of `parent`; `choose` is told which row somebody chose.
    pub fn build(parent: &Element, choose: impl Fn(String) + 'static) -> Option<Self> {
        let region = element("div", "embed-table", Some("region"))?;
        attribute(&region, "tabindex", Some("0"));
        attribute(&region, "aria-label", Some(text!(embed.items.table)));
        let table = element("table", "", None)?;
        let (head, body) = (element("tr", "", None)?, element("tbody", "", None)?);
        let thead = element("thead", "", None)?;
        append(&thead, &head)?;
        append(&table, &thead)?;
        append(&table, &body)?;
        append(&region, &table)?;
        let empty = element("p", "embed-empty", None)?;
        empty.set_text_content(Some(text!(embed.items.loading)));
        append(parent, &region)?;
        append(parent, &empty)?;
        region.set_hidden(true);
        std::mem::forget(Listener::new(&region, "click", move |event| {
            let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
            let row = target.and_then(|target| target.closest("tr").ok().flatten());
            if let Some(key) = row.and_then(|row| row.get_attribute("data-key")) {
                choose(key);
            }
        }));
        Some(Self { region, head, body, empty, sheet: RefCell::default() })
    }

    /// Writes at most `top` rows, unless it was just written; the row of `own` stands out.
    pub fn draw(&self, wording: &Wording<'_>, replica: &Replica, top: usize, own: Option<&str>) {
        let mut sheet = self.sheet.borrow_mut();
        let now = clock::steady();
        if sheet.written_at.is_none_or(|at| now - at >= EVERY_MS) {
            sheet.written_at = Some(now);
            self.write(&mut sheet, wording, replica, top, own);
        }
    }

    /// The next drawing is not put off.
    pub fn refresh(&self) {
        self.sheet.borrow_mut().written_at = None;
    }

    fn write(&self, sheet: &mut Sheet, wording: &Wording<'_>, replica: &Replica, top: usize, own: Option<&str>) {
        let columns = columns(wording, replica);
        if sheet.columns != columns {
            self.head.set_text_content(None);
            for column in std::iter::once(&Column::Key).chain(&columns) {
                let Some(cell) = element("th", "", None) else { return };
                attribute(&cell, "scope", Some("col"));
                cell.set_text_content(Some(&column_label(wording.info, column)));
                // A new cell is in no other's way.
                let _ = append(&self.head, &cell);
            }
            sheet.rows.drain(..).for_each(|row| row.row.remove());
            sheet.columns = columns;
        }
        let query = Query::new(&wording.picks.query);
        let order = rows::ordered(replica, |item| query.matches(item), &wording.picks.sort);
        let shown: Vec<_> = order.iter().take(top).filter_map(|id| replica.get(*id)).collect();
        while sheet.rows.len() < shown.len() {
            let Some(row) = Row::new(&self.body, sheet.columns.len()) else { return };
            sheet.rows.push(row);
        }
        for (at, row) in sheet.rows.iter().enumerate() {
            let item = shown.get(at);
            row.row.set_hidden(item.is_none());
            let Some(item) = item else { continue };
            attribute(&row.row, "data-key", Some(&item.key));
            row.row.set_class_name(if own == Some(item.key.as_str()) { "own" } else { "" });
            set(&row.key, &item.key);
            row.tag.set_hidden(!wording.is_stale(item));
            for (cell, column) in row.cells.iter().zip(&sheet.columns) {
                set(cell, &wording.text(item, column));
            }
        }
        self.region.set_hidden(shown.is_empty());
        self.empty.set_hidden(!shown.is_empty());
        set(&self.empty, text!(embed.items.empty));
    }
}

impl Row {
    fn new(body: &Element, columns: usize) -> Option<Self> {
        let row = element("tr", "", None)?;
        let head = element("th", "", None)?;
        attribute(&head, "scope", Some("row"));
        let (key, tag) = (element("button", "who", None)?, element("span", "tag", None)?);
        attribute(&key, "type", Some("button"));
        tag.set_text_content(Some(text!(words.stale)));
        append(&head, &key)?;
        append(&head, &tag)?;
        append(&row, &head)?;
        let mut cells = Vec::with_capacity(columns);
        for _ in 0..columns {
            let cell = element("td", "", None)?;
            append(&row, &cell)?;
            cells.push(cell);
        }
        append(body, &row)?;
        Some(Self { row, key, tag, cells })
    }
}

/// The columns of the address; else the first that items have, those that the board's config labels before others, and how old
/// each item is.
pub fn columns(wording: &Wording<'_>, replica: &Replica) -> Vec<Column> {
    if !wording.picks.columns.is_empty() {
        return wording.picks.columns.clone();
    }
    let mut names: Vec<String> = rows::field_names(replica).into_iter().map(|(name, _)| name).collect();
    // What the board labels comes first.
    names.sort_by_key(|name| !wording.info.fields.contains_key(name));
    names.truncate(OWN_COLUMNS);
    names.into_iter().map(Column::Field).chain([Column::Seen]).collect()
}
