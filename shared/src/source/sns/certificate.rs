//! The certificate that a message is signed with.

use crate::time::Millis;
use x509_cert::Certificate as Parsed;
use x509_cert::der::{DecodePem as _, Encode as _};

/// What of a certificate is needed: its public key, and when it counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The public key as `SubjectPublicKeyInfo`, DER.
    pub public_key: Vec<u8>,
    from: Millis,
    until: Millis,
}

/// Why a certificate is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadCertificate {
    /// It is no text.
    #[error("it is not the PEM of an X.509 certificate")]
    NotPem,
    /// It can't be read.
    #[error("it is not an X.509 certificate")]
    NotACertificate,
}

impl Certificate {
    /// Reads the first certificate of a PEM.
    pub fn parse(pem: &[u8]) -> Result<Self, BadCertificate> {
        const END: &str = "-----END CERTIFICATE-----";
        let text = std::str::from_utf8(pem).map_err(|_| BadCertificate::NotPem)?;
        let start = text.find("-----BEGIN CERTIFICATE-----").ok_or(BadCertificate::NotPem)?;
        let text = text.get(start..).unwrap_or_default();
        let end = text.find(END).ok_or(BadCertificate::NotPem)?;
        let first = text.get(..end + END.len()).unwrap_or_default();
        let parsed = Parsed::from_pem(first).map_err(|_| BadCertificate::NotACertificate)?;
        let body = parsed.tbs_certificate;
        let public_key = body.subject_public_key_info.to_der().map_err(|_| BadCertificate::NotACertificate)?;
        let millis = |time: x509_cert::time::Time| Millis(time.to_unix_duration().as_millis() as i64);
        Ok(Self { public_key, from: millis(body.validity.not_before), until: millis(body.validity.not_after) })
    }

    /// Whether it counts at a time.
    pub fn counts_at(&self, now: Millis) -> bool {
        self.from <= now && now <= self.until
    }
}
