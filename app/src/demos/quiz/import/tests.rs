use super::*;
use crate::demos::quiz::question::examples;

fn errors(text: &str) -> Vec<String> {
    questions(text).unwrap_err().iter().map(ToString::to_string).collect()
}

fn short(text: &str) -> Vec<(String, usize, u32)> {
    questions(text).unwrap().into_iter().map(|q| (q.text, q.right, q.points)).collect()
}

#[test]
fn csv_takes_the_right_answer_by_text_letter_or_number() {
    let text = "question,options,right,points\n\
                \"Red, or?\",Yes | No,no,5\n\
                Blue?,Yes|No|Maybe,C,\n\
                Seven?,6|7|8,7,1\n\
                Two?,one|two,2,1\n";
    let expected = [("Red, or?", 1, 5), ("Blue?", 2, 10), ("Seven?", 1, 1), ("Two?", 1, 1)];
    assert_eq!(short(text), expected.map(|(t, r, p)| (t.to_owned(), r, p)));
}

#[test]
fn csv_from_a_spreadsheet_has_semicolons_option_columns_and_a_mark() {
    let text = "\u{feff}Question;Option A;Option B;Option C;Right;Points\r\nHow?;So;Thus;;B;20\r\n;;;;;\r\n";
    let read = questions(text).unwrap();
    assert_eq!(read.len(), 1);
    assert_eq!((read[0].options.len(), read[0].right, read[0].points), (2, 1, 20));
}

#[test]
fn csv_errors_name_line_and_column() {
    let text = "question,options,right,points\nFine?,a|b,a,1\n\"Two\nlines?\",a|b,c,1\n,a|b,a,x\nOne?,a,a,0\n";
    assert_eq!(
        errors(text),
        [
            "line 3, column 3 (right): “c” is none of the options; give one option's text, its letter or its number from 1",
            "line 5, column 4 (points): “x” is not a whole number",
            "line 5, column 1 (question): the question has no text",
            "line 6, column 2 (options): there are 1 options; a question has 2 to 6",
            "line 6, column 4 (points): points are a whole number from 1 to 100",
        ]
    );
}

#[test]
fn csv_without_its_columns_says_which() {
    let error = &errors("frage,optionen\nWas?,a|b\n")[0];
    assert!(error.starts_with("line 1, column 1: the first line names the columns"), "{error}");
}

#[test]
fn json_is_read_bare_or_wrapped() {
    let bare = r#"[{"question":"A?","options":["x","y"],"right":"y"},{"question":"B?","options":["1","2"],"right":1,"points":3}]"#;
    let expected = vec![("A?".to_owned(), 1, 10), ("B?".to_owned(), 0, 3)];
    assert_eq!(short(bare), expected);
    assert_eq!(short(&format!("{{\"questions\":{bare}}}")), expected);
}

#[test]
fn json_errors_name_line_and_column() {
    let text = "[\n  {\"question\":\"A?\",\"options\":[\"x\",\"y\"],\"right\":3},\n  {\"question\":\"B?\",\n   \"options\":7,\"right\":1}\n]";
    let found = errors(text);
    assert_eq!(found[0], "line 2, column 3: question 1: right is 3, but there are 2 options, counted from 1");
    assert!(found[1].starts_with("line 4, column 14: question 2: invalid type: integer `7`"), "{}", found[1]);
    assert!(errors("[{\"question\":\n oops}]")[0].starts_with("line 2, column 2: "));
}

#[test]
fn what_is_written_is_read_again() {
    assert_eq!(questions(&to_json(&examples())).unwrap(), examples());
}

#[test]
fn nothing_and_too_much_are_refused() {
    assert!(errors("")[0].contains("column"));
    assert_eq!(errors("[]"), ["line 1, column 1: there is no question in here"]);
    let many = format!("question,options,right\n{}", "Q?,a|b,a\n".repeat(41));
    assert_eq!(errors(&many), ["line 42, column 1: a quiz has at most 40 questions, and this is one more"]);
}
