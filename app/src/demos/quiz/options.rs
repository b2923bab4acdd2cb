//! How a sitting goes: one by one or all at once, for how long, and what speed is worth.

use leptos::prelude::*;

use super::pace::{LEASTS, LIMITS, Pace};

/// The choices.
#[component]
pub fn Options(
    /// What is chosen.
    pace: RwSignal<Pace>,
) -> impl IntoView {
    let at_once = Memo::new(move |_| pace.with(|pace| pace.at_once));
    let is_timed = Memo::new(move |_| pace.with(|pace| pace.limit().is_some()));
    let number = |text: String| text.parse::<u32>().unwrap_or_default();
    view! {
        <label class="check"><input type="checkbox" prop:checked=at_once
            on:change:target=move |event| pace.update(|pace| pace.at_once = event.target().checked()) />
            {text!(demos.quiz.editor.at_once)}</label>
        <label class="check"><input type="checkbox" prop:checked=move || pace.with(|pace| pace.hidden)
            on:change:target=move |event| pace.update(|pace| pace.hidden = event.target().checked()) />
            {text!(demos.quiz.editor.hidden)}</label>
        {move || pace.with(|pace| pace.at_once && !pace.hidden).then(|| view! { <p class="quiet-text">{text!(demos.quiz.options.tells)}</p> })}
        <div class="pair">
            <div class="field">
                <label for="quiz-limit">{text!(demos.quiz.options.limit)}</label>
                <select id="quiz-limit" disabled=at_once prop:value=move || pace.with(|pace| pace.limit_s.to_string())
                    on:change:target=move |event| pace.update(|pace| pace.limit_s = number(event.target().value()))>
                    {LIMITS.map(|limit| view! {
                        <option value=limit selected=pace.with_untracked(|pace| pace.limit_s == limit)>
                            {if limit == 0 { text!(demos.quiz.options.no_limit).to_owned() } else { text!(demos.quiz.options.seconds, n = limit) }}
                        </option>
                    }).collect_view()}
                </select>
            </div>
            <div class="field">
                <label for="quiz-speed">{text!(demos.quiz.options.speed)}</label>
                <select id="quiz-speed" disabled=move || !is_timed.get() aria-describedby="quiz-speed-what"
                    on:change:target=move |event| pace.update(|pace| pace.least = number(event.target().value()).min(100))>
                    {LEASTS.map(|least| view! {
                        <option value=least selected=pace.with_untracked(|pace| pace.least == least)>
                            {if least == 100 { text!(demos.quiz.options.no_speed).to_owned() } else { text!(demos.quiz.options.least, n = least) }}
                        </option>
                    }).collect_view()}
                </select>
            </div>
        </div>
        <p class="quiet-text" id="quiz-speed-what">{move || explained(pace.get())}</p>
    }
}

/// What speed is worth, in words.
fn explained(pace: Pace) -> String {
    if pace.is_for_speed() {
        text!(demos.quiz.options.is_for_speed, n = pace.least)
    } else if pace.limit().is_some() {
        text!(demos.quiz.options.is_timed).to_owned()
    } else {
        text!(demos.quiz.options.is_untimed).to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_speed_is_worth_is_said_in_words() {
        let pace = Pace { limit_s: 20, least: 50, ..Pace::default() };
        assert!(explained(pace).contains("50 %"));
        assert_ne!(explained(Pace { least: 100, ..pace }), explained(Pace::default()));
        assert_eq!(explained(Pace { at_once: true, ..pace }), explained(Pace::default()));
    }
}
