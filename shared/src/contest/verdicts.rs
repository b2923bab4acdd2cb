//! From what happened to events: whenever the verdict that counts for a submission changes, an event says so.
//!
//! An event has the submission's time, not the judgement's: that is when the team reached what it reached. It goes out
//! when the judgement was known. A board that lets a later event of the same submission replace the earlier one ends up
//! with the latest verdict of each, whatever was corrected on the way.

mod memory;

pub use memory::{Happened, Said};

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::{Map, Value};

use self::memory::{Last, Outcome, TeamTold, Told};
use super::event::{hash_of_attempt, hash_of_team, number, put};
use super::feed::{Happening, Schedule, Setting};
use super::line::Change;
use super::model::{Judgement, Submission, place, text};
use super::order::by_time;
use super::{ContestEvent, ReadTime};

/// How many submissions there are, and how many of them do not count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All of them.
    pub submissions: u64,
    /// Not judged yet.
    pub pending: u64,
    /// Before the start or not before the end.
    pub out_of_time: u64,
    /// By teams or for problems that are not on the scoreboard.
    pub elsewhere: u64,
}

/// What an event is about.
#[derive(Clone, Copy)]
enum Of<'a> {
    /// A judgement, or the submission whose last one is gone.
    Judgement(&'a str),
    /// A submission that was told as pending, and is no more.
    Pending,
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
pub struct Verdicts<'a> {
    setting: &'a Setting,
    schedule: &'a Schedule,
    read: ReadTime<'a>,
    contest: String,
    happened: Happened,
    said: Said,
    teams: Vec<ContestEvent>,
    /// With the submission that each is about.
    events: Vec<(String, ContestEvent)>,
}

impl<'a> Verdicts<'a> {
    /// No events yet.
    pub fn new(setting: &'a Setting, schedule: &'a Schedule, read: ReadTime<'a>) -> Self {
        Self::going_on(setting, schedule, read, (Happened::default(), Said::default()))
    }

    /// The same where something has happened and was told before.
    pub fn going_on(
        setting: &'a Setting,
        schedule: &'a Schedule,
        read: ReadTime<'a>,
        (happened, said): (Happened, Said),
    ) -> Self {
        let contest = setting.id();
        Self { setting, schedule, read, contest, happened, said, teams: Vec::new(), events: Vec::new() }
    }

    /// An event for each team on the scoreboard of which that was not told, at the start of the contest: who it is and where
    /// it comes from.
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
            let content = hash_of_team(&position, &fields);
            let told = self.said.teams.entry(team.id.to_owned()).or_default();
            let time = self.schedule.start;
            if told.events > 0 && told.content == content && told.time == time {
                continue;
            }
            // The hash makes a team that was renamed in a later copy of the feed another event, and the count one that has its
            // old name again.
            let id = format!("{}:team:{}:{content:x}{}", self.contest, team.id, again(told.events));
            *told = TeamTold { content, time, events: told.events.saturating_add(1) };
            let (line, key) = (team.line, Arc::from(team.id));
            self.teams.push(ContestEvent { line, time, known: time, key, id, position, fields });
        }
    }

    /// Takes what happened in a line.
    pub fn take(&mut self, line: u64, happening: Happening) {
        for submission in self.learn(happening) {
            self.tell(line, &submission);
        }
    }

    /// Takes what happened without telling it; the submissions that it is about.
    pub fn learn(&mut self, happening: Happening) -> Vec<String> {
        match happening {
            Happening::Submissions(change) => self.take_submissions(change),
            Happening::Judgements(change) => self.take_judgements(change),
        }
    }

    /// The events, with what happened and was told when they are there.
    pub fn finish(mut self) -> (Vec<ContestEvent>, Counts, (Happened, Said)) {
        let mut counts = Counts { submissions: self.happened.submissions.len() as u64, ..Counts::default() };
        for id in self.happened.submissions.keys() {
            match self.decide(id) {
                Ok(_) => {}
                Err(Left::Pending) => counts.pending += 1,
                Err(Left::OutOfTime) => counts.out_of_time += 1,
                Err(Left::Elsewhere) => counts.elsewhere += 1,
            }
        }
        // What the contest is may have changed, and with it what counts for submissions that nothing was said of.
        let told = self.said.submissions.keys().chain(self.happened.submissions.keys());
        let all: Vec<String> = told.cloned().collect::<std::collections::BTreeSet<_>>().into_iter().collect();
        for id in &all {
            self.tell(0, id);
        }
        let mut pending = Vec::new();
        for id in &all {
            pending.extend(self.pending(id));
        }
        let mut events = self.teams;
        events.extend(by_time(self.events));
        // Each where it was handed in, or behind the verdict that was taken back.
        pending.sort_by_key(|event| event.known);
        let mut pending = pending.into_iter().peekable();
        let mut all = Vec::with_capacity(events.len() + pending.len());
        for event in events {
            while let Some(before) = pending.next_if(|before| before.known < event.known) {
                all.push(before);
            }
            all.push(event);
        }
        all.extend(pending);
        (all, counts, (self.happened, self.said))
    }

    /// An event without a verdict for a submission that the feed leaves unjudged, so that a board shows it as pending.
    fn pending(&mut self, id: &str) -> Option<ContestEvent> {
        let submission = self.happened.submissions.get(id)?;
        let (problem, at) = self.place(submission).ok()?;
        self.decide(id).err().filter(|why| *why == Left::Pending)?;
        let (key, time) = (submission.team.clone(), self.schedule.start.saturating_add(at));
        let outcome = Outcome { key, problem, verdict: String::new(), solved: false, penalty: false, at };
        let fields = outcome.fields(id, None);
        let content = hash_of_attempt(&outcome.key, time, &fields);
        let known = if self.said.submissions.contains_key(id) { self.latest().max(time) } else { time };
        let told = self.said.submissions.entry(id.to_owned()).or_default();
        if told.last.as_ref().is_some_and(|last| last.pending && last.content == content) {
            return None;
        }
        let event = format!("{}:{id}:pending:{content:x}{}", self.contest, again(told.pendings));
        told.pendings = told.pendings.saturating_add(1);
        let key = Arc::from(outcome.key.as_str());
        told.last = Some(Last { outcome, content, pending: true });
        Some(ContestEvent { line: 0, time, known, key, id: event, position: Map::new(), fields })
    }

    /// What happened, without what is to be told of it.
    pub fn happened(self) -> Happened {
        self.happened
    }

    fn latest(&self) -> i64 {
        self.said.latest.unwrap_or(self.schedule.start)
    }

    fn clock(&self) -> i64 {
        self.happened.clock.unwrap_or(self.schedule.start).max(self.schedule.start)
    }

    fn take_submissions(&mut self, change: Change<Submission>) -> Vec<String> {
        match change {
            Change::Put(id, submission) => {
                self.passes(self.contest_time(&submission).map(|at| self.schedule.start.saturating_add(at)));
                self.happened.submissions.insert(id.clone(), submission);
                vec![id]
            }
            Change::Delete(id) => {
                self.happened.submissions.remove(&id);
                vec![id]
            }
            Change::Replace(list) => {
                let before = std::mem::take(&mut self.happened.submissions).into_keys().collect();
                let now: Vec<String> = list.iter().map(|(id, _)| id.clone()).collect();
                self.happened.submissions.extend(list);
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
                let ids: Vec<String> = self.happened.judgements.keys().cloned().collect();
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
        let before = self.happened.judgements.get(&id).map(|(order, judgement)| (*order, judgement.submission.clone()));
        let order = before.as_ref().map_or(self.happened.appeared, |(order, _)| *order);
        self.happened.appeared += 1;
        if before.as_ref().is_none_or(|(_, submission)| *submission != judgement.submission) {
            self.remove_judgement(&id);
            self.happened.judged.entry(judgement.submission.clone()).or_default().push(id.clone());
        }
        self.happened.judgements.insert(id, (order, judgement));
        before.map(|(_, submission)| submission)
    }

    /// Gives the submission that it was of.
    fn remove_judgement(&mut self, id: &str) -> Option<String> {
        let (_, judgement) = self.happened.judgements.remove(id)?;
        if let Some(list) = self.happened.judged.get_mut(&judgement.submission) {
            list.retain(|other| other != id);
        }
        Some(judgement.submission)
    }

    /// Sends what is new about a submission.
    fn tell(&mut self, line: u64, id: &str) {
        let decided = self.decide(id);
        let told = self.said.submissions.get(id).cloned().unwrap_or_default();
        let Told { last: before, mut events, mut pendings } = told;
        let attempt = |outcome: &Outcome| {
            let time = self.schedule.start.saturating_add(outcome.at);
            let fields = outcome.fields(id, Some(&outcome.verdict));
            let content = hash_of_attempt(&outcome.key, time, &fields);
            (time, fields, content)
        };
        let contest = &self.contest;
        let mut row = |outcome: &Outcome, of: Of<'_>, known: i64| {
            let (time, fields, content) = attempt(outcome);
            let event = match of {
                // The hash makes what was corrected in a later copy of the feed another event.
                Of::Judgement(judgement) => {
                    events = events.saturating_add(1);
                    format!("{contest}:{judgement}:{events}:{}:{content:x}", outcome.verdict)
                }
                Of::Pending => {
                    let times = again(pendings);
                    pendings = pendings.saturating_add(1);
                    format!("{contest}:{id}:pending::{content:x}{times}")
                }
            };
            let (key, known, position) = (Arc::from(outcome.key.as_str()), known.max(time), Map::new());
            (id.to_owned(), ContestEvent { line, time, known, key, id: event, position, fields })
        };
        let mut rows = Vec::new();
        let now = decided.as_ref().ok().map(|(outcome, _)| outcome);
        if let (Some(before), Some(now)) = (&before, now)
            && !before.pending
            && before.content == attempt(now).2
        {
            return;
        }
        // One that is pending and still is has nothing to be taken back, unless it is another team's now.
        let stays = |before: &Last| match now {
            Some(now) => now.key == before.outcome.key,
            None => {
                before.pending
                    && decided.as_ref().err() == Some(&Left::Pending)
                    && self.happened.submissions.get(id).is_some_and(|s| s.team == before.outcome.key)
            }
        };
        let mut last = before.clone();
        if let Some(before) = before.as_ref().filter(|before| !stays(before)) {
            let verdict = String::new();
            let void = Outcome { verdict, solved: false, penalty: false, ..before.outcome.clone() };
            let of = if before.pending { Of::Pending } else { Of::Judgement(id) };
            rows.push(row(&void, of, self.clock().max(self.latest())));
            last = None;
        }
        if let Ok((now, judgement)) = &decided {
            let known = self.happened.judgements.get(judgement).and_then(|(_, judgement)| self.known(judgement));
            let known = known.unwrap_or_else(|| self.clock());
            rows.push(row(now, Of::Judgement(judgement), known));
            last = Some(Last { outcome: now.clone(), content: attempt(now).2, pending: false });
        }
        if rows.is_empty() {
            return;
        }
        self.said.latest = Some(rows.iter().map(|(_, event)| event.known).fold(self.latest(), i64::max));
        self.events.append(&mut rows);
        self.said.submissions.insert(id.to_owned(), Told { last, events, pendings });
    }

    /// What counts for a submission now, and by which judgement. Of several the one that was begun last counts; one
    /// that is under way takes nothing away from the verdict before it.
    fn decide(&self, id: &str) -> Result<(Outcome, String), Left> {
        let submission = self.happened.submissions.get(id).ok_or(Left::Pending)?;
        let (problem, at) = self.place(submission)?;
        let judgements = self.happened.judged.get(id).into_iter().flatten();
        let known = judgements
            .filter_map(|id| self.happened.judgements.get(id).map(|(order, judgement)| (id, order, judgement)));
        let (judgement, verdict) = known
            .filter(|(.., judgement)| !judgement.superseded)
            .filter_map(|(id, order, judgement)| Some((id, order, judgement, judgement.verdict.as_ref()?)))
            .max_by_key(|(_, order, judgement, _)| (self.begun(judgement), **order))
            .map(|(id, _, _, verdict)| (id.clone(), verdict.clone()))
            .ok_or(Left::Pending)?;
        let meaning = self.setting.meaning(&verdict);
        let key = submission.team.clone();
        let outcome =
            Outcome { key, problem, verdict, solved: meaning.solved, penalty: meaning.penalty && !meaning.solved, at };
        Ok((outcome, judgement))
    }

    /// For which problem a submission counts, and when.
    fn place(&self, submission: &Submission) -> Result<(String, i64), Left> {
        let label = self.setting.label(&submission.problem).filter(|_| self.setting.is_ranked(&submission.team));
        let problem = label.ok_or(Left::Elsewhere)?;
        let length = self.schedule.end.map_or(i64::MAX, |end| end.saturating_sub(self.schedule.start));
        let at = self.contest_time(submission).filter(|at| (0..length).contains(at)).ok_or(Left::OutOfTime)?;
        Ok((problem, at))
    }

    /// When a submission was made, on the contest's clock. That clock decides: it knows of delays and pauses.
    fn contest_time(&self, submission: &Submission) -> Option<i64> {
        let by_wall = || Some(self.absolute(submission.time.as_ref())?.saturating_sub(self.schedule.start));
        submission.contest_time.or_else(by_wall)
    }

    fn known(&self, judgement: &Judgement) -> Option<i64> {
        let on_contest_clock = || judgement.end_contest_time.map(|at| self.schedule.start.saturating_add(at));
        self.absolute(judgement.end_time.as_ref()).or_else(on_contest_clock).or_else(|| self.begun(judgement))
    }

    fn begun(&self, judgement: &Judgement) -> Option<i64> {
        let on_contest_clock = || judgement.start_contest_time.map(|at| self.schedule.start.saturating_add(at));
        self.absolute(judgement.start_time.as_ref()).or_else(on_contest_clock)
    }

    fn absolute(&self, text: Option<&String>) -> Option<i64> {
        (self.read)(text?)
    }

    fn passes(&mut self, time: Option<i64>) {
        self.happened.clock = self.happened.clock.max(time);
    }
}

/// What makes the id of something that was said before another one.
fn again(times: u32) -> String {
    if times == 0 { String::new() } else { format!("+{times}") }
}

/// The first list and what only the second has, in this order, each once.
fn both(first: Vec<String>, second: Vec<String>) -> Vec<String> {
    let mut seen = HashSet::new();
    first.into_iter().chain(second).filter(|id| seen.insert(id.clone())).collect()
}
