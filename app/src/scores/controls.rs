//! Which part of the standings is shown: groups, sessions, one row, the projector.

use leptos::prelude::*;

use super::about::{About, phase_label};
use super::model::Model;
use super::words;
use crate::browser::percent::encode;
use crate::client::boards;
use crate::client::http::Failure;
use crate::client::labels::label_from_ascii;
use crate::parts::icons::{Glyph, Icon};

/// More groups than this are a list to choose from, not tabs.
const TABS: usize = 12;

/// The controls above the table.
#[component]
pub fn Controls(
    /// The page.
    model: Model,
    /// The key the board was opened with.
    key: Option<String>,
) -> impl IntoView {
    view! {
        <div class="controls">
            <Groups model=model />
            <Sessions model=model />
            <Find model=model key=key />
        </div>
    }
}

fn about<T: PartialEq + Send + Sync + 'static>(
    model: Model,
    read: impl Fn(&About) -> T + Send + Sync + 'static,
) -> Memo<Option<T>> {
    Memo::new(move |_| model.about.with(|about| about.as_ref().map(&read)))
}

/// A group's full name in addresses, and the one people read.
fn named(groups: &[(String, Vec<String>)]) -> Vec<(String, String, String)> {
    let names = |(field, names): &(String, Vec<String>)| {
        let label = label_from_ascii(field);
        names.iter().map(|name| (label.clone(), format!("{field}:{name}"), name.clone())).collect::<Vec<_>>()
    };
    groups.iter().flat_map(names).collect()
}

#[component]
fn Groups(model: Model) -> impl IntoView {
    let groups = about(model, |about| named(&about.groups));
    let choose = move |group: Option<String>| model.view.update(|view| view.group = group);
    let is_chosen = move |group: &Option<String>| model.view.with(|view| view.group == *group);
    move || {
        let groups = groups.get().filter(|groups| !groups.is_empty())?;
        if groups.len() > TABS {
            return Some(
                view! {
                    <label class="pick">
                        <span class="sr-only">{text!(scores.controls.group)}</span>
                        <select class="select" data-testid="groups" on:change=move |event| {
                            choose(Some(event_target_value(&event)).filter(|group| !group.is_empty()));
                        }>
                            <option value="" selected=is_chosen(&None)>{text!(scores.controls.all_groups)}</option>
                            {groups.into_iter().map(|(field, group, name)| {
                                let selected = is_chosen(&Some(group.clone()));
                                view! { <option value=group selected=selected>{format!("{field}: {name}")}</option> }
                            }).collect_view()}
                        </select>
                    </label>
                }
                .into_any(),
            );
        }
        let all = std::iter::once((
            None,
            text!(scores.controls.all).to_owned(),
            text!(scores.controls.all_groups).to_owned(),
        ));
        let tabs = all.chain(groups.into_iter().map(|(field, group, name)| (Some(group), name, field)));
        Some(
            view! {
                <div class="tabs" role="group" aria-label=text!(scores.controls.groups) data-testid="groups">
                    {tabs.map(|(group, name, title)| {
                        let mine = group.clone();
                        view! {
                            <button class="tab" type="button" title=title
                                aria-pressed=move || if is_chosen(&mine) { "true" } else { "false" }
                                on:click=move |_| choose(group.clone())>{name}</button>
                        }
                    }).collect_view()}
                </div>
            }
            .into_any(),
        )
    }
}

#[component]
fn Sessions(model: Model) -> impl IntoView {
    let sessions = about(model, |about| {
        about
            .sessions
            .iter()
            .map(|s| (s.id.clone(), format!("{} – {}", s.title, phase_label(s.phase))))
            .collect::<Vec<_>>()
    });
    move || {
        let sessions = sessions.get().filter(|sessions| !sessions.is_empty())?;
        let chosen = model.view.with(|view| view.session.clone()).unwrap_or_default();
        let first = [(String::new(), text!(scores.controls.current_session).to_owned())];
        let last = [("all".to_owned(), text!(scores.controls.all_sessions).to_owned())];
        let options = first.into_iter().chain(sessions.into_iter().rev()).chain(last);
        Some(view! {
            <label class="pick">
                <span class="sr-only">{text!(scores.controls.session)}</span>
                <select class="select" data-testid="sessions" on:change=move |event| {
                    let session = Some(event_target_value(&event)).filter(|session| !session.is_empty());
                    model.view.update(|view| view.session = session);
                }>
                    {options.map(|(id, title)| {
                        let selected = id == chosen;
                        view! { <option value=id selected=selected>{title}</option> }
                    }).collect_view()}
                </select>
            </label>
        })
    }
}

/// A row that was looked for.
struct Found {
    key: String,
    position: u32,
}

#[component]
fn Find(model: Model, key: Option<String>) -> impl IntoView {
    let wanted = RwSignal::new(String::new());
    let answer = RwSignal::new(None::<String>);
    let key = StoredValue::new(key);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let text = wanted.get_untracked().trim().to_owned();
        if text.is_empty() {
            return;
        }
        leptos::task::spawn_local(async move {
            let said = match find(model, key.get_value(), &text).await {
                Ok(Some(found)) => {
                    model.view.update(|view| view.key = Some(found.key));
                    model.wanted.set(Some(found.position));
                    None
                }
                Ok(None) => Some(text!(scores.controls.nobody, text = text)),
                Err(error) => Some(error.sentence()),
            };
            let _ = answer.try_set(said);
        });
    };
    view! {
        <form class="find" role="search" on:submit=submit>
            <label class="search">
                <span class="sr-only">{text!(scores.controls.find_and_pin)}</span>
                <Icon glyph=Glyph::Search />
                <input type="search" placeholder=text!(scores.controls.find) autocomplete="off" spellcheck="false" data-testid="find"
                    prop:value=wanted on:input=move |event| { wanted.set(event_target_value(&event)); answer.set(None); } />
            </label>
            <span class="error" role="status">{answer}</span>
        </form>
    }
}

/// Small letters, by the browser's own tables.
fn lower(text: &str) -> String {
    js_sys::JsString::from(text).to_lower_case().into()
}

/// Looks for a row by its key or a part of its name, among the first ten thousand.
async fn find(model: Model, key: Option<String>, text: &str) -> Result<Option<Found>, Failure> {
    let view = model.view.get_untracked();
    let mut path = "scores?top=10000".to_owned();
    for (name, value) in [("group", view.group), ("session", view.session)] {
        if let Some(value) = value {
            path = format!("{path}&{name}={}", encode(&value));
        }
    }
    let answer = boards::ask(&model.board(), &path, key.as_deref(), None).await?;
    let text = lower(text);
    let rows = answer["rows"].as_array().into_iter().flatten();
    let rows: Vec<_> = rows
        .filter_map(|row| {
            let (key, name) = (row["key"].as_str()?, row["name"].as_str().unwrap_or_default());
            Some((key, lower(name), row["position"].as_u64()? as u32))
        })
        .collect();
    let is_it = |row: &&(&str, String, u32)| lower(row.0) == text || row.1 == text;
    let found = rows.iter().find(is_it).or_else(|| rows.iter().find(|row| row.1.contains(&text)));
    Ok(found.map(|(key, _, position)| Found { key: (*key).to_owned(), position: *position }))
}

/// What is to be known before reading the table: frozen, not open yet, being recounted.
#[component]
pub fn Banners(
    /// The page.
    model: Model,
) -> impl IntoView {
    let banner = move || {
        let time = |at| crate::browser::clock::local_text(heliograph_shared::time::Millis(at));
        model.about.with(|about| words::banner(about.as_ref()?, time)).unwrap_or_default()
    };
    let rebuilding = move || {
        let percent = model.about.with(|about| about.as_ref().and_then(|about| about.rebuilding));
        percent.map_or_else(String::new, |percent| text!(scores.controls.recomputing, percent = percent))
    };
    view! {
        <div class="banners" role="status">
            <p class="banner frozen" data-testid="frozen">{banner}</p>
            <p class="banner busy" data-testid="rebuilding">{rebuilding}</p>
            <p class="banner error">{move || model.refused.get().unwrap_or_default()}</p>
        </div>
    }
}
