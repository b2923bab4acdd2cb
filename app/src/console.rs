//! The console of managers and administrators.
//!
//! | address | file |
//! |---|---|
//! | `/manage`: all boards | `boards` |
//! | `/manage/new`: a new board | `make`, its templates in `templates` |
//! | `/manage/sign-in`: who may sign in with what, `/signed-in`: back from there | `identity`, `signed_in` |
//! | `/manage/keys`, `/b/{board}/manage/keys` | `keys`, and what they allow in words in `grants` |
//! | `/b/{board}/manage` | `overview`; of a board that has nothing yet, the way to its `first` event |
//! | `…/manage/config`: change it, delete the board | `config`, what changes in `diff` |
//! | `…/manage/audit`: who changed what | `audit` |
//! | `…/manage/connections`: who is connected | `connections` |
//! | `…/manage/alarms`: what stands, as it comes and goes | `alarms`, asked for by its `watch` |
//! | `…/manage/alarm-rules`: what raises them | `alarm_rules`, as a form has them in `draft`, in words in `says` |
//! | `…/manage/webhooks`: who is told of them | `webhooks`, each a `row`, how it goes in `state` |
//! | `…/manage/links`: links that share a part of it | `links` |
//! | `…/manage/sources`: ways in | `sources`, each a `source`, its `templates` and how to `connect`, `add`, `sample` |
//! | `…/manage/letters`: mend and replay what was refused | `letters`, each a `letter`, in `letter_words` |
//! | `…/manage/embed`: into pages of other sites | `embed`, what is pasted there in `embed/snippets` |
//! | `…/manage/pipeline`, `…/archive` | `pipeline`, `archive` |
//! | `…/manage/sessions`, `…/scores` | `standings`: `sessions` and `timeline`, `entry`, `records` around one `manager` |
//!
//! All of them have the `frame`, after `sign_in` found out whose `seat` it is. `place` has the addresses; `field` is an
//! input and `choice` one of several with what is wrong beside it, `alarm_words` how grave an alarm is, `shown` an answer of the
//! server, `copyable` a text to copy, `ask_first` and `dialog` are questions.

mod alarm_rules;
mod alarm_words;
mod alarms;
mod archive;
mod ask_first;
mod audit;
mod boards;
mod choice;
mod config;
mod connections;
mod copyable;
mod dialog;
mod diff;
mod embed;
mod entry;
mod field;
mod first;
mod frame;
mod grants;
mod identity;
mod keys;
mod letter;
mod letter_words;
mod letters;
mod links;
mod make;
mod manager;
mod overview;
mod pipeline;
mod place;
mod records;
mod seat;
mod sessions;
mod shown;
mod sign_in;
mod signed_in;
mod sources;
mod standings;
mod templates;
mod timeline;
mod webhooks;

use leptos::prelude::*;

use self::alarm_rules::AlarmRulesPart;
use self::alarms::AlarmsPart;
use self::archive::ArchivePart;
use self::audit::AuditPart;
use self::boards::BoardsPage;
use self::config::ConfigPart;
use self::connections::ConnectionsPart;
use self::embed::EmbedPart;
use self::identity::IdentityPage;
use self::keys::{BoardKeysPart, KeysPage};
use self::letters::LettersPart;
use self::links::LinksPart;
use self::make::MakePage;
use self::overview::OverviewPart;
use self::pipeline::PipelinePart;
use self::place::{Part, Place};
use self::seat::{Opened, Seat};
use self::sign_in::SignedIn;
use self::signed_in::SignedInPage;
use self::sources::SourcesPart;
use self::standings::{ScoresPart, SessionsPart};
use self::webhooks::WebhooksPart;
use crate::browser::dom;
use crate::parts::frame::SkipLink;
use crate::parts::not_found::NotFoundPage;
use crate::parts::open_board::Board;
use crate::parts::theme::Theme;

/// The page of the console that the path names.
#[component]
pub fn ConsoleProgram() -> impl IntoView {
    provide_context(Theme::new());
    let place = Place::of(&crate::segments());
    let page = match &place {
        Place::Nowhere => view! { <NotFoundPage /> }.into_any(),
        Place::SignedIn => {
            dom::set_title(text!(console.page.server_title));
            view! { <SignedInPage /> }.into_any()
        }
        Place::Board(name, part) => {
            let part = *part;
            dom::set_title(&text!(console.page.title, name = name));
            let then = move |opened: Opened| opened.board.map(|board| board_page(board, part, opened.seat));
            view! { <SignedIn board=Some(name.clone()) then=then /> }.into_any()
        }
        Place::Boards | Place::NewBoard | Place::Keys | Place::SignIn => {
            dom::set_title(text!(console.page.server_title));
            let place = StoredValue::new(place.clone());
            let then = move |opened: Opened| place.with_value(|place| server_page(place, opened.seat));
            view! { <SignedIn board=None then=then /> }.into_any()
        }
    };
    view! {
        <SkipLink />
        {page}
    }
}

fn server_page(place: &Place, seat: Seat) -> AnyView {
    match place {
        Place::NewBoard => view! { <MakePage seat=seat /> }.into_any(),
        Place::Keys => view! { <KeysPage seat=seat /> }.into_any(),
        Place::SignIn => view! { <IdentityPage seat=seat /> }.into_any(),
        Place::Boards | Place::Board(..) | Place::SignedIn | Place::Nowhere => {
            view! { <BoardsPage seat=seat /> }.into_any()
        }
    }
}

fn board_page(board: Board, part: Part, seat: Seat) -> AnyView {
    match part {
        // The console's address of before leads here, whatever the board is.
        Part::Sessions | Part::Scores if !board.has_scores => {
            replace(&Place::Board(board.name.clone(), Part::Overview).path());
            view! { <OverviewPart board=board seat=seat /> }.into_any()
        }
        Part::Overview => view! { <OverviewPart board=board seat=seat /> }.into_any(),
        Part::Config => view! { <ConfigPart board=board seat=seat /> }.into_any(),
        Part::Keys => view! { <BoardKeysPart board=board seat=seat /> }.into_any(),
        Part::Audit => view! { <AuditPart board=board seat=seat /> }.into_any(),
        Part::Connections => view! { <ConnectionsPart board=board seat=seat /> }.into_any(),
        Part::Links => view! { <LinksPart board=board seat=seat /> }.into_any(),
        Part::Sources => view! { <SourcesPart board=board seat=seat /> }.into_any(),
        Part::Alarms => view! { <AlarmsPart board=board seat=seat /> }.into_any(),
        Part::AlarmRules => view! { <AlarmRulesPart board=board seat=seat /> }.into_any(),
        Part::Webhooks => view! { <WebhooksPart board=board seat=seat /> }.into_any(),
        Part::Letters => view! { <LettersPart board=board seat=seat /> }.into_any(),
        Part::Embed => view! { <EmbedPart board=board seat=seat /> }.into_any(),
        Part::Pipeline => view! { <PipelinePart board=board seat=seat /> }.into_any(),
        Part::Archive => view! { <ArchivePart board=board seat=seat /> }.into_any(),
        Part::Sessions => view! { <SessionsPart board=board seat=seat /> }.into_any(),
        Part::Scores => view! { <ScoresPart board=board seat=seat /> }.into_any(),
    }
}

/// Puts another address into the bar; the page stays.
fn replace(path: &str) {
    let history = web_sys::window().and_then(|window| window.history().ok());
    // Only addresses of other sites are refused.
    let _ = history.map(|history| history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(path)));
}
