//! The table under the charts: what they show, newest first, a hundred rows a page.

use std::sync::Arc;

use leptos::prelude::*;

use super::traces::Results;
use crate::chart::frame::moment;
use crate::chart::words;
use crate::parts::icons::{Glyph, Icon};

const PER_PAGE: usize = 100;

/// The table.
#[component]
pub fn ResultsTable(
    /// What there is.
    results: Memo<Arc<Results>>,
) -> impl IntoView {
    let at = RwSignal::new(0_usize);
    let total = Memo::new(move |_| results.with(|results| results.shown_rows().count()));
    let pages = Memo::new(move |_| total.get().div_ceil(PER_PAGE).max(1));
    Effect::new(move |_| {
        if at.get() >= pages.get() {
            at.set(0);
        }
    });
    let heads = Memo::new(move |_| results.with(|results| results.columns.clone()));
    let has_measures =
        move || heads.with(|heads| heads.first().is_some_and(|first| heads.iter().any(|h| h.measure != first.measure)));
    let caption = move || {
        let measure = heads.with(|heads| heads.first().map(|head| head.measure.clone()).unwrap_or_default());
        let what = if has_measures() { text!(words.all_fields).to_owned() } else { measure };
        counted!(total.get(), explore.table.caption, what = what)
    };
    let rows = move || {
        results.with(|results| {
            let shown: Vec<usize> = results.shown_rows().rev().skip(at.get() * PER_PAGE).take(PER_PAGE).collect();
            let rows = shown.into_iter().map(|row| {
                let time = results.rows.times.get(row).copied().unwrap_or_default();
                let cells = results.rows.lines.iter().map(|line| {
                    let value = line.get(row).and_then(|spot| spot.value());
                    view! { <td>{value.map_or_else(|| "–".to_owned(), words::value)}</td> }
                });
                view! { <tr><th scope="row">{moment(time)}</th>{cells.collect_view()}</tr> }
            });
            rows.collect_view()
        })
    };
    let is_last = move || at.get() + 1 >= pages.get();
    view! {
        <div class="table-scroll" tabindex="0" role="region" aria-label=text!(explore.table.label)>
            <table data-testid="values">
                <caption class="sr-only">{caption}</caption>
                <thead>
                    <tr>
                        <th scope="col">{text!(words.from_time)}</th>
                        {move || heads.get().into_iter().map(|head| {
                            let measure = has_measures().then(|| view! { <small>{head.measure.clone()}</small> });
                            view! { <th scope="col">{head.group.clone()}" "{measure}</th> }
                        }).collect_view()}
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <nav class="pager" aria-label=text!(explore.table.pages) hidden=move || pages.get() == 1>
            <button class="button icon-only" type="button" aria-label=text!(explore.table.newer)
                disabled=move || at.get() == 0 on:click=move |_| at.update(|at| *at = at.saturating_sub(1))>
                <Icon glyph=Glyph::Previous />
            </button>
            <span>{move || text!(explore.table.page_of, page = at.get() + 1, pages = pages.get())}</span>
            <button class="button icon-only" type="button" aria-label=text!(explore.table.older)
                disabled=is_last on:click=move |_| at.update(|at| *at += 1)>
                <Icon glyph=Glyph::Next />
            </button>
        </nav>
    }
}
