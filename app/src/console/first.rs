//! A board that has nothing yet: how its first event gets there, from a terminal or from here.

use leptos::prelude::*;
use serde_json::{Value, json};

use super::copyable::Copyable;
use super::seat::Seat;
use super::shown::sentence;
use crate::client::{manage, place};
use crate::parts::first_event::{EVENT, KEY_LINE, line};
use crate::scores::address::path_to;

/// A first event, and where it is seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct First {
    event: String,
    has_scores: bool,
}

impl First {
    /// What fits a board with this config; none where only its own program knows what counts: in a session, in a contest, or what
    /// a filter lets through.
    pub fn of(config: &str) -> Option<Self> {
        let config: Value = serde_json::from_str(config).unwrap_or_default();
        let scores = &config["scores"];
        if scores.is_null() {
            return Some(Self { event: EVENT.to_owned(), has_scores: false });
        }
        let has_more = |part: &str| scores[part].as_array().is_some_and(|list| !list.is_empty());
        let is_plain = scores["attempts"].is_null() && !has_more("filter") && config["sessions"]["required"] != true;
        let field = scores["columns"][0]["field"].as_str().filter(|_| is_plain)?;
        Some(Self { event: json!({"key": "me", "fields": {field: 1}}).to_string(), has_scores: true })
    }
}

/// The way to a first event.
#[component]
pub fn FirstEvent(
    /// The board.
    board: String,
    /// What is sent.
    first: First,
    /// Who sits here.
    seat: Seat,
) -> impl IntoView {
    let First { event, has_scores } = first;
    let page = path_to(&board, if has_scores { "scores" } else { "map" });
    let open = if has_scores { text!(console.first.open_scores) } else { text!(console.first.open) };
    let lines = format!("{KEY_LINE}\n{}", line(&place::server(), &board, &event));
    let (name, event) = (StoredValue::new(board), StoredValue::new(event));
    let said = RwSignal::new(String::new());
    let is_sent = RwSignal::new(false);
    let is_busy = RwSignal::new(false);
    let send = move |_| {
        is_busy.set(true);
        leptos::task::spawn_local(async move {
            let sent = manage::send_event(&name.get_value(), &seat.key(), &event.get_value()).await;
            let _ = is_busy.try_set(false);
            let _ = is_sent.try_set(sent.is_ok());
            let _ = said.try_set(match sent {
                Ok(()) => text!(console.first.sent).to_owned(),
                Err(failure) => sentence(failure),
            });
        });
    };
    view! {
        <section class="part" aria-labelledby="first-event" data-testid="first">
            <h2 id="first-event">{text!(console.first.heading)}</h2>
            <p>{text!(console.first.what)}</p>
            <Copyable what=text!(console.first.terminal) text=lines />
            <p class="actions">
                <button class="button primary" type="button" disabled=is_busy on:click=send>{text!(console.first.send)}</button>
                <span role="status">{said}</span>
                {move || is_sent.get().then(|| view! { <a href=page.clone()>{open}</a> })}
            </p>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_event_fits_what_the_board_is_for() {
        let event = |config: &str| {
            let first = First::of(config)?;
            Some((serde_json::from_str::<Value>(&first.event).unwrap(), first.has_scores))
        };
        assert_eq!(event(r#"{"title":"Mine"}"#), Some((serde_json::from_str(EVENT).unwrap(), false)));
        let scores =
            |more: &str| format!(r#"{{"scores":{{"columns":[{{"name":"p","op":"sum","field":"points"}}]{more}}}}}"#);
        assert_eq!(event(&scores("")), Some((json!({"key": "me", "fields": {"points": 1}}), true)));
        assert_eq!(event(&scores(r#","filter":[{"field":"right","equals":true}]"#)), None);
        assert_eq!(event(&scores(r#","attempts":{"per":"problem"}"#)), None);
        let session = scores("").replacen('{', r#"{"sessions":{"required":true},"#, 1);
        assert_eq!(event(&session), None);
        assert_eq!(event(r#"{"scores":{"columns":[{"name":"n","op":"count"}]}}"#), None);
    }
}
