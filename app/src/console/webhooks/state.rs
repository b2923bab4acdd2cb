//! How a webhook goes, in a word and in facts.

use heliograph_shared::alarms::{RuleId, What};
use leptos::prelude::*;

use super::draft::label;
use crate::browser::clock;
use crate::client::webhooks::ShownWebhook;
use crate::console::alarm_words;
use crate::parts::icons::{Glyph, Icon};
use crate::texts::whole;

/// How it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Messages are taken.
    Good,
    /// None was sent yet.
    New,
    /// Some wait.
    Waiting,
    /// They are not taken.
    Failing,
    /// The receiver wants none any more.
    Gone,
}

impl State {
    /// Of a webhook.
    pub const fn of(webhook: &ShownWebhook) -> Self {
        match webhook {
            ShownWebhook { gone: true, .. } => Self::Gone,
            ShownWebhook { tries: 1.., .. } => Self::Failing,
            ShownWebhook { waiting: 1.., .. } => Self::Waiting,
            ShownWebhook { taken: 0, .. } => Self::New,
            ShownWebhook { .. } => Self::Good,
        }
    }

    /// Its name in the page.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::New => "new",
            Self::Waiting => "waiting",
            Self::Failing => "failing",
            Self::Gone => "gone",
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Good => text!(console.webhooks.state.good),
            Self::New => text!(console.webhooks.state.new),
            Self::Waiting => text!(console.webhooks.state.waiting),
            Self::Failing => text!(console.webhooks.state.failing),
            Self::Gone => text!(console.webhooks.state.gone),
        }
    }
}

/// How it goes, in a word with a sign.
#[component]
pub fn StateTag(
    /// It.
    state: State,
) -> impl IntoView {
    let sign = match state {
        State::Good => Some(Glyph::Live),
        State::New => None,
        State::Waiting => Some(Glyph::Clock),
        State::Failing => Some(Glyph::Warning),
        State::Gone => Some(Glyph::Stop),
    };
    view! { <span class="hook-state" data-state=state.code()>{sign.map(|glyph| view! { <Icon glyph=glyph /> })}{state.word()}</span> }
}

/// What is told, in words.
pub fn told(webhook: &ShownWebhook) -> String {
    let wish = &webhook.wish;
    let kinds: &[What] = if wish.kinds.is_empty() { &[What::Raise, What::Clear] } else { &wish.kinds };
    let mut parts = vec![kinds.iter().map(|kind| alarm_words::happened(*kind)).collect::<Vec<_>>().join(", ")];
    parts.extend(wish.severity.map(|severity| alarm_words::at_least(severity).to_owned()));
    if !wish.rules.is_empty() {
        let rules: Vec<&str> = wish.rules.iter().map(RuleId::as_str).collect();
        parts.push(text!(console.webhooks.of_rules, rules = rules.join(", ")));
    }
    parts.join(" · ")
}

/// All that is known of it.
#[component]
pub fn Facts(
    /// It.
    now: Memo<ShownWebhook>,
) -> impl IntoView {
    move || {
        let webhook = now.get();
        let why = webhook.failure.clone().zip(webhook.failed_at);
        let facts = [
            (text!(console.webhooks.address), Some(webhook.host.clone())),
            (text!(console.webhooks.format_label), Some(label(webhook.wish.format).to_owned())),
            (text!(console.webhooks.tells), Some(told(&webhook))),
            (text!(console.webhooks.credential), webhook.wish.credential.as_ref().map(ToString::to_string)),
            (text!(console.webhooks.last_taken), webhook.taken_at.map(clock::short_text)),
            (text!(console.webhooks.taken), Some(whole(webhook.taken))),
            (text!(console.webhooks.waiting), Some(whole(webhook.waiting))),
            (text!(console.webhooks.tries), (webhook.tries > 0).then(|| whole(u64::from(webhook.tries)))),
            (text!(console.webhooks.next_try), webhook.next_try_at.map(clock::short_text)),
            (
                text!(console.webhooks.last_failure),
                why.map(|(why, at)| text!(console.webhooks.why_at, why = why, at = clock::short_text(at))),
            ),
            (text!(console.webhooks.given_up), Some(whole(webhook.given_up))),
            (text!(console.webhooks.missed), (webhook.missed > 0).then(|| whole(webhook.missed))),
            (text!(console.webhooks.changed), Some(clock::short_text(webhook.changed_at))),
        ];
        view! {
            <dl class="facts">
                {facts.into_iter().filter_map(|(name, value)| value.map(|value| view! { <div><dt>{name}</dt><dd>{value}</dd></div> })).collect_view()}
            </dl>
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn shown(more: Value) -> ShownWebhook {
        let mut webhook = json!({"id": "ops", "host": "https://ops.example", "changed_at": 1, "waiting": 0, "tries": 0,
            "taken": 0, "given_up": 0, "missed": 0, "gone": false});
        webhook.as_object_mut().unwrap().append(more.clone().as_object_mut().unwrap());
        serde_json::from_value(webhook).unwrap()
    }

    #[test]
    fn the_worst_that_is_known_of_a_webhook_is_its_state() {
        for (more, state) in [
            (json!({}), State::New),
            (json!({"taken": 4}), State::Good),
            (json!({"taken": 4, "waiting": 1}), State::Waiting),
            (json!({"taken": 4, "waiting": 1, "tries": 2}), State::Failing),
            (json!({"gone": true, "tries": 2}), State::Gone),
        ] {
            assert_eq!(State::of(&shown(more)), state);
        }
    }

    #[test]
    fn what_is_told_is_said_with_what_is_left_out() {
        assert_eq!(told(&shown(json!({}))), "Raised, Cleared");
        let some = told(&shown(json!({"kinds": ["raise"], "severity": "critical", "rules": ["hot", "cold"]})));
        assert!(some.starts_with("Raised · ") && some.ends_with("hot, cold"), "{some}");
    }
}
