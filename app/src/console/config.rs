//! A board's config: changed in a form or as JSON, with what changes before it is saved; and the board's end.

use leptos::prelude::*;
use serde_json::Value;

use super::ask_first::{Ask, AskFirst};
use super::diff::{Change, changes};
use super::field::{Field, Others, Problems, problems_of};
use super::frame::BoardFrame;
use super::make::go;
use super::place::{Part, Place};
use super::seat::Seat;
use super::shown::{self, Answer, Said, Shown};
use crate::client::manage::{self, Over, Tagged};
use crate::parts::open_board::Board;

/// What an input of the form holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Text.
    Text,
    /// Text of several lines.
    Long,
    /// A whole number, or nothing.
    Number,
}

/// The fields that have inputs, by their paths.
const FIELDS: &[(&str, Kind)] = &[
    ("title", Kind::Text),
    ("description", Kind::Long),
    ("key_name", Kind::Text),
    ("stale_after_s", Kind::Number),
    ("expire_after_s", Kind::Number),
    ("keep_days", Kind::Number),
    ("keep_mib", Kind::Number),
];

/// The same, for what is wrong with others.
const SHOWN: &[&str] =
    &["title", "description", "key_name", "stale_after_s", "expire_after_s", "keep_days", "keep_mib"];

/// A field's name and what it means.
fn words(path: &str) -> (&'static str, &'static str) {
    match path {
        "title" => (text!(console.config.title), text!(console.config.title_help)),
        "description" => (text!(console.config.description), text!(console.config.description_help)),
        "key_name" => (text!(console.config.key_name), text!(console.config.key_name_help)),
        "stale_after_s" => (text!(console.config.stale), text!(console.config.stale_help)),
        "expire_after_s" => (text!(console.config.expire), text!(console.config.expire_help)),
        "keep_days" => (text!(console.config.keep_days), text!(console.config.keep_days_help)),
        _ => (text!(console.config.keep_mib), text!(console.config.keep_mib_help)),
    }
}

/// A value as an input shows it.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other @ (Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => other.to_string(),
    }
}

/// What an input's text means: what is no number stays text, and the server says what is wrong with it.
fn typed(kind: Kind, text: &str) -> Option<Value> {
    match kind {
        Kind::Text | Kind::Long => Some(text.into()),
        Kind::Number => match text.trim() {
            "" => None,
            text => Some(text.parse::<u64>().map_or_else(|_| text.into(), Value::from)),
        },
    }
}

/// The config with what stands in the form.
fn with_form(base: &Value, inputs: &[(&'static str, Kind, RwSignal<String>)], is_public: bool) -> Value {
    let mut config = base.clone();
    let Value::Object(map) = &mut config else { return config };
    for (path, kind, input) in inputs {
        // What was not touched stays as it is, however it was written.
        let text = input.get();
        if shown(map.get(*path).unwrap_or(&Value::Null)) == text {
            continue;
        }
        match typed(*kind, &text) {
            Some(value) => drop(map.insert((*path).to_owned(), value)),
            None => drop(map.remove(*path)),
        }
    }
    map.insert("visibility".to_owned(), if is_public { "public" } else { "private" }.into());
    config
}

/// The part.
#[component]
pub fn ConfigPart(
    /// The board.
    board: Board,
    /// Who sits here.
    seat: Seat,
) -> impl IntoView {
    let name = StoredValue::new(board.name.clone());
    let title = board.title.clone();
    let answer: Answer<Tagged> = RwSignal::new(None);
    let load = move || shown::ask(answer, async move { manage::config(&name.get_value(), &seat.key()).await });
    load();
    let then = move |config: Tagged| view! { <Editor config=config name=name seat=seat /> };
    view! {
        <BoardFrame board=board part=Part::Config seat=seat>
            <section class="manage-head"><h2>{text!(console.place.config)}</h2></section>
            <Shown answer=answer retry=Callback::new(move |()| load()) then=then />
            <End name=name title=title seat=seat />
        </BoardFrame>
    }
}

#[component]
fn Editor(config: Tagged, name: StoredValue<String>, seat: Seat) -> impl IntoView {
    // What the server has, as far as is known here; what is edited; and its text while it is edited as JSON.
    let Tagged { value: config, tag } = config;
    let tag = RwSignal::new(tag);
    let kept = RwSignal::new(config.clone());
    let base = RwSignal::new(config);
    let text = RwSignal::new(None::<String>);
    let problems: Problems = RwSignal::new(Vec::new());
    let (error, done) = (RwSignal::new(None::<String>), RwSignal::new(None::<String>));
    let theirs = RwSignal::new(None::<Tagged>);
    let is_busy = RwSignal::new(false);
    let inputs: Vec<(&'static str, Kind, RwSignal<String>)> =
        FIELDS.iter().map(|(path, kind)| (*path, *kind, RwSignal::new(String::new()))).collect();
    let inputs = StoredValue::new(inputs);
    let is_public = RwSignal::new(false);
    let fill = move |config: &Value| {
        inputs.with_value(|inputs| inputs.iter().for_each(|(path, _, input)| input.set(shown(&config[*path]))));
        is_public.set(config["visibility"] == "public");
    };
    fill(&base.get_untracked());
    // What would be saved, or why it can't be read.
    let draft = Memo::new(move |_| match text.get() {
        Some(text) => {
            serde_json::from_str::<Value>(&text).map_err(|error| text!(console.config.no_json, error = error))
        }
        None => Ok(base.with(|base| inputs.with_value(|inputs| with_form(base, inputs, is_public.get())))),
    });
    let list = Memo::new(move |_| {
        draft.with(|draft| draft.as_ref().map(|draft| kept.with(|kept| changes(kept, draft))).unwrap_or_default())
    });
    let take = move |config: Tagged| {
        let Tagged { value: config, tag: version } = config;
        tag.set(version);
        fill(&config);
        text.update(|text| {
            if text.is_some() {
                *text = Some(pretty(&config));
            }
        });
        base.set(config.clone());
        kept.set(config);
    };
    let save = move |is_over: bool| {
        let Ok(config) = draft.get_untracked() else { return };
        problems.set(Vec::new());
        error.set(None);
        done.set(None);
        is_busy.set(true);
        leptos::task::spawn_local(async move {
            let (name, key) = (name.get_value(), seat.key());
            let before = tag.try_get_untracked().flatten().filter(|_| !is_over);
            let over = before.as_deref().map_or(Over::Any, Over::Version);
            let saved = manage::put_config(&name, &key, &config, over).await;
            // Somebody else may have changed it meanwhile.
            if saved.as_ref().is_err_and(|refusal| refusal.failure.status == 412)
                && let Ok(now) = manage::config(&name, &key).await
            {
                let _ = theirs.try_set(Some(now));
                let _ = is_busy.try_set(false);
                return;
            }
            let _ = is_busy.try_set(false);
            match saved {
                Ok(config) => {
                    let _ = theirs.try_set(None);
                    take(config);
                    let _ = done.try_set(Some(text!(console.config.saved).to_owned()));
                }
                Err(refusal) => {
                    let _ = problems.try_set(problems_of(refusal));
                }
            }
        });
    };
    let turn = move |is_json: bool| {
        if is_json {
            text.set(draft.get_untracked().ok().map(|config| pretty(&config)));
        } else if let Ok(config) = draft.get_untracked() {
            text.set(None);
            fill(&config);
            base.set(config);
        }
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        save(false);
    };
    view! {
        <form class="sheet" on:submit=submit data-testid="config">
            <div class="tabs-row" role="group" aria-label=text!(console.config.how)>
                <button class="button small" type="button" aria-pressed=move || text.with(Option::is_none).to_string() on:click=move |_| turn(false)>{text!(console.config.form)}</button>
                <button class="button small" type="button" aria-pressed=move || text.with(Option::is_some).to_string() on:click=move |_| turn(true)>{text!(console.config.json)}</button>
            </div>
            <Said error=error done=done />
            {move || {
                let shown: &[&str] = if text.with(Option::is_some) { &[] } else { SHOWN };
                view! { <Others problems=problems shown=shown /> }
            }}
            <Conflict theirs=theirs kept=kept take=Callback::new(take) save=Callback::new(move |()| save(true)) />
            <div class="form-fields" hidden=move || text.with(Option::is_some)>
                {inputs.with_value(|inputs| inputs.iter().map(|(path, kind, input)| {
                    let (label, help) = words(path);
                    view! { <Field path=path label=label help=help value=*input problems=problems is_long={*kind == Kind::Long} is_number={*kind == Kind::Number} /> }
                }).collect_view())}
                <fieldset class="checks">
                    <legend>{text!(console.config.who_reads)}</legend>
                    <label class="check"><input type="radio" name="visibility" prop:checked=is_public on:change=move |_| is_public.set(true) />{text!(console.config.public)}</label>
                    <label class="check"><input type="radio" name="visibility" prop:checked=move || !is_public.get() on:change=move |_| is_public.set(false) />{text!(console.config.private)}</label>
                </fieldset>
            </div>
            {move || text.with(Option::is_some).then(|| view! {
                <label class="form-field code-field">{text!(console.config.json)}
                    <textarea rows="22" spellcheck="false" data-testid="json" prop:value=move || text.get().unwrap_or_default()
                        on:input=move |event| text.set(Some(event_target_value(&event)))></textarea>
                </label>
            })}
            <section class="changes" aria-labelledby="changes-title" data-testid="changes">
                <h3 id="changes-title">{text!(console.config.changes)}</h3>
                {move || draft.with(|draft| draft.as_ref().err().map(|wrong| view! { <p class="error" role="alert">{wrong.clone()}</p> }))}
                {move || list.with(Vec::is_empty).then(|| view! { <p class="quiet-text">{text!(console.config.no_changes)}</p> })}
                <ul>{move || list.get().into_iter().map(|change| view! { <OneChange change=change /> }).collect_view()}</ul>
                <p class="actions">
                    <button class="button primary" type="submit" disabled=move || is_busy.get() || list.with(Vec::is_empty)>{text!(console.config.save)}</button>
                    <button class="button" type="button" disabled=move || list.with(Vec::is_empty) on:click=move |_| { problems.set(Vec::new()); take(Tagged { value: kept.get_untracked(), tag: tag.get_untracked() }); }>{text!(console.config.undo)}</button>
                </p>
            </section>
        </form>
    }
}

fn pretty(config: &Value) -> String {
    serde_json::to_string_pretty(config).unwrap_or_default()
}

#[component]
fn OneChange(change: Change) -> impl IntoView {
    let Change { path, before, after } = change;
    let asks = (path == "visibility" && after.as_ref().is_some_and(|after| after == "public"))
        .then(|| view! { <small class="error">{text!(console.config.will_be_public)}</small> });
    let show =
        |value: Option<Value>| value.map_or_else(|| text!(console.config.absent).to_owned(), |value| value.to_string());
    view! {
        <li><code>{path}</code>" "<del>{show(before)}</del>" "<span aria-hidden="true">"→"</span>" "<ins>{show(after)}</ins>" "{asks}</li>
    }
}

/// Somebody else saved meanwhile: what they changed, and what to do about it.
#[component]
fn Conflict(
    theirs: RwSignal<Option<Tagged>>,
    kept: RwSignal<Value>,
    take: Callback<Tagged>,
    save: Callback<()>,
) -> impl IntoView {
    let load = move |_| {
        if let Some(config) = theirs.get_untracked() {
            theirs.set(None);
            take.run(config);
        }
    };
    move || {
        theirs.get().map(|config| {
            let list = kept.with_untracked(|kept| changes(kept, &config.value));
            view! {
                <div class="banner busy problems" role="alert" data-testid="conflict">
                    <p>{text!(console.config.conflict)}</p>
                    <ul>{list.into_iter().map(|change| view! { <OneChange change=change /> }).collect_view()}</ul>
                    <p class="actions">
                        <button class="button small" type="button" on:click=load>{text!(console.config.load_theirs)}</button>
                        <button class="button small" type="button" on:click=move |_| save.run(())>{text!(console.config.save_over)}</button>
                    </p>
                </div>
            }
        })
    }
}

/// The end of a board, with its name typed.
#[component]
fn End(name: StoredValue<String>, title: String, seat: Seat) -> impl IntoView {
    let asked = RwSignal::new(None::<Ask>);
    let (error, done) = (RwSignal::new(None::<String>), RwSignal::new(None::<String>));
    let end = move || {
        leptos::task::spawn_local(async move {
            match manage::delete_board(&name.get_value(), &seat.key()).await {
                Ok(()) => go(&Place::Boards.path()),
                Err(failure) => {
                    let _ = error.try_set(Some(shown::sentence(failure)));
                }
            }
        });
    };
    let title = StoredValue::new(title);
    let ask = move |_| {
        asked.set(Some(Ask {
            title: text!(console.config.delete_title, title = title.get_value()),
            text: text!(console.config.delete_asks).to_owned(),
            label: text!(console.config.delete).to_owned(),
            word: Some(name.get_value()),
            then: Callback::new(move |()| end()),
        }));
    };
    view! {
        <section class="sheet danger-zone" aria-labelledby="delete-title">
            <h3 id="delete-title">{text!(console.config.delete)}</h3>
            <p>{text!(console.config.delete_about)}</p>
            <Said error=error done=done />
            <p class="actions"><button class="button danger" type="button" on:click=ask data-testid="delete">{text!(console.config.delete)}</button></p>
        </section>
        <AskFirst asked=asked />
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_number_is_left_to_the_server_to_refuse() {
        assert_eq!(typed(Kind::Number, " 30 "), Some(30.into()));
        assert_eq!(typed(Kind::Number, "soon"), Some("soon".into()));
        assert_eq!((typed(Kind::Number, " "), typed(Kind::Text, "")), (None, Some("".into())));
    }

    #[test]
    fn every_field_of_the_form_shows_what_is_wrong_with_it() {
        let paths: Vec<&str> = FIELDS.iter().map(|(path, _)| *path).collect();
        assert_eq!(paths, SHOWN);
    }
}
