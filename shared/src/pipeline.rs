//! A pipeline: named steps that a board's config puts between ingest and the board.
//!
//! Pure: [`Run`] takes a request's checked events through the steps and says what it needs from outside (items of
//! another board, a jq program's answers). Every record comes out exactly once: as an event for the board, filtered,
//! merged into another record's event, or refused with the name of the step.

mod check;
mod config;
mod draft;
mod exact;
mod record;
mod report;
mod run;
mod steps;
pub mod units;

pub use check::pipeline_errors;
pub use config::{
    Aggregate, AggregateOp, Derive, Enrich, Filter, Formula, Map, Missing, ReadAs, Scale, Step, StepKind,
};
pub use report::{Failure, Report, StepCount, StepTotal, Totals};
pub use run::{Fate, Need, Outcome, Run, Trace};
pub use steps::Known;
