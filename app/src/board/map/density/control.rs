//! The choice of how many items are shown: a box that opens, with what the colours mean and the groups in view. Elements of the
//! browser, without a framework: a frame in another site has them as well.

use std::rc::Rc;

use heliograph_shared::density::Density;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement};

use super::Use;
use super::elements::{append, element, write};
use super::groups::Groups;
use super::words::ranges;
use crate::board::map::scene::bins::grid::Cell as GroupId;
use crate::board::map::scene::bins::scale::STEPS;
use crate::browser::dom::{self, Listener};

/// In a narrower map it is opened by who wants to know, in CSS pixels.
const ROOMY: i32 = 560;

/// The choice.
pub struct Control {
    details: HtmlElement,
    radios: Vec<(Density, HtmlInputElement)>,
    legend: HtmlElement,
    steps: Vec<HtmlElement>,
    /// The groups in view.
    pub groups: Groups,
    _listeners: Vec<Listener>,
}

fn called(density: Density) -> &'static str {
    match density {
        Density::Marks => text!(board.density.marks),
        Density::Clusters => text!(board.density.clusters),
        Density::Heat => text!(board.density.heat),
        Density::Hex => text!(board.density.hex),
    }
}

impl Control {
    /// Puts it at the end of `parent`. `choose` hears what is chosen, `use_group` what is done with a group's button, `turned`
    /// that it was opened or closed.
    pub fn build(
        parent: &Element,
        choose: impl Fn(Density) + Clone + 'static,
        use_group: impl Fn(GroupId, Use) + 'static,
        turned: impl Fn() + 'static,
    ) -> Option<Self> {
        let (details, title) = (element("details", "map-density")?, element("summary", "")?);
        details.set_attribute("data-testid", "density").ok()?;
        title.set_text_content(Some(text!(board.density.title)));
        let choices = element("div", "density-choices")?;
        choices.set_attribute("role", "radiogroup").ok()?;
        choices.set_attribute("aria-label", text!(board.density.title)).ok()?;
        let mut listeners = vec![Listener::new(&details, "toggle", move |_| turned())];
        let mut radios = Vec::new();
        for density in Density::ALL {
            let (label, input) = (element("label", "")?, element("input", "")?);
            let input: HtmlInputElement = input.unchecked_into();
            input.set_type("radio");
            input.set_name("density");
            input.set_value(density.name());
            let name = element("span", "meaning")?;
            name.set_text_content(Some(called(density)));
            append(&label, &[&input, &name])?;
            append(&choices, &[&label])?;
            let choose = choose.clone();
            listeners.push(Listener::new(&input, "change", move |_| choose(density)));
            radios.push((density, input));
        }
        let (legend, heading, list) = (element("div", "density-steps")?, element("p", "")?, element("ol", "")?);
        heading.set_text_content(Some(text!(board.density.by_colour)));
        let steps = (0..STEPS).map(|step| {
            let (row, swatch) = (element("li", "")?, element("span", &format!("step-swatch step-{step}"))?);
            swatch.set_attribute("aria-hidden", "true").ok()?;
            let text = element("span", "count")?;
            append(&row, &[&swatch, &text])?;
            append(&list, &[&row])?;
            Some(text)
        });
        let steps: Vec<HtmlElement> = steps.collect::<Option<_>>()?;
        append(&legend, &[&heading, &list])?;
        legend.set_hidden(true);
        append(&details, &[&title, &choices, &legend])?;
        let groups = Groups::build(&details, title, Rc::new(use_group))?;
        append(parent, &[&details])?;
        Some(Self { details, radios, legend, steps, groups, _listeners: listeners })
    }

    /// Whether somebody sees what is in it.
    pub fn is_open(&self) -> bool {
        self.details.has_attribute("open")
    }

    /// Shows what is chosen.
    pub fn choose(&self, density: Density) {
        for (own, radio) in &self.radios {
            radio.set_checked(*own == density);
        }
        if self.details.get_attribute("data-density").as_deref() == Some(density.name()) {
            return;
        }
        // An attribute of its own, and one that every such element has.
        let _ = self.details.set_attribute("data-density", density.name());
        if matches!(density, Density::Heat | Density::Hex) && self.has_room() {
            // Colours without their legend say nothing.
            let _ = self.details.set_attribute("open", "");
        }
    }

    fn has_room(&self) -> bool {
        let map = self.details.closest(".map").ok().flatten();
        map.is_some_and(|map| map.client_width() >= ROOMY) && !dom::has_sheet() && !dom::is_low()
    }

    /// Writes the counts of each step; without them there is no legend.
    pub fn write_steps(&self, floors: Option<[u32; STEPS]>) {
        self.legend.set_hidden(floors.is_none());
        for (step, range) in self.steps.iter().zip(floors.iter().flat_map(|floors| ranges(floors))) {
            write(step, &range);
        }
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        self.details.remove();
    }
}
