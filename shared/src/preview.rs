//! A board as a picture, for sites that show a card for a pasted address (Open Graph, <https://ogp.me>): its title, how much there is
//! of it, and its items on a map or the top of its ranking. Written as SVG; another script makes a PNG of it.
//!
//! The picture is 1200 by 630 pixels, which sites cut least from. The font has Latin, Greek and Cyrillic letters: a text with
//! others is left out, since the card says it as text too.

mod map;
mod ranking;

use crate::api::scores::ScoresPage;
use crate::position::Position;
use crate::time::Millis;
use std::fmt::Write as _;

/// Pixels across.
pub const WIDTH: u32 = 1200;
/// Pixels down.
pub const HEIGHT: u32 = 630;
/// The family of the font that the picture is written in.
pub const FONT: &str = "Ubuntu";

/// Where what is shown begins, from the left and the right.
const MARGIN: f64 = 56.0;
/// Where the panel below the title begins and ends.
const PANEL: (f64, f64) = (196.0, 556.0);

/// What a picture shows.
#[derive(Debug)]
pub struct Preview<'p> {
    /// The board's title.
    pub title: &'p str,
    /// What it is about; may be empty.
    pub description: &'p str,
    /// How many items it has, where that is known.
    pub items: Option<u32>,
    /// As of when.
    pub at: Millis,
    /// The panel.
    pub panel: Panel<'p>,
}

/// What stands below the title.
#[derive(Debug)]
pub enum Panel<'p> {
    /// Where items are.
    Map(&'p [Position]),
    /// Who is ahead.
    Ranking(&'p ScoresPage),
}

impl Preview<'_> {
    /// The picture.
    pub fn svg(&self) -> String {
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{HEIGHT}\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
             font-family=\"{FONT}\"><rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#eef2f5\"/>\
             <rect width=\"{WIDTH}\" height=\"8\" fill=\"#0a5cba\"/>"
        );
        let right = f64::from(WIDTH) - MARGIN;
        text(&mut svg, self.title, Place { x: MARGIN, y: 104.0, size: 60.0, width: right - MARGIN, ..Place::DARK });
        let below = Place { x: MARGIN, y: 158.0, size: 30.0, width: right - MARGIN, fill: "#4f5d69", ..Place::DARK };
        text(&mut svg, self.description, below);
        match self.panel {
            Panel::Map(positions) => map::draw(&mut svg, positions),
            Panel::Ranking(page) => ranking::draw(&mut svg, page),
        }
        let foot = Place { y: 602.0, size: 28.0, width: 720.0, ..Place::DARK };
        text(&mut svg, "Heliograph", Place { x: MARGIN, fill: "#0a5cba", ..foot });
        let said = match self.items {
            Some(1) => format!("1 item · {}", minute(self.at)),
            Some(items) => format!("{items} items · {}", minute(self.at)),
            None => minute(self.at),
        };
        text(&mut svg, &said, Place { x: right, fill: "#4f5d69", anchor: Anchor::End, ..foot });
        svg.push_str("</svg>");
        svg
    }
}

/// A time to the minute, as pictures say it.
fn minute(at: Millis) -> String {
    let text = at.to_rfc3339();
    let (day, rest) = text.split_once('T').unwrap_or((&text, ""));
    format!("{day} {} UTC", rest.get(..5).unwrap_or_default())
}

/// Which end of a text is at its place.
#[derive(Clone, Copy)]
enum Anchor {
    Start,
    End,
}

/// Where and how a text stands. Lengths are pixels.
#[derive(Clone, Copy)]
struct Place {
    x: f64,
    /// The line that letters stand on.
    y: f64,
    size: f64,
    /// A longer text is cut.
    width: f64,
    fill: &'static str,
    anchor: Anchor,
}

impl Place {
    const DARK: Self = Self { x: 0.0, y: 0.0, size: 0.0, width: 0.0, fill: "#14202b", anchor: Anchor::Start };
}

/// Whether the font has the letter.
fn is_drawn(letter: char) -> bool {
    matches!(letter, ' '..='~' | '\u{a0}'..='\u{17f}' | '\u{386}'..='\u{3ce}' | '\u{400}'..='\u{45f}' | '–' | '—' | '‘' | '’' | '“' | '”' | '•' | '…' | '€')
}

/// How many letters of this size fit, taken as a wide letter each: a cut text never leaves its place.
fn fits(width: f64, size: f64) -> usize {
    (width / (size * 0.56)) as usize
}

/// Writes a text, cut where it is too long; nothing where the font lacks a letter.
fn text(svg: &mut String, text: &str, place: Place) {
    let Place { x, y, size, width, fill, anchor } = place;
    let text = text.trim();
    if text.is_empty() || !text.chars().all(is_drawn) {
        return;
    }
    let most = fits(width, size);
    let cut: String = if text.chars().count() > most {
        text.chars().take(most.saturating_sub(1)).collect::<String>().trim_end().to_owned() + "…"
    } else {
        text.to_owned()
    };
    let anchor = match anchor {
        Anchor::Start => "start",
        Anchor::End => "end",
    };
    let cut = crate::html::escaped(&cut);
    // Writing to a string can't fail.
    let _ = write!(
        svg,
        "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\" fill=\"{fill}\" text-anchor=\"{anchor}\">{cut}</text>"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn preview(title: &str, items: Option<u32>) -> String {
        let at = Millis(1_772_366_461_000);
        Preview { title, description: "Buses of the north", items, at, panel: Panel::Map(&[]) }.svg()
    }

    #[test]
    fn it_says_title_description_count_and_time() {
        let svg = preview("Fleet", Some(42));
        for part in
            [">Fleet</text>", ">Buses of the north</text>", ">42 items · 2026-03-01 12:01 UTC</text>", ">Heliograph<"]
        {
            assert!(svg.contains(part), "{part} in {svg}");
        }
        assert!(preview("Fleet", Some(1)).contains(">1 item · "));
        assert!(preview("Fleet", None).contains(">2026-03-01 12:01 UTC</text>"));
    }

    #[test]
    fn what_people_write_is_text_and_what_is_too_long_is_cut() {
        let svg = preview("<script>&\"x\"</script>", None);
        assert!(!svg.contains("<script") && svg.contains("&lt;script&gt;&amp;"));
        let svg = preview(&"M".repeat(300), None);
        assert!(svg.contains("M…</text>") && !svg.contains(&"M".repeat(40)));
    }

    #[test]
    fn a_text_that_the_font_can_not_write_is_left_out() {
        assert!(preview("Флот Ωmega Łódź", None).contains("Флот Ωmega Łódź"));
        let svg = preview("船隊", None);
        assert!(!svg.contains('船') && svg.contains("Buses of the north"));
        assert!(!preview("a\u{0}b", None).contains('\u{0}'));
    }
}
