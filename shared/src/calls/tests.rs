//! The bytes of the contract are pinned: a test here that fails means that [`VERSION`] must be raised.

use super::board::{CompareAnswer, CompareAsk, Config, ControlRequest, Done, LayerAsk, ViewAsk};
use super::ingest::{IngestBody, Sender};
use super::registry::{KeyRotation, WatchAsk};
use super::*;
use crate::audit::{Act, AuditAsk, By, Kind};
use crate::backup::{ExportAsk, ImportAsk};
use crate::codec::Batch;
use crate::config::BoardConfig;
use crate::cursor::{Cursor, Epoch};
use crate::id::BoardName;
use crate::index::{Entry, Said, Summary};
use crate::layers::LayerId;
use crate::layers::geojson::Contents;
use crate::meters::edge::Edge;
use crate::relay::later::{Later, LaterAsk};
use crate::revocation::{CredentialId, Mark};
use crate::rewind::{Refusal, Rewind, RewindAsk, Rewound, Told};
use crate::rights::{KeySet, Owner, Sight};
use crate::scores::keeper::Correction;
use crate::scores::session::{Schedule, SessionAction};
use crate::share::ShareId;
use crate::time::Millis;
use serde::Serialize;
use serde_json::json;

const OWNER: Owner = Owner::board();

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

#[test]
fn a_call_of_another_version_is_refused_and_not_read() {
    assert_eq!(opened(&[VERSION, 7, 8]), Ok(&[7, 8][..]));
    assert_eq!(opened(&[VERSION]), Ok(&[][..]));
    for theirs in [0, VERSION + 1, b'{', 255] {
        assert_eq!(opened(&[theirs, 7]), Err(OtherVersion { theirs: Some(theirs) }));
    }
    assert_eq!(opened(&[]), Err(OtherVersion { theirs: None }));
    let text = OtherVersion { theirs: Some(9) }.to_string();
    assert_eq!(text, "the caller speaks version Some(9) of the contract between edge and objects, this object 6");
}

#[test]
fn methods_keep_their_names() {
    let board: Vec<&str> = BoardMethod::ALL.iter().map(|method| method.path()).collect();
    assert_eq!(
        board.join(" "),
        "ingest items item series track trips events rewind summary scores lookup relays pipeline fences fence put-fence drop-fence \
         fence-events alarms alarm-events acknowledge-alarm mute-alarms alarm-rules alarm-rule put-alarm-rule drop-alarm-rule \
         webhooks webhook put-webhook drop-webhook rotate-webhook test-webhook failed-messages redeliver-messages \
         layers layer put-layer drop-layer pipeline-broken sync later-state later compare follow presence config put-config delete archive status control sessions \
         audit entries dead-letters letter mend-letter drop-letter drop-letters candidates replay-letters audit-log \
         export import drop-import"
    );
    let relay: Vec<&str> = RelayMethod::ALL.iter().map(|method| method.path()).collect();
    assert_eq!(relay.join(" "), "push feed close close-for-good end connection who end-all-of presence");
    let poller: Vec<&str> = PollerMethod::ALL.iter().map(|method| method.path()).collect();
    assert_eq!(poller.join(" "), "wake status");
    assert!(PollerMethod::ALL.iter().all(|method| PollerMethod::named(method.path()) == Some(*method)));
    assert!(BoardMethod::ALL.iter().all(|method| BoardMethod::named(method.path()) == Some(*method)));
    assert!(RelayMethod::ALL.iter().all(|method| RelayMethod::named(method.path()) == Some(*method)));
    assert_eq!((BoardMethod::named("all"), RelayMethod::named("ingest")), (None, None));
}

#[test]
fn the_bytes_of_a_rewind_on_its_way_are_pinned() {
    let keys = Some(vec!["a".to_owned()]);
    let ask = RewindAsk { sight: Sight::everything(), read: KeySet::All, keys, rewind: Rewind::Events(5) };
    let sight = json(&ask.sight);
    assert_eq!(json(&ask), format!(r#"{{"sight":{sight},"read":"all","keys":["a"],"rewind":{{"events":5}}}}"#));
    assert_eq!(json(&Rewound::Refused(Refusal::TooFar)), r#"{"refused":"too_far"}"#);
    let told = Told { cursor: Cursor { epoch: Epoch(1), seq: 9 }, from: 7, events: Vec::new() };
    assert_eq!(json(&Rewound::Told(told)), r#"{"told":{"cursor":"e1:9","from":7,"events":[]}}"#);
}

#[test]
fn the_bytes_of_a_layer_on_its_way_are_pinned() {
    let geojson = br#"{"type":"Point","coordinates":[7,50]}"#;
    let contents = Contents { features: 1, places: 1, bbox: Some([7.0, 50.0, 7.0, 50.0]) };
    let ask = LayerAsk { id: LayerId::parse("stops").unwrap(), contents, geojson };
    let encoded = ask.encode().unwrap();
    let head = br#"["stops",{"features":1,"places":1,"bbox":[7.0,50.0,7.0,50.0]}]"#;
    assert_eq!(encoded, [&[head.len() as u8][..], head, geojson].concat());
    assert_eq!(LayerAsk::decode(&encoded).unwrap(), ask);
    assert!(LayerAsk::decode(b"\x02[]").is_err());
}

#[test]
fn the_bytes_of_a_backup_on_its_way_are_pinned() {
    let ask = ImportAsk { config: b"{}", frame: &[1, 2, 3] };
    assert_eq!(ask.encode(), [2, b'{', b'}', 1, 2, 3]);
    assert_eq!(ImportAsk::decode(&ask.encode()).unwrap(), ask);
    assert!(ImportAsk::decode(b"\x02{").is_err());
    assert_eq!(json(&ExportAsk { after: Some(7), upto: None }), r#"{"after":7,"upto":null}"#);
}

#[test]
fn the_bytes_of_events_on_their_way_are_pinned() {
    let config = BoardConfig::parse(br#"{"title":"Fleet","visibility":"public","tick_ms":100}"#).unwrap();
    let (owner, letters, ends) = (&OWNER, String::new(), Vec::new());
    let trails = String::new();
    let sender = Sender { owner, player: false, by: "k", source: None, letters, trails, report: None, ends };
    let batch = Batch::default();
    let encoded = batch.encode();
    let plain = IngestBody::of(&config, None, &sender).encode(&batch);
    assert_eq!(hex(&plain), format!("{PLAIN}{}", hex(&encoded)));
    let sender = Sender { player: true, letters: "[]".into(), report: Some(vec![1, 2]), ..sender };
    let full = IngestBody::of(&config, Some(("once", 300)), &sender).encode(&batch);
    assert_eq!(hex(&full), format!("{FULL}{}", hex(&encoded)));
    let full = opened(&full).unwrap();
    let read = IngestBody::decode(full).unwrap();
    assert_eq!(
        (read.tick_ms, read.player, read.by, read.letters, read.batch),
        (100, true, "k", "[]", encoded.as_slice())
    );
    assert_eq!(read.request.map(|key| (key.name, key.hash)), Some(("once", 300)));
    let sender = Sender { source: Some("buses"), letters: String::new(), report: None, player: false, ..sender };
    let sourced = IngestBody::of(&config, None, &sender).encode(&batch);
    assert_eq!(hex(&sourced), format!("{SOURCED}{}", hex(&encoded)));
    assert_eq!(IngestBody::decode(opened(&sourced).unwrap()).unwrap().source, Some("buses"));
    let ending_sender = Sender { ends: vec![0, 300], ..sender };
    let ending = IngestBody::of(&config, None, &ending_sender).encode(&batch);
    assert_eq!(hex(&ending), format!("{ENDING}{}", hex(&encoded)));
    assert_eq!(IngestBody::decode(opened(&ending).unwrap()).unwrap().ends, [0, 300]);
    let walked = Sender { trails: "[]".into(), ends: Vec::new(), ..ending_sender };
    let walked = IngestBody::of(&config, None, &walked).encode(&batch);
    assert_eq!(hex(&walked), format!("{WALKED}{}", hex(&encoded)));
    assert_eq!(IngestBody::decode(opened(&walked).unwrap()).unwrap().trails, "[]");
    for end in 0..full.len() - encoded.len() {
        assert!(IngestBody::decode(&full[..end]).is_err(), "cut at {end}");
    }
}

const PLAIN: &str = "0600641e0000016b00";
const SOURCED: &str = "0620641e0000016b00056275736573";
const ENDING: &str = "0660641e0000016b000562757365730200ac02";
const WALKED: &str = "06a0641e0000016b00056275736573025b5d";
const FULL: &str = "060e641e0000016b025b5d020102046f6e6365ac02";

#[test]
fn the_texts_of_questions_to_a_board_are_pinned() {
    let sight = Sight::everything();
    let view = ViewAsk { sight, key: Some("v1".into()), stale_after_s: 60, past: false };
    assert_eq!(
        json(&view),
        r#"{"sight":{"keys":"all","manager":true,"standing":"member"},"key":"v1","stale_after_s":60}"#
    );
    let cursor = "e1:7".parse().unwrap();
    let compare = CompareAsk { relay: "fleet/0".into(), cursor: Some(cursor), viewers: 3 };
    assert_eq!(json(&compare), r#"{"relay":"fleet/0","cursor":"e1:7","viewers":3}"#);
    let later = LaterAsk { relay: 60_000, cursor: Some(cursor), leaves: false };
    assert_eq!(json(&later), r#"{"relay":60000,"cursor":"e1:7"}"#);
    let leaving = LaterAsk { cursor: None, leaves: true, ..later };
    assert_eq!(json(&leaving), r#"{"relay":60000,"cursor":null,"leaves":true}"#);
    assert_eq!(hex(&Later { switched: 300, wait_millis: 2_000, push: vec![7] }.encode()), "01ac02d00f07");
    assert_eq!(
        json(&CompareAnswer { cursor, known: true, elsewhere: 2 }),
        r#"{"cursor":"e1:7","known":true,"elsewhere":2}"#
    );
    assert_eq!(json(&Config { version: 4, text: "{}".into() }), r#"{"version":4,"text":"{}"}"#);
    let done = Done { version: 4, is_new: true, is_told: false };
    assert_eq!(json(&done), r#"{"version":4,"is_new":true,"is_told":false}"#);
}

#[test]
fn the_texts_of_what_managers_ask_are_pinned() {
    let schedule = Schedule { opens_at: Some(Millis(5)), ..Schedule::default() };
    let create = ControlRequest::Create { id: "s".into(), title: "T".into(), schedule, code: None, by: "k".into() };
    assert_eq!(json(&create), r#"{"create":{"id":"s","title":"T","schedule":{"opens_at":5},"code":null,"by":"k"}}"#);
    let (id, schedule) = ("s".to_owned(), Schedule::default());
    let act = ControlRequest::Act { id, action: SessionAction::Freeze, schedule, at: Some(Millis(9)), by: "k".into() };
    assert_eq!(json(&act), r#"{"act":{"id":"s","action":"freeze","schedule":{},"at":9,"by":"k"}}"#);
    let end = ControlRequest::EndItem { key: "v1".into(), by: "k".into() };
    assert_eq!(json(&end), r#"{"end_item":{"key":"v1","by":"k"}}"#);
    let erase = ControlRequest::EraseItem { key: "v1".into(), by: "k".into() };
    assert_eq!(json(&erase), r#"{"erase_item":{"key":"v1","by":"k"}}"#);
    let wish = Correction::Disqualify { key: "v1".into(), reason: "r".into() };
    let correct = ControlRequest::Correct { wish, by: "k".into() };
    let text = json(&correct);
    assert!(text.starts_with(r#"{"correct":{"wish":{"action":"disqualify""#), "{text}");
    for text in [json(&create), json(&act), json(&end), json(&erase), text] {
        assert_eq!(json(&serde_json::from_str::<ControlRequest>(&text).unwrap()), text);
    }
}

#[test]
fn the_texts_of_questions_to_the_registry_are_pinned() {
    let board = || BoardName::try_from("fleet").unwrap();
    let entry = Entry::of(&BoardConfig::parse(br#"{"title":"Fleet","visibility":"public"}"#).unwrap());
    let cursor = "e1:7".parse().unwrap();
    let summary = Summary {
        items: 2,
        newest: None,
        cursor,
        viewers: 1,
        bbox: None,
        spots: Vec::new(),
        top: Vec::new(),
        question: None,
    };
    let key = Mark::credential(&CredentialId::Key("ab".into()));
    let watch = WatchAsk { relay: "fleet/0".into(), marks: vec![key], after: 3 };
    let by = || By { credential: "admin".into(), subject: None };
    let rotation = KeyRotation { id: "ab".into(), hash: "cd".into(), until: Millis(5) };
    let id = || ShareId::of([1, 2, 3, 4, 5]);
    let calls = [
        (RegistryCall::Boards, r#""boards""#),
        (RegistryCall::Meters, r#""meters""#),
        (RegistryCall::Board(board()), r#"{"board":"fleet"}"#),
        (
            RegistryCall::Say(board(), Box::new(Said { version: 2, entry, summary, meters: None })),
            r#"{"say":["fleet",{"version":2,"entry":{"title":"Fleet","description":"","visibility":"public","stale_after_s":300,"scores":false},"summary":{"items":2,"newest":null,"cursor":"e1:7","viewers":1,"bbox":null}}]}"#,
        ),
        (RegistryCall::DeleteBoard(board(), 3), r#"{"delete_board":["fleet",3]}"#),
        (RegistryCall::Changes(5), r#"{"changes":5}"#),
        (
            RegistryCall::Report(5, Edge { not_modified: 2, ..Edge::default() }),
            r#"{"report":[5,{"cache":{},"not_modified":2,"minted":{},"ended":{}}]}"#,
        ),
        (RegistryCall::Watch(watch), r#"{"watch":{"relay":"fleet/0","marks":["key:ab"],"after":3}}"#),
        (RegistryCall::End(vec![Mark::board(&board())]), r#"{"end":["board:fleet"]}"#),
        (RegistryCall::Code("K7".into()), r#"{"code":"K7"}"#),
        (RegistryCall::PutCode("K7".into(), board(), "s".into()), r#"{"put_code":["K7","fleet","s"]}"#),
        (RegistryCall::Keys, r#""keys""#),
        (RegistryCall::Key("ab".into()), r#"{"key":"ab"}"#),
        (RegistryCall::PutKey("ab".into(), json!({"label": "l"})), r#"{"put_key":["ab",{"label":"l"}]}"#),
        (RegistryCall::DeleteKey("ab".into()), r#"{"delete_key":"ab"}"#),
        (RegistryCall::RotateKey(rotation), r#"{"rotate_key":{"id":"ab","hash":"cd","until":5}}"#),
        (
            RegistryCall::Noted(by(), Box::new(RegistryCall::DeleteKey("ab".into()))),
            r#"{"noted":[{"credential":"admin"},{"delete_key":"ab"}]}"#,
        ),
        (
            RegistryCall::Note(board(), by(), Act::new(Kind::Config, "deleted")),
            r#"{"note":["fleet",{"credential":"admin"},{"kind":"config","action":"deleted"}]}"#,
        ),
        (
            RegistryCall::Audit(board(), AuditAsk { kind: None, after: None, limit: 3 }),
            r#"{"audit":["fleet",{"kind":null,"after":null,"limit":3}]}"#,
        ),
        (RegistryCall::Shares(board()), r#"{"shares":"fleet"}"#),
        (RegistryCall::OpenShare(id(), true), r#"{"open_share":["04106105",true]}"#),
        (RegistryCall::DeleteShare(board(), id()), r#"{"delete_share":["fleet","04106105"]}"#),
    ];
    for (call, text) in calls {
        let bytes = call.encode().unwrap();
        assert_eq!(bytes[0], VERSION);
        assert_eq!(std::str::from_utf8(&bytes[1..]).unwrap(), text);
        assert_eq!(serde_json::from_str::<RegistryCall>(text).unwrap(), call);
    }
}

#[test]
fn the_script_for_jq_speaks_the_version_it_is_asked_in() {
    let script = include_str!("../../../transform/index.js");
    assert!(script.contains(&format!("const VERSION = {TRANSFORM_VERSION};")));
    assert!(script.contains(&format!("const OTHER_VERSION_STATUS = {OTHER_VERSION_STATUS};")));
}
