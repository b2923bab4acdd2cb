//! Dead letters over REST: looked at, mended, replayed, dropped, taken out.

use super::scores::{Manager, manager, pass};
use crate::body;
use crate::calls;
use crate::calls::board::{Passed, asks};
use crate::clock;
use crate::configs;
use crate::fault::{Answer, Fault};
use crate::publishing::replay::Replaying;
use crate::reply;
use heliograph_shared::api::letters::{LettersDropped, Replay};
use heliograph_shared::calls::BoardMethod;
use heliograph_shared::calls::board::{CandidatesAsk, MendAsk};
use heliograph_shared::id::BoardName;
use heliograph_shared::letters::{LetterId, LetterQuery, LetterWish};
use heliograph_shared::limits;
use heliograph_shared::problem::{Code, Problem};
use heliograph_shared::routes::Route;
use serde::Deserialize;
use serde_json::value::RawValue;
use worker::{Env, Headers, Request, Response, ResponseBuilder};

/// How often letters that somebody else changed meanwhile are read again.
const TRIES: usize = 5;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mending {
    record: Box<RawValue>,
}

fn query(req: &Request) -> Answer<LetterQuery> {
    let url = req.url()?;
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    Ok(LetterQuery::parse(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())))?)
}

/// `GET …/dead-letters`.
pub async fn list(req: &Request, env: &Env, board: BoardName) -> Answer<Response> {
    manager(req, env, &board).await?;
    let url = req.url()?;
    let query = url.query().unwrap_or_default();
    pass(calls::board::pass(env, &board, BoardMethod::DeadLetters, query, &[]).await?)
}

/// `GET …/dead-letters/{id}`.
pub async fn get(req: &Request, env: &Env, board: BoardName, id: &str) -> Answer<Response> {
    manager(req, env, &board).await?;
    pass(calls::board::pass(env, &board, BoardMethod::Letter, "", id.as_bytes()).await?)
}

/// `PATCH …/dead-letters/{id}`.
pub async fn mend(req: &Request, env: &Env, board: BoardName, id: &str) -> Answer<Response> {
    let Manager { name, by } = manager(req, env, &board).await?;
    let Mending { record } = body::json(req, Route::MendDeadLetter).await?;
    let ask = serde_json::to_vec(&MendAsk { id: id.to_owned(), record, by: name })?;
    pass(calls::board::pass(env, &board, BoardMethod::MendLetter, &asks(&by)?, &ask).await?)
}

/// `DELETE …/dead-letters/{id}`.
pub async fn drop_one(req: &Request, env: &Env, board: BoardName, id: &str) -> Answer<Response> {
    let by = manager(req, env, &board).await?.by;
    let passed = calls::board::pass(env, &board, BoardMethod::DropLetter, &asks(&by)?, id.as_bytes()).await?;
    if passed.status == 204 { Ok(reply::empty(204)?) } else { pass(passed) }
}

/// `DELETE …/dead-letters`: those of a filter, in slices.
pub async fn drop_some(req: &Request, env: &Env, board: BoardName) -> Answer<Response> {
    let by = asks(&manager(req, env, &board).await?.by)?;
    let mut query = query(req)?;
    if query.filter.is_open() && !query.all {
        let detail = "say which letters go: source, code, step, key or text; or all=true for all of them";
        return Err(Problem::new(Code::MissingParameter, detail).into());
    }
    let (began, mut dropped) = (clock::now(), 0);
    loop {
        let ask = serde_json::to_vec(&query)?;
        let passed = calls::board::pass(env, &board, BoardMethod::DropLetters, &by, &ask).await?;
        if passed.status != 200 {
            return pass(passed);
        }
        let slice: LettersDropped = serde_json::from_slice(&passed.body)?;
        dropped += slice.dropped;
        query.limit = query.limit.map(|limit| limit.saturating_sub(slice.dropped as usize));
        query.after = slice.next.as_deref().and_then(LetterId::parse);
        let is_late = clock::now().since(began) > limits::DEAD_LETTERS_MILLIS;
        if query.after.is_none() || query.limit == Some(0) || is_late {
            return Ok(reply::object(200, &LettersDropped { dropped, next: slice.next })?);
        }
    }
}

/// `POST …/dead-letters/{id}/replay`.
pub async fn replay_one(req: &Request, env: &Env, board: BoardName, id: &str) -> Answer<Response> {
    manager(req, env, &board).await?;
    let dry_run = query(req)?.dry_run;
    let mut replay = Replay { dry_run, ..Replay::default() };
    slice(env, &board, &CandidatesAsk::One(id.to_owned()), &mut replay).await?;
    Ok(reply::object(200, &replay)?)
}

/// `POST …/dead-letters/replay`: those of a filter, in slices.
pub async fn replay_some(req: &Request, env: &Env, board: BoardName) -> Answer<Response> {
    manager(req, env, &board).await?;
    let wish: LetterWish = body::json_or_default(req, Route::ReplayDeadLetters).await?;
    let mut query = query(req)?.with(wish)?;
    let mut replay = Replay { dry_run: query.dry_run, ..Replay::default() };
    let (began, mut left) = (clock::now(), query.page());
    loop {
        query.limit = Some(left.min(limits::DEAD_LETTERS_REPLAYED_AT_ONCE));
        let before = replay.results.len();
        query.after = slice(env, &board, &CandidatesAsk::Some(query.clone()), &mut replay).await?;
        left = left.saturating_sub(replay.results.len() - before);
        let is_late = clock::now().since(began) > limits::DEAD_LETTERS_MILLIS;
        if query.after.is_none() || left == 0 || is_late {
            replay.next = query.after.map(|id| id.to_string());
            return Ok(reply::object(200, &replay)?);
        }
    }
}

/// Replays some letters; where it goes on.
async fn slice(env: &Env, board: &BoardName, ask: &CandidatesAsk, replay: &mut Replay) -> Answer<Option<LetterId>> {
    for _ in 0..TRIES {
        let config = configs::get(env, board).await?;
        let found = calls::board::candidates(env, board, ask).await?;
        let replaying = Replaying { env, board, config: &config, dry_run: replay.dry_run };
        if let Some(done) = replaying.replay(&found.letters).await? {
            done.into_iter().for_each(|one| replay.add(one));
            return Ok(found.next);
        }
    }
    let detail = "somebody else changes these letters at the same time; try again";
    Err(Fault::problem(Code::LetterChanged, detail))
}

/// A page of letters, as JSON.
async fn page(env: &Env, board: &BoardName, query: &LetterQuery) -> Answer<Passed> {
    calls::board::pass(env, board, BoardMethod::DeadLetters, &query.text(), &[]).await
}

/// The lines of a page of letters, how many there are, and where the next page begins.
struct Lines {
    lines: Vec<u8>,
    count: usize,
    next: Option<LetterId>,
}

fn lines(page: &[u8], whole: bool) -> Answer<Lines> {
    #[derive(Deserialize)]
    struct Page<'p> {
        #[serde(borrow)]
        dead_letters: Vec<&'p RawValue>,
        next: Option<LetterId>,
    }
    #[derive(Deserialize)]
    struct Letter<'l> {
        #[serde(borrow)]
        record: &'l RawValue,
    }
    let Page { dead_letters, next } = serde_json::from_slice(page)?;
    let (count, mut lines) = (dead_letters.len(), Vec::with_capacity(page.len()));
    for letter in dead_letters {
        let shown = if whole {
            letter.get()
        } else {
            serde_json::from_slice::<Letter<'_>>(letter.get().as_bytes())?.record.get()
        };
        // Line breaks of JSON are blanks of it.
        lines.extend(shown.bytes().map(|b| if matches!(b, b'\n' | b'\r') { b' ' } else { b }));
        lines.push(b'\n');
    }
    Ok(Lines { lines, count, next })
}

/// `GET …/dead-letters/export`: their records, a line each, as they can be sent again; or the letters with their reasons.
pub async fn export(req: &Request, env: &Env, board: BoardName) -> Answer<Response> {
    manager(req, env, &board).await?;
    let asked = query(req)?;
    let whole = asked.whole;
    let left = asked.limit;
    let query = LetterQuery { limit: Some(asked.page().min(limits::PAGE_ROWS)), ..asked };
    let first = page(env, &board, &query).await?;
    if first.status != 200 {
        return pass(first);
    }
    let state = Some((env.clone(), board, query, left, Some(first)));
    let stream = futures_util::stream::unfold(state, move |state| async move {
        let (env, board, mut query, left, known) = state?;
        let read = async {
            let passed = match known {
                Some(first) => first,
                None => page(&env, &board, &query).await?,
            };
            if passed.status != 200 {
                return Err(Fault::Internal(format!("a page of letters: {}", passed.status)));
            }
            lines(&passed.body, whole)
        };
        match read.await {
            Ok(Lines { lines, count, next }) => {
                let left = left.map(|left| left.saturating_sub(count));
                query.limit = Some(left.unwrap_or(limits::PAGE_ROWS).min(limits::PAGE_ROWS));
                query.after = next;
                let more = (next.is_some() && left != Some(0)).then_some((env, board, query, left, None));
                Some((Ok(lines), more))
            }
            Err(fault) => Some((Err(worker::Error::RustError(format!("{fault:?}"))), None)),
        }
    });
    let headers = Headers::new();
    headers.set("content-type", "application/x-ndjson")?;
    headers.set("content-disposition", "attachment; filename=\"dead-letters.ndjson\"")?;
    headers.set("cache-control", "no-store, no-transform")?;
    headers.set("x-content-type-options", "nosniff")?;
    reply::for_all_pages(&headers)?;
    Ok(ResponseBuilder::new().with_status(200).with_headers(headers).from_stream(stream)?)
}
