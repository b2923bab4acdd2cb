//! Signing in with a provider, and what the administrator says about it.

use super::JSON;
use crate::operation::{Example, Operation, Right};
use crate::schemas::Schemas;
use heliograph_shared::api::sign_in::{Providers, SignOut, SignedOut};
use heliograph_shared::problem::Code;
use heliograph_shared::sign_in::Settings;
use serde_json::{Value, json};

const ADMIN: Right = Right::Credential("the administrator's key");
const TAG: &str = "Sign-in";

pub fn all(s: &mut Schemas) -> Vec<Operation> {
    vec![providers(s), sign_out(s), settings(s), put_settings(s)]
}

fn issuer() -> Value {
    json!({
        "name": "staff", "title": "Staff", "issuer": "https://login.example/realms/staff", "client_id": "heliograph",
        "jwks_uri": "https://login.example/keys", "authorization_endpoint": "https://login.example/authorize",
        "token_endpoint": "https://login.example/token",
        "algorithms": ["RS256"], "scopes": ["openid"], "session_s": 28_800, "clock_tolerance_s": 60,
        "rules": [{
            "claim": "cognito:groups", "values": ["managers"],
            "grants": [{"board": "fleet", "operations": ["read", "history", "manage"], "keys": ["*"]}],
        }],
    })
}

fn providers(s: &mut Schemas) -> Operation {
    Operation::new("get", "/v1/sign-in", "listProviders", TAG, Right::Nobody)
        .summary("List whom to sign in with")
        .description(
            "What a page needs for the authorization code flow with PKCE. The ID token that comes of it is exchanged at \
             `POST /v1/tokens`. A provider whose addresses can't be had at the moment is left out.",
        )
        .answers(200, "The providers.", JSON, s.sent::<Providers>())
        .problem(Code::RegistryUnreachable)
        .example(Example::new("none yet", 200, json!({"providers": []})))
}

fn sign_out(s: &mut Schemas) -> Operation {
    let right = Right::Credential("the token of a sign-in; for `person`, the administrator's key");
    Operation::new("post", "/v1/sign-out", "signOut", TAG, right)
        .summary("End a sign-in")
        .description(
            "Ends the sign-in that the token comes from, with all tokens that were minted with it, everywhere within two \
             seconds; feeds close with 4011. `everywhere` ends all of the person's. Whoever may still sign in at the provider \
             can do so again.",
        )
        .takes(JSON, s.taken::<SignOut>())
        .answers(200, "Who was signed out.", JSON, s.sent::<SignedOut>())
        .problem(Code::InvalidJson)
        .problem(Code::BodyTooLarge)
        .problem(Code::Missing)
        .problem(Code::Invalid)
        .example(
            Example::new("somebody else, everywhere", 200, json!({"person": "staff/ann", "at": 1_772_366_400_000_i64}))
                .body(json!({"person": "staff/ann"})),
        )
}

fn settings(s: &mut Schemas) -> Operation {
    Operation::new("get", "/v1/settings/identity", "getIdentity", TAG, ADMIN)
        .summary("Get the settings of sign-in")
        .description("With an `ETag` for `If-Match`.")
        .answers(200, "The settings.", JSON, s.sent::<Settings>())
        .example(Example::new("one issuer", 200, json!({"issuers": [issuer()]})))
}

fn put_settings(s: &mut Schemas) -> Operation {
    Operation::new("put", "/v1/settings/identity", "putIdentity", TAG, ADMIN)
        .summary("Change the settings of sign-in")
        .description(
            "All of them. They count for every sign-in from now on; sign-ins of before are not renewed, and end within the \
             hour.",
        )
        .header("If-Match", "The ETag of the settings that were read: 412 if they are others by now.", json!({
            "type": "string", "pattern": "^\\*$",
        }))
        .takes(JSON, s.taken::<Settings>())
        .answers(200, "The settings as they are kept.", JSON, s.sent::<Settings>())
        .problem(Code::InvalidJson)
        .problem(Code::BodyTooLarge)
        .problem(Code::Invalid)
        .problem(Code::SettingsChanged)
        .example(
            Example::new("one issuer", 200, json!({"issuers": [issuer()]})).body(json!({"issuers": [issuer()]})),
        )
}
