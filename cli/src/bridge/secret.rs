//! Secrets come from the environment or from a file: command lines are seen by everyone on a machine.

use std::path::Path;

use crate::error::CliError;

/// The secret in a file, else in an environment variable; `None` when there is neither.
pub fn find(file: Option<&Path>, variable: &str) -> Result<Option<String>, CliError> {
    let Some(file) = file else {
        return Ok(std::env::var(variable).ok().filter(|secret| !secret.is_empty()));
    };
    let text = std::fs::read_to_string(file)
        .map_err(|error| CliError::failed(format!("cannot read the secret in {}: {error}", file.display())))?;
    let secret = text.trim_end_matches(['\r', '\n']);
    if secret.is_empty() {
        return Err(CliError::failed(format!("{} is empty; it should hold a secret", file.display())));
    }
    Ok(Some(secret.to_owned()))
}

/// An address of a broker, which must not hold a password.
#[cfg(feature = "brokers")]
pub fn address(text: &str, schemes: &[&str], variable: &str) -> Result<reqwest::Url, CliError> {
    let usage = |why: String| CliError::usage(format!("{why}; give it as {}://HOST:PORT", schemes.join(":// or ")));
    let url = reqwest::Url::parse(text).map_err(|error| usage(format!("`{text}` is not an address: {error}")))?;
    if url.password().is_some() {
        return Err(CliError::usage(format!(
            "the address holds a password, which everyone on this machine can see: put it into {variable}"
        )));
    }
    if !schemes.contains(&url.scheme()) {
        return Err(usage(format!("`{}` is none of the schemes of this broker", url.scheme())));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(usage(format!("`{text}` names no host")));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "brokers")]
    #[test]
    fn a_password_in_an_address_is_refused_and_not_repeated() {
        let error = address("mqtt://me:geheim@host", &["mqtt"], "MQTT_PASSWORD").unwrap_err().to_string();
        assert!(error.contains("MQTT_PASSWORD") && !error.contains("geheim"), "{error}");
        assert_eq!(address("mqtt://host", &["mqtt"], "P").unwrap().port(), None);
        assert!(
            address("http://host", &["mqtt", "mqtts"], "P")
                .unwrap_err()
                .to_string()
                .contains("mqtt:// or mqtts://HOST")
        );
        assert!(address("host:1883", &["mqtt"], "P").is_err());
    }

    #[test]
    fn a_secret_in_a_file_has_no_line_break() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "s3cret\r\n").unwrap();
        assert_eq!(find(Some(file.path()), "NONE").unwrap().as_deref(), Some("s3cret"));
        std::fs::write(file.path(), "\n").unwrap();
        assert!(find(Some(file.path()), "NONE").unwrap_err().to_string().contains("is empty"));
        assert_eq!(find(None, "HELIOGRAPH_NO_SUCH_VARIABLE").unwrap(), None);
    }
}
