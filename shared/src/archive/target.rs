//! Where events may go. Targets are the operator's: each is a secret `ARCHIVE_<NAME>` with its address, bucket and keys,
//! and a board chooses one by name. So nobody who manages a board can have the deployment's keys sign anything else.

use super::config::Choice;
pub use super::place::{BadTargetName, Place, Reach, TargetName};
use super::sign::Credentials;
use crate::id::BoardName;
use crate::limits;
use crate::outbound::Origin;
use crate::problem::Code;
use serde::Deserialize;

/// What is needed to write there.
pub enum Access {
    /// The name of the worker's R2 binding.
    Binding(String),
    /// The keys that sign.
    Keys(Credentials),
}

/// A target that the operator declared, as one board uses it. It is never shown: there is no `Debug`.
pub struct Target {
    /// Where.
    pub place: Place,
    /// With what.
    pub access: Access,
}

/// Why a board's events can't be delivered: its target is not one that the operator declared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unknown {
    /// There is no such secret.
    #[error("the operator has declared no archive target {0}: the worker has no secret ARCHIVE_{0}")]
    Undeclared(TargetName),
    /// The secret does not say what it must.
    #[error("the operator's declaration of archive target {0}, the secret ARCHIVE_{0}, {1}")]
    Unusable(TargetName, &'static str),
    /// A config of old describes another place.
    #[error("archive.target describes a place that is not the operator's target {0}; choose one by its name")]
    Elsewhere(TargetName),
}

impl Unknown {
    /// The stable code.
    pub const fn code(&self) -> Code {
        Code::TargetUnknown
    }
}

/// A declaration as it stands in a secret.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Declaration {
    #[serde(default)]
    kind: Kind,
    endpoint: Option<String>,
    region: Option<String>,
    bucket: Option<String>,
    #[serde(default)]
    prefix: String,
    #[serde(default)]
    path_style: bool,
    binding: Option<String>,
    access_key_id: Option<String>,
    secret_access_key: Option<String>,
    session_token: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    R2,
    #[default]
    S3,
}

impl Target {
    /// The target that a board's config chose. `secret` is the text of the worker's secret of [`TargetName::secret`].
    pub fn resolve(choice: &Choice, secret: Option<&str>, board: &BoardName) -> Result<Self, Unknown> {
        let name = choice.name().clone();
        let Some(secret) = secret else { return Err(Unknown::Undeclared(name)) };
        let target = Self::declared(&name, secret, board).map_err(|why| Unknown::Unusable(name.clone(), why))?;
        match choice {
            Choice::Described(d) if !d.is(&target.place) => Err(Unknown::Elsewhere(name)),
            Choice::Named(_) | Choice::Described(_) => Ok(target),
        }
    }

    /// What a secret declares, with the prefix that is the board's own.
    fn declared(name: &TargetName, secret: &str, board: &BoardName) -> Result<Self, &'static str> {
        let d: Declaration =
            serde_json::from_slice(secret.as_bytes()).map_err(|_| "is no JSON object with known fields")?;
        let filled = |part: Option<String>| part.filter(|text| !text.is_empty());
        let bucket = filled(d.bucket).ok_or("names no bucket")?;
        if !is_bucket(&bucket) {
            return Err("has a bucket with a name that no bucket has");
        }
        if !is_prefix(&d.prefix) {
            return Err("has a prefix that is not empty and does not end with /, or that no object may have");
        }
        let (reach, access) = match d.kind {
            Kind::R2 => (Reach::R2, Access::Binding(filled(d.binding).ok_or("names no binding")?)),
            Kind::S3 => {
                let endpoint = filled(d.endpoint).ok_or("names no endpoint")?;
                Origin::parse(&endpoint)
                    .map_err(|_| "has an endpoint that is not https://host or https://host:port")?;
                let region = filled(d.region).ok_or("names no region")?;
                let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
                if region.len() > 40 || !region.bytes().all(plain) {
                    return Err("has a region that is not a to z, 0 to 9 and -");
                }
                let keys = filled(d.access_key_id).zip(filled(d.secret_access_key));
                let (access_key_id, secret_access_key) = keys.ok_or("lacks access_key_id or secret_access_key")?;
                let session_token = filled(d.session_token);
                let keys = Credentials { access_key_id, secret_access_key, session_token };
                (Reach::S3 { endpoint, region, path_style: d.path_style }, Access::Keys(keys))
            }
        };
        let prefix = format!("{}{board}/", d.prefix);
        Ok(Self { place: Place { name: name.clone(), bucket, prefix, reach }, access })
    }
}

fn is_bucket(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let inner = name.bytes().all(|b| plain(b) || b == b'-' || b == b'.');
    let ends = name.bytes().next().is_some_and(plain) && name.bytes().last().is_some_and(plain);
    (3..=63).contains(&name.len()) && inner && ends && !name.contains("..")
}

fn is_prefix(prefix: &str) -> bool {
    let safe = |b: u8| b.is_ascii_alphanumeric() || b"!-_.*'()=".contains(&b);
    let part = |p: &str| !p.is_empty() && p != "." && p != ".." && p.bytes().all(safe);
    prefix.is_empty()
        || prefix.len() <= limits::ARCHIVE_PREFIX_BYTES
            && prefix.strip_suffix('/').is_some_and(|p| p.split('/').all(part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::config::ArchiveConfig;
    use serde_json::{Value, json};

    #[expect(clippy::needless_pass_by_value, reason = "callers write a value")]
    fn choice(target: Value) -> Choice {
        serde_json::from_value::<ArchiveConfig>(json!({"target": target})).unwrap().target
    }

    fn declared() -> Value {
        json!({
            "endpoint": "https://s3.example.com", "region": "eu-1", "bucket": "events", "prefix": "raw/",
            "access_key_id": "a", "secret_access_key": "b",
        })
    }

    fn resolve(choice: &Choice, secret: &Value, board: &str) -> Result<Target, Unknown> {
        Target::resolve(choice, Some(&secret.to_string()), &BoardName::try_from(board).unwrap())
    }

    #[test]
    fn f8_a_board_chooses_a_target_by_name_and_the_operator_says_what_it_is() {
        let named = choice(json!("LAKE"));
        assert_eq!(named.name().secret(), "ARCHIVE_LAKE");
        let target = resolve(&named, &declared(), "fleet").unwrap();
        let shown = json!({
            "name": "LAKE", "kind": "s3", "endpoint": "https://s3.example.com", "region": "eu-1", "bucket": "events",
            "prefix": "raw/fleet/", "path_style": false,
        });
        assert_eq!(serde_json::to_value(&target.place).unwrap(), shown);
        assert_eq!(serde_json::from_value::<Place>(shown).unwrap(), target.place);
        assert!(matches!(target.access, Access::Keys(keys) if keys.access_key_id == "a"));
        // Two boards never share a prefix.
        assert_eq!(resolve(&named, &declared(), "fleet-2").unwrap().place.prefix, "raw/fleet-2/");
        let r2 = json!({"kind": "r2", "binding": "LAKE_BUCKET", "bucket": "events"});
        let target = resolve(&named, &r2, "fleet").unwrap();
        assert_eq!((target.place.prefix.as_str(), &target.place.reach), ("fleet/", &Reach::R2));
        assert!(matches!(target.access, Access::Binding(name) if name == "LAKE_BUCKET"));
    }

    #[test]
    fn f8_a_config_that_describes_a_place_is_refused_and_a_stored_one_waits_for_the_operator() {
        let text = |target: Value| json!({"target": target}).to_string();
        let stored = json!({
            "kind": "s3", "endpoint": "https://s3.example.com", "region": "eu-1", "bucket": "events",
            "prefix": "raw/fleet/", "path_style": false, "credentials": "LAKE",
        });
        let config: ArchiveConfig = serde_json::from_str(&text(stored.clone())).unwrap();
        assert_eq!(
            config.errors().first().map(|e| (e.field.as_str(), e.code.name())),
            Some(("archive.target", "not_allowed"))
        );
        assert_eq!(serde_json::to_value(&config).unwrap()["target"], stored, "it stays as it was stored");
        assert_eq!(config.target.name().to_string(), "LAKE");
        // The secret of old had keys alone.
        let keys = json!({"access_key_id": "a", "secret_access_key": "b"});
        let refused = |secret: &Value| resolve(&config.target, secret, "fleet").err().map(|e| e.to_string());
        assert!(refused(&keys).unwrap().contains("names no bucket"));
        let mut other = declared();
        other["bucket"] = json!("another");
        assert!(refused(&other).unwrap().contains("choose one by its name"));
        other = declared();
        other["endpoint"] = json!("https://evil.example.com");
        assert!(refused(&other).is_some());
        assert_eq!(refused(&declared()), None, "the operator declared it");
        let error = Target::resolve(&config.target, None, &BoardName::try_from("fleet").unwrap()).err().unwrap();
        assert_eq!(error.code(), "target_unknown");
        assert!(error.to_string().contains("ARCHIVE_LAKE"), "{error}");
        for wrong in
            [json!("default"), json!(""), json!("A".repeat(41)), json!("../X"), json!(5), json!({"kind": "ftp"})]
        {
            assert!(serde_json::from_str::<ArchiveConfig>(&text(wrong.clone())).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_declaration_that_can_not_be_used_says_why_and_never_its_keys() {
        let named = choice(json!("DEFAULT"));
        let with = |field: &str, value: Value| {
            let mut d = declared();
            d[field] = value;
            resolve(&named, &d, "b").err().unwrap().to_string()
        };
        for (field, value, why) in [
            ("bucket", json!("Events"), "bucket"),
            ("bucket", json!(""), "bucket"),
            ("bucket", json!("a..b"), "bucket"),
            ("prefix", json!("raw"), "prefix"),
            ("prefix", json!("../"), "prefix"),
            ("prefix", json!("a//"), "prefix"),
            ("endpoint", json!("https://a/b"), "endpoint"),
            ("region", json!("EU"), "region"),
            ("secret_access_key", json!(""), "secret_access_key"),
            ("kind", json!("r2"), "binding"),
            ("pre_fix", json!("x/"), "known fields"),
        ] {
            let said = with(field, value);
            assert!(said.contains(why) && said.contains("ARCHIVE_DEFAULT"), "{field}: {said}");
        }
    }
}
