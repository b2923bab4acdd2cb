//! `cargo xtask up`: everything set up, built and running, with something to look at.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use crate::build;
use crate::clock::Stopwatch;
use crate::data::{ADMIN_KEY, Data, Key};
use crate::error::{Explain, Failure, Outcome};
use crate::http;
use crate::process;
use crate::serve::{self, Service};
use crate::steps::{self, Done, say};
use crate::tools::WORKERD;
use crate::workspace::Workspace;

/// The board that the simulator feeds.
const DEMO_BOARD: &str = "fleet";

/// Sets up, runs until a signal comes, and leaves no process behind.
pub fn up(workspace: &Workspace, port: u16, data: &Path, demo: bool) -> Outcome<ExitCode> {
    let watch = Stopwatch::start();
    http::require_free(port)?;
    let data = Data::open(&data_folder(workspace, data)?)?;
    build::for_this_machine(workspace)?;

    let url = format!("http://127.0.0.1:{port}");
    let admin_key = data.admin_key(workspace)?;
    http::require_free(port)?;
    let mut worker = None;
    steps::step(&format!("workerd {WORKERD}"), || {
        worker = Some(serve::worker(workspace, port, &data, &admin_key)?);
        Ok(Done::Did("started"))
    })?;
    let mut worker = worker.ok_or_else(|| Failure::new("the worker did not start"))?;
    let client = Client { workspace, url: &url, key: &admin_key.text };
    client.apply_boards()?;
    let mut simulator = if demo { Some(Simulator::start(&client)?) } else { None };
    print_directions(&client, &admin_key, demo, watch);

    thread::scope(|scope| {
        scope.spawn(|| {
            // One can look around meanwhile.
            if let (Err(failure), None) = (build::leisurely(workspace), process::stopped_by()) {
                say(&format!("the pages that describe the API are missing: {failure}"));
            }
        });
        let ended = watch_over(&client, &mut worker, &mut simulator);
        if ended.is_err() {
            process::end_children();
        }
        ended
    })?;
    drop(simulator);
    drop(worker);
    say("stopped");
    Ok(ExitCode::SUCCESS)
}

/// Waits until a signal comes.
fn watch_over(client: &Client<'_>, worker: &mut Service, simulator: &mut Option<Simulator>) -> Outcome {
    while process::pause(Duration::from_millis(200)).is_ok() {
        if let Some(status) = worker.ended()? {
            process::check_stopped()?;
            return Err(worker.failure(status));
        }
        if let Some(simulator) = simulator {
            simulator.look_after(client)?;
        }
    }
    Ok(())
}

/// The default lies in the checkout; a path that was typed is meant from where it was typed.
fn data_folder(workspace: &Workspace, data: &Path) -> Outcome<PathBuf> {
    if data == Path::new(".heliograph/data") {
        return Ok(workspace.root.join(data));
    }
    let here = env::current_dir().explain(|| "can't tell the current folder".to_owned())?;
    Ok(here.join(data))
}

fn print_directions(client: &Client<'_>, admin_key: &Key, demo: bool, watch: Stopwatch) {
    let url = client.url;
    say("");
    if demo {
        say(&format!("  live map      {url}/b/{DEMO_BOARD}"));
    }
    say(&format!("  all boards    {url}/"));
    say(&format!("  quiz, arena   {url}/quiz   {url}/arena"));
    if admin_key.development {
        say(&format!("  admin key     {}   (for development, kept in the data folder)", admin_key.text));
        say(&format!(
            "  send events   HELIOGRAPH_URL={url} HELIOGRAPH_KEY={} target/release/heliograph --help",
            admin_key.text
        ));
    } else {
        say(&format!("  admin key     as {ADMIN_KEY} says"));
    }
    say("  stop          Ctrl-C");
    say(&format!("  up in {:.1} s", watch.seconds()));
    say(&format!("ready {url}"));
}

/// The command-line program, told where the server is.
struct Client<'a> {
    workspace: &'a Workspace,
    url: &'a str,
    key: &'a str,
}

impl Client<'_> {
    fn command(&self, arguments: &[&str]) -> std::process::Command {
        let mut command = self.workspace.command(self.workspace.heliograph());
        command.args(arguments).env("HELIOGRAPH_URL", self.url).env("HELIOGRAPH_KEY", self.key);
        command
    }

    /// Applies every example board.
    fn apply_boards(&self) -> Outcome {
        let folder = self.workspace.root.join("boards");
        let mut files: Vec<PathBuf> = fs::read_dir(&folder)
            .explain(|| format!("can't list {}", folder.display()))?
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .filter(|path| path.extension().is_some_and(|end| end == "json"))
            .collect();
        files.sort();
        for file in files {
            let shown = self.workspace.shown(&file);
            steps::step(&shown, || {
                let mut command = self.command(&["board", "apply", &shown]);
                steps::run(self.workspace, &format!("apply {shown}"), &mut command)?;
                Ok(Done::Did("applied"))
            })?;
        }
        Ok(())
    }
}

/// The demo fleet. It is started again when it ends, but not for ever.
struct Simulator {
    service: Option<Service>,
    running: Stopwatch,
    quick_ends: u32,
}

impl Simulator {
    const QUICK: Duration = Duration::from_secs(30);
    const TRIES: u32 = 5;

    fn start(client: &Client<'_>) -> Outcome<Self> {
        Ok(Self { service: Some(Self::service(client)?), running: Stopwatch::start(), quick_ends: 0 })
    }

    fn service(client: &Client<'_>) -> Outcome<Service> {
        let command = client.command(&["simulate", "--board", DEMO_BOARD, "--layers"]);
        Service::start("simulator", &client.workspace.heliograph(), command)
    }

    fn look_after(&mut self, client: &Client<'_>) -> Outcome {
        let Some(service) = &mut self.service else {
            return Ok(());
        };
        let Some(status) = service.ended()? else {
            return Ok(());
        };
        process::check_stopped()?;
        let failure = service.failure(status);
        if self.running.elapsed() < Self::QUICK {
            self.quick_ends += 1;
        } else {
            self.quick_ends = 0;
        }
        if self.quick_ends >= Self::TRIES {
            say(&format!(
                "{failure}; it ended {} times in a row and is not started again. The boards stay open",
                Self::TRIES
            ));
            self.service = None;
            return Ok(());
        }
        say(&format!("{failure}; starting it again"));
        process::pause(Duration::from_secs(1))?;
        self.service = Some(Self::service(client)?);
        self.running = Stopwatch::start();
        Ok(())
    }
}
