//! A webhook as a form has it.

use heliograph_shared::alarms::{Severity, What};
use heliograph_shared::webhooks::{Format, WebhookWish};
use serde_json::{Value, json};

/// How messages can be written.
pub const FORMATS: [Format; 5] = [Format::Standard, Format::Slack, Format::Discord, Format::Teams, Format::Template];
/// What can be told.
pub const KINDS: [What; 3] = [What::Raise, What::Clear, What::Acknowledge];
/// What is told by one that says nothing of it.
const TOLD: [What; 2] = [What::Raise, What::Clear];

/// A format's name, as it is sent.
pub const fn code(format: Format) -> &'static str {
    match format {
        Format::Standard => "standard",
        Format::Slack => "slack",
        Format::Discord => "discord",
        Format::Teams => "teams",
        Format::Template => "template",
    }
}

/// A format in words.
pub fn label(format: Format) -> &'static str {
    match format {
        Format::Standard => text!(console.webhooks.format.standard),
        Format::Slack => text!(console.webhooks.format.slack),
        Format::Discord => text!(console.webhooks.format.discord),
        Format::Teams => text!(console.webhooks.format.teams),
        Format::Template => text!(console.webhooks.format.template),
    }
}

/// What the form says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Where messages go; empty in one that is changed: it stays.
    pub url: String,
    /// How they are written.
    pub format: String,
    /// As what, with the format of one's own.
    pub template: String,
    /// What is told.
    pub kinds: Vec<What>,
    /// The mildest that is told; empty: all.
    pub severity: String,
    /// Of which rules; none: of all.
    pub rules: Vec<String>,
    /// A credential that the operator declared.
    pub credential: String,
}

impl Default for Draft {
    fn default() -> Self {
        Self::of(&WebhookWish::default())
    }
}

impl Draft {
    /// A webhook as the form shows it.
    pub fn of(wish: &WebhookWish) -> Self {
        let template = wish.template.as_ref().and_then(|template| serde_json::to_string_pretty(template).ok());
        Self {
            url: String::new(),
            format: code(wish.format).to_owned(),
            template: template.unwrap_or_else(|| "{\n  \"to\": \"ops\",\n  \"subject\": \"{{text}}\"\n}".to_owned()),
            kinds: if wish.kinds.is_empty() { TOLD.to_vec() } else { wish.kinds.clone() },
            severity: wish.severity.map(|severity: Severity| severity.name().to_owned()).unwrap_or_default(),
            rules: wish.rules.iter().map(ToString::to_string).collect(),
            credential: wish.credential.as_ref().map(ToString::to_string).unwrap_or_default(),
        }
    }

    /// As it is sent. The error says why the template is no JSON.
    pub fn body(&self) -> Result<Value, String> {
        let kinds: Vec<&str> = KINDS.into_iter().filter(|kind| self.kinds.contains(kind)).map(What::name).collect();
        let mut body = json!({ "format": self.format, "kinds": kinds });
        for (name, said) in [("url", &self.url), ("severity", &self.severity), ("credential", &self.credential)] {
            if !said.trim().is_empty() {
                body[name] = said.trim().into();
            }
        }
        if !self.rules.is_empty() {
            body["rules"] = json!(self.rules);
        }
        if self.format == code(Format::Template) {
            let template: Value =
                serde_json::from_str(&self.template).map_err(|error| text!(console.config.no_json, error = error))?;
            body["template"] = template;
        }
        Ok(body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &Value) -> WebhookWish {
        WebhookWish::parse(body.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn a_form_becomes_a_webhook_that_the_server_takes() {
        let draft = Draft { url: " https://ops.example/alarms ".to_owned(), ..Draft::default() };
        let wish = read(&draft.body().unwrap());
        assert_eq!(wish.url.as_deref(), Some("https://ops.example/alarms"));
        assert_eq!((wish.format, wish.kinds, wish.severity), (Format::Standard, TOLD.to_vec(), None));
        for format in FORMATS {
            let draft = Draft { format: code(format).to_owned(), ..Draft::default() };
            assert_eq!(read(&draft.body().unwrap()).format, format);
        }
    }

    #[test]
    fn a_webhook_that_is_changed_keeps_its_address_and_all_that_it_was() {
        let wish =
            read(&json!({"format": "template", "template": {"subject": "{{text}}"}, "kinds": ["raise", "acknowledge"],
            "severity": "critical", "rules": ["hot"], "credential": "OPS"}));
        assert_eq!(read(&Draft::of(&wish).body().unwrap()), wish);
        let broken = Draft { template: "{".to_owned(), ..Draft::of(&wish) };
        assert!(broken.body().is_err());
        let plain = Draft { template: "{".to_owned(), ..Draft::default() };
        assert!(plain.body().is_ok(), "what is not shown is not read");
    }
}
