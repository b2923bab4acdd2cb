//! The feed's socket, timers and browser events around `heliograph_shared::link`, which decides everything. This file
//! only carries messages in and out.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::{Rc, Weak};

use heliograph_shared::link::{Input, Lag, Link, LinkConfig, LinkStatus, Output, Token, TokenFailure};
use heliograph_shared::protocol::{SubId, Subscription};
use heliograph_shared::replica::{Change, Replica};
use heliograph_shared::scores::{ScoreChange, ScoreReplica};
use heliograph_shared::time::Millis;
use wasm_bindgen::JsCast;
use web_sys::{BinaryType, CloseEvent, Document, EventTarget, MessageEvent, VisibilityState, WebSocket, Window};

use super::boards;
use super::http::{Failure, Kind};
use super::place;
use crate::browser::clock;
use crate::browser::dom::{Listener, Timer};
use crate::browser::percent::encode;

/// Where a feed's tokens come from.
pub struct Tokens {
    needed: bool,
    fetch: Box<dyn Fn() -> Fetching>,
}

type Fetching = Pin<Box<dyn Future<Output = Result<Token, TokenFailure>>>>;

impl Tokens {
    /// Tokens minted for one board: with a key for these operations, without one for what everybody may do. Without
    /// need, the feed is opened without a token.
    pub fn minted(board: &str, key: Option<String>, operations: &'static [&'static str], needed: bool) -> Self {
        let board = board.to_owned();
        Self::fetched(needed, move || {
            let (board, key) = (board.clone(), key.clone());
            async move {
                match boards::token(&board, key.as_deref(), operations).await {
                    Ok(minted) => Ok(Token { jwt: minted.token, expires_at: minted.expires_at }),
                    Err(error) => Err(failure(error)),
                }
            }
        })
    }

    /// Tokens from somewhere else; asked for at the start and whenever one is about to end.
    pub fn fetched<F>(needed: bool, fetch: impl Fn() -> F + 'static) -> Self
    where
        F: Future<Output = Result<Token, TokenFailure>> + 'static,
    {
        Self { needed, fetch: Box::new(move || Box::pin(fetch())) }
    }
}

fn failure(error: Failure) -> TokenFailure {
    match error.kind() {
        Kind::Unauthorised => TokenFailure::Denied(text!(client.feed.not_allowed).to_owned()),
        Kind::NotFound => TokenFailure::Denied(text!(client.feed.no_board).to_owned()),
        Kind::Refused => TokenFailure::Denied(error.message),
        Kind::Unreachable | Kind::Passing => TokenFailure::Unreachable,
    }
}

/// What the feed tells the page.
#[derive(Debug)]
pub enum News {
    /// A subscription's items changed.
    Items(Vec<Change>),
    /// A subscription's scores changed.
    Scores(Vec<ScoreChange>),
    /// The connection is in another state.
    Link,
    /// The server refused something, for people.
    Refused(String),
}

/// One board's feed: a handle, cheap to clone.
#[derive(Clone)]
pub struct Feed(Rc<Inner>);

struct Inner {
    board: String,
    tokens: Tokens,
    link: RefCell<Link>,
    status: RefCell<LinkStatus>,
    socket: RefCell<Option<Socket>>,
    timer: RefCell<Option<Timer>>,
    listeners: RefCell<Vec<Listener>>,
    notify: Box<dyn Fn(News)>,
}

struct Socket {
    socket: WebSocket,
    _listeners: [Listener; 3],
}

impl Drop for Socket {
    fn drop(&mut self) {
        // It only fails for close codes that are not allowed.
        let _ = self.socket.close();
    }
}

impl Feed {
    /// Connects to a board and follows what it is told. `notify` must not call back into the feed's mutators.
    pub fn open(
        board: &str,
        tokens: Tokens,
        subscriptions: Vec<(SubId, Subscription)>,
        notify: impl Fn(News) + 'static,
    ) -> Self {
        let config = LinkConfig { needs_token: tokens.needed };
        let feed = Self(Rc::new(Inner {
            board: board.to_owned(),
            tokens,
            link: RefCell::new(Link::new(config)),
            status: RefCell::new(LinkStatus::Connecting { attempt: 0 }),
            socket: RefCell::new(None),
            timer: RefCell::new(None),
            listeners: RefCell::new(Vec::new()),
            notify: Box::new(notify),
        }));
        Inner::listen(&feed.0);
        for (sub, subscription) in subscriptions {
            feed.follow(sub, subscription);
        }
        Inner::step(&feed.0, Input::Start);
        feed
    }

    /// Follows something from now on; another subscription of that number ends.
    pub fn follow(&self, sub: SubId, subscription: Subscription) {
        Inner::step(&self.0, Input::Subscribe(sub, subscription));
    }

    /// Tries again now: the viewer asked for it.
    pub fn retry(&self) {
        Inner::step(&self.0, Input::Probe);
    }

    /// Ends the connection for good.
    pub fn stop(&self) {
        self.0.listeners.borrow_mut().clear();
        Inner::step(&self.0, Input::Stop);
        self.0.timer.replace(None);
        self.0.socket.replace(None);
    }

    /// Reads a subscription's items.
    pub fn with_replica<R>(&self, sub: SubId, read: impl FnOnce(&Replica) -> R) -> Option<R> {
        self.0.link.borrow().replica(sub).map(read)
    }

    /// Reads a subscription's scores.
    pub fn with_scores<R>(&self, sub: SubId, read: impl FnOnce(&ScoreReplica) -> R) -> Option<R> {
        self.0.link.borrow().scores(sub).map(read)
    }

    /// The state of the connection.
    pub fn status(&self) -> LinkStatus {
        self.0.status.borrow().clone()
    }

    /// How late the screen is, measured.
    pub fn lag(&self) -> Option<Lag> {
        self.0.link.borrow().lag()
    }

    /// The server's clock now.
    pub fn server_time(&self) -> Millis {
        self.0.link.borrow().server_time(clock::wall())
    }

    /// How many people watch, as far as the server says.
    pub fn viewers(&self) -> Option<u32> {
        self.0.link.borrow().viewers()
    }

    /// How many are there, as a presence subscription says.
    pub fn present(&self, sub: SubId) -> Option<u32> {
        self.0.link.borrow().present(sub)
    }

    /// How often changes were lost and had to be replaced by a snapshot.
    pub fn gaps(&self) -> u32 {
        self.0.link.borrow().gaps()
    }

    /// When the last change came.
    pub fn last_frame_at(&self) -> Option<Millis> {
        self.0.link.borrow().last_frame_at()
    }
}

impl Inner {
    /// The one way into the link: the borrow ends before any effect is performed.
    fn step(this: &Rc<Self>, input: Input) {
        let mut out = Vec::new();
        this.link.borrow_mut().handle(clock::wall(), clock::jitter(), input, &mut out);
        for output in out {
            Self::perform(this, output);
        }
    }

    fn perform(this: &Rc<Self>, output: Output) {
        match output {
            Output::OpenSocket { protocols } => Self::connect(this, &protocols),
            Output::CloseSocket => drop(this.socket.replace(None)),
            Output::Send(bytes) => {
                if let Some(open) = this.socket.borrow().as_ref() {
                    // A socket that is closing says so in its close event.
                    let _ = open.socket.send_with_u8_array(&bytes);
                }
            }
            Output::FetchToken => Self::fetch_token(this),
            Output::SendText(text) => {
                if let Some(open) = this.socket.borrow().as_ref() {
                    // As above.
                    let _ = open.socket.send_with_str(text);
                }
            }
            Output::WakeAt(at) => {
                let wait = at.since(clock::wall()).clamp(0, i64::from(i32::MAX));
                let weak = Rc::downgrade(this);
                this.timer.replace(Timer::after(wait as i32, move || Self::step_weak(&weak, Input::Timer)));
            }
            Output::Changed { changes, .. } => (this.notify)(News::Items(changes)),
            Output::Scores { changes, .. } => (this.notify)(News::Scores(changes)),
            Output::Refused { message, .. } => (this.notify)(News::Refused(message)),
            Output::Status(status) => {
                this.status.replace(status);
                (this.notify)(News::Link);
            }
        }
    }

    fn step_weak(weak: &Weak<Self>, input: Input) {
        if let Some(this) = weak.upgrade() {
            Self::step(&this, input);
        }
    }

    fn connect(this: &Rc<Self>, protocols: &[String]) {
        let list: js_sys::Array = protocols.iter().map(|name| wasm_bindgen::JsValue::from_str(name)).collect();
        let Some(address) = socket_address(&this.board) else { return };
        let Ok(socket) = WebSocket::new_with_str_sequence(&address, &list) else {
            // The browser refused even to try; 1006 is what it reports for a connection that failed.
            return Self::step(this, Input::SocketClosed { code: 1006 });
        };
        socket.set_binary_type(BinaryType::Arraybuffer);
        let on = |event: &'static str, input: fn(web_sys::Event) -> Option<Input>| {
            let weak = Rc::downgrade(this);
            Listener::new(&socket, event, move |event| {
                if let Some(input) = input(event) {
                    Self::step_weak(&weak, input);
                }
            })
        };
        let listeners = [
            on("open", |_| Some(Input::SocketOpened)),
            on("message", |event| {
                let data = event.dyn_into::<MessageEvent>().ok()?.data();
                if let Some(text) = data.as_string() {
                    return Some(Input::Text(text));
                }
                let buffer = data.dyn_into::<js_sys::ArrayBuffer>().ok()?;
                Some(Input::Binary(js_sys::Uint8Array::new(&buffer).to_vec()))
            }),
            on("close", |event| {
                let code = event.dyn_into::<CloseEvent>().map_or(1006, |event| event.code());
                Some(Input::SocketClosed { code })
            }),
        ];
        this.socket.replace(Some(Socket { socket, _listeners: listeners }));
    }

    fn fetch_token(this: &Rc<Self>) {
        let weak = Rc::downgrade(this);
        let fetching = (this.tokens.fetch)();
        wasm_bindgen_futures::spawn_local(async move {
            let token = fetching.await;
            Self::step_weak(&weak, Input::Token(token));
        });
    }

    /// Browsers put pages to sleep and networks away without a word: whenever one of them is back, look at once.
    fn listen(this: &Rc<Self>) {
        let Some(window) = web_sys::window() else { return };
        let Some(document) = window.document() else { return };
        let (page, tab): (&Window, &Document) = (&window, &document);
        let on = |target: &EventTarget, event: &'static str, input: fn() -> Option<Input>| {
            let weak = Rc::downgrade(this);
            Listener::new(target, event, move |_| {
                if let Some(input) = input() {
                    Self::step_weak(&weak, input);
                }
            })
        };
        let listeners = vec![
            on(page, "online", || Some(Input::Probe)),
            on(page, "offline", || Some(Input::Offline)),
            // A page that is left stays connected in the back/forward cache otherwise, and nobody looks at it.
            on(page, "pagehide", || Some(Input::Offline)),
            on(page, "pageshow", || Some(Input::Probe)),
            on(tab, "visibilitychange", || is_visible().then_some(Input::Probe)),
        ];
        this.listeners.replace(listeners);
    }
}

fn is_visible() -> bool {
    web_sys::window()
        .and_then(|window| window.document())
        .is_none_or(|document| document.visibility_state() == VisibilityState::Visible)
}

fn socket_address(board: &str) -> Option<String> {
    // `http` becomes `ws`, and `https` becomes `wss`.
    let server = place::server();
    Some(format!("ws{}/v1/boards/{}/feed", server.strip_prefix("http")?, encode(board)))
}
