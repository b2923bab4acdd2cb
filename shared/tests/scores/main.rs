//! Scoreboards against a model of them: what they count, how they rank, what viewers are told, and when.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test helper that fails is a test that fails")]
#![allow(clippy::wildcard_enum_match_arm, reason = "a test looks for one kind of message and lets the others be")]

mod awards;
mod calendar;
mod cells;
mod chance;
mod examples;
mod json_scores;
mod model;
mod past;
mod players;
mod rankings;
mod resolver;
mod told;
mod viewers;
mod world;
mod zones;
