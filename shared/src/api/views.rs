//! Named views.

use crate::views::named::Parameter;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A board's named views.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Views {
    /// By name.
    pub views: Vec<View>,
}

/// A named view.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct View {
    /// Its name.
    pub name: String,
    /// For people.
    pub title: String,
    /// Which view it saves: `items`, `series`, `summary`, `scores` or `events`; `upstream` where another service answers.
    pub path: String,
    /// What a caller may give.
    pub parameters: BTreeMap<String, Parameter>,
}
