//! One board in the list: what it is, whether it lives, and a small picture of it.

use heliograph_shared::config::Visibility;
use heliograph_shared::home::Home;
use heliograph_shared::time::Millis;
use leptos::prelude::*;

use super::thumbnail::Thumbnail;
use crate::client::boards::BoardRow;
use crate::parts::format;
use crate::parts::icons::{Glyph, Icon};

/// The first words of a description: a card has room for a line or two.
const WHAT_CHARS: usize = 140;

/// A card. Its title leads to what the board is for; so does a click anywhere on it.
#[component]
pub fn BoardCard(
    /// The board.
    board: BoardRow,
    /// The server's time when it said so.
    now: Millis,
    /// Whether the server can't be asked at the moment.
    is_old: bool,
) -> impl IntoView {
    let is_public = board.visibility == Visibility::Public;
    let name = board.board.as_str().to_owned();
    let title = if board.title.is_empty() { name.clone() } else { board.title.clone() };
    let age = board.newest.map(|at| now.since(at));
    let live_ms = i64::from(board.stale_after_s) * 1000;
    let activity = match age {
        Some(age) if age < live_ms && !is_old => Some(("live", text!(boards.page.live).to_owned())),
        Some(age) => Some(("quiet", text!(boards.page.last_event, ago = format::age_sentence(age)))),
        None if board.items == Some(0) => Some(("quiet", text!(boards.page.no_events).to_owned())),
        None => None,
    };
    // "No events yet" says it.
    let items = board.items.filter(|items| *items > 0).map(|items| counted!(items, words.items));
    let scores = (board.scores && board.home != Home::Scores)
        .then(|| (Home::Scores.path(&name), text!(boards.page.scoreboard_of, title = &title)));
    let what = shortened(&board.description);
    let address = board.home.path(&name);
    view! {
        <li class="board-card">
            <Thumbnail board=board />
            <div class="card-body">
                <span class="card-top">
                    <span class="overline">{name}</span>
                    {(!is_public).then(|| view! { <span class="chip"><Icon glyph=Glyph::Lock />{text!(boards.page.private)}</span> })}
                </span>
                // Most are other documents with other programs: the router stays out of it.
                <h3 class="card-name"><a class="card-link" href=address rel="external">{title}</a></h3>
                <p class="card-text">{what}</p>
                <p class="card-facts">
                    {activity.map(|(class, text)| view! { <span class=format!("pulse {class}")>{text}</span> })}
                    {items.map(|text| view! { <span>{text}</span> })}
                    {scores.map(|(address, label)| view! {
                        <a class="button small card-scores" href=address rel="external" aria-label=label>{text!(words.scoreboard)}</a>
                    })}
                </p>
            </div>
        </li>
    }
}

/// The beginning of a description, up to a word's end.
fn shortened(text: &str) -> String {
    let Some((end, _)) = text.char_indices().nth(WHAT_CHARS) else { return text.to_owned() };
    let kept = &text[..end];
    let word_end = kept.rfind(' ').unwrap_or(end);
    format!("{}…", kept[..word_end].trim_end_matches([',', ';', ':', '.', ' ']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_description_ends_after_a_word() {
        assert_eq!(shortened("Buses of the north"), "Buses of the north");
        let long = shortened(&"Größe, ".repeat(60));
        assert!(long.ends_with("Größe…") && long.chars().count() <= WHAT_CHARS + 1, "{long}");
        assert_eq!(shortened(&"x".repeat(300)).chars().count(), WHAT_CHARS + 1);
    }
}
