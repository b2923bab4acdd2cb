//! The browser's own things, each behind a few functions.
//!
//! | behaviour | file |
//! |---|---|
//! | the time, randomness, pauses | `clock` |
//! | elements and the document | `dom` |
//! | where this device is | `geolocation` |
//! | which language a visit has, numbers as it writes them | `language`, `numbers` |
//! | addresses: encoding, parameters | `percent` |
//! | what is kept in the browser | `storage` |
//! | a file for the viewer | `save` |

pub mod clock;
pub mod dom;
pub mod geolocation;
pub mod language;
pub mod numbers;
pub mod percent;
pub mod save;
pub mod storage;
