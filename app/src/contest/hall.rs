//! The resolver for the hall, at `/b/{board}/contest?resolver=1`: a frozen contest is revealed cell by cell, on this screen
//! alone. Nobody else sees anything of it before the board itself is revealed.
//!
//! | behaviour | file |
//! |---|---|
//! | what it needs, for whom who may manage the board | `load` |
//! | steps, by hand and by itself | `driver` |
//! | the rows, of which the one in question is followed | `stage` |
//! | rows on an upright phone | `compact` |
//! | what a step says | `told` |
//! | buttons, and how far it is | `desk` |
//! | the page | `page` |

mod compact;
mod desk;
mod driver;
mod load;
mod page;
mod stage;
mod told;

pub use self::page::HallPage;

/// Whether the address asks for it.
pub fn is_asked_for(search: &str) -> bool {
    crate::browser::percent::parameter(search, "resolver").as_deref() == Some("1")
}
