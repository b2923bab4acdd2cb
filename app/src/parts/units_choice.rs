//! The choice of units: an icon that is a list. It is kept in this browser, and another one loads the page anew.

use leptos::prelude::*;
use web_sys::Storage;

use super::icons::{Glyph, Icon};
use super::units::{Units, chosen, measure_in, units};
use crate::browser::percent::{parameter, with_parameter};
use crate::browser::storage;

const STORAGE_KEY: &str = "heliograph.units";
/// The address's parameter.
const PARAMETER: &str = "units";

/// Chooses the units, before anything is shown. A frame of another site has no storage.
pub fn begin(storage: Option<Storage>) {
    let search = web_sys::window().and_then(|window| window.location().search().ok()).unwrap_or_default();
    let kept = storage.and_then(|storage| storage.get_item(STORAGE_KEY).ok().flatten());
    measure_in(chosen(parameter(&search, PARAMETER).as_deref(), kept.as_deref()));
}

/// Keeps a choice and loads the page anew: numbers are everywhere.
fn choose(units: Units, storage: Option<Storage>) {
    let Some(window) = web_sys::window() else { return };
    if let Some(storage) = storage {
        // A forbidden storage only means that the choice is not remembered.
        let _ = storage.set_item(STORAGE_KEY, units.name());
    }
    let location = window.location();
    let search = location.search().unwrap_or_default();
    // Units in the address would win over the choice: let them follow.
    if parameter(&search, PARAMETER).is_some()
        && let (Ok(history), Ok(path)) = (window.history(), location.pathname())
    {
        let hash = location.hash().unwrap_or_default();
        let search = with_parameter(&search, PARAMETER, Some(units.name()));
        let state = history.state().unwrap_or_default();
        // Browsers refuse only when a page writes the address hundreds of times in some seconds.
        let _ = history.replace_state_with_url(&state, "", Some(&format!("{path}{search}{hash}")));
    }
    // It fails only for documents that are gone.
    let _ = location.reload();
}

/// The list of units.
#[component]
pub fn UnitsChoice() -> impl IntoView {
    let options = Units::ALL.into_iter().map(|known| {
        let told = match known {
            Units::Own => text!(parts.units.own),
            Units::Metric => text!(parts.units.metric),
            Units::Si => text!(parts.units.si),
            Units::Imperial => text!(parts.units.imperial),
            Units::Nautical => text!(parts.units.nautical),
        };
        view! { <option value=known.name() selected={known == units()}>{told}</option> }
    });
    let choice = move |event: leptos::ev::Targeted<leptos::ev::Event, web_sys::HtmlSelectElement>| {
        if let Some(known) = Units::named(&event.target().value()) {
            choose(known, storage::browser());
        }
    };
    view! {
        <span class="button icon-only language" title=text!(parts.units.label)>
            <Icon glyph=Glyph::Units />
            <select aria-label=text!(parts.units.label) data-testid="units" on:change:target=choice>{options.collect_view()}</select>
        </span>
    }
}
