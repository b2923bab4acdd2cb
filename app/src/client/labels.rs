//! Names of fields as people read them.

/// A field's name as a label, when the config has none: `trip_headsign` reads `Trip headsign`.
pub fn label_from_name(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut after_lower = false;
    for c in name.chars() {
        if matches!(c, '_' | '-' | '.') {
            out.push(' ');
            after_lower = false;
        } else {
            if c.is_uppercase() && after_lower {
                out.push(' ');
            }
            after_lower = c.is_lowercase() || c.is_ascii_digit();
            if out.is_empty() {
                out.extend(c.to_uppercase());
            } else {
                out.extend(c.to_lowercase());
            }
        }
    }
    out
}

/// As `label_from_name`, for ASCII only: other scripts' letters stay as they are. Their tables would
/// double the scoreboard's page.
pub fn label_from_ascii(name: &str) -> String {
    let mut label = name.replace(['_', '-', '.'], " ");
    if let Some(first) = label.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    label
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_labels() {
        assert_eq!(label_from_name("trip_headsign"), "Trip headsign");
        assert_eq!(label_from_name("routeId"), "Route id");
        assert_eq!(label_from_name("fuel"), "Fuel");
    }

    #[test]
    fn only_ascii_letters_are_raised_where_tables_cost_too_much() {
        assert_eq!(label_from_ascii("time_used"), "Time used");
        assert_eq!((label_from_ascii("état").as_str(), label_from_ascii("").as_str()), ("état", ""));
    }
}
