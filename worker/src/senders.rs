//! Whether a delivery is its sender's, and what senders ask before they send: what is verified and visited is decided in
//! [`heliograph_shared::source`].

use crate::clock;
use crate::fault::{Answer, Fault};
use crate::keys::for_tests;
use crate::outbound::{self, told};
use heliograph_shared::limits;
use heliograph_shared::memo::Memo;
use heliograph_shared::problem::{Code, Problem};
use heliograph_shared::source::iot::{self, Confirmation};
use heliograph_shared::source::senders::Address;
use heliograph_shared::source::sns::{self, Asked, Certificate, Purpose, Signed};
use heliograph_shared::source::{Arrived, EnvelopeName, Reply, Source};
use js_sys::{Array, Object, Reflect, Uint8Array};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use worker::Env;

/// The variable with what stands in for AWS in tests: it is asked for what is at an address that passed every check.
const AWS_ORIGIN: &str = "HELIOGRAPH_AWS_ORIGIN";

thread_local! {
    static CERTIFICATES: RefCell<Memo<String, Rc<Certificate>>> =
        RefCell::new(Memo::new(limits::CERTIFICATES_BYTES, limits::CERTIFICATE_FRESH_MILLIS));
}

/// What is done with a delivery.
pub enum Vouched {
    /// Its records are taken.
    Records,
    /// It had none, and this is its answer.
    Answered(Reply),
}

/// Makes sure that a delivery is its sender's, where its envelope says how, and does what it asks for.
pub async fn vouch(env: &Env, source: &Source, name: EnvelopeName, arrived: &Arrived<'_>) -> Answer<Vouched> {
    if name != EnvelopeName::Sns {
        return Ok(Vouched::Records);
    }
    let Asked::Signed(signed) = sns::judge(arrived, &source.from)? else { return Ok(Vouched::Records) };
    let certificate = certificate(env, &signed.certificate).await?;
    let forged = |detail: &str| Fault::problem(Code::SignatureInvalid, detail);
    if !certificate.counts_at(clock::now()) {
        return Err(forged("the certificate at SigningCertURL is not valid at this time"));
    }
    if !is_good(&certificate, &signed).await {
        return Err(forged(
            "the signature is not that of the certificate at SigningCertURL, or the message was changed",
        ));
    }
    match signed.purpose {
        Purpose::Records => Ok(Vouched::Records),
        Purpose::Confirm { topic, address } => {
            visit(env, &address).await?;
            log_info!("source {}: the subscription of {topic} is confirmed", source.name);
            Ok(Vouched::Answered(answer("confirmed", &topic)))
        }
        Purpose::Ended { topic } => {
            log_info!("source {}: the subscription of {topic} is over", source.name);
            Ok(Vouched::Answered(answer("ended", &topic)))
        }
    }
}

/// Confirms a destination of IoT rules, or shows the operator how to.
pub async fn confirm_destination(env: &Env, source: &Source, arrived: &Arrived<'_>) -> Answer<Reply> {
    match iot::confirmation(arrived, &source.from)? {
        Confirmation::Visit { arn, address } => {
            visit(env, &address).await?;
            log_info!("source {}: {arn} is confirmed", source.name);
            Ok(answer("confirmed", &arn))
        }
        Confirmation::Show { arn, token, why } => {
            log_info!(
                "source {}: {arn} is not confirmed, since {why}. If it is yours: aws iot confirm-topic-rule-destination \
                 --confirmation-token {token}",
                source.name
            );
            Ok(answer("not_confirmed", &arn))
        }
    }
}

fn answer(name: &str, of: &str) -> Reply {
    Reply::json(200, serde_json::json!({ name: of }).to_string().into_bytes())
}

/// What is at an address of AWS.
async fn get(env: &Env, address: &Address) -> Answer<Vec<u8>> {
    let unreachable = |why: &str| {
        let detail = format!("{} gives no answer: {why}; nothing was taken. Try again", address.url(None));
        Fault::from(Problem::new(Code::SenderUnreachable, detail).retry_after(5))
    };
    let url = address.url(for_tests(env, AWS_ORIGIN).as_deref());
    let limits = (limits::SENDER_ANSWER_MILLIS, limits::SENDER_ANSWER_BYTES);
    let got = outbound::get(&url, &[], limits).await.map_err(|why| unreachable(&why))?;
    if got.status == 200 { Ok(got.body) } else { Err(unreachable(&format!("status {}", got.status))) }
}

async fn visit(env: &Env, address: &Address) -> Answer<()> {
    get(env, address).await.map(drop)
}

/// The certificate at an address, which names the same one for ever.
async fn certificate(env: &Env, address: &Address) -> Answer<Rc<Certificate>> {
    let url = address.url(None);
    if let Some(known) = CERTIFICATES.with_borrow_mut(|all| all.get(clock::now(), url.as_str()).cloned()) {
        return Ok(known);
    }
    let pem = get(env, address).await?;
    let parsed = Certificate::parse(&pem).map_err(|why| {
        Fault::problem(Code::SignatureInvalid, format!("what is at SigningCertURL can't be used: {why}"))
    })?;
    let (parsed, bytes) = (Rc::new(parsed), pem.len() + url.len());
    CERTIFICATES.with_borrow_mut(|all| all.put(clock::now(), url, parsed.clone(), bytes));
    Ok(parsed)
}

/// Whether a signature is a certificate's; what the platform can't verify is not.
async fn is_good(certificate: &Certificate, signed: &Signed) -> bool {
    verify(certificate, signed).await.unwrap_or_else(|why| {
        log_info!("a signature can't be verified: {why}");
        false
    })
}

async fn verify(certificate: &Certificate, signed: &Signed) -> Result<bool, String> {
    let algorithm = Object::new();
    for (name, value) in [("name", "RSASSA-PKCS1-v1_5"), ("hash", signed.hash.name())] {
        Reflect::set(&algorithm, &name.into(), &value.into()).map_err(told)?;
    }
    let crypto: JsValue = Reflect::get(&js_sys::global(), &"crypto".into()).map_err(told)?;
    let subtle = crypto.unchecked_into::<web_sys::Crypto>().subtle();
    let public_key = Uint8Array::from(certificate.public_key.as_slice());
    let uses = Array::of1(&"verify".into());
    let key = subtle.import_key_with_object("spki", &public_key, &algorithm, false, &uses).map_err(told)?;
    let key: web_sys::CryptoKey = JsFuture::from(key).await.map_err(told)?.unchecked_into();
    let signature = Uint8Array::from(signed.signature.as_slice());
    let text = Uint8Array::from(signed.text.as_bytes());
    let good =
        subtle.verify_with_object_and_js_u8_array_and_js_u8_array(&algorithm, &key, &signature, &text).map_err(told)?;
    Ok(JsFuture::from(good).await.map_err(told)?.is_truthy())
}
