//! What the viewers have seen. Pure but for the clock, which comes in: the thread around it reads the sockets.

use heliograph_shared::cursor::{Cursor, Epoch};

use super::acks::Acks;
use super::frames::{FrameNumber, Frames, Meaning};
use super::histogram::Histogram;
use super::plan::Watch;
use super::server::Server;
use super::viewers::Audience;

/// One viewer.
#[derive(Default)]
pub struct Viewer {
    /// The messages it got that belong to the state, in order.
    pub seen: Vec<FrameNumber>,
    /// It has all there was when it connected.
    pub is_ready: bool,
    /// The newest event time it has.
    pub newest: i64,
    cursor: Cursor,
    acks: Acks,
}

/// What is counted while the window is open.
#[derive(Default)]
pub struct Window {
    /// From an event's time to a viewer's having it decoded, once for each item of each message of each viewer.
    pub latency: Histogram,
    /// Messages with changes.
    pub frames: u64,
    /// Their bytes, without WebSocket's own.
    pub bytes: u64,
    /// Items in them.
    pub states: u64,
    /// Every other message's bytes.
    pub other_bytes: u64,
}

/// All viewers of a run.
pub struct World {
    /// Whom they watch.
    pub server: Server,
    /// What of it.
    pub watch: Watch,
    /// The distinct messages.
    pub frames: Frames,
    /// The viewers.
    pub viewers: Vec<Viewer>,
    /// What is being counted.
    pub window: Option<Window>,
    /// How often changes were lost.
    pub gaps: u64,
    /// What went wrong.
    pub failures: Vec<String>,
}

impl World {
    /// Viewers that have seen nothing.
    pub fn new(server: Server, watch: Watch, viewers: usize) -> Self {
        let viewers = (0..viewers).map(|at| Viewer { acks: Acks::of(at), ..Viewer::default() }).collect();
        Self { server, watch, frames: Frames::default(), viewers, window: None, gaps: 0, failures: Vec::new() }
    }

    fn key_of(&self, at: usize) -> Option<usize> {
        (self.watch == Watch::OneKey).then_some(at)
    }

    /// Whether every viewer has what there was when it connected.
    pub fn is_ready(&self) -> bool {
        self.viewers.iter().all(|viewer| viewer.is_ready)
    }

    /// How many viewers do not have the event of the time that is the last one for them.
    pub fn waiting(&self, last: impl Fn(usize) -> i64) -> usize {
        self.viewers.iter().enumerate().filter(|(at, viewer)| viewer.newest < last(*at)).count()
    }
}

impl Audience for World {
    fn path(&self, at: usize) -> String {
        self.server.feed_path(self.key_of(at))
    }

    fn subprotocol(&self) -> Option<&'static str> {
        self.server.subprotocol()
    }

    fn greeting(&self, at: usize) -> Option<Vec<u8>> {
        self.server.greeting(self.key_of(at))
    }

    fn message(&mut self, at: usize, bytes: &[u8], now_micros: i64) -> Option<Vec<u8>> {
        let number = match self.frames.number(self.server, bytes) {
            Ok(number) => number,
            Err(failure) => {
                self.failures.push(failure);
                return None;
            }
        };
        let (Some(frame), Some(viewer)) = (self.frames.get(number), self.viewers.get_mut(at)) else { return None };
        match frame.meaning {
            Meaning::Other | Meaning::Gap => {
                self.gaps += u64::from(frame.meaning == Meaning::Gap);
                if let Some(window) = &mut self.window {
                    window.other_bytes += bytes.len() as u64;
                }
                return None;
            }
            Meaning::Snapshot { last } => viewer.is_ready |= last,
            Meaning::Delta => {
                viewer.is_ready = true;
                if let Some(window) = &mut self.window {
                    window.frames += 1;
                    window.bytes += bytes.len() as u64;
                    window.states += frame.states;
                    for (time, count) in &frame.times {
                        window.latency.add(now_micros - time * 1_000, *count);
                    }
                }
            }
        }
        viewer.seen.push(number);
        viewer.newest = viewer.newest.max(frame.newest);
        let (epoch, seq) = frame.cursor?;
        viewer.cursor = Cursor { epoch: epoch.map_or(viewer.cursor.epoch, Epoch), seq };
        viewer.acks.after(bytes.len(), viewer.cursor, now_micros / 1_000)
    }

    fn failed(&mut self, failure: String) {
        self.failures.push(failure);
    }
}
