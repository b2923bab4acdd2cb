//! Charts of series: what the API rolled up, drawn by uPlot, told in words and in tables.

pub mod address;
pub mod columns;
pub mod frame;
pub mod legend;
pub mod measure;
pub mod picture;
pub mod plot;
pub mod range_bar;
pub mod series;
pub mod source;
pub mod span;
pub mod state;
pub mod words;
