//! The door: lead or join.

use leptos::prelude::*;

/// The first page of the quiz.
#[component]
pub fn Choose() -> impl IntoView {
    view! {
        <header class="hero">
            <h1>"Quiz"</h1>
            <p>"One leads and asks, the others answer on their phones. Each answer is on the leader's screen at once."</p>
        </header>
        <ul class="doors">
            <li><a class="door" href="/quiz/lead">
                <strong>"I lead"</strong>
                <span>"Write or import questions, open a sitting, hand out the code. Needs a key."</span>
            </a></li>
            <li><a class="door" href="/quiz/play">
                <strong>"I join"</strong>
                <span>"Enter the code and your name, then answer."</span>
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
            <summary>"How it works"</summary>
            <ul>
                <li>"A sitting is a session of the board " <a href="/b/quiz/scores"><code>"quiz"</code></a> " with a join code."</li>
                <li>"Questions are shown without their right answers. Those stay in the leader's browser and in the file it saves, until a question is closed."</li>
                <li>"An answer is an event under the student's own key; the first one counts. The leader's page grades it with an event of its own. The board refuses points from students."</li>
                <li>"Grading needs the leader's page. When it was closed, it goes on where it was as soon as it is open again in the same browser; nothing counts twice."</li>
                <li>"Answers are events of the board, so a student reads only its own and what the leader sent. Whoever has a credential of the board's owner reads all."</li>
            </ul>
        </details>
    }
}
