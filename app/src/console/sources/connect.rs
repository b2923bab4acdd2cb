//! How a sender is connected to a source: settings to copy, from the table of templates, with this server's address and
//! the source's secret where it is known.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use leptos::prelude::*;
use serde_json::json;

use super::templates::{self, Setting};
use crate::browser::clock;
use crate::browser::percent::encode;
use crate::client::manage::{SecretSource, ShownSource};
use crate::client::place::server;
use crate::console::copyable::Copyable;
use crate::parts::qr::QrPicture;

/// In the place of what is not known any more.
const UNKNOWN: &str = "SECRET";
const UNKNOWN_ID: &str = "ACCESS-KEY-ID";
const UNKNOWN_KEY: &str = "SECRET-ACCESS-KEY";

/// What settings are filled with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filling {
    origin: String,
    name: String,
    ingest: String,
    secret: String,
    aws: [String; 2],
    now_s: i64,
}

/// A text to copy.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Snippet {
    what: &'static str,
    text: String,
}

/// The link by which Traccar Client takes its settings; its version 9 and later have this scheme.
pub fn traccar_client(id: &str, url: &str) -> String {
    format!("org.traccar.client://config?id={}&url={}", encode(id), encode(url))
}

impl Filling {
    /// With the secret, just after it was made.
    pub fn with(made: &SecretSource) -> Self {
        let aws = [made.aws.access_key_id.clone(), made.aws.secret_access_key.clone()];
        Self { secret: made.secret.clone(), aws, ..Self::without(&made.source) }
    }

    /// With words in the secret's place.
    pub fn without(source: &ShownSource) -> Self {
        Self {
            origin: server(),
            name: source.name.to_string(),
            ingest: source.ingest.clone(),
            secret: UNKNOWN.to_owned(),
            aws: [UNKNOWN_ID.to_owned(), UNKNOWN_KEY.to_owned()],
            now_s: clock::wall().0 / 1_000,
        }
    }

    fn has_secret(&self) -> bool {
        self.secret != UNKNOWN
    }

    fn url(&self) -> String {
        format!("{}{}", self.origin, self.ingest)
    }

    /// For devices that can be told an address and nothing else.
    fn url_with_secret(&self) -> String {
        format!("{}?secret={}", self.url(), self.secret)
    }

    /// For services that send what stands before the host as Basic.
    fn url_with_password(&self) -> String {
        self.url().replacen("://", &format!("://any:{}@", self.secret), 1)
    }

    fn fill(&self, text: &str) -> String {
        text.replace("{url_with_password}", &self.url_with_password())
            .replace("{url_with_secret}", &self.url_with_secret())
            .replace("{url}", &self.url())
            .replace("{origin}", &self.origin)
            .replace("{name}", &self.name)
            .replace("{now_s}", &self.now_s.to_string())
            .replace("{aws_id}", &self.aws[0])
            .replace("{aws_secret}", &self.aws[1])
            .replace("{secret}", &self.secret)
    }

    /// The link by which OwnTracks takes its settings: <https://owntracks.org/booklet/features/remoteconfig>. Mode 3 is HTTP.
    fn owntracks(&self) -> String {
        let config = json!({
            "_type": "configuration", "mode": 3, "url": self.url(), "auth": true, "username": "phone",
            "password": self.secret, "deviceId": "phone", "tid": "ph",
        });
        format!("owntracks:///config?inline={}", encode(&STANDARD.encode(config.to_string())))
    }

    fn link(&self, code: &str) -> Option<String> {
        match code {
            "owntracks" => Some(self.owntracks()),
            "osmand" => Some(traccar_client("phone", &self.url_with_secret())),
            _ => None,
        }
    }

    fn snippets(self, code: &str) -> Vec<Snippet> {
        let settings = templates::of(code).map_or(&[][..], |template| template.settings.as_slice());
        let mut all: Vec<Snippet> = settings
            .iter()
            .map(|Setting { what, lines }| Snippet { what: templates::what(what), text: self.fill(&lines.join("\n")) })
            .collect();
        if let Some(link) = self.link(code) {
            let what = if code == "owntracks" { "owntracks" } else { "traccar_client" };
            all.insert(0, Snippet { what: templates::what(what), text: link });
        }
        all
    }
}

/// The settings, each with a button that copies it; with the secret also as a code for the phone's camera.
#[component]
pub fn Connect(
    /// What they are filled with.
    filling: Filling,
    /// The template.
    code: &'static str,
) -> impl IntoView {
    let qr = filling.link(code).filter(|_| filling.has_secret());
    let qr_label =
        if code == "owntracks" { text!(console.sources.qr_owntracks) } else { text!(console.sources.qr_traccar) };
    let note = (!filling.has_secret()).then(|| view! { <p class="quiet-text">{text!(console.sources.no_secret)}</p> });
    view! {
        <div class="connect" data-testid="connect">
            {note}
            {qr.map(|link| view! { <figure class="connect-qr"><QrPicture text=link label=qr_label /><figcaption>{text!(console.sources.qr_about)}</figcaption></figure> })}
            {filling.snippets(code).into_iter().map(|Snippet { what, text }| view! { <Copyable what=what text=text /> }).collect_view()}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filling() -> Filling {
        Filling {
            origin: "https://h.example".to_owned(),
            name: "phones".to_owned(),
            ingest: "/v1/ingest/phones".to_owned(),
            secret: "hgs_1".to_owned(),
            aws: ["HGAK1".to_owned(), "key".to_owned()],
            now_s: 1_772_366_400,
        }
    }

    #[test]
    fn settings_hold_the_address_and_the_secret_and_no_hole_is_left() {
        for template in templates::all().iter().filter(|template| !template.asks()) {
            let snippets = filling().snippets(&template.code);
            let all: String = snippets.iter().map(|s| s.text.as_str()).collect();
            assert!(all.contains("h.example"), "{}", template.code);
            assert!(all.contains("hgs_1") || all.contains("HGAK1"), "{}", template.code);
            for hole in ["{url", "{name}", "{secret}", "{origin}", "{aws", "{now"] {
                assert!(!all.contains(hole), "{} has {hole}", template.code);
            }
        }
    }

    #[test]
    fn owntracks_is_given_its_configuration_and_traccar_client_its_address() {
        let link = filling().owntracks();
        let inline = link.strip_prefix("owntracks:///config?inline=").unwrap();
        let json = STANDARD.decode(crate::browser::percent::decode(inline)).unwrap();
        let config: serde_json::Value = serde_json::from_slice(&json).unwrap();
        assert_eq!(
            (&config["url"], &config["password"]),
            (&json!("https://h.example/v1/ingest/phones"), &json!("hgs_1"))
        );
        let link = filling().link("osmand").unwrap();
        assert!(link.ends_with("url=https%3A%2F%2Fh.example%2Fv1%2Fingest%2Fphones%3Fsecret%3Dhgs_1"), "{link}");
    }
}
