//! What a run found, as JSON.

use serde_json::{Value, json};

use super::histogram::Histogram;
use super::load::Run;
use super::plan::{Scenario, Watch};
use super::replay::Verdict;
use super::world::Window;

/// The result of a run.
pub struct Report {
    /// Seconds from the first request of the window to the last answer.
    pub sending: f64,
    /// Records acknowledged in the window.
    pub records: u64,
    /// Requests in the window.
    pub requests: u64,
    /// From sending a request to its answer.
    pub answers: Histogram,
    /// How late requests left that were to leave at a time.
    pub late: Histogram,
    /// All records and requests since the server's start.
    pub ever: (u64, u64),
    /// CPU of the server's processes from the window's beginning until the last viewer had everything.
    pub server_cpu: Option<f64>,
    /// CPU of this process in the same time.
    pub client_cpu: Option<f64>,
    /// Seconds of that time.
    pub lasted: f64,
    /// What the viewers were sent.
    pub window: Window,
    /// How often changes were lost to a viewer.
    pub gaps: u64,
    /// The check.
    pub verdict: Verdict,
}

impl Report {
    /// Whether everybody ended with what was sent.
    pub fn is_right(&self) -> bool {
        self.verdict.problems.is_empty()
    }

    /// The report with the scenario it is of.
    pub fn to_json(&self, scenario: Scenario, run: &Run) -> Value {
        let plan = &run.plan;
        let per = |total: Option<f64>, count: u64| total.filter(|_| count > 0).map(|t| t / count as f64);
        let rate = |count: u64| rounded(count as f64 / self.sending.max(0.001), 1);
        let cpu_micros = self.server_cpu.map(|seconds| seconds * 1e6);
        let viewers = plan.viewers.max(1) as f64;
        let w = &self.window;
        json!({
            "scenario": scenario.name(),
            "server": run.server.name(),
            "viewers": plan.viewers,
            "watch": match plan.watch { Watch::Everything => "everything", Watch::OneKey => "one key each" },
            "keys": plan.keys,
            "batch": plan.batch,
            "connections": plan.connections,
            "target_per_s": plan.per_second,
            "seconds": rounded(self.sending, 2),
            "records": self.records,
            "requests": self.requests,
            "records_per_s": rate(self.records),
            "requests_per_s": rate(self.requests),
            "records_ever": self.ever.0,
            "requests_ever": self.ever.1,
            "answer_ms": self.answers.to_json(),
            "late_ms": self.late.to_json(),
            "server_cpu_s": self.server_cpu.map(|v| rounded(v, 2)),
            "server_cores": self.server_cpu.map(|v| rounded(v / self.lasted, 3)),
            "client_cores": self.client_cpu.map(|v| rounded(v / self.lasted, 3)),
            "cpu_us_per_record": per(cpu_micros, self.records).map(|v| rounded(v, 3)),
            "delivered_states": w.states,
            "cpu_us_per_state": per(cpu_micros, w.states).map(|v| rounded(v, 5)),
            "latency_ms": w.latency.to_json(),
            "frames": w.frames,
            "frames_per_viewer_s": rounded(w.frames as f64 / viewers / self.sending.max(0.001), 2),
            "bytes": w.bytes,
            "bytes_per_state": per(Some(w.bytes as f64), w.states).map(|v| rounded(v, 2)),
            "other_bytes": w.other_bytes,
            "gaps": self.gaps,
            "streams": self.verdict.streams,
            "converged": self.is_right(),
            "problems": self.verdict.problems,
        })
    }
}

fn rounded(value: f64, digits: i32) -> f64 {
    let scale = 10_f64.powi(digits);
    (value * scale).round() / scale
}
