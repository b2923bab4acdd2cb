//! TLS with brokers.

use std::fmt::Display;
use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

/// TLS with Mozilla's roots, or with the certificates of a file (PEM) instead.
pub fn tls(ca: Option<&Path>) -> Result<Arc<ClientConfig>, String> {
    let Some(file) = ca else { return Ok(Arc::new(crate::http::tls_config())) };
    let (roots, _) = read(file)?;
    Ok(Arc::new(ClientConfig::builder().with_root_certificates(roots).with_no_client_auth()))
}

/// The text of a file with certificates (PEM), once it is sure that it has some.
pub fn certificates(file: &Path) -> Result<Vec<u8>, String> {
    read(file).map(|(_, text)| text)
}

fn read(file: &Path) -> Result<(RootCertStore, Vec<u8>), String> {
    let unreadable = |error: &dyn Display| format!("cannot read certificates in {}: {error}", file.display());
    let text = std::fs::read(file).map_err(|error| unreadable(&error))?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&text) {
        let certificate = certificate.map_err(|error| unreadable(&error))?;
        roots.add(certificate).map_err(|error| unreadable(&error))?;
    }
    if roots.is_empty() {
        return Err(format!("{} holds no certificate", file.display()));
    }
    Ok((roots, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_certificates_is_refused_by_its_name() {
        let file = tempfile::NamedTempFile::new().unwrap();
        for (text, why) in [
            ("", "holds no certificate"),
            ("hello", "holds no certificate"),
            ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "cannot read certificates"),
        ] {
            std::fs::write(file.path(), text).unwrap();
            let told = certificates(file.path()).unwrap_err();
            assert!(told.contains(why) && told.contains(&file.path().display().to_string()), "{told}");
        }
        assert!(tls(Some(Path::new("/no/such/file"))).unwrap_err().contains("/no/such/file"));
    }
}
