//! What the marks mean, over the map: the board's rules with their looks, and how many items each is about. A line that is
//! pressed has the map, the list and the table show its items.

use leptos::prelude::*;

use crate::board::items::lines::toggled;
use crate::board::state::Page;
use crate::browser::dom;
use crate::texts::whole;

/// The legend; nothing where the board has no rules.
#[component]
pub fn Legend(
    /// The board.
    page: Page,
) -> impl IntoView {
    let lines = page.store().marks.legend();
    let counts = Memo::new(move |_| {
        let _ = page.ui.data.get();
        page.store().scene.borrow().counts()
    });
    let count = move |n: usize| counts.with(|counts| counts.get(n).copied().unwrap_or_default());
    let (marks, total) = (page.ui.marks, lines.len());
    let is_chosen = move |n: usize| marks.with(|lines| lines.contains(&n));
    // A phone's map has little room: there it is opened by who wants to know.
    let is_open = !(dom::has_sheet() || dom::is_low());
    (!lines.is_empty()).then(|| {
        view! {
            <details class="mark-legend" open=is_open data-testid="legend">
                <summary>{text!(board.legend.title)}</summary>
                <ul>
                    {lines.into_iter().enumerate().map(|(n, line)| view! {
                        <li data-empty=move || (count(n) == 0).then_some("")>
                            <button type="button" title=text!(board.legend.only) aria-pressed=move || if is_chosen(n) { "true" } else { "false" }
                                on:click=move |_| marks.update(|lines| *lines = toggled(lines, n, total))>
                                <span class=line.class aria-hidden="true"></span>
                                <span class="meaning">{line.label}</span>
                                <span class="count">{move || whole(count(n) as u64)}</span>
                            </button>
                        </li>
                    }).collect_view()}
                </ul>
            </details>
        }
    })
}
