//! The steps between ingest and the board: what they have done, and what they would make of a sample.

use heliograph_shared::api::pipeline::{StepTotals, Tried, TriedRecord};
use leptos::prelude::*;
use serde_json::{Value, json};

use super::field::{Others, Problems, problems_of};
use super::frame::BoardFrame;
use super::place::{Part, Place};
use super::seat::Seat;
use super::shown::{self, Answer, Shown};
use crate::browser::clock;
use crate::client::manage::{self, FieldProblem, Pipeline};
use crate::parts::format;
use crate::parts::open_board::Board;

/// What stands in the form at first.
fn sample() -> String {
    let event = json!({"key": "v1", "position": {"lat": 48.21, "lon": 16.37, "speed": 8}, "fields": {}});
    serde_json::to_string_pretty(&json!([event])).unwrap_or_default()
}

/// The sample as events: one, or a list.
fn events(text: &str) -> Result<Value, String> {
    let value: Value = serde_json::from_str(text).map_err(|error| text!(console.config.no_json, error = error))?;
    Ok(if value.is_array() { value } else { json!([value]) })
}

fn count(number: u64) -> String {
    format::number(number as f64, 0)
}

/// The part.
#[component]
pub fn PipelinePart(
    /// The board.
    board: Board,
    /// Who sits here.
    seat: Seat,
) -> impl IntoView {
    let name = StoredValue::new(board.name.clone());
    let answer: Answer<Pipeline> = RwSignal::new(None);
    let load = move || shown::ask(answer, async move { manage::pipeline(&name.get_value(), &seat.key()).await });
    load();
    let then = move |pipeline: Pipeline| {
        if pipeline.steps.is_empty() {
            return view! {
                <p class="empty">{text!(console.pipeline.none)} " "
                    <a href=Place::Board(name.get_value(), Part::Config).path()>{text!(console.place.config)}</a></p>
            }
            .into_any();
        }
        let since = pipeline.since.map(|at| text!(console.pipeline.since, time = clock::short_text(at)));
        view! {
            <p class="quiet-text">{since}</p>
            <Steps steps=pipeline.steps />
            <Try name=name seat=seat />
        }
        .into_any()
    };
    view! {
        <BoardFrame board=board part=Part::Pipeline seat=seat>
            <section class="manage-head"><h2>{text!(console.place.pipeline)}</h2><p class="quiet-text">{text!(console.pipeline.about)}</p></section>
            <Shown answer=answer retry=Callback::new(move |()| load()) then=then />
        </BoardFrame>
    }
}

#[component]
fn Steps(steps: Vec<StepTotals>) -> impl IntoView {
    view! {
        <div class="table-place" tabindex="0" role="region" aria-label=text!(console.pipeline.steps)>
            <table class="manage-table" data-testid="steps">
                <thead><tr>
                    <th scope="col">{text!(console.pipeline.step)}</th>
                    <th scope="col">{text!(console.boards.kind)}</th>
                    <th scope="col" class="number">{text!(console.pipeline.entered)}</th>
                    <th scope="col" class="number">{text!(console.pipeline.out)}</th>
                    <th scope="col" class="number">{text!(console.pipeline.filtered)}</th>
                    <th scope="col" class="number">{text!(console.pipeline.merged)}</th>
                    <th scope="col" class="number">{text!(console.pipeline.failed)}</th>
                    <th scope="col">{text!(console.pipeline.last_failure)}</th>
                </tr></thead>
                <tbody>{steps.into_iter().map(|step| {
                    let failure = step.last_failure.map(|failure| failure.message);
                    view! {
                        <tr>
                            <th scope="row">{step.name}</th>
                            <td>{step.kind.unwrap_or_default()}</td>
                            <td class="number">{count(step.entered)}</td>
                            <td class="number">{count(step.out)}</td>
                            <td class="number">{count(step.filtered)}</td>
                            <td class="number">{count(step.merged)}</td>
                            <td class="number">{count(step.failed)}</td>
                            <td class="wrap">{failure}</td>
                        </tr>
                    }
                }).collect_view()}</tbody>
            </table>
        </div>
    }
}

/// What a step made of a record, in words.
fn outcome(record: &TriedRecord) -> String {
    match record {
        TriedRecord { filtered: Some(true), .. } => text!(console.pipeline.was_filtered).to_owned(),
        TriedRecord { merged: Some(true), .. } => text!(console.pipeline.was_merged).to_owned(),
        TriedRecord { code: Some(code), message, .. } => {
            text!(console.pipeline.was_refused, why = message.clone().unwrap_or_else(|| code.clone()))
        }
        TriedRecord { event: Some(event), .. } => Value::Object(event.clone()).to_string(),
        TriedRecord { .. } => String::new(),
    }
}

#[component]
fn Try(name: StoredValue<String>, seat: Seat) -> impl IntoView {
    let text = RwSignal::new(sample());
    let problems: Problems = RwSignal::new(Vec::new());
    let tried = RwSignal::new(None::<Tried>);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        problems.set(Vec::new());
        let events = match events(&text.get_untracked()) {
            Ok(events) => events,
            Err(message) => return problems.set(vec![FieldProblem { field: String::new(), message }]),
        };
        leptos::task::spawn_local(async move {
            let answer = manage::try_pipeline(&name.get_value(), &seat.key(), &json!({"events": events})).await;
            match answer {
                Ok(answer) => {
                    let _ = tried.try_set(serde_json::from_value(answer).ok());
                }
                Err(refusal) => {
                    let _ = problems.try_set(problems_of(refusal));
                }
            }
        });
    };
    view! {
        <form class="sheet" on:submit=submit data-testid="try">
            <h3>{text!(console.pipeline.try_it)}</h3>
            <p class="quiet-text">{text!(console.pipeline.try_about)}</p>
            <Others problems=problems shown=&[] />
            <label class="form-field code-field">{text!(console.pipeline.events)}
                <textarea rows="8" spellcheck="false" prop:value=text on:input=move |event| text.set(event_target_value(&event))></textarea>
            </label>
            <p class="actions"><button class="button primary" type="submit">{text!(console.pipeline.try_it)}</button></p>
            {move || tried.get().map(|tried| view! { <Outcome tried=tried /> })}
        </form>
    }
}

#[component]
fn Outcome(tried: Tried) -> impl IntoView {
    let come = counted!(tried.events.len(), console.pipeline.come);
    view! {
        <div class="outcome" role="status" data-testid="outcome">
            <p>{come}</p>
            <ol>{tried.steps.into_iter().map(|step| view! {
                <li><strong>{step.name}</strong>
                    <ul>{step.records.iter().map(|record| view! { <li><span class="overline">{text!(console.pipeline.number, n = record.index + 1)}</span>" "<code>{outcome(record)}</code></li> }).collect_view()}</ul>
                </li>
            }).collect_view()}</ol>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_event_is_a_list_of_one() {
        assert_eq!(events(r#"{"key":"a"}"#), Ok(json!([{"key": "a"}])));
        assert_eq!(events("[]"), Ok(json!([])));
        assert!(events("{").is_err() && events(&sample()).is_ok());
    }

    #[test]
    fn what_became_of_a_record_is_said_in_words() {
        let record = |value: Value| serde_json::from_value::<TriedRecord>(value).unwrap();
        assert_eq!(outcome(&record(json!({"index": 0, "filtered": true}))), "filtered");
        assert_eq!(
            outcome(&record(json!({"index": 0, "code": "not_a_number", "message": "speed is no number"}))),
            "refused: speed is no number"
        );
    }
}
