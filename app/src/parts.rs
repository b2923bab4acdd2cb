//! What several pages show.
//!
//! | behaviour | file |
//! |---|---|
//! | opening a board, asking for a key | `open_board`, `sign_in_with` |
//! | how the first event of a board is sent | `first_event` |
//! | the top of a page, the way to a board's others | `frame`, `board_tabs` |
//! | "live", "stale" and what happens next | `truth` |
//! | a beat a second | `seconds` |
//! | numbers, ages, directions; the order of texts | `format`, `natural` |
//! | light and dark, the choice of the language | `theme`, `language` |
//! | in which units numbers are shown, and the choice of them | `units`, `units_choice` |
//! | how many alarms stand | `alarm_count` |
//! | icons, QR codes, dialogs | `icons`, `qr`, `modal` |
//! | an address that leads nowhere | `not_found` |

pub mod alarm_count;
pub mod board_tabs;
pub mod first_event;
pub mod format;
pub mod frame;
pub mod icons;
pub mod language;
pub mod modal;
pub mod natural;
pub mod not_found;
pub mod open_board;
pub mod qr;
pub mod seconds;
pub mod sign_in_with;
pub mod theme;
pub mod truth;
pub mod units;
pub mod units_choice;
