//! Alarms and their rules, as managers see them.

use gloo_net::http::Method;
pub use heliograph_shared::alarms::{
    AlarmEvent, AlarmEvents, AlarmList, Mute, MuteList, RuleList, Severity, ShownRule, StandingAlarm,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::http::{self, Failure};
use super::manage::{Refusal, board_path, get, tell, told};
use crate::browser::percent::encode;

/// How many of what happened a page shows.
const LATELY: usize = 20;

/// Which of the alarms that stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Which {
    /// Only as grave as this, or graver.
    pub severity: Option<Severity>,
    /// Only those that nobody has seen.
    pub is_unseen: bool,
}

fn path(board: &str) -> String {
    format!("{}/alarms", board_path(board))
}

/// The newest alarms that stand.
pub async fn standing(board: &str, key: &str, which: Which, limit: usize) -> Result<AlarmList, Failure> {
    let severity = which.severity.map(|severity| format!("&severity={}", severity.name())).unwrap_or_default();
    let unseen = if which.is_unseen { "&acknowledged=false" } else { "" };
    get(&format!("{}?limit={limit}{severity}{unseen}", path(board)), key).await
}

/// How many stand.
pub async fn count(board: &str, key: &str) -> Result<usize, Failure> {
    // Not the whole answer: boards' pages only count, and are short of bytes.
    #[derive(Deserialize)]
    struct Count {
        count: usize,
    }
    let Count { count } = get(&format!("{}?limit=1", path(board)), key).await?;
    Ok(count)
}

/// What happened lately, the newest first.
pub async fn events(board: &str, key: &str) -> Result<AlarmEvents, Failure> {
    get(&format!("{}/events?limit={LATELY}", path(board)), key).await
}

/// Says that an alarm was seen.
pub async fn acknowledge(board: &str, key: &str, id: u64) -> Result<StandingAlarm, Failure> {
    http::send(Method::POST, &format!("{}/{id}/acknowledge", path(board)), Some(key), None).await
}

/// Mutes a rule, an item, or an item by a rule, for so many seconds; 0 ends it.
pub async fn mute(
    board: &str,
    key: &str,
    rule: Option<&str>,
    item: Option<&str>,
    seconds: u32,
) -> Result<Vec<Mute>, Failure> {
    let mut wish = json!({ "for_s": seconds });
    for (name, value) in [("rule", rule), ("key", item)] {
        if let Some(value) = value {
            wish[name] = value.into();
        }
    }
    let MuteList { muted } = http::send(Method::POST, &format!("{}/mute", path(board)), Some(key), Some(&wish)).await?;
    Ok(muted)
}

fn rule_path(board: &str, id: &str) -> String {
    format!("{}/rules/{}", path(board), encode(id))
}

/// A board's rules.
pub async fn rules(board: &str, key: &str) -> Result<Vec<ShownRule>, Failure> {
    let RuleList { rules } = get(&format!("{}/rules", path(board)), key).await?;
    Ok(rules)
}

/// Makes a rule, or changes it.
pub async fn put_rule(board: &str, key: &str, id: &str, rule: &Value) -> Result<ShownRule, Refusal> {
    told(tell(Method::PUT, &rule_path(board, id), key, rule).await?)
}

/// Deletes a rule.
pub async fn delete_rule(board: &str, key: &str, id: &str) -> Result<(), Failure> {
    http::send_for_text(Method::DELETE, &rule_path(board, id), Some(key), None).await.map(drop)
}

/// A fence that rules may name.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct NamedFence {
    /// Its id.
    pub id: String,
    /// For people.
    pub name: Option<String>,
}

impl NamedFence {
    /// What it is called.
    pub fn called(&self) -> String {
        self.name.clone().filter(|name| !name.trim().is_empty()).unwrap_or_else(|| self.id.clone())
    }
}

/// The fences that rules may name.
pub async fn fences(board: &str, key: &str) -> Result<Vec<NamedFence>, Failure> {
    #[derive(Deserialize)]
    struct Fences {
        fences: Vec<NamedFence>,
    }
    let Fences { fences } = get(&format!("{}/fences", board_path(board)), key).await?;
    Ok(fences)
}
