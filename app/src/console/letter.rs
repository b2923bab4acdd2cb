//! One dead letter: what is wrong, its record to mend, what changed of it, and what would come of it.

use heliograph_shared::api::letters::{Replay, ReplayStatus};
use leptos::prelude::*;
use serde_json::Value;

use super::ask_first::Ask;
use super::diff::{self, Change};
use super::letter_words::{key_of, read, reason, sentence, written};
use super::records::who;
use super::seat::Seat;
use super::shown;
use crate::browser::clock;
use crate::client::http::Failure;
use crate::client::manage::{self, DeadLetter};

/// A letter is gone.
pub struct LetterDone {
    /// Which.
    pub id: String,
    /// What became of it.
    pub said: String,
}

/// What is done with a letter.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Deed {
    Keep,
    Try,
    Send,
    TakeBack,
}

/// What changes of a record; nothing where one of the two can't be read.
fn changed(original: &Value, text: &str) -> Vec<Change> {
    read(text, original).map(|record| diff::changes(original, &record)).unwrap_or_default()
}

/// Mends the letter where its text is another, and tries it or sends it.
async fn act(
    board: &str,
    key: &str,
    letter: &DeadLetter,
    text: &str,
    deed: Deed,
) -> Result<(DeadLetter, Option<Replay>), Failure> {
    let original = letter.original.as_ref().unwrap_or(&letter.record);
    let record = if deed == Deed::TakeBack {
        original.clone()
    } else {
        read(text, original).map_err(|message| Failure { status: 422, message, ..Failure::default() })?
    };
    let letter = if record == letter.record {
        letter.clone()
    } else {
        manage::mend_letter(board, key, &letter.id, &record).await?
    };
    let replay = match deed {
        Deed::Keep | Deed::TakeBack => None,
        Deed::Try => Some(manage::replay_letter(board, key, &letter.id, true).await?),
        Deed::Send => Some(manage::replay_letter(board, key, &letter.id, false).await?),
    };
    Ok((letter, replay))
}

/// The letter, folded up at first.
#[component]
pub fn Letter(
    /// It.
    letter: DeadLetter,
    /// Its board.
    name: StoredValue<String>,
    /// Who sits here.
    seat: Seat,
    /// A question before it is dropped.
    asked: RwSignal<Option<Ask>>,
    /// It is gone.
    done: Callback<LetterDone>,
) -> impl IntoView {
    let key = key_of(&letter.record).or_else(|| letter.key.clone()).map(|key| view! { " " <code>{key}</code> });
    let (title, time) = (reason(letter.code.as_deref()), clock::short_text(letter.time));
    let source = letter.source.clone().map(|source| view! { <span class="tag">{source}</span> });
    let kept = RwSignal::new(letter);
    let is_mended = Memo::new(move |_| kept.with(|letter| letter.original.is_some()));
    view! {
        <li>
            <details>
                <summary>
                    <strong>{title}</strong>{key}{source}
                    {move || is_mended.get().then(|| view! { <span class="tag">{text!(console.letters.mended)}</span> })}
                    <span class="quiet-text">{time}</span>
                </summary>
                <Facts kept=kept />
                <Editor kept=kept name=name seat=seat asked=asked done=done />
            </details>
        </li>
    }
}

#[component]
fn Facts(kept: RwSignal<DeadLetter>) -> impl IntoView {
    move || {
        let letter = kept.get();
        let tried = letter.tried_at.map(clock::short_text).unwrap_or_default();
        let tries = (letter.tries > 0).then(|| counted!(letter.tries, console.letters.tries, time = tried));
        let mended = letter.mended_by.as_deref().map(|by| {
            let time = letter.mended_at.map(clock::short_text).unwrap_or_default();
            text!(console.letters.mended_by, who = who(by), time = time)
        });
        let facts = [
            (text!(console.letters.message), letter.message),
            (text!(console.letters.field), letter.field),
            (text!(console.letters.step), letter.step),
            (text!(console.letters.code), letter.code),
            (text!(console.letters.by), Some(who(&letter.by))),
            (text!(console.letters.tried), tries),
            (text!(console.letters.mended), mended),
        ];
        view! {
            <dl class="facts">
                {facts.into_iter().filter_map(|(name, value)| value.map(|value| view! { <div><dt>{name}</dt><dd>{value}</dd></div> })).collect_view()}
            </dl>
            {letter.truncated.then(|| view! { <p class="quiet-text">{text!(console.letters.truncated)}</p> })}
        }
    }
}

#[component]
fn Editor(
    kept: RwSignal<DeadLetter>,
    name: StoredValue<String>,
    seat: Seat,
    asked: RwSignal<Option<Ask>>,
    done: Callback<LetterDone>,
) -> impl IntoView {
    let text = RwSignal::new(kept.with_untracked(|letter| written(&letter.record)));
    let said = RwSignal::new(None::<(String, bool)>);
    let events = RwSignal::new(Vec::<String>::new());
    let is_busy = RwSignal::new(false);
    let changes = Memo::new(move |_| {
        kept.with(|letter| text.with(|text| changed(letter.original.as_ref().unwrap_or(&letter.record), text)))
    });
    let run = move |deed: Deed| {
        if is_busy.get_untracked() {
            return;
        }
        is_busy.set(true);
        said.set(None);
        events.set(Vec::new());
        let (letter, now) = (kept.get_untracked(), text.get_untracked());
        leptos::task::spawn_local(async move {
            let outcome = act(&name.get_value(), &seat.key(), &letter, &now, deed).await;
            let _ = is_busy.try_set(false);
            match outcome {
                Ok((letter, replay)) => after(deed, letter, replay, kept, text, said, events, done),
                Err(failure) => {
                    let _ = said.try_set(Some((shown::sentence(failure), true)));
                }
            }
        });
    };
    let drop_it = move || {
        let id = kept.with_untracked(|letter| letter.id.clone());
        leptos::task::spawn_local(async move {
            match manage::drop_letter(&name.get_value(), &seat.key(), &id).await {
                Ok(()) => done.run(LetterDone { id, said: text!(console.letters.dropped).to_owned() }),
                Err(failure) => {
                    let _ = said.try_set(Some((shown::sentence(failure), true)));
                }
            }
        });
    };
    let ask = move |_| {
        asked.set(Some(Ask {
            title: text!(console.letters.drop_title).to_owned(),
            text: text!(console.letters.drop_asks).to_owned(),
            label: text!(console.letters.drop).to_owned(),
            word: None,
            then: Callback::new(move |()| drop_it()),
        }));
    };
    let rows = kept.with_untracked(|letter| written(&letter.record).lines().count().clamp(3, 16) + 1);
    view! {
        <label class="form-field code-field record">{text!(console.letters.record)}
            <textarea rows=rows spellcheck="false" autocapitalize="off" autocomplete="off" data-testid="record"
                prop:value=text on:input=move |event| text.set(event_target_value(&event))></textarea>
        </label>
        {move || changes.with(|changes| (!changes.is_empty()).then(|| view! { <Diff changes=changes.clone() /> }))}
        <div class="outcome" role="status" data-testid="outcome">
            {move || said.get().map(|(sentence, is_bad)| view! { <p class:bad=is_bad><strong>{sentence}</strong></p> })}
            {move || events.get().into_iter().map(|event| view! { <pre tabindex="0"><code>{event}</code></pre> }).collect_view()}
        </div>
        <p class="actions">
            <button class="button primary" type="button" disabled=is_busy on:click=move |_| run(Deed::Try)>{text!(console.letters.try_one)}</button>
            <button class="button" type="button" disabled=is_busy on:click=move |_| run(Deed::Send)>{text!(console.letters.send)}</button>
            <button class="button" type="button" disabled=is_busy on:click=move |_| run(Deed::Keep)>{text!(console.letters.keep)}</button>
            {move || kept.with(|letter| letter.original.is_some()).then(|| view! {
                <button class="button" type="button" disabled=is_busy on:click=move |_| run(Deed::TakeBack)>{text!(console.letters.take_back)}</button>
            })}
            <button class="button danger" type="button" on:click=ask>{text!(console.letters.drop)}</button>
        </p>
    }
}

/// Shows what came of a deed.
#[expect(clippy::too_many_arguments, reason = "they are the signals of one form")]
fn after(
    deed: Deed,
    letter: DeadLetter,
    replay: Option<Replay>,
    kept: RwSignal<DeadLetter>,
    text: RwSignal<String>,
    said: RwSignal<Option<(String, bool)>>,
    events: RwSignal<Vec<String>>,
    done: Callback<LetterDone>,
) {
    let id = letter.id.clone();
    if deed == Deed::TakeBack {
        let _ = text.try_set(written(&letter.record));
    }
    let _ = kept.try_set(letter);
    let Some(one) = replay.and_then(|replay| replay.results.into_iter().next()) else {
        let sentence =
            if deed == Deed::TakeBack { text!(console.letters.taken_back) } else { text!(console.letters.is_kept) };
        let _ = said.try_set(Some((sentence.to_owned(), false)));
        return;
    };
    let is_bad = matches!(one.status, ReplayStatus::Refused | ReplayStatus::Truncated);
    let sentence = sentence(&one, deed == Deed::Try);
    if deed == Deed::Send && !is_bad {
        done.run(LetterDone { id, said: sentence });
        return;
    }
    let pretty = |event: &Value| serde_json::to_string_pretty(event).unwrap_or_default();
    let _ = events.try_set(one.events.iter().map(pretty).collect());
    let _ = said.try_set(Some((sentence, is_bad)));
}

#[component]
fn Diff(changes: Vec<Change>) -> impl IntoView {
    let word = |value: Option<Value>| value.map(|value| value.to_string());
    view! {
        <section class="changes" aria-label=text!(console.letters.changes) data-testid="changes">
            <h3>{text!(console.letters.changes)}</h3>
            <ul>
                {changes.into_iter().map(|Change { path, before, after }| view! {
                    <li>
                        <code>{if path.is_empty() { text!(console.letters.whole).to_owned() } else { path }}</code> " "
                        {word(before).map(|text| view! { <del>{text}</del> " " })}
                        {word(after).map(|text| view! { <ins>{text}</ins> })}
                    </li>
                }).collect_view()}
            </ul>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_changed_of_a_record_is_shown_by_its_field_and_nothing_of_what_is_no_json() {
        let original = json!({"key": "a", "position": {"lat": 95, "lon": 0}});
        let changes = changed(&original, r#"{"key":"a","position":{"lat":9.5,"lon":0}}"#);
        assert_eq!(changes.iter().map(|c| c.path.as_str()).collect::<Vec<_>>(), ["position.lat"]);
        assert_eq!(changed(&original, "{"), []);
        assert_eq!(changed(&json!({"text": "a"}), "b").len(), 1);
    }
}
