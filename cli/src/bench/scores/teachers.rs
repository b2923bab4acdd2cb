//! Viewers of our feed: the top of the scoreboard by rank moves, as the app follows it.

use heliograph_shared::protocol::{ClientMessage, SUBPROTOCOL_BIN, ServerMessage, SubId, Subscription};
use heliograph_shared::scores::frame::ScoresFrame;
use heliograph_shared::scores::replica::ScoreReplica;
use heliograph_shared::scores::window::ScoreWindow;

use super::answers::{Student, student_of};
use super::sight::{Delivery, Shown, Sighting};
use super::whole::{self, Whole};
use crate::bench::acks::Acks;
use crate::bench::socket;
use crate::bench::viewers::Audience;

const SUBSCRIPTION: SubId = SubId(1);

#[derive(Default)]
struct Teacher {
    replica: ScoreReplica,
    shown: Shown,
    acks: Acks,
}

/// All of them.
pub struct Teachers {
    path: String,
    top: u32,
    list: Vec<Teacher>,
    /// What they saw.
    pub sightings: Vec<Sighting>,
    /// What they were sent.
    pub deliveries: Vec<Delivery>,
    /// What the first one would have been sent if it were all rows each time.
    pub whole: Vec<Whole>,
    /// What went wrong.
    pub failures: Vec<String>,
}

impl Teachers {
    /// So many, of the first `top` rows of a board.
    pub fn new(path: String, top: u32, teachers: usize) -> Self {
        let list = (0..teachers).map(|at| Teacher { acks: Acks::of(at), ..Teacher::default() }).collect();
        Self { path, top, list, sightings: Vec::new(), deliveries: Vec::new(), whole: Vec::new(), failures: Vec::new() }
    }

    /// Whether each has its first rows.
    pub fn is_ready(&self) -> bool {
        self.list.iter().all(|teacher| teacher.replica.cursor().is_some())
    }

    /// What each has at the end: points and number of answers, from the top.
    pub fn rows(&self) -> Vec<Vec<(Student, u64, u32)>> {
        self.list.iter().map(|teacher| rows(&teacher.replica).collect()).collect()
    }

    fn scores(
        &mut self,
        at: usize,
        frame: &ScoresFrame<'_>,
        bytes: usize,
        now: i64,
    ) -> Result<Option<Vec<u8>>, String> {
        let Some(teacher) = self.list.get_mut(at) else { return Ok(None) };
        teacher.replica.apply(frame, &mut Vec::new()).map_err(|e| e.to_string())?;
        let rows = rows(&teacher.replica).map(|(student, _, answers)| (student, answers));
        teacher.shown.now(rows, now, &mut self.sightings);
        self.deliveries.push(Delivery { at: now, bytes: bytes + socket::header_bytes(bytes) });
        if at == 0 && !frame.snapshot {
            self.whole.push(whole::weigh(&teacher.replica, SUBSCRIPTION, now));
        }
        Ok(teacher.acks.after(bytes, frame.cursor, now / 1_000))
    }
}

fn rows(replica: &ScoreReplica) -> impl Iterator<Item = (Student, u64, u32)> {
    replica.rows().iter().filter_map(|row| {
        let (points, answers) = (row.values.first()?, row.values.get(1)?);
        Some((student_of(&row.key)?, points.round() as u64, answers.round() as u32))
    })
}

impl Audience for Teachers {
    fn path(&self, _: usize) -> String {
        self.path.clone()
    }

    fn subprotocol(&self) -> Option<&'static str> {
        Some(SUBPROTOCOL_BIN)
    }

    fn greeting(&self, _: usize) -> Option<Vec<u8>> {
        let subscription = Subscription::scores(ScoreWindow { top: self.top, ..ScoreWindow::default() });
        Some(
            ClientMessage::Subscribe { id: SUBSCRIPTION, subscription, resume: None, rights: None, rewind: None }
                .to_binary(),
        )
    }

    fn message(&mut self, at: usize, bytes: &[u8], now_micros: i64) -> Option<Vec<u8>> {
        let done = match ServerMessage::from_binary(bytes) {
            Ok(ServerMessage::Scores(frame)) => self.scores(at, &frame, bytes.len(), now_micros),
            Ok(ServerMessage::Error { code, message, .. }) => Err(format!("was told {code}: {message}")),
            Ok(ServerMessage::Bye { reason, .. }) => Err(format!("was sent away: {reason}")),
            Ok(_) => Ok(None),
            Err(e) => Err(format!("was sent something strange: {e}")),
        };
        done.unwrap_or_else(|problem| {
            self.failures.push(format!("viewer {at} {problem}"));
            None
        })
    }

    fn failed(&mut self, failure: String) {
        self.failures.push(failure);
    }
}
