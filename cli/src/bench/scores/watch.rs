//! Everybody who watches: teachers of our feed or of the peer, and the one before a screen.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::answers::Student;
use super::pollers::Pollers;
use super::screen::Screen;
use super::sight::{Delivery, Sighting};
use super::teachers::Teachers;
use super::whole::Whole;
use super::{ScoresArgs, Server};
use crate::bench::viewers::Viewers;

const CONNECT_LIMIT: Duration = Duration::from_secs(30);

/// Who watches.
pub struct Watch {
    crowd: Crowd,
    screen: Option<Screen>,
    viewers: usize,
}

enum Crowd {
    Feed(Viewers<Teachers>),
    Poll(Pollers),
}

/// What everybody saw.
pub struct Seen {
    /// How many watched beside the screen.
    pub viewers: usize,
    /// What they saw.
    pub sightings: Vec<Sighting>,
    /// What they were sent.
    pub deliveries: Vec<Delivery>,
    /// What one would have been sent if it were all rows each time.
    pub whole: Vec<Whole>,
    /// Which page was on the screen, if there was one.
    pub page: Option<String>,
    /// What came onto the screen.
    pub on_screen: Vec<Sighting>,
    /// What viewers of the feed have at the end.
    pub last_rows: Vec<Vec<(Student, u64, u32)>>,
    /// What went wrong.
    pub failures: Vec<String>,
}

impl Watch {
    /// Starts them and waits until all see rows.
    pub async fn start(address: &str, args: &ScoresArgs) -> Result<Self, String> {
        let top = args.server.top_path(args.top as usize);
        let feed = "/v1/boards/quiz/feed";
        let screen = match &args.screen {
            None => None,
            Some(script) => {
                let (how, path) = match args.server {
                    Server::Heliograph if args.app => ("app", "/b/quiz/scores"),
                    Server::Heliograph => ("feed", feed),
                    Server::Redis => ("poll", top.as_str()),
                };
                let mut screen =
                    Screen::start(script, &[how, &format!("http://{address}"), path, &args.top.to_string()])?;
                screen.ready().await?;
                Some(screen)
            }
        };
        let viewers = usize::try_from(args.viewers).unwrap_or_default() - usize::from(screen.is_some());
        let crowd = match args.server {
            Server::Redis => Crowd::Poll(Pollers::start(address, &top, viewers)),
            Server::Heliograph => {
                let teachers = Teachers::new(feed.to_owned(), args.top, viewers);
                let crowd = Viewers::start(address.to_owned(), viewers, teachers)?;
                let begun = Instant::now();
                while !crowd.ask(|teachers| teachers.is_ready()).await? {
                    if let Some(failure) = crowd.ask(|teachers| teachers.failures.first().cloned()).await? {
                        return Err(failure);
                    }
                    if begun.elapsed() > CONNECT_LIMIT {
                        return Err(format!("not all viewers have rows after {} s", CONNECT_LIMIT.as_secs()));
                    }
                    sleep(Duration::from_millis(20)).await;
                }
                Crowd::Feed(crowd)
            }
        };
        Ok(Self { crowd, screen, viewers })
    }

    /// What they have seen until now.
    pub async fn seen(self) -> Result<Seen, String> {
        let mut seen = Seen {
            viewers: self.viewers,
            sightings: Vec::new(),
            deliveries: Vec::new(),
            whole: Vec::new(),
            page: None,
            on_screen: Vec::new(),
            last_rows: Vec::new(),
            failures: Vec::new(),
        };
        match &self.crowd {
            Crowd::Feed(crowd) => {
                let take = |t: &mut Teachers| {
                    (
                        std::mem::take(&mut t.sightings),
                        std::mem::take(&mut t.deliveries),
                        std::mem::take(&mut t.whole),
                        std::mem::take(&mut t.failures),
                        t.rows(),
                    )
                };
                (seen.sightings, seen.deliveries, seen.whole, seen.failures, seen.last_rows) = crowd.ask(take).await?;
            }
            Crowd::Poll(pollers) => {
                let mut crowd = pollers.seen();
                seen.sightings = std::mem::take(&mut crowd.sightings);
                seen.deliveries = std::mem::take(&mut crowd.deliveries);
                seen.failures = std::mem::take(&mut crowd.failures);
            }
        }
        if let Some(screen) = &self.screen {
            let mut said = screen.said();
            seen.page = said.page.clone();
            seen.on_screen = std::mem::take(&mut said.sightings);
            seen.failures.append(&mut said.failures);
        }
        Ok(seen)
    }
}
