//! `bench/baseline.json`: what was measured last, to be compared with (`--compare`) and kept anew (`--save`).
//!
//! Only figures that are about the same on every machine are in it: sizes, and ratios to a peer on the same machine.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use clap::Args;
use serde_json::{Map, Value};

use crate::error::{Explain, Failure, Outcome};
use crate::workspace::{Workspace, make_folder};

const FILE: &str = "bench/baseline.json";

/// What a measurement can be told about the baseline.
#[derive(Args, Clone, Copy)]
pub struct BaselineArguments {
    /// Say what got worse than `bench/baseline.json`, and fail if something did.
    #[arg(long, conflicts_with = "save")]
    compare: bool,
    /// Keep these figures in `bench/baseline.json`.
    #[arg(long)]
    save: bool,
}

/// A figure that can be compared across machines.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// What it is.
    pub name: String,
    /// How much.
    pub value: f64,
    /// Whether more is better.
    pub more_is_better: bool,
}

/// How a figure stands to the one before.
#[derive(Debug, PartialEq)]
struct Row {
    name: String,
    before: f64,
    now: f64,
    /// How many times as good as before.
    times_as_good: f64,
}

impl BaselineArguments {
    /// Whether anything is asked of the baseline.
    pub fn is_asked(self) -> bool {
        self.compare || self.save
    }

    /// Compares or keeps, as asked. `slack` is by how much figures differ from run to run: 0.1 is a tenth. Returns
    /// whether nothing got worse; what it has to say goes to stderr, beside a result that a program may read.
    pub fn apply(self, workspace: &Workspace, section: &str, figures: &[Figure], slack: f64) -> Outcome<bool> {
        let path = workspace.root.join(FILE);
        let kept = match fs::read_to_string(&path) {
            Ok(text) => serde_json::from_str(&text).explain(|| format!("{FILE} is not as it should be"))?,
            Err(_) => Value::Object(Map::new()),
        };
        if self.save {
            let kept = with(kept.clone(), section, figures);
            let text = serde_json::to_string_pretty(&kept).explain(|| format!("can't write {FILE}"))?;
            make_folder(&workspace.root.join("bench"))?;
            fs::write(&path, text + "\n").explain(|| format!("can't write {FILE}"))?;
            eprintln!("{FILE}: kept {} figures of {section}", figures.len());
        }
        if !self.compare {
            return Ok(true);
        }
        let Some(before) = kept.get(section).and_then(Value::as_object) else {
            return Err(Failure::new(format!("{FILE} has nothing of {section}: measure with --save first")));
        };
        let rows = rows(before, figures);
        eprint!("{}", table(&rows, slack));
        Ok(rows.iter().all(|row| !is_worse(row, slack)))
    }
}

/// The baseline with these figures in their section; figures that were not measured this time stay.
fn with(mut kept: Value, section: &str, figures: &[Figure]) -> Value {
    for figure in figures {
        kept[section][&figure.name] = Value::from((figure.value * 1_000.0).round() / 1_000.0);
    }
    kept
}

/// Each figure that was measured then and now, the one that lost most first.
fn rows(before: &Map<String, Value>, figures: &[Figure]) -> Vec<Row> {
    let kept: BTreeMap<&str, f64> =
        before.iter().filter_map(|(name, value)| Some((name.as_str(), value.as_f64()?))).collect();
    let mut rows: Vec<Row> = figures
        .iter()
        .filter_map(|figure| {
            let before = *kept.get(figure.name.as_str())?;
            let (better, worse) = if figure.more_is_better { (figure.value, before) } else { (before, figure.value) };
            // Nothing against nothing is the same.
            let times_as_good = if (better - worse).abs() < f64::EPSILON { 1.0 } else { better / worse };
            Some(Row { name: figure.name.clone(), before, now: figure.value, times_as_good })
        })
        .collect();
    rows.sort_by(|a, b| a.times_as_good.total_cmp(&b.times_as_good));
    rows
}

fn is_worse(row: &Row, slack: f64) -> bool {
    row.times_as_good < 1.0 / (1.0 + slack)
}

fn table(rows: &[Row], slack: f64) -> String {
    let mut out = String::new();
    for row in rows {
        let verdict = if is_worse(row, slack) {
            "WORSE"
        } else if row.times_as_good > 1.0 + slack {
            "better"
        } else {
            "same"
        };
        let Row { name, before, now, times_as_good } = row;
        let _ = writeln!(out, "  {verdict:<7} {times_as_good:>6.2}×  {name}: {before} before, {now:.3} now");
    }
    if rows.is_empty() {
        out.push_str("  nothing was measured that the baseline has\n");
    }
    out
}

/// What a script judges, where all of it is a ratio or a count.
pub fn judged(result: &Value) -> Vec<Figure> {
    let targets = result["targets"].as_array().into_iter().flatten();
    targets
        .filter_map(|target| {
            Some(Figure {
                name: target["name"].as_str()?.to_owned(),
                value: target["reached"].as_f64()?,
                more_is_better: target.get("at_least").is_some(),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn figure(name: &str, value: f64, more_is_better: bool) -> Figure {
        Figure { name: name.to_owned(), value, more_is_better }
    }

    fn compared(before: &Value, figures: &[Figure]) -> Vec<Row> {
        rows(before.as_object().unwrap(), figures)
    }

    #[test]
    fn more_is_better_for_some_figures_and_worse_for_others() {
        let before = json!({"rate": 2.0, "bytes": 100.0});
        let rows = compared(&before, &[figure("rate", 1.0, true), figure("bytes", 50.0, false)]);
        assert_eq!(rows[0].name, "rate");
        assert!((rows[0].times_as_good - 0.5).abs() < 1e-9 && is_worse(&rows[0], 0.1));
        assert!((rows[1].times_as_good - 2.0).abs() < 1e-9 && !is_worse(&rows[1], 0.1));
    }

    #[test]
    fn what_differs_from_run_to_run_is_the_same() {
        let before = json!({"rate": 1.0, "bytes": 1.0});
        let rows = compared(&before, &[figure("rate", 0.92, true), figure("bytes", 1.09, false)]);
        assert!(rows.iter().all(|row| !is_worse(row, 0.1)));
        assert!(rows.iter().all(|row| is_worse(row, 0.05)));
        assert!(table(&rows, 0.05).contains("WORSE") && !table(&rows, 0.1).contains("WORSE"));
    }

    #[test]
    fn only_what_was_measured_both_times_is_compared() {
        let before = json!({"old": 1.0, "both": 3.0});
        let rows = compared(&before, &[figure("new", 9.0, true), figure("both", 3.0, true)]);
        assert_eq!(rows.len(), 1);
        assert!((rows[0].times_as_good - 1.0).abs() < 1e-9);
        assert!(table(&compared(&before, &[]), 0.1).contains("nothing was measured"));
    }

    #[test]
    fn nothing_that_became_something_is_worse() {
        let rows = compared(&json!({"calls": 0.0}), &[figure("calls", 1.0, false)]);
        assert!(is_worse(&rows[0], 0.1));
        assert!(!is_worse(&compared(&json!({"calls": 0.0}), &[figure("calls", 0.0, false)])[0], 0.1));
    }

    #[test]
    fn saving_keeps_what_was_not_measured_this_time() {
        let kept = with(json!({"size": {"a": 1.0}, "feed": {"x": 1.0}}), "size", &[figure("b", 2.000_4, false)]);
        assert_eq!(kept, json!({"size": {"a": 1.0, "b": 2.0}, "feed": {"x": 1.0}}));
    }

    #[test]
    fn the_kept_baseline_is_one_number_for_each_name() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join(FILE);
        let kept: BTreeMap<String, BTreeMap<String, f64>> =
            serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        assert!(kept.contains_key("size"));
        assert!(kept.values().flat_map(BTreeMap::values).all(|value| *value > 0.0));
    }

    #[test]
    fn what_the_script_judges_is_compared() {
        let result = serde_json::json!({"targets": [
            {"name": "hits", "reached": 4.5, "at_least": 3, "met": true},
            {"name": "calls", "reached": 1, "at_most": 1, "met": true},
        ]});
        let figures = judged(&result);
        assert_eq!(figures.len(), 2);
        assert!(figures[0].more_is_better && !figures[1].more_is_better);
    }
}
