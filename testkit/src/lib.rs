//! What tests of a feed need: a board, two relays and eight viewers of all kinds in one process, with everything going
//! wrong that may go wrong, from a seed; and the rules of a client of the JSON feed, as somebody would write it.
//!
//! What does not hold here panics: a test fails by it, and `simulation::simulate` says with which seed.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "what fails here is a test that fails")]
#![allow(clippy::wildcard_enum_match_arm, reason = "a test looks for one kind of message and lets the others be")]
#![allow(clippy::missing_panics_doc, reason = "everything here panics when a rule is broken")]

pub mod dice;
pub mod json_client;
pub mod scenario;
pub mod simulation;
pub mod viewer;
pub mod world;
