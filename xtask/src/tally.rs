//! The sum of all tests of a run.

use std::fmt;

/// Passed, failed and skipped tests.
#[derive(Default, Debug, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    /// What could not be run here: its name and the reason.
    pub(crate) skipped: Vec<(String, String)>,
}

impl Tally {
    /// Adds what one line of `cargo test` tells: its `test result:` lines count, and its ignored tests are skipped.
    pub(crate) fn read(&mut self, line: &str) {
        self.read_ignored(line);
        let Some((_, counts)) = line.split_once("test result: ") else {
            return;
        };
        let counts = counts.split_once(". ").map_or(counts, |(_, counts)| counts);
        for count in counts.split(';') {
            let Some((number, kind)) = count.trim().split_once(' ') else {
                continue;
            };
            let number = number.parse().unwrap_or(0);
            match kind {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                _ => {}
            }
        }
    }

    /// One that another test starts in a process of its own is no test by itself.
    fn read_ignored(&mut self, line: &str) {
        let Some((name, reason)) =
            line.strip_prefix("test ").and_then(|test| test.split_once(" ... ignored"))
        else {
            return;
        };
        let reason = reason.trim_start_matches([',', ' ']);
        if !reason.starts_with("started by ") {
            self.skip(name, if reason.is_empty() { "ignored without a reason" } else { reason });
        }
    }

    /// Takes note of something that cannot be run here.
    pub(crate) fn skip(&mut self, name: impl Into<String>, reason: impl Into<String>) {
        self.skipped.push((name.into(), reason.into()));
    }

    /// Whether all is well. With `strict`, nothing may be skipped.
    pub(crate) fn good(&self, strict: bool) -> bool {
        self.failed == 0 && (self.skipped.is_empty() || !strict)
    }

    /// Names what was skipped, then gives the sum on a line of its own, the last one.
    pub(crate) fn print(&self) {
        println!();
        for (name, reason) in &self.skipped {
            println!("SKIPPED {name}: {reason}");
        }
        println!("{self}");
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { passed, failed, skipped } = self;
        write!(f, "{passed} passed, {failed} failed, {} skipped", skipped.len())
    }
}

#[cfg(test)]
mod tests {
    use super::Tally;

    #[test]
    fn result_lines_are_summed_and_others_are_not() {
        let mut tally = Tally::default();
        tally.read("running 3 tests");
        tally.read(
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s",
        );
        tally.read("test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 7 filtered out");
        assert_eq!(tally, Tally { passed: 5, failed: 1, skipped: vec![] });
    }

    #[test]
    fn an_ignored_test_is_skipped_unless_another_one_starts_it() {
        let mut tally = Tally::default();
        tally.read("test slow ... ignored, takes an hour");
        tally.read("test mute ... ignored");
        tally.read("test child_writes ... ignored, started by a_parent_reads");
        let skipped = [("slow", "takes an hour"), ("mute", "ignored without a reason")];
        assert_eq!(tally.skipped, skipped.map(|(name, reason)| (name.into(), reason.into())));
    }

    #[test]
    fn a_skip_counts_and_is_forgiven_only_when_not_strict() {
        let mut tally = Tally { passed: 4, ..Tally::default() };
        tally.skip("peers", "npm is missing");
        assert_eq!(tally.to_string(), "4 passed, 0 failed, 1 skipped");
        assert!(tally.good(false) && !tally.good(true));
    }
}
