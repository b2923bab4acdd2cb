//! Whatever is erased, whenever it is and whatever is cut off: the series of that key are gone up to then, and nobody
//! else's change.

use super::*;
use crate::erase::Mask;
use crate::erase::{Beginning, Erase};
use crate::rollups::{ErasedSeries, erase_names};

#[derive(Clone, Debug)]
enum Act {
    Usual(Deed),
    Erase(u8),
    Slice,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => deed().prop_map(Act::Usual),
        1 => (0..5u8).prop_map(Act::Erase),
        1 => Just(Act::Slice),
    ]
}

fn erase(disk: &mut Disk, rollups: &mut Rollups, key: &str) -> ErasedSeries {
    for part in rollups.waiting_of_board() {
        disk.flush(rollups, part);
    }
    let gone = rollups.erase(key);
    for row in &mut disk.names {
        if let Some(new) = erase_names(row, key).unwrap() {
            *row = new;
        }
    }
    let begin = Beginning { upto: disk.head(), ..Beginning::default() };
    let mask = Mask::of([&Erase::new(key.to_owned(), String::new(), Millis(0), begin)]);
    for (first, row) in &mut disk.log {
        if let Some(new) = mask.row(*first, row).unwrap() {
            *row = new;
        }
    }
    gone
}

/// Cleans one row that has cells of erased series; whether there was one.
fn slice(disk: &mut Disk, gone: &ErasedSeries) -> bool {
    for (first, last) in gone.ranges() {
        let dirty = disk
            .rows
            .range(first..=last)
            .find_map(|(n, row)| Some((*n, gone.without(BlockId::from_number(*n).unwrap(), row).unwrap()?)));
        if let Some((n, left)) = dirty {
            if left.is_empty() {
                disk.rows.remove(&n)
            } else {
                disk.rows.insert(n, left)
            };
            return true;
        }
    }
    false
}

proptest! {
    #[test]
    fn what_is_erased_is_gone_from_the_series_and_nothing_else_is(acts in prop::collection::vec(act(), 1..50)) {
        let (mut disk, mut rollups) = (Disk::default(), Rollups::default());
        rollups.configure(&quantiles());
        let mut gone = ErasedSeries::default();
        let (mut all, mut left): (Vec<Event>, Vec<Event>) = (Vec::new(), Vec::new());
        for act in acts {
            match act {
                Act::Usual(Deed::Events(list)) => {
                    let events: Vec<Event> =
                        list.iter().map(|(k, at, f, v)| event(*k, *at, *f, f64::from(*v) / 8.0)).collect();
                    let (first, row) = disk.append(&events);
                    rollups.apply(&Batch::decode(&row).unwrap(), first);
                    all.extend(events.clone());
                    left.extend(events);
                }
                Act::Usual(Deed::Flush(n)) if !rollups.waiting.is_empty() => {
                    let part = rollups.waiting[usize::from(n) % rollups.waiting.len()].part;
                    disk.flush(&mut rollups, part);
                }
                Act::Usual(Deed::Flush(_)) => {}
                Act::Usual(Deed::NoteFloor) => disk.floor = rollups.floor_without(&[]),
                Act::Usual(Deed::Restart) => rollups = disk.load(),
                Act::Erase(key) => {
                    gone.also(erase(&mut disk, &mut rollups, &format!("v{key}")));
                    left.retain(|e| e.key != format!("v{key}"));
                }
                Act::Slice => drop(slice(&mut disk, &gone)),
            }
        }
        let rules = RollupRules::default();
        let scope = answer::Scope { sees_all: true, allowed: &|_| true, text: &|_, _| None };
        let check = |rollups: &Rollups, disk: &Disk| {
            for step in Step::ALL {
                let q = query(step);
                let count = |of: &[Event], key: Option<&str>| {
                    let range = q.from.unwrap()..q.to.unwrap();
                    of.iter().filter(|e| range.contains(&e.time) && key.is_none_or(|k| e.key == k)).count() as u64
                };
                for key in 0..5u8 {
                    let key = format!("v{key}");
                    let got = rollups.series_of_item(&key, &q, &rules, CURSOR, disk).unwrap();
                    prop_assert_eq!(got.points.iter().map(|p| p.count).sum::<u64>(), count(&left, Some(&key)));
                    let has = |f: &str| left.iter().any(|e| e.key == key && e.fields.iter().any(|(n, _)| n == f));
                    for field in ["f0", "f1", "f2"] {
                        prop_assert_eq!(rollups.find(Some(&key), field).is_some(), has(field));
                    }
                }
                // What was added up over the board stays, erased or not.
                let whole = rollups.series_of_board(&q, &rules, CURSOR, &scope, disk).unwrap();
                prop_assert_eq!(whole.groups[0].points.iter().map(|p| p.count).sum::<u64>(), count(&all, None));
                let mut by_key = q.clone();
                by_key.group_by = Some("key".into());
                let by_key = rollups.series_of_board(&by_key, &rules, CURSOR, &scope, disk).unwrap();
                let sum = by_key.groups.iter().flat_map(|g| &g.points).map(|p| p.count).sum::<u64>();
                prop_assert_eq!(sum, count(&left, None));
            }
            Ok(())
        };
        check(&rollups, &disk)?;
        while slice(&mut disk, &gone) {}
        check(&rollups, &disk)?;
        let rollups = disk.load();
        check(&rollups, &disk)?;
        for (n, row) in &disk.rows {
            prop_assert_eq!(gone.without(BlockId::from_number(*n).unwrap(), row).unwrap(), None);
        }
    }
}
