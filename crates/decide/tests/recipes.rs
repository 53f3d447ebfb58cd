//! Every recipe of docs/policy.md is a configuration that loads and does what stands below it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // A test fails by panicking.

mod support;

use mcp_guard_decide::{Context, Outcome};
use policy::Flow;
use serde_json::{Value, json};
use support::*;

const PAGE: &str = include_str!("../../../docs/policy.md");

/// The blocks of the page in one language, in order.
fn blocks(language: &str) -> Vec<&'static str> {
    let begin = format!("```{language}\n");
    PAGE.split(&begin).skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

#[test]
fn recipes_do_what_they_say() {
    let (recipes, calls) = (blocks("yaml"), blocks("text"));
    assert_eq!(recipes.len(), calls.len());
    assert!(recipes.len() >= 10);
    for (recipe, calls) in recipes.into_iter().zip(calls) {
        for line in calls.lines() {
            follow(recipe, line);
        }
    }
}

/// `passes|stops [@SECONDS] TOOL ARGUMENTS [→ ARGUMENTS | RULE]`
fn follow(recipe: &str, line: &str) {
    let (outcome, rest) = line.split_once(' ').unwrap();
    let mut rest = rest.trim_start();
    let mut now = 0;
    if let Some((seconds, after)) = rest.strip_prefix('@').and_then(|rest| rest.split_once(' ')) {
        now = seconds.parse().unwrap();
        rest = after;
    }
    let (tool, rest) = rest.split_once(' ').unwrap();
    let end = rest.find("} ").map_or(rest.len(), |at| at + 1);
    let (arguments, expected) = rest.split_at(end);
    let message = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"{tool}","arguments":{arguments}}}}}"#
    );
    let mut core = core(recipe);
    let decision =
        decide(&mut core, raw(&message), Context { flow: Flow::Request, answers: None, now, pins: None });
    let expected = expected.trim();
    match (outcome, &decision.outcome) {
        ("passes", Outcome::Forward(_)) => {
            let sent = sent(&decision)["params"]["arguments"].clone();
            let wanted: Value = expected.strip_prefix("→").map_or_else(
                || serde_json::from_str(arguments).unwrap(),
                |changed| serde_json::from_str(changed).unwrap(),
            );
            assert_eq!(json!(sent), wanted, "{line}");
        }
        ("stops", Outcome::Refuse(_, denial)) => assert_eq!(denial.rule, expected, "{line}"),
        _ => panic!("{line}: {:?}", decision.findings),
    }
}
