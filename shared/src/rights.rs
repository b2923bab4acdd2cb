//! What a credential allows. The signature or the hash is checked elsewhere; this is what it means.
//!
//! A credential compiles once to [`Rights`]; [`Rights::on`] gives what they allow on one board, and [`Access::may`] is
//! the one function that decides whether something is done. What it allows comes with a [`Sight`]: under which keys,
//! as whom, and how much of it.

mod access;
mod boards;
mod compiled;
mod conditions;
mod grant;
mod keys;
mod owner;
#[cfg(test)]
mod tests;

pub use access::{Access, Ask, Lacks, PLAYER_PREFIX, Sight, Standing};
pub use boards::Boards;
pub use compiled::Rights;
pub use conditions::{Conditions, Narrowed};
pub use grant::{AUDIENCE, Claims, Grant, ISSUER, MintRequest, Operation, SignIn, check_grants};
pub use keys::{BadPattern, KeySet, Patterns};
pub use owner::{OWNER_BYTES, Owner, is_owner_name};
