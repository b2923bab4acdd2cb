//! Webhooks: who is told of the board's alarms. A list with how far each is told, another one, and what is done with each.

mod draft;
mod failed;
mod form;
mod row;
mod state;

use leptos::html::Section;
use leptos::prelude::*;

use self::form::WebhookForm;
use self::row::{Deed, WebhookRow};
use super::ask_first::{Ask, AskFirst};
use super::copyable::Copyable;
use super::frame::BoardFrame;
use super::place::Part;
use super::seat::Seat;
use super::shown::{self, Answer, Said, Shown};
use crate::browser::dom;
use crate::client::alarms::{self, ShownRule};
use crate::client::webhooks::{self, MadeWebhook, ShownWebhook};
use crate::parts::icons::{Glyph, Icon};
use crate::parts::open_board::Board;
use crate::parts::seconds::every_second;

/// How often they are asked for while the page is seen, in seconds.
const EVERY_S: u32 = 5;

/// The part.
#[component]
pub fn WebhooksPart(
    /// The board.
    board: Board,
    /// Who sits here.
    seat: Seat,
) -> impl IntoView {
    let name = StoredValue::new(board.name.clone());
    let answer: Answer<Vec<ShownWebhook>> = RwSignal::new(None);
    let is_stale = RwSignal::new(false);
    let rules = RwSignal::new(Vec::<ShownRule>::new());
    let secret = RwSignal::new(None::<(String, String)>);
    let asked = RwSignal::new(None::<Ask>);
    let (error, done) = (RwSignal::new(None::<String>), RwSignal::new(None::<String>));
    let load = move || {
        shown::ask(answer, async move {
            let news = webhooks::all(&name.get_value(), &seat.key()).await;
            let _ = is_stale.try_set(news.is_err());
            news
        });
    };
    load();
    // Without them a webhook is about all of them.
    leptos::task::spawn_local(async move {
        if let Ok(all) = alarms::rules(&name.get_value(), &seat.key()).await {
            let _ = rules.try_set(all);
        }
    });
    let seconds = StoredValue::new(0_u32);
    every_second(move || {
        seconds.update_value(|seconds| *seconds = seconds.wrapping_add(1));
        if seconds.get_value().is_multiple_of(EVERY_S) && dom::is_seen() {
            load();
        }
    });
    let made = RwSignal::new(0_u32);
    let keep = move |told: MadeWebhook| {
        if let Some(text) = told.secret {
            secret.set(Some((told.webhook.id.to_string(), text)));
        }
        load();
    };
    let added = Callback::new(move |told: MadeWebhook| {
        error.set(None);
        done.set(Some(text!(console.webhooks.added, id = told.webhook.id.as_str())));
        made.update(|made| *made += 1);
        keep(told);
    });
    let saved = Callback::new(move |told: MadeWebhook| {
        error.set(None);
        done.set(Some(text!(console.webhooks.saved, id = told.webhook.id.as_str())));
        keep(told);
    });
    let rotate = move |id: String| {
        error.set(None);
        leptos::task::spawn_local(async move {
            match webhooks::rotate(&name.get_value(), &seat.key(), &id).await {
                Ok(told) => keep(told),
                Err(failure) => drop(error.try_set(Some(shown::sentence(failure)))),
            }
        });
    };
    let delete = move |id: String| {
        error.set(None);
        leptos::task::spawn_local(async move {
            match webhooks::delete(&name.get_value(), &seat.key(), &id).await {
                Ok(()) => {
                    let _ = done.try_set(Some(text!(console.webhooks.deleted, id = &id)));
                    let _ = secret.try_update(|secret| secret.take_if(|(of, _)| *of == id));
                    load();
                }
                Err(failure) => drop(error.try_set(Some(shown::sentence(failure)))),
            }
        });
    };
    let ask = Callback::new(move |(deed, id): (Deed, String)| {
        asked.set(Some(match deed {
            Deed::Rotate => Ask {
                title: text!(console.webhooks.rotate_title, id = &id),
                text: text!(console.webhooks.rotate_asks).to_owned(),
                label: text!(console.webhooks.rotate).to_owned(),
                word: None,
                then: Callback::new(move |()| rotate(id.clone())),
            },
            Deed::Delete => Ask {
                title: text!(console.webhooks.delete_title, id = &id),
                text: text!(console.webhooks.delete_asks).to_owned(),
                label: text!(console.webhooks.delete).to_owned(),
                word: None,
                then: Callback::new(move |()| delete(id.clone())),
            },
        }));
    });
    let list = Memo::new(move |_| {
        answer.with(|answer| match answer {
            Some(Ok(webhooks)) => webhooks.clone(),
            Some(Err(_)) | None => Vec::new(),
        })
    });
    let taken = Signal::derive(move || list.with(|list| list.iter().map(|webhook| webhook.id.to_string()).collect()));
    // What stays the same is not drawn anew: what is open stays open, and keeps the focus.
    let there = Memo::new(move |_| answer.with(|answer| answer.as_ref().map(|answer| answer.clone().map(drop))));
    let changed = Callback::new(move |()| load());
    let then = move |()| {
        view! {
            {move || list.with(Vec::is_empty).then(|| view! { <p class="empty">{text!(console.webhooks.none)}</p> })}
            <ul class="letters sources" data-testid="webhooks">
                <For each=move || list.get() key=|webhook| webhook.id.clone() let:webhook>
                    <WebhookRow webhook=webhook board=name seat=seat list=list rules=rules.into() ask=ask saved=saved changed=changed />
                </For>
            </ul>
        }
    };
    view! {
        <BoardFrame board=board part=Part::Webhooks seat=seat>
            <section class="manage-head"><h2>{text!(console.place.webhooks)}</h2><p class="quiet-text">{text!(console.webhooks.about)}</p></section>
            // Anew with each that was made.
            {move || { made.track(); view! {
                <details class="sheet make-key">
                    <summary data-testid="new-webhook">{text!(console.webhooks.make)}</summary>
                    <WebhookForm board=name seat=seat of=None taken=taken rules=rules.into() saved=added />
                </details>
            } }}
            {move || secret.get().map(|(id, text)| view! { <Secret id=id text=text close=Callback::new(move |()| secret.set(None)) /> })}
            <Said error=error done=done />
            {move || (is_stale.get() && there.with(|there| matches!(there, Some(Ok(()))))).then(|| view! {
                <p class="banner" role="status" data-testid="stale"><Icon glyph=Glyph::Warning /><span>{text!(console.webhooks.stale)}</span></p>
            })}
            <Shown answer=there retry=changed then=then />
            <AskFirst asked=asked />
        </BoardFrame>
    }
}

/// What messages are signed with: shown this once.
#[component]
fn Secret(id: String, text: String, close: Callback<()>) -> impl IntoView {
    let place = NodeRef::<Section>::new();
    Effect::new(move |_| {
        if let Some(section) = place.get() {
            // It can only fail for what is not in the page.
            let _ = section.focus();
        }
    });
    view! {
        <section class="sheet secret" aria-labelledby="secret-title" tabindex="-1" node_ref=place data-testid="secret">
            <h3 id="secret-title">{text!(console.webhooks.secret, id = id)}</h3>
            <p>{text!(console.webhooks.secret_about)}</p>
            <Copyable what=text!(console.sources.what.secret) text=text />
            <p class="actions"><button class="button primary" type="button" on:click=move |_| close.run(())>{text!(console.sources.kept)}</button></p>
        </section>
    }
}
