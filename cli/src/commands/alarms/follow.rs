//! What happens to alarms, as it happens: the newest pages are asked for until they reach what was printed.

use std::time::Duration;

use heliograph_shared::alarms::{AlarmEvent, AlarmEvents};

use super::Happened;
use crate::error::CliError;
use crate::http::{Api, read};
use crate::interrupt::Interrupt;
use crate::output;
use crate::send::retry::Backoff;

/// How often it is asked for.
const EVERY: Duration = Duration::from_secs(2);

/// A page of what happened: the newest, or what is older than an event.
pub async fn page(api: &Api, board: &str, which: &Happened, after: Option<u64>) -> Result<AlarmEvents, CliError> {
    let mut query = which.query();
    query.extend(after.map(|after| ("after", after.to_string())));
    let query: Vec<(&str, &str)> = query.iter().map(|(name, value)| (*name, value.as_str())).collect();
    read(api.get(&["v1", "boards", board, "alarms", "events"], &query).await?)
}

/// An event as a line of JSON.
pub fn line(event: &AlarmEvent) -> String {
    serde_json::to_string(event).unwrap_or_default()
}

/// Prints what there is, and then what comes, until somebody ends it or nobody reads. A server that is away for a while is
/// waited for.
pub async fn run(api: &Api, board: &str, which: &Happened) -> Result<(), CliError> {
    let mut interrupt = Interrupt::listen();
    tokio::select! {
        result = follow(api, board, which) => result,
        () = interrupt.wait() => Ok(()),
    }
}

async fn follow(api: &Api, board: &str, which: &Happened) -> Result<(), CliError> {
    let mut printed = print(&page(api, board, which, None).await?.events, 0);
    let mut backoff = Backoff::default();
    while let Some(last) = printed {
        tokio::time::sleep(EVERY).await;
        match since(api, board, which, last).await {
            Ok(events) => {
                backoff.reset();
                printed = print(&events, last);
            }
            Err(error) if error.is_temporary() => {
                eprintln!("{error}; trying again");
                tokio::time::sleep(backoff.next(fastrand::f64())).await;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// What happened since an event, the newest first.
async fn since(api: &Api, board: &str, which: &Happened, last: u64) -> Result<Vec<AlarmEvent>, CliError> {
    let (mut news, mut after) = (Vec::new(), None);
    loop {
        let AlarmEvents { events, next, .. } = page(api, board, which, after).await?;
        let is_reached = reaches(&events, last);
        news.extend(events.into_iter().filter(|event| event.id > last));
        if is_reached || next.is_none() {
            return Ok(news);
        }
        after = next;
    }
}

/// Whether a page goes back to an event that is known.
fn reaches(events: &[AlarmEvent], last: u64) -> bool {
    events.last().is_none_or(|oldest| oldest.id <= last)
}

/// Prints events, the oldest first; the last one that is printed by now, and none once nobody reads.
fn print(events: &[AlarmEvent], last: u64) -> Option<u64> {
    let mut last = last;
    for event in events.iter().rev() {
        output::line(format_args!("{}", line(event))).ok()?;
        last = last.max(event.id);
    }
    Some(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn events(ids: &[u64]) -> Vec<AlarmEvent> {
        let one = |id: &u64| {
            serde_json::from_value(
                json!({"id": id, "kind": "raise", "alarm": id, "rule": "hot", "name": "Hot", "key": "a",
                "severity": "info", "time": 0, "received_at": 0, "seen": "", "reason": "rule"}),
            )
            .unwrap()
        };
        ids.iter().map(one).collect()
    }

    #[test]
    fn pages_are_asked_for_until_they_reach_what_is_known() {
        assert!(!reaches(&events(&[9, 8, 7]), 5));
        assert!(reaches(&events(&[9, 5]), 5));
        assert!(reaches(&events(&[4]), 5), "what was known may be gone");
        assert!(reaches(&[], 5));
    }
}
