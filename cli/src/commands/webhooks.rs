//! `heliograph webhooks`: who is told of a board's alarms, and what was not taken.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use heliograph_shared::webhooks::{FailedMessage, FailedMessages, ShownWebhook, Tested, WebhookList};
use reqwest::Method;
use serde_json::{Value, json};

use crate::error::CliError;
use crate::http::{Api, read};
use crate::input;

/// What the server says of a webhook that nobody puts.
const TOLD: [&str; 14] = [
    "id",
    "host",
    "changed_at",
    "waiting",
    "tries",
    "next_try_at",
    "taken_at",
    "failed_at",
    "failure",
    "taken",
    "given_up",
    "missed",
    "gone",
    "secret",
];

/// Arguments of `webhooks`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    echo '{\"url\":\"https://ops.example/alarms\",\"severity\":\"warning\"}' | heliograph webhooks put fleet ops -\n  \
    heliograph webhooks test fleet ops\n  \
    heliograph webhooks list fleet\n  \
    heliograph webhooks failed fleet ops\n  \
    heliograph webhooks redeliver fleet ops")]
pub struct WebhooksArgs {
    #[command(subcommand)]
    action: WebhooksAction,
}

/// One webhook.
#[derive(Debug, Args)]
struct Which {
    /// Name of the board
    board: String,
    /// Its id
    id: String,
}

impl Which {
    fn segments<'s>(&'s self, more: &[&'s str]) -> Vec<&'s str> {
        [&["v1", "boards", &self.board, "webhooks", &self.id], more].concat()
    }
}

#[derive(Debug, Subcommand)]
enum WebhooksAction {
    /// Print a board's webhooks, and how far each is told
    List {
        /// Name of the board
        board: String,
        /// Print the server's answer as it is
        #[arg(long)]
        json: bool,
    },
    /// Print one webhook as JSON; its address is never shown
    Show {
        #[command(flatten)]
        which: Which,
    },
    /// Make or change one webhook; a new one is printed with its secret, this once
    Put {
        #[command(flatten)]
        which: Which,
        /// A file with the webhook as JSON, `-` reads standard input; without `url` the address stays as it is
        file: PathBuf,
    },
    /// Delete one webhook; what waits for it is told to nobody
    Delete {
        #[command(flatten)]
        which: Which,
    },
    /// Give one webhook another secret, which is printed this once; for a day messages are signed with both
    Rotate {
        #[command(flatten)]
        which: Which,
    },
    /// Send a message that says nothing; fails when it is not taken
    Test {
        #[command(flatten)]
        which: Which,
        /// Print the server's answer as it is
        #[arg(long)]
        json: bool,
    },
    /// Print the messages that were given up, the newest first
    Failed {
        #[command(flatten)]
        which: Which,
        /// Print the server's answer as it is
        #[arg(long)]
        json: bool,
    },
    /// Send them again
    Redeliver {
        #[command(flatten)]
        which: Which,
    },
}

/// Runs `webhooks`.
pub async fn run(api: &Api, args: WebhooksArgs) -> Result<ExitCode, CliError> {
    match args.action {
        WebhooksAction::List { board, json } => {
            let answer = api.get(&["v1", "boards", &board, "webhooks"], &[]).await?;
            if json { say!("{answer}") } else { print_list(&read(answer)?) }
        }
        WebhooksAction::Show { which } => say!("{:#}", api.get(&which.segments(&[]), &[]).await?),
        WebhooksAction::Put { which, file } => {
            let wish = input::without(input::json(&file)?, &TOLD);
            say!("{}", api.call(Method::PUT, &which.segments(&[]), Some(&wish)).await?);
        }
        WebhooksAction::Delete { which } => {
            api.delete(&which.segments(&[]), &[]).await?;
        }
        WebhooksAction::Rotate { which } => say!("{}", post(api, &which, "rotate").await?),
        WebhooksAction::Test { which, json } => {
            let answer = post(api, &which, "test").await?;
            let tested: Tested = read(answer.clone())?;
            if json {
                say!("{answer}");
            } else {
                say!("{}", outcome(&tested));
            }
            return Ok(if tested.taken { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        WebhooksAction::Failed { which, json } => {
            let answer = api.get(&which.segments(&["failed"]), &[]).await?;
            if json { say!("{answer}") } else { print_failed(&read(answer)?) }
        }
        WebhooksAction::Redeliver { which } => say!("{}", post(api, &which, "redeliver").await?),
    }
    Ok(ExitCode::SUCCESS)
}

async fn post(api: &Api, which: &Which, deed: &str) -> Result<Value, CliError> {
    api.call(Method::POST, &which.segments(&[deed]), Some(&json!({}))).await
}

fn print_list(list: &WebhookList) {
    if list.webhooks.is_empty() {
        say!("no webhooks yet; `heliograph webhooks put BOARD ID FILE` makes one");
    }
    for webhook in &list.webhooks {
        say!("{:<24} {}  {}", webhook.id.as_str(), webhook.host, state(webhook));
    }
}

/// How far a webhook is told, and what is in the way.
fn state(webhook: &ShownWebhook) -> String {
    let mut parts = vec![format!("{} taken", webhook.taken)];
    if let Some(at) = webhook.taken_at {
        parts.push(format!("last {}", at.to_rfc3339()));
    }
    if webhook.waiting > 0 {
        parts.push(format!("{} waiting", webhook.waiting));
    }
    if webhook.given_up > 0 {
        parts.push(format!("{} given up", webhook.given_up));
    }
    if webhook.missed > 0 {
        parts.push(format!("{} missed", webhook.missed));
    }
    if webhook.gone {
        parts.push("the receiver is gone: nothing is sent until it is changed".to_owned());
    } else if webhook.tries > 0 {
        let why = webhook.failure.as_deref().unwrap_or("not taken");
        let next = webhook.next_try_at.map(|at| format!(", again {}", at.to_rfc3339())).unwrap_or_default();
        parts.push(format!("failing: {why} ({} tries{next})", webhook.tries));
    }
    parts.join(", ")
}

fn outcome(tested: &Tested) -> String {
    let status = tested.status.map(|status| format!(" ({status})")).unwrap_or_default();
    if tested.taken {
        return format!("taken{status}");
    }
    format!("not taken{status}: {}", tested.why.as_deref().unwrap_or("no reason"))
}

fn print_failed(failed: &FailedMessages) {
    if failed.failed.is_empty() {
        say!("no messages were given up");
    }
    for FailedMessage { event, at, why, again } in &failed.failed {
        let again = if *again { "  sent again" } else { "" };
        say!(
            "{:<8} {:<11} {} {}: {}  {why}{again}",
            event.id,
            event.kind.name(),
            at.to_rfc3339(),
            event.name,
            event.key
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use heliograph_shared::webhooks::WebhookWish;

    fn shown(mut more: Value) -> ShownWebhook {
        let mut webhook = json!({"id": "ops", "host": "https://ops.example", "changed_at": 1, "waiting": 0, "tries": 0,
            "taken": 3, "given_up": 0, "missed": 0, "gone": false, "format": "slack", "kinds": ["raise"]});
        webhook.as_object_mut().unwrap().append(more.as_object_mut().unwrap());
        serde_json::from_value(webhook).unwrap()
    }

    #[test]
    fn a_webhook_that_was_printed_is_one_that_can_be_put() {
        let all = json!({"next_try_at": 5, "taken_at": 4, "failed_at": 3, "failure": "503", "severity": "critical"});
        let printed = serde_json::to_value(shown(all)).unwrap();
        let wish = input::without(printed, &TOLD);
        let read = WebhookWish::parse(wish.to_string().as_bytes()).unwrap();
        assert_eq!((read.url, read.kinds.len()), (None, 1));
        assert_eq!(wish, json!({"format": "slack", "kinds": ["raise"], "severity": "critical"}));
    }

    #[test]
    fn a_line_says_what_is_in_the_way() {
        assert_eq!(state(&shown(json!({}))), "3 taken");
        let failing = json!({"tries": 2, "failure": "503", "waiting": 4, "given_up": 1, "next_try_at": 0});
        assert_eq!(
            state(&shown(failing)),
            "3 taken, 4 waiting, 1 given up, failing: 503 (2 tries, again 1970-01-01T00:00:00.000Z)"
        );
        assert!(state(&shown(json!({"gone": true, "tries": 1}))).ends_with("until it is changed"));
    }

    #[test]
    fn a_test_says_what_came_of_it() {
        let said = |tested: Value| outcome(&serde_json::from_value(tested).unwrap());
        assert_eq!(said(json!({"taken": true, "status": 204})), "taken (204)");
        assert_eq!(said(json!({"taken": false, "status": 500, "why": "oh"})), "not taken (500): oh");
        assert_eq!(said(json!({"taken": false, "why": "no answer within 15 s"})), "not taken: no answer within 15 s");
    }
}
