use super::*;

fn run(code: &str, input: &str) -> Result<String, String> {
    let mut out = Vec::new();
    let value = inputs(input.as_bytes()).next().unwrap().unwrap();
    Program::compile(code).unwrap().run(value, 10, 1_000, &mut out)?;
    Ok(String::from_utf8(out).unwrap())
}

fn refused(code: &str) -> String {
    Program::compile(code).err().unwrap()
}

#[test]
fn programs_shape_events() {
    let event = r#"{"key":"v1","time":1000,"fields":{"t":"21.5","n":3,"big":1.5e300,"whole":2.0}}"#;
    assert_eq!(run(".fields.t | tonumber * 2", event).unwrap(), "43");
    assert_eq!(run(".fields | {n, t: (.t | tonumber)}", event).unwrap(), r#"{"n":3,"t":21.5}"#);
    assert_eq!(run(".fields.n > 2", event).unwrap(), "true");
    assert_eq!(run("empty", event).unwrap(), "");
    assert_eq!(run(".key, .time", event).unwrap(), "\"v1\"\n1000");
    assert_eq!(run(".fields.big, .fields.whole", event).unwrap(), "1.5e300\n2.0");
    assert_eq!(run("\"a\\nb\\u0001\\\"\"", "null").unwrap(), r#""a\nb\u0001\"""#);
    assert_eq!(run(".key | test(\"^v[0-9]\")", event).unwrap(), "true");
    assert_eq!(run("1000 | todate", "null").unwrap(), "\"1970-01-01T00:16:40Z\"");
}

#[test]
fn a_wrong_program_says_where() {
    assert_eq!(refused(".a | nosuch(1)"), "there is no filter nosuch/1 at character 6, near \"nosuch\"");
    assert_eq!(refused(".a | ("), "expected closing parenthesis at the end of the program");
    assert_eq!(refused(".a |"), "expected term at the end of the program");
    assert_eq!(refused("$x"), "there is no variable $x at character 1, near \"$x\"");
    assert!(refused("import \"a\" as a; .").contains("modules can't be imported"));
    assert!(refused("  ").contains("empty"));
}

#[test]
fn a_program_has_no_way_out_of_its_input() {
    for code in ["now", "env", "$ENV", "input", "inputs", "debug", "input_filename", "$__loc__", "halt"] {
        let allowed = Program::compile(code).map(|p| {
            let value = inputs(b"1").next().unwrap().unwrap();
            p.run(value, 10, 1_000, &mut Vec::new())
        });
        assert!(!matches!(allowed, Ok(Ok(()))), "{code} runs");
    }
}

#[test]
fn what_is_no_json_is_refused() {
    assert!(run("nan", "1").unwrap_err().contains("not finite"));
    assert!(run("infinite", "1").unwrap_err().contains("not finite"));
    assert!(run("{(.): 1}", "1").unwrap_err().contains("no text"));
    assert!(run(".a", "1").unwrap_err().contains("cannot index"));
    assert_eq!(run("error(\"mine\")", "1").unwrap_err(), "\"mine\"");
}

#[test]
fn outputs_are_limited() {
    assert!(run("range(11)", "1").unwrap_err().contains("more than 10 values"));
    assert!(run("\"x\" * 2000", "1").unwrap_err().contains("more bytes"));
    assert!(run("range(infinite)", "1").unwrap_err().contains("more than 10 values"));
}
