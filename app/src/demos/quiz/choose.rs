//! The door: lead or join.

use leptos::prelude::*;

/// The first page of the quiz.
#[component]
pub fn Choose() -> impl IntoView {
    view! {
        <header class="hero">
            <h1>{text!(demos.quiz.name)}</h1>
            <p>{text!(demos.quiz.choose.intro)}</p>
        </header>
        <ul class="doors">
            <li><a class="door" href="/quiz/lead">
                <strong>{text!(demos.quiz.choose.lead)}</strong>
                <span>{text!(demos.quiz.choose.lead_what)}</span>
            </a></li>
            <li><a class="door" href="/quiz/play">
                <strong>{text!(demos.quiz.choose.join)}</strong>
                <span>{text!(demos.quiz.choose.join_what)}</span>
            </a></li>
        </ul>
        <HowItWorks />
    }
}

/// How it works, and what to know.
#[component]
pub fn HowItWorks() -> impl IntoView {
    view! {
        <details class="how">
            <summary>{text!(demos.quiz.choose.how)}</summary>
            <ul>
                <li>{text!(demos.quiz.choose.sitting)} <a href="/b/quiz/scores"><code>"quiz"</code></a> {text!(demos.quiz.choose.with_code)}</li>
                <li>{text!(demos.quiz.choose.shown)}</li>
                <li>{text!(demos.quiz.choose.answer)}</li>
                <li>{text!(demos.quiz.choose.grading)}</li>
                <li>{text!(demos.quiz.choose.privacy)}</li>
            </ul>
        </details>
    }
}
