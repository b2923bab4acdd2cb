//! What managers did, in words, and the standings to take away.

use heliograph_shared::time::Millis;
use leptos::prelude::*;
use serde_json::Value;
use wasm_bindgen::JsCast;

use super::manager::Manager;
use crate::browser::clock;
use crate::browser::percent::encode;
use crate::browser::save;
use crate::client::http::Failure;
use crate::scores::words;

/// How many rows one request brings at most.
const PAGE: usize = 10_000;

/// Who did something, as people say it.
pub fn who(by: &str) -> String {
    match by {
        "admin" => text!(console.records.administrator).to_owned(),
        "anonymous" => text!(console.records.anybody).to_owned(),
        _ => match by.strip_prefix("key:") {
            Some(id) => text!(console.records.key, id = id),
            None => by.to_owned(),
        },
    }
}

/// How things are called that the audit names by keys and ids.
pub struct Names<'n> {
    /// A row's name, by its key.
    pub of_key: &'n dyn Fn(&str) -> String,
    /// A session's title, by its id.
    pub of_session: &'n dyn Fn(&str) -> String,
    /// A column's label, by its name.
    pub of_column: &'n dyn Fn(&str) -> String,
}

/// What a manager did, in a sentence.
pub fn deed(action: &Value, names: &Names<'_>) -> String {
    let text = |name: &str| action[name].as_str().unwrap_or_default();
    let key = (names.of_key)(text("key"));
    let session = (names.of_session)(text("session"));
    let what = match text("action") {
        "undo" => text!(console.records.undid, entry = &action["event"]),
        "adjust" => {
            let by = action["by_points"].as_f64().unwrap_or_default();
            let points = if by > 0.0 { format!("+{}", words::points(by)) } else { words::points(by) };
            text!(console.records.adjusted, column = (names.of_column)(text("column")), key = key, points = points)
        }
        "disqualify" => text!(console.records.disqualified, key = key),
        "restore" => text!(console.records.restored, key = key),
        "rules" => text!(console.records.rules).to_owned(),
        "create_session" => {
            let title = if text("title").is_empty() { session.as_str() } else { text("title") };
            text!(console.records.created, session = title)
        }
        "open" => text!(console.records.opened, session = session),
        "freeze" => text!(console.records.froze, session = session),
        "close" => text!(console.records.closed, session = session),
        "reveal" => text!(console.records.revealed, session = session),
        "reveal_step" if text("key").is_empty() => text!(console.records.revealed_next, session = session),
        "reveal_step" => text!(console.records.revealed_row, key = key, session = session),
        "reopen" => text!(console.records.reopened, session = session),
        "schedule" => text!(console.records.scheduled, session = session),
        "revoke_code" => text!(console.records.revoked, session = session),
        "end_items" => {
            let keys = action["keys"].as_array().into_iter().flatten().filter_map(Value::as_str);
            let ended: Vec<String> = keys.map(|key| (names.of_key)(key)).collect();
            text!(console.records.ended, keys = ended.join(", "))
        }
        other => format!("{} {session} {key}", other.replace('_', " ")).trim().to_owned(),
    };
    let by = text("by");
    let deed = if by.is_empty() { what } else { text!(console.records.by_whom, who = who(by), what = what) };
    let reason = text("reason");
    if reason.is_empty() { deed } else { text!(console.records.because, deed = deed, reason = reason) }
}

fn when(value: &Value) -> Option<String> {
    value["time"].as_i64().map(|at| clock::local_text(Millis(at)))
}

/// What managers did, the newest first. Rows take the focus: arrow keys go from one to the next.
#[component]
pub fn Trail(
    /// The page.
    manager: Manager,
) -> impl IntoView {
    view! {
        <section class="part" aria-labelledby="trail-title">
            <h2 id="trail-title">{text!(console.records.trail)}</h2>
            <ul class="records" data-testid="trail" on:keydown=move |event| move_focus(&event)>
                {move || manager.trail.get().into_iter().map(|action| view! { <Deed manager=manager action=action /> }).collect_view()}
            </ul>
            {move || manager.trail.with(Vec::is_empty).then(|| view! { <p class="quiet-text">{text!(console.records.no_trail)}</p> })}
        </section>
    }
}

#[component]
fn Deed(manager: Manager, action: Value) -> impl IntoView {
    let at = when(&action);
    let key = action["key"].as_str().filter(|key| !key.is_empty()).map(str::to_owned);
    let text = move || {
        let names = Names {
            of_key: &|key| manager.name_of(key),
            of_session: &|id| manager.title_of(id),
            of_column: &|name| manager.label_of(name),
        };
        deed(&action, &names)
    };
    view! {
        <li tabindex="0">
            <span class="record-main"><span>{text}</span><small>{at}</small></span>
            {key.map(|key| {
                let of_key = key.clone();
                view! {
                    <button class="button small" type="button" on:click=move |_| manager.choose(Some(key.clone()))>
                        {text!(console.records.show)}<span class="sr-only">" "{move || manager.name_of(&of_key)}</span>
                    </button>
                }
            })}
        </li>
    }
}

/// The next row, or the one before, when an arrow key asks for it.
fn move_focus(event: &web_sys::KeyboardEvent) {
    let Some(row) = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()) else { return };
    let Ok(Some(row)) = row.closest("li") else { return };
    let next = match event.key().as_str() {
        "ArrowDown" => row.next_element_sibling(),
        "ArrowUp" => row.previous_element_sibling(),
        _ => return,
    };
    event.prevent_default();
    if let Some(next) = next.and_then(|next| next.dyn_into::<web_sys::HtmlElement>().ok()) {
        // An element that is in the page can take the focus.
        let _ = next.focus();
    }
}

/// The standings as files.
#[component]
pub fn Export(
    /// The page.
    manager: Manager,
) -> impl IntoView {
    let save = move |format: &'static str| {
        leptos::task::spawn_local(async move {
            match fetch(manager, format).await {
                Ok(text) => {
                    let media = if format == "csv" { "text/csv;charset=utf-8" } else { "application/json" };
                    let file = save::file_name(&[&manager.model.board(), "scores"], format);
                    // The browser says by itself what it does not save.
                    let _ = save::save(&file, media, text.as_bytes());
                }
                Err(error) => manager.fail(error),
            }
        });
    };
    view! {
        <div class="export">
            <button class="button small" type="button" on:click=move |_| save("csv")>{text!(console.records.csv)}</button>
            <button class="button small" type="button" on:click=move |_| save("json")>{text!(console.records.json)}</button>
        </div>
    }
}

/// All rows of the ranking that is shown.
async fn fetch(manager: Manager, format: &str) -> Result<String, Failure> {
    let view = manager.model.view.get_untracked();
    let mut query = format!("scores?format={format}&top={PAGE}");
    for (name, value) in [("group", view.group), ("session", view.session)] {
        if let Some(value) = value {
            query = format!("{query}&{name}={}", encode(&value));
        }
    }
    if format == "csv" {
        let mut all = String::new();
        for page in 0.. {
            let text = manager.ask_text(&format!("{query}&offset={}", page * PAGE)).await?;
            let (head, rows) = text.split_once('\n').unwrap_or((&text, ""));
            if page == 0 {
                all.push_str(head);
                all.push('\n');
            }
            all.push_str(rows);
            if rows.lines().count() < PAGE {
                break;
            }
        }
        return Ok(all);
    }
    let mut rows: Vec<Value> = Vec::new();
    let mut next = Some(0);
    let mut columns = Value::Null;
    while let Some(offset) = next {
        let mut answer = manager.ask(&format!("{query}&offset={offset}"), None).await?;
        next = answer["next"].as_u64();
        columns = answer["columns"].take();
        if let Value::Array(more) = answer["rows"].take() {
            rows.extend(more);
        }
    }
    Ok(serde_json::json!({"columns": columns, "rows": rows}).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn said(action: &Value) -> String {
        let names = Names {
            of_key: &|key| if key == "47074" { "Ann".to_owned() } else { key.to_owned() },
            of_session: &|id| if id == "s1" { "Final".to_owned() } else { id.to_owned() },
            of_column: &|name| if name == "points" { "Points".to_owned() } else { name.to_owned() },
        };
        deed(action, &names)
    }

    #[test]
    fn deeds_read_as_sentences_with_names() {
        let adjust = json!({"action": "adjust", "by": "key:5f0c", "key": "47074", "column": "points", "by_points": 5, "reason": "typo"});
        assert_eq!(said(&adjust), "Key 5f0c adjusted Points of Ann by +5: typo");
        assert_eq!(said(&json!({"action": "undo", "event": 7, "seq": 9})), "undid entry 7");
        assert_eq!(said(&json!({"action": "freeze", "session": "s1"})), "froze Final");
        assert_eq!(
            said(&json!({"action": "reveal_step", "session": "s1", "key": "47074", "by": "admin"})),
            "The administrator revealed Ann in Final"
        );
        assert_eq!(said(&json!({"action": "end_items", "keys": ["47074", "b"], "by": "Eve"})), "Eve ended Ann, b");
        // What a later server does is still told.
        assert_eq!(said(&json!({"action": "new_thing", "session": "s1"})), "new thing Final");
    }
}
