//! Which request is being worked on, and who works on it: what the log and problems say of themselves.
//!
//! Requests take turns at every await, so what is known of one is set whenever its future goes on ([`Span::hold`]), and
//! taken away when it waits.

use heliograph_shared::trace::{TRACE_HEADER, TRACEPARENT, Trace, TraceId};
use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use wasm_bindgen::JsCast;
use worker::Headers;

/// What a problem is, in HTTP.
const PROBLEM: &str = "application/problem+json";
/// The host of a call's address that is of no trace.
const NO_TRACE: &str = "object";

thread_local! {
    static CURRENT: RefCell<Option<Rc<Span>>> = const { RefCell::new(None) };
}

/// What is being worked on.
pub struct Span {
    /// The object that works; none at the edge.
    object: Option<Rc<str>>,
    request: Request,
}

/// Whether that is somebody's request.
enum Request {
    /// It is nobody's.
    None,
    /// It is of a trace that came with it.
    Of(Trace),
    /// It came without one, and gets one where that is needed.
    Own {
        made: Cell<Option<Trace>>,
        /// Whether calls carry it. On the way that most events take, which is short, it is made for problems alone.
        is_carried: bool,
    },
}

/// A new trace. That there is no randomness makes no request fail: its name is then one that others have, too.
fn begun() -> Trace {
    let mut random = [0; 16];
    let _ = getrandom::fill(&mut random);
    Trace::begun(random)
}

impl Span {
    /// A request at the edge.
    pub fn of_request(headers: &Headers) -> Rc<Self> {
        Self::at_edge(headers, true)
    }

    /// A request at the edge that takes the way on which nothing is asked.
    pub fn of_direct(headers: &Headers) -> Rc<Self> {
        Self::at_edge(headers, false)
    }

    fn at_edge(headers: &Headers, is_carried: bool) -> Rc<Self> {
        let given = headers.get(TRACEPARENT).ok().flatten();
        let request = match given.and_then(|header| Trace::of_traceparent(&header)) {
            Some(trace) => Request::Of(trace),
            None => Request::Own { made: Cell::new(None), is_carried },
        };
        Rc::new(Self { object: None, request })
    }

    /// A call of an object, by its address.
    pub fn of_call(object: &Rc<str>, address: &str) -> Rc<Self> {
        let host = address.split('/').nth(2).unwrap_or_default();
        let own = Request::Own { made: Cell::new(None), is_carried: true };
        let request = host.parse().map_or(own, Request::Of);
        Rc::new(Self { object: Some(object.clone()), request })
    }

    /// What an object does by itself.
    pub fn of_object(object: &Rc<str>) -> Rc<Self> {
        Rc::new(Self { object: Some(object.clone()), request: Request::None })
    }

    /// The same, for a request that somebody records.
    pub fn of_work(object: &Rc<str>, trace: Option<Trace>) -> Rc<Self> {
        Rc::new(Self { object: Some(object.clone()), request: trace.map_or(Request::None, Request::Of) })
    }

    /// The trace, which begins now if it has not.
    fn trace(&self) -> Option<Trace> {
        match &self.request {
            Request::None => None,
            Request::Of(trace) => Some(*trace),
            Request::Own { made, .. } => {
                let trace = made.get().unwrap_or_else(begun);
                made.set(Some(trace));
                Some(trace)
            }
        }
    }

    /// Does something that is about this, without waiting.
    pub fn run<T>(self: &Rc<Self>, work: impl FnOnce() -> T) -> T {
        let before = CURRENT.replace(Some(self.clone()));
        let done = work();
        CURRENT.set(before);
        done
    }

    /// The same of what may wait.
    pub fn hold<F: Future>(self: &Rc<Self>, work: F) -> Held<F> {
        Held { span: self.clone(), work: Box::pin(work) }
    }

    /// The answer to a request, with the name of its trace where that came with the request, or where it is a problem.
    pub fn named(&self, answer: web_sys::Response) -> web_sys::Response {
        let is_problem = || answer.headers().get("content-type").is_ok_and(|kind| kind.as_deref() == Some(PROBLEM));
        if !matches!(self.request, Request::Of(_)) && (answer.status() < 400 || !is_problem()) {
            return answer;
        }
        let Some(trace) = self.trace() else { return answer };
        let id = trace.id.to_string();
        if answer.headers().set(TRACE_HEADER, &id).is_ok() {
            return answer;
        }
        // What another script or an object answered can't be changed, but be made anew: what a response is made with may
        // be a response. A WebSocket goes with it.
        let like = answer.unchecked_ref();
        let Ok(again) = web_sys::Response::new_with_opt_readable_stream_and_init(answer.body().as_ref(), like) else {
            return answer;
        };
        // Headers of one's own take any.
        let _ = again.headers().set(TRACE_HEADER, &id);
        again
    }
}

/// Work that is about something.
pub struct Held<F> {
    span: Rc<Span>,
    work: Pin<Box<F>>,
}

impl<F: Future> Future for Held<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let span = self.span.clone();
        span.run(|| self.work.as_mut().poll(cx))
    }
}

/// What the log says of itself: who says it, and the trace of the request.
pub fn told<T>(tell: impl FnOnce(&str, Option<TraceId>) -> T) -> T {
    let current = CURRENT.with_borrow(Clone::clone);
    let object = current.as_ref().and_then(|span| span.object.as_deref()).unwrap_or("edge");
    tell(object, current.as_ref().and_then(|span| span.trace()).map(|trace| trace.id))
}

/// The trace of the request that is being worked on.
pub fn current() -> Option<TraceId> {
    told(|_, trace| trace)
}

/// The host of a call: it names the trace of what the call is for, where there is one.
pub fn host() -> String {
    let known = CURRENT.with_borrow(|span| match span.as_deref()? {
        Span { request: Request::Own { is_carried: false, .. }, .. } => None,
        span => span.trace(),
    });
    known.map_or_else(|| NO_TRACE.to_owned(), |trace| trace.to_string())
}

/// The trace that came with the request which is being worked on, where whoever began it records it.
pub fn sampled() -> Option<Trace> {
    CURRENT.with_borrow(|span| match span.as_deref()?.request {
        Request::Of(trace) if trace.sampled => Some(trace),
        Request::Of(_) | Request::Own { .. } | Request::None => None,
    })
}

/// The same work, about what is being worked on now.
pub fn on<F: Future>(work: F) -> Held<F> {
    let current = CURRENT.with_borrow(Clone::clone);
    let span = current.unwrap_or_else(|| Rc::new(Span { object: None, request: Request::None }));
    Held { span, work: Box::pin(work) }
}

/// What the log calls an object.
pub fn label(kind: &str, state: &worker::State) -> Rc<str> {
    format!("{kind} {}", state.id().name().unwrap_or_default()).into()
}

/// What works beside requests.
pub trait InBackground {
    /// Has the platform do something beside all requests, whoever's request it was that began it.
    fn in_background(&self, work: impl Future<Output = ()> + 'static);
}

impl InBackground for worker::State {
    fn in_background(&self, work: impl Future<Output = ()> + 'static) {
        let object = CURRENT.with_borrow(|span| span.as_ref().and_then(|span| span.object.clone()));
        let span = Rc::new(Span { object, request: Request::None });
        self.wait_until(span.hold(work));
    }
}
