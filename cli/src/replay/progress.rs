//! How far a replay is: a bar on a terminal, a plain line every few seconds elsewhere. Always on standard error.

use std::fmt::Write as _;
use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::clock;
use crate::summary::{Summary, grouped};

/// How often a plain line is printed.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// The display.
#[derive(Debug)]
pub enum Progress {
    /// Nothing is shown.
    Silent,
    /// A bar that is redrawn.
    Bar(ProgressBar),
    /// A line now and then.
    Lines {
        /// Rows to send, if there is an end.
        total: Option<u64>,
        /// When the last line was printed.
        printed: Instant,
    },
}

impl Progress {
    /// A display for so many rows; `None` when there is no end.
    pub fn new(total: Option<u64>, quiet: bool) -> Self {
        if quiet {
            return Self::Silent;
        }
        if !std::io::stderr().is_terminal() {
            return Self::Lines { total, printed: clock::monotonic() };
        }
        let (bar, template) = match total {
            Some(total) => (ProgressBar::new(total), "{bar:30} {percent:>3}%  {msg}  {eta} left"),
            None => (ProgressBar::new_spinner(), "{spinner} {elapsed}  {msg}"),
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self::Bar(bar)
    }

    /// Shows how far it is; `place` says where in the recording, `trouble` why requests are repeated.
    pub fn show(&mut self, summary: &Summary, place: &str, trouble: Option<&str>) {
        match self {
            Self::Silent => {}
            Self::Bar(bar) => {
                if bar.length().is_some() {
                    bar.set_position(summary.settled());
                } else {
                    bar.tick();
                }
                bar.set_message(message(summary, place, trouble));
            }
            Self::Lines { total, printed } => {
                if printed.elapsed() >= LINE_EVERY {
                    *printed = clock::monotonic();
                    let of = total.map(|total| format!(" of {}", grouped(total))).unwrap_or_default();
                    eprintln!("{}{of} rows  {}", grouped(summary.settled()), message(summary, place, trouble));
                }
            }
        }
    }

    /// Takes the bar away.
    pub fn finish(self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}

fn message(summary: &Summary, place: &str, trouble: Option<&str>) -> String {
    let mut text = format!("{place}  accepted {}", grouped(summary.accepted()));
    if summary.duplicate() > 0 {
        let _ = write!(text, "  duplicate {}", grouped(summary.duplicate()));
    }
    if summary.refused() > 0 {
        let _ = write!(text, "  refused {}", grouped(summary.refused()));
    }
    if let Some(trouble) = trouble {
        let _ = write!(text, "  trying again: {trouble}");
    }
    text
}
