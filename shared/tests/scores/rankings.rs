//! Counting event by event gives what counting the whole log gives, and both give what the rules say.

use crate::chance;
use crate::dice::Dice;
use crate::model::{Model, Ranked, Scope};
use crate::world::World;
use crate::zones::Iana;
use heliograph_shared::scores::book;
use heliograph_shared::scores::keeper::Keeper;
use heliograph_shared::scores::rule::TimeWindow;

/// A ranking as the keeper has it.
fn kept(keeper: &Keeper, scope: &Scope, live: bool) -> Vec<Ranked> {
    let (session, group) = scope;
    let group = group.as_ref().map(|(g, v)| (*g as u8, v.as_str().into()));
    let scope = book::Scope { session: session.map(|s| s as u16), group };
    let Some(ranked) = keeper.board().unwrap().ranked(&scope, live) else { return Vec::new() };
    let page = ranked.ranking.page(0, u32::MAX);
    page.iter()
        .map(|p| Ranked {
            key: p.key.to_owned(),
            position: p.position,
            rank: p.rank,
            tied: p.tied,
            values: p.values.iter().map(|v| v.0).collect(),
            reached: Some((p.reached.0, p.reached.1)).filter(|r| r.0.0 != i64::MAX),
        })
        .collect()
}

/// Compares every ranking of both audiences.
fn compare(w: &World, context: &str) {
    let model = Model::new(&w.log, w.rules(), w.now, &Iana);
    let reborn = w.reborn();
    for scope in model.scopes() {
        for live in [true, false] {
            let expected = model.ranking(&scope, live);
            let audience = if live { "live" } else { "public" };
            let what = format!("{context}: {scope:?} {audience}, rules {:?}", w.rules());
            assert_eq!(kept(&reborn, &scope, live), expected, "from the log, {what}");
            assert_eq!(kept(&w.keeper, &scope, live), expected, "event by event, {what}");
            for row in &expected {
                let known = |k: &Keeper| k.board().unwrap().attributes(&row.key).and_then(|a| a.name.clone());
                let name = Model::name(&w.log, w.rules(), &row.key);
                assert_eq!(known(&w.keeper).as_deref(), name.as_deref(), "{what}");
                assert_eq!(known(&reborn).as_deref(), name.as_deref(), "{what}");
            }
        }
    }
    // Events of a time that is gone are not known one by one: undoing one does not change their number.
    if w.rules().window == TimeWindow::All {
        for i in 0..w.made as u16 {
            assert_eq!(w.keeper.session_json(i, true), reborn.session_json(i, true), "{context}");
        }
    }
}

/// One board's life.
fn run(seed: u64, steps: usize) {
    let mut dice = Dice::new(seed);
    let rules = chance::rules(&mut dice);
    let mut w = World::new(rules, seed);
    for step in 0..steps {
        let context = format!("seed {seed}, step {step}");
        let events: Vec<_> = (0..w.dice.below(5)).map(|_| chance::event(&mut w.dice, w.now)).collect();
        if !events.is_empty() {
            w.events(&events);
        }
        if w.dice.chance(60) {
            chance::manage(&mut w);
        }
        if w.dice.chance(4) {
            let other = chance::rules(&mut w.dice);
            let before = w.rules().clone();
            w.configure(other.clone());
            if other != before {
                assert_eq!(w.rules(), &before, "the old ranking stays up");
            }
        }
        if w.keeper.rebuilt_upto().is_some() {
            let rows = w.dice.below(6);
            w.feed(rows);
        }
        let pause = *w.dice.pick(&[0, 300, 1_000, 20_000, 700_000, 13_000_000, 90_000_000]);
        w.wait(pause);
        if w.keeper.rebuilt_upto().is_none() && (w.dice.chance(30) || step + 1 == steps) {
            compare(&w, &context);
        }
    }
    w.rebuild();
    compare(&w, &format!("seed {seed}, at the end"));
}

#[test]
fn g1_every_rank_of_every_ranking_is_what_the_log_says() {
    for seed in 0..400 {
        run(seed, 60);
    }
}
