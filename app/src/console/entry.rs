//! One row: its entries, and what may be corrected.

use heliograph_shared::time::Millis;
use leptos::prelude::*;
use serde_json::{Value, json};

use super::manager::{Manager, Question};
use crate::browser::clock;
use crate::client::boards::BoardInfo;
use crate::parts::icons::{Glyph, Icon};
use crate::scores::about::Column;
use crate::scores::words;

/// What was sent, in one line, in the words of the board's config.
fn fields(fields: &Value, info: &BoardInfo) -> String {
    let show = |name: &str, value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => {
            let text = words::points(number.as_f64().unwrap_or_default());
            info.unit(name).map_or_else(|| text.clone(), |unit| format!("{text} {unit}"))
        }
        Value::Bool(true) => text!(parts.format.yes).to_owned(),
        Value::Bool(false) => text!(parts.format.no).to_owned(),
        Value::Null => "–".to_owned(),
        other @ (Value::Array(_) | Value::Object(_)) => other.to_string(),
    };
    let all = fields.as_object().into_iter().flatten();
    all.map(|(name, value)| format!("{} {}", info.label(name), show(name, value))).collect::<Vec<_>>().join(" · ")
}

/// The chosen row; nothing when none is chosen.
#[component]
pub fn ChosenRow(
    /// The page.
    manager: Manager,
) -> impl IntoView {
    let chosen = manager.chosen;
    let is_out = Memo::new(move |_| {
        let Some(key) = chosen.get() else { return false };
        let last = manager.trail.with(|trail| {
            let about = trail.iter().filter(|action| action["key"] == key.as_str());
            about
                .filter_map(|action| action["action"].as_str())
                .find(|action| matches!(*action, "disqualify" | "restore"))
                .map(str::to_owned)
        });
        last.as_deref() == Some("disqualify")
    });
    move || {
        let Some(key) = chosen.get() else {
            return view! {
                <section class="part"><h2>{text!(console.entry.heading)}</h2><p class="quiet-text">{text!(console.entry.choose)}</p></section>
            }
            .into_any();
        };
        let name = StoredValue::new(key);
        let turn = move |_| {
            let key = name.get_value();
            let called = manager.name_of(&key);
            let (action, title, text) = if is_out.get_untracked() {
                ("restore", text!(console.entry.restore_key, key = &called), text!(console.entry.restored))
            } else {
                ("disqualify", text!(console.entry.disqualify_key, key = &called), text!(console.entry.disqualified))
            };
            manager.confirm(Question {
                label: title.clone(),
                title,
                text: text.to_owned(),
                needs_reason: true,
                path: "scores/actions".to_owned(),
                body: json!({"action": action, "key": key}),
            });
        };
        view! {
            <section class="part" aria-labelledby="row-title" data-testid="row">
                <div class="part-head">
                    <h2 id="row-title">{move || manager.name_of(&name.get_value())}</h2>
                    <button class="button small" type="button" on:click=turn>
                        {move || if is_out.get() { text!(console.entry.restore) } else { text!(console.entry.disqualify) }}
                    </button>
                    <button class="button small icon-only" type="button" aria-label=text!(console.entry.close) title=text!(console.entry.close) on:click=move |_| manager.choose(None)>
                        <Icon glyph=Glyph::Close />
                    </button>
                </div>
                <Adjust manager=manager name=name />
                <ul class="records" data-testid="entries">
                    {move || manager.entries.get().into_iter().map(|entry| view! { <Entry manager=manager entry=entry /> }).collect_view()}
                </ul>
                {move || manager.entries.with(Vec::is_empty).then(|| view! { <p class="quiet-text">{text!(console.entry.none)}</p> })}
            </section>
        }
        .into_any()
    }
}

#[component]
fn Entry(manager: Manager, entry: Value) -> impl IntoView {
    let seq = entry["seq"].as_u64().unwrap_or_default();
    let is_undone = entry["undone"] == true;
    let when = entry["time"].as_i64().map(|at| clock::local_text(Millis(at)));
    let session = entry["session"].as_str().map(str::to_owned);
    let text = manager.info.with_value(|info| fields(&entry["fields"], info));
    let shown = text.clone();
    let undo = move |_| {
        manager.confirm(Question {
            title: text!(console.entry.undo_entry, seq = seq),
            text: text!(console.entry.counts_no_more, entry = &shown),
            label: text!(console.entry.undo).to_owned(),
            needs_reason: true,
            path: "scores/actions".to_owned(),
            body: json!({"action": "undo", "seq": seq}),
        });
    };
    view! {
        <li tabindex="0" class:undone=is_undone>
            <span class="record-main"><span>{text}</span><small>{when}{session.map(|session| move || format!(" · {}", manager.title_of(&session)))}</small></span>
            {if is_undone {
                view! { <span class="chip">{text!(console.entry.undone)}</span> }.into_any()
            } else {
                view! { <button class="button small" type="button" aria-label=text!(console.entry.undo_entry, seq = seq) on:click=undo>{text!(console.entry.undo)}</button> }.into_any()
            }}
        </li>
    }
}

#[component]
fn Adjust(manager: Manager, name: StoredValue<String>) -> impl IntoView {
    let columns = Memo::new(move |_| {
        manager.model.about.with(|about| about.as_ref().map(|about| about.columns.clone()).unwrap_or_default())
    });
    let column = RwSignal::new(None::<String>);
    let by = RwSignal::new(String::new());
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let first = columns.with_untracked(|columns| columns.first().map(|column| column.name.clone()));
        let (Ok(by), Some(column)) = (by.get_untracked().trim().parse::<f64>(), column.get_untracked().or(first))
        else {
            manager.error.set(Some(text!(console.entry.adjust_by).to_owned()));
            return;
        };
        let key = name.get_value();
        manager.confirm(Question {
            title: text!(console.entry.adjust_key, key = manager.name_of(&key)),
            text: text!(console.entry.changes_by, column = manager.label_of(&column), points = words::points(by)),
            label: text!(console.entry.adjust).to_owned(),
            needs_reason: true,
            path: "scores/actions".to_owned(),
            body: json!({"action": "adjust", "key": key, "column": column, "by": by}),
        });
    };
    view! {
        <form class="adjust" on:submit=submit>
            <label><span class="sr-only">{text!(console.entry.column)}</span>
                <select class="select" on:change=move |event| column.set(Some(event_target_value(&event)))>
                    {move || columns.get().into_iter().map(|Column { name, label }| view! { <option value=name>{label}</option> }).collect_view()}
                </select>
            </label>
            <label><span class="sr-only">{text!(console.entry.by_how_much)}</span>
                <input type="text" inputmode="decimal" placeholder="+5" required prop:value=by on:input=move |event| by.set(event_target_value(&event)) />
            </label>
            <button class="button small" type="submit">{text!(console.entry.adjust)}</button>
        </form>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_shown_in_words() {
        let info: BoardInfo = serde_json::from_value(json!({
            "fields": {"solved": {"label": "Right"}, "minute": {"unit": "min"}},
        }))
        .unwrap();
        let value = json!({"problem": "A", "minute": 12.5, "solved": true, "penalty": false, "note": null});
        assert_eq!(fields(&value, &info), "Minute 12.5 min · Note – · Penalty no · Problem A · Right yes");
        assert_eq!(fields(&Value::Null, &info), "");
    }
}
