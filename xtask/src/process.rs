//! Child processes that never outlive us.
//!
//! Each child leads a process group of its own, so that ending it ends what it started too (cargo's compilers, a
//! browser's helpers). A signal to us is passed on to every group; on Linux the kernel ends long-running children
//! even when we are killed outright.

use std::collections::BTreeSet;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::clock::Stopwatch;
use crate::error::{Explain, Failure, Outcome};

static GROUPS: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());
/// The exit code of the signal that stopped us; 0 while none has.
static STOPPED: AtomicU8 = AtomicU8::new(0);

/// How long a child may take to end by itself.
const PATIENCE: Duration = Duration::from_secs(5);
const POLL: Duration = Duration::from_millis(20);

/// Starts the thread that ends all children on SIGINT, SIGTERM and SIGHUP.
pub fn end_children_on_signals() -> Outcome {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).explain(|| "can't listen for signals".to_owned())?;
    thread::spawn(move || {
        let mut first: Option<Stopwatch> = None;
        for signal in signals.forever() {
            match first {
                None => {
                    first = Some(Stopwatch::start());
                    STOPPED.store(128 + u8::try_from(signal).unwrap_or(15), Ordering::SeqCst);
                    signal_all(Signal::TERM);
                    // The main thread sees its children end and returns. Should it hang, this ends everything.
                    thread::spawn(|| {
                        thread::sleep(PATIENCE * 2);
                        finish_now();
                    });
                }
                // `timeout` and terminals may send the same signal twice; a person's second one comes later.
                Some(first) if first.elapsed() < Duration::from_millis(500) => {}
                Some(_) => finish_now(),
            }
        }
    });
    Ok(())
}

/// Asks every child to end.
pub fn end_children() {
    signal_all(Signal::TERM);
}

fn finish_now() {
    signal_all(Signal::KILL);
    std::process::exit(i32::from(STOPPED.load(Ordering::SeqCst)));
}

/// The exit code to end with when a signal stopped us.
pub fn stopped_by() -> Option<u8> {
    Some(STOPPED.load(Ordering::SeqCst)).filter(|code| *code != 0)
}

/// Fails when a signal has stopped us: every loop that waits asks this.
pub fn check_stopped() -> Outcome {
    match stopped_by() {
        Some(_) => Err(Failure::new("stopped by a signal")),
        None => Ok(()),
    }
}

/// Waits, unless we are stopped.
pub fn pause(time: Duration) -> Outcome {
    let waited = Stopwatch::start();
    while waited.elapsed() < time {
        check_stopped()?;
        thread::sleep(POLL.min(time));
    }
    check_stopped()
}

/// A running child; dropping it ends its whole process group.
pub struct Running {
    child: Child,
    patience: Duration,
}

impl Running {
    /// Starts a command in a process group of its own.
    pub fn start(command: &mut Command) -> Outcome<Self> {
        let mut groups = groups();
        check_stopped()?;
        let program = command.get_program().to_string_lossy().into_owned();
        let child = command.process_group(0).spawn().explain(|| format!("can't start {program}"))?;
        groups.insert(child.id());
        Ok(Self { child, patience: PATIENCE })
    }

    /// Sets how long the child may take to end by itself once it was asked to.
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// The exit status, if it has ended.
    pub fn ended(&mut self) -> Outcome<Option<ExitStatus>> {
        self.child.try_wait().explain(|| "can't ask for a child's state".to_owned())
    }

    /// The child's output pipes, if they were asked for.
    pub fn child(&mut self) -> &mut Child {
        &mut self.child
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let group = self.child.id();
        if matches!(self.child.try_wait(), Ok(None)) {
            signal(group, Signal::TERM);
            let waited = Stopwatch::start();
            while waited.elapsed() < self.patience && matches!(self.child.try_wait(), Ok(None)) {
                thread::sleep(POLL);
            }
        }
        // Whatever is left of the group, helpers of an ended leader included.
        signal(group, Signal::KILL);
        let _ = self.child.wait();
        groups().remove(&group);
    }
}

/// A command that the kernel also ends when this process dies without a chance to clean up (`kill -9`).
pub fn ends_with_us(mut command: Command, program: &Path) -> Command {
    const SETPRIV: &str = "/usr/bin/setpriv";
    if !Path::new(SETPRIV).exists() {
        return command;
    }
    let arguments: Vec<_> = command.get_args().map(ToOwned::to_owned).collect();
    let variables: Vec<_> =
        command.get_envs().map(|(name, value)| (name.to_owned(), value.map(ToOwned::to_owned))).collect();
    let folder = command.get_current_dir().map(ToOwned::to_owned);
    command = Command::new(SETPRIV);
    command.args(["--pdeathsig", "KILL", "--"]);
    command.arg(program).args(arguments);
    for (name, value) in variables {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    if let Some(folder) = folder {
        command.current_dir(folder);
    }
    command
}

fn groups() -> MutexGuard<'static, BTreeSet<u32>> {
    GROUPS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn signal_all(what: Signal) {
    for group in groups().iter() {
        signal(*group, what);
    }
}

fn signal(group: u32, what: Signal) {
    if let Some(pid) = i32::try_from(group).ok().and_then(Pid::from_raw) {
        // A group that has ended already is what we want.
        let _ = kill_process_group(pid, what);
    }
}
