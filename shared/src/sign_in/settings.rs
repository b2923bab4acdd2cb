//! What the administrator says about sign-in, and what is wrong with it.

use super::Refused;
use super::placeholders::filled;
use super::token::IdToken;
use crate::limits;
use crate::problem::{Code, FieldError};
use crate::rights::{Grant, check_grants};
use crate::source::poll::Address;
use serde::{Deserialize, Serialize};

/// An algorithm that ID tokens may be signed with. Those with a shared secret, and `none`, are not among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Algorithm {
    /// RSA with PKCS #1 v1.5 and SHA-256.
    #[serde(rename = "RS256")]
    Rs256,
    /// RSA with PSS and SHA-256.
    #[serde(rename = "PS256")]
    Ps256,
    /// ECDSA with P-256 and SHA-256.
    #[serde(rename = "ES256")]
    Es256,
    /// ECDSA with P-384 and SHA-384.
    #[serde(rename = "ES384")]
    Es384,
    /// Ed25519.
    #[serde(rename = "EdDSA")]
    EdDsa,
}

/// What kind of key an algorithm needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// RSA.
    Rsa,
    /// A curve, by `kty` and `crv` of its keys.
    Curve(&'static str, &'static str),
}

impl Algorithm {
    /// All there are.
    pub const ALL: [Self; 5] = [Self::Rs256, Self::Ps256, Self::Es256, Self::Es384, Self::EdDsa];

    /// As it stands in a token's header.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::EdDsa => "EdDSA",
        }
    }

    /// The keys that it needs.
    pub const fn family(self) -> Family {
        match self {
            Self::Rs256 | Self::Ps256 => Family::Rsa,
            Self::Es256 => Family::Curve("EC", "P-256"),
            Self::Es384 => Family::Curve("EC", "P-384"),
            Self::EdDsa => Family::Curve("OKP", "Ed25519"),
        }
    }
}

/// What the administrator says about sign-in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Whose ID tokens are taken. None: nobody signs in.
    #[cfg_attr(feature = "schema", schemars(length(max = limits::ISSUERS)))]
    pub issuers: Vec<Issuer>,
}

/// Somebody whose ID tokens are taken, for one client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Issuer {
    /// Its name here, in subjects and in what is logged: 1 to 32 of a–z, 0–9 and -.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::ISSUER_NAME_CHARS)))]
    pub name: String,
    /// For people, on the button; the name where it is absent.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[cfg_attr(feature = "schema", schemars(length(max = limits::ISSUER_TITLE_CHARS)))]
    pub title: String,
    /// The claim `iss` of its tokens, exactly.
    pub issuer: String,
    /// The client that people sign in to: the claim `aud`.
    pub client_id: String,
    /// Further clients whose tokens are taken, such as that of a phone's app.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_client_ids: Vec<String>,
    /// The algorithms that its tokens may be signed with: `RS256` where absent.
    #[serde(default = "rs256")]
    pub algorithms: Vec<Algorithm>,
    /// Where its keys are; what it publishes of itself says so where this is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<String>,
    /// Where people sign in; likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization_endpoint: Option<String>,
    /// Where the page exchanges a code; likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_endpoint: Option<String>,
    /// Whether whoever signs out here is signed out there, too: the page then goes on to `end_session_endpoint`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sign_out_at_provider: bool,
    /// Where that is (OpenID Connect RP-Initiated Logout 1.0); what it publishes of itself says so where this is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_session_endpoint: Option<String>,
    /// What is asked for: `openid` where absent.
    #[serde(default = "openid")]
    pub scopes: Vec<String>,
    /// Seconds after which somebody must sign in again, counted from when the ID token was made.
    #[serde(default = "session_s")]
    #[cfg_attr(feature = "schema", schemars(range(min = limits::SESSION_SECONDS_MIN, max = limits::SESSION_SECONDS_MAX)))]
    pub session_s: u32,
    /// Seconds by which the issuer's clock may differ.
    #[serde(default = "clock_tolerance_s")]
    #[cfg_attr(feature = "schema", schemars(range(max = limits::CLOCK_TOLERANCE_SECONDS_MAX)))]
    pub clock_tolerance_s: u32,
    /// What its people get. Those that no rule is about get nothing, and are told so.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = limits::RULES_PER_ISSUER)))]
    pub rules: Vec<Rule>,
}

fn rs256() -> Vec<Algorithm> {
    vec![Algorithm::Rs256]
}

fn openid() -> Vec<String> {
    vec!["openid".to_owned()]
}

const fn session_s() -> u32 {
    limits::SESSION_SECONDS
}

const fn clock_tolerance_s() -> u32 {
    limits::CLOCK_TOLERANCE_SECONDS
}

/// Grants for whoever has a value in a claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// A claim by its name (`cognito:groups`), or with a `/` before it a JSON pointer (`/realm_access/roles`).
    pub claim: String,
    /// The values that it is about: the claim is one of them or lists one of them. `staff-*` is all that begin so.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::VALUES_PER_RULE)))]
    pub values: Vec<String>,
    /// What they get. `{value}` and `{sub}` in `board` and `keys` stand for the claim's value and the subject.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::GRANTS_PER_TOKEN)))]
    pub grants: Vec<Grant>,
}

impl Issuer {
    /// Whether tokens for this client are taken.
    pub fn is_client(&self, id: &str) -> bool {
        self.client_id == id || self.other_client_ids.iter().any(|other| other == id)
    }

    /// For people.
    pub fn title(&self) -> &str {
        if self.title.is_empty() { &self.name } else { &self.title }
    }

    /// The algorithm of a token, if the settings have it for this issuer.
    pub fn algorithm(&self, named: &str) -> Result<Algorithm, Refused> {
        self.algorithms.iter().find(|known| known.name() == named).copied().ok_or(Refused::Algorithm)
    }

    /// The address of what it publishes of itself.
    pub fn discovery(&self) -> String {
        format!("{}/.well-known/openid-configuration", self.issuer.trim_end_matches('/'))
    }

    /// The addresses that the worker calls, or that pages open.
    pub fn called(&self) -> impl Iterator<Item = (&'static str, String)> {
        let own = [
            ("jwks_uri", &self.jwks_uri),
            ("authorization_endpoint", &self.authorization_endpoint),
            ("token_endpoint", &self.token_endpoint),
            ("end_session_endpoint", &self.end_session_endpoint),
        ];
        let is_needed = |name: &str| name != "end_session_endpoint" || self.sign_out_at_provider;
        let is_whole = own.iter().all(|&(name, address)| address.is_some() || !is_needed(name));
        let discovered = (!is_whole).then(|| ("issuer", self.discovery()));
        let own = own.map(|(name, address)| address.clone().map(|address| (name, address)));
        discovered.into_iter().chain(own.into_iter().flatten())
    }
}

impl Settings {
    /// The issuer that a token says it is of, for a client that it is for.
    pub fn issuer_of(&self, token: &IdToken<'_>) -> Result<&Issuer, Refused> {
        let (named, audiences) = (token.issuer()?, token.audiences()?);
        let mut of_name = self.issuers.iter().filter(|issuer| issuer.issuer == named).peekable();
        of_name.peek().ok_or(Refused::Issuer)?;
        let is_for = |issuer: &&Issuer| audiences.iter().any(|audience| issuer.is_client(audience));
        of_name.find(is_for).ok_or(Refused::Audience("aud"))
    }

    /// An issuer by its name.
    pub fn issuer(&self, name: &str) -> Option<&Issuer> {
        self.issuers.iter().find(|issuer| issuer.name == name)
    }

    /// Everything that is wrong, each with its field. `private_too` is for development: addresses may be `http` and of this
    /// machine.
    pub fn check(&self, private_too: bool) -> Vec<FieldError> {
        let mut errors = Vec::new();
        if self.issuers.len() > limits::ISSUERS {
            let message = format!("issuers has at most {}", limits::ISSUERS);
            errors.push(FieldError::new("issuers", Code::TooMany, message));
        }
        for (at, issuer) in self.issuers.iter().enumerate() {
            let place = format!("issuers[{at}]");
            let before = self.issuers.get(..at).unwrap_or_default();
            if before.iter().any(|other| other.name == issuer.name) {
                let message = "two issuers have this name; subjects begin with it";
                errors.push(FieldError::new(format!("{place}.name"), Code::Duplicate, message));
            }
            if before.iter().any(|other| other.issuer == issuer.issuer && other.is_client(&issuer.client_id)) {
                let message = "this issuer is there already with this client_id";
                errors.push(FieldError::new(format!("{place}.client_id"), Code::Duplicate, message));
            }
            issuer.check(&place, private_too, &mut errors);
        }
        errors
    }
}

impl Issuer {
    fn check(&self, place: &str, private_too: bool, errors: &mut Vec<FieldError>) {
        let mut wrong = |field: &str, code: Code, message: String| {
            errors.push(FieldError::new(format!("{place}.{field}"), code, message));
        };
        let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if !(1..=limits::ISSUER_NAME_CHARS).contains(&self.name.len()) || !self.name.bytes().all(is_plain) {
            wrong("name", Code::Invalid, format!("name is 1 to {} of a-z, 0-9 and -", limits::ISSUER_NAME_CHARS));
        }
        if self.title.chars().count() > limits::ISSUER_TITLE_CHARS || self.title.contains(char::is_control) {
            wrong("title", Code::Invalid, format!("title is at most {} characters", limits::ISSUER_TITLE_CHARS));
        }
        if self.issuer.contains(['?', '#']) || Address::parse(&self.issuer).is_err() {
            let message = "issuer is the claim iss of its tokens: an address such as https://login.example/realms/staff, \
                           without a query";
            wrong("issuer", Code::Invalid, message.to_owned());
        } else {
            for (field, address) in self.called() {
                let said = match Address::parse(&address) {
                    Ok(address) => address.check(private_too).err().map(|e| e.to_string()),
                    Err(e) => Some(e.to_string()),
                };
                if let Some(said) = said {
                    wrong(field, Code::Invalid, format!("{field} {said}"));
                }
            }
        }
        let is_id = |id: &str| (1..=limits::CLIENT_ID_BYTES).contains(&id.len()) && !id.contains(char::is_control);
        if !is_id(&self.client_id) {
            wrong("client_id", Code::Invalid, format!("client_id is 1 to {} bytes", limits::CLIENT_ID_BYTES));
        }
        if self.other_client_ids.len() > limits::ISSUERS || !self.other_client_ids.iter().all(|id| is_id(id)) {
            let message = format!("other_client_ids is at most {} client ids", limits::ISSUERS);
            wrong("other_client_ids", Code::Invalid, message);
        }
        if self.algorithms.is_empty() {
            let names = Algorithm::ALL.map(Algorithm::name).join(", ");
            wrong("algorithms", Code::Empty, format!("algorithms has at least one of {names}"));
        }
        let is_scope = |scope: &String| {
            // RFC 6749, section 3.3.
            let is_of_scope = |b: u8| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
            (1..=limits::CLIENT_ID_BYTES).contains(&scope.len()) && scope.bytes().all(is_of_scope)
        };
        let has_openid = self.scopes.iter().any(|scope| scope == "openid");
        if !has_openid || self.scopes.len() > limits::ISSUERS || !self.scopes.iter().all(is_scope) {
            wrong("scopes", Code::Invalid, "scopes are names without spaces, openid among them".to_owned());
        }
        let session = limits::SESSION_SECONDS_MIN..=limits::SESSION_SECONDS_MAX;
        if !session.contains(&self.session_s) {
            let message = format!("session_s is {} to {} seconds", session.start(), session.end());
            wrong("session_s", Code::OutOfRange, message);
        }
        if self.clock_tolerance_s > limits::CLOCK_TOLERANCE_SECONDS_MAX {
            let message = format!("clock_tolerance_s is at most {}", limits::CLOCK_TOLERANCE_SECONDS_MAX);
            wrong("clock_tolerance_s", Code::OutOfRange, message);
        }
        if self.rules.len() > limits::RULES_PER_ISSUER {
            wrong("rules", Code::TooMany, format!("rules has at most {}", limits::RULES_PER_ISSUER));
        }
        for (at, rule) in self.rules.iter().enumerate() {
            rule.check(&format!("{place}.rules[{at}]"), errors);
        }
    }
}

impl Rule {
    fn check(&self, place: &str, errors: &mut Vec<FieldError>) {
        let mut wrong = |field: &str, code: Code, message: String| {
            errors.push(FieldError::new(format!("{place}.{field}"), code, message));
        };
        if !(1..=limits::CLIENT_ID_BYTES).contains(&self.claim.len()) {
            let message = "claim is a claim's name, or a JSON pointer such as /realm_access/roles";
            wrong("claim", Code::Invalid, message.to_owned());
        }
        let is_value = |value: &String| (1..=limits::CLIENT_ID_BYTES).contains(&value.len());
        if self.values.is_empty() || self.values.len() > limits::VALUES_PER_RULE || !self.values.iter().all(is_value) {
            let message = format!("values is 1 to {} texts that are not empty", limits::VALUES_PER_RULE);
            wrong("values", Code::Invalid, message);
        }
        if self.grants.is_empty() {
            wrong("grants", Code::Empty, "grants says what those people get".to_owned());
        }
        // As they would be for somebody whose values fit everywhere.
        let given: Vec<Grant> = self.grants.iter().filter_map(|grant| filled(grant, "a", "a")).collect();
        if given.len() < self.grants.len() {
            wrong("grants", Code::Invalid, "what stands in braces is {value} or {sub}".to_owned());
        } else if let Err(error) = check_grants(&given) {
            wrong(&error.field, error.code, error.message);
        }
    }
}
