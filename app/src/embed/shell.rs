//! What every widget has around it: title, whether it is live, a banner, a place for the widget, and a notice where there is
//! nothing to show. Written by hand: a frame that a hundred pages load has no room for more.

use web_sys::{Element, HtmlElement, ResizeObserver};

use wasm_bindgen::prelude::*;

use super::host::{self, Host};
use super::settings::{Part, Settings, Unfit};
use crate::browser::dom::{Listener, Timer};
use crate::parts::truth::Truth;
use crate::scores::slot::{append, attribute, element, style};

/// A board that could not be opened is tried again after so long, in milliseconds.
const AGAIN_MS: i32 = 10_000;

/// Variables that the page around may set: each is a colour.
const COLOURS: [(&str, &str); 6] = [
    ("accent", "--accent"),
    ("background", "--surface"),
    ("text", "--text"),
    ("muted", "--muted"),
    ("line", "--line"),
    ("highlight", "--chosen"),
];

/// The elements. Cheap to clone.
#[derive(Clone)]
pub struct Shell {
    main: HtmlElement,
    title: HtmlElement,
    session: HtmlElement,
    status: HtmlElement,
    status_text: HtmlElement,
    banner: HtmlElement,
    /// Where the widget is.
    pub body: HtmlElement,
    notice: HtmlElement,
    notice_title: HtmlElement,
    notice_text: HtmlElement,
    /// Tries again.
    pub retry: HtmlElement,
    said: HtmlElement,
}

/// What is shown in place of the widget.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The stable code, for the page around.
    pub code: &'static str,
    /// In few words.
    pub title: String,
    /// What to do.
    pub text: String,
    /// Whether trying again may help.
    pub can_retry: bool,
}

impl Notice {
    /// Of an address that can't be shown.
    pub fn unfit(unfit: &Unfit) -> Self {
        let (code, title, text) = match unfit {
            Unfit::Version(version) => {
                ("unknown_version", text!(embed.unfit.version), text!(embed.unfit.version_text, version = version))
            }
            Unfit::Widget(widget) => {
                ("unknown_widget", text!(embed.unfit.widget), text!(embed.unfit.widget_text, widget = widget))
            }
        };
        Self { code, title: title.to_owned(), text, can_retry: false }
    }
}

fn within(parent: &Element, tag: &str, class: &str) -> Option<HtmlElement> {
    let child = element(tag, class, None)?;
    append(parent, &child)?;
    Some(child)
}

impl Shell {
    /// Builds it into the page, in place of its first words.
    pub fn build() -> Option<Self> {
        let document = web_sys::window()?.document()?;
        if let Some(boot) = document.get_element_by_id("boot") {
            boot.remove();
        }
        let body: Element = document.body()?.into();
        let main = within(&body, "main", "embed")?;
        let head = within(&main, "header", "embed-head")?;
        let names = within(&head, "div", "embed-names")?;
        let (title, session) = (within(&names, "h1", "embed-title")?, within(&names, "p", "embed-session")?);
        let status = within(&head, "p", "embed-status")?;
        within(&status, "span", "embed-dot")?;
        let status_text = within(&status, "span", "embed-status-text")?;
        let banner = within(&main, "p", "embed-banner")?;
        let body = within(&main, "div", "embed-body")?;
        let notice = within(&main, "div", "embed-notice")?;
        attribute(&notice, "role", Some("alert"));
        let (notice_title, notice_text) = (within(&notice, "h2", "")?, within(&notice, "p", "")?);
        let retry = within(&notice, "button", "embed-button")?;
        attribute(&retry, "type", Some("button"));
        retry.set_text_content(Some(text!(words.try_again)));
        let said = within(&main, "div", "sr-only")?;
        attribute(&said, "role", Some("status"));
        banner.set_hidden(true);
        notice.set_hidden(true);
        let shell = Self {
            main,
            title,
            session,
            status,
            status_text,
            banner,
            body,
            notice,
            notice_title,
            notice_text,
            retry,
            said,
        };
        shell.tell(Truth::Connecting, text!(parts.truth.connecting), "");
        Some(shell)
    }

    /// Leaves out the parts that the address does not name.
    pub fn choose(&self, settings: &Settings) {
        for part in Part::ALL {
            if !settings.parts.contains(&part) {
                // A class is no attribute that could fail.
                let _ = self.main.class_list().add_1(&format!("no-{}", part.name()));
            }
        }
    }

    /// The widget takes all the height that the frame has: what it shows has none of its own.
    pub fn fill(&self) {
        // A class is no attribute that could fail.
        let _ = self.main.class_list().add_1("fills");
    }

    /// The board's title and, below it, the session's.
    pub fn name(&self, title: &str, session: &str) {
        set(&self.title, title);
        set(&self.session, session);
        self.session.set_hidden(session.is_empty());
        if let Some(document) = web_sys::window().and_then(|window| window.document()) {
            document.set_title(title);
        }
    }

    /// Whether it is live, in words.
    pub fn tell(&self, truth: Truth, words: &str, detail: &str) {
        attribute(&self.main, "data-truth", Some(truth.code()));
        attribute(&self.status, "title", Some(detail).filter(|detail| !detail.is_empty()));
        set(&self.status_text, words);
    }

    /// A line above the widget, or none.
    pub fn warn(&self, banner: Option<&str>) {
        set(&self.banner, banner.unwrap_or_default());
        self.banner.set_hidden(banner.is_none());
    }

    /// For people who listen.
    pub fn announce(&self, words: &str) {
        set(&self.said, words);
    }

    /// Shows a notice in place of the widget, or the widget again.
    pub fn notice(&self, notice: Option<&Notice>) {
        self.body.set_hidden(notice.is_some());
        self.status.set_hidden(notice.is_some());
        self.notice.set_hidden(notice.is_none());
        // As above.
        let _ = self.main.class_list().toggle_with_force("has-notice", notice.is_some());
        if let Some(notice) = notice {
            set(&self.notice_title, &notice.title);
            set(&self.notice_text, &notice.text);
            self.retry.set_hidden(!notice.can_retry);
        }
    }

    /// Tells the page around how high this is, for as long as the page lives.
    pub fn follow_height(&self, host: &Host) {
        let (main, host) = (self.main.clone(), host.clone());
        let measure = Closure::<dyn FnMut()>::new(move || host.say_height(main.offset_height()));
        if let Ok(observer) = ResizeObserver::new(measure.as_ref().unchecked_ref()) {
            observer.observe(&self.main);
            std::mem::forget(observer);
        }
        measure.forget();
    }

    /// Waits until somebody wants to try again, or for a while.
    pub async fn asked_or_later(&self) {
        let retry = self.retry.clone();
        let (mut timer, mut listener) = (None, None);
        let mut wait = |resolve: js_sys::Function, _| {
            let later = resolve.clone();
            // A promise's own function does not throw, and hears only its first call.
            timer = Timer::after(AGAIN_MS, move || drop(later.call0(&JsValue::UNDEFINED)));
            listener = Some(Listener::new(&retry, "click", move |_| drop(resolve.call0(&JsValue::UNDEFINED))));
        };
        let asked = js_sys::Promise::new(&mut wait);
        // It is never rejected.
        let _ = wasm_bindgen_futures::JsFuture::from(asked).await;
        drop((timer, listener));
    }

    /// Calls `work` when somebody wants to try again, for as long as the page lives.
    pub fn on_retry(&self, work: impl Fn() + 'static) {
        std::mem::forget(Listener::new(&self.retry, "click", move |_| work()));
    }
}

/// Whether the page is dark now: as the page around said, or as the viewer's system does.
pub fn is_dark() -> bool {
    let root = web_sys::window().and_then(|window| window.document()?.document_element());
    match root.and_then(|root| root.get_attribute("data-theme")).as_deref() {
        Some("dark") => true,
        Some("light") => false,
        _ => crate::browser::dom::matches_media("(prefers-color-scheme: dark)"),
    }
}

/// Writes a text where it is another: what stays the same is not said again.
pub fn set(element: &HtmlElement, text: &str) {
    if element.text_content().as_deref() != Some(text) {
        element.set_text_content(Some(text));
    }
}

/// Does what the page around asked for: its theme, its motion, its colours.
pub fn dress(message: &JsValue) {
    let document = web_sys::window().and_then(|window| window.document());
    let root = document.and_then(|document| document.document_element()?.dyn_into::<HtmlElement>().ok());
    let Some(root) = root.filter(|_| host::text(message, "type").as_deref() == Some("set")) else { return };
    if let Some(theme) = host::text(message, "theme") {
        attribute(&root, "data-theme", Some(theme.as_str()).filter(|theme| matches!(*theme, "light" | "dark")));
    }
    if let Some(motion) = host::text(message, "motion") {
        attribute(&root, "data-motion", Some(motion.as_str()).filter(|motion| *motion == "reduce"));
    }
    let colours = js_sys::Reflect::get(message, &"colours".into()).unwrap_or_default();
    for (name, variable) in COLOURS {
        let Some(colour) = host::text(&colours, name) else { continue };
        // A value that is no colour, or that names an address, leaves what was there.
        let is_colour = web_sys::css::supports_with_value("color", &colour).unwrap_or(false);
        if colour.is_empty() || is_colour {
            style(&root, variable, &colour);
        }
    }
}
