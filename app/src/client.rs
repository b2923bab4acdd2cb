//! The server as the pages need it.
//!
//! | behaviour | file |
//! |---|---|
//! | one request, and why it failed | `http` |
//! | boards and what is below them | `boards` |
//! | sessions, joining, publishing | `sessions` |
//! | the feed, and who renews its tokens | `feed` |
//! | boards, keys and records as managers see them | `manage` |
//! | alarms with their rules, and who is told of them | `alarms`, `webhooks` |
//! | where a key is kept | `credential` |
//! | links that share a part of a board, as a key | `share` |
//! | from a link to a token | `exchange` |
//! | what this device saw of a board last | `last` |
//! | where the server and the site's files are | `place` |
//! | signing in with a provider, and keeping it good | `sign_in`, `renewal` |
//! | names of fields as labels | `labels` |

pub mod alarms;
pub mod boards;
pub mod credential;
pub mod exchange;
pub mod feed;
pub mod http;
pub mod labels;
pub mod last;
pub mod manage;
pub mod place;
pub mod renewal;
pub mod sessions;
pub mod share;
pub mod sign_in;
pub mod webhooks;
