//! What is measured: each family of numbers with its name, what it says, and what it has of a board or of the deployment.

use crate::meters::edge::Edge;
use crate::meters::{Alarming, BoardMeters, BySource};
use crate::time::Millis;
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Unit;

/// A label with its value.
pub type Label<'a> = (&'static str, &'a str);

/// A number of a family.
#[derive(Clone, Copy, Debug)]
pub enum Number {
    /// It only grows, until it begins anew.
    Count(u64),
    /// It goes up and down.
    Gauge(f64),
}

/// What belongs to a board in a family: labels besides the board's, and a number.
pub type Points<'a> = Vec<(Vec<Label<'a>>, Number)>;

/// What the numbers of a family are, where they are no counts of things.
#[derive(Clone, Copy)]
pub enum Measure {
    /// Bytes.
    Bytes,
    /// Seconds.
    Seconds,
}

impl Measure {
    /// As OTLP says it (UCUM).
    pub const fn ucum(self) -> &'static str {
        match self {
            Self::Bytes => "By",
            Self::Seconds => "s",
        }
    }

    /// As OpenMetrics says it.
    pub const fn unit(self) -> Unit {
        match self {
            Self::Bytes => Unit::Bytes,
            Self::Seconds => Unit::Seconds,
        }
    }
}

/// A family of numbers: a name, what it says, its unit, its type, and what it has of a board.
#[derive(Clone, Copy)]
pub struct Family {
    pub name: &'static str,
    pub help: &'static str,
    pub measure: Option<Measure>,
    pub kind: MetricType,
    pub of: fn(&BoardMeters) -> Points<'_>,
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

/// Of each board.
pub const FAMILIES: &[Family] = &[
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
    counter(
        "rows_written",
        "Rows that the board's database wrote, deleted ones and alarms that were set among them",
        |m| count(m.rows),
    ),
    gauge("webhooks_failing", "Webhooks whose next message was sent in vain", |m| {
        m.alarms.map_or(Vec::new(), |a| number(a.failing as f64))
    }),
    gauge("webhook_messages", "Messages of the webhooks that there are, by what became of them", |m| {
        let point = |(result, n): (&'static str, u64)| (vec![("result", result)], Number::Gauge(n as f64));
        let of = |a: Alarming| [("taken", a.taken), ("given_up", a.given_up), ("missed", a.missed)];
        m.alarms.map_or(Vec::new(), |a| of(a).map(point).into())
    }),
    counter("loads", "How often the board came into memory", |m| count(m.loads.times)),
    gauge("load", "How long the last load took, by the platform's clock", |m| number(seconds(m.loads.millis)))
        .seconds(),
    gauge("load_replayed_records", "Records of the log that the last load read again", |m| {
        number(m.loads.replayed as f64)
    }),
    gauge("projection_lag_records", "Records that are not yet written down in what is made from the log", |m| {
        m.lags.iter().map(|lag| (vec![("projection", lag.of.as_str())], Number::Gauge(lag.records as f64))).collect()
    }),
    gauge("memory_began_timestamp", "When the board's memory began: its counters are since then", |m| {
        moment(Some(m.since))
    })
    .seconds(),
    gauge("measured_timestamp", "When the board said this", |m| moment(Some(m.at))).seconds(),
];

/// A family of counts: a name, what it says, and what it has.
pub type Counter = (&'static str, &'static str, fn(&Edge) -> Points<'_>);

/// What is counted of the whole deployment.
pub const COUNTS: &[Counter] = &[
    ("view_answers", "Answers to views, by where they came from", |edge| {
        edge.cache.iter().map(|(state, n)| (vec![("cache", state.name())], Number::Count(*n))).collect()
    }),
    ("views_not_modified", "Those of them that said that nothing changed", |edge| count(edge.not_modified)),
    ("tokens_minted", "Tokens that were made, by where their rights come from", |edge| {
        edge.minted.iter().map(|(source, n)| (vec![("source", source.name())], Number::Count(*n))).collect()
    }),
    ("revocations", "Rights that were taken away, by where they came from", |edge| {
        edge.ended.iter().map(|(source, n)| (vec![("source", source.name())], Number::Count(*n))).collect()
    }),
];
