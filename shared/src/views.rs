//! Views over a board: what readers ask, and in which form they are answered.

pub mod cache;
pub mod columns;
pub mod csv;
pub mod events;
pub mod filter;
pub mod format;
pub mod items;
pub mod json;
pub mod named;
pub mod query;
pub mod sheet;
pub mod summary;
pub mod table;
pub mod upstream;
pub mod version;

pub use format::Format;
pub use items::{ItemQuery, ItemsQuery};
pub use table::TableForm;
