//! `heliograph letters`: records that were refused; found, mended, replayed, dropped, taken out.

use std::path::Path;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use heliograph_shared::api::letters::{DeadLetter, DeadLetters, LettersDropped, Replay, ReplayStatus};
use reqwest::Method;
use serde_json::{Value, json};

use crate::error::CliError;
use crate::http::{Api, read};
use crate::input;

/// Letters of one request to the server: what was done is shown while the rest goes on.
const AT_ONCE: usize = 200;

/// Arguments of `letters`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    heliograph letters list fleet\n  \
    heliograph letters show fleet 17.0\n  \
    heliograph letters mend fleet 17.0 '{\"key\":\"v3\",\"position\":{\"lat\":9.5,\"lon\":0}}'\n  \
    heliograph letters replay fleet --code position_out_of_range --dry-run\n  \
    heliograph letters drop fleet 17.0\n  \
    heliograph letters export fleet > letters.ndjson")]
pub struct LettersArgs {
    #[command(subcommand)]
    action: LettersAction,
}

/// Which letters.
#[derive(Debug, Default, Args)]
struct Which {
    /// Only those that came by this source
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// Only those that were refused for this reason
    #[arg(long, value_name = "CODE")]
    code: Option<String>,
    /// Only those that this step of the pipeline refused
    #[arg(long, value_name = "NAME")]
    step: Option<String>,
    /// Only those of this key
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
    /// Only those in which this text is: in the record, or in the reason
    #[arg(long, value_name = "TEXT")]
    text: Option<String>,
}

impl Which {
    fn query(&self) -> Vec<(&'static str, String)> {
        let pairs = [
            ("source", &self.source),
            ("code", &self.code),
            ("step", &self.step),
            ("key", &self.key),
            ("text", &self.text),
        ];
        pairs.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))).collect()
    }
}

#[derive(Debug, Subcommand)]
enum LettersAction {
    /// List letters, the newest first, with how many there are of each reason
    List {
        /// Name of the board
        board: String,
        #[command(flatten)]
        which: Which,
        /// How many at most
        #[arg(long, default_value_t = 50)]
        limit: usize,
        /// Print the server's answer as it is
        #[arg(long)]
        json: bool,
    },
    /// Print one letter as JSON
    Show {
        /// Name of the board
        board: String,
        /// The letter's id
        id: String,
    },
    /// Put another record in the place of a letter's; it keeps the one that came
    Mend {
        /// Name of the board
        board: String,
        /// The letter's id
        id: String,
        /// The record (JSON); `-` reads it from standard input
        record: String,
    },
    /// Send letters on their way again: one, or those of the filter; without either all of them
    Replay {
        /// Name of the board
        board: String,
        /// The letter's id
        #[arg(conflicts_with_all = ["source", "code", "step", "key", "text"])]
        id: Option<String>,
        #[command(flatten)]
        which: Which,
        /// Say what would come of each, and do nothing
        #[arg(long)]
        dry_run: bool,
        /// Print each letter's result as a line of JSON
        #[arg(long)]
        json: bool,
    },
    /// Drop letters: one, those of the filter, or `--all`
    Drop {
        /// Name of the board
        board: String,
        /// The letter's id
        #[arg(conflicts_with_all = ["source", "code", "step", "key", "text", "all"])]
        id: Option<String>,
        #[command(flatten)]
        which: Which,
        /// Drop all of them
        #[arg(long)]
        all: bool,
    },
    /// Print the records a line each, as `heliograph publish` and `heliograph replay` take them
    Export {
        /// Name of the board
        board: String,
        #[command(flatten)]
        which: Which,
        /// Print the letters with their reasons
        #[arg(long)]
        letters: bool,
    },
}

/// Runs `letters`.
pub async fn run(api: &Api, args: LettersArgs) -> Result<ExitCode, CliError> {
    match args.action {
        LettersAction::List { board, which, limit, json } => list(api, &board, &which, limit, json).await?,
        LettersAction::Show { board, id } => {
            let letter = api.call(Method::GET, &["v1", "boards", &board, "dead-letters", &id], None).await?;
            say!("{letter:#}");
        }
        LettersAction::Mend { board, id, record } => {
            let record: Value = serde_json::from_str(&text(record)?)
                .map_err(|error| CliError::usage(format!("the record is not JSON: {error}")))?;
            let segments = ["v1", "boards", &board, "dead-letters", &id];
            let letter = api.call(Method::PATCH, &segments, Some(&json!({ "record": record }))).await?;
            say!("{letter:#}");
        }
        LettersAction::Replay { board, id, which, dry_run, json } => {
            return replay(api, &board, id.as_deref(), &which, dry_run, json).await;
        }
        LettersAction::Drop { board, id: Some(id), .. } => {
            api.delete(&["v1", "boards", &board, "dead-letters", &id], &[]).await?;
            say!("1 letter dropped");
        }
        LettersAction::Drop { board, id: None, which, all } => drop_some(api, &board, &which, all).await?,
        LettersAction::Export { board, which, letters } => export(api, &board, &which, letters).await?,
    }
    Ok(ExitCode::SUCCESS)
}

fn text(given: String) -> Result<String, CliError> {
    if given == "-" { input::text(Path::new("-")) } else { Ok(given) }
}

fn pairs<'p>(query: &'p [(&'static str, String)]) -> Vec<(&'p str, &'p str)> {
    query.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

async fn list(api: &Api, board: &str, which: &Which, limit: usize, json: bool) -> Result<(), CliError> {
    let mut query = which.query();
    query.push(("limit", limit.to_string()));
    let answer = api.look(&["v1", "boards", board, "dead-letters"], &pairs(&query)).await?;
    if !answer.is_success() {
        return Err(api.refusal(&answer));
    }
    let answer = answer.json()?;
    if json {
        say!("{answer}");
        return Ok(());
    }
    let page: DeadLetters = read(answer)?;
    for (code, count) in &page.by_code {
        say!("{count:>8}  {code}");
    }
    if !page.by_code.is_empty() {
        say!("");
    }
    page.dead_letters.iter().for_each(line);
    if page.dead_letters.is_empty() {
        say!("no letters");
    }
    if page.next.is_some() {
        say!("there are more; --limit shows more of them");
    }
    if page.dropped > 0 {
        say!("{} older letters made room for others, or were too old", page.dropped);
    }
    Ok(())
}

fn line(letter: &DeadLetter) {
    let source = letter.source.as_deref().unwrap_or("-");
    let code = letter.code.as_deref().unwrap_or("-");
    let field = letter.field.as_deref().unwrap_or("");
    let state = match (letter.original.is_some(), letter.tries) {
        (true, 0) => " mended".to_owned(),
        (true, tries) => format!(" mended, tried {tries} times"),
        (false, 0) => String::new(),
        (false, tries) => format!(" tried {tries} times"),
    };
    let record: String = letter.record.to_string().chars().take(100).collect();
    say!("{:<10} {source:<16} {code} {field}{state}\n           {record}", letter.id);
}

async fn replay(
    api: &Api,
    board: &str,
    id: Option<&str>,
    which: &Which,
    dry_run: bool,
    json: bool,
) -> Result<ExitCode, CliError> {
    let mut whole = Replay { dry_run, ..Replay::default() };
    let mut after: Option<String> = None;
    loop {
        let mut body = json!({});
        let segments = match id {
            Some(id) => vec!["v1", "boards", board, "dead-letters", id, "replay"],
            None => {
                for (name, value) in which.query() {
                    body[name] = value.into();
                }
                body["limit"] = AT_ONCE.into();
                if let Some(after) = &after {
                    body["after"] = after.as_str().into();
                }
                vec!["v1", "boards", board, "dead-letters", "replay"]
            }
        };
        let query: &[(&str, &str)] = if dry_run { &[("dry_run", "true")] } else { &[] };
        let part: Replay = read(api.post(&segments, query, &body).await?)?;
        for one in &part.results {
            if json {
                say!("{}", serde_json::to_string(one).unwrap_or_default());
            } else if matches!(one.status, ReplayStatus::Refused | ReplayStatus::Truncated) {
                let [code, message] = [&one.code, &one.message].map(|part| part.as_deref().unwrap_or_default());
                say!("{:<10} refused: {code}: {message}", one.id);
            } else if dry_run {
                let events: Vec<String> = one.events.iter().map(Value::to_string).collect();
                say!(
                    "{:<10} would be {}",
                    one.id,
                    if events.is_empty() { "nothing".to_owned() } else { events.join(" ") }
                );
            }
        }
        part.results.into_iter().for_each(|one| whole.add(one));
        after = part.next;
        if after.is_none() {
            break;
        }
    }
    if !json {
        let would = if dry_run { "would be " } else { "" };
        say!(
            "{} letters {would}accepted, {} were there already, {} filtered, {} refused again",
            whole.accepted,
            whole.duplicate,
            whole.filtered,
            whole.refused
        );
    }
    Ok(if whole.refused == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn drop_some(api: &Api, board: &str, which: &Which, all: bool) -> Result<(), CliError> {
    let mut query = which.query();
    if query.is_empty() && !all {
        return Err(CliError::usage("say which letters: an id, --source, --code, --step, --key, --text, or --all"));
    }
    if all {
        query.push(("all", "true".to_owned()));
    }
    let (mut dropped, mut after) = (0, None::<String>);
    loop {
        let mut query = query.clone();
        query.extend(after.map(|after| ("after", after)));
        let answer = api.delete(&["v1", "boards", board, "dead-letters"], &pairs(&query)).await?;
        let part: LettersDropped = read(answer)?;
        dropped += part.dropped;
        after = part.next;
        if after.is_none() {
            break;
        }
    }
    say!("{dropped} letters dropped");
    Ok(())
}

async fn export(api: &Api, board: &str, which: &Which, letters: bool) -> Result<(), CliError> {
    let mut query = which.query();
    if letters {
        query.push(("format", "letters".to_owned()));
    }
    let answer = api.look(&["v1", "boards", board, "dead-letters", "export"], &pairs(&query)).await?;
    if !answer.is_success() {
        return Err(api.refusal(&answer));
    }
    let text = String::from_utf8_lossy(&answer.body);
    text.lines().for_each(|line| say!("{line}"));
    Ok(())
}
