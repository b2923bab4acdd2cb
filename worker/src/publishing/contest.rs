//! The way of a running contest: its feed is read for a while, and what it says that is new goes to the board.

use super::polled::{ask, told};
use super::source;
use crate::clock;
use crate::configs;
use crate::outbound::{Opened, Piece};
use heliograph_shared::contest::{Ended, Follow, Heard, Reading, Unread};
use heliograph_shared::limits;
use heliograph_shared::source::poll::{Poll, PollState, Told};
use heliograph_shared::source::{Arrived, EnvelopeName, Source, clics};
use worker::Env;

fn unread(why: Unread) -> Told {
    Told::new(why.to_string())
}

/// Asks, takes what is new to the source's board, and says what is known of the contest then: to be kept. The error is why
/// nothing was taken.
pub async fn take(
    env: &Env,
    source: &Source,
    poll: &Poll,
    state: &mut PollState,
    follow: Follow,
) -> Result<Follow, Told> {
    let feed = format!("{}/{}/{}", source.created.0, source.board, poll.url);
    let follow = follow.of(&feed);
    let Some((reading, opened)) = begin(env, source, poll, state, follow).await? else {
        return Err(Told::new("it says that nothing has changed, and was not asked that"));
    };
    let (reading, ended) = read(reading, opened).await.map_err(unread)?;
    let patient = state.status.failures < limits::CONTEST_SHORT_TIMES;
    let Heard { follow, events, wrong } = reading.end(ended, patient).map_err(unread)?;
    let slices = clics::records(&events, wrong);
    let config = configs::get(env, &source.board).await.map_err(told)?;
    let query = poll.query();
    let (mut accepted, mut duplicate, mut refused) = (0, 0, 0);
    for some in slices.chunks(limits::CONTEST_EVENTS_AT_ONCE) {
        let arrived =
            Arrived { headers: &[], query: &query, body: &[], key_name: &config.key_name, received: clock::now() };
        // The records are events: a letter of one is replayed as such.
        let answer =
            source::take(env, &config, (source, None), EnvelopeName::Json, &arrived, some).await.map_err(told)?;
        accepted += u64::from(answer.accepted);
        duplicate += u64::from(answer.duplicate);
        refused += u64::from(answer.refused);
    }
    state.followed((accepted, duplicate, refused), clock::now());
    Ok(follow)
}

/// Asks for what comes behind what is known; for everything, where the server does not know that place.
async fn begin(
    env: &Env,
    source: &Source,
    poll: &Poll,
    state: &mut PollState,
    mut follow: Follow,
) -> Result<Option<(Reading, Opened)>, Told> {
    let asked = ask(env, source, poll, state, follow.since()).await;
    let is_lost = |told: &Told| matches!(told.status, Some(400 | 404 | 410 | 416 | 422));
    let answer = match asked {
        Err(told) if follow.since().is_some() && is_lost(&told) => {
            follow.lose_place();
            ask(env, source, poll, state, None).await?
        }
        other => other?,
    };
    Ok(answer.map(|(_, opened)| (follow.reading(), opened)))
}

/// Reads lines until the feed is quiet, ends or breaks off, or it is enough for this time.
async fn read(mut reading: Reading, opened: Opened) -> Result<(Reading, Ended), Unread> {
    let ended = lines(&mut reading, &opened).await;
    opened.close().await;
    Ok((reading, ended?))
}

async fn lines(reading: &mut Reading, opened: &Opened) -> Result<Ended, Unread> {
    let (mut line, mut bytes) = (Vec::new(), 0);
    loop {
        let quiet = limits::CONTEST_QUIET_MILLIS.min(opened.left());
        if bytes >= limits::CONTEST_READ_BYTES || quiet == 0 {
            return Ok(Ended::Cut);
        }
        match opened.next(quiet).await {
            Piece::Bytes(piece) => {
                bytes += piece.len();
                let mut rest = piece.as_slice();
                while let Some(end) = rest.iter().position(|b| *b == b'\n') {
                    let (of_line, after) = rest.split_at(end);
                    line.extend_from_slice(of_line);
                    reading.take(&line)?;
                    line.clear();
                    rest = after.get(1..).unwrap_or_default();
                }
                line.extend_from_slice(rest);
                if line.len() > limits::CONTEST_LINE_BYTES {
                    return Err(Unread::LongLine);
                }
            }
            Piece::Silence if quiet == limits::CONTEST_QUIET_MILLIS => return Ok(Ended::Quiet),
            Piece::Silence | Piece::Broken(_) => return Ok(Ended::Cut),
            Piece::End if line.trim_ascii().is_empty() => return Ok(Ended::Closed),
            // The last line of a feed need not end; one that broke off is none.
            Piece::End if serde_json::from_slice::<serde::de::IgnoredAny>(&line).is_err() => return Ok(Ended::Cut),
            Piece::End => {
                reading.take(&line)?;
                return Ok(Ended::Closed);
            }
        }
    }
}
