//! For operators.

use super::JSON;
use crate::operation::{Example, Operation, Right};
use crate::schemas::Schemas;
use heliograph_shared::api::system::{Health, Ready};
use heliograph_shared::problem::Code;
use serde_json::json;

/// Its version and encoding stand behind it.
const OPEN_METRICS: &str = "application/openmetrics-text";

pub fn all(s: &mut Schemas) -> Vec<Operation> {
    vec![health(s), ready(s), measured()]
}

fn health(s: &mut Schemas) -> Operation {
    Operation::new("get", "/healthz", "getHealth", "Operation", Right::Nobody)
        .summary("Whether it serves")
        .description("503 names the secrets that are missing. `HEAD` is answered too.")
        .answers(200, "It does.", JSON, s.sent::<Health>())
        .problem(Code::SecretsInvalid)
        .problem(Code::SecretsWeak)
        .example(Example::new("well", 200, json!({"status": "ok", "version": "0.1.0", "time": 1_772_366_400_000_i64})))
}

fn ready(s: &mut Schemas) -> Operation {
    Operation::new("get", "/readyz", "getReadiness", "Operation", Right::Nobody)
        .summary("Whether what it needs answers, too")
        .description("503, with the same body, when something that the worker needs does not answer.")
        .answers(200, "It does.", JSON, s.sent::<Ready>())
        .problem(Code::SecretsInvalid)
        .problem(Code::SecretsWeak)
        .example(Example::new(
            "ready",
            200,
            json!({
                "status": "ok", "version": "0.1.0", "time": 1_772_366_400_000_i64,
                "checks": [{"name": "secrets", "ok": true}, {"name": "registry", "ok": true}, {"name": "revocations", "ok": true}],
            }),
        ))
}

fn measured() -> Operation {
    Operation::new("get", "/metrics", "getMetrics", "Operation", Right::Credential("the administrator's key, or the scrape token"))
        .summary("Get what an operator measures")
        .description(
            "OpenMetrics 1.0, for Prometheus. Boards say their numbers at most every ten seconds. The scrape token \
             `HELIOGRAPH_SCRAPE_TOKEN` opens this, too, and nothing else.",
        )
        .answers(200, "The numbers.", OPEN_METRICS, json!({"type": "string"}))
        .problem(Code::RegistryUnreachable)
        .example(Example::text(
            "a deployment without boards",
            OPEN_METRICS,
            "# HELP heliograph_boards Boards that there are\n# TYPE heliograph_boards gauge\nheliograph_boards 0.0\n# EOF\n",
        ))
}
