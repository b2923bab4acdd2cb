//! Rewinds: the board is asked what was, and until it answers the subscription waits. Then the viewer is told those events
//! up to where the mirror is, and the subscription begins there: nothing is missing and nothing comes twice.
//!
//! What stood under the number before stays until then, as it does when a subscription is refused.

use super::follow::Why;
use super::frames;
use super::group::{Encoding, FollowedKeys, GroupKey};
use super::{Frame, Output, Relay, Sockets, ViewerId};
use crate::limits;
use crate::problem::Code;
use crate::protocol::{CloseCode, MessageError, SubId, Subscription};
use crate::rewind::{Rewind, RewindAsk, Rewound, Told};
use crate::rights::{Ask, Narrowed};
use crate::sights::lens::Lens;
use crate::time::Millis;
use std::collections::HashMap;

/// A question to the board.
#[derive(Clone, Debug, PartialEq)]
pub struct RewindCall {
    /// What is asked.
    pub ask: RewindAsk,
    /// Tells its answer from that to another one.
    number: u32,
}

/// A subscription that begins when the board has answered.
#[derive(Clone, Debug)]
struct Beginning {
    viewer: ViewerId,
    sub: SubId,
    subscription: Subscription,
    rewind: Rewind,
    tries: u32,
}

/// All questions that are under way.
#[derive(Default)]
pub(super) struct Rewinds {
    calls: Vec<(RewindCall, Vec<Beginning>)>,
    asked: u32,
}

impl Rewinds {
    pub const fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    /// How many subscriptions wait.
    pub fn held(&self) -> usize {
        self.calls.iter().map(|(_, waiting)| waiting.len()).sum()
    }

    /// How many other numbers of a viewer wait.
    fn others_of(&self, viewer: ViewerId, sub: SubId) -> usize {
        let waiting = self.calls.iter().flat_map(|(_, waiting)| waiting);
        waiting.filter(|b| b.viewer == viewer && b.sub != sub).count()
    }

    /// A subscription waits no more; whether it did.
    fn leave(&mut self, viewer: ViewerId, sub: SubId) -> bool {
        let before = self.held();
        self.calls.iter_mut().for_each(|(_, waiting)| waiting.retain(|b| (b.viewer, b.sub) != (viewer, sub)));
        self.held() < before
    }

    /// A viewer has gone.
    pub fn remove(&mut self, viewer: ViewerId) {
        self.calls.iter_mut().for_each(|(_, waiting)| waiting.retain(|b| b.viewer != viewer));
    }

    /// Asks, or waits for the answer to the same question. False: there is no room for another one.
    fn ask(&mut self, ask: RewindAsk, beginning: Beginning, out: &mut Vec<Output>) -> bool {
        // An answer that was asked for before its relay's copy went on can be too old for whoever comes back for more.
        let same = self.calls.iter_mut().find(|(call, _)| call.ask == ask && beginning.tries == 0);
        if let Some((_, waiting)) = same {
            waiting.push(beginning);
            return true;
        }
        if self.calls.len() >= limits::REWINDS_UNDER_WAY {
            return false;
        }
        self.asked = self.asked.wrapping_add(1);
        let call = RewindCall { ask, number: self.asked };
        out.push(Output::Rewind(call.clone()));
        self.calls.push((call, vec![beginning]));
        true
    }

    fn take(&mut self, number: u32) -> Option<(RewindCall, Vec<Beginning>)> {
        let at = self.calls.iter().position(|(call, _)| call.number == number)?;
        Some(self.calls.swap_remove(at))
    }
}

fn refusal(sub: SubId, code: Code, message: impl Into<String>) -> MessageError {
    MessageError { id: Some(sub.0), action: Some("subscribe".into()), code, message: message.into() }
}

/// Answers what is no fault of the viewer's: it is not counted among the messages that could not be taken.
fn say(viewer: ViewerId, encoding: Encoding, e: &MessageError, out: &mut Vec<Output>) {
    let frame = frames::error(encoding, e.id, e.code, &e.message, "subscribe");
    out.push(Output::Send { viewers: vec![viewer], frame });
}

impl Relay {
    /// A subscription that begins with what was.
    #[expect(clippy::too_many_arguments, reason = "one call site; a struct would only rename them")]
    pub(super) fn rewind(
        &mut self,
        now: Millis,
        viewer: ViewerId,
        encoding: Encoding,
        sub: SubId,
        subscription: Subscription,
        rewind: Rewind,
        out: &mut Vec<Output>,
    ) {
        let Some(v) = self.viewers.get_mut(&viewer) else { return };
        let subscriptions = &v.session.subscriptions;
        let others = subscriptions.keys().filter(|other| **other != sub).count() + self.rewinds.others_of(viewer, sub);
        let refused = if encoding == Encoding::Binary {
            Some(refusal(sub, Code::InvalidFilter, "a rewind is told on the JSON feed (heliograph.v1.json)"))
        } else if others >= limits::SUBSCRIPTIONS_PER_VIEWER {
            let most = limits::SUBSCRIPTIONS_PER_VIEWER;
            Some(refusal(sub, Code::TooManySubscriptions, format!("a connection has at most {most} subscriptions")))
        } else {
            None
        };
        if let Some(e) = refused {
            self.refuse(viewer, encoding, &e, out);
        } else if v.rewind_pace.take(now, limits::REWINDS_PER_VIEWER).is_err() {
            let a_minute = limits::REWINDS_PER_VIEWER.per_minute;
            let message = format!("a viewer rewinds {a_minute} times a minute; subscribe again later");
            say(viewer, encoding, &refusal(sub, Code::SlowDown, message), out);
        } else {
            self.begin(Beginning { viewer, sub, subscription, rewind, tries: 0 }, out);
        }
    }

    /// Asks the board for what a subscription begins with.
    fn begin(&mut self, beginning: Beginning, out: &mut Vec<Output>) {
        let (viewer, sub) = (beginning.viewer, beginning.sub);
        let Some(encoding) = self.encoding(viewer) else { return };
        match self.rewind_ask(&beginning) {
            Err(e) => self.refuse(viewer, encoding, &e, out),
            Ok(ask) => {
                if !self.rewinds.ask(ask, beginning, out) {
                    let message = "too many subscriptions rewind at the moment; subscribe again later";
                    say(viewer, encoding, &refusal(sub, Code::SlowDown, message), out);
                }
            }
        }
    }

    /// What the board is asked, as the viewer's rights are now.
    fn rewind_ask(&mut self, b: &Beginning) -> Result<RewindAsk, MessageError> {
        let wrong = |code, message: &str| Err(refusal(b.sub, code, message));
        let Some(v) = self.viewers.get(&b.viewer) else { return wrong(Code::Forbidden, "nobody is there") };
        let access = &v.session.access;
        let (Ok(sight), Some(present)) = (access.may(Ask::History), self.sight(access, Ask::Present)) else {
            return wrong(Code::Forbidden, "the credential has no right to the history that a rewind tells");
        };
        if sight.delay() != self.delay {
            let why = "the credential shows the history with another delay than what is now: subscribe without rewind";
            return wrong(Code::DelayNotKept, why);
        }
        if present.narrowed.as_deref().map_or(0, Narrowed::pace_millis) > 0 {
            // What lies between two updates is not told.
            return wrong(Code::Forbidden, "the credential shows so many updates a minute: subscribe without rewind");
        }
        if let Some(e) = self.refuse_hidden(b.viewer, b.sub, &b.subscription) {
            return Err(e);
        }
        let (subscription, read) = (b.subscription.clone(), present.keys.clone());
        let is_chosen = self.sights.lens(&present).as_ref().is_some_and(Lens::chooses);
        let key = GroupKey { encoding: Encoding::Json, sub: b.sub, subscription, sight: present };
        let keys = self.groups.keys_of(key, is_chosen, self.cursor.seq, &self.mirror, &self.sights);
        let keys = match keys {
            FollowedKeys::All => None,
            FollowedKeys::These(keys) => Some(keys),
            FollowedKeys::TooMany => {
                let most = limits::KEYS_PER_SUBSCRIPTION;
                let message =
                    format!("bbox and where choose more than the {most} items that a rewind takes: choose fewer");
                return Err(refusal(b.sub, Code::TooManyKeys, message));
            }
        };
        Ok(RewindAsk { sight, read, keys, rewind: b.rewind })
    }

    /// A subscription's number is used for something else, or ends: it is answered that its rewind does not come.
    pub(super) fn supersede(&mut self, viewer: ViewerId, encoding: Encoding, sub: SubId, out: &mut Vec<Output>) {
        if self.rewinds.leave(viewer, sub) {
            let message = "the subscription was replaced or ended before its rewind was there";
            say(viewer, encoding, &refusal(sub, Code::Superseded, message), out);
        }
    }

    /// The board has answered, or could not be asked.
    pub fn rewound(
        &mut self,
        now: Millis,
        call: &RewindCall,
        answer: Option<&Rewound>,
        net: &impl Sockets,
        out: &mut Vec<Output>,
    ) {
        let Some((call, waiting)) = self.rewinds.take(call.number) else { return };
        // Those with the same number are told by the same frame.
        let mut made: HashMap<SubId, Frame> = HashMap::new();
        for beginning in waiting {
            let (viewer, sub) = (beginning.viewer, beginning.sub);
            let Some(encoding) = self.encoding(viewer) else { continue };
            let refused = match answer {
                None => refusal(sub, Code::Overloaded, "the board does not answer at the moment; subscribe again"),
                Some(Rewound::Refused(why)) => {
                    let (code, message) = why.told();
                    refusal(sub, code, message)
                }
                Some(Rewound::Told(told)) if self.is_answered_by(&beginning, &call, told) => {
                    let frame = made.entry(sub).or_insert_with(|| frames::rewind(sub, told, self.cursor)).clone();
                    self.tell_rewind(beginning, frame, net, out);
                    continue;
                }
                Some(Rewound::Told(_)) if beginning.tries < limits::REWIND_TRIES => {
                    self.begin(Beginning { tries: beginning.tries + 1, ..beginning }, out);
                    continue;
                }
                Some(Rewound::Told(_)) => {
                    refusal(sub, Code::Overloaded, "the board is faster than its log is read; subscribe again")
                }
            };
            say(viewer, encoding, &refused, out);
        }
        self.catch_up(now, net, out);
        self.schedule(now, out);
    }

    /// Whether an answer goes up to where the mirror is, and is made for what the viewer may see now.
    fn is_answered_by(&mut self, beginning: &Beginning, call: &RewindCall, told: &Told) -> bool {
        let reaches = told.cursor.epoch == self.cursor.epoch && told.cursor.seq >= self.cursor.seq;
        let asked = |ask: RewindAsk| ask.sight == call.ask.sight && ask.read == call.ask.read;
        reaches && self.rewind_ask(beginning).is_ok_and(asked)
    }

    /// Tells what was, and begins.
    fn tell_rewind(&mut self, beginning: Beginning, frame: Frame, net: &impl Sockets, out: &mut Vec<Output>) {
        let Beginning { viewer, sub, subscription, .. } = beginning;
        if net.waiting(viewer) > limits::VIEWER_BUFFER_BYTES * 4 {
            self.close(viewer, CloseCode::Slow, out);
            return;
        }
        let Some(v) = self.viewers.get_mut(&viewer) else { return };
        v.session.subscriptions.insert(sub, subscription.clone());
        v.blocked_since = None;
        v.sent(self.cursor.seq, frame.len());
        out.push(Output::Keep(viewer));
        out.push(Output::Send { viewers: vec![viewer], frame });
        self.groups.leave(viewer, sub);
        self.scores.leave(viewer, sub);
        self.follow(viewer, sub, subscription, Why::Asked, out);
    }
}
