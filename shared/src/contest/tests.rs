//! A contest that is followed ends as a replay of its whole feed, whatever the pieces in which it is read.

use super::feed::Feed;
use super::order::is_newest_first;
use super::verdicts::Verdicts;
use super::*;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const SETTING: &[&str] = &[
    r#"{"type":"contest","id":"c","data":{"id":"c","name":"Finals","start_time":"2024-04-18T11:47:59.000+02","duration":"5:00:00.000"}}"#,
    r#"{"type":"judgement-types","id":"AC","data":{"id":"AC","penalty":false,"solved":true}}"#,
    r#"{"type":"judgement-types","id":"WA","data":{"id":"WA","penalty":true,"solved":false}}"#,
    r#"{"type":"problems","id":"alpha","data":{"id":"alpha","label":"A","ordinal":0}}"#,
    r#"{"type":"problems","id":"beta","data":{"id":"beta","label":"B","ordinal":1}}"#,
    r#"{"type":"teams","id":"0","data":{"id":"0","name":"Zero"}}"#,
    r#"{"type":"teams","id":"1","data":{"id":"1","name":"One"}}"#,
    r#"{"type":"teams","id":"2","data":{"id":"2","name":"Two"}}"#,
];

/// What happens next in a contest.
#[derive(Clone, Debug)]
enum Step {
    Submit(u8, u8, bool),
    Judge(u8, u8, Option<&'static str>),
    Unjudge(u8),
    Withdraw(u8),
    Run,
    // What the contest is changes.
    Rename(u8, bool),
    Hide(u8, bool),
    Move(bool),
    Drop(bool),
}

fn steps(settings_too: bool) -> impl Strategy<Value = Vec<Step>> {
    let verdict = prop_oneof![Just(None), Just(Some("AC")), Just(Some("WA")), Just(Some("CE"))];
    let happens = prop_oneof![
        4 => (0..5_u8, 0..3_u8, any::<bool>()).prop_map(|(s, t, p)| Step::Submit(s, t, p)),
        6 => (0..6_u8, 0..5_u8, verdict).prop_map(|(j, s, v)| Step::Judge(j, s, v)),
        1 => (0..6_u8).prop_map(Step::Unjudge),
        1 => (0..5_u8).prop_map(Step::Withdraw),
        1 => Just(Step::Run),
    ];
    let changes = prop_oneof![
        (0..3_u8, any::<bool>()).prop_map(|(t, n)| Step::Rename(t, n)),
        (0..3_u8, any::<bool>()).prop_map(|(t, h)| Step::Hide(t, h)),
        any::<bool>().prop_map(Step::Move),
        any::<bool>().prop_map(Step::Drop),
    ];
    let step = prop_oneof![9 => happens, u32::from(settings_too) => changes];
    proptest::collection::vec(step, 0..40)
}

/// How a server writes its lines, and what it does with where it is to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Server {
    Tokens,
    Ids,
    /// It has tokens, and says everything anew.
    Forgetful,
    /// It has none.
    Bare,
}

fn lines(steps: &[Step], server: Server) -> Vec<String> {
    let object = |kind: &str, id: String, data: Value| json!({"type": kind, "id": id, "data": data});
    let happened = steps.iter().enumerate().map(|(nth, step)| match step {
        Step::Submit(s, team, problem) => {
            let problem = if *problem { "alpha" } else { "beta" };
            let data = json!({"id": format!("s{s}"), "team_id": team.to_string(), "problem_id": problem,
                "contest_time": format!("0:{nth:02}:00")});
            object("submissions", format!("s{s}"), data)
        }
        Step::Judge(j, s, verdict) => {
            let data = json!({"id": format!("j{j}"), "submission_id": format!("s{s}"), "judgement_type_id": verdict,
                "start_contest_time": format!("0:{:02}:00", j + 10), "end_contest_time": format!("0:{nth:02}:30")});
            object("judgements", format!("j{j}"), data)
        }
        Step::Unjudge(j) => object("judgements", format!("j{j}"), Value::Null),
        Step::Withdraw(s) => object("submissions", format!("s{s}"), Value::Null),
        Step::Run => object("runs", format!("r{nth}"), json!({"id": format!("r{nth}"), "judgement_id": "j1"})),
        Step::Rename(team, other) => {
            let name = if *other { "Another" } else { "One of them" };
            object("teams", team.to_string(), json!({"id": team.to_string(), "name": name}))
        }
        Step::Hide(team, hidden) => {
            object("teams", team.to_string(), json!({"id": team.to_string(), "name": "Shy", "hidden": hidden}))
        }
        Step::Move(later) => {
            let start = if *later { "2024-04-18T12:00:00Z" } else { "2024-04-18T09:47:59Z" };
            object("contest", "c".to_owned(), json!({"id": "c", "start_time": start, "duration": "5:00:00"}))
        }
        Step::Drop(there) => {
            let data = json!({"id": "beta", "label": "B", "ordinal": 1});
            object("problems", "beta".to_owned(), if *there { data } else { Value::Null })
        }
    });
    let setting = SETTING.iter().map(|line| serde_json::from_str(line).unwrap());
    let numbered = |(nth, mut line): (usize, Value)| match server {
        Server::Tokens | Server::Forgetful => {
            line["token"] = format!("t{nth}").into();
            line.to_string()
        }
        Server::Ids => {
            let data = &line["data"];
            let (op, data) =
                if data.is_null() { ("delete", json!({"id": line["id"]})) } else { ("create", data.clone()) };
            json!({"type": line["type"], "id": format!("e{nth}"), "op": op, "data": data}).to_string()
        }
        Server::Bare => line.to_string(),
    };
    setting.chain(happened).enumerate().map(numbered).collect()
}

/// What a server answers that has so many lines and was asked to go on from a place.
fn answer<'a>(server: Server, lines: &'a [String], since: Option<(&str, &str)>) -> &'a [String] {
    let behind = |prefix: &str, place: &str| place.strip_prefix(prefix).unwrap().parse::<usize>().unwrap() + 1;
    match (server, since) {
        (Server::Tokens, Some(("since_token", token))) => &lines[behind("t", token)..],
        (Server::Ids, Some(("since_id", id))) => &lines[behind("e", id)..],
        (Server::Bare, Some(place)) => panic!("it has no places: {place:?}"),
        _ => lines,
    }
}

/// A board: it knows events by their ids, and shows the latest of each team and submission.
#[derive(Debug, Default)]
struct Board {
    log: BTreeMap<String, ContestEvent>,
    order: Vec<String>,
}

type Shown = BTreeMap<(String, Option<String>), (i64, Value)>;

impl Board {
    fn take(&mut self, events: Vec<ContestEvent>) {
        for event in events {
            if !self.log.contains_key(&event.id) {
                self.order.push(event.id.clone());
                self.log.insert(event.id.clone(), event);
            }
        }
    }

    fn shows(&self) -> Shown {
        let mut latest = Shown::new();
        for event in self.order.iter().map(|id| &self.log[id]) {
            let submission = event.fields.get("submission").and_then(Value::as_str).map(str::to_owned);
            latest.insert((event.key.to_string(), submission), (event.time, event.fields.clone().into()));
        }
        latest.retain(|_, (_, fields)| fields.get("verdict") != Some(&json!("")));
        latest
    }

    /// The same without teams that are not on the scoreboard: an item stays that is there.
    fn shows_of(&self, whole: &Self) -> Shown {
        let (mut shown, of) = (self.shows(), whole.shows());
        shown.retain(|subject, _| subject.1.is_some() || of.contains_key(subject));
        shown
    }

    /// Ids of events about verdicts.
    fn verdicts(&self) -> BTreeSet<&str> {
        self.log.keys().map(String::as_str).filter(|id| !id.contains(":pending:") && !id.contains(":team:")).collect()
    }
}

/// A replay of the whole feed, as `heliograph replay` does it.
fn replayed(lines: &[String]) -> Board {
    let mut feed = Feed::default();
    for (number, line) in lines.iter().enumerate() {
        feed.take(number as u64 + 1, line.as_bytes()).unwrap();
    }
    let schedule = feed.contest.schedule(&read_time, &feed.changes).unwrap();
    assert!(!is_newest_first(&feed.changes, schedule.start, &read_time));
    let mut verdicts = Verdicts::new(&feed.contest, &schedule, &read_time);
    verdicts.teams();
    for (number, change) in feed.changes {
        verdicts.take(number, change);
    }
    let mut board = Board::default();
    board.take(verdicts.finish().0);
    board
}

fn read(follow: Follow, lines: &[String], how: Ended) -> Result<Heard, Unread> {
    let mut reading = follow.reading();
    for line in lines {
        reading.take(line.as_bytes())?;
        reading.take(b"\r\n")?;
    }
    reading.end(how, true)
}

/// Follows a feed that grows from one of these lengths to the next; of each answer only a part may come.
fn followed(server: Server, lines: &[String], cuts: &[(usize, u8)]) -> Board {
    let mut board = Board::default();
    let mut follow = Follow::default().of("feed");
    let mut lengths: Vec<(usize, u8)> = cuts.iter().map(|(at, part)| (at % (lines.len() + 1), *part)).collect();
    lengths.sort_unstable();
    lengths.extend([(lines.len(), 100), (lines.len(), 100)]);
    for (length, part) in lengths {
        let said = answer(server, &lines[..length], follow.since());
        let comes = &said[..said.len() * usize::from(part.min(100)) / 100];
        let how = if comes.len() < said.len() { Ended::Cut } else { Ended::Quiet };
        if let Ok(heard) = read(follow.clone(), comes, how) {
            assert_eq!(heard.wrong, []);
            board.take(heard.events);
            follow = Follow::unpacked(&heard.follow.packed().unwrap());
            assert_eq!(follow, heard.follow, "it is kept as it is");
        }
    }
    let done = read(follow.clone(), answer(server, lines, follow.since()), Ended::Closed).unwrap();
    assert_eq!(done.events, [], "what is known is not said again");
    board
}

fn any_server() -> impl Strategy<Value = Server> {
    prop_oneof![Just(Server::Tokens), Just(Server::Ids), Just(Server::Forgetful), Just(Server::Bare)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_cutting_of_the_feed_into_polls_ends_as_a_replay_of_it(
        steps in steps(true), server in any_server(), cuts in proptest::collection::vec((0..60_usize, 0..200_u8), 0..8)
    ) {
        let lines = lines(&steps, server);
        let (board, whole) = (followed(server, &lines, &cuts), replayed(&lines));
        prop_assert_eq!(board.shows_of(&whole), whole.shows());
    }

    #[test]
    fn any_cutting_of_the_feed_tells_the_same_events_of_verdicts(
        steps in steps(false), server in prop_oneof![Just(Server::Tokens), Just(Server::Ids), Just(Server::Forgetful)],
        cuts in proptest::collection::vec((SETTING.len()..60_usize, 0..200_u8), 0..8)
    ) {
        let lines = lines(&steps, server);
        let (board, whole) = (followed(server, &lines, &cuts), replayed(&lines));
        prop_assert_eq!(board.verdicts(), whole.verdicts());
    }

    #[test]
    fn whatever_a_server_says_nothing_breaks(said in proptest::collection::vec("[ -~]{0,60}|\\PC{0,20}", 0..20)) {
        if let Ok(heard) = read(Follow::default(), &said, Ended::Closed) {
            prop_assert!(heard.follow.packed().is_ok());
        }
    }
}

fn judged(verdict: &str, token: &str) -> String {
    json!({"type": "judgements", "id": "j", "token": token, "data": {"id": "j", "submission_id": "s", "judgement_type_id": verdict}})
        .to_string()
}

fn feed_of(lines: &[String]) -> Vec<String> {
    let submission = json!({"type": "submissions", "id": "s", "token": "s", "data": {"id": "s", "team_id": "1",
        "problem_id": "alpha", "contest_time": "0:10:00"}});
    let setting = SETTING.iter().map(|line| (*line).to_owned());
    setting.chain([submission.to_string()]).chain(lines.iter().cloned()).collect()
}

fn verdicts(events: &[ContestEvent]) -> Vec<&str> {
    events.iter().map(|event| event.fields.get("verdict").and_then(Value::as_str).unwrap_or("?")).collect()
}

#[test]
fn a_feed_that_is_said_anew_and_breaks_off_before_what_is_known_takes_nothing_back() {
    let lines = feed_of(&[judged("WA", "1"), judged("AC", "2")]);
    let known = read(Follow::default(), &lines, Ended::Quiet).unwrap().follow;
    let mut anew = known.clone();
    anew.lose_place();
    for how in [Ended::Cut, Ended::Quiet] {
        assert_eq!(read(anew.clone(), &lines[..lines.len() - 1], how).unwrap_err(), Unread::Short);
    }
    assert_eq!(read(anew.clone(), &lines, Ended::Cut).unwrap().events, []);
    // It was set up anew: what the board has is put right.
    let heard = read(anew, &lines[..lines.len() - 1], Ended::Closed).unwrap();
    assert_eq!(verdicts(&heard.events), ["WA"]);
    // A server that was told where to go on and says everything is known by its first line.
    let heard = read(known, &[lines, vec![judged("CE", "3")]].concat(), Ended::Cut).unwrap();
    assert_eq!(verdicts(&heard.events), ["CE"]);
}

#[test]
fn a_submission_is_pending_until_it_is_judged_and_each_time_it_is_again() {
    let gone = r#"{"type":"judgements","id":"j","token":"x","data":null}"#.to_owned();
    let lines = feed_of(&[judged("WA", "1"), gone.clone(), judged("AC", "2"), gone]);
    let mut follow = Follow::default();
    let mut told = Vec::new();
    let mut ids = BTreeSet::new();
    let first = SETTING.len() + 1;
    for piece in [&lines[..first], &lines[first..=first], &lines[first + 1..first + 2], &lines[first + 2..]] {
        let heard = read(follow, piece, Ended::Quiet).unwrap();
        let about = heard.events.iter().filter(|event| event.fields.contains_key("submission")).cloned();
        told.extend(about);
        follow = heard.follow;
    }
    assert_eq!(verdicts(&told), ["?", "WA", "", "?", "AC", "", "?"]);
    assert!(told.iter().all(|event| ids.insert(&event.id)), "each is another event: {told:?}");
}

#[test]
fn what_happens_before_it_is_known_when_the_contest_starts_is_told_then() {
    let lines = feed_of(&[judged("AC", "1")]);
    let early = read(Follow::default(), &lines[1..], Ended::Quiet).unwrap();
    assert_eq!(early.events, []);
    let heard = read(early.follow, &lines[..1], Ended::Quiet).unwrap();
    let told = heard.events.iter().filter(|event| event.fields.contains_key("submission")).count();
    assert_eq!((heard.events.len(), told), (4, 1));
}

#[test]
fn lines_that_cannot_be_used_are_told_once_and_cost_nothing_else() {
    let bad = r#"{"type":"judgements","id":"9","data":{"id":"9"}}"#.to_owned();
    let lines = feed_of(&[bad.clone(), "{\"type\":".to_owned(), judged("AC", "1")]);
    let heard = read(Follow::default(), &lines, Ended::Closed).unwrap();
    assert_eq!(heard.wrong.iter().map(|wrong| &*wrong.text).collect::<Vec<_>>(), [&bad, "{\"type\":"]);
    assert_eq!(verdicts(&heard.events).last(), Some(&"AC"));
    let mut anew = heard.follow;
    anew.lose_place();
    assert_eq!(read(anew, &lines, Ended::Closed).unwrap().wrong, []);
}

#[test]
fn what_is_no_feed_is_said_to_be_none_and_nothing_is_a_break() {
    for text in ["<!DOCTYPE html>", "[1]", "{\"a\":1}"] {
        assert_eq!(read(Follow::default(), &[text.to_owned()], Ended::Closed).unwrap_err(), Unread::NoFeed);
    }
    assert_eq!(read(Follow::default(), &[], Ended::Cut).unwrap_err(), Unread::Nothing);
    assert_eq!(read(Follow::default(), &[], Ended::Quiet).unwrap().follow, Follow::default());
}

#[test]
fn another_contest_under_the_same_address_takes_nothing_back_of_the_one_before() {
    let lines = feed_of(&[judged("AC", "1")]);
    let known = read(Follow::default(), &lines, Ended::Quiet).unwrap().follow;
    let mut anew = known;
    anew.lose_place();
    let other: Vec<String> =
        SETTING.iter().map(|line| line.replace("\"id\":\"c\"", "\"id\":\"d\"").replace("Finals", "Next")).collect();
    let heard = read(anew, &other, Ended::Closed).unwrap();
    assert!(heard.events.iter().all(|event| event.id.starts_with("d:team:")), "{:?}", heard.events);
    assert_eq!(heard.events.len(), 3);
}

#[test]
fn what_is_kept_of_another_feed_or_is_none_is_nothing() {
    let known = read(Follow::default().of("a"), &feed_of(&[]), Ended::Quiet).unwrap().follow;
    assert_eq!(known.clone().of("a"), known);
    assert_eq!(known.of("b"), Follow::default().of("b"));
    assert_eq!(Follow::unpacked(b"\xff\x00"), Follow::default());
}

#[test]
fn times_have_offsets_in_every_form() {
    let expected = Some(1_713_433_679_500);
    for text in [
        "2024-04-18T09:47:59.5Z",
        "2024-04-18T11:47:59.5+02",
        "2024-04-18T11:47:59.5+0200",
        "2024-04-18T05:17:59.5-04:30",
    ] {
        assert_eq!(read_time(text), expected, "{text}");
    }
    for text in ["", "soon", "2024-04-18", "2024-04-18T11:47:59+é", "2024-04-18T11:47:59+02000"] {
        assert_eq!(read_time(text), None, "{text}");
    }
}

#[test]
fn what_nobody_asks_for_is_not_kept() {
    let mut feed = Feed::default();
    feed.take(1, br#"{"type":"teams","id":"1","data":{"id":"1","name":"x","photo":[{"href":"y"}],"members":"z"}}"#)
        .unwrap();
    let text = serde_json::to_string(&feed.contest).unwrap();
    assert!(text.contains("\"name\":\"x\"") && !text.contains("photo") && !text.contains("members"), "{text}");
}
