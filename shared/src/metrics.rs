//! What boards measure, as the text of OpenMetrics 1.0 (<https://prometheus.io/docs/specs/om/open_metrics_spec/>), which
//! Prometheus and its kin read. Pure: whoever is asked collects what boards have said.

mod families;
pub mod otlp;

use crate::index::{Collected, Measured};
use crate::limits;
use crate::meters::BoardMeters;
use crate::meters::edge::{Edge, Pushed, Reports};
use families::{COUNTS, FAMILIES, Family, Measure, Number};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{DescriptorEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Registry;
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
    /// What it has measured.
    pub collected: Collected,
}

/// The text. Of more than [`limits::METRICS_BOARDS`] boards, those are told one by one that took something last.
pub fn text(deployment: Deployment) -> Result<String, fmt::Error> {
    let mut registry = Registry::with_prefix(PREFIX);
    registry.register_collector(Box::new(Known::of(deployment)));
    let mut text = String::new();
    encode(&mut text, &registry)?;
    Ok(text)
}

/// The boards that are told one by one, by name: those that took something last.
fn one_by_one(boards: Vec<Measured>) -> Vec<(String, BoardMeters)> {
    let mut told: Vec<(String, BoardMeters)> =
        boards.into_iter().filter_map(|b| Some((b.board.to_string(), b.meters?))).collect();
    if told.len() > limits::METRICS_BOARDS {
        told.sort_by_key(|(_, meters)| std::cmp::Reverse((meters.accepted, meters.at)));
        told.truncate(limits::METRICS_BOARDS);
    }
    told.sort_by(|a, b| a.0.cmp(&b.0));
    told
}

/// How it goes to tell all this elsewhere too, where that is done.
fn told_elsewhere(pushed: Option<Pushed>, health: Option<Reports>) -> Vec<(&'static str, &'static str, u64)> {
    // Where nothing is pushed, none has failed.
    let Pushed { taken, failed } = pushed.unwrap_or_default();
    let pushes = [
        ("otlp_pushes", "Pushes of these numbers that were taken", taken),
        ("otlp_push_failures", "Pushes of these numbers that failed", failed),
    ];
    let reports = health.map(|Reports { taken, failed }| {
        [
            ("health_reports", "Reports that the health board took", taken),
            ("health_report_failures", "Reports that the health board did not take, or not whole", failed),
        ]
    });
    pushes.into_iter().chain(reports.into_iter().flatten()).collect()
}

/// What is told of a deployment.
#[derive(Debug)]
struct Known {
    version: String,
    edge: Edge,
    pushed: Option<Pushed>,
    health: Option<Reports>,
    boards: usize,
    /// Those that are told one by one, by name.
    told: Vec<(String, BoardMeters)>,
}

impl Known {
    fn of(Deployment { version, collected: Collected { boards: all, edge, pushed, health } }: Deployment) -> Self {
        let boards = all.len();
        let told = one_by_one(all);
        Self { version, edge, pushed, health, boards, told }
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
        for (name, help, n) in told_elsewhere(self.pushed, self.health) {
            let mut family = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
            family.encode_counter::<NoLabelSet, u64, u64>(&n, None)?;
        }
        for (name, help, of) in COUNTS {
            let mut family = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
            for (labels, number) in of(&self.edge) {
                let Number::Count(n) = number else { continue };
                if labels.is_empty() {
                    family.encode_counter::<NoLabelSet, u64, u64>(&n, None)?;
                } else {
                    family.encode_family(&labels)?.encode_counter::<NoLabelSet, u64, u64>(&n, None)?;
                }
            }
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
    use crate::meters::BySource;
    use crate::meters::edge::{CacheState, Source};
    use crate::meters::{Alarming, Delivering, Ingested, Lag, Loads, Sent, Told};
    use crate::time::Millis;

    pub(super) fn meters() -> BoardMeters {
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
            rows: 77,
            letters_dropped: 0,
            archive: Some(Delivering { records: 10, lag_ms: 2_500, failing: false }),
            alarms: Some(Alarming { standing: 3, failing: 1, taken: 8, given_up: 2, ..Alarming::default() }),
            loads: Loads { times: 1, millis: 250, replayed: 42 },
            lags: vec![Lag::of("items", 1_000, 1_042)],
        }
    }

    pub(super) fn measured(board: &str, meters: Option<BoardMeters>) -> Measured {
        Measured { board: BoardName::try_from(board).unwrap(), meters }
    }

    fn told(boards: Vec<Measured>) -> String {
        let mut edge = Edge::default();
        edge.served(CacheState::Hit, true);
        edge.minted(Source::Share);
        edge.ended(&crate::revocation::Mark::credential(&crate::revocation::CredentialId::Key("ab".into())));
        text(Deployment {
            version: "1.2.3".into(),
            collected: Collected {
                boards,
                edge,
                pushed: Some(Pushed { taken: 4, failed: 1 }),
                health: Some(Reports { taken: 9, failed: 3 }),
            },
        })
        .unwrap()
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
            r#"heliograph_rows_written_total{board="fleet"} 77"#,
            r#"heliograph_archive_lag_seconds{board="fleet"} 2.5"#,
            r#"heliograph_alarms_standing{board="fleet"} 3.0"#,
            r#"heliograph_webhook_messages{board="fleet",result="given_up"} 2.0"#,
            r#"heliograph_loads_total{board="fleet"} 1"#,
            r#"heliograph_load_seconds{board="fleet"} 0.25"#,
            r#"heliograph_load_replayed_records{board="fleet"} 42.0"#,
            r#"heliograph_projection_lag_records{board="fleet",projection="items"} 42.0"#,
            r#"heliograph_view_answers_total{cache="hit"} 1"#,
            "heliograph_views_not_modified_total 1",
            "heliograph_otlp_push_failures_total 1",
            "heliograph_health_reports_total 9",
            "heliograph_health_report_failures_total 3",
            r#"heliograph_tokens_minted_total{source="share"} 1"#,
            r#"heliograph_revocations_total{source="key"} 1"#,
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
        assert_eq!(all, FAMILIES.len() + COUNTS.len() + 7);
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
