//! What a board was told of a contest before.

use serde_json::Value;

use crate::error::CliError;
use crate::http::Api;
use crate::replay::clics::amend::OnBoard;

/// Events of a page.
const PAGE: &str = "10000";

/// Reads the board's log. None: the key may not see its history, or the server tells none.
pub async fn told(api: &Api, board: &str, contest: &str) -> Result<Option<OnBoard>, CliError> {
    let mut known = OnBoard::default();
    let mut after: Option<String> = None;
    loop {
        let mut query = vec![("limit", PAGE)];
        query.extend(after.as_deref().map(|after| ("after", after)));
        let answer = api.look(&["v1", "boards", board, "events"], &query).await?;
        if matches!(answer.status, 401 | 403 | 405) {
            return Ok(None);
        }
        if !answer.is_success() {
            return Err(api.refusal(&answer));
        }
        let mut page = answer.json()?;
        if let Some(Value::Array(events)) = page.get_mut("events").map(Value::take) {
            events.into_iter().for_each(|event| known.add(contest, event));
        }
        match page.get("next").and_then(Value::as_str) {
            Some(next) => after = Some(next.to_owned()),
            None => return Ok(Some(known)),
        }
    }
}
