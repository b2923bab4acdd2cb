//! A form for another source.

use leptos::prelude::*;
use serde_json::{Value, json};

use super::templates;
use super::wishes::{Wish, WishFields, Wishes};
use crate::client::manage::{self, SecretSource};
use crate::console::field::{Field, Others, Problems, problems_of};
use crate::console::seat::Seat;

/// The fields of the form.
const SHOWN: &[&str] = &[
    "name",
    "transform.jq",
    "poll.url",
    "poll.interval_s",
    "poll.credential",
    "from.topics",
    "from.accounts",
    "from.objects",
];

/// What is sent for a new source.
fn wish(code: &str, name: &str, program: &str, said: &[(Wish, String)]) -> Value {
    let template = templates::of(code);
    let envelope = template.map(|template| template.envelope).unwrap_or_default();
    let mut wish = json!({"name": name.trim(), "envelope": envelope});
    // The app can be told an address and nothing else.
    if template.is_some_and(templates::Template::has_secret_in_address) {
        wish["from"] = json!({ "secret_in_address": true });
    }
    for (one, said) in said {
        one.put(said, &mut wish);
    }
    if !program.trim().is_empty() {
        wish["transform"] = json!({ "jq": program.trim() });
    }
    wish
}

/// The form, folded up at first.
#[component]
pub fn AddSource(
    /// The board.
    board: StoredValue<String>,
    /// Who sits here.
    seat: Seat,
    /// It is made, from this template.
    added: Callback<(SecretSource, &'static str)>,
) -> impl IntoView {
    let code = RwSignal::new(templates::all().first().map_or("auto", |template| template.code.as_str()));
    let (name, program) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let wishes = Wishes::new();
    let asked = move || templates::of(code.get()).map_or(&[][..], |template| template.wishes.as_slice());
    let problems: Problems = RwSignal::new(Vec::new());
    let is_busy = RwSignal::new(false);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if is_busy.get_untracked() {
            return;
        }
        is_busy.set(true);
        problems.set(Vec::new());
        let code = code.get_untracked();
        let said = wishes.said(templates::of(code).map_or(&[], |template| template.wishes.as_slice()));
        let body = wish(code, &name.get_untracked(), &program.get_untracked(), &said);
        leptos::task::spawn_local(async move {
            let outcome = manage::make_source(&board.get_value(), &seat.key(), &body).await;
            let _ = is_busy.try_set(false);
            match outcome {
                Ok(made) => {
                    let _ = name.try_set(String::new());
                    let _ = program.try_set(String::new());
                    wishes.clear();
                    added.run((made, code));
                }
                Err(refusal) => {
                    let _ = problems.try_set(problems_of(refusal));
                }
            }
        });
    };
    let choose = move |event| {
        if let Some(template) = templates::of(&event_target_value(&event)) {
            code.set(&template.code);
        }
    };
    view! {
        <details class="sheet make-key">
            <summary data-testid="new-source">{text!(console.sources.add)}</summary>
            <form on:submit=submit data-testid="add-source">
                <Others problems=problems shown=SHOWN />
                <div class="form-field">
                    <label for="field-template">{text!(console.sources.template)}</label>
                    <select id="field-template" class="select" on:change=choose prop:value=code>
                        {templates::all().iter().map(|template| view! { <option value=template.code.clone()>{templates::label(&template.code)}</option> }).collect_view()}
                    </select>
                </div>
                <Field path="name" label=text!(console.sources.name) help=text!(console.sources.name_help) value=name problems=problems />
                {move || view! { <WishFields of=asked() wishes=wishes problems=problems /> }}
                <Field path="transform.jq" label=text!(console.sources.program) help=text!(console.sources.program_help) value=program problems=problems is_long=true />
                <p class="actions"><button class="button primary" type="submit" disabled=is_busy>{text!(console.sources.add)}</button></p>
            </form>
        </details>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use heliograph_shared::source::NewSource;

    #[test]
    fn a_form_becomes_a_source_that_the_server_takes() {
        for template in templates::all() {
            let made: NewSource = serde_json::from_value(wish(&template.code, " buses ", " ", &[])).unwrap();
            assert_eq!((made.name.as_str(), made.envelope), ("buses", template.envelope));
            assert!(made.transform.is_none());
            assert_eq!(made.from.secret_in_address, template.code == "osmand", "{}", template.code);
        }
        assert_eq!(wish("json", "a", " {key: .id} ", &[])["transform"]["jq"], "{key: .id}");
    }
}
