use mcp_guard_eras::{ModernSettings, Translator};

use crate::script::{Stage, hello, holds, settings};

/// With the time to gather questions that there really is.
fn gathering() -> Stage {
    Stage::new(ModernSettings::new([7; 32]))
}

const CALL: &str = r#"
c1 {"id":1,"method":"tools/call","params":{@,"name":"t","arguments":{"x":1}}}
  >1 {"id":2,"method":"tools/call","params":{"name":"t","arguments":{"x":1}}}
"#;

#[test]
fn what_the_server_asks_is_a_result_and_the_retry_is_the_answer() {
    let script = r#"
s {"id":"q","method":"elicitation/create","params":{"message":"Name?","requestedSchema":{"type":"object","properties":{}}}}
  <1 {"id":1,"result":{"resultType":"input_required","inputRequests":{"1":{"method":"elicitation/create","params":{"message":"Name?","requestedSchema":{"type":"object","properties":{}}}}},"requestState":"$s1",%}}
gone 1
c2 {"id":2,"method":"tools/call","params":{"arguments":{"x":1},"name":"t",@["progressToken":4],"inputResponses":{"1":{"action":"accept","content":{"n":1.0}}},"requestState":"$s1"}}
  >1 {"id":"q","result":{"action":"accept","content":{"n":1.0}}}
s1 {"id":0,"method":"sampling/createMessage","params":{"messages":[],"maxTokens":5}}
  <2 {"id":2,"result":{"resultType":"input_required","inputRequests":{"2":{"method":"sampling/createMessage","params":{"messages":[],"maxTokens":5}}},"requestState":"$s2",%}}
s1 {"id":1,"method":"roots/list"}
c3 {"id":3,"method":"tools/call","params":{"arguments":{"x":1},"name":"t",@,"inputResponses":{"2":{"role":"assistant"},"no":{}},"requestState":"$s2"}}
  >1 {"id":0,"result":{"role":"assistant"}}
  <3 {"id":3,"result":{"resultType":"input_required","inputRequests":{"3":{"method":"roots/list"}},"requestState":"$s3",%}}
c4 {"id":4,"method":"tools/call","params":{"arguments":{"x":1},"name":"t",@,"requestState":"$s3"}}
  <4 {"id":4,"result":{"resultType":"input_required","inputRequests":{"3":{"method":"roots/list"}},"requestState":"$s4",%}}
c5 {"id":5,"method":"tools/call","params":{"arguments":{"x":1},"name":"t",@,"inputResponses":{"3":{"roots":[]}},"requestState":"$s4"}}
  >1 {"id":1,"result":{"roots":[]}}
s {"id":2,"result":{"content":[]}}
  <5 {"id":5,"result":{"content":[],"resultType":"complete",%}}
"#;
    holds(&(hello("{}") + CALL + script));
}

#[test]
fn several_questions_are_asked_together_and_may_be_withdrawn() {
    let script = r#"
s {"id":1,"method":"roots/list"}
  <1 {"id":1,"result":{"resultType":"input_required","inputRequests":{"1":{"method":"roots/list"}},"requestState":"$s1",%}}
s {"id":2,"method":"roots/list"}
s {"id":3,"method":"roots/list"}
s {"id":4,"method":"roots/list"}
s {"method":"notifications/cancelled","params":{"requestId":3}}
c2 {"id":2,"method":"tools/call","params":{"name":"t","arguments":{"x":1},@,"requestState":"$s1"}}
  <2 {"id":2,"result":{"resultType":"input_required","inputRequests":{"1":{"method":"roots/list"},"2":{"method":"roots/list"},"4":{"method":"roots/list"}},"requestState":"$s2",%}}
c3 {"id":3,"method":"tools/call","params":{"name":"t","arguments":{"x":1},@,"inputResponses":{"1":{"roots":[]},"2":{"roots":[]},"3":{"roots":[]},"4":{"roots":[]}},"requestState":"$s2"}}
  >1 {"id":1,"result":{"roots":[]}}
  >1 {"id":2,"result":{"roots":[]}}
  >1 {"id":4,"result":{"roots":[]}}
gone 3
  >1 {"method":"notifications/cancelled","params":{"requestId":2,"reason":"the client waits no longer"}}
"#;
    holds(&(hello("{}") + CALL + script));
}

#[test]
fn what_the_server_asks_at_once_is_asked_in_one_round_and_of_one_call() {
    let script = r#"
s {"id":1,"method":"roots/list"}
c2 {"id":2,"method":"tools/call","params":{"name":"other",@}}
  >2 {"id":3,"method":"tools/call","params":{"name":"other"}}
s {"id":2,"method":"sampling/createMessage","params":{"messages":[],"maxTokens":5}}
s {"id":3,"method":"roots/list"}
s {"method":"notifications/cancelled","params":{"requestId":3}}
later 1
  <1 {"id":1,"result":{"resultType":"input_required","inputRequests":{"1":{"method":"roots/list"},"2":{"method":"sampling/createMessage","params":{"messages":[],"maxTokens":5}}},"requestState":"$s1",%}}
"#;
    gathering().plays(&(hello("{}") + CALL + script));
}

#[test]
fn while_questions_are_gathered_they_may_be_withdrawn_made_needless_or_left_behind() {
    let withdrawn = r#"
s {"id":1,"method":"roots/list"}
s {"method":"notifications/cancelled","params":{"requestId":1}}
later 1
s {"id":2,"result":{"content":[]}}
  <1 {"id":1,"result":{"content":[],"resultType":"complete",%}}
"#;
    let needless = r#"
s {"id":1,"method":"roots/list"}
s {"id":2,"result":{"content":[]}}
  <1 {"id":1,"result":{"content":[],"resultType":"complete",%}}
later 1
"#;
    let left_behind = r#"
s {"id":1,"method":"roots/list"}
gone 1
  >1 {"id":1,"error":{"code":4504,"message":"the client waits no longer"}}
  >1 {"method":"notifications/cancelled","params":{"requestId":2,"reason":"the client waits no longer"}}
later 1
"#;
    for script in [withdrawn, needless, left_behind] {
        let mut stage = gathering();
        stage.plays(&(hello("{}") + CALL + script));
        assert_eq!(stage.translator.due(), None);
    }
}

#[test]
fn an_answer_that_comes_while_the_client_is_away_is_kept_for_it() {
    let script = r#"
s {"id":1,"method":"roots/list"}
  <1 {"id":1,"result":{"resultType":"input_required","inputRequests":{"1":{"method":"roots/list"}},"requestState":"$s1",%}}
s {"id":2,"result":{"content":["late"]}}
s {"id":2,"result":{"content":["again"]}}
s {"id":5,"method":"roots/list"}
  > {"id":5,"error":{"code":-32601,"message":"no call is in flight whose client could be asked"}}
c2 {"id":2,"method":"tools/call","params":{"name":"t","arguments":{"x":1},@,"inputResponses":{"1":{"roots":[]}},"requestState":"$s1"}}
  <2 {"id":2,"result":{"content":["late"],"resultType":"complete",%}}
"#;
    holds(&(hello("{}") + CALL + script));
}

#[test]
fn a_client_that_stays_away_is_given_up() {
    let script = r#"
s {"id":1,"method":"roots/list"}
  <1 {"id":1,"result":{"resultType":"input_required","inputRequests":{"1":{"method":"roots/list"}},"requestState":"$s1",%}}
later 599
later 1
  >1 {"id":1,"error":{"code":4504,"message":"the client has not answered in time"}}
  >1 {"method":"notifications/cancelled","params":{"requestId":2,"reason":"the client has not come back"}}
c2 {"id":2,"method":"tools/call","params":{"name":"t","arguments":{"x":1},@,"inputResponses":{"1":{"roots":[]}},"requestState":"$s1"}}
  <2 {"id":2,"error":{"code":-32602,"message":"requestState was used before or has expired; send the request without it"}}
"#;
    holds(&(hello("{}") + CALL + script));
}

#[test]
fn a_question_belongs_to_the_call_its_transport_names_or_to_the_oldest_that_may_be_asked() {
    let script = r#"
c1 {"id":1,"method":"tools/list","params":{@}}
  >1 {"id":2,"method":"tools/list"}
s {"id":1,"method":"roots/list"}
  > {"id":1,"error":{"code":-32601,"message":"no call is in flight whose client could be asked"}}
s1 {"id":1,"method":"roots/list"}
  >1 {"id":1,"error":{"code":-32601,"message":"no call is in flight whose client could be asked"}}
c2 {"id":2,"method":"tools/call","params":{@}}
  >2 {"id":3,"method":"tools/call"}
c3 {"id":3,"method":"resources/read","params":{@}}
  >3 {"id":4,"method":"resources/read"}
c4 {"id":4,"method":"prompts/get","params":{@}}
  >4 {"id":5,"method":"prompts/get"}
s3 {"id":1,"method":"roots/list"}
  <3 {"id":3,"result":{"resultType":"input_required","inputRequests":{"1":{"method":"roots/list"}},"requestState":"$a",%}}
s {"id":2,"method":"roots/list"}
  <2 {"id":2,"result":{"resultType":"input_required","inputRequests":{"1":{"method":"roots/list"}},"requestState":"$b",%}}
s {"id":3,"method":"roots/list"}
  <4 {"id":4,"result":{"resultType":"input_required","inputRequests":{"1":{"method":"roots/list"}},"requestState":"$c",%}}
"#;
    holds(&(hello("{}") + script));
}

#[test]
fn a_client_is_asked_only_for_what_it_has_declared() {
    let call = |capabilities: &str| {
        format!(
            r#"
c1 {{"id":1,"method":"tools/call","params":{{"_meta":{{"mcp:protocolVersion":"2026-07-28","mcp:clientCapabilities":{capabilities}}}}}}}
  >1 {{"id":2,"method":"tools/call"}}
"#
        )
    };
    let refused = |code: i64, why: &str| {
        format!("\n  > {{\"id\":9,\"error\":{{\"code\":{code},\"message\":\"the client has {why}\"}}}}")
    };
    for (declared, question, code, why) in [
        (
            "{}",
            r#""method":"elicitation/create","params":{"message":"?"}"#,
            -32601,
            "not declared elicitation",
        ),
        ("{}", r#""method":"sampling/createMessage","params":{}"#, -32601, "not declared sampling"),
        ("{}", r#""method":"roots/list""#, -32601, "not declared roots"),
        (r#"{"roots":{}}"#, r#""method":"vendor/ask""#, -32601, "no such method"),
        (
            r#"{"elicitation":{}}"#,
            r#""method":"elicitation/create","params":{"mode":"url","url":"https://a.example"}"#,
            -32602,
            "not declared this mode",
        ),
        (
            r#"{"elicitation":{"url":{}}}"#,
            r#""method":"elicitation/create","params":{"message":"?"}"#,
            -32602,
            "not declared this mode",
        ),
        (
            r#"{"sampling":{}}"#,
            r#""method":"sampling/createMessage","params":{"tools":[]}"#,
            -32602,
            "not declared the use of tools in sampling",
        ),
    ] {
        let question = format!("s {{\"id\":9,{question}}}");
        holds(&(hello("{}") + &call(declared) + &question + &refused(code, why)));
    }
}

#[test]
fn an_error_that_wants_the_user_to_open_an_address_becomes_a_question() {
    let script = r#"
s {"id":2,"error":{"code":-32042,"message":"Sign in.","data":{"elicitations":[{"mode":"url","elicitationId":"e","url":"https://a.example/","message":"Sign in."}]}}}
  <1 {"id":1,"result":{"resultType":"input_required","inputRequests":{"1":{"method":"elicitation/create","params":{"mode":"url","url":"https://a.example/","message":"Sign in."}}},"requestState":"$s1",%}}
c2 {"id":2,"method":"tools/call","params":{"name":"t","arguments":{"x":1},@,"inputResponses":{"1":{"action":"accept"}},"requestState":"$s1"}}
  >2 {"id":3,"method":"tools/call","params":{"name":"t","arguments":{"x":1}}}
s {"id":3,"error":{"code":-32042,"message":"Sign in.","data":{"elicitations":[{"mode":"url","url":"https://a.example/"}]}}}
  <2 {"id":2,"result":{"resultType":"input_required","inputRequests":{"1":{"method":"elicitation/create","params":{"mode":"url","url":"https://a.example/"}}},"requestState":"$s2",%}}
c3 {"id":3,"method":"tools/call","params":{"name":"t","arguments":{"x":1},@,"inputResponses":{"1":{"action":"decline"}},"requestState":"$s2"}}
  <3 {"id":3,"error":{"code":-32603,"message":"the user did not open the address that the server needs"}}
"#;
    holds(&(hello("{}") + CALL + script));
    let cannot = r#"
c1 {"id":1,"method":"tools/call","params":{"_meta":{"mcp:protocolVersion":"2026-07-28","mcp:clientCapabilities":{}}}}
  >1 {"id":2,"method":"tools/call"}
s {"id":2,"error":{"code":-32042,"message":"Sign in.","data":{"elicitations":[{"mode":"url","url":"https://a.example/"}]}}}
  <1 {"id":1,"error":{"code":-32021,"message":"the server needs the user to open an address, and the client cannot show addresses","data":{"requiredCapabilities":{"elicitation":{"url":{}}}}}}
"#;
    holds(&(hello("{}") + cannot));
}

#[test]
fn calls_that_are_kept_are_bounded() {
    let mut few = settings();
    few.max_parked = 1;
    let script = r#"
s1 {"id":1,"method":"roots/list"}
  <1 {"id":1,"result":"$asked"}
c2 {"id":2,"method":"tools/call","params":{@}}
  >2 {"id":3,"method":"tools/call"}
s2 {"id":2,"method":"roots/list"}
  >2 {"id":2,"error":{"code":4429,"message":"too many questions wait for the client already"}}
"#;
    let mut stage = Stage::new(few);
    stage.plays(&(hello("{}") + CALL + script));
    for id in 3..18 {
        assert!(stage.says(&format!("s1 {{\"id\":{id},\"method\":\"roots/list\"}}")).is_empty());
    }
    assert_eq!(stage.says(r#"s1 {"id":18,"method":"roots/list"}"#).len(), 1, "sixteen questions are enough");
}
