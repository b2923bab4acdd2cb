//! What a command has to do before it can start, and how long that still takes.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::clock::Stopwatch;
use crate::steps::say;

/// A step that is due.
pub struct Planned {
    /// The step's name.
    pub name: String,
    /// How long it takes on two cores that nobody else uses.
    pub seconds: u32,
}

static PLAN: Mutex<Plan> = Mutex::new(Plan::new());

/// Shorter than this, nobody needs a plan.
const WORTH_TELLING: u32 = 10;
/// Steps say something about a machine's pace once they took this long together.
const PRIOR: f64 = 15.0;

/// Starts a plan and says it.
pub fn start(steps: Vec<Planned>) {
    let seconds: u32 = steps.iter().map(|step| step.seconds).sum();
    if seconds >= WORTH_TELLING {
        let names: Vec<&str> = steps.iter().map(|step| step.name.as_str()).collect();
        say(&format!("  to do: {}", names.join(", ")));
        say(&format!("  {} on two cores, once", span(f64::from(seconds))));
    }
    *plan() = Plan { due: steps, ..Plan::new() };
}

/// A step begins.
pub fn begin(name: &str) {
    plan().begin(name);
}

/// The step that began has ended.
pub fn end() {
    plan().end();
}

/// What is left of the plan, in words; nothing when there is none.
pub fn left() -> Option<String> {
    let plan = plan();
    let elapsed = plan.now.as_ref()?.1.seconds();
    Some(span(plan.left(elapsed)?))
}

fn plan() -> MutexGuard<'static, Plan> {
    PLAN.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Plan {
    due: Vec<Planned>,
    now: Option<(Planned, Stopwatch)>,
    /// Of the steps that ended: how long they were thought to take, and took.
    thought: f64,
    took: f64,
}

impl Plan {
    const fn new() -> Self {
        Self { due: Vec::new(), now: None, thought: 0.0, took: 0.0 }
    }

    fn begin(&mut self, name: &str) {
        if let Some(at) = self.due.iter().position(|step| step.name == name) {
            self.now = Some((self.due.remove(at), Stopwatch::start()));
        }
    }

    fn end(&mut self) {
        if let Some((step, watch)) = self.now.take() {
            self.thought += f64::from(step.seconds);
            self.took += watch.seconds();
        }
    }

    /// Seconds left, when the present step has run for so long.
    fn left(&self, elapsed: f64) -> Option<f64> {
        let (now, _) = self.now.as_ref()?;
        let mut pace = (self.took + PRIOR) / (self.thought + PRIOR);
        let here = f64::from(now.seconds);
        // A step that takes longer than its share shows that this machine is slower, and is nearly done.
        pace = pace.max(elapsed / (here + PRIOR));
        let rest: f64 = self.due.iter().map(|step| f64::from(step.seconds)).sum();
        Some(pace * rest + (pace * here - elapsed).max(0.1 * elapsed))
    }
}

/// A span of time as people say it.
fn span(seconds: f64) -> String {
    if seconds < 50.0 {
        let tens = (seconds / 10.0).ceil().max(1.0) * 10.0;
        return format!("about {tens:.0} s");
    }
    format!("about {:.0} min", (seconds / 60.0).ceil())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planned(steps: &[(&str, u32)]) -> Plan {
        let due = steps.iter().map(|(name, seconds)| Planned { name: (*name).to_owned(), seconds: *seconds }).collect();
        Plan { due, ..Plan::new() }
    }

    #[test]
    fn the_time_left_falls_and_never_reaches_nothing_before_the_end() {
        let mut plan = planned(&[("a", 100), ("b", 50)]);
        assert_eq!(plan.left(0.0), None);
        plan.begin("a");
        let left: Vec<f64> = [0.0, 50.0, 99.0, 200.0].iter().map(|elapsed| plan.left(*elapsed).unwrap()).collect();
        assert!((left[0] - 150.0).abs() < 1.0, "{left:?}");
        assert!(left[1] < left[0] && left[2] < left[1], "{left:?}");
        assert!(left[3] > 20.0, "{left:?}");
    }

    #[test]
    fn a_slow_machine_is_noticed() {
        let mut plan = planned(&[("b", 100)]);
        (plan.thought, plan.took) = (100.0, 300.0);
        plan.begin("b");
        assert!(plan.left(0.0).unwrap() > 200.0);
        (plan.thought, plan.took) = (100.0, 20.0);
        assert!(plan.left(0.0).unwrap() < 50.0);
    }

    #[test]
    fn steps_that_are_not_in_the_plan_say_nothing() {
        let mut plan = planned(&[("a", 10)]);
        plan.begin("other");
        assert_eq!(plan.left(1.0), None);
        plan.end();
        assert_eq!(plan.due.len(), 1);
    }

    #[test]
    fn spans_are_told_in_round_numbers() {
        assert_eq!(span(0.0), "about 10 s");
        assert_eq!(span(31.0), "about 40 s");
        assert_eq!(span(61.0), "about 2 min");
    }
}
