//! What whoever may not manage the board sees: adapter around [`heliograph_shared::sights`].

use heliograph_shared::rights::{Access, Ask, Sight};

/// What anybody sees of a public board.
pub(super) fn anyone() -> Sight {
    Access::public().may(Ask::Present).unwrap_or_default()
}
