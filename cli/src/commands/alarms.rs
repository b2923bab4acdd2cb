//! `heliograph alarms`: what stands on a board, what happened, and the rules that raise it.

mod follow;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use heliograph_shared::alarms::{AlarmList, ShownRule, StandingAlarm};
use reqwest::Method;
use serde_json::{Value, json};

use crate::error::CliError;
use crate::http::{Api, read};
use crate::input;

/// What the server says of a rule that nobody puts.
const TOLD: [&str; 3] = ["id", "changed_at", "standing"];

/// Arguments of `alarms`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    echo '{\"name\":\"Too hot\",\"where\":[\"temp:gt:80\"],\"for_s\":30}' | heliograph alarms put fleet hot -\n  \
    heliograph alarms list fleet --unseen --severity critical\n  \
    heliograph alarms events fleet --kind raise --follow | jq -c .key\n  \
    heliograph alarms mute fleet --rule hot --for 1h")]
pub struct AlarmsArgs {
    #[command(subcommand)]
    action: AlarmsAction,
}

/// A rule, an item, or an item by a rule.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
struct Which {
    /// This rule
    #[arg(long, value_name = "ID")]
    rule: Option<String>,
    /// This item
    #[arg(long)]
    key: Option<String>,
}

/// Which of what happened.
#[derive(Clone, Debug, Args)]
struct Happened {
    /// Only by this rule
    #[arg(long, value_name = "ID")]
    rule: Option<String>,
    /// Only of this item
    #[arg(long)]
    key: Option<String>,
    /// raise, clear or acknowledge
    #[arg(long)]
    kind: Option<String>,
    /// From this time on: RFC 3339 or epoch milliseconds
    #[arg(long)]
    from: Option<String>,
    /// Before this time
    #[arg(long, conflicts_with = "follow")]
    to: Option<String>,
    /// At most so many; with --follow of those that are there already
    #[arg(long, default_value = "100")]
    limit: u32,
}

impl Happened {
    fn query(&self) -> Vec<(&'static str, String)> {
        let wishes =
            [("rule", &self.rule), ("key", &self.key), ("kind", &self.kind), ("from", &self.from), ("to", &self.to)];
        let limit = ("limit", self.limit.to_string());
        wishes.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))).chain([limit]).collect()
    }
}

#[derive(Debug, Subcommand)]
enum AlarmsAction {
    /// Print the alarms that stand, the newest first
    List {
        /// Name of the board
        board: String,
        /// Only by this rule
        #[arg(long, value_name = "ID")]
        rule: Option<String>,
        /// Only of this item
        #[arg(long)]
        key: Option<String>,
        /// Only as grave as this, or graver: info, warning or critical
        #[arg(long)]
        severity: Option<String>,
        /// Only those that nobody has seen
        #[arg(long)]
        unseen: bool,
        /// How many at most
        #[arg(long, default_value = "100")]
        limit: u32,
        /// Print the server's answer as it is
        #[arg(long)]
        json: bool,
    },
    /// Print what happened, the newest first, a line of JSON each
    Events {
        /// Name of the board
        board: String,
        #[command(flatten)]
        which: Happened,
        /// Print what happens from now on, too, until stopped; the oldest first
        #[arg(long)]
        follow: bool,
    },
    /// Say that somebody has seen an alarm
    Acknowledge {
        /// Name of the board
        board: String,
        /// Its id
        id: String,
    },
    /// Have nobody told of a rule, of an item, or of an item by a rule for a while
    Mute {
        /// Name of the board
        board: String,
        #[command(flatten)]
        which: Which,
        /// For how long: seconds, or such as 90s, 30m, 8h, 7d
        #[arg(long = "for", value_name = "TIME", value_parser = seconds)]
        seconds: u32,
    },
    /// End that
    Unmute {
        /// Name of the board
        board: String,
        #[command(flatten)]
        which: Which,
    },
    /// Print a board's rules
    Rules {
        /// Name of the board
        board: String,
        /// Print the server's answer as it is
        #[arg(long)]
        json: bool,
    },
    /// Print one rule, as `put` takes it
    Rule {
        /// Name of the board
        board: String,
        /// Its id
        id: String,
    },
    /// Make or change one rule
    Put {
        /// Name of the board
        board: String,
        /// Its id
        id: String,
        /// A file with the rule as JSON; `-` reads standard input
        file: PathBuf,
    },
    /// Delete one rule, and clear its alarms
    Delete {
        /// Name of the board
        board: String,
        /// Its id
        id: String,
    },
}

/// Seconds, or a number with s, m, h or d behind it.
fn seconds(text: &str) -> Result<u32, String> {
    let digits = text.trim_end_matches(|unit: char| unit.is_ascii_alphabetic());
    let unit = match &text[digits.len()..] {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return Err("write seconds, or such as 90s, 30m, 8h, 7d".to_owned()),
    };
    let seconds = digits.parse().ok().and_then(|count: u32| count.checked_mul(unit)).filter(|seconds| *seconds > 0);
    seconds.ok_or_else(|| "write seconds, or such as 90s, 30m, 8h, 7d".to_owned())
}

/// Runs `alarms`.
pub async fn run(api: &Api, args: AlarmsArgs) -> Result<ExitCode, CliError> {
    match args.action {
        AlarmsAction::List { board, rule, key, severity, unseen, limit, json } => {
            let limit = limit.to_string();
            let seen = unseen.then(|| "false".to_owned());
            let wishes = [("rule", rule), ("key", key), ("severity", severity), ("acknowledged", seen)];
            let mut query: Vec<(&str, &str)> = vec![("limit", &limit)];
            query.extend(wishes.iter().filter_map(|(name, value)| Some((*name, value.as_deref()?))));
            let answer = api.get(&["v1", "boards", &board, "alarms"], &query).await?;
            if json { say!("{answer}") } else { print_list(&read(answer)?) }
        }
        AlarmsAction::Events { board, which, follow: false } => {
            for event in follow::page(api, &board, &which, None).await?.events.iter().map(follow::line) {
                say!("{event}");
            }
        }
        AlarmsAction::Events { board, which, follow: true } => follow::run(api, &board, &which).await?,
        AlarmsAction::Acknowledge { board, id } => {
            let segments = ["v1", "boards", &board, "alarms", &id, "acknowledge"];
            say!("{}", api.call(Method::POST, &segments, None).await?);
        }
        AlarmsAction::Mute { board, which, seconds } => mute(api, &board, &which, seconds).await?,
        AlarmsAction::Unmute { board, which } => mute(api, &board, &which, 0).await?,
        AlarmsAction::Rules { board, json } => {
            let answer = api.get(&["v1", "boards", &board, "alarms", "rules"], &[]).await?;
            if json { say!("{answer}") } else { print_rules(&answer)? }
        }
        AlarmsAction::Rule { board, id } => {
            let shown = api.get(&["v1", "boards", &board, "alarms", "rules", &id], &[]).await?;
            say!("{:#}", input::without(shown, &TOLD));
        }
        AlarmsAction::Put { board, id, file } => {
            let rule = input::without(input::json(&file)?, &TOLD);
            let segments = ["v1", "boards", &board, "alarms", "rules", &id];
            say!("{}", api.call(Method::PUT, &segments, Some(&rule)).await?);
        }
        AlarmsAction::Delete { board, id } => {
            api.delete(&["v1", "boards", &board, "alarms", "rules", &id], &[]).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn mute(api: &Api, board: &str, which: &Which, seconds: u32) -> Result<(), CliError> {
    let mut wish = json!({ "for_s": seconds });
    for (name, value) in [("rule", &which.rule), ("key", &which.key)] {
        if let Some(value) = value {
            wish[name] = value.as_str().into();
        }
    }
    say!("{}", api.call(Method::POST, &["v1", "boards", board, "alarms", "mute"], Some(&wish)).await?);
    Ok(())
}

fn print_list(list: &AlarmList) {
    for alarm in &list.alarms {
        say!("{}", sentence(alarm));
    }
    if list.alarms.is_empty() {
        say!("no alarms stand{}", if list.count == 0 { "" } else { " that are asked for" });
    }
    if list.next.is_some() {
        say!("there are more, {} in all; --limit shows more of them", list.count);
    }
    if list.not_raised > 0 {
        say!("{} were not raised, since as many stood as may", list.not_raised);
    }
    for mute in &list.muted {
        let which = [&mute.rule, &mute.key].map(|part| part.as_deref().unwrap_or("*"));
        say!("muted until {}: rule {}, item {}", mute.until.to_rfc3339(), which[0], which[1]);
    }
}

/// An alarm in a line.
fn sentence(alarm: &StandingAlarm) -> String {
    let StandingAlarm { id, name, severity, key, since, seen, acknowledged, muted, .. } = alarm;
    let by = acknowledged.as_ref().map(|seen| format!("  seen by {}", seen.by)).unwrap_or_default();
    let muted = if *muted { "  muted" } else { "" };
    let seen = if seen.is_empty() { String::new() } else { format!("  {seen}") };
    format!("{id:<8} {:<8} {} {name}: {key}{seen}{by}{muted}", severity.name(), since.to_rfc3339())
}

fn print_rules(answer: &Value) -> Result<(), CliError> {
    let rules: Vec<ShownRule> = read(answer["rules"].clone())?;
    if rules.is_empty() {
        say!("no rules yet; `heliograph alarms put BOARD ID FILE` makes one");
    }
    for shown in rules {
        let title = shown.rule.title(&shown.id);
        say!("{:<24} {:<8} {:>6} standing  {title}", shown.id.as_str(), shown.rule.severity.name(), shown.standing);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser as _;
    use heliograph_shared::alarms::AlarmRule;

    #[derive(Debug, clap::Parser)]
    struct Line {
        #[command(flatten)]
        args: AlarmsArgs,
    }

    #[test]
    fn a_time_is_seconds_or_has_its_unit() {
        let read = ["90", "90s", "30m", "1h", "7d"].map(|text| seconds(text).unwrap());
        assert_eq!(read, [90, 90, 1_800, 3_600, 604_800]);
        for text in ["", "0", "h", "-1h", "1.5h", "1w", "1h30m", "9999999d", "1 h", "1é"] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_rule_that_was_printed_is_one_that_can_be_put() {
        let rule = json!({"name": "Too hot", "severity": "critical", "where": ["temp:gt:80"], "for_s": 30});
        let shown: ShownRule = serde_json::from_value(json!({"id": "hot", "changed_at": 5, "standing": 2,
            "name": "Too hot", "severity": "critical", "where": ["temp:gt:80"], "for_s": 30}))
        .unwrap();
        let printed = input::without(serde_json::to_value(&shown).unwrap(), &TOLD);
        assert_eq!(printed, rule);
        assert_eq!(AlarmRule::parse(printed.to_string().as_bytes()).unwrap(), shown.rule);
    }

    #[test]
    fn who_mutes_says_what() {
        let parse = |line: &str| Line::try_parse_from(line.split(' '));
        assert!(parse("alarms mute fleet --for 1h").is_err());
        assert!(parse("alarms unmute fleet").is_err());
        assert!(parse("alarms mute fleet --rule hot").is_err(), "for how long");
        assert!(parse("alarms mute fleet --rule hot --key bus-1 --for 1h").is_ok());
        assert!(parse("alarms events fleet --follow --to 2026-01-01").is_err(), "it has no end");
    }

    #[test]
    fn an_alarm_is_a_line_with_what_was_seen_and_who_has_seen_it() {
        let alarm: StandingAlarm =
            serde_json::from_value(json!({"id": 7, "rule": "hot", "name": "Too hot", "key": "bus-1",
            "severity": "critical", "since": 0, "raised_at": 0, "seen": "temp=81.5", "muted": true,
            "acknowledged": {"at": 1, "by": "key:4"}}))
            .unwrap();
        assert_eq!(
            sentence(&alarm),
            "7        critical 1970-01-01T00:00:00.000Z Too hot: bus-1  temp=81.5  seen by key:4  muted"
        );
    }
}
