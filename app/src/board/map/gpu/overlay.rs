//! Text over the map, as DOM: the grid's numbers, country names, the tooltip and the selected item's name. There is no
//! glyph server, and the browser's own text is crisp at every density. Screen readers have the list and the table.

use std::cell::{Cell, RefCell};

use wasm_bindgen::JsCast;
use web_sys::{Document, HtmlElement};

use super::graticule::{self, Bounds};
use crate::board::map::scene::places::{Place, Places};
use crate::board::map::scene::projector::Projector;

/// The overlay of one map.
pub struct Overlay {
    document: Document,
    grid: Pool,
    places: Pool,
    marks: Pool,
    countries: RefCell<Places>,
    drawn_for: Cell<Option<(Projector, Bounds)>>,
}

/// What stands beside a mark.
#[derive(Clone, Debug, PartialEq)]
pub struct MarkLabel {
    /// CSS pixels from the left.
    pub x: f64,
    /// CSS pixels from the top.
    pub y: f64,
    /// The first line.
    pub title: String,
    /// The second line, if there is one.
    pub detail: String,
    /// Style class.
    pub class: &'static str,
}

impl Overlay {
    /// Fills `root`, which lies over the map and takes no pointer.
    pub fn new(root: &HtmlElement) -> Option<Self> {
        let document = root.owner_document()?;
        let layer = |class: &str| -> Option<HtmlElement> {
            let element: HtmlElement = document.create_element("div").ok()?.dyn_into().ok()?;
            element.set_class_name(class);
            root.append_child(&element).ok()?;
            Some(element)
        };
        Some(Self {
            places: Pool::new(layer("labels places")?),
            grid: Pool::new(layer("labels grid")?),
            marks: Pool::new(layer("labels marks")?),
            countries: RefCell::default(),
            drawn_for: Cell::new(None),
            document,
        })
    }

    /// Takes the countries' names.
    pub fn set_places(&self, places: Vec<Place>) {
        self.countries.replace(Places::new(places));
        self.drawn_for.set(None);
    }

    /// Puts the labels where the camera sees their places.
    pub fn draw(&self, camera: &Projector, bounds: Option<Bounds>, marks: &[MarkLabel]) {
        if let Some(bounds) = bounds
            && self.drawn_for.get().is_none_or(|(before, _)| !before.is_same_view(camera))
        {
            self.drawn_for.set(Some((*camera, bounds)));
            self.draw_ground(camera, &bounds);
        }
        self.marks.begin();
        for mark in marks {
            self.marks.put(&self.document, mark.x, mark.y, mark.class, &mark.title, &mark.detail);
        }
        self.marks.end();
    }

    fn draw_ground(&self, camera: &Projector, bounds: &Bounds) {
        self.grid.begin();
        for label in graticule::labels(bounds, camera) {
            let class = if label.is_meridian { "label meridian" } else { "label parallel" };
            self.grid.put(&self.document, label.x, label.y, class, &label.text, "");
        }
        self.grid.end();
        self.places.begin();
        for (place, x, y) in self.countries.borrow().visible(camera) {
            self.places.put(&self.document, x, y, place.class(), &place.name, "");
        }
        self.places.end();
    }
}

/// Elements that are used again instead of made again.
struct Pool {
    root: HtmlElement,
    nodes: RefCell<Vec<Node>>,
    used: Cell<usize>,
}

struct Node {
    element: HtmlElement,
    title: HtmlElement,
    detail: HtmlElement,
    shown: (String, String, &'static str),
    is_hidden: bool,
}

impl Pool {
    fn new(root: HtmlElement) -> Self {
        Self { root, nodes: RefCell::default(), used: Cell::new(0) }
    }

    fn begin(&self) {
        self.used.set(0);
    }

    fn put(&self, document: &Document, x: f64, y: f64, class: &'static str, title: &str, detail: &str) {
        let index = self.used.get();
        let mut nodes = self.nodes.borrow_mut();
        if index >= nodes.len() {
            let Some(node) = Node::new(document, &self.root) else { return };
            nodes.push(node);
        }
        if let Some(node) = nodes.get_mut(index) {
            node.show(x, y, class, title, detail);
            self.used.set(index + 1);
        }
    }

    fn end(&self) {
        for node in self.nodes.borrow_mut().iter_mut().skip(self.used.get()) {
            node.hide();
        }
    }
}

impl Node {
    fn new(document: &Document, root: &HtmlElement) -> Option<Self> {
        let make = |tag: &str| -> Option<HtmlElement> { document.create_element(tag).ok()?.dyn_into().ok() };
        let (element, title, detail) = (make("div")?, make("span")?, make("small")?);
        element.append_child(&title).ok()?;
        element.append_child(&detail).ok()?;
        root.append_child(&element).ok()?;
        Some(Self { element, title, detail, shown: (String::new(), String::new(), ""), is_hidden: false })
    }

    fn show(&mut self, x: f64, y: f64, class: &'static str, title: &str, detail: &str) {
        if self.shown.0 != title {
            self.title.set_text_content(Some(title));
            title.clone_into(&mut self.shown.0);
        }
        if self.shown.1 != detail {
            self.detail.set_text_content(Some(detail));
            detail.clone_into(&mut self.shown.1);
        }
        if self.shown.2 != class {
            self.element.set_class_name(class);
            self.shown.2 = class;
        }
        let style = self.element.style();
        if std::mem::take(&mut self.is_hidden) {
            let _ = style.remove_property("display");
        }
        let _ = style.set_property("transform", &format!("translate({x:.1}px,{y:.1}px)"));
    }

    fn hide(&mut self) {
        if !std::mem::replace(&mut self.is_hidden, true) {
            let _ = self.element.style().set_property("display", "none");
        }
    }
}
