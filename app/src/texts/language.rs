//! Which language a visit has.

use super::Locale;

/// All languages, in the order in which a page offers them.
pub const ALL: [Locale; 4] = [Locale::en, Locale::de, Locale::es, Locale::ar];

/// A language's code, as in `<html lang>` and in addresses.
pub const fn code(locale: Locale) -> &'static str {
    match locale {
        Locale::en => "en",
        Locale::de => "de",
        Locale::es => "es",
        Locale::ar => "ar",
    }
}

/// What a language calls itself.
pub const fn name(locale: Locale) -> &'static str {
    match locale {
        Locale::en => "English",
        Locale::de => "Deutsch",
        Locale::es => "Español",
        Locale::ar => "العربية",
    }
}

/// Where lines begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// At the left.
    LeftToRight,
    /// At the right, and the page is mirrored.
    RightToLeft,
}

impl Direction {
    /// As in `<html dir>`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::LeftToRight => "ltr",
            Self::RightToLeft => "rtl",
        }
    }
}

/// Where a language's lines begin.
pub const fn direction(locale: Locale) -> Direction {
    match locale {
        Locale::en | Locale::de | Locale::es => Direction::LeftToRight,
        Locale::ar => Direction::RightToLeft,
    }
}

/// The language of a tag of BCP 47: of `de-AT` it is German.
pub fn of_tag(tag: &str) -> Option<Locale> {
    let language = tag.split(['-', '_']).next().unwrap_or_default();
    ALL.into_iter().find(|locale| code(*locale).eq_ignore_ascii_case(language))
}

/// The first that is known: what the address asks for, what the visitor chose before, what the browser wishes for; English.
pub fn chosen(asked: Option<&str>, kept: Option<&str>, wished: impl IntoIterator<Item = String>) -> Locale {
    let own = asked.and_then(of_tag).or_else(|| kept.and_then(of_tag));
    own.or_else(|| wished.into_iter().find_map(|tag| of_tag(&tag))).unwrap_or(Locale::en)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wished(tags: &[&str]) -> Vec<String> {
        tags.iter().map(|tag| (*tag).to_owned()).collect()
    }

    #[test]
    fn the_address_wins_then_the_choice_then_the_browser_then_english() {
        assert_eq!(chosen(Some("ar"), Some("es"), wished(&["de"])), Locale::ar);
        assert_eq!(chosen(None, Some("es"), wished(&["de"])), Locale::es);
        assert_eq!(chosen(None, None, wished(&["fr-CA", "de-AT", "es"])), Locale::de);
        assert_eq!(chosen(None, None, wished(&["fr", "pt-BR"])), Locale::en);
        assert_eq!(chosen(None, None, wished(&[])), Locale::en);
    }

    #[test]
    fn an_unknown_language_is_as_none() {
        assert_eq!(chosen(Some("tlh"), Some(""), wished(&["es-419"])), Locale::es);
        // It begins like German and is another one.
        assert_eq!(of_tag("den"), None);
    }

    #[test]
    fn tags_are_read_in_any_case_and_with_what_follows() {
        assert_eq!(of_tag("DE"), Some(Locale::de));
        assert_eq!(of_tag("ar-EG-u-nu-arab"), Some(Locale::ar));
        assert_eq!(of_tag("es_MX"), Some(Locale::es));
    }

    #[test]
    fn every_language_has_a_name_of_its_own() {
        let names: std::collections::BTreeSet<&str> = ALL.into_iter().map(name).collect();
        assert_eq!(names.len(), ALL.len());
        assert!(ALL.into_iter().all(|locale| of_tag(code(locale)) == Some(locale)));
    }
}
