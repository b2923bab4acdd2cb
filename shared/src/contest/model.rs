//! The objects of a feed, as far as standings need them. Reading is tolerant: what may be absent may be anything.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::reltime;

/// A member that is text; numbers are taken as their digits, since some systems write ids so.
pub fn text(object: &Value, name: &str) -> Option<String> {
    match object.get(name)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A member that is a truth value.
pub fn flag(object: &Value, name: &str) -> Option<bool> {
    object.get(name).and_then(Value::as_bool)
}

/// A member that is a relative time, in milliseconds.
pub fn relative(object: &Value, name: &str) -> Option<i64> {
    text(object, name).and_then(|text| reltime::parse(&text))
}

/// What a team handed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submission {
    /// Who.
    pub team: String,
    /// For which problem.
    pub problem: String,
    /// When, on the contest's own clock, in milliseconds.
    pub contest_time: Option<i64>,
    /// When, as the feed writes it.
    pub time: Option<String>,
}

impl Submission {
    /// Reads one; the error names what is missing.
    pub fn read(object: &Value) -> Result<Self, String> {
        let need = |name: &str| text(object, name).ok_or_else(|| format!("a submission needs {name}"));
        let submission = Self {
            team: need("team_id")?,
            problem: need("problem_id")?,
            contest_time: relative(object, "contest_time"),
            time: text(object, "time"),
        };
        if submission.contest_time.is_none() && submission.time.is_none() {
            return Err("a submission needs contest_time or time".to_owned());
        }
        Ok(submission)
    }
}

/// What became of a submission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    /// Of which.
    pub submission: String,
    /// The verdict; none while it is pending.
    pub verdict: Option<String>,
    /// Another judgement has taken its place.
    pub superseded: bool,
    /// When judging started, in milliseconds on the contest's clock.
    pub start_contest_time: Option<i64>,
    /// The same, as the feed writes it.
    pub start_time: Option<String>,
    /// When judging ended, in milliseconds on the contest's clock.
    pub end_contest_time: Option<i64>,
    /// The same, as the feed writes it.
    pub end_time: Option<String>,
}

impl Judgement {
    /// Reads one; the error names what is missing.
    pub fn read(object: &Value) -> Result<Self, String> {
        Ok(Self {
            submission: text(object, "submission_id").ok_or("a judgement needs submission_id")?,
            verdict: text(object, "judgement_type_id"),
            superseded: flag(object, "valid") == Some(false) || flag(object, "current") == Some(false),
            start_contest_time: relative(object, "start_contest_time"),
            start_time: text(object, "start_time"),
            end_contest_time: relative(object, "end_contest_time"),
            end_time: text(object, "end_time"),
        })
    }
}

/// What a verdict means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meaning {
    /// It solves the problem.
    pub solved: bool,
    /// It costs something when the problem is solved later.
    pub penalty: bool,
}

impl Meaning {
    /// What a judgement type of the feed says; what it leaves open is as the specification has it for verdicts of this
    /// name.
    pub fn read(object: &Value, known: Self) -> Self {
        let solved = flag(object, "solved").unwrap_or(known.solved);
        Self { solved, penalty: flag(object, "penalty").unwrap_or(known.penalty && !solved) }
    }

    /// What the specification's list of known verdicts says, for feeds that were filtered down to submissions.
    pub fn known(verdict: &str) -> Self {
        let solved = matches!(verdict, "AC" | "APE");
        Self { solved, penalty: !solved && !matches!(verdict, "CE" | "CTL" | "JE" | "SE" | "CS") }
    }
}

/// Latitude and longitude of an organization. Nobody's university is at 0, 0: that is an empty form.
pub fn place(organization: &Value) -> Option<(f64, f64)> {
    let location = organization.get("location")?;
    let degrees = |name: &str| {
        let value = location.get(name)?;
        value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())
    };
    let (lat, lon) = (degrees("latitude")?, degrees("longitude")?);
    let on_earth = lat.abs() <= 90.0 && lon.abs() <= 180.0;
    (on_earth && (lat.abs() >= 0.001 || lon.abs() >= 0.001)).then_some((lat, lon))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn superseded_judgements_are_known_by_either_name() {
        let read = |extra: Value| {
            let mut object = json!({"id": "1", "submission_id": 5, "judgement_type_id": "WA"});
            object.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
            Judgement::read(&object).unwrap()
        };
        assert!(read(json!({"valid": false})).superseded);
        assert!(read(json!({"current": false})).superseded);
        for extra in [json!({}), json!({"valid": true, "current": true}), json!({"valid": null})] {
            assert!(!read(extra).superseded);
        }
        let pending = read(json!({"judgement_type_id": null}));
        assert_eq!((pending.submission.as_str(), pending.verdict), ("5", None));
    }

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(Judgement::read(&json!({})).unwrap_err(), "a judgement needs submission_id");
        assert_eq!(Submission::read(&json!({"team_id": "1"})).unwrap_err(), "a submission needs problem_id");
        let timeless = json!({"team_id": "1", "problem_id": "a", "contest_time": "soon"});
        assert_eq!(Submission::read(&timeless).unwrap_err(), "a submission needs contest_time or time");
    }

    #[test]
    fn places_that_cannot_be_are_none() {
        let at = |lat: Value, lon: Value| place(&json!({"location": {"latitude": lat, "longitude": lon}}));
        assert_eq!(at(json!(41.39), json!(2.19)), Some((41.39, 2.19)));
        assert_eq!(at(json!("41.39"), json!("2.19")), Some((41.39, 2.19)));
        for (lat, lon) in
            [(json!(0), json!(0.0)), (json!(91), json!(0)), (json!(1), Value::Null), (json!("x"), json!(1))]
        {
            assert_eq!(at(lat, lon), None);
        }
        assert_eq!(place(&json!({})), None);
    }

    #[test]
    fn verdicts_of_the_specification_are_known() {
        assert_eq!(Meaning::known("AC"), Meaning { solved: true, penalty: false });
        assert_eq!(Meaning::known("CE"), Meaning { solved: false, penalty: false });
        assert_eq!(Meaning::known("TLE"), Meaning { solved: false, penalty: true });
        let read = |object: Value, name: &str| Meaning::read(&object, Meaning::known(name));
        assert_eq!(read(json!({"solved": false}), "WA"), Meaning { solved: false, penalty: true });
        assert_eq!(read(json!({"solved": false, "penalty": false}), "WA"), Meaning { solved: false, penalty: false });
        assert_eq!(read(json!({}), "CE"), Meaning { solved: false, penalty: false });
        assert_eq!(read(json!({}), "AC"), Meaning { solved: true, penalty: false });
        assert_eq!(read(json!({"solved": true}), "YES"), Meaning { solved: true, penalty: false });
    }
}
