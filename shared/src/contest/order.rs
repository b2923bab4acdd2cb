//! The order of time, whatever the order of the feed: some systems write the newest first, others whole collections by id.

use std::collections::HashMap;

use super::feed::Happening;
use super::line::Change;
use super::{ContestEvent, ReadTime};

/// An event that is known so much before one that stands ahead of it is out of order; judges overlap by less.
const OVERLAP_MILLIS: i64 = 60_000;

/// Whether later lines tell of earlier times. Lines about the same thing then come in the wrong order as well.
pub fn is_newest_first(changes: &[(u64, Happening)], start: i64, read: ReadTime<'_>) -> bool {
    let times: Vec<i64> = changes.iter().filter_map(|(_, happening)| time_of(happening, start, read)).collect();
    let count = |wanted: fn(i64, i64) -> bool| times.windows(2).filter(|pair| wanted(pair[0], pair[1])).count();
    let (up, down) = (count(|a, b| a < b), count(|a, b| a > b));
    down >= 2 && down > 2 * up
}

fn time_of(happening: &Happening, start: i64, read: ReadTime<'_>) -> Option<i64> {
    let (time, contest_time) = match happening {
        Happening::Submissions(Change::Put(_, submission)) => (submission.time.as_ref(), submission.contest_time),
        Happening::Judgements(Change::Put(_, judgement)) => (
            judgement.end_time.as_ref().or(judgement.start_time.as_ref()),
            judgement.end_contest_time.or(judgement.start_contest_time),
        ),
        Happening::Submissions(Change::Delete(_) | Change::Replace(_))
        | Happening::Judgements(Change::Delete(_) | Change::Replace(_)) => return None,
    };
    contest_time.map(|at| start + at).or_else(|| read(time?))
}

/// Puts events, each with the submission that it is about, into the order in which they were known. Those that are in that
/// order but for corrections stay as they are: a correction names the time of what it corrects.
pub fn by_time(mut rows: Vec<(String, ContestEvent)>) -> Vec<ContestEvent> {
    let mut latest = i64::MIN;
    let mut early = 0;
    for (_, row) in &rows {
        early += usize::from(row.known < latest.saturating_sub(OVERLAP_MILLIS));
        latest = latest.max(row.known);
    }
    if early * 10 > rows.len() {
        // What is said of one submission stays in its order.
        let mut before: HashMap<String, i64> = HashMap::new();
        for (submission, row) in &mut rows {
            let known = before.entry(submission.clone()).or_insert(row.known);
            row.known = row.known.max(*known);
            *known = row.known;
        }
        rows.sort_by_key(|(_, row)| row.known);
    }
    rows.into_iter().map(|(_, row)| row).collect()
}
