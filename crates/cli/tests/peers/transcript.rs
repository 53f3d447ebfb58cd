use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::client::Client;

/// What a driver wrote: the steps with their outcomes and frames, the notifications, the server's exit.
pub(crate) struct Transcript(pub(crate) Value);

impl Transcript {
    pub(crate) fn read(file: &Path) -> Self {
        Self(serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap())
    }

    /// That two transcripts are the same proves little when both are empty: every step must have ended as its
    /// scenario expects, everything the server lists must have been used, and the server must have spoken by itself.
    pub(crate) fn assert_worth_comparing(&self, scenario: &Value, client: Client) {
        for step in self.steps() {
            for outcome in step["outcomes"].as_array().unwrap() {
                assert_eq!(kind(outcome), step["expect"], "step {}: {outcome}", step["step"]);
            }
        }
        self.assert_covered("tools/list", "/tools", "name", "tools/call", &excused(scenario, client));
        self.assert_covered("prompts/list", "/prompts", "name", "prompts/get", &BTreeSet::new());
        self.assert_covered("resources/list", "/resources", "uri", "resources/read", &BTreeSet::new());
        for (method, least) in scenario["minimum"].as_object().into_iter().flatten() {
            let seen = self.heard(method);
            assert!(seen >= least.as_u64().unwrap(), "the server sent only {seen} {method}");
        }
    }

    fn assert_covered(&self, list: &str, items: &str, key: &str, method: &str, excused: &BTreeSet<&str>) {
        let results = |method: &str| {
            let steps = self
                .steps()
                .iter()
                .filter(move |step| step["method"] == method && step["expect"] == "result");
            steps.map(|step| (&step["params"][key], &step["outcomes"][0]["result"])).collect::<Vec<_>>()
        };
        let used: Vec<_> = results(method).into_iter().map(|(used, _)| used).collect();
        for (_, result) in results(list) {
            for item in result.pointer(items).and_then(Value::as_array).unwrap() {
                let name = item[key].as_str().unwrap();
                assert!(
                    used.contains(&&item[key]) || excused.contains(name),
                    "no successful {method} of {name}"
                );
            }
        }
    }

    /// How many requests and notifications of `method` the server sent.
    fn heard(&self, method: &str) -> u64 {
        let requests = self.steps().iter().flat_map(|step| step["requests"].as_array().unwrap());
        let notifications = self.0["notifications"][method].as_array().map_or(0, Vec::len);
        (requests.filter(|frame| frame["method"] == method).count() + notifications) as u64
    }

    fn steps(&self) -> &[Value] {
        self.0["steps"].as_array().unwrap()
    }
}

fn kind(outcome: &Value) -> &'static str {
    match outcome.get("result") {
        None => "error",
        Some(result) if result["isError"] == true => "tool-error",
        Some(_) => "result",
    }
}

/// Tools this client's SDK cannot call.
fn excused(scenario: &Value, client: Client) -> BTreeSet<&str> {
    let uncovered = scenario["uncovered"].as_object().into_iter().flatten();
    let excuses =
        uncovered.filter(|(_, clients)| clients.as_array().unwrap().iter().any(|name| name == client.name()));
    excuses.map(|(tool, _)| tool.as_str()).collect()
}
