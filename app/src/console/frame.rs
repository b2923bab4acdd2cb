//! What all pages of the console have: the head, and the menu of its parts.

use leptos::prelude::*;

use super::place::{Part, Place};
use super::seat::{self, Seat};
use crate::parts::frame::Brand;
use crate::parts::icons::{Glyph, Icon};
use crate::parts::language::LanguageChoice;
use crate::parts::open_board::Board;
use crate::parts::theme::ThemeButton;
use crate::scores::address::path_to;

/// An entry of the menu.
struct Entry {
    label: &'static str,
    path: String,
    is_here: bool,
}

/// The frame of the server's own console.
#[component]
pub fn ServerFrame(
    /// Where this is.
    place: Place,
    /// Who sits here.
    seat: Seat,
    children: Children,
) -> impl IntoView {
    let entry = move |label, to: Place| Entry { label, path: to.path(), is_here: to == place };
    let mut menu = vec![entry(text!(words.all_boards), Place::Boards)];
    if seat.may_make() {
        menu.push(entry(text!(console.boards.make), Place::NewBoard));
    }
    if seat.is_administrator {
        menu.push(entry(text!(console.place.keys), Place::Keys));
        menu.push(entry(text!(console.place.sign_in), Place::SignIn));
    }
    view! {
        <div class="manage" data-testid="console">
            <header class="bar">
                <Brand />
                <div class="bar-title"><h1>{text!(console.page.part)}</h1></div>
                <div class="bar-actions">
                    <button class="button" type="button" on:click=move |_| seat::sign_out(None)>{text!(console.page.sign_out)}</button>
                    <LanguageChoice />
                    <ThemeButton />
                </div>
            </header>
            <Menu menu=menu />
            <main id="main" class="manage-main" tabindex="-1">{children()}</main>
        </div>
    }
}

/// The frame of a board's console.
#[component]
pub fn BoardFrame(
    /// The board.
    board: Board,
    /// Which part.
    part: Part,
    /// Who sits here.
    seat: Seat,
    children: Children,
) -> impl IntoView {
    let name = board.name.clone();
    let menu = Part::ALL
        .into_iter()
        .filter(|part| part.is_for(board.has_scores, seat.is_administrator))
        .map(|known| Entry {
            label: known.label(),
            path: Place::Board(board.name.clone(), known).path(),
            is_here: known == part,
        })
        .collect();
    view! {
        <div class="manage" data-testid="console">
            <header class="bar">
                <Brand />
                <div class="bar-title"><h1>{board.title}</h1><span class="session-title">{text!(console.page.part)}</span></div>
                <div class="bar-actions">
                    <a class="button" href=path_to(&board.name, "") aria-label=text!(console.frame.open)><Icon glyph=Glyph::Globe /><span class="wide">{text!(console.frame.open)}</span></a>
                    <a class="button" href=Place::Boards.path() aria-label=text!(console.frame.boards)><Icon glyph=Glyph::Previous /><span class="wide">{text!(console.frame.boards)}</span></a>
                    <button class="button" type="button" on:click=move |_| seat::sign_out(Some(&name))>{text!(console.page.sign_out)}</button>
                    <LanguageChoice />
                    <ThemeButton />
                </div>
            </header>
            <Menu menu=menu />
            <main id="main" class="manage-main" class:wide-main={part == Part::Scores} tabindex="-1">{children()}</main>
        </div>
    }
}

#[component]
fn Menu(menu: Vec<Entry>) -> impl IntoView {
    view! {
        <nav class="manage-menu" aria-label=text!(console.frame.parts)>
            {menu.into_iter().map(|Entry { label, path, is_here }| view! {
                <a href=path aria-current=is_here.then_some("page")>{label}</a>
            }).collect_view()}
        </nav>
    }
}
