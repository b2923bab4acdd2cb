//! Rules S and F8: what a viewer may say, and what is wrong with what it may not.

use super::*;

fn code(text: &str) -> (&'static str, Option<u32>, Option<String>) {
    let e = ClientMessage::from_json(text).unwrap_err();
    (e.code.name(), e.id, e.action)
}

#[test]
fn f8_a_message_that_is_refused_says_which_and_why() {
    let sub = |rest: &str| code(&format!(r#"{{"action":"subscribe","id":3{rest}}}"#));
    let at = |code| (code, Some(3), Some("subscribe".to_owned()));
    assert_eq!(sub(r#","keys":["a"],"bbox":[0,0,1,1]"#), at("invalid_filter"));
    assert_eq!(sub(r#","keys":["a",""]"#), at("invalid_key"));
    assert_eq!(sub(r#","bbox":[0,2,1,1]"#), at("invalid_bbox"));
    assert_eq!(sub(r#","every_ms":60001"#), at("out_of_range"));
    assert_eq!(sub(r#","what":"weather""#), at("invalid_what"));
    assert_eq!(sub(r#","resume":"1042""#), at("invalid_cursor"));
    assert_eq!(code(r#"{"action":"subscribe"}"#).0, "missing");
    assert_eq!(code(r#"{"action":"ack","cursor":7}"#).0, "invalid_message");
    assert_eq!(code(r#"{"action":"ack"}"#).0, "missing");
    assert_eq!(code(r#"{"action":"token"}"#).0, "missing");
    assert_eq!(code(r#"{"action":"publish"}"#).0, "missing");
    assert_eq!(code(r#"{"action":"dance","id":1}"#), ("unknown_action", Some(1), Some("dance".into())));
    assert_eq!(code(r#"{"action":"subscribe","id":1,"colour":"red"}"#).0, "invalid_message");
    assert_eq!(code("hello").0, "invalid_message");
    assert_eq!(code(r#"["unsubscribe",1]"#).0, "invalid_message");
}

#[test]
fn s3_a_subscription_has_at_most_1000_keys_sorted_and_without_repeats() {
    let keys = |n: usize| (0..n).map(|i| format!("k{i}")).collect::<Vec<_>>();
    let json = |k: &[String]| serde_json::json!({"action": "subscribe", "id": 3, "keys": k}).to_string();
    assert!(ClientMessage::from_json(&json(&keys(1_000))).is_ok());
    assert_eq!(code(&json(&keys(10_000))), ("too_many_keys", Some(3), Some("subscribe".into())));
    let subscription = Subscription::items_keys(keys(1_001));
    let message = ClientMessage::Subscribe { id: SubId(3), subscription, resume: None, rights: None, rewind: None };
    let e = ClientMessage::from_binary(&message.to_binary()).unwrap_err();
    assert_eq!((e.code.name(), e.id), ("too_many_keys", Some(3)));
    let Ok(ClientMessage::Subscribe { subscription, .. }) =
        ClientMessage::from_json(r#"{"action":"subscribe","id":1,"keys":["b","a","b"]}"#)
    else {
        panic!("refused")
    };
    assert_eq!(subscription, Subscription::items_keys(vec!["a".into(), "b".into()]));
}

#[test]
fn f8_messages_and_tokens_have_a_size() {
    let long = "x".repeat(8 * 1024 + 1);
    assert_eq!(code(&format!(r#"{{"action":"token","token":"{long}"}}"#)).0, "too_long");
    let binary = ClientMessage::Token { token: long }.to_binary();
    assert_eq!(ClientMessage::from_binary(&binary).unwrap_err().code, "too_long");
    let huge = "x".repeat(160 * 1024 + 1);
    assert_eq!(code(&huge).0, "message_too_large");
    assert_eq!(ClientMessage::from_binary(huge.as_bytes()).unwrap_err().code, "message_too_large");
}

#[test]
fn c1_another_version_is_named() {
    let e = ClientMessage::from_binary(&[2, 1]).unwrap_err();
    assert_eq!(
        (e.code.name(), e.message.as_str()),
        ("invalid_message", "version 2 is not known here; this build reads version 1")
    );
    assert_eq!(ClientMessage::from_binary(&[]).unwrap_err().code, "invalid_message");
    assert_eq!(ClientMessage::from_binary(&[1, 2, 5, 0]).unwrap_err().message, "bytes after the end of the message");
}

#[test]
fn g12_a_scores_subscription_that_is_refused_says_which_field() {
    let sub =
        |rest: &str| ClientMessage::from_json(&format!(r#"{{"action":"subscribe","id":3,"what":"scores"{rest}}}"#));
    for (rest, field) in [
        (r#","top":10001"#, "top"),
        (r#","offset":1000001"#, "offset"),
        (r#","span":51"#, "span"),
        (r#","around":"""#, "around"),
        (r#","group":"DE""#, "group"),
        (r#","session":"""#, "session"),
        (r#","keys":["a"]"#, "keys"),
        (r#","bbox":[0,0,1,1]"#, "bbox"),
        (r#","top":-1"#, "top"),
        (r#","rank":1"#, "rank"),
    ] {
        let e = sub(rest).unwrap_err();
        assert!(e.message.contains(field), "{rest}: {}", e.message);
        let code = if e.id.is_none() { "invalid_message" } else { e.code.name() };
        assert!(["out_of_range", "invalid_filter", "invalid_message"].contains(&code), "{rest}: {code}");
    }
    for rest in ["top", "offset", "span"].map(|f| format!(r#""{f}":1"#)) {
        let e = code(&format!(r#"{{"action":"subscribe","id":3,{rest}}}"#));
        assert_eq!(e, ("invalid_filter", Some(3), Some("subscribe".to_owned())));
    }
    assert_eq!(sub("").unwrap(), {
        let subscription = Subscription::scores(ScoreWindow::default());
        ClientMessage::Subscribe { id: SubId(3), subscription, resume: None, rights: None, rewind: None }
    });
    let wide = Subscription::scores(ScoreWindow { top: 10_001, ..ScoreWindow::default() });
    let message =
        ClientMessage::Subscribe { id: SubId(3), subscription: wide, resume: None, rights: None, rewind: None };
    let e = ClientMessage::from_binary(&message.to_binary()).unwrap_err();
    assert_eq!((e.code.name(), e.id), ("out_of_range", Some(3)));
}

#[test]
fn presence_is_followed_whole_or_refused() {
    let sub =
        |rest: &str| ClientMessage::from_json(&format!(r#"{{"action":"subscribe","id":3,"what":"presence"{rest}}}"#));
    let message = sub(r#","every_ms":5000"#).unwrap();
    let subscription = Subscription::presence().every_ms(5_000);
    assert_eq!(
        message,
        ClientMessage::Subscribe { id: SubId(3), subscription, resume: None, rights: None, rewind: None }
    );
    assert_eq!(ClientMessage::from_binary(&message.to_binary()), Ok(message));
    for part in [
        r#""keys":["a"]"#,
        r#""bbox":[0,0,1,1]"#,
        r#""where":["a:eq:1"]"#,
        r#""top":3"#,
        r#""around":"a""#,
        r#""session":"all""#,
        r#""cells":true"#,
        r#""trace":true"#,
        r#""rewind":{"events":5}"#,
    ] {
        assert_eq!(sub(&format!(",{part}")).unwrap_err().code.name(), "invalid_filter", "{part}");
    }
    // With conditions behind it, it is none of ours.
    let mut bytes = sub("").unwrap().to_binary();
    *bytes.last_mut().unwrap() |= 4;
    assert!(ClientMessage::from_binary(&bytes).is_err());
}

#[test]
fn conditions_are_checked_and_both_ways_of_writing_them_say_the_same() {
    let json = r#"{"action":"subscribe","id":3,"where":["route:in:1,2","fuel:lt:0.3","fuel:lt:0.3"]}"#;
    let message = ClientMessage::from_json(json).unwrap();
    let ClientMessage::Subscribe { subscription, .. } = &message else { panic!("{message:?}") };
    assert_eq!(subscription.wheres, ["fuel:lt:0.3", "route:in:1,2"]);
    let binary = message.to_binary();
    assert_eq!(ClientMessage::from_binary(&binary), Ok(message));
    // Version, kind, number, pace, all items, the flag, two texts.
    assert_eq!(binary[..8], [1, 1, 3, 0, 0, 4, 2, 11]);
    let sub = |rest: &str| code(&format!(r#"{{"action":"subscribe","id":3{rest}}}"#));
    let at = |code| (code, Some(3), Some("subscribe".to_owned()));
    assert_eq!(sub(r#","where":["fuel"]"#), at("invalid_filter"));
    assert_eq!(sub(r#","what":"scores","where":["a:eq:1"]"#), at("invalid_filter"));
    let many = vec!["a:eq:1"; limits::WHERE_CONDITIONS + 1].join("\",\"");
    assert_eq!(sub(&format!(r#","where":["{many}"]"#)), at("invalid_filter"));
}
