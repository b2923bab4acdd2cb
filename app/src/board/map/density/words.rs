//! What is said of items that are shown as one, and how their number is written where there is little room. Pure.

use crate::texts::whole;

/// Such as "42 items, worst: Low on fuel".
pub fn said(count: u32, worst: Option<&str>) -> String {
    let items = counted!(count, words.items);
    match worst {
        Some(label) => text!(board.density.worst, items = items, label = label),
        None => items,
    }
}

/// A number that fits on a disc: thousands from ten thousand on, and millions.
pub fn short(count: u32) -> String {
    match count {
        0..10_000 => whole(u64::from(count)),
        10_000..1_000_000 => text!(board.density.thousands, n = whole(u64::from(count / 1_000))),
        1_000_000.. => text!(board.density.millions, n = whole(u64::from(count / 1_000_000))),
    }
}

/// The counts of each step, whose smallest are known.
pub fn ranges(floors: &[u32]) -> Vec<String> {
    let next = floors.iter().skip(1).map(|next| Some(next.saturating_sub(1))).chain([None]);
    let number = |count: u32| whole(u64::from(count));
    let range = |(from, to): (&u32, Option<u32>)| match to {
        Some(to) if to <= *from => number(*from),
        Some(to) => text!(board.density.range, from = number(*from), to = number(to)),
        None => text!(board.density.or_more, from = number(*from)),
    };
    floors.iter().zip(next).map(range).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_says_how_many_and_the_worst() {
        assert_eq!(said(42, Some("Low on fuel")), "42 items, worst: Low on fuel");
        assert_eq!(said(1, None), "1 item");
    }

    #[test]
    fn a_number_on_a_disc_is_short() {
        assert_eq!([7, 9_999, 10_000, 123_456, 4_200_000].map(short), ["7", "9\u{202f}999", "10k", "123k", "4M"]);
    }

    #[test]
    fn steps_say_their_counts() {
        assert_eq!(ranges(&[1, 2, 3, 5, 8]), ["1", "2", "3–4", "5–7", "8 or more"]);
    }
}
