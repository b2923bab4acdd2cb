//! Letters on their way again: their events and what becomes of the letters are one commit. Whoever dies in between has
//! done nothing; whoever dies after has done all of it, and a second replay finds no letter.

use super::ingest::{foretell, request_of};
use super::{Inner, Loaded, pusher};
use crate::clock;
use crate::fault::{Answer, Fault};
use crate::reply;
use heliograph_shared::api::letters::{ReplayStatus, Replayed};
use heliograph_shared::board::{Commit, LettersChanged};
use heliograph_shared::calls::board::{ReplayAnswer, ReplayAsk};
use heliograph_shared::calls::ingest::IngestBody;
use heliograph_shared::calls::opened;
use heliograph_shared::codec::Reader;
use heliograph_shared::ingest::{IngestAnswer, RecordResult};
use heliograph_shared::letters::{Became, Kept, LetterId, LetterRow, became};
use heliograph_shared::pipeline::Report;
use heliograph_shared::time::Millis;
use std::collections::BTreeMap;
use std::rc::Rc;
use worker::Response;

/// What letters of a row become; nothing of one that goes.
type Changes = Vec<(usize, Option<String>)>;

/// What was made of a letter, for who replays it.
fn replayed(id: LetterId, became: &Became) -> Replayed {
    let of = |status| Replayed {
        id: id.to_string(),
        status,
        code: None,
        field: None,
        message: None,
        step: None,
        events: Vec::new(),
    };
    match became {
        Became::Events { known: false } => of(ReplayStatus::Accepted),
        Became::Events { known: true } => of(ReplayStatus::Duplicate),
        Became::Filtered => of(ReplayStatus::Filtered),
        Became::Refused(RecordResult { code, field, message, step, .. }) => Replayed {
            code: code.clone(),
            field: field.clone(),
            message: message.clone(),
            step: step.clone(),
            ..of(ReplayStatus::Refused)
        },
    }
}

/// A letter that was refused again, as it is kept.
fn tried_again(letter: &str, why: &RecordResult, now: Millis) -> Answer<String> {
    let mut kept: Kept<'_> = serde_json::from_slice(letter.as_bytes())?;
    kept.code.clone_from(&why.code);
    kept.field.clone_from(&why.field);
    kept.message.clone_from(&why.message);
    kept.step.clone_from(&why.step);
    kept.tries = kept.tries.saturating_add(1);
    kept.tried_at = Some(now);
    Ok(serde_json::to_string(&kept)?)
}

impl Inner {
    /// Takes the events of letters, and what becomes of the letters.
    pub(super) fn replay_letters(self: &Rc<Self>, body: &[u8]) -> Answer<Response> {
        let mut r = Reader::new(body);
        let ask: ReplayAsk = serde_json::from_slice(r.blob()?)?;
        let rest = r.take(r.remaining())?;
        let body = opened(rest).map_err(|_| Fault::Internal("letters of another version".into()))?;
        let body = IngestBody::decode(body)?;
        let now = clock::now();
        let answer = self.with(|b| self.replay(b, &ask, &body, now));
        if matches!(answer, Err(Fault::Internal(_))) {
            self.go_on();
        }
        let answer = answer?;
        if !ask.dry_run {
            self.keep_up(now, Some(body.keep));
            pusher::wake(self, body.tick_ms);
            self.check_later();
            self.deliver();
            self.note_news();
        }
        Ok(reply::object(200, &answer)?)
    }

    fn replay(&self, b: &mut Loaded, ask: &ReplayAsk, body: &IngestBody<'_>, now: Millis) -> Answer<ReplayAnswer> {
        let mut rows: BTreeMap<u64, (String, Changes)> = BTreeMap::new();
        let mut letters = Vec::with_capacity(ask.letters.len());
        for tried in &ask.letters {
            let Some((row, letter)) = b.letter_as_it_was(tried.id, &tried.version)? else {
                return Ok(ReplayAnswer::Changed);
            };
            rows.entry(tried.id.row).or_insert_with(|| (row, Vec::new()));
            letters.push(letter);
        }
        let request = request_of(b, body, now)?;
        let done = |answer: &IngestAnswer| became(&ask.letters, &ask.places, answer);
        let told = |all: &[Became]| {
            let one = |(tried, became): (&heliograph_shared::letters::Tried, &Became)| replayed(tried.id, became);
            ReplayAnswer::Done(ask.letters.iter().zip(all).map(one).collect())
        };
        if ask.dry_run {
            let answer = foretell(b, &request, now)?;
            return Ok(told(&done(&answer)));
        }
        b.has_room(body.batch.len())?;
        // A manager sends them: of a player's pace and clock the board knows nothing any more.
        let (log, answer) = self.number(b, &request, false, now, None)?;
        let all = done(&answer);
        for ((tried, became), letter) in ask.letters.iter().zip(&all).zip(&letters) {
            let now_is = match became {
                Became::Refused(why) => Some(tried_again(letter, why, now)?),
                Became::Events { .. } | Became::Filtered => None,
            };
            if let Some((_, changes)) = rows.get_mut(&tried.id.row) {
                changes.push((tried.id.nth, now_is));
            }
        }
        let mut changed = Vec::with_capacity(rows.len());
        for (row, (before, changes)) in &rows {
            let gone = changes.iter().filter(|(_, now)| now.is_none()).map(|(nth, _)| *nth).collect();
            changed.push(LettersChanged { row: *row, now: LetterRow::changed(before, changes)?, gone });
        }
        let report = body.report.map(Report::decode).transpose()?;
        let totals = b.counted(report.as_ref(), now)?;
        let commit = Commit::new(log, body.owner).changed_letters(changed.clone()).totals(totals);
        b.store.commit(&commit, now)?;
        if let Err(fault) = b.note_letters_changed(&changed).and_then(|()| b.follow(commit.rows(), now)) {
            log_error!("after a commit: {fault:?}");
            self.stale.set(true);
        }
        let cursor = b.core.cursor();
        let (_, log) = commit.into_parts();
        if !log.is_empty() {
            self.pusher.add(log, cursor, now);
        }
        Ok(told(&all))
    }
}
