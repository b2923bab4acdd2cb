//! The choice of how many items are shown on a board's page, kept in step with the address.

use leptos::html::Div;
use leptos::prelude::*;

use super::Choice;
use crate::board::state::{MapState, Page};

/// The choice.
#[component]
pub fn DensityChoice(
    /// The board.
    page: Page,
) -> impl IntoView {
    let place = NodeRef::<Div>::new();
    let ui = page.ui;
    let (store, named) = (page.store(), ui.density.get_untracked());
    let choice = StoredValue::new_local(Choice::new(store.info.map.density, named, &store.marks, move |named| {
        let _ = ui.density.try_set(named);
    }));
    Effect::new(move |built: Option<bool>| {
        let Some(place) = place.get() else { return false };
        if built != Some(true) {
            choice.with_value(|choice| choice.build(&place));
        }
        true
    });
    Effect::new(move |_| {
        let is_ready = ui.map.with(|state| *state == MapState::Ready);
        if let (Some(map), true) = (page.map(), is_ready) {
            choice.with_value(|choice| choice.set_map(map));
        }
    });
    Effect::new(move |_| {
        let named = ui.density.get();
        choice.with_value(|choice| choice.set_named(named));
    });
    Effect::new(move |_| {
        let _ = (ui.data.get(), ui.camera.get(), ui.seconds.get());
        choice.with_value(Choice::write);
    });
    on_cleanup(move || {
        choice.with_value(Choice::close);
    });
    view! { <div class="density-choice" node_ref=place></div> }
}
