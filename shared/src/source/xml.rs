//! Elements of XML, one after the other, as JSON has them: attributes and children are members, by their names without
//! prefixes. No document type is read, and so nothing that one could define.

use quick_xml::XmlVersion;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::reader::Reader;
use serde_json::{Map, Value};

/// Elements within elements.
const DEPTH: usize = 24;
/// What text of an element that has attributes or children, too, stands under.
const TEXT: &str = "text";

/// What comes next.
pub(super) enum Step {
    /// An element begins; its name, and the path of those around it has it last.
    Begins(String),
    /// The innermost element ends.
    Ends(String),
    /// Nothing comes any more.
    Over,
}

/// Reads a text.
pub(super) struct Walk<'a> {
    text: &'a str,
    reader: Reader<&'a [u8]>,
    /// The element that has just begun, and whether it is empty.
    begun: Option<(BytesStart<'a>, bool)>,
    /// Names of the elements around.
    pub path: Vec<String>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, reader: Reader::from_str(text), begun: None, path: Vec::new() }
    }

    /// What was not read yet.
    pub(super) fn rest(&self) -> &'a str {
        let at = usize::try_from(self.reader.buffer_position()).unwrap_or(self.text.len());
        self.text.get(at..).unwrap_or_default()
    }

    /// Goes on to the next beginning or end of an element.
    pub(super) fn step(&mut self) -> Result<Step, String> {
        if let Some((start, true)) = self.begun.take() {
            self.path.pop();
            return Ok(Step::Ends(local(&start)));
        }
        loop {
            match self.reader.read_event().map_err(|e| e.to_string())? {
                Event::Start(start) => return self.begins(start, false),
                Event::Empty(start) => return self.begins(start, true),
                Event::End(end) => {
                    self.path.pop();
                    return Ok(Step::Ends(end.local_name().as_ref().to_owned()));
                }
                Event::DocType(_) => return Err(NO_TYPES.to_owned()),
                Event::Eof if self.path.is_empty() => return Ok(Step::Over),
                Event::Eof => return Err(format!("it ends within <{}>", self.path.join("/"))),
                Event::Text(_)
                | Event::CData(_)
                | Event::Comment(_)
                | Event::Decl(_)
                | Event::PI(_)
                | Event::GeneralRef(_) => {}
            }
        }
    }

    fn begins(&mut self, start: BytesStart<'a>, is_empty: bool) -> Result<Step, String> {
        if self.path.len() >= DEPTH {
            return Err(format!("it has elements more than {DEPTH} deep"));
        }
        let name = local(&start);
        self.path.push(name.clone());
        self.begun = Some((start, is_empty));
        Ok(Step::Begins(name))
    }

    /// The element that has just begun, to its end. An object; its text alone where it has nothing else.
    pub(super) fn element(&mut self) -> Result<Value, String> {
        let mut text = String::new();
        let mut members = Map::new();
        let Some((start, is_empty)) = self.begun.take() else { return Ok(Value::Null) };
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|e| e.to_string())?;
            let name = attribute.key.local_name().as_ref().to_owned();
            let is_of_names = attribute.key.as_ref().starts_with("xmlns");
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|e| e.to_string())?;
            if !is_of_names {
                members.insert(name, Value::String(value.into_owned()));
            }
        }
        if is_empty {
            self.path.pop();
            return Ok(whole(members, text));
        }
        loop {
            match self.reader.read_event().map_err(|e| e.to_string())? {
                Event::Start(start) => {
                    let name = local(&start);
                    self.begins(start, false)?;
                    add(&mut members, name, self.element()?);
                }
                Event::Empty(start) => {
                    let name = local(&start);
                    self.begins(start, true)?;
                    add(&mut members, name, self.element()?);
                }
                Event::Text(part) => text.push_str(&part.xml10_content()),
                Event::CData(part) => text.push_str(&part.xml10_content()),
                Event::GeneralRef(of) => text.push(character(&of)?),
                Event::End(_) => {
                    self.path.pop();
                    return Ok(whole(members, text.trim().to_owned()));
                }
                Event::DocType(_) => return Err(NO_TYPES.to_owned()),
                Event::Eof => return Err(format!("it ends within <{}>", self.path.join("/"))),
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            }
        }
    }
}

const NO_TYPES: &str = "a document type (<!DOCTYPE …>) is not read here";

fn local(start: &BytesStart<'_>) -> String {
    start.local_name().as_ref().to_owned()
}

/// What `&amp;` and `&#228;` stand for.
fn character(of: &BytesRef<'_>) -> Result<char, String> {
    if let Some(c) = of.resolve_char_ref().map_err(|e| e.to_string())? {
        return Ok(c);
    }
    match &*of.xml10_content() {
        "amp" => Ok('&'),
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "quot" => Ok('"'),
        "apos" => Ok('\''),
        other => Err(format!("the entity &{};  is not known", crate::problem::excerpt(other))),
    }
}

fn whole(mut members: Map<String, Value>, text: String) -> Value {
    if members.is_empty() {
        return Value::String(text);
    }
    if !text.is_empty() {
        members.entry(TEXT).or_insert(Value::String(text));
    }
    Value::Object(members)
}

/// Adds a child. Several of one name are a list.
fn add(members: &mut Map<String, Value>, name: String, child: Value) {
    match members.get_mut(&name) {
        None => drop(members.insert(name, child)),
        Some(Value::Array(list)) => list.push(child),
        Some(one) => *one = Value::Array(vec![one.take(), child]),
    }
}

/// The name of a text's first element, without its prefix.
pub(super) fn root(text: &str) -> Option<&str> {
    let mut text = text.trim_start_matches('\u{feff}').trim_start();
    loop {
        let (open, close) = if text.starts_with("<?") { ("<?", "?>") } else { ("<!--", "-->") };
        match text.strip_prefix(open) {
            Some(rest) => text = rest.split_once(close)?.1.trim_start(),
            None => break,
        }
    }
    let name = text.strip_prefix('<')?.split(['>', '/', ' ', '\t', '\r', '\n']).next()?;
    Some(name.rsplit(':').next().unwrap_or(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn first(text: &str) -> Result<Value, String> {
        let mut walk = Walk::new(text);
        walk.step()?;
        walk.element()
    }

    #[test]
    fn attributes_and_children_are_members_and_text_is_text() {
        let text = "<?xml version=\"1.0\"?><!-- c --><p:a xmlns:p=\"u\" p:n=\"1 &lt; 2\"><b>x &amp; &#228;<![CDATA[<y>]]></b><c/><b k='v'> t </b></p:a>";
        let expected = json!({"n": "1 < 2", "b": ["x & ä<y>", {"k": "v", "text": "t"}], "c": ""});
        assert_eq!(first(text), Ok(expected));
        assert_eq!(root(text), Some("a"));
        assert_eq!(root("<gpx>"), Some("gpx"));
        assert_eq!(root("{}"), None);
    }

    #[test]
    fn what_is_cut_too_deep_or_has_a_document_type_is_refused() {
        assert!(first("<a><b>").unwrap_err().contains("a/b"));
        assert!(first("<a><b></a>").is_err());
        assert!(first("<a>&nbsp;</a>").unwrap_err().contains("nbsp"));
        assert!(first("<!DOCTYPE a><a/>").unwrap_err().contains("DOCTYPE"));
        assert!(first(&format!("{}{}", "<a>".repeat(30), "</a>".repeat(30))).unwrap_err().contains("deep"));
    }

    proptest! {
        #[test]
        fn whatever_is_sent_ends(text in "(<|</|>|a|b|/>| k=\"v\"|&amp;|&#1;|<!--|-->|<!DOCTYPE |\\PC){0,60}") {
            let mut walk = Walk::new(&text);
            for _ in 0..200 {
                match walk.step() {
                    Ok(Step::Over) | Err(_) => break,
                    Ok(Step::Begins(_)) => drop(walk.element()),
                    Ok(Step::Ends(_)) => {}
                }
            }
        }
    }
}
