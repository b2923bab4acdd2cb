//! Rights as a whole: nobody passes on what they do not have, in however many steps.

use super::*;
use crate::config::Visibility;
use crate::delay::Delay;
use crate::id::BoardName;
use crate::limits;
use crate::sights::lens::Lens;
use crate::zones::Zones;
use proptest::prelude::*;

fn grant(board: &str, operations: &[Operation], keys: &[&str]) -> Grant {
    Grant {
        board: board.into(),
        operations: operations.into(),
        keys: keys.iter().map(|k| (*k).to_owned()).collect(),
        conditions: Conditions::default(),
    }
}

fn name(text: &str) -> BoardName {
    BoardName::try_from(text).unwrap()
}

fn code(grants: &[Grant]) -> (String, &'static str) {
    let e = check_grants(grants).unwrap_err();
    (e.field, e.code.name())
}

#[test]
fn f1_an_empty_list_of_keys_is_refused_and_never_means_all() {
    let empty = grant("*", &Operation::ALL, &[]);
    assert_eq!(code(&[grant("a", &[Operation::Read], &["*"]), empty.clone()]), ("grants[1].keys".into(), "missing"));
    // A token or a stored key that has one does not compile: it allows nothing, and covers nothing.
    assert!(Rights::of_grants(&[empty]).is_err());
    let nobody = Rights::nothing();
    let all = Rights::of_grants(&[grant("*", &[Operation::Read], &["*"])]).unwrap();
    assert!(!nobody.covers(&all) && all.covers(&nobody));
    for ask in [Ask::Board, Ask::Present, Ask::History, Ask::Whole, Ask::Publish, Ask::Manage] {
        assert!(nobody.on(&name("a"), Some(Visibility::Private)).may(ask).is_err(), "{ask:?}");
    }
}

#[test]
fn who_is_there_is_shown_by_a_right_of_its_own_and_to_managers() {
    let on = |grants: &[Grant], visibility| Rights::of_grants(grants).unwrap().on(&name("a"), Some(visibility));
    let may = |access: &Access| (access.may(Ask::Watchers).is_ok(), access.may(Ask::Members).is_ok());
    let one = |operations: &[Operation], keys: &[&str]| on(&[grant("a", operations, keys)], Visibility::Private);
    assert_eq!(may(&one(&[Operation::Read], &["*"])), (true, false), "the whole board: how many");
    assert_eq!(may(&one(&[Operation::Read], &["v*"])), (false, false), "a part of it: nothing");
    assert_eq!(may(&one(&[Operation::Read, Operation::Presence], &["v*"])), (true, true), "with the right");
    assert_eq!(may(&one(&[Operation::Manage], &["*"])), (true, true));
    assert_eq!(may(&Access::public()), (true, false));
    assert_eq!(may(&Access::default()), (false, false));
    let narrowed = Conditions { precision: Some(1), ..Conditions::default() };
    let narrowed = Grant { conditions: narrowed, ..grant("a", &[Operation::Read], &["*"]) };
    assert_eq!(
        may(&on(std::slice::from_ref(&narrowed), Visibility::Private)),
        (false, false),
        "all of it, less exactly"
    );
    let both = Grant { operations: vec![Operation::Read, Operation::Presence], ..narrowed };
    assert_eq!(code(&[both]), ("grants[0].conditions.precision".into(), "invalid"));
    let rights = |operations: &[Operation]| Rights::of_grants(&[grant("a", operations, &["*"])]).unwrap();
    let presence = rights(&[Operation::Presence]);
    assert!(rights(&[Operation::Manage]).covers(&presence) && presence.covers(&presence));
    assert!(!rights(&[Operation::Read, Operation::History, Operation::Publish]).covers(&presence));
    // Sessions of before the right have none.
    let old = serde_json::to_string(&Access::everything()).unwrap();
    assert!(!old.contains("presence"));
    assert!(!serde_json::from_str::<Access>(&old).unwrap().presence);
}

#[test]
fn f3_patterns_are_few_and_simple() {
    let many: Vec<String> = (0..=limits::KEY_PATTERNS).map(|i| format!("v{i}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let half = many.len() / 2;
    let (a, b) = (grant("a", &[Operation::Read], &many[..half]), grant("b", &[Operation::Read], &many[half..]));
    assert_eq!(code(&[a.clone(), b]), ("grants".into(), "too_many"));
    assert!(check_grants(&[a]).is_ok());
    for pattern in ["*x~*", "a*b", "**", ""] {
        assert_eq!(code(&[grant("a", &[Operation::Read], &[pattern])]), ("grants[0].keys".into(), "invalid"));
    }
    for board in ["*-a", "Quiz-*", "a*b", "", "-*"] {
        assert_eq!(code(&[grant(board, &[Operation::Read], &["*"])]), ("grants[0].board".into(), "invalid"), "{board}");
    }
}

#[test]
fn who_manages_a_prefix_is_told_under_which_beginning() {
    let manage = |boards: &[&str]| {
        let grants: Vec<Grant> = boards.iter().map(|b| grant(b, &[Operation::Manage], &["*"])).collect();
        Rights::of_grants(&grants).unwrap().manages_under(&name("quiz-7"))
    };
    assert_eq!(manage(&["quiz-*"]), Some("quiz-".into()));
    assert_eq!(manage(&["quiz-*", "qu*", "other-*"]), Some("qu".into()));
    assert_eq!(manage(&["quiz-*", "quiz-7"]), None);
    assert_eq!(Rights::everything().manages_under(&name("quiz-7")), None);
}

#[test]
fn what_a_credential_may_read_of_a_board_can_be_minted_with_it() {
    let board = name("fleet");
    let (read, history, publish) = (Operation::Read, Operation::History, Operation::Publish);
    let reading = |grants: &[Grant]| {
        let rights = Rights::of_grants(grants).unwrap();
        let reading = rights.reading(&board);
        assert!(rights.covers(&Rights::of_grants(&reading).unwrap()), "{reading:?}");
        reading
    };
    let some = [grant("fleet", &[read, publish], &["n-*", "x"]), grant("other", &[read], &["*"])];
    assert_eq!(reading(&some), [grant("fleet", &[read], &["n-*", "x"])]);
    let both = [grant("fl*", &[read], &["a"]), grant("fleet", &[read, history], &["b"])];
    assert_eq!(reading(&both), [grant("fleet", &[read], &["a", "b"]), grant("fleet", &[history], &["b"])]);
    assert_eq!(reading(&[grant("fleet", &[publish], &["*"])]), []);
    assert_eq!(Rights::everything().reading(&board), [grant("fleet", &[read, history], &["*"])]);
}

#[test]
fn own_goes_with_a_board_and_without_grants() {
    let wish = |text: &str| serde_json::from_str::<MintRequest>(text).unwrap().check().map_err(|e| e.field);
    assert!(wish(r#"{"board":"fleet","own":true}"#).is_ok());
    assert_eq!(wish(r#"{"own":true}"#), Err("own".into()));
    let both = r#"{"board":"fleet","own":true,"grants":[{"board":"fleet","operations":["read"]}]}"#;
    assert_eq!(wish(both), Err("own".into()));
}

#[test]
fn f17_readers_get_the_part_of_a_config_that_pages_need() {
    let text = r#"{"title":"t","visibility":"public","map":{"zoom":7},"fields":{"fuel":{"label":"Fuel"}},
        "rules":{"max_speed":70},"pipeline":[{"name":"a","filter":{"jq":".secret"}}],
        "views":{"w":{"upstream":{"url":"https://x.example/a?token=hush","credential":"UPSTREAM_SECRET_X"}}}}"#;
    let config = crate::config::BoardConfig::parse(text.as_bytes()).unwrap();
    let shown = serde_json::to_string(&config.public_part()).unwrap();
    for hidden in ["hush", "UPSTREAM_SECRET_X", "secret", "max_speed\":70", "views", "pipeline"] {
        assert!(!shown.contains(hidden), "{hidden}: {shown}");
    }
    assert!(shown.contains("\"zoom\":7") && shown.contains("Fuel"));
}

#[test]
fn what_is_not_built_is_refused_by_name() {
    let mut g = grant("a", &[Operation::Read, Operation::History], &["*"]);
    g.conditions.wheres = Some(vec!["customer:eq:7".to_owned()]);
    assert_eq!(code(&[g.clone()]), ("grants[0].conditions.where".into(), "not_built"));
    let read: Grant = serde_json::from_str(&serde_json::to_string(&g).unwrap()).unwrap();
    assert_eq!(read, g);
    assert_eq!(code(&[grant("a", &[Operation::Manage], &["v*"])]), ("grants[0].keys".into(), "manage_has_no_keys"));
}

#[test]
fn grants_of_a_board_add_up_and_others_do_not_count() {
    let grants = [
        grant("fleet", &[Operation::Read], &["v1"]),
        grant("fle*", &[Operation::Read, Operation::Publish], &["w*"]),
        grant("other", &[Operation::Manage], &["*"]),
    ];
    let a = Rights::of_grants(&grants).unwrap().on(&name("fleet"), Some(Visibility::Private));
    let may = |ask| a.may(ask).is_ok();
    assert!(may(Ask::Item("v1")) && may(Ask::Item("w9")) && !may(Ask::Item("v2")));
    assert!(may(Ask::PublishTo("w9")) && !may(Ask::PublishTo("v1")));
    assert!(!may(Ask::Manage) && !may(Ask::History) && !may(Ask::Whole));
}

#[test]
fn the_board_that_tells_of_all_others_is_meant_by_its_name_or_by_all_and_by_no_beginning() {
    let all_of = |board: &str| Rights::of_grants(&[grant(board, &Operation::ALL, &["*"])]).unwrap();
    let health = BoardName::health();
    let may = |board: &str, ask| all_of(board).on(&health, Some(Visibility::Private)).may(ask).is_ok();
    for (board, expected) in
        [("*", true), (health.as_str(), true), ("heliograph-*", false), ("heliograph-health*", false)]
    {
        for ask in [Ask::Manage, Ask::Board, Ask::Present, Ask::Publish] {
            assert_eq!(may(board, ask), expected, "{board} {ask:?}");
        }
        assert_eq!(all_of(board).covers(&all_of(health.as_str())), expected, "{board}");
    }
}

#[test]
fn who_has_nothing_about_a_public_board_reads_it_like_anyone() {
    let other = Rights::of_grants(&[grant("other", &[Operation::Read], &["*"])]).unwrap();
    for rights in [Rights::anyone(), other] {
        assert_eq!(rights.on(&name("a"), Some(Visibility::Public)), Access::public());
        assert!(rights.on(&name("a"), Some(Visibility::Private)).may(Ask::Board).is_err());
        assert!(rights.on(&name("a"), None).may(Ask::Board).is_err());
    }
}

#[test]
fn a_player_stays_one_whatever_it_mints() {
    let claims = Claims {
        grants: vec![grant("a", &[Operation::Read], &["*"]), grant("a", &[Operation::Publish], &["p-1"])],
        standing: Standing::Player("p-1".into()),
        ..Claims::default()
    };
    let player = Rights::of_claims(&claims).unwrap();
    let sight = player.on(&name("a"), Some(Visibility::Public)).may(Ask::Present).unwrap();
    assert!(sight.is_own_only() && sight.own() == Some("p-1"));
    let read = Rights::of_grants(&claims.grants[..1]).unwrap();
    assert!(!player.covers(&read), "as a member it would see more");
    assert!(player.covers(&read.clone().as_standing(player.standing())));
    assert_eq!(player.first_not_covered(&read), None);
}

#[test]
fn sessions_that_were_stored_before_open() {
    let open = |json: &str| serde_json::from_str::<Access>(json).unwrap();
    let viewer = open(r#"{"read":{"patterns":["v*","w1"]},"history":"all","publish":"nothing","manage":false}"#);
    assert_eq!(viewer, Access { read: KeySet::of(&["w1", "v*"]).unwrap(), ..Access::public() });
    let all = open(r#"{"read":"all","history":"all","publish":"all","manage":true}"#);
    assert_eq!(all, Access::everything());
    let player = open(r#"{"read":"all","history":"nothing","publish":{"patterns":["p-1f"]},"manage":false}"#);
    assert_eq!(player.standing, Standing::Player("p-1f".into()));
    let odd = open(r#"{"read":{"patterns":["*x~*"]},"history":"all","publish":"nothing","manage":false}"#);
    assert!(odd.may(Ask::Present).is_err());
    assert_eq!(open(&serde_json::to_string(&player).unwrap()), player);
}

fn hiding(fields: &[&str]) -> Conditions {
    let hidden_fields = Some(fields.iter().map(|f| (*f).to_owned()).collect());
    Conditions { hidden_fields, ..Conditions::default() }
}

fn narrowed(operations: &[Operation], keys: &[&str], conditions: Conditions) -> Grant {
    Grant { conditions, ..grant("a", operations, keys) }
}

#[test]
fn conditions_narrow_reading_alone_and_name_fields() {
    let (read, publish, manage) = (Operation::Read, Operation::Publish, Operation::Manage);
    let at = |part: &str| format!("grants[0].conditions.{part}");
    for other in [publish, manage] {
        let g = narrowed(&[read, other], &["*"], hiding(&["fuel"]));
        assert_eq!(code(&[g]), (at("hidden_fields"), "invalid"));
    }
    for fields in [&[][..], &[""], &["x".repeat(65).as_str()], &["x"; 33]] {
        assert_eq!(code(&[narrowed(&[read], &["*"], hiding(fields))]), (at("hidden_fields"), "invalid"), "{fields:?}");
    }
    assert!(check_grants(&[narrowed(&[read], &["*"], hiding(&["fuel"]))]).is_ok());
}

#[test]
fn conditions_that_cannot_be_kept_as_they_are_said_are_refused() {
    let (read, history) = (Operation::Read, Operation::History);
    let check = |operations: &[Operation], text: &str| {
        let conditions = serde_json::from_str(text).unwrap();
        check_grants(&[narrowed(operations, &["*"], conditions)]).map_err(|e| (e.field, e.code.name())).err()
    };
    for (operations, text, part, code) in [
        (&[read, history][..], r#"{"where":["customer:eq:7"]}"#, "where", "not_built"),
        (&[read][..], r#"{"where":[]}"#, "where", "invalid"),
        (&[read][..], r#"{"where":["customer"]}"#, "where", "invalid"),
        (&[read][..], r#"{"precision":6}"#, "precision", "out_of_range"),
        (&[read][..], r#"{"history_from":1772366400000}"#, "history_from", "invalid"),
        (&[history][..], r#"{"history_from":5,"history_to":5}"#, "history_to", "invalid"),
        (&[read][..], r#"{"hidden_fields":["position.speed"]}"#, "hidden_fields", "invalid"),
        (&[read][..], r#"{"rate":0}"#, "rate", "out_of_range"),
        (&[read][..], r#"{"rate":601}"#, "rate", "out_of_range"),
        (&[history][..], r#"{"rate":60}"#, "rate", "invalid"),
        (&[read][..], r#"{"delay_s":0}"#, "delay_s", "out_of_range"),
        (&[read][..], r#"{"delay_s":86401}"#, "delay_s", "out_of_range"),
    ] {
        assert_eq!(check(operations, text), Some((format!("grants[0].conditions.{part}"), code)), "{text}");
    }
    for (operations, text) in [
        (&[read][..], r#"{"where":["customer:eq:7","load:lt:3"],"precision":2,"hidden_fields":["fuel"]}"#),
        (&[read, history][..], r#"{"rate":600}"#),
        (&[read, history][..], r#"{"delay_s":86400}"#),
        (&[read, history][..], r#"{"precision":0,"history_from":1772366400000,"history_to":1772366400001}"#),
    ] {
        assert_eq!(check(operations, text), None, "{text}");
    }
}

fn later(operations: &[Operation], keys: &[&str], seconds: u32) -> Grant {
    narrowed(operations, keys, Conditions { delay_s: Some(seconds), ..Conditions::default() })
}

#[test]
fn the_longest_delay_of_what_is_read_counts_for_all_of_it() {
    let (read, history) = (Operation::Read, Operation::History);
    let sight = |grants: &[Grant], ask: Ask<'_>| Rights::of_grants(grants).unwrap().on(&name("a"), None).may(ask);
    let delay = |grants: &[Grant]| sight(grants, Ask::Present).unwrap().delay().map(Delay::seconds);
    assert_eq!(delay(&[later(&[read], &["a"], 30), later(&[read], &["b"], 60)]), Some(60));
    assert_eq!(
        delay(&[later(&[read], &["a"], 30), grant("a", &[read], &["b"])]),
        Some(30),
        "what is not whole is late"
    );
    assert_eq!(delay(&[later(&[read], &["a"], 30), grant("a", &[read], &["*"])]), None, "all is shown now");
    let both = [later(&[read, history], &["*"], 30)];
    assert_eq!(sight(&both, Ask::History).unwrap().delay(), Delay::new(30));
    assert!(sight(&both, Ask::Whole).is_err(), "standings are not told later");
    let access = Rights::of_grants(&both).unwrap().on(&name("a"), None);
    assert_eq!(access.delay(), Delay::new(30));
}

#[test]
fn a_sight_whose_delay_was_seen_to_is_narrowed_by_the_rest_alone() {
    let sight = |grants: &[Grant]| Rights::of_grants(grants).unwrap().on(&name("a"), None).may(Ask::Present).unwrap();
    let late = sight(&[later(&[Operation::Read], &["a", "b"], 30)]);
    let lens = Lens::new(late.narrowed.as_deref(), Zones::default());
    assert!(!lens.shows("a", "fuel"), "who forgets the delay shows nothing");
    let seen = late.clone().without_delay();
    assert_eq!(seen, sight(&[grant("a", &[Operation::Read], &["a", "b"])]));
    assert_ne!(late.tag(), seen.tag(), "caches and entity tags tell them apart");
    let hidden = Conditions { delay_s: Some(5), ..hiding(&["fuel"]) };
    let seen = sight(&[narrowed(&[Operation::Read], &["*"], hidden)]).without_delay();
    assert_eq!(seen, sight(&[narrowed(&[Operation::Read], &["*"], hiding(&["fuel"]))]));
}

#[test]
fn who_sees_a_board_later_does_not_publish_there() {
    let publish = |board: &str| grant(board, &[Operation::Publish], &["*"]);
    let late = later(&[Operation::Read], &["*"], 30);
    assert_eq!(code(&[late.clone(), publish("a")]), ("grants[0].conditions.delay_s".into(), "invalid"));
    assert_eq!(code(&[publish("*"), late.clone()]), ("grants[1].conditions.delay_s".into(), "invalid"));
    assert!(check_grants(&[late, publish("b")]).is_ok());
}

#[test]
fn each_condition_is_passed_on_as_narrow_at_least() {
    let covers = |mine: &str, wanted: &str| {
        let [mine, wanted]: [Conditions; 2] = [mine, wanted].map(|text| serde_json::from_str(text).unwrap());
        mine.cover(&wanted)
    };
    for (mine, narrower, wider) in [
        (r#"{"precision":2}"#, r#"{"precision":1}"#, r#"{"precision":3}"#),
        (r#"{"history_from":5}"#, r#"{"history_from":6}"#, r#"{"history_from":4}"#),
        (r#"{"history_to":5}"#, r#"{"history_to":4}"#, r#"{"history_to":6}"#),
        (r#"{"where":["a:eq:1"]}"#, r#"{"where":["a:eq:1","b:eq:2"]}"#, r#"{"where":["b:eq:2"]}"#),
        (r#"{"delay_s":5}"#, r#"{"delay_s":6}"#, r#"{"delay_s":4}"#),
        (r#"{"rate":5}"#, r#"{"rate":4}"#, r#"{"rate":6}"#),
    ] {
        assert!(covers(mine, mine) && covers(mine, narrower) && covers("{}", mine), "{mine}");
        assert!(!covers(mine, wider) && !covers(mine, "{}"), "{mine}");
    }
}

#[test]
fn who_is_not_shown_something_adds_no_condition_by_which_to_find_it_out() {
    let covers = |mine: &str, wanted: &str| {
        let [mine, wanted]: [Conditions; 2] = [mine, wanted].map(|text| serde_json::from_str(text).unwrap());
        mine.cover(&wanted)
    };
    let fuel = r#"{"hidden_fields":["fuel"]}"#;
    for by in ["fuel:gt:7", "fields.fuel:exists"] {
        assert!(!covers(fuel, &format!(r#"{{"hidden_fields":["fuel"],"where":["{by}"]}}"#)), "{by}");
    }
    assert!(covers(fuel, r#"{"hidden_fields":["fuel"],"where":["load:gt:7","key:eq:a","position.lat:gt:7"]}"#));
    for by in ["position.lat:gt:7.001", "position.speed:exists"] {
        assert!(!covers(r#"{"precision":1}"#, &format!(r#"{{"precision":1,"where":["{by}"]}}"#)), "{by}");
    }
    // What was given stays so, as it is.
    let given = r#"{"hidden_fields":["fuel"],"where":["fuel:gt:7"]}"#;
    assert!(covers(given, given) && covers("{}", given));
}

#[test]
fn what_is_narrowed_is_not_the_whole_and_is_passed_on_as_narrow_at_least() {
    let (read, history) = (Operation::Read, Operation::History);
    let rights = |grants: &[Grant]| Rights::of_grants(grants).unwrap();
    let one = rights(&[narrowed(&[read, history], &["*"], hiding(&["fuel"]))]);
    let access = one.on(&name("a"), Some(Visibility::Public));
    assert!(access.may(Ask::Whole).is_err(), "standings would tell of what is hidden");
    for ask in [Ask::Present, Ask::Item("k"), Ask::History, Ask::ItemHistory("k")] {
        let sight = access.may(ask).unwrap();
        assert!(!sight.sees_all() && sight.narrowed.unwrap().hides("fuel"), "{ask:?}");
    }
    assert!(!one.covers(&rights(&[grant("a", &[read], &["*"])])));
    assert!(!one.covers(&rights(&[narrowed(&[read], &["k"], hiding(&["note"]))])));
    assert!(one.covers(&rights(&[narrowed(&[read], &["k"], hiding(&["note", "fuel"]))])));
    assert!(rights(&[grant("a", &[read], &["*"])]).covers(&rights(&[narrowed(&[read], &["k"], hiding(&["note"]))])));
    let reading = one.reading(&name("a"));
    assert_eq!(reading, [narrowed(&[read, history], &["*"], hiding(&["fuel"]))]);
    assert!(one.covers(&rights(&reading)));
}

#[test]
fn what_one_grant_shows_is_shown_whatever_another_hides() {
    let both = [grant("a", &[Operation::Read], &["k*"]), narrowed(&[Operation::Read], &["*"], hiding(&["fuel"]))];
    let sight = Rights::of_grants(&both).unwrap().on(&name("a"), None).may(Ask::Present).unwrap();
    let lens = Lens::new(sight.narrowed.as_deref(), Zones::default());
    assert!(lens.shows("kl", "fuel") && !lens.shows("m", "fuel") && lens.shows("m", "note"));
    assert!(!sight.narrowed.unwrap().hides("fuel"), "it is shown under some keys");
    let within = [grant("a", &[Operation::Read], &["*"]), narrowed(&[Operation::Read], &["k"], hiding(&["fuel"]))];
    let sight = Rights::of_grants(&within).unwrap().on(&name("a"), None).may(Ask::Present).unwrap();
    assert!(sight.sees_all());
}

/// The fields that are shown under the keys, as pairs.
fn shown(sight: &Sight) -> Vec<(&'static str, &'static str)> {
    let lens = sight.narrowed.as_deref().map(|n| Lens::new(Some(n), Zones::default()));
    let pairs = KEYS.iter().filter(|k| sight.allows(k)).flat_map(|k| FIELDS.iter().map(move |f| (*k, *f)));
    pairs.filter(|(k, f)| lens.as_ref().is_none_or(|lens| lens.shows(k, f))).collect()
}

/// Few boards, keys and patterns, so that they meet often.
fn grants() -> impl Strategy<Value = Vec<Grant>> {
    let hidden = prop::sample::subsequence(FIELDS.to_vec(), 1..=2).prop_map(|fields| hiding(&fields));
    let conditions = prop_oneof![2 => Just(Conditions::default()), 1 => hidden];
    let board = prop::sample::select(vec!["*", "a*", "a", "ab", "ab*", "b", "b*", "*b"]);
    let operations = prop::sample::subsequence(Operation::ALL.to_vec(), 0..=5);
    let keys = prop::collection::vec(prop::sample::select(vec!["*", "k*", "k", "kl", "kl*", "m", "*m"]), 0..4);
    let grant = move |(b, mut o, k, conditions): (_, Vec<Operation>, Vec<&str>, Conditions)| {
        if !conditions.is_none() {
            o.retain(|o| matches!(o, Operation::Read | Operation::History));
        }
        Grant { conditions, ..grant(b, &o, &k) }
    };
    prop::collection::vec((board, operations, keys, conditions).prop_map(grant), 0..4)
}

const BOARDS: [&str; 6] = ["a", "ab", "abc", "b", "bb", "c"];
const FIELDS: [&str; 3] = ["fuel", "note", "load"];
const KEYS: [&str; 6] = ["k", "kl", "klm", "m", "mm", "z"];

fn asks() -> Vec<Ask<'static>> {
    let single = [Ask::Board, Ask::Present, Ask::History, Ask::Whole, Ask::Publish, Ask::Manage];
    let single = single.into_iter().chain([Ask::Watchers, Ask::Members]);
    let keyed = KEYS.iter().flat_map(|k| [Ask::Item(k), Ask::ItemHistory(k), Ask::PublishTo(k)]);
    single.chain(keyed).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn f1_a_token_never_allows_more_than_what_minted_it(
        root in grants(),
        standing in prop::sample::select(vec![Standing::Member, Standing::Public, Standing::Player("k".into())]),
        wishes in prop::collection::vec(grants(), 1..6),
    ) {
        let Ok(root) = Rights::of_grants(&root) else { return Ok(()) };
        let root = root.as_standing(standing);
        let mut holder = root.clone();
        for wish in wishes {
            // What the route does: check, then ask whether it is covered; the standing is the minter's.
            let Ok(wanted) = check_grants(&wish) else { continue };
            let wanted = wanted.as_standing(holder.standing());
            if !holder.covers(&wanted) {
                continue;
            }
            for board in BOARDS {
                for visibility in [None, Some(Visibility::Private), Some(Visibility::Public)] {
                    let [had, first, has] = [&holder, &root, &wanted].map(|r| r.on(&name(board), visibility));
                    let anyone = Rights::anyone().on(&name(board), visibility);
                    for ask in asks() {
                        let Ok(sight) = has.may(ask) else { continue };
                        for minter in [&had, &first] {
                            let all = minter.may(ask).into_iter().chain(anyone.may(ask));
                            let keys = all.fold(KeySet::Nothing, |set, s| set.or(&s.keys));
                            prop_assert!(keys.covers(&sight.keys), "{board} {ask:?}: {sight:?} of {minter:?}");
                            let all = minter.may(ask).into_iter().chain(anyone.may(ask));
                            let fields: Vec<_> = all.flat_map(|s| shown(&s)).collect();
                            prop_assert!(shown(&sight).iter().all(|f| fields.contains(f)), "{board} {ask:?}: {sight:?}");
                            prop_assert!(!sight.manager || minter.manage);
                            prop_assert!(minter.standing.is_member() || minter.standing == sight.standing);
                        }
                    }
                }
            }
            holder = wanted;
        }
    }

    #[test]
    fn what_grants_allow_is_what_one_of_them_says(grants in grants(), board in prop::sample::select(BOARDS.to_vec())) {
        let Ok(rights) = Rights::of_grants(&grants) else { return Ok(()) };
        let access = rights.on(&name(board), Some(Visibility::Private));
        let matches = |pattern: &str, text: &str| pattern.strip_suffix('*').map_or(pattern == text, |p| text.starts_with(p));
        let said = |operation, key: &str| {
            grants.iter().any(|g| matches(&g.board, board) && g.operations.contains(&operation) && g.keys.iter().any(|p| matches(p, key)))
        };
        for key in KEYS {
            prop_assert_eq!(access.may(Ask::Item(key)).is_ok(), said(Operation::Read, key));
            prop_assert_eq!(access.may(Ask::ItemHistory(key)).is_ok(), said(Operation::History, key));
            prop_assert_eq!(access.may(Ask::PublishTo(key)).is_ok(), said(Operation::Publish, key));
        }
        for (operation, ask) in [(Operation::Read, Ask::Present), (Operation::History, Ask::History)] {
            let shown = access.may(ask).map(|sight| shown(&sight)).unwrap_or_default();
            for (key, field) in KEYS.iter().flat_map(|k| FIELDS.iter().map(move |f| (*k, *f))) {
                let of = |g: &Grant| matches(&g.board, board) && g.operations.contains(&operation);
                let hides = |g: &Grant| g.conditions.hidden_fields.iter().flatten().any(|f| f == field);
                let one = grants.iter().any(|g| of(g) && g.keys.iter().any(|p| matches(p, key)) && !hides(g));
                prop_assert_eq!(shown.contains(&(key, field)), one);
            }
        }
    }

    #[test]
    fn tags_differ_where_sights_do(a in grants(), b in grants()) {
        let sights = [a, b].map(|g| Rights::of_grants(&g).map(|r| r.on(&name("a"), None).may(Ask::Present)));
        let [Ok(Ok(a)), Ok(Ok(b))] = sights else { return Ok(()) };
        prop_assert_eq!(a == b, a.tag() == b.tag());
    }
}
