use super::*;

const NOTHING: Load = Load {
    events_per_second: 0.0,
    events_per_request: 1.0,
    items: 0,
    fields: 0,
    viewers: 0,
    history_days: 30.0,
    bytes_per_event: 14.0,
};

/// A load of `cargo xtask bench feed`.
fn bench(events_per_second: f64, events_per_request: f64, viewers: u64) -> Load {
    Load { events_per_second, events_per_request, viewers, items: 2_000, history_days: 0.0, ..NOTHING }
}

#[test]
fn processor_time_is_within_a_fifth_of_what_the_benchmark_measured() {
    // docs/benchmarks.md, "Figures": scenario, load, cores. `one-key` is left out: not every tick has news for its viewers.
    let measured = [
        ("ingest-batched", bench(89_729.0, 100.0, 0), 0.90),
        ("ingest-unbatched", bench(1_515.0, 1.0, 0), 0.81),
        ("ingest-with-viewers", bench(53_562.0, 100.0, 1_000), 0.857),
        ("fanout-all", bench(5_007.0, 100.0, 1_000), 0.317),
        ("fanout-unbatched", bench(200.0, 1.0, 500), 0.429),
        ("quiet", bench(5.0, 1.0, 500), 0.117),
        ("bytes", bench(5_008.0, 100.0, 10), 0.135),
    ];
    for (scenario, load, cores) in measured {
        let model = of(&load).cores;
        assert!((model / cores - 1.0).abs() <= 0.2, "{scenario}: {model:.3} cores, not {cores}");
    }
}

#[test]
fn a_request_is_a_row_of_the_log_that_is_deleted_again() {
    let one = of(&Load { events_per_second: 10.0, ..NOTHING }).rows_per_day;
    let requests = 10.0 * DAY_SECONDS;
    assert!(one >= 2.0 * requests && one < 2.1 * requests, "{one}");
    let batched = of(&Load { events_per_second: 10.0, events_per_request: 100.0, ..NOTHING }).rows_per_day;
    assert!(batched < one / 10.0, "{batched}");
}

#[test]
fn items_and_viewers_beyond_what_one_object_holds_take_more_objects() {
    let at = |items, viewers| {
        let capacity = of(&Load { items, viewers, events_per_second: 1.0, ..NOTHING });
        (capacity.boards, capacity.relays)
    };
    assert_eq!(at(0, 0), (1, 0));
    assert_eq!(at(200_000, 5_000), (1, 1));
    assert_eq!(at(200_001, 5_001), (2, 2));
    assert_eq!(at(1_000_000, 100_000), (5, 20));
    let long = of(&Load { events_per_second: 1_000.0, history_days: 365.0, ..NOTHING });
    assert!(long.boards >= 49 && long.bytes_stored / long.boards as f64 <= 9e9, "{long:?}");
}

#[test]
fn what_the_plan_includes_costs_nothing_more_and_the_total_is_the_sum() {
    let little = of(&Load { events_per_second: 0.01, items: 10, viewers: 3, ..NOTHING }).platform;
    assert!((little.total - prices::PLAN).abs() < 1e-9, "{little:?}");
    let much = of(&Load { events_per_second: 1_000.0, items: 50_000, fields: 3, viewers: 2_000, ..NOTHING }).platform;
    let sum = much.plan + much.requests + much.cpu + much.object_requests + much.duration + much.rows + much.storage;
    assert!((much.total - sum).abs() < 1e-9);
    assert!(much.rows > much.requests, "rows are what costs: {much:?}");
}

#[test]
fn prices_are_those_of_the_table() {
    assert!((prices::ROWS_WRITTEN.of(52e6) - 2.0).abs() < 1e-9);
    assert!((prices::REQUESTS.of(10e6)).abs() < 1e-9);
    // An object that is never idle, as the platform's own examples count it.
    let month = prices::OBJECT_GB * DAY_SECONDS * MONTH_DAYS;
    assert!((month - 331_776.0).abs() < 1e-6);
}

#[test]
fn more_of_anything_is_never_cheaper() {
    let loads: Vec<Load> = [1.0, 10.0, 100.0, 240.0, 500.0, 2_000.0]
        .into_iter()
        .map(|events_per_second| Load { events_per_second, items: 1_000, fields: 2, viewers: 100, ..NOTHING })
        .collect();
    for pair in loads.windows(2) {
        assert!(of(&pair[0]).platform.total <= of(&pair[1]).platform.total + 1e-9);
        let more = |change: fn(&mut Load)| {
            let mut load = pair[0];
            change(&mut load);
            of(&load).platform.total + 1e-9 >= of(&pair[0]).platform.total
        };
        assert!(more(|l| l.items *= 300) && more(|l| l.viewers *= 100) && more(|l| l.history_days *= 10.0));
    }
}

#[test]
fn numbers_that_are_none_count_as_zero() {
    let odd = Load { events_per_second: f64::NAN, events_per_request: -1.0, history_days: f64::INFINITY, ..NOTHING };
    let capacity = of(&odd);
    assert!(capacity.cores.abs() < 1e-9 && capacity.bytes_stored.abs() < 1e-9 && capacity.machine.cores == 1);
}
