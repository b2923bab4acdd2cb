//! Dead letters: records that were refused, with the reason, the field and the record as it came.

use leptos::prelude::*;
use serde_json::Value;

use super::ask_first::{Ask, AskFirst};
use super::frame::BoardFrame;
use super::place::Part;
use super::records::who;
use super::seat::Seat;
use super::shown::{self, Answer, Said, Shown};
use crate::browser::clock;
use crate::client::manage::{self, DeadLetter, DeadLetters};
use crate::parts::format;
use crate::parts::open_board::Board;

/// What of the letters is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Filter {
    code: String,
    text: String,
}

impl Filter {
    fn shows(&self, letter: &DeadLetter) -> bool {
        let is_code = self.code.is_empty() || letter.code.as_deref() == Some(&self.code);
        let text = self.text.trim().to_lowercase();
        is_code && (text.is_empty() || haystack(letter).contains(&text))
    }
}

/// All that a letter can be found by.
fn haystack(letter: &DeadLetter) -> String {
    let parts = [&letter.code, &letter.field, &letter.message, &letter.step];
    let words: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
    format!("{} {} {}", words.join(" "), letter.by, letter.record).to_lowercase()
}

/// A code as people read it: `position_out_of_range` is `Position out of range`.
fn reason(code: Option<&str>) -> String {
    code.map_or_else(|| text!(console.letters.no_reason).to_owned(), crate::client::labels::label_from_name)
}

/// The key that a record names, if it names one.
fn key_of(record: &Value) -> Option<String> {
    match &record["key"] {
        Value::String(key) => Some(key.clone()),
        Value::Number(key) => Some(key.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
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
    let load = move || shown::ask(answer, async move { manage::letters(&name.get_value(), &seat.key(), None).await });
    load();
    let (error, done) = (RwSignal::new(None::<String>), RwSignal::new(None::<String>));
    let asked = RwSignal::new(None::<Ask>);
    let filter = RwSignal::new(Filter::default());
    let list = Memo::new(move |_| {
        answer.with(|answer| match answer {
            Some(Ok(page)) => page.dead_letters.clone(),
            Some(Err(_)) | None => Vec::new(),
        })
    });
    let there = Memo::new(move |_| answer.with(|answer| answer.as_ref().map(|answer| answer.clone().map(drop))));
    let next =
        Memo::new(move |_| answer.with(|answer| answer.as_ref().and_then(|answer| answer.as_ref().ok()?.next.clone())));
    let more = move |_| {
        let Some(after) = next.get_untracked() else { return };
        leptos::task::spawn_local(async move {
            match manage::letters(&name.get_value(), &seat.key(), Some(&after)).await {
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
    let end = move |id: String| {
        error.set(None);
        leptos::task::spawn_local(async move {
            match manage::drop_letter(&name.get_value(), &seat.key(), &id).await {
                Ok(()) => {
                    let _ = done.try_set(Some(text!(console.letters.dropped).to_owned()));
                    let _ = answer.try_update(|answer| {
                        if let Some(Ok(page)) = answer {
                            page.dead_letters.retain(|letter| letter.id != id);
                        }
                    });
                }
                Err(failure) => {
                    let _ = error.try_set(Some(shown::sentence(failure)));
                }
            }
        });
    };
    let ask = Callback::new(move |id: String| {
        asked.set(Some(Ask {
            title: text!(console.letters.drop_title).to_owned(),
            text: text!(console.letters.drop_asks).to_owned(),
            label: text!(console.letters.drop).to_owned(),
            word: None,
            then: Callback::new(move |()| end(id.clone())),
        }));
    });
    let codes = Memo::new(move |_| {
        let codes = list.with(|list| {
            list.iter().filter_map(|letter| letter.code.clone()).collect::<std::collections::BTreeSet<_>>()
        });
        codes.into_iter().collect::<Vec<_>>()
    });
    let then = move |()| view! { <List list=list filter=filter ask=ask /> };
    view! {
        <BoardFrame board=board part=Part::Letters seat=seat>
            <section class="manage-head"><h2>{text!(console.page.dead_letters)}</h2><p class="quiet-text">{text!(console.letters.about)}</p></section>
            <div class="filters">
                <label class="form-field">{text!(console.letters.reason)}
                    <select data-testid="code" on:change=move |event| filter.update(|filter| filter.code = event_target_value(&event))>
                        <option value="">{text!(console.letters.any)}</option>
                        {move || codes.get().into_iter().map(|code| view! { <option value=code.clone()>{reason(Some(&code))}</option> }).collect_view()}
                    </select>
                </label>
                <label class="form-field">{text!(console.letters.search)}
                    <input type="search" autocomplete="off" data-testid="search" on:input=move |event| filter.update(|filter| filter.text = event_target_value(&event)) />
                </label>
                <button class="button" type="button" on:click=move |_| load()>{text!(console.letters.look_again)}</button>
            </div>
            <Said error=error done=done />
            <Shown answer=there retry=Callback::new(move |()| load()) then=then />
            {move || next.get().map(|_| view! { <p class="actions"><button class="button" type="button" on:click=more>{text!(console.letters.older)}</button></p> })}
            <AskFirst asked=asked />
        </BoardFrame>
    }
}

#[component]
fn List(list: Memo<Vec<DeadLetter>>, filter: RwSignal<Filter>, ask: Callback<String>) -> impl IntoView {
    let shown = Memo::new(move |_| {
        filter.with(|filter| {
            list.with(|list| list.iter().filter(|letter| filter.shows(letter)).cloned().collect::<Vec<_>>())
        })
    });
    view! {
        <p class="quiet-text" role="status">{move || {
            let (count, all) = (shown.with(Vec::len), list.with(Vec::len));
            match (count, all) {
                (_, 0) => text!(console.records.no_letters).to_owned(),
                (0, _) => text!(console.letters.none_found).to_owned(),
                _ => text!(console.letters.count, count = format::number(count as f64, 0), all = format::number(all as f64, 0)),
            }
        }}</p>
        <ul class="letters" data-testid="letters">
            <For each=move || shown.get() key=|letter| letter.id.clone() let:letter>
                <Letter letter=letter ask=ask />
            </For>
        </ul>
    }
}

#[component]
fn Letter(letter: DeadLetter, ask: Callback<String>) -> impl IntoView {
    let is_text = letter.record.as_object().is_some_and(|map| map.len() == 1 && map.contains_key("text"));
    let record = if is_text {
        letter.record["text"].as_str().unwrap_or_default().to_owned()
    } else {
        serde_json::to_string_pretty(&letter.record).unwrap_or_default()
    };
    let id = letter.id.clone();
    let key = key_of(&letter.record).map(|key| view! { " " <code>{key}</code> });
    let facts = [
        (text!(console.letters.message), letter.message),
        (text!(console.letters.field), letter.field),
        (text!(console.letters.step), letter.step),
        (text!(console.letters.code), letter.code.clone()),
        (text!(console.letters.by), Some(who(&letter.by))),
    ];
    view! {
        <li>
            <details>
                <summary><strong>{reason(letter.code.as_deref())}</strong>{key}<span class="quiet-text">{clock::short_text(letter.time)}</span></summary>
                <dl class="facts">
                    {facts.into_iter().filter_map(|(name, value)| value.map(|value| view! { <div><dt>{name}</dt><dd>{value}</dd></div> })).collect_view()}
                </dl>
                {letter.truncated.then(|| view! { <p class="quiet-text">{text!(console.letters.truncated)}</p> })}
                <pre tabindex="0" role="region" aria-label=text!(console.letters.record)><code>{record}</code></pre>
                <p class="actions"><button class="button danger" type="button" on:click=move |_| ask.run(id.clone())>{text!(console.letters.drop)}</button></p>
            </details>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn letter(code: &str, record: Value) -> DeadLetter {
        serde_json::from_value(json!({
            "id": "1.0", "time": 1_772_366_400_000_i64, "code": code, "field": "position.lat",
            "message": "position.lat is -90 to 90", "record": record, "by": "admin",
        }))
        .unwrap()
    }

    #[test]
    fn letters_are_found_by_reason_and_by_what_was_sent() {
        let far = letter("position_out_of_range", json!({"key": "Bus-7", "position": {"lat": 99}}));
        let filter = |code: &str, text: &str| Filter { code: code.to_owned(), text: text.to_owned() };
        assert!(filter("", "").shows(&far) && filter("position_out_of_range", "bus-7").shows(&far));
        assert!(!filter("missing", "").shows(&far) && !filter("", "bus-8").shows(&far));
        assert_eq!(reason(far.code.as_deref()), "Position out of range");
    }

    #[test]
    fn a_record_that_is_no_event_has_no_key() {
        assert_eq!(key_of(&json!({"text": "{broken"})), None);
        assert_eq!(key_of(&json!({"key": 7})).as_deref(), Some("7"));
        assert_eq!(key_of(&json!([1])), None);
    }
}
