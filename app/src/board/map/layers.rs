//! The layers under a board's items: which of them are shown, what has become of each, and the switches. A map without them
//! is still the map.
//!
//! | behaviour | file |
//! |---|---|
//! | which are shown | `choice` |
//! | what is drawn, and how | `shapes`, `style` |
//! | the switches | `control` |
//! | how the board's page has them | `page` |

pub mod choice;
pub mod control;
pub mod page;
pub mod shapes;
pub mod style;

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use heliograph_shared::layers::style::MapLayer;
use serde::Deserialize;
use web_sys::Element;

use self::control::Control;
use super::handle::MapHandle;

/// What asking for a layer brings.
pub type Asked = Pin<Box<dyn Future<Output = Result<String, Why>>>>;

/// Why a layer is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// The config has it, and nobody has put it yet.
    Missing,
    /// It could not be loaded; for people.
    Failed(String),
}

/// What has become of a layer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// Nobody wanted it yet.
    #[default]
    Unasked,
    /// It is on its way.
    Loading,
    /// It is drawn, or was and is hidden.
    Drawn,
    /// It is not there.
    Absent(Why),
}

/// Which layers a board has: of its answer, what is read here.
#[derive(Deserialize)]
struct Known {
    layers: Vec<KnownLayer>,
}

#[derive(Deserialize)]
struct KnownLayer {
    id: String,
}

fn senseless() -> Why {
    Why::Failed(text!(board.layers.senseless).to_owned())
}

/// A board's layers: a handle, cheap to clone.
#[derive(Clone)]
pub struct Layers(Rc<Inner>);

struct Inner {
    layers: Vec<MapLayer>,
    shown: RefCell<Vec<bool>>,
    standings: RefCell<Vec<Standing>>,
    /// Ids of the layers that the board has, as far as it was asked.
    known: RefCell<BTreeSet<String>>,
    map: RefCell<Option<MapHandle>>,
    control: RefCell<Option<Control>>,
    ask: Box<dyn Fn(&str) -> Asked>,
    chosen: Box<dyn Fn(Option<Vec<String>>)>,
    is_closed: Cell<bool>,
}

impl Layers {
    /// Those of a config, as the address has them. `ask` brings what a path below the board's address has; `chosen` hears what
    /// the address is to say.
    pub fn new(
        layers: Vec<MapLayer>,
        named: Option<&[String]>,
        ask: impl Fn(&str) -> Asked + 'static,
        chosen: impl Fn(Option<Vec<String>>) + 'static,
    ) -> Self {
        let shown = choice::shown(&layers, named);
        Self(Rc::new(Inner {
            standings: RefCell::new(vec![Standing::default(); layers.len()]),
            shown: RefCell::new(shown),
            layers,
            known: RefCell::default(),
            map: RefCell::default(),
            control: RefCell::default(),
            ask: Box::new(ask),
            chosen: Box::new(chosen),
            is_closed: Cell::new(false),
        }))
    }

    /// Puts the switches at the end of `parent`; nothing where the board has no layers.
    pub fn build(&self, parent: &Element) -> Option<()> {
        if self.0.layers.is_empty() {
            return None;
        }
        let of = |work: fn(&Rc<Inner>, usize)| {
            let weak = Rc::downgrade(&self.0);
            move |number: usize| {
                if let Some(inner) = weak.upgrade() {
                    work(&inner, number);
                }
            }
        };
        let control =
            Control::build(parent, &self.0.layers, of(Inner::switch), of(|inner, number| inner.load(vec![number])))?;
        self.0.control.replace(Some(control));
        self.0.write();
        Some(())
    }

    /// The map draws: what is shown is loaded.
    pub fn set_map(&self, map: MapHandle) {
        self.0.map.replace(Some(map));
        self.0.follow();
    }

    /// What the address says now: the viewer went back or forward.
    pub fn set_named(&self, named: Option<&[String]>) {
        let shown = choice::shown(&self.0.layers, named);
        if *self.0.shown.borrow() != shown {
            self.0.shown.replace(shown);
            self.0.follow();
        }
    }

    /// The page goes.
    pub fn close(&self) {
        self.0.is_closed.set(true);
        self.0.control.replace(None);
        self.0.map.replace(None);
    }
}

impl Inner {
    fn is_shown(&self, number: usize) -> bool {
        self.shown.borrow().get(number).copied().unwrap_or_default()
    }

    fn standing(&self, number: usize) -> Standing {
        self.standings.borrow().get(number).cloned().unwrap_or_default()
    }

    fn set_standing(&self, number: usize, standing: Standing) {
        if let Some(known) = self.standings.borrow_mut().get_mut(number) {
            *known = standing;
        }
        self.write();
    }

    /// Somebody used the switch of a layer.
    fn switch(self: &Rc<Self>, number: usize) {
        if let Some(shown) = self.shown.borrow_mut().get_mut(number) {
            *shown = !*shown;
        }
        self.follow();
        let named = choice::named(&self.layers, &self.shown.borrow());
        (self.chosen)(named);
    }

    /// The map shows what is chosen; what it has not yet is loaded.
    fn follow(self: &Rc<Self>) {
        let Some(map) = self.map.borrow().clone() else { return self.write() };
        let mut wanted = Vec::new();
        for number in 0..self.layers.len() {
            let is_shown = self.is_shown(number);
            match self.standing(number) {
                Standing::Unasked if is_shown => wanted.push(number),
                Standing::Drawn => map.set_layer_shown(number, is_shown),
                Standing::Unasked | Standing::Loading | Standing::Absent(_) => {}
            }
        }
        self.load(wanted);
        self.write();
    }

    /// Loads layers, once it is known that the board has them: a config may name some that nobody has put yet.
    fn load(self: &Rc<Self>, numbers: Vec<usize>) {
        let is_loading = |number: &usize| self.standing(*number) == Standing::Loading;
        let numbers: Vec<usize> = numbers.into_iter().filter(|number| !is_loading(number)).collect();
        numbers.iter().for_each(|number| self.set_standing(*number, Standing::Loading));
        if numbers.iter().all(|number| self.has(*number)) {
            return numbers.into_iter().for_each(|number| self.load_one(number));
        }
        let asked = (self.ask)("layers");
        let weak = Rc::downgrade(self);
        wasm_bindgen_futures::spawn_local(async move {
            let answer = asked.await;
            let Some(inner) = weak.upgrade().filter(|inner| !inner.is_closed.get()) else { return };
            let list = answer.and_then(|text| serde_json::from_str::<Known>(&text).map_err(|_| senseless()));
            let why = match list {
                Ok(Known { layers }) => {
                    inner.known.replace(layers.into_iter().map(|layer| layer.id).collect());
                    Why::Missing
                }
                Err(why) => why,
            };
            for number in numbers {
                if why == Why::Missing && inner.has(number) {
                    inner.load_one(number);
                } else {
                    inner.set_standing(number, Standing::Absent(why.clone()));
                }
            }
        });
    }

    fn has(&self, number: usize) -> bool {
        self.layers.get(number).is_some_and(|layer| self.known.borrow().contains(layer.id.as_str()))
    }

    fn load_one(self: &Rc<Self>, number: usize) {
        let Some(layer) = self.layers.get(number).cloned() else { return };
        let asked = (self.ask)(&format!("layers/{}", layer.id));
        let weak = Rc::downgrade(self);
        wasm_bindgen_futures::spawn_local(async move {
            let answer = asked.await;
            if let Some(inner) = weak.upgrade().filter(|inner| !inner.is_closed.get()) {
                inner.take(number, &layer, answer);
            }
        });
    }

    fn take(&self, number: usize, layer: &MapLayer, answer: Result<String, Why>) {
        let read = |text: String| serde_json::from_str(&text).map_err(|_| senseless());
        let standing = match answer.and_then(read) {
            Ok(geojson) => match self.map.borrow().as_ref() {
                Some(map) => {
                    map.draw_layer(number, layer.clone(), shapes::drawn(&geojson));
                    map.set_layer_shown(number, self.is_shown(number));
                    Standing::Drawn
                }
                None => Standing::Unasked,
            },
            Err(why) => {
                // Somebody may have deleted it meanwhile.
                self.known.borrow_mut().remove(layer.id.as_str());
                Standing::Absent(why)
            }
        };
        self.set_standing(number, standing);
    }

    fn write(&self) {
        if let Some(control) = self.control.borrow().as_ref() {
            control.write(&self.shown.borrow(), &self.standings.borrow());
        }
    }
}
