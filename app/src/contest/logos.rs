//! Teams' logos, as the board's config tells of them. They lie at another site: a page that may not load from there, or a
//! logo that is not there, leaves the team its badge.

use heliograph_shared::logos::Logos;
use serde_json::Value;

/// Reads the config as the server told it. What it does not know it leaves out.
pub fn read(config: &str) -> Logos {
    let config: Value = serde_json::from_str(config).unwrap_or_default();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let files = config["logos"]["files"].as_object().into_iter().flatten();
    let logos = Logos {
        site: text(&config["logos"]["site"]).unwrap_or_default(),
        files: files.filter_map(|(key, file)| Some((key.clone(), text(file)?))).collect(),
    };
    if logos.errors().is_empty() { logos } else { Logos::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logos_are_read_leniently_and_addresses_strictly() {
        let logos = read(r#"{"title":"Cup","logos":{"site":"https://cds.example/","files":{"t1":"1.png","t2":5}}}"#);
        assert_eq!(logos.address("t1").as_deref(), Some("https://cds.example/1.png"));
        assert_eq!(logos.address("t2"), None);
        for config in [
            "",
            "{}",
            r#"{"logos":5}"#,
            r#"{"logos":{"site":"javascript:","files":{"t1":"1.png"}}}"#,
            r#"{"logos":{"site":"https://cds.example/","files":{"t1":"//evil.example/1.png"}}}"#,
        ] {
            assert_eq!(read(config), Logos::default(), "{config}");
        }
    }
}
