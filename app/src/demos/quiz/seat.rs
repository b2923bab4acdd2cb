//! A student's seat: the feed that brings questions, and the answers that go out.

use heliograph_shared::problem::Code;
use std::collections::BTreeMap;

use heliograph_shared::link::LinkStatus;
use heliograph_shared::scores::{ScoreRow, ScoreWindow};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::pace;
use super::question::option_of;
use super::wire::{self, Me, SHEET_KEY, Sheet};
use crate::browser::clock::sleep;
use crate::client::feed::News;
use crate::client::http::Failure;
use crate::client::sessions::{self, IngestAnswer};
use crate::demos::join::Player;
use crate::demos::live::{self, Eyes, Live, Ticket};

/// Between two tries, in milliseconds.
const RETRY_MS: i32 = 1_500;
/// Rows of the top that a student sees.
const TOP: u32 = 5;

/// What became of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// On its way.
    Sending,
    /// On its way again: there is no connection.
    Retrying,
    /// It is on the board, for good.
    Accepted,
    /// It is not, and why.
    Refused(String),
}

/// A student's place.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Standing {
    /// The best.
    pub top: Vec<ScoreRow>,
    /// The student's own row.
    pub own: Option<ScoreRow>,
    /// How many are ranked.
    pub total: u32,
    /// Not all of it is shown yet.
    pub is_hidden: bool,
    /// The session's phase.
    pub phase: String,
}

/// The seat. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Seat {
    ticket: StoredValue<Ticket, LocalStorage>,
    me: StoredValue<Me>,
    live: StoredValue<Option<Live>, LocalStorage>,
    /// What is asked.
    pub sheet: RwSignal<Sheet>,
    /// By question: the choice and what became of it.
    pub answers: RwSignal<BTreeMap<usize, (usize, Fate)>>,
    /// The student's place.
    pub standing: RwSignal<Standing>,
    /// The connection.
    pub link: RwSignal<LinkStatus>,
}

impl Seat {
    /// Takes a seat: follows the questions, says hello.
    pub fn take(player: Player) -> Self {
        let (key, sitting) = (player.joined.key.clone(), player.joined.session.clone());
        let board = player.joined.board.clone();
        let me =
            Me { key: key.clone(), name: player.name.clone(), sitting: sitting.clone(), nonce: player.nonce.clone() };
        let ticket = Ticket::new(player);
        let seat = Self {
            ticket: StoredValue::new_local(ticket.clone()),
            me: StoredValue::new(me.clone()),
            live: StoredValue::new_local(None),
            sheet: RwSignal::new(Sheet::default()),
            answers: RwSignal::new(BTreeMap::new()),
            standing: RwSignal::new(Standing::default()),
            link: RwSignal::new(LinkStatus::Connecting { attempt: 0 }),
        };
        let window = ScoreWindow {
            top: TOP,
            around: Some(key.clone()),
            span: 1,
            session: Some(sitting),
            ..ScoreWindow::default()
        };
        let follows = vec![live::items(Some(vec![SHEET_KEY.to_owned(), key])), live::scores(window)];
        let feed = Live::open(&board, Eyes::Player(ticket.clone()), follows, move |news| seat.hear(&news));
        seat.live.set_value(Some(feed));
        spawn_local(async move {
            // Nobody waits for the greeting: it is repeated until the server has it or does not want it.
            while ticket.publish(&wire::hello(&me)).await.is_err_and(|failure| failure.is_passing()) {
                sleep(RETRY_MS).await;
            }
        });
        on_cleanup(move || {
            if let Some(live) = seat.live.try_get_value().flatten() {
                live.stop();
            }
        });
        seat
    }

    /// The name that the student gave.
    pub fn name(self) -> String {
        self.me.with_value(|me| me.name.clone())
    }

    /// Answers a question, unless it is answered or closed.
    pub fn answer(self, question: usize, choice: usize) {
        let is_open = self.sheet.with_untracked(|sheet| {
            sheet.asked.get(question).is_some_and(|asked| asked.right.is_none() && choice < asked.options.len())
        }) && self.seconds_left(question) != Some(0);
        let is_new = self
            .answers
            .with_untracked(|answers| answers.get(&question).is_none_or(|(_, fate)| matches!(fate, Fate::Refused(_))));
        if !is_open || !is_new {
            return;
        }
        let event = self.me.with_value(|me| wire::answer(me, question, choice));
        let ticket = self.ticket.get_value();
        let mark = move |fate| drop(self.answers.try_update(|answers| answers.insert(question, (choice, fate))));
        mark(Fate::Sending);
        spawn_local(async move {
            loop {
                match outcome(ticket.publish(&event).await) {
                    Fate::Retrying => {
                        mark(Fate::Retrying);
                        sleep(RETRY_MS).await;
                    }
                    fate @ (Fate::Sending | Fate::Accepted | Fate::Refused(_)) => return mark(fate),
                }
            }
        });
    }

    /// How long a question may still take, in seconds, if its time is bounded; by the server's clock.
    pub fn seconds_left(self, question: usize) -> Option<i64> {
        let room = self.sheet.with(|sheet| sheet.room.clone());
        let ends_at = room.ends_at.filter(|_| room.at == Some(question))?;
        let now = self.live.try_with_value(|live| live.as_ref().map(|live| live.server_time().0)).flatten()?;
        Some(pace::seconds_left(ends_at, now))
    }

    fn hear(self, news: &News) {
        let Some(live) = self.live.try_get_value().flatten() else { return };
        match news {
            News::Items(_) => drop(live.with_items(|replica| {
                let (key, sitting) = self.me.with_value(|me| (me.key.clone(), me.sitting.clone()));
                let item = |key: &str| replica.find(key).and_then(|id| replica.get(id));
                let sheet = item(SHEET_KEY).and_then(|item| Sheet::read(|field| item.fields.get(field)));
                if let Some(sheet) = sheet.filter(|sheet| sheet.sitting == sitting)
                    && self.sheet.with_untracked(|old| *old != sheet)
                {
                    self.sheet.set(sheet);
                }
                if let Some(own) = item(&key) {
                    self.remember(&|field| wire::text(own.fields.get(field)).and_then(option_of));
                }
            })),
            News::Scores(..) => drop(live.with_scores(|scores| {
                let about = scores.about();
                let key = self.me.with_value(|me| me.key.clone());
                let standing = Standing {
                    top: scores.rows().to_vec(),
                    own: scores.around().iter().chain(scores.rows()).find(|row| row.key == key).cloned(),
                    total: scores.total(),
                    is_hidden: about["frozen"] == true,
                    phase: about["session"]["phase"].as_str().unwrap_or_default().to_owned(),
                };
                if self.standing.with_untracked(|old| *old != standing) {
                    self.standing.set(standing);
                }
            })),
            News::Link | News::Refused(_) => {}
        }
        let _ = self.link.try_set(live.status());
    }

    /// What the board has of this student counts: after a reload, too.
    fn remember(self, choice: &dyn Fn(&str) -> Option<usize>) {
        let asked = self.sheet.with_untracked(|sheet| sheet.asked.len());
        let known: Vec<_> = (0..asked).filter_map(|q| Some((q, choice(&wire::field(q))?))).collect();
        let is_news = self.answers.with_untracked(|answers| {
            known.iter().any(|(q, choice)| answers.get(q) != Some(&(*choice, Fate::Accepted)))
        });
        if is_news {
            self.answers.update(|answers| {
                answers.extend(known.into_iter().map(|(q, choice)| (q, (choice, Fate::Accepted))));
            });
        }
    }
}

fn outcome(result: Result<IngestAnswer, Failure>) -> Fate {
    match result {
        Ok(published) => match published.refusals().next() {
            None => Fate::Accepted,
            Some(refusal) => match sessions::code(refusal) {
                Some(Code::TooFast) => Fate::Retrying,
                Some(Code::SessionClosed) => Fate::Refused(text!(demos.quiz.seat.closed).to_owned()),
                _ => Fate::Refused(sessions::reason(refusal)),
            },
        },
        Err(failure) if failure.is_passing() => Fate::Retrying,
        Err(failure) => Fate::Refused(failure.message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use heliograph_shared::ingest::{RecordResult, RecordStatus};

    #[test]
    fn an_answer_is_tried_again_only_when_that_may_help() {
        let refused = |code: &str| {
            let refusal = RecordResult {
                status: RecordStatus::Refused,
                code: Some(code.into()),
                message: Some("m".into()),
                ..RecordResult::duplicate(0)
            };
            outcome(Ok(IngestAnswer { results: vec![refusal], ..IngestAnswer::default() }))
        };
        let failed = |status| outcome(Err(Failure { status, code: String::new(), message: "f".into() }));
        assert_eq!(outcome(Ok(IngestAnswer { accepted: 1, ..IngestAnswer::default() })), Fate::Accepted);
        assert_eq!(outcome(Ok(IngestAnswer { duplicate: 1, ..IngestAnswer::default() })), Fate::Accepted);
        assert_eq!((refused("too_fast"), failed(0), failed(503)), (Fate::Retrying, Fate::Retrying, Fate::Retrying));
        assert_eq!(refused("session_closed"), Fate::Refused("The sitting is closed.".into()));
        assert_eq!(failed(403), Fate::Refused("f".into()));
    }
}
