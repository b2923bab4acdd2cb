//! What several pages show.

pub mod alarm_count;
pub mod board_tabs;
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
