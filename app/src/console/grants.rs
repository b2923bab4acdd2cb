//! What a key allows, in words.

use serde_json::Value;

fn operation(name: &str) -> &str {
    match name {
        "read" => text!(console.grants.read),
        "history" => text!(console.grants.history),
        "publish" => text!(console.grants.publish),
        "presence" => text!(console.grants.presence),
        "manage" => text!(console.grants.manage),
        other => other,
    }
}

/// `a, b and c`.
fn listed(parts: &[&str]) -> String {
    match parts {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => text!(console.grants.and, first = first.join(", "), last = last),
    }
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// A pattern in words, by whether it names all, a beginning, or one.
fn boards(pattern: &str) -> String {
    match pattern.strip_suffix('*') {
        Some("") => text!(console.grants.all_boards).to_owned(),
        Some(beginning) => text!(console.grants.boards_under, beginning = beginning),
        None => text!(console.grants.board, name = pattern),
    }
}

/// A grant as a sentence.
pub fn sentence(grant: &Value) -> String {
    let operations: Vec<&str> = texts(&grant["operations"]).into_iter().map(operation).collect();
    let text = text!(
        console.grants.line,
        operations = listed(&operations),
        boards = boards(grant["board"].as_str().unwrap_or_default())
    );
    match texts(&grant["keys"]).as_slice() {
        [] | ["*"] => text,
        keys => text!(console.grants.only, line = text, keys = listed(keys)),
    }
}

/// Whether a grant reaches a board.
pub fn reaches(grant: &Value, board: &str) -> bool {
    let pattern = grant["board"].as_str().unwrap_or_default();
    pattern.strip_suffix('*').map_or(pattern == board, |beginning| board.starts_with(beginning))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn rights_read_as_sentences() {
        let cases = [
            (
                json!({"board": "fleet", "operations": ["read", "history", "publish"], "keys": ["n-*", "v7"]}),
                "see, look back and send on the board fleet, only the keys n-* and v7",
            ),
            (
                json!({"board": "quiz-*", "operations": ["manage"], "keys": ["*"]}),
                "manage on boards that begin with quiz-",
            ),
            (json!({"board": "*", "operations": ["read"]}), "see on all boards"),
        ];
        for (grant, text) in cases {
            assert_eq!(sentence(&grant), text);
        }
    }

    #[test]
    fn a_grant_reaches_the_boards_of_its_pattern() {
        assert!(reaches(&json!({"board": "quiz-*"}), "quiz-7") && reaches(&json!({"board": "*"}), "x"));
        assert!(!reaches(&json!({"board": "quiz-*"}), "quiz") && !reaches(&json!({"board": "fleet"}), "fleet2"));
    }
}
