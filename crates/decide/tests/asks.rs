//! What servers ask of the client, in the form of every revision.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // A test fails by panicking.

mod support;

use mcp_guard_decide::{About, Context, Core, Decision, Outcome, Verdict};
use policy::Flow;
use serde_json::{Value, json};
use support::*;
use wire::Method;

fn rules_for_server(rules: &str) -> Core {
    core(&format!("servers: {{s: {{command: x, policy: {{{rules}}}}}}}"))
}

/// The frames by which a server can ask this: a request of its own, in an answer, in a task it tells of or answers with,
/// and in what that task has come to.
fn forms(method: &str, params: &Value) -> [Value; 6] {
    let asks = json!({"q": {"method": method, "params": params}});
    [
        json!({"jsonrpc": "2.0", "id": 9, "method": method, "params": params}),
        json!({"jsonrpc": "2.0", "id": 9, "result": {"resultType": "input_required", "inputRequests": asks, "requestState": "x"}}),
        json!({"jsonrpc": "2.0", "method": "notifications/tasks", "params": {"taskId": "t", "inputRequests": asks}}),
        json!({"jsonrpc": "2.0", "id": 9, "result": {"task": {"taskId": "t", "inputRequests": asks}}}),
        json!({"jsonrpc": "2.0", "id": 9, "result": {"taskId": "t", "result": {"inputRequests": asks}}}),
        json!({"jsonrpc": "2.0", "id": 9, "result": {"task": {"result": {"inputRequests": asks}}}}),
    ]
}

fn asked(core: &mut Core, message: &Value) -> Decision {
    let about =
        About { method: Some(Method::ToolsCall), name: "tools/call".into(), target: None, revision: None };
    let answers = message.get("result").or(message.get("error")).map(|_| &about);
    decide(core, frame(message), Context { flow: Flow::Response, answers, pins: None, now: 0 })
}

/// The verdict and the rules found, which must be the same in every form.
fn verdict(core: &mut Core, method: &str, params: &Value) -> (Verdict, Vec<String>) {
    let [first, rest @ ..] = forms(method, params).map(|message| {
        let decision = asked(core, &message);
        assert_eq!(decision.verdict.stops(), matches!(decision.outcome, Outcome::Refuse(..)));
        (decision.verdict, rules(&decision).into_iter().map(str::to_owned).collect())
    });
    for other in rest {
        assert_eq!(first, other, "{method} {params}");
    }
    first
}

fn form(message: &str, schema: Value) -> Value {
    json!({"message": message, "requestedSchema": schema})
}

fn field(name: &str, schema: Value) -> Value {
    form("Some data, please", json!({"type": "object", "properties": {name: schema}}))
}

#[test]
fn what_is_not_enabled_is_refused_in_every_form() {
    let mut core = rules_for_server("sampling: {enabled: false}, elicitation: {enabled: false}");
    for (method, rule) in
        [("sampling/createMessage", "sampling.enabled"), ("elicitation/create", "elicitation.enabled")]
    {
        let expected = (Verdict::Block, vec![rule.to_owned()]);
        assert_eq!(verdict(&mut core, method, &json!({"message": "Go on?", "maxTokens": 1})), expected);
        assert_eq!(
            verdict(&mut core, method, &json!({"mode": "url", "url": "https://a.example/"})),
            expected
        );
    }
    assert_eq!(verdict(&mut core, "roots/list", &json!({})).0, Verdict::Allow);
    let open_address = json!({"jsonrpc": "2.0", "id": 9, "error": {"code": -32042, "message": "m", "data": {
        "elicitations": [{"mode": "url", "elicitationId": "e", "url": "https://a.example/", "message": "Sign in"}]}}});
    assert_eq!(rules(&asked(&mut core, &open_address)), ["elicitation.enabled"]);
    let error = open_address["error"].clone();
    for task in [json!({"taskId": "t", "error": error}), json!({"task": {"taskId": "t", "Error": error}})] {
        let told = json!({"jsonrpc": "2.0", "id": 9, "result": task});
        assert_eq!(rules(&asked(&mut core, &told)), ["elicitation.enabled"], "{told}");
    }
    let written_otherwise: Value =
        serde_json::from_str(&open_address.to_string().replace("-32042", "-3.2042e4")).unwrap();
    assert_eq!(rules(&asked(&mut core, &written_otherwise)), ["elicitation.enabled"]);
    let mut enabled = rules_for_server("sampling: {enabled: true}, elicitation: {enabled: true}");
    assert_eq!(asked(&mut enabled, &open_address).verdict, Verdict::Allow);
    for method in ["sampling/createMessage", "elicitation/create"] {
        assert_eq!(verdict(&mut enabled, method, &json!({"message": "Go on?"})), (Verdict::Allow, vec![]));
    }
}

#[test]
fn one_refused_question_refuses_the_answer_it_came_in() {
    let mut core = rules_for_server("sampling: {enabled: false}, elicitation: {enabled: true}");
    let message = json!({"jsonrpc": "2.0", "id": 9, "result": {"resultType": "input_required", "inputRequests": {
        "a": {"method": "elicitation/create", "params": {"message": "Go on?"}},
        "b": {"method": "sampling/createMessage", "params": {}}}}});
    assert_eq!(rules(&asked(&mut core, &message)), ["sampling.enabled"]);
}

#[test]
fn a_question_spelt_so_that_only_a_lenient_client_sees_it_is_refused() {
    let mut core = rules_for_server("sampling: {enabled: true}, elicitation: {enabled: true}");
    for result in [
        json!({"InputRequests": {"a": {"method": "elicitation/create", "params": {}}}}),
        json!({"inputRequests": {"a": {"Method": "elicitation/create", "params": {}}}}),
        json!({"inputRequests": {"a": {"method": "elicitation/create", "params": {}, "paramS": {}}}}),
        json!({"inputRequests": {"a": {"method": "Elicitation/Create", "params": {}}}}),
        json!({"inputRequests": {"a": {"method": "sampling/create_message", "params": {}}}}),
    ] {
        let decision = asked(&mut core, &json!({"jsonrpc": "2.0", "id": 9, "result": result}));
        assert_eq!(
            (decision.verdict, rules(&decision)),
            (Verdict::Block, vec!["preflight.target"]),
            "{result}"
        );
    }
    let misspelt = json!({"jsonrpc": "2.0", "id": 9, "method": "Sampling/createMessage", "params": {}});
    assert_eq!(rules(&asked(&mut core, &misspelt)), ["preflight.method"]);
}

#[test]
fn more_tokens_than_allowed_become_as_many_as_are() {
    let mut core = rules_for_server("sampling: {enabled: true, max_tokens: 100}");
    for asks in forms("sampling/createMessage", &json!({"messages": [], "maxTokens": 4096, "x": 4096})) {
        let decision = asked(&mut core, &asks);
        assert_eq!((decision.verdict, rules(&decision)), (Verdict::Redact, vec!["sampling.max_tokens"]));
        let expected = asks.to_string().replacen("\"maxTokens\":4096", "\"maxTokens\":100", 1);
        assert_eq!(sent(&decision).to_string(), expected);
        assert!(decision.findings[0].pointer.as_deref().unwrap().ends_with("/maxTokens"));
    }
    for params in [json!({"maxTokens": 100}), json!({"maxTokens": 0})] {
        assert_eq!(verdict(&mut core, "sampling/createMessage", &params).0, Verdict::Allow, "{params}");
    }
    for params in [
        json!({}),
        json!({"maxTokens": "5"}),
        json!({"maxTokens": null}),
        json!({"maxTokens": 5.5}),
        json!({"maxTokens": -5}),
        json!({"maxTokens": 1e3}),
        json!({"maxTokens": [5]}),
        json!({"maxTokens": 5, "maxtokens": 5000}),
    ] {
        let expected = (Verdict::Block, vec!["sampling.max_tokens".to_owned()]);
        assert_eq!(verdict(&mut core, "sampling/createMessage", &params), expected, "{params}");
    }
    let unlimited = &mut rules_for_server("sampling: {enabled: true}");
    assert_eq!(verdict(unlimited, "sampling/createMessage", &json!({"maxTokens": 1e9})).0, Verdict::Allow);
}

#[test]
fn a_verbose_record_holds_sizes_and_kinds_and_no_text() {
    let params = json!({
        "messages": [
            {"role": "user", "content": {"type": "text", "text": "Hello WORLD"}},
            {"role": "user", "content": [{"type": "image", "data": "AAAA"}, {"type": "text", "text": "WORLD"}, {"type": "WORLD"}]},
        ],
        "systemPrompt": "Be a WORLD",
        "modelPreferences": {"hints": [{"name": "claude-3"}, {"name": format!("x {KEY}")}]},
        "maxTokens": 500,
    });
    let mut core = core(
        "pii: {actions: {aws_key: {response: warn}}}\nservers: {s: {command: x, policy: {sampling: {enabled: true, audit: verbose}}}}",
    );
    for asks in forms("sampling/createMessage", &params) {
        let decision = asked(&mut core, &asks);
        let finding = &decision.findings[0];
        assert_eq!((&*finding.rule, finding.verdict), ("sampling.audit", Verdict::Allow));
        for words in ["500 tokens", "2 messages", "2 text", "1 image", "1 other", "10 characters", "claude-3"]
        {
            assert!(finding.reason.contains(words), "{words}: {}", finding.reason);
        }
        let kept = format!("{:?} {:?}", decision.findings, decision.about);
        assert!(!kept.contains("WORLD") && !kept.contains(KEY) && !kept.contains("AAAA"), "{kept}");
        assert_eq!(sent(&decision), asks);
    }
    let mut basic = rules_for_server("sampling: {enabled: true}");
    assert!(asked(&mut basic, &forms("sampling/createMessage", &json!({}))[0]).findings.is_empty());
}

#[test]
fn a_form_that_asks_for_a_secret_is_refused() {
    let mut core = rules_for_server("elicitation: {enabled: true}");
    let string = json!({"type": "string"});
    let nested =
        json!({"type": "object", "properties": {"login": {"type": "object", "properties": {"otp": string}}}});
    for params in [
        field("password", string.clone()),
        field("apiKey", string.clone()),
        field("API\u{200b}_KEY", string.clone()),
        field("p a s s w o r d", string.clone()),
        field("pin", json!({"type": "integer"})),
        field("token", json!(true)),
        field("a", json!({"type": "string", "title": "Your password"})),
        field("a", json!({"type": "string", "description": "Enter your recovery phrase"})),
        field("a", json!({"type": "string", "format": "password"})),
        field("a", json!({"type": "string", "writeOnly": true})),
        field("a", json!({"anyOf": [{"type": "string", "title": "Private key"}]})),
        field("a", json!({"type": "array", "items": nested.clone()})),
        form("Some data", nested),
        form("Please enter your API key", json!({"type": "object", "properties": {"a": string}})),
        json!({"message": "Please enter your API key"}),
        json!({"mode": "form", "message": "Please enter your API key"}),
        json!({"mode": "URL", "message": "Please enter your API key"}),
        json!({"mode": "url", "url": "https://a.example", "message": "m", "requestedSchema": {"properties": {"password": string}}}),
        json!({"message": "m", "RequestedSchema": {"properties": {"password": string}}, "requestedSchema": {}}),
    ] {
        let expected = (Verdict::Block, vec!["elicitation.secrets".to_owned()]);
        assert_eq!(verdict(&mut core, "elicitation/create", &params), expected, "{params}");
    }
}

#[test]
fn other_forms_and_addresses_pass() {
    let mut core = rules_for_server("elicitation: {enabled: true}");
    for params in [
        field("email", json!({"type": "string", "format": "email", "title": "Your address"})),
        field(
            "max_tokens",
            json!({"type": "integer", "title": "Tokens", "description": "How many tokens to write"}),
        ),
        field("keyboard_shortcut", json!({"type": "string"})),
        field("tokenization", json!({"type": "string", "enum": ["bpe", "words"]})),
        field("secretary", json!({"type": "string"})),
        field("save_password", json!({"type": "boolean", "title": "Remember the password?"})),
        field("password_policy", json!({"enum": ["strict", "lax"]})),
        form(
            "Delete the API key \"prod\"?",
            json!({"type": "object", "properties": {"confirm": {"type": "boolean"}}}),
        ),
        form(
            "Who are you? We never ask for your password.",
            json!({"properties": {"name": {"type": "string"}}}),
        ),
        // Nothing to type into.
        form("Please enter your API key", json!({})),
        json!({"mode": "url", "elicitationId": "e", "url": "https://a.example/key", "message": "Please enter your API key"}),
    ] {
        assert_eq!(verdict(&mut core, "elicitation/create", &params), (Verdict::Allow, vec![]), "{params}");
    }
}

#[test]
fn questions_for_secrets_may_be_let_through() {
    let params = field("password", json!({"type": "string"}));
    let warned = verdict(
        &mut rules_for_server("elicitation: {enabled: true, secrets: warn}"),
        "elicitation/create",
        &params,
    );
    assert_eq!(warned, (Verdict::Warn, vec!["elicitation.secrets".to_owned()]));
    let allowed = verdict(
        &mut rules_for_server("elicitation: {enabled: true, secrets: allow}"),
        "elicitation/create",
        &params,
    );
    assert_eq!(allowed, (Verdict::Allow, vec![]));
    let mut monitor = core(
        "profile: monitor\nservers: {s: {command: x, policy: {sampling: {enabled: false, max_tokens: 1}}}}",
    );
    assert_eq!(verdict(&mut monitor, "elicitation/create", &params).0, Verdict::ShadowBlock);
    let asks = &forms("sampling/createMessage", &json!({"maxTokens": 5}))[0];
    assert_eq!(sent(&asked(&mut monitor, asks)), *asks);
}

#[test]
fn a_refused_capability_is_not_shown_to_the_server() {
    let mut core = rules_for_server("sampling: {enabled: false}, elicitation: {enabled: false}");
    let per_request = "io.modelcontextprotocol/clientCapabilities";
    for (given, left) in [
        (json!({"sampling": {}, "elicitation": {"form": {}}, "roots": {}}), json!({"roots": {}})),
        (json!({"elicitation": {}, "sampling": {"tools": {}}}), json!({})),
        (json!({"roots": {}, "sampling": {}}), json!({"roots": {}})),
        (json!({"sampling": {}, "Sampling": {}, "SAMPLING": {}, "a": 1, "ſampling": {}}), json!({"a": 1})),
        (
            json!({"tasks": {"requests": {"sampling": {"createMessage": {}}, "elicitation": {}, "tools": {}}}}),
            json!({"tasks": {"requests": {"tools": {}}}}),
        ),
    ] {
        for (method, params, place) in [
            (
                "initialize",
                json!({"capabilities": given, "clientInfo": {"name": "sampling"}}),
                "/params/capabilities",
            ),
            ("initialize", json!({"Capabilities": given}), "/params/Capabilities"),
            (
                "tools/list",
                json!({"_meta": {per_request: given, "x": 1}}),
                "/params/_meta/io.modelcontextprotocol~1clientCapabilities",
            ),
            (
                "tools/list",
                json!({"_META": {per_request: given}}),
                "/params/_META/io.modelcontextprotocol~1clientCapabilities",
            ),
            (
                "server/discover",
                json!({"_meta": {per_request.to_uppercase(): given}}),
                "/params/_meta/IO.MODELCONTEXTPROTOCOL~1CLIENTCAPABILITIES",
            ),
        ] {
            let message = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
            let decision = decide(
                &mut core,
                frame(&message),
                Context { flow: Flow::Request, answers: None, pins: None, now: 0 },
            );
            assert_eq!(decision.verdict, Verdict::Redact, "{message}");
            assert!(rules(&decision).iter().all(|rule| rule.ends_with(".enabled")));
            let mut expected = message.clone();
            *expected.pointer_mut(place).unwrap() = left.clone();
            assert_eq!(sent(&decision), expected, "{message}");
        }
    }
}

#[test]
fn capabilities_that_may_be_used_and_other_members_stay() {
    let given =
        json!({"capabilities": {"sampling": {}, "elicitation": {}}, "sampling": 1, "_meta": {"sampling": 1}});
    let message = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": given});
    let context = Context { flow: Flow::Request, answers: None, pins: None, now: 0 };
    let mut both = rules_for_server("sampling: {enabled: true}, elicitation: {enabled: true}");
    assert_eq!(sent(&decide(&mut both, frame(&message), context)), message);
    let mut one = rules_for_server("sampling: {enabled: false}, elicitation: {enabled: true}");
    let decision = decide(&mut one, frame(&message), context);
    assert_eq!(rules(&decision), ["sampling.enabled"]);
    assert_eq!(decision.findings[0].pointer.as_deref(), Some("/params/capabilities/sampling"));
    let mut expected = message;
    expected["params"]["capabilities"] = json!({"elicitation": {}});
    assert_eq!(sent(&decision), expected);
}
