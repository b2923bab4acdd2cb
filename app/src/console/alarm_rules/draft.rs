//! A rule as a form has it: the common kinds in fields, any other as JSON.

use heliograph_shared::alarms::{AlarmRule, Severity};
use serde_json::{Value, json};

use crate::client::manage::FieldProblem;

/// What raises the alarm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// A field is above or below a value.
    #[default]
    Value,
    /// Nothing comes.
    Silent,
    /// The item is in a fence.
    Inside,
    /// It is not.
    Outside,
    /// The key is among the first.
    Rank,
    /// Anything else.
    Json,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Value, Self::Silent, Self::Inside, Self::Outside, Self::Rank, Self::Json];

    /// Its name in the form.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Value => "value",
            Self::Silent => "silent",
            Self::Inside => "inside",
            Self::Outside => "outside",
            Self::Rank => "rank",
            Self::Json => "json",
        }
    }

    /// The one of this name.
    pub fn of(code: &str) -> Self {
        Self::ALL.into_iter().find(|kind| kind.code() == code).unwrap_or_default()
    }

    /// In words.
    pub fn label(self) -> &'static str {
        match self {
            Self::Value => text!(console.alarm_rules.kind.value),
            Self::Silent => text!(console.alarm_rules.kind.silent),
            Self::Inside => text!(console.alarm_rules.kind.inside),
            Self::Outside => text!(console.alarm_rules.kind.outside),
            Self::Rank => text!(console.alarm_rules.kind.rank),
            Self::Json => text!(console.alarm_rules.kind.json),
        }
    }
}

/// What the form says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// What raises the alarm.
    pub kind: Kind,
    /// For people.
    pub name: String,
    /// How grave it is.
    pub severity: String,
    /// Of a value: the field.
    pub field: String,
    /// Whether it is about what is above, and not what is below.
    pub is_above: bool,
    /// The value.
    pub value: String,
    /// The value beyond which the alarm is over.
    pub clear_value: String,
    /// Seconds of silence.
    pub silent_s: String,
    /// The fence's id.
    pub fence: String,
    /// The worst rank.
    pub rank: String,
    /// For how many seconds it must hold.
    pub for_s: String,
    /// For how many seconds it must be over.
    pub clear_for_s: String,
    /// All of it.
    pub json: String,
}

impl Default for Draft {
    fn default() -> Self {
        Self {
            kind: Kind::default(),
            name: String::new(),
            severity: Severity::default().name().to_owned(),
            field: String::new(),
            is_above: true,
            value: String::new(),
            clear_value: String::new(),
            silent_s: String::new(),
            fence: String::new(),
            rank: String::new(),
            for_s: String::new(),
            clear_for_s: String::new(),
            json: "{\n  \"where\": [\"temp:gt:80\"],\n  \"for_s\": 30\n}".to_owned(),
        }
    }
}

/// A whole number as one; what is none is the server's to refuse.
fn number(text: &str) -> Value {
    let text = text.trim();
    text.parse::<u32>().map_or_else(|_| text.into(), Value::from)
}

/// Seconds as a field shows them: nothing for none.
fn seconds(count: u32) -> String {
    if count == 0 { String::new() } else { count.to_string() }
}

impl Draft {
    /// A rule as the form shows it: in fields where they say all of it.
    pub fn of(rule: &AlarmRule) -> Self {
        let written = serde_json::to_string_pretty(rule).unwrap_or_default();
        let whole = Self {
            kind: Kind::Json,
            name: rule.name.clone().unwrap_or_default(),
            severity: rule.severity.name().to_owned(),
            for_s: seconds(rule.for_s),
            clear_for_s: seconds(rule.clear_for_s),
            silent_s: rule.silent_s.map(seconds).unwrap_or_default(),
            rank: rule.rank_at_most.map(seconds).unwrap_or_default(),
            fence: rule.fences().next().map(ToString::to_string).unwrap_or_default(),
            json: written,
            ..Self::default()
        };
        let of_kind = |kind: Kind| Self { kind, ..whole.clone() }.with_condition(rule);
        let says_all = |draft: &Self| draft.rule().as_ref() == Some(rule);
        let kinds = Kind::ALL.into_iter().filter(|kind| *kind != Kind::Json);
        kinds.map(of_kind).find(says_all).unwrap_or(whole)
    }

    fn with_condition(self, rule: &AlarmRule) -> Self {
        let Some(condition) = rule.conditions.first() else { return self };
        for (is_above, operator, over) in [(true, ":gt:", ":lt:"), (false, ":lt:", ":gt:")] {
            if let Some((field, value)) = condition.split_once(operator) {
                let clear = rule.clear_where.first().and_then(|clear| clear.strip_prefix(field)?.strip_prefix(over));
                let [field, value, clear_value] = [field, value, clear.unwrap_or_default()].map(str::to_owned);
                return Self { field, is_above, value, clear_value, ..self };
            }
        }
        self
    }

    fn rule(&self) -> Option<AlarmRule> {
        serde_json::from_value(self.body().ok()?).ok()
    }

    /// What is not said yet, and must be.
    pub fn missing(&self) -> Vec<FieldProblem> {
        let needed: &[(&str, &str)] = match self.kind {
            Kind::Value => &[("field", &self.field), ("where", &self.value)],
            Kind::Silent => &[("silent_s", &self.silent_s)],
            Kind::Inside => &[("inside", &self.fence)],
            Kind::Outside => &[("outside", &self.fence)],
            Kind::Rank => &[("rank_at_most", &self.rank)],
            Kind::Json => &[],
        };
        let empty = needed.iter().filter(|(_, said)| said.trim().is_empty());
        let problem = |field: &str| FieldProblem {
            field: field.to_owned(),
            message: text!(console.alarm_rules.needed).to_owned(),
        };
        empty.map(|(field, _)| problem(field)).collect()
    }

    /// As it is sent. The error says why what was written is no JSON.
    pub fn body(&self) -> Result<Value, String> {
        if self.kind == Kind::Json {
            return serde_json::from_str(&self.json).map_err(|error| text!(console.config.no_json, error = error));
        }
        let mut body = json!({ "severity": self.severity });
        if !self.name.trim().is_empty() {
            body["name"] = self.name.trim().into();
        }
        for (name, said) in [("for_s", &self.for_s), ("clear_for_s", &self.clear_for_s)] {
            if !said.trim().is_empty() {
                body[name] = number(said);
            }
        }
        match self.kind {
            Kind::Value => {
                let (raise, clear) = if self.is_above { ("gt", "lt") } else { ("lt", "gt") };
                let field = self.field.trim();
                body["where"] = json!([format!("{field}:{raise}:{}", self.value.trim())]);
                if !self.clear_value.trim().is_empty() {
                    body["clear_where"] = json!([format!("{field}:{clear}:{}", self.clear_value.trim())]);
                }
            }
            Kind::Silent => body["silent_s"] = number(&self.silent_s),
            Kind::Inside => body["inside"] = self.fence.as_str().into(),
            Kind::Outside => body["outside"] = self.fence.as_str().into(),
            Kind::Rank => body["rank_at_most"] = number(&self.rank),
            Kind::Json => {}
        }
        Ok(body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(rule: &Value) -> AlarmRule {
        AlarmRule::parse(rule.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn rules_of_the_common_kinds_are_shown_in_fields_and_sent_as_they_were() {
        let value = json!({"name": "Too hot", "severity": "critical", "where": ["temp:gt:80"], "for_s": 30,
            "clear_where": ["temp:lt:75"], "clear_for_s": 60});
        for (rule, kind) in [
            (value, Kind::Value),
            (json!({"where": ["fuel:lt:0.1"]}), Kind::Value),
            (json!({"silent_s": 120, "severity": "info"}), Kind::Silent),
            (json!({"inside": "depot", "for_s": 600}), Kind::Inside),
            (json!({"outside": "city"}), Kind::Outside),
            (json!({"rank_at_most": 3}), Kind::Rank),
        ] {
            let rule = read(&rule);
            let draft = Draft::of(&rule);
            assert_eq!(draft.kind, kind);
            assert_eq!(read(&draft.body().unwrap()), rule);
            assert!(draft.missing().is_empty());
        }
        let hot = Draft::of(&read(&json!({"where": ["temp:gt:80"], "clear_where": ["temp:lt:75"]})));
        let said = (hot.field.as_str(), hot.is_above, hot.value.as_str(), hot.clear_value.as_str());
        assert_eq!(said, ("temp", true, "80", "75"));
    }

    #[test]
    fn a_rule_that_fields_do_not_say_is_shown_whole() {
        for rule in [
            json!({"where": ["temp:gt:80", "state:eq:on"]}),
            json!({"where": ["state:eq:off"]}),
            json!({"where": ["temp:gt:80"], "clear_where": ["state:eq:off"]}),
            json!({"where": ["temp:gt:80"], "silent_s": 5}),
            json!({"inside": "depot", "outside": "city"}),
        ] {
            let rule = read(&rule);
            let draft = Draft::of(&rule);
            assert_eq!(draft.kind, Kind::Json, "{rule:?}");
            assert_eq!(read(&draft.body().unwrap()), rule);
        }
    }

    #[test]
    fn what_is_missing_is_said_at_its_field_and_what_is_no_number_is_left_to_the_server() {
        let fields: Vec<String> = Draft::default().missing().into_iter().map(|p| p.field).collect();
        assert_eq!(fields, ["field", "where"]);
        let draft = Draft { kind: Kind::Silent, silent_s: " soon ".to_owned(), ..Draft::default() };
        assert_eq!(draft.body().unwrap()["silent_s"], "soon");
        let draft = Draft { kind: Kind::Json, json: "{".to_owned(), ..Draft::default() };
        assert!(draft.body().is_err());
    }
}
