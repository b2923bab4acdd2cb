//! All boards that somebody may see, at `/manage`.

use heliograph_shared::config::Visibility;
use heliograph_shared::time::Millis;
use leptos::prelude::*;

use super::frame::ServerFrame;
use super::overview::size;
use super::place::{Part, Place};
use super::seat::Seat;
use super::shown::{self, Answer, Shown};
use crate::client::boards::BoardRow;
use crate::client::manage::{self, Boards};
use crate::parts::format;
use crate::scores::address::path_to;

/// Of how many boards it is asked what they have stored.
const ASKED: usize = 40;

/// Whether a board has what was searched for in its name, title or description.
fn matches(row: &BoardRow, search: &str) -> bool {
    let search = search.trim().to_lowercase();
    [row.board.as_str(), &row.title, &row.description].iter().any(|text| text.to_lowercase().contains(&search))
}

/// The boards, with a search.
#[component]
pub fn BoardsPage(
    /// Who sits here.
    seat: Seat,
) -> impl IntoView {
    let answer: Answer<Boards> = RwSignal::new(None);
    let load = move || shown::ask(answer, async move { manage::boards(&seat.key()).await });
    load();
    let search = RwSignal::new(String::new());
    let then = move |list: Boards| {
        let health = list.health.as_ref().map(|board| {
            let path = format!("{}?tab=table", path_to(board.as_str(), "map"));
            view! { <p><a href=path data-testid="health">{text!(console.boards.health)}</a></p> }
        });
        if list.boards.is_empty() {
            return view! { {health} <p class="empty">{text!(console.boards.none)}</p> }.into_any();
        }
        view! { {health} <Table list=list search=search seat=seat /> }.into_any()
    };
    view! {
        <ServerFrame place=Place::Boards seat=seat>
            <section class="manage-head row">
                <h2>{text!(console.boards.heading)}</h2>
                <label class="find"><span class="sr-only">{text!(console.boards.search)}</span>
                    <input type="search" placeholder=text!(console.boards.search) autocomplete="off" prop:value=search data-testid="search"
                        on:input=move |event| search.set(event_target_value(&event)) />
                </label>
                {seat.may_make().then(|| view! { <a class="button primary" href=Place::NewBoard.path()>{text!(console.boards.make)}</a> })}
            </section>
            {(!seat.is_administrator).then(|| view! { <p class="quiet-text">{text!(console.boards.only_yours)}</p> })}
            <Shown answer=answer retry=Callback::new(move |()| load()) then=then />
        </ServerFrame>
    }
}

#[component]
fn Table(list: Boards, search: RwSignal<String>, seat: Seat) -> impl IntoView {
    let Boards { boards, time, .. } = list;
    let stored = RwSignal::new(std::collections::BTreeMap::<String, u64>::new());
    let names: Vec<String> = boards.iter().take(ASKED).map(|row| row.board.as_str().to_owned()).collect();
    if seat.is_administrator {
        leptos::task::spawn_local(async move {
            // One after the other: the list is there already, and sizes are no hurry.
            for name in names {
                if let Ok(status) = manage::status(&name, &seat.key()).await {
                    let is_gone = stored.try_update(|stored| stored.insert(name, status.storage.bytes)).is_none();
                    if is_gone {
                        return;
                    }
                }
            }
        });
    }
    let boards = StoredValue::new(boards);
    let found = Memo::new(move |_| {
        let search = search.get();
        boards.with_value(|rows| rows.iter().map(|row| matches(row, &search)).collect::<Vec<bool>>())
    });
    let rows = boards.with_value(|rows| {
        let row = |(at, row): (usize, &BoardRow)| {
            let is_found = move || found.with(|found| found.get(at) == Some(&true));
            view! { <Row row=row.clone() now=time stored=stored seat=seat is_found=is_found /> }
        };
        rows.iter().enumerate().map(row).collect_view()
    });
    view! {
        <div class="table-place" tabindex="0" role="region" aria-label=text!(console.boards.heading)>
            <table class="manage-table" data-testid="boards">
                <thead><tr>
                    <th scope="col">{text!(console.boards.board)}</th>
                    <th scope="col">{text!(console.boards.kind)}</th>
                    <th scope="col">{text!(console.boards.visibility)}</th>
                    <th scope="col" class="number">{text!(console.overview.items)}</th>
                    <th scope="col" class="number">{text!(console.overview.viewers)}</th>
                    <th scope="col" class="number">{text!(console.overview.stored)}</th>
                    <th scope="col">{text!(console.boards.latest)}</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <p class="empty" role="status">{move || found.with(|found| !found.contains(&true)).then(|| text!(console.boards.not_found))}</p>
    }
}

#[component]
fn Row(
    row: BoardRow,
    now: Millis,
    stored: RwSignal<std::collections::BTreeMap<String, u64>>,
    seat: Seat,
    is_found: impl Fn() -> bool + Send + Sync + 'static,
) -> impl IntoView {
    let name = row.board.as_str().to_owned();
    let title = if row.title.is_empty() { name.clone() } else { row.title };
    let count = |count: Option<u32>| count.map_or_else(|| "–".to_owned(), |count| format::number(f64::from(count), 0));
    let latest = row.newest.map_or_else(|| "–".to_owned(), |at| format::age_sentence(now.since(at)));
    let kind = if row.scores { text!(words.scoreboard) } else { text!(words.map) };
    let visibility = match row.visibility {
        Visibility::Public => text!(console.boards.public),
        Visibility::Private => text!(console.boards.private),
    };
    // Who may only look at a board is led to the board.
    let path = if seat.may_manage(&row.board) {
        Place::Board(name.clone(), Part::Overview).path()
    } else {
        path_to(&name, "")
    };
    let (of_this, row_name) = (name.clone(), name.clone());
    let bytes = move || stored.with(|stored| stored.get(&of_this).map_or_else(|| "–".to_owned(), |bytes| size(*bytes)));
    view! {
        <tr hidden=move || !is_found() data-board=row_name>
            <th scope="row"><a href=path>{title}</a>" "<code>{name}</code></th>
            <td>{kind}</td>
            <td>{visibility}</td>
            <td class="number">{count(row.items)}</td>
            <td class="number">{count(row.viewers)}</td>
            <td class="number">{bytes}</td>
            <td>{latest}</td>
        </tr>
    }
}
