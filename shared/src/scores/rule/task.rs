//! A task that has a column on a contest's board.

use crate::limits;
use crate::problem::{Code, FieldError};
use crate::value::Value;
use serde::{Deserialize, Serialize};

/// A task of a contest, as its board shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TaskRule {
    /// The value of the field that names the task.
    pub id: Value,
    /// Its letter; its id when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Its name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Its colour, as `#rrggbb`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub color: Option<String>,
}

impl TaskRule {
    /// Its letter.
    pub fn label(&self) -> String {
        let id = || match &self.id {
            Value::Text(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Bool(flag) => flag.to_string(),
        };
        self.label.clone().unwrap_or_else(id)
    }
}

/// What is wrong with the tasks.
pub(super) fn task_errors(tasks: &[TaskRule]) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let most = limits::SCORE_TASKS;
    if tasks.len() > most {
        let message = format!("scores.attempts.tasks has at most {most} tasks");
        errors.push(FieldError::new("scores.attempts.tasks", Code::TooMany, message));
    }
    for (i, task) in tasks.iter().enumerate() {
        let mut check = |ok: bool, part: &str, code: Code, message: &str| {
            if !ok {
                let field = format!("scores.attempts.tasks[{i}].{part}");
                let message = format!("{field} {message}");
                errors.push(FieldError::new(field, code, message));
            }
        };
        let once = tasks.iter().filter(|other| other.id == task.id).count() == 1;
        check(once, "id", Code::Duplicate, "stands for one task only");
        let fits = |text: &Option<String>, most: usize| text.as_ref().is_none_or(|t| !t.is_empty() && t.len() <= most);
        check(fits(&task.label, 8), "label", Code::TooLong, "is 1 to 8 bytes: a letter or two");
        check(fits(&task.title, 120), "title", Code::TooLong, "is 1 to 120 bytes");
        let is_color =
            |c: &String| c.len() == 7 && c.starts_with('#') && c.bytes().skip(1).all(|b| b.is_ascii_hexdigit());
        check(task.color.as_ref().is_none_or(is_color), "color", Code::Invalid, "is a colour such as #1a7f37");
    }
    errors
}
