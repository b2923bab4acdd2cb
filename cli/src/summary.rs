//! Counts of what became of every row, and how they are told at the end.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::ExitCode;

use heliograph_shared::ingest::IngestAnswer;
use serde_json::{Value, json};

/// Refusals with one code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Group {
    count: u64,
    example: Option<String>,
}

/// What became of the rows so far.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    rows: u64,
    accepted: u64,
    duplicate: u64,
    late: u64,
    cleaned: u64,
    cleaned_by: BTreeMap<String, u64>,
    filtered: u64,
    merged: u64,
    ended: u64,
    refused: u64,
    codes: BTreeMap<String, Group>,
    cursor: Option<String>,
}

impl Summary {
    /// Counts rows that are to be sent.
    pub fn add_rows(&mut self, count: u64) {
        self.rows += count;
    }

    /// Rows so far.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Counts a row that the server would not even read.
    pub fn refuse_sent(&mut self, line: u64, code: &str, message: &str) {
        self.refused += 1;
        self.count(code, 1, Some(format!("line {line}: {message}")));
    }

    /// Counts an item that was ended.
    pub fn add_end(&mut self) {
        self.ended += 1;
    }

    /// Counts the end of an item that had been done before.
    pub fn add_repeated_end(&mut self) {
        self.duplicate += 1;
    }

    /// Counts a row that could not even be sent.
    pub fn refuse_row(&mut self, line: u64, code: &str, message: &str) {
        self.rows += 1;
        self.refused += 1;
        self.count(code, 1, Some(format!("line {line}: {message}")));
    }

    /// Counts the answer to a request whose events came from these lines.
    pub fn add_answer(&mut self, lines: &[u64], answer: &IngestAnswer) {
        self.accepted += u64::from(answer.accepted);
        self.duplicate += u64::from(answer.duplicate);
        self.late += u64::from(answer.late);
        self.cleaned += u64::from(answer.cleaned);
        for (code, count) in answer.cleaned_by.iter() {
            *self.cleaned_by.entry(code.to_owned()).or_default() += u64::from(count);
        }
        self.filtered += u64::from(answer.filtered);
        self.merged += u64::from(answer.merged);
        self.refused += u64::from(answer.refused);
        self.cursor = Some(answer.cursor.clone());
        let mut listed = 0;
        for result in answer.refusals() {
            listed += 1;
            let place = lines
                .get(result.index as usize)
                .map_or_else(|| format!("event {}", result.index), |line| format!("line {line}"));
            let field = result.field.as_deref().map(|field| format!("{field}: ")).unwrap_or_default();
            let message = result.message.as_deref().unwrap_or("no message");
            self.count(result.code.as_deref().unwrap_or("unnamed"), 1, Some(format!("{place}: {field}{message}")));
        }
        if u64::from(answer.refused) > listed {
            self.count("not listed by the server", u64::from(answer.refused) - listed, None);
        }
    }

    fn count(&mut self, code: &str, count: u64, example: Option<String>) {
        let group = self.codes.entry(code.to_owned()).or_default();
        group.count += count;
        if group.example.is_none() {
            group.example = example;
        }
    }

    /// Events the server accepted.
    pub fn accepted(&self) -> u64 {
        self.accepted
    }

    /// Events the server had already.
    pub fn duplicate(&self) -> u64 {
        self.duplicate
    }

    /// Rows refused, by the server or before sending.
    pub fn refused(&self) -> u64 {
        self.refused
    }

    /// Rows whose fate is known.
    pub fn settled(&self) -> u64 {
        self.accepted + self.duplicate + self.refused + self.filtered + self.merged + self.ended
    }

    /// The summary as text of several lines, without a line break at the end.
    pub fn text(&self, elapsed_secs: f64) -> String {
        let rows = if self.rows == 1 { "row" } else { "rows" };
        let mut text = format!("{} {rows} in {}", grouped(self.rows), duration_text(elapsed_secs));
        if elapsed_secs >= 0.001 && self.settled() > 0 {
            let rate = self.settled() as f64 / elapsed_secs;
            let _ = write!(text, " ({} a second)", grouped(rate.round() as u64));
        }
        let _ = write!(text, "\n  accepted   {:>9}", grouped(self.accepted));
        if self.cleaned > 0 {
            let _ =
                write!(text, "   cleaned {} (values that mean \"not measured\" were dropped)", grouped(self.cleaned));
        }
        if self.late > 0 {
            let _ = write!(text, "   late {} (older than what the board shows)", grouped(self.late));
        }
        for (code, count) in &self.cleaned_by {
            let _ = write!(text, "\n    {code:<24} {:>7}   dropped, the rest was taken", grouped(*count));
        }
        if self.filtered > 0 {
            let _ = write!(text, "\n  filtered   {:>9}   by the board's pipeline", grouped(self.filtered));
        }
        if self.merged > 0 {
            let _ = write!(text, "\n  merged     {:>9}   into another row's event", grouped(self.merged));
        }
        if self.ended > 0 {
            let _ = write!(text, "\n  ended      {:>9}   items", grouped(self.ended));
        }
        let _ =
            write!(text, "\n  duplicate  {:>9}\n  refused    {:>9}", grouped(self.duplicate), grouped(self.refused));
        for (code, group) in &self.codes {
            let _ = write!(text, "\n    {code:<24} {:>7}", grouped(group.count));
            if let Some(example) = &group.example {
                let _ = write!(text, "   e.g. {example}");
            }
        }
        let open = self.rows.saturating_sub(self.settled());
        if open > 0 {
            let _ = write!(text, "\n  not sent or not answered {}", grouped(open));
        }
        text
    }

    /// The summary as one JSON object.
    pub fn json(&self, elapsed_secs: f64) -> Value {
        let codes: serde_json::Map<String, Value> = self
            .codes
            .iter()
            .map(|(code, group)| (code.clone(), json!({"count": group.count, "example": group.example})))
            .collect();
        json!({
            "rows": self.rows, "accepted": self.accepted, "duplicate": self.duplicate, "late": self.late, "cleaned": self.cleaned,
            "cleaned_by": self.cleaned_by, "filtered": self.filtered, "merged": self.merged,
            "refused": self.refused, "unanswered": self.rows.saturating_sub(self.settled()), "codes": codes,
            "cursor": self.cursor, "elapsed_s": (elapsed_secs * 1000.0).round() / 1000.0,
        })
    }
}

/// What a command ends with that had some of its rows refused.
pub fn some_refused() -> ExitCode {
    ExitCode::from(3)
}

/// A count with thousands separated: `45,386`.
pub fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A duration as people say it: `0.42 s`, `12.3 s`, `3 min 05 s`, `2 h 03 min`.
pub fn duration_text(secs: f64) -> String {
    let whole = secs.max(0.0).round() as u64;
    match whole {
        0..10 => format!("{secs:.2} s"),
        10..60 => format!("{secs:.1} s"),
        60..3600 => format!("{} min {:02} s", whole / 60, whole % 60),
        _ => format!("{} h {:02} min", whole / 3600, whole % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use heliograph_shared::ingest::{RecordResult, RecordStatus};

    fn refused(index: u32, code: &str) -> RecordResult {
        RecordResult {
            status: RecordStatus::Refused,
            code: Some(code.to_owned()),
            field: Some("position".to_owned()),
            message: Some("lies at 0,0".to_owned()),
            ..RecordResult::duplicate(index)
        }
    }

    #[test]
    fn refusals_are_grouped_by_code_with_the_first_as_example() {
        let mut summary = Summary::default();
        summary.add_rows(106);
        let answer = IngestAnswer {
            accepted: 96,
            duplicate: 1,
            refused: 3,
            late: 4,
            cleaned: 2,
            cleaned_by: serde_json::from_value(json!({"heading_not_available": 2})).unwrap(),
            filtered: 5,
            merged: 1,
            cursor: "e1:7".to_owned(),
            results: vec![refused(2, "null_island"), refused(5, "null_island"), RecordResult::duplicate(9)],
        };
        let lines: Vec<u64> = (10..116).collect();
        summary.add_answer(&lines, &answer);
        summary.refuse_row(7, "no_time", "the column `timestamp` is empty");
        assert_eq!(summary.settled(), 107);
        let text = summary.text(2.0);
        assert!(text.starts_with("107 rows in 2.00 s (54 a second)"), "{text}");
        assert!(text.contains("null_island                    2   e.g. line 12: position: lies at 0,0"), "{text}");
        assert!(text.contains("not listed by the server       1"), "{text}");
        assert!(text.contains("cleaned 2"), "{text}");
        assert!(text.contains("filtered           5   by the board's pipeline"), "{text}");
        assert!(text.contains("merged             1   into another row's event"), "{text}");
        assert!(text.contains("heading_not_available          2   dropped, the rest was taken"), "{text}");
        assert!(!text.contains("not answered"), "{text}");
        let json = summary.json(2.0);
        assert_eq!(json["codes"]["no_time"]["example"], "line 7: the column `timestamp` is empty");
        assert_eq!(json["unanswered"], 0);
        assert_eq!(json["cleaned_by"], serde_json::json!({"heading_not_available": 2}));
        assert_eq!(json["cursor"], "e1:7");
    }

    #[test]
    fn unanswered_rows_are_told() {
        let mut summary = Summary::default();
        summary.add_rows(5);
        assert!(summary.text(0.0).ends_with("not sent or not answered 5"));
    }

    #[test]
    fn counts_and_durations_read_well() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(45_386), "45,386");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(duration_text(0.417), "0.42 s");
        assert_eq!(duration_text(12.34), "12.3 s");
        assert_eq!(duration_text(185.0), "3 min 05 s");
        assert_eq!(duration_text(7380.0), "2 h 03 min");
    }
}
