//! The servers, each with a folder of its own that nobody has used before.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use clap::ValueEnum;

use crate::clock::Stopwatch;
use crate::data::{ADMIN_KEY, Data, SIGNING_KEY};
use crate::error::{Explain, Failure, Outcome};
use crate::http;
use crate::process;
use crate::serve::Service;
use crate::steps;
use crate::tools;
use crate::workspace::{Workspace, make_folder};

/// How long a server may take to answer.
const START_LIMIT: Duration = Duration::from_secs(30);
const PEERS: &str = "bench/peers";

/// What is measured, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Plain node with npm `ws`.
    Ws,
    /// A JavaScript Durable Object with npm `partyserver`.
    Partyserver,
    /// Ours.
    Heliograph,
}

impl Kind {
    /// The name on the command line.
    pub fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

/// What a server is given.
struct Place<'a> {
    data: &'a Data,
    folder: &'a Path,
    key: &'a str,
    port: u16,
}

/// A running server.
pub struct Server {
    name: String,
    service: Service,
    port: u16,
    folder: PathBuf,
    key: String,
    _data: Data,
}

impl Server {
    /// Starts a server and waits until it answers.
    pub fn start(workspace: &Workspace, kind: Kind) -> Outcome<Self> {
        Self::launch(workspace, &kind.name(), |place| match kind {
            // The site takes no part: an empty folder stands for it.
            Kind::Heliograph => ours(workspace, place, &place.folder.join("site")),
            Kind::Ws => {
                let mut command = workspace.command("node");
                command.arg(format!("{PEERS}/ws.mjs")).arg(place.port.to_string());
                Ok((PathBuf::from("node"), command))
            }
            Kind::Partyserver => partyserver(workspace, place),
        })
    }

    /// Ours with its pages.
    pub fn start_with_pages(workspace: &Workspace) -> Outcome<Self> {
        Self::launch(workspace, &Kind::Heliograph.name(), |place| ours(workspace, place, &workspace.root.join("dist")))
    }

    /// The peer with a Redis sorted set, which keeps its files in its folder.
    pub fn start_redis(workspace: &Workspace) -> Outcome<Self> {
        Self::launch(workspace, "redis", |place| {
            let mut command = workspace.command("node");
            command.arg(workspace.root.join(PEERS).join("redis.mjs")).arg(place.port.to_string());
            command.current_dir(place.folder);
            Ok((PathBuf::from("node"), command))
        })
    }

    /// A runtime with a script that does nothing, as a measure of what ours adds.
    pub fn start_empty(workspace: &Workspace) -> Outcome<Self> {
        const CONFIG: &str = "using Workerd = import \"/workerd/workerd.capnp\";\n\
            const config :Workerd.Config = (\n\
              services = [(name = \"main\", worker = (\n\
                modules = [(name = \"index.js\", esModule = embed \"index.js\")],\n\
                compatibilityDate = \"2026-10-20\",\n\
              ))],\n\
              sockets = [(name = \"http\", http = (), service = \"main\")],\n\
            );\n";
        Self::launch(workspace, "empty", |place| {
            let write = |name: &str, text: &str| {
                let path = place.folder.join(name);
                fs::write(&path, text).explain(|| format!("can't write {}", path.display())).map(|()| path)
            };
            write("index.js", "export default { fetch() { return new Response(); } };\n")?;
            let config = write("workerd.capnp", CONFIG)?;
            let program = tools::workerd(workspace)?;
            let mut command = workspace.command(&program);
            command.arg("serve").arg(config).arg(format!("--socket-addr=http=127.0.0.1:{}", place.port));
            Ok((program, command))
        })
    }

    fn launch(
        workspace: &Workspace,
        name: &str,
        command: impl FnOnce(&Place<'_>) -> Outcome<(PathBuf, Command)>,
    ) -> Outcome<Self> {
        let folder = workspace.state.join("bench").join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder).explain(|| format!("can't empty {}", folder.display()))?;
        }
        let data = Data::open(&folder)?;
        let port = free_port()?;
        let key = data.admin_key(workspace)?.text;
        let (program, command) = command(&Place { data: &data, folder: &folder, key: &key, port })?;
        let service = Service::start("server", &program, command)?;
        let mut server = Self { name: name.to_owned(), service, port, folder, key, _data: data };
        let watch = Stopwatch::start();
        while !matches!(http::get(port, "/healthz"), Some((200, _))) {
            if let Some(failure) = server.failure()? {
                return Err(failure);
            }
            if watch.elapsed() > START_LIMIT {
                let (name, seconds) = (&server.name, START_LIMIT.as_secs());
                return Err(Failure::new(format!("{name} does not answer {seconds} s after its start")));
            }
            process::pause(Duration::from_millis(50))?;
        }
        Ok(server)
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The API key.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Its process; what that starts counts too.
    pub fn pid(&mut self) -> u32 {
        self.service.pid()
    }

    /// Why it ended, if it did.
    pub fn failure(&mut self) -> Outcome<Option<Failure>> {
        Ok(self.service.ended()?.map(|status| self.service.failure(status)))
    }

    /// Ends it; what it stored stays in the folder that is returned.
    pub fn stop(self) -> PathBuf {
        self.folder
    }
}

fn ours(workspace: &Workspace, place: &Place<'_>, site: &Path) -> Outcome<(PathBuf, Command)> {
    let Place { data, key, port, .. } = *place;
    for file in ["worker/build/index_bg.wasm", "transform/build/transform.wasm"] {
        if !workspace.root.join(file).is_file() {
            return Err(Failure::new(format!("{file} is missing: run this without --no-build")));
        }
    }
    make_folder(site)?;
    let program = tools::workerd(workspace)?;
    let mut command = workspace.command(&program);
    command
        .args(["serve", "workerd.capnp"])
        .arg(format!("--socket-addr=http=127.0.0.1:{port}"))
        .arg(format!("--directory-path=do={}", data.objects().display()))
        .arg(format!("--directory-path=site={}", site.display()))
        .env(ADMIN_KEY, key)
        .env(SIGNING_KEY, data.signing_key(workspace)?.text);
    Ok((program, command))
}

fn partyserver(workspace: &Workspace, place: &Place<'_>) -> Outcome<(PathBuf, Command)> {
    let Place { data, folder, port, .. } = *place;
    let source = workspace.root.join(PEERS).join("partyserver");
    let config = folder.join("workerd.capnp");
    fs::copy(source.join("workerd.capnp"), &config).explain(|| format!("can't write {}", config.display()))?;
    let mut bundle = workspace.command(tools::esbuild(workspace)?);
    bundle
        .arg(source.join("server.js"))
        .args(["--bundle", "--format=esm", "--external:cloudflare:workers", "--log-level=warning"])
        .arg(format!("--outfile={}", folder.join("bundle.js").display()));
    steps::run(workspace, "bundle partyserver", &mut bundle)?;
    let program = tools::workerd(workspace)?;
    let mut command = workspace.command(&program);
    command
        .arg("serve")
        .arg(config)
        .arg(format!("--socket-addr=http=127.0.0.1:{port}"))
        .arg(format!("--directory-path=do={}", data.objects().display()));
    Ok((program, command))
}

/// A port that nobody listens on. Somebody might take it before the server does; then the server says so and ends.
fn free_port() -> Outcome<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).explain(|| "can't find a free port".to_owned())?;
    listener.local_addr().map(|address| address.port()).explain(|| "can't find a free port".to_owned())
}
