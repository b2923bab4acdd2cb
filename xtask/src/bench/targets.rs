//! What the figures must be, from the issue, and whether they are.

use serde_json::{Value, json};

use super::baseline::Figure;

/// One target and what was reached.
pub struct Target {
    /// What it is about.
    pub name: &'static str,
    /// What was reached.
    pub reached: f64,
    /// Whether more is better.
    pub at_least: bool,
    /// The limit.
    pub limit: f64,
    /// Whether it holds.
    pub is_met: bool,
    /// Whether it is about the same on every machine.
    pub travels: bool,
}

/// Those that the baseline keeps.
pub fn figures(targets: &[Target]) -> Vec<Figure> {
    let travel = targets.iter().filter(|target| target.travels);
    travel
        .map(|target| Figure { name: target.name.to_owned(), value: target.reached, more_is_better: target.at_least })
        .collect()
}

impl Target {
    /// For `--json`.
    pub fn to_json(&self) -> Value {
        let limit = if self.at_least { "at_least" } else { "at_most" };
        json!({"name": self.name, "reached": rounded(self.reached), limit: self.limit, "met": self.is_met})
    }
}

fn rounded(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}

/// Judges what was measured; a target whose scenario or peer was left out is left out.
pub fn judge(results: &[Value]) -> Vec<Target> {
    let find = |scenario: &str, server: &str, path: &str| {
        results
            .iter()
            .find(|result| result["scenario"] == scenario && result["server"] == server)
            .and_then(|result| result.pointer(path))
            .and_then(Value::as_f64)
    };
    let ours = |scenario: &str, path: &str| find(scenario, "heliograph", path);
    let ratio = |scenario: &str, peer: &str, path: &str| Some(ours(scenario, path)? / find(scenario, peer, path)?);
    let (rate, cpu, state) = ("/records_per_s", "/cpu_us_per_record", "/cpu_us_per_state");
    let stored = Some(()).and_then(|()| {
        let rows = ours("ingest-batched", "/stored/log_rows")?;
        Some(rows / ours("ingest-batched", "/requests_ever")?)
    });
    reached([
        least(
            "durable ingest in batches of 100, times partyserver's",
            ratio("ingest-batched", "partyserver", rate),
            1.5,
        ),
        least("durable ingest one a request, times partyserver's", ratio("ingest-unbatched", "partyserver", rate), 1.0),
        here(least("records/s ingested while 1,000 viewers watch", ours("ingest-with-viewers", rate), 5_000.0)),
        most(
            "fanout-all: CPU per delivered state, times partyserver's",
            ratio("fanout-all", "partyserver", state),
            0.25,
        ),
        most("fanout-all: CPU per delivered state, times ws's", ratio("fanout-all", "ws", state), 0.5),
        here(most("fanout-all: p99 source to viewer, ms", ours("fanout-all", "/latency_ms/p99"), 250.0)),
        most("fanout-unbatched: CPU per update, times ws's", ratio("fanout-unbatched", "ws", cpu), 0.2),
        here(most("fanout-unbatched: p99 source to viewer, ms", ours("fanout-unbatched", "/latency_ms/p99"), 250.0)),
        here(most("quiet: p50 source to viewer, ms", ours("quiet", "/latency_ms/p50"), 15.0)),
        most("one-key: CPU per update, times partyserver's", ratio("one-key", "partyserver", cpu), 0.5),
        most("bytes of a position update", ours("bytes", "/bytes_per_state"), 12.0),
        most("bytes of one with heading and speed", ours("bytes-motion", "/bytes_per_state"), 16.0),
        most("log rows written per request", stored, 1.0),
    ])
}

/// Judges what the scoreboard's measurement came to.
pub fn judge_scores(results: &[Value]) -> Vec<Target> {
    let find = |server: &str, path: &str| {
        let result = results.iter().find(|result| result["server"] == server)?;
        result["stretches"][0].pointer(path)?.as_f64()
    };
    let ours = |path: &str| find("heliograph", path);
    reached([
        here(least("answers/s posted while teachers watch", ours("/records_per_s"), 1_960.0)),
        here(most("POST to the teacher's screen: p95, ms", ours("/screen_ms/p95"), 250.0)),
        here(most("POST to the other teachers: p95, ms", ours("/viewer_ms/p95"), 250.0)),
    ])
}

/// Judges what a contest's grid costs a browser, beside another build's page of the same rows and an empty page.
pub fn judge_grid(result: &Value) -> Vec<Target> {
    let at = |path: &str| result.pointer(path).and_then(Value::as_f64);
    reached([
        most("a contest's grid: main thread, times the page before", at("/ratio"), 0.5),
        least("a contest's grid: frames, times an empty page's", at("/frames_ratio"), 0.95),
    ])
}

/// What ours costs, times what the sorted set costs beside it: for the baseline.
pub fn scores_figures(results: &[Value]) -> Vec<Figure> {
    let find = |server: &str, path: &str| {
        let result = results.iter().find(|result| result["server"] == server)?;
        result["stretches"][0].pointer(path)?.as_f64().filter(|value| *value > 0.0)
    };
    let costs = [
        ("CPU per answer, times the sorted set's", "/cpu_us_per_record"),
        ("bytes a viewer and s, times the sorted set's", "/bytes_per_viewer_s"),
    ];
    costs
        .into_iter()
        .filter_map(|(name, path)| {
            let value = find("heliograph", path)? / find("redis", path)?;
            Some(Figure { name: name.to_owned(), value, more_is_better: false })
        })
        .collect()
}

#[derive(Clone, Copy)]
struct Wish {
    name: &'static str,
    reached: Option<f64>,
    at_least: bool,
    limit: f64,
    travels: bool,
}

const fn least(name: &'static str, reached: Option<f64>, limit: f64) -> Wish {
    Wish { name, reached, at_least: true, limit, travels: true }
}

const fn most(name: &'static str, reached: Option<f64>, limit: f64) -> Wish {
    Wish { name, reached, at_least: false, limit, travels: true }
}

/// A wish about this machine as much as about the program.
const fn here(wish: Wish) -> Wish {
    Wish { travels: false, ..wish }
}

fn reached<const N: usize>(wishes: [Wish; N]) -> Vec<Target> {
    wishes
        .into_iter()
        .filter_map(|Wish { name, reached, at_least, limit, travels }| {
            let reached = reached?;
            let is_met = if at_least { reached >= limit } else { reached <= limit };
            Some(Target { name, reached, at_least, limit, is_met, travels })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_compare_with_the_peer_and_skip_what_was_not_measured() {
        let result =
            |server: &str, rate: f64| json!({"scenario": "ingest-batched", "server": server, "records_per_s": rate});
        let targets = judge(&[result("partyserver", 100.0), result("heliograph", 149.0)]);
        assert_eq!(targets.len(), 1);
        assert!((targets[0].reached - 1.49).abs() < 1e-9 && !targets[0].is_met);
        assert!(judge(&[result("partyserver", 100.0), result("heliograph", 150.0)])[0].is_met);
        assert!(judge(&[]).is_empty());
    }

    #[test]
    fn a_grid_is_judged_by_the_page_before_and_an_empty_one() {
        let met = |result: Value| judge_grid(&result).iter().map(|target| target.is_met).collect::<Vec<_>>();
        assert_eq!(met(json!({"ratio": 0.5, "frames_ratio": 0.95})), [true, true]);
        assert_eq!(met(json!({"ratio": 0.51, "frames_ratio": 0.94})), [false, false]);
        assert_eq!(met(json!({"frames_ratio": 1.0})), [true], "without a tree of before");
    }

    #[test]
    fn scores_are_compared_by_what_they_cost_beside_the_peer() {
        let of = |server: &str, cpu: f64| json!({"server": server, "stretches": [{"cpu_us_per_record": cpu}]});
        let figures = scores_figures(&[of("redis", 50.0), of("heliograph", 100.0)]);
        assert_eq!(figures.len(), 1);
        assert!((figures[0].value - 2.0).abs() < 1e-9 && !figures[0].more_is_better);
        assert!(scores_figures(&[of("heliograph", 100.0)]).is_empty());
    }

    #[test]
    fn times_of_this_machine_are_not_compared_with_those_of_another() {
        let quiet = json!({"scenario": "quiet", "server": "heliograph", "latency_ms": {"p50": 9.0}});
        let bytes = json!({"scenario": "bytes", "server": "heliograph", "bytes_per_state": 8.0});
        let targets = judge(&[quiet, bytes]);
        assert_eq!(targets.len(), 2);
        let figures = figures(&targets);
        assert_eq!(figures.len(), 1);
        assert_eq!(figures[0].name, "bytes of a position update");
        assert!(!figures[0].more_is_better);
    }
}
