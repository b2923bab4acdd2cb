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

use super::socket::{self, Kind};
use crate::clock;

/// Connections that are opened at the same time.
const OPENING: usize = 32;
/// How long one may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// What is read at once.
const READ_BYTES: usize = 256 * 1024;

/// What a crowd of viewers says, and what it makes of what it is told.
pub trait Audience: Send + 'static {
    /// Where a viewer connects.
    fn path(&self, at: usize) -> String;
    /// The subprotocol it offers.
    fn subprotocol(&self) -> Option<&'static str>;
    /// What it says first.
    fn greeting(&self, at: usize) -> Option<Vec<u8>>;
    /// A message came; returns what the viewer answers.
    fn message(&mut self, at: usize, bytes: &[u8], now_micros: i64) -> Option<Vec<u8>>;
    /// Something went wrong.
    fn failed(&mut self, failure: String);
}

type Question<A> = Box<dyn FnOnce(&mut A) + Send>;

/// The running viewers; they hang up when this is dropped.
pub struct Viewers<A> {
    questions: mpsc::UnboundedSender<Question<A>>,
}

impl<A: Audience> Viewers<A> {
    /// Starts to connect so many to a host and port.
    pub fn start(address: String, viewers: usize, audience: A) -> Result<Self, String> {
        let (questions, asked) = mpsc::unbounded_channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|e| format!("cannot start the viewers: {e}"))?;
        thread::spawn(move || LocalSet::new().block_on(&runtime, serve(address, viewers, audience, asked)));
        Ok(Self { questions })
    }

    /// Asks something of what the viewers have seen, or changes it.
    pub async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut A) -> T + Send + 'static,
    ) -> Result<T, String> {
        let (answer, answered) = oneshot::channel();
        let question: Question<A> = Box::new(move |audience| drop(answer.send(question(audience))));
        // The thread ends only when this value is gone, or when it panics.
        let _ = self.questions.send(question);
        answered.await.map_err(|_| "the viewers' thread has ended".to_owned())
    }
}

async fn serve<A: Audience>(
    address: String,
    viewers: usize,
    audience: A,
    mut asked: mpsc::UnboundedReceiver<Question<A>>,
) {
    let audience = Rc::new(RefCell::new(audience));
    let buffer = Rc::new(RefCell::new(vec![0; READ_BYTES]));
    let gate = Rc::new(Semaphore::new(OPENING));
    for at in 0..viewers {
        let (address, audience, buffer, gate) = (address.clone(), audience.clone(), buffer.clone(), gate.clone());
        tokio::task::spawn_local(async move {
            let viewer = Viewer { at, audience: audience.clone(), buffer, pending: Vec::new(), replies: Vec::new() };
            if let Err(failure) = viewer.follow(&address, &gate).await {
                audience.borrow_mut().failed(format!("viewer {at}: {failure}"));
            }
        });
    }
    while let Some(question) = asked.recv().await {
        question(&mut audience.borrow_mut());
    }
}

struct Viewer<A> {
    at: usize,
    audience: Rc<RefCell<A>>,
    /// All viewers read into the same memory: it is used only between two waits.
    buffer: Rc<RefCell<Vec<u8>>>,
    /// The beginning of a frame whose end has not come.
    pending: Vec<u8>,
    replies: Vec<Vec<u8>>,
}

impl<A: Audience> Viewer<A> {
    /// Connects and reads until the run is over or something is wrong.
    async fn follow(mut self, address: &str, gate: &Semaphore) -> Result<(), String> {
        let permit = gate.acquire().await.map_err(|e| e.to_string())?;
        let open = timeout(PATIENCE, self.open(address)).await;
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

    async fn open(&mut self, address: &str) -> Result<TcpStream, String> {
        let (path, subprotocol, greeting) = {
            let audience = self.audience.borrow();
            (audience.path(self.at), audience.subprotocol(), audience.greeting(self.at))
        };
        let stream = TcpStream::connect(address).await;
        let mut stream = stream.map_err(|e| format!("cannot connect: {e}"))?;
        stream.set_nodelay(true).map_err(|e| e.to_string())?;
        let request = socket::handshake(address, &path, subprotocol);
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
        if let Some(greeting) = greeting {
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
                    let reply = self.audience.borrow_mut().message(self.at, payload, now);
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
