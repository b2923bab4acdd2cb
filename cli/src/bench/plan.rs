//! What each scenario does. The numbers are the issue's.

use clap::ValueEnum;

/// The scenarios.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Scenario {
    /// As many records as are acknowledged, 100 a request.
    IngestBatched,
    /// As many records as are acknowledged, one a request.
    IngestUnbatched,
    /// The first with 1,000 viewers of everything.
    IngestWithViewers,
    /// 5,000 updates/s to 1,000 viewers of everything.
    FanoutAll,
    /// 200 updates/s, one a request, to 500 viewers.
    FanoutUnbatched,
    /// 5 updates/s to 500 viewers.
    Quiet,
    /// 5,000 updates/s to 1,000 viewers of one key each.
    OneKey,
    /// What a position update weighs.
    Bytes,
    /// What one with heading and speed weighs.
    BytesMotion,
}

/// What viewers watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watch {
    /// Every item.
    Everything,
    /// Each the item whose number is its own.
    OneKey,
}

/// A scenario in numbers.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Viewers.
    pub viewers: usize,
    /// What they watch.
    pub watch: Watch,
    /// Keys that are updated in turn.
    pub keys: usize,
    /// Records of one request.
    pub batch: usize,
    /// Connections that send, each its own keys.
    pub connections: usize,
    /// Records a second; without it each connection sends as soon as it has its answer.
    pub per_second: Option<u32>,
    /// Whether updates have a heading and a speed.
    pub motion: bool,
}

impl Scenario {
    /// The scenario in numbers.
    pub const fn plan(self) -> Plan {
        let base = Plan {
            viewers: 0,
            watch: Watch::Everything,
            keys: 2_000,
            batch: 100,
            connections: 8,
            per_second: None,
            motion: false,
        };
        let paced = Plan { connections: 4, per_second: Some(5_000), ..base };
        match self {
            Self::IngestBatched => base,
            Self::IngestUnbatched => Plan { batch: 1, ..base },
            Self::IngestWithViewers => Plan { viewers: 1_000, ..base },
            Self::FanoutAll => Plan { viewers: 1_000, ..paced },
            Self::FanoutUnbatched => Plan { viewers: 500, batch: 1, per_second: Some(200), ..paced },
            Self::Quiet => Plan { viewers: 500, batch: 1, connections: 1, per_second: Some(5), ..paced },
            Self::OneKey => Plan { viewers: 1_000, watch: Watch::OneKey, ..paced },
            Self::Bytes => Plan { viewers: 10, ..paced },
            Self::BytesMotion => Plan { viewers: 10, motion: true, ..paced },
        }
    }

    /// The name on the command line.
    pub fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }
}
