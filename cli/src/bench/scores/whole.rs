//! What a frame would weigh if it were all rows each time instead of what moved.

use heliograph_shared::protocol::SubId;
use heliograph_shared::scores::channel::{Channel, ChannelMessage, ChannelRow, Standings};
use heliograph_shared::scores::direction::Direction;
use heliograph_shared::scores::frame::ScoresUpdate;
use heliograph_shared::scores::points::Points;
use heliograph_shared::scores::ranking::{RankRule, Reached};
use heliograph_shared::scores::replica::ScoreReplica;
use heliograph_shared::scores::rule::Ties;
use heliograph_shared::scores::shown::Shown;
use heliograph_shared::scores::window::ScoreWindow;

use crate::bench::socket;

/// The same rows in whole.
#[derive(Clone, Copy, Debug)]
pub struct Whole {
    /// When, in microseconds since 1970.
    pub at: i64,
    /// As JSON.
    pub json: usize,
    /// In our binary form.
    pub binary: usize,
}

/// Weighs what a viewer has now, without what is said about the scoreboard: that would not be sent each time.
pub fn weigh(replica: &ScoreReplica, sub: SubId, at: i64) -> Whole {
    let rows = replica.rows();
    let columns = rows.first().map_or(0, |row| row.values.len());
    let message = ChannelMessage {
        channel: Channel::default(),
        life: 0,
        from: None,
        version: 1,
        cursor: replica.cursor().unwrap_or_default(),
        about: Some(""),
        rule: RankRule { directions: vec![Direction::Desc; columns], ties: Ties::FirstToReach },
        rows: rows
            .iter()
            .map(|row| ChannelRow {
                key: &row.key,
                name: "",
                groups: Vec::new(),
                standing: Some((
                    row.values.iter().copied().map(Points::of).collect(),
                    Reached(row.reached, u64::from(row.position)),
                )),
                cells: row.cells.clone(),
            })
            .collect(),
    };
    let standings = Standings::new(&message);
    let window = ScoreWindow { top: rows.len() as u32, ..ScoreWindow::default() };
    let (now, nothing) = (Shown::of(&window, &standings), Shown::default());
    let update = ScoresUpdate::snapshot(&window, &standings, &now, &nothing);
    let mut json = update.json(sub);
    if let Some(object) = json.as_object_mut() {
        object.remove("about");
    }
    let framed = |bytes: usize| bytes + socket::header_bytes(bytes);
    Whole { at, json: framed(json.to_string().len()), binary: framed(update.binary(sub).len()) }
}
