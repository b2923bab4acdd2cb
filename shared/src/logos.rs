//! Logos beside the names of a ranking: a board's config says at which site they lie, and where there for each key.
//!
//! One site, since the policy of the page lets it load from there and from nowhere else.

use crate::limits;
use crate::problem::{Code, FieldError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Where logos lie.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Logos {
    /// An https address, or a path on this site, below which they lie. It ends in a slash.
    pub site: String,
    /// Where below that address, by key.
    pub files: BTreeMap<String, String>,
}

/// Bytes of an address, and of a place below it.
const PLACE_BYTES: usize = 300;

impl Logos {
    /// The address of a key's logo.
    pub fn address(&self, key: &str) -> Option<String> {
        self.files.get(key).map(|file| format!("{}{file}", self.site))
    }

    /// What is wrong with them, each at its field.
    pub fn errors(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let mut check = |ok: bool, field: &str, code: Code, message: &str| {
            if !ok {
                errors.push(FieldError::new(field, code, format!("{field} {message}")));
            }
        };
        let host = self.site.strip_prefix("https://").unwrap_or_default();
        let is_site = host.split('/').next().is_some_and(|host| !host.is_empty()) && !host.contains("//");
        let is_path = self.site.starts_with('/') && !self.site.contains("//");
        let ok = (is_site || is_path) && self.site.ends_with('/') && is_place(&self.site.replace(':', ""));
        check(ok, "logos.site", Code::Invalid, "is an https address or a path on this site, and ends in a slash");
        let most = limits::LOGOS;
        check(self.files.len() <= most, "logos.files", Code::TooMany, &format!("has at most {most} logos"));
        let keys_ok = self.files.keys().all(|key| (1..=limits::KEY_BYTES).contains(&key.len()));
        check(keys_ok, "logos.files", Code::Invalid, "names keys of the board");
        let wrong = self.files.iter().find(|(_, file)| !is_file(file));
        if let Some((key, _)) = wrong {
            let field = format!("logos.files.{key}");
            check(false, &field, Code::Invalid, "is a path below logos.site, such as organizations/7/logo.png");
        }
        errors
    }
}

/// What an address may be made of; it goes into a page, and its host into a header.
fn is_place(text: &str) -> bool {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"/._~%-+=&?@".contains(&b);
    text.len() <= PLACE_BYTES && text.bytes().all(is_plain)
}

/// Whether a text is a path that leads nowhere but below.
pub fn is_file(text: &str) -> bool {
    !text.is_empty() && is_place(text) && text.split('/').all(|part| !part.is_empty() && part != "." && part != "..")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(site: &str, files: &[(&str, &str)]) -> Vec<String> {
        let files = files.iter().map(|(key, file)| ((*key).to_owned(), (*file).to_owned())).collect();
        Logos { site: site.to_owned(), files }.errors().into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn a_logo_lies_below_the_site_that_is_named_and_nowhere_else() {
        let files = [("47074", "contests/wf47/organizations/65/logo.64x64"), ("t 2", "a.png?size=64")];
        for site in ["https://cds.example/api/", "https://cds.example:8443/", "/contest/api/", "/"] {
            assert_eq!(wrong(site, &files), Vec::<String>::new(), "{site}");
        }
        let cds = "https://cds.example/";
        let logos = Logos { site: cds.to_owned(), files: [("7".to_owned(), "7/logo.png".to_owned())].into() };
        assert_eq!(logos.address("7").as_deref(), Some("https://cds.example/7/logo.png"));
        assert_eq!(logos.address("8"), None);
        for site in [
            "",
            "http://cds.example/",
            "https://cds.example",
            "https:///",
            "//cds.example/",
            "javascript:alert(1)/",
            "https://cds.example/ 'unsafe-inline'/",
            "https://cds.example/;img-src */",
            "https://a.example//b.example/",
        ] {
            assert_eq!(wrong(site, &files), ["logos.site"], "{site}");
        }
        for file in
            ["", "/logo", "//evil.example/logo", "../logo", "a/../../b", "https://evil.example/x", "a b", "a\"b", "a<b"]
        {
            assert_eq!(wrong(cds, &[("7", file)]), ["logos.files.7"], "{file}");
        }
        assert_eq!(wrong(cds, &[("", "logo")]), ["logos.files"]);
    }

    #[test]
    fn there_are_no_more_than_a_config_holds() {
        let many: Vec<String> = (0..=limits::LOGOS).map(|n| n.to_string()).collect();
        let files: Vec<(&str, &str)> = many.iter().map(|key| (key.as_str(), "logo")).collect();
        assert_eq!(wrong("/", &files), ["logos.files"]);
        assert_eq!(wrong("/", &files[1..]), Vec::<String>::new());
    }
}
