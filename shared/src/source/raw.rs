//! The text of a record.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::fmt;
use std::ops::Deref;

/// A record as it came. Of one that came as bytes the text is written when somebody reads it: most are taken, and then
/// nobody does.
#[derive(Clone)]
pub struct Raw<'a>(Kept<'a>);

#[derive(Clone)]
enum Kept<'a> {
    Text(Cow<'a, str>),
    Bytes { bytes: &'a [u8], write: fn(&[u8]) -> String, text: OnceCell<String> },
}

impl<'a> Raw<'a> {
    /// What `write` makes of bytes, once it is asked for.
    #[must_use]
    pub const fn of_bytes(bytes: &'a [u8], write: fn(&[u8]) -> String) -> Self {
        Self(Kept::Bytes { bytes, write, text: OnceCell::new() })
    }

    /// The text itself.
    #[must_use]
    pub fn into_text(self) -> Cow<'a, str> {
        match self.0 {
            Kept::Text(text) => text,
            Kept::Bytes { bytes, write, text } => Cow::Owned(text.into_inner().unwrap_or_else(|| write(bytes))),
        }
    }
}

impl Deref for Raw<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        match &self.0 {
            Kept::Text(text) => text,
            Kept::Bytes { bytes, write, text } => text.get_or_init(|| write(bytes)),
        }
    }
}

impl<'a> From<Cow<'a, str>> for Raw<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Self(Kept::Text(text))
    }
}

impl<'a> From<&'a str> for Raw<'a> {
    fn from(text: &'a str) -> Self {
        Self(Kept::Text(Cow::Borrowed(text)))
    }
}

impl From<String> for Raw<'_> {
    fn from(text: String) -> Self {
        Self(Kept::Text(Cow::Owned(text)))
    }
}

impl Default for Raw<'_> {
    fn default() -> Self {
        Self(Kept::Text(Cow::Borrowed("")))
    }
}

impl PartialEq for Raw<'_> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl fmt::Debug for Raw<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    thread_local! {
        static WRITTEN: Cell<u32> = const { Cell::new(0) };
    }

    fn write(bytes: &[u8]) -> String {
        WRITTEN.set(WRITTEN.get() + 1);
        format!("{bytes:?}")
    }

    #[test]
    fn the_text_of_bytes_is_written_when_it_is_read_and_once() {
        let raw = Raw::of_bytes(&[1, 2], write);
        assert_eq!(WRITTEN.get(), 0);
        assert_eq!((&*raw, raw.len()), ("[1, 2]", 6));
        assert_eq!(raw, Raw::from("[1, 2]"));
        assert_eq!(raw.into_text(), "[1, 2]");
        assert_eq!(WRITTEN.get(), 1);
        assert_eq!(Raw::of_bytes(&[1, 2], write).into_text(), "[1, 2]");
        assert_eq!(WRITTEN.get(), 2);
    }
}
