//! The page around the frame. Both sides check who speaks before anything is said:
//!
//! 1. the frame says `hello` to whoever is around it; there is nothing in it;
//! 2. the page around answers `connect`; the frame looks whether it came from the window around and from a site of the board;
//! 3. the frame makes a channel and sends one end (`port`) to that origin alone. All else goes through the channel: no other
//!    page can listen or speak there, and it works where the frame has no origin of its own (`sandbox`).
//!
//! Each message is an object with `type`; outside the channel also `heliograph`, the version.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use heliograph_shared::embed::Sites;
use heliograph_shared::link::{Token, TokenFailure};
use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::{MessageChannel, MessageEvent, MessagePort, Window};

use super::token;
use crate::browser::clock;
use crate::browser::dom::{Listener, Timer};

/// The version of the messages.
const VERSION: f64 = 1.0;
/// The page around has so long to say that it is there, in milliseconds: its script may load after the frame.
const CONNECT_MS: f64 = 5_000.0;
/// So long it has to bring a token.
const TOKEN_MS: i32 = 20_000;
/// The height is said at most so often.
const HEIGHT_MS: i32 = 100;

/// A handle, cheap to clone.
#[derive(Clone)]
pub struct Host(Rc<Inner>);

struct Inner {
    around: Option<Window>,
    sites: Sites,
    since: f64,
    port: RefCell<Option<(MessagePort, Listener)>>,
    listener: RefCell<Option<Listener>>,
    /// Said before there was a channel.
    unsaid: RefCell<Vec<JsValue>>,
    waiting: RefCell<Vec<Function>>,
    height: RefCell<Height>,
    told: Box<dyn Fn(&JsValue)>,
}

#[derive(Default)]
struct Height {
    said: i32,
    wanted: i32,
    timer: Option<Timer>,
}

/// A member of a message, if it is a text.
pub fn text(message: &JsValue, name: &str) -> Option<String> {
    Reflect::get(message, &name.into()).ok()?.as_string()
}

/// A message of this type with these members.
fn message(kind: &str, members: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in [("type", kind.into())].iter().chain(members) {
        // An object of our own takes any property.
        let _ = Reflect::set(&object, &(*name).into(), value);
    }
    object.into()
}

impl Host {
    /// Looks for a page around and says hello. `told` gets what it asks for.
    pub fn find(told: impl Fn(&JsValue) + 'static) -> Self {
        let window = web_sys::window();
        let around = window.as_ref().and_then(|window| {
            let around = window.parent().ok().flatten()?;
            (JsValue::from(&around) != JsValue::from(window)).then_some(around)
        });
        let list = window.as_ref().and_then(Window::document).and_then(|document| {
            document.query_selector("meta[name=heliograph-sites]").ok().flatten()?.get_attribute("content")
        });
        let host = Self(Rc::new(Inner {
            around,
            sites: Sites::from_listed(&list.unwrap_or_default()),
            since: clock::steady(),
            port: RefCell::default(),
            listener: RefCell::default(),
            unsaid: RefCell::default(),
            waiting: RefCell::default(),
            height: RefCell::default(),
            told: Box::new(told),
        }));
        if let (Some(window), Some(around)) = (&window, &host.0.around) {
            let weak = Rc::downgrade(&host.0);
            let listener = Listener::new(window, "message", move |event| {
                if let (Some(inner), Ok(event)) = (weak.upgrade(), event.dyn_into::<MessageEvent>()) {
                    Inner::greeted(&inner, &event);
                }
            });
            host.0.listener.replace(Some(listener));
            // Nothing in it is a secret: whoever is around may know that this is Heliograph.
            let _ = around.post_message(&message("hello", &[("heliograph", VERSION.into())]), "*");
        }
        host
    }

    /// Says something to the page around, now or when it has answered.
    pub fn say(&self, kind: &str, members: &[(&str, JsValue)]) {
        let message = message(kind, members);
        match (&*self.0.port.borrow(), &self.0.around) {
            // A channel whose other end is gone drops what is said.
            (Some((port, _)), _) => drop(port.post_message(&message)),
            (None, Some(_)) => {
                // It may never answer: the last word of each kind is enough.
                let mut unsaid = self.0.unsaid.borrow_mut();
                unsaid.retain(|old| text(old, "type").as_deref() != Some(kind));
                unsaid.push(message);
            }
            (None, None) => {}
        }
    }

    /// Says how high the content is, in CSS pixels: at once, and then at most ten times a second.
    pub fn say_height(&self, height: i32) {
        let mut known = self.0.height.borrow_mut();
        known.wanted = height;
        if known.timer.is_none() && known.said != height {
            known.said = height;
            let weak = Rc::downgrade(&self.0);
            known.timer = Timer::after(HEIGHT_MS, move || {
                let Some(inner) = weak.upgrade() else { return };
                let wanted = {
                    let mut known = inner.height.borrow_mut();
                    known.timer = None;
                    known.wanted
                };
                Self(inner).say_height(wanted);
            });
            drop(known);
            self.say("height", &[("height", height.into())]);
        }
    }

    /// A token from the page around; `reason` tells it why: `needed` or `renewal`.
    pub async fn token(&self, reason: &'static str) -> Result<Token, TokenFailure> {
        if self.0.around.is_none() {
            return Err(TokenFailure::Denied(text!(embed.token.nobody).to_owned()));
        }
        let weak = Rc::downgrade(&self.0);
        let mut answered = |resolve: Function, _| self.0.waiting.borrow_mut().push(resolve);
        let answer = Promise::new(&mut answered);
        // A page that never said connect asks for nothing: then there is no point in waiting longer.
        let left = (CONNECT_MS - (clock::steady() - self.0.since)).max(0.0) as i32;
        let silent = Rc::downgrade(&self.0);
        let _greeting = Timer::after(left, move || {
            if let Some(inner) = silent.upgrade().filter(|inner| inner.port.borrow().is_none()) {
                inner.answer(&JsValue::UNDEFINED);
            }
        });
        let _patience = Timer::after(TOKEN_MS, move || Inner::give_up(&weak));
        self.say("token", &[("reason", reason.into())]);
        match wasm_bindgen_futures::JsFuture::from(answer).await {
            Ok(answer) if answer.is_undefined() => Err(TokenFailure::Denied(text!(embed.token.nobody).to_owned())),
            Ok(answer) => match answer.as_string() {
                Some(jwt) => token::read(&jwt).ok_or_else(|| TokenFailure::Denied(text!(embed.token.none).to_owned())),
                None => Err(TokenFailure::Unreachable),
            },
            Err(_) => Err(TokenFailure::Unreachable),
        }
    }
}

impl Inner {
    /// The page around may have answered. What anybody else says is not heard.
    fn greeted(this: &Rc<Self>, event: &MessageEvent) {
        let Some(around) = &this.around else { return };
        let (data, origin) = (event.data(), event.origin());
        let is_around = event.source().is_some_and(|source| JsValue::from(source) == JsValue::from(around));
        let is_greeting = text(&data, "type").as_deref() == Some("connect")
            && Reflect::get(&data, &"heliograph".into()).is_ok_and(|version| version == VERSION);
        if !is_around || !is_greeting || !this.sites.allow(&origin) || this.port.borrow().is_some() {
            return;
        }
        let Ok(channel) = MessageChannel::new() else { return };
        let weak = Rc::downgrade(this);
        let port = channel.port1();
        let listener = Listener::new(&port, "message", move |event| {
            if let (Some(inner), Ok(event)) = (weak.upgrade(), event.dyn_into::<MessageEvent>()) {
                inner.hear(&event.data());
            }
        });
        port.start();
        let ends = Array::of1(&channel.port2());
        let sent = message("port", &[("heliograph", VERSION.into())]);
        if around.post_message_with_transfer(&sent, &origin, &ends).is_err() {
            return;
        }
        for message in this.unsaid.take() {
            // As in `say`.
            let _ = port.post_message(&message);
        }
        this.port.replace(Some((port, listener)));
    }

    fn hear(&self, message: &JsValue) {
        if text(message, "type").as_deref() == Some("token") {
            // Absent: the page has none. Anything but a text: it could not get one now.
            self.answer(&Reflect::get(message, &"token".into()).unwrap_or_default());
        } else {
            (self.told)(message);
        }
    }

    fn answer(&self, token: &JsValue) {
        for resolve in self.waiting.take() {
            // A promise's own function does not throw.
            let _ = resolve.call1(&JsValue::UNDEFINED, token);
        }
    }

    fn give_up(weak: &Weak<Self>) {
        if let Some(inner) = weak.upgrade() {
            inner.answer(&JsValue::NULL);
        }
    }
}
