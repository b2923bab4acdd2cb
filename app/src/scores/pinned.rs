//! The pinned row with its neighbours, always in sight.

use leptos::prelude::*;

use super::model::Model;
use super::rows::{self, RowView};
use crate::icons::{Glyph, Icon};

/// The pinned row; nothing when none is pinned.
#[component]
pub fn Pinned(
    /// The page.
    model: Model,
) -> impl IntoView {
    let key = Memo::new(move |_| model.view.with(|view| view.key.clone()));
    let rows = Memo::new(move |_| {
        let _ = (model.drawn.get(), key.get());
        let shares = model.about.with(|about| about.as_ref().is_some_and(|about| about.shares_ranks));
        model.with_scores(|scores| rows::around(scores, shares)).unwrap_or_default()
    });
    let show = move |_| {
        let own = key.get_untracked();
        model.wanted.set(
            rows.with_untracked(|rows| rows.iter().find(|row| Some(&row.key) == own.as_ref()).map(|row| row.position)),
        );
    };
    move || {
        key.get().map(|own| {
            let shown = own.clone();
            view! {
                <section class="pinned" aria-label="Pinned row" data-testid="pinned">
                    {move || {
                        let rows = rows.get();
                        if rows.is_empty() {
                            return view! { <p class="quiet-text">{format!("{shown} has no rank here yet.")}</p> }.into_any();
                        }
                        let own = own.clone();
                        view! {
                            <ol role="list">
                                {rows.into_iter().map(|row| { let is_own = row.key == own; view! { <Neighbour row=row is_own=is_own /> } }).collect_view()}
                            </ol>
                        }.into_any()
                    }}
                    <div class="pinned-actions">
                        <button class="button small" type="button" on:click=show>"Show in the list"</button>
                        <button class="button small icon-only" type="button" aria-label="Unpin" title="Unpin"
                            on:click=move |_| model.view.update(|view| view.key = None)>
                            <Icon glyph=Glyph::Close />
                        </button>
                    </div>
                </section>
            }
        })
    }
}

#[component]
fn Neighbour(row: RowView, is_own: bool) -> impl IntoView {
    view! {
        <li class:own=is_own aria-current=is_own.then_some("true")>
            <span class="rank"><span class="sr-only">"Rank "</span>{row.rank}</span>
            <span class="who">{row.name}</span>
            <span class="values">{row.values.join(" · ")}</span>
        </li>
    }
}
