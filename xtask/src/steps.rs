//! Says what is being done, shows that a long step is alive, and how long each took.

use std::fs::File;
use std::io::{self, BufRead, BufReader, IsTerminal, Write};
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use crate::clock::Stopwatch;
use crate::error::{Explain, Failure, Outcome};
use crate::plan;
use crate::process::{self, Running};
use crate::workspace::Workspace;

/// What a step came to.
pub enum Done {
    /// Nothing was to be done.
    Fresh,
    /// It was done; the word says what ("built", "installed").
    Did(&'static str),
}

/// Runs one step and prints its result with its time.
pub fn step(name: &str, work: impl FnOnce() -> Outcome<Done>) -> Outcome {
    process::check_stopped()?;
    let watch = Stopwatch::start();
    plan::begin(name);
    let done = work();
    plan::end();
    let result = match done? {
        Done::Fresh => "up to date",
        Done::Did(result) => result,
    };
    let seconds = watch.seconds();
    say(&format!("  {name:<24} {result:<12} {seconds:>7.1} s"));
    Ok(())
}

/// Whether steps are told on stderr, because stdout is for a program to read.
static TO_STDERR: AtomicBool = AtomicBool::new(false);

/// Keeps stdout for a result that a program reads (`--json`): steps and progress go to stderr from now on.
pub fn keep_stdout_clean() {
    TO_STDERR.store(true, Ordering::Relaxed);
}

/// Prints a line at once, also into a pipe.
pub fn say(line: &str) {
    write(&format!("{line}\n"));
}

fn write(text: &str) {
    // A reader that went away is no reason to stop.
    if TO_STDERR.load(Ordering::Relaxed) {
        let _ = io::stderr().write_all(text.as_bytes());
    } else {
        let mut stdout = io::stdout().lock();
        let _ = stdout.write_all(text.as_bytes());
        let _ = stdout.flush();
    }
}

/// A finished command and all it printed.
pub struct Finished {
    /// How it ended.
    pub status: ExitStatus,
    /// Its output, both streams in the order they came.
    pub output: String,
    /// Whether it was ended because it took too long.
    pub timed_out: bool,
}

/// Runs a command that must succeed, showing progress. When it fails the end of its output is printed, and the
/// failure says what to do if the cause is a known one.
pub fn run(workspace: &Workspace, name: &str, command: &mut Command) -> Outcome<String> {
    let log = log_path(workspace, name);
    let finished = watch(workspace, name, command, Duration::from_hours(1))?;
    if finished.status.success() {
        return Ok(finished.output);
    }
    if let Some(advice) = advice(&finished.output) {
        return Err(Failure::new(format!("{name}: {advice} (output: {})", workspace.shown(&log))));
    }
    eprintln!("{}", ends(&finished.output, 20, 60));
    Err(Failure::new(format!(
        "{name} failed ({}); its output is above and in {}",
        finished.status,
        workspace.shown(&log)
    )))
}

/// Runs a command to its end, whatever that is, showing progress. Its output also goes to a log file.
pub fn watch(workspace: &Workspace, name: &str, command: &mut Command, limit: Duration) -> Outcome<Finished> {
    let (reader, writer) = io::pipe().explain(|| "can't make a pipe".to_owned())?;
    let errors = writer.try_clone().explain(|| "can't make a pipe".to_owned())?;
    command.stdin(Stdio::null()).stdout(writer).stderr(errors);
    let mut running = Running::start(command)?;
    // The command keeps our end of the pipe open until it is told to let go.
    command.stdout(Stdio::null()).stderr(Stdio::null());

    let (lines, arriving) = mpsc::channel::<String>();
    thread::spawn(move || {
        let mut reader = BufReader::new(reader);
        let mut bytes = Vec::new();
        while matches!(reader.read_until(b'\n', &mut bytes), Ok(count) if count > 0) {
            let line = String::from_utf8_lossy(&bytes).trim_end().to_owned();
            bytes.clear();
            if lines.send(line).is_err() {
                break;
            }
        }
    });

    let log = log_path(workspace, name);
    let mut log = File::create(&log).explain(|| format!("can't write {}", log.display()))?;
    let mut output = String::new();
    let mut progress = Progress::new(name);
    let watch = Stopwatch::start();
    let mut timed_out = false;
    let status = loop {
        process::check_stopped()?;
        if !timed_out && watch.elapsed() > limit {
            timed_out = true;
            break None;
        }
        match arriving.recv_timeout(Duration::from_millis(100)) {
            Ok(line) => {
                let _ = writeln!(log, "{line}");
                output.push_str(&line);
                output.push('\n');
                progress.saw(line);
            }
            Err(RecvTimeoutError::Timeout) => {
                if let Some(status) = running.ended()? {
                    break Some(status);
                }
            }
            // Both streams are closed: it is ending.
            Err(RecvTimeoutError::Disconnected) => {
                if let Some(status) = running.ended()? {
                    break Some(status);
                }
                thread::sleep(Duration::from_millis(10));
            }
        }
        progress.show();
    };
    progress.clear();
    let status = match status {
        Some(status) => status,
        None => end(running)?,
    };
    Ok(Finished { status, output, timed_out })
}

fn end(mut running: Running) -> Outcome<ExitStatus> {
    let _ = running.child().kill();
    running.child().wait().explain(|| "can't wait for a child".to_owned())
}

fn log_path(workspace: &Workspace, name: &str) -> PathBuf {
    workspace.logs().join(format!("{}.log", name.replace([' ', '/'], "-")))
}

/// The last lines of a text.
pub fn tail(text: &str, lines: usize) -> String {
    let all: Vec<&str> = text.lines().collect();
    let from = all.len().saturating_sub(lines);
    all.get(from..).unwrap_or_default().join("\n")
}

/// The first and the last lines of a long text: some programs say what is wrong first, and then how to call them.
fn ends(text: &str, first: usize, last: usize) -> String {
    let all: Vec<&str> = text.lines().collect();
    if all.len() <= first + last {
        return all.join("\n");
    }
    let head = all.get(..first).unwrap_or_default().join("\n");
    format!("{head}\n[{} lines left out]\n{}", all.len() - first - last, tail(text, last))
}

/// What to do about a failure whose cause shows in the output.
fn advice(output: &str) -> Option<&'static str> {
    const OFFLINE: [&str; 12] = [
        "Could not resolve host",
        "Couldn't resolve host",
        "failed to lookup address",
        "Temporary failure in name resolution",
        "Temporary failure resolving",
        "Could not connect to server",
        "Couldn't connect to server",
        "Network is unreachable",
        "ENOTFOUND",
        "ECONNREFUSED",
        "EAI_AGAIN",
        "ETIMEDOUT",
    ];
    if OFFLINE.iter().any(|sign| output.contains(sign)) {
        return Some(
            "no network: the package registry can't be reached. Connect and run the command again; what is done stays done",
        );
    }
    if output.contains("No space left on device") {
        return Some("the disk is full: free some space and run the command again");
    }
    None
}

/// One line that is rewritten on a terminal; a line now and then anywhere else.
struct Progress<'a> {
    name: &'a str,
    watch: Stopwatch,
    terminal: bool,
    last: String,
    lines: usize,
    shown_at: f64,
    dirty: bool,
}

impl<'a> Progress<'a> {
    fn new(name: &'a str) -> Self {
        Self {
            name,
            watch: Stopwatch::start(),
            terminal: if TO_STDERR.load(Ordering::Relaxed) {
                io::stderr().is_terminal()
            } else {
                io::stdout().is_terminal()
            },
            last: String::new(),
            lines: 0,
            shown_at: 0.0,
            dirty: false,
        }
    }

    fn saw(&mut self, line: String) {
        self.lines += 1;
        if !line.trim().is_empty() {
            self.last = line;
        }
    }

    fn show(&mut self) {
        let now = self.watch.seconds();
        if !self.is_due(now) {
            return;
        }
        self.shown_at = now;
        let text = self.text(now, plan::left());
        if self.terminal {
            write(&format!("\r\x1b[2K{text}"));
            self.dirty = true;
        } else {
            say(&text);
        }
    }

    /// Whether it is time for another sign of life.
    fn is_due(&self, now: f64) -> bool {
        let every = if self.terminal { 0.5 } else { 15.0 };
        now - self.shown_at >= every
    }

    fn text(&self, now: f64, left: Option<String>) -> String {
        let last: String = self.last.trim().chars().take(60).collect();
        let (name, lines) = (self.name, self.lines);
        let left = left.map_or(String::new(), |left| format!("{left} left  "));
        let (mark, width) = if self.terminal { ("", 4) } else { ("… ", 0) };
        format!("  {name:<24} {mark}{now:>width$.0} s  {left}[{lines}] {last}")
    }

    fn clear(&mut self) {
        if self.dirty {
            write("\r\x1b[2K");
            self.dirty = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_download_is_told_as_no_network() {
        let cargo = "warning: spurious network error (3 tries remaining): [6] Couldn't resolve host name";
        assert!(advice(cargo).is_some_and(|text| text.starts_with("no network")));
        let npm = "npm error code ENOTFOUND";
        assert!(advice(npm).is_some_and(|text| text.starts_with("no network")));
        assert!(advice("error[E0425]: cannot find value").is_none());
    }

    #[test]
    fn a_long_step_tells_that_it_is_alive_and_how_much_is_left() {
        for terminal in [true, false] {
            let mut progress = Progress { terminal, ..Progress::new("site") };
            progress.saw("   Compiling leptos v0.8.23".to_owned());
            progress.saw(String::new());
            assert!(!progress.is_due(0.1) && progress.is_due(15.0));
            let text = progress.text(75.0, Some("about 2 min".to_owned()));
            for part in ["  site ", " 75 s  about 2 min left  ", "[2] Compiling leptos v0.8.23"] {
                assert!(text.contains(part), "{text}");
            }
            progress.shown_at = 15.0;
            assert!(!progress.is_due(15.2) && progress.is_due(30.0));
        }
    }

    #[test]
    fn tail_keeps_the_last_lines() {
        assert_eq!(tail("a\nb\nc\n", 2), "b\nc");
        assert_eq!(tail("a\n", 9), "a");
        assert_eq!(ends("a\nb\nc\nd\n", 1, 2), "a\n[1 lines left out]\nc\nd");
        assert_eq!(ends("a\nb\n", 1, 2), "a\nb");
    }
}
