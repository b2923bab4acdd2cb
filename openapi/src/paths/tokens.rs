//! Tokens and API keys.

use super::{JSON, grouped};
use crate::operation::{Example, Operation, Right};
use crate::requests::KeyWish;
use crate::schemas::Schemas;
use heliograph_shared::api::keys::{JwkSet, Keys, NewKey};
use heliograph_shared::api::tokens::Minted;
use heliograph_shared::limits;
use heliograph_shared::problem::Code;
use heliograph_shared::rights::MintRequest;
use heliograph_shared::source::Rotation;
use serde_json::{Value, json};

const ADMIN: Right = Right::Credential("the administrator's key");

pub fn all(s: &mut Schemas) -> Vec<Operation> {
    vec![mint(s), jwks(s), keys(s), make_key(s), rotate_key(s), delete_key()]
}

fn mint(s: &mut Schemas) -> Operation {
    let token = "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9.e30.c2lnbmF0dXJl";
    Operation::new("post", "/v1/tokens", "mintToken", "Tokens and keys", Right::Board("asked for"))
        .summary("Mint a token")
        .description(format!(
            "A JWT signed with ES256 that ends after `ttl_s`, at most {} seconds. Nobody mints more than they have, and \
             a token made with a token does not outlive it. `{{\"board\"}}` alone reads a public board and needs no \
             credential. A session's join code with a name makes a player's token: it reads the board and publishes \
             under one key; the code with the player's token renews it. The code of a link (`share`) makes \
             a token that reads what the link says. An ID token of a configured issuer signs \
             somebody in, and `renew` renews that sign-in.",
            grouped(limits::TOKEN_TTL_SECONDS_MAX as usize)
        ))
        .takes(JSON, s.taken::<MintRequest>())
        .answers(200, "The token.", JSON, s.sent::<Minted>())
        .problem(Code::InvalidJson)
        .problem(Code::BoardNotFound)
        .problem(Code::CodeUnknown)
        .problem(Code::IdTokenInvalid)
        .problem(Code::NothingGranted)
        .problem(Code::IssuerUnreachable)
        .problem(Code::SignInOver)
        .problem(Code::SessionClosed)
        .problem(Code::ShareUnknown)
        .problem(Code::BodyTooLarge)
        .problem(Code::TooManyRequests)
        .problem(Code::Missing)
        .problem(Code::Invalid)
        .problem(Code::OutOfRange)
        .problem(Code::TooMany)
        .problem(Code::TokenTooLarge)
        .problem(Code::NotBuilt)
        .example(
            Example::new("for a vehicle", 200, json!({"token": token, "expires_at": 1_772_367_000_000_i64})).body(json!({
                "grants": [{"board": "fleet", "operations": ["read", "publish"], "keys": ["v*"]}],
                "sub": "van-7", "ttl_s": 600,
            })),
        )
        .example(
            Example::new(
                "for a player",
                200,
                json!({
                    "token": token, "expires_at": 1_772_370_600_000_i64, "board": "quiz", "session": "s1",
                    "key": "p-3f9a0c52d1e07b44", "name": "Ann",
                }),
            )
            .body(json!({"code": "K7Q2MX", "name": "Ann"})),
        )
        .example(
            Example::new("by a link", 200, json!({"token": token, "expires_at": 1_772_370_600_000_i64, "board": "fleet"}))
                .body(json!({"share": "04106105x3k9m2v7q8wz"})),
        )
}

fn jwks(s: &mut Schemas) -> Operation {
    let jwk = json!({
        "kty": "EC", "crv": "P-256", "kid": "8f14e45fceea167a", "alg": "ES256", "use": "sig",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    });
    Operation::new("get", "/.well-known/jwks.json", "getKeySet", "Tokens and keys", Right::Nobody)
        .summary("Get the public keys of tokens")
        .answers(200, "A JWK set.", JSON, s.sent::<JwkSet>())
        .example(Example::new("one key", 200, json!({"keys": [jwk]})))
}

fn grants() -> Value {
    json!([{"board": "fleet", "operations": ["publish"], "keys": ["n-*"]}])
}

fn keys(s: &mut Schemas) -> Operation {
    let key = json!({
        "id": "5f0c8a3b9d2e4f61", "label": "buses of the north", "grants": grants(), "created": 1_772_366_400_000_i64,
        "owner": "5f0c8a3b9d2e4f61", "used": 1_772_366_700_000_i64, "rotated": null, "previous_until": null,
        "needs_renewal": false,
    });
    Operation::new("get", "/v1/keys", "listKeys", "Tokens and keys", ADMIN)
        .summary("List API keys")
        .description(
            "Labels and grants; the keys themselves are not stored. `used` is right to some minutes. A key of an older version whose grants can't be kept any \
             more allows nothing until it is renewed: `needs_renewal`.",
        )
        .answers(200, "All of them.", JSON, s.sent::<Keys>())
        .example(Example::new("all", 200, json!({"keys": [key]})))
}

fn make_key(s: &mut Schemas) -> Operation {
    let made = json!({
        "id": "5f0c8a3b9d2e4f61", "key": "hg_1b0d2f7c9a3e5d81b0d2f7c9a3e5d81b0d2f7c9a3e5d81b0", "label": "buses of the north",
        "grants": grants(), "owner": "5f0c8a3b9d2e4f61",
    });
    Operation::new("post", "/v1/keys", "makeKey", "Tokens and keys", ADMIN)
        .summary("Make an API key")
        .description("The key is shown this once; only its SHA-256 is stored.")
        .takes(JSON, s.taken::<KeyWish>())
        .answers(201, "The key.", JSON, s.sent::<NewKey>())
        .problem(Code::InvalidJson)
        .problem(Code::BodyTooLarge)
        .problem(Code::Missing)
        .problem(Code::Invalid)
        .problem(Code::OutOfRange)
        .problem(Code::NotBuilt)
        .problem(Code::TooMany)
        .example(
            Example::new("for a producer", 201, made).body(json!({"label": "buses of the north", "grants": grants()})),
        )
}

fn rotate_key(s: &mut Schemas) -> Operation {
    let made = json!({
        "id": "5f0c8a3b9d2e4f61", "key": "hg_5d81b0d2f7c9a3e1b0d2f7c9a3e5d81b0d2f7c9a3e5d81b0", "label": "buses of the north",
        "grants": grants(), "owner": "5f0c8a3b9d2e4f61", "previous_until": 1_772_370_000_000_i64,
    });
    Operation::new("post", "/v1/keys/{id}/rotate", "rotateKey", "Tokens and keys", ADMIN)
        .summary("Give an API key another secret")
        .description(
            "Id, label, grants and owner stay. The secret before is good for `overlap_s` seconds more, a day when nothing is \
             said; 0 ends it at once. Of older ones none is.",
        )
        .path("id", "The key's id.", json!({"type": "string", "pattern": "^[0-9a-f]{16}$"}))
        .takes(JSON, s.taken::<Rotation>())
        .answers(200, "The key with its new secret.", JSON, s.sent::<NewKey>())
        .problem(Code::InvalidJson)
        .problem(Code::BodyTooLarge)
        .problem(Code::NotFound)
        .problem(Code::OutOfRange)
        .example(
            Example::new("with an hour of overlap", 200, made)
                .with("id", "5f0c8a3b9d2e4f61")
                .body(json!({"overlap_s": 3_600})),
        )
}

fn delete_key() -> Operation {
    Operation::new("delete", "/v1/keys/{id}", "deleteKey", "Tokens and keys", ADMIN)
        .summary("Delete an API key")
        .description("It and its tokens are refused everywhere within two seconds, and their feeds closed with 4011.")
        .path("id", "The key's id.", json!({"type": "string", "pattern": "^[0-9a-f]{16}$"}))
        .answers_empty(204, "It is gone.")
        .problem(Code::NotFound)
        .example(Example::empty("one", 204).with("id", "5f0c8a3b9d2e4f61"))
}
