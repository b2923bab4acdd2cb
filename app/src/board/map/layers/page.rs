//! The layers on a board's page: loaded with what the viewer has, and kept in step with the address.

use leptos::html::Div;
use leptos::prelude::*;

use super::{Layers, Why};
use crate::board::state::{MapState, Page};
use crate::client::boards;
use crate::client::credential;
use crate::client::http::{Failure, Kind};

/// The switches; nothing where the board has no layers.
#[component]
pub fn LayerSwitches(
    /// The board.
    page: Page,
) -> impl IntoView {
    let place = NodeRef::<Div>::new();
    let ui = page.ui;
    let layers = StoredValue::new_local(of(page));
    Effect::new(move |built: Option<bool>| {
        let Some(place) = place.get() else { return false };
        if built != Some(true) {
            layers.with_value(|layers| layers.build(&place));
        }
        true
    });
    Effect::new(move |_| {
        let is_ready = ui.map.with(|state| *state == MapState::Ready);
        if let (Some(map), true) = (page.map(), is_ready) {
            layers.with_value(|layers| layers.set_map(map));
        }
    });
    Effect::new(move |_| {
        ui.layers.with(|named| layers.with_value(|layers| layers.set_named(named.as_deref())));
    });
    on_cleanup(move || {
        layers.with_value(Layers::close);
    });
    view! { <div class="layer-switches" node_ref=place></div> }
}

fn of(page: Page) -> Layers {
    let store = page.store();
    let board = store.board.clone();
    let named = page.ui.layers.get_untracked();
    let ask = move |path: &str| -> super::Asked {
        let (board, path) = (board.clone(), path.to_owned());
        Box::pin(async move {
            let credential = credential::get(&board);
            boards::ask_text(&board, &path, credential.as_deref()).await.map_err(why)
        })
    };
    Layers::new(store.info.map.layers.clone(), named.as_deref(), ask, move |named| {
        let _ = page.ui.layers.try_set(named);
    })
}

fn why(failure: Failure) -> Why {
    if failure.kind() == Kind::NotFound { Why::Missing } else { Why::Failed(failure.sentence()) }
}
