//! Every text that a person sees or hears, from one table: `locales/en.json`, compiled by `build.rs`.
//!
//! `text!(scores.page.map)` is a text; `text!(scores.page.none, title = board.title)` is one with a variable, and
//! `counted!(rows, scores.words.changes)` the one of its forms that fits the number.

#[allow(
    missing_docs,
    unused,
    clippy::all,
    clippy::pedantic,
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "the code is made from the table by leptos_i18n"
)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/texts.rs"));
}

pub use generated::i18n::Locale;

/// The language of this visit.
pub const fn locale() -> Locale {
    Locale::en
}

/// A text of the table in the language of this visit.
macro_rules! text {
    ($($key_and_values:tt)+) => {
        ::leptos_i18n::td_string!($crate::texts::locale(), $($key_and_values)+)
    };
}

/// The form of a text that fits a number, which it may show as `{{ count }}`.
macro_rules! counted {
    ($number:expr, $($key:ident).+ $(, $name:ident = $value:expr)* $(,)?) => {{
        let number = $crate::texts::number($number);
        let count = $crate::texts::whole(number);
        if $crate::texts::is_one(number) {
            text!($($key).+.one, count = count $(, $name = $value)*)
        } else {
            text!($($key).+.other, count = count $(, $name = $value)*)
        }
    }};
}

/// The number that decides between forms.
pub fn number(count: impl TryInto<u64>) -> u64 {
    count.try_into().unwrap_or(u64::MAX)
}

/// Whether the singular fits, which English has for 1 only.
pub const fn is_one(number: u64) -> bool {
    match locale() {
        Locale::en => number == 1,
    }
}

/// A whole number with thousands apart.
pub fn whole(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + 8);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}
