//! One run: viewers connect, keys are made known, a second of the load warms the server up, all settles; then the load
//! is measured until the last viewer has everything, and everybody's state is checked.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::connection::Connection;
use super::plan::{Plan, Watch};
use super::process::cpu_seconds;
use super::publisher::{Publisher, Tally};
use super::replay::{self, Verdict};
use super::report::Report;
use super::server::Server;
use super::traffic::{Expected, Fleet, key_name};
use super::viewers::Viewers;
use super::world::{Window, World};

/// How long the viewers may take to connect.
const CONNECT_LIMIT: Duration = Duration::from_mins(1);
/// How long viewers may lag behind when nothing is sent any more.
const DRAIN_LIMIT: Duration = Duration::from_secs(20);
/// Without a message for so long, there will be none.
const QUIET: Duration = Duration::from_millis(300);
const WARM_UP: Duration = Duration::from_secs(1);
/// Records of a request that makes keys known.
const SEED_BATCH: usize = 100;

/// What to run against what.
pub struct Run {
    /// The scenario in numbers.
    pub plan: Plan,
    /// The server's kind.
    pub server: Server,
    /// How long to send.
    pub seconds: u64,
    /// The server's process.
    pub pid: Option<u32>,
    /// Host and port.
    pub address: String,
}

/// Runs it.
pub async fn run(run: &Run) -> Result<Report, String> {
    check_open_files(run.plan.viewers)?;
    let key = std::env::var("HELIOGRAPH_KEY").ok();
    let key = key.as_deref().map(str::trim).filter(|key| !key.is_empty());
    let mut control = Connection::open(&run.address, key).await?;
    if let Some((path, config)) = run.server.setup() {
        control.call("PUT", &path, config.as_bytes()).await?;
    }
    let (server, watch, viewers) = (run.server, run.plan.watch, run.plan.viewers);
    let viewers = Viewers::start(run.address.clone(), viewers, World::new(server, watch, viewers))?;
    wait_until_connected(&viewers).await?;

    let mut load = Load::open(run, key).await?;
    load.seed().await?;
    load.send(WARM_UP).await?;
    let drained = load.drain(&viewers).await?;
    if drained > 0 {
        return Err(format!("{drained} viewers were still behind {} s after the warm-up", DRAIN_LIMIT.as_secs()));
    }

    viewers.ask(|world| world.window = Some(Window::default())).await?;
    let begun = Instant::now();
    let before = (run.pid.and_then(cpu_seconds), cpu_seconds(std::process::id()));
    let (records, requests) = (load.records(), load.requests);
    let tally = load.send(Duration::from_secs(run.seconds)).await?;
    let sending = begun.elapsed().as_secs_f64();
    let behind = load.drain(&viewers).await?;
    let after = (run.pid.and_then(cpu_seconds), cpu_seconds(std::process::id()));
    let lasted = begun.elapsed().as_secs_f64();
    let (window, gaps, failures) = viewers
        .ask(|world| (world.window.take().unwrap_or_default(), world.gaps, std::mem::take(&mut world.failures)))
        .await?;

    let ever = (load.records(), load.requests);
    let mut report = Report {
        sending,
        records: ever.0 - records,
        requests: ever.1 - requests,
        answers: tally.answers,
        late: tally.late,
        ever,
        server_cpu: after.0.zip(before.0).map(|(after, before)| after - before),
        client_cpu: after.1.zip(before.1).map(|(after, before)| after - before),
        lasted,
        window,
        gaps,
        verdict: Verdict::default(),
    };
    let cursor = load.cursor();
    let expected = Arc::new(load.into_expected());
    let mine = expected.clone();
    report.verdict = viewers.ask(move |world| replay::viewers(world, watch, &mine)).await?;
    failures.into_iter().for_each(|failure| report.verdict.problem(failure));
    if behind > 0 {
        report.verdict.problem(format!("{behind} viewers were behind {} s after the end", DRAIN_LIMIT.as_secs()));
    }
    if cursor.is_some_and(|cursor| cursor != ever.0) {
        report.verdict.problem(format!("the log ends at {cursor:?}, and {} records were acknowledged", ever.0));
    }
    // The first connection has been silent for long: servers hang up on such.
    let mut control = Connection::open(&run.address, key).await?;
    let items = control.call("GET", &server.items_path(), b"").await?;
    replay::server(server, &items, &expected, &mut report.verdict);
    Ok(report)
}

async fn wait_until_connected(viewers: &Viewers<World>) -> Result<(), String> {
    let begun = Instant::now();
    loop {
        let (is_ready, failure) = viewers.ask(|world| (world.is_ready(), world.failures.first().cloned())).await?;
        if let Some(failure) = failure {
            return Err(failure);
        }
        if is_ready {
            return Ok(());
        }
        if begun.elapsed() > CONNECT_LIMIT {
            return Err(format!("not all viewers are connected after {} s", CONNECT_LIMIT.as_secs()));
        }
        sleep(Duration::from_millis(20)).await;
    }
}

/// A thousand sockets need a thousand open files.
fn check_open_files(viewers: usize) -> Result<(), String> {
    let needed = viewers + 100;
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    match line.and_then(|line| line.split_whitespace().next()?.parse::<usize>().ok()) {
        Some(limit) if limit < needed => {
            Err(format!("a process may open {limit} files here and {needed} are needed: run `ulimit -n 8192` first"))
        }
        _ => Ok(()),
    }
}

/// The sending side.
struct Load {
    plan: Plan,
    publishers: Vec<Publisher>,
    requests: u64,
}

impl Load {
    async fn open(run: &Run, key: Option<&str>) -> Result<Self, String> {
        let mut publishers = Vec::new();
        for i in 0..run.plan.connections {
            let connection = Connection::open(&run.address, key).await?;
            let fleet = Fleet::new(i, run.plan.connections, run.plan.keys, run.plan.motion);
            publishers.push(Publisher::new(connection, run.server, fleet));
        }
        Ok(Self { plan: run.plan, publishers, requests: 0 })
    }

    /// Every key once, in few requests.
    async fn seed(&mut self) -> Result<(), String> {
        let each = self.plan.keys / self.publishers.len().max(1);
        let mut tally = Tally::default();
        for publisher in &mut self.publishers {
            let mut left = each;
            while left > 0 {
                let batch = left.min(SEED_BATCH);
                publisher.send(batch, &mut tally).await?;
                left -= batch;
            }
        }
        self.requests += tally.requests;
        Ok(())
    }

    /// Sends for so long, all connections at the same time.
    async fn send(&mut self, time: Duration) -> Result<Tally, String> {
        let (begin, batch, n) = (Instant::now(), self.plan.batch, self.publishers.len() as u32);
        let every = self.plan.per_second.map(|rate| {
            let requests = f64::from(rate) / batch as f64 / f64::from(n);
            Duration::from_secs_f64(1.0 / requests)
        });
        let mut sending = JoinSet::new();
        for (i, mut publisher) in std::mem::take(&mut self.publishers).into_iter().enumerate() {
            // The connections' turns are spread evenly.
            let pace = every.map(|every| (begin + every * i as u32 / n, every));
            sending.spawn(async move {
                let tally = publisher.send_until(batch, begin + time, pace).await;
                (publisher, tally)
            });
        }
        let mut all = Tally::default();
        while let Some(done) = sending.join_next().await {
            let (publisher, tally) = done.map_err(|e| e.to_string())?;
            let tally = tally?;
            self.publishers.push(publisher);
            all.requests += tally.requests;
            all.answers.merge(&tally.answers);
            all.late.merge(&tally.late);
        }
        self.requests += all.requests;
        Ok(all)
    }

    /// Waits until every viewer has the last event that concerns it and nothing more comes; how many do not.
    async fn drain(&self, viewers: &Viewers<World>) -> Result<usize, String> {
        let expected: Expected = self.publishers.iter().flat_map(Publisher::states).collect();
        let last = expected.values().map(|state| state.time).max().unwrap_or(0);
        let watch = self.plan.watch;
        let own: Arc<Vec<i64>> = Arc::new(
            (0..self.plan.viewers)
                .map(|at| match watch {
                    Watch::Everything => last,
                    Watch::OneKey => expected.get(&key_name(at)).map_or(0, |state| state.time),
                })
                .collect(),
        );
        let begun = Instant::now();
        let (mut seen, mut since) = (0, begun);
        loop {
            let own = own.clone();
            let (waiting, messages, failed) = viewers
                .ask(move |world| {
                    let messages: usize = world.viewers.iter().map(|viewer| viewer.seen.len()).sum();
                    let waiting = world.waiting(|at| own.get(at).copied().unwrap_or(0));
                    (waiting, messages, !world.failures.is_empty())
                })
                .await?;
            if messages != seen {
                (seen, since) = (messages, Instant::now());
            }
            let is_over = (waiting == 0 && since.elapsed() >= QUIET) || failed;
            if is_over || begun.elapsed() > DRAIN_LIMIT || self.plan.viewers == 0 {
                return Ok(waiting);
            }
            sleep(Duration::from_millis(20)).await;
        }
    }

    fn records(&self) -> u64 {
        self.publishers.iter().map(|publisher| publisher.records).sum()
    }

    /// How far our board's log is.
    fn cursor(&self) -> Option<u64> {
        self.publishers.iter().filter_map(|publisher| publisher.cursor).max()
    }

    fn into_expected(self) -> Expected {
        self.publishers.iter().flat_map(Publisher::states).collect()
    }
}
