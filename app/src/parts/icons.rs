//! The icons: lines on a 24-pixel grid, in the text's colour.

use leptos::prelude::*;

/// Which icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glyph {
    /// Pulse.
    Live,
    /// Two arrows.
    Sync,
    /// Clock.
    Clock,
    /// A crossed-out cloud.
    Offline,
    /// A stop sign.
    Stop,
    /// Magnifying glass.
    Search,
    /// Cross.
    Close,
    /// Plus.
    Plus,
    /// Minus.
    Minus,
    /// Four corners.
    Fit,
    /// Crosshair.
    Follow,
    /// Compass needle.
    North,
    /// Half moon and sun.
    Theme,
    /// Sun.
    Sun,
    /// Moon.
    Moon,
    /// Question mark.
    Help,
    /// Chain link.
    Link,
    /// Padlock.
    Lock,
    /// Globe.
    Globe,
    /// Two letters of two scripts.
    Language,
    /// A ruler.
    Units,
    /// Chevron.
    Next,
    /// Chevron.
    Previous,
    /// Circle with an i.
    Info,
    /// Triangle with a mark.
    Warning,
    /// Arrow.
    Up,
    /// Arrow.
    Down,
    /// Three steps.
    Podium,
    /// A large and a small letter.
    Names,
    /// A pin.
    Here,
    /// A clock that is turned back.
    Past,
    /// Triangle.
    Play,
    /// Two bars.
    Pause,
    /// Triangle to a bar.
    StepOn,
    /// Triangle to a bar.
    StepBack,
}

impl Glyph {
    const fn path(self) -> &'static str {
        match self {
            Self::Live => "M3 12h4l3-8 4 16 3-8h4",
            Self::Sync => "M20 11a8 8 0 0 0-14.9-3M4 4v4h4M4 13a8 8 0 0 0 14.9 3M20 20v-4h-4",
            Self::Clock => "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 7v5l3 2",
            Self::Offline => "M3 3l18 18M8.5 6.6A6 6 0 0 1 17.7 10 4 4 0 0 1 20.6 16.4M16 19H7a5 5 0 0 1-1.6-9.7",
            Self::Stop => "M8 3h8l5 5v8l-5 5H8l-5-5V8ZM9 9l6 6M15 9l-6 6",
            Self::Search => "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM16 16l5 5",
            Self::Close => "M5 5l14 14M19 5 5 19",
            Self::Plus => "M12 5v14M5 12h14",
            Self::Minus => "M5 12h14",
            Self::Fit => "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
            Self::Follow => "M12 18a6 6 0 1 0 0-12 6 6 0 0 0 0 12ZM12 2v5M12 17v5M2 12h5M17 12h5",
            Self::North => "M12 3l5 17-5-4-5 4Z",
            Self::Theme => "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 3v18M12 8l6-2M12 13h9M12 18l6 0",
            Self::Sun => {
                "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M19 5l-2 2M7 17l-2 2"
            }
            Self::Moon => "M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5Z",
            Self::Help => {
                "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM9.5 9.5a2.5 2.5 0 1 1 3.5 2.3c-.7.3-1 .9-1 1.7M12 17v.01"
            }
            Self::Link => "M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1",
            Self::Lock => "M6 11h12v9H6ZM8 11V8a4 4 0 0 1 8 0v3",
            Self::Units => "M3 8h18v8H3zM7 8v3M11 8v5M15 8v3M19 8v5",
            Self::Language => "M3 5h11M8.5 3v2M5 5c1 4 4 7 8 9M12 5c-1 4-4 7-9 10M12 21l5-11 5 11M14 17h6",
            Self::Globe => {
                "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM3 12h18M12 3c3 3 3.5 6 3.5 9s-.5 6-3.5 9c-3-3-3.5-6-3.5-9S9 6 12 3"
            }
            Self::Next => "M9 5l7 7-7 7",
            Self::Previous => "M15 5l-7 7 7 7",
            Self::Info => "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 11v6M12 7.5v.01",
            Self::Warning => "M12 4 2.5 20h19ZM12 10v5M12 17.5v.01",
            Self::Up => "M12 19V5M6 11l6-6 6 6",
            Self::Down => "M12 5v14M6 13l6 6 6-6",
            Self::Names => "M2 18 7 6l5 12M4 14h6M22 12v6M22 15a3 3 0 1 1-6 0 3 3 0 0 1 6 0Z",
            Self::Here => "M12 21c4-4.6 6-8 6-11a6 6 0 0 0-12 0c0 3 2 6.4 6 11ZM12 12a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z",
            Self::Past => "M3 12a9 9 0 1 0 3-6.7L3 8M3 3v5h5M12 7v5l3 2",
            Self::Play => "M7 4l13 8-13 8Z",
            Self::Pause => "M8 5v14M16 5v14",
            Self::StepOn => "M5 5l10 7-10 7ZM19 5v14",
            Self::StepBack => "M19 5 9 12l10 7ZM5 5v14",
            Self::Podium => "M3 20h18M4 20v-6h5v6M9.5 20V6h5v14M15 20v-9h5v9",
        }
    }
}

/// An icon; the text beside it, or its button's label, says what it means.
#[component]
pub fn Icon(
    /// Which.
    glyph: Glyph,
) -> impl IntoView {
    // They say onward and back, which is the other way round on a mirrored page.
    let is_directed = matches!(glyph, Glyph::Next | Glyph::Previous);
    view! {
        <svg class="icon" class:directed=is_directed viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path d=glyph.path() />
        </svg>
    }
}
