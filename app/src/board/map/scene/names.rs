//! Which items have their key beside their mark: as many as there is room for, the important ones first. Pure.

use std::collections::HashSet;

/// Where more items are in view, none has its name there: they would be a wall of text, and cost more than they tell.
pub const MOST_IN_VIEW: usize = 120;

/// At most so many names.
const MOST: usize = 60;

/// Average width of a letter, and half the height of a line, in CSS pixels.
const LETTER: (f64, f64) = (6.8, 9.0);

/// Between a mark's middle and its name.
const GAP: f64 = 12.0;

/// A mark takes so much room around its middle.
const MARK: f64 = 7.0;

/// A name that stands keeps its place until another comes nearer than this: nothing flickers where two touch.
const YIELDS: f64 = 4.0;

/// An item that might be named.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// Its number.
    pub id: u32,
    /// A hash of its key.
    pub tag: u32,
    /// The smaller, the more important.
    pub rank: usize,
    /// Where its mark is, in CSS pixels.
    pub at: (f64, f64),
    /// How many letters its key has.
    pub letters: usize,
}

/// A name and the side on which it stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Named {
    /// The item's number.
    pub id: u32,
    /// Where its mark is.
    pub at: (f64, f64),
    /// Whether it stands on the left, since there is no room on the right.
    pub is_flipped: bool,
}

/// Left, top, right, bottom.
type Box = [f64; 4];

fn overlap(a: &Box, b: &Box, slack: f64) -> bool {
    a[0] + slack < b[2] && b[0] + slack < a[2] && a[1] + slack < b[3] && b[1] + slack < a[3]
}

/// The names that stand.
#[derive(Debug, Default)]
pub struct Names {
    standing: HashSet<u32>,
}

impl Names {
    /// Chooses whom to name, in a view of this size. The candidates are all who are in view by themselves; `discs` are what else
    /// must not be covered: middles and radii.
    pub fn choose(&mut self, candidates: &[Candidate], discs: &[(f64, f64, f64)], size: (f64, f64)) -> Vec<Named> {
        if candidates.len() > MOST_IN_VIEW {
            self.standing.clear();
            return Vec::new();
        }
        let marks: Vec<Box> = candidates.iter().map(|one| around(one.at)).collect();
        let discs: Vec<Box> = discs.iter().map(|(x, y, far)| [x - far, y - far, x + far, y + far]).collect();
        let mut order: Vec<usize> = (0..candidates.len()).collect();
        let key = |at: &usize| {
            let one = candidates.get(*at).copied().unwrap_or(NOBODY);
            (one.rank, !self.standing.contains(&one.tag), one.tag.wrapping_mul(0x9e37_79b1))
        };
        order.sort_by_key(key);
        let (mut taken, mut named): (Vec<Box>, Vec<(usize, Named)>) = (Vec::new(), Vec::new());
        for at in order {
            let Some(one) = candidates.get(at) else { continue };
            let slack = if self.standing.contains(&one.tag) { YIELDS } else { 0.0 };
            let (place, is_flipped) = place(one, size);
            let hits_mark = marks.iter().enumerate().any(|(other, mark)| other != at && overlap(&place, mark, slack));
            let hits_disc = discs.iter().any(|disc| overlap(&place, disc, 0.0));
            if named.len() < MOST
                && !hits_mark
                && !hits_disc
                && !taken.iter().any(|other| overlap(&place, other, slack))
            {
                taken.push(place);
                named.push((at, Named { id: one.id, at: one.at, is_flipped }));
            }
        }
        self.standing.clear();
        self.standing.extend(named.iter().filter_map(|(at, _)| candidates.get(*at)).map(|one| one.tag));
        // The same order in each frame, so that elements stay whose they are.
        named.sort_by_key(|(at, _)| *at);
        named.into_iter().map(|(_, named)| named).collect()
    }
}

const NOBODY: Candidate = Candidate { id: 0, tag: 0, rank: usize::MAX, at: (0.0, 0.0), letters: 0 };

fn around((x, y): (f64, f64)) -> Box {
    [x - MARK, y - MARK, x + MARK, y + MARK]
}

fn place(one: &Candidate, size: (f64, f64)) -> (Box, bool) {
    let (x, y) = one.at;
    let width = one.letters as f64 * LETTER.0;
    let is_flipped = x + GAP + width > size.0 && x - GAP - width > 0.0;
    let left = if is_flipped { x - GAP - width } else { x + GAP };
    ([left, y - LETTER.1, left + width, y + LETTER.1], is_flipped)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SIZE: (f64, f64) = (800.0, 600.0);

    fn one(id: u32, rank: usize, at: (f64, f64)) -> Candidate {
        Candidate { id, tag: id, rank, at, letters: 6 }
    }

    fn ids(named: &[Named]) -> Vec<u32> {
        named.iter().map(|named| named.id).collect()
    }

    #[test]
    fn of_two_in_one_place_the_important_one_is_named() {
        let mut names = Names::default();
        let close = [one(1, 9, (100.0, 100.0)), one(2, 0, (110.0, 122.0)), one(3, 9, (400.0, 100.0))];
        assert_eq!(ids(&names.choose(&close, &[], SIZE)), [1, 2, 3]);
        let closer = [one(1, 9, (100.0, 100.0)), one(2, 0, (100.0, 110.0)), one(3, 9, (400.0, 100.0))];
        assert_eq!(ids(&names.choose(&closer, &[], SIZE)), [2, 3]);
    }

    #[test]
    fn a_name_that_stands_stays_where_two_touch() {
        let mut names = Names::default();
        let alone = [one(7, 9, (100.0, 100.0))];
        assert_eq!(ids(&names.choose(&alone, &[], SIZE)), [7]);
        for other in 8..40 {
            let both = [one(7, 9, (100.0, 100.0)), one(other, 9, (100.0, 110.0))];
            assert_eq!(ids(&names.choose(&both, &[], SIZE)), [7], "{other}");
        }
    }

    #[test]
    fn at_the_right_edge_names_stand_on_the_left() {
        let mut names = Names::default();
        let named = names.choose(&[one(1, 0, (790.0, 100.0)), one(2, 0, (100.0, 300.0))], &[], SIZE);
        assert_eq!(named.iter().map(|named| named.is_flipped).collect::<Vec<_>>(), [true, false]);
    }

    #[test]
    fn a_name_covers_no_cluster() {
        let alone = [one(7, 9, (100.0, 100.0))];
        let named = |discs: &[(f64, f64, f64)]| ids(&Names::default().choose(&alone, discs, SIZE));
        assert_eq!(named(&[(130.0, 115.0, 16.0)]), [0; 0]);
        assert_eq!(named(&[(130.0, 130.0, 16.0), (80.0, 100.0, 16.0)]), [7]);
    }

    #[test]
    fn where_many_are_nobody_is_named() {
        let many: Vec<_> = (0..=MOST_IN_VIEW as u32).map(|id| one(id, 0, (f64::from(id) * 6.0, 10.0))).collect();
        assert_eq!(Names::default().choose(&many, &[], SIZE), []);
    }

    proptest! {
        #[test]
        fn names_never_lie_over_each_other_or_over_marks(
            places in proptest::collection::vec((0.0..800.0f64, 0.0..600.0f64, 0usize..3), 0..80),
        ) {
            let all: Vec<_> = places.iter().enumerate().map(|(n, (x, y, rank))| one(n as u32, *rank, (*x, *y))).collect();
            let mut names = Names::default();
            let named = names.choose(&all, &[], SIZE);
            let boxes: Vec<_> = named.iter().map(|named| (named.id, place(&all[named.id as usize], SIZE).0)).collect();
            for (n, (id, a)) in boxes.iter().enumerate() {
                for (_, b) in boxes.iter().skip(n + 1) {
                    prop_assert!(!overlap(a, b, 0.0));
                }
                for other in all.iter().filter(|other| other.id != *id) {
                    prop_assert!(!overlap(a, &around(other.at), 0.0));
                }
            }
            prop_assert_eq!(ids(&names.choose(&all, &[], SIZE)), ids(&named), "the same view has the same names");
        }
    }
}
