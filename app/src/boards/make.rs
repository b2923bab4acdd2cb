//! How to make a board, for those who have none: three lines for a terminal.

use leptos::prelude::*;

use crate::browser::dom;
use crate::parts::first_event::{CREDENTIAL, EVENT, KEY_LINE, line};

/// The board that the lines make.
const NAME: &str = "mine";

/// The three lines, with this server's address; `…` stands for the key.
fn lines(origin: &str) -> String {
    let config = r#"{"title": "Mine", "visibility": "public"}"#;
    let put = format!("curl -X PUT {origin}/v1/boards/{NAME} {CREDENTIAL} -d '{config}'");
    [KEY_LINE, &put, &line(origin, NAME, EVENT)].join("\n")
}

/// The lines, with a button that copies them and a link to what they make.
#[component]
pub fn MakeBoard() -> impl IntoView {
    let origin = crate::client::place::server();
    let text = StoredValue::new(lines(&origin));
    let said = RwSignal::new("");
    let copy = move |_| {
        dom::copy(&text.get_value(), move |is_done| {
            said.set(if is_done { text!(boards.make.copied) } else { text!(boards.make.select) });
        });
    };
    view! {
        <section class="make" aria-labelledby="make-board">
            <h2 id="make-board">{text!(boards.make.heading)}</h2>
            <p>
                {text!(boards.make.what)} <code>"cargo xtask up"</code>
                {text!(boards.make.where_it_is)}
            </p>
            <pre tabindex="0" data-testid="make"><code>{text.get_value()}</code></pre>
            <p class="make-row">
                <button class="button small" type="button" on:click=copy>{text!(boards.make.copy)}</button>
                <span role="status">{said}</span>
                <a href=format!("/b/{NAME}")>{text!(boards.make.open)}</a>
                <a href="/manage/new" rel="external">{text!(boards.make.form)}</a>
            </p>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_three_lines_with_the_servers_address() {
        let text = lines("https://example.org");
        assert_eq!(text.lines().count(), 3);
        assert_eq!(text.matches(" https://example.org/v1/boards/mine").count(), 2);
        assert!(text.contains(r#"-d '{"title": "Mine", "visibility": "public"}'"#), "{text}");
    }
}
