//! The pages of one board at `/b/{board}`, which opens what the board is for, and `/b/{board}/map`.
//!
//! | behaviour | file |
//! |---|---|
//! | what the board opens | `home` |
//! | opening the board, the page's frame | `page` |
//! | what the viewer chose, as signals | `state` |
//! | its twin in the address | `address` |
//! | what the feed brought | `store` |
//! | what items look like, by the board's rules | `marks` |
//! | the board as it was, with a time bar | `replay` and its folder |
//! | whether it is live, in the page's head | `status` |
//! | keys of the keyboard | `shortcuts` |
//! | the help, what is said to people who listen | `help`, `announce` |
//! | lists, card, map | `items`, `map` |
//! | a look inside, for operators and tests | `debug` |

pub mod address;
pub mod announce;
pub mod debug;
pub mod help;
pub mod home;
pub mod items;
pub mod map;
pub mod marks;
pub mod page;
pub mod replay;
pub mod shortcuts;
pub mod state;
pub mod status;
pub mod store;
