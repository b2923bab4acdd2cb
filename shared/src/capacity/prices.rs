//! What Cloudflare asks for, on the Workers Paid plan, in US dollars a month. One table, so that one place changes.
//!
//! Compared on 2026-11-30 with copies of <https://developers.cloudflare.com/workers/platform/pricing/> (requests, CPU) and
//! <https://developers.cloudflare.com/durable-objects/platform/pricing/> (Durable Objects with SQLite).

/// When the table was compared with its sources.
pub const READ_ON: &str = "2026-11-30";
/// What the plan itself costs.
pub const PLAN: f64 = 5.0;
/// The memory that an object is billed for while it is active, in GB, whatever it uses.
pub const OBJECT_GB: f64 = 0.128;
/// So many incoming messages of WebSockets are billed as one request of an object. Outgoing ones are free.
pub const MESSAGES_A_REQUEST: f64 = 20.0;

/// What something costs: so much is in the plan, and each unit above costs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Price {
    /// How much of it a month is in the plan.
    pub included: f64,
    /// How much a unit is.
    pub unit: f64,
    /// What a unit costs.
    pub dollars: f64,
}

impl Price {
    /// What so much a month costs.
    #[must_use]
    pub fn of(self, amount: f64) -> f64 {
        (amount - self.included).max(0.0) / self.unit * self.dollars
    }
}

const MILLION: f64 = 1e6;

/// Requests to the worker.
pub const REQUESTS: Price = Price { included: 10.0 * MILLION, unit: MILLION, dollars: 0.30 };
/// Processor time of the worker, in milliseconds. That of objects is in their duration.
pub const CPU_MILLIS: Price = Price { included: 30.0 * MILLION, unit: MILLION, dollars: 0.02 };
/// Requests to objects: calls, alarms, and messages by [`MESSAGES_A_REQUEST`].
pub const OBJECT_REQUESTS: Price = Price { included: MILLION, unit: MILLION, dollars: 0.15 };
/// GB-seconds of objects that are active.
pub const DURATION: Price = Price { included: 400_000.0, unit: MILLION, dollars: 12.50 };
/// Rows of SQLite that are written. A deleted row is one, and setting an alarm.
pub const ROWS_WRITTEN: Price = Price { included: 50.0 * MILLION, unit: MILLION, dollars: 1.00 };
/// GB that are stored for a month.
pub const STORED_GB: Price = Price { included: 5.0, unit: 1.0, dollars: 0.20 };
