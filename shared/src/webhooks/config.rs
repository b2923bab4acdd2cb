//! A webhook as managers write it.

use super::places::{PLACES, places};
use crate::alarms::{AlarmEvent, RuleId, Severity, What};
use crate::limits;
use crate::problem::{Code, FieldError, read_json};
use crate::source::aws::key::RootId;
use crate::source::poll::{Address, CredentialName};
use crate::time::Millis;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;

/// A webhook's name in addresses: 1 to 64 of letters, digits, `_`, `.` and `-`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WebhookId(RuleId);

impl WebhookId {
    /// As text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The same as a field's error.
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        RuleId::parse(text).map(Self)
    }
}

impl TryFrom<String> for WebhookId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        RuleId::try_from(text).map(Self)
    }
}

impl From<WebhookId> for String {
    fn from(id: WebhookId) -> Self {
        id.0.into()
    }
}

impl fmt::Display for WebhookId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How a message is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "WebhookFormat"))]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// As Standard Webhooks says: `type`, `timestamp` and `data`.
    #[default]
    Standard,
    /// For Slack, Mattermost, Rocket.Chat and Google Chat: `{"text": …}`.
    Slack,
    /// For Discord.
    Discord,
    /// For Microsoft Teams: an adaptive card.
    Teams,
    /// As `template` says.
    Template,
}

/// A webhook as it is put.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WebhookWish {
    /// Where messages go. It is never shown again: addresses of chats are secrets. Absent where one is changed: it stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// How messages are written.
    #[serde(default)]
    pub format: Format,
    /// With the format `template`: any JSON, in whose texts `{{key}}`, `{{rule}}`, `{{name}}`, `{{severity}}`, `{{kind}}`,
    /// `{{seen}}`, `{{time}}`, `{{board}}`, `{{reason}}`, `{{alarm}}`, `{{id}}` and `{{text}}` are filled in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<Value>,
    /// What is told: `raise`, `clear`, `acknowledge`. Empty: raised and cleared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(length(max = KINDS)))]
    pub kinds: Vec<What>,
    /// Only of these rules. Empty: of all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(length(max = limits::ALARM_RULES)))]
    pub rules: Vec<RuleId>,
    /// Only what is as grave as this, or graver.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// A credential that the operator declared, as for polled addresses: it is sent in its header, or stands in the query.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub credential: Option<CredentialName>,
}

/// Kinds that there are to be told of.
const KINDS: usize = 3;

/// An example, for whoever sent something else.
const EXAMPLE: &str = r#"{"url":"https://ops.example/alarms"}"#;

impl WebhookWish {
    /// Reads what was put; every error names its field and what to write there.
    pub fn parse(text: &[u8]) -> Result<Self, Vec<FieldError>> {
        if text.trim_ascii_start().first() != Some(&b'{') {
            return Err(vec![FieldError::new("", Code::Invalid, format!("a webhook is a JSON object: {EXAMPLE}"))]);
        }
        let wish: Self = read_json(text).map_err(|(field, message)| {
            let code = if message.starts_with("unknown field") { Code::UnknownField } else { Code::Invalid };
            vec![FieldError::new(field, code, message)]
        })?;
        let errors = wish.errors();
        if errors.is_empty() { Ok(wish) } else { Err(errors) }
    }

    fn errors(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let mut wrong = |field: &str, code, message: String| {
            errors.push(FieldError::new(field, code, format!("{field} {message}")));
        };
        if let Some(Err(why)) = self.url.as_deref().map(Address::parse) {
            wrong("url", Code::Invalid, why.to_string());
        }
        match (self.format, &self.template) {
            (Format::Template, None) => {
                let message = r#"is required with the format template: JSON such as {"to":"ops","subject":"{{text}}"}"#;
                wrong("template", Code::Missing, message.to_owned());
            }
            (Format::Template, Some(template)) => {
                if template.to_string().len() > limits::WEBHOOK_TEMPLATE_BYTES {
                    let message = format!("has at most {} bytes", limits::WEBHOOK_TEMPLATE_BYTES);
                    wrong("template", Code::TooLong, message);
                }
                if !template.is_object() && !template.is_array() {
                    wrong("template", Code::Invalid, "is a JSON object or a list".to_owned());
                }
                if let Some(unknown) = unknown_place(template) {
                    let message = format!("has {{{{{unknown}}}}}; there are {}", PLACES.join(", "));
                    wrong("template", Code::Invalid, message);
                }
            }
            (_, Some(_)) => {
                let message = "belongs to the format template: leave it out, or set the format";
                wrong("template", Code::Invalid, message.to_owned());
            }
            (_, None) => {}
        }
        if self.kinds.len() > KINDS {
            wrong("kinds", Code::TooMany, format!("has at most {KINDS}: raise, clear and acknowledge"));
        }
        if self.rules.len() > limits::ALARM_RULES {
            wrong("rules", Code::TooMany, format!("has at most {} rules", limits::ALARM_RULES));
        }
        errors
    }
}

/// A name between braces that nothing is filled in for.
fn unknown_place(template: &Value) -> Option<String> {
    match template {
        Value::String(text) => places(text)
            .map(|(_, name, _)| name)
            .find(|name| !PLACES.contains(name))
            .map(|name| crate::problem::excerpt(name).into_owned()),
        Value::Array(values) => values.iter().find_map(unknown_place),
        Value::Object(members) => members.values().find_map(unknown_place),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// A webhook as a board keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Webhook {
    /// As it was put, with its address.
    pub wish: WebhookWish,
    /// What its secret is derived from, beside a secret of the deployment: random.
    pub salt: String,
    /// Which of the deployment's secrets that is.
    pub root: RootId,
    /// Grows with each rotation.
    pub generation: u32,
    /// Until when messages are signed with the secret before as well, and with which of the deployment's secrets that was
    /// made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<(RootId, Millis)>,
    /// When it was made or changed.
    pub changed_at: Millis,
}

impl Webhook {
    /// Whether it is told of something.
    pub fn is_told(&self, event: &AlarmEvent) -> bool {
        let kinds = if self.wish.kinds.is_empty() { &[What::Raise, What::Clear][..] } else { &self.wish.kinds };
        !event.muted
            && kinds.contains(&event.kind)
            && (self.wish.rules.is_empty() || self.wish.rules.iter().any(|rule| rule.as_str() == event.rule))
            && self.wish.severity.is_none_or(|least| event.severity >= least)
    }

    /// Where messages go.
    pub fn address(&self) -> Option<Address> {
        self.wish.url.as_deref().and_then(|url| Address::parse(url).ok())
    }
}
