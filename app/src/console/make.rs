//! A new board at `/manage/new`: from a template, or from a config of one's own.

use heliograph_shared::id::BoardName;
use leptos::prelude::*;
use serde_json::Value;

use super::field::{Field, Others, Problems, problems_of};
use super::frame::ServerFrame;
use super::place::{Part, Place};
use super::seat::Seat;
use super::templates::Template;
use crate::client::manage::{self, FieldProblem, Over};

/// The fields that have inputs of their own.
const SHOWN: &[&str] = &["board", "title", "description"];
/// Those that a config of one's own leaves.
const SHOWN_BESIDE_OWN: &[&str] = &["board"];

/// A name that fits the title: small letters, digits and hyphens.
fn name_for(title: &str) -> String {
    let mut name = String::new();
    for c in title.to_lowercase().chars() {
        if c.is_ascii_alphanumeric() {
            name.push(c);
        } else if !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
    }
    // All of it is ASCII.
    name.truncate(40);
    name.trim_end_matches('-').to_owned()
}

fn problem(field: &str, message: String) -> FieldProblem {
    FieldProblem { field: field.to_owned(), message }
}

/// The form.
#[component]
pub fn MakePage(
    /// Who sits here.
    seat: Seat,
) -> impl IntoView {
    let (title, name, description) =
        (RwSignal::new(String::new()), RwSignal::new(String::new()), RwSignal::new(String::new()));
    let template = RwSignal::new(Template::Fleet);
    let is_public = RwSignal::new(true);
    let own = RwSignal::new(None::<String>);
    let problems: Problems = RwSignal::new(Vec::new());
    let is_busy = RwSignal::new(false);
    // The name follows the title until it is changed by hand.
    let followed = StoredValue::new(String::new());
    Effect::new(move |_| {
        let wanted = name_for(&title.get());
        if name.with_untracked(|name| *name == followed.get_value()) {
            followed.set_value(wanted.clone());
            name.set(wanted);
        }
    });
    let config = move || -> Result<Value, FieldProblem> {
        match own.get_untracked() {
            Some(text) => {
                serde_json::from_str(&text).map_err(|error| problem("", text!(console.config.no_json, error = error)))
            }
            None => Ok(template.get_untracked().config(
                title.get_untracked().trim(),
                description.get_untracked().trim(),
                is_public.get_untracked(),
            )),
        }
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let board = name.get_untracked().trim().to_owned();
        problems.set(Vec::new());
        if let Err(error) = BoardName::try_from(board.as_str()) {
            problems.update(|list| list.push(problem("board", text!(console.make.bad_name, error = error))));
        }
        let config = match config() {
            Ok(config) => config,
            Err(wrong) => {
                problems.update(|list| list.push(wrong));
                return;
            }
        };
        if problems.with_untracked(|list| list.iter().any(|problem| problem.field == "board")) {
            return;
        }
        is_busy.set(true);
        leptos::task::spawn_local(async move {
            let made = make(&board, &seat.key(), &config).await;
            let _ = is_busy.try_set(false);
            match made {
                Ok(()) => go(&Place::Board(board, Part::Overview).path()),
                Err(wrong) => {
                    let _ = problems.try_set(wrong);
                }
            }
        });
    };
    let to_json = move |is_own: bool| {
        own.set(is_own.then(|| config().ok().and_then(|c| serde_json::to_string_pretty(&c).ok()).unwrap_or_default()));
    };
    view! {
        <ServerFrame place=Place::NewBoard seat=seat>
            <section class="manage-head"><h2>{text!(console.boards.make)}</h2><p class="quiet-text">{text!(console.make.intro)}</p></section>
            <form class="sheet" on:submit=submit data-testid="make">
                {move || {
                    let shown = if own.with(Option::is_some) { SHOWN_BESIDE_OWN } else { SHOWN };
                    view! { <Others problems=problems shown=shown /> }
                }}
                <fieldset class="choices" disabled=move || own.with(Option::is_some)>
                    <legend>{text!(console.make.kind)}</legend>
                    {Template::ALL.into_iter().map(|known| view! {
                        <label class="choice">
                            <input type="radio" name="template" value=known.code() prop:checked=move || template.get() == known
                                on:change=move |_| template.set(known) />
                            <span class="choice-name">{known.label()}</span>
                            <span class="choice-about">{known.about()}</span>
                        </label>
                    }).collect_view()}
                </fieldset>
                <div hidden=move || own.with(Option::is_some)>
                    <Field path="title" label=text!(console.config.title) help=text!(console.config.title_help) value=title problems=problems />
                </div>
                <Field path="board" label=text!(console.make.name) help=text!(console.make.name_help) value=name problems=problems />
                <div hidden=move || own.with(Option::is_some)>
                    <Field path="description" label=text!(console.config.description) help=text!(console.config.description_help) value=description problems=problems is_long=true />
                </div>
                <fieldset class="checks" hidden=move || own.with(Option::is_some)>
                    <legend>{text!(console.config.who_reads)}</legend>
                    <label class="check"><input type="radio" name="visibility" prop:checked=is_public on:change=move |_| is_public.set(true) />{text!(console.config.public)}</label>
                    <label class="check"><input type="radio" name="visibility" prop:checked=move || !is_public.get() on:change=move |_| is_public.set(false) />{text!(console.config.private)}</label>
                </fieldset>
                <label class="check"><input type="checkbox" data-testid="own" on:change=move |event| to_json(event_target_checked(&event)) />{text!(console.make.own)}</label>
                {move || own.with(Option::is_some).then(|| view! {
                    <label class="form-field code-field">{text!(console.config.json)}
                        <textarea rows="16" spellcheck="false" prop:value=move || own.get().unwrap_or_default()
                            on:input=move |event| own.set(Some(event_target_value(&event)))></textarea>
                    </label>
                })}
                <p class="actions"><button class="button primary" type="submit" disabled=is_busy>{text!(console.make.make)}</button>
                    <a class="button" href=Place::Boards.path()>{text!(console.dialog.cancel)}</a></p>
            </form>
        </ServerFrame>
    }
}

/// Makes a board, unless there is one of this name: what makes a board also changes one.
async fn make(board: &str, key: &str, config: &Value) -> Result<(), Vec<FieldProblem>> {
    let there = manage::boards(key).await.map_err(|failure| problems_of(failure.into()))?;
    if there.boards.iter().any(|row| row.board.as_str() == board) {
        return Err(vec![problem("board", text!(console.make.taken, name = board))]);
    }
    match manage::put_config(board, key, config, Over::Nothing).await {
        Ok(_) => Ok(()),
        // Somebody made it in between.
        Err(refusal) if refusal.failure.status == 412 => {
            Err(vec![problem("board", text!(console.make.taken, name = board))])
        }
        Err(refusal) => Err(problems_of(refusal)),
    }
}

/// Goes to another page.
pub fn go(path: &str) {
    if let Some(window) = web_sys::window() {
        // A path of this site is never refused.
        let _ = window.location().assign(path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_suggests_a_name_that_the_server_takes() {
        for (title, name) in [("My Fleet!", "my-fleet"), ("  Zürich 7 ", "z-rich-7"), ("…", "")] {
            assert_eq!(name_for(title), name);
        }
        assert!(BoardName::try_from(name_for(&"long name ".repeat(20)).as_str()).is_ok());
    }
}
