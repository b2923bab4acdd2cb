use super::*;
use proptest::prelude::*;

fn rule(ties: Ties) -> RankRule {
    RankRule { directions: vec![Direction::Desc, Direction::Asc], ties }
}

/// Keys with their standings.
type Rows = Vec<(String, Option<(Vec<Points>, Reached)>)>;

/// What the ranks are by definition.
fn naive(rows: &Rows, ties: Ties) -> Vec<(String, u32, u32, bool)> {
    let mut ranked: Vec<(&String, &Vec<Points>, Reached)> =
        rows.iter().filter_map(|(k, s)| s.as_ref().map(|(v, r)| (k, v, *r))).collect();
    ranked.sort_by(|a, b| {
        let values = (b.1[0], a.1[1]).cmp(&(a.1[0], b.1[1]));
        let by_time = if ties == Ties::FirstToReach { a.2.cmp(&b.2) } else { Ordering::Equal };
        values.then(by_time).then(a.0.cmp(b.0))
    });
    ranked
        .iter()
        .enumerate()
        .map(|(i, (key, values, _))| {
            let first = ranked.iter().position(|r| r.1 == *values).unwrap();
            let mut distinct: Vec<_> = ranked[..=i].iter().map(|r| r.1).collect();
            distinct.dedup();
            let rank = match ties {
                Ties::FirstToReach => i + 1,
                Ties::Shared => first + 1,
                Ties::Dense => distinct.len(),
            };
            let tied = ranked.iter().filter(|r| r.1 == *values).count() > 1;
            ((*key).clone(), i as u32 + 1, rank as u32, tied)
        })
        .collect()
}

proptest! {
    #[test]
    fn every_rank_is_what_a_sorted_list_says(
        steps in prop::collection::vec((0_usize..20, prop::option::of((0_i64..4, 0_i64..3, 0_i64..5))), 1..120),
        ties in prop::sample::select(vec![Ties::FirstToReach, Ties::Shared, Ties::Dense]),
        from in 0_u32..25,
        count in 0_u32..25,
    ) {
        let mut ranking = Ranking::new(rule(ties));
        let mut model = Rows::new();
        for (seq, (key, standing)) in steps.into_iter().enumerate() {
            let key = format!("k{key}");
            let standing = standing.map(|(a, b, t)| (vec![Points(a), Points(b)], Reached(Millis(t), seq as u64)));
            let id = ranking.row(&key);
            ranking.set(id, standing.as_ref().map(|(v, r)| (v.as_slice(), *r)));
            model.retain(|(k, _)| *k != key);
            model.push((key, standing));
        }
        let expected = naive(&model, ties);
        let page: Vec<_> = ranking.page(0, 100).iter().map(|p| (p.key.to_owned(), p.position, p.rank, p.tied)).collect();
        prop_assert_eq!(&page, &expected);
        let part: Vec<_> =
            ranking.page(from, count).iter().map(|p| (p.key.to_owned(), p.position, p.rank, p.tied)).collect();
        let slice: Vec<_> = expected.iter().skip(from as usize).take(count as usize).cloned().collect();
        prop_assert_eq!(part, slice);
        for (key, position, rank, _) in &expected {
            let id = ranking.find(key).unwrap();
            prop_assert_eq!(ranking.place(id), Some(position - 1));
            prop_assert_eq!(ranking.rank_at(position - 1), *rank);
            let (start, n) = ranking.around(key, 2).unwrap();
            prop_assert!(start < *position && *position <= start + n && n <= 5);
        }
    }
}

#[test]
fn the_first_of_five_is_ahead_of_all_others() {
    let mut ranking = Ranking::new(rule(Ties::Shared));
    for i in 0..5 {
        let id = ranking.row(&format!("k{i}"));
        ranking.set(id, Some((&[Points(10 - i), Points(0)], Reached::default())));
    }
    assert_eq!(ranking.percentile("k0"), Some(1.0));
    assert_eq!(ranking.percentile("k4"), Some(0.0));
    assert_eq!(ranking.percentile("k1"), Some(0.75));
    assert_eq!(ranking.percentile("nobody"), None);
}
