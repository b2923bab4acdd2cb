//! What an embed shows.

/// A widget: the parameter `widget` of an embed's address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Widget {
    /// The map.
    #[default]
    Map,
    /// The standings.
    Scoreboard,
    /// Items as a table.
    Table,
    /// One number of one item.
    Value,
    /// A field over time.
    Chart,
    /// A map with a table beside it.
    Combined,
}

impl Widget {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Map, Self::Scoreboard, Self::Table, Self::Value, Self::Chart, Self::Combined];

    /// The name in addresses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Map => "map",
            Self::Scoreboard => "scoreboard",
            Self::Table => "table",
            Self::Value => "value",
            Self::Chart => "chart",
            Self::Combined => "combined",
        }
    }

    /// The widget that an address's query asks for: the map where it names none. Nothing for a name that is no widget.
    pub fn of_query(query: &str) -> Option<Self> {
        let named = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "widget");
        Self::named(named.as_ref().map(|(_, name)| &**name))
    }

    /// The widget of a name, or the map without one.
    pub fn named(name: Option<&str>) -> Option<Self> {
        name.map_or(Some(Self::default()), |name| Self::ALL.into_iter().find(|widget| widget.name() == name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_its_widget() {
        for widget in Widget::ALL {
            assert_eq!(Widget::of_query(&format!("v=1&widget={}&widget=moon", widget.name())), Some(widget));
        }
        assert_eq!(Widget::of_query("v=1&theme=dark"), Some(Widget::Map));
        assert_eq!(Widget::of_query("v=1&widget=moon"), None);
        assert_eq!(Widget::of_query("widget="), None);
    }
}
