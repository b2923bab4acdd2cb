//! What is filled in in a template's texts: names between `{{` and `}}`.

/// The names that there are.
pub(super) const PLACES: [&str; 12] =
    ["key", "rule", "name", "severity", "kind", "seen", "time", "board", "reason", "alarm", "id", "text"];

/// The names between `{{` and `}}` in a text: where each begins, it, and where it ends.
pub(super) fn places(text: &str) -> impl Iterator<Item = (usize, &str, usize)> {
    text.match_indices("{{").filter_map(|(from, _)| {
        let rest = text.get(from + 2..)?;
        let to = rest.find("}}")?;
        let name = rest.get(..to).filter(|name| !name.contains('{'))?;
        Some((from, name.trim(), from + 2 + to + 2))
    })
}
