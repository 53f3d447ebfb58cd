use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::client::Client;

/// Said by a server as soon as the session has begun.
const EARLY: [&str; 1] = ["notifications/tools/list_changed"];

/// What a driver wrote: the steps with their outcomes and frames, the notifications, the server's exit.
pub(crate) struct Transcript(pub(crate) Value);

impl Transcript {
    /// Reads what a driver wrote. The lines a server prints in no order of its own, as its environment, are sorted.
    pub(crate) fn read(file: &Path, scenario: &Value) -> Self {
        let mut transcript: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
        let unordered = scenario["unordered"].as_array().map_or(&[][..], Vec::as_slice);
        for step in transcript["steps"].as_array_mut().unwrap() {
            if unordered.contains(&step["step"]) {
                sort_lines(step);
            }
        }
        Self(transcript)
    }

    /// How many messages the server got through to the client.
    pub(crate) fn frames(&self) -> usize {
        let in_step =
            |step: &Value| ["responses", "requests"].map(|part| step[part].as_array().unwrap().len());
        let notifications = self.0["notifications"].as_object().unwrap().values();
        self.steps().iter().flat_map(in_step).sum::<usize>()
            + notifications.map(|frames| frames.as_array().unwrap().len()).sum::<usize>()
    }

    /// That two transcripts are the same proves little when both are empty: every step must have ended as its
    /// scenario expects, everything the server lists must have been used, and the server must have spoken by itself.
    pub(crate) fn assert_worth_comparing(&self, scenario: &Value, client: Client, by_url: bool) {
        for step in self.steps() {
            for outcome in step["outcomes"].as_array().unwrap() {
                assert_eq!(kind(outcome), step["expect"], "step {}: {outcome}", step["step"]);
            }
        }
        if scenario["sample"] == true {
            return;
        }
        self.assert_covered("tools/list", "/tools", "name", "tools/call", &excused(scenario, client));
        self.assert_covered("prompts/list", "/prompts", "name", "prompts/get", &BTreeSet::new());
        self.assert_covered("resources/list", "/resources", "uri", "resources/read", &BTreeSet::new());
        let least = scenario["minimum"].as_object().into_iter().flatten();
        // What is said unasked is only for sessions; what a server says before a client listens is for nobody.
        let unheard = |method: &str| self.is_modern() || by_url && EARLY.contains(&method);
        let spoken = least.filter(|(method, _)| !unheard(method));
        for (method, least) in spoken {
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

    /// Whether the client speaks MCP 2026-07-28.
    pub(crate) fn is_modern(&self) -> bool {
        self.0["era"] == "modern"
    }

    fn steps(&self) -> &[Value] {
        self.0["steps"].as_array().unwrap()
    }
}

fn sort_lines(value: &mut Value) {
    match value {
        Value::String(text) => {
            let mut lines: Vec<_> = text.lines().map(|line| line.trim_end_matches(',')).collect();
            lines.sort_unstable();
            *text = lines.join("\n");
        }
        Value::Array(items) => items.iter_mut().for_each(sort_lines),
        Value::Object(members) => members.values_mut().for_each(sort_lines),
        _ => {}
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
