//! What sites that turn a pasted address into a frame ask for and get: oEmbed 1.0, type `rich` (<https://oembed.com>, 2.3).

use crate::config::{BoardConfig, Visibility};
use crate::embed::Widget;
use crate::home::Home;
use crate::html::escaped;
use crate::id::BoardName;
use crate::preview;
use serde::{Deserialize, Serialize};
use url::Url;

/// Pixels of a frame where nobody asks for fewer.
const SIZE: (u32, u32) = (640, 420);
/// A frame is not smaller, whatever is asked for.
const LEAST: u32 = 120;
/// How long an answer may be kept, in seconds.
const CACHE_AGE_S: u32 = 300;

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OEmbed {
    /// `rich`: a frame.
    #[serde(rename = "type")]
    pub kind: String,
    /// `1.0`.
    pub version: String,
    /// The board's title.
    pub title: String,
    /// `Heliograph`.
    pub provider_name: String,
    /// The address of this server.
    pub provider_url: String,
    /// The frame, to be put into a page as it is.
    pub html: String,
    /// Its width in pixels.
    pub width: u32,
    /// Its height in pixels.
    pub height: u32,
    /// How long this may be kept, in seconds.
    pub cache_age: u32,
    /// A picture of the board.
    pub thumbnail_url: String,
    /// Its width in pixels.
    pub thumbnail_width: u32,
    /// Its height in pixels.
    pub thumbnail_height: u32,
}

/// A page of a board that an address names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Which board.
    pub board: BoardName,
    /// Which widget shows the same in a frame; where the address does not say, what the board is for decides.
    widget: Option<Widget>,
    /// The query of an address of an embed.
    query: Option<String>,
}

/// Reads the address of a page of this server: a board's own one, or one of an embed. Nothing for any other address.
pub fn shown(origin: &str, address: &str) -> Option<Shown> {
    let url = Url::parse(address).ok()?;
    if url.origin().ascii_serialization() != origin {
        return None;
    }
    let segments: Vec<&str> = url.path_segments()?.filter(|segment| !segment.is_empty()).collect();
    let (board, widget, query) = match segments.as_slice() {
        ["b", board] => (board, None, None),
        ["b", board, "map"] => (board, Some(Widget::Map), None),
        ["b", board, "scores" | "contest"] => (board, Some(Widget::Scoreboard), None),
        ["embed", board] => (board, None, Some(url.query().unwrap_or_default().to_owned())),
        _ => return None,
    };
    let board = percent_encoding::percent_decode_str(board).decode_utf8().ok()?;
    Some(Shown { board: BoardName::try_from(&*board).ok()?, widget, query })
}

/// Whether a board may be told of to anybody who asks, and be shown in some frame.
pub fn is_offered(config: &BoardConfig) -> bool {
    config.visibility == Visibility::Public && config.embed.as_ref().is_some_and(|embed| !embed.sites.is_empty())
}

impl Shown {
    /// The address of the frame that shows it.
    fn frame(&self, origin: &str, config: &BoardConfig) -> String {
        let board = self.board.as_str();
        match &self.query {
            Some(query) if !query.is_empty() => format!("{origin}/embed/{board}?{query}"),
            _ => {
                let by_home = match config.home {
                    Some(Home::Scores) => Widget::Scoreboard,
                    _ => Widget::Map,
                };
                format!("{origin}/embed/{board}?v=1&widget={}", self.widget.unwrap_or(by_home).name())
            }
        }
    }

    /// The answer, in a frame of at most so many pixels.
    pub fn answer(&self, origin: &str, config: &BoardConfig, most: (Option<u32>, Option<u32>)) -> OEmbed {
        let (width, height) = (SIZE.0.min(most.0.unwrap_or(SIZE.0)), SIZE.1.min(most.1.unwrap_or(SIZE.1)));
        let (width, height) = (width.max(LEAST), height.max(LEAST));
        let (src, title) = (escaped(&self.frame(origin, config)), escaped(&config.title));
        let html = format!(
            "<iframe src=\"{src}\" title=\"{title}\" width=\"{width}\" height=\"{height}\" loading=\"lazy\" \
             referrerpolicy=\"no-referrer\" style=\"border:0;max-width:100%\"></iframe>"
        );
        OEmbed {
            kind: "rich".to_owned(),
            version: "1.0".to_owned(),
            title: config.title.clone(),
            provider_name: "Heliograph".to_owned(),
            provider_url: origin.to_owned(),
            html,
            width,
            height,
            cache_age: CACHE_AGE_S,
            thumbnail_url: format!("{origin}/v1/boards/{}/preview.png", self.board),
            thumbnail_width: preview::WIDTH,
            thumbnail_height: preview::HEIGHT,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGIN: &str = "https://h.example";

    fn config(json: &str) -> BoardConfig {
        serde_json::from_str(json).unwrap()
    }

    fn frame(address: &str, json: &str) -> Option<String> {
        Some(shown(ORIGIN, address)?.frame(ORIGIN, &config(json)))
    }

    #[test]
    fn a_page_of_a_board_is_the_frame_that_shows_the_same() {
        let fleet = r#"{"title":"Fleet"}"#;
        let cup = r#"{"title":"Cup","home":"scores"}"#;
        let at = |path: &str, json| frame(&format!("{ORIGIN}{path}"), json);
        assert_eq!(at("/b/fleet", fleet).unwrap(), "https://h.example/embed/fleet?v=1&widget=map");
        assert_eq!(
            at("/b/fleet/?item=bus-1#12/1/1", cup).unwrap(),
            "https://h.example/embed/fleet?v=1&widget=scoreboard"
        );
        assert_eq!(at("/b/cup/scores", fleet).unwrap(), "https://h.example/embed/cup?v=1&widget=scoreboard");
        assert_eq!(
            at("/embed/cup?v=1&widget=table&q=a%22b", fleet).unwrap(),
            "https://h.example/embed/cup?v=1&widget=table&q=a%22b"
        );
    }

    #[test]
    fn other_addresses_are_none() {
        for address in [
            "https://evil.example/b/fleet",
            "http://h.example/b/fleet",
            "https://h.example:8443/b/fleet",
            "https://h.example@evil.example/b/fleet",
            "https://h.example/",
            "https://h.example/b/fleet/manage",
            "https://h.example/b/Not a name!",
            "javascript:alert(1)",
            "b/fleet",
            "",
        ] {
            assert_eq!(shown(ORIGIN, address), None, "{address}");
        }
    }

    #[test]
    fn only_public_boards_with_sites_are_offered() {
        let offered = |json: &str| is_offered(&config(json));
        assert!(offered(r#"{"visibility":"public","embed":{"sites":["https://a.example"]}}"#));
        assert!(!offered(r#"{"visibility":"private","embed":{"sites":["https://a.example"]}}"#));
        assert!(!offered(r#"{"visibility":"public","embed":{"sites":[]}}"#));
        assert!(!offered(r#"{"visibility":"public"}"#));
    }

    #[test]
    fn a_frame_is_as_large_as_asked_for_at_most_and_a_title_is_text() {
        let config = config(r#"{"title":"<b>\"A\" & 'B'</b>"}"#);
        let shown = shown(ORIGIN, "https://h.example/b/a").unwrap();
        let answer = shown.answer(ORIGIN, &config, (Some(300), Some(5_000)));
        assert_eq!((answer.width, answer.height), (300, 420));
        assert!(
            answer.html.contains("title=\"&lt;b&gt;&quot;A&quot; &amp; &#39;B&#39;&lt;/b&gt;\""),
            "{}",
            answer.html
        );
        assert!(answer.html.contains("?v=1&amp;widget=map\""));
        assert_eq!(shown.answer(ORIGIN, &config, (Some(1), None)).width, 120);
    }
}
