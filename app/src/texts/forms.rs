//! Which form of a text fits a number: the rules for whole numbers of Unicode's CLDR
//! (<https://www.unicode.org/cldr/charts/latest/supplemental/language_plural_rules.html>) for the languages that there are.

use super::Locale;

/// What is between the forms of a text that has more than `one` and `other`; `build.rs` puts it there.
const BETWEEN: char = '\u{1f}';

/// The forms beside `one`, in the order in which a text holds them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Zero,
    Two,
    Few,
    Many,
    Other,
}

/// Whether the singular fits.
pub const fn is_one(locale: Locale, number: u64) -> bool {
    match locale {
        Locale::en | Locale::de | Locale::es | Locale::ar => number == 1,
    }
}

const fn form(locale: Locale, number: u64) -> Form {
    match locale {
        // Spanish has a form for whole millions, which stand in no text of ours.
        Locale::en | Locale::de | Locale::es => Form::Other,
        Locale::ar => match (number, number % 100) {
            (0, _) => Form::Zero,
            (2, _) => Form::Two,
            (_, 3..=10) => Form::Few,
            (_, 11..=99) => Form::Many,
            _ => Form::Other,
        },
    }
}

/// The form that fits a number other than one, of a text with its numbers in it.
pub fn picked(locale: Locale, number: u64, forms: String) -> String {
    if !forms.contains(BETWEEN) {
        return forms;
    }
    forms.split(BETWEEN).nth(form(locale, number) as usize).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::texts::speak;

    #[test]
    fn arabic_has_the_six_forms_of_cldr() {
        let cases = [
            (0, Form::Zero),
            (2, Form::Two),
            (3, Form::Few),
            (10, Form::Few),
            (11, Form::Many),
            (99, Form::Many),
            (100, Form::Other),
            (101, Form::Other),
            (102, Form::Other),
            (103, Form::Few),
            (1_011, Form::Many),
            (u64::MAX, Form::Many),
        ];
        for (number, expected) in cases {
            assert_eq!(form(Locale::ar, number), expected, "{number}");
        }
        assert!(is_one(Locale::ar, 1) && !is_one(Locale::ar, 101));
    }

    #[test]
    fn other_languages_have_one_and_other() {
        for locale in [Locale::en, Locale::de, Locale::es] {
            assert!(is_one(locale, 1));
            assert!([0, 2, 3, 11, 21, 101].iter().all(|n| !is_one(locale, *n) && form(locale, *n) == Form::Other));
        }
    }

    #[test]
    fn a_count_is_said_in_the_form_of_its_language() {
        assert_eq!((counted!(1, words.items), counted!(2, words.items)), ("1 item".into(), "2 items".into()));
        speak(Locale::de);
        assert_eq!((counted!(1, words.items), counted!(2, words.items)), ("1 Objekt".into(), "2 Objekte".into()));
        speak(Locale::es);
        assert_eq!((counted!(1, words.items), counted!(0, words.items)), ("1 objeto".into(), "0 objetos".into()));
        speak(Locale::ar);
        let said = [0, 1, 2, 3, 11, 100].map(|count| counted!(count, words.items));
        let expected = ["لا عناصر", "عنصر واحد", "عنصران", "3 عناصر", "11 عنصرًا", "100 عنصر"];
        assert_eq!(said, expected);
    }
}
