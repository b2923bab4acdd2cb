//! The list of boards, at `/`.
//!
//! | behaviour | file |
//! |---|---|
//! | asking for the list, and the page | `page` |
//! | groups by what boards are for | `kind` |
//! | one board, its small picture | `card`, `thumbnail` |
//! | how to make a board | `make` |

mod card;
mod kind;
mod make;
pub mod page;
mod thumbnail;
