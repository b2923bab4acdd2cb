//! The shapes of bodies that the worker reads with a type of its own. The live test of the description sends them.

use heliograph_shared::limits;
use heliograph_shared::pipeline::Step;
use heliograph_shared::rights::{Grant, OWNER_BYTES};
use heliograph_shared::schema::EventObject;
use heliograph_shared::scores::session::SessionAction;
use heliograph_shared::time::Millis;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An API key to be made.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is used")]
pub struct KeyWish {
    /// What it is for, for people.
    #[schemars(length(min = 1, max = 120), regex(pattern = r"\S"))]
    label: String,
    /// What it shall allow.
    #[schemars(length(min = 1, max = limits::GRANTS_PER_TOKEN))]
    grants: Vec<Grant>,
    /// Whose event ids and `Idempotency-Key`s its requests have: keys of one owner share them, so a key that is renewed
    /// names the owner of the one before. The new key's id when absent.
    #[schemars(length(min = 1, max = OWNER_BYTES), regex(pattern = "^[A-Za-z0-9_.-]+$"))]
    owner: Option<String>,
}

/// A session to be made.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is used")]
pub struct NewSession {
    /// Its id; one is made up when absent.
    #[schemars(length(min = 1, max = limits::SESSION_ID_BYTES), regex(pattern = "^[a-z0-9-]+$"))]
    id: Option<String>,
    /// For people.
    #[schemars(length(min = 1, max = 120))]
    title: String,
    /// When it opens by itself.
    opens_at: Option<Millis>,
    /// When it freezes by itself.
    freezes_at: Option<Millis>,
    /// When it closes by itself.
    closes_at: Option<Millis>,
    /// Whether players join by a code.
    #[serde(default)]
    join: bool,
}

/// Something to be done to a session.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is used")]
pub struct SessionWish {
    /// What.
    action: SessionAction,
    /// As of a time of the past; now when absent.
    at: Option<Millis>,
    /// For `schedule`.
    opens_at: Option<Millis>,
    /// For `schedule`.
    freezes_at: Option<Millis>,
    /// For `schedule`.
    closes_at: Option<Millis>,
}

/// A pipeline to be tried on some events. Nothing is kept.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Try {
    /// The pipeline; the board's own when absent.
    pipeline: Option<Vec<Step>>,
    /// Events as a producer would send them.
    events: TryEvents,
}

/// An event, or some.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its schema is used")]
pub enum TryEvents {
    /// One.
    One(EventObject),
    /// Several.
    Several(#[schemars(length(max = limits::PIPELINE_TRY_EVENTS))] Vec<EventObject>),
}
