//! How many items are shown: which way is chosen, its control, and the groups in view for who does not see them. A map
//! without them is still the map.
//!
//! | behaviour | file |
//! |---|---|
//! | what is said of a group | `words` |
//! | the choice, the legend and the groups; elements | `control`, `groups`, `elements` |
//! | how the board's page has them | `page` |

pub mod control;
mod elements;
pub mod groups;
pub mod page;
pub mod words;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use heliograph_shared::density::Density;
use web_sys::Element;

use self::control::Control;
use self::groups::Said;
use super::handle::{Group, MapHandle};
use super::scene::bins::grid::Cell as GroupId;
use crate::board::marks::Marks;

/// So many groups have a button: more are read by nobody, and nearer by there are fewer.
const MOST: usize = 40;

/// The choice of a map: a handle, cheap to clone.
#[derive(Clone)]
pub struct Choice(Rc<Inner>);

struct Inner {
    /// As the board's config says.
    usual: Density,
    shown: Cell<Density>,
    /// What each rule is about, in their order.
    labels: Vec<String>,
    map: RefCell<Option<MapHandle>>,
    control: RefCell<Option<Control>>,
    chosen: Box<dyn Fn(Option<Density>)>,
}

impl Choice {
    /// The way that a config or an address says; `chosen` hears what the address is to say.
    pub fn new(
        usual: Density,
        named: Option<Density>,
        marks: &Marks,
        chosen: impl Fn(Option<Density>) + 'static,
    ) -> Self {
        Self(Rc::new(Inner {
            usual,
            shown: Cell::new(named.unwrap_or(usual)),
            labels: marks.rules().map(|rule| rule.label.clone()).collect(),
            map: RefCell::default(),
            control: RefCell::default(),
            chosen: Box::new(chosen),
        }))
    }

    /// Puts the control at the end of `parent`.
    pub fn build(&self, parent: &Element) -> Option<()> {
        let weak = Rc::downgrade(&self.0);
        let choose = move |density| {
            if let Some(inner) = weak.upgrade() {
                inner.choose(density);
            }
        };
        let weak = Rc::downgrade(&self.0);
        let use_group = move |id: GroupId, what: Use| {
            let map = weak.upgrade().and_then(|inner| inner.map.borrow().clone());
            if let Some(map) = map {
                match what {
                    Use::Open => map.open_group(id),
                    Use::Focus => map.focus_group(Some(id)),
                    Use::Leave => map.focus_group(None),
                }
            }
        };
        let weak = Rc::downgrade(&self.0);
        let turned = move || {
            if let Some(inner) = weak.upgrade() {
                inner.write();
            }
        };
        self.0.control.replace(Some(Control::build(parent, choose, use_group, turned)?));
        self.write();
        Some(())
    }

    /// The map draws.
    pub fn set_map(&self, map: MapHandle) {
        map.set_density(self.0.shown.get());
        self.0.map.replace(Some(map));
        self.write();
    }

    /// What the address says now: the viewer went back or forward.
    pub fn set_named(&self, named: Option<Density>) {
        self.0.show(named.unwrap_or(self.0.usual));
    }

    /// The groups or the camera may be others.
    pub fn write(&self) {
        self.0.write();
    }

    /// The page goes.
    pub fn close(&self) {
        self.0.control.replace(None);
        self.0.map.replace(None);
    }
}

/// What somebody does with a group's button.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// It is pressed.
    Open,
    /// It has the focus.
    Focus,
    /// It had it.
    Leave,
}

impl Inner {
    fn choose(&self, density: Density) {
        self.show(density);
        (self.chosen)((density != self.usual).then_some(density));
    }

    fn show(&self, density: Density) {
        if self.shown.replace(density) != density
            && let Some(map) = self.map.borrow().as_ref()
        {
            map.set_density(density);
        }
        self.write();
    }

    fn write(&self) {
        let control = self.control.borrow();
        let Some(control) = control.as_ref() else { return };
        let map = self.map.borrow();
        control.choose(self.shown.get());
        control.write_steps(map.as_ref().and_then(MapHandle::steps));
        if control.is_open() {
            let groups = map.as_ref().map(MapHandle::groups).unwrap_or_default();
            let (said, more) = self.said(groups);
            let is_resting = map.as_ref().is_some_and(MapHandle::is_resting);
            control.groups.write(self.shown.get(), &said, more, is_resting);
        }
    }

    /// What is said of the groups, the worst first, and how many others there are.
    fn said(&self, mut groups: Vec<Group>) -> (Vec<Said>, usize) {
        // Not by their counts: under who reads them they would change places.
        groups.sort_by_key(|group| (group.worst.unwrap_or(usize::MAX), group.id));
        let more = groups.len().saturating_sub(MOST);
        let said = |group: Group| {
            let worst = group.worst.and_then(|rule| self.labels.get(rule)).map(String::as_str);
            Said { id: group.id, text: words::said(group.count, worst) }
        };
        (groups.into_iter().take(MOST).map(said).collect(), more)
    }
}

#[cfg(test)]
mod tests {
    use heliograph_shared::marks::MarkRule;

    use super::*;

    fn marks() -> Marks {
        let rules = r#"[{"label":"Low","where":["fuel:lt:15"]},{"label":"Late","where":["status:eq:late"]}]"#;
        Marks::new(&serde_json::from_str::<Vec<MarkRule>>(rules).unwrap())
    }

    fn group(column: i32, count: u32, worst: Option<usize>) -> Group {
        Group { id: GroupId { row: 0, column }, count, worst, at: (0.0, 0.0) }
    }

    #[test]
    fn the_worst_are_said_first_and_counts_move_nobody() {
        let choice = Choice::new(Density::Clusters, None, &marks(), |_| ());
        let said = |groups: Vec<Group>| {
            let (said, more) = choice.0.said(groups);
            (said.into_iter().map(|said| said.text).collect::<Vec<_>>(), more)
        };
        let groups =
            |count| vec![group(1, 9, None), group(2, 3, Some(1)), group(3, count, Some(0)), group(4, 2, Some(0))];
        let expected = |count: &str| {
            let first = format!("{count} items, worst: Low");
            let texts = [first.as_str(), "2 items, worst: Low", "3 items, worst: Late", "9 items"];
            (texts.map(str::to_owned).to_vec(), 0)
        };
        assert_eq!(said(groups(5)), expected("5"));
        assert_eq!(said(groups(50)), expected("50"));
        let (all, more) = said((0..50).map(|column| group(column, 2, None)).collect());
        assert_eq!((all.len(), more), (MOST, 10));
    }

    #[test]
    fn the_address_hears_of_what_is_not_the_config_s() {
        let heard = Rc::new(RefCell::new(Vec::new()));
        let of_choice = Rc::clone(&heard);
        let choice = Choice::new(Density::Clusters, Some(Density::Marks), &marks(), move |named| {
            of_choice.borrow_mut().push(named);
        });
        assert_eq!(choice.0.shown.get(), Density::Marks);
        choice.0.choose(Density::Hex);
        choice.0.choose(Density::Clusters);
        assert_eq!(*heard.borrow(), [Some(Density::Hex), None]);
        choice.set_named(Some(Density::Marks));
        choice.set_named(None);
        assert_eq!((choice.0.shown.get(), heard.borrow().len()), (Density::Clusters, 2));
    }
}
