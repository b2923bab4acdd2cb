//! What boards measure, as the text of OpenMetrics 1.0 (<https://prometheus.io/docs/specs/om/open_metrics_spec/>), which
//! Prometheus and its kin read. Pure: whoever is asked collects what boards have said.

use crate::index::Measured;
use crate::limits;
use crate::meters::{BoardMeters, BySource};
use crate::time::Millis;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{DescriptorEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::{Registry, Unit};
use std::fmt;

/// What the text is, in HTTP.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What all names begin with.
const PREFIX: &str = "heliograph";

/// A deployment, as its operator measures it.
#[derive(Debug)]
pub struct Deployment {
    /// Its version.
    pub version: String,
    /// Its boards.
    pub boards: Vec<Measured>,
}

/// The text. Of more than [`limits::METRICS_BOARDS`] boards, those are told one by one that took something last.
pub fn text(deployment: Deployment) -> Result<String, fmt::Error> {
    let mut registry = Registry::with_prefix(PREFIX);
    registry.register_collector(Box::new(Known::of(deployment)));
    let mut text = String::new();
    encode(&mut text, &registry)?;
    Ok(text)
}

/// A label with its value.
type Label<'a> = (&'static str, &'a str);

/// A number of a family.
enum Number {
    Count(u64),
    Gauge(f64),
}

/// What belongs to a board in a family: labels besides the board's, and a number.
type Points<'a> = Vec<(Vec<Label<'a>>, Number)>;

/// What the numbers of a family are, where they are no counts of things.
#[derive(Clone, Copy)]
enum Measure {
    Bytes,
    Seconds,
}

impl Measure {
    const fn unit(self) -> Unit {
        match self {
            Self::Bytes => Unit::Bytes,
            Self::Seconds => Unit::Seconds,
        }
    }
}

/// A family of numbers: a name, what it says, its unit, its type, and what it has of a board.
#[derive(Clone, Copy)]
struct Family {
    name: &'static str,
    help: &'static str,
    measure: Option<Measure>,
    kind: MetricType,
    of: fn(&BoardMeters) -> Points<'_>,
}

const fn counter(name: &'static str, help: &'static str, of: fn(&BoardMeters) -> Points<'_>) -> Family {
    Family { name, help, measure: None, kind: MetricType::Counter, of }
}

const fn gauge(name: &'static str, help: &'static str, of: fn(&BoardMeters) -> Points<'_>) -> Family {
    Family { name, help, measure: None, kind: MetricType::Gauge, of }
}

impl Family {
    const fn bytes(self) -> Self {
        Self { measure: Some(Measure::Bytes), ..self }
    }

    const fn seconds(self) -> Self {
        Self { measure: Some(Measure::Seconds), ..self }
    }
}

fn count(n: u64) -> Points<'static> {
    vec![(Vec::new(), Number::Count(n))]
}

fn number(n: f64) -> Points<'static> {
    vec![(Vec::new(), Number::Gauge(n))]
}

fn moment(at: Option<Millis>) -> Points<'static> {
    at.map_or(Vec::new(), |at| number(seconds(at.0)))
}

fn seconds(millis: i64) -> f64 {
    millis as f64 / 1_000.0
}

/// What became of records, each with its count.
fn results<'a>(labels: &[Label<'a>], accepted: u64, duplicate: u64, refused: u64) -> Points<'a> {
    let point = |(result, n)| ([labels, &[("result", result)]].concat(), Number::Count(n));
    [("accepted", accepted), ("duplicate", duplicate), ("refused", refused)].map(point).into()
}

fn of_sources<'a>(m: &'a BoardMeters, of: impl Fn(&'a BySource, Label<'a>) -> Points<'a>) -> Points<'a> {
    m.sources.iter().flat_map(|source| of(source, ("source", &source.name))).collect()
}

const FAMILIES: &[Family] = &[
    counter("ingest_requests", "Requests with events that reached the board", |m| count(m.ingested.requests)),
    counter("ingest", "Bytes of events that reached the board, as the edge packs them", |m| count(m.ingested.bytes))
        .bytes(),
    counter("ingest_records", "Records by what became of them", |m| {
        let i = &m.ingested;
        results(&[], i.accepted, i.duplicate, i.refused.values().sum::<u64>() + i.refused_otherwise)
    }),
    counter("ingest_late_records", "Accepted records that are older than their item's state", |m| {
        count(m.ingested.late)
    }),
    counter("ingest_refused_records", "Refused records by the code of the error", |m| {
        m.ingested.refused.iter().map(|(code, n)| (vec![("code", code.as_str())], Number::Count(*n))).collect()
    }),
    counter("source_requests", "Requests that came by a source", |m| {
        of_sources(m, |s, label| vec![(vec![label], Number::Count(s.requests))])
    }),
    counter("source_records", "Records that came by a source, by what became of them", |m| {
        of_sources(m, |s, label| results(&[label], s.accepted, s.duplicate, s.refused))
    }),
    gauge("source_last_timestamp", "When a source sent something last", |m| {
        of_sources(m, |s, label| match s.last {
            Some(last) => vec![(vec![label], Number::Gauge(seconds(last.0)))],
            None => Vec::new(),
        })
    })
    .seconds(),
    gauge("items", "Items that there are", |m| number(m.items as f64)),
    gauge("log_position", "Number of the newest record of the log", |m| number(m.seq as f64)),
    gauge("last_accepted_timestamp", "When the newest record was accepted", |m| moment(m.accepted)).seconds(),
    gauge("viewers", "Open feeds", |m| number(f64::from(m.told.viewers))),
    gauge("relays", "Relays that have viewers", |m| number(f64::from(m.told.relays))),
    gauge("relay_behind_records", "Records that the relay lacks which is furthest behind", |m| {
        number(m.told.behind as f64)
    }),
    counter("pushes", "Pushes to relays", |m| count(m.told.pushes)),
    counter("push_failures", "Pushes to relays that failed, or were not answered in time", |m| count(m.told.failures)),
    counter("frames", "Messages to viewers", |m| count(m.told.sent.frames)),
    counter("frame", "Bytes of messages to viewers", |m| count(m.told.sent.bytes)).bytes(),
    counter("slow_viewers_closed", "Viewers that were closed because they took too little", |m| {
        count(m.told.sent.slow)
    }),
    gauge("storage", "Bytes that the board stores", |m| number(m.storage.bytes as f64)).bytes(),
    gauge("storage_limit", "Bytes that the board may store", |m| number(m.storage.limit_bytes as f64)).bytes(),
    counter("dead_letters_dropped", "Dead letters that made room for others", |m| count(m.letters_dropped)),
    gauge("archive_waiting_records", "Records that are not yet in object storage", |m| {
        m.archive.map_or(Vec::new(), |a| number(a.records as f64))
    }),
    gauge("archive_lag", "How long the oldest of them has waited", |m| {
        m.archive.map_or(Vec::new(), |a| number(seconds(a.lag_ms)))
    })
    .seconds(),
    gauge("archive_failing", "1 while the object storage takes nothing", |m| {
        m.archive.map_or(Vec::new(), |a| number(f64::from(u8::from(a.failing))))
    }),
    gauge("alarms_standing", "Alarms that stand", |m| m.alarms.map_or(Vec::new(), |a| number(a.standing as f64))),
    counter("alarms_not_raised", "Alarms that could not be raised, since as many stood as may", |m| {
        m.alarms.map_or(Vec::new(), |a| count(a.not_raised))
    }),
    gauge("webhooks_failing", "Webhooks whose next message was sent in vain", |m| {
        m.alarms.map_or(Vec::new(), |a| number(a.failing as f64))
    }),
    gauge("webhook_messages", "Messages of the webhooks that there are, by what became of them", |m| {
        let point = |(result, n): (&'static str, u64)| (vec![("result", result)], Number::Gauge(n as f64));
        let of = |a: crate::meters::Alarming| [("taken", a.taken), ("given_up", a.given_up), ("missed", a.missed)];
        m.alarms.map_or(Vec::new(), |a| of(a).map(point).into())
    }),
    gauge("memory_began_timestamp", "When the board's memory began: its counters are since then", |m| {
        moment(Some(m.since))
    })
    .seconds(),
    gauge("measured_timestamp", "When the board said this", |m| moment(Some(m.at))).seconds(),
];

/// What is told of a deployment.
#[derive(Debug)]
struct Known {
    version: String,
    boards: usize,
    /// Those that are told one by one, by name.
    told: Vec<(String, BoardMeters)>,
}

impl Known {
    fn of(Deployment { version, boards: all }: Deployment) -> Self {
        let boards = all.len();
        let mut told: Vec<(String, BoardMeters)> =
            all.into_iter().filter_map(|b| Some((b.board.to_string(), b.meters?))).collect();
        if told.len() > limits::METRICS_BOARDS {
            told.sort_by_key(|(_, meters)| std::cmp::Reverse((meters.accepted, meters.at)));
            told.truncate(limits::METRICS_BOARDS);
        }
        told.sort_by(|a, b| a.0.cmp(&b.0));
        Self { version, boards, told }
    }
}

impl Collector for Known {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        encoder
            .encode_descriptor("build", "What runs", None, MetricType::Info)?
            .encode_info(&[("version", self.version.as_str())])?;
        for (name, help, n) in [
            ("boards", "Boards that there are", self.boards),
            ("boards_told", "Boards of which the numbers below are told", self.told.len()),
        ] {
            encoder.encode_descriptor(name, help, None, MetricType::Gauge)?.encode_gauge(&(n as f64))?;
        }
        for Family { name, help, measure, kind, of } in FAMILIES {
            let unit = measure.map(Measure::unit);
            let mut family = encoder.encode_descriptor(name, help, unit.as_ref(), *kind)?;
            for (board, meters) in &self.told {
                for (labels, number) in of(meters) {
                    let labels = [vec![("board", board.as_str())], labels].concat();
                    let mut point = family.encode_family(&labels)?;
                    match number {
                        Number::Count(n) => point.encode_counter::<NoLabelSet, u64, u64>(&n, None)?,
                        Number::Gauge(n) => point.encode_gauge(&n)?,
                    }
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::Storage;
    use crate::id::BoardName;
    use crate::meters::{Alarming, Delivering, Ingested, Sent, Told};

    fn meters() -> BoardMeters {
        let refused = [("invalid_json".to_owned(), 2), ("position_out_of_range".to_owned(), 1)].into();
        BoardMeters {
            since: Millis(1_000),
            at: Millis(61_500),
            items: 60,
            seq: 1_042,
            accepted: Some(Millis(61_250)),
            ingested: Ingested {
                requests: 12,
                bytes: 3_400,
                accepted: 1_042,
                duplicate: 3,
                late: 4,
                refused,
                refused_otherwise: 1,
            },
            sources: vec![BySource { name: "buses".into(), requests: 5, accepted: 9, ..BySource::default() }],
            told: Told {
                relays: 2,
                viewers: 7,
                behind: 1,
                pushes: 40,
                failures: 2,
                sent: Sent { frames: 280, bytes: 9_000, slow: 1 },
            },
            storage: Storage::new(Some(1)).status(4_096),
            letters_dropped: 0,
            archive: Some(Delivering { records: 10, lag_ms: 2_500, failing: false }),
            alarms: Some(Alarming { standing: 3, failing: 1, taken: 8, given_up: 2, ..Alarming::default() }),
        }
    }

    fn measured(board: &str, meters: Option<BoardMeters>) -> Measured {
        Measured { board: BoardName::try_from(board).unwrap(), meters }
    }

    fn told(boards: Vec<Measured>) -> String {
        text(Deployment { version: "1.2.3".into(), boards }).unwrap()
    }

    #[test]
    fn each_number_stands_with_its_board_under_a_name_with_its_unit() {
        let text = told(vec![measured("fleet", Some(meters())), measured("quiet", None)]);
        for line in [
            r#"heliograph_build_info{version="1.2.3"} 1"#,
            "heliograph_boards 2.0",
            "heliograph_boards_told 1.0",
            r#"heliograph_ingest_records_total{board="fleet",result="accepted"} 1042"#,
            r#"heliograph_ingest_records_total{board="fleet",result="refused"} 4"#,
            r#"heliograph_ingest_refused_records_total{board="fleet",code="invalid_json"} 2"#,
            r#"heliograph_ingest_bytes_total{board="fleet"} 3400"#,
            r#"heliograph_source_records_total{board="fleet",source="buses",result="accepted"} 9"#,
            r#"heliograph_last_accepted_timestamp_seconds{board="fleet"} 61.25"#,
            r#"heliograph_viewers{board="fleet"} 7.0"#,
            r#"heliograph_frame_bytes_total{board="fleet"} 9000"#,
            r#"heliograph_archive_lag_seconds{board="fleet"} 2.5"#,
            r#"heliograph_alarms_standing{board="fleet"} 3.0"#,
            r#"heliograph_webhook_messages{board="fleet",result="given_up"} 2.0"#,
            "# UNIT heliograph_storage_bytes bytes",
            "# TYPE heliograph_push_failures counter",
        ] {
            assert!(text.lines().any(|l| l == line), "{line} is not in:\n{text}");
        }
        assert!(text.ends_with("# EOF\n"), "{text}");
        assert!(!text.contains("quiet"), "it has said nothing:\n{text}");
    }

    #[test]
    fn names_are_told_once_and_of_a_deployment_without_boards_too() {
        let text = told(Vec::new());
        let mut names: Vec<&str> = text.lines().filter_map(|l| l.strip_prefix("# TYPE ")).collect();
        names.sort_unstable();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all, "{text}");
        assert_eq!(all, FAMILIES.len() + 3);
    }

    #[test]
    fn of_very_many_boards_those_are_told_that_took_something_last() {
        let board = |n: i64| {
            let meters = BoardMeters { accepted: Some(Millis(n)), ..meters() };
            measured(&format!("b{n:05}"), Some(meters))
        };
        let boards = limits::METRICS_BOARDS as i64 + 5;
        let text = told((0..boards).map(board).collect());
        assert!(text.contains(&format!("heliograph_boards {boards}.0\n")));
        assert!(!text.contains("b00004") && text.contains("b00005"));
    }
}
