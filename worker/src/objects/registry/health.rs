//! Reports to the board on which the deployment watches itself: adapter around [`heliograph_shared::health`].
//!
//! A report is due some time after a board has said something, and goes the way of all events. Nothing waits for it, and what
//! fails is counted, and told by the next one. That the health board itself says something is no reason for another.

use super::Inner;
use super::waking::EARLY_MILLIS;
use crate::calls::{self, board::Passed};
use crate::clock;
use crate::fault::{Answer, Fault};
use crate::keys::secret;
use crate::publishing::{Publisher, step};
use crate::trace::InBackground;
use heliograph_shared::audit::By;
use heliograph_shared::calls::BoardMethod;
use heliograph_shared::calls::board::{AlarmRuleAsk, ControlRequest, Place};
use heliograph_shared::config::BoardConfig;
use heliograph_shared::health::{self, Health, Setting};
use heliograph_shared::id::BoardName;
use heliograph_shared::ingest::{BodyFormat, IngestAnswer, RecordStatus};
use heliograph_shared::limits;
use heliograph_shared::meters::edge::Reports;
use heliograph_shared::rights::{KeySet, Owner};
use heliograph_shared::time::Millis;
use serde_json::Value;
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;
use worker::Env;

/// What the operator says of it.
const SETTING: &str = "HELIOGRAPH_HEALTH_BOARD";
/// Who makes the board and publishes there.
const BY: &str = "heliograph";
/// Under which name it is kept how far the board is made.
const MADE: &str = "health-board";

/// When a report is due.
#[derive(Clone, Copy)]
enum Due {
    /// The memory began anew: perhaps the next alarm is for a report.
    Unknown,
    /// Not until somebody says something.
    No,
    /// Then.
    At(Millis),
}

/// Whether another report is due even if nobody says anything more.
#[derive(Clone, Copy, PartialEq, Eq)]
struct GoesOn(bool);

/// How watching goes, since this memory began.
pub(super) struct Watching {
    setting: Setting,
    due: Cell<Due>,
    /// Whether somebody has said something since the last report was begun.
    news: Cell<bool>,
    /// Whether one goes on.
    is_on: Cell<bool>,
    /// What was told.
    known: RefCell<Health>,
    /// Items of boards and sources that are gone.
    gone: RefCell<BTreeSet<String>>,
    reports: Cell<Reports>,
    /// Whether it was said that a board of somebody else has the name.
    is_foreign: Cell<bool>,
}

impl Watching {
    /// As the operator says.
    pub(super) fn of(env: &Env) -> Self {
        let setting = Setting::parse(secret(env, SETTING).as_deref()).unwrap_or_else(|why| {
            log_error!("{why}");
            Setting::default()
        });
        Self {
            setting,
            due: Cell::new(Due::Unknown),
            news: Cell::new(false),
            is_on: Cell::new(false),
            known: RefCell::default(),
            gone: RefCell::default(),
            reports: Cell::default(),
            is_foreign: Cell::new(false),
        }
    }
}

fn by() -> By {
    By { credential: BY.to_owned(), subject: None }
}

impl Inner {
    /// How reporting goes, where there is a health board.
    pub(super) fn reports(&self) -> Option<Reports> {
        (self.watching.setting != Setting::Off).then(|| self.watching.reports.get())
    }

    /// How long it is until the next report, if there is one.
    pub(super) fn until_report(&self) -> Option<i64> {
        match self.watching.due.get() {
            Due::At(at) => Some(at.since(clock::now()).max(1)),
            Due::Unknown | Due::No => None,
        }
    }

    /// A board has said something: a report will tell of it.
    pub(super) fn note_said(self: &Rc<Self>) {
        let Setting::EveryMillis(every) = self.watching.setting else { return };
        self.watching.news.set(true);
        let now = clock::now();
        // One that should have been made long ago was not: its alarm could not be set.
        if let Due::At(at) = self.watching.due.get()
            && now.since(at) < every
        {
            return;
        }
        self.watching.due.set(Due::At(now.plus(every)));
        let own = self.clone();
        self.state.in_background(async move {
            if let Err(fault) = own.wake().await {
                log_error!("a report on health is not made: {fault:?}");
            }
        });
    }

    /// Boards or sources are gone: so are their items.
    pub(super) fn note_gone(self: &Rc<Self>, keys: impl IntoIterator<Item = String>) {
        if self.watching.setting == Setting::Off {
            return;
        }
        {
            let mut gone = self.watching.gone.borrow_mut();
            gone.extend(keys);
            while gone.len() > limits::HEALTH_GONE {
                gone.pop_last();
            }
        }
        self.note_said();
    }

    /// The alarm: whether a report is due. From here on the next one is: what fails is told again.
    pub(super) fn due_report(&self) -> bool {
        let Setting::EveryMillis(every) = self.watching.setting else { return false };
        let now = clock::now();
        let is_due = match self.watching.due.get() {
            Due::Unknown => true,
            Due::No => false,
            Due::At(at) => at <= now.plus(EARLY_MILLIS),
        };
        if is_due {
            self.watching.due.set(Due::At(now.plus(every)));
        }
        is_due
    }

    /// Reports, in the background.
    pub(super) fn begin_report(self: &Rc<Self>) {
        if self.watching.is_on.replace(true) {
            return;
        }
        let own = self.clone();
        self.state.in_background(async move {
            let Reports { taken, failed } = own.watching.reports.get();
            own.watching.news.set(false);
            let reports = match own.report().await {
                Ok(told) => {
                    if told != Some(GoesOn(true)) && !own.watching.news.get() {
                        own.watching.due.set(Due::No);
                    }
                    Reports { taken: taken + u64::from(told.is_some()), failed }
                }
                Err(fault) => {
                    log_error!("the health board is not told: {fault:?}");
                    Reports { taken, failed: failed + 1 }
                }
            };
            own.watching.reports.set(reports);
            own.watching.is_on.set(false);
        });
    }

    /// Reports, where that is possible.
    async fn report(&self) -> Answer<Option<GoesOn>> {
        let name = BoardName::health();
        if !self.has_own_board(&name).await? {
            return Ok(None);
        }
        let collected = self.collected(&self.store()?)?;
        let report = self.watching.known.borrow().report(&collected, clock::now());
        drop(collected);
        let config = calls::board::config(&self.env, &name).await?.ok_or_else(|| Fault::no_board(&name))?;
        let config: BoardConfig = serde_json::from_str(&config.text)?;
        let publisher = Publisher {
            publish: KeySet::All,
            player: false,
            by: BY.to_owned(),
            source: None,
            joined: None,
            owner: Owner::board(),
        };
        let body = serde_json::to_vec(&report.events)?;
        let response = step::take(&self.env, &name, &config, &publisher, body, BodyFormat::Json, None).await?;
        let answer: IngestAnswer = serde_json::from_slice(&calls::bytes(&response).await?)?;
        self.watching.known.replace(report.next);
        let rest = self.end_gone(&name).await?;
        match answer.results.iter().find(|result| result.status == RecordStatus::Refused) {
            Some(first) => {
                let code = first.code.as_deref().unwrap_or_default();
                Err(Fault::Internal(format!("{} events were refused, the first as {code}", answer.refused)))
            }
            None => Ok(Some(GoesOn(report.goes_on || rest))),
        }
    }

    /// Ends items of what is gone; whether more are to be ended.
    async fn end_gone(&self, name: &BoardName) -> Answer<bool> {
        let keys: Vec<String> = self.watching.gone.borrow().iter().take(limits::HEALTH_ENDS).cloned().collect();
        for key in keys {
            let request = ControlRequest::EndItem { key: key.clone(), by: BY.to_owned() };
            // 404: it has no item, or not any more.
            let Passed { status, .. } = calls::board::control(&self.env, name, &by(), &request).await?;
            if status >= 500 {
                return Err(Fault::Internal(format!("{key} is not ended: {status}")));
            }
            self.watching.gone.borrow_mut().remove(&key);
        }
        Ok(!self.watching.gone.borrow().is_empty())
    }

    /// Whether there is a board of our own. It is made where there is none; one that somebody else made is left alone.
    async fn has_own_board(&self, name: &BoardName) -> Answer<bool> {
        let (stored, is_there) = {
            let store = self.store()?;
            (store.settings(MADE)?, store.board(name.as_str())?.is_some())
        };
        match (stored.value.as_str(), is_there) {
            (Some("made"), true) => return Ok(true),
            (None, true) => {
                if !self.watching.is_foreign.replace(true) {
                    log_warn!("there is a board {name} that this server has not made: nothing is written there");
                }
                return Ok(false);
            }
            // It was deleted, or was never there, or was not made whole.
            _ => {}
        }
        self.put_made("making")?;
        let config = serde_json::to_vec(&health::config())?;
        calls::board::put_config(&self.env, name, &by(), Place::Any, &config).await?;
        let query = calls::board::asks(&by())?;
        for (id, rule) in health::rules() {
            let ask = serde_json::to_vec(&AlarmRuleAsk { id, rule })?;
            let Passed { status, .. } =
                calls::board::pass(&self.env, name, BoardMethod::PutAlarmRule, &query, &ask).await?;
            if !matches!(status, 200 | 201) {
                return Err(Fault::Internal(format!("a rule of the health board is not taken: {status}")));
            }
        }
        self.put_made("made")?;
        // Whatever was told before was told to another.
        self.watching.known.replace(Health::default());
        Ok(true)
    }

    fn put_made(&self, stage: &str) -> Answer<()> {
        let store = self.store()?;
        let before = store.settings(MADE)?.version;
        let is_put = store.put_settings(MADE, &Value::from(stage).to_string(), before)?;
        if is_put { Ok(()) } else { Err(Fault::Internal("two make the health board".into())) }
    }
}
