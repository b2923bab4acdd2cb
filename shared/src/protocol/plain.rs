//! What a plain feed follows, as it stands in its address: `?realTimeItemKey=3,4`, or under the board's own name for a key, and
//! `where=fuel:lt:0.3`.

use crate::id::check_key;
use crate::limits;
use crate::problem::{Code, FieldError, Problem};
use crate::views::filter::Condition;
use percent_encoding::percent_decode_str;

/// The name of the keys that works on every board.
pub const PLAIN_KEY: &str = "realTimeItemKey";

/// The keys in a query as it was sent, each once; none when it has no such name. Commas part keys before anything is decoded, so
/// that `%2C` is a part of one; a name that stands several times adds to them.
///
/// # Errors
/// `invalid_key` for what can be no key, `too_many_keys` beyond [`limits::KEYS_PER_PLAIN_VIEWER`].
pub fn keys_of(query: &str, key_name: &str) -> Result<Vec<String>, Problem> {
    let mut keys: Vec<String> = Vec::new();
    for pair in query.split('&') {
        let (name, values) = pair.split_once('=').unwrap_or((pair, ""));
        if !decoded(name).is_some_and(|name| name == PLAIN_KEY || name == key_name) {
            continue;
        }
        for value in values.split(',') {
            let key = decoded(value).ok_or_else(|| {
                Problem::new(Code::InvalidKey, format!("the key {value} in the query is not UTF-8 when it is decoded"))
            })?;
            check_key(&key)
                .map_err(|e| Problem::new(Code::InvalidKey, format!("the key {value:?} in the query {e}")))?;
            if !keys.contains(&key) {
                if keys.len() >= limits::KEYS_PER_PLAIN_VIEWER {
                    let most = limits::KEYS_PER_PLAIN_VIEWER;
                    let detail = format!("a plain feed has at most {most} keys; the JSON feed has more");
                    return Err(Problem::new(Code::TooManyKeys, detail));
                }
                keys.push(key);
            }
        }
    }
    Ok(keys)
}

/// Conditions in a query as it was sent (`where`, repeated), ascending: all have to be met. None where a board calls its keys so.
///
/// # Errors
/// `invalid_filter` at `where` for what is no condition, and for too many.
pub fn wheres_of(query: &str, key_name: &str) -> Result<Vec<String>, Problem> {
    const NAME: &str = "where";
    let wrong = |message: String| Problem::about(400, FieldError::new(NAME, Code::InvalidFilter, message));
    let pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let mut wheres = Vec::new();
    for (_, text) in pairs.filter(|(name, _)| key_name != NAME && decoded(name).is_some_and(|name| name == NAME)) {
        let text = decoded(text).ok_or_else(|| wrong("where is not UTF-8 when it is decoded".to_owned()))?;
        Condition::parse(&text).map_err(|why| wrong(format!("where {why}")))?;
        if wheres.len() >= limits::WHERE_CONDITIONS {
            return Err(wrong(format!("where has at most {} conditions", limits::WHERE_CONDITIONS)));
        }
        wheres.push(text);
    }
    wheres.sort_unstable();
    wheres.dedup();
    Ok(wheres)
}

/// As forms write it: a plus is a space.
fn decoded(text: &str) -> Option<String> {
    percent_decode_str(&text.replace('+', " ")).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    use proptest::prelude::*;

    fn keys(query: &str) -> Vec<String> {
        keys_of(query, "vehicleId").unwrap()
    }

    #[test]
    fn keys_are_parted_by_commas_and_by_names_and_come_once() {
        assert_eq!(keys("vehicleId=3,4&x=5&realTimeItemKey=4,6&vehicleId=7"), ["3", "4", "6", "7"]);
        assert_eq!(keys("vehicleId=a%2Cb,c+d&theme=dark"), ["a,b", "c d"]);
        assert_eq!(keys("vehicle=3&key=4"), Vec::<String>::new());
        assert_eq!(keys(""), Vec::<String>::new());
    }

    #[test]
    fn what_can_be_no_key_and_too_many_are_refused() {
        let code = |query: &str| keys_of(query, "vehicleId").map_err(|problem| problem.code).unwrap_err();
        for query in ["vehicleId=", "vehicleId", "vehicleId=3,,4", "vehicleId=3,", "vehicleId=%FF", "vehicleId=%00"] {
            assert_eq!(code(query), Code::InvalidKey, "{query}");
        }
        let many = |n: usize| (0..n).map(|i| i.to_string()).collect::<Vec<_>>().join(",");
        assert_eq!(keys(&format!("vehicleId={}", many(50))).len(), 50);
        assert_eq!(code(&format!("vehicleId={}", many(51))), Code::TooManyKeys);
        assert_eq!(keys(&format!("vehicleId={}", vec!["1"; 500].join(","))), ["1"]);
    }

    #[test]
    fn conditions_stand_beside_the_keys() {
        let wheres = |query: &str| wheres_of(query, "vehicleId").unwrap();
        let query = "vehicleId=3&where=fuel%3Alt:0.3&where=route:in:801,803&where=fuel:lt:0.3&theme=dark";
        assert_eq!(wheres(query), ["fuel:lt:0.3", "route:in:801,803"]);
        assert_eq!(wheres("vehicleId=3"), Vec::<String>::new());
        assert_eq!(wheres_of("where=a", "where").unwrap(), Vec::<String>::new(), "a board that calls its keys so");
        let refused = |query: &str| wheres_of(query, "vehicleId").map_err(|p| (p.status, p.code)).unwrap_err();
        let many = (0..17).map(|n| format!("where=n:gt:{n}")).collect::<Vec<_>>().join("&");
        for query in ["where=fuel", "where=", "where", "where=%FF", "where=fuel:is:3", &many] {
            assert_eq!(refused(query), (400, Code::InvalidFilter), "{query}");
        }
    }

    proptest! {
        #[test]
        fn whatever_a_key_holds_it_arrives(own in prop::collection::btree_set("[^\\p{Cc}]{1,12}", 1..6)) {
            let query: Vec<String> =
                own.iter().map(|key| utf8_percent_encode(key, NON_ALPHANUMERIC).to_string()).collect();
            let found = keys_of(&format!("realTimeItemKey={}", query.join(",")), "key");
            let valid = own.iter().all(|key| check_key(key).is_ok());
            prop_assert_eq!(found.is_ok(), valid);
            if valid {
                prop_assert_eq!(found.unwrap(), own.into_iter().collect::<Vec<_>>());
            }
        }
    }
}
