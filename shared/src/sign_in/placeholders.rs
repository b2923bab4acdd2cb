//! Values of claims in the places that grants have for them.

use crate::rights::Grant;

/// A grant for somebody, with values in the places of their names; none where a value would be more than one name, or where
/// something else stands in braces.
pub fn filled(grant: &Grant, value: &str, subject: &str) -> Option<Grant> {
    let fill = |text: &str| {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, behind) = after.split_once('}')?;
            let put = match name {
                "value" => value,
                "sub" => subject,
                _ => return None,
            };
            // A value is one name: a * in it would be a pattern, and give more than was meant.
            if put.is_empty() || put.contains(['*', '{', '}']) {
                return None;
            }
            filled.push_str(before);
            filled.push_str(put);
            rest = behind;
        }
        filled.push_str(rest);
        Some(filled)
    };
    let keys = grant.keys.iter().map(|key| fill(key)).collect::<Option<Vec<String>>>()?;
    Some(Grant { board: fill(&grant.board)?, keys, ..grant.clone() })
}
