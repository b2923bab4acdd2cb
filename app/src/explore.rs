//! Comparing items and fields over time, at `/b/{board}/explore`: everything of `explore.html`.

mod catalog;
mod controls;
mod known;
mod page;
mod picker;
mod results;
mod table;
mod traces;

pub use crate::explore::page::ExplorePage;
