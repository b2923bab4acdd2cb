//! The scoreboard at `/b/{board}/scores`.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;

use super::about::{Session, phase_label};
use super::address::{View, path_to};
use super::controls::{Banners, Controls};
use super::live::{LiveLine, Summary};
use super::model::Model;
use super::pinned::Pinned;
use super::table::Standings;
use crate::browser::dom::{self, Listener};
use crate::client::feed::Tokens;
use crate::parts::board_tabs::{Tab, board_tabs};
use crate::parts::frame::Brand;
use crate::parts::icons::{Glyph, Icon};
use crate::parts::language::LanguageChoice;
use crate::parts::open_board::Board;
use crate::parts::theme::ThemeButton;

/// The pinned row has this many neighbours on each side.
const SPAN: u32 = 1;

/// The view that the address holds now.
pub fn view_from_address() -> View {
    let search = web_sys::window().and_then(|window| window.location().search().ok()).unwrap_or_default();
    View::parse(&search)
}

/// The page of a board with scores.
#[component]
pub fn ScoresPage(
    /// The board.
    board: Board,
) -> impl IntoView {
    dom::set_title(&text!(scores.page.title, title = &board.title));
    let needs_token = board.key.is_some() || !board.is_public;
    let tokens = Tokens::minted(&board.name, board.key.clone(), &["read"], needs_token);
    let model = Model::open(&board.name, tokens, view_from_address(), SPAN);
    keep_address(model);
    listen_to_keys(model);
    expose(model);
    project(model);
    let is_projected = move || model.view.with(|view| view.projector);
    let choose = move |key: String| {
        if !model.view.with_untracked(|view| view.projector) {
            model.view.update(|view| view.key = Some(key).filter(|key| view.key.as_ref() != Some(key)));
        }
    };
    let contest = path_to(&board.name, "contest");
    let tabs = board_tabs(&board, Tab::Scores);
    view! {
        <div class="scores" class:projector=is_projected data-testid="scores">
            <header class="bar">
                <Brand />
                <div class="bar-title"><h1>{board.title}</h1><SessionTitle model=model /></div>
                {tabs}
                <LiveLine model=model />
                <div class="bar-actions">
                    <a class="button" href=contest hidden=move || !model.about.with(|about| about.as_ref().is_some_and(|about| about.has_tasks))>{text!(scores.page.problems)}</a>
                    <button class="button icon-only" type="button" title=text!(scores.page.projector) aria-label=text!(scores.page.projector) data-testid="projector"
                        on:click=move |_| model.view.update(|view| view.projector = true)>
                        <Icon glyph=Glyph::Fit />
                    </button>
                    <LanguageChoice />
                    <ThemeButton />
                </div>
                <button class="button leave" type="button" on:click=move |_| model.view.update(|view| view.projector = false)>
                    {text!(scores.page.leave_projector)}
                </button>
            </header>
            <main id="main" class="scores-main" tabindex="-1">
                <Controls model=model key=board.key />
                <Banners model=model />
                <Body model=model choose=choose />
                <Pinned model=model />
            </main>
            <Summary model=model />
        </div>
    }
}

/// The session that is shown, and its phase.
#[component]
pub fn SessionTitle(
    /// The page.
    model: Model,
) -> impl IntoView {
    let session = move |read: fn(&Session) -> String| {
        model.about.with(|about| about.as_ref().and_then(|about| about.session.as_ref()).map(read).unwrap_or_default())
    };
    view! {
        <span class="session-title">{move || session(|session| session.title.clone())}" "
            <span class="chip">{move || session(|session| phase_label(session.phase).to_owned())}</span>
        </span>
    }
}

/// The table, or why there is none yet.
#[component]
pub fn Body(
    /// The page.
    model: Model,
    /// Told the key of a row that was clicked.
    choose: impl Fn(String) + Copy + Send + 'static,
) -> impl IntoView {
    let is_loading = move || model.about.with(Option::is_none);
    let is_frozen = move || model.about.with(|about| about.as_ref().is_some_and(|about| about.frozen));
    view! {
        <div class="standings-place">
            <Standings model=model choose=choose />
            <div class="loading" role="status" hidden=move || !is_loading()><span class="spinner"></span>{text!(scores.page.loading)}</div>
            <div class="nothing" hidden=move || { is_loading() || model.total.get() > 0 }>
                <p><strong>{text!(scores.page.nobody)}</strong></p>
                <p>{move || if is_frozen() {
                    text!(scores.page.frozen)
                } else {
                    text!(scores.page.first_score)
                }}</p>
            </div>
        </div>
    }
}

/// Keeps the address in step with what is shown. A group, a session or the projector is a step one can go back from.
pub fn keep_address(model: Model) {
    Effect::new(move |before: Option<View>| {
        let view = model.view.get();
        let Some(window) = web_sys::window() else { return view };
        let location = window.location();
        let (search, hash) = (location.search().unwrap_or_default(), location.hash().unwrap_or_default());
        let fresh = view.write(&search);
        if let (Ok(path), Ok(history)) = (location.pathname(), window.history())
            && fresh != search
        {
            let address = format!("{path}{fresh}{hash}");
            let same = before.as_ref().is_none_or(|before| View { key: view.key.clone(), ..before.clone() } == view);
            // Browsers refuse only when a page writes the address hundreds of times in some seconds.
            let _ = if same {
                history.replace_state_with_url(&JsValue::NULL, "", Some(&address))
            } else {
                history.push_state_with_url(&JsValue::NULL, "", Some(&address))
            };
        }
        view
    });
    let listener = web_sys::window().map(|window| {
        Listener::new(&window, "popstate", move |_| {
            let view = view_from_address();
            if model.view.with_untracked(|old| *old != view) {
                model.view.set(view);
            }
        })
    });
    let listener = StoredValue::new_local(listener);
    on_cleanup(move || listener.dispose());
}

/// Searching and leaving the projector by keyboard.
pub fn listen_to_keys(model: Model) {
    let listener = web_sys::window().map(|window| {
        Listener::new(&window, "keydown", move |event| {
            let Ok(event) = event.dyn_into::<web_sys::KeyboardEvent>() else { return };
            let is_projected = model.view.with_untracked(|view| view.projector);
            match event.key().as_str() {
                "Escape" if is_projected => model.view.update(|view| view.projector = false),
                "/" if !is_projected && !dom::is_typing(&event) && !event.ctrl_key() && !event.meta_key() => {
                    let field = document().query_selector(".find input").ok().flatten();
                    if let Some(field) = field.and_then(|field| field.dyn_into::<web_sys::HtmlElement>().ok()) {
                        event.prevent_default();
                        // A field that is in the page can take the focus.
                        let _ = field.focus();
                    }
                }
                _ => {}
            }
        })
    });
    let listener = StoredValue::new_local(listener);
    on_cleanup(move || listener.dispose());
}

/// A projector is dark, whatever the viewer's theme is.
pub fn project(model: Model) {
    Effect::new(move |before: Option<Option<String>>| {
        let is_projected = model.view.with(|view| view.projector);
        let root = document().document_element()?;
        if is_projected {
            let theme = root.get_attribute("data-theme");
            // It can only fail for names that are not attributes.
            let _ = root.set_attribute("data-theme", "dark");
            return theme;
        }
        if before.is_some() && root.get_attribute("data-theme").as_deref() == Some("dark") {
            let _ = match before.flatten() {
                Some(theme) => root.set_attribute("data-theme", &theme),
                None => root.remove_attribute("data-theme"),
            };
        }
        None
    });
}

/// A read-only look inside for operators and tests: `heliograph.state()` in the browser's console.
pub fn expose(model: Model) {
    const NAME: &str = "heliograph";
    let Some(window) = web_sys::window() else { return };
    let state = Closure::<dyn Fn() -> JsValue>::new(move || js_sys::JSON::parse(&state(model)).unwrap_or_default());
    let handle = js_sys::Object::new();
    // Both take any property.
    let _ = js_sys::Reflect::set(&handle, &"state".into(), state.as_ref());
    let _ = js_sys::Reflect::set(&window, &NAME.into(), &handle);
    let state = StoredValue::new_local(state);
    on_cleanup(move || {
        if let Some(window) = web_sys::window() {
            let _ = js_sys::Reflect::delete_property(&window, &NAME.into());
        }
        state.dispose();
    });
}

fn state(model: Model) -> String {
    let read = model.with_scores(|scores| {
        let cursor = scores.cursor().map(|cursor| cursor.to_string());
        let first = scores.rows().first().map(|row| row.position);
        (cursor, scores.total(), scores.rows().len(), first)
    });
    let (cursor, total, rows, first) = read.unwrap_or_default();
    serde_json::json!({
        "board": model.board(),
        "status": model.line.with_untracked(|line| line.truth.code()),
        "cursor": cursor,
        "total": total,
        "rows": rows,
        "first": first,
        "changes": model.changes(),
        "gaps": model.feed().map(|feed| feed.gaps()),
    })
    .to_string()
}
