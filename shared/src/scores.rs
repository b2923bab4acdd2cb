//! Scoreboards: rankings made from a board's log by rules.
//!
//! [`rule`] is what a config says, [`tally`] folds one key's events into columns, [`ranking`] keeps keys in order,
//! [`session`] is the life of a bounded run, and [`scoreboard`] puts them together. [`channel`] carries standings
//! from the board to its relays, [`frame`] from a relay to its viewers, [`replica`] is a viewer's copy.
//! [`resolver`] goes from a frozen ranking to the final one, cell by cell.

pub mod about;
pub mod attributes;
pub mod award;
pub mod book;
mod cells;
pub mod channel;
#[cfg(test)]
mod compared;
pub mod control;
pub mod direction;
mod firsts;
pub mod frame;
pub mod gate;
pub mod keeper;
pub mod moves;
pub mod name;
pub mod order;
mod pack;
pub mod period;
pub mod points;
pub mod query;
pub mod ranking;
pub mod replica;
pub mod resolver;
pub mod rule;
pub mod scoreboard;
pub mod scored;
pub mod session;
pub mod shown;
pub mod tally;
pub mod task_cell;
pub mod timeline;
pub mod window;

pub use replica::{ScoreChange, ScoreReplica, ScoreRow};
pub use task_cell::TaskCell;
pub use window::ScoreWindow;
