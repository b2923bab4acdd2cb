//! Dead letters: records that were refused, kept with the reason until a manager drops them.

use super::Inner;
use crate::asked::Asked;
use crate::fault::{Answer, Fault};
use crate::reply;
use heliograph_shared::limits;
use heliograph_shared::problem::{Code, FieldError, Problem};
use serde_json::{Value, json};
use worker::Response;

/// Where a letter is: its row, and its place there.
type Place = (u64, usize);

/// Reads a letter's id.
fn place(id: &str) -> Option<Place> {
    let (row, index) = id.split_once('.')?;
    Some((row.parse().ok().filter(|row| *row <= limits::SEQ_MAX)?, index.parse().ok()?))
}

/// Reads where a page goes on: at a letter, or below a row as pages once ended.
fn after(text: &str) -> Option<Place> {
    place(text).or_else(|| Some((text.parse::<u64>().ok().filter(|row| *row <= limits::SEQ_MAX)?.checked_sub(1)?, 0)))
}

impl Inner {
    /// `…/dead-letters`: the newest first.
    #[inline(never)]
    pub(super) fn dead_letters(&self, asked: &Asked) -> Answer<Response> {
        let mut limit = limits::PAGE_ROWS;
        let mut from = None;
        for (name, value) in asked.pairs() {
            let bad = |message: &str| {
                let e = FieldError::new(&*name, Code::InvalidParameter, format!("{name} {message}"));
                Fault::from(Problem::about(400, e))
            };
            match &*name {
                "limit" => {
                    limit = value
                        .parse()
                        .ok()
                        .filter(|n| (1..=limits::PAGE_ROWS_MAX).contains(n))
                        .ok_or_else(|| bad(&format!("is 1 to {}", limits::PAGE_ROWS_MAX)))?;
                }
                "after" => from = Some(after(&value).ok_or_else(|| bad("is the next of the page before"))?),
                _ => return Err(bad("is not known; there are limit and after")),
            }
        }
        self.with(|b| {
            let (mut list, mut next, mut bytes) = (Vec::new(), Value::Null, 0);
            b.store.dead_letters(from.map(|(row, _)| row), |row| {
                let id = row.id as u64;
                let first = from.filter(|(from, _)| *from == id).map_or(0, |(_, index)| index);
                let Some(text) = b.letters_without_erased(id, row.letters)? else { return Ok(true) };
                let letters: Vec<Value> = serde_json::from_slice(text.as_bytes())?;
                if !list.is_empty() && bytes + text.len() > limits::DEAD_LETTERS_PAGE_BYTES {
                    next = format!("{id}.{first}").into();
                    return Ok(false);
                }
                bytes += text.len();
                for (i, mut letter) in letters.into_iter().enumerate().skip(first).filter(|(_, l)| !l.is_null()) {
                    if list.len() >= limit {
                        next = format!("{id}.{i}").into();
                        return Ok(false);
                    }
                    letter["id"] = format!("{id}.{i}").into();
                    letter["time"] = (row.at as i64).into();
                    list.push(letter);
                }
                Ok(true)
            })?;
            let dropped = b.store.letters_dropped()?;
            Ok(reply::object(200, &json!({"dead_letters": list, "next": next, "dropped": dropped}))?)
        })
    }

    /// Drops one.
    pub(super) fn drop_letter(&self, id: &str) -> Answer<Response> {
        let Some((row, index)) = place(id) else { return Err(no_letter()) };
        let left = self.with(|b| {
            let left = b.store.drop_letter(row, index)?;
            if let (Some(space), Some(bytes)) = (&mut b.letter_space, left) {
                space.resized(row, bytes);
            }
            Ok(left)
        })?;
        if left.is_some() { Ok(reply::empty(204)?) } else { Err(no_letter()) }
    }
}

fn no_letter() -> Fault {
    Fault::not_found("there is no such dead letter")
}
