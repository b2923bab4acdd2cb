//! The targets that the operator declared for archives.

use crate::keys::secret;
use heliograph_shared::archive::config::{ArchiveConfig, Choice};
use heliograph_shared::archive::target::{Target, Unknown};
use heliograph_shared::id::BoardName;
use worker::Env;

/// The target that a board's config chose.
pub fn target(env: &Env, choice: &Choice, board: &BoardName) -> Result<Target, Unknown> {
    Target::resolve(choice, secret(env, &choice.name().secret()).as_deref(), board)
}

/// Whether the operator has declared the target that a board's config chose.
pub fn is_declared(env: &Env, config: &ArchiveConfig, board: &BoardName) -> Result<(), Unknown> {
    target(env, &config.target, board).map(drop)
}
