//! Text over the map, as DOM: the grid's numbers, country names, the tooltip and the items' names. There is no
//! glyph server, and the browser's own text is crisp at every density. Screen readers have the list and the table.

use std::cell::{Cell, RefCell};

use wasm_bindgen::JsCast;
use web_sys::{Document, HtmlElement};

use super::graticule::{self, Bounds};
use crate::board::map::fences::Area;
use crate::board::map::scene::places::{Place, Places};
use crate::board::map::scene::projector::Projector;

/// Fences have their names from this zoom on.
const FENCES_FROM: f64 = 9.0;

/// The overlay of one map.
pub struct Overlay {
    document: Document,
    grid: Pool,
    places: Pool,
    groups: Pool,
    names: Pool,
    marks: Pool,
    areas: Pool,
    countries: RefCell<Places>,
    fences: RefCell<Vec<Area>>,
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

/// What stands beside marks and on them, in one frame.
#[derive(Clone, Debug, Default)]
pub struct Labels {
    /// How many items those are that are shown as one.
    pub groups: Vec<MarkLabel>,
    /// Who items are.
    pub names: Vec<MarkLabel>,
    /// What the selected item is, and what is pointed at.
    pub marks: Vec<MarkLabel>,
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
            groups: Pool::new(layer("labels groups")?),
            names: Pool::new(layer("labels names")?),
            marks: Pool::new(layer("labels marks")?),
            areas: Pool::new(layer("labels areas")?),
            countries: RefCell::default(),
            fences: RefCell::default(),
            drawn_for: Cell::new(None),
            document,
        })
    }

    /// Takes the countries' names.
    pub fn set_places(&self, places: Vec<Place>) {
        self.countries.replace(Places::new(places));
        self.drawn_for.set(None);
    }

    /// Takes the fences' names.
    pub fn set_fences(&self, fences: Vec<Area>) {
        self.fences.replace(fences);
    }

    /// Puts the labels where the camera sees their places.
    pub fn draw(&self, camera: &Projector, bounds: Option<Bounds>, labels: &Labels) {
        if let Some(bounds) = bounds
            && self.drawn_for.get().is_none_or(|(before, _)| !before.is_same_view(camera))
        {
            self.drawn_for.set(Some((*camera, bounds)));
            self.draw_ground(camera, &bounds);
        }
        self.areas.begin();
        // From far away they would lie over each other and say nothing.
        for area in self.fences.borrow().iter().filter(|_| camera.zoom > FENCES_FROM) {
            let Some((x, y)) = camera.screen_from_fixed(area.at) else { continue };
            if x > 0.0 && y > 0.0 && x < camera.size.0 && y < camera.size.1 {
                self.areas.put(&self.document, x, y, "label area", &area.name, "");
            }
        }
        self.areas.end();
        let Labels { groups, names, marks } = labels;
        for (pool, labels) in [(&self.groups, groups), (&self.names, names), (&self.marks, marks)] {
            pool.begin();
            for label in labels {
                pool.put(&self.document, label.x, label.y, label.class, &label.title, &label.detail);
            }
            pool.end();
        }
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
