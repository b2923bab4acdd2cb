//! Runs workerd and other lasting children, and passes on what they say.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::clock::Stopwatch;
use crate::data::{ADMIN_KEY, Data, Key, SIGNING_KEY};
use crate::error::{Failure, Outcome};
use crate::http;
use crate::process::{self, Running};
use crate::steps::say;
use crate::tools;
use crate::workspace::Workspace;

/// How long the worker may take to answer `/healthz`.
const START_LIMIT: Duration = Duration::from_mins(1);
const KEPT_LINES: usize = 20;

/// A lasting child whose lines are printed with its name before them.
pub struct Service {
    name: &'static str,
    running: Running,
    last_lines: Arc<Mutex<VecDeque<String>>>,
}

impl Service {
    /// Starts a program; the kernel ends it should we be killed outright.
    pub fn start(name: &'static str, program: &Path, command: Command) -> Outcome<Self> {
        let mut command = process::ends_with_us(command, program);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // Viewers' open sockets would hold a polite end up; what was acknowledged is on disk already.
        let mut running = Running::start(&mut command)?.with_patience(Duration::from_secs(2));
        let last_lines = Arc::new(Mutex::new(VecDeque::new()));
        if let Some(output) = running.child().stdout.take() {
            pass_on(name, output, Arc::clone(&last_lines));
        }
        if let Some(errors) = running.child().stderr.take() {
            pass_on(name, errors, Arc::clone(&last_lines));
        }
        Ok(Self { name, running, last_lines })
    }

    /// Its process, which leads the group of all it starts.
    pub fn pid(&mut self) -> u32 {
        self.running.child().id()
    }

    /// How it ended, if it did.
    pub fn ended(&mut self) -> Outcome<Option<ExitStatus>> {
        self.running.ended()
    }

    /// A failure that tells how it ended and what it said last.
    pub fn failure(&self, status: ExitStatus) -> Failure {
        // Its last words may still be in the pipe.
        thread::sleep(Duration::from_millis(200));
        let lines = self.last_lines.lock().unwrap_or_else(PoisonError::into_inner);
        let last = lines.back().map_or(String::new(), |line| format!("; its last words: {line}"));
        Failure::new(format!("{} ended by itself ({status}){last}", self.name))
    }
}

fn pass_on(name: &'static str, output: impl Read + Send + 'static, last_lines: Arc<Mutex<VecDeque<String>>>) {
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            say(&format!("{name}: {line}"));
            let mut kept = last_lines.lock().unwrap_or_else(PoisonError::into_inner);
            if kept.len() == KEPT_LINES {
                kept.pop_front();
            }
            kept.push_back(line);
        }
    });
}

/// Starts the worker on 127.0.0.1 and waits until it answers.
pub fn worker(workspace: &Workspace, port: u16, data: &Data, admin_key: &Key) -> Outcome<Service> {
    let signing_key = data.signing_key(workspace)?;
    let program = tools::workerd(workspace)?;
    let mut command = workspace.command(&program);
    command
        .args(["serve", "workerd.capnp"])
        .arg(format!("--socket-addr=http=127.0.0.1:{port}"))
        .arg(format!("--directory-path=do={}", data.objects().display()))
        .env(ADMIN_KEY, &admin_key.text)
        .env(SIGNING_KEY, &signing_key.text);
    let mut service = Service::start("worker", &program, command)?;
    let watch = Stopwatch::start();
    let mut answer = None;
    while watch.elapsed() < START_LIMIT {
        if let Some(status) = service.ended()? {
            return Err(service.failure(status));
        }
        answer = http::get(port, "/healthz");
        if matches!(answer, Some((200, _))) {
            return Ok(service);
        }
        process::pause(Duration::from_millis(50))?;
    }
    let said = answer.map_or_else(|| "no answer".to_owned(), |(status, body)| format!("{status} {body}"));
    Err(Failure::new(format!("the worker runs but /healthz is not well after {} s: {said}", START_LIMIT.as_secs())))
}
