//! The groups in view as a list of buttons, for who works by keyboard or listens: each says what is said of a group, lets it
//! stand out on the map while it has the focus, and opens it.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use heliograph_shared::density::Density;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::Use;
use super::elements::{append, element, write};
use crate::board::map::scene::bins::grid::Cell as GroupId;
use crate::browser::dom::Listener;

/// What is said of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Which.
    pub id: GroupId,
    /// Such as "42 items, worst: Low on fuel".
    pub text: String,
}

/// What is told of a group's button.
pub type UseGroup = Rc<dyn Fn(GroupId, Use)>;

/// The list.
pub struct Groups {
    section: HtmlElement,
    list: HtmlElement,
    more: HtmlElement,
    note: HtmlElement,
    /// What gets the focus when the button that had it goes.
    title: HtmlElement,
    rows: RefCell<BTreeMap<GroupId, Row>>,
    /// Whether somebody opened a group, and is not told yet what is there.
    is_opened: Rc<Cell<bool>>,
    use_group: UseGroup,
}

struct Row {
    item: HtmlElement,
    button: HtmlElement,
    _listeners: [Listener; 3],
}

impl Groups {
    /// Puts it at the end of `parent`, under its title.
    pub fn build(parent: &Element, title: HtmlElement, use_group: UseGroup) -> Option<Self> {
        let (section, list) = (element("div", "density-groups")?, element("ul", "")?);
        list.set_attribute("aria-label", text!(board.density.groups)).ok()?;
        let (more, note) = (element("p", "density-more")?, element("p", "sr-only")?);
        // It is there from the beginning, so that what is written into it is read out.
        note.set_attribute("role", "status").ok()?;
        append(&section, &[&list, &more, &note])?;
        append(parent, &[&section])?;
        section.set_hidden(true);
        let (rows, is_opened) = (RefCell::default(), Rc::default());
        Some(Self { section, list, more, note, title, rows, is_opened, use_group })
    }

    /// Writes what is in view, and how many groups more; with `is_resting` the camera stays there.
    pub fn write(&self, density: Density, said: &[Said], more: usize, is_resting: bool) {
        self.section.set_hidden(density == Density::Marks);
        let focused = self.focused();
        let mut rows = self.rows.borrow_mut();
        rows.retain(|id, row| {
            let stays = said.iter().any(|group| group.id == *id);
            if !stays {
                row.item.remove();
            }
            stays
        });
        let mut next = self.list.first_element_child();
        for group in said {
            if !rows.contains_key(&group.id)
                && let Some(row) = self.row(group.id)
            {
                rows.insert(group.id, row);
            }
            let Some(row) = rows.get(&group.id) else { continue };
            write(&row.button, &group.text);
            let item: &Element = &row.item;
            if next.as_ref() == Some(item) {
                next = item.next_element_sibling();
            } else {
                // The list has what it is put before.
                let _ = self.list.insert_before(item, next.as_deref());
            }
        }
        let holder = focused.map(|id| rows.get(&id).map_or_else(|| self.title.clone(), |row| row.button.clone()));
        drop(rows);
        if let Some(holder) = holder.filter(|_| self.focused() != focused) {
            // What is in the page can take the focus.
            let _ = holder.focus();
        }
        let others = if more > 0 { counted!(more, board.density.more) } else { String::new() };
        let is_empty = said.is_empty() && density != Density::Marks;
        write(&self.more, if is_empty { text!(board.density.none) } else { &others });
        if is_resting && self.is_opened.replace(false) {
            write(&self.note, &counted!(said.len() + more, board.density.in_view));
        }
    }

    fn row(&self, id: GroupId) -> Option<Row> {
        let (item, button) = (element("li", "")?, element("button", "")?);
        button.set_attribute("type", "button").ok()?;
        button.set_attribute("title", text!(board.density.open)).ok()?;
        append(&item, &[&button])?;
        let on = |event: &'static str, what: Use| {
            let (use_group, is_opened) = (Rc::clone(&self.use_group), Rc::clone(&self.is_opened));
            Listener::new(&button, event, move |_| {
                if what == Use::Open {
                    is_opened.set(true);
                }
                use_group(id, what);
            })
        };
        let listeners = [on("click", Use::Open), on("focus", Use::Focus), on("blur", Use::Leave)];
        Some(Row { item, button, _listeners: listeners })
    }

    /// The group whose button has the focus.
    fn focused(&self) -> Option<GroupId> {
        let active = web_sys::window()?.document()?.active_element()?.dyn_into::<HtmlElement>().ok()?;
        self.rows.try_borrow().ok()?.iter().find(|(_, row)| row.button == active).map(|(id, _)| *id)
    }
}
