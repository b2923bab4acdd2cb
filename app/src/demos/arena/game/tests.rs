use super::*;

fn play(seed: u64, mut input: impl FnMut(&Game) -> Input) -> (Game, Vec<Happening>) {
    let mut game = Game::new(seed);
    let mut out = Vec::new();
    let mut frames = 0;
    while !game.is_over() {
        let now = input(&game);
        game.advance(now, 1.0 / 60.0, &mut out);
        frames += 1;
        assert!(frames < 10_000, "a run ends");
        assert!((MIRROR..=WIDTH - MIRROR).contains(&game.x));
    }
    (game, out)
}

/// Goes for the lowest ray as near as the rocks allow.
fn careful(game: &Game) -> Input {
    let falling = |kind| game.things.iter().filter(move |t| t.kind == kind && t.y < MIRROR_Y + 5.0);
    let is_safe =
        |x: f64| falling(Kind::Rock).all(|r| r.y < MIRROR_Y - r.speed * 0.7 || (r.x - x).abs() > MIRROR + r.radius);
    let goal = falling(Kind::Ray).max_by(|a, b| a.y.total_cmp(&b.y)).map_or(game.x, |ray| ray.x);
    let places = (0..=30).map(|i| MIRROR + f64::from(i) * (WIDTH - 2.0 * MIRROR) / 30.0);
    let best = places.filter(|x| is_safe(*x)).min_by(|a, b| (a - goal).abs().total_cmp(&(b - goal).abs()));
    Input { towards: best.or(Some(goal)), ..Input::default() }
}

#[test]
fn the_same_seed_and_inputs_give_the_same_run() {
    assert_eq!(play(7, careful), play(7, careful));
    assert_ne!(play(7, careful).0.points, play(8, careful).0.points);
}

#[test]
fn a_run_lasts_a_minute_or_three_rocks() {
    for seed in 0..20 {
        let (game, out) = play(seed, careful);
        let hits = out.iter().filter(|h| matches!(h, Happening::Hit { .. })).count();
        assert_eq!(usize::from(LIVES - game.lives), hits);
        assert!(game.lives == 0 || game.time >= RUN_S);
        assert!(matches!(out.last(), Some(Happening::Over { .. })));
    }
}

#[test]
fn the_points_are_what_was_caught_and_the_bonus() {
    for seed in 0..20 {
        let (game, out) = play(seed, careful);
        let sum: u32 = out
            .iter()
            .map(|h| match h {
                Happening::Caught { points, .. } => *points,
                Happening::Over { bonus } => *bonus,
                Happening::Hit { .. } | Happening::Missed => 0,
            })
            .sum();
        assert_eq!(game.points, sum);
        assert_eq!(out.iter().filter(|h| matches!(h, Happening::Over { .. })).count(), 1);
    }
}

#[test]
fn playing_well_pays() {
    let average = |input: fn(&Game) -> Input| (0..10).map(|seed| play(seed, input).0.points).sum::<u32>() / 10;
    let (idle, good) = (average(|_| Input::default()), average(careful));
    assert!(good > 300 && good > idle * 3, "{good} against {idle}");
}

#[test]
fn a_streak_raises_the_factor_and_a_rock_ends_it() {
    let mut game = Game::new(1);
    game.things = (0..5)
        .map(|i| Thing { kind: Kind::Ray, x: game.x, y: MIRROR_Y - f64::from(i), radius: 2.6, speed: 40.0 })
        .collect();
    let mut out = Vec::new();
    game.advance(Input::default(), 0.1, &mut out);
    assert_eq!((game.points, game.streak, game.factor()), (25, 5, 2));
    game.things = vec![Thing { kind: Kind::Rock, x: game.x, y: MIRROR_Y, radius: 4.0, speed: 40.0 }; 2];
    game.advance(Input::default(), 0.05, &mut out);
    assert_eq!((game.lives, game.streak), (LIVES - 1, 0), "the second rock meets mercy");
}

#[test]
fn keys_and_fingers_steer_within_the_field() {
    let mut game = Game::new(1);
    let mut out = Vec::new();
    let from = game.x;
    game.advance(Input { left: true, ..Input::default() }, 0.05, &mut out);
    assert!(game.x < from);
    game.advance(Input { left: true, right: true, ..Input::default() }, 0.05, &mut out);
    for _ in 0..40 {
        game.advance(Input { towards: Some(500.0), ..Input::default() }, 0.1, &mut out);
    }
    assert!((game.x - (WIDTH - MIRROR)).abs() < 1e-9);
}

#[test]
fn a_page_that_slept_does_not_catch_up() {
    let mut game = Game::new(1);
    game.advance(Input::default(), 3_600.0, &mut Vec::new());
    assert!(game.time <= 0.11);
}
