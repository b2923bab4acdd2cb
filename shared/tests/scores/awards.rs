//! Who is told of awards, and when.

use crate::world::World;
use crate::zones::Iana;
use heliograph_shared::cursor::Cursor;
use heliograph_shared::past::At;
use heliograph_shared::scores::award::AwardRule;
use heliograph_shared::scores::channel::Channel;
use heliograph_shared::scores::keeper::{Keeper, Settings};
use heliograph_shared::scores::session::{Schedule, SessionAction};

fn awards() -> Vec<AwardRule> {
    serde_json::from_value(serde_json::json!([
        {"id": "gold-medal", "ranks": [1, 4]},
        {"id": "winner", "citation": "Champions", "keys": ["t7"]},
    ]))
    .unwrap()
}

/// A board with these awards and no events.
fn world() -> World {
    let rules =
        serde_json::json!({"columns": [{"name": "points", "op": "sum", "field": "points"}], "groups": ["country"]});
    let mut w = World::new(serde_json::from_value(rules).unwrap(), 3);
    w.ends = false;
    let settings = Settings { awards: awards(), ..w.keeper.settings().clone() };
    assert!(!w.keeper.configure(settings), "awards are no rules: nothing is counted again");
    w
}

/// The ids that are told.
fn told(keeper: &Keeper, cursor: Cursor, live: bool, group: Option<&str>) -> Vec<String> {
    let channel = Channel { session: Some("all".into()), group: group.map(Into::into), live, ..Channel::default() };
    let about = keeper.about(&channel, cursor);
    about["awards"].as_array().into_iter().flatten().map(|award| award["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn who_gets_an_award_by_name_is_told_when_nothing_is_hidden_any_more() {
    let mut w = world();
    let session = w.create(Schedule::default());
    let all = ["gold-medal", "winner"];
    let start = w.now;
    assert!(w.act(&session, SessionAction::Open, start));
    assert_eq!(told(&w.keeper, w.cursor(), false, None), ["gold-medal"], "while it runs");
    assert_eq!(told(&w.keeper, w.cursor(), true, None), all, "managers");
    for action in [SessionAction::Freeze, SessionAction::Close] {
        w.wait(1_000);
        let now = w.now;
        assert!(w.act(&session, action, now));
        w.rebuild();
        assert_eq!(told(&w.keeper, w.cursor(), false, None), ["gold-medal"], "{action:?}");
        assert_eq!(told(&w.keeper, w.cursor(), true, None), all, "managers");
        // The past knows of no freeze; what it hides is hidden in it too.
        let past = |live| w.keeper.past(At::Time(start), start, live, &Iana).finish();
        assert_eq!(told(&past(false), w.cursor(), false, None), ["gold-medal"], "{action:?}");
        assert_eq!(told(&past(true), w.cursor(), true, None), all);
    }
    w.wait(1_000);
    let now = w.now;
    assert!(w.act(&session, SessionAction::Reveal, now));
    w.rebuild();
    assert_eq!(told(&w.keeper, w.cursor(), false, None), all);
}

#[test]
fn awards_by_rank_belong_to_the_ranking_over_all() {
    let w = world();
    assert_eq!(told(&w.keeper, w.cursor(), false, None), ["gold-medal", "winner"]);
    assert_eq!(told(&w.keeper, w.cursor(), false, Some("country:DE")), ["winner"]);
}
