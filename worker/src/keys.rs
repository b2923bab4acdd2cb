//! Secrets: the only reader of them, and of randomness.

use crate::counts;
use crate::fault::{Answer, Fault};
use chrono::{DateTime, Utc};
use heliograph_shared::limits;
use heliograph_shared::problem::Code;
use heliograph_shared::revocation::{Change, CredentialId};
use heliograph_shared::rights::{AUDIENCE, Claims, Grant, ISSUER, Owner, SignIn, Standing};
use heliograph_shared::source::aws::key::RootId;
use heliograph_shared::time::Millis;
use jwt_compact::alg::Es256;
use jwt_compact::jwk::JsonWebKey;
use jwt_compact::{AlgorithmExt, Header, UntrustedToken};
use p256::ecdsa::{SigningKey, VerifyingKey};
use p256::pkcs8::DecodePrivateKey;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::cell::RefCell;
use std::rc::Rc;
use subtle::ConstantTimeEq;
use worker::Env;

/// The binding of the key that may do everything.
pub const ADMIN_KEY: &str = "HELIOGRAPH_ADMIN_KEY";
/// The binding of the PKCS#8 PEM of the P-256 key that signs tokens. PEMs of further keys may follow: they sign nothing,
/// and what they signed before is good.
pub const SIGNING_KEY: &str = "HELIOGRAPH_SIGNING_KEY";
/// The binding of the token that reads `/metrics` and nothing else; not needed.
pub const SCRAPE_TOKEN: &str = "HELIOGRAPH_SCRAPE_TOKEN";
/// Keys of the ring: one that signs, those before it, and one that comes.
const SIGNING_KEYS: usize = 4;
/// Shorter admin keys are refused: they can be guessed.
const ADMIN_KEY_BYTES_MIN: usize = 16;

/// What the secrets are good for.
pub struct Keys {
    admin_hash: [u8; 32],
    signer: SigningKey,
    /// The first is the signer's; tokens of the others count until their time is over.
    ring: Vec<RingKey>,
}

/// A key that verifies tokens.
struct RingKey {
    verifier: VerifyingKey,
    jwk: serde_json::Value,
    kid: String,
    /// What the keys for AWS SDKs are derived from, and its name.
    root: (RootId, [u8; 32]),
}

impl RingKey {
    fn of(signer: &SigningKey) -> Answer<Self> {
        let verifier = *signer.verifying_key();
        let mut jwk = serde_json::to_value(JsonWebKey::from(&verifier))?;
        // The key's name is made from the public key, so that a new key has a new name.
        let name = hash(jwk.to_string().as_bytes());
        let kid = hex(name.get(..8).unwrap_or_default());
        let root = (name.first_chunk().copied().unwrap_or_default(), signer.to_bytes().into());
        jwk["kid"] = kid.as_str().into();
        jwk["alg"] = "ES256".into();
        jwk["use"] = "sig".into();
        Ok(Self { verifier, jwk, kid, root })
    }
}

/// The PEMs of a secret, one after another.
fn pems(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive("-----END PRIVATE KEY-----").map(str::trim).filter(|pem| !pem.is_empty())
}

/// The claims that the library does not know by itself.
#[derive(Serialize, Deserialize)]
struct Custom {
    iss: String,
    sub: String,
    aud: String,
    jti: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cid: Option<CredentialId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rev: Option<Change>,
    grants: Vec<Grant>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default, skip_serializing_if = "Standing::is_member")]
    standing: Standing,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    own: Option<Owner>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sign_in: Option<SignIn>,
}

thread_local! {
    static KEYS: RefCell<Option<Rc<Keys>>> = const { RefCell::new(None) };
}

/// Whether this is the scrape token; in constant time. Without one, or with one that can be guessed, nothing is.
pub fn is_scrape_token(env: &Env, text: &str) -> bool {
    secret(env, SCRAPE_TOKEN)
        .filter(|token| token.len() >= limits::SCRAPE_TOKEN_BYTES_MIN)
        .is_some_and(|token| hash(token.as_bytes()).ct_eq(&hash(text.as_bytes())).into())
}

/// SHA-256.
pub fn hash(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Random bytes as lower-case hex.
pub fn random_hex<const N: usize>() -> Answer<String> {
    Ok(hex(&random::<N>()?))
}

/// Random bytes.
pub fn random<const N: usize>() -> Answer<[u8; N]> {
    let mut bytes = [0_u8; N];
    getrandom::fill(&mut bytes).map_err(|e| Fault::Internal(format!("no randomness: {e}")))?;
    Ok(bytes)
}

/// A random number.
pub fn random_u32() -> Answer<u32> {
    Ok(u32::from_le_bytes(random()?))
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, b| {
        text.extend([b >> 4, b & 15].map(|d| char::from_digit(u32::from(d), 16).unwrap_or('0')));
        text
    })
}

/// The secrets, read once an isolate; without them nothing is served.
pub fn keys(env: &Env) -> Answer<Rc<Keys>> {
    KEYS.with(|cell| {
        if let Some(keys) = cell.borrow().as_ref() {
            return Ok(keys.clone());
        }
        let keys = Rc::new(Keys::read(env)?);
        *cell.borrow_mut() = Some(keys.clone());
        Ok(keys)
    })
}

/// A secret's text. Read from the environment object itself: an unset one may be bound as null, on which the
/// binding's own getter throws.
pub fn secret(env: &Env, name: &str) -> Option<String> {
    let value = js_sys::Reflect::get(env.as_ref(), &name.into()).ok()?;
    value.as_string().filter(|text| !text.is_empty())
}

/// What says where the program runs. Only `workerd.capnp` binds it.
const RUNTIME: &str = "HELIOGRAPH_RUNTIME";

/// A variable for tests: it counts beside that of the local runtime, and means nothing where the program is deployed.
pub fn for_tests(env: &Env, name: &str) -> Option<String> {
    secret(env, RUNTIME).filter(|runtime| runtime == "workerd").and_then(|_| secret(env, name))
}

impl Keys {
    fn read(env: &Env) -> Answer<Self> {
        let (admin, signing) = (secret(env, ADMIN_KEY), secret(env, SIGNING_KEY));
        let missing: Vec<&str> = [(ADMIN_KEY, admin.is_none()), (SIGNING_KEY, signing.is_none())]
            .iter()
            .filter(|(_, m)| *m)
            .map(|(n, _)| *n)
            .collect();
        let (Some(admin), Some(signing)) = (admin, signing) else {
            let detail = format!("this deployment serves nothing until its secrets are set: {}", missing.join(", "));
            return Err(Fault::problem(Code::SecretsMissing, detail));
        };
        if admin.len() < ADMIN_KEY_BYTES_MIN {
            let detail = format!("{ADMIN_KEY} has fewer than {ADMIN_KEY_BYTES_MIN} bytes; set a longer one");
            return Err(Fault::problem(Code::SecretsWeak, detail));
        }
        let read = |pem: &str| {
            SigningKey::from_pkcs8_pem(pem).map_err(|e| {
                let detail = format!("{SIGNING_KEY} is not the PKCS#8 PEM of a P-256 private key, or several: {e}");
                Fault::problem(Code::SecretsInvalid, detail)
            })
        };
        let signers = pems(&signing).map(read).collect::<Answer<Vec<SigningKey>>>()?;
        if signers.len() > SIGNING_KEYS {
            let detail = format!("{SIGNING_KEY} has more than {SIGNING_KEYS} keys; remove the oldest");
            return Err(Fault::problem(Code::SecretsInvalid, detail));
        }
        let ring = signers.iter().map(RingKey::of).collect::<Answer<Vec<RingKey>>>()?;
        let Some(signer) = signers.into_iter().next() else {
            return Err(Fault::problem(Code::SecretsInvalid, format!("{SIGNING_KEY} has no key")));
        };
        Ok(Self { admin_hash: hash(admin.as_bytes()), signer, ring })
    }

    /// Whether the key with this SHA-256 is the administrator's; in constant time.
    pub fn is_admin(&self, key_hash: &[u8; 32]) -> bool {
        self.admin_hash.ct_eq(key_hash).into()
    }

    /// Signs claims.
    pub fn sign(&self, claims: &Claims) -> Answer<String> {
        let kid = self.ring.first().map(|key| key.kid.as_str()).unwrap_or_default();
        let header = Header::empty().with_key_id(kid).with_token_type("JWT");
        let time = |seconds: u64| DateTime::from_timestamp(i64::try_from(seconds).unwrap_or(i64::MAX), 0);
        let mut full = jwt_compact::Claims::new(Custom {
            iss: claims.iss.clone(),
            sub: claims.sub.clone(),
            aud: claims.aud.clone(),
            jti: claims.jti.clone(),
            cid: claims.cid.clone(),
            rev: claims.rev,
            grants: claims.grants.clone(),
            name: claims.name.clone(),
            standing: claims.standing.clone(),
            own: claims.own.clone(),
            sign_in: claims.sign_in,
        });
        full.expiration = time(claims.exp);
        full.issued_at = time(claims.iat);
        let token = Es256.token(&header, &full, &self.signer).map_err(|e| Fault::Internal(format!("signing: {e}")))?;
        counts::minted(claims.cid.as_ref());
        Ok(token)
    }

    /// Checks a token's signature, algorithm, issuer, audience and time.
    pub fn verify(&self, token: &str, now: Millis) -> Result<Claims, &'static str> {
        const FOREIGN: &str = "the token is not one of ours, or it is damaged";
        let untrusted = UntrustedToken::new(token).map_err(|_| FOREIGN)?;
        let kid = untrusted.header().key_id.as_deref();
        let key = self.ring.iter().find(|key| Some(key.kid.as_str()) == kid).ok_or(FOREIGN)?;
        let checked = Es256.validator::<Custom>(&key.verifier).validate(&untrusted).map_err(|_| FOREIGN)?;
        let full = checked.claims();
        let (Some(exp), Some(iat)) = (full.expiration, full.issued_at) else { return Err(FOREIGN) };
        let seconds = |t: DateTime<Utc>| u64::try_from(t.timestamp()).map_err(|_| FOREIGN);
        let custom = &full.custom;
        if custom.iss != ISSUER || custom.aud != AUDIENCE {
            return Err(FOREIGN);
        }
        let claims = Claims {
            iss: custom.iss.clone(),
            sub: custom.sub.clone(),
            aud: custom.aud.clone(),
            exp: seconds(exp)?,
            iat: seconds(iat)?,
            jti: custom.jti.clone(),
            cid: custom.cid.clone(),
            rev: custom.rev,
            grants: custom.grants.clone(),
            name: custom.name.clone(),
            standing: custom.standing.clone(),
            own: custom.own.clone(),
            sign_in: custom.sign_in,
        };
        if claims.expires_at() <= now {
            return Err("the token has expired; mint a new one at POST /v1/tokens");
        }
        Ok(claims)
    }

    /// The name of what new keys for AWS SDKs are derived from.
    pub fn newest_root(&self) -> RootId {
        self.ring.first().map(|key| key.root.0).unwrap_or_default()
    }

    /// What keys for AWS SDKs are derived from, by its name.
    pub fn root(&self, name: RootId) -> Option<&[u8]> {
        self.ring.iter().map(|key| &key.root).find(|(own, _)| *own == name).map(|(_, root)| root.as_slice())
    }

    /// What links' codes are derived from: the secret of each key of the ring.
    pub fn roots(&self) -> impl Iterator<Item = &[u8]> {
        self.ring.iter().map(|key| key.root.1.as_slice())
    }

    /// The public keys as a JWK set.
    pub fn jwks(&self) -> serde_json::Value {
        let keys: Vec<&serde_json::Value> = self.ring.iter().map(|key| &key.jwk).collect();
        serde_json::json!({"keys": keys})
    }
}
