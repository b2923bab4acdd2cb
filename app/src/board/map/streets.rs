//! Streets under the items, from the archive of tiles that a board's config names. A map whose streets don't come has the local
//! world under its items.
//!
//! | behaviour | file |
//! |---|---|
//! | what is drawn of the tiles, and how | `style`, and `public/basemap/streets.json` |
//! | what is said when they don't come | `notice` |

pub mod notice;
pub mod style;
