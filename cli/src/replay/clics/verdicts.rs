//! From what happened to events: whenever the verdict that counts for a submission changes, an event says so.
//!
//! An event has the submission's time, not the judgement's: that is when the team reached what it reached. It goes out
//! when the judgement was known. A board that lets a later event of the same submission replace the earlier one ends up
//! with the latest verdict of each, whatever was corrected on the way.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::sync::Arc;

use jiff::tz::TimeZone;
use serde_json::{Map, Value};
use xxhash_rust::xxh3::xxh3_64;

use crate::event::{number, put};
use crate::replay::rows::{Row, rest};
use crate::replay::time::parse_time;
use crate::summary::grouped;

use super::feed::{Happening, Schedule, Setting};
use super::line::Change;
use super::model::{Judgement, Submission, place, text};
use super::order::by_time;

/// What counts for a submission.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Outcome {
    key: Arc<str>,
    problem: String,
    verdict: String,
    solved: bool,
    penalty: bool,
    /// Milliseconds on the contest's clock.
    at: i64,
}

/// What the events so far say of a submission.
#[derive(Debug, Default)]
struct Told {
    outcome: Option<Outcome>,
    events: u32,
}

/// Why a submission does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Left {
    /// Not judged yet.
    Pending,
    /// Before the start or not before the end.
    OutOfTime,
    /// By a team that is not on the scoreboard, or for a problem that the contest has not.
    Elsewhere,
}

/// Makes events of a feed.
#[derive(Debug)]
pub struct Verdicts<'a> {
    setting: &'a Setting,
    schedule: &'a Schedule,
    zone: &'a TimeZone,
    contest: String,
    submissions: BTreeMap<String, Submission>,
    /// With the order in which they first appeared.
    judgements: BTreeMap<String, (u64, Judgement)>,
    /// The judgements of each submission.
    judged: BTreeMap<String, Vec<String>>,
    told: BTreeMap<String, Told>,
    appeared: u64,
    /// The latest time the feed has come to.
    clock: i64,
    /// The latest time that something was known.
    latest: i64,
    teams: Vec<Row>,
    /// With the submission that each is about.
    rows: Vec<(String, Row)>,
}

impl<'a> Verdicts<'a> {
    /// No events yet.
    pub fn new(setting: &'a Setting, schedule: &'a Schedule, zone: &'a TimeZone) -> Self {
        Self {
            setting,
            schedule,
            zone,
            contest: setting.id(),
            submissions: BTreeMap::new(),
            judgements: BTreeMap::new(),
            judged: BTreeMap::new(),
            told: BTreeMap::new(),
            appeared: 0,
            clock: schedule.start,
            latest: schedule.start,
            teams: Vec::new(),
            rows: Vec::new(),
        }
    }

    /// An event for each team on the scoreboard, at the start of the contest: who it is and where it comes from.
    pub fn teams(&mut self) {
        for team in self.setting.teams() {
            let mut fields = Map::new();
            let part = |name: &str| team.organization.and_then(|object| text(object, name)).map(Value::String);
            put(&mut fields, "name", Some(Value::String(team.name)));
            put(&mut fields, "organization", part("name").or_else(|| part("formal_name")));
            put(&mut fields, "country", part("country"));
            put(&mut fields, "group", team.group.map(Value::String));
            let mut position = Map::new();
            if let Some((lat, lon)) = team.organization.and_then(place) {
                put(&mut position, "lat", Some(number(lat)));
                put(&mut position, "lon", Some(number(lon)));
            }
            let rest = rest(&position, &fields);
            // The hash makes a team that was renamed in a later copy of the feed another event.
            let id = format!("{}:team:{}:{:x}", self.contest, team.id, xxh3_64(rest.as_bytes()));
            let start = self.schedule.start;
            self.teams.push(Row::new(team.line, start, start, Arc::from(team.id), Some(id), rest));
        }
    }

    /// Takes what happened in a line.
    pub fn take(&mut self, line: u64, happening: Happening) {
        let touched = match happening {
            Happening::Submissions(change) => self.take_submissions(change),
            Happening::Judgements(change) => self.take_judgements(change),
        };
        for submission in touched {
            self.tell(line, &submission);
        }
    }

    /// The events, and in words what they were made of.
    pub fn finish(self) -> (Vec<Row>, String) {
        let mut left = [0_u64; 3];
        for id in self.submissions.keys() {
            if let Err(why) = self.decide(id) {
                left[why as usize] += 1;
            }
        }
        let [pending, out_of_time, elsewhere] = left;
        let mut told = format!("{} submissions", grouped(self.submissions.len() as u64));
        for (count, why) in [
            (pending, "not judged"),
            (out_of_time, "before the start or after the end"),
            (elsewhere, "by teams or for problems that are not on the scoreboard"),
        ] {
            if count > 0 {
                let _ = write!(told, ", {} {why}", grouped(count));
            }
        }
        let mut pending = self.pending();
        let mut rows = self.teams;
        rows.extend(by_time(self.rows));
        // Each where it was handed in, or behind the verdict that was taken back.
        pending.sort_by_key(|row| row.known);
        for row in pending {
            let at = rows.iter().position(|other| other.known > row.known).unwrap_or(rows.len());
            rows.insert(at, row);
        }
        (rows, told)
    }

    /// An event without a verdict for each submission that the feed leaves unjudged, so that a board shows it as pending.
    fn pending(&self) -> Vec<Row> {
        let row = |(id, submission): (&String, &Submission)| {
            let (problem, at) = self.place(submission).ok()?;
            self.decide(id).err().filter(|why| *why == Left::Pending)?;
            let (key, time) = (Arc::from(submission.team.as_str()), self.schedule.start + at);
            let unjudged = Outcome { key, problem, verdict: String::new(), solved: false, penalty: false, at };
            let rest = unjudged.rest(id, None);
            let content = xxh3_64(format!("{} {time} {rest}", unjudged.key).as_bytes());
            let event = format!("{}:{id}:pending:{content:x}", self.contest);
            let known = if self.told.contains_key(id) { self.latest.max(time) } else { time };
            Some(Row::new(0, time, known, unjudged.key, Some(event), rest))
        };
        self.submissions.iter().filter_map(row).collect()
    }

    fn take_submissions(&mut self, change: Change<Submission>) -> Vec<String> {
        match change {
            Change::Put(id, submission) => {
                self.passes(self.contest_time(&submission).map(|at| self.schedule.start + at));
                self.submissions.insert(id.clone(), submission);
                vec![id]
            }
            Change::Delete(id) => {
                self.submissions.remove(&id);
                vec![id]
            }
            Change::Replace(list) => {
                let before = std::mem::take(&mut self.submissions).into_keys().collect();
                let now: Vec<String> = list.iter().map(|(id, _)| id.clone()).collect();
                self.submissions.extend(list);
                both(now, before)
            }
        }
    }

    fn take_judgements(&mut self, change: Change<Judgement>) -> Vec<String> {
        match change {
            Change::Put(id, judgement) => {
                self.passes(self.known(&judgement));
                let now = vec![judgement.submission.clone()];
                let before = self.put_judgement(id, judgement);
                both(now, before.into_iter().collect())
            }
            Change::Delete(id) => self.remove_judgement(&id).into_iter().collect(),
            Change::Replace(list) => {
                let ids: Vec<String> = self.judgements.keys().cloned().collect();
                let before = ids.iter().filter_map(|id| self.remove_judgement(id)).collect();
                let now: Vec<String> = list.iter().map(|(_, judgement)| judgement.submission.clone()).collect();
                for (id, judgement) in list {
                    self.put_judgement(id, judgement);
                }
                both(now, before)
            }
        }
    }

    /// Gives the submission that the judgement was of before.
    fn put_judgement(&mut self, id: String, judgement: Judgement) -> Option<String> {
        let before = self.judgements.get(&id).map(|(order, judgement)| (*order, judgement.submission.clone()));
        let order = before.as_ref().map_or(self.appeared, |(order, _)| *order);
        self.appeared += 1;
        if before.as_ref().is_none_or(|(_, submission)| *submission != judgement.submission) {
            self.remove_judgement(&id);
            self.judged.entry(judgement.submission.clone()).or_default().push(id.clone());
        }
        self.judgements.insert(id, (order, judgement));
        before.map(|(_, submission)| submission)
    }

    /// Gives the submission that it was of.
    fn remove_judgement(&mut self, id: &str) -> Option<String> {
        let (_, judgement) = self.judgements.remove(id)?;
        if let Some(list) = self.judged.get_mut(&judgement.submission) {
            list.retain(|other| other != id);
        }
        Some(judgement.submission)
    }

    /// Sends what is new about a submission.
    fn tell(&mut self, line: u64, id: &str) {
        let decided = self.decide(id).ok();
        let now = decided.as_ref().map(|(outcome, _)| outcome);
        let told = self.told.get(id);
        let before = told.and_then(|told| told.outcome.as_ref());
        if before == now {
            return;
        }
        let mut events = told.map_or(0, |told| told.events);
        let mut rows = Vec::new();
        let mut row = |outcome: &Outcome, judgement: &str, known: i64| {
            events += 1;
            let time = self.schedule.start + outcome.at;
            let key = Arc::clone(&outcome.key);
            let rest = outcome.rest(id, Some(&outcome.verdict));
            // The hash makes what was corrected in a later copy of the feed another event.
            let content = xxh3_64(format!("{key} {time} {rest}").as_bytes());
            let event = format!("{}:{judgement}:{events}:{}:{content:x}", self.contest, outcome.verdict);
            rows.push((id.to_owned(), Row::new(line, time, known.max(time), key, Some(event), rest)));
        };
        if let Some(before) = before.filter(|before| now.is_none_or(|now| now.key != before.key)) {
            let void = Outcome { verdict: String::new(), solved: false, penalty: false, ..before.clone() };
            row(&void, id, self.clock.max(self.latest));
        }
        if let Some((now, judgement)) = &decided {
            let known = self.judgements.get(judgement).and_then(|(_, judgement)| self.known(judgement));
            row(now, judgement, known.unwrap_or(self.clock));
        }
        self.latest = rows.iter().map(|(_, row)| row.known).fold(self.latest, i64::max);
        self.rows.append(&mut rows);
        self.told.insert(id.to_owned(), Told { outcome: decided.map(|(outcome, _)| outcome), events });
    }

    /// What counts for a submission now, and by which judgement. Of several the one that was begun last counts; one
    /// that is under way takes nothing away from the verdict before it.
    fn decide(&self, id: &str) -> Result<(Outcome, String), Left> {
        let submission = self.submissions.get(id).ok_or(Left::Pending)?;
        let (problem, at) = self.place(submission)?;
        let judgements = self.judged.get(id).into_iter().flatten();
        let known =
            judgements.filter_map(|id| self.judgements.get(id).map(|(order, judgement)| (id, order, judgement)));
        let (judgement, verdict) = known
            .filter(|(.., judgement)| !judgement.superseded)
            .filter_map(|(id, order, judgement)| Some((id, order, judgement, judgement.verdict.as_ref()?)))
            .max_by_key(|(_, order, judgement, _)| (self.begun(judgement), **order))
            .map(|(id, _, _, verdict)| (id.clone(), verdict.clone()))
            .ok_or(Left::Pending)?;
        let meaning = self.setting.meaning(&verdict);
        let key = Arc::from(submission.team.as_str());
        let outcome =
            Outcome { key, problem, verdict, solved: meaning.solved, penalty: meaning.penalty && !meaning.solved, at };
        Ok((outcome, judgement))
    }

    /// For which problem a submission counts, and when.
    fn place(&self, submission: &Submission) -> Result<(String, i64), Left> {
        let label = self.setting.label(&submission.problem).filter(|_| self.setting.is_ranked(&submission.team));
        let problem = label.ok_or(Left::Elsewhere)?;
        let length = self.schedule.end.map_or(i64::MAX, |end| end - self.schedule.start);
        let at = self.contest_time(submission).filter(|at| (0..length).contains(at)).ok_or(Left::OutOfTime)?;
        Ok((problem, at))
    }

    /// When a submission was made, on the contest's clock. That clock decides: it knows of delays and pauses.
    fn contest_time(&self, submission: &Submission) -> Option<i64> {
        let by_wall = || Some(self.absolute(submission.time.as_ref())? - self.schedule.start);
        submission.contest_time.or_else(by_wall)
    }

    fn known(&self, judgement: &Judgement) -> Option<i64> {
        let on_contest_clock = || judgement.end_contest_time.map(|at| self.schedule.start + at);
        self.absolute(judgement.end_time.as_ref()).or_else(on_contest_clock).or_else(|| self.begun(judgement))
    }

    fn begun(&self, judgement: &Judgement) -> Option<i64> {
        let on_contest_clock = || judgement.start_contest_time.map(|at| self.schedule.start + at);
        self.absolute(judgement.start_time.as_ref()).or_else(on_contest_clock)
    }

    fn absolute(&self, text: Option<&String>) -> Option<i64> {
        parse_time(text?, self.zone).ok().map(|stamp| stamp.millis)
    }

    fn passes(&mut self, time: Option<i64>) {
        self.clock = self.clock.max(time.unwrap_or(self.clock));
    }
}

impl Outcome {
    /// As an event's fields; without a verdict it is not judged yet.
    fn rest(&self, submission: &str, verdict: Option<&str>) -> String {
        let mut fields = Map::new();
        put(&mut fields, "submission", Some(submission.into()));
        put(&mut fields, "problem", Some(self.problem.as_str().into()));
        put(&mut fields, "verdict", verdict.map(Into::into));
        put(&mut fields, "solved", Some(self.solved.into()));
        put(&mut fields, "penalty", Some(self.penalty.into()));
        put(&mut fields, "minute", Some((self.at / 60_000).into()));
        rest(&Map::new(), &fields)
    }
}

/// The first list and what only the second has, in this order, each once.
fn both(first: Vec<String>, second: Vec<String>) -> Vec<String> {
    let mut seen = HashSet::new();
    first.into_iter().chain(second).filter(|id| seen.insert(id.clone())).collect()
}
