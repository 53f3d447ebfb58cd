use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::suite::Suite;

/// ISO 8601 with hyphens, after a hyphen: the suite puts the time behind the name of a scenario.
const TIME: usize = "-2026-07-28T00-00-00-000Z".len();

/// What the suite found, by scenario and check.
pub(crate) struct Report {
    scenarios: BTreeMap<String, Checks>,
    passed: bool,
    said: String,
}

/// A check is known by its id and its name. It may be made several times, with a verdict each.
type Checks = BTreeMap<(String, String), Vec<Verdict>>;

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Verdict {
    status: String,
    why: String,
}

/// A check that ended otherwise than it should.
pub(crate) struct Difference {
    pub(crate) scenario: String,
    pub(crate) check: String,
    shown: String,
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} · {}{}", self.scenario, self.check, self.shown)
    }
}

impl Report {
    /// Reads what the suite wrote: `checks.json` in a folder for each scenario, whose name begins with `prefix`.
    pub(crate) fn read(folder: &Path, prefix: &str, output: &Output) -> Self {
        let said =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        let entries = fs::read_dir(folder).unwrap_or_else(|_| panic!("the suite found nothing:\n{said}"));
        let scenarios = entries.map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            let scenario = name.strip_prefix(prefix).unwrap();
            // A scenario that the suite had to give up has none.
            let checks = fs::read_to_string(path.join("checks.json")).unwrap_or_else(|_| "[]".to_owned());
            (scenario[..scenario.len() - TIME].to_owned(), checks_of(&serde_json::from_str(&checks).unwrap()))
        });
        Self { scenarios: scenarios.collect(), passed: output.status.success(), said }
    }

    /// That two runs find the same proves little when both find nothing.
    pub(crate) fn assert_sound(&self, suite: Suite) {
        let (scored, others) = suite.scenarios();
        assert_eq!(self.scenarios.len(), scored + others, "{}", self.said);
        assert!(self.passed, "the suite is not content with its server:\n{}", self.said);
        let failed = |verdict: &Verdict| verdict.status == "FAILURE" || verdict.status == "WARNING";
        let failures = self.scenarios.iter().flat_map(|(scenario, checks)| {
            let failed = checks.iter().filter(|(_, verdicts)| verdicts.iter().any(failed));
            failed
                .map(move |(check, verdicts)| Difference::new(scenario, check, &[("found", Some(verdicts))]))
        });
        crate::exceptions::Run { setup: "direct", suite }.judge(&failures.collect::<Vec<_>>());
    }

    /// Each check that does not end as it does in `self`, which is the direct run.
    pub(crate) fn differences(&self, guarded: &Self) -> Vec<Difference> {
        let nothing = Checks::new();
        let mut found = Vec::new();
        for scenario in keys(&self.scenarios, &guarded.scenarios) {
            let [direct, guarded] =
                [self, guarded].map(|report| report.scenarios.get(scenario).unwrap_or(&nothing));
            for check in keys(direct, guarded) {
                let pair = [direct, guarded].map(|checks| checks.get(check));
                let [one, other] = pair.map(|verdicts| verdicts.map(|verdicts| statuses(verdicts)));
                if one != other {
                    found.push(Difference::new(
                        scenario,
                        check,
                        &[("direct", pair[0]), ("guarded", pair[1])],
                    ));
                }
            }
        }
        found
    }

    pub(crate) fn assert_passed(&self) {
        assert!(self.passed, "the suite is not content with its client:\n{}", self.said);
    }
}

impl Difference {
    fn new(scenario: &str, (id, name): &(String, String), sides: &[(&str, Option<&Vec<Verdict>>)]) -> Self {
        let show = |verdict: &Verdict| format!("{} {}", verdict.status, verdict.why).trim().to_owned();
        let shown = sides.iter().map(|(side, verdicts)| {
            let verdicts: Vec<_> = verdicts.map_or(&[][..], Vec::as_slice).iter().map(show).collect();
            format!(
                "\n    {side}: {}",
                if verdicts.is_empty() { "not checked".into() } else { verdicts.join(" | ") }
            )
        });
        Self {
            scenario: scenario.to_owned(),
            check: id.clone(),
            shown: format!(" ({name}){}", shown.collect::<String>()),
        }
    }
}

/// The checks but those that only tell what went by: their number depends on timing.
fn checks_of(written: &Value) -> Checks {
    let mut checks = Checks::new();
    let judged = written.as_array().unwrap().iter().filter(|check| check["status"] != "INFO");
    for check in judged {
        let [id, name, status, why] = ["id", "name", "status", "errorMessage"]
            .map(|key| check[key].as_str().unwrap_or_default().to_owned());
        checks.entry((id, name)).or_default().push(Verdict { status, why });
    }
    checks.values_mut().for_each(|verdicts| verdicts.sort());
    checks
}

fn statuses(verdicts: &[Verdict]) -> Vec<&str> {
    verdicts.iter().map(|verdict| verdict.status.as_str()).collect()
}

fn keys<'a, K: Ord, V>(one: &'a BTreeMap<K, V>, other: &'a BTreeMap<K, V>) -> BTreeSet<&'a K> {
    one.keys().chain(other.keys()).collect()
}
