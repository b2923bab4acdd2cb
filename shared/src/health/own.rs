//! The board that a deployment watches itself on, as it is made: its config, and the rules of its alarms. From then on both are
//! the operator's.

use crate::alarms::{AlarmRule, RuleId, Severity};
use crate::config::{BoardConfig, FieldConfig, Threshold, TopConfig, Visibility};
use crate::limits;
use crate::scores::direction::Direction;
use std::collections::BTreeMap;

/// From here on an alarm is raised: the refused part of what came.
pub(super) const REFUSED_SHARE: f64 = 0.05;
/// The same: the used part of what may be stored.
pub(super) const STORAGE_SHARE: f64 = 0.8;
/// Below this that is over.
const STORAGE_SHARE_CLEAR: f64 = 0.75;
/// The part of pushes to relays that failed.
pub(super) const PUSH_FAILED_SHARE: f64 = 0.1;
/// Records that the relay lacks which is furthest behind.
pub(super) const BEHIND: f64 = 10_000.0;
/// How long, in seconds, the oldest record has waited that object storage has not got.
pub(super) const ARCHIVE_LAG_S: f64 = 3_600.0;
/// Rows a day that Cloudflare's free plan lets all objects of an account write
/// (<https://developers.cloudflare.com/durable-objects/platform/pricing/>).
const FREE_ROWS_A_DAY: f64 = 100_000.0;
/// So long a source may be silent, in seconds.
const SILENT_S: u32 = 900;

/// The log is kept for longer than items are, so that it is known which are to end.
const KEEP_DAYS: u32 = 2 * limits::HEALTH_DAYS;
/// A report of 100 boards has some 10 KB in the log, which is 300 MB in two weeks.
const KEEP_MIB: u32 = 512;
/// Milliseconds between frames to who looks at it: it is told once a minute.
const TICK_MILLIS: u32 = 1_000;

/// Its config.
pub fn config() -> BoardConfig {
    BoardConfig {
        title: "Health of this deployment".to_owned(),
        description: "What boards, their sources and the whole deployment last said of themselves. See docs/health.md"
            .to_owned(),
        visibility: Visibility::Private,
        stale_after_s: SILENT_S,
        expire_after_s: Some(limits::HEALTH_DAYS * 86_400),
        fields: fields(),
        top: Some(TopConfig { field: "rate".to_owned(), direction: Direction::Desc }),
        tick_ms: TICK_MILLIS,
        keep_days: KEEP_DAYS,
        keep_mib: Some(KEEP_MIB),
        ..BoardConfig::default()
    }
    .settled(None)
}

fn fields() -> BTreeMap<String, FieldConfig> {
    let plain = [
        ("rate", "Events a second", None),
        ("late", "Late", None),
        ("items", "Items", None),
        ("viewers", "Viewers", None),
        ("relays", "Relays", None),
        ("lag", "Not yet written down", Some("records")),
        ("storage", "Stored", Some("B")),
        ("slow_closed", "Slow viewers closed", None),
        ("letters_lost", "Dead letters lost", None),
        ("alarms", "Alarms", None),
        ("webhooks_failing", "Webhooks failing", None),
        ("archive_failing", "Object storage failing", None),
        ("views", "Views", None),
        ("views_kept_share", "Views from the cache", None),
        ("minted", "Tokens minted", None),
        ("rights_ended", "Rights ended", None),
        ("otlp_failures", "Pushes by OTLP failed", None),
        ("left_out", "Boards left out", None),
    ];
    let watched = [
        ("refused_share", "Refused", None, REFUSED_SHARE),
        ("storage_share", "Storage used", None, STORAGE_SHARE),
        ("push_failed_share", "Pushes failed", None, PUSH_FAILED_SHARE),
        ("behind", "Relay behind", Some("records"), BEHIND),
        ("archive_lag_s", "Object storage behind", Some("s"), ARCHIVE_LAG_S),
        ("rows_day", "Rows written a day", None, FREE_ROWS_A_DAY),
    ];
    let field = |label: &str, unit: Option<&str>, thresholds| FieldConfig {
        label: Some(label.to_owned()),
        unit: unit.map(str::to_owned),
        thresholds,
    };
    let plain = plain.into_iter().map(|(name, label, unit)| (name.to_owned(), field(label, unit, Vec::new())));
    let watched = watched.into_iter().map(|(name, label, unit, value)| {
        (name.to_owned(), field(label, unit, vec![Threshold { value, label: Some("Alarm".to_owned()) }]))
    });
    plain.chain(watched).collect()
}

/// The rules of its alarms, by their ids.
pub fn rules() -> Vec<(RuleId, AlarmRule)> {
    let above = |field: &str, limit: f64| vec![format!("{field}:gt:{limit}")];
    let rule = |name: &str, severity, conditions, for_s| AlarmRule {
        name: Some(name.to_owned()),
        severity,
        conditions,
        for_s,
        ..AlarmRule::default()
    };
    let (info, warning, critical) = (Severity::Info, Severity::Warning, Severity::Critical);
    let refused = vec!["kind:eq:board".to_owned(), format!("refused_share:gt:{REFUSED_SHARE}")];
    let silent = vec!["kind:eq:source".to_owned()];
    let storage = rule("Storage nearly full", warning, above("storage_share", STORAGE_SHARE), 0);
    let rules = [
        ("refused", rule("Refuses records", warning, refused, 600)),
        ("storage", AlarmRule { clear_where: vec![format!("storage_share:lt:{STORAGE_SHARE_CLEAR}")], ..storage }),
        ("relays", rule("Relays are not told", critical, above("push_failed_share", PUSH_FAILED_SHARE), 300)),
        ("behind", rule("A relay is far behind", warning, above("behind", BEHIND), 300)),
        ("source", AlarmRule { silent_s: Some(SILENT_S), ..rule("A source is silent", warning, silent, 0) }),
        ("archive", rule("Object storage takes nothing", warning, above("archive_failing", 0.0), 900)),
        ("late", rule("Object storage is far behind", warning, above("archive_lag_s", ARCHIVE_LAG_S), 900)),
        ("webhooks", rule("A webhook takes nothing", warning, above("webhooks_failing", 0.0), 900)),
        ("letters", rule("Dead letters made room for others", warning, above("letters_lost", 0.0), 0)),
        ("cost", rule("Writes more rows than the free plan has", info, above("rows_day", FREE_ROWS_A_DAY), 3_600)),
    ];
    rules.into_iter().filter_map(|(id, rule)| Some((RuleId::parse(id).ok()?, rule))).collect()
}
