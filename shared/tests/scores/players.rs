//! What players send beside what managers send: they neither wipe a mark nor backdate themselves to the front.

use crate::world::START;
use heliograph_shared::codec::{Batch, SentBy};
use heliograph_shared::event::Event;
use heliograph_shared::scores::book::Scope;
use heliograph_shared::scores::keeper::{Keeper, Settings};
use heliograph_shared::scores::period::UtcOnly;
use heliograph_shared::value::Value;

struct Board {
    keeper: Keeper,
    seq: u64,
}

impl Board {
    fn new(rules: &str) -> Self {
        let settings = Settings { scores: serde_json::from_str(rules).unwrap(), ..Settings::default() };
        let mut keeper = Keeper::new(settings, [], 1);
        keeper.begin_rebuild(START, &UtcOnly);
        keeper.finish_rebuild(START).unwrap();
        Self { keeper, seq: 1 }
    }

    fn send(&mut self, sent_by: SentBy, key: &str, time: i64, fields: &[(&str, Value)]) {
        let fields = fields.iter().map(|(n, v)| ((*n).to_owned(), Some(v.clone()))).collect();
        let events = [Event { id: None, key: key.to_owned(), time: START.plus(time), position: None, fields }];
        let mut bytes = Batch::from_events(&events).encode();
        sent_by.mark(&mut bytes);
        let batch = Batch::decode(&bytes).unwrap();
        assert_eq!((batch.sent_by, batch.event(0)), (sent_by, events[0].clone()));
        self.keeper.events(&batch, self.seq, &UtcOnly);
        self.seq += 1;
    }

    fn rows(&self) -> Vec<(String, f64)> {
        let ranked = self.keeper.board().unwrap().ranked(&Scope::ALL, true).unwrap();
        ranked.ranking.page(0, 99).iter().map(|p| (p.key.to_owned(), p.values[0].number())).collect()
    }
}

const fn player(at: i64) -> SentBy {
    SentBy::Player { at: START.plus(at) }
}

const QUIZ: &str = r#"{"columns":[{"name":"points","op":"sum","field":"points"}],
    "filter":[{"field":"graded","at_least":1}],"entry":"question"}"#;

#[test]
fn case_08_a_second_answer_does_not_wipe_the_mark() {
    let question = ("question", Value::Text("q1".into()));
    for points in [10.0, -5.0] {
        let mut board = Board::new(QUIZ);
        let mark = |points| [question.clone(), ("points", Value::Number(points)), ("graded", Value::Number(1.0))];
        board.send(player(0), "p-1", 0, &[question.clone(), ("answer", Value::Text("A".into()))]);
        board.send(SentBy::Manager, "p-1", 10, &mark(points));
        assert_eq!(board.rows(), [("p-1".to_owned(), points)]);
        board.send(player(20), "p-1", 20, &[question.clone(), ("answer", Value::Text("B".into()))]);
        assert_eq!(board.rows(), [("p-1".to_owned(), points)], "the mark stays");
        board.send(SentBy::Manager, "p-1", 30, &mark(3.0));
        assert_eq!(board.rows(), [("p-1".to_owned(), 3.0)], "the leader may mark again");
    }
}

#[test]
fn case_08_without_a_memory_of_senders_a_later_event_still_replaces() {
    let mut board = Board::new(QUIZ);
    let question = ("question", Value::Text("q1".into()));
    let mark = [question.clone(), ("points", Value::Number(4.0)), ("graded", Value::Number(1.0))];
    board.send(SentBy::Unknown, "p-1", 0, &mark);
    board.send(SentBy::Unknown, "p-1", 1, &[question]);
    assert_eq!(board.rows(), []);
}

#[test]
fn case_09_players_are_in_the_order_of_the_servers_clock() {
    let mut board = Board::new(r#"{"columns":[{"name":"points","op":"sum","field":"points"}]}"#);
    let ten = [("points", Value::Number(10.0))];
    board.send(player(4_000), "honest", 4_000, &ten);
    board.send(player(6_000), "cheat", 1, &ten);
    assert_eq!(board.rows().iter().map(|r| r.0.as_str()).collect::<Vec<_>>(), ["honest", "cheat"]);
}
