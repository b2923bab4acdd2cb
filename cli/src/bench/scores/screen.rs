//! A page in Chromium that shows the same rows. A script drives it and prints, as lines of JSON, what came onto the
//! screen and when.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use serde::Deserialize;
use tokio::time::{Instant, sleep};

use super::answers::student_of;
use super::sight::Sighting;

/// How long the page may take to show its first rows.
const PATIENCE: Duration = Duration::from_secs(40);

/// What the page said.
#[derive(Default)]
pub struct Said {
    /// Which page it is, once it shows rows.
    pub page: Option<String>,
    /// What came onto the screen.
    pub sightings: Vec<Sighting>,
    /// What went wrong.
    pub failures: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Ready(String),
    /// Key, the number of the last answer that was shown before and now, and the time in milliseconds since 1970.
    Seen(Vec<(String, u32, u32, f64)>),
    Error(String),
}

/// The running browser; it is ended when this is dropped.
pub struct Screen {
    child: Child,
    said: Arc<Mutex<Said>>,
}

impl Screen {
    /// Starts the script with node; `arguments` are its own.
    pub fn start(script: &str, arguments: &[&str]) -> Result<Self, String> {
        let mut command = Command::new("node");
        command.arg(script).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(|e| format!("cannot start node: {e}"))?;
        let said = Arc::new(Mutex::new(Said::default()));
        if let Some(output) = child.stdout.take() {
            let said = said.clone();
            thread::spawn(move || {
                for line in BufReader::new(output).lines().map_while(Result::ok) {
                    lock(&said).take(&line);
                }
            });
        }
        Ok(Self { child, said })
    }

    /// What it has said so far.
    pub fn said(&self) -> MutexGuard<'_, Said> {
        lock(&self.said)
    }

    /// Waits until rows are on the screen.
    pub async fn ready(&mut self) -> Result<(), String> {
        let begun = Instant::now();
        loop {
            {
                let said = self.said();
                if let Some(failure) = said.failures.first() {
                    return Err(failure.clone());
                }
                if said.page.is_some() {
                    return Ok(());
                }
            }
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(format!("the page's script has ended ({status})"));
            }
            if begun.elapsed() > PATIENCE {
                return Err(format!("the page shows no rows after {} s", PATIENCE.as_secs()));
            }
            sleep(Duration::from_millis(50)).await;
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // The script closes its browser when its input ends; killed, it would leave it behind.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

impl Said {
    fn take(&mut self, line: &str) {
        match serde_json::from_str(line) {
            Ok(Line::Ready(page)) => self.page = Some(page),
            Ok(Line::Seen(rows)) => {
                for (key, from, to, at) in rows {
                    let Some(student) = student_of(&key) else { continue };
                    self.sightings.push(Sighting { student, from, to, at: (at * 1_000.0) as i64 });
                }
            }
            Ok(Line::Error(message)) => self.failures.push(format!("the page: {message}")),
            Err(e) => self.failures.push(format!("the page said something strange ({e}): {line}")),
        }
    }
}

fn lock(said: &Mutex<Said>) -> MutexGuard<'_, Said> {
    said.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_understood_and_strange_ones_are_told() {
        let mut said = Said::default();
        said.take(r#"{"ready":"a page"}"#);
        said.take(r#"{"seen":[["s0007",3,5,1772366400000.25]]}"#);
        said.take("Debugger listening");
        assert_eq!(said.page.as_deref(), Some("a page"));
        assert_eq!(said.sightings, [Sighting { student: 7, from: 3, to: 5, at: 1_772_366_400_000_250 }]);
        assert_eq!(said.failures.len(), 1);
    }
}
