//! Who is connected: what managers are told of each viewer, and how all of a credential are ended.

use super::connection::ConnectionId;
use super::{Mode, Output, Relay, Session, Sockets, ViewerId};
use crate::limits;
use crate::protocol::{CloseCode, Filter, SubId};
use crate::revocation::CredentialId;
use crate::time::Millis;
use serde::{Deserialize, Serialize};
use std::ops::Bound;

/// How a connection is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Spoken {
    /// `heliograph.v1.bin`.
    Binary,
    /// `heliograph.v1.json`.
    Json,
    /// Without a subprotocol.
    Plain,
}

/// What a connection follows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Followed {
    /// The client's number for it; none in plain mode.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<u32>"))]
    pub id: Option<SubId>,
    /// `items`, `scores` or `presence`.
    pub what: String,
    /// How many keys it names; null when it follows all, or a box.
    pub keys: Option<u32>,
    /// West, south, east and north, when it follows a box.
    pub bbox: Option<[f64; 4]>,
}

/// A connection, as managers see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ConnectionView {
    /// Its name: it lets nobody in.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub id: ConnectionId,
    /// Since when.
    pub since: Millis,
    /// How it is spoken to.
    pub mode: Spoken,
    /// What its rights come from, as in the audit: `admin`, `key:…`, `share:…`, `join:…`, `person:…`, or `public:…` of an
    /// anonymous token; null for who came to a public board without a credential.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub credential: Option<CredentialId>,
    /// The name that a player gave when it joined.
    pub name: Option<String>,
    /// When its token ends.
    pub expires_at: Option<Millis>,
    /// What it follows.
    pub follows: Vec<Followed>,
    /// Bytes that it was sent since its relay's memory began.
    pub sent_bytes: u64,
    /// Of them, bytes that it has not acknowledged; null of clients that acknowledge nothing.
    pub unacknowledged_bytes: Option<u64>,
    /// Bytes that wait for it at the server.
    pub waiting_bytes: u32,
    /// Since when it does not take what it is sent.
    pub blocked_since: Option<Millis>,
}

/// Which connections of a relay a manager wants to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhoAsk {
    /// Those after this one.
    pub after: Option<ViewerId>,
    /// At most so many.
    pub limit: usize,
}

fn followed(session: &Session) -> Vec<Followed> {
    let keys = |n: usize| u32::try_from(n).ok();
    if let Mode::Plain { keys: named, .. } = &session.mode {
        return vec![Followed { id: None, what: "items".into(), keys: keys(named.len()), bbox: None }];
    }
    let each = session.subscriptions.iter().map(|(id, subscription)| {
        let (what, keys, bbox) = match &subscription.filter {
            Filter::All => ("items", None, None),
            Filter::Keys(named) => ("items", keys(named.len()), None),
            Filter::Bbox(bbox) => ("items", None, Some(bbox.degrees())),
            Filter::Scores(_) => ("scores", None, None),
            Filter::Presence => ("presence", None, None),
        };
        Followed { id: Some(*id), what: what.to_owned(), keys, bbox }
    });
    each.collect()
}

impl Relay {
    /// The connections after one, in the order of their numbers.
    pub fn who(&self, ask: WhoAsk, net: &impl Sockets) -> Vec<ConnectionView> {
        let from = ask.after.map_or(Bound::Unbounded, Bound::Excluded);
        // One more than a page: it tells whether there is another.
        let most = ask.limit.min(limits::CONNECTIONS_PAGE + 1);
        let viewers = self.viewers.range((from, Bound::Unbounded));
        let views = viewers.filter_map(|(viewer, v)| {
            // Connections of before there were names can't be told apart.
            let id = v.session.connection?;
            Some(ConnectionView {
                id,
                since: id.since,
                mode: match v.session.mode {
                    Mode::Binary => Spoken::Binary,
                    Mode::Json => Spoken::Json,
                    Mode::Plain { .. } => Spoken::Plain,
                },
                credential: v.session.origin.id.clone(),
                name: v.session.joined.clone(),
                expires_at: v.session.expires_at,
                follows: followed(&v.session),
                sent_bytes: v.sent_bytes(),
                unacknowledged_bytes: v.unacknowledged_bytes(),
                waiting_bytes: net.waiting(*viewer),
                blocked_since: v.blocked_since,
            })
        });
        views.take(most).collect()
    }

    /// Ends all connections whose rights come from a credential; how many.
    pub fn end_all_of(&mut self, credential: &CredentialId, out: &mut Vec<Output>) -> u32 {
        let theirs = self.viewers.iter().filter(|(_, v)| v.session.origin.id.as_ref() == Some(credential));
        let theirs: Vec<ViewerId> = theirs.map(|(viewer, _)| *viewer).collect();
        for viewer in &theirs {
            self.close(*viewer, CloseCode::Ended, out);
        }
        theirs.len() as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cursor::Cursor;
    use crate::items::Items;
    use crate::protocol::Subscription;
    use crate::revocation::Origin;
    use crate::rights::Access;

    const SINCE: Millis = Millis(1_772_366_400_000);

    struct Waiting;

    impl Sockets for Waiting {
        fn waiting(&self, viewer: ViewerId) -> u32 {
            viewer.0 * 10
        }
    }

    fn relay(credentials: &[&str]) -> Relay {
        let mut relay = Relay::new(Items::default(), Cursor::default());
        for (viewer, credential) in (1_u32..).zip(credentials) {
            let origin = Origin { id: CredentialId::try_from((*credential).to_owned()).ok(), ..Origin::default() };
            let mode = if viewer == 3 {
                Mode::Plain { keys: vec!["a".into(), "b".into()], wheres: Vec::new() }
            } else {
                Mode::Json
            };
            let mut session = Session::new(mode, Access::public(), Some(Millis(9))).with_origin(origin);
            session.connection = Some(ConnectionId { relay: 0, viewer: ViewerId(viewer), since: SINCE });
            if viewer != 3 {
                session.subscriptions.insert(SubId(1), Subscription::items_keys(vec!["k".into()]));
                let bbox = Subscription::items_bbox([-98.0, 30.0, -97.0, 31.0]).unwrap();
                session.subscriptions.insert(SubId(2), bbox);
            }
            relay.connect(SINCE, ViewerId(viewer), session, &mut Vec::new());
        }
        relay
    }

    #[test]
    fn each_connection_is_told_with_its_credential_and_what_it_follows_page_by_page() {
        let relay = relay(&["key:ab", "public:fleet", "key:ab"]);
        let first = relay.who(WhoAsk { after: None, limit: 2 }, &Waiting);
        assert_eq!(first.len(), 2);
        assert_eq!(first[0].credential.as_ref().unwrap().to_string(), "key:ab");
        assert_eq!((first[1].waiting_bytes, first[1].since), (20, SINCE));
        assert_eq!((first[0].follows[0].keys, first[0].follows[0].what.as_str()), (Some(1), "items"));
        let [west, south, east, north] = first[0].follows[1].bbox.unwrap();
        assert!((west + 98.0).abs() < 1e-6 && (south - 30.0).abs() < 1e-6, "{west} {south}");
        assert!((east + 97.0).abs() < 1e-6 && (north - 31.0).abs() < 1e-6, "{east} {north}");
        let rest = relay.who(WhoAsk { after: Some(ViewerId(2)), limit: 9 }, &Waiting);
        assert_eq!((rest.len(), rest[0].mode, rest[0].follows[0].keys), (1, Spoken::Plain, Some(2)));
    }

    #[test]
    fn all_of_a_credential_are_ended_and_nobody_else() {
        let mut relay = relay(&["key:ab", "public:fleet", "key:ab", "key:cd"]);
        let mut out = Vec::new();
        assert_eq!(relay.end_all_of(&CredentialId::Key("ab".into()), &mut out), 2);
        let closed = out.iter().filter(|o| matches!(o, Output::Close { code: CloseCode::Ended, .. })).count();
        assert_eq!((closed, relay.viewers()), (2, 2));
        assert_eq!(relay.end_all_of(&CredentialId::Key("ab".into()), &mut out), 0);
    }
}
