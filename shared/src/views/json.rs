//! The JSON forms of a view, written without a tree of values in between.

use serde::Serialize;

/// Appends a value. What views are made of has text for keys and can't fail.
pub fn push(out: &mut Vec<u8>, value: &impl Serialize) {
    let begun = out.len();
    if serde_json::to_writer(&mut *out, value).is_err() {
        out.truncate(begun);
        out.extend_from_slice(b"null");
    }
}

/// Appends values with commas between them.
pub fn push_list<T: Serialize>(out: &mut Vec<u8>, values: impl IntoIterator<Item = T>) {
    let mut begun = false;
    for value in values {
        if begun {
            out.push(b',');
        }
        begun = true;
        push(out, &value);
    }
}

/// One value a line.
pub fn lines<T: Serialize>(values: impl IntoIterator<Item = T>) -> Vec<u8> {
    let mut out = Vec::new();
    for value in values {
        push(&mut out, &value);
        out.push(b'\n');
    }
    out
}
