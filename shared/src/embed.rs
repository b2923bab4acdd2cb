//! Boards in frames of other sites: which sites may, and which widgets there are.

mod sites;
mod widget;

pub use sites::{ANY, BadSite, Sites, origin_of};
pub use widget::Widget;

use crate::limits;
use crate::problem::{Code, FieldError};
use serde::{Deserialize, Serialize};

/// Where a board may be embedded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct EmbedConfig {
    /// The sites that may show the board in a frame. Any address of a site is taken and kept as its origin, such as
    /// `https://partner.example`; `*` alone allows every site. Empty: none.
    #[cfg_attr(feature = "schema", schemars(length(max = 32)))]
    pub sites: Sites,
}

impl EmbedConfig {
    /// What is wrong with it; each site is named.
    pub fn errors(&self) -> Vec<FieldError> {
        if self.sites.len() > limits::EMBED_SITES {
            let message =
                format!("embed.sites names at most {} sites; `*` alone allows every site", limits::EMBED_SITES);
            return vec![FieldError::new("embed.sites", Code::TooMany, message)];
        }
        let error = |(at, bad): (usize, BadSite)| {
            let field = format!("embed.sites[{at}]");
            let code = if bad == BadSite::TooLong { Code::TooLong } else { Code::Invalid };
            let message = format!("{field} {bad}");
            FieldError::new(field, code, message)
        };
        self.sites.errors().map(error).collect()
    }

    /// The same with each site as its origin, once. What is no site is left out.
    #[must_use]
    pub fn reduced(&self) -> Self {
        Self { sites: self.sites.reduced() }
    }
}
