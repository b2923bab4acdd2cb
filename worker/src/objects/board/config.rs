//! The board's config is its own, and the registry is told of it: at once when it changes, and again until it knows. With it
//! goes what the list of boards says of the board, at most every ten seconds.
//!
//! What is written here is written before anybody is told. So whatever is cut off in between, the board is right, and says
//! again what the registry may not have heard: with the next alarm, which is set before anything is written.

use super::archive::Archive;
use super::audit;
use super::sights::anyone;
use super::{Inner, Loaded};
use crate::calls::registry;
use crate::clock;
use crate::fault::{Answer, Fault};
use crate::reply;
use crate::store::board::BoardStore;
use crate::store::config::{ConfigWrite, Stored};
use crate::trace::InBackground;
use heliograph_shared::archive::config::ArchiveSettings;
use heliograph_shared::archive::delivery::{Delivered, beginning};
use heliograph_shared::audit::By;
use heliograph_shared::board::backoff;
use heliograph_shared::calls::board::{Config, Done, Place};
use heliograph_shared::config::BoardConfig;
use heliograph_shared::id::BoardName;
use heliograph_shared::index::{Entry, Said, Summary};
use heliograph_shared::limits;
use heliograph_shared::problem::Code;
use heliograph_shared::time::Millis;
use std::cell::Cell;
use std::rc::Rc;
use worker::Response;

/// After which an alarm looks whether something that was begun has come to its end.
const GUARD_MILLIS: i64 = 2_000;
/// A board without a config asks the registry for one again after so long.
const NONE_MILLIS: i64 = 2_000;
/// Who tells the registry and has not come back after so long never will.
const LEASE_MILLIS: i64 = 10_000;
/// Between two looks whether another has told.
const PAUSE_MILLIS: u64 = 5;

/// Whether there is such a board.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// Nothing is stored of one.
    Absent,
    /// It is there; of before, perhaps, with its config at the registry.
    There,
    /// It was deleted, and not everything is done yet.
    Deleted,
}

/// What the object remembers of its config, and of what it told the registry.
#[derive(Default)]
pub(super) struct Own {
    standing: Cell<Option<Standing>>,
    /// When the registry had no config.
    none_at: Cell<Option<Millis>>,
    /// Whether the registry must be told of the config; none: not looked yet.
    owes: Cell<Option<bool>>,
    /// How often telling failed in a row, and when it is tried again.
    failures: Cell<u32>,
    again_at: Cell<Millis>,
    /// Whether there is something new for the list, and when that was told last.
    news: Cell<bool>,
    said_at: Cell<Option<Millis>>,
    /// As of which version the board is deleted, also where that could not be written down.
    deleting: Cell<Option<u64>>,
    /// Since when the registry is being told.
    telling: Cell<Option<Millis>>,
}

impl Own {
    /// When the registry is to be told of something.
    pub(super) fn next(&self, now: Millis) -> Option<Millis> {
        let retry = (self.owes.get() == Some(true)).then(|| self.again_at.get().max(now));
        let news =
            self.news.get().then(|| self.said_at.get().map_or(now, |at| at.plus(limits::SUMMARY_MILLIS).max(now)));
        retry.into_iter().chain(news.map(|at| at.max(self.again_at.get()))).min()
    }

    fn is_telling(&self, now: Millis) -> bool {
        self.telling.get().is_some_and(|since| now.since(since) < LEASE_MILLIS)
    }

    fn forget(&self) {
        self.standing.set(Some(Standing::Absent));
        self.owes.set(Some(false));
        self.news.set(false);
        self.said_at.set(None);
        self.none_at.set(None);
        self.deleting.set(None);
    }
}

impl Inner {
    pub(super) fn name(&self) -> Answer<BoardName> {
        let name = self.state.id().name().unwrap_or_default();
        BoardName::try_from(name).map_err(|e| Fault::Internal(format!("the board's name {e}")))
    }

    pub(super) fn stored(&self) -> Answer<Option<Stored>> {
        if BoardStore::exists(&self.state)? { BoardStore::open(&self.state)?.config() } else { Ok(None) }
    }

    fn standing(&self) -> Answer<Standing> {
        if let Some(known) = self.own.standing.get() {
            return Ok(known);
        }
        let (standing, owes) = match self.stored()? {
            None => (Standing::Absent, false),
            Some(Stored::Elsewhere) => (Standing::There, false),
            Some(Stored::Here { told, .. }) => (Standing::There, !told),
            Some(Stored::Deleted { .. }) => (Standing::Deleted, true),
        };
        self.own.standing.set(Some(standing));
        self.own.owes.set(Some(owes));
        Ok(standing)
    }

    /// Whether there is such a board: one that was deleted takes and shows nothing, whatever its callers have not heard.
    pub(super) fn is_there(&self) -> Answer<bool> {
        Ok(self.standing()? == Standing::There)
    }

    /// An import has given the board its config: the registry is told. Whether it knows.
    pub(super) async fn arrived(self: &Rc<Self>) -> bool {
        self.own.standing.set(None);
        self.own.none_at.set(None);
        let is_told = self.tell().await;
        self.go_on();
        is_told
    }

    /// Has the platform wake the board after what is about to be written, whatever becomes of it.
    pub(super) async fn guard(&self) -> Answer<()> {
        self.state.storage().set_alarm(GUARD_MILLIS).await?;
        self.alarm_at.set(Some(clock::now().plus(GUARD_MILLIS)));
        Ok(())
    }

    /// The config with its version; 404 without one.
    pub(super) async fn config(self: &Rc<Self>) -> Answer<Response> {
        match self.settled().await? {
            Some((version, text)) => Ok(reply::object(200, &Config { version, text })?),
            None => Ok(Response::empty()?.with_status(404)),
        }
    }

    /// The config with its version: a board of before takes over what the registry has of it, first.
    pub(super) async fn settled(self: &Rc<Self>) -> Answer<Option<(u64, String)>> {
        match self.stored()? {
            Some(Stored::Here { version, text, .. }) => return Ok(Some((version, text))),
            Some(Stored::Deleted { .. }) => return Ok(None),
            Some(Stored::Elsewhere) | None => {}
        }
        let now = clock::now();
        if self.own.none_at.get().is_some_and(|at| now.since(at) < NONE_MILLIS) {
            return Ok(None);
        }
        let found = registry::board(&self.env, &self.name()?).await?.filter(|text| !text.is_empty());
        let Some(text) = found else {
            self.own.none_at.set(Some(now));
            return Ok(None);
        };
        self.guard().await?;
        // Another may have been quicker, or a manager.
        match self.stored()? {
            Some(Stored::Here { version, text, .. }) => return Ok(Some((version, text))),
            Some(Stored::Deleted { .. }) => return Ok(None),
            Some(Stored::Elsewhere) | None => {}
        }
        let (Done { version, .. }, others) = self.take_config(None, Place::Any, &text)?;
        self.speak();
        if others {
            self.close_viewers(false).await?;
        }
        let text = String::from_utf8(text).map_err(|_| Fault::Internal("the registry's config is no text".into()))?;
        Ok(Some((version, text)))
    }

    /// Takes a config that was checked, and tells the registry.
    pub(super) async fn put_config(self: &Rc<Self>, by: Option<By>, place: Place, text: &[u8]) -> Answer<Response> {
        if self.standing()? == Standing::Deleted && !self.tell().await {
            return Err(being_deleted());
        }
        if self.is_importing()? {
            let detail = "a backup is being imported under this name; delete the board to give that up";
            return Err(Fault::problem(Code::ImportUnfinished, detail));
        }
        // A board of before first takes over its config, so that it is known whether this one is new.
        if let Err(fault) = self.settled().await {
            log_error!("the registry is not asked for a config: {fault:?}");
            return Err(Fault::registry_away("whether there was such a board can't be told at the moment; try again"));
        }
        self.guard().await?;
        let (done, others) = self.take_config(by, place, text)?;
        let is_told = self.tell().await;
        if others {
            // Viewers see other items than before: they come back to a relay that knows.
            self.close_viewers(false).await?;
        }
        Ok(reply::object(200, &Done { is_told, ..done })?)
    }

    /// Writes a config with all that follows from it, and does what follows; also whether others than managers see other items
    /// now. Nothing is awaited.
    fn take_config(self: &Rc<Self>, by: Option<By>, place: Place, text: &[u8]) -> Answer<(Done, bool)> {
        let config: BoardConfig = serde_json::from_slice(text)?;
        let text = std::str::from_utf8(text).map_err(|_| Fault::Internal("a config that is no text".into()))?;
        let before = match self.stored()? {
            Some(Stored::Here { version, text, .. }) => Some((version, text)),
            Some(Stored::Deleted { .. }) => return Err(being_deleted()),
            Some(Stored::Elsewhere) | None => None,
        };
        // Of the two of which each has read the other's config only one may write.
        if !place.takes(before.as_ref().map(|(version, _)| *version)) {
            return Err(Fault::problem(Code::ConfigChanged, "the config is of another version"));
        }
        let act = audit::of_config(before.as_ref().map(|(_, text)| text.as_str()), text)?;
        let before = before.map(|(version, _)| version);
        let version = next_version(before);
        let board = self.name()?;
        let settings = config.settings();
        let archive = ArchiveSettings { board, archive: config.archive.clone(), keep_days: config.keep_days };
        let others = self.with(|b| {
            let changes = b.archive.as_ref().map_or(archive.archive.is_some(), |a| a.settings != archive);
            let archive = changes.then_some(&archive);
            let delivered = archive.map(|a| b.delivery_begins(a)).transpose()?.flatten();
            let write = ConfigWrite { text, version, settings: &settings, archive, delivered: delivered.as_ref() };
            b.store.whole().of(|| {
                by.zip(act).map_or(Ok(()), |(by, act)| b.note(by, act))?;
                b.store.put_config(&write)
            })?;
            self.own.standing.set(Some(Standing::There));
            self.own.owes.set(Some(true));
            self.own.none_at.set(None);
            // It is stored: if something fails from here on, the board starts over with it.
            Ok(self.follow_config(b, &config, archive.is_some()).unwrap_or_else(|fault| {
                log_error!("after a config: {fault:?}");
                self.stale.set(true);
                true
            }))
        })?;
        self.go_on();
        // Who follows presence is told where the config lets it be told now, or not any more.
        self.call_relays();
        Ok((Done { version, is_new: before.is_none(), is_told: false }, others))
    }

    fn follow_config(self: &Rc<Self>, b: &mut Loaded, config: &BoardConfig, archive_changes: bool) -> Answer<bool> {
        b.prune_not_before = Millis(0);
        if b.keeper.settings().awards != config.awards {
            self.pusher.nudge();
        }
        if b.keeper.configure(config.settings()) {
            self.begin_rebuild(b)?;
        }
        b.configure_rollups()?;
        b.configure_tracks()?;
        let others = b.sights.set_players(config.players.is_some()) | b.sights.set_zones(&config.privacy_zones);
        if others {
            b.write_latest()?;
        }
        if archive_changes {
            b.archive = Archive::load(&b.store, &self.env, b.core.cursor())?;
        }
        Ok(others)
    }

    /// Ends the board: it is written down, the registry is told, and everything is dropped.
    pub(super) async fn delete(self: &Rc<Self>) -> Answer<Response> {
        self.guard().await?;
        let store = BoardStore::open(&self.state)?;
        let before = match store.config()? {
            Some(Stored::Here { version, .. } | Stored::Deleted { version }) => Some(version),
            Some(Stored::Elsewhere) | None => None,
        };
        let version = next_version(before);
        if let Err(fault) = store.delete_config(version) {
            // Storage that is full takes nothing more; it is about to be dropped.
            log_error!("that the board is deleted is not written down: {fault:?}");
        }
        self.own.deleting.set(Some(version));
        self.own.standing.set(Some(Standing::Deleted));
        self.own.owes.set(Some(true));
        let is_told = self.tell().await;
        Ok(reply::object(200, &Done { version, is_new: false, is_told })?)
    }

    /// There is something new that the list may say.
    pub(super) fn note_news(self: &Rc<Self>) {
        if self.own.news.replace(true) {
            return;
        }
        self.speak();
        // What is not told now is told by the alarm.
        self.set_alarm();
    }

    /// Tells the registry in the background what it is to be told by now.
    pub(super) fn speak(self: &Rc<Self>) {
        let now = clock::now();
        if self.own.next(now).is_none_or(|at| at > now) || self.own.is_telling(now) {
            return;
        }
        let own = self.clone();
        self.state.in_background(async move {
            own.tell().await;
        });
    }

    /// Tells the registry, one at a time; whether it knows.
    async fn tell(self: &Rc<Self>) -> bool {
        while self.own.is_telling(clock::now()) {
            clock::sleep(PAUSE_MILLIS).await;
        }
        self.own.telling.set(Some(clock::now()));
        let told = self.tell_now().await;
        self.own.telling.set(None);
        match &told {
            Ok(()) => self.own.failures.set(0),
            Err(fault) => {
                let failures = self.own.failures.get().saturating_add(1);
                self.own.failures.set(failures);
                self.own.again_at.set(clock::now().plus(backoff(failures)));
                log_error!("the registry is not told, {failures} times: {fault:?}");
            }
        }
        if self.own.next(clock::now()).is_some() {
            self.set_alarm();
        }
        told.is_ok()
    }

    async fn tell_now(self: &Rc<Self>) -> Answer<()> {
        let name = self.name()?;
        let deleting = self.own.deleting.get().map(|version| Stored::Deleted { version });
        match deleting.map_or_else(|| self.stored(), |d| Ok(Some(d)))? {
            Some(Stored::Here { version, text, told }) => {
                let config: BoardConfig = serde_json::from_slice(text.as_bytes())?;
                self.own.news.set(false);
                self.own.said_at.set(Some(clock::now()));
                let (summary, meters) = self.with(|b| Ok((self.summary_of(b, &config), self.meters(b)?)))?;
                let said = Said { version, entry: Entry::of(&config), summary, meters: Some(meters) };
                if let Err(fault) = registry::say(&self.env, &name, &said).await {
                    self.own.news.set(true);
                    return Err(fault);
                }
                if !told {
                    BoardStore::open(&self.state)?.config_is_told(version)?;
                    // Unless it changed meanwhile.
                    self.own.standing.set(None);
                    self.standing()?;
                }
                Ok(())
            }
            Some(Stored::Deleted { version }) => {
                registry::delete_board(&self.env, &name, version).await?;
                self.drop_all().await
            }
            Some(Stored::Elsewhere) | None => {
                self.own.news.set(false);
                Ok(())
            }
        }
    }

    /// What the list says that the board has: what anybody sees, so that nothing of it is frozen.
    fn summary_of(&self, b: &Loaded, config: &BoardConfig) -> Summary {
        let seen = b.sights.seen_by(&anyone(), b.core.items());
        let viewers = self.pusher.viewers_elsewhere("");
        let summary = Summary::of(&seen, b.core.cursor(), viewers).with_top(config, &b.keeper, &seen);
        summary.with_question(config, &b.keeper, &seen).fitted()
    }

    /// Says goodbye to viewers and forgets everything, the epoch too: what is written later is another life. Nothing is loaded
    /// for it, and storage that is full has room again.
    pub(super) async fn drop_all(self: &Rc<Self>) -> Answer<()> {
        if let Err(fault) = self.close_viewers(true).await {
            // The registry tells relays as well.
            log_error!("viewers of a board that was deleted: {fault:?}");
        }
        self.pusher.forget();
        self.presence.forget();
        *self.loaded.borrow_mut() = None;
        self.state.storage().delete_all().await?;
        *self.loaded.borrow_mut() = None;
        self.alarm_at.set(None);
        self.own.forget();
        Ok(())
    }
}

/// Above that before, and above that of a board of this name that was deleted.
pub(super) fn next_version(before: Option<u64>) -> u64 {
    clock::now().0.max(0).unsigned_abs().max(before.unwrap_or(0) + 1)
}

fn being_deleted() -> Fault {
    Fault::registry_away("the board of this name is being deleted, and the registry does not hear of it; try again")
}

impl Loaded {
    /// From where on is delivered, where delivery begins with these settings: what the log lost while nobody waited for it
    /// can't be delivered any more.
    fn delivery_begins(&self, settings: &ArchiveSettings) -> Answer<Option<Delivered>> {
        if self.archive.is_some() || settings.archive.is_none() {
            return Ok(None);
        }
        let gone = self.store.whole_from(self.core.cursor().seq)?.saturating_sub(1);
        Ok(self.store.delivered()?.is_none_or(|d| d.seq < gone).then(|| beginning(gone)))
    }
}
