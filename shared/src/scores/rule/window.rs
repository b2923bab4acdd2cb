//! Which stretch of time is counted.

use serde::{Deserialize, Serialize};

/// Which stretch of time is counted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(try_from = "WindowParts", into = "WindowParts")]
pub enum TimeWindow {
    /// All of it.
    #[default]
    All,
    /// The last so many seconds; it moves in sixtieths of its length.
    Rolling {
        /// The length in seconds.
        seconds: u32,
    },
    /// The present day, week (from Monday) or month.
    Calendar {
        /// Which.
        period: CalendarPeriod,
        /// An IANA time zone.
        zone: String,
    },
}

/// A window as a config writes it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct WindowParts {
    kind: WindowKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seconds: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    period: Option<CalendarPeriod>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    zone: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum WindowKind {
    #[default]
    All,
    Rolling,
    Calendar,
}

impl TryFrom<WindowParts> for TimeWindow {
    type Error = &'static str;

    fn try_from(parts: WindowParts) -> Result<Self, &'static str> {
        match (parts.kind, parts.seconds, parts.period, parts.zone) {
            (WindowKind::All, None, None, None) => Ok(Self::All),
            (WindowKind::Rolling, Some(seconds), None, None) => Ok(Self::Rolling { seconds }),
            (WindowKind::Calendar, None, Some(period), Some(zone)) => Ok(Self::Calendar { period, zone }),
            (WindowKind::All, ..) => Err("a window of kind all has nothing more"),
            (WindowKind::Rolling, ..) => Err("a window of kind rolling has seconds, and nothing more"),
            (WindowKind::Calendar, ..) => Err("a window of kind calendar has period and zone, and nothing more"),
        }
    }
}

impl From<TimeWindow> for WindowParts {
    fn from(window: TimeWindow) -> Self {
        match window {
            TimeWindow::All => Self::default(),
            TimeWindow::Rolling { seconds } => {
                Self { kind: WindowKind::Rolling, seconds: Some(seconds), ..Self::default() }
            }
            TimeWindow::Calendar { period, zone } => {
                Self { kind: WindowKind::Calendar, period: Some(period), zone: Some(zone), ..Self::default() }
            }
        }
    }
}

/// A stretch of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CalendarPeriod {
    /// From midnight.
    Day,
    /// From Monday's midnight.
    Week,
    /// From the first of the month.
    Month,
}
