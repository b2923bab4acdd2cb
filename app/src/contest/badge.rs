//! A team's badge: its initials on a disc in a colour of its own. It needs nothing but the name, and stands where there is no
//! logo.

/// How many colours `contest.css` has.
const TONES: u32 = 8;

/// A badge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Badge {
    /// One or two letters.
    pub letters: String,
    /// Which colour, from 0.
    pub tone: u32,
}

impl Badge {
    /// The badge of a name: the same for the same name.
    pub fn of(name: &str) -> Self {
        let words = name.split(|sign: char| !sign.is_alphanumeric()).filter(|word| !word.is_empty());
        let mut initials = words.filter_map(|word| word.chars().next());
        let (first, last) = (initials.next(), initials.next_back());
        let letters = first.into_iter().chain(last).flat_map(char::to_uppercase).collect();
        let sum = name.bytes().fold(0_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
        // The low bits of such a sum are those of the last byte: numbers at names' ends would be all that counts.
        Self { letters, tone: (sum ^ (sum >> 7) ^ (sum >> 13)) % TONES }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_those_of_the_first_and_the_last_word() {
        let letters = |name: &str| Badge::of(name).letters;
        assert_eq!(letters("University of Warsaw"), "UW");
        assert_eq!(letters("harbour.space"), "HS");
        assert_eq!(letters("École"), "É");
        assert_eq!(letters("Team 39"), "T3");
        assert_eq!(letters("北京大学"), "北");
        assert_eq!(letters("(–)"), "");
    }

    #[test]
    fn a_name_keeps_its_colour_and_names_have_all_of_them() {
        assert_eq!(Badge::of("Team 1"), Badge::of("Team 1"));
        let tones: std::collections::BTreeSet<u32> = (0..60).map(|n| Badge::of(&format!("Team {n}")).tone).collect();
        assert_eq!(tones.into_iter().collect::<Vec<_>>(), (0..TONES).collect::<Vec<_>>());
    }
}
