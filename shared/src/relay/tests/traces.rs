//! Which frames name the trace of a request.

use super::*;
use crate::trace::{Trace, TraceId};
use serde_json::Value as Json;

fn trace(n: u8) -> TraceId {
    Trace::begun([n; 16]).id
}

fn traced(what: Subscription) -> Subscription {
    Subscription { trace: true, ..what }
}

impl Room {
    fn push_of(&mut self, n: u8, events: &[Event]) {
        self.relay.next_push_is_of(Some(trace(n)));
        self.push(events);
    }

    /// The traces that the frames of a viewer name since the last time, one for each delta.
    fn traces(&mut self, viewer: ViewerId) -> Vec<Option<String>> {
        let frames: Vec<Json> = self.told(viewer).iter().map(|text| serde_json::from_str(text).unwrap()).collect();
        let deltas = frames.iter().filter(|frame| frame["type"] == "delta");
        deltas.map(|frame| frame["trace"].as_str().map(str::to_owned)).collect()
    }
}

#[test]
fn a_frame_names_the_trace_of_the_request_that_it_brings_to_those_who_ask() {
    let mut r = Room::new();
    let [asks, not] = [1, 2].map(|n| r.connect_as(n, Mode::Json, Access::public()));
    r.subscribe(asks, 1, traced(all()));
    r.subscribe(not, 1, all());
    r.quiet().push_of(7, &[event("a", 1, 1.0, &[])]);
    assert_eq!(r.traces(asks), [Some(trace(7).to_string())]);
    assert_eq!(r.traces(not), [None]);
    // What comes after it is of no trace.
    r.push(&[event("a", 2, 2.0, &[])]);
    assert_eq!(r.traces(asks), [None]);
}

#[test]
fn a_frame_of_several_requests_names_the_last_trace() {
    let mut r = Room::new();
    let v = r.connect_as(1, Mode::Json, Access::public());
    r.subscribe(v, 1, traced(all()).every_ms(1_000));
    r.push(&[event("a", 1, 1.0, &[])]);
    r.quiet().push_of(1, &[event("a", 2, 2.0, &[])]);
    r.push_of(2, &[event("a", 3, 3.0, &[])]);
    r.push(&[event("a", 4, 4.0, &[])]);
    r.wait(1_000);
    r.tick();
    assert_eq!(r.traces(v), [Some(trace(2).to_string())]);
}

#[test]
fn a_viewer_that_was_held_back_is_told_the_trace_with_what_it_missed() {
    let mut r = Room::new();
    let v = r.connect_as(1, Mode::Json, Access::public());
    r.subscribe(v, 1, traced(all()));
    r.push(&[event("a", 1, 1.0, &[])]);
    r.block(v, limits::VIEWER_BUFFER_BYTES + 1);
    r.quiet().push_of(3, &[event("a", 2, 2.0, &[])]);
    assert_eq!(r.traces(v), []);
    r.block(v, 0);
    r.wait(100);
    r.tick();
    assert_eq!(r.traces(v), [Some(trace(3).to_string())]);
}

#[test]
fn f2_who_may_not_see_all_is_told_of_no_trace() {
    let mut r = Room::new();
    let some = r.connect_as(1, Mode::Json, patterns(&["a*"]));
    r.subscribe(some, 1, traced(all()));
    r.quiet().push_of(4, &[event("a", 1, 1.0, &[]), event("b", 1, 1.0, &[])]);
    assert_eq!(r.traces(some), [None]);
}

#[test]
fn traces_are_of_items_alone() {
    let read = |text: &str| ClientMessage::from_json(text);
    let Ok(ClientMessage::Subscribe { subscription, .. }) = read(r#"{"action":"subscribe","id":1,"trace":true}"#)
    else {
        panic!("not a subscription")
    };
    assert!(subscription.trace);
    let refused = read(r#"{"action":"subscribe","id":1,"what":"scores","trace":true}"#).unwrap_err();
    assert_eq!(refused.code, Code::InvalidFilter);
}
