//! Comparing items and fields over time, at `/b/{board}/explore`: everything of `explore.html`.

pub mod address;
mod catalog;
mod controls;
mod download;
mod page;
mod picker;
mod results;
mod table;
mod traces;

pub use page::ExplorePage;
