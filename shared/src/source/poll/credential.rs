//! What the operator lets be sent to an address: a secret `POLL_<NAME>` of the worker says what, where to, and for whom. So
//! nobody who manages a board can have it sent to a place of their own.

use super::{Address, is_header_name, is_header_value};
use crate::id::BoardName;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A credential's name: 1 to 40 of `A-Z 0-9 _`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CredentialName(String);

impl CredentialName {
    /// The name of the secret with the declaration. The prefix keeps a source from naming another secret.
    pub fn secret(&self) -> String {
        format!("POLL_{}", self.0)
    }
}

impl TryFrom<String> for CredentialName {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let plain = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
        let good = (1..=40).contains(&text.len()) && text.bytes().all(plain);
        if good { Ok(Self(text)) } else { Err("a credential's name is 1 to 40 of A to Z, 0 to 9 and _") }
    }
}

impl From<CredentialName> for String {
    fn from(name: CredentialName) -> Self {
        name.0
    }
}

impl fmt::Display for CredentialName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a credential can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// There is no such secret, or it is not for this board: which of them is the operator's to know.
    #[error(
        "the operator has declared no credential {0} for this board: the worker has no secret POLL_{0} that names it"
    )]
    Undeclared(CredentialName),
    /// The secret does not say what it must.
    #[error("the operator's declaration of credential {0}, the secret POLL_{0}, {1}")]
    Malformed(CredentialName, &'static str),
    /// It is for another origin.
    #[error("credential {0} is for another origin than that of poll.url")]
    Elsewhere(CredentialName),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Declaration {
    origin: String,
    #[serde(default)]
    header: Option<String>,
    #[serde(default)]
    query: Option<String>,
    value: String,
    #[serde(default)]
    boards: Option<Vec<String>>,
}

/// A credential as it is sent. It is never shown: there is no `Debug`.
pub struct Credential {
    origin: url::Origin,
    place: Place,
    value: String,
}

enum Place {
    Header(String),
    Query(String),
}

impl Credential {
    /// The credential of a name for a source of a board that asks an address. `secret` is the text of
    /// [`CredentialName::secret`].
    pub fn resolve(
        name: &CredentialName,
        secret: Option<&str>,
        board: &BoardName,
        address: &Address,
    ) -> Result<Self, Unusable> {
        let Some(secret) = secret else { return Err(Unusable::Undeclared(name.clone())) };
        let found = Self::declared(secret, board).map_err(|why| match why {
            None => Unusable::Undeclared(name.clone()),
            Some(why) => Unusable::Malformed(name.clone(), why),
        })?;
        if found.origin == address.origin() { Ok(found) } else { Err(Unusable::Elsewhere(name.clone())) }
    }

    /// What a secret declares; no error where it is for other boards.
    pub(super) fn declared(secret: &str, board: &BoardName) -> Result<Self, Option<&'static str>> {
        let d: Declaration = serde_json::from_str(secret).map_err(|_| "is no JSON object with known fields")?;
        let is_for = |pattern: &String| match pattern.strip_suffix('*') {
            Some(prefix) => board.as_str().starts_with(prefix),
            None => board.as_str() == pattern,
        };
        if !d.boards.as_ref().is_none_or(|boards| boards.iter().any(is_for)) {
            return Err(None);
        }
        let origin =
            Address::parse(&d.origin).map_err(|_| "has an origin that is not https://host or https://host:port")?;
        if !is_header_value(&d.value) {
            return Err(Some("has a value that no header may have"));
        }
        let place = match (d.header, d.query) {
            (Some(header), None) if is_header_name(&header) => Place::Header(header),
            (None, Some(query)) if !query.is_empty() => Place::Query(query),
            (None, None) => Place::Header("authorization".to_owned()),
            (Some(_), None) => return Err(Some("has a header that is not a word in lower case")),
            _ => return Err(Some("has more than one of header and query, or an empty one")),
        };
        Ok(Self { origin: origin.origin(), place, value: d.value })
    }

    /// Its header, for its own origin.
    pub fn header(&self, to: &Address) -> Option<(&str, &str)> {
        match &self.place {
            Place::Header(name) if to.origin() == self.origin => Some((name, &self.value)),
            Place::Header(_) | Place::Query(_) => None,
        }
    }

    /// The address with it, where it stands in the query and the address is of its own origin.
    pub fn addressed(&self, to: &Address) -> Address {
        match &self.place {
            Place::Query(name) if to.origin() == self.origin => to.with(name, &self.value),
            Place::Query(_) | Place::Header(_) => to.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(secret: Option<&str>, board: &str, address: &str) -> Result<Credential, Unusable> {
        let name = CredentialName::try_from("CITY".to_owned()).unwrap();
        Credential::resolve(&name, secret, &BoardName::try_from(board).unwrap(), &Address::parse(address).unwrap())
    }

    #[test]
    fn a_credential_is_for_an_origin_and_for_the_boards_that_it_names() {
        let secret =
            r#"{"origin":"https://api.example","header":"x-api-key","value":"hush","boards":["fleet","city-*"]}"#;
        let of = |board, address| resolve(Some(secret), board, address).err().map(|e| e.to_string());
        assert_eq!(of("fleet", "https://api.example/a?b"), None);
        assert_eq!(of("city-1", "https://api.example/"), None);
        assert!(of("fleets", "https://api.example/").unwrap().contains("declared no credential CITY"));
        assert!(of("fleet", "https://api.example.evil/").unwrap().contains("another origin"));
        assert!(resolve(None, "fleet", "https://api.example/").is_err());
        for (secret, told) in [
            ("{", "no JSON object"),
            (r#"{"origin":"x","value":"y"}"#, "an origin that is not"),
            (r#"{"origin":"https://api.example","value":"a\nb"}"#, "a value that no header"),
            (r#"{"origin":"https://api.example","value":"y","header":"X-Key"}"#, "lower case"),
            (r#"{"origin":"https://api.example","value":"y","header":"a","query":"b"}"#, "more than one"),
        ] {
            let why = resolve(Some(secret), "fleet", "https://api.example/").err().unwrap().to_string();
            assert!(why.contains(told) && !why.contains('y'.to_string().repeat(3).as_str()), "{why}");
        }
    }

    #[test]
    fn one_that_stands_in_the_query_stands_there_for_its_own_origin_alone() {
        let secret = r#"{"origin":"https://api.example","query":"appid","value":"hush"}"#;
        let credential = resolve(Some(secret), "fleet", "https://api.example/").ok().unwrap();
        let to = |text: &str| credential.addressed(&Address::parse(text).unwrap()).as_str().to_owned();
        assert_eq!(to("https://api.example/w?q=1"), "https://api.example/w?q=1&appid=hush");
        assert_eq!(to("https://other.example/w"), "https://other.example/w");
        assert_eq!(credential.header(&Address::parse("https://api.example/").unwrap()), None);
    }
}
