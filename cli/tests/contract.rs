//! What the command line sends, judged by the rules the server applies: the shared crate's, with the config in boards/.
#![expect(clippy::unwrap_used, reason = "test code: a failure here is a failed test")]

mod support;

use std::collections::BTreeMap;
use std::path::PathBuf;

use heliograph_shared::config::BoardConfig;
use heliograph_shared::ingest::{BodyFormat, read_events};
use heliograph_shared::time::Millis;
use support::{Recorder, data, run, stderr};

fn fleet() -> BoardConfig {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../boards/fleet.json");
    BoardConfig::parse(&std::fs::read(file).unwrap()).unwrap()
}

/// Accepted, cleaned, and refused by code.
fn judged(recorder: &Recorder, config: &BoardConfig) -> (usize, u32, BTreeMap<String, usize>) {
    let (mut accepted, mut cleaned, mut refused) = (0, 0, BTreeMap::new());
    for request in recorder.requests() {
        let checked =
            read_events(&request.body, BodyFormat::NdJson, &config.rules, Millis(request.arrived_millis)).unwrap();
        accepted += checked.events.len();
        cleaned += checked.cleaned.total();
        for result in checked.refused {
            *refused.entry(result.code.unwrap_or_default()).or_insert(0) += 1;
        }
    }
    (accepted, cleaned, refused)
}

#[test]
fn the_fleet_config_is_valid_and_its_rules_treat_the_real_dirt_as_documented() {
    let config = fleet();
    let Some(file) = data("positions/capmetro_buses_2017-03-21_0000-1025.csv") else { return };
    let recorder = Recorder::start();
    let output = run(&recorder, &["replay", file.to_str().unwrap(), "--board", "fleet", "--speed", "max", "--json"]);
    assert_eq!(output.status.code(), Some(3), "some rows are refused: {}", stderr(&output));
    // 45,386 rows: three at 0,0 are refused; five more carry the 255-mph marker and lose their speed. (The one repeated
    // row is the board's to find; this checks the rules alone.)
    let expected = BTreeMap::from([("null_island".to_owned(), 3)]);
    assert_eq!(judged(&recorder, &config), (45_383, 5, expected));
}

#[test]
fn a_paced_replay_and_the_simulated_fleet_break_no_rule_of_the_fleet() {
    let config = fleet();
    let recorder = Recorder::start();
    let output = run(&recorder, &["simulate", "--board", "fleet", "--vehicles", "200", "--for", "3", "--quiet"]);
    assert!(output.status.success(), "{}", stderr(&output));
    if let Some(file) = data("positions/capmetro_buses_2017-03-21_0000-1025.csv") {
        let file = file.to_str().unwrap();
        let output =
            run(&recorder, &["replay", file, "--speed", "600", "--start", "08:00", "--end", "08:20", "--json"]);
        assert!(output.status.success(), "{}", stderr(&output));
    }
    let (accepted, cleaned, refused) = judged(&recorder, &config);
    assert!(accepted > 500 && cleaned == 0 && refused.is_empty(), "{accepted} {cleaned} {refused:?}");
}
