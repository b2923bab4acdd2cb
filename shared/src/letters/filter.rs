//! Which letters are meant: the same filter for looking, counting, replaying, dropping and taking out.

use super::{Counted, Kept, LetterId, Mend};
use crate::limits;
use crate::problem::{Code, FieldError, Problem};
use crate::views::query::{Wrong, read_pairs};
use serde::{Deserialize, Serialize};

const KNOWN: &str = "source, code, step, key, text, limit, after, dry_run, all and format";

/// Which letters; those that fit in all that is said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LetterFilter {
    /// By which source.
    pub source: Option<String>,
    /// For which reason.
    pub code: Option<String>,
    /// By which step.
    pub step: Option<String>,
    /// Of which key.
    pub key: Option<String>,
    /// In which this text is: in the record, in what it was mended to, or in what is said of it. Case makes no difference.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl LetterFilter {
    /// Whether all letters fit.
    pub fn is_open(&self) -> bool {
        *self == Self::default()
    }

    /// Whether letters that are counted so may fit.
    pub fn may_have(&self, counted: &Counted) -> bool {
        let Counted(code, source, step, _) = counted;
        let fits = |wish: &Option<String>, is: &Option<String>| wish.is_none() || wish == is;
        fits(&self.code, code) && fits(&self.source, source) && fits(&self.step, step)
    }

    /// Whether a letter fits.
    pub fn fits(&self, kept: &Kept<'_>, mend: Option<&Mend<'_>>, key_name: &str) -> bool {
        let fits = |wish: &Option<String>, is: &Option<String>| wish.is_none() || wish == is;
        fits(&self.code, &kept.code)
            && fits(&self.source, &kept.source)
            && fits(&self.step, &kept.step)
            && self.key.as_ref().is_none_or(|key| kept.key(mend, key_name).as_ref() == Some(key))
            && self.text.as_ref().is_none_or(|text| kept.has_text(mend, &text.to_lowercase()))
    }
}

/// The body of a request about some letters: what is left out is not asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct LetterWish {
    /// By which source.
    pub source: Option<String>,
    /// For which reason.
    pub code: Option<String>,
    /// By which step of the pipeline.
    pub step: Option<String>,
    /// Of which key.
    pub key: Option<String>,
    /// In which this text is.
    pub text: Option<String>,
    /// How many at most.
    pub limit: Option<usize>,
    /// The `next` of the answer before.
    pub after: Option<String>,
}

/// What is asked of the letters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetterQuery {
    /// Which.
    pub filter: LetterFilter,
    /// How many; none: a page, or all of them where they are dropped.
    pub limit: Option<usize>,
    /// Those older than this, and it.
    pub after: Option<LetterId>,
    /// Whether nothing is done.
    pub dry_run: bool,
    /// That a request without a filter means all of them.
    pub all: bool,
    /// Whether they are taken out with their reasons, and not their records alone.
    pub whole: bool,
}

/// Reads where a page goes on: at a letter, or below a row as pages once ended.
fn after(text: &str) -> Option<LetterId> {
    let below = |text: &str| {
        let row = text.parse::<u64>().ok().filter(|row| *row <= limits::SEQ_MAX)?.checked_sub(1)?;
        Some(LetterId { row, nth: 0 })
    };
    LetterId::parse(text).or_else(|| below(text))
}

fn yes_or_no(value: &str) -> Result<bool, Wrong> {
    match value {
        "" | "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(Wrong::Value("is true or false".to_owned())),
    }
}

impl LetterQuery {
    /// Reads the pairs of a query; every wrong one is named.
    pub fn parse<'p>(pairs: impl Iterator<Item = (&'p str, &'p str)>) -> Result<Self, Problem> {
        let mut query = Self::default();
        read_pairs(pairs, |name, value| {
            match name {
                "source" => query.filter.source = Some(value.to_owned()),
                "code" => query.filter.code = Some(value.to_owned()),
                "step" => query.filter.step = Some(value.to_owned()),
                "key" => query.filter.key = Some(value.to_owned()),
                "text" => query.filter.text = searched(value).map_err(Wrong::Value)?,
                "limit" => query.limit = Some(limit(value.parse().unwrap_or(0)).map_err(Wrong::Value)?),
                "after" => query.after = Some(after(value).ok_or_else(of_before)?),
                "dry_run" => query.dry_run = yes_or_no(value)?,
                "all" => query.all = yes_or_no(value)?,
                "format" => {
                    query.whole = match value {
                        "records" => false,
                        "letters" => true,
                        _ => return Err(Wrong::Value("is records or letters".to_owned())),
                    };
                }
                _ => return Err(Wrong::Unknown(KNOWN)),
            }
            Ok(())
        })?;
        Ok(query)
    }

    /// How many letters a page of it has.
    pub fn page(&self) -> usize {
        self.limit.unwrap_or(limits::PAGE_ROWS)
    }

    /// The query of a page, as [`LetterQuery::parse`] reads it.
    pub fn text(&self) -> String {
        let mut text = form_urlencoded::Serializer::new(String::new());
        let LetterFilter { source, code, step, key, text: searched } = &self.filter;
        for (name, value) in [("source", source), ("code", code), ("step", step), ("key", key), ("text", searched)] {
            if let Some(value) = value {
                text.append_pair(name, value);
            }
        }
        if let Some(limit) = self.limit {
            text.append_pair("limit", &limit.to_string());
        }
        if let Some(after) = self.after {
            text.append_pair("after", &after.to_string());
        }
        text.finish()
    }

    /// The same with what a body asks for.
    pub fn with(mut self, wish: LetterWish) -> Result<Self, Problem> {
        let refused = |field: &str, sentence: String| {
            let message = format!("{field} {sentence}");
            Problem::about(422, FieldError::new(field, Code::Invalid, message))
        };
        let LetterWish { source, code, step, key, text, limit: most, after: from } = wish;
        let filter = &mut self.filter;
        for (place, wished) in
            [(&mut filter.source, source), (&mut filter.code, code), (&mut filter.step, step), (&mut filter.key, key)]
        {
            if wished.is_some() {
                *place = wished;
            }
        }
        if let Some(text) = text {
            self.filter.text = searched(&text).map_err(|e| refused("text", e))?;
        }
        if let Some(most) = most {
            self.limit = Some(limit(most).map_err(|e| refused("limit", e))?);
        }
        if let Some(from) = from {
            let found = after(&from);
            self.after = Some(found.ok_or_else(|| refused("after", "is the next of the answer before".to_owned()))?);
        }
        Ok(self)
    }
}

fn of_before() -> Wrong {
    Wrong::Value("is the next of the page before".to_owned())
}

/// A text that is searched for; none where nothing is.
fn searched(text: &str) -> Result<Option<String>, String> {
    let most = limits::LETTER_SEARCH_BYTES;
    let text = text.trim();
    if text.len() > most {
        Err(format!("has at most {most} bytes"))
    } else {
        Ok((!text.is_empty()).then(|| text.to_owned()))
    }
}

fn limit(n: usize) -> Result<usize, String> {
    if (1..=limits::PAGE_ROWS_MAX).contains(&n) { Ok(n) } else { Err(format!("is 1 to {}", limits::PAGE_ROWS_MAX)) }
}
