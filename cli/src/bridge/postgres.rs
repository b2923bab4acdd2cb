//! Tables of PostgreSQL, by logical replication: what is in them comes first, and then every change.
//!
//! The slot is made before the first row is read, and the rows are read as they were at that moment; so no change in between is
//! lost. While they are on their way the slot is called `…_snapshot`. Once the server has answered for all of them it gets its
//! name: who is killed before that finds no slot of that name, and begins anew. The slot moves on only after the answer.

mod catalog;
mod row;
mod snapshot;
mod stream;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use pgwire_replication::{PgWireError, ReplicationClient, ReplicationConfig, TlsConfig};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use xxhash_rust::xxh3::xxh3_64;

use catalog::{Tables, literal};
use snapshot::Snapshot;
use stream::Stream;

use super::reader::{Fault, Message, Reader};

/// Connecting takes no longer.
const CONNECT: Duration = Duration::from_secs(10);
/// How soon the server is told how far we are.
const STATUS: Duration = Duration::from_millis(100);
/// How long the connection may take to end in peace.
const GOODBYE: Duration = Duration::from_secs(2);
/// Changes that wait to be sent.
const WAITING: usize = 1_000;
/// Longer rows are not taken: no request would hold them.
const ROW_BYTES: usize = 64 << 20;
/// How values are written, and that nobody ends a snapshot because the server is slow.
const SETTINGS: &str = "-c client_encoding=UTF8 -c datestyle=ISO -c timezone=UTC -c extra_float_digits=1 \
    -c statement_timeout=0 -c idle_in_transaction_session_timeout=0";

/// What is known of a PostgreSQL.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where it is; a path is the folder of a socket.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Who we are.
    pub user: String,
    /// Our password, which may be empty.
    pub password: String,
    /// The database.
    pub database: String,
    /// How the connection is secured.
    pub tls: TlsConfig,
    /// The publication.
    pub publication: String,
    /// The slot. It is made where it is missing.
    pub slot: String,
    /// The columns that name an item; without any it is the primary key.
    pub key_columns: Vec<String>,
    /// Whether the table's name comes before the key.
    pub table_in_key: bool,
    /// The column that says when it was; without one it is when the change was committed.
    pub time_column: Option<String>,
    /// Whether the items of deleted rows stay.
    pub keep_deleted: bool,
}

impl Options {
    fn config(&self) -> ReplicationConfig {
        let (host, user, password) = (self.host.as_str(), self.user.as_str(), self.password.as_str());
        ReplicationConfig::new(host, user, password, &*self.database, &*self.slot, &*self.publication)
            .with_port(self.port)
            .with_tls(self.tls.clone())
            .with_status_interval(STATUS)
            .with_max_message_size(ROW_BYTES)
            .with_options(SETTINGS)
            .with_application_name("heliograph")
    }

    /// The slot's name while the first rows are on their way.
    fn unfinished(&self) -> String {
        format!("{}_snapshot", self.slot)
    }

    /// A connection on which nothing flows yet.
    async fn connect(&self) -> Result<ReplicationClient, Fault> {
        let mut client = ReplicationClient::connect_gated(self.config()).await.map_err(|error| fault(&error))?;
        let greeting = tokio::time::timeout(CONNECT, client.simple_query("SELECT 1")).await;
        greeting.map_err(|_| Fault::Lost("it does not answer".to_owned()))?.map_err(|error| fault(&error))?;
        Ok(client)
    }

    #[cfg(test)]
    fn for_tests() -> Self {
        Self {
            host: "127.0.0.1".to_owned(),
            port: 5432,
            user: "me".to_owned(),
            password: String::new(),
            database: "db".to_owned(),
            tls: TlsConfig::disabled(),
            publication: "pub".to_owned(),
            slot: "heliograph".to_owned(),
            key_columns: Vec::new(),
            table_in_key: false,
            time_column: None,
            keep_deleted: false,
        }
    }
}

/// A place in what comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Within a transaction, or within the first rows: nothing can be said of it.
    Within,
    /// All first rows.
    Snapshot,
    /// All up to here in the log.
    Log(u64),
}

/// What the server has answered for.
#[derive(Clone, Copy, Debug, Default)]
struct Done {
    snapshot: bool,
    log: u64,
}

type Queue = mpsc::Sender<Result<Message<Place>, Fault>>;

#[derive(Debug)]
struct Link {
    messages: mpsc::Receiver<Result<Message<Place>, Fault>>,
    done: watch::Sender<Done>,
    task: JoinHandle<()>,
}

/// PostgreSQL.
#[derive(Debug)]
pub struct Postgres {
    options: Arc<Options>,
    link: Option<Link>,
}

/// What a start finds.
enum Start {
    /// Changes, from where the slot stands.
    Changes,
    /// The first rows, whether or not a slot was made for them already.
    Rows { has_slot: bool },
}

impl Postgres {
    /// The PostgreSQL of these options.
    pub fn new(options: Options) -> Self {
        Self { options: Arc::new(options), link: None }
    }

    /// The place of a database in names of events: the same wherever it is reached.
    async fn prefix(&self, client: &mut ReplicationClient) -> Result<(String, u64), PgWireError> {
        let system = client.identify_system().await?;
        let place = xxh3_64(format!("{}/{}", system.system_id, self.options.database).as_bytes()) >> 32;
        Ok((format!("{}@{place:08x}/", self.options.slot), system.xlogpos.as_u64()))
    }

    async fn start(&self, client: &mut ReplicationClient) -> Result<Start, PgWireError> {
        let (slot, unfinished) = (&self.options.slot, self.options.unfinished());
        let sql = format!(
            "SELECT slot_name FROM pg_replication_slots WHERE slot_name IN ({}, {})",
            literal(slot),
            literal(&unfinished)
        );
        let rows = client.simple_query(&sql).await?;
        let has = |name: &str| rows.iter().flatten().flatten().any(|found| found.as_ref() == name.as_bytes());
        if has(slot) {
            // Killed between the two steps that give it its name.
            if has(&unfinished) {
                client.simple_query(&format!("SELECT pg_drop_replication_slot({})", literal(&unfinished))).await?;
            }
            return Ok(Start::Changes);
        }
        Ok(Start::Rows { has_slot: has(&unfinished) })
    }
}

impl Reader for Postgres {
    type Position = Place;

    fn name(&self) -> String {
        format!("PostgreSQL at {}:{}", self.options.host, self.options.port)
    }

    async fn open(&mut self) -> Result<(), Fault> {
        self.close().await;
        let mut client = self.options.connect().await?;
        let tables = catalog::checked(&mut client, &self.options).await?;
        let (prefix, end) = self.prefix(&mut client).await.map_err(|error| fault(&error))?;
        let start = self.start(&mut client).await.map_err(|error| fault(&error))?;
        if matches!(start, Start::Changes) {
            begin(&mut client).await?;
        }
        let (queue, messages) = mpsc::channel(WAITING);
        let (done, seen) = watch::channel(Done::default());
        let options = self.options.clone();
        let task = tokio::spawn(forward(Session { options, client, tables, prefix, end, seen }, start, queue));
        self.link = Some(Link { messages, done, task });
        Ok(())
    }

    async fn next(&mut self) -> Result<Option<Message<Self::Position>>, Fault> {
        let lost = || Fault::Lost("the connection ended".to_owned());
        let link = self.link.as_mut().ok_or_else(lost)?;
        link.messages.recv().await.ok_or_else(lost)?.map(Some)
    }

    async fn commit(&mut self, done: Vec<Self::Position>) -> Result<(), Fault> {
        let Some(link) = &self.link else { return Ok(()) };
        link.done.send_modify(|told| {
            for place in done {
                match place {
                    Place::Within => {}
                    Place::Snapshot => told.snapshot = true,
                    Place::Log(end) => told.log = told.log.max(end),
                }
            }
        });
        Ok(())
    }

    async fn close(&mut self) {
        let Some(Link { messages, done, mut task }) = self.link.take() else { return };
        drop((messages, done));
        if tokio::time::timeout(GOODBYE, &mut task).await.is_err() {
            task.abort();
        }
    }
}

/// One connection under way.
struct Session {
    options: Arc<Options>,
    client: ReplicationClient,
    tables: Tables,
    /// What the names of events begin with.
    prefix: String,
    /// Where the log ended when we came: what lies before may have been sent already.
    end: u64,
    seen: watch::Receiver<Done>,
}

async fn begin(client: &mut ReplicationClient) -> Result<(), Fault> {
    client.start().await.map_err(|error| fault(&error))?;
    client.wait_started().await.map_err(|error| fault(&error))
}

/// Reads until something is wrong or nobody wants any more.
async fn forward(mut session: Session, start: Start, queue: Queue) {
    let result = async {
        if let Start::Rows { has_slot } = start {
            if !Snapshot::new(&mut session, &queue).run(has_slot).await? {
                return Ok(());
            }
            begin(&mut session.client).await?;
        }
        Stream::new(&mut session).run(&queue).await
    };
    let result: Result<(), Fault> = result.await;
    let Session { mut client, seen, .. } = session;
    match result {
        Err(fault) => {
            let _ = queue.send(Err(fault)).await;
        }
        Ok(()) => {
            // The client tells the server only what it is told long enough before its end.
            client.update_applied_lsn(pgwire_replication::Lsn::from_u64(seen.borrow().log));
            tokio::time::sleep(STATUS * 3).await;
            let _ = client.shutdown().await;
        }
    }
}

fn text(bytes: &Bytes) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What went wrong. What a person has to mend ends the bridge; everything else is tried again.
fn fault(error: &PgWireError) -> Fault {
    let text = error.to_string();
    let state = text.split("SQLSTATE ").nth(1).and_then(|rest| rest.get(..5)).unwrap_or_default();
    // Who may not, what is not there, what is not set up (wal_level, a slot that lost its log), and that there are no more slots.
    let is_final = ["28", "3D", "42", "0A", "22"].iter().any(|class| state.starts_with(class))
        || matches!(state, "55000" | "53400")
        || error.is_auth()
        || error.is_tls()
        || error.is_message_too_large();
    if error.is_auth() || state.starts_with("28") {
        return Fault::Fatal(format!(
            "PostgreSQL refuses: {text}; the password is read from PGPASSWORD or --password-file"
        ));
    }
    if is_final { Fault::Fatal(format!("PostgreSQL refuses: {text}")) } else { Fault::Lost(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_has_to_mend_ends_the_bridge() {
        let of = |text: &str| fault(&PgWireError::Server(text.to_owned()));
        assert!(matches!(of("no (SQLSTATE 28P01)"), Fault::Fatal(why) if why.contains("PGPASSWORD")));
        assert!(matches!(of("wal_level must be logical (SQLSTATE 55000)"), Fault::Fatal(_)));
        assert!(matches!(of("the slot is active (SQLSTATE 55006)"), Fault::Lost(_)));
        assert!(matches!(of("shutting down (SQLSTATE 57P01)"), Fault::Lost(_)));
    }
}
