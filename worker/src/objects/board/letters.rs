//! Dead letters: records that were refused, kept with the reason until a manager mends and replays them, or drops them.

use super::{Inner, Loaded, audit};
use crate::asked::Asked;
use crate::clock;
use crate::fault::{Answer, Fault};
use crate::reply;
use crate::store::letters::AboutRow;
use heliograph_shared::api::letters::LettersDropped;
use heliograph_shared::audit::{Act, By, Kind};
use heliograph_shared::board::LettersChanged;
use heliograph_shared::calls::board::{CandidatesAsk, MendAsk};
use heliograph_shared::letters::{
    Candidate, Candidates, Counted, Kept, LetterFilter, LetterId, LetterQuery, LetterRow, Mend, parts, shown, version,
};
use heliograph_shared::limits;
use heliograph_shared::problem::{Code, FieldError, Problem};
use heliograph_shared::time::Millis;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use worker::Response;

/// The query of a request about letters.
fn query(asked: &Asked) -> Answer<LetterQuery> {
    let pairs = asked.pairs();
    Ok(LetterQuery::parse(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())))?)
}

fn no_letter() -> Fault {
    Fault::not_found("there is no such dead letter: it was replayed or dropped, or made room for others")
}

/// A row of letters that is there.
struct Row {
    at: Millis,
    text: String,
    mends: BTreeMap<usize, String>,
}

/// A letter of a row, with what it was mended to.
struct Found<'r> {
    id: LetterId,
    at: Millis,
    text: &'r str,
    kept: Kept<'r>,
    mend_text: Option<&'r str>,
    mend: Option<Mend<'r>>,
}

impl Row {
    fn letter<'r>(&'r self, id: LetterId, part: &'r RawValue) -> Answer<Option<Found<'r>>> {
        let kept: Option<Kept<'r>> = serde_json::from_slice(part.get().as_bytes())?;
        let Some(kept) = kept else { return Ok(None) };
        let mend_text = self.mends.get(&id.nth).map(String::as_str);
        let mend = mend_text.map(|text| serde_json::from_slice(text.as_bytes())).transpose()?;
        Ok(Some(Found { id, at: self.at, text: part.get(), kept, mend_text, mend }))
    }
}

impl Found<'_> {
    fn shown(&self) -> Answer<String> {
        Ok(shown(self.id, self.at, &self.kept, self.mend.as_ref())?)
    }

    fn bytes(&self) -> usize {
        self.text.len() + self.mend_text.map_or(0, str::len)
    }

    fn candidate(&self) -> Candidate {
        let (kept, mend) = (&self.kept, self.mend.as_ref());
        Candidate {
            id: self.id,
            at: self.at,
            version: version(self.text, self.mend_text),
            raw: kept.is_whole(mend).then(|| kept.raw(mend)),
            source: kept.source.clone(),
            of: kept.of.clone(),
            owner: kept.owner.clone(),
            player: kept.player,
            made: kept.made,
        }
    }
}

/// How a walk through letters goes on.
enum Walk {
    On,
    /// This letter is the first of the next page.
    Enough,
}

impl Loaded {
    /// A row that is there, without what is being erased.
    fn letter_row(&self, row: u64) -> Answer<Option<Row>> {
        let Some((at, text)) = self.store.letters_of(row)? else { return Ok(None) };
        let mends = self.store.mends_of(row)?;
        Ok(self.letters_without_erased(row, text, &mends)?.map(|text| Row { at, text, mends }))
    }

    /// Does something with one letter.
    fn with_letter<T>(&self, id: &str, f: impl FnOnce(&Found<'_>) -> Answer<T>) -> Answer<T> {
        let id = LetterId::parse(id).ok_or_else(no_letter)?;
        let row = self.letter_row(id.row)?.ok_or_else(no_letter)?;
        let all = parts(&row.text)?;
        let part = all.get(id.nth).ok_or_else(no_letter)?;
        let found = row.letter(id, part)?.ok_or_else(no_letter)?;
        f(&found)
    }

    /// Shows the letters of a filter, the newest first, until there are enough or much was looked through; where to go on.
    /// Rows that can't have any are not read.
    fn each_letter(
        &self,
        filter: &LetterFilter,
        from: Option<LetterId>,
        mut each: impl FnMut(&Found<'_>) -> Answer<Walk>,
    ) -> Answer<Option<LetterId>> {
        let key_name = if filter.key.is_some() { self.key_name()? } else { String::new() };
        let mut looked = 0;
        for AboutRow { id, bytes, counted } in self.store.letter_rows(from.map(|from| from.row))? {
            if !counted.iter().any(|counted| filter.may_have(counted)) {
                continue;
            }
            let first = from.filter(|from| from.row == id).map_or(0, |from| from.nth);
            if looked > 0 && looked + bytes > limits::DEAD_LETTERS_SCAN_BYTES {
                return Ok(Some(LetterId { row: id, nth: first }));
            }
            looked += bytes;
            let Some(row) = self.letter_row(id)? else { continue };
            for (nth, part) in parts(&row.text)?.into_iter().enumerate().skip(first) {
                let id = LetterId { row: id, nth };
                let Some(found) = row.letter(id, part)? else { continue };
                if filter.fits(&found.kept, found.mend.as_ref(), &key_name) && matches!(each(&found)?, Walk::Enough) {
                    return Ok(Some(id));
                }
            }
        }
        Ok(None)
    }

    /// Letters by code, of a filter's source and step.
    fn letters_by_code(&self, filter: &LetterFilter) -> Answer<BTreeMap<String, u64>> {
        let filter = LetterFilter { code: None, ..filter.clone() };
        let mut by_code = BTreeMap::new();
        for row in self.store.letter_rows(None)? {
            for counted in row.counted.iter().filter(|counted| filter.may_have(counted)) {
                let Counted(code, _, _, n) = counted;
                *by_code.entry(code.clone().unwrap_or_default()).or_default() += n;
            }
        }
        Ok(by_code)
    }

    /// What is known of the letters is no longer right.
    pub(super) fn note_letters_changed(&mut self, changed: &[LettersChanged]) -> Answer<()> {
        if changed.iter().any(|one| !one.gone.is_empty()) {
            // Read anew: a record that comes again after its letter went leaves another.
            self.letters_seen = None;
        }
        if let Some(space) = &mut self.letter_space {
            for one in changed {
                space.resized(one.row, self.store.letter_bytes(one.row)?);
            }
        }
        Ok(())
    }

    /// Drops letters that are older than letters are kept.
    pub(super) fn drop_old_letters(&mut self, now: Millis) -> Answer<()> {
        let before = now.plus(-limits::DEAD_LETTER_DAYS * super::DAY_MILLIS);
        if let Some(up_to) = self.store.last_letter_before(before)? {
            self.store.drop_letters(up_to)?;
            if let Some(seen) = &mut self.letters_seen {
                seen.gone(up_to);
            }
            self.letter_space = None;
        }
        Ok(())
    }

    /// Drops letters at some places of rows.
    fn drop_at(&mut self, places: &BTreeMap<u64, Vec<usize>>) -> Answer<u64> {
        let (mut changed, mut dropped) = (Vec::new(), 0);
        for (row, gone) in places {
            let Some((_, text)) = self.store.letters_of(*row)? else { continue };
            let changes: Vec<(usize, Option<String>)> = gone.iter().map(|nth| (*nth, None)).collect();
            dropped += gone.len() as u64;
            changed.push(LettersChanged { row: *row, now: LetterRow::changed(&text, &changes)?, gone: gone.clone() });
        }
        self.store.change_letters(&changed)?;
        self.note_letters_changed(&changed)?;
        Ok(dropped)
    }

    /// The letters as they are now, and as what they are to be: none when one of them is another than it was.
    pub(super) fn letter_as_it_was(&self, id: LetterId, was: &str) -> Answer<Option<(String, String)>> {
        let Some(row) = self.letter_row(id.row)? else { return Ok(None) };
        let all = parts(&row.text)?;
        let Some(part) = all.get(id.nth) else { return Ok(None) };
        let same = version(part.get(), row.mends.get(&id.nth).map(String::as_str)) == was;
        Ok((same && part.get() != "null").then(|| (row.text.clone(), part.get().to_owned())))
    }
}

impl Inner {
    /// `…/dead-letters`: the newest first. A few members are the same whatever page is asked for.
    pub(super) fn dead_letters(&self, asked: &Asked) -> Answer<Response> {
        let query = query(asked)?;
        self.with(|b| {
            // A board that is sent nothing does so when somebody looks.
            b.drop_old_letters(clock::now())?;
            let (mut list, mut bytes, mut count) = (String::new(), 0, 0);
            let next = b.each_letter(&query.filter, query.after, |found| {
                if count >= query.page() || (count > 0 && bytes + found.bytes() > limits::DEAD_LETTERS_PAGE_BYTES) {
                    return Ok(Walk::Enough);
                }
                bytes += found.bytes();
                if count > 0 {
                    list.push(',');
                }
                count += 1;
                list.push_str(&found.shown()?);
                Ok(Walk::On)
            })?;
            let next = serde_json::to_string(&next)?;
            let by_code = serde_json::to_string(&b.letters_by_code(&query.filter)?)?;
            let (dropped, repeated) = (b.store.letters_dropped()?, b.store.letters_repeated()?);
            let body = format!(
                "{{\"dead_letters\":[{list}],\"next\":{next},\"by_code\":{by_code},\"dropped\":{dropped},\
                 \"repeated\":{repeated}}}"
            );
            Ok(reply::json(200, body.into_bytes())?)
        })
    }

    /// One letter.
    pub(super) fn letter(&self, id: &str) -> Answer<Response> {
        self.with(|b| b.with_letter(id, |found| Ok(reply::json(200, found.shown()?.into_bytes())?)))
    }

    /// Puts another record in the place of a letter's; the letter keeps the one that came.
    pub(super) fn mend_letter(&self, who: By, body: &[u8]) -> Answer<Response> {
        let MendAsk { id, record, by } = serde_json::from_slice(body)?;
        let place = LetterId::parse(&id).ok_or_else(no_letter)?;
        if record.get().len() > limits::DEAD_LETTER_BYTES {
            let message = format!("record has at most {} bytes as JSON", limits::DEAD_LETTER_BYTES);
            return Err(Problem::about(422, FieldError::new("record", Code::TooLong, message)).into());
        }
        let now = clock::now();
        self.with(|b| {
            let is_original = b.with_letter(&id, |found| {
                let same: (serde_json::Value, serde_json::Value) = (
                    serde_json::from_slice(found.kept.record.get().as_bytes())?,
                    serde_json::from_slice(record.get().as_bytes())?,
                );
                Ok(same.0 == same.1)
            })?;
            let mend = Mend { record: &record, at: now, by };
            let data = if is_original { None } else { Some(serde_json::to_string(&mend)?) };
            b.store.whole().of(|| {
                b.note(who, Act::new(Kind::DeadLetters, "mended").on(&id))?;
                b.store.mend_letter(place, data)
            })?;
            if let Some(space) = &mut b.letter_space {
                space.resized(place.row, b.store.letter_bytes(place.row)?);
            }
            b.with_letter(&id, |found| Ok(reply::json(200, found.shown()?.into_bytes())?))
        })
    }

    /// Drops one.
    pub(super) fn drop_letter(&self, by: By, id: &str) -> Answer<Response> {
        self.with(|b| {
            let at = b.with_letter(id, |found| Ok(found.id))?;
            b.store.whole().of(|| {
                b.note(by, Act::new(Kind::DeadLetters, "dropped").on(id))?;
                b.drop_at(&BTreeMap::from([(at.row, vec![at.nth])]))
            })?;
            Ok(reply::empty(204)?)
        })
    }

    /// Drops some of those that a filter finds.
    pub(super) fn drop_letters(&self, by: By, body: &[u8]) -> Answer<Response> {
        let query: LetterQuery = serde_json::from_slice(body)?;
        self.with(|b| {
            let mut places: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
            let mut count = 0;
            let next = b.each_letter(&query.filter, query.after, |found| {
                if query.limit.is_some_and(|limit| count >= limit) {
                    return Ok(Walk::Enough);
                }
                count += 1;
                places.entry(found.id.row).or_default().push(found.id.nth);
                Ok(Walk::On)
            })?;
            let dropped = b.store.whole().of(|| {
                if count > 0 {
                    let filter = audit::of_filter(&query.filter);
                    b.note(by, Act::new(Kind::DeadLetters, "dropped").on(&filter).from(count.to_string()))?;
                }
                b.drop_at(&places)
            })?;
            Ok(reply::object(200, &LettersDropped { dropped, next: next.map(|id| id.to_string()) })?)
        })
    }

    /// Letters that are to be replayed.
    pub(super) fn candidates(&self, body: &[u8]) -> Answer<Response> {
        let ask: CandidatesAsk = serde_json::from_slice(body)?;
        self.with(|b| {
            let found = match &ask {
                CandidatesAsk::One(id) => {
                    let letters = vec![b.with_letter(id, |found| Ok(found.candidate()))?];
                    Candidates { letters, next: None }
                }
                CandidatesAsk::Some(query) => {
                    let (mut letters, mut bytes) = (Vec::new(), 0);
                    let next = b.each_letter(&query.filter, query.after, |found| {
                        let full = !letters.is_empty() && bytes + found.bytes() > limits::DEAD_LETTERS_REPLAYED_BYTES;
                        if letters.len() >= query.page() || full {
                            return Ok(Walk::Enough);
                        }
                        bytes += found.bytes();
                        letters.push(found.candidate());
                        Ok(Walk::On)
                    })?;
                    Candidates { letters, next }
                }
            };
            Ok(reply::object(200, &found)?)
        })
    }
}
