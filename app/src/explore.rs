//! Comparing items and fields over time, at `/b/{board}/explore`: everything of `explore.html`.
//!
//! | behaviour | file |
//! |---|---|
//! | the page, its twin in the address | `page` |
//! | what there is to compare | `known`, `catalog` |
//! | what is compared: items, fields, steps | `controls`, `picker` |
//! | from the view to questions, from answers to lines and CSV | `traces` |
//! | the charts, and the table under them | `results`, `table` |

mod catalog;
mod controls;
mod known;
mod page;
mod picker;
mod results;
mod table;
mod traces;

pub use crate::explore::page::ExplorePage;
