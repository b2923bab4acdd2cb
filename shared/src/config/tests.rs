//! What a config may say, and which events its rules believe.

use super::*;
use crate::cleaned::Cleaner;
use crate::event::Event;
use crate::position::Bbox;
use crate::position::Measured;
use crate::time::Millis;

fn errors(text: &str) -> Vec<(String, &'static str)> {
    BoardConfig::parse(text.as_bytes()).unwrap_err().into_iter().map(|e| (e.field, e.code.name())).collect()
}

fn event(measured: Measured, time: i64) -> Event {
    let position = measured.check().ok();
    Event { id: None, key: "v1".into(), time: Millis(time), position, fields: Vec::new() }
}

#[test]
fn a_title_is_enough_and_everything_comes_back() {
    let config = BoardConfig::parse(br#"{"title":"Fleet"}"#).unwrap();
    assert_eq!((config.visibility, config.tick_ms, config.key_name.as_str()), (Visibility::Private, 100, "key"));
    let full = br#"{"title":"Fleet","description":"Buses","home":"map","visibility":"public","key_name":"vehicleId","identity":"key_time",
        "stale_after_s":60,"rules":{"bounds":[-98.5,29.9,-97.2,30.9],"null_island":"accept","no_data":{"speed":[113.9952]},
        "max_speed":60,"strict":true,"future_s":60,"past_s":3600},"map":{"style":"https://a.example/s.json","center":[-97.7,30.3],"zoom":9,
        "marks":[{"label":"Late","where":["status:eq:late"],"color":"red","shape":"square"}],
        "layers":[{"id":"routes","name":"Routes","shown":true,"color":"teal","width":3,"attribution":"City"}],"density":"clusters"},
        "fields":{"fuel":{"label":"Fuel","unit":"%"}},"top":{"field":"passengers","direction":"asc"},"tick_ms":250,"keep_days":7}"#;
    let config = BoardConfig::parse(full).unwrap();
    assert_eq!(BoardConfig::parse(&serde_json::to_vec(&config).unwrap()).unwrap(), config);
}

#[test]
fn streets_come_back_and_are_stored_only_where_there_are_some() {
    let text = br#"{"title":"t","map":{"basemap":{"pmtiles":"/basemap/city.pmtiles","attribution":"City"}}}"#;
    let config = BoardConfig::parse(text).unwrap();
    assert_eq!(BoardConfig::parse(&serde_json::to_vec(&config).unwrap()).unwrap(), config);
    assert_eq!(config.public_part().map.basemap, config.map.basemap, "pages are told");
    assert!(!serde_json::to_string(&BoardConfig::default()).unwrap().contains("basemap"), "stored as before");
}

#[test]
fn every_error_names_its_field() {
    let one = |text: &str| errors(text).remove(0);
    assert_eq!(one("{}"), ("title".into(), "missing"));
    assert_eq!(one(r#"{"title":"t","colour":1}"#), ("colour".into(), "unknown_field"));
    assert_eq!(one(r#"{"title":"t","rules":{"bound":1}}"#), ("rules.bound".into(), "unknown_field"));
    assert_eq!(one(r#"{"title":"t","fields":{"fuel":{"units":"%"}}}"#), ("fields.fuel.units".into(), "unknown_field"));
    let levels = |levels: &str| one(&format!(r#"{{"title":"t","fields":{{"fuel":{{"thresholds":[{levels}]}}}}}}"#));
    let many = [r#"{"value":1}"#; 5].join(",");
    assert_eq!(levels(&many), ("fields.fuel.thresholds".into(), "too_many"));
    let long = format!(r#"{{"value":1,"label":"{}"}}"#, "x".repeat(61));
    assert_eq!(levels(&long), ("fields.fuel.thresholds".into(), "too_long"));
    assert_eq!(levels(r#"{"label":"Full"}"#).1, "invalid");
    let marks = |rules: &str| one(&format!(r#"{{"title":"t","map":{{"marks":[{rules}]}}}}"#));
    assert_eq!(marks(r#"{"label":"Late","where":["status"]}"#), ("map.marks[0].where[0]".into(), "invalid"));
    assert_eq!(marks(r#"{"label":"Late","where":["a:eq:1"],"color":"beige"}"#).1, "invalid");
    assert_eq!(one(r#"{"title":"t","map":{"density":"fog"}}"#).1, "invalid");
    let basemap = |basemap: &str| one(&format!(r#"{{"title":"t","map":{{"basemap":{basemap}}}}}"#));
    assert_eq!(basemap(r#"{"pmtiles":"http://a.example/b.pmtiles"}"#), ("map.basemap.pmtiles".into(), "invalid"));
    assert_eq!(basemap(r#"{"pmtiles":"/b.pmtiles","url":"x"}"#).1, "unknown_field");
    let both = r#"{"title":"t","map":{"style":"/s.json","basemap":{"pmtiles":"/b.pmtiles"}}}"#;
    assert_eq!(one(both), ("map.basemap".into(), "invalid"));
    let layers = |layers: &str| one(&format!(r#"{{"title":"t","map":{{"layers":[{layers}]}}}}"#));
    assert_eq!(layers(r#"{"id":"routes","name":""}"#), ("map.layers[0].name".into(), "missing"));
    assert_eq!(layers(r#"{"id":"my routes","name":"Routes"}"#), ("map.layers[0].id".into(), "invalid"));
    assert_eq!(one(r#"{"title":"t","tick_ms":"fast"}"#), ("tick_ms".into(), "invalid"));
    assert_eq!(one(r#"{"title":"t","rules":{"bounds":[1,2,3]}}"#).0, "rules.bounds");
    assert_eq!(one(r#"{"title":"t","rules":{"bounds":[1,5,3,2]}}"#).0, "rules.bounds");
    assert_eq!(one(r#"{"title":"t","visibility":"secret"}"#), ("visibility".into(), "invalid"));
    assert_eq!(one(r#"{"title":"t","home":"moon"}"#), ("home".into(), "invalid"));
    assert_eq!(one(r#"{"title":"t","home":"scores"}"#), ("home".into(), "invalid"));
    assert_eq!(one(r#"{"title":"t"} x"#), (String::new(), "invalid"));
    assert_eq!(one(r#"["Fleet"]"#).1, "invalid");
    assert_eq!(one(&" ".repeat(65 * 1024)), (String::new(), "too_long"));
}

#[test]
fn every_field_that_is_wrong_is_listed_also_where_reading_stops_at_the_first() {
    let field = |name: &str, code: &'static str| (name.to_owned(), code);
    assert_eq!(
        errors(r#"{"titel":"x","stale_after_s":"5"}"#),
        [field("titel", "unknown_field"), field("stale_after_s", "invalid"), field("title", "missing")]
    );
    assert_eq!(
        errors(r#"{"title":"t","rules":{"bound":1},"tick_ms":"fast","keep_days":0}"#),
        [field("rules.bound", "unknown_field"), field("tick_ms", "invalid"), field("keep_days", "out_of_range")]
    );
    // What was left out is not called missing, and no error is named twice.
    assert_eq!(errors(r#"{"title":5}"#), [field("title", "invalid")]);
    assert_eq!(errors(r#"{"title":"t","#).len(), 1);
    let many = (0..100).map(|n| format!(r#""x{n}":1,"#)).collect::<Vec<_>>().concat();
    assert_eq!(errors(&format!(r#"{{{many}"title":"t"}}"#)).len(), 16);
}

#[test]
fn a_home_that_is_none_is_refused_with_those_that_are() {
    let message = |text: &str| BoardConfig::parse(text.as_bytes()).unwrap_err().remove(0).message;
    let moon = message(r#"{"title":"t","home":"moon"}"#);
    for home in ["moon", "map", "scores", "quiz", "arena", "explore"] {
        assert!(moon.contains(&format!("`{home}`")), "{moon}");
    }
    assert!(message(r#"{"title":"t","home":"quiz"}"#).contains("add scores"));
    let config = BoardConfig::parse(br#"{"title":"t","home":"explore"}"#).unwrap();
    assert_eq!(config.public_part().home, Some(crate::home::Home::Explore), "readers are told");
    assert!(
        !serde_json::to_string(&BoardConfig::default()).unwrap().contains("home"),
        "what says none is stored as before"
    );
}

#[test]
fn readers_are_told_how_many_get_a_medal_and_not_who() {
    let with = |rest: &str| format!(r#"{{"title":"t"{rest}}}"#);
    let awards =
        r#","awards":[{"id":"gold-medal","ranks":[1,4]},{"id":"winner","citation":"Champions","keys":["t7"]}]"#;
    assert_eq!(errors(&with(awards)), [("awards".into(), "invalid")], "without scores");
    let scores = r#","scores":{"columns":[{"name":"points","op":"sum","field":"points"}]}"#;
    let config = BoardConfig::parse(with(&format!("{scores}{awards}")).as_bytes()).unwrap();
    assert_eq!(config.settings().awards, config.awards);
    let shown = serde_json::to_string(&config.public_part()).unwrap();
    assert!(shown.contains("gold-medal") && !shown.contains("t7") && !shown.contains("Champions"), "{shown}");
    let wrong = format!(r#"{scores},"awards":[{{"id":"x"}}]"#);
    assert_eq!(errors(&with(&wrong)), [("awards[0].ranks".into(), "invalid")]);
    assert!(!serde_json::to_string(&BoardConfig::default()).unwrap().contains("awards"), "stored as before");
}

#[test]
fn logos_go_with_scores_and_readers_are_told_of_them() {
    let logos = r#""logos":{"site":"https://cds.example/api/","files":{"t7":"organizations/7/logo.png"}}"#;
    assert_eq!(errors(&format!(r#"{{"title":"t",{logos}}}"#)), [("logos".into(), "invalid")]);
    let scores = r#""scores":{"columns":[{"name":"points","op":"sum","field":"points"}]}"#;
    let config = BoardConfig::parse(format!(r#"{{"title":"t",{scores},{logos}}}"#).as_bytes()).unwrap();
    assert_eq!(config.public_part().logos, config.logos);
    let http = format!(r#"{{"title":"t",{scores},"logos":{{"site":"http://cds.example/","files":{{}}}}}}"#);
    assert_eq!(errors(&http), [("logos.site".into(), "invalid")]);
    assert!(!serde_json::to_string(&BoardConfig::default()).unwrap().contains("logos"), "stored as before");
}

#[test]
fn sites_that_may_embed_are_kept_as_origins() {
    let with = |sites: &str| format!(r#"{{"title":"t","embed":{{"sites":{sites}}}}}"#);
    let kept = |sites: &str| {
        let config = BoardConfig::parse(with(sites).as_bytes()).unwrap();
        serde_json::to_value(config.embed.unwrap().sites).unwrap()
    };
    let pasted = r#"["https://partner.example/a","partner.example","http://localhost:3000/"]"#;
    assert_eq!(kept(pasted), serde_json::json!(["https://partner.example", "http://localhost:3000"]));
    assert_eq!(kept(r#"["*"]"#), serde_json::json!(["*"]));
    assert_eq!(kept("[]"), serde_json::json!([]));
    let wrong = errors(&with(r#"["ftp://a.example","https://b.example","*","https://*.c.example"]"#));
    let at = |n: usize| (format!("embed.sites[{n}]"), "invalid");
    assert_eq!(wrong, [at(0), at(2), at(3)]);
    let many = serde_json::to_string(&vec!["https://a.example"; 33]).unwrap();
    assert_eq!(errors(&with(&many)), [("embed.sites".into(), "too_many")]);
    assert_eq!(errors(&with("[1]"))[0].0, "embed.sites[0]");
    assert_eq!(errors(r#"{"title":"t","embed":{"site":[]}}"#)[0], ("embed.site".into(), "unknown_field"));
    let config = BoardConfig::parse(with(pasted).as_bytes()).unwrap();
    assert_eq!(config.public_part().embed, None, "who embeds a board is its managers' affair");
    assert!(!serde_json::to_string(&BoardConfig::default()).unwrap().contains("embed"), "stored as before");
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    let text = r#"{"title":" ","key_name":"a b","tick_ms":5,"stale_after_s":0,"keep_days":0,"map":{"zoom":40,"center":[0,90],
        "style":"javascript:x"},"rules":{"max_speed":0,"future_s":90000},"top":{"field":""}}"#;
    let fields: Vec<String> = errors(text).into_iter().map(|e| e.0).collect();
    let all = ["title", "key_name", "stale_after_s", "tick_ms", "keep_days", "rules.future_s", "rules.max_speed"];
    assert_eq!(fields[..7], all);
    assert_eq!(fields[7..], ["map.style", "map.center", "map.zoom", "top.field"]);
}

#[test]
fn rules_refuse_what_is_not_believed() {
    let rules = Rules {
        bounds: Some(Bbox::new([-98.0, 30.0, -97.0, 31.0]).unwrap()),
        max_speed: Some(60.0),
        strict: true,
        past_s: Some(3_600),
        ..Rules::default()
    };
    let now = Millis(10_000_000);
    let here = Measured { lat: 30.5, lon: -97.5, ..Measured::default() };
    let checked = |rules: &Rules, m: Measured, t: i64| {
        let (mut event, mut cleaner) = (event(m, t), Cleaner::new(rules.strict));
        rules.check(&mut event, now, &mut cleaner).map(|()| (event, cleaner.cleaned))
    };
    let code = |m: Measured, t: i64| checked(&rules, m, t).err().map(|e| (e.field, e.code.name()));
    assert_eq!(code(here, 10_000_000), None);
    assert_eq!(
        code(Measured { lat: 0.0005, lon: -0.0009, ..here }, 10_000_000),
        Some(("position".into(), "null_island"))
    );
    assert_eq!(code(Measured { lon: -96.9, ..here }, 10_000_000), Some(("position".into(), "position_out_of_bounds")));
    let fast = Measured { speed: Some(60.01), ..here };
    assert_eq!(code(fast, 10_000_000), Some(("position.speed".into(), "speed_out_of_range")));
    let lenient = Rules { strict: false, ..rules.clone() };
    let (slowed, cleaned) = checked(&lenient, fast, 10_000_000).unwrap();
    assert_eq!((slowed.position.unwrap().speed_e2, cleaned.count("speed_out_of_range")), (None, 1));
    assert_eq!(code(Measured { speed: Some(60.0), ..here }, 10_000_000), None);
    assert_eq!(code(here, 10_300_000), None);
    assert_eq!(code(here, 10_300_001), Some(("time".into(), "time_in_future")));
    assert_eq!(code(here, 6_400_000), None);
    assert_eq!(code(here, 6_399_999), Some(("time".into(), "time_too_old")));
}

#[test]
fn no_data_is_the_mark_to_the_precision_of_positions() {
    let rules = Rules { no_data: [("speed".to_owned(), vec![113.9952])].into(), ..Rules::default() };
    assert!(rules.means_no_data("speed", 113.9952) && rules.means_no_data("speed", 113.995));
    assert!(!rules.means_no_data("speed", 113.98) && !rules.means_no_data("heading", 113.9952));
}

#[test]
fn f19_ids_are_their_senders_on_new_boards_and_stay_the_boards_where_they_were() {
    let parsed = |text: &str| BoardConfig::parse(text.as_bytes()).unwrap();
    let silent = parsed(r#"{"title":"A"}"#);
    assert_eq!(silent.scope(), IdentityScope::Board, "as every config of before is stored");
    let new = silent.clone().settled(None);
    assert_eq!(new.scope(), IdentityScope::Sender);
    assert!(serde_json::to_string(&new).unwrap().contains(r#""identity_scope":"sender""#));
    assert_eq!(silent.clone().settled(Some(&silent)).scope(), IdentityScope::Board);
    assert_eq!(silent.clone().settled(Some(&new)).scope(), IdentityScope::Sender);
    let board = parsed(r#"{"title":"A","identity_scope":"board"}"#);
    assert_eq!(board.clone().settled(None).scope(), IdentityScope::Board);
    assert_eq!(board.settled(Some(&new)).scope(), IdentityScope::Board);
    assert_eq!(new.settled(Some(&silent)).scope(), IdentityScope::Sender);
}

#[test]
fn presence_is_off_unless_the_config_says_what_is_told_and_readers_know() {
    use crate::presence::{PresenceConfig, Who};
    let parse = |more: &str| BoardConfig::parse(format!(r#"{{"title":"T"{more}}}"#).as_bytes());
    let off = parse("").unwrap();
    assert_eq!((off.presence, off.settings().presence), (None, None));
    assert!(!serde_json::to_string(&off).unwrap().contains("presence"));
    for (text, who) in [("count", Who::Count), ("names", Who::Names)] {
        let config = parse(&format!(r#","presence":{{"who":"{text}"}}"#)).unwrap();
        assert_eq!((config.presence, config.settings().presence), (Some(PresenceConfig { who }), Some(who)));
        assert_eq!(config.public_part().presence, config.presence);
    }
    for (wrong, field) in [
        (r#","presence":{}"#, "presence.who"),
        (r#","presence":{"who":"all"}"#, "presence.who"),
        (r#","presence":{"who":"count","since":1}"#, "presence.since"),
    ] {
        let errors = parse(wrong).unwrap_err();
        assert!(field.starts_with(&errors[0].field) && errors[0].field.starts_with("presence"), "{wrong}: {errors:?}");
    }
}
