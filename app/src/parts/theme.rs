//! Light, dark, or as the system says. The choice is kept in `localStorage`; an address may override it. `theme.js`
//! applies it before the first paint.

use leptos::prelude::*;

use super::icons::{Glyph, Icon};
use crate::browser::dom::{self, Listener};
use crate::browser::percent::{parameter, with_parameter};

const STORAGE_KEY: &str = "heliograph.theme";

/// The viewer's choice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    /// As the system says.
    #[default]
    Auto,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

impl Choice {
    const fn code(self) -> Option<&'static str> {
        match self {
            Self::Auto => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }

    fn from_code(code: &str) -> Self {
        match code {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::Auto,
        }
    }

    const fn next(self) -> Self {
        match self {
            Self::Auto => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::Auto,
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Auto => text!(parts.theme.system),
            Self::Light => text!(parts.theme.light),
            Self::Dark => text!(parts.theme.dark),
        }
    }

    const fn glyph(self) -> Glyph {
        match self {
            Self::Auto => Glyph::Theme,
            Self::Light => Glyph::Sun,
            Self::Dark => Glyph::Moon,
        }
    }
}

/// The theme of the page, for everybody.
#[derive(Clone, Copy)]
pub struct Theme {
    choice: RwSignal<Choice>,
    system_is_dark: RwSignal<bool>,
}

impl Theme {
    /// Reads the choice and begins to watch the system.
    pub fn new() -> Self {
        let theme = Self {
            choice: RwSignal::new(stored()),
            system_is_dark: RwSignal::new(dom::matches_media("(prefers-color-scheme: dark)")),
        };
        let query = web_sys::window().and_then(|w| w.match_media("(prefers-color-scheme: dark)").ok().flatten());
        if let Some(query) = query {
            let list = query.clone();
            let listener = Listener::new(&query, "change", move |_| theme.system_is_dark.set(list.matches()));
            // The page's theme lives as long as the page.
            std::mem::forget(listener);
        }
        Effect::new(move |_| apply(theme.choice.get()));
        theme
    }

    /// Whether the page is dark now.
    pub fn is_dark(&self) -> bool {
        match self.choice.get() {
            Choice::Auto => self.system_is_dark.get(),
            Choice::Light => false,
            Choice::Dark => true,
        }
    }
}

impl Default for Theme {
    fn default() -> Self {
        Self::new()
    }
}

fn stored() -> Choice {
    let window = web_sys::window();
    let search = window.as_ref().and_then(|window| window.location().search().ok()).unwrap_or_default();
    if let Some(choice) = in_address(&search) {
        return choice;
    }
    let storage = window.and_then(|window| window.local_storage().ok().flatten());
    let code = storage.and_then(|storage| storage.get_item(STORAGE_KEY).ok().flatten());
    Choice::from_code(&code.unwrap_or_default())
}

fn apply(choice: Choice) {
    let Some(window) = web_sys::window() else { return };
    let root = window.document().and_then(|document| document.document_element());
    if let Some(root) = root {
        // Both can only fail for names that are not attributes.
        let _ = match choice.code() {
            Some(code) => root.set_attribute("data-theme", code),
            None => root.remove_attribute("data-theme"),
        };
    }
}

fn keep(choice: Choice) {
    let Some(window) = web_sys::window() else { return };
    if let Ok(Some(storage)) = window.local_storage() {
        // A forbidden storage only means that the choice is not remembered.
        let _ = match choice.code() {
            Some(code) => storage.set_item(STORAGE_KEY, code),
            None => storage.remove_item(STORAGE_KEY),
        };
    }
    // A theme in the address would win over the button at the next load: let it follow.
    let location = window.location();
    let (search, hash) = (location.search().unwrap_or_default(), location.hash().unwrap_or_default());
    if in_address(&search).is_some()
        && let (Ok(history), Ok(path)) = (window.history(), location.pathname())
    {
        let search = with_parameter(&search, "theme", choice.code());
        let state = history.state().unwrap_or_default();
        // Browsers refuse only when a page writes the address hundreds of times in some seconds.
        let _ = history.replace_state_with_url(&state, "", Some(&format!("{path}{search}{hash}")));
    }
}

/// The theme an address asks for.
fn in_address(search: &str) -> Option<Choice> {
    let code = parameter(search, "theme")?;
    Some(Choice::from_code(&code)).filter(|choice| *choice != Choice::Auto)
}

/// The button that changes it.
#[component]
pub fn ThemeButton() -> impl IntoView {
    let theme = expect_context::<Theme>();
    let choice = theme.choice;
    let next = move |_| {
        let next = choice.get_untracked().next();
        choice.set(next);
        keep(next);
    };
    view! {
        <button
            class="button icon-only"
            type="button"
            on:click=next
            aria-label=move || choice.get().label()
            title=move || choice.get().label()
            data-testid="theme"
        >
            {move || view! { <Icon glyph=choice.get().glyph() /> }}
        </button>
    }
}
