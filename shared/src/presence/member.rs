//! What somebody who is there is called. Nothing of it comes from what the connection says: only from its credential.

use crate::limits;
use crate::rights::{Owner, Standing};
use serde::{Deserialize, Serialize};
use siphasher::sip::SipHasher13;
use std::hash::Hasher;

/// Somebody with a name, however many connections it has.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Member {
    /// For people.
    pub name: String,
    /// How many connections it has.
    pub connections: u32,
}

/// The name of one connection's holder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The same for all connections of a player, or of a token's subject. A player's is its key.
    pub id: String,
    /// For people: the name with which a player joined, or a token's subject.
    pub name: String,
}

/// What the holder of a connection is called; none of those who only have a key, or nothing: they are counted.
pub fn named(owner: &Owner, standing: &Standing, joined: Option<&str>) -> Option<Named> {
    match standing {
        Standing::Public => None,
        Standing::Player(key) if key.len() <= limits::PRESENCE_NAME_BYTES => {
            Some(Named { id: key.clone(), name: cut(joined.unwrap_or(key)) })
        }
        Standing::Player(key) => Some(Named { id: hashed(key), name: cut(joined.unwrap_or(key)) }),
        Standing::Member => {
            // The subject stands behind whoever answers for it, who is not told.
            let (who, subject) = owner.as_str().split_once('/')?;
            let is_token = who == "admin" || who.starts_with("key:") || who.starts_with("person:");
            (is_token && !subject.is_empty()).then(|| Named { id: hashed(owner.as_str()), name: cut(subject) })
        }
    }
}

/// Two subjects of one name that two keys answer for are two members.
fn hashed(text: &str) -> String {
    let mut hasher = SipHasher13::new();
    hasher.write(text.as_bytes());
    format!("{:016x}", hasher.finish())
}

fn cut(name: &str) -> String {
    let mut end = name.len().min(limits::PRESENCE_NAME_BYTES);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    name.get(..end).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_comes_from_the_credential_and_two_keys_alices_are_two() {
        let member = |owner: Owner| named(&owner, &Standing::Member, None);
        let (one, two) = (member(Owner::of_key("a", Some("alice"))), member(Owner::of_key("b", Some("alice"))));
        let (one, two) = (one.unwrap(), two.unwrap());
        assert_eq!((one.name.as_str(), two.name.as_str()), ("alice", "alice"));
        assert_ne!(one.id, two.id);
        assert_eq!(member(Owner::of_admin(Some("bob"))).unwrap().name, "bob");
        assert_eq!(member(Owner::of_person("staff/ann")).unwrap().name, "ann");
        for nobody in [Owner::board(), Owner::of_key("a", None), Owner::of_source("s"), Owner::of_key("a", Some(""))] {
            assert_eq!(member(nobody), None);
        }
        assert_eq!(named(&Owner::of_key("a", Some("alice")), &Standing::Public, Some("Ada")), None);
    }

    #[test]
    fn a_player_is_its_key_and_the_name_with_which_it_joined_cut_between_characters() {
        let player = |key: &str, joined| named(&Owner::of_player(key), &Standing::Player(key.to_owned()), joined);
        assert_eq!(player("p-1", Some("Ada")), Some(Named { id: "p-1".into(), name: "Ada".into() }));
        assert_eq!(player("p-1", None).unwrap().name, "p-1");
        let long = "ä".repeat(limits::PRESENCE_NAME_BYTES);
        let cut = player(&long, Some(&long)).unwrap();
        assert_eq!(cut.name, "ä".repeat(limits::PRESENCE_NAME_BYTES / 2));
        assert!(cut.id.len() <= limits::PRESENCE_NAME_BYTES);
    }
}
