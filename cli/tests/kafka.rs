//! `heliograph bridge kafka` between librdkafka's own broker for tests, which speaks the protocol, and a server that records.
#![expect(clippy::unwrap_used, reason = "test code: a failure here is a failed test")]
#![expect(clippy::disallowed_methods, reason = "a test waits no longer than it says")]

mod support;

use std::process::{Child, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::mocking::MockCluster;
use rdkafka::producer::{BaseProducer, BaseRecord, DefaultProducerContext, Producer as _};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};
use support::{Recorder, Reply, heliograph, signal, stderr};

type Cluster = MockCluster<'static, DefaultProducerContext>;

const LONG: Duration = Duration::from_secs(40);

fn cluster(topics: &[(&str, i32)]) -> Cluster {
    let cluster = MockCluster::new(1).unwrap();
    for (topic, partitions) in topics {
        cluster.create_topic(topic, *partitions, 1).unwrap();
    }
    cluster
}

/// Writes records (partition, key, value), and waits until the broker has them.
fn write<'a>(
    cluster: &Cluster,
    topic: &str,
    records: impl IntoIterator<Item = (i32, &'a str, impl Into<Option<String>>)>,
) {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", cluster.bootstrap_servers());
    let producer: BaseProducer = config.create().unwrap();
    for (partition, key, value) in records {
        let value: Option<String> = value.into();
        let mut record = BaseRecord::<str, str>::to(topic).partition(partition).key(key);
        record.payload = value.as_deref();
        producer.send(record).map_err(|(error, _)| error).unwrap();
    }
    producer.flush(LONG).unwrap();
}

fn position(n: usize) -> String {
    format!("{{\"time\":{},\"lat\":1.5,\"lon\":2.5,\"n\":{n}}}", 1_000 + n)
}

fn start(cluster: &Cluster, recorder: &Recorder, arguments: &[&str]) -> Child {
    let mut command = heliograph(&["bridge", "kafka", &cluster.bootstrap_servers(), "--board", "fleet"]);
    command.args(arguments).env("HELIOGRAPH_URL", recorder.url());
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn end(child: Child) -> Output {
    signal(&child, "TERM");
    child.wait_with_output().unwrap()
}

fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let since = Instant::now();
    while !is_so() {
        assert!(since.elapsed() < LONG, "no {what} after {LONG:?}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// The numbers of every event that was taken, in order, each once: what has an id that came before is a duplicate.
fn taken(recorder: &Recorder) -> Vec<u64> {
    let mut seen = std::collections::HashSet::new();
    let events = recorder.events().into_iter().filter(|event| seen.insert(event["id"].as_str().unwrap().to_owned()));
    events.map(|event| event["fields"]["n"].as_u64().unwrap()).collect()
}

/// Where the group goes on in a partition.
fn committed(cluster: &Cluster, topic: &str, partition: i32) -> Offset {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", cluster.bootstrap_servers()).set("group.id", "heliograph");
    let consumer: BaseConsumer = config.create().unwrap();
    let mut of = TopicPartitionList::new();
    of.add_partition(topic, partition);
    let offsets = consumer.committed_offsets(of, LONG).unwrap();
    offsets.find_partition(topic, partition).unwrap().offset()
}

#[test]
fn records_arrive_in_order_with_key_time_and_a_name_of_their_place_and_are_committed_then() {
    let cluster = cluster(&[("positions", 1), ("others", 2)]);
    let recorder = Recorder::start();
    write(&cluster, "positions", (0..300).map(|n| (0, "v1", position(n))));
    write(&cluster, "others", [(1, "v2", Some("\0\0\0\0\u{7}{\"lat\":3,\"lon\":4,\"n\":300}".to_owned()))]);
    let child = start(&cluster, &recorder, &["--topic", "positions", "--topic", "others", "--batch", "50"]);
    eventually("event of each record", || taken(&recorder).len() == 301);
    eventually("committed position", || committed(&cluster, "positions", 0) == Offset::Offset(300));
    let output = end(child);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(stderr(&output), "");
    let numbers: Vec<u64> = taken(&recorder).into_iter().filter(|n| *n < 300).collect();
    assert_eq!(numbers, (0..300).collect::<Vec<u64>>());
    assert!(recorder.requests().iter().all(|request| request.events.len() <= 50));
    let events = recorder.events();
    let of = |n: u64| events.iter().find(|event| event["fields"]["n"] == n).unwrap();
    // So small a time is in seconds.
    assert_eq!((&of(7)["key"], &of(7)["time"]), (&"v1".into(), &1_007_000.into()));
    let id = of(7)["id"].as_str().unwrap();
    assert!(id.starts_with("positions@") && id.ends_with(":0/0000000000000000007"), "{id}");
    // It has no time of its own, so it has the one at which the broker got it.
    assert!(of(300)["time"].as_i64().unwrap() > 1_700_000_000_000, "{}", of(300));
    assert_eq!(committed(&cluster, "others", 1), Offset::Offset(1));
}

#[test]
fn what_is_killed_between_answer_and_commit_comes_again_under_the_same_names() {
    let cluster = cluster(&[("positions", 1)]);
    write(&cluster, "positions", (0..200).map(|n| (0, "v1", position(n))));
    // What is sent is taken and each answer lost until the bridge is killed: nothing is committed.
    let is_killed = Arc::new(AtomicBool::new(false));
    let killed = Arc::clone(&is_killed);
    let recorder = Recorder::with_trouble(move |_| (!killed.load(Ordering::SeqCst)).then_some(Reply::Cut));
    let arguments = ["--topic", "positions", "--batch", "100"];
    let mut child = start(&cluster, &recorder, &arguments);
    eventually("request", || !recorder.requests().is_empty());
    child.kill().unwrap();
    child.wait().unwrap();
    is_killed.store(true, Ordering::SeqCst);
    assert_eq!(committed(&cluster, "positions", 0), Offset::Invalid);
    let before = recorder.requests().len();
    let child = start(&cluster, &recorder, &arguments);
    eventually("event of each record", || taken(&recorder).len() == 200);
    eventually("committed position", || committed(&cluster, "positions", 0) == Offset::Offset(200));
    let output = end(child);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(taken(&recorder), (0..200).collect::<Vec<u64>>());
    let ids = |events: &[serde_json::Value]| events.iter().map(|event| event["id"].clone()).collect::<Vec<_>>();
    let requests = recorder.requests();
    let (lost, again) = (ids(&requests[0].events), ids(&requests[before].events));
    let shared = lost.len().min(again.len());
    assert!(shared > 0 && lost[..shared] == again[..shared], "{lost:?} came again as {again:?}");
}

#[test]
fn overload_commits_nothing_and_goes_on_where_it_was() {
    let cluster = cluster(&[("positions", 1)]);
    write(&cluster, "positions", (0..500).map(|n| (0, "v1", position(n))));
    let recorder = Recorder::with_trouble(|request| (request < 3).then_some(Reply::Problem(503, Some("1"))));
    let child = start(&cluster, &recorder, &["--topic", "positions", "--batch", "100"]);
    eventually("second request", || recorder.requests().len() == 2);
    assert_eq!(committed(&cluster, "positions", 0), Offset::Invalid);
    eventually("event of each record", || taken(&recorder).len() == 500);
    eventually("committed position", || committed(&cluster, "positions", 0) == Offset::Offset(500));
    let output = end(child);
    assert_eq!(taken(&recorder), (0..500).collect::<Vec<u64>>());
    assert!(stderr(&output).contains("is busy: the server answered 503"), "{}", stderr(&output));
}

#[test]
fn a_record_that_is_refused_and_one_without_a_value_hold_up_no_other() {
    let cluster = cluster(&[("positions", 1)]);
    let recorder = Recorder::start();
    let zero = Some("{\"lat\":0,\"lon\":0,\"n\":1}".to_owned());
    write(
        &cluster,
        "positions",
        [(0, "v", Some(position(0))), (0, "v", zero), (0, "v", None), (0, "v", Some(position(2)))],
    );
    let child = start(&cluster, &recorder, &["--topic", "positions"]);
    eventually("committed position", || committed(&cluster, "positions", 0) == Offset::Offset(4));
    let output = end(child);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("null_island") && text.contains("3 rows"), "{text}");
    assert_eq!(taken(&recorder), [0, 1, 2]);
}

#[test]
fn a_tombstone_ends_the_item_of_its_key_where_that_was_asked_for_and_in_its_order() {
    let cluster = cluster(&[("positions", 1)]);
    let recorder = Recorder::start();
    write(
        &cluster,
        "positions",
        [(0, "v1", Some(position(0))), (0, "v2", Some(position(1))), (0, "v1", None), (0, "v2", Some(position(2)))],
    );
    let child = start(&cluster, &recorder, &["--topic", "positions", "--end-on-tombstone"]);
    eventually("committed position", || committed(&cluster, "positions", 0) == Offset::Offset(4));
    let output = end(child);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(taken(&recorder), [0, 1, 2]);
    let requests = recorder.requests();
    let after =
        requests.iter().position(|request| request.events.iter().any(|event| event["fields"]["n"] == 2)).unwrap();
    assert_eq!(recorder.ends(), [("v1".to_owned(), after)]);
}

#[test]
fn a_broker_that_goes_away_is_told_of_and_comes_back() {
    let cluster = cluster(&[("positions", 1)]);
    let recorder = Recorder::start();
    write(&cluster, "positions", (0..10).map(|n| (0, "v1", position(n))));
    let child = start(&cluster, &recorder, &["--topic", "positions"]);
    eventually("event of each record", || taken(&recorder).len() == 10);
    cluster.broker_down(1).unwrap();
    thread::sleep(Duration::from_secs(3));
    cluster.broker_up(1).unwrap();
    write(&cluster, "positions", (10..20).map(|n| (0, "v1", position(n))));
    eventually("event of what came after", || taken(&recorder).len() == 20);
    let output = end(child);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stderr(&output).contains("is away: ") && stderr(&output).contains("is back after"), "{}", stderr(&output));
    assert_eq!(taken(&recorder), (0..20).collect::<Vec<u64>>());
}

#[test]
fn two_bridges_of_a_group_share_the_partitions_and_lose_nothing_when_one_is_killed() {
    let cluster = cluster(&[("positions", 2)]);
    let recorder = Recorder::start();
    let arguments = ["--topic", "positions", "--batch", "20"];
    let mut one = start(&cluster, &recorder, &arguments);
    let other = start(&cluster, &recorder, &arguments);
    for round in 0..5 {
        write(&cluster, "positions", (round * 100..round * 100 + 100).map(|n| (n as i32 % 2, "v1", position(n))));
        if round == 2 {
            one.kill().unwrap();
        }
        thread::sleep(Duration::from_millis(500));
    }
    one.wait().unwrap();
    eventually("event of each record", || taken(&recorder).len() == 500);
    let output = end(other);
    assert!(output.status.success(), "{}", stderr(&output));
    for odd in [0, 1] {
        let numbers: Vec<u64> = taken(&recorder).into_iter().filter(|n| n % 2 == odd).collect();
        assert_eq!(numbers, (0..250).map(|n| n * 2 + odd).collect::<Vec<u64>>());
    }
}

#[test]
fn where_to_begin_is_as_said() {
    let cluster = cluster(&[("positions", 1)]);
    let recorder = Recorder::start();
    write(&cluster, "positions", (0..5).map(|n| (0, "v1", position(n))));
    let none =
        start(&cluster, &recorder, &["--topic", "positions", "--start", "committed"]).wait_with_output().unwrap();
    assert_eq!(none.status.code(), Some(1));
    assert!(stderr(&none).contains("--start earliest or latest"), "{}", stderr(&none));
    let late = start(&cluster, &recorder, &["--topic", "positions", "--start", "latest", "--group", "late"]);
    thread::sleep(Duration::from_secs(6));
    write(&cluster, "positions", (5..7).map(|n| (0, "v1", position(n))));
    eventually("event of what is new", || taken(&recorder).len() == 2);
    end(late);
    assert_eq!(taken(&recorder), [5, 6]);
}

#[test]
fn what_trying_again_cannot_mend_ends_it_and_says_what_to_mend() {
    let cluster = cluster(&[]);
    let recorder = Recorder::start();
    cluster.topic_error("gone", rdkafka::types::RDKafkaRespErr::RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART).unwrap();
    let output = start(&cluster, &recorder, &["--topic", "gone"]).wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stderr(&output).contains("there is no topic gone"), "{}", stderr(&output));
    // Nobody who sees the command line sees a password.
    for (arguments, wanted) in [
        (vec!["bridge", "kafka", "jane:geheim@h:9092", "--topic", "a", "--board", "b"], "KAFKA_PASSWORD"),
        (vec!["bridge", "kafka", "h:9092", "--user", "jane", "--topic", "a", "--board", "b"], "KAFKA_PASSWORD"),
        (
            vec!["bridge", "kafka", "h:9092", "--topic", "a", "--source", "b", "--end-on-tombstone"],
            "--end-on-tombstone",
        ),
    ] {
        let output = heliograph(&arguments).env_remove("KAFKA_PASSWORD").output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        assert!(stderr(&output).contains(wanted) && !stderr(&output).contains("geheim"), "{}", stderr(&output));
    }
}

#[test]
fn the_command_of_the_page_about_kafka_brings_records_to_the_board() {
    let page = include_str!("../../docs/sources/kafka.md");
    let command = page.lines().find(|line| line.starts_with("heliograph bridge kafka ")).unwrap();
    let cluster = cluster(&[("positions", 1)]);
    let recorder = Recorder::start();
    write(&cluster, "positions", [(0, "v1", position(0))]);
    // Brokers of tests are not on their usual port.
    let command = command.replace("127.0.0.1:9092", &cluster.bootstrap_servers());
    let arguments: Vec<&str> = command.split(' ').skip(1).collect();
    let mut heliograph = heliograph(&arguments);
    heliograph.env("HELIOGRAPH_URL", recorder.url()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = heliograph.spawn().unwrap();
    eventually("event", || taken(&recorder) == [0]);
    let output = end(child);
    assert!(output.status.success(), "{}", stderr(&output));
}
