//! Whose row is being revealed: named for the hall, with what came of each problem, and followed in the grid.

use std::collections::HashMap;

use heliograph_shared::scores::{ScoreReplica, TaskCell};
use leptos::prelude::*;

use super::cell::resolved;
use super::problems::Problems;

/// The row that was revealed last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lit {
    /// Whose.
    pub key: String,
    /// The team.
    pub name: String,
    /// Its place in the list, from 1.
    pub position: u32,
    /// What came of its problems.
    pub outcome: Vec<String>,
}

/// Finds out what a step of the resolver changed. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Spotlight {
    /// The row that is shown; nothing while nothing is being revealed.
    pub lit: RwSignal<Option<Lit>>,
    before: StoredValue<HashMap<String, Vec<TaskCell>>>,
}

impl Spotlight {
    /// One that has seen nothing.
    pub fn new() -> Self {
        Self { lit: RwSignal::new(None), before: StoredValue::new(HashMap::new()) }
    }

    /// The standings changed. `hides`: there is something to be revealed.
    pub fn look(self, scores: &ScoreReplica, problems: &Problems, hides: bool) {
        let Some(key) = &problems.resolving else {
            if self.lit.with_untracked(Option::is_some) {
                self.lit.set(None);
            }
            self.remember(scores, hides);
            return;
        };
        let is_known = self.lit.with_untracked(|lit| lit.as_ref().is_some_and(|lit| lit.key == *key));
        let Some(row) = scores.rows().iter().find(|row| row.key == *key).filter(|_| !is_known) else { return };
        let none = Vec::new();
        let outcome =
            self.before.with_value(|before| resolved(before.get(key).unwrap_or(&none), &row.cells, &problems.labels()));
        let lit = Lit { key: key.clone(), name: row.name.clone(), position: row.position, outcome };
        self.lit.set(Some(lit));
        self.remember(scores, hides);
    }

    fn remember(self, scores: &ScoreReplica, hides: bool) {
        self.before.update_value(|before| {
            if hides {
                for row in scores.rows() {
                    before.insert(row.key.clone(), row.cells.clone());
                }
            } else {
                before.clear();
            }
        });
    }
}

/// The line that names it.
#[component]
pub fn SpotlightLine(
    /// What it shows.
    spotlight: Spotlight,
) -> impl IntoView {
    view! {
        <div class="spotlight-place" role="status" aria-live="polite">
            {move || spotlight.lit.get().map(|lit| {
                let outcome = if lit.outcome.is_empty() { text!(contest.resolver.nothing).to_owned() } else { lit.outcome.join(", ") };
                view! {
                    <p class="spotlight" data-testid="spotlight" data-key=lit.key><strong>{lit.name}</strong><span>{outcome}</span></p>
                }
            })}
        </div>
    }
}
