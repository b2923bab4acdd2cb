//! What people get: grants by the claims of their ID tokens.

use super::placeholders::filled;
use super::settings::{Issuer, Rule};
use crate::rights::{Grant, check_grants};
use serde_json::{Map, Value};
use std::borrow::Cow;

/// Why somebody who has signed in gets nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Nothing {
    /// No rule is about it.
    #[error("you are signed in, and no rule of the settings gives you anything here: ask the administrator")]
    NoRule,
    /// The provider left a claim out since its values are too many (Microsoft Entra does so above 200 groups).
    #[error(
        "your provider left {0} out of the ID token since its values are too many: the administrator can have it send \
         only those assigned to this application"
    )]
    LeftOut(String),
    /// It is more than a token carries.
    #[error("the rules of the settings give you more than a token carries: {0}")]
    TooMuch(String),
}

/// The grants of somebody with these claims.
pub fn grants(issuer: &Issuer, subject: &str, claims: &Map<String, Value>) -> Result<Vec<Grant>, Nothing> {
    let mut found: Vec<Grant> = Vec::new();
    for rule in &issuer.rules {
        for value in values(rule, claims).filter(|value| rule.is_about(value)) {
            let given = rule.grants.iter().filter_map(|grant| filled(grant, &value, subject));
            for grant in given {
                // What can't be kept as it is said for this value is not given: it is a name that is none.
                if !found.contains(&grant) && check_grants(std::slice::from_ref(&grant)).is_ok() {
                    found.push(grant);
                }
            }
        }
    }
    if found.is_empty() {
        let left_out = |rule: &&Rule| claims.get("_claim_names").is_some_and(|names| names.get(&rule.claim).is_some());
        let left_out = issuer.rules.iter().find(left_out);
        return Err(left_out.map_or(Nothing::NoRule, |rule| Nothing::LeftOut(rule.claim.clone())));
    }
    check_grants(&found).map_err(|error| Nothing::TooMuch(error.message))?;
    Ok(found)
}

impl Rule {
    /// Whether it is about a value.
    fn is_about(&self, value: &str) -> bool {
        self.values.iter().any(|known| match known.strip_suffix('*') {
            Some(beginning) => value.starts_with(beginning),
            None => value == known,
        })
    }
}

/// The values of a rule's claim: one, or those of a list.
fn values<'c>(rule: &Rule, claims: &'c Map<String, Value>) -> impl Iterator<Item = Cow<'c, str>> {
    let claim = match rule.claim.strip_prefix('/') {
        None => claims.get(&rule.claim),
        // A pointer begins in the object of all claims.
        Some(rest) => {
            let (first, deeper) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            claims.get(&first.replace("~1", "/").replace("~0", "~")).and_then(|value| value.pointer(deeper))
        }
    };
    // Whoever may write any address into its profile is not whose that address is.
    let is_proven = rule.claim != "email" || claims.get("email_verified") == Some(&Value::Bool(true));
    let listed = match claim.filter(|_| is_proven) {
        Some(Value::Array(list)) => list.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    listed.iter().filter_map(|value| match value {
        Value::String(text) => Some(Cow::Borrowed(text.as_str())),
        Value::Bool(_) | Value::Number(_) => Some(Cow::Owned(value.to_string())),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    })
}
