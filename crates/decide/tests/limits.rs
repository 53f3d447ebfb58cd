//! What counts towards a limit, and what follows when one is reached.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // A test fails by panicking.

mod support;

use std::time::Duration;

use mcp_guard_decide::{Context, Core, Counted, Decision, Outcome, Question, Retry, Step, Verdict};
use policy::Flow;
use serde_json::{Value, json};
use support::*;
use wire::code;

const SENT: Context<'_> = Context { flow: Flow::Request, answers: None, pins: None, now: 0 };
const ASKED: Context<'_> = Context { flow: Flow::Response, answers: None, pins: None, now: 0 };

fn limited(more: &str) -> Core {
    core(&format!(
        "servers:\n  files:\n    command: x\n    policy:\n      \
         rate_limit: {{requests_per_minute: 60, requests_per_hour: 600, burst: 5, tool_limits: {{delete_*: {{requests_per_minute: 2}}}}}}\n{more}"
    ))
}

fn ask(core: &mut Core, message: Value, context: Context<'_>) -> Option<Question> {
    match core.decide(frame(&message), context) {
        Step::Asks(question) => Some(question),
        Step::Decided(_) => None,
    }
}

fn keys(question: &Question) -> Vec<&str> {
    question.charges().iter().map(|charge| charge.limit.bucket.as_str()).collect()
}

fn message(method: &str, params: Value) -> Value {
    json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
}

fn over(core: &mut Core, message: Value, which: usize) -> Decision {
    let question = ask(core, message, SENT).unwrap();
    core.resume(question, Counted::Over { which, retry_after: Duration::from_millis(2_500) })
}

#[test]
fn every_request_counts_and_a_tool_that_matches_counts_twice() {
    let mut core = limited("");
    let general = ["server files requests minute", "server files requests hour"];
    for (method, params) in [
        ("tools/list", json!({})),
        ("tools/call", json!({"name": "read"})),
        ("resources/read", json!({"uri": "a:b"})),
        ("server/discover", json!({})),
        ("logging/setLevel", json!({"level": "info"})),
        ("vendor/anything", json!({})),
    ] {
        assert_eq!(keys(&ask(&mut core, message(method, params), SENT).unwrap()), general, "{method}");
    }
    for name in
        ["delete_file", "DELETE_FILE", "Delete_file", "delete%5Ffile", "delete_\u{200b}file", "delete-file"]
    {
        let question = ask(&mut core, message("tools/call", json!({"name": name})), SENT).unwrap();
        assert_eq!(keys(&question)[2], "server files requests minute tool delete_*", "{name}");
    }
    let without_id = json!({"jsonrpc": "2.0", "method": "tools/call", "params": {"name": "delete_x"}});
    assert_eq!(keys(&ask(&mut core, without_id, SENT).unwrap()).len(), 3);
}

#[test]
fn what_keeps_a_connection_going_does_not_count() {
    let mut core = limited("");
    for uncounted in [
        message("initialize", json!({})),
        message("ping", json!({})),
        json!({"jsonrpc": "2.0", "method": "notifications/initialized"}),
        json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}}),
        json!({"jsonrpc": "2.0", "id": 1, "result": {}}),
    ] {
        assert!(ask(&mut core, uncounted.clone(), SENT).is_none(), "{uncounted}");
    }
    assert!(ask(&mut core, message("ping", json!({})), ASKED).is_none());
    assert!(ask(&mut core, message("PING", json!({})), SENT).is_none(), "refused: a misspelling");
}

#[test]
fn what_is_refused_anyway_is_not_counted() {
    let mut core = limited("      permissions: {denied_tools: [t]}\n");
    for refused in [
        message("tools/call", json!({"name": "t"})),
        message("tools/call", json!({"name": "a", "arguments": {"k": KEY}})),
        message("tools/call", json!({})),
    ] {
        let Step::Decided(decision) = core.decide(frame(&refused), SENT) else {
            panic!("{refused} is counted")
        };
        assert_eq!(decision.verdict, Verdict::Block);
    }
}

#[test]
fn within_the_limits_a_frame_leaves_as_if_there_were_none() {
    let mut core = limited("");
    let call = message("tools/call", json!({"name": "read", "arguments": {"mail": "kim@example.com"}}));
    let question = ask(&mut core, call.clone(), SENT).unwrap();
    let decision = core.resume(question, Counted::Within);
    assert_eq!((decision.verdict, rules(&decision)), (Verdict::Warn, vec!["pii.email"]));
    assert_eq!(sent(&decision), call);
    assert_eq!(decision.about.unwrap().target.as_deref(), Some("read"));
}

#[test]
fn over_a_limit_a_denial_says_which_and_when_to_try_again() {
    let mut core = limited("");
    for (which, rule, source, words) in [
        (0, "rate_limit.requests_per_minute", "mcp-guard.yaml:5:", "limit of 60 requests a minute"),
        (1, "rate_limit.requests_per_hour", "mcp-guard.yaml:5:", "limit of 600 requests an hour"),
        (
            2,
            "rate_limit.tool_limits",
            "mcp-guard.yaml:5:",
            "limit of 2 calls of tools like \"delete_*\" a minute",
        ),
    ] {
        let decision = over(&mut core, message("tools/call", json!({"name": "delete_x"})), which);
        assert_eq!((decision.verdict, rules(&decision)), (Verdict::Block, vec![rule]));
        assert!(decision.findings[0].source.starts_with(source), "{}", decision.findings[0].source);
        assert!(decision.findings[0].remedy.contains("raise servers.files.policy.rate_limit."));
        let Outcome::Refuse(_, denial) = decision.outcome else { panic!() };
        assert_eq!((denial.code, denial.retry), (code::TOO_MANY, Retry::Later));
        assert_eq!(denial.retry_after, Some(Duration::from_millis(2_500)));
        assert!(denial.text.contains(words) && denial.text.contains("in 3 s"), "{}", denial.text);
    }
}

#[test]
fn what_cannot_be_counted_does_not_leave() {
    let mut core = limited("");
    let question = ask(&mut core, message("tools/list", json!({})), SENT).unwrap();
    let decision = core.resume(question, Counted::Unknown);
    assert_eq!((decision.verdict, rules(&decision)), (Verdict::Block, vec!["rate_limit.unavailable"]));
    let Outcome::Refuse(_, denial) = decision.outcome else { panic!() };
    assert_eq!((denial.code, denial.retry, denial.retry_after), (code::UNAVAILABLE, Retry::Later, None));
}

#[test]
fn monitor_counts_and_lets_pass() {
    let mut core = limited("      permissions: {denied_tools: [t]}\nprofile: monitor\n");
    let denied = message("tools/call", json!({"name": "t"}));
    let decision = over(&mut core, denied.clone(), 0);
    assert_eq!((decision.verdict, decision.would), (Verdict::ShadowBlock, Verdict::Block));
    assert_eq!(rules(&decision), ["permission.denied_tools", "rate_limit.requests_per_minute"]);
    assert_eq!(sent(&decision), denied);
}

#[test]
fn questions_of_a_server_count_each_in_either_form() {
    let mut core = core(
        "servers: {s: {command: x, policy: {sampling: {enabled: true, rate_limit: 3}, elicitation: {enabled: true, rate_limit: 2}}}}",
    );
    let model = message("sampling/createMessage", json!({"messages": [], "maxTokens": 5}));
    let user = message("elicitation/create", json!({"message": "Go on?", "requestedSchema": {}}));
    assert_eq!(keys(&ask(&mut core, model.clone(), ASKED).unwrap()), ["server s sampling minute"]);
    assert_eq!(keys(&ask(&mut core, user.clone(), ASKED).unwrap()), ["server s elicitation minute"]);
    let about = mcp_guard_decide::About { method: None, name: "m".into(), target: None, revision: None };
    let mrtr = json!({"jsonrpc": "2.0", "id": 1, "result": {"resultType": "input_required", "inputRequests": {
        "a": {"method": model["method"], "params": model["params"]},
        "b": {"method": user["method"], "params": user["params"]},
        "c": {"method": model["method"], "params": model["params"]},
        "d": {"method": "roots/list"},
    }}});
    let context = Context { flow: Flow::Response, answers: Some(&about), pins: None, now: 0 };
    let question = ask(&mut core, mrtr, context).unwrap();
    let (model, user) = ("server s sampling minute", "server s elicitation minute");
    assert_eq!(keys(&question), [model, user, model]);
    let decision = core.resume(question, Counted::Over { which: 1, retry_after: Duration::from_secs(9) });
    assert_eq!((decision.verdict, rules(&decision)), (Verdict::Block, vec!["elicitation.rate_limit"]));
    assert!(decision.findings[0].reason.contains("2 questions of this server to the user a minute"));
}
