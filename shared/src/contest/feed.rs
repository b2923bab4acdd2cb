//! A whole feed, sorted into what the contest is, as of the feed's end, and what happened in it, in the feed's order.
//!
//! A start that was moved, a team that was renamed or a penalty that was changed counts for all of the contest, so the
//! latest word on those is what matters. Submissions and judgements are the story that is replayed.

use std::collections::BTreeMap;

use crate::limits;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ReadTime;
use super::line::{self, Change, Kind, Refusal};
use super::model::{Judgement, Meaning, Submission, flag, relative, text};
use super::reltime;

/// What a wrong attempt costs almost everywhere, in minutes.
const USUAL_PENALTY: f64 = 20.0;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happening {
    /// To submissions.
    Submissions(Change<Submission>),
    /// To judgements.
    Judgements(Change<Judgement>),
}

/// A feed that was read.
#[derive(Debug, Default)]
pub struct Feed {
    /// What the contest is.
    pub contest: Setting,
    /// What happened, with its line.
    pub changes: Vec<(u64, Happening)>,
}

impl Feed {
    /// Takes one line.
    pub fn take(&mut self, number: u64, text: &[u8]) -> Result<(), Refusal> {
        let Some((kind, change)) = line::parse(text)? else { return Ok(()) };
        let (happening, trouble) = match kind {
            Kind::Submissions => {
                let (change, trouble) = change.convert(Submission::read);
                (change.map(Happening::Submissions), trouble)
            }
            Kind::Judgements => {
                let (change, trouble) = change.convert(Judgement::read);
                (change.map(Happening::Judgements), trouble)
            }
            Kind::Contest
            | Kind::State
            | Kind::JudgementTypes
            | Kind::Problems
            | Kind::Groups
            | Kind::Organizations
            | Kind::Teams
            | Kind::Awards => {
                self.contest.take(number, kind, change);
                (None, None)
            }
        };
        self.changes.extend(happening.map(|happening| (number, happening)));
        trouble.map_or(Ok(()), |reason| Err(("incomplete", reason)))
    }
}

/// A problem's name may be so long on a board.
const TITLE_BYTES: usize = 120;
/// An award's id may be so long on a board.
const AWARD_ID_BYTES: usize = 64;
/// And what it is given for.
const CITATION_BYTES: usize = 200;

/// A colour as boards write it: feeds have it with or without `#`, of three digits or six.
fn color(rgb: &str) -> Option<String> {
    let digits = rgb.trim().trim_start_matches('#').to_ascii_lowercase();
    let is_hex = digits.bytes().all(|b| b.is_ascii_hexdigit());
    match digits.len() {
        6 if is_hex => Some(format!("#{digits}")),
        3 if is_hex => Some(digits.chars().fold("#".to_owned(), |all, digit| format!("{all}{digit}{digit}"))),
        _ => None,
    }
}

type Table = BTreeMap<String, (u64, Value)>;

/// What is kept of the objects: feeds have photos, addresses and videos of everything.
const KEPT: &[&str] = &[
    "citation",
    "country",
    "display_name",
    "duration",
    "ended",
    "finalized",
    "formal_name",
    "frozen",
    "group_id",
    "group_ids",
    "hidden",
    "id",
    "label",
    "location",
    "logo",
    "name",
    "ordinal",
    "organization_id",
    "penalty",
    "penalty_time",
    "rgb",
    "scoreboard_freeze_duration",
    "scoreboard_type",
    "solved",
    "start_time",
    "started",
    "team_ids",
    "thawed",
];

/// An object without what nothing here asks for.
fn kept(object: Value) -> Value {
    match object {
        Value::Object(mut members) => {
            if let Some(files) = members.get_mut("logo") {
                *files = logo(files).map_or(Value::Null, Value::from);
            }
            members.retain(|name, value| KEPT.contains(&name.as_str()) && !value.is_null());
            Value::Object(members)
        }
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => other,
    }
}

/// Of a list of images in several sizes, where the smallest lies that is enough for a row of a scoreboard; without one, the
/// largest.
fn logo(files: &Value) -> Option<String> {
    /// 40 CSS pixels on a projector, on screens with two dots a pixel.
    const ENOUGH: f64 = 80.0;
    let is_image = |file: &&Value| text(file, "mime").is_none_or(|mime| mime.starts_with("image/"));
    // A drawing has no width of its own.
    let width = |file: &Value| file.get("width").and_then(Value::as_f64).unwrap_or(f64::MAX);
    let images = files.as_array()?.iter().filter(is_image);
    let best = images.filter_map(|file| Some((width(file), text(file, "href")?))).min_by(|(a, _), (b, _)| {
        (*a < ENOUGH).cmp(&(*b < ENOUGH)).then(if *a < ENOUGH { b.total_cmp(a) } else { a.total_cmp(b) })
    });
    best.map(|(_, href)| href)
}

/// What a contest is: everything but what happened in it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Setting {
    contest: Value,
    state: Value,
    /// The latest start that was named; the countdown may have been stopped again after it.
    start_time: Option<String>,
    judgement_types: Table,
    problems: Table,
    groups: Table,
    organizations: Table,
    teams: Table,
    awards: Table,
}

/// When a contest was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schedule {
    /// The contest's name.
    pub title: String,
    /// When it started.
    pub start: i64,
    /// The text that told it, with the offset of where the contest is.
    pub written: String,
    /// When the scoreboard was frozen, if it was.
    pub freeze: Option<i64>,
    /// When it ended.
    pub end: Option<i64>,
    /// When the public saw everything again.
    pub thawed: Option<i64>,
}

/// A team as a board shows it.
#[derive(Debug)]
pub struct Team<'a> {
    /// The line that says so.
    pub line: u64,
    /// Its id.
    pub id: &'a str,
    /// Its name for people.
    pub name: String,
    /// Its university or the like.
    pub organization: Option<&'a Value>,
    /// Its group's name.
    pub group: Option<String>,
}

impl Setting {
    /// Takes what a line says.
    pub fn take(&mut self, number: u64, kind: Kind, change: Change<Value>) {
        let table = match kind {
            Kind::JudgementTypes => &mut self.judgement_types,
            Kind::Problems => &mut self.problems,
            Kind::Groups => &mut self.groups,
            Kind::Organizations => &mut self.organizations,
            Kind::Teams => &mut self.teams,
            Kind::Awards => &mut self.awards,
            Kind::Contest | Kind::State | Kind::Submissions | Kind::Judgements => {
                if let Change::Put(_, object) = change {
                    let object = kept(object);
                    if kind == Kind::Contest {
                        self.start_time = text(&object, "start_time").or(self.start_time.take());
                        self.contest = object;
                    } else {
                        self.state = object;
                    }
                }
                return;
            }
        };
        match change {
            Change::Put(id, object) => drop(table.insert(id, (number, kept(object)))),
            Change::Delete(id) => drop(table.remove(&id)),
            Change::Replace(list) => {
                *table = list.into_iter().map(|(id, object)| (id, (number, kept(object)))).collect();
            }
        }
    }

    /// When the contest was. A feed that does not say when it started may still say it of a submission in both clocks.
    pub fn schedule(&self, read: ReadTime<'_>, changes: &[(u64, Happening)]) -> Result<Schedule, String> {
        let stamp = |text: Option<String>| text.and_then(|text| Some((read(&text)?, text)));
        let from_submissions = || {
            changes.iter().find_map(|(_, happening)| match happening {
                Happening::Submissions(Change::Put(_, submission)) => {
                    let (at, written) = stamp(submission.time.clone())?;
                    Some((at - submission.contest_time?, written))
                }
                Happening::Submissions(Change::Delete(_) | Change::Replace(_)) | Happening::Judgements(_) => None,
            })
        };
        // What happened goes before what was planned.
        let (start, written) = stamp(text(&self.state, "started"))
            .or_else(|| stamp(text(&self.contest, "start_time")))
            .or_else(|| stamp(self.start_time.clone()))
            .or_else(from_submissions)
            .ok_or("the feed does not say when the contest starts")?;
        let duration = relative(&self.contest, "duration").filter(|duration| *duration > 0);
        let frozen = relative(&self.contest, "scoreboard_freeze_duration").filter(|frozen| *frozen > 0);
        let state = |name: &str| stamp(text(&self.state, name)).map(|(at, _)| at);
        let ended = state("ended");
        let planned_freeze = duration.zip(frozen).map(|(duration, frozen)| start + (duration - frozen).max(0));
        // A contest that has ended and was not frozen was not, whatever the plan.
        let freeze = state("frozen").or(planned_freeze.filter(|_| ended.is_none()));
        let title = ["name", "formal_name", "id"].iter().find_map(|name| text(&self.contest, name));
        Ok(Schedule {
            title: title.unwrap_or_else(|| "Contest".to_owned()),
            start,
            written,
            freeze,
            end: ended.or(duration.map(|duration| start + duration)),
            // Final standings hide nothing.
            thawed: state("thawed").or_else(|| state("finalized")),
        })
    }

    /// How many objects it is made of.
    pub fn objects(&self) -> usize {
        let tables = [&self.judgement_types, &self.problems, &self.groups, &self.organizations, &self.teams];
        tables.into_iter().map(BTreeMap::len).sum()
    }

    /// The latest start that was named.
    pub fn start_named(&self) -> Option<&str> {
        self.start_time.as_deref()
    }

    /// Names a start, where none was.
    pub fn name_start(&mut self, start: &str) {
        self.start_time.get_or_insert_with(|| start.to_owned());
    }

    /// The contest's id, to tell its events from another contest's on the same board.
    pub fn id(&self) -> String {
        text(&self.contest, "id").unwrap_or_else(|| "contest".to_owned())
    }

    /// Whether a team is on the scoreboard. Hidden teams and those of hidden groups are not; a feed that lists no teams
    /// says nothing against any.
    pub fn is_ranked(&self, team: &str) -> bool {
        match self.teams.get(team) {
            None => self.teams.is_empty(),
            Some((_, team)) => {
                let hidden = |object: &Value| flag(object, "hidden") == Some(true);
                !hidden(team) && !self.groups_of(team).any(hidden)
            }
        }
    }

    /// How many teams are on the scoreboard.
    pub fn ranked_teams(&self) -> usize {
        self.teams().count()
    }

    /// The teams on the scoreboard.
    pub fn teams(&self) -> impl Iterator<Item = Team<'_>> {
        self.teams.iter().filter(|(id, _)| self.is_ranked(id)).map(|(id, (line, team))| {
            let named = ["display_name", "name", "label"].iter().find_map(|part| text(team, part));
            let organization = text(team, "organization_id").and_then(|id| self.organizations.get(&id));
            Team {
                line: *line,
                id,
                name: named.unwrap_or_else(|| id.clone()),
                organization: organization.map(|(_, organization)| organization),
                group: self.groups_of(team).find_map(|group| text(group, "name")),
            }
        })
    }

    fn groups_of<'a>(&'a self, team: &Value) -> impl Iterator<Item = &'a Value> {
        let list = team.get("group_ids").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let mut ids: Vec<String> = list.iter().filter_map(|id| text(&serde_json::json!({ "id": id }), "id")).collect();
        ids.extend(text(team, "group_id"));
        ids.into_iter().filter_map(|id| self.groups.get(&id)).map(|(_, group)| group)
    }

    /// A problem's label; `None` when it is none of the contest's.
    pub fn label(&self, problem: &str) -> Option<String> {
        match self.problems.get(problem) {
            Some((_, object)) => text(object, "label").or_else(|| Some(problem.to_owned())),
            None => self.problems.is_empty().then(|| problem.to_owned()),
        }
    }

    /// The problems in order, as a board's rules list its tasks.
    pub fn tasks(&self) -> Vec<Value> {
        let mut problems: Vec<(f64, String, &Value)> = self
            .problems
            .iter()
            .filter_map(|(id, (_, object))| {
                let ordinal = object.get("ordinal").and_then(Value::as_f64).unwrap_or(f64::MAX);
                Some((ordinal, self.label(id)?, object))
            })
            .collect();
        problems.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(&b.1)));
        problems.dedup_by(|a, b| a.1 == b.1);
        let task = |(_, label, object): &(f64, String, &Value)| {
            let mut task = serde_json::json!({ "id": label });
            let title = text(object, "name").filter(|title| title.len() <= TITLE_BYTES);
            let color = text(object, "rgb").and_then(|rgb| color(&rgb));
            for (name, value) in [("title", title), ("color", color)] {
                if let Some(value) = value {
                    task[name] = value.into();
                }
            }
            task
        };
        problems.iter().map(task).collect()
    }

    /// The awards that somebody got, as a board's config lists them. `team_ids` is null where nothing is decided yet.
    pub fn awards(&self) -> Vec<Value> {
        let award = |(id, (_, object)): (&String, &(u64, Value))| {
            let teams = object.get("team_ids").and_then(Value::as_array)?;
            let named = teams.iter().filter_map(|id| text(&serde_json::json!({ "id": id }), "id"));
            let keys: Vec<String> = named.filter(|team| self.is_ranked(team)).collect();
            let fits = (1..=limits::AWARD_KEYS).contains(&keys.len()) && id.len() <= AWARD_ID_BYTES;
            let mut award = serde_json::json!({ "id": id, "keys": keys });
            if let Some(citation) = text(object, "citation").filter(|citation| citation.len() <= CITATION_BYTES) {
                award["citation"] = citation.into();
            }
            fits.then_some(award)
        };
        self.awards.iter().filter_map(award).take(limits::AWARDS).collect()
    }

    /// Where the logo of each team's organization lies, as the feed names it: an address, or a path below the contest's API.
    pub fn logos(&self) -> BTreeMap<String, String> {
        self.teams().filter_map(|team| Some((team.id.to_owned(), text(team.organization?, "logo")?))).collect()
    }

    /// What a verdict means here.
    pub fn meaning(&self, verdict: &str) -> Meaning {
        let known = Meaning::known(verdict);
        self.judgement_types.get(verdict).map_or(known, |(_, object)| Meaning::read(object, known))
    }

    /// Judgement types that do not say what they mean, with what they are taken for.
    fn taken_for(&self) -> impl Iterator<Item = String> + '_ {
        self.judgement_types.iter().filter_map(|(id, (_, object))| {
            let said = |name: &str| flag(object, name).is_some();
            // A right answer costs nothing: that needs no word.
            let meaning = self.meaning(id);
            (!said("solved") || !said("penalty") && !meaning.solved).then(|| {
                let solved = if meaning.solved { "right" } else { "wrong" };
                let penalty = if meaning.penalty { "with a penalty" } else { "without a penalty" };
                format!("{id} {solved}, {penalty}")
            })
        })
    }

    /// What a wrong attempt costs: minutes as a number or text, or a relative time.
    pub fn penalty_minutes(&self) -> Option<f64> {
        let said = text(&self.contest, "penalty_time")?;
        match said.trim().parse::<f64>() {
            Ok(minutes) => Some(minutes).filter(|minutes| minutes.is_finite()),
            Err(_) => reltime::parse(&said).map(|millis| millis as f64 / 60_000.0),
        }
    }

    /// What a board's config must say differently from the usual.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        let taken: Vec<String> = self.taken_for().collect();
        if !taken.is_empty() {
            notes.push(format!(
                "judgement types that do not say whether they solve or cost are taken as the specification has them: {}",
                taken.join("; ")
            ));
        }
        if let Some(minutes) = self.penalty_minutes().filter(|minutes| (minutes - USUAL_PENALTY).abs() > 1e-9) {
            notes.push(format!(
                "a wrong attempt costs {minutes} minutes in this contest: say so in the board's scores.attempts.wrong_minutes"
            ));
        }
        let awards = self.awards().len();
        if awards > 0 {
            notes.push(format!("{awards} awards: a board that --create makes has them in its config, as awards"));
        }
        if text(&self.contest, "scoreboard_type").as_deref() == Some("score") {
            notes.push(
                "this contest is ranked by points, which are not replayed: only solved problems and penalties are"
                    .to_owned(),
            );
        }
        notes
    }
}
