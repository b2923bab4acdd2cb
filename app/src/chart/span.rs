//! Which time a chart shows: presets that move with the clock, fixed windows, and zooming between them.

use heliograph_shared::limits::{SERIES_POINTS, TIME_MAX_MILLIS, TIME_MIN_MILLIS};
pub use heliograph_shared::rollups::Step;
use heliograph_shared::time::Millis;

/// One second.
pub const SECOND: i64 = 1_000;
/// One hour.
pub const HOUR: i64 = 3_600 * SECOND;
/// One day.
pub const DAY: i64 = 24 * HOUR;

/// Nothing is kept finer than ten seconds, so a closer look would show fewer than six points.
const NARROWEST_MS: i64 = 60 * SECOND;

/// How long values of this step are, for people.
pub fn step_label(step: Step) -> &'static str {
    match step {
        Step::TenSeconds => text!(chart.span.ten_seconds),
        Step::Minute => text!(chart.span.minute),
        Step::TenMinutes => text!(chart.span.ten_minutes),
        Step::Hour => text!(chart.span.hour),
        Step::Day => text!(chart.span.day),
    }
}

/// The start of the value that a moment falls into.
pub const fn step_floor(step: Step, time: i64) -> i64 {
    time.div_euclid(step.millis()) * step.millis()
}

/// The parameters of all the time there may be, by days.
pub fn whole_time(newest: Option<i64>) -> String {
    let to = newest.map_or(TIME_MIN_MILLIS + DAY, |time| step_floor(Step::Day, time) + DAY);
    let from = TIME_MIN_MILLIS.max(to - SERIES_POINTS * DAY);
    format!("from={from}&to={to}&step={}", Step::Day.name())
}

/// From a moment to another, without the latter: epoch milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The first moment in it.
    pub from: i64,
    /// The first moment behind it.
    pub to: i64,
}

impl Window {
    /// A window that is on the calendar and not narrower than can be drawn.
    pub fn new(from: i64, to: i64) -> Self {
        let (from, to) = (from.min(to), from.max(to));
        let width = (to.saturating_sub(from)).clamp(NARROWEST_MS, TIME_MAX_MILLIS - TIME_MIN_MILLIS);
        let from = from.clamp(TIME_MIN_MILLIS, TIME_MAX_MILLIS - width);
        Self { from, to: from + width }
    }

    /// Milliseconds.
    pub const fn width(self) -> i64 {
        self.to - self.from
    }

    /// Closer (a factor below 1) or farther, around a moment that stays where it is.
    pub fn zoomed(self, factor: f64, around: i64) -> Self {
        let around = around.clamp(self.from, self.to);
        let scaled = |distance: i64| (distance as f64 * factor) as i64;
        Self::new(around - scaled(around - self.from), around + scaled(self.to - around))
    }

    /// Earlier (a negative share of the width) or later.
    pub fn moved(self, share: f64) -> Self {
        let by = (self.width() as f64 * share) as i64;
        Self::new(self.from + by, self.to + by)
    }

    /// Its middle.
    pub const fn middle(self) -> i64 {
        self.from + self.width() / 2
    }

    /// The window that begins and ends with a value of this step and holds all of this one. It stays the same while
    /// the clock runs through one value, so that the same question has the same address.
    pub fn aligned(self, step: Step) -> Self {
        Self { from: step_floor(step, self.from), to: step_floor(step, self.to - 1) + step.millis() }
    }

    /// The finest step that shows it in at most so many values; the longest when none does.
    pub fn step(self, values: i64) -> Step {
        Step::ALL.into_iter().find(|step| self.width() <= step.millis() * values).unwrap_or(Step::Day)
    }
}

/// A stretch of time up to now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// One hour.
    Hour,
    /// Six hours.
    Hours6,
    /// A day.
    Day,
    /// A week.
    Week,
    /// Thirty days.
    Month,
    /// Everything there is.
    All,
}

impl Preset {
    /// From short to long.
    pub const ALL: [Self; 6] = [Self::Hour, Self::Hours6, Self::Day, Self::Week, Self::Month, Self::All];

    /// The name in addresses.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Hour => "1h",
            Self::Hours6 => "6h",
            Self::Day => "24h",
            Self::Week => "7d",
            Self::Month => "30d",
            Self::All => "all",
        }
    }

    /// On a button.
    pub fn label(self) -> &'static str {
        match self {
            Self::Hour => text!(chart.span.hour),
            Self::Hours6 => text!(chart.span.hours6),
            Self::Day => text!(chart.span.hours24),
            Self::Week => text!(chart.span.week),
            Self::Month => text!(chart.span.month),
            Self::All => text!(chart.span.all),
        }
    }

    /// In a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Self::Hour => text!(chart.span.last_hour),
            Self::Hours6 => text!(chart.span.last_hours6),
            Self::Day => text!(chart.span.last_hours24),
            Self::Week => text!(chart.span.last_week),
            Self::Month => text!(chart.span.last_month),
            Self::All => text!(chart.span.all_time),
        }
    }

    const fn millis(self) -> Option<i64> {
        match self {
            Self::Hour => Some(HOUR),
            Self::Hours6 => Some(6 * HOUR),
            Self::Day => Some(DAY),
            Self::Week => Some(7 * DAY),
            Self::Month => Some(30 * DAY),
            Self::All => None,
        }
    }
}

/// What is known of the data's own time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// The oldest value.
    pub oldest: Option<i64>,
    /// The newest value.
    pub newest: Option<i64>,
}

/// What the viewer wants to see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Range {
    /// Nothing was chosen: the shortest preset that holds what the last day has.
    #[default]
    Fit,
    /// It moves with the clock.
    Last(Preset),
    /// It stays.
    Fixed(Window),
}

impl Range {
    /// The preset or the window that it comes to. Until the oldest value is known that is a day.
    pub fn settled(self, now: i64, known: Known) -> Self {
        if self != Self::Fit {
            return self;
        }
        let end = Self::Last(Preset::Day).window(now, known).to;
        let age = known.oldest.map_or(DAY, |oldest| end - oldest);
        let fits = |preset: &Preset| preset.millis().is_some_and(|width| age <= width);
        Self::Last([Preset::Hour, Preset::Hours6].into_iter().find(fits).unwrap_or(Preset::Day))
    }

    /// The window now. A preset ends now; when the data fell silent before the preset's time it ends with the data,
    /// because an empty chart would tell nothing.
    pub fn window(self, now: i64, known: Known) -> Window {
        let preset = match self.settled(now, known) {
            Self::Fixed(window) => return window,
            Self::Last(preset) => preset,
            Self::Fit => Preset::Day,
        };
        // The newest value belongs to the window.
        let behind = known.newest.map_or(now, |newest| newest + SECOND);
        let newest = known.newest.unwrap_or(now);
        match preset.millis() {
            Some(width) => {
                let end = if newest + width <= now { behind } else { now.max(behind) };
                Window::new(end - width, end)
            }
            None => {
                let oldest = known.oldest.unwrap_or(newest - DAY);
                let is_silent = now - newest > (newest - oldest).max(HOUR);
                Window::new(oldest, if is_silent { behind } else { now.max(behind) })
            }
        }
    }

    /// The parameters of an address: the preset's name, or the window's ends.
    pub fn to_parameters(self) -> Vec<(&'static str, String)> {
        let time = |millis: i64| Millis(millis).to_rfc3339();
        match self {
            Self::Fit => Vec::new(),
            Self::Last(preset) => vec![("range", preset.code().to_owned())],
            Self::Fixed(window) => vec![("from", time(window.from)), ("to", time(window.to))],
        }
    }

    /// Reads the parameters; ends win over a preset, and what is no time is ignored.
    pub fn from_parameters(read: impl Fn(&str) -> Option<String>) -> Self {
        let time = |name: &str| read(name).and_then(|text| moment(&text));
        if let (Some(from), Some(to)) = (time("from"), time("to"))
            && from < to
        {
            return Self::Fixed(Window::new(from, to));
        }
        let code = read("range").unwrap_or_default();
        Preset::ALL.into_iter().find(|preset| preset.code() == code).map_or(Self::Fit, Self::Last)
    }
}

/// A time as the API takes it: RFC 3339, or epoch milliseconds.
pub fn moment(text: &str) -> Option<i64> {
    text.parse().ok().or_else(|| Millis::parse(text).map(|time| time.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_772_366_400_000;
    const MINUTE: i64 = 60 * SECOND;

    #[test]
    fn the_step_follows_the_range() {
        let step = |width: i64| Window::new(NOW - width, NOW).step(750);
        assert_eq!(step(HOUR), Step::TenSeconds);
        assert_eq!(step(6 * HOUR), Step::Minute);
        assert_eq!(step(DAY), Step::TenMinutes);
        assert_eq!(step(7 * DAY), Step::Hour);
        assert_eq!(step(30 * DAY), Step::Hour);
        assert_eq!(step(32 * DAY), Step::Day);
        assert_eq!(step(20 * 365 * DAY), Step::Day);
    }

    #[test]
    fn a_preset_ends_now_or_with_data_that_fell_silent() {
        let day = Range::Last(Preset::Day);
        assert_eq!(day.window(NOW, Known::default()), Window { from: NOW - DAY, to: NOW });
        let recent = Known { oldest: None, newest: Some(NOW - HOUR) };
        assert_eq!(day.window(NOW, recent), Window { from: NOW - DAY, to: NOW });
        let silent = Known { oldest: None, newest: Some(NOW - 3 * DAY) };
        let end = NOW - 3 * DAY + SECOND;
        assert_eq!(day.window(NOW, silent), Window { from: end - DAY, to: end });
        let ahead = Known { oldest: None, newest: Some(NOW + 5 * SECOND) };
        assert_eq!(day.window(NOW, ahead).to, NOW + 6 * SECOND, "an event from a clock that is ahead is shown");
    }

    #[test]
    fn who_chooses_nothing_sees_the_shortest_preset_that_holds_the_last_day() {
        let settled = |oldest: i64, newest: i64| {
            let known = Known { oldest: Some(NOW - oldest), newest: Some(NOW - newest) };
            Range::Fit.settled(NOW, known)
        };
        assert_eq!(settled(20 * MINUTE, 0), Range::Last(Preset::Hour));
        assert_eq!(settled(2 * HOUR, MINUTE), Range::Last(Preset::Hours6));
        assert_eq!(settled(7 * HOUR, MINUTE), Range::Last(Preset::Day));
        assert_eq!(settled(90 * DAY, 0), Range::Last(Preset::Day));
        assert_eq!(settled(3 * DAY, 3 * DAY - MINUTE), Range::Last(Preset::Hour), "it fell silent days ago");
        assert_eq!(Range::Fit.settled(NOW, Known::default()), Range::Last(Preset::Day));
        assert_eq!(Range::Last(Preset::Week).settled(NOW, Known::default()), Range::Last(Preset::Week));
    }

    #[test]
    fn all_is_what_there_is() {
        let all = Range::Last(Preset::All);
        let old = Known { oldest: Some(NOW - 90 * DAY), newest: Some(NOW - 80 * DAY) };
        assert_eq!(all.window(NOW, old), Window { from: NOW - 90 * DAY, to: NOW - 80 * DAY + SECOND });
        let running = Known { oldest: Some(NOW - 90 * DAY), newest: Some(NOW - HOUR) };
        assert_eq!(all.window(NOW, running), Window { from: NOW - 90 * DAY, to: NOW });
    }

    #[test]
    fn zooming_keeps_the_moment_under_the_pointer() {
        let window = Window { from: NOW, to: NOW + 1_000_000 };
        assert_eq!(window.zoomed(0.5, NOW), Window { from: NOW, to: NOW + 500_000 });
        let middle = window.zoomed(0.5, window.middle());
        assert_eq!((middle.middle(), middle.width()), (window.middle(), 500_000));
        assert_eq!(window.zoomed(1e-9, NOW + 7).width(), NARROWEST_MS);
        let widest = window.zoomed(1e12, NOW);
        assert_eq!((widest.from, widest.to), (TIME_MIN_MILLIS, TIME_MAX_MILLIS));
        assert_eq!(window.moved(-0.5), Window { from: NOW - 500_000, to: NOW + 500_000 });
        assert_eq!(Window::new(0, 0).from, TIME_MIN_MILLIS);
        assert_eq!(Window::new(i64::MIN, i64::MAX).width(), TIME_MAX_MILLIS - TIME_MIN_MILLIS);
    }

    #[test]
    fn an_aligned_window_holds_the_whole_and_keeps_still() {
        let window = Window { from: NOW - DAY + 1, to: NOW + 1 };
        let aligned = window.aligned(Step::TenMinutes);
        assert!(aligned.from <= window.from && aligned.to >= window.to);
        assert_eq!((aligned.from % Step::TenMinutes.millis(), aligned.to % Step::TenMinutes.millis()), (0, 0));
        let later = Window { from: window.from + 300_000, to: window.to + 300_000 }.aligned(Step::TenMinutes);
        assert_eq!(aligned, later);
    }

    #[test]
    fn every_range_survives_an_address() {
        let fixed = Range::Fixed(Window { from: NOW, to: NOW + HOUR + 7 });
        for range in Preset::ALL.map(Range::Last).into_iter().chain([fixed, Range::Fit]) {
            let parameters = range.to_parameters();
            let read = |name: &str| parameters.iter().find(|(found, _)| *found == name).map(|(_, text)| text.clone());
            assert_eq!(Range::from_parameters(read), range);
        }
        let wrong = |name: &str| Some(if name == "from" { "2026-03-02".to_owned() } else { "x".to_owned() });
        assert_eq!(Range::from_parameters(wrong), Range::default());
        let reversed = |name: &str| Some(if name == "from" { "1772366400001" } else { "1772366400000" }.to_owned());
        assert_eq!(Range::from_parameters(reversed), Range::default());
    }
}
