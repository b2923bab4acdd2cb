//! A row of the grid in the page. It is written by hand, and only what differs.

use heliograph_shared::scores::{ScoreRow, TaskCell};
use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::award::RowAwards;
use super::badge::Badge;
use super::cell::{CellView, words};
use super::problems::{Problem, Problems};
use crate::browser::dom::Listener;
use crate::scores::slot::attribute;
use crate::scores::words as scores;

/// What a row shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LineView {
    /// Its place, from 1.
    pub position: u32,
    /// Its rank.
    pub rank: String,
    /// 1, 2 or 3.
    pub medal: Option<u8>,
    /// Whose.
    pub key: String,
    /// The team.
    pub name: String,
    /// Where its logo lies.
    pub logo: Option<String>,
    /// Its groups on one line, with what it is given beside a medal.
    pub groups: String,
    /// The stretch of the ranking that it stands in: a name for styles, and a word.
    pub zone: Option<(&'static str, String)>,
    /// Whether that stretch ends below it.
    pub ends: bool,
    /// The columns.
    pub values: Vec<String>,
    /// The problems, each with whether nobody solved it before.
    pub cells: Vec<(TaskCell, bool)>,
    /// The cell that is revealed next.
    pub next: Option<usize>,
}

impl LineView {
    /// From a row of the standings and what it is given.
    pub fn of(row: &ScoreRow, given: RowAwards, problems: &Problems, columns: usize, shares_ranks: bool) -> Self {
        let cell = |(at, problem): (usize, &Problem)| {
            let cell = row.cells.get(at).copied().unwrap_or_default();
            (cell, problem.first.as_ref() == Some(&row.key))
        };
        let RowAwards { zone, others, ends } = given;
        let medal = match &zone {
            Some(("gold", _)) => Some(1),
            Some(("silver", _)) => Some(2),
            Some(("bronze", _)) => Some(3),
            // Where medals are given, the first ranks alone are none.
            Some(_) | None => scores::medal(row).filter(|_| !problems.awards.has_medals()),
        };
        let groups = [scores::groups(row), others].into_iter().filter(|part| !part.is_empty());
        Self {
            position: row.position,
            rank: scores::rank(row, shares_ranks),
            medal,
            key: row.key.clone(),
            name: row.name.clone(),
            logo: problems.logos.address(&row.key),
            groups: groups.collect::<Vec<_>>().join(" · "),
            zone,
            ends,
            values: row.values.iter().take(columns).map(|value| scores::points(*value)).collect(),
            cells: problems.list.iter().enumerate().map(cell).collect(),
            next: None,
        }
    }
}

/// A cell's elements.
struct CellSlot {
    cell: HtmlElement,
    tries: HtmlElement,
    time: HtmlElement,
}

/// A row's elements, with what they show.
pub struct Line {
    row: HtmlElement,
    medal: HtmlElement,
    badge: HtmlElement,
    letters: HtmlElement,
    logo: HtmlElement,
    /// Takes the logo in the letters' place once it is there.
    _arrives: Listener,
    who: HtmlElement,
    what: HtmlElement,
    award: HtmlElement,
    values: Vec<HtmlElement>,
    cells: Vec<CellSlot>,
    shown: Option<LineView>,
    class: &'static str,
    place: (i32, i32),
}

/// An element with its class and role.
pub fn element(tag: &str, class: &str, role: Option<&str>) -> Option<HtmlElement> {
    let element = document().create_element(tag).ok()?.dyn_into::<HtmlElement>().ok()?;
    if !class.is_empty() {
        element.set_class_name(class);
    }
    attribute(&element, "role", role);
    Some(element)
}

fn put(parent: &Element, tag: &str, class: &str, role: Option<&str>) -> Option<HtmlElement> {
    let child = element(tag, class, role)?;
    parent.append_child(&child).ok()?;
    Some(child)
}

fn text(element: &HtmlElement, fresh: &str) {
    element.set_text_content(Some(fresh));
}

impl Line {
    /// Puts an empty row at the grid's end.
    pub fn new(body: &Element, columns: usize, problems: usize) -> Option<Self> {
        let row = put(body, "tr", "", Some("row"))?;
        let rank = put(&row, "td", "rank", Some("cell"))?;
        let medal = put(&rank, "span", "medal", None)?;
        let name = put(&row, "th", "name", Some("rowheader"))?;
        attribute(&name, "scope", Some("row"));
        let badge = put(&name, "span", "badge", None)?;
        attribute(&badge, "aria-hidden", Some("true"));
        let (letters, logo) = (put(&badge, "span", "", None)?, put(&badge, "img", "", None)?);
        for (name, value) in [("alt", ""), ("decoding", "async"), ("referrerpolicy", "no-referrer")] {
            attribute(&logo, name, Some(value));
        }
        let shows = badge.clone();
        let arrives = Listener::new(&logo, "load", move |_| attribute(&shows, "data-logo", Some("true")));
        let (who, what) = (put(&name, "span", "who", None)?, put(&name, "span", "what", None)?);
        let award = put(&name, "span", "award", None)?;
        let values = (0..columns).filter_map(|_| put(&row, "td", "value", Some("cell"))).collect();
        let cell = |_| {
            let cell = put(&row, "td", "task", Some("cell"))?;
            let (tries, time) = (put(&cell, "b", "", None)?, put(&cell, "small", "", None)?);
            Some(CellSlot { cell, tries, time })
        };
        let cells = (0..problems).filter_map(cell).collect();
        attribute(&row, "tabindex", Some("0"));
        row.set_hidden(true);
        let (shown, place) = (None, (-1, 0));
        Some(Self {
            row,
            medal,
            badge,
            letters,
            logo,
            _arrives: arrives,
            who,
            what,
            award,
            values,
            cells,
            shown,
            class: "",
            place,
        })
    }

    /// Puts their letters to the cells, for where no head stands over them.
    pub fn letter(&self, problems: &[Problem]) {
        for (slot, problem) in self.cells.iter().zip(problems) {
            attribute(&slot.cell, "data-label", Some(&problem.label));
        }
    }

    /// Takes the row out of the page.
    pub fn remove(&self) {
        self.row.remove();
    }

    /// Whose row it is.
    pub fn key(&self) -> &str {
        self.shown.as_ref().map_or("", |shown| &shown.key)
    }

    /// Shows a row, or nothing.
    pub fn show(&mut self, fresh: Option<&LineView>, class: &'static str) {
        let Some(fresh) = fresh else {
            if self.shown.take().is_some() {
                self.row.set_hidden(true);
            }
            return;
        };
        if self.class != class {
            self.class = class;
            self.row.set_class_name(class);
        }
        let Some(old) = &self.shown else {
            self.row.set_hidden(false);
            self.write(&LineView::default(), fresh, true);
            self.shown = Some(fresh.clone());
            return;
        };
        if old != fresh {
            self.write(old, fresh, false);
            self.shown = Some(fresh.clone());
        }
    }

    fn write(&self, old: &LineView, fresh: &LineView, all: bool) {
        if all || old.position != fresh.position {
            attribute(&self.row, "aria-rowindex", Some(&(fresh.position + 1).to_string()));
        }
        if all || old.key != fresh.key {
            attribute(&self.row, "data-key", Some(&fresh.key));
        }
        if all || old.medal != fresh.medal {
            attribute(&self.medal, "data-medal", fresh.medal.map(|medal| medal.to_string()).as_deref());
        }
        if all || old.name != fresh.name {
            let badge = Badge::of(&fresh.name);
            attribute(&self.badge, "data-tone", Some(&badge.tone.to_string()));
            text(&self.letters, &badge.letters);
        }
        if all || old.logo != fresh.logo {
            // The letters are there until this one has come, and stay where none does.
            attribute(&self.badge, "data-logo", None);
            attribute(&self.logo, "src", fresh.logo.as_deref());
        }
        if all || (&old.zone, old.ends) != (&fresh.zone, fresh.ends) {
            let code = fresh.zone.as_ref().map(|(code, _)| *code);
            attribute(&self.award, "data-zone", code);
            text(&self.award, fresh.zone.as_ref().map_or("", |(_, word)| word));
            attribute(&self.row, "data-ends", code.filter(|_| fresh.ends));
        }
        for (element, old, fresh) in [
            (&self.medal, &old.rank, &fresh.rank),
            (&self.who, &old.name, &fresh.name),
            (&self.what, &old.groups, &fresh.groups),
        ] {
            if all || old != fresh {
                text(element, fresh);
            }
        }
        for (at, element) in self.values.iter().enumerate() {
            if all || old.values.get(at) != fresh.values.get(at) {
                text(element, fresh.values.get(at).map_or("", String::as_str));
            }
        }
        for (at, slot) in self.cells.iter().enumerate() {
            let (was, is) = (old.cells.get(at), fresh.cells.get(at).copied().unwrap_or_default());
            if all || was != Some(&is) {
                slot.write(is.0, is.1);
            }
            if all || old.next != fresh.next {
                attribute(&slot.cell, "data-next", (fresh.next == Some(at)).then_some("true"));
            }
        }
    }

    /// Draws the row this many pixels away from its place.
    pub fn slide(&mut self, way: i32) {
        self.put(self.place.0, way);
    }

    /// Draws the row at its place, this many pixels away from it.
    pub fn put(&mut self, top: i32, way: i32) {
        if self.place != (top, way) {
            self.place = (top, way);
            // It can only fail for styles that are read-only.
            let _ = HtmlElement::style(&self.row).set_property("transform", &format!("translateY({}px)", top + way));
        }
    }
}

impl CellSlot {
    fn write(&self, cell: TaskCell, first: bool) {
        let view = CellView::of(&cell, first);
        attribute(&self.cell, "data-state", Some(view.state.code()).filter(|code| !code.is_empty()));
        attribute(&self.cell, "aria-label", Some(&words(&cell, first)));
        text(&self.tries, &view.tries);
        text(&self.time, &view.time);
    }
}
