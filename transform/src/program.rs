//! A jq program, compiled and run.

use jaq_core::compile::Undefined;
use jaq_core::data::JustLut;
use jaq_core::load::{Arena, Error as LoadError, File, Loader};
use jaq_core::{Compiler, Ctx, Filter, Vars};
use jaq_json::{Num, Val, read};

/// What a program may yield.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Values for one input.
    pub outputs: usize,
    /// Bytes of JSON for all inputs together.
    pub bytes: usize,
}

/// A compiled program.
pub struct Program(Filter<JustLut<Val>>);

/// Filters that a program does not have: it sees its input and nothing else, so that the same input makes the same output.
const WITHHELD: [&str; 9] =
    ["now", "env", "halt", "halt_error", "debug", "stderr", "debug_empty", "stderr_empty", "localtime"];

fn allowed(name: &str) -> bool {
    !WITHHELD.contains(&name)
}

/// Characters of a value or a program that are repeated in a message.
const EXCERPT_CHARS: usize = 80;

fn excerpt(text: &str) -> String {
    match text.char_indices().nth(EXCERPT_CHARS) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
    }
}

/// Where in the program something stands, for a message.
fn near(code: &str, part: &str) -> String {
    let line = part.lines().next().unwrap_or_default();
    if line.trim().is_empty() {
        return "at the end of the program".to_owned();
    }
    // A part is a slice of the program: its place is the difference of their addresses.
    let offset = (part.as_ptr() as usize).wrapping_sub(code.as_ptr() as usize);
    let place = code.get(..offset).map_or(0, |head| head.chars().count() + 1);
    format!("at character {place}, near {:?}", excerpt(line))
}

fn load_error(code: &str, error: LoadError<&str>) -> String {
    match error {
        LoadError::Io(paths) => {
            let names: Vec<&str> = paths.iter().map(|(path, _)| *path).collect();
            format!("modules can't be imported here: {}", names.join(", "))
        }
        LoadError::Lex(errors) => match errors.into_iter().next() {
            Some((expected, found)) => format!("expected {} {}", expected.as_str(), near(code, found)),
            None => "it can't be read".to_owned(),
        },
        LoadError::Parse(errors) => match errors.into_iter().next() {
            Some((expected, found)) => format!("expected {} {}", expected.as_str(), near(code, found)),
            None => "it can't be understood".to_owned(),
        },
    }
}

fn undefined(code: &str, name: &str, what: &Undefined) -> String {
    let arguments = match what {
        Undefined::Filter(n) if *n > 0 => format!("/{n}"),
        _ => String::new(),
    };
    format!("there is no {} {name}{arguments} {}", what.as_str(), near(code, name))
}

impl Program {
    /// Compiles a program; the error is a sentence that says where it is wrong.
    pub fn compile(code: &str) -> Result<Self, String> {
        if code.trim().is_empty() {
            return Err("the program is empty; . passes its input on".to_owned());
        }
        let defs = jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs()).filter(|def| allowed(def.name));
        let funs = jaq_core::funs().chain(jaq_std::funs()).chain(jaq_json::funs()).filter(|fun| allowed(fun.0));
        let arena = Arena::default();
        let modules = Loader::new(defs).load(&arena, File { code, path: () }).map_err(|errors| {
            let first = errors.into_iter().next();
            first.map_or_else(|| "it can't be read".to_owned(), |(_, error)| load_error(code, error))
        })?;
        let filter = Compiler::default().with_funs(funs).compile(modules).map_err(|errors| {
            let first = errors.into_iter().flat_map(|(_, list)| list).next();
            first.map_or_else(|| "it can't be compiled".to_owned(), |(name, what)| undefined(code, name, &what))
        })?;
        Ok(Self(filter))
    }

    /// Runs it on one input and writes its outputs as JSON, a line each, behind `out`. `room` is how many bytes `out` may have then.
    pub fn run(&self, input: Val, outputs: usize, room: usize, out: &mut Vec<u8>) -> Result<(), String> {
        let begin = out.len();
        let ctx = Ctx::<JustLut<Val>>::new(&self.0.lut, Vars::new([]));
        let mut count = 0;
        let all = || {
            for result in self.0.id.run((ctx, input)) {
                let value = match result {
                    Ok(value) => value,
                    Err(exception) => {
                        return Err(match exception.get_err() {
                            Ok(error) => excerpt(&error.to_string()),
                            Err(_) => "the program ends itself with halt, which is not taken here".to_owned(),
                        });
                    }
                };
                count += 1;
                if count > outputs {
                    return Err(format!("the program yields more than {outputs} values for one input"));
                }
                if out.len() > begin {
                    out.push(b'\n');
                }
                write(&value, out)?;
                if out.len() > room {
                    return Err("the program yields more bytes than are taken".to_owned());
                }
            }
            Ok(())
        };
        let done = all();
        if done.is_err() {
            out.truncate(begin);
        }
        done
    }
}

/// Reads JSON values, one after the other.
pub fn inputs(json: &[u8]) -> impl Iterator<Item = Result<Val, String>> + '_ {
    read::parse_many(json).map(|value| value.map_err(|e| format!("the input is not JSON: {e}")))
}

fn write_text(bytes: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    for c in String::from_utf8_lossy(bytes).chars() {
        match c {
            '"' => out.extend(b"\\\""),
            '\\' => out.extend(b"\\\\"),
            '\n' => out.extend(b"\\n"),
            '\r' => out.extend(b"\\r"),
            '\t' => out.extend(b"\\t"),
            c if c < ' ' => out.extend(format!("\\u{:04x}", u32::from(c)).as_bytes()),
            c => out.extend(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    out.push(b'"');
}

/// Writes a value as JSON. jq knows values that JSON does not: they are refused, not bent.
fn write(value: &Val, out: &mut Vec<u8>) -> Result<(), String> {
    match value {
        Val::Null => out.extend(b"null"),
        Val::Bool(b) => out.extend(if *b { &b"true"[..] } else { b"false" }),
        Val::Num(Num::Float(f)) if !f.is_finite() => {
            return Err("the program yields a number that is not finite, such as 0/0".to_owned());
        }
        // A whole number is written without a decimal point, as it came.
        Val::Num(Num::Float(f)) if f.fract() == 0.0 && f.abs() < 1e15 => out.extend(format!("{f:.0}").as_bytes()),
        Val::Num(number) => out.extend(number.to_string().as_bytes()),
        Val::TStr(text) => write_text(text, out),
        Val::BStr(_) => return Err("the program yields bytes; JSON has text: use @base64 or tostring".to_owned()),
        Val::Arr(list) => {
            out.push(b'[');
            for (i, item) in list.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                write(item, out)?;
            }
            out.push(b']');
        }
        Val::Obj(map) => {
            out.push(b'{');
            for (i, (name, item)) in map.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                let Val::TStr(name) = name else {
                    return Err(format!(
                        "the program yields an object with a name that is no text: {}",
                        excerpt(&name.to_string())
                    ));
                };
                write_text(name, out);
                out.push(b':');
                write(item, out)?;
            }
            out.push(b'}');
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
