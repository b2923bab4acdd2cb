//! The items of a board as lists.
//!
//! | behaviour | file |
//! |---|---|
//! | which items, in which order | `rows` |
//! | which of them a viewer wants: the search, and lines of the legend | `wanted`, `lines` |
//! | a row's second line, a column's name and value | `words` |
//! | the panel with its tabs and the search | `panel` |
//! | the list, the top list, the table | `list`, `top`, `table` |
//! | the selected item, its values over time, its way on the map, its trips | `card`, `chart`, `path`, `trips` with `way` |

pub mod card;
pub mod chart;
pub mod lines;
pub mod list;
pub mod panel;
pub mod path;
pub mod rows;
pub mod table;
pub mod top;
mod trips;
pub mod wanted;
mod way;
pub mod words;
