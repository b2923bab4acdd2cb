//! Alarms in words: how grave one is, with its sign and its colour, and what happened to it.

use heliograph_shared::alarms::{Severity, What};
use leptos::prelude::*;

use crate::parts::icons::{Glyph, Icon};

/// From the gravest to the mildest.
pub const ALL: [Severity; 3] = [Severity::Critical, Severity::Warning, Severity::Info];

/// How grave, in a word.
pub fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => text!(console.alarms.severity.info),
        Severity::Warning => text!(console.alarms.severity.warning),
        Severity::Critical => text!(console.alarms.severity.critical),
    }
}

/// What happened, in a word.
pub fn happened(kind: What) -> &'static str {
    match kind {
        What::Raise => text!(console.alarms.lately.raised),
        What::Clear => text!(console.alarms.lately.cleared),
        What::Acknowledge => text!(console.alarms.lately.acknowledged),
    }
}

/// As a filter: all that are as grave, or graver.
pub fn at_least(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => text!(console.alarms.at_least.info),
        Severity::Warning => text!(console.alarms.at_least.warning),
        Severity::Critical => text!(console.alarms.at_least.critical),
    }
}

/// Choices of a filter: whatever it is, or as grave as one of these.
pub fn filter() -> Vec<(String, String)> {
    let some = [Severity::Warning, Severity::Critical].map(|one| (one.name().to_owned(), at_least(one).to_owned()));
    [(String::new(), at_least(Severity::Info).to_owned())].into_iter().chain(some).collect()
}

const fn sign(severity: Severity) -> Glyph {
    match severity {
        Severity::Info => Glyph::Info,
        Severity::Warning => Glyph::Warning,
        Severity::Critical => Glyph::Stop,
    }
}

/// The word with its sign.
#[component]
pub fn SeverityTag(
    /// How grave.
    severity: Severity,
) -> impl IntoView {
    view! { <span class="severity" data-severity=severity.name()><Icon glyph=sign(severity) />{self::severity(severity)}</span> }
}
