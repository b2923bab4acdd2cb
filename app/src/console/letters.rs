//! Dead letters: how many there are of each reason, and what can be done with all of one. Each is a `letter`.

use heliograph_shared::api::letters::Replay;
use heliograph_shared::limits;
use leptos::prelude::*;

use super::ask_first::{Ask, AskFirst};
use super::frame::BoardFrame;
use super::letter::{Letter, LetterDone};
use super::letter_words::{Sum, reason};
use super::place::Part;
use super::seat::Seat;
use super::shown::{self, Answer, Said, Shown};
use crate::browser::dom::Timer;
use crate::browser::save;
use crate::client::manage::{self, DeadLetter, DeadLetters};
use crate::parts::format;
use crate::parts::open_board::Board;

/// The server is asked when nothing was typed for so long, in milliseconds.
const TYPED_MILLIS: i32 = 300;

fn whole(count: u64) -> String {
    format::number(count as f64, 0)
}

/// The part.
#[component]
pub fn LettersPart(
    /// The board.
    board: Board,
    /// Who sits here.
    seat: Seat,
) -> impl IntoView {
    let name = StoredValue::new(board.name.clone());
    let answer: Answer<DeadLetters> = RwSignal::new(None);
    let code = RwSignal::new(String::new());
    let search = RwSignal::new(String::new());
    let (error, done) = (RwSignal::new(None::<String>), RwSignal::new(None::<String>));
    let asked = RwSignal::new(None::<Ask>);
    let sum = RwSignal::new(None::<Replay>);
    let wish = move || Some((code.try_get_untracked()?, search.try_get_untracked()?));
    let load = move || {
        shown::ask(answer, async move {
            loop {
                let (asked, board) = (wish(), name.try_get_value().unwrap_or_default());
                let (code, text) = asked.clone().unwrap_or_default();
                let page = manage::letters(&board, &seat.key(), &code, &text, None).await;
                // An answer to what is no longer asked is none.
                if wish() == asked {
                    return page;
                }
            }
        });
    };
    let typed = StoredValue::new_local(None::<Timer>);
    on_cleanup(move || typed.dispose());
    let type_on = move |text: String| {
        let text = text.trim().to_owned();
        typed.set_value(Timer::after(TYPED_MILLIS, move || {
            if search.try_get_untracked().is_some_and(|old| old != text) {
                search.set(text);
                load();
            }
        }));
    };
    load();
    let list = Memo::new(move |_| {
        answer.with(|answer| match answer {
            Some(Ok(page)) => page.dead_letters.clone(),
            Some(Err(_)) | None => Vec::new(),
        })
    });
    let there = Memo::new(move |_| answer.with(|answer| answer.as_ref().map(|answer| answer.clone().map(drop))));
    let next =
        Memo::new(move |_| answer.with(|answer| answer.as_ref().and_then(|answer| answer.as_ref().ok()?.next.clone())));
    let counts = Memo::new(move |_| {
        answer.with(|answer| match answer {
            Some(Ok(page)) => page.by_code.clone(),
            Some(Err(_)) | None => std::collections::BTreeMap::new(),
        })
    });
    let dropped =
        Memo::new(move |_| answer.with(|answer| answer.as_ref().map_or(0, |a| a.as_ref().map_or(0, |p| p.dropped))));
    let choose = move |chosen: String| {
        code.set(chosen);
        sum.set(None);
        load();
    };
    let more = move |_| {
        let Some(after) = next.get_untracked() else { return };
        let asked = wish();
        let (code, text) = asked.clone().unwrap_or_default();
        leptos::task::spawn_local(async move {
            match manage::letters(&name.get_value(), &seat.key(), &code, &text, Some(&after)).await {
                Ok(_) if wish() != asked => {}
                Ok(page) => {
                    let _ = answer.try_update(|answer| {
                        if let Some(Ok(old)) = answer {
                            old.dead_letters.extend(page.dead_letters);
                            old.next = page.next;
                        }
                    });
                }
                Err(failure) => {
                    let _ = error.try_set(Some(shown::sentence(failure)));
                }
            }
        });
    };
    let replay = move |dry_run: bool| {
        error.set(None);
        let code = code.get_untracked();
        leptos::task::spawn_local(async move {
            match manage::replay_letters(&name.get_value(), &seat.key(), &code, dry_run).await {
                Ok(replay) => {
                    let _ = sum.try_set(Some(replay));
                    if !dry_run {
                        load();
                    }
                }
                Err(failure) => {
                    let _ = error.try_set(Some(shown::sentence(failure)));
                }
            }
        });
    };
    let drop_all = move || {
        error.set(None);
        let code = code.get_untracked();
        leptos::task::spawn_local(async move {
            match manage::drop_letters(&name.get_value(), &seat.key(), &code).await {
                Ok(count) => {
                    let _ = done.try_set(Some(counted!(count, console.letters.dropped_some)));
                    let _ = code_gone(count, answer);
                    load();
                }
                Err(failure) => {
                    let _ = error.try_set(Some(shown::sentence(failure)));
                }
            }
        });
    };
    let matching = Memo::new(move |_| {
        let code = code.get();
        counts.with(
            |counts| if code.is_empty() { counts.values().sum() } else { counts.get(&code).copied().unwrap_or(0) },
        )
    });
    let ask_replay = move |_| {
        asked.set(Some(Ask {
            title: counted!(matching.get_untracked(), console.letters.send_title),
            text: text!(console.letters.send_asks).to_owned(),
            label: text!(console.letters.send).to_owned(),
            word: None,
            then: Callback::new(move |()| replay(false)),
        }));
    };
    let ask_drop = move |_| {
        asked.set(Some(Ask {
            title: counted!(matching.get_untracked(), console.letters.drop_some_title),
            text: text!(console.letters.drop_some_asks).to_owned(),
            label: text!(console.letters.drop).to_owned(),
            word: None,
            then: Callback::new(move |()| drop_all()),
        }));
    };
    let export = move |_| {
        let code = code.get_untracked();
        leptos::task::spawn_local(async move {
            let board = name.get_value();
            match manage::export_letters(&board, &seat.key(), &code).await {
                Ok(lines) => {
                    let file = save::file_name(&[&board, "dead-letters", &code], "ndjson");
                    if save::save(&file, "application/x-ndjson", lines.as_bytes()).is_err() {
                        let _ = error.try_set(Some(text!(console.letters.not_saved).to_owned()));
                    }
                }
                Err(failure) => {
                    let _ = error.try_set(Some(shown::sentence(failure)));
                }
            }
        });
    };
    let of_letter = Callback::new(move |LetterDone { id, said }: LetterDone| {
        done.set(Some(said));
        answer.update(|answer| {
            if let Some(Ok(page)) = answer {
                let gone = page.dead_letters.iter().position(|letter| letter.id == id);
                if let Some(letter) = gone.map(|at| page.dead_letters.remove(at))
                    && let Some(count) = page.by_code.get_mut(&letter.code.unwrap_or_default())
                {
                    *count = count.saturating_sub(1);
                }
                page.by_code.retain(|_, count| *count > 0);
            }
        });
    });
    let then =
        move |()| view! { <List list=list next=next search=search name=name seat=seat asked=asked done=of_letter /> };
    let chip = move |value: String, label: String, count: u64| {
        let of_chip = value.clone();
        let is_on = Memo::new(move |_| code.get() == of_chip);
        view! {
            <button class="reason-chip" type="button" aria-pressed=move || is_on.get().to_string() on:click=move |_| choose(value.clone())>
                {label} " " <span class="reason-count">{whole(count)}</span>
            </button>
        }
    };
    view! {
        <BoardFrame board=board part=Part::Letters seat=seat>
            <section class="manage-head"><h2>{text!(console.page.dead_letters)}</h2><p class="quiet-text">{text!(console.letters.about)}</p></section>
            <div class="reason-chips" role="group" aria-label=text!(console.letters.reason) data-testid="reasons">
                {move || {
                    let mut counts = counts.get();
                    let all: u64 = counts.values().sum();
                    // The reason that is chosen stays, so that another can be.
                    if code.with(|code| !code.is_empty()) {
                        counts.entry(code.get()).or_default();
                    }
                    let chips = counts.iter().map(|(code, count)| chip(code.clone(), reason(Some(code)), *count)).collect_view();
                    (!counts.is_empty()).then(|| view! { {chip(String::new(), text!(console.letters.any).to_owned(), all)} {chips} })
                }}
            </div>
            <div class="filters">
                <label class="form-field">{text!(console.letters.search)}
                    <input type="search" autocomplete="off" data-testid="search" maxlength=limits::LETTER_SEARCH_BYTES.to_string() on:input=move |event| type_on(event_target_value(&event)) />
                </label>
                <button class="button" type="button" on:click=move |_| load()>{text!(console.letters.look_again)}</button>
            </div>
            <Said error=error done=done />
            <section class="sheet all-letters" aria-label=text!(console.letters.all_of_these) data-testid="all" hidden=move || matching.get() == 0 || search.with(|text| !text.is_empty())>
                <p><strong>{move || counted!(matching.get(), console.letters.matching)}</strong> " " {text!(console.letters.all_about)}</p>
                <p class="actions">
                    <button class="button primary" type="button" on:click=move |_| replay(true)>{text!(console.letters.try_all)}</button>
                    <button class="button" type="button" on:click=ask_replay>{text!(console.letters.send_all)}</button>
                    <button class="button" type="button" on:click=export>{text!(console.letters.export)}</button>
                    <button class="button danger" type="button" on:click=ask_drop>{text!(console.letters.drop_all)}</button>
                </p>
            </section>
            <div role="status" data-testid="sum">{move || sum.get().map(|replay| view! { <div class="sheet"><Sum replay=replay /></div> })}</div>
            <Shown answer=there retry=Callback::new(move |()| load()) then=then />
            {move || next.get().map(|_| view! { <p class="actions"><button class="button" type="button" on:click=more>{text!(console.letters.older)}</button></p> })}
            {move || (dropped.get() > 0).then(|| view! { <p class="quiet-text">{counted!(dropped.get(), console.letters.lost)}</p> })}
            <AskFirst asked=asked />
        </BoardFrame>
    }
}

/// The letters of a page that were dropped are shown no more, before the page is read anew.
fn code_gone(count: u64, answer: Answer<DeadLetters>) -> Option<()> {
    answer.try_update(|answer| {
        if let Some(Ok(page)) = answer
            && count > 0
        {
            page.dead_letters.clear();
        }
    })
}

#[component]
fn List(
    list: Memo<Vec<DeadLetter>>,
    next: Memo<Option<String>>,
    search: RwSignal<String>,
    name: StoredValue<String>,
    seat: Seat,
    asked: RwSignal<Option<Ask>>,
    done: Callback<LetterDone>,
) -> impl IntoView {
    view! {
        <p class="quiet-text" role="status" tabindex="-1" id="letters-count">{move || {
            match (list.with(Vec::len), search.with(String::is_empty), next.with(Option::is_some)) {
                (0, true, false) => text!(console.records.no_letters).to_owned(),
                (0, _, true) => text!(console.letters.none_yet).to_owned(),
                (0, false, false) => text!(console.letters.none_found).to_owned(),
                (count, ..) => counted!(count as u64, console.letters.count),
            }
        }}</p>
        <ul class="letters" data-testid="letters">
            <For each=move || list.get() key=|letter| (letter.id.clone(), letter.tries, letter.mended_at) let:letter>
                <Letter letter=letter name=name seat=seat asked=asked done=done />
            </For>
        </ul>
    }
}
