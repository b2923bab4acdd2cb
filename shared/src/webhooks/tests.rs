//! Messages, their signatures, and how they are told one after another.

use super::places::PLACES;
use super::*;
use crate::alarms::{AlarmEvent, AlarmRule, Alarms, Ground, Reason, RuleId, Severity, What};
use crate::codec::Batch;
use crate::cursor::Epoch;
use crate::event::Event;
use crate::fences::Fences;
use crate::id::BoardName;
use crate::items::Items;
use crate::problem::Code;
use crate::time::Millis;
use crate::value::Value as Field;
use proptest::prelude::*;
use serde_json::{Value, json};

const T0: i64 = 1_772_366_400_000;
const ROOT: &[u8] = b"0123456789abcdef0123456789abcdef";

fn board() -> BoardName {
    BoardName::try_from("fleet").unwrap()
}

fn id() -> WebhookId {
    WebhookId::parse("ops").unwrap()
}

fn wish(json: &Value) -> WebhookWish {
    WebhookWish::parse(json.to_string().as_bytes()).unwrap_or_else(|e| panic!("{json}: {e:?}"))
}

fn webhook(json: &Value) -> Webhook {
    let (salt, root, changed_at) = ("5a17".to_owned(), *b"abcd", Millis(T0));
    Webhook { wish: wish(json), salt, root, generation: 1, before: None, changed_at }
}

fn event(id: u64, kind: What) -> AlarmEvent {
    AlarmEvent {
        id,
        kind,
        alarm: 1,
        rule: "hot".to_owned(),
        name: "Too hot".to_owned(),
        severity: Severity::Warning,
        key: "v1".to_owned(),
        time: Millis(T0),
        received_at: Millis(T0 + 1_000),
        seen: "temp=81.5".to_owned(),
        reason: Reason::Rule,
        muted: false,
        by: None,
    }
}

fn says(json: &Value, event: &AlarmEvent) -> Value {
    serde_json::from_str(&content(&wish(json), Message { board: &board(), event })).unwrap()
}

/// Alarms of items that are too hot one after another.
fn alarms(items: usize) -> Alarms {
    let (mut alarms, fences) = (Alarms::default(), Fences::default());
    let rule = AlarmRule::parse(br#"{"where":["temp:gt:80"]}"#).unwrap();
    let ground = Ground { items: &Items::default(), fences: &fences, head: 0, now: Millis(T0) };
    alarms.put(&RuleId::parse("hot").unwrap(), &rule, ground).unwrap();
    for n in 0..items {
        let fields = vec![("temp".to_owned(), Some(Field::Number(90.0)))];
        let events = [Event { id: None, key: format!("v{n}"), time: Millis(T0), position: None, fields }];
        alarms.apply(&Batch::from_events(&events), n as u64 + 1, Millis(T0), &fences);
    }
    alarms
}

#[test]
fn a_message_says_what_happened_in_every_format() {
    let url = "https://ops.example/x";
    let standard = says(&json!({ "url": url }), &event(7, What::Raise));
    assert_eq!(
        (&standard["type"], &standard["timestamp"]),
        (&json!("alarm.raise"), &json!("2026-03-01T12:00:01.000Z"))
    );
    assert_eq!(standard["data"]["board"], "fleet");
    assert_eq!(standard["data"]["seen"], "temp=81.5");
    let slack =
        says(&json!({"url": url, "format": "slack"}), &AlarmEvent { key: "<!here>&".into(), ..event(7, What::Raise) });
    assert_eq!(slack, json!({"text": "[warning] Too hot: &lt;!here&gt;&amp; (temp=81.5) on fleet"}));
    let discord = says(
        &json!({"url": url, "format": "discord"}),
        &AlarmEvent { key: "@everyone".into(), ..event(7, What::Clear) },
    );
    assert_eq!(discord["content"], "[cleared] Too hot: @everyone (temp=81.5) on fleet");
    assert_eq!(discord["allowed_mentions"], json!({"parse": []}));
    let seen = AlarmEvent { by: Some("ann".into()), ..event(8, What::Acknowledge) };
    let teams = says(&json!({"url": url, "format": "teams"}), &seen);
    assert_eq!(teams["attachments"][0]["content"]["body"][0]["text"], "[seen by ann] Too hot: v1 (temp=81.5) on fleet");
}

#[test]
fn a_template_is_filled_in_once_and_stays_json() {
    let template = json!({
        "to": ["ops"], "subject": "{{severity}}: {{ name }}", "n": 3, "body": {"text": "{{key}} {{seen}} {{time}} {{x"},
    });
    let odd = AlarmEvent { key: "a\"b{{seen}}".into(), ..event(7, What::Raise) };
    let json = json!({"url": "https://ops.example/x", "format": "template", "template": template});
    let body = says(&json, &odd);
    assert_eq!(body["subject"], "warning: Too hot");
    assert_eq!(body["body"]["text"], "a\"b{{seen}} temp=81.5 2026-03-01T12:00:00.000Z {{x");
    assert_eq!((&body["n"], &body["to"]), (&json!(3), &json!(["ops"])));
    // Every name is filled in.
    for name in PLACES {
        let json =
            json!({"url": "https://ops.example/x", "format": "template", "template": [format!("{{{{{name}}}}}")]});
        let filled = says(&json, &event(7, What::Raise));
        assert!(
            !filled[0].as_str().unwrap().is_empty() && !filled[0].as_str().unwrap().contains('{'),
            "{name}: {filled}"
        );
    }
}

#[test]
fn a_wrong_webhook_is_refused_by_its_field() {
    for (json, field, code) in [
        (json!({"url": "ops"}), "url", "invalid"),
        (json!({"url": "https://a:b@ops.example/"}), "url", "invalid"),
        (json!({"url": "https://ops.example/", "format": "template"}), "template", "missing"),
        (json!({"url": "https://ops.example/", "template": {}}), "template", "invalid"),
        (json!({"url": "https://ops.example/", "format": "template", "template": "x"}), "template", "invalid"),
        (
            json!({"url": "https://ops.example/", "format": "template", "template": ["{{nobody}}"]}),
            "template",
            "invalid",
        ),
        (json!({"url": "https://ops.example/", "hidden": 1}), "hidden", "unknown_field"),
        (json!("x"), "", "invalid"),
    ] {
        let error = WebhookWish::parse(json.to_string().as_bytes()).unwrap_err().remove(0);
        assert_eq!((error.field.as_str(), error.code.name()), (field, code), "{json}: {}", error.message);
    }
}

#[test]
fn signatures_are_those_that_the_library_of_standard_webhooks_makes() {
    let mut hook = webhook(&json!({"url": "https://ops.example/x"}));
    let root = |name| (name == *b"abcd").then_some(ROOT);
    let keys = Keys::of(&hook, (&board(), &id()), root, Millis(T0)).unwrap();
    let body = content(&hook.wish, Message { board: &board(), event: &event(7, What::Raise) });
    let name = message_id(&board(), Epoch(3), 7);
    let sent = headers(&keys, &name, &body, Millis(T0 + 999));
    let header = |of: &[(&str, String)], name: &str| of.iter().find(|(n, _)| *n == name).unwrap().1.clone();
    assert_eq!(header(&sent, "webhook-id"), "fleet-e3-7");
    let theirs = standardwebhooks::Webhook::new(&keys.text()).unwrap();
    let signature = theirs.sign("fleet-e3-7", T0 / 1_000, body.as_bytes()).unwrap();
    assert_eq!(header(&sent, "webhook-signature"), signature);
    // For a day after a rotation both are there, and then the new one alone.
    hook.before = Some((hook.root, Millis(T0 + 10)));
    hook.generation = 2;
    let both = headers(&Keys::of(&hook, (&board(), &id()), root, Millis(T0)).unwrap(), &name, &body, Millis(T0));
    let signatures = header(&both, "webhook-signature");
    assert!(signatures.ends_with(&format!(" {signature}")), "{signatures}");
    let later = headers(&Keys::of(&hook, (&board(), &id()), root, Millis(T0 + 10)).unwrap(), &name, &body, Millis(T0));
    assert_eq!(Some(header(&later, "webhook-signature").as_str()), signatures.split(' ').next());
    // Another board, another webhook, one that was made anew, and a deployment without the secret.
    let text = |hook: &Webhook, board: &str, id: &str| {
        let (board, id) = (BoardName::try_from(board).unwrap(), WebhookId::parse(id).unwrap());
        Keys::of(hook, (&board, &id), root, Millis(T0)).map(|keys| keys.text())
    };
    let own = text(&hook, "fleet", "ops");
    assert_ne!(text(&hook, "fleets", "ops"), own);
    assert_ne!(text(&hook, "fleet", "oops"), own);
    assert_ne!(text(&Webhook { salt: "other".into(), ..hook.clone() }, "fleet", "ops"), own);
    assert_eq!(text(&Webhook { root: *b"gone", ..hook }, "fleet", "ops"), None);
}

#[test]
fn a_webhook_names_no_more_kinds_than_there_are() {
    let kinds = |n: usize| json!({"url": "https://ops.example/x", "kinds": vec!["clear"; n]}).to_string();
    assert!(WebhookWish::parse(kinds(3).as_bytes()).is_ok());
    let errors = WebhookWish::parse(kinds(4).as_bytes()).unwrap_err();
    assert_eq!(
        errors.iter().map(|error| (error.field.as_str(), error.code)).collect::<Vec<_>>(),
        [("kinds", Code::TooMany)]
    );
}

#[test]
fn what_a_webhook_is_told_is_what_it_asked_for() {
    let told = |json: Value, event: &AlarmEvent| webhook(&json).is_told(event);
    let url = "https://ops.example/x";
    let raise = event(1, What::Raise);
    assert!(told(json!({ "url": url }), &raise) && told(json!({ "url": url }), &event(2, What::Clear)));
    assert!(!told(json!({ "url": url }), &event(3, What::Acknowledge)));
    assert!(told(json!({"url": url, "kinds": ["acknowledge"]}), &event(3, What::Acknowledge)));
    assert!(!told(json!({"url": url, "severity": "critical"}), &raise));
    assert!(told(json!({"url": url, "severity": "info", "rules": ["hot"]}), &raise));
    assert!(!told(json!({"url": url, "rules": ["cold"]}), &raise));
    assert!(!told(json!({ "url": url }), &AlarmEvent { muted: true, ..raise }));
}

const LATER: fn(i64) -> Millis = |seconds| Millis(T0 + seconds * 1_000);

#[test]
fn a_message_is_sent_again_later_each_time_and_the_next_waits_for_it() {
    let (hook, alarms) = (webhook(&json!({"url": "https://ops.example/x"})), alarms(2));
    let mut delivery = Delivery::default();
    let away = Outcome::Failed(None, "no answer".to_owned(), None);
    let (mut now, mut waits) = (T0, Vec::new());
    for _ in 0..9 {
        let Action::Send(event) = delivery.next(&hook, &alarms, Millis(now)) else { panic!("{delivery:?}") };
        assert_eq!(event.id, 1);
        assert!(!delivery.sent(1, &away, Millis(now), 0));
        let next = delivery.next.unwrap();
        assert_eq!(delivery.next(&hook, &alarms, next.plus(-1)), Action::Wait(next));
        waits.push((next.0 - now) / 1_000);
        now = next.0;
    }
    assert_eq!(waits, [5, 30, 120, 300, 900, 1_800, 3_600, 3_600, 3_600]);
    // Chance makes it sooner, a receiver's wish later.
    delivery.sent(1, &Outcome::Failed(Some(503), String::new(), Some(7_200)), Millis(now), 999);
    assert_eq!(delivery.next, Some(Millis(now + 3_600_000)));
    // Three days later it is given up, and it is the next one's turn.
    now = T0 + 3 * 86_400_000;
    assert!(delivery.sent(1, &away, Millis(now), 0));
    assert!(matches!(delivery.next(&hook, &alarms, Millis(now)), Action::Send(event) if event.id == 2));
    assert!(!delivery.sent(2, &Outcome::Taken, Millis(now), 0));
    assert_eq!(delivery.next(&hook, &alarms, Millis(now)), Action::Idle);
    assert_eq!((delivery.taken, delivery.given_up, delivery.due(&alarms)), (1, 1, None));
}

#[test]
fn what_a_receiver_refuses_is_given_up_soon_and_one_that_is_gone_is_left_alone() {
    let (hook, alarms) = (webhook(&json!({"url": "https://ops.example/x"})), alarms(1));
    let refused = |status| Outcome::Failed(Some(status), "answered".to_owned(), None);
    let mut delivery = Delivery::default();
    let given_up: Vec<_> = (0..5).map(|n| delivery.sent(1, &refused(422), LATER(n), 0)).collect();
    assert_eq!(given_up, [false, false, false, false, true]);
    for status in [408, 425, 429, 500, 503] {
        let mut delivery = Delivery::default();
        assert!((0..9).all(|n| !delivery.sent(1, &refused(status), LATER(n), 0)), "{status}");
    }
    let mut delivery = Delivery::default();
    assert!(delivery.sent(1, &refused(410), LATER(0), 0) && delivery.gone);
    delivery.done = 0;
    assert_eq!(delivery.next(&hook, &alarms, LATER(9)), Action::Idle);
    assert_eq!(delivery.due(&alarms), None);
}

proptest! {
    #[test]
    fn whatever_fails_every_event_is_taken_or_given_up_once_and_in_order(chances in prop::collection::vec(0_u8..10, 0..80)) {
        let (hook, alarms) = (webhook(&json!({"url": "https://ops.example/x"})), alarms(6));
        let (mut delivery, mut now, mut done) = (Delivery::default(), T0, Vec::new());
        for chance in chances.into_iter().chain([9; 20]) {
            match delivery.next(&hook, &alarms, Millis(now)) {
                Action::Idle => break,
                Action::Wait(at) => {
                    prop_assert!(at.0 > now);
                    now = at.0;
                }
                Action::Send(event) => {
                    let outcome = match chance {
                        0..=3 => Outcome::Failed(Some(400), "no".to_owned(), None),
                        4..=6 => Outcome::Failed(None, "away".to_owned(), None),
                        _ => Outcome::Taken,
                    };
                    let given_up = delivery.sent(event.id, &outcome, Millis(now), u32::from(chance) * 100);
                    if given_up || outcome == Outcome::Taken {
                        done.push(event.id);
                    }
                }
            }
        }
        prop_assert!(done.iter().copied().eq(1..=done.len() as u64), "{done:?}");
    }
}
