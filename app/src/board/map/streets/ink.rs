//! The colours of streets, by day and by night: quiet enough that items stand out.

/// Colours as MapLibre takes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ink {
    /// Woods, parks and meadows.
    pub green: &'static str,
    /// Houses.
    pub building: &'static str,
    /// At both sides of a street.
    pub casing: &'static str,
    /// Streets.
    pub road: &'static str,
    /// Motorways.
    pub highway: &'static str,
    /// Railways.
    pub rail: &'static str,
    /// Names of streets.
    pub street_name: &'static str,
    /// Names of places.
    pub place_name: &'static str,
}

/// By day.
pub const LIGHT: Ink = Ink {
    green: "#e2ead6",
    building: "#e9e4d9",
    casing: "#d3ccbd",
    road: "#ffffff",
    highway: "#fbe3b4",
    rail: "#b9b2a4",
    street_name: "#5a5e66",
    place_name: "#3d424a",
};

/// By night.
pub const DARK: Ink = Ink {
    green: "#1a2c2c",
    building: "#1e2c39",
    casing: "#111b25",
    road: "#33465a",
    highway: "#55562f",
    rail: "#45586b",
    street_name: "#a3b3c2",
    place_name: "#c2cedb",
};

/// The colours of a theme.
pub const fn ink(is_dark: bool) -> &'static Ink {
    if is_dark { &DARK } else { &LIGHT }
}
