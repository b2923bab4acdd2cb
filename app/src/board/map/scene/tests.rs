use super::*;
use crate::board::map::scene::mercator::unit_from_degrees;

const AUSTIN: (f64, f64) = (30.2672, -97.7431);

fn update(id: u32, lat: f64, lon: f64, time: i32) -> Update {
    Update { id, tag: id, lat, lon, heading: None, time, rule: None }
}

fn camera(zoom: f64) -> Projector {
    let world = 512.0 * f64::exp2(zoom);
    let (x, y) = unit_from_degrees(AUSTIN.0, AUSTIN.1);
    let (sx, sy) = (2.0 * world / 800.0, -2.0 * world / 600.0);
    let matrix = [sx, 0.0, 0.0, 0.0, 0.0, sy, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, -sx * x, -sy * y, 0.0, 1.0];
    Projector::new(&matrix, AUSTIN, (800.0, 600.0), zoom)
}

/// The flags of the records that are drawn, those of the marked copies last.
fn flags(scene: &mut Scene, now: i32) -> Vec<u16> {
    scene.settle(&camera(20.0), now);
    scene.mark_all();
    let mut all = Vec::new();
    scene.drain_uploads(|_, bytes| {
        all.extend(bytes.chunks_exact(RECORD_BYTES).map(|record| u16::from_le_bytes([record[22], record[23]])));
    });
    all
}

#[test]
fn an_item_looks_as_its_rule_says_and_stands_out_as_before() {
    let mut scene = Scene::new(None);
    let looks = [record::look_code(4, 1), record::look_code(2, 3)];
    scene.set_looks(&looks);
    let at = |id: u32, rule| Update { rule, ..update(id, AUSTIN.0, AUSTIN.1 + f64::from(id) * 1e-5, 0) };
    for (id, rule) in [(1, Some(0)), (2, Some(1)), (3, None), (4, Some(0))] {
        scene.upsert(0, &at(id, rule));
    }
    assert_eq!(scene.counts(), [2, 1, 1]);
    let mut plain = flags(&mut scene, 0);
    plain.sort_unstable();
    let mut expected = [0, looks[0], looks[0], looks[1]];
    expected.sort_unstable();
    assert_eq!(plain, expected);

    scene.dim_unless(|id| id == 1);
    scene.set_marks(None, Some(4));
    let dimmed = flags(&mut scene, 0);
    assert!(dimmed.contains(&(looks[1] | DIMMED)) && dimmed.contains(&looks[0]) && dimmed.contains(&DIMMED));
    assert_eq!(dimmed.last(), Some(&(looks[0] | SELECTED)));

    // It becomes another, without having moved.
    scene.upsert(10, &at(4, Some(1)));
    assert_eq!(flags(&mut scene, 10).last(), Some(&(looks[1] | SELECTED)));
    assert_eq!(scene.counts(), [1, 2, 1]);
    scene.remove(2);
    scene.remove(3);
    assert_eq!(scene.counts(), [1, 1, 0]);
}

#[test]
fn what_is_cleared_is_drawn_no_more_and_counted_anew() {
    let mut scene = Scene::new(None);
    scene.set_looks(&[record::look_code(4, 1)]);
    for step in 0..3 {
        let at = update(1, AUSTIN.0 + f64::from(step) * 0.001, AUSTIN.1, step * 1_000);
        scene.upsert(step * 1_000, &Update { rule: Some(0), ..at });
    }
    assert_eq!((scene.trail.len(), scene.counts(), scene.is_moving(2_100)), (2, vec![1, 0], true));
    scene.clear();
    assert_eq!((scene.trail.len(), scene.counts(), scene.is_moving(2_100)), (0, vec![0, 0], false));
    assert!(scene.is_empty() && flags(&mut scene, 2_100).is_empty());
    // It begins where it is put, without a way from where it was.
    scene.upsert(2_200, &update(1, AUSTIN.0, AUSTIN.1, 0));
    assert_eq!((scene.counts(), scene.is_moving(2_200), flags(&mut scene, 2_200).len()), (vec![0, 1], false, 1));
}

/// Items beside each other, all in view of `camera(20.0)` and none over another.
fn row(count: u32) -> Scene {
    let mut scene = Scene::new(None);
    for id in 0..count {
        scene.upsert(0, &update(id, AUSTIN.0, AUSTIN.1 + (f64::from(id) - f64::from(count) / 2.0) * 1e-5, 0));
    }
    scene
}

fn uploads(scene: &mut Scene, now: i32) -> (usize, Vec<(usize, usize)>) {
    scene.settle(&camera(20.0), now);
    let mut runs = Vec::new();
    let drawn = scene.drain_uploads(|offset, bytes| runs.push((offset / RECORD_BYTES, bytes.len() / RECORD_BYTES)));
    (drawn.items + drawn.marks, runs)
}

#[test]
fn a_mark_glides_from_where_it_is_to_where_the_news_puts_it() {
    let mut scene = Scene::new(None);
    scene.upsert(0, &update(1, AUSTIN.0, AUSTIN.1, 0));
    scene.upsert(1_000, &update(1, AUSTIN.0 + 0.001, AUSTIN.1, 1_000));
    let (start, end) = (scene.place(1, 1_000).unwrap(), scene.place(1, 2_000).unwrap());
    assert_eq!(start, Fixed::from_degrees(AUSTIN.0, AUSTIN.1));
    assert_eq!(end, Fixed::from_degrees(AUSTIN.0 + 0.001, AUSTIN.1));
    let middle = scene.place(1, 1_500).unwrap();
    assert!(middle.y < start.y && middle.y > end.y);
    assert!(scene.is_moving(1_500) && !scene.is_moving(2_000));
    scene.upsert(1_500, &update(1, AUSTIN.0 + 0.002, AUSTIN.1, 2_000));
    assert_eq!(scene.place(1, 1_500).unwrap(), middle, "news in the middle of a glide must not make it jump");
}

#[test]
fn a_jump_snaps_and_leaves_no_line() {
    let mut scene = Scene::new(Some(50.0));
    scene.upsert(0, &update(1, AUSTIN.0, AUSTIN.1, 0));
    scene.upsert(1_000, &update(1, AUSTIN.0 + 1.0, AUSTIN.1, 1_000));
    assert_eq!(scene.place(1, 1_000).unwrap(), Fixed::from_degrees(AUSTIN.0 + 1.0, AUSTIN.1));
    assert!(!scene.is_moving(1_000));
    assert_eq!(scene.trail.len(), 0);
}

#[test]
fn reduced_motion_always_snaps_but_keeps_the_line() {
    let mut scene = Scene::new(None);
    scene.set_still(true);
    scene.upsert(0, &update(1, AUSTIN.0, AUSTIN.1, 0));
    scene.upsert(1_000, &update(1, AUSTIN.0 + 0.001, AUSTIN.1, 1_000));
    assert_eq!(scene.place(1, 1_000).unwrap(), Fixed::from_degrees(AUSTIN.0 + 0.001, AUSTIN.1));
    assert!(!scene.is_moving(1_000));
    assert_eq!(scene.trail.len(), 1);
}

#[test]
fn a_heading_comes_from_the_event_or_from_moving_far_enough() {
    let mut scene = Scene::new(None);
    scene.upsert(0, &update(1, AUSTIN.0, AUSTIN.1, 0));
    assert_eq!(scene.slots[0].record.heading_to, NO_HEADING);
    scene.upsert(1_000, &update(1, AUSTIN.0, AUSTIN.1 + 0.000_01, 1_000));
    assert_eq!(scene.slots[0].record.heading_to, NO_HEADING, "one metre is noise");
    scene.upsert(2_000, &update(1, AUSTIN.0, AUSTIN.1 + 0.01, 2_000));
    assert!((8_990..9_010).contains(&scene.slots[0].record.heading_to));
    scene.upsert(3_000, &Update { heading: Some(-90.0), ..update(1, AUSTIN.0, AUSTIN.1 + 0.01, 3_000) });
    assert_eq!(scene.slots[0].record.heading_to, 27_000);
    scene.upsert(4_000, &update(1, AUSTIN.0, AUSTIN.1 + 0.01, 4_000));
    assert_eq!(scene.slots[0].record.heading_to, 27_000, "a parked bus keeps facing its way");
}

#[test]
fn only_changed_items_are_uploaded() {
    let mut scene = row(40);
    assert_eq!(uploads(&mut scene, 0), (40, vec![(0, 40)]));
    assert_eq!(uploads(&mut scene, 50), (40, vec![]));
    scene.upsert(100, &update(7, AUSTIN.0 + 1e-5, AUSTIN.1, 100));
    scene.upsert(100, &update(39, AUSTIN.0 + 1e-5, AUSTIN.1, 100));
    assert_eq!(uploads(&mut scene, 100), (40, vec![(7, 1), (39, 1)]));
    assert_eq!(scene.next_frame_in(100), Some(0), "they glide");
}

#[test]
fn marks_are_copies_at_the_end_so_that_they_lie_on_top() {
    let mut scene = row(5);
    scene.set_marks(Some(1), Some(3));
    assert_eq!(uploads(&mut scene, 0), (7, vec![(0, 5), (5, 2)]));
    assert_eq!(uploads(&mut scene, 0), (7, vec![]));
    scene.set_marks(None, Some(3));
    assert_eq!(uploads(&mut scene, 0), (6, vec![(5, 1)]));
    scene.remove(0);
    let (drawn, runs) = uploads(&mut scene, 0);
    assert_eq!(drawn, 5);
    assert!(runs.contains(&(4, 1)), "the mark moves down with the end: {runs:?}");
}

#[test]
fn who_is_drawn_follows_the_camera_and_what_ends() {
    let mut scene = row(10);
    assert_eq!(uploads(&mut scene, 0).0, 10);
    scene.settle(&camera(4.0), 0);
    assert_eq!((scene.drawn(), scene.positions().count()), (1, 10), "from far away they are one");
    scene.remove(9);
    assert_eq!(uploads(&mut scene, 0).0, 9);
    assert_eq!(scene.next_frame_in(0), None, "nothing moves");
}

#[test]
fn a_gpu_that_lost_everything_gets_everything_again() {
    let mut scene = row(3);
    scene.trail.push(Segment { tag: 1, ..Segment::default() });
    assert_eq!(uploads(&mut scene, 0).1, [(0, 3)]);
    assert_eq!(uploads(&mut scene, 0).1, []);
    scene.start_over();
    assert!(scene.settle(&camera(20.0), 0), "the selected item's line is made again, too");
    assert_eq!(uploads(&mut scene, 0).1, [(0, 3)]);
    let mut lines = 0;
    scene.trail.drain_uploads(|_, bytes| lines += bytes.len());
    assert_eq!(lines, RECORD_BYTES);
}

#[test]
fn an_item_that_moves_out_of_view_costs_no_frames() {
    let mut scene = row(3);
    uploads(&mut scene, 0);
    scene.upsert(1_000, &update(1, AUSTIN.0 + 0.01, AUSTIN.1, 1_000));
    uploads(&mut scene, 5_000);
    assert_eq!(scene.drawn(), 2);
    scene.upsert(6_000, &update(1, AUSTIN.0 + 0.02, AUSTIN.1, 6_000));
    assert_eq!(scene.next_frame_in(5_100), Some(150), "who is drawn is to be chosen anew, once and not yet");
    assert_eq!(scene.next_frame_in(6_000), Some(0));
    uploads(&mut scene, 6_300);
    assert!(scene.next_frame_in(6_300).is_none() && scene.is_moving(6_300));
    // But for the selected one, which has a copy of its own.
    scene.set_marks(None, Some(1));
    assert!(scene.settle(&camera(20.0), 6_310) && scene.next_frame_in(6_310) == Some(0));
    scene.upsert(9_000, &update(1, AUSTIN.0 + 0.03, AUSTIN.1, 9_000));
    assert_eq!(scene.next_frame_in(9_000), Some(0));
}

#[test]
fn removing_keeps_the_others_reachable() {
    let mut scene = Scene::new(None);
    for id in 0..4 {
        scene.upsert(0, &update(id, AUSTIN.0 + f64::from(id), AUSTIN.1, 0));
    }
    scene.remove(1);
    scene.remove(99);
    assert_eq!(scene.positions().count(), 3);
    assert_eq!(scene.place(3, 0), Some(Fixed::from_degrees(AUSTIN.0 + 3.0, AUSTIN.1)));
    assert!(scene.place(1, 0).is_none());
    for id in [0, 2, 3] {
        scene.remove(id);
    }
    assert!(scene.is_empty());
}

#[test]
fn picking_finds_the_nearest_within_reach_and_skips_the_dimmed() {
    let mut scene = Scene::new(None);
    scene.upsert(0, &update(1, AUSTIN.0, AUSTIN.1, 0));
    scene.upsert(0, &update(2, AUSTIN.0, AUSTIN.1 + 0.001, 0));
    let camera = camera(14.0);
    assert_eq!(scene.pick(&camera, 0, (402.0, 301.0), 12.0), Some(1));
    assert_eq!(scene.pick(&camera, 0, (200.0, 200.0), 12.0), None);
    scene.dim_unless(|id| id == 2);
    assert_eq!(scene.pick(&camera, 0, (402.0, 301.0), 12.0), None);
    assert_eq!(scene.count_visible(&camera, 0), 2);
}

#[test]
fn the_record_is_pinned_because_the_shader_reads_it() {
    let record = Record {
        from: Fixed { x: 1, y: 2 },
        to: Fixed { x: -1, y: 4 },
        start: 5,
        glide: 6,
        flags: 2,
        heading_from: 9_000,
        heading_to: NO_HEADING,
        seen: -8,
    };
    let words: Vec<i32> = record.to_bytes().chunks(4).map(|b| i32::from_le_bytes(b.try_into().unwrap())).collect();
    assert_eq!(words, [1, 2, -1, 4, 5, 6 | 2 << 16, (9_000 | 0xffff << 16) as u32 as i32, -8]);
}

mod together {
    use heliograph_shared::density::Density;

    use super::*;

    /// Three in one place, one far enough away to be alone at zoom 12.
    fn four(density: Density) -> Scene {
        let mut scene = Scene::new(None);
        scene.set_looks(&[record::look_code(4, 1), record::look_code(2, 3)]);
        for (id, east, rule) in [(1, 0.0, None), (2, 1e-5, Some(1)), (3, 2e-5, Some(0)), (4, 0.06, None)] {
            scene.upsert(0, &Update { rule, ..update(id, AUSTIN.0, AUSTIN.1 + east, 0) });
        }
        scene.set_density(density);
        scene.settle(&camera(12.0), 0);
        scene
    }

    fn counts(scene: &Scene) -> Vec<(u32, Option<usize>)> {
        scene.bins().map(|bin| (bin.count, bin.worst)).collect()
    }

    #[test]
    fn who_lies_together_is_one_disc_and_who_is_alone_keeps_the_mark() {
        let mut scene = four(Density::Clusters);
        assert_eq!(counts(&scene), [(3, Some(0))]);
        assert_eq!((scene.drawn(), scene.has_lines()), (1, false));
        assert_eq!(scene.take_bins().map(<[u8]>::len), Some(RECORD_BYTES));
        assert_eq!(scene.take_bins(), None, "nothing changed");
        // Its look is that of the worst.
        let flags = scene.bins().next().unwrap().record.flags;
        assert_eq!((flags & LOOK, flags & bins::HAS_WORST), (record::look_code(4, 1), bins::HAS_WORST));

        let cell = scene.bins().next().unwrap().cell;
        assert!(scene.choose_bin(Some(cell)) && !scene.choose_bin(Some(cell)) && scene.take_bins().is_some());
        assert_eq!(scene.members(cell).len(), 3);
        scene.set_density(Density::Marks);
        scene.settle(&camera(12.0), 0);
        assert_eq!((counts(&scene), scene.grid(), scene.has_lines()), (vec![], None, true));
    }

    #[test]
    fn only_what_is_drawn_is_under_the_pointer() {
        let scene = four(Density::Clusters);
        let view = camera(12.0);
        let disc = view.screen_from_fixed(scene.bins().next().unwrap().record.to).unwrap();
        let alone = view.screen_from_fixed(scene.place(4, 0).unwrap()).unwrap();
        let cell = scene.bins().next().unwrap().cell;
        assert_eq!(scene.pick_bin(&view, 0, (disc.0 + 12.0, disc.1), 0.0), Some(cell));
        assert_eq!(scene.pick_bin(&view, 0, alone, 8.0), None);
        assert_eq!((scene.pick(&view, 0, disc, 14.0), scene.pick(&view, 0, alone, 14.0)), (None, Some(4)));
        let hexes = four(Density::Hex);
        assert_eq!((hexes.pick(&view, 0, alone, 14.0), hexes.pick_bin(&view, 0, alone, 0.0).is_some()), (None, true));
    }

    #[test]
    fn who_matches_no_search_is_not_counted() {
        let mut scene = four(Density::Clusters);
        scene.dim_unless(|id| id > 2);
        scene.settle(&camera(12.0), 0);
        assert_eq!((counts(&scene), scene.drawn()), (vec![], 2));
        scene.dim_unless(|_| true);
        scene.settle(&camera(12.0), 0);
        assert_eq!(counts(&scene), [(3, Some(0))]);
    }

    #[test]
    fn news_within_a_cluster_draw_no_frames_and_who_leaves_it_gets_a_mark() {
        let mut scene = four(Density::Clusters);
        scene.take_bins();
        scene.upsert(1_000, &Update { rule: Some(0), ..update(3, AUSTIN.0, AUSTIN.1 + 3e-5, 1_000) });
        scene.settle(&camera(12.0), 1_300);
        assert!(scene.is_moving(1_300) && scene.next_frame_in(1_300).is_none());
        assert_eq!(scene.take_bins(), None);
        scene.upsert(2_000, &Update { rule: Some(0), ..update(3, AUSTIN.0 + 0.02, AUSTIN.1, 2_000) });
        scene.settle(&camera(12.0), 2_300);
        assert_eq!((counts(&scene), scene.drawn(), scene.next_frame_in(2_300)), (vec![(2, Some(1))], 2, Some(0)));
    }

    #[test]
    fn of_spots_the_hottest_is_drawn_last() {
        let mut scene = four(Density::Heat);
        assert_eq!(counts(&scene).iter().map(|(count, _)| count).sum::<u32>(), 4);
        assert_eq!((scene.drawn(), scene.has_lines()), (0, false));
        let steps: Vec<u8> = scene.take_bins().unwrap().chunks_exact(RECORD_BYTES).map(|record| record[28]).collect();
        assert!(steps.is_sorted() && steps.last() > steps.first(), "{steps:?}");
    }

    #[test]
    fn a_hexagon_counts_also_one() {
        let mut scene = four(Density::Hex);
        assert_eq!(counts(&scene).iter().map(|(count, _)| count).sum::<u32>(), 4);
        assert_eq!(scene.drawn(), 0);
        let steps: Vec<i32> = scene.take_bins().unwrap().chunks_exact(RECORD_BYTES).map(|b| i32::from(b[28])).collect();
        assert!(steps.contains(&2) && steps.contains(&0), "{steps:?}");
    }
}
