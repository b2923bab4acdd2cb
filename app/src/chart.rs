//! Charts of series: what the API rolled up, drawn by uPlot, told in words and in tables.
//!
//! | behaviour | file |
//! |---|---|
//! | what a series is of, what can be shown of its points | `measure`, `series` |
//! | where series come from, and how often | `source` |
//! | which time is shown, and its buttons | `span`, `range_bar` |
//! | lines side by side over one row of times | `columns`, `picture` |
//! | a chart on the page: zoomed, read, told | `frame`, `legend`, `words` |
//! | what stands where values are not there | `state` |
//! | the only file that knows uPlot | `plot` |
//! | its twin in the address | `address` |

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
