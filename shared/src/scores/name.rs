//! Players' names: checked when they join, and wherever else they appear.

use crate::event::Event;
use crate::limits;
use crate::problem::{Code, FieldError};
use crate::value::Value;

/// Characters that nobody sees, or that turn the text around them. Joiners stay: scripts and emoji need them.
const fn is_hidden(c: char) -> bool {
    matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// A player's name as it may stand on a scoreboard.
pub fn check_name(name: &str) -> Result<String, FieldError> {
    let name = name.trim();
    let plain = !name.chars().any(|c| c.is_control() || is_hidden(c));
    let ok = !name.is_empty() && name.len() <= limits::PLAYER_NAME_BYTES && plain;
    let most = limits::PLAYER_NAME_BYTES;
    let message = format!("name is 1 to {most} bytes without hidden characters: what others see on the scoreboard");
    if ok { Ok(name.to_owned()) } else { Err(FieldError::new("name", Code::Invalid, message)) }
}

/// A player's event says its name as the player gave it when it joined, whatever else it says: nobody takes another's
/// later. Who did not join by a code has no such name: then the name must be one that could be given at the door.
pub fn settle_name(event: &mut Event, field: &str, joined: Option<&str>) -> Result<(), FieldError> {
    for (field, value) in event.fields.iter_mut().filter(|(f, _)| f == field) {
        match (joined, &value) {
            (Some(name), _) => *value = Some(Value::Text(name.to_owned())),
            (None, None) => {}
            (None, Some(Value::Text(text))) => {
                let name =
                    check_name(text).map_err(|e| FieldError::new(format!("fields.{field}"), e.code, e.message))?;
                *value = Some(Value::Text(name));
            }
            (None, Some(Value::Number(_) | Value::Bool(_))) => {
                let field = format!("fields.{field}");
                let message = format!("{field} is a player's name: text");
                return Err(FieldError::new(field, Code::Invalid, message));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Millis;

    fn named(name: Option<Value>, joined: Option<&str>) -> Result<Option<Value>, &'static str> {
        let fields = vec![("name".to_owned(), name)];
        let mut event = Event { id: None, key: "p-1".into(), time: Millis(0), position: None, fields };
        settle_name(&mut event, "name", joined).map_err(|e| e.code.name())?;
        Ok(event.fields.remove(0).1)
    }

    #[test]
    fn case_10_a_name_is_the_one_from_the_door() {
        let text = |t: &str| Some(Value::Text(t.to_owned()));
        for name in [text("Teacher"), text("a\u{7}b"), text("\u{202e}evil gnol"), text(&"x".repeat(150)), None] {
            assert_eq!(named(name, Some("Bob")), Ok(text("Bob")));
        }
    }

    #[test]
    fn case_10_a_name_without_a_door_is_checked_like_at_the_door() {
        let text = |t: &str| Some(Value::Text(t.to_owned()));
        assert_eq!(named(text(" Zoe "), None), Ok(text("Zoe")));
        assert_eq!(named(text("\u{1f468}\u{200d}\u{1f469}"), None), Ok(text("\u{1f468}\u{200d}\u{1f469}")));
        for bad in ["", "a\u{7}b", "\u{202e}evil gnol", "a\u{200b}", &"x".repeat(61)] {
            assert_eq!(named(text(bad), None), Err("invalid"), "{bad:?}");
            assert!(check_name(bad).is_err());
        }
        assert_eq!(named(Some(Value::Number(7.0)), None), Err("invalid"));
        assert_eq!(named(None, None), Ok(None));
    }
}
