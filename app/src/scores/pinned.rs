//! The pinned row with its neighbours, always in sight.

use leptos::html::Section;
use leptos::prelude::*;

use super::model::Model;
use super::rows;
use super::slot::{self, attribute};
use crate::parts::icons::{Glyph, Icon};

/// The pinned row; hidden when none is pinned.
#[component]
pub fn Pinned(
    /// The page.
    model: Model,
) -> impl IntoView {
    let place = NodeRef::<Section>::new();
    let position = StoredValue::new(None::<u32>);
    Effect::new(move |_| {
        let _ = model.drawn.get();
        let key = model.view.with(|view| view.key.clone());
        let shares = model.about.with(|about| about.as_ref().is_some_and(|about| about.shares_ranks));
        let Some(place) = place.get() else { return };
        place.set_hidden(key.is_none());
        let (Some(key), Ok(Some(list))) = (key, place.query_selector("ol")) else { return };
        let rows = model.with_scores(|scores| rows::around(scores, shares)).unwrap_or_default();
        position.set_value(rows.iter().find(|row| row.key == key).map(|row| row.position));
        list.set_text_content(None);
        for row in &rows {
            let is_own = row.key == key;
            let parts = [("rank", row.rank.clone()), ("who", row.name.clone()), ("values", row.values.join(" · "))];
            if let Some(line) = slot::line("li", if is_own { "own" } else { "" }, &parts) {
                attribute(&line, "aria-current", is_own.then_some("true"));
                // It can only fail for a list that is within its own line.
                let _ = list.append_child(&line);
            }
        }
        if rows.is_empty() {
            list.set_text_content(Some(&text!(scores.pinned.no_rank, key = key)));
        }
    });
    view! {
        <section class="pinned" aria-label=text!(scores.pinned.row) data-testid="pinned" node_ref=place hidden>
            <ol role="list"></ol>
            <div class="pinned-actions">
                <button class="button small" type="button" on:click=move |_| model.wanted.set(position.get_value())>
                    {text!(scores.pinned.show)}
                </button>
                <button class="button small icon-only" type="button" aria-label=text!(scores.pinned.unpin) title=text!(scores.pinned.unpin)
                    on:click=move |_| model.view.update(|view| view.key = None)>
                    <Icon glyph=Glyph::Close />
                </button>
            </div>
        </section>
    }
}
