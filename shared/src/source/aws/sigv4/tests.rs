use super::*;
use proptest::prelude::*;
use serde::Deserialize;

/// A request that another program has signed.
#[derive(Deserialize)]
struct Vector {
    name: String,
    method: String,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    body: String,
}

pub(in crate::source) const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

impl Vector {
    fn request(&self) -> Request<'_> {
        let Self { method, path, query, headers, body, .. } = self;
        let authority = find(headers, "host").unwrap_or_default();
        Request { method, path, query, headers, authority, secure: true, body: Hashed::of(body.as_bytes()) }
    }

    fn verified(&self, secret: &str, now: Millis) -> Result<Verified<'_>, Refused> {
        Signed::of(&self.headers)?.verify(&self.request(), secret, now)
    }
}

/// `POST /` to Firehose as botocore signs it.
fn firehose() -> Vector {
    let signature = "9154e82e7589f3d05ffd2b826aee3aec605b0cd65bde2ade91b97c2857d46e74";
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260301/us-east-1/firehose/aws4_request, \
         SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature={signature}"
    );
    let headers = [
        ("content-type", "application/x-amz-json-1.1"),
        ("host", "ingest.example.com"),
        ("x-amz-date", "20260301T120000Z"),
        ("x-amz-target", "Firehose_20150804.PutRecordBatch"),
        ("authorization", &authorization),
        ("amz-sdk-invocation-id", "6a7e8feb-b491-4cf7-a9f1-bf3703467718"),
        ("x-amz-user-agent", "not signed"),
    ];
    Vector {
        name: "firehose".to_owned(),
        method: "POST".to_owned(),
        path: "/".to_owned(),
        query: String::new(),
        headers: headers.map(|(n, v)| (n.to_owned(), v.to_owned())).to_vec(),
        body: r#"{"DeliveryStreamName":"orders","Records":[{"Data":"eyJpZCI6MX0K"}]}"#.to_owned(),
    }
}

fn now() -> Millis {
    Millis::parse("2026-03-01T12:00:00Z").unwrap()
}

/// The header-signed requests of the public suite that aws-c-auth and the SDKs are tested with, of the clients that
/// normalise paths as those of our services do.
#[test]
fn the_public_vectors_are_verified_and_with_another_secret_they_are_not() {
    let vectors: Vec<Vector> = serde_json::from_str(include_str!("vectors.json")).unwrap();
    assert!(vectors.len() > 20);
    let now = Millis::parse("2015-08-30T12:36:00Z").unwrap();
    for vector in &vectors {
        assert!(vector.verified(SECRET, now).is_ok(), "{}", vector.name);
        assert_eq!(vector.verified("another", now).unwrap_err(), Refused::WrongSignature, "{}", vector.name);
    }
}

#[test]
fn a_call_of_botocore_is_verified_and_only_what_it_signed_counts() {
    let vector = firehose();
    let verified = vector.verified(SECRET, now()).unwrap();
    assert_eq!((verified.service, verified.region), ("firehose", "us-east-1"));
    assert_eq!(verified.header("x-amz-target"), Some("Firehose_20150804.PutRecordBatch"));
    assert_eq!(verified.header("x-amz-user-agent"), None);
    assert_eq!(verified.call, "6a7e8feb-b491-4cf7-a9f1-bf3703467718");
    let mut nameless = firehose();
    nameless.headers.retain(|(name, _)| name != "amz-sdk-invocation-id");
    assert_eq!(nameless.verified(SECRET, now()).unwrap().call, "9154e82e7589f3d05ffd2b826aee3aec");
}

#[test]
fn a_wrong_clock_is_told_apart_from_a_wrong_key() {
    let vector = firehose();
    let minutes = |n: i64| now().plus(n * 60_000);
    for good in [-15, 0, 15] {
        assert!(vector.verified(SECRET, minutes(good)).is_ok());
    }
    for (late, is_behind) in [(16, true), (-16, false)] {
        let Err(Refused::Skewed { behind, .. }) = vector.verified(SECRET, minutes(late)) else { panic!("{late}") };
        assert_eq!(behind, is_behind);
        assert_eq!(vector.verified("another", minutes(late)).unwrap_err(), Refused::WrongSignature);
    }
}

#[test]
fn the_authority_is_what_http_2_calls_the_host_and_the_usual_port_may_be_missing() {
    let with = |authority: &str, secure: bool, signed_as: &str| {
        // The client signs what it thinks the host is, under the name that its version of HTTP has for it.
        let mut vector = firehose();
        vector.headers.retain(|(name, _)| name != "host");
        let names = ":authority;x-amz-date;x-amz-target";
        let request = Request { authority: signed_as, secure, ..vector.request() };
        let signature = sign(&request, names, "firehose", "20260301T120000Z");
        let scope = "20260301/us-east-1/firehose/aws4_request";
        let text = format!("{ALGORITHM} Credential=K/{scope}, SignedHeaders={names}, Signature={signature}");
        let headers = [("authorization".to_owned(), text)];
        let signed = Signed::of(&headers).unwrap();
        let request = Request { authority, ..request };
        signed.verify(&request, SECRET, now()).map(|_| ())
    };
    assert_eq!(with("a.example", true, "a.example:443"), Ok(()));
    assert_eq!(with("a.example:443", true, "a.example"), Ok(()));
    assert_eq!(with("127.0.0.1:8787", false, "127.0.0.1:8787"), Ok(()));
    assert_eq!(with("[::1]", false, "[::1]:80"), Ok(()));
    assert_eq!(with("a.example", true, "b.example"), Err(Refused::WrongSignature));
    assert_eq!(with("a.example", true, "a.example:80"), Err(Refused::WrongSignature));
}

#[test]
fn a_body_that_is_not_signed_is_taken_by_tls_alone() {
    let signed = |hash: &str| {
        let mut vector = firehose();
        vector.headers.push(("x-amz-content-sha256".to_owned(), hash.to_owned()));
        vector.headers[4].1 = vector.headers[4].1.replace("host;", "host;x-amz-content-sha256;");
        vector
    };
    // Its signature is that of the request without the header, so that none of them is right; what is asked is which
    // hash it is held to.
    let canonical = |vector: &Vector, secure: bool| {
        let request = Request { secure, ..vector.request() };
        Signed::of(&vector.headers).unwrap().verify(&request, SECRET, now()).unwrap_err()
    };
    for (hash, secure) in [(UNSIGNED_PAYLOAD, true), (UNSIGNED_PAYLOAD, false), ("00", true)] {
        assert_eq!(canonical(&signed(hash), secure), Refused::WrongSignature);
    }
}

#[test]
fn a_hash_of_the_platforms_counts_as_our_own_and_a_wrong_one_is_a_wrong_signature() {
    let vector = firehose();
    let with = |hash: [u8; 32]| {
        let request = Request { body: Hashed::by_platform(vector.body.as_bytes(), hash), ..vector.request() };
        Signed::of(&vector.headers).unwrap().verify(&request, SECRET, now()).map(|verified| verified.body)
    };
    assert_eq!(with(Sha256::digest(&vector.body).into()), Ok(vector.body.as_bytes()));
    assert_eq!(with([7; 32]), Err(Refused::WrongSignature));
}

#[test]
fn what_is_not_whole_is_refused_by_what_is_missing() {
    let with = |authorization: &str| {
        let headers = [("authorization".to_owned(), authorization.to_owned())];
        Signed::of(&headers).map(|_| ()).unwrap_err()
    };
    assert_eq!(Signed::of(&[]).unwrap_err(), Refused::Unsigned);
    assert_eq!(with("Bearer x"), Refused::Unsigned);
    let good = firehose().headers[4].1.clone();
    for (from, to, what) in [
        ("Credential=", "Credentials=", "'Credential'"),
        ("SignedHeaders=", "Signed=", "'SignedHeaders'"),
        ("Signature=", "Sig=", "'Signature'"),
        ("host;", "", "host"),
        ("x-amz-date;", "", "x-amz-date"),
        ("/aws4_request", "", "Credential"),
        ("=9154", "=x154", "hexadecimal"),
    ] {
        let Refused::Incomplete(told) = with(&good.replace(from, to)) else { panic!("{from}") };
        assert!(told.contains(what), "{told}");
    }
    for date in ["20260302T120000Z", "20260301T1200Z", "", "2026-03-01T12:00:00Z"] {
        let mut vector = firehose();
        vector.headers[2].1 = date.to_owned();
        let refused = vector.verified(SECRET, now()).unwrap_err();
        assert!(matches!(refused, Refused::Incomplete(_)), "{date}: {refused:?}");
    }
}

#[test]
fn a_header_that_is_said_to_be_signed_and_is_not_there_is_refused() {
    let mut vector = firehose();
    vector.headers.retain(|(name, _)| name != "x-amz-target");
    assert_eq!(vector.verified(SECRET, now()).unwrap_err(), Refused::WrongSignature);
}

proptest! {
    /// The clock is the signer's, so that a changed time is refused for its signature and not for being far away.
    #[test]
    fn any_changed_byte_of_what_is_signed_is_refused(at in 0_usize..1_000, to in 0x21_u8..0x7f) {
        let mut vector = firehose();
        let mut places: Vec<&mut String> = vec![&mut vector.method, &mut vector.path, &mut vector.body];
        places.extend(vector.headers.iter_mut().take(5).map(|(_, value)| value));
        let count = places.len();
        let place = at % count;
        let text = places.swap_remove(place);
        let mut bytes = text.clone().into_bytes();
        let byte = (at / count) % bytes.len();
        prop_assume!(bytes[byte] != to && bytes[byte] != b' ');
        bytes[byte] = to;
        *text = String::from_utf8(bytes).unwrap();
        // The key's name says whose the secret is: with another name there is another secret.
        prop_assume!(text.get(..28) != Some("AWS4-HMAC-SHA256 Credential=") || text.contains("AKIDEXAMPLE/"));
        // A path of one character that is none leads to the same place.
        prop_assume!(vector.path != "." );
        prop_assert!(vector.verified(SECRET, now()).is_err());
    }

    #[test]
    fn whatever_is_sent_is_refused(authorization in "(AWS4-HMAC-SHA256 ?)?(Credential=[a-z0-9/_]{0,40},)?[ -~]{0,80}", date in "[ -~]{0,20}") {
        let mut vector = firehose();
        vector.headers[2].1 = date;
        vector.headers[4].1 = authorization;
        prop_assert!(vector.verified(SECRET, now()).is_err());
    }
}

/// The signature of a request, as a client makes it.
pub(in crate::source) fn sign(request: &Request<'_>, names: &str, service: &str, at: &str) -> String {
    let (day, _) = at.split_at(8);
    let names: Vec<&str> = names.split(';').collect();
    let signed = Signed { access_key_id: "K", day, region: "us-east-1", service, names, signature: [0; 32] };
    let canonical = signed.canonical(request, request.authority, &hex(&request.body.hash)).unwrap();
    let scope = format!("{day}/us-east-1/{service}/aws4_request");
    let text = format!("{ALGORITHM}\n{at}\n{scope}\n{}", hex(&Sha256::digest(canonical)));
    let first = format!("AWS4{SECRET}").into_bytes();
    let key = [day, "us-east-1", service, "aws4_request"]
        .iter()
        .fold(first, |key, part| mac(&key, part).unwrap().finalize().into_bytes().to_vec());
    hex(&mac(&key, &text).unwrap().finalize().into_bytes())
}
