//! The way of dead letters to their board: through their envelope, their source's program and the board's pipeline, as the
//! first time.

use super::{Prepared, Publisher, Ready, pipeline, settle_names};
use crate::cache;
use crate::calls;
use crate::fault::{Answer, Fault};
use crate::transform;
use heliograph_shared::api::letters::{ReplayStatus, Replayed};
use heliograph_shared::calls::board::{ReplayAnswer, ReplayAsk};
use heliograph_shared::calls::ingest::Sender;
use heliograph_shared::codec::Batch;
use heliograph_shared::config::BoardConfig;
use heliograph_shared::event::Event;
use heliograph_shared::id::BoardName;
use heliograph_shared::ingest::{Checked, RecordResult};
use heliograph_shared::letters::{Again, Candidate, Fate, Tried, program_input};
use heliograph_shared::limits;
use heliograph_shared::pipeline::Report;
use heliograph_shared::problem::{Code, FieldError};
use heliograph_shared::rights::{KeySet, Owner};
use heliograph_shared::source::{Source, SourceName};
use heliograph_shared::time::Millis;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use worker::Env;

/// A board whose letters are replayed.
#[derive(Clone, Copy)]
pub struct Replaying<'r> {
    /// The platform.
    pub env: &'r Env,
    /// The board.
    pub board: &'r BoardName,
    /// Its config.
    pub config: &'r BoardConfig,
    /// Whether nothing is to be done.
    pub dry_run: bool,
}

/// Letters that can go in one batch: of one owner; and, where a pipeline makes events of several records, of one request.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Group {
    owner: String,
    player: bool,
    made: bool,
    at: Option<Millis>,
}

/// What was made of some letters: what became of each, and the events with the letters that they are of.
#[derive(Default)]
struct Made {
    fates: Vec<Fate>,
    events: Vec<Event>,
    places: Vec<u32>,
    report: Option<Vec<u8>>,
}

/// What a source's program yields for one record.
type Yielded = Result<Vec<u8>, String>;

impl Replaying<'_> {
    /// Replays letters; what became of each, in their order. None when somebody else changed one of them meanwhile.
    pub async fn replay(self, letters: &[Candidate]) -> Answer<Option<Vec<Replayed>>> {
        let sources = self.sources(letters).await?;
        let yields = self.yields(letters, &sources).await?;
        let mut groups: BTreeMap<Group, Vec<usize>> = BTreeMap::new();
        let mut results: Vec<Option<Replayed>> = letters.iter().map(|_| None).collect();
        for (i, letter) in letters.iter().enumerate() {
            if letter.raw.is_none() {
                if let Some(result) = results.get_mut(i) {
                    *result = Some(truncated(letter));
                }
                continue;
            }
            let (owner, player, made) = (letter.owner.clone(), letter.player, letter.made);
            let at = (!self.config.pipeline.is_empty() && !made).then_some(letter.at);
            groups.entry(Group { owner, player, made, at }).or_default().push(i);
        }
        for (group, of_group) in groups {
            let some: Vec<(&Candidate, Option<&Yielded>)> =
                of_group.iter().filter_map(|i| Some((letters.get(*i)?, yields.get(i)))).collect();
            let Some(done) = self.group(&group, &some, &sources).await? else { return Ok(None) };
            for (i, one) in of_group.into_iter().zip(done) {
                if let Some(result) = results.get_mut(i) {
                    *result = Some(one);
                }
            }
        }
        Ok(Some(results.into_iter().flatten().collect()))
    }

    /// The sources of letters, by name, as far as they are still there.
    async fn sources(self, letters: &[Candidate]) -> Answer<HashMap<String, Source>> {
        let mut found = HashMap::new();
        let mut asked = std::collections::HashSet::new();
        for name in letters.iter().filter(|letter| !letter.made).filter_map(|letter| letter.source.as_ref()) {
            if !asked.insert(name) {
                continue;
            }
            let Ok(known) = SourceName::try_from(name.clone()) else { continue };
            let source = calls::registry::source(self.env, &known).await?;
            if let Some(source) = source.filter(|source| source.board == *self.board) {
                found.insert(name.clone(), source);
            }
        }
        Ok(found)
    }

    /// What the programs of sources yield for letters, by their places.
    async fn yields(self, letters: &[Candidate], sources: &HashMap<String, Source>) -> Answer<HashMap<usize, Yielded>> {
        let mut yields = HashMap::new();
        for (name, source) in sources {
            let Some(program) = &source.transform else { continue };
            let (mut lines, mut places) = (Vec::new(), Vec::new());
            for (i, letter) in letters.iter().enumerate().filter(|(_, letter)| !letter.made) {
                if letter.source.as_ref() == Some(name)
                    && let Some(line) = letter.raw.as_deref().and_then(program_input)
                {
                    lines.extend(line);
                    places.push(i);
                }
            }
            if places.is_empty() {
                continue;
            }
            match transform::run(self.env, &program.jq, &lines, limits::SOURCE_JQ_VALUES).await? {
                Ok(run) => {
                    let missing = std::iter::repeat_with(|| Err("it was not run on this record".to_owned()));
                    yields.extend(places.into_iter().zip(run.into_iter().chain(missing)));
                }
                // As a whole: it takes too much, or no longer compiles.
                Err(why) => yields.extend(places.into_iter().map(|i| (i, Err(why.clone())))),
            }
        }
        Ok(yields)
    }

    /// Replays letters that go in one batch.
    async fn group(
        self,
        group: &Group,
        letters: &[(&Candidate, Option<&Yielded>)],
        sources: &HashMap<String, Source>,
    ) -> Answer<Option<Vec<Replayed>>> {
        let Made { fates, events, places, report } = self.made(group, letters, sources).await?;
        let tried = letters
            .iter()
            .zip(fates)
            .map(|((letter, _), fate)| Tried { id: letter.id, version: letter.version.clone(), fate })
            .collect();
        let owner = Owner::kept(group.owner.clone());
        let sender = Sender {
            owner: &owner,
            player: group.player,
            by: "",
            source: None,
            letters: String::new(),
            trails: String::new(),
            report,
            ends: Vec::new(),
        };
        let ask = ReplayAsk { dry_run: self.dry_run, letters: tried, places };
        let batch = Batch::from_events(&events);
        let answer = calls::board::replay_letters(self.env, self.board, self.config, &ask, &batch, &sender).await?;
        let ReplayAnswer::Done(mut done) = answer else { return Ok(None) };
        if self.dry_run {
            for (event, place) in events.iter().zip(&ask.places) {
                if let Some(one) = done.get_mut(*place as usize) {
                    one.events.push(serde_json::to_value(event).unwrap_or(Value::Null));
                }
            }
        } else {
            cache::written(self.board);
        }
        Ok(Some(done))
    }

    /// What is made of letters before the board. A letter of which one event is refused is refused whole.
    async fn made(
        self,
        group: &Group,
        letters: &[(&Candidate, Option<&Yielded>)],
        sources: &HashMap<String, Source>,
    ) -> Answer<Made> {
        let mut checked = Checked::default();
        for (place, (letter, yielded)) in letters.iter().enumerate() {
            let place = place as u32;
            let raw = letter.raw.as_deref().unwrap_or_default();
            let source = letter.source.as_ref().and_then(|name| sources.get(name));
            let again = match source.and_then(|source| source.transform.as_ref()) {
                _ if letter.made || letter.source.is_none() => Again::Event,
                Some(_) => Again::Program(*yielded),
                None => Again::Envelope(letter.envelope(source.map(|source| source.envelope))),
            };
            match letter.events(raw, again, &self.config.key_name, &self.config.rules) {
                Err(problem) => {
                    let why = FieldError::new("", problem.code, problem.detail);
                    checked.refused.push(RecordResult::refused(place, why));
                }
                Ok(one) => match one.refused.into_iter().next() {
                    Some(why) => checked.refused.push(RecordResult { index: place, ..why }),
                    None => {
                        if !one.ends.is_empty() {
                            checked.ends.push(place);
                        }
                        checked.places.extend(one.events.iter().map(|_| place));
                        checked.events.extend(one.events);
                        checked.cleaned.absorb(one.cleaned);
                    }
                },
            }
        }
        checked.refuse_ends("what ends an item is not replayed: DELETE …/items/{key} ends it");
        let publisher = Publisher {
            publish: KeySet::All,
            player: group.player,
            by: String::new(),
            source: None,
            joined: None,
            owner: Owner::kept(group.owner.clone()),
        };
        let (events, places, refused, report) = match group.at {
            None => {
                let Checked { mut events, mut places, mut refused, .. } = checked;
                settle_names(&mut events, &mut places, &mut refused, self.config, &publisher);
                (events, places, refused, None)
            }
            Some(at) => self.through_pipeline(&publisher, checked, at).await?,
        };
        let fates = (0..letters.len() as u32)
            .map(|place| match refused.iter().find(|why| why.index == place) {
                Some(why) => Fate::Refused(why.clone()),
                None => Fate::Events(places.iter().filter(|of| **of == place).count() as u32),
            })
            .collect();
        Ok(Made { fates, events, places, report })
    }

    async fn through_pipeline(
        self,
        publisher: &Publisher,
        checked: Checked,
        at: Millis,
    ) -> Answer<(Vec<Event>, Vec<u32>, Vec<RecordResult>, Option<Vec<u8>>)> {
        let none = |_: &[RecordResult]| String::new();
        match pipeline::through(self.env, self.config, publisher, checked, at, (&none, None)).await? {
            Prepared::Broken { problem, .. } => Err(Fault::Problem(problem)),
            Prepared::Ready(Ready { events, report, .. }) => {
                let Report { places, refused, .. } = match &report {
                    Some(report) => Report::decode(report)?,
                    None => return Err(Fault::Internal("a pipeline without a report".into())),
                };
                Ok((events, places, refused, report))
            }
        }
    }
}

fn truncated(letter: &Candidate) -> Replayed {
    Replayed {
        id: letter.id.to_string(),
        status: ReplayStatus::Truncated,
        code: Some(Code::TooLong.name().to_owned()),
        field: Some("record".to_owned()),
        message: Some("only the beginning of the record was kept: replace the record, then replay it".to_owned()),
        step: None,
        events: Vec::new(),
    }
}
