//! Tries a sample on a source, with a program that can be changed: what each record is given as, and what comes of it.

use leptos::prelude::*;
use serde_json::{Value, json};

use super::templates;
use crate::client::manage::{self, SampleTried, ShownSource};
use crate::console::field::{Field, Others, Problems, problems_of};
use crate::console::letter_words::reason;
use crate::console::seat::Seat;

/// The fields of the form; the server calls the program `jq` here and `transform.jq` where it keeps it.
const SHOWN: &[&str] = &["body", "jq"];

/// A sample as it is sent: JSON as it is, or a text.
fn body(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| text.into())
}

/// The form and what came of it.
#[component]
pub fn TrySample(
    /// The source.
    source: ShownSource,
    /// Its board.
    board: StoredValue<String>,
    /// Who sits here.
    seat: Seat,
    /// Its program was kept.
    changed: Callback<()>,
) -> impl IntoView {
    let name = StoredValue::new(source.name.to_string());
    let sample = RwSignal::new(String::new());
    let program = RwSignal::new(source.transform.map(|transform| transform.jq).unwrap_or_default());
    let problems: Problems = RwSignal::new(Vec::new());
    let tried = RwSignal::new(None::<SampleTried>);
    let said = RwSignal::new("");
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        problems.set(Vec::new());
        said.set("");
        let wish = json!({"body": body(&sample.get_untracked()), "jq": program.get_untracked().trim()});
        leptos::task::spawn_local(async move {
            match manage::try_source(&board.get_value(), &seat.key(), &name.get_value(), &wish).await {
                Ok(answer) => {
                    let _ = tried.try_set(Some(answer));
                }
                Err(refusal) => {
                    let _ = tried.try_set(None);
                    let _ = problems.try_set(problems_of(refusal));
                }
            }
        });
    };
    let keep = move |_| {
        problems.set(Vec::new());
        said.set("");
        let jq = program.get_untracked().trim().to_owned();
        let wish = if jq.is_empty() { json!({"transform": null}) } else { json!({"transform": {"jq": jq}}) };
        leptos::task::spawn_local(async move {
            match manage::change_source(&board.get_value(), &seat.key(), &name.get_value(), &wish).await {
                Ok(_) => {
                    let _ = said.try_set(text!(console.sources.program_kept));
                    changed.run(());
                }
                Err(refusal) => {
                    let _ = problems.try_set(problems_of(refusal));
                }
            }
        });
    };
    view! {
        <form on:submit=submit data-testid="try-sample">
            <Others problems=problems shown=SHOWN />
            <Field path="body" label=text!(console.sources.sample) help=text!(console.sources.sample_help) value=sample problems=problems is_long=true of=name.get_value() />
            <Field path="jq" label=text!(console.sources.program) help=text!(console.sources.program_help) value=program problems=problems is_long=true of=name.get_value() />
            <p class="actions">
                <button class="button primary" type="submit">{text!(console.sources.run)}</button>
                <button class="button" type="button" on:click=keep>{text!(console.sources.keep_program)}</button>
                <span role="status">{said}</span>
            </p>
        </form>
        <div class="outcome" role="status" data-testid="tried">{move || tried.get().map(|tried| view! { <Tried tried=tried /> })}</div>
    }
}

#[component]
fn Tried(tried: SampleTried) -> impl IntoView {
    let SampleTried { envelope, records, more } = tried;
    let none = records.is_empty().then(|| view! { <p>{text!(console.sources.nothing)}</p> });
    let pre = |text: String| view! { <pre tabindex="0"><code>{text}</code></pre> };
    view! {
        <p>{text!(console.sources.understood, envelope = templates::label(templates::code_of(envelope)))}</p>
        {none}
        {records.into_iter().map(|record| {
            let why = record.code.as_deref().map(|code| {
                let message = record.message.clone().unwrap_or_else(|| reason(Some(code)));
                view! { <p class="bad"><strong>{reason(Some(code))}</strong> " " {message}</p> }
            });
            view! {
                <h4>{text!(console.sources.input)}</h4>
                {pre(record.input)}
                <h4>{text!(console.sources.output)}</h4>
                {why}
                {record.events.iter().map(|event| pre(serde_json::to_string_pretty(event).unwrap_or_default())).collect_view()}
            }
        }).collect_view()}
        {(more > 0).then(|| view! { <p class="quiet-text">{counted!(more, console.sources.more)}</p> })}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_json_where_it_can_be_and_a_text_otherwise() {
        assert_eq!(body(r#"[{"id":1}]"#), json!([{"id": 1}]));
        assert_eq!(body("key,lat\na,1"), json!("key,lat\na,1"));
    }
}
