//! Dead letters: records that were refused, kept with the reason until a manager drops them.

use super::Inner;
use crate::asked::Asked;
use crate::fault::{Answer, Fault};
use crate::objects::call::IngestBody;
use crate::reply;
use crate::store::board::BoardStore;
use heliograph_shared::codec::Batch;
use heliograph_shared::event::Event;
use heliograph_shared::ingest::{IngestAnswer, RecordStatus};
use heliograph_shared::limits;
use heliograph_shared::problem::{FieldError, Problem};
use heliograph_shared::time::Millis;
use serde_json::{Value, json};
use worker::Response;

/// Keeps what was refused of a request: at the edge, and by the board.
pub(super) fn bury(store: &BoardStore, body: &IngestBody<'_>, answer: &IngestAnswer, now: Millis) -> Answer<()> {
    let refused = answer.results.iter().any(|r| r.status == RecordStatus::Refused);
    if !refused && body.letters.is_empty() {
        return Ok(());
    }
    let mut letters: Vec<Value> =
        if body.letters.is_empty() { Vec::new() } else { serde_json::from_slice(body.letters.as_bytes())? };
    if refused {
        let batch = Batch::decode(body.batch)?;
        for r in answer.results.iter().filter(|r| r.status == RecordStatus::Refused) {
            letters.push(json!({
                "code": r.code,
                "field": r.field,
                "message": r.message,
                "record": record(&batch.event(r.index as usize)),
                "by": body.by,
            }));
        }
    }
    store.bury(&letters, now)
}

/// An event as a producer would send it.
fn record(event: &Event) -> Value {
    let fields: serde_json::Map<String, Value> = event
        .fields
        .iter()
        .map(|(n, v)| (n.clone(), v.as_ref().map_or(Value::Null, heliograph_shared::value::Value::to_json)))
        .collect();
    let mut v = json!({"key": event.key, "time": event.time, "fields": fields});
    if let Some(id) = &event.id {
        v["id"] = id.as_str().into();
    }
    if let Some(p) = &event.position {
        v["position"] = json!({"lat": p.lat(), "lon": p.lon()});
    }
    v
}

impl Inner {
    /// `…/dead-letters`: the newest first.
    pub(super) fn dead_letters(&self, asked: &Asked) -> Answer<Response> {
        let mut limit = limits::PAGE_ROWS;
        let mut before = None;
        for (name, value) in asked.pairs() {
            let bad = |message: &str| {
                let e = FieldError::new(&*name, "invalid_parameter", format!("{name} {message}"));
                Fault::from(Problem::new(400, e.code, e.message.clone()).with_errors(vec![e]))
            };
            match &*name {
                "limit" => {
                    limit = value
                        .parse()
                        .ok()
                        .filter(|n| (1..=limits::PAGE_ROWS_MAX).contains(n))
                        .ok_or_else(|| bad(&format!("is 1 to {}", limits::PAGE_ROWS_MAX)))?;
                }
                "after" => {
                    let after = value.parse().ok().filter(|after| *after <= limits::SEQ_MAX);
                    before = Some(after.ok_or_else(|| bad("is the next of the page before"))?);
                }
                _ => return Err(bad("is not known; there are limit and after")),
            }
        }
        self.with(|b| {
            let (mut list, mut next) = (Vec::new(), Value::Null);
            'pages: loop {
                let rows = b.store.dead_letters(before, 100)?;
                for row in &rows {
                    if list.len() >= limit {
                        next = before.map_or(Value::Null, |b| b.to_string().into());
                        break 'pages;
                    }
                    let letters: Vec<Value> = serde_json::from_slice(row.letters.as_bytes())?;
                    for (i, mut letter) in letters.into_iter().enumerate().filter(|(_, l)| !l.is_null()) {
                        letter["id"] = format!("{}.{i}", row.id as u64).into();
                        letter["time"] = (row.at as i64).into();
                        list.push(letter);
                    }
                    before = Some(row.id as u64);
                }
                if rows.len() < 100 {
                    break;
                }
            }
            Ok(reply::object(200, &json!({"dead_letters": list, "next": next}))?)
        })
    }

    /// Drops one.
    pub(super) fn drop_letter(&self, id: &str) -> Answer<Response> {
        let place = id.split_once('.').and_then(|(row, i)| Some((row.parse().ok()?, i.parse().ok()?)));
        let dropped = match place {
            Some((row, index)) => self.with(|b| b.store.drop_letter(row, index))?,
            None => false,
        };
        if dropped { Ok(reply::empty(204)?) } else { Err(Fault::not_found("there is no such dead letter")) }
    }
}
