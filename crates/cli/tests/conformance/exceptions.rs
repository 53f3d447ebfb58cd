use serde::Deserialize;

use crate::report::Difference;
use crate::suite::Suite;

const FILE: &str = include_str!("../../../../tests/conformance/exceptions.json");

/// Checks that may end otherwise, and why.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exception {
    setups: Vec<String>,
    suites: Vec<String>,
    /// A name, or the beginning of names and `*`.
    scenario: String,
    /// All checks of the scenario, where it is left out.
    checks: Option<Vec<String>>,
    #[expect(dead_code, reason = "for people")]
    reason: String,
}

impl Exception {
    fn covers(&self, difference: &Difference) -> bool {
        let scenario = match self.scenario.strip_suffix('*') {
            Some(beginning) => difference.scenario.starts_with(beginning),
            None => difference.scenario == self.scenario,
        };
        scenario && self.checks.as_ref().is_none_or(|checks| checks.contains(&difference.check))
    }
}

/// One run of one suite.
pub(crate) struct Run {
    pub(crate) setup: &'static str,
    pub(crate) suite: Suite,
}

impl Run {
    /// Fails on a difference that is no exception, and on an exception without a difference.
    pub(crate) fn judge(&self, differences: &[Difference]) {
        let all: Vec<Exception> = serde_json::from_str(FILE).unwrap();
        let is = |names: &[String], name: &str| names.iter().any(|one| one == name);
        let mine = |one: &&Exception| is(&one.setups, self.setup) && is(&one.suites, self.suite.revision());
        let exceptions: Vec<_> = all.iter().filter(mine).collect();

        let open = differences.iter().filter(|one| !exceptions.iter().any(|exception| exception.covers(one)));
        let open: Vec<_> = open.map(ToString::to_string).collect();
        let stale =
            exceptions.iter().filter(|exception| !differences.iter().any(|one| exception.covers(one)));
        let stale: Vec<_> =
            stale.map(|exception| format!("{} {:?}", exception.scenario, exception.checks)).collect();
        assert!(open.is_empty(), "{} checks end otherwise:\n{}", open.len(), open.join("\n"));
        assert!(stale.is_empty(), "exceptions that are none any more:\n{}", stale.join("\n"));
    }
}
