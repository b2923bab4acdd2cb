//! The sessions on their timelines, and what may be done to each.

use heliograph_shared::time::Millis;
use leptos::prelude::*;
use serde_json::{Value, json};

use super::manager::{Manager, Question};
use super::timeline::{self, Action};
use crate::browser::clock;
use crate::browser::percent::encode;
use crate::scores::about::{Phase, Session, phase_label};

/// All sessions, and a form for the next.
#[component]
pub fn Sessions(
    /// The page.
    manager: Manager,
) -> impl IntoView {
    let title = RwSignal::new(String::new());
    let with_code = RwSignal::new(true);
    let create = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let text = title.get_untracked().trim().to_owned();
        if !text.is_empty() {
            manager.create(&text, with_code.get_untracked());
            title.set(String::new());
        }
    };
    view! {
        <section class="part" aria-labelledby="sessions-title">
            <h2 id="sessions-title">{text!(console.sessions.heading)}</h2>
            <ul class="sessions">
                {move || manager.sessions.get().into_iter().rev().map(|session| view! {
                    <OneSession manager=manager session=session />
                }).collect_view()}
            </ul>
            <form class="new-session" on:submit=create>
                <label class="field">
                    <span>{text!(console.sessions.new_session)}</span>
                    <input type="text" required maxlength="100" placeholder=text!(console.sessions.example) autocomplete="off" prop:value=title
                        on:input=move |event| title.set(event_target_value(&event)) />
                </label>
                <label class="check">
                    <input type="checkbox" prop:checked=with_code on:change=move |event| with_code.set(event_target_checked(&event)) />
                    {text!(console.sessions.with_code)}
                </label>
                <button class="button" type="submit">{text!(console.sessions.create)}</button>
            </form>
        </section>
    }
}

#[component]
fn OneSession(manager: Manager, session: Session) -> impl IntoView {
    let path = format!("sessions/{}", encode(&session.id));
    let actions = timeline::actions(&session);
    let steps = timeline::steps(&session);
    let facts = text!(
        console.sessions.facts,
        players = counted!(session.players, console.sessions.players),
        events = counted!(session.events, console.sessions.events)
    );
    let code = session.code.clone().filter(|_| matches!(session.phase, Phase::Created | Phase::Open | Phase::Frozen));
    let can_schedule = timeline::can_schedule(session.phase);
    let (name, schedule_path) = (session.title.clone(), path.clone());
    let planned = [session.opens_at, session.freezes_at, session.closes_at];
    view! {
        <li class="session" data-session=session.id.clone() data-testid="session">
            <div class="session-head">
                <h3>{session.title.clone()}</h3>
                <span class="chip">{phase_label(session.phase)}</span>
                <span class="quiet-text">{facts}</span>
            </div>
            <ol class="steps" aria-label=text!(console.sessions.timeline)>
                {steps.into_iter().map(|step| view! {
                    <li data-state=step.state.code() aria-current=(step.state == timeline::State::Now).then_some("step")>
                        <span>{step.label}</span>
                        <small>{step.at.map(|at| clock::local_text(Millis(at)))}</small>
                    </li>
                }).collect_view()}
            </ol>
            {code.map(|code| view! {
                <p class="code"><span class="overline">{text!(console.sessions.code)}</span><strong data-testid="code">{code}</strong></p>
            })}
            <div class="actions">
                {actions.into_iter().enumerate().map(|(at, action)| {
                    let (path, name) = (path.clone(), name.clone());
                    view! {
                        <button class="button small" class:primary={at == 0} type="button" data-action=action.code
                            on:click=move |_| run(manager, action, &path, &name)>{action.label}</button>
                    }
                }).collect_view()}
            </div>
            {can_schedule.then(|| view! { <Schedule manager=manager path=schedule_path planned=planned /> })}
        </li>
    }
}

fn run(manager: Manager, action: Action, path: &str, name: &str) {
    let body = json!({"action": action.code});
    let title = text!(console.sessions.action_on, action = action.label, session = name);
    match action.confirm {
        None => manager.act(path.to_owned(), body, text!(console.manager.done, title = &title)),
        Some(text) => manager.confirm(Question {
            title,
            text: text.to_owned(),
            label: action.label.to_owned(),
            needs_reason: false,
            path: path.to_owned(),
            body,
        }),
    }
}

/// When the session shall open, freeze and close by itself.
#[component]
fn Schedule(manager: Manager, path: String, planned: [Option<i64>; 3]) -> impl IntoView {
    let times = planned.map(|at| RwSignal::new(at.map(to_field).unwrap_or_default()));
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let [opens, freezes, closes] = times.map(|time| from_field(&time.get_untracked()));
        let body = json!({"action": "schedule", "opens_at": opens, "freezes_at": freezes, "closes_at": closes});
        manager.act(path.clone(), body, text!(console.sessions.kept).to_owned());
    };
    view! {
        <details class="schedule">
            <summary>{text!(console.sessions.schedule)}</summary>
            <form on:submit=submit>
                {[text!(console.sessions.opens), text!(console.sessions.freezes), text!(console.sessions.closes)].into_iter().zip(times).map(|(label, time)| view! {
                    <label class="field">
                        <span>{label}</span>
                        <input type="datetime-local" prop:value=time on:input=move |event| time.set(event_target_value(&event)) />
                    </label>
                }).collect_view()}
                <button class="button small" type="submit">{text!(console.sessions.keep)}</button>
            </form>
        </details>
    }
}

/// A moment as a field for local times has it.
fn to_field(at: i64) -> String {
    let date = js_sys::Date::new(&(at as f64).into());
    let local = at as f64 - date.get_timezone_offset() * 60_000.0;
    let text = String::from(js_sys::Date::new(&local.into()).to_iso_string());
    text.chars().take(16).collect()
}

/// A field's local time as a moment; null when it is empty.
fn from_field(text: &str) -> Value {
    let at = js_sys::Date::new(&text.into()).get_time();
    if at.is_nan() { Value::Null } else { json!(at as i64) }
}
