//! What a credential allows, compiled once.

use super::{Access, Boards, Claims, Conditions, Grant, KeySet, Narrowed, Operation, Standing};
use crate::config::Visibility;
use crate::id::BoardName;
use crate::limits;
use crate::problem::{Code, FieldError};

/// What a credential allows: the same value for an administrator's key, an API key, a token, and none at all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rights {
    holder: Holder,
    rules: Vec<Rule>,
}

/// Whose rights they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Holder {
    /// Somebody without a credential: reads what is public.
    #[default]
    Anyone,
    /// The administrator: everything.
    Administrator,
    /// Somebody with a credential, who reads as its standing says.
    Known(Standing),
}

/// A grant, compiled.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    boards: Boards,
    operations: Vec<Operation>,
    keys: KeySet,
    conditions: Conditions,
}

impl Rights {
    /// The administrator's.
    pub const fn everything() -> Self {
        Self { holder: Holder::Administrator, rules: Vec::new() }
    }

    /// Those of somebody without a credential.
    pub const fn anyone() -> Self {
        Self { holder: Holder::Anyone, rules: Vec::new() }
    }

    /// Those of a known credential that allows nothing of its own, such as a key that must be renewed.
    pub const fn nothing() -> Self {
        Self { holder: Holder::Known(Standing::Member), rules: Vec::new() }
    }

    /// Those of grants. Refused, with the field, where they can't be kept as they are said.
    pub fn of_grants(grants: &[Grant]) -> Result<Self, FieldError> {
        if grants.len() > limits::GRANTS_PER_TOKEN {
            let message = format!("a credential has at most {} grants", limits::GRANTS_PER_TOKEN);
            return Err(FieldError::new("grants", Code::TooMany, message));
        }
        if grants.iter().map(|g| g.keys.len()).sum::<usize>() > limits::KEY_PATTERNS {
            let message = format!("a credential has at most {} key patterns in all", limits::KEY_PATTERNS);
            return Err(FieldError::new("grants", Code::TooMany, message));
        }
        let rules: Vec<Rule> = grants.iter().enumerate().map(|(i, g)| Rule::of(i, g)).collect::<Result<_, _>>()?;
        if let Some(i) =
            rules.iter().position(|rule| rule.is_delayed() && rules.iter().any(|r| r.tells_now_beside(rule)))
        {
            let message = "conditions.delay_s shows everything later, and the answer to what is published tells how far the \
                           board is now: publish with another credential";
            return Err(FieldError::new(format!("grants[{i}].conditions.delay_s"), Code::Invalid, message));
        }
        Ok(Self { holder: Holder::Known(Standing::Member), rules })
    }

    /// Those of a token.
    pub fn of_claims(claims: &Claims) -> Result<Self, FieldError> {
        Ok(Self::of_grants(&claims.grants)?.as_standing(claims.standing.clone()))
    }

    /// The same rights, held by somebody who reads as `standing` says.
    #[must_use]
    pub fn as_standing(self, standing: Standing) -> Self {
        Self { holder: Holder::Known(standing), ..self }
    }

    /// Whether they are the administrator's.
    pub fn is_administrator(&self) -> bool {
        self.holder == Holder::Administrator
    }

    /// As whom their holder reads, to be passed on to what is minted with them.
    pub fn standing(&self) -> Standing {
        match &self.holder {
            Holder::Anyone => Standing::Public,
            Holder::Administrator => Standing::Member,
            Holder::Known(standing) => standing.clone(),
        }
    }

    /// What they allow on a board; `visibility` is none where there is no such board.
    pub fn on(&self, board: &BoardName, visibility: Option<Visibility>) -> Access {
        if self.is_administrator() {
            return Access::everything();
        }
        let mut access = Access { standing: self.standing(), ..Access::default() };
        for rule in self.rules.iter().filter(|rule| rule.boards.names(board)) {
            for operation in &rule.operations {
                let set = match operation {
                    Operation::Read => &mut access.read,
                    Operation::History => &mut access.history,
                    Operation::Publish => &mut access.publish,
                    Operation::Manage => {
                        access.manage = true;
                        continue;
                    }
                    Operation::Presence => {
                        access.presence = true;
                        continue;
                    }
                };
                *set = std::mem::take(set).or(&rule.keys);
            }
        }
        let of = |operation: Operation| {
            self.rules.iter().filter(move |r| r.boards.names(board) && r.operations.contains(&operation))
        };
        access.read_narrowed = Narrowed::of(of(Operation::Read).map(|r| (&r.keys, r.conditions.of_present())));
        access.history_narrowed = Narrowed::of(of(Operation::History).map(|r| (&r.keys, r.conditions.of_past())));
        // Whoever comes with something that says nothing about reading a public board reads it like anyone.
        if access.read.is_nothing() && visibility == Some(Visibility::Public) {
            let public = Access::public();
            (access.read, access.history) = (public.read, public.history);
            (access.read_narrowed, access.history_narrowed) = (None, None);
            if access.standing.is_member() {
                access.standing = public.standing;
            }
        }
        access
    }

    /// What their holder may read on a board, as grants of a token for it: the live state, and what was.
    pub fn reading(&self, board: &BoardName) -> Vec<Grant> {
        if self.is_administrator() {
            let operations = vec![Operation::Read, Operation::History];
            let keys = vec!["*".to_owned()];
            return vec![Grant { board: board.as_str().to_owned(), operations, keys, ..Grant::default() }];
        }
        let whole =
            Self { rules: self.rules.iter().filter(|r| r.conditions.is_none()).cloned().collect(), ..self.clone() };
        let access = whole.on(board, None);
        let grant = |operations: &[Operation], keys: &KeySet| Grant {
            board: board.as_str().to_owned(),
            operations: operations.to_vec(),
            keys: keys.patterns(),
            ..Grant::default()
        };
        let grants = if access.read == access.history {
            vec![grant(&[Operation::Read, Operation::History], &access.read)]
        } else {
            vec![grant(&[Operation::Read], &access.read), grant(&[Operation::History], &access.history)]
        };
        let narrowed = self.rules.iter().filter(|r| r.boards.names(board) && !r.conditions.is_none());
        let narrowed = narrowed.map(|r| Grant { conditions: r.conditions.clone(), ..grant(&r.operations, &r.keys) });
        grants.into_iter().filter(|grant| !grant.keys.is_empty()).chain(narrowed).collect()
    }

    /// The beginning of names under which their holder may manage this board, where no grant names it and none is for
    /// all boards: the shortest.
    pub fn manages_under(&self, board: &BoardName) -> Option<String> {
        let rules = self.rules.iter().filter(|r| r.boards.names(board) && r.operations.contains(&Operation::Manage));
        let mut shortest: Option<&String> = None;
        for rule in rules {
            match &rule.boards {
                Boards::All | Boards::One(_) => return None,
                Boards::Prefix(prefix) if shortest.is_none_or(|s| prefix.len() < s.len()) => shortest = Some(prefix),
                Boards::Prefix(_) => {}
            }
        }
        shortest.cloned()
    }

    /// Whether their holder may pass `wanted` on: for every board, operation and key that it allows, they allow it.
    /// What anyone may read is not counted: nobody needs a token for it.
    pub fn covers(&self, wanted: &Self) -> bool {
        if self.is_administrator() {
            return true;
        }
        let standing = wanted.standing();
        if wanted.is_administrator() || !(self.standing().is_member() || standing == self.standing()) {
            return false;
        }
        wanted.rules.iter().all(|rule| self.covers_rule(rule))
    }

    /// The place of the first of the grants that `wanted` was made of that they do not cover.
    pub fn first_not_covered(&self, wanted: &Self) -> Option<usize> {
        if self.is_administrator() { None } else { wanted.rules.iter().position(|rule| !self.covers_rule(rule)) }
    }

    /// Own rules that narrow more than what is wanted don't count; those that do add up by their keys.
    fn covers_rule(&self, wanted: &Rule) -> bool {
        wanted.operations.iter().all(|operation| {
            // Who manages a board sees who is there.
            let allows = |r: &Rule| {
                let by_managing = *operation == Operation::Presence && r.operations.contains(&Operation::Manage);
                r.operations.contains(operation) || by_managing
            };
            let mine = self
                .rules
                .iter()
                .filter(|r| r.boards.covers(&wanted.boards) && allows(r) && r.conditions.cover(&wanted.conditions));
            match operation {
                Operation::Manage | Operation::Presence => mine.count() > 0,
                Operation::Read | Operation::History | Operation::Publish => {
                    mine.fold(KeySet::Nothing, |set, rule| set.or(&rule.keys)).covers(&wanted.keys)
                }
            }
        })
    }
}

impl Rule {
    /// Whether it shows everything later.
    const fn is_delayed(&self) -> bool {
        self.conditions.delay_s.is_some()
    }

    /// Whether it lets its holder publish on a board where another rule delays what is read.
    fn tells_now_beside(&self, delayed: &Self) -> bool {
        let both = self.boards.covers(&delayed.boards) || delayed.boards.covers(&self.boards);
        self.operations.contains(&Operation::Publish) && both
    }

    fn of(i: usize, grant: &Grant) -> Result<Self, FieldError> {
        let wrong = |part: &str, code, message: &str| FieldError::new(format!("grants[{i}].{part}"), code, message);
        let boards = Boards::parse(&grant.board).map_err(|message| wrong("board", Code::Invalid, message))?;
        if grant.operations.is_empty() {
            let message = "operations names at least one of read, history, publish, presence, manage";
            return Err(wrong("operations", Code::Missing, message));
        }
        if grant.keys.is_empty() {
            let message = "keys names at least one key or pattern; leave it out for all keys";
            return Err(wrong("keys", Code::Missing, message));
        }
        if let Err((part, code, message)) = grant.conditions.check(&grant.operations) {
            return Err(wrong(&format!("conditions.{part}"), code, &message));
        }
        let keys = KeySet::of(&grant.keys).map_err(|e| wrong("keys", Code::Invalid, &e.to_string()))?;
        let (operations, conditions) = (grant.operations.clone(), grant.conditions.clone().in_order());
        Ok(Self { boards, operations, keys, conditions })
    }
}
