//! What an embed's address asks for. Parameters have the names that the board's own pages have for the same settings; those it
//! does not know it ignores.

use heliograph_shared::embed::Widget;

use crate::browser::percent::parameter;

/// The version of the address that this program reads.
const VERSION: &str = "1";
/// Rows of a scoreboard or a table where the address says nothing.
const ROWS: u32 = 10;
/// Rows at most: an embed has no scrolling list.
pub const MOST_ROWS: u32 = 100;

/// A part of what is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The board's title, or that of the session.
    Title,
    /// Whether it is live.
    Status,
    /// The names of the columns.
    Head,
    /// The second line of a row.
    Groups,
}

impl Part {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Title, Self::Status, Self::Head, Self::Groups];

    /// The name in the address, and the class that leaves it out.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Status => "status",
            Self::Head => "head",
            Self::Groups => "groups",
        }
    }
}

/// An embed's settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// What is shown.
    pub widget: Widget,
    /// The board's name in addresses.
    pub board: String,
    /// Rows at most.
    pub top: u32,
    /// Only this group of the standings: `field:value`.
    pub group: Option<String>,
    /// A session's id, or `all`; the open or latest one when absent.
    pub session: Option<String>,
    /// The key that stands out.
    pub key: Option<String>,
    /// The zone of times, as IANA names it; the viewer's own when absent.
    pub tz: Option<String>,
    /// The parts around it.
    pub parts: Vec<Part>,
}

/// Why an address can't be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// It is of another version.
    Version(String),
    /// It asks for a widget that this program does not show.
    Widget(String),
}

impl Settings {
    /// Reads the path's segments and `location.search` for a program that shows these widgets.
    pub fn parse(path: &[String], search: &str, shown: &[Widget]) -> Result<Self, Unfit> {
        let version = parameter(search, "v").unwrap_or_else(|| VERSION.to_owned());
        if version != VERSION {
            return Err(Unfit::Version(version));
        }
        let named = parameter(search, "widget");
        let widget = Widget::named(named.as_deref()).filter(|widget| shown.contains(widget));
        let Some(widget) = widget else {
            return Err(Unfit::Widget(named.unwrap_or_else(|| Widget::default().name().to_owned())));
        };
        let top = parameter(search, "top").and_then(|top| top.parse().ok()).unwrap_or(ROWS);
        let is_overlay = parameter(search, "skin").as_deref() == Some("overlay");
        let parts = match parameter(search, "parts") {
            Some(named) => {
                let is_named = |part: &Part| named.split(',').any(|name| name == part.name());
                Part::ALL.into_iter().filter(is_named).collect()
            }
            None if is_overlay => Vec::new(),
            None => Part::ALL.to_vec(),
        };
        Ok(Self {
            widget,
            board: path.get(1).cloned().unwrap_or_default(),
            top: top.clamp(1, MOST_ROWS),
            group: parameter(search, "group").filter(|group| group.contains(':')),
            session: parameter(search, "session"),
            key: parameter(search, "key"),
            tz: parameter(search, "tz"),
            parts,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOWN: [Widget; 1] = [Widget::Scoreboard];

    fn parse(search: &str) -> Result<Settings, Unfit> {
        Settings::parse(&["embed".to_owned(), "icpc".to_owned()], search, &SHOWN)
    }

    #[test]
    fn settings_have_the_names_of_the_page_and_unknown_ones_are_ignored() {
        let settings =
            parse("?v=1&widget=scoreboard&top=5&group=country%3ADE&session=s1&key=team%207&tz=Asia/Tokyo&moon=1");
        let settings = settings.unwrap();
        assert_eq!((settings.board.as_str(), settings.top), ("icpc", 5));
        assert_eq!(settings.group.as_deref(), Some("country:DE"));
        assert_eq!((settings.session.as_deref(), settings.key.as_deref()), (Some("s1"), Some("team 7")));
        assert_eq!(settings.tz.as_deref(), Some("Asia/Tokyo"));
        assert_eq!(settings.parts, Part::ALL);
    }

    #[test]
    fn what_is_out_of_range_or_senseless_has_its_default() {
        let rows = |search: &str| parse(search).unwrap().top;
        assert_eq!(rows("?widget=scoreboard"), 10);
        assert_eq!(rows("?widget=scoreboard&top=many"), 10);
        assert_eq!(rows("?widget=scoreboard&top=0"), 1);
        assert_eq!(rows("?widget=scoreboard&top=5000"), 100);
        assert_eq!(parse("?widget=scoreboard&group=moon").unwrap().group, None);
    }

    #[test]
    fn an_overlay_shows_its_rows_and_the_parts_that_are_named() {
        let parts = |search: &str| parse(&format!("?widget=scoreboard&{search}")).unwrap().parts;
        assert_eq!(parts("skin=overlay"), []);
        assert_eq!(parts("skin=overlay&parts=head,title,moon"), [Part::Title, Part::Head]);
        assert_eq!(parts("parts=status"), [Part::Status]);
    }

    #[test]
    fn another_version_or_widget_is_not_half_shown() {
        assert_eq!(parse("?v=2&widget=scoreboard"), Err(Unfit::Version("2".into())));
        assert_eq!(parse("?widget=moon"), Err(Unfit::Widget("moon".into())));
        assert_eq!(parse("?widget=table"), Err(Unfit::Widget("table".into())));
        assert_eq!(parse(""), Err(Unfit::Widget("map".into())));
    }
}
