//! What a page of charts knows of its board.

use super::catalog::{Catalog, SAMPLE};
use crate::client::boards::{self, BoardInfo};
use crate::client::http::Failure;
use crate::parts::open_board::Board;

/// What a page of charts knows of its board.
#[derive(Clone, Debug)]
pub struct Known {
    /// The board.
    pub board: Board,
    /// How its fields are shown.
    pub info: BoardInfo,
    /// What it has.
    pub catalog: Catalog,
}

/// Asks for all of it.
pub async fn learn(board: Board) -> Result<Known, Failure> {
    let key = board.key.clone();
    let items = format!("items?limit={SAMPLE}");
    let items = boards::ask(&board.name, &items, key.as_deref(), None).await?;
    let page = serde_json::from_value(items).map_err(|error| Failure::senseless(200, &error))?;
    Ok(Known { info: board.info.clone(), catalog: Catalog::read(page), board })
}
