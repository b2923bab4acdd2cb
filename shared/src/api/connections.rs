//! Who is connected to a board.

use crate::limits;
use crate::problem::Problem;
use crate::relay::connection::ConnectionId;
use crate::relay::who::ConnectionView;
use crate::revocation::CredentialId;
use crate::time::Millis;
use crate::views::query::{Wrong, read_pairs};
use serde::{Deserialize, Serialize};

/// Open connections of a board.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Connections {
    /// In the order of their relays and numbers.
    pub connections: Vec<ConnectionView>,
    /// The `after` of the next page; null on the last.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub next: Option<ConnectionId>,
    /// The worker's clock.
    pub time: Millis,
}

/// What became of ending connections.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EndedConnections {
    /// How many were ended.
    pub ended: u32,
}

/// What is asked of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionsQuery {
    /// Those after this one.
    pub after: Option<ConnectionId>,
    /// At most so many.
    pub limit: usize,
}

impl ConnectionsQuery {
    /// Reads a query.
    pub fn parse<'p>(pairs: impl Iterator<Item = (&'p str, &'p str)>) -> Result<Self, Problem> {
        let mut query = Self { after: None, limit: limits::CONNECTIONS };
        read_pairs(pairs, |name, value| {
            match name {
                "after" => {
                    let id =
                        value.parse().map_err(|_| "is the next of a page before, or the id of a connection".to_owned());
                    query.after = Some(id?);
                }
                "limit" => {
                    let limit = value.parse().ok().filter(|n| (1..=limits::CONNECTIONS_PAGE).contains(n));
                    query.limit = limit.ok_or_else(|| format!("is 1 to {}", limits::CONNECTIONS_PAGE))?;
                }
                _ => return Err(Wrong::Unknown("after and limit")),
            }
            Ok(())
        })?;
        Ok(query)
    }
}

/// Whose connections are to be ended.
pub fn whose<'p>(pairs: impl Iterator<Item = (&'p str, &'p str)>) -> Result<Option<CredentialId>, Problem> {
    let mut credential = None;
    read_pairs(pairs, |name, value| {
        match name {
            "credential" => {
                let id = CredentialId::try_from(value.to_owned());
                let like = "is a credential as the list of connections tells it, such as key:5f0c…";
                credential = Some(id.map_err(|_| like.to_owned())?);
            }
            _ => return Err(Wrong::Unknown("credential")),
        }
        Ok(())
    })?;
    Ok(credential)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_names_a_place_and_a_number_and_what_is_wrong_is_said() {
        let parse = |pairs: &[(&str, &str)]| ConnectionsQuery::parse(pairs.iter().copied());
        assert_eq!(parse(&[]).unwrap().limit, limits::CONNECTIONS);
        let query = parse(&[("after", "0.7.1772366400000"), ("limit", "5")]).unwrap();
        assert_eq!((query.after.unwrap().viewer.0, query.limit), (7, 5));
        for wrong in [("after", "x"), ("limit", "0"), ("limit", "1001"), ("who", "a")] {
            let problem = serde_json::to_string(&parse(&[wrong]).unwrap_err()).unwrap();
            assert!(problem.contains(&format!("\"field\":\"{}\"", wrong.0)), "{problem}");
        }
        assert_eq!(whose([("credential", "key:ab")].into_iter()).unwrap(), Some(CredentialId::Key("ab".into())));
        assert!(whose([("credential", "nobody")].into_iter()).is_err());
    }
}
