//! Every text that a person sees or hears, from tables: `locales/*.json`, one for each language, compiled by `build.rs`.
//!
//! | behaviour | file |
//! |---|---|
//! | which language a visit has | `language` |
//! | which form of a text fits a number | `forms` |
//!
//! `text!(scores.page.map)` is a text; `text!(scores.page.none, title = board.title)` is one with a variable, and
//! `counted!(rows, scores.words.changes)` the one of its forms that fits the number.

/// A text of the tables in the language of this visit.
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
        if $crate::texts::is_one($crate::texts::locale(), number) {
            text!($($key).+.one, count = count $(, $name = $value)*)
        } else {
            let forms = text!($($key).+.other, count = count $(, $name = $value)*);
            $crate::texts::picked($crate::texts::locale(), number, forms)
        }
    }};
}

// Below the macros, which they use.
mod forms;
pub mod language;
#[cfg(test)]
mod tests;

#[allow(
    missing_docs,
    unused,
    clippy::all,
    clippy::pedantic,
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "the code is made from the tables by leptos_i18n"
)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/texts.rs"));
}

use std::cell::Cell;

pub use forms::{is_one, picked};
pub use generated::i18n::Locale;

use crate::browser::numbers;

thread_local! {
    /// A page has one thread; each test its own.
    static LOCALE: Cell<Locale> = const { Cell::new(Locale::en) };
}

/// The language of this visit.
pub fn locale() -> Locale {
    LOCALE.get()
}

/// Chooses the language of this visit: once, before the first text is asked for.
pub fn speak(locale: Locale) {
    LOCALE.set(locale);
}

/// The number that decides between forms.
pub fn number(count: impl TryInto<u64>) -> u64 {
    count.try_into().unwrap_or(u64::MAX)
}

/// A whole number with thousands apart.
pub fn whole(number: u64) -> String {
    if locale() != Locale::en {
        return numbers::written(number as f64, 0, 0);
    }
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
