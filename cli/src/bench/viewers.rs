//! The viewers' thread: a thousand sockets on one core, each read as its bytes come.

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;
use std::thread;
use std::time::Duration;

use tokio::io::{AsyncRead as _, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::task::LocalSet;
use tokio::time::timeout;

use super::plan::Watch;
use super::server::Server;
use super::socket::{self, Kind};
use super::world::World;
use crate::clock;

/// Connections that are opened at the same time.
const OPENING: usize = 32;
/// How long one may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// What is read at once.
const READ_BYTES: usize = 256 * 1024;

type Question = Box<dyn FnOnce(&mut World) + Send>;

/// The running viewers; they hang up when this is dropped.
pub struct Viewers {
    questions: mpsc::UnboundedSender<Question>,
}

/// Where and what to watch.
#[derive(Clone)]
pub struct Target {
    /// Host and port.
    pub address: String,
    /// What listens there.
    pub server: Server,
    /// What to watch.
    pub watch: Watch,
    /// How many.
    pub viewers: usize,
}

impl Viewers {
    /// Starts to connect.
    pub fn start(target: Target) -> Result<Self, String> {
        let (questions, asked) = mpsc::unbounded_channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|e| format!("cannot start the viewers: {e}"))?;
        thread::spawn(move || LocalSet::new().block_on(&runtime, serve(target, asked)));
        Ok(Self { questions })
    }

    /// Asks something of what the viewers have seen, or changes it.
    pub async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut World) -> T + Send + 'static,
    ) -> Result<T, String> {
        let (answer, answered) = oneshot::channel();
        let question: Question = Box::new(move |world| drop(answer.send(question(world))));
        // The thread ends only when this value is gone, or when it panics.
        let _ = self.questions.send(question);
        answered.await.map_err(|_| "the viewers' thread has ended".to_owned())
    }
}

async fn serve(target: Target, mut asked: mpsc::UnboundedReceiver<Question>) {
    let world = Rc::new(RefCell::new(World::new(target.server, target.viewers)));
    let buffer = Rc::new(RefCell::new(vec![0; READ_BYTES]));
    let gate = Rc::new(Semaphore::new(OPENING));
    for at in 0..target.viewers {
        let (target, world, buffer, gate) = (target.clone(), world.clone(), buffer.clone(), gate.clone());
        tokio::task::spawn_local(async move {
            let viewer = Viewer { at, world: world.clone(), buffer, pending: Vec::new(), replies: Vec::new() };
            if let Err(failure) = viewer.follow(&target, &gate).await {
                world.borrow_mut().failures.push(format!("viewer {at}: {failure}"));
            }
        });
    }
    while let Some(question) = asked.recv().await {
        question(&mut world.borrow_mut());
    }
}

struct Viewer {
    at: usize,
    world: Rc<RefCell<World>>,
    /// All viewers read into the same memory: it is used only between two waits.
    buffer: Rc<RefCell<Vec<u8>>>,
    /// The beginning of a frame whose end has not come.
    pending: Vec<u8>,
    replies: Vec<Vec<u8>>,
}

impl Viewer {
    /// Connects and reads until the run is over or something is wrong.
    async fn follow(mut self, target: &Target, gate: &Semaphore) -> Result<(), String> {
        let permit = gate.acquire().await.map_err(|e| e.to_string())?;
        let open = timeout(PATIENCE, self.open(target)).await;
        let mut stream = open.map_err(|_| format!("not connected after {} s", PATIENCE.as_secs()))??;
        drop(permit);
        loop {
            self.frames()?;
            for reply in self.replies.drain(..) {
                stream.write_all(&reply).await.map_err(|e| format!("disconnected: {e}"))?;
            }
            self.read(&mut stream).await?;
        }
    }

    async fn open(&mut self, target: &Target) -> Result<TcpStream, String> {
        let key = (target.watch == Watch::OneKey).then_some(self.at);
        let subprotocol = target.server.subprotocol();
        let stream = TcpStream::connect(&target.address).await;
        let mut stream = stream.map_err(|e| format!("cannot connect: {e}"))?;
        stream.set_nodelay(true).map_err(|e| e.to_string())?;
        let request = socket::handshake(&target.address, &target.server.feed_path(key), subprotocol);
        stream.write_all(request.as_bytes()).await.map_err(|e| format!("disconnected: {e}"))?;
        let head = loop {
            if let Some(head) = socket::accepted(&self.pending, subprotocol)? {
                break head;
            }
            let buffer = self.buffer.clone();
            let n = read(&mut stream, &buffer).await?;
            self.pending.extend_from_slice(buffer.borrow().get(..n).unwrap_or_default());
        };
        self.pending.drain(..head);
        if let Some(greeting) = target.server.greeting(key) {
            let greeting = socket::masked(Kind::Binary, &greeting);
            stream.write_all(&greeting).await.map_err(|e| format!("disconnected: {e}"))?;
        }
        Ok(stream)
    }

    /// Reads once. Whole frames are looked at where they lie; what is left of the last one is kept.
    async fn read(&mut self, stream: &mut TcpStream) -> Result<(), String> {
        let buffer = self.buffer.clone();
        let n = read(stream, &buffer).await?;
        let buffer = buffer.borrow();
        let bytes = buffer.get(..n).unwrap_or_default();
        if self.pending.is_empty() {
            let used = self.take(bytes)?;
            self.pending.extend_from_slice(bytes.get(used..).unwrap_or_default());
        } else {
            self.pending.extend_from_slice(bytes);
        }
        Ok(())
    }

    /// Takes the whole frames out of what is pending.
    fn frames(&mut self) -> Result<(), String> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let mut pending = std::mem::take(&mut self.pending);
        let used = self.take(&pending)?;
        pending.drain(..used);
        self.pending = pending;
        Ok(())
    }

    /// Takes whole frames; returns how many bytes they were.
    fn take(&mut self, bytes: &[u8]) -> Result<usize, String> {
        let mut used = 0;
        let now = clock::now_micros();
        while let Some((kind, range)) = socket::frame(bytes.get(used..).unwrap_or_default())? {
            let payload = bytes.get(used + range.start..used + range.end).unwrap_or_default();
            match kind {
                Kind::Text | Kind::Binary => {
                    let reply = self.world.borrow_mut().message(self.at, payload, now);
                    self.replies.extend(reply.map(|reply| socket::masked(Kind::Binary, &reply)));
                }
                Kind::Ping => self.replies.push(socket::masked(Kind::Pong, payload)),
                Kind::Pong => {}
                Kind::Close => {
                    let code = payload.get(..2).map(|c| c.iter().fold(0_u16, |n, b| (n << 8) | u16::from(*b)));
                    return Err(format!("the server closed the connection ({code:?})"));
                }
            }
            used += range.end;
        }
        Ok(used)
    }
}

/// Reads what has come; the buffer is borrowed only while there is something to put into it.
async fn read(stream: &mut TcpStream, buffer: &RefCell<Vec<u8>>) -> Result<usize, String> {
    let n = poll_fn(|context| {
        let mut buffer = buffer.borrow_mut();
        let mut into = ReadBuf::new(&mut buffer);
        match Pin::new(&mut *stream).poll_read(context, &mut into) {
            Poll::Ready(Ok(())) => Poll::Ready(Ok(into.filled().len())),
            Poll::Ready(Err(e)) => Poll::Ready(Err(format!("disconnected: {e}"))),
            Poll::Pending => Poll::Pending,
        }
    })
    .await?;
    if n == 0 { Err("the server hung up".to_owned()) } else { Ok(n) }
}
