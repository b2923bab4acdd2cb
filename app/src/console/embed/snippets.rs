//! What is pasted into another page, for what was chosen.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::browser::percent::encode;

/// What was chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// Which widget.
    pub widget: &'static str,
    /// `light` or `dark`; empty: as the viewer's system says.
    pub theme: &'static str,
    /// A language's code; empty: as the viewer's browser says.
    pub lang: &'static str,
    /// The name of units; empty: as the board says.
    pub units: &'static str,
    /// Rows at most; empty: as many as the widget shows by itself.
    pub top: String,
    /// An item's key.
    pub key: String,
    /// A field.
    pub field: String,
    /// Whether it is transparent.
    pub overlay: bool,
    /// Whether the board has a picture, as public ones have.
    pub has_picture: bool,
}

/// A text to paste.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snippet {
    /// For what.
    pub of: Of,
    /// The text.
    pub text: String,
}

/// What a text is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// HTML.
    Html,
    /// React.
    React,
    /// Vue.
    Vue,
    /// A plain frame.
    Iframe,
}

/// Text within an attribute in double quotes.
fn attribute(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The address of the frame.
pub fn address(origin: &str, board: &str, choice: &Choice) -> String {
    let has_field = matches!(choice.widget, "value" | "chart");
    let has_rows = matches!(choice.widget, "scoreboard" | "table" | "combined");
    let parameters = [
        ("theme", choice.theme),
        ("lang", choice.lang),
        ("units", if choice.widget == "scoreboard" { "" } else { choice.units }),
        ("top", if has_rows { choice.top.trim() } else { "" }),
        ("key", choice.key.trim()),
        ("field", if has_field { choice.field.trim() } else { "" }),
        ("skin", if choice.overlay { "overlay" } else { "" }),
    ];
    let said = parameters.into_iter().filter(|(_, value)| !value.is_empty());
    let said = said.fold(String::new(), |text, (name, value)| text + "&" + name + "=" + &encode(value));
    format!("{origin}/embed/{}?v=1&widget={}{said}", encode(board), choice.widget)
}

/// The texts with holes, lines each.
#[derive(Default, Deserialize)]
struct Templates {
    html: Vec<String>,
    react: Vec<String>,
    vue: Vec<String>,
    iframe: Vec<String>,
    /// What stands in the element until the board is there, and without a script.
    picture: Vec<String>,
    /// What a transparent frame adds to its style: browsers put paper behind one whose colour scheme is another.
    paper: Vec<String>,
    policy: Vec<String>,
}

// A test reads the table: it is as it should be.
static TABLE: LazyLock<Templates> =
    LazyLock::new(|| serde_json::from_str(include_str!("snippets.json")).unwrap_or_default());

/// The texts, for a board of this title.
pub fn snippets(origin: &str, board: &str, title: &str, choice: &Choice) -> Vec<Snippet> {
    let (src, label) = (attribute(&address(origin, board, choice)), attribute(title));
    let paper = if choice.overlay { TABLE.paper.join("") } else { String::new() };
    // It shows a map or a ranking.
    let is_shown = choice.has_picture && !choice.overlay && matches!(choice.widget, "map" | "combined" | "scoreboard");
    let picture = if is_shown { TABLE.picture.join("\n").replace("{board}", &encode(board)) } else { String::new() };
    // What was chosen comes last: it may have a hole's name in it.
    let fill = |lines: &[String]| {
        let text =
            lines.join("\n").replace("{picture}", &picture).replace("{origin}", origin).replace("{paper}", &paper);
        text.replace("{src}", &src).replace("{label}", &label)
    };
    let table = &*TABLE;
    let all = [(Of::Html, &table.html), (Of::React, &table.react), (Of::Vue, &table.vue), (Of::Iframe, &table.iframe)];
    all.map(|(of, lines)| Snippet { of, text: fill(lines) }).to_vec()
}

/// What a page's policy has to allow.
pub fn policy(origin: &str) -> String {
    TABLE.policy.join("").replace("{origin}", origin)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGIN: &str = "https://h.example";

    #[test]
    fn the_address_has_what_was_chosen_and_what_its_widget_knows() {
        let choice = Choice {
            widget: "scoreboard",
            theme: "dark",
            units: "imperial",
            top: " 5 ".into(),
            field: "fuel".into(),
            ..Choice::default()
        };
        assert_eq!(
            address(ORIGIN, "a b", &choice),
            "https://h.example/embed/a%20b?v=1&widget=scoreboard&theme=dark&top=5"
        );
        let value = Choice {
            widget: "value",
            top: "5".into(),
            key: "v&1".into(),
            field: "fuel".into(),
            lang: "ar",
            units: "si",
            overlay: true,
            ..Choice::default()
        };
        assert_eq!(
            address(ORIGIN, "fleet", &value),
            "https://h.example/embed/fleet?v=1&widget=value&lang=ar&units=si&key=v%261&field=fuel&skin=overlay"
        );
    }

    #[test]
    fn a_picture_stands_in_the_element_where_the_board_has_one_and_it_fits() {
        let html = |widget, has_picture, overlay| {
            let choice = Choice { widget, has_picture, overlay, ..Choice::default() };
            snippets(ORIGIN, "a b", "A \"b\"", &choice).remove(0).text
        };
        let image = r#"<img src="https://h.example/v1/boards/a%20b/preview.png" alt="A &quot;b&quot;" width="100%">"#;
        assert!(html("map", true, false).contains(&format!("\n  {image}\n</heliograph-board>")));
        for text in [html("map", false, false), html("value", true, false), html("scoreboard", true, true)] {
            assert!(!text.contains("<img"), "{text}");
        }
    }

    #[test]
    fn a_title_and_a_key_stay_within_their_attributes() {
        let choice = Choice { widget: "table", key: "\"><script>".into(), ..Choice::default() };
        let all = snippets(ORIGIN, "fleet", "A \"<b>\" & more", &choice);
        assert_eq!(all.len(), 4);
        assert_eq!(
            policy(ORIGIN),
            "script-src https://h.example; frame-src https://h.example; img-src https://h.example"
        );
        for Snippet { of, text } in all {
            assert!(text.contains("A &quot;&lt;b&gt;&quot; &amp; more"), "{of:?}: {text}");
            assert!(text.contains("key=%22%3E%3Cscript%3E"), "{of:?}: {text}");
            assert!(text.contains("widget=table&amp;key="), "{of:?}: {text}");
            for hole in ["{src}", "{label}", "{origin}", "{paper}", "{picture}", "{board}"] {
                assert!(!text.contains(hole), "{of:?} has {hole}");
            }
        }
    }
}
