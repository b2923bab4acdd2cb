//! What all views have in common: who reads, what, and in which form.

use crate::auth;
use crate::cache::{self, Question, Reader, Served};
use crate::configs::{self, Known};
use crate::fault::Answer;
use heliograph_shared::calls::BoardMethod;
use heliograph_shared::id::BoardName;
use heliograph_shared::problem::{Code, Problem};
use heliograph_shared::rights::{Ask, Sight};
use heliograph_shared::throttle::Who;
use heliograph_shared::views::Format;
use std::fmt::Write as _;
use worker::url::form_urlencoded;
use worker::{Context, Env, Request};

/// A request for a view of a board.
pub struct View<'v> {
    req: &'v Request,
    env: &'v Env,
    ctx: &'v Context,
    board: BoardName,
    known: Known,
    /// What the caller sees of what it asks for.
    pub sight: Sight,
    payer: Option<Who>,
    has_credential: bool,
    /// How the caller sees the history, if at all.
    history: Option<Sight>,
    query: Vec<(String, String)>,
    /// What tells this answer from others under the same address.
    variant: String,
}

impl<'v> View<'v> {
    /// Reads a request: the caller's rights, and the form that `format=` or else `Accept` asks for.
    pub async fn of(
        call: (&'v Request, &'v Env, &'v Context),
        board: BoardName,
        ask: Ask<'_>,
        offered: &[Format],
    ) -> Answer<Self> {
        let query = call.0.url()?.query_pairs().into_owned().collect();
        Self::with(call, board, ask, offered, query).await
    }

    /// The same with another query than the request's own.
    pub async fn with(
        (req, env, ctx): (&'v Request, &'v Env, &'v Context),
        board: BoardName,
        ask: Ask<'_>,
        offered: &[Format],
        mut query: Vec<(String, String)>,
    ) -> Answer<Self> {
        let caller = auth::caller(env, req.headers()).await?;
        let known = configs::known(env, &board).await?;
        let sight = caller.may(&board, known.as_ref().map(|k| &*k.config), ask)?;
        let Some(known) = known else { return Err(configs::unknown(&board)) };
        let has_credential = !matches!(caller, auth::Caller::Anonymous);
        let history = caller.may(&board, Some(&*known.config), Ask::History).ok();
        let mut variant = String::new();
        if let Some(tag) = sight.tag_on(&known.config) {
            // Writing to a string can't fail.
            let _ = write!(variant, ";r={tag}");
        }
        if !query.iter().any(|(name, _)| name == "format") {
            let format = Format::accepted(req.headers().get("accept")?.as_deref(), offered)?;
            if format != Format::default() {
                let _ = write!(variant, ";{}", format.name());
                query.push(("format".to_owned(), format.name().to_owned()));
            }
        }
        let payer = caller.payer(req.headers())?;
        Ok(Self { req, env, ctx, board, known, sight, payer, has_credential, history, query, variant })
    }

    /// Whether the caller may ask how the board was. The answer is then told from that for others.
    pub fn may_see_past(&mut self) -> bool {
        if self.history.is_some() {
            self.variant.push_str(";p");
        }
        self.history.is_some()
    }

    /// Whether it is asked how it was.
    pub fn asks_past(&self) -> bool {
        self.query.iter().any(|(name, _)| name == "at")
    }

    /// Refuses who may not read all of the board's history.
    pub fn require_whole_history(&self) -> Answer<()> {
        if self.history.as_ref().is_some_and(|sight| sight.manager || sight.sees_all()) {
            return Ok(());
        }
        let detail = "standings as they were are for who may read all of the board's history";
        Err(Problem::new(Code::Forbidden, detail).into())
    }

    /// After how many seconds an item is stale.
    pub fn stale_after_s(&self) -> u32 {
        self.known.config.stale_after_s
    }

    /// The names and values of the query, with the form in it.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.query.iter().map(|(n, v)| (n.as_str(), v.as_str()))
    }

    /// The query in one order of names, whichever way it came: what is asked alike is kept once.
    fn normalised(&self) -> String {
        let mut pairs: Vec<&(String, String)> = self.query.iter().collect();
        pairs.sort_by(|a, b| a.0.cmp(&b.0));
        form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
    }

    /// Tells the answer from one of another config, where it shows more of the config than the cursor says.
    pub fn vary_by_config(&mut self) {
        let _ = write!(self.variant, ";c={:016x}", self.known.version);
    }

    /// Tells this answer from others under the same address.
    pub fn vary(&mut self, mark: Option<String>) {
        self.variant.extend(mark);
    }

    /// The question with the query, more behind it, and something else, such as which keys the caller may see.
    pub fn question(&self, method: BoardMethod, more: &str, body: Vec<u8>) -> Question {
        Question::to_board(method, self.normalised() + more, body)
    }

    /// Asks the board [such a question](Self::question).
    pub async fn get(self, method: BoardMethod, more: &str, body: Vec<u8>) -> Answer<Served> {
        let question = self.question(method, more, body);
        self.ask(question).await
    }

    /// Answers a question from what is kept, or has it asked.
    pub async fn ask(self, question: Question) -> Answer<Served> {
        let own: Vec<(String, String)> = self.req.url()?.query_pairs().into_owned().collect();
        let reader = Reader {
            board: &self.board,
            config: self.known.config.clone(),
            version: self.known.version,
            payer: self.payer,
            has_credential: self.has_credential,
            variant: self.variant,
            condition: self.req.headers().get("if-none-match")?,
            query: &own,
        };
        cache::view(self.env, self.ctx, &reader, question).await
    }
}

/// What the right must be for: with `at` among the parameters it is that to the history.
pub fn present_or_past<'n>(mut names: impl Iterator<Item = &'n str>) -> Ask<'static> {
    if names.any(|name| name == "at") { Ask::History } else { Ask::Present }
}

/// The same of a request.
pub fn asked_of(req: &Request) -> Answer<Ask<'static>> {
    let url = req.url()?;
    let names: Vec<_> = url.query_pairs().map(|(name, _)| name).collect();
    Ok(present_or_past(names.iter().map(AsRef::as_ref)))
}

/// A parsed query is only checked here, so that a wrong parameter costs the board nothing.
pub fn check<Q>(parsed: Result<Q, Problem>) -> Answer<()> {
    Ok(parsed.map(drop)?)
}
