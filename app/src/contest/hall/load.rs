//! The two standings that a resolver goes between: what the public is answered, and what managers are.

use std::sync::Arc;

use heliograph_shared::api::scores::ScoresPage;
use heliograph_shared::limits;
use heliograph_shared::scores::ScoreRow;
use heliograph_shared::scores::resolver::Resolver;
use heliograph_shared::scores::rule::ScoreRules;
use serde::Deserialize;
use serde_json::Value;

use crate::browser::percent::encode;
use crate::client::boards;
use crate::client::http::Failure;
use crate::contest::logos;
use crate::contest::problems::Problems;
use crate::parts::open_board::Board;
use crate::scores::about::About;

/// What the page shows and plays.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// At its beginning.
    pub resolver: Resolver,
    /// What the server says to managers.
    pub about: About,
    /// The problems, with who was first in the end.
    pub problems: Problems,
}

/// Why there is nothing to resolve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Who asks may not manage the board.
    NotManager,
    /// Nothing is hidden.
    NotFrozen,
    /// A sentence.
    Failed(String),
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure.sentence())
    }
}

/// The rules in a config.
#[derive(Deserialize)]
struct Config {
    scores: ScoreRules,
}

fn read(page: &Value) -> Result<ScoresPage, Fault> {
    ScoresPage::deserialize(page).map_err(|error| Fault::Failed(error.to_string()))
}

/// Asks for both. What is hidden comes to managers only, by the server's own right.
pub async fn load(board: Board, session: Option<String>) -> Result<Loaded, Fault> {
    let Some(key) = board.key.as_deref().filter(|_| board.info.is_whole) else { return Err(Fault::NotManager) };
    let rules = serde_json::from_str::<Config>(&board.info.text).map_err(|error| Fault::Failed(error.to_string()))?;
    let session = session.map(|session| format!("&session={}", encode(&session))).unwrap_or_default();
    let path = format!("scores?top={}&cells=true{session}", limits::SCORE_TOP_MAX);
    let public = boards::token(&board.name, Some(key), &["read"]).await?;
    let frozen = boards::ask(&board.name, &path, Some(&public.token), None).await?;
    let last = boards::ask(&board.name, &path, Some(key), None).await?;
    let about = About::read(&last["about"]);
    if !about.live {
        return Err(Fault::NotManager);
    }
    if !about.frozen {
        return Err(Fault::NotFrozen);
    }
    let logos = Arc::new(logos::read(&board.info.text));
    let problems = Problems::read(&last["about"]).with_logos(&logos);
    let rows = |page: &ScoresPage| page.rows.iter().map(ScoreRow::from).collect::<Vec<_>>();
    let resolver = Resolver::new(&rules.scores, &rows(&read(&frozen)?), &rows(&read(&last)?));
    Ok(Loaded { resolver, about, problems })
}
