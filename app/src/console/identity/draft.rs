//! An issuer as its form has it: a text for each field, and as JSON what has no field of its own.

use serde_json::{Map, Value};

use crate::client::manage::FieldProblem;

/// The fields of the form, as the settings call them; the last is what has none of its own.
const FIELDS: [&str; 9] = [
    "name",
    "title",
    "issuer",
    "client_id",
    "scopes",
    "session_s",
    "sign_out_at_provider",
    "end_session_endpoint",
    "rules",
];
/// Where the rest is.
const MORE: &str = "more";

/// What was written, field by field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// Its name in subjects.
    pub name: String,
    /// For people.
    pub title: String,
    /// The claim `iss`.
    pub issuer: String,
    /// The claim `aud`.
    pub client_id: String,
    /// What is asked for, with spaces between.
    pub scopes: String,
    /// How long a sign-in lasts, in seconds.
    pub session_s: String,
    /// Whether people are signed out there, too: `true` or `false`.
    pub sign_out: String,
    /// Where.
    pub end_session: String,
    /// Who gets what, as JSON.
    pub rules: String,
    /// The rest, as JSON.
    pub more: String,
}

fn problem(field: &str, message: String) -> FieldProblem {
    FieldProblem { field: field.to_owned(), message }
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

/// What a text says as JSON; nothing where it is empty.
fn parsed(text: &str) -> Result<Option<Value>, String> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    serde_json::from_str(text).map(Some).map_err(|wrong| text!(console.config.no_json, error = wrong))
}

impl Draft {
    /// The form of an issuer of the settings.
    pub fn of(issuer: &Value) -> Self {
        let mut rest = issuer.as_object().cloned().unwrap_or_default();
        let scopes = rest.remove("scopes").unwrap_or_default();
        let scopes: Vec<&str> = scopes.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let is_signed_out = rest.remove("sign_out_at_provider").is_some_and(|value| value == true);
        let rules = rest.remove("rules").map(|rules| pretty(&rules)).unwrap_or_default();
        let session_s = rest.remove("session_s").map(|seconds| seconds.to_string()).unwrap_or_default();
        let mut text =
            |name: &str| rest.remove(name).and_then(|value| Some(value.as_str()?.to_owned())).unwrap_or_default();
        Self {
            name: text("name"),
            title: text("title"),
            issuer: text("issuer"),
            client_id: text("client_id"),
            end_session: text("end_session_endpoint"),
            scopes: scopes.join(" "),
            session_s,
            sign_out: is_signed_out.to_string(),
            rules,
            more: if rest.is_empty() { String::new() } else { pretty(&Value::Object(rest)) },
        }
    }

    /// The issuer for the settings; what can't be sent, each with its field. All else the server says.
    pub fn issuer(&self) -> Result<Value, Vec<FieldProblem>> {
        let mut problems = Vec::new();
        let mut made = match parsed(&self.more) {
            Ok(None) => Map::new(),
            Ok(Some(Value::Object(rest))) => rest,
            Ok(Some(_)) => {
                problems.push(problem(MORE, text!(console.identity.no_object).to_owned()));
                Map::new()
            }
            Err(wrong) => {
                problems.push(problem(MORE, wrong));
                Map::new()
            }
        };
        let mut put = |name: &str, value: Value| drop(made.insert(name.to_owned(), value));
        for (name, text) in [("name", &self.name), ("issuer", &self.issuer), ("client_id", &self.client_id)] {
            put(name, text.trim().into());
        }
        for (name, text) in [("title", &self.title), ("end_session_endpoint", &self.end_session)] {
            if !text.trim().is_empty() {
                put(name, text.trim().into());
            }
        }
        if !self.scopes.trim().is_empty() {
            put("scopes", self.scopes.split_whitespace().map(Value::from).collect());
        }
        if self.sign_out == "true" {
            put("sign_out_at_provider", true.into());
        }
        match (self.session_s.trim(), self.session_s.trim().parse::<u32>()) {
            ("", _) => {}
            (_, Ok(seconds)) => put("session_s", seconds.into()),
            (_, Err(_)) => problems.push(problem("session_s", text!(console.identity.no_number).to_owned())),
        }
        match parsed(&self.rules) {
            Ok(rules) => put("rules", rules.unwrap_or_else(|| Value::Array(Vec::new()))),
            Err(wrong) => problems.push(problem("rules", wrong)),
        }
        if problems.is_empty() { Ok(Value::Object(made)) } else { Err(problems) }
    }
}

/// Which issuer something that is wrong with the settings is about, and the field of its form.
pub fn place(field: &str) -> Option<(usize, String)> {
    let (at, rest) = field.strip_prefix("issuers[")?.split_once(']')?;
    let rest = rest.strip_prefix('.').unwrap_or(rest);
    let first = rest.split(['.', '[']).next().unwrap_or_default();
    let own = match rest {
        "" => MORE.to_owned(),
        _ if FIELDS.contains(&first) => rest.to_owned(),
        _ => format!("{MORE}.{rest}"),
    };
    Some((at.parse().ok()?, own))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_issuer_goes_through_its_form_unchanged() {
        let whole = json!({
            "name": "staff", "title": "Staff", "issuer": "https://login.example", "client_id": "c", "scopes": ["openid", "email"],
            "session_s": 600, "sign_out_at_provider": true, "end_session_endpoint": "https://login.example/end",
            "rules": [{"claim": "groups", "values": ["a"], "grants": []}],
            "algorithms": ["RS256"], "clock_tolerance_s": 60, "jwks_uri": "https://login.example/keys",
        });
        assert_eq!(Draft::of(&whole).issuer(), Ok(whole));
        let least = json!({"name": "b", "issuer": "https://b.example", "client_id": "c", "rules": []});
        let draft = Draft::of(&least);
        assert_eq!((draft.more.as_str(), draft.sign_out.as_str()), ("", "false"));
        assert_eq!(draft.issuer(), Ok(least));
    }

    #[test]
    fn what_can_t_be_sent_is_said_of_its_field_all_at_once() {
        let draft = Draft { session_s: "eight".into(), rules: "[".into(), more: "7".into(), ..Draft::default() };
        let fields: Vec<String> = draft.issuer().unwrap_err().into_iter().map(|problem| problem.field).collect();
        assert_eq!(fields, ["more", "session_s", "rules"]);
        let draft = Draft { session_s: "-1".into(), more: "{".into(), ..Draft::default() };
        assert_eq!(draft.issuer().unwrap_err().len(), 2);
    }

    #[test]
    fn what_the_server_says_finds_its_field() {
        let of = |field: &str| place(field);
        let at = |index: usize, field: &str| Some((index, field.to_owned()));
        assert_eq!(of("issuers[1].name"), at(1, "name"));
        assert_eq!(of("issuers[0].rules[2].grants[0].board"), at(0, "rules[2].grants[0].board"));
        assert_eq!(of("issuers[0].algorithms"), at(0, "more.algorithms"));
        assert_eq!(of("issuers[12]"), at(12, "more"));
        assert_eq!((of("issuers"), of("issuers[x].name"), of("")), (None, None, None));
    }
}
