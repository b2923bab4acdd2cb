use super::*;
use proptest::prelude::*;

fn request(outputs: u32, bytes: u32, code: &str, json: &str) -> Vec<u8> {
    let mut r = Vec::new();
    for n in [outputs, bytes, code.len() as u32] {
        r.extend(n.to_le_bytes());
    }
    r.extend(code.as_bytes());
    r.extend(json.as_bytes());
    r
}

fn frames(mut answer: &[u8]) -> Vec<(u8, String)> {
    assert_eq!(answer[0], 0, "{}", String::from_utf8_lossy(answer));
    answer = &answer[1..];
    let mut list = Vec::new();
    while !answer.is_empty() {
        let (length, rest) = number(&answer[1..]).unwrap();
        let (text, rest) = rest.split_at(length);
        list.push((answer[0], String::from_utf8(text.to_vec()).unwrap()));
        answer = rest;
    }
    list
}

#[test]
fn each_input_has_its_answer() {
    let mut programs = Programs::default();
    let answer = programs.answer(&request(5, 100, ".a + 1", "{\"a\":1}\n{\"a\":[]}\n{\"a\":3}"));
    let list = frames(&answer);
    assert_eq!(list[0], (0, "2".into()));
    assert_eq!(list[1].0, 1);
    assert_eq!(list[2], (0, "4".into()));
    assert_eq!(programs.answer(&request(5, 100, ".", "")), [0]);
    assert_eq!(programs.answer(&request(5, 100, ".a |", ""))[0], 1);
}

#[test]
fn bytes_are_counted_over_all_inputs() {
    let answer = Programs::default().answer(&request(5, 10, ".", "\"1234\"\"1234\""));
    let list = frames(&answer);
    assert_eq!(list[0], (0, "\"1234\"".into()));
    assert!(list[1].1.contains("more bytes"));
}

#[test]
fn broken_input_ends_the_answer() {
    let answer = Programs::default().answer(&request(5, 100, ".", "1 } 2"));
    let list = frames(&answer);
    assert_eq!(list.len(), 2);
    assert!(list[1].1.contains("not JSON"));
}

proptest! {
    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        let _ = Programs::default().answer(&bytes);
    }
}
