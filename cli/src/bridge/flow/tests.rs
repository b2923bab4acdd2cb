//! Whatever is lost, restarted or refused: each message arrives, in order, and none is committed before it is answered.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use proptest::prelude::*;
use reqwest::Method;
use serde_json::json;

use super::{Flow, Pace};
use crate::bridge::deliver::{Deliver, Net, Target};
use crate::bridge::reader::{Fault, Message, Reader, Record, Work};
use crate::bridge::shape::Form;
use crate::error::CliError;
use crate::http::{Answer, Body};
use crate::interrupt::Interrupt;
use crate::send::pool::Tally;

const PARTITIONS: usize = 3;

/// A message by its partition and its place there.
type Name = (usize, usize);

/// What outlives every bridge: the broker, the server, and what chance has in store.
#[derive(Debug)]
struct World {
    luck: fastrand::Rng,
    /// Of a hundred chances, how many go wrong.
    trouble: u8,
    /// How many messages each partition has.
    sizes: Vec<usize>,
    committed: Vec<usize>,
    received: BTreeMap<Name, u32>,
    /// What the server has said is done, and the client has heard.
    answered: BTreeSet<Name>,
    too_large: usize,
    broken: Vec<String>,
}

impl World {
    fn is_unlucky(&mut self) -> bool {
        self.luck.u8(..100) < self.trouble
    }
}

type Shared = Arc<Mutex<World>>;

#[derive(Debug)]
struct Broker {
    world: Shared,
    cursors: Vec<usize>,
    open: bool,
}

/// Comes back once after pending, so that a bridge can be ended there.
async fn moment() {
    let mut is_first = true;
    std::future::poll_fn(|cx| {
        if std::mem::take(&mut is_first) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(())
    })
    .await;
}

impl Reader for Broker {
    type Position = Name;

    fn name(&self) -> String {
        "the broker".to_owned()
    }

    async fn open(&mut self) -> Result<(), Fault> {
        moment().await;
        let mut world = self.world.lock().unwrap();
        if world.is_unlucky() {
            return Err(Fault::Lost("refused".to_owned()));
        }
        self.cursors = world.committed.clone();
        self.open = true;
        Ok(())
    }

    async fn next(&mut self) -> Result<Option<Message<Name>>, Fault> {
        moment().await;
        let mut world = self.world.lock().unwrap();
        assert!(self.open, "a lost broker is opened before it is read");
        if world.is_unlucky() {
            self.open = false;
            return Err(Fault::Lost("cut".to_owned()));
        }
        let left: Vec<usize> = (0..PARTITIONS).filter(|p| self.cursors[*p] < world.sizes[*p]).collect();
        let Some(partition) = (!left.is_empty()).then(|| left[world.luck.usize(..left.len())]) else {
            return Ok(None);
        };
        let place = self.cursors[partition];
        self.cursors[partition] += 1;
        let payload = Bytes::from(json!({"key": partition.to_string(), "fields": {"n": place}}).to_string());
        let work = Work::Event(Record { payload, ..Record::default() });
        Ok(Some(Message { position: (partition, place), work }))
    }

    async fn commit(&mut self, done: Vec<Name>) -> Result<(), Fault> {
        moment().await;
        let mut world = self.world.lock().unwrap();
        assert!(self.open, "nothing is committed over a lost connection");
        for (partition, place) in done {
            if !world.answered.contains(&(partition, place)) {
                world.broken.push(format!("{partition}/{place} was committed before it was answered"));
            }
            if world.committed[partition] != place {
                world.broken.push(format!("{partition}/{place} was committed out of order"));
            }
            if world.is_unlucky() {
                self.open = false;
                return Err(Fault::Lost("cut while committing".to_owned()));
            }
            world.committed[partition] = place + 1;
        }
        Ok(())
    }

    async fn close(&mut self) {}
}

struct Server(Shared);

impl Net for Server {
    async fn call(
        &self,
        _: Method,
        _: &[&str],
        _: &[(&str, &str)],
        _: &[(&str, &str)],
        body: Option<Body>,
    ) -> Result<Answer, String> {
        moment().await;
        let body = body.unwrap().content;
        let events: Vec<serde_json::Value> = body
            .split(|b| *b == b'\n')
            .filter(|line| !line.is_empty())
            .map(|line| serde_json::from_slice(line).unwrap())
            .collect();
        let names: Vec<Name> = events
            .iter()
            .map(|e| (e["key"].as_str().unwrap().parse().unwrap(), e["fields"]["n"].as_u64().unwrap() as usize))
            .collect();
        let answer = |status, body: serde_json::Value| {
            Ok(Answer { status, retry_after: None, body: body.to_string().into_bytes() })
        };
        {
            let mut world = self.0.lock().unwrap();
            if names.len() > world.too_large {
                return answer(413, json!({"code": "too_large"}));
            }
            if world.is_unlucky() {
                return answer(503, json!({"code": "overloaded"}));
            }
            for (partition, place) in &names {
                let is_next = *place == 0 || world.received.contains_key(&(*partition, place - 1));
                if !is_next {
                    world.broken.push(format!("{partition}/{place} came before what precedes it"));
                }
                *world.received.entry((*partition, *place)).or_default() += 1;
            }
        }
        moment().await;
        let mut world = self.0.lock().unwrap();
        if world.is_unlucky() {
            return Err("the answer was lost".to_owned());
        }
        world.answered.extend(&names);
        let refused = u32::from(world.is_unlucky());
        answer(
            200,
            json!({"accepted": names.len() as u32 - refused, "duplicate": 0, "refused": refused, "cursor": "e:1", "results": []}),
        )
    }

    fn wait(&self, _: Duration) -> impl Future<Output = ()> + Send + 'static {
        moment()
    }

    fn name(&self) -> String {
        "the server".to_owned()
    }
}

/// Runs a bridge for so many steps; `None` when it was killed before it came to its end.
fn run(world: &Shared, pace: Pace, steps: usize) -> Option<Result<(), CliError>> {
    let interrupt = Interrupt::never();
    let tally = Tally::default();
    let mut reader = Broker { world: Arc::clone(world), cursors: vec![0; PARTITIONS], open: false };
    let mut deliver =
        Deliver::new(Server(Arc::clone(world)), Target::Board("b".to_owned()), tally.clone(), interrupt.clone());
    let form = Form::Events { key_field: "key".to_owned() };
    let mut flow = Flow { reader: &mut reader, deliver: &mut deliver, form: &form, pace, tally, interrupt };
    let mut running = pin!(flow.run());
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..steps {
        if let Poll::Ready(result) = running.as_mut().poll(&mut context) {
            return Some(result);
        }
    }
    None
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn each_message_arrives_in_order_and_none_is_committed_before_its_answer(
        seed in any::<u64>(),
        trouble in 0_u8..30,
        sizes in proptest::collection::vec(0_usize..25, PARTITIONS),
        messages in 1_usize..12,
        too_large in 1_usize..12,
        lives in proptest::collection::vec(1_usize..120, 0..8),
    ) {
        let world = Arc::new(Mutex::new(World {
            luck: fastrand::Rng::with_seed(seed),
            trouble,
            sizes: sizes.clone(),
            committed: vec![0; PARTITIONS],
            received: BTreeMap::new(),
            answered: BTreeSet::new(),
            too_large,
            broken: Vec::new(),
        }));
        let pace = Pace { messages, bytes: 300, linger: Duration::ZERO };
        for steps in lives {
            run(&world, pace, steps);
        }
        let ended = run(&world, pace, 1_000_000);
        prop_assert!(matches!(ended, Some(Ok(()))), "{ended:?}");
        let world = world.lock().unwrap();
        prop_assert_eq!(&world.broken, &Vec::<String>::new());
        prop_assert_eq!(&world.committed, &sizes);
        prop_assert_eq!(world.received.len(), sizes.iter().sum::<usize>());
    }
}

#[test]
fn without_trouble_each_message_is_sent_once() {
    let sizes = vec![7, 0, 30];
    let world = Arc::new(Mutex::new(World {
        luck: fastrand::Rng::with_seed(1),
        trouble: 0,
        sizes: sizes.clone(),
        committed: vec![0; PARTITIONS],
        received: BTreeMap::new(),
        answered: BTreeSet::new(),
        too_large: 100,
        broken: Vec::new(),
    }));
    let pace = Pace { messages: 4, bytes: 1_000, linger: Duration::ZERO };
    assert!(matches!(run(&world, pace, 100_000), Some(Ok(()))));
    let world = world.lock().unwrap();
    assert_eq!((world.committed.clone(), world.received.len()), (sizes, 37));
    assert!(world.received.values().all(|times| *times == 1));
}
