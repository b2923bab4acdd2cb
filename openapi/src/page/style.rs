//! How the pages look: the app's palettes (app/style/base.css), one column on a phone.

/// The style sheet.
pub const STYLE: &str = include_str!("style.css");
