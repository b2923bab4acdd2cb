//! What viewers are told and what they are spared, case by case.

use crate::viewers::Stage;
use crate::world::World;
use heliograph_shared::event::Event;
use heliograph_shared::relay::ViewerId;
use heliograph_shared::scores::ScoreWindow;
use heliograph_shared::scores::rule::ScoreRules;
use heliograph_shared::scores::session::{Schedule, SessionAction};
use heliograph_shared::time::Millis;
use heliograph_shared::value::Value;

fn rules(ties: &str) -> ScoreRules {
    let text = format!(r#"{{"columns":[{{"name":"points","op":"sum","field":"points"}}],"ties":"{ties}"}}"#);
    serde_json::from_str(&text).unwrap()
}

fn points(key: &str, points: f64, time: Millis) -> Event {
    let fields = vec![("points".to_owned(), Some(Value::Number(points)))];
    Event { id: None, key: key.to_owned(), time, position: None, fields }
}

/// A board with so many players: the first has the most points.
fn crowd(players: u32, ties: &str) -> Stage {
    let mut stage = Stage::new(World::new(rules(ties), 1));
    let now = stage.w.now;
    let events: Vec<Event> = (0..players).map(|i| points(&format!("k{i}"), f64::from(players - i), now)).collect();
    events.chunks(10_000).for_each(|chunk| stage.w.events(chunk));
    stage
}

fn top(n: u32) -> ScoreWindow {
    ScoreWindow { top: n, ..ScoreWindow::default() }
}

fn tell(stage: &mut Stage, event: Event) {
    stage.w.events(&[event]);
    stage.tick();
    stage.deliver();
}

#[test]
fn g3_a_viewer_of_the_top_is_told_nothing_of_rank_5_000() {
    let mut stage = crowd(6_000, "shared");
    let v = stage.join(top(20), false, false, 0);
    let json = stage.join(top(20), false, true, 0);
    stage.settle();
    let before = [stage.viewers[v].frames, stage.viewers[json].frames];
    let now = stage.w.now;
    tell(&mut stage, points("k5000", 1.5, now));
    tell(&mut stage, points("fresh", 7.0, now));
    assert_eq!([stage.viewers[v].frames, stage.viewers[json].frames], before);
    // The twentieth row's neighbour gets as many points: now the twentieth is tied.
    tell(&mut stage, points("k20", 1.0, now));
    assert_eq!(stage.viewers[v].frames, before[0] + 1);
    assert!(stage.viewers[v].copy.rows()[19].tied);
    stage.check("after a tie below");
}

#[test]
fn g3_ranks_change_with_a_row_above_the_window() {
    for ties in ["shared", "dense"] {
        let mut stage = crowd(10, ties);
        let v = stage.join(ScoreWindow { offset: 3, ..top(3) }, false, false, 0);
        stage.settle();
        // The third comes to the points of the second: nobody in the window moves.
        let now = stage.w.now;
        tell(&mut stage, points("k2", 1.0, now));
        stage.check(ties);
        assert_eq!(stage.viewers[v].copy.rows()[0].rank, if ties == "dense" { 3 } else { 4 });
    }
}

#[test]
fn g3_a_name_that_changes_is_told() {
    let mut stage = crowd(3, "first_to_reach");
    let v = stage.join(top(20), false, false, 0);
    stage.join(top(20), false, true, 0);
    stage.settle();
    let mut named = points("k1", 0.0, stage.w.now);
    named.fields.push(("name".into(), Some(Value::Text("Ann".into()))));
    tell(&mut stage, named);
    assert_eq!(stage.viewers[v].copy.rows()[1].name, "Ann");
    stage.check("after the name");
}

#[test]
fn g4_a_newcomer_does_not_wait_for_the_pace_of_others() {
    let mut stage = crowd(3, "shared");
    stage.join(top(20), false, false, 60_000);
    stage.settle();
    let now = stage.w.now;
    tell(&mut stage, points("k1", 1.0, now));
    tell(&mut stage, points("k1", 1.0, now));
    let late = stage.join(top(20), false, false, 60_000);
    assert_eq!(stage.viewers[late].frames, 1);
    assert_eq!(stage.viewers[late].copy.rows().len(), 3);
    stage.settle();
    stage.check("after the pace");
}

#[test]
fn g4_a_slow_viewer_gets_the_window_whole_when_it_can() {
    let mut stage = crowd(30, "first_to_reach");
    let v = stage.join(top(5), false, false, 0);
    stage.settle();
    stage.net.slow.insert(ViewerId(v as u32));
    let before = stage.viewers[v].frames;
    for i in 0..20 {
        let now = stage.w.now;
        tell(&mut stage, points(&format!("k{i}"), f64::from(i), now));
    }
    assert_eq!(stage.viewers[v].frames, before);
    stage.settle();
    assert_eq!(stage.viewers[v].frames, before + 1);
    stage.check("after the wait");
}

#[test]
fn g5_a_push_that_overtakes_the_answer_is_not_lost() {
    let mut stage = crowd(3, "first_to_reach");
    let v = stage.join(top(5), false, false, 0);
    // The board has made its answer, and then pushes; the push arrives first.
    for ask in std::mem::take(&mut stage.asked) {
        let cursor = stage.w.cursor();
        let answer = stage.w.keeper.follow(&ask.channel, cursor);
        let now = stage.w.now;
        tell(&mut stage, points("k2", 100.0, now));
        let mut out = Vec::new();
        stage.relay.scores_loaded(now, &ask, &answer, &stage.net, &mut out).unwrap();
        stage.take(out);
    }
    assert_eq!(stage.viewers[v].copy.rows()[0].key, "k2");
    assert!(stage.asked.is_empty());
}

#[test]
fn g5_another_life_of_the_boards_memory_is_loaded_anew() {
    let mut stage = crowd(3, "first_to_reach");
    let v = stage.join(top(5), false, false, 0);
    stage.settle();
    stage.w.keeper = stage.w.reborn();
    let now = stage.w.now;
    tell(&mut stage, points("k2", 100.0, now));
    assert_eq!(stage.asked.len(), 1, "the relay asks for everything");
    stage.settle();
    assert_eq!(stage.viewers[v].copy.rows()[0].key, "k2");
    stage.check("in another life");
}

#[test]
fn f13_a_relay_whose_question_failed_asks_again_by_itself_on_a_quiet_board() {
    let mut stage = crowd(3, "first_to_reach");
    let v = stage.join(top(5), false, false, 0);
    // The board can't be reached three times. Nothing happens on it, so no push comes.
    for _ in 0..3 {
        let failed = std::mem::take(&mut stage.asked);
        assert_eq!(failed.len(), 1, "it asks");
        let mut out = Vec::new();
        stage.relay.scores_failed(stage.w.now, &failed[0], &mut out);
        stage.take(out);
        assert!(!stage.relay.is_settled(), "a relay that lacks something does not sleep");
        stage.w.now = stage.w.now.plus(1_000);
        stage.deliver();
    }
    stage.answer();
    stage.deliver();
    assert_eq!(stage.viewers[v].copy.rows().len(), 3);
    assert!(stage.relay.is_settled());
}

#[test]
fn f13_an_answer_that_comes_late_does_not_turn_a_copy_back() {
    let mut stage = crowd(3, "first_to_reach");
    let v = stage.join(top(5), false, false, 0);
    let ask = stage.asked.remove(0);
    let cursor = stage.w.cursor();
    let old = stage.w.keeper.follow(&ask.channel, cursor);
    // The relay asks again before the answer is there, and has the next one first.
    let mut out = Vec::new();
    stage.relay.scores_lost(&mut out);
    stage.take(out);
    let now = stage.w.now;
    tell(&mut stage, points("k2", 100.0, now));
    stage.settle();
    assert_eq!(stage.viewers[v].copy.rows()[0].key, "k2");
    let mut out = Vec::new();
    stage.relay.scores_loaded(now, &ask, &old, &stage.net, &mut out).unwrap();
    stage.relay.scores_failed(now, &ask, &mut out);
    stage.take(out);
    stage.settle();
    assert_eq!(stage.viewers[v].copy.rows()[0].key, "k2");
    stage.check("after the late answer");
}

#[test]
fn f13_what_was_pushed_while_a_question_failed_is_not_lost() {
    let mut stage = crowd(3, "first_to_reach");
    let v = stage.join(top(5), false, false, 0);
    stage.settle();
    // The relay asks anew, hears of a name meanwhile, and its question fails.
    let mut out = Vec::new();
    stage.relay.scores_lost(&mut out);
    stage.take(out);
    let mut named = points("k1", 0.0, stage.w.now);
    named.fields.push(("name".into(), Some(Value::Text("Ann".into()))));
    tell(&mut stage, named);
    let failed = std::mem::take(&mut stage.asked);
    let mut out = Vec::new();
    failed.iter().for_each(|c| stage.relay.scores_failed(stage.w.now, c, &mut out));
    stage.take(out);
    stage.settle();
    assert_eq!(stage.viewers[v].copy.rows()[1].name, "Ann");
    stage.check("after the question failed");
}

#[test]
fn g6_a_freeze_hides_what_comes_after_it_from_all_but_managers() {
    let mut stage = crowd(3, "first_to_reach");
    let session = stage.w.create(Schedule::default());
    let open = stage.w.now.plus(1);
    stage.w.wait(1);
    assert!(stage.w.act(&session, SessionAction::Open, open));
    let all = || ScoreWindow { session: Some("all".into()), ..top(5) };
    let public = stage.join(all(), false, false, 0);
    let manager = stage.join(all(), true, false, 0);
    stage.settle();
    stage.w.wait(10);
    assert!(stage.w.act(&session, SessionAction::Freeze, stage.w.now));
    stage.settle();
    let now = stage.w.now.plus(1);
    stage.w.wait(1);
    tell(&mut stage, points("k2", 100.0, now));
    stage.settle();
    let first = |stage: &Stage, v: usize| stage.viewers[v].copy.rows()[0].key.clone();
    assert_eq!((first(&stage, public), first(&stage, manager)), ("k0".into(), "k2".into()));
    assert_eq!(stage.viewers[public].copy.about()["frozen"], true);
    // An event from before the freeze is everybody's, however late it comes.
    tell(&mut stage, points("k1", 10.0, open));
    assert_eq!(first(&stage, public), "k1");
    stage.w.wait(1);
    assert!(stage.w.act(&session, SessionAction::Close, stage.w.now));
    stage.settle();
    assert_eq!(first(&stage, public), "k1");
    // Step by step, the last row first; a row that was revealed shows what it has.
    let mut shown = Vec::new();
    while stage.viewers[public].copy.about()["frozen"] == true {
        assert!(stage.w.act(&session, SessionAction::RevealStep, stage.w.now));
        stage.settle();
        shown.push(first(&stage, public));
        stage.check("while it is revealed");
    }
    assert_eq!(first(&stage, public), "k2");
    assert!(shown.len() > 1);
}
