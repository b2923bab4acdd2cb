//! A scoreboard as bytes: what a checkpoint holds. Rows come with their standing, so that a restart need not count
//! anything; what they were counted from stays packed until an event of that key comes.

mod attributes;

use super::book::{Book, Ranked, Scope};
use super::points::Points;
use super::rule::ScoreRules;
use super::scoreboard::Scoreboard;
use super::tally::Tally;
use super::tally::packed::{read_reached, write_reached};
use super::timeline::Timeline;
use crate::codec::{DecodeError, Reader, Writer};
use crate::limits;
use crate::time::Millis;
use std::sync::Arc;

const VERSION: u8 = 2;

fn write_scope(w: &mut Writer, scope: &Scope) {
    w.varint(scope.session.map_or(0, |s| u64::from(s) + 1));
    match &scope.group {
        None => w.u8(0),
        Some((grouping, value)) => {
            w.u8(grouping + 1);
            w.text(value);
        }
    }
}

fn read_scope(r: &mut Reader<'_>) -> Result<Scope, DecodeError> {
    let session = match r.varint()? {
        0 => None,
        n => Some(u16::try_from(n - 1).map_err(|_| DecodeError::Invalid("session"))?),
    };
    let group = match r.u8()? {
        0 => None,
        n => Some((n - 1, Arc::from(r.text()?))),
    };
    Ok(Scope { session, group })
}

fn write_book(w: &mut Writer, book: &Book) {
    let (first, list) = book.parts();
    w.zigzag(first);
    w.varint(book.left_out);
    w.varint(list.len() as u64);
    for (scope, ranked) in list {
        write_scope(w, scope);
        write_ranked(w, ranked);
    }
}

fn write_ranked(w: &mut Writer, ranked: &Ranked) {
    w.varint(ranked.events);
    let ranking = &ranked.ranking;
    w.varint(u64::from(ranked.row_count()));
    for (id, tally) in ranked.rows() {
        w.text(ranking.key(id));
        w.u8(u8::from(ranking.is_ranked(id)));
        if ranking.is_ranked(id) {
            ranking.values(id).iter().for_each(|p| w.zigzag(p.0));
            write_reached(w, ranking.reached(id));
        }
        match tally {
            Some(tally) => tally.write(w),
            None => Tally::default().write(w),
        }
    }
}

fn read_book(r: &mut Reader<'_>, rules: &ScoreRules) -> Result<Book, DecodeError> {
    let mut book = Book::new(rules, r.zigzag()?);
    book.left_out = r.varint()?;
    // The one over all and those of sessions are made beyond the limit.
    let most = limits::SCORE_RANKINGS + limits::SESSIONS_PER_BOARD + 1;
    let n = r.count()?;
    if n > most {
        return Err(DecodeError::Invalid("number of rankings"));
    }
    for _ in 0..n {
        let scope = read_scope(r)?;
        let ranked = book.restore(scope).ok_or(DecodeError::Invalid("ranking"))?;
        read_ranked(r, rules, ranked)?;
    }
    Ok(book)
}

fn read_ranked(r: &mut Reader<'_>, rules: &ScoreRules, ranked: &mut Ranked) -> Result<(), DecodeError> {
    ranked.events = r.varint()?;
    let mut values: Vec<Points> = Vec::with_capacity(rules.columns.len());
    for _ in 0..r.count()? {
        let key = r.text()?;
        let standing = match r.u8()? {
            0 => None,
            1 => {
                values.clear();
                for _ in &rules.columns {
                    values.push(Points(r.zigzag()?));
                }
                Some((values.as_slice(), read_reached(r)?))
            }
            _ => return Err(DecodeError::Invalid("standing")),
        };
        let (bucket, bytes) = (r.zigzag()?, r.blob()?);
        if !ranked.restore(key, standing, Tally::packed(bucket, bytes)) {
            return Err(DecodeError::Invalid("row of a ranking"));
        }
    }
    Ok(())
}

impl Scoreboard {
    /// The scoreboard as bytes, without what managers did: that stands in the log.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut w = Writer::with_capacity(1 << 16);
        w.u8(VERSION);
        w.blob(&serde_json::to_vec(self.rules()).unwrap_or_default());
        let parts = self.parts();
        w.zigzag(parts.newest.map_or(i64::MIN, |t| t.0));
        attributes::write(&mut w, parts.attributes);
        write_book(&mut w, parts.live);
        match parts.frozen {
            None => w.u8(0),
            Some((book, known)) => {
                w.u8(1);
                write_book(&mut w, book);
                attributes::write(&mut w, known);
            }
        }
        w.finish()
    }

    /// A scoreboard that goes on from what was counted, before what is frozen now was, to be fed what came since and
    /// [`Scoreboard::finish`]ed. None: it was made by other rules, or another build wrote it.
    pub fn from_base(bytes: &[u8], timeline: Timeline) -> Result<Option<Self>, DecodeError> {
        let mut before = timeline.clone();
        before.frozen = None;
        Ok(Self::from_bytes(bytes, before)?.map(|board| board.go_on_with(timeline)))
    }

    /// A scoreboard as it was when managers had done this. None: it was made by other rules, or another build wrote it.
    pub fn from_bytes(bytes: &[u8], timeline: Timeline) -> Result<Option<Self>, DecodeError> {
        let mut r = Reader::new(bytes);
        let Some(rules) = timeline.rules.clone() else { return Ok(None) };
        if r.u8()? != VERSION || serde_json::from_slice::<ScoreRules>(r.blob()?).ok().as_ref() != Some(&rules) {
            return Ok(None);
        }
        let newest = Some(Millis(r.zigzag()?)).filter(|t| t.0 != i64::MIN);
        let attributes = attributes::read(&mut r, &rules)?;
        let live = read_book(&mut r, &rules)?;
        let frozen = match r.u8()? {
            0 => None,
            _ => Some((read_book(&mut r, &rules)?, attributes::read(&mut r, &rules)?)),
        };
        r.end()?;
        Ok(Self::restore(timeline, rules, newest, attributes, live, frozen))
    }
}
