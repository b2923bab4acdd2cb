//! A board's sessions and scores: the live standings, what may be corrected, and who corrected it.

use leptos::prelude::*;

use super::dialog::Confirm;
use super::entry::ChosenRow;
use super::frame::BoardFrame;
use super::manager::Manager;
use super::place::Part;
use super::records::{Export, Trail};
use super::seat::{OPERATIONS, Seat};
use super::sessions::Sessions;
use super::shown::Said;
use crate::client::feed::Tokens;
use crate::parts::open_board::Board;
use crate::parts::seconds::every_second;
use crate::scores::address::View;
use crate::scores::controls::{Banners, Controls};
use crate::scores::live::{LiveLine, Summary};
use crate::scores::model::Model;
use crate::scores::page::Body;

/// Sessions are asked for every other second, records every tenth.
const SESSIONS_S: u32 = 2;
const RECORDS_S: u32 = 10;

/// What a manager of these standings works with.
fn manager_of(board: &Board, seat: Seat) -> Manager {
    let tokens = Tokens::minted(&board.name, Some(seat.key()), OPERATIONS, true);
    let model = Model::open(&board.name, tokens, View::default(), 0);
    let manager = Manager::new(model, board, seat.key());
    manager.look_at_all();
    let seconds = StoredValue::new(0_u32);
    every_second(move || {
        seconds.update_value(|seconds| *seconds += 1);
        let seconds = seconds.get_value();
        if seconds.is_multiple_of(SESSIONS_S) {
            manager.look_at_sessions();
        }
        if seconds.is_multiple_of(RECORDS_S) {
            manager.look_at_records();
            manager.look_at_entries();
        }
    });
    manager
}

/// Standings, corrections and the audit.
#[component]
pub fn ScoresPart(
    /// The board.
    board: Board,
    /// Who sits here.
    seat: Seat,
) -> impl IntoView {
    let manager = manager_of(&board, seat);
    let model = manager.model;
    let choose = move |key: String| manager.choose(Some(key));
    view! {
        <BoardFrame board=board part=Part::Scores seat=seat>
            <div class="console-main">
                <div class="part-top"><h2>{text!(words.scoreboard)}</h2><LiveLine model=model /></div>
                <Said error=manager.error done=manager.done />
                <div class="console-live">
                    <Controls model=model key=Some(seat.key()) />
                    <Banners model=model />
                    <Body model=model choose=choose />
                    <Export manager=manager />
                </div>
                <div class="console-parts">
                    <Sessions manager=manager />
                    <ChosenRow manager=manager />
                    <Trail manager=manager />
                </div>
            </div>
            <Confirm manager=manager />
            <Summary model=model />
        </BoardFrame>
    }
}

/// Sessions alone.
#[component]
pub fn SessionsPart(
    /// The board.
    board: Board,
    /// Who sits here.
    seat: Seat,
) -> impl IntoView {
    let manager = manager_of(&board, seat);
    view! {
        <BoardFrame board=board part=Part::Sessions seat=seat>
            <Said error=manager.error done=manager.done />
            <Sessions manager=manager />
            <Confirm manager=manager />
        </BoardFrame>
    }
}
