//! What the standings say in words and numbers.

use heliograph_shared::scores::ScoreRow;

use super::about::{About, Phase};
use crate::browser::numbers;
use crate::texts::{Locale, locale};

/// A value, exact to a millionth, with thousands apart.
pub fn points(value: f64) -> String {
    const MILLION: u64 = 1_000_000;
    if !value.is_finite() {
        return "–".to_owned();
    }
    if locale() != Locale::en {
        return numbers::written(value, 0, 6);
    }
    let millionths = (value.abs() * MILLION as f64).round().min(9e18) as u64;
    let (whole, fraction) = ((millionths / MILLION).to_string(), millionths % MILLION);
    let mut text = String::with_capacity(whole.len() + 8);
    if value < 0.0 && millionths > 0 {
        text.push('\u{2212}');
    }
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    if fraction > 0 {
        text.push('.');
        // Six digits with the zeros in front.
        let digits = (MILLION + fraction).to_string();
        text.push_str(digits.get(1..).unwrap_or_default().trim_end_matches('0'));
    }
    text
}

/// The medal of a row: 1, 2 or 3. Nobody wins with nothing.
pub fn medal(row: &ScoreRow) -> Option<u8> {
    let has_something = row.values.iter().any(|value| *value != 0.0);
    (1..=3).contains(&row.rank).then_some(row.rank as u8).filter(|_| has_something)
}

/// The rank as it is shown: ranks that are shared have a sign for it.
pub fn rank(row: &ScoreRow, shares_ranks: bool) -> String {
    if row.tied && shares_ranks { format!("={}", row.rank) } else { row.rank.to_string() }
}

/// Why a tied row stands where it does; `above` is the row before it, if that is known.
pub fn tie(row: &ScoreRow, above: Option<&ScoreRow>, shares_ranks: bool) -> Option<&'static str> {
    if !row.tied {
        return None;
    }
    if shares_ranks {
        return Some(text!(scores.words.level_shared));
    }
    match above {
        Some(above) if above.values == row.values => Some(text!(scores.words.level_later)),
        Some(_) => Some(text!(scores.words.level_first)),
        None if row.position == 1 => Some(text!(scores.words.level_first)),
        None => Some(text!(scores.words.level)),
    }
}

/// A row's groups on one line.
pub fn groups(row: &ScoreRow) -> String {
    row.groups.iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" · ")
}

/// For people who listen: how it stands, and how much happened since it was said last.
pub fn summary(leader: Option<&ScoreRow>, about: &About, changes: u64) -> String {
    let Some(leader) = leader else { return text!(scores.page.nobody).to_owned() };
    let values: Vec<String> = leader
        .values
        .iter()
        .zip(&about.columns)
        .map(|(value, column)| format!("{} {}", points(*value), column.label.to_ascii_lowercase()))
        .collect();
    let (name, values) = (&leader.name, values.join(", "));
    let mut text = if leader.tied && about.shares_ranks {
        text!(scores.words.level_in_front, name = name, values = values)
    } else {
        text!(scores.words.leader, name = name, values = values)
    };
    if changes > 0 {
        text.push(' ');
        text.push_str(&counted!(changes, scores.words.changes));
    }
    text
}

/// What a banner says about a frozen, revealed or unopened board; `time` writes a moment.
pub fn banner(about: &About, time: impl Fn(i64) -> String) -> Option<String> {
    let since = about.session.as_ref().and_then(|session| session.frozen_at).map(&time);
    let phase = about.session.as_ref().map(|session| session.phase);
    match (about.frozen, about.live, phase) {
        (true, true, _) => Some(text!(scores.words.frozen_live).to_owned()),
        (true, false, Some(Phase::Revealing)) => Some(text!(scores.words.revealing).to_owned()),
        (true, false, _) => Some(match since {
            Some(since) => text!(scores.words.frozen_since, since = since),
            None => text!(scores.words.frozen).to_owned(),
        }),
        (false, _, Some(Phase::Created)) => {
            let opens = about.session.as_ref().and_then(|session| session.opens_at).map(time);
            Some(opens.map_or_else(
                || text!(scores.words.not_open).to_owned(),
                |opens| text!(scores.words.opens, time = opens),
            ))
        }
        (false, ..) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::about::{Column, Session};
    use super::*;
    use heliograph_shared::time::Millis;

    fn row(position: u32, rank: u32, tied: bool, values: &[f64]) -> ScoreRow {
        ScoreRow {
            key: format!("k{position}"),
            name: "HSE".into(),
            position,
            rank,
            tied,
            values: values.to_vec(),
            reached: Millis(0),
            groups: vec![Some("RUS".into()), None, Some("North".into())],
            cells: Vec::new(),
        }
    }

    #[test]
    fn values_are_exact_and_grouped() {
        let cases = [
            (0.0, "0"),
            (9.0, "9"),
            (1_234_567.0, "1\u{202f}234\u{202f}567"),
            (-12.5, "\u{2212}12.5"),
            (0.1 + 0.2, "0.3"),
            (0.000_001, "0.000001"),
            (-0.000_000_1, "0"),
            (f64::NAN, "–"),
        ];
        for (value, text) in cases {
            assert_eq!(points(value), text);
        }
    }

    #[test]
    fn medals_need_something_to_show_for_them() {
        assert_eq!(medal(&row(1, 1, false, &[9.0, 995.0])), Some(1));
        assert_eq!(medal(&row(2, 1, true, &[9.0])), Some(1));
        assert_eq!(medal(&row(4, 4, false, &[9.0])), None);
        assert_eq!(medal(&row(1, 1, true, &[0.0, 0.0])), None);
    }

    #[test]
    fn ties_are_shown_with_their_reason() {
        let (first, second, lone) = (row(1, 1, true, &[9.0]), row(2, 2, true, &[9.0]), row(3, 3, false, &[8.0]));
        assert_eq!(tie(&first, None, false), Some("level; got there first"));
        assert_eq!(tie(&second, Some(&first), false), Some("level; got there later"));
        assert_eq!(tie(&second, None, false), Some("level"));
        assert_eq!(tie(&lone, Some(&second), false), None);
        assert_eq!(tie(&row(2, 1, true, &[9.0]), Some(&first), true), Some("level; the rank is shared"));
        assert_eq!((rank(&second, true).as_str(), rank(&second, false).as_str()), ("=2", "2"));
        assert_eq!(groups(&lone), "RUS · North");
    }

    #[test]
    fn the_summary_names_the_leader_and_what_happened() {
        let column = |label: &str| Column { name: String::new(), label: label.into() };
        let about = About { columns: vec![column("Solved"), column("Penalty (min)")], ..About::default() };
        let leader = row(1, 1, false, &[9.0, 995.0]);
        assert_eq!(summary(Some(&leader), &about, 3), "Leader: HSE, 9 solved, 995 penalty (min). 3 changes since.");
        assert_eq!(summary(Some(&leader), &about, 0), "Leader: HSE, 9 solved, 995 penalty (min).");
        assert_eq!(summary(None, &about, 0), "Nobody has a rank yet.");
    }

    #[test]
    fn the_banner_says_what_is_hidden_from_whom() {
        let session = |phase| Some(Session { phase, frozen_at: Some(7), opens_at: Some(9), ..Session::default() });
        let time = |at: i64| format!("at {at}");
        let frozen = About { frozen: true, session: session(Phase::Frozen), ..About::default() };
        assert!(banner(&frozen, time).unwrap().starts_with("Frozen since at 7."));
        assert!(banner(&About { live: true, ..frozen.clone() }, time).unwrap().contains("live standings"));
        let revealing = About { session: session(Phase::Revealing), ..frozen };
        assert!(banner(&revealing, time).unwrap().contains("revealed"));
        let created = About { session: session(Phase::Created), ..About::default() };
        assert_eq!(banner(&created, time).unwrap(), "Opens at 9.");
        assert_eq!(banner(&About { session: session(Phase::Open), ..About::default() }, time), None);
    }
}
