//! One operation of the API, and how it is written into the document.

use crate::problems;
use heliograph_shared::problem::Code;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What a caller needs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// Nothing.
    Nobody,
    /// A credential, or nothing where the board is public.
    Board(&'static str),
    /// A credential that has the right.
    Credential(&'static str),
}

/// One call that works, with its answer.
pub struct Example {
    name: &'static str,
    parameters: Vec<(&'static str, &'static str)>,
    body: Option<(&'static str, Value)>,
    status: u16,
    kind: &'static str,
    answer: Value,
}

impl Example {
    /// A call that is answered with JSON.
    pub fn new(name: &'static str, status: u16, answer: Value) -> Self {
        Self { name, parameters: Vec::new(), body: None, status, kind: "application/json", answer }
    }

    /// A call that is answered with text of another type.
    pub fn text(name: &'static str, kind: &'static str, answer: &str) -> Self {
        Self { kind, ..Self::new(name, 200, answer.into()) }
    }

    /// A call that is answered with another type of JSON.
    pub fn of(name: &'static str, kind: &'static str, answer: Value) -> Self {
        Self { kind, ..Self::new(name, 200, answer) }
    }

    /// A call that is answered without a body.
    pub fn empty(name: &'static str, status: u16) -> Self {
        Self { kind: "", ..Self::new(name, status, Value::Null) }
    }

    /// With a parameter: in the path, the query or a header.
    pub fn with(mut self, name: &'static str, value: &'static str) -> Self {
        self.parameters.push((name, value));
        self
    }

    /// With a JSON body.
    pub fn body(self, body: Value) -> Self {
        self.body_of("application/json", body)
    }

    /// With a body of another type.
    pub fn body_of(mut self, kind: &'static str, body: Value) -> Self {
        self.body = Some((kind, body));
        self
    }
}

/// What the runtime answers in our place.
const TOO_LONG: &str =
    "The address is longer than the runtime takes (workerd: 64 KiB). Its answer is text and no problem.";

/// One operation.
pub struct Operation {
    method: &'static str,
    path: &'static str,
    id: &'static str,
    tag: &'static str,
    summary: &'static str,
    description: String,
    right: Right,
    parameters: Vec<Value>,
    bodies: Vec<(&'static str, Value)>,
    answers: BTreeMap<u16, (&'static str, BTreeMap<&'static str, Value>)>,
    etag: bool,
    problems: BTreeMap<u16, Vec<Code>>,
    examples: Vec<Example>,
}

impl Operation {
    /// An operation. `{board}` in the path is described by itself.
    pub fn new(method: &'static str, path: &'static str, id: &'static str, tag: &'static str, right: Right) -> Self {
        let mut operation = Self {
            method,
            path,
            id,
            tag,
            summary: "",
            description: String::new(),
            right,
            parameters: Vec::new(),
            bodies: Vec::new(),
            answers: BTreeMap::new(),
            etag: false,
            problems: BTreeMap::new(),
            examples: Vec::new(),
        };
        if path.contains("{board}") {
            operation = operation.path("board", "The board's name.", json!({"$ref": "#/components/schemas/BoardName"}));
            operation = operation.problem(Code::BoardNotFound);
        }
        operation = operation.problem(Code::Internal).problem(Code::SecretsMissing).problem(Code::Upgrading);
        match right {
            Right::Nobody => operation,
            Right::Board(_) | Right::Credential(_) => operation
                .problem(Code::AuthorizationInvalid)
                .problem(Code::CredentialMissing)
                .problem(Code::KeyInvalid)
                .problem(Code::TokenInvalid)
                .problem(Code::RegistryUnreachable)
                .problem(Code::Forbidden)
                .problem(Code::TooManyRequests),
        }
    }

    /// One line.
    pub fn summary(mut self, text: &'static str) -> Self {
        self.summary = text;
        self
    }

    /// What else is to be known.
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.description = text.into();
        self
    }

    /// A parameter in the path.
    pub fn path(mut self, name: &str, description: &str, schema: Value) -> Self {
        self.parameters
            .push(json!({"name": name, "in": "path", "required": true, "description": description, "schema": schema}));
        self
    }

    /// A parameter in the query.
    pub fn query(mut self, name: &str, description: &str, schema: Value) -> Self {
        // A comma-separated list is one value.
        self.parameters.push(json!({
            "name": name, "in": "query", "description": description, "schema": schema, "style": "form", "explode": false
        }));
        self.problem(Code::InvalidParameter).problem(Code::UnknownParameter)
    }

    /// A header of the request.
    pub fn header(mut self, name: &str, description: &str, schema: Value) -> Self {
        self.parameters.push(json!({"name": name, "in": "header", "description": description, "schema": schema}));
        self
    }

    /// What the body may be.
    pub fn takes(mut self, kind: &'static str, schema: Value) -> Self {
        self.bodies.push((kind, schema));
        self
    }

    /// An answer without a body.
    pub fn answers_empty(mut self, status: u16, description: &'static str) -> Self {
        self.answers.insert(status, (description, BTreeMap::new()));
        self
    }

    /// An answer. The same status may be answered with several types.
    pub fn answers(mut self, status: u16, description: &'static str, kind: &'static str, schema: Value) -> Self {
        let answer = self.answers.entry(status).or_insert_with(|| (description, BTreeMap::new()));
        answer.1.insert(kind, schema);
        self
    }

    /// The answer has an `ETag`, and a caller who has it already is told so.
    pub fn versioned(mut self) -> Self {
        self.etag = true;
        let schema = json!({"type": "string", "pattern": "^[ -~]*$"});
        self.header("If-None-Match", "The ETag of what you have: answered by 304 if nothing has changed.", schema)
            .answers_empty(304, "Nothing has changed.")
    }

    /// A way in which it is refused.
    pub fn problem(self, code: Code) -> Self {
        self.problem_as(code.status(), code)
    }

    /// The same with another status than the code's usual one.
    pub fn problem_as(mut self, status: u16, code: Code) -> Self {
        let codes = self.problems.entry(status).or_default();
        if !codes.contains(&code) {
            codes.push(code);
        }
        self
    }

    /// A call that works.
    pub fn example(mut self, example: Example) -> Self {
        self.examples.push(example);
        self
    }

    /// Method and path.
    pub fn place(&self) -> (&'static str, &'static str) {
        (self.method, self.path)
    }

    /// The operation as the document has it.
    pub fn write(self) -> Value {
        let mut responses = Map::new();
        for (status, (description, kinds)) in &self.answers {
            let content: Map<String, Value> = kinds
                .iter()
                .map(|(kind, schema)| {
                    let examples: Map<String, Value> = self
                        .examples
                        .iter()
                        .filter(|e| e.status == *status && e.kind == *kind)
                        .map(|e| (e.name.to_owned(), json!({"value": e.answer})))
                        .collect();
                    ((*kind).to_owned(), with_examples(schema, examples))
                })
                .collect();
            let mut response = json!({"description": description});
            if !content.is_empty() {
                response["content"] = content.into();
            }
            if self.etag && (*status == 200 || *status == 304) {
                let schema = json!({"type": "string"});
                response["headers"] = json!({"ETag": {"description": "The cursor, and what else tells the bytes, in quotation marks.", "schema": schema}});
            }
            responses.insert(status.to_string(), response);
        }
        for (status, codes) in &self.problems {
            responses.insert(status.to_string(), problems::response(*status, codes));
        }
        if self.parameters.iter().any(|parameter| parameter["in"] == "query") {
            // Lists of keys may be longer than a request's first line may be: the runtime refuses it before we are asked.
            responses.insert("414".to_owned(), json!({"description": TOO_LONG}));
        }
        let mut operation = json!({
            "operationId": self.id,
            "tags": [self.tag],
            "summary": self.summary,
            "responses": responses,
            "x-examples": self.examples.iter().map(written).collect::<Vec<_>>(),
        });
        let need = match self.right {
            Right::Nobody => {
                operation["security"] = json!([]);
                String::new()
            }
            Right::Board(right) => {
                operation["security"] = json!([{}, {"bearer": []}]);
                format!("Needs the right `{right}`; nothing on a public board.")
            }
            Right::Credential(right) => {
                operation["security"] = json!([{"bearer": []}]);
                format!("Needs {right}.")
            }
        };
        let texts = [need, self.description];
        let texts: Vec<&str> = texts.iter().map(String::as_str).filter(|t| !t.is_empty()).collect();
        if !texts.is_empty() {
            operation["description"] = texts.join("\n\n").into();
        }
        if !self.parameters.is_empty() {
            let given = |name: &str| self.examples.iter().flat_map(|e| &e.parameters).find(|(n, _)| *n == name);
            let parameters: Vec<Value> = self
                .parameters
                .into_iter()
                .map(|mut p| {
                    if let Some((_, value)) = p["name"].as_str().and_then(given) {
                        p["example"] = typed(&p["schema"], value);
                    }
                    p
                })
                .collect();
            operation["parameters"] = parameters.into();
        }
        if !self.bodies.is_empty() {
            let content: Map<String, Value> = self
                .bodies
                .iter()
                .map(|(kind, schema)| {
                    let examples = self
                        .examples
                        .iter()
                        .filter_map(|e| Some((e.name, e.body.as_ref().filter(|(k, _)| k == kind)?)))
                        .map(|(name, (_, body))| (name.to_owned(), json!({"value": body})))
                        .collect();
                    ((*kind).to_owned(), with_examples(schema, examples))
                })
                .collect();
            operation["requestBody"] = json!({"required": true, "content": content});
        }
        operation
    }
}

fn with_examples(schema: &Value, examples: Map<String, Value>) -> Value {
    let mut content = json!({"schema": schema});
    if !examples.is_empty() {
        content["examples"] = examples.into();
    }
    content
}

/// The value of a parameter in the type that its schema says.
fn typed(schema: &Value, value: &str) -> Value {
    match schema["type"].as_str() {
        Some("integer") => value.parse::<i64>().map_or_else(|_| value.into(), Value::from),
        Some("number") => value.parse::<f64>().map_or_else(|_| value.into(), Value::from),
        Some("boolean") => value.parse::<bool>().map_or_else(|_| value.into(), Value::from),
        Some("array") => value.split(',').map(|v| typed(&schema["items"], v)).collect(),
        _ => value.into(),
    }
}

fn written(example: &Example) -> Value {
    let parameters: Map<String, Value> =
        example.parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
    let mut value = json!({"name": example.name, "parameters": parameters, "status": example.status});
    if let Some((kind, body)) = &example.body {
        value["body"] = body.clone();
        value["bodyType"] = (*kind).into();
    }
    if !example.kind.is_empty() {
        value["answer"] = example.answer.clone();
        value["answerType"] = example.kind.into();
    }
    value
}
