//! Reads how many tests ran from what test runners print.

use std::ops::AddAssign;

/// Counts of one suite, or of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Tests that passed.
    pub passed: u32,
    /// Tests that failed, or never came to an end.
    pub failed: u32,
    /// Tests that were left out.
    pub skipped: u32,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl Counts {
    /// What one check comes to.
    pub fn one(passed: bool) -> Self {
        Self { passed: u32::from(passed), failed: u32::from(!passed), skipped: 0 }
    }

    /// Never lets a runner that failed, or that said nothing, look like one that passed.
    pub fn of_runner(found: Option<Self>, succeeded: bool) -> Self {
        match found {
            None => Self::one(false),
            Some(counts) if !succeeded && counts.failed == 0 => Self { failed: 1, ..counts },
            Some(counts) => counts,
        }
    }
}

/// Sums cargo test's `test result:` lines. A test program that started but gave no result line counts as one failed.
pub fn cargo_test(output: &str) -> Option<Counts> {
    let mut counts = Counts::default();
    let (mut programs, mut results) = (0_u32, 0_u32);
    for line in output.lines() {
        let line = line.trim();
        if (line.starts_with("Running ") && line.ends_with(')')) || line.starts_with("Doc-tests ") {
            programs += 1;
        }
        let Some(numbers) = line.strip_prefix("test result: ").and_then(|rest| rest.split_once(". ")) else {
            continue;
        };
        results += 1;
        for part in numbers.1.split(';') {
            let Some((number, word)) = part.trim().split_once(' ') else {
                continue;
            };
            let number = number.parse().unwrap_or(0);
            match word {
                "passed" => counts.passed += number,
                "failed" => counts.failed += number,
                "ignored" => counts.skipped += number,
                _ => {}
            }
        }
    }
    counts.failed += programs.saturating_sub(results);
    (results > 0).then_some(counts)
}

/// Reads the closing lines of node's TAP (`# pass 3`) or spec (`ℹ pass 3`) report.
pub fn node_test(output: &str) -> Option<Counts> {
    let last = |word: &str| {
        output.lines().rev().find_map(|line| {
            let rest = line.strip_prefix("# ").or_else(|| line.strip_prefix("ℹ "))?;
            rest.strip_prefix(word)?.strip_prefix(' ')?.trim().parse::<u32>().ok()
        })
    };
    let all = last("tests")?;
    let counts = Counts {
        passed: last("pass")?,
        failed: last("fail")? + last("cancelled").unwrap_or(0),
        skipped: last("skipped").unwrap_or(0) + last("todo").unwrap_or(0),
    };
    (all > 0).then_some(counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CARGO: &str = "
     Running unittests src/lib.rs (target/debug/deps/shared-1)
running 3 tests
test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s
     Running tests/feed.rs (target/debug/deps/feed-1)
test result: FAILED. 4 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s
   Doc-tests heliograph_shared
test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s
";

    #[test]
    fn results_of_all_test_programs_are_summed() {
        let counts = cargo_test(CARGO).unwrap();
        assert_eq!((counts.passed, counts.failed, counts.skipped), (7, 2, 1));
    }

    #[test]
    fn a_test_program_that_crashed_counts_as_failed() {
        let crashed = CARGO.replace("test result: FAILED. 4", "signal: 11 (4");
        let counts = cargo_test(&crashed).unwrap();
        assert_eq!((counts.passed, counts.failed), (3, 1));
    }

    #[test]
    fn a_build_that_failed_has_no_counts() {
        assert_eq!(cargo_test("error: could not compile"), None);
        assert_eq!(Counts::of_runner(None, true), Counts::one(false));
        assert_eq!(Counts::of_runner(None, false).failed, 1);
    }

    #[test]
    fn nodes_closing_lines_are_read_in_both_reports() {
        let tap = "# pass 99\nok 1 - a\n1..4\n# tests 6\n# suites 0\n# pass 2\n# fail 1\n# cancelled 1\n# skipped 1\n# todo 1\n# duration_ms 3\n";
        let expected = Counts { passed: 2, failed: 2, skipped: 2 };
        assert_eq!(node_test(tap), Some(expected));
        assert_eq!(node_test(&tap.replace("# ", "ℹ ")), Some(expected));
    }

    #[test]
    fn a_run_without_tests_is_not_a_pass() {
        let none = "# tests 0\n# pass 0\n# fail 0\n# cancelled 0\n";
        assert_eq!(node_test(none), None);
        assert_eq!(node_test(""), None);
    }

    #[test]
    fn a_runner_that_failed_without_saying_why_counts_as_failed() {
        let fine = Counts { passed: 3, ..Counts::default() };
        assert_eq!(Counts::of_runner(Some(fine), true), fine);
        assert_eq!(Counts::of_runner(Some(fine), false).failed, 1);
    }
}
