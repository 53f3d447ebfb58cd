use mcp_guard_eras::{ModernSettings, Out};

use crate::script::{Stage, hello, settings};

const ASKED: &str = r#"
c1 {"id":1,"method":"tools/call","params":{@,"name":"t"}}
  >1 {"id":2,"method":"tools/call","params":{"name":"t"}}
s {"id":1,"method":"roots/list"}
  <1 {"id":1,"result":{"resultType":"input_required","inputRequests":{"1":{"method":"roots/list"}},"requestState":"$s1",%}}
"#;

fn asked(settings: ModernSettings) -> Stage {
    let mut stage = Stage::new(settings);
    stage.plays(&(hello("{}") + ASKED));
    stage
}

/// The state that `stage` has given out.
fn state(stage: &mut Stage) -> String {
    let out = stage.says(r#"c8 {"id":8,"method":"tools/call","params":{@,"name":"t","requestState":"$s1"}}"#);
    let [Out::Client { line, .. }] = out.as_slice() else { panic!("{out:?}") };
    let answer: serde_json::Value = serde_json::from_str(line).unwrap();
    answer["result"]["requestState"].as_str().unwrap().to_owned()
}

fn retry(method: &str, params: &str, state: &str) -> String {
    format!(
        r#"c9 {{"id":9,"method":"{method}","params":{{@,{params},"inputResponses":{{"1":{{"roots":[]}}}},"requestState":"{state}"}}}}"#
    )
}

/// The client hears why, and the server nothing.
fn refused(stage: &mut Stage, said: &str, why: &str) {
    let out = stage.says(said);
    let [Out::Client { line, .. }] = out.as_slice() else { panic!("after {said}: {out:?}") };
    assert!(line.contains("-32602") && line.contains(why), "after {said}: {line}");
}

#[test]
fn a_state_is_good_for_the_request_it_was_given_for_and_once() {
    let mut stage = asked(settings());
    let good = state(&mut stage);
    let not_given = "was given to this client for this request";
    for (method, params) in [
        ("tools/call", r#""name":"u""#),
        ("tools/call", r#""name":"t","arguments":{}"#),
        ("prompts/get", r#""name":"t""#),
    ] {
        refused(&mut stage, &retry(method, params, &good), not_given);
    }
    for at in 0..good.len() {
        let other = if good.as_bytes()[at] == b'0' { "1" } else { "0" };
        let mut tampered = good.clone();
        tampered.replace_range(at..=at, other);
        refused(&mut stage, &retry("tools/call", r#""name":"t""#, &tampered), not_given);
    }
    for tampered in
        [String::new(), good.to_uppercase(), format!("{good}00"), good[2..].to_owned(), "é".repeat(48)]
    {
        refused(&mut stage, &retry("tools/call", r#""name":"t""#, &tampered), not_given);
    }
    // The client was asked again since it got its first state.
    refused(&mut stage, &retry("tools/call", r#""name":"t""#, "$s1"), "was used before");
    let out = stage.says(&retry("tools/call", r#""name":"t""#, &good));
    assert!(matches!(out.as_slice(), [Out::Server { line, .. }] if line.contains("roots")), "{out:?}");
    refused(&mut stage, &retry("tools/call", r#""name":"t""#, &good), "was used before");
    assert_eq!(stage.says(r#"s {"id":2,"result":{}}"#).len(), 1);
    refused(&mut stage, &retry("tools/call", r#""name":"t""#, &good), "was used before");
}

#[test]
fn a_state_is_good_for_its_own_translator_and_server() {
    let mut other = settings();
    other.key = [8; 32];
    let foreign = state(&mut asked(other));
    let mut stage = asked(settings());
    let own = state(&mut stage);
    refused(&mut stage, &retry("tools/call", r#""name":"t""#, &foreign), "was given to this client");
    assert!(stage.says("server gone").is_empty());
    refused(&mut stage, &retry("tools/call", r#""name":"t""#, &own), "has expired");
}

#[test]
fn a_state_expires_by_the_clock_and_not_by_the_tick() {
    let mut quick = settings();
    quick.park_for = std::time::Duration::ZERO;
    let mut stage = Stage::new(quick);
    stage.plays(&(hello("{}") + ASKED));
    refused(&mut stage, &retry("tools/call", r#""name":"t""#, "$s1"), "has expired");
}

#[test]
fn responses_that_are_malformed_use_up_no_state() {
    let mut stage = asked(settings());
    for responses in ["[]", "null", r#"{"1":"yes"}"#] {
        let said = format!(
            r#"c2 {{"id":2,"method":"tools/call","params":{{@,"name":"t","inputResponses":{responses},"requestState":"$s1"}}}}"#
        );
        refused(&mut stage, &said, "must be an object of objects");
    }
    assert_eq!(stage.says(&retry("tools/call", r#""name":"t""#, "$s1")).len(), 1);
}

#[test]
fn responses_without_a_state_reach_no_server() {
    let mut stage = asked(settings());
    let said =
        r#"c3 {"id":3,"method":"tools/call","params":{@,"name":"t","inputResponses":{"1":{"roots":[]}}}}"#;
    let [Out::Server { line, .. }] = &stage.says(said)[..] else { panic!("the call is made anew") };
    assert!(line.contains("tools/call") && !line.contains("roots"), "{line}");
    assert_eq!(stage.says(&retry("tools/call", r#""name":"t""#, "$s1")).len(), 1);
}

#[test]
fn answers_to_what_nobody_asked_reach_nobody() {
    let mut stage = Stage::new(settings());
    // Before the handshake, in place of its answer, and after it.
    let answers = [
        r#"s {"id":99,"result":{}}"#,
        r#"s {"id":-1,"result":{}}"#,
        r#"s {"id":"1","result":{}}"#,
        r#"s {"id":null,"error":{"code":1,"message":"x"}}"#,
        r#"s1 {"id":"mine","result":{"injected":true}}"#,
        r#"s {"id":1.0,"result":{}}"#,
        "s garbage",
    ];
    let deaf = |stage: &mut Stage| {
        for answer in answers {
            assert!(stage.says(answer).is_empty(), "{answer}");
        }
    };
    deaf(&mut stage);
    stage.says(r#"c1 {"id":"mine","method":"tools/call","params":{@}}"#);
    deaf(&mut stage);
    stage.says(r#"s {"id":1,"result":{"protocolVersion":"2025-11-25","capabilities":{}}}"#);
    deaf(&mut stage);
    // The handshake is over: its number is nobody's.
    assert!(
        stage.says(r#"s {"id":1,"result":{"protocolVersion":"2025-11-25","capabilities":{}}}"#).is_empty()
    );
    // A server's own request is no answer, whatever number it bears.
    stage.plays("s {\"id\":2,\"method\":\"ping\"}\n  > {\"id\":2,\"result\":{}}");
    assert_eq!(stage.says(r#"s {"id":2,"result":{}}"#).len(), 1);
    assert!(stage.says(r#"s {"id":2,"result":{}}"#).is_empty());
}

#[test]
fn an_answer_that_cannot_be_read_is_an_error_to_whom_it_was_for() {
    let mut stage = Stage::new(settings());
    stage.plays(&hello("{}"));
    stage.says(r#"c1 {"id":"c","method":"tools/call","params":{@}}"#);
    let out = stage.says(r#"s {"id":2,"result":{"a":1,"a":2}}"#);
    let [Out::Client { line, .. }] = out.as_slice() else { panic!("{out:?}") };
    assert!(
        line.contains(r#""id":"c""#) && line.contains("4503") && line.contains("appears twice"),
        "{line}"
    );
}
