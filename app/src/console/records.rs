//! What managers did, what was refused, and the standings to take away.

use heliograph_shared::time::Millis;
use leptos::prelude::*;
use serde_json::Value;
use wasm_bindgen::{JsCast, JsValue};

use super::entry::fields;
use super::manager::Manager;
use crate::browser::clock;
use crate::browser::percent::encode;
use crate::client::http::Failure;

/// How many rows one request brings at most.
const PAGE: usize = 10_000;

/// What a manager did, in a sentence.
pub fn deed(action: &Value) -> String {
    let text = |name: &str| action[name].as_str().unwrap_or_default();
    let what = match text("action") {
        "undo" => text!(console.records.undid, entry = &action["event"]),
        "adjust" => {
            text!(console.records.adjusted, column = text("column"), key = text("key"), points = &action["by_points"])
        }
        "disqualify" => text!(console.records.disqualified, key = text("key")),
        "restore" => text!(console.records.restored, key = text("key")),
        "rules" => text!(console.records.rules).to_owned(),
        "create_session" => text!(console.records.created, session = text("session")),
        other => format!("{} {} {}", other.replace('_', " "), text("session"), text("key")).trim().to_owned(),
    };
    let by = text("by");
    let deed = if by.is_empty() { what } else { text!(console.records.by_whom, who = by, what = what) };
    let reason = text("reason");
    if reason.is_empty() { deed } else { text!(console.records.because, deed = deed, reason = reason) }
}

fn when(value: &Value) -> Option<String> {
    value["time"].as_i64().map(|at| clock::local_text(Millis(at)))
}

/// What managers did, the newest first.
#[component]
pub fn Trail(
    /// The page.
    manager: Manager,
) -> impl IntoView {
    view! {
        <section class="part" aria-labelledby="trail-title">
            <h2 id="trail-title">{text!(console.records.trail)}</h2>
            <ul class="records" data-testid="trail">
                {move || manager.trail.get().into_iter().map(|action| view! {
                    <li><span class="record-main"><span>{deed(&action)}</span><small>{when(&action)}</small></span></li>
                }).collect_view()}
            </ul>
            {move || manager.trail.with(Vec::is_empty).then(|| view! { <p class="quiet-text">{text!(console.records.no_trail)}</p> })}
        </section>
    }
}

/// What was refused, the newest first.
#[component]
pub fn Letters(
    /// The page.
    manager: Manager,
) -> impl IntoView {
    view! {
        <section class="part" aria-labelledby="letters-title">
            <h2 id="letters-title">{text!(console.page.dead_letters)}</h2>
            <ul class="records" data-testid="letters">
                {move || manager.letters.get().into_iter().map(|letter| view! { <Letter manager=manager letter=letter /> }).collect_view()}
            </ul>
            {move || match (manager.letters.with(Vec::is_empty), manager.has_more_letters.get()) {
                (true, _) => Some(view! { <p class="quiet-text">{text!(console.records.no_letters)}</p> }),
                (false, true) => Some(view! { <p class="quiet-text">{text!(console.records.older)}</p> }),
                (false, false) => None,
            }}
        </section>
    }
}

#[component]
fn Letter(manager: Manager, letter: Value) -> impl IntoView {
    let text = |name: &str| letter[name].as_str().unwrap_or_default().to_owned();
    let id = letter["id"].as_str().map_or_else(|| letter["id"].to_string(), str::to_owned);
    let record =
        format!("{} {}", letter["record"]["key"].as_str().unwrap_or_default(), fields(&letter["record"]["fields"]));
    view! {
        <li>
            <span class="record-main">
                <span><code>{text("code")}</code>" "{record}</span>
                <small>{text("message")}{when(&letter).map(|when| format!(" · {when}"))}" · "{text("by")}</small>
            </span>
            <button class="button small" type="button" on:click=move |_| manager.drop_letter(id.clone())>{text!(console.records.drop)}</button>
        </li>
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
                Ok(text) => offer(&format!("{}-scores.{format}", manager.model.board()), &text),
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

/// Gives a text to the browser as a file to keep.
fn offer(name: &str, text: &str) {
    let parts = js_sys::Array::of1(&JsValue::from_str(text));
    let Ok(blob) = web_sys::Blob::new_with_str_sequence(&parts) else { return };
    let Ok(address) = web_sys::Url::create_object_url_with_blob(&blob) else { return };
    let link = document().create_element("a").ok().and_then(|link| link.dyn_into::<web_sys::HtmlAnchorElement>().ok());
    if let Some(link) = link {
        link.set_href(&address);
        link.set_download(name);
        link.click();
    }
    // The browser keeps the blob for as long as it saves it; an address that is gone already is no harm.
    let _ = web_sys::Url::revoke_object_url(&address);
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn deeds_read_as_sentences() {
        let adjust =
            json!({"action": "adjust", "by": "key", "key": "t1", "column": "points", "by_points": 5, "reason": "typo"});
        assert_eq!(deed(&adjust), "key adjusted points of t1 by 5: typo");
        assert_eq!(deed(&json!({"action": "undo", "event": 7, "seq": 9})), "undid entry 7");
        assert_eq!(deed(&json!({"action": "freeze", "session": "s1"})), "freeze s1");
        assert_eq!(
            deed(&json!({"action": "reveal_step", "session": "s1", "key": "t9", "by": "admin"})),
            "admin reveal step s1 t9"
        );
    }
}
