//! The readable pages, made from the document: plain HTML that needs no script, so that it reads everywhere and our
//! content security policy has nothing to allow for it.

mod html;
mod schema;
mod style;

use heliograph_shared::problem::Code;
use html::{attribute, inline, json_text, paragraphs, text};
use schema::{fields, kind};
use serde_json::Value;
use std::fmt::Write as _;

/// The page of all operations and schemas.
pub fn operations(document: &Value) -> String {
    let mut nav = String::new();
    let mut main = String::new();
    let info = &document["info"];
    let _ = write!(
        main,
        "<header class=\"intro\"><h1>HTTP API <small>{}</small></h1>{}<p>A credential goes into the header \
         <code>Authorization: Bearer …</code>, an API key or a token alike. The same in other forms: \
         <a href=\"/openapi.json\">OpenAPI 3.1</a>, <a href=\"/openapi.d.ts\">TypeScript types</a>, \
         <a href=\"/docs/errors\">codes of errors</a>.</p></header>",
        text(info["version"].as_str().unwrap_or_default()),
        paragraphs(info["description"].as_str().unwrap_or_default()),
    );
    for tag in list(&document["tags"]) {
        let name = tag["name"].as_str().unwrap_or_default();
        let _ = write!(nav, "<li><a href=\"#{}\">{}</a><ul>", slug(name), text(name));
        let about = inline(tag["description"].as_str().unwrap_or_default());
        let _ = write!(
            main,
            "<section aria-labelledby=\"{0}\"><h2 id=\"{0}\">{1}</h2><p>{about}</p>",
            slug(name),
            text(name)
        );
        for (path, method, operation) in all(document).filter(|(_, _, o)| o["tags"][0] == name) {
            let id = operation["operationId"].as_str().unwrap_or_default();
            let summary = inline(operation["summary"].as_str().unwrap_or_default());
            let _ = write!(nav, "<li><a href=\"#{}\">{summary}</a></li>", attribute(id));
            write_operation(&mut main, path, method, operation);
        }
        nav.push_str("</ul></li>");
        main.push_str("</section>");
    }
    nav.push_str("<li><a href=\"#schemas\">Schemas</a></li>");
    main.push_str("<section aria-labelledby=\"schemas\"><h2 id=\"schemas\">Schemas</h2>");
    for (name, schema) in document["components"]["schemas"].as_object().into_iter().flatten() {
        let _ = write!(main, "<article class=\"schema\"><h3 id=\"schema-{0}\">{0}</h3>", text(name));
        let _ = write!(main, "{}", paragraphs(schema["description"].as_str().unwrap_or_default()));
        match fields(schema) {
            Some(list) => main.push_str(&list),
            None => {
                let _ = write!(main, "<p>{}</p>", kind(schema));
            }
        }
        main.push_str("</article>");
    }
    main.push_str("</section>");
    whole("HTTP API", &format!("<nav aria-label=\"Operations\"><ul>{nav}</ul></nav>"), &main)
}

/// The page of codes, to which every problem's `type` leads.
pub fn errors() -> String {
    let mut main = String::from(
        "<header class=\"intro\"><h1>Codes of errors</h1><p>Every refusal is problem JSON (RFC 9457): \
         <code>type</code>, <code>title</code>, <code>status</code>, a stable <code>code</code>, a sentence in \
         <code>detail</code>, and <code>errors</code> with the fields where it is about fields. \
         <a href=\"/docs\">The API</a></p></header><dl class=\"fields\">",
    );
    for code in Code::ALL {
        let meaning = inline(code.meaning());
        let _ = write!(main, "<div id=\"{code}\"><dt><code>{code}</code></dt><dd>{meaning}</dd></div>");
    }
    main.push_str("</dl>");
    whole("Codes of errors", "", &main)
}

fn whole(title: &str, nav: &str, main: &str) -> String {
    let class = if nav.is_empty() { "single" } else { "with-nav" };
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\"><title>{title} – Heliograph</title><link rel=\"icon\" \
         href=\"/favicon.svg\" type=\"image/svg+xml\"><script src=\"/theme.js\"></script><style>{}</style></head>\
         <body class=\"{class}\"><header class=\"bar\"><a href=\"/\">Heliograph</a></header>{nav}\
         <main id=\"main\">{main}</main></body></html>\n",
        style::STYLE,
    )
}

/// All operations: path, method and what is said of them.
fn all(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];
    document["paths"].as_object().into_iter().flatten().flat_map(|(path, item)| {
        METHODS.iter().filter(|m| item[**m].is_object()).map(move |m| (path.as_str(), *m, &item[*m]))
    })
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn slug(name: &str) -> String {
    name.to_lowercase().replace(' ', "-")
}

fn write_operation(out: &mut String, path: &str, method: &str, operation: &Value) {
    let id = attribute(operation["operationId"].as_str().unwrap_or_default());
    let _ = write!(
        out,
        "<article aria-labelledby=\"{id}\"><h3 id=\"{id}\">{}</h3><p class=\"place\"><span class=\"method {method}\">{}</span> \
         <code>{}</code></p>{}",
        inline(operation["summary"].as_str().unwrap_or_default()),
        method.to_uppercase(),
        text(path),
        paragraphs(operation["description"].as_str().unwrap_or_default()),
    );
    if list(&operation["parameters"]).next().is_some() {
        out.push_str("<h4>Parameters</h4><dl class=\"fields\">");
        for p in list(&operation["parameters"]) {
            let required = if p["required"] == true { " <b>required</b>" } else { "" };
            let _ = write!(
                out,
                "<div><dt><code>{}</code> <span class=\"kind\">{} · {}</span>{required}</dt><dd>{}</dd></div>",
                text(p["name"].as_str().unwrap_or_default()),
                text(p["in"].as_str().unwrap_or_default()),
                kind(&p["schema"]),
                inline(p["description"].as_str().unwrap_or_default()),
            );
        }
        out.push_str("</dl>");
    }
    if let Some(content) = operation["requestBody"]["content"].as_object() {
        out.push_str("<h4>Body</h4><dl class=\"fields\">");
        for (media, body) in content {
            let about = inline(body["schema"]["description"].as_str().unwrap_or_default());
            let _ = write!(
                out,
                "<div><dt><code>{}</code> <span class=\"kind\">{}</span></dt><dd>{about}</dd></div>",
                text(media),
                kind(&body["schema"]),
            );
        }
        out.push_str("</dl>");
    }
    write_answers(out, operation);
    for example in list(&operation["x-examples"]) {
        write_example(out, path, method, operation, example);
    }
    out.push_str("</article>");
}

fn write_answers(out: &mut String, operation: &Value) {
    out.push_str("<h4>Answers</h4><dl class=\"fields\">");
    for (status, answer) in operation["responses"].as_object().into_iter().flatten() {
        let content = answer["content"].as_object();
        let refusal = content.and_then(|c| c.get("application/problem+json"));
        let _ = write!(out, "<div><dt><code>{}</code> ", text(status));
        match (refusal, content) {
            (Some(refusal), _) => {
                let codes =
                    list(&refusal["schema"]["allOf"][1]["properties"]["code"]["enum"]).filter_map(Value::as_str);
                let links: Vec<String> =
                    codes.map(|c| format!("<a href=\"/docs/errors#{c}\"><code>{c}</code></a>")).collect();
                let _ = write!(out, "</dt><dd>{}</dd></div>", links.join(" "));
            }
            (None, content) => {
                let kinds: Vec<String> = content
                    .into_iter()
                    .flatten()
                    .map(|(media, body)| format!("{} · {}", text(media), kind(&body["schema"])))
                    .collect();
                let about = inline(answer["description"].as_str().unwrap_or_default());
                let _ = write!(out, "<span class=\"kind\">{}</span></dt><dd>{about}</dd></div>", kinds.join(", "));
            }
        }
    }
    out.push_str("</dl>");
}

fn write_example(out: &mut String, path: &str, method: &str, operation: &Value, example: &Value) {
    let name = example["name"].as_str().unwrap_or_default();
    let _ = write!(
        out,
        "<h4>Example: {}</h4><pre tabindex=\"0\" aria-label=\"Call, {1}\"><code>{2}</code></pre>",
        inline(name),
        attribute(name),
        text(&call(path, method, operation, example)),
    );
    if let Some(body) = example.get("answer") {
        let _ = write!(
            out,
            "<pre tabindex=\"0\" aria-label=\"Answer, {}\"><code>{}</code></pre>",
            attribute(name),
            text(&body_text(body)),
        );
    }
}

/// A body as it travels, or JSON for people.
fn body_text(body: &Value) -> String {
    body.as_str().map_or_else(|| json_text(body), |text| text.trim_end().to_owned())
}

/// The example as a command for a shell.
fn call(path: &str, method: &str, operation: &Value, example: &Value) -> String {
    let mut address = path.to_owned();
    let mut query = Vec::new();
    let mut headers = Vec::new();
    for (name, value) in example["parameters"].as_object().into_iter().flatten() {
        let value = value.as_str().unwrap_or_default();
        let place = list(&operation["parameters"]).find(|p| p["name"] == *name).and_then(|p| p["in"].as_str());
        match place {
            Some("path") => address = address.replace(&format!("{{{name}}}"), value),
            Some("header") => headers.push(format!("{name}: {value}")),
            _ => query.push(format!("{name}={value}")),
        }
    }
    if !query.is_empty() {
        let _ = write!(address, "?{}", query.join("&"));
    }
    if example["status"] == 101 {
        return format!("wscat --connect \"$SERVER{address}\" --subprotocol heliograph.v1.json");
    }
    let mut command = format!("curl \"$SERVER{address}\"");
    if method != "get" && !(method == "post" && example.get("body").is_some()) {
        let _ = write!(command, " --request {}", method.to_uppercase());
    }
    let anybody = list(&operation["security"]).all(|s| s.as_object().is_some_and(serde_json::Map::is_empty));
    if !anybody {
        command.push_str(" \\\n  --header \"Authorization: Bearer $KEY\"");
    }
    if let Some(media) = example["bodyType"].as_str() {
        headers.push(format!("Content-Type: {media}"));
    }
    for header in headers {
        let _ = write!(command, " \\\n  --header '{header}'");
    }
    if let Some(body) = example.get("body") {
        let flag = if body.is_string() { "--data-binary" } else { "--data" };
        let _ = write!(command, " \\\n  {flag} '{}'", body_text(body));
    }
    command
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_page_has_every_operation_schema_and_code_and_no_script_of_its_own() {
        let document = crate::document();
        let page = super::operations(&document);
        for (path, method, operation) in super::all(&document) {
            let id = operation["operationId"].as_str().unwrap();
            assert!(page.contains(&format!("<h3 id=\"{id}\">")), "{method} {path}");
        }
        for name in document["components"]["schemas"].as_object().unwrap().keys() {
            assert!(page.contains(&format!("<h3 id=\"schema-{name}\">")), "{name}");
        }
        assert_eq!(page.matches("<script").count(), 1, "the theme's");
        for target in page.split("href=\"#").skip(1).filter_map(|t| t.split('"').next()) {
            assert!(page.contains(&format!("id=\"{target}\"")), "{target} leads nowhere");
        }
        let errors = super::errors();
        for code in page.split("/docs/errors#").skip(1).filter_map(|t| t.split('"').next()) {
            assert!(errors.contains(&format!("id=\"{code}\"")), "{code}");
        }
    }
}
