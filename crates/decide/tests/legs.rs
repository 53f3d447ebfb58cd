//! Frames through the legs, as a policy file would have them decided.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test fails by panicking.

mod support;

use bytes::Bytes;
use mcp_guard_decide::{About, Context, Core, Outcome, Verdict};
use policy::Flow;
use proptest::prelude::*;
use serde_json::{Value, json};
use support::*;
use wire::{Content, Method, Outgoing, Reader};

#[test]
fn a_denied_tool_is_denied_in_every_spelling_a_server_may_take_for_it() {
    let mut core = permissions("denied_tools: [delete_file]");
    for name in [
        "delete_file",
        "DELETE_FILE",
        "delete_file\u{200b}",
        "delete%5Ffile",
        "delete-file",
        "ｄｅｌｅｔｅ_file",
    ] {
        let decision = call(&mut core, name, json!({}));
        assert_eq!(
            (decision.verdict, rules(&decision)),
            (Verdict::Block, vec!["permission.denied_tools"]),
            "{name}"
        );
        assert!(matches!(decision.outcome, Outcome::Refuse(..)));
    }
    assert_eq!(call(&mut core, "read_file", json!({})).verdict, Verdict::Allow);
}

#[test]
fn an_allowed_tool_must_be_spelt_as_it_is() {
    let mut core = permissions("allowed_tools: [\"read_*\"], denied_tools: [read_secret]");
    assert_eq!(call(&mut core, "read_file", json!({})).verdict, Verdict::Allow);
    for name in ["READ_FILE", "write_file", "read_secret", "Read_Secret", ""] {
        assert_eq!(call(&mut core, name, json!({})).verdict, Verdict::Block, "{name}");
    }
    let decision = call(&mut core, "write_file", json!({}));
    assert!(decision.findings[0].remedy.contains(
        "\"write_file\", spelt so, and add that to servers.files.policy.permissions.allowed_tools"
    ));
}

#[test]
fn a_resource_is_judged_by_where_it_leads() {
    let mut core = permissions("denied_resources: [\"file:///etc/**\"], allowed_resources: [\"file:///**\"]");
    for uri in [
        "file:///etc/passwd",
        "FILE:///ETC/passwd",
        "file:///home/../etc/passwd",
        "file:///home/%2e%2e/etc/passwd",
        "file:///home/..%252fetc/passwd",
        "file://localhost/etc/passwd",
        "file:///home\\..\\etc\\passwd",
        "http://elsewhere/",
    ] {
        assert_eq!(read(&mut core, uri).verdict, Verdict::Block, "{uri}");
    }
    assert_eq!(read(&mut core, "file:///home/a.txt").verdict, Verdict::Allow);
}

#[test]
fn every_method_that_names_something_is_judged() {
    let mut core = permissions("denied_tools: [t], denied_resources: [\"r:x\"], denied_prompts: [p]");
    for (method, params) in [
        ("tools/call", json!({"name": "t"})),
        ("resources/read", json!({"uri": "r:x"})),
        ("resources/subscribe", json!({"uri": "r:x"})),
        ("resources/unsubscribe", json!({"uri": "r:x"})),
        ("prompts/get", json!({"name": "p"})),
        ("completion/complete", json!({"ref": {"type": "ref/prompt", "name": "p"}, "argument": {}})),
        ("completion/complete", json!({"ref": {"type": "ref/resource", "uri": "r:x"}, "argument": {}})),
        ("subscriptions/listen", json!({"notifications": {"resourceSubscriptions": ["r:y", "r:x"]}})),
    ] {
        let decision = request(&mut core, method, params.clone());
        assert_eq!(decision.verdict, Verdict::Block, "{method} {params}");
        assert!(rules(&decision)[0].starts_with("permission.denied_"), "{method}");
    }
    let tool = json!({"jsonrpc": "2.0", "method": "tools/call", "params": {"name": "t"}});
    let decision =
        decide(&mut core, frame(&tool), Context { flow: Flow::Request, answers: None, pins: None, now: 0 });
    assert_eq!(decision.verdict, Verdict::Block, "a notification is judged like a request");
}

#[test]
fn what_cannot_be_judged_does_not_pass() {
    let mut core = permissions("denied_tools: [t]");
    for (method, params) in [
        ("tools/call", json!({})),
        ("tools/call", json!({"name": 7})),
        ("tools/call", json!({"name": "a", "Name": "t"})),
        ("tools/call", json!({"name": "a", "argumentſ": {}})),
        ("tools/call", json!([])),
        ("resources/read", json!({"URI": "x"})),
        ("completion/complete", json!({"ref": {}})),
        ("Tools/Call", json!({"name": "t"})),
        ("tools//call", json!({"name": "t"})),
    ] {
        let decision = request(&mut core, method, params.clone());
        assert_eq!(decision.verdict, Verdict::Block, "{method} {params}");
        assert!(rules(&decision)[0].starts_with("preflight."), "{method} {params}");
    }
    assert_eq!(request(&mut core, "vendor/unknown", json!({"Name": "t"})).verdict, Verdict::Allow);
}

#[test]
fn lists_show_what_may_be_used_and_nothing_else_of_them_changes() {
    let mut core =
        permissions("denied_tools: [\"d*\"], allowed_resources: [\"file:///a/**\"], denied_prompts: [q]");
    let tools = json!({"tools": [{"name": "D1"}, {"name": "a", "x": [1, "d"]}, {"name": "d2"}, {"name": "d3"}, {"name": "b"}, {"name": "d4"}],
        "nextCursor": "c", "vendor": {"tools": [{"name": "d"}]}});
    let decision = answer(&mut core, Method::ToolsList, tools);
    assert_eq!(decision.verdict, Verdict::Redact);
    assert_eq!(
        sent(&decision)["result"],
        json!({"tools": [{"name": "a", "x": [1, "d"]}, {"name": "b"}], "nextCursor": "c", "vendor": {"tools": [{"name": "d"}]}})
    );
    let resources =
        json!({"resources": [{"uri": "file:///b/x"}, {"uri": "file:///a/x"}, {"uri": "file:///a/../b"}]});
    assert_eq!(
        sent(&answer(&mut core, Method::ResourcesList, resources))["result"],
        json!({"resources": [{"uri": "file:///a/x"}]})
    );
    let templates =
        json!({"resourceTemplates": [{"uriTemplate": "file:///{path}"}, {"uriTemplate": "http://x/{y}"}]});
    assert_eq!(
        sent(&answer(&mut core, Method::TemplatesList, templates))["result"],
        json!({"resourceTemplates": [{"uriTemplate": "file:///{path}"}]})
    );
    assert_eq!(
        sent(&answer(&mut core, Method::PromptsList, json!({"prompts": [{"name": "q"}]})))["result"],
        json!({"prompts": []})
    );
}

#[test]
fn what_is_not_the_same_for_all_is_not_kept_for_all() {
    let list = |scope: &str| json!({"tools": [{"name": "a"}], "ttlMs": 5, "cacheScope": scope});
    let scope =
        |core: &mut Core, method, result| sent(&answer(core, method, result))["result"]["cacheScope"].clone();
    let mut open = core("servers: {s: {command: x}}");
    assert_eq!(scope(&mut open, Method::ToolsList, list("public")), "public");
    let secret = json!({"contents": [{"text": KEY}], "cacheScope": "public"});
    assert_eq!(scope(&mut open, Method::ResourcesRead, secret), "private");

    let role = "auth: {roles: {ann: {permissions: {denied_tools: [z]}}}}";
    let limited = "auth: {roles: {ann: {rate_limit: {requests_per_minute: 9}}}}";
    let mut by_role = core(&format!("servers: {{s: {{command: x}}}}\n{role}"));
    assert_eq!(scope(&mut by_role, Method::ToolsList, list("public")), "private");
    assert_eq!(
        scope(
            &mut core(&format!("servers: {{s: {{command: x}}}}\n{limited}")),
            Method::ToolsList,
            list("public")
        ),
        "public"
    );
    let mut narrowed = permissions("denied_resources: [\"r:x\"]");
    for method in [
        Method::Discover,
        Method::ToolsList,
        Method::PromptsList,
        Method::ResourcesList,
        Method::TemplatesList,
        Method::ResourcesRead,
    ] {
        let decision =
            answer(&mut narrowed, method, json!({"cacheScope": "public", "x": {"cacheScope": "public"}}));
        assert_eq!((decision.verdict, rules(&decision)), (Verdict::Redact, vec!["filter.cache_scope"]));
        assert_eq!(
            sent(&decision)["result"],
            json!({"cacheScope": "private", "x": {"cacheScope": "public"}})
        );
    }
    for (method, scope) in [(Method::ToolsList, "private"), (Method::ToolsCall, "public")] {
        assert_eq!(answer(&mut narrowed, method, list(scope)).verdict, Verdict::Allow);
    }
}

#[test]
fn secrets_are_found_in_every_place_a_text_can_be() {
    let mut core = core("profile: balanced");
    for params in [
        json!({"name": "t", "arguments": {"a": KEY}}),
        json!({"name": "t", "arguments": {"a": [{"b": [format!("x {KEY}.")]}]}}),
        json!({"name": "t", "arguments": {KEY: 1}}),
        json!({"name": format!("t {KEY}"), "arguments": {}}),
        json!({"name": "t", "arguments": {}, "_meta": {"k": KEY}}),
    ] {
        let decision = request(&mut core, "tools/call", params.clone());
        assert_eq!(
            (decision.verdict, rules(&decision)),
            (Verdict::Block, vec!["secret.aws_key"]),
            "{params}"
        );
        let about = format!("{:?}{:?}", decision.about, decision.findings);
        assert!(!about.contains(KEY), "nothing we keep holds the value: {about}");
    }
    for message in [
        json!({"jsonrpc": "2.0", "id": KEY, "method": "m"}),
        json!({"jsonrpc": "2.0", "id": 1, "method": KEY}),
        json!({"jsonrpc": "2.0", "id": 1, "method": "m", "vendor": [KEY]}),
        json!({"jsonrpc": "2.0", "id": 1, "method": "m", KEY: 0}),
    ] {
        let decision = decide(
            &mut core,
            frame(&message),
            Context { flow: Flow::Request, answers: None, pins: None, now: 0 },
        );
        assert_eq!(decision.verdict, Verdict::Block, "{message}");
    }
}

#[test]
fn an_escaped_secret_is_cut_out_as_it_was_written() {
    let mut core = core("profile: balanced");
    let about = About { method: None, name: "m".into(), target: None, revision: None };
    let line =
        r#"{"jsonrpc":"2.0","id":1,"result":{"a":"key \u0041KIA\u0049OSFODNN7EXAMPLE é\n","b":"\u0041"}}"#;
    let Content::Single(frame) = Reader::default().read(&Bytes::from(line), false).unwrap() else { panic!() };
    let decision =
        decide(&mut core, frame, Context { flow: Flow::Response, answers: Some(&about), pins: None, now: 0 });
    let Outcome::Forward(frame) = &decision.outcome else { panic!() };
    let mut out = Vec::new();
    frame.write_to(&mut out);
    assert_eq!(
        String::from_utf8(out).unwrap(),
        r#"{"jsonrpc":"2.0","id":1,"result":{"a":"key [REDACTED:aws_key] é\n","b":"\u0041"}}"#
    );
    assert_eq!(decision.findings[0].pointer.as_deref(), Some("/result/a"));
}

#[test]
fn redacted_names_stay_apart() {
    let mut core = core("profile: balanced");
    let other = KEY.replace("IOSF", "JOSF");
    let decision = answer(&mut core, Method::ToolsCall, json!({KEY: 1, other: 2}));
    assert_eq!(sent(&decision)["result"], json!({"[REDACTED:aws_key#1]": 1, "[REDACTED:aws_key#2]": 2}));
}

#[test]
fn ordinary_work_is_not_disturbed() {
    let mut core = core("profile: balanced");
    let mail = json!({"to": "kim@example.com", "subject": "Friday", "body": "Call me: +1 (415) 555-0132"});
    let decision = call(&mut core, "send_email", mail.clone());
    assert_eq!(decision.verdict, Verdict::Warn);
    assert_eq!(sent(&decision)["params"]["arguments"], mail);
    let ids = json!({"at": "1718900000123", "id": "4716100000000000000123", "sha": "da39a3ee5e6b4b0d3255bfef95601890afd80709"});
    assert_eq!(call(&mut core, "log", ids).verdict, Verdict::Allow);
}

#[test]
fn monitor_lets_everything_through_as_it_came_and_says_what_would_have_happened() {
    let mut core = core(
        "profile: monitor\nservers: {files: {command: x, policy: {permissions: {denied_tools: [t]}, sampling: {enabled: false}}}}",
    );
    let arguments = json!({"a": KEY});
    let decision = call(&mut core, "t", arguments.clone());
    assert_eq!((decision.verdict, decision.would), (Verdict::ShadowBlock, Verdict::Block));
    assert_eq!(sent(&decision)["params"]["arguments"], arguments);
    let decision = answer(&mut core, Method::ToolsCall, arguments.clone());
    assert_eq!((decision.verdict, decision.would), (Verdict::Warn, Verdict::Redact));
    assert_eq!(sent(&decision)["result"], arguments);
    let list = json!({"tools": [{"name": "t"}]});
    assert_eq!(sent(&answer(&mut core, Method::ToolsList, list.clone()))["result"], list);
}

#[test]
fn an_answer_nobody_asked_for_does_not_arrive() {
    let message = json!({"jsonrpc": "2.0", "id": 7, "result": {}});
    for flow in [Flow::Request, Flow::Response] {
        let decision = decide(
            &mut core("profile: balanced"),
            frame(&message),
            Context { flow, answers: None, pins: None, now: 0 },
        );
        assert_eq!(rules(&decision), ["correlate.unasked"]);
    }
}

#[test]
fn a_finding_names_its_rule_file_line_and_remedy() {
    let mut core = core("pii:\n  actions:\n    email:\n      request: block\n");
    let decision = call(&mut core, "t", json!({"to": ["kim@example.com", "lee@example.com"]}));
    let [finding] = decision.findings.as_slice() else { panic!("{:?}", decision.findings) };
    assert_eq!((&*finding.rule, finding.count), ("pii.email", 2));
    assert_eq!(finding.source, "mcp-guard.yaml:4:16");
    assert_eq!(finding.pointer.as_deref(), Some("/params/arguments/to/0"));
    assert_eq!(finding.remedy, "set pii.actions.email.request: warn");
}

proptest! {
    #[test]
    fn cutting_elements_leaves_the_rest_of_a_list_as_it_was(denied in prop::collection::vec(any::<bool>(), 0..12), blanks in "[ \t]{0,3}") {
        let mut core = permissions("denied_tools: [\"no\"]");
        let elements: Vec<_> = denied.iter().enumerate()
            .map(|(n, no)| format!("{blanks}{{\"name\":\"{}\",\"n\":{n}}}{blanks}", if *no { "no" } else { "yes" })).collect();
        let line = format!("{{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{{\"tools\":[{}]}}}}", elements.join(","));
        let Content::Single(frame) = Reader::default().read(&Bytes::from(line), false).unwrap() else { panic!() };
        let about = About { method: Some(Method::ToolsList), name: "tools/list".into(), target: None, revision: None };
        let decision = decide(&mut core, frame, Context { flow: Flow::Response, answers: Some(&about), pins: None, now: 0 });
        let kept: Vec<_> = denied.iter().enumerate().filter(|(_, no)| !**no).map(|(n, _)| json!({"name": "yes", "n": n})).collect();
        prop_assert_eq!(&sent(&decision)["result"]["tools"], &Value::from(kept));
    }

    #[test]
    fn what_is_allowed_arrives_as_it_was_sent(text in "[a-zé\u{200d}\u{1f469} .,:%41½]{0,40}", number in any::<i32>()) {
        let arguments = json!({"text": text, "n": number, "list": [null, true, {"k": text}]});
        let decision = call(&mut core("profile: strict"), "t", arguments.clone());
        if decision.verdict <= Verdict::Warn {
            prop_assert_eq!(&sent(&decision)["params"]["arguments"], &arguments);
        }
    }
}
