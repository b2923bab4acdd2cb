//! What the big screen knows: what anybody may, so that it can tell nobody too much. Only the join code is the leader's.

use heliograph_shared::link::LinkStatus;
use heliograph_shared::scores::session::Phase;
use heliograph_shared::scores::{ScoreRow, ScoreWindow};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize as _;

use super::stage::Session;
use super::wire::{SHEET_KEY, Sheet};
use crate::client::credential;
use crate::client::feed::News;
use crate::client::sessions;
use crate::demos::join;
use crate::demos::live::{self, Eyes, Live};

/// Rows of the standings.
const TOP: u32 = 10;

/// The screen. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Screen {
    board: StoredValue<String>,
    live: StoredValue<Option<Live>, LocalStorage>,
    /// What is asked.
    pub sheet: RwSignal<Option<Sheet>>,
    /// The sitting.
    pub session: RwSignal<Option<Session>>,
    /// Its join code, if this browser knows it.
    pub code: RwSignal<Option<String>>,
    /// The standings, as the public sees them.
    pub rows: RwSignal<Vec<ScoreRow>>,
    /// The connection.
    pub link: RwSignal<LinkStatus>,
}

impl Screen {
    /// Follows a board.
    pub fn open(board: &str) -> Self {
        let screen = Self {
            board: StoredValue::new(board.to_owned()),
            live: StoredValue::new_local(None),
            sheet: RwSignal::new(None),
            session: RwSignal::new(None),
            code: RwSignal::new(join::asked_for("code").map(|code| join::tidy(&code))),
            rows: RwSignal::new(Vec::new()),
            link: RwSignal::new(LinkStatus::Connecting { attempt: 0 }),
        };
        let window = ScoreWindow { top: TOP, ..ScoreWindow::default() };
        let follows = vec![live::items(Some(vec![SHEET_KEY.to_owned()])), live::scores(window)];
        let live = Live::open(board, Eyes::Guest, follows, move |news| screen.hear(&news));
        screen.live.set_value(Some(live));
        on_cleanup(move || {
            if let Some(live) = screen.live.try_get_value().flatten() {
                live.stop();
            }
        });
        screen
    }

    /// The server's time, in milliseconds.
    pub fn server_now(self) -> Option<i64> {
        self.live.try_with_value(|live| live.as_ref().map(|live| live.server_time().0)).flatten()
    }

    fn hear(self, news: &News) {
        let Some(live) = self.live.try_get_value().flatten() else { return };
        match news {
            News::Items(_) => drop(live.with_items(|replica| {
                let item = replica.find(SHEET_KEY).and_then(|id| replica.get(id));
                let sheet = item.and_then(|item| Sheet::read(|field| item.fields.get(field)));
                if self.sheet.with_untracked(|old| *old != sheet) {
                    self.sheet.set(sheet);
                }
            })),
            News::Scores(..) => drop(live.with_scores(|scores| {
                let about = scores.about();
                let session = about["session"].as_object().map(|session| Session {
                    id: session["id"].as_str().unwrap_or_default().to_owned(),
                    title: session["title"].as_str().unwrap_or_default().to_owned(),
                    phase: Phase::deserialize(&session["phase"]).unwrap_or_default(),
                    is_hidden: about["frozen"] == true,
                });
                if self.session.with_untracked(|old| *old != session) {
                    self.find_code(session.as_ref());
                    self.session.set(session);
                }
                if self.rows.with_untracked(|old| old != scores.rows()) {
                    self.rows.set(scores.rows().to_vec());
                }
            })),
            News::Link | News::Refused(_) => {}
        }
        let _ = self.link.try_set(live.status());
    }

    /// A browser in which the leader signed in finds the code of each new sitting by itself.
    fn find_code(self, session: Option<&Session>) {
        let before = self.session.with_untracked(|old| old.as_ref().map(|old| old.id.clone()));
        let Some(session) = session.filter(|session| before.as_deref() != Some(&session.id)) else { return };
        // A code of another sitting leads nowhere.
        let is_other = join::asked_for("sitting").is_some_and(|asked| asked != session.id);
        if before.is_some() || is_other {
            self.code.set(None);
        }
        let (id, board) = (session.id.clone(), self.board.get_value());
        let Some(key) = credential::get(&board).or_else(credential::latest) else { return };
        spawn_local(async move {
            let list = sessions::sessions(&board, &key).await.unwrap_or_default();
            if let Some(code) = list.into_iter().find(|found| found.id == id).and_then(|found| found.code) {
                let _ = self.code.try_set(Some(code));
            }
        });
    }
}
