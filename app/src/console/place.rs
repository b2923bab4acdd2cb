//! The console's addresses: `/manage` for the server, `/b/{board}/manage` for a board, and their parts.

use crate::browser::percent::encode;

/// A part of a board's console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// How the board is.
    Overview,
    /// Its config, and its end.
    Config,
    /// Keys that reach it.
    Keys,
    /// Links that share a part of it.
    Links,
    /// Who changed what.
    Audit,
    /// Who is connected.
    Connections,
    /// Alarms that stand.
    Alarms,
    /// What raises them.
    AlarmRules,
    /// Who is told of them.
    Webhooks,
    /// Ways in for what others send.
    Sources,
    /// Records that were refused.
    Letters,
    /// Steps between ingest and the board.
    Pipeline,
    /// Into pages of other sites.
    Embed,
    /// Delivery to object storage.
    Archive,
    /// Sessions.
    Sessions,
    /// Standings, corrections and who made them.
    Scores,
}

impl Part {
    /// All of them, in the order of the menu.
    pub const ALL: [Self; 16] = [
        Self::Overview,
        Self::Alarms,
        Self::AlarmRules,
        Self::Webhooks,
        Self::Config,
        Self::Keys,
        Self::Links,
        Self::Sources,
        Self::Letters,
        Self::Pipeline,
        Self::Embed,
        Self::Archive,
        Self::Sessions,
        Self::Scores,
        Self::Connections,
        Self::Audit,
    ];

    /// Its last segment; the overview has none.
    const fn segment(self) -> &'static str {
        match self {
            Self::Overview => "",
            Self::Config => "config",
            Self::Keys => "keys",
            Self::Links => "links",
            Self::Audit => "audit",
            Self::Connections => "connections",
            Self::Alarms => "alarms",
            Self::AlarmRules => "alarm-rules",
            Self::Webhooks => "webhooks",
            Self::Sources => "sources",
            Self::Letters => "letters",
            Self::Pipeline => "pipeline",
            Self::Embed => "embed",
            Self::Archive => "archive",
            Self::Sessions => "sessions",
            Self::Scores => "scores",
        }
    }

    /// In a word or two.
    pub fn label(self) -> &'static str {
        match self {
            Self::Overview => text!(console.place.overview),
            Self::Config => text!(console.place.config),
            Self::Keys => text!(console.place.keys),
            Self::Links => text!(console.place.links),
            Self::Audit => text!(console.place.audit),
            Self::Connections => text!(console.place.connections),
            Self::Alarms => text!(console.place.alarms),
            Self::AlarmRules => text!(console.place.alarm_rules),
            Self::Webhooks => text!(console.place.webhooks),
            Self::Sources => text!(console.place.sources),
            Self::Letters => text!(console.page.dead_letters),
            Self::Pipeline => text!(console.place.pipeline),
            Self::Embed => text!(console.place.embed),
            Self::Archive => text!(console.place.archive),
            Self::Sessions => text!(console.sessions.heading),
            Self::Scores => text!(console.place.scores),
        }
    }

    /// Whether it says something about a board of this kind to this manager.
    pub const fn is_for(self, has_scores: bool, is_administrator: bool) -> bool {
        match self {
            Self::Overview
            | Self::Config
            | Self::Links
            | Self::Audit
            | Self::Connections
            | Self::Alarms
            | Self::AlarmRules
            | Self::Webhooks
            | Self::Sources
            | Self::Letters
            | Self::Pipeline
            | Self::Embed
            | Self::Archive => true,
            Self::Sessions | Self::Scores => has_scores,
            Self::Keys => is_administrator,
        }
    }
}

/// A page of the console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// All boards.
    Boards,
    /// A form for a new one.
    NewBoard,
    /// All keys.
    Keys,
    /// What is said about sign-in.
    SignIn,
    /// Back from a provider.
    SignedIn,
    /// A part of a board's.
    Board(String, Part),
    /// Nothing.
    Nowhere,
}

impl Place {
    /// The page of a path's segments.
    pub fn of(path: &[String]) -> Self {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        match path.as_slice() {
            ["manage"] => Self::Boards,
            ["manage", "new"] => Self::NewBoard,
            ["manage", "keys"] => Self::Keys,
            ["manage", "sign-in"] => Self::SignIn,
            ["signed-in"] => Self::SignedIn,
            ["b", board, "manage"] => Self::Board((*board).to_owned(), Part::Overview),
            ["b", board, "manage", part] => {
                let found = Part::ALL.into_iter().find(|known| known.segment() == *part);
                found.map_or(Self::Nowhere, |part| Self::Board((*board).to_owned(), part))
            }
            _ => Self::Nowhere,
        }
    }

    /// Its path.
    pub fn path(&self) -> String {
        match self {
            Self::Boards | Self::Nowhere => "/manage".to_owned(),
            Self::NewBoard => "/manage/new".to_owned(),
            Self::Keys => "/manage/keys".to_owned(),
            Self::SignIn => "/manage/sign-in".to_owned(),
            Self::SignedIn => "/signed-in".to_owned(),
            Self::Board(board, Part::Overview) => format!("/b/{}/manage", encode(board)),
            Self::Board(board, part) => format!("/b/{}/manage/{}", encode(board), part.segment()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_is_found_at_its_own_path() {
        let parts = Part::ALL.map(|part| Place::Board("a b".to_owned(), part));
        for place in
            [Place::Boards, Place::NewBoard, Place::Keys, Place::SignIn, Place::SignedIn].into_iter().chain(parts)
        {
            let path = place.path();
            let segments: Vec<String> =
                path.split('/').filter(|part| !part.is_empty()).map(crate::browser::percent::decode).collect();
            assert_eq!(Place::of(&segments), place, "{path}");
        }
        let of = |path: &[&str]| Place::of(&path.iter().map(|&part| part.to_owned()).collect::<Vec<_>>());
        assert_eq!(of(&["b", "fleet", "manage", "moon"]), Place::Nowhere);
        assert_eq!(of(&["b", "fleet", "manage", "letters", "7"]), Place::Nowhere);
    }

    #[test]
    fn who_is_no_administrator_is_shown_no_keys() {
        let shown = |has_scores, is_administrator| {
            Part::ALL.into_iter().filter(move |part| part.is_for(has_scores, is_administrator)).collect::<Vec<_>>()
        };
        assert!(!shown(true, false).contains(&Part::Keys) && shown(true, true).contains(&Part::Keys));
        assert!(!shown(false, true).contains(&Part::Scores) && shown(true, false).contains(&Part::Sessions));
    }
}
