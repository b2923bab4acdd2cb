//! What a stretch of the load came to, as JSON.

use serde_json::{Value, json};

use super::answers::Ledger;
use super::producer::{Stretch, Tally};
use super::sight::{Latencies, Sighting};
use super::watch::Seen;

/// A stretch and what was measured in it; times in microseconds since 1970.
pub struct Measured {
    /// Its name.
    pub name: &'static str,
    /// What was sent how.
    pub stretch: Stretch,
    /// What it came to.
    pub tally: Tally,
    /// The first request.
    pub begin: i64,
    /// The last answer.
    pub end: i64,
    /// When viewers had all.
    pub over: i64,
    /// CPU of the server's processes until then.
    pub server_cpu: Option<f64>,
    /// CPU of this process.
    pub client_cpu: Option<f64>,
}

impl Measured {
    /// With what was seen.
    pub fn to_json(&self, ledger: &Ledger, seen: &Seen) -> Value {
        let seconds = (self.end - self.begin) as f64 / 1e6;
        let lasted = (self.over - self.begin) as f64 / 1e6;
        let viewers = seen.viewers.max(1) as f64;
        let within = |at: i64| at >= self.begin && at < self.over;
        let sent: Vec<_> = seen.deliveries.iter().filter(|delivery| within(delivery.at)).collect();
        let bytes: usize = sent.iter().map(|delivery| delivery.bytes).sum();
        let latencies = |sightings: &[Sighting]| Latencies::of(sightings, ledger, (self.begin, self.end));
        let (crowd, screen) = (latencies(&seen.sightings), latencies(&seen.on_screen));
        let rows = seen.sightings.iter().filter(|sighting| within(sighting.at)).count();
        let on_screen = seen.on_screen.iter().filter(|sighting| within(sighting.at)).count();
        let per_second = |total: usize| rounded(total as f64 / viewers / lasted.max(0.001), 1);
        json!({
            "stretch": self.name,
            "batch": self.stretch.batch,
            "connections": self.stretch.connections,
            "target_per_s": self.stretch.per_second.map(|rate| rate * self.stretch.batch as f64),
            "seconds": rounded(seconds, 2),
            "records": self.tally.records,
            "records_per_s": rounded(self.tally.records as f64 / seconds.max(0.001), 1),
            "requests_per_s": rounded(self.tally.requests as f64 / seconds.max(0.001), 1),
            "answer_ms": self.tally.answers.to_json(),
            "screen_ms": screen.due.to_json(),
            "screen_rows": on_screen,
            "viewer_ms": crowd.due.to_json(),
            "accepted_to_viewer_ms": crowd.accepted.to_json(),
            "rows": rows,
            "frames_per_viewer_s": per_second(sent.len()),
            "bytes_per_viewer_s": per_second(bytes),
            "whole": self.whole(seen, lasted),
            "server_cpu_s": self.server_cpu.map(|v| rounded(v, 2)),
            "server_cores": self.server_cpu.map(|v| rounded(v / lasted, 3)),
            "client_cores": self.client_cpu.map(|v| rounded(v / lasted, 3)),
            "cpu_us_per_record": self.server_cpu.map(|v| rounded(v * 1e6 / self.tally.records.max(1) as f64, 1)),
        })
    }

    /// Bytes a viewer and second of all rows each time instead of what moved; null without frames of ours.
    fn whole(&self, seen: &Seen, lasted: f64) -> Value {
        let frames: Vec<_> = seen.whole.iter().filter(|frame| frame.at >= self.begin && frame.at < self.over).collect();
        if frames.is_empty() {
            return Value::Null;
        }
        let per_second = |bytes: usize| rounded(bytes as f64 / lasted.max(0.001), 1);
        json!({
            "json_bytes_per_viewer_s": per_second(frames.iter().map(|frame| frame.json).sum()),
            "binary_bytes_per_viewer_s": per_second(frames.iter().map(|frame| frame.binary).sum()),
        })
    }
}

fn rounded(value: f64, digits: i32) -> f64 {
    let scale = 10_f64.powi(digits);
    (value * scale).round() / scale
}
