//! What the edge and the objects say to each other: the methods of each object, with what they take and what they
//! answer. These bytes never leave the deployment, but a caller and an object may be of two versions while one replaces
//! the other: every call begins with the contract's version, and an object does nothing for a caller of another one.

pub mod board;
pub mod ingest;
pub mod poller;
pub mod registry;
pub mod relay;

pub use board::BoardMethod;
pub use poller::PollerMethod;
pub use registry::RegistryCall;
pub use relay::RelayMethod;

/// The contract's version: the first byte of every call. Whoever changes a call's bytes, or those of its answer, raises it.
pub const VERSION: u8 = 6;

/// The first byte of what the script for jq (`transform/`) is sent. It is deployed by itself: one of another version
/// answers with [`OTHER_VERSION_STATUS`] and does nothing. `transform/index.js` has the same number, which a test holds.
pub const TRANSFORM_VERSION: u8 = 1;

/// The status with which an object answers a caller of another version.
pub const OTHER_VERSION_STATUS: u16 = 505;

/// A caller speaks another version, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the caller speaks version {theirs:?} of the contract between edge and objects, this object {VERSION}")]
pub struct OtherVersion {
    /// The first byte; none of an empty call.
    pub theirs: Option<u8>,
}

/// A call without its version.
pub fn opened(call: &[u8]) -> Result<&[u8], OtherVersion> {
    match call.split_first() {
        Some((&VERSION, body)) => Ok(body),
        other => Err(OtherVersion { theirs: other.map(|(byte, _)| *byte) }),
    }
}

/// Methods of an object that are told apart by the last part of the call's address.
macro_rules! methods {
    ($(#[doc = $about:literal])* $name:ident { $($(#[doc = $doc:literal])* $variant:ident = $path:literal,)* }) => {
        $(#[doc = $about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[doc = $doc])* $variant,)*
        }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// How it is called in an address.
            pub const fn path(self) -> &'static str {
                match self {
                    $(Self::$variant => $path,)*
                }
            }

            /// The method of this name.
            pub fn named(path: &str) -> Option<Self> {
                match path {
                    $($path => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    };
}
use methods;

#[cfg(test)]
mod tests;
