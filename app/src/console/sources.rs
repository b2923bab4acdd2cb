//! Sources: ways in for what others send. A list with what came by each, a form for another, and how each is connected.

mod add;
mod asking;
mod connect;
mod device;
mod sample;
mod source;
mod templates;
mod wishes;

use leptos::html::Section;
use leptos::prelude::*;
use std::collections::BTreeMap;

use self::add::AddSource;
use self::connect::{Connect, Filling};
use self::source::{Deed, SourceRow};
use super::ask_first::{Ask, AskFirst};
use super::copyable::Copyable;
use super::frame::BoardFrame;
use super::place::Part;
use super::seat::Seat;
use super::shown::{self, Answer, Said, Shown};
use crate::browser::dom;
use crate::client::manage::{self, SecretSource, ShownSource, SourceStatus};
use crate::parts::icons::{Glyph, Icon};
use crate::parts::open_board::Board;
use crate::parts::seconds::every_second;

/// How often the counts are asked for while the page is seen, in seconds.
const EVERY_S: u32 = 2;

/// A source with its secret, while that is shown, and the template that it was made from.
#[derive(Clone, PartialEq)]
struct Fresh {
    made: SecretSource,
    code: &'static str,
}

/// The part.
#[component]
pub fn SourcesPart(
    /// The board.
    board: Board,
    /// Who sits here.
    seat: Seat,
) -> impl IntoView {
    let name = StoredValue::new(board.name.clone());
    let answer: Answer<Vec<ShownSource>> = RwSignal::new(None);
    let counts = RwSignal::new(BTreeMap::<String, SourceStatus>::new());
    let is_stale = RwSignal::new(false);
    let fresh = RwSignal::new(None::<Fresh>);
    let asked = RwSignal::new(None::<Ask>);
    let (error, done) = (RwSignal::new(None::<String>), RwSignal::new(None::<String>));
    let load = move || shown::ask(answer, async move { manage::sources(&name.get_value(), &seat.key()).await });
    let look = move || {
        leptos::task::spawn_local(async move {
            let news = manage::status(&name.get_value(), &seat.key()).await;
            let _ = is_stale.try_set(news.is_err());
            if let Ok(status) = news {
                let _ = counts.try_set(status.sources.into_iter().map(|s| (s.name.clone(), s)).collect());
            }
        });
    };
    load();
    look();
    let seconds = StoredValue::new(0_u32);
    every_second(move || {
        seconds.update_value(|seconds| *seconds = seconds.wrapping_add(1));
        if seconds.get_value().is_multiple_of(EVERY_S) && dom::is_seen() {
            look();
            if answer.with_untracked(|a| matches!(a, Some(Ok(all)) if all.iter().any(|s| s.poll.is_some()))) {
                load();
            }
        }
    });
    let rotate = move |source: ShownSource| {
        error.set(None);
        leptos::task::spawn_local(async move {
            match manage::rotate_source(&name.get_value(), &seat.key(), source.name.as_str()).await {
                Ok(made) => {
                    let code = templates::code_of_source(&made.source);
                    let _ = fresh.try_set(Some(Fresh { made, code }));
                    load();
                }
                Err(failure) => {
                    let _ = error.try_set(Some(shown::sentence(failure)));
                }
            }
        });
    };
    let delete = move |source: ShownSource| {
        error.set(None);
        leptos::task::spawn_local(async move {
            match manage::delete_source(&name.get_value(), &seat.key(), source.name.as_str()).await {
                Ok(()) => {
                    let _ = done.try_set(Some(text!(console.sources.deleted, name = source.name.as_str())));
                    let _ = fresh.try_update(|fresh| {
                        if fresh.as_ref().is_some_and(|fresh| fresh.made.source.name == source.name) {
                            *fresh = None;
                        }
                    });
                    load();
                }
                Err(failure) => {
                    let _ = error.try_set(Some(shown::sentence(failure)));
                }
            }
        });
    };
    let ask = Callback::new(move |(deed, source): (Deed, ShownSource)| {
        let called = source.name.to_string();
        asked.set(Some(match deed {
            Deed::Rotate => Ask {
                title: text!(console.sources.rotate_title, name = &called),
                text: text!(console.sources.rotate_asks).to_owned(),
                label: text!(console.sources.rotate).to_owned(),
                word: None,
                then: Callback::new(move |()| rotate(source.clone())),
            },
            Deed::Delete => Ask {
                title: text!(console.sources.delete_title, name = &called),
                text: text!(console.sources.delete_asks).to_owned(),
                label: text!(console.sources.delete).to_owned(),
                word: Some(called),
                then: Callback::new(move |()| delete(source.clone())),
            },
        }));
    });
    let added = Callback::new(move |(made, code): (SecretSource, &'static str)| {
        done.set(Some(text!(console.sources.added, name = made.source.name.as_str())));
        // Nothing is sent to one that asks: there is nothing to set up.
        if !templates::of(code).is_some_and(templates::Template::asks) {
            fresh.set(Some(Fresh { made, code }));
        }
        load();
    });
    let list = Memo::new(move |_| {
        answer.with(|answer| match answer {
            Some(Ok(sources)) => sources.clone(),
            Some(Err(_)) | None => Vec::new(),
        })
    });
    // What stays the same is not drawn anew: what is open stays open, and keeps the focus.
    let there = Memo::new(move |_| answer.with(|answer| answer.as_ref().map(|answer| answer.clone().map(drop))));
    let then = move |()| {
        view! {
            {move || list.with(Vec::is_empty).then(|| view! { <p class="empty">{text!(console.sources.empty)}</p> })}
            <ul class="letters sources" data-testid="sources">
                <For each=move || list.get() key=|source| source.name.clone() let:source>
                    <SourceRow source=source board=name seat=seat list=list counts=counts ask=ask changed=Callback::new(move |()| load()) />
                </For>
            </ul>
        }
    };
    view! {
        <BoardFrame board=board part=Part::Sources seat=seat>
            <section class="manage-head"><h2>{text!(console.place.sources)}</h2><p class="quiet-text">{text!(console.sources.about)}</p></section>
            <AddSource board=name seat=seat added=added />
            {move || fresh.get().map(|shown| view! { <Secret fresh=shown close=Callback::new(move |()| fresh.set(None)) /> })}
            <Said error=error done=done />
            {move || is_stale.get().then(|| view! { <p class="banner" role="status" data-testid="stale"><Icon glyph=Glyph::Warning /><span>{text!(console.sources.stale)}</span></p> })}
            <Shown answer=there retry=Callback::new(move |()| load()) then=then />
            <AskFirst asked=asked />
        </BoardFrame>
    }
}

/// A new secret with the settings that it is in: shown this once.
#[component]
fn Secret(fresh: Fresh, close: Callback<()>) -> impl IntoView {
    let Fresh { made, code } = fresh;
    let place = NodeRef::<Section>::new();
    Effect::new(move |_| {
        if let Some(section) = place.get() {
            // It can only fail for what is not in the page.
            let _ = section.focus();
        }
    });
    view! {
        <section class="sheet secret" aria-labelledby="secret-title" tabindex="-1" node_ref=place data-testid="secret">
            <h3 id="secret-title">{text!(console.sources.secret, name = made.source.name.as_str())}</h3>
            <p>{text!(console.sources.secret_about)}</p>
            <Copyable what=text!(console.sources.what.secret) text=made.secret.clone() />
            <Connect filling=Filling::with(&made) code=code />
            <p class="actions"><button class="button primary" type="button" on:click=move |_| close.run(())>{text!(console.sources.kept)}</button></p>
        </section>
    }
}
