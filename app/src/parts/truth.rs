//! The truth about a connection, in words: whether it is live, how old the screen is, and what happens next.

use heliograph_shared::link::LinkStatus;

use super::format;
use super::icons::Glyph;

/// Older than this, the screen says how old it is.
const STALE_AFTER_MS: i64 = 15_000;

/// The kinds of truth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Truth {
    /// No connection yet.
    #[default]
    Connecting,
    /// Connected, but not everything is here yet.
    CatchingUp,
    /// Everything is here, as it happens.
    Live,
    /// Connected, but no news for a while.
    Stale,
    /// Not connected; trying again soon.
    Waiting,
    /// The device has no network.
    Offline,
    /// Not connected, and trying again is no use.
    Stopped,
    /// What is shown is of another time, as the viewer wanted.
    Past,
}

impl Truth {
    /// The name for styles and tests.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::CatchingUp => "catching-up",
            Self::Live => "live",
            Self::Stale => "stale",
            Self::Waiting => "waiting",
            Self::Offline => "offline",
            Self::Stopped => "stopped",
            Self::Past => "past",
        }
    }

    /// Its icon.
    pub const fn glyph(self) -> Glyph {
        match self {
            Self::Live => Glyph::Live,
            Self::Stale => Glyph::Clock,
            Self::Connecting | Self::CatchingUp => Glyph::Sync,
            Self::Waiting | Self::Offline => Glyph::Offline,
            Self::Stopped => Glyph::Stop,
            Self::Past => Glyph::Past,
        }
    }
}

/// What is known when the line is written.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known {
    /// Milliseconds since the newest event of any item.
    pub newest_age_ms: Option<i64>,
    /// Milliseconds since the last frame came.
    pub frame_age_ms: Option<i64>,
    /// After which age the board's items look stale.
    pub stale_after_ms: i64,
    /// Whether what is shown is from an earlier visit.
    pub is_kept: bool,
    /// Milliseconds until the next try.
    pub retry_in_ms: i64,
}

/// Says in words how the connection is.
pub fn describe(link: &LinkStatus, known: &Known) -> (Truth, String, String, bool) {
    let data = known.frame_age_ms.map_or_else(
        || text!(parts.truth.nothing_yet).to_owned(),
        |age| text!(parts.truth.seen_from, ago = format::age_sentence(age)),
    );
    if let (true, Some(age), false) = (known.is_kept, known.frame_age_ms, matches!(link, LinkStatus::Stopped { .. })) {
        // Whether it tries to connect just now matters less than that all of it is old.
        let detail = text!(parts.truth.kept, ago = format::age_sentence(age));
        return (Truth::Stale, text!(parts.truth.stale, age = format::age(age)), detail, true);
    }
    match link {
        LinkStatus::Connecting { attempt } => {
            let text = if *attempt > 1 { text!(parts.truth.reconnecting) } else { text!(parts.truth.connecting) };
            (Truth::Connecting, text.to_owned(), format!("{text} {data}"), false)
        }
        LinkStatus::CatchingUp => (
            Truth::CatchingUp,
            text!(parts.truth.catching_up).to_owned(),
            text!(parts.truth.missing_changes).to_owned(),
            false,
        ),
        LinkStatus::Live => match known.newest_age_ms {
            Some(age) if age > known.stale_after_ms.max(STALE_AFTER_MS) => {
                let age = format::age(age);
                let detail = text!(parts.truth.silent, age = &age);
                (Truth::Stale, text!(parts.truth.stale, age = age), detail, false)
            }
            Some(_) | None => {
                (Truth::Live, text!(parts.truth.live).to_owned(), text!(parts.truth.connected).to_owned(), false)
            }
        },
        LinkStatus::Waiting { .. } => {
            let wait = (known.retry_in_ms.max(0) + 999) / 1000;
            let stale = known.frame_age_ms.map_or_else(
                || text!(parts.truth.offline).to_owned(),
                |age| text!(parts.truth.stale, age = format::age(age)),
            );
            let detail = text!(parts.truth.lost, wait = wait, data = data);
            (Truth::Waiting, text!(parts.truth.retry_in, stale = stale, wait = wait), detail, true)
        }
        LinkStatus::Offline => {
            let text = known.frame_age_ms.map_or_else(
                || text!(parts.truth.offline).to_owned(),
                |age| text!(parts.truth.offline_for, age = format::age(age)),
            );
            (Truth::Offline, text, text!(parts.truth.no_network, data = data), true)
        }
        LinkStatus::Stopped { message, .. } => {
            let reason = if message.is_empty() { text!(parts.truth.ended) } else { message.as_str() };
            (Truth::Stopped, text!(parts.truth.stopped).to_owned(), format!("{reason} {data}"), true)
        }
    }
}

#[cfg(test)]
mod tests {
    use heliograph_shared::time::Millis;

    use super::*;

    fn known() -> Known {
        Known {
            newest_age_ms: Some(1_000),
            frame_age_ms: Some(45_000),
            stale_after_ms: 300_000,
            is_kept: false,
            retry_in_ms: 2_100,
        }
    }

    #[test]
    fn live_means_connected_and_fed() {
        assert_eq!(describe(&LinkStatus::Live, &known()).0, Truth::Live);
        let quiet = Known { newest_age_ms: Some(301_000), ..known() };
        let (truth, text, _, can_retry) = describe(&LinkStatus::Live, &quiet);
        assert_eq!((truth, text.as_str(), can_retry), (Truth::Stale, "Stale 5 min", false));
    }

    #[test]
    fn a_lost_connection_says_how_old_the_screen_is_and_when_it_tries_again() {
        let (truth, text, detail, can_retry) =
            describe(&LinkStatus::Waiting { until: Millis(0), attempt: 2 }, &known());
        assert_eq!((truth, text.as_str(), can_retry), (Truth::Waiting, "Stale 45 s · retry in 3 s", true));
        assert!(detail.contains("45 s ago"));
        let (truth, text, ..) = describe(&LinkStatus::Offline, &known());
        assert_eq!((truth, text.as_str()), (Truth::Offline, "Offline 45 s"));
    }

    #[test]
    fn what_is_from_an_earlier_visit_is_stale_whatever_the_connection_does() {
        let kept = Known { is_kept: true, ..known() };
        for link in [LinkStatus::Connecting { attempt: 1 }, LinkStatus::Offline, LinkStatus::CatchingUp] {
            let (truth, text, detail, can_retry) = describe(&link, &kept);
            assert_eq!((truth, text.as_str(), can_retry), (Truth::Stale, "Stale 45 s", true));
            assert!(detail.contains("45 s ago"), "{detail}");
        }
        let ended = LinkStatus::Stopped { code: 4_502, message: String::new() };
        assert_eq!(describe(&ended, &kept).0, Truth::Stopped);
    }

    #[test]
    fn a_refusal_gives_its_reason() {
        let (truth, _, detail, _) =
            describe(&LinkStatus::Stopped { code: 4_502, message: "The token was refused.".into() }, &Known::default());
        assert_eq!(truth, Truth::Stopped);
        assert_eq!(detail, "The token was refused. Nothing has been received yet.");
    }
}
