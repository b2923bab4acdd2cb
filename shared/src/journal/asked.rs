//! What every journal is asked: when, of which item, and which page.

use crate::limits;
use crate::problem::{Code, FieldError, Problem};
use crate::rollups::query::time;
use crate::time::Millis;
use crate::views::query::{Wrong, refuse};

/// The parameters that all journals know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Only what happened then or later.
    pub from: Option<Millis>,
    /// Only what happened before.
    pub to: Option<Millis>,
    /// Only of this item.
    pub key: Option<String>,
    /// How many.
    pub limit: Option<usize>,
    /// Only what is older than this number: the `next` of the page before.
    pub after: Option<u64>,
}

impl Asked {
    /// Takes a parameter; false: it is none of these.
    pub fn set(&mut self, name: &str, value: &str) -> Result<bool, Wrong> {
        match name {
            "from" => self.from = Some(time(value)?),
            "to" => self.to = Some(time(value)?),
            "key" => self.key = Some(value.to_owned()),
            "limit" => self.limit = Some(page_rows(value)?),
            "after" => {
                let after = value.parse().ok().filter(|after| *after <= limits::SEQ_MAX);
                self.after = Some(after.ok_or_else(|| "is the next of the page before".to_owned())?);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// What is wrong with the parameters together.
    pub fn check(&self) -> Result<(), Problem> {
        let errors = if self.from.zip(self.to).is_some_and(|(from, to)| from >= to) {
            let message = "to is after from; they may have been exchanged";
            vec![FieldError::new("to", Code::InvalidParameter, message)]
        } else {
            Vec::new()
        };
        refuse(errors)
    }

    /// Whether they ask for what happened to this item then.
    pub fn fits(&self, time: Millis, key: &str) -> bool {
        self.from.is_none_or(|from| time >= from)
            && self.to.is_none_or(|to| time < to)
            && self.key.as_deref().is_none_or(|asked| asked == key)
    }
}

/// Rows of a page.
pub fn page_rows(value: &str) -> Result<usize, String> {
    let n = value.parse().unwrap_or(0);
    let ok = (1..=limits::PAGE_ROWS_MAX).contains(&n);
    if ok { Ok(n) } else { Err(format!("is 1 to {}", limits::PAGE_ROWS_MAX)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_of_others_are_left_and_wrong_ones_are_named() {
        let mut asked = Asked::default();
        assert!(asked.set("key", "a").is_ok_and(|is_own| is_own));
        assert!(asked.set("rule", "hot").is_ok_and(|is_own| !is_own));
        for (name, value) in [("from", "soon"), ("limit", "0"), ("limit", "10001"), ("after", "-1")] {
            assert!(asked.set(name, value).is_err(), "{name}={value}");
        }
        assert_eq!(asked, Asked { key: Some("a".to_owned()), ..Asked::default() });
    }

    #[test]
    fn it_asks_from_a_time_on_to_before_another_and_for_one_item() {
        let asked =
            Asked { from: Some(Millis(10)), to: Some(Millis(20)), key: Some("a".to_owned()), ..Asked::default() };
        assert!(asked.check().is_ok());
        assert!(asked.fits(Millis(10), "a") && asked.fits(Millis(19), "a"));
        assert!(!asked.fits(Millis(9), "a") && !asked.fits(Millis(20), "a") && !asked.fits(Millis(15), "b"));
        assert!(Asked::default().fits(Millis(0), "b"));
        let exchanged = Asked { from: asked.to, to: asked.from, ..Asked::default() };
        assert!(exchanged.check().is_err());
    }
}
