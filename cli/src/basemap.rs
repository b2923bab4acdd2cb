//! Archives of map tiles (PMTiles): a part of one is cut out, and told of.
//!
//! | You want to know | File |
//! |---|---|
//! | which tiles lie in a box | `area` |
//! | how an archive is opened and told of | `archive` |
//! | how a part is cut out | `cut` |

pub mod archive;
pub mod area;
pub mod cut;
