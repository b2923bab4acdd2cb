//! What a kind of sender needs to be told beside its name: a field each.

use leptos::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::console::field::{Field, Problems};

/// Something to be told, under the path that the server gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Wish {
    /// The address that is asked.
    #[serde(rename = "poll.url")]
    Url,
    /// How often.
    #[serde(rename = "poll.interval_s")]
    Interval,
    /// The operator's credential for it.
    #[serde(rename = "poll.credential")]
    Credential,
    /// SNS topics.
    #[serde(rename = "from.topics")]
    Topics,
    /// AWS accounts.
    #[serde(rename = "from.accounts")]
    Accounts,
    /// The operator's target with the objects.
    #[serde(rename = "from.objects.target")]
    Target,
}

impl Wish {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Url, Self::Interval, Self::Credential, Self::Topics, Self::Accounts, Self::Target];

    const fn path(self) -> &'static str {
        match self {
            Self::Url => "poll.url",
            Self::Interval => "poll.interval_s",
            Self::Credential => "poll.credential",
            Self::Topics => "from.topics",
            Self::Accounts => "from.accounts",
            Self::Target => "from.objects.target",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Url => text!(console.sources.wish.url),
            Self::Interval => text!(console.sources.wish.interval),
            Self::Credential => text!(console.sources.wish.credential),
            Self::Topics => text!(console.sources.wish.topics),
            Self::Accounts => text!(console.sources.wish.accounts),
            Self::Target => text!(console.sources.wish.target),
        }
    }

    fn help(self) -> &'static str {
        match self {
            Self::Url => text!(console.sources.wish.url_help),
            Self::Interval => text!(console.sources.wish.interval_help),
            Self::Credential => text!(console.sources.wish.credential_help),
            Self::Topics => text!(console.sources.wish.topics_help),
            Self::Accounts => text!(console.sources.wish.accounts_help),
            Self::Target => text!(console.sources.wish.target_help),
        }
    }

    /// Puts what was written where the server has it; nothing where nothing was.
    pub fn put(self, said: &str, into: &mut Value) {
        let said = said.trim();
        if said.is_empty() {
            return;
        }
        let list = || said.split([',', '\n']).map(str::trim).filter(|one| !one.is_empty()).collect::<Vec<_>>();
        match self {
            Self::Url => into["poll"]["url"] = said.into(),
            // What is no number is the server's to refuse.
            Self::Interval => {
                into["poll"]["interval_s"] = said.parse::<u32>().map_or_else(|_| said.into(), Value::from);
            }
            Self::Credential => into["poll"]["credential"] = said.into(),
            Self::Topics => into["from"]["topics"] = json!(list()),
            Self::Accounts => into["from"]["accounts"] = json!(list()),
            Self::Target => into["from"]["objects"]["target"] = said.into(),
        }
    }
}

/// What was written for each wish.
#[derive(Clone, Copy)]
pub struct Wishes([RwSignal<String>; 6]);

impl Wishes {
    /// Nothing yet.
    pub fn new() -> Self {
        Self(std::array::from_fn(|_| RwSignal::new(String::new())))
    }

    /// What was written for these.
    pub fn said(&self, of: &[Wish]) -> Vec<(Wish, String)> {
        let all = Wish::ALL.into_iter().zip(self.0);
        all.filter(|(wish, _)| of.contains(wish)).map(|(wish, said)| (wish, said.get_untracked())).collect()
    }

    /// Forgets it.
    pub fn clear(&self) {
        for said in self.0 {
            let _ = said.try_set(String::new());
        }
    }
}

/// A field for each of these.
#[component]
pub fn WishFields(
    /// Which.
    of: &'static [Wish],
    /// What is written.
    wishes: Wishes,
    /// What is wrong with the form.
    problems: Problems,
) -> impl IntoView {
    let all = Wish::ALL.into_iter().zip(wishes.0).filter(|(wish, _)| of.contains(wish));
    all.map(|(wish, said)| {
        let (is_long, is_number) = (matches!(wish, Wish::Topics), matches!(wish, Wish::Interval));
        view! { <Field path=wish.path() label=wish.label() help=wish.help() value=said problems=problems is_long=is_long is_number=is_number /> }
    })
    .collect_view()
}

#[cfg(test)]
mod tests {
    use super::*;
    use heliograph_shared::source::NewSource;

    #[test]
    fn what_is_written_becomes_a_source_that_the_server_takes() {
        let mut wish = json!({"name": "city"});
        for (one, said) in [
            (Wish::Url, " https://transit.example/vehicles.pb "),
            (Wish::Interval, "30"),
            (Wish::Credential, "CITY"),
            (Wish::Topics, "arn:aws:sns:us-east-1:111122223333:a,\narn:aws:sns:us-east-1:111122223333:b"),
            (Wish::Accounts, ""),
            (Wish::Target, "DEFAULT"),
        ] {
            one.put(said, &mut wish);
        }
        let made: NewSource = serde_json::from_value(wish).unwrap();
        let poll = made.poll.unwrap();
        assert_eq!((poll.url.as_str(), poll.interval_s), ("https://transit.example/vehicles.pb", 30));
        assert_eq!(poll.credential.unwrap().to_string(), "CITY");
        assert_eq!((made.from.topics.len(), made.from.accounts.len()), (2, 0));
        assert!(made.from.objects.is_some());
        for wish in Wish::ALL {
            let named: Wish = serde_json::from_value(wish.path().into()).unwrap();
            assert_eq!(named, wish);
        }
    }
}
