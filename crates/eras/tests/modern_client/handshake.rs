use crate::script::{Stage, hello, holds, settings};

#[test]
fn a_server_is_discovered_by_a_handshake() {
    // Requests wait for it and keep their order; what is declared is declared, and only that.
    holds(
        r#"
c1 {"id":"a","method":"tools/list","params":{"_meta":{"mcp:protocolVersion":"2026-07-28","mcp:clientInfo":{"name":"c","version":"9"},"mcp:clientCapabilities":{"elicitation":{},"roots":{"listChanged":true},"tasks":{},"extensions":{"mcp:tasks":{},"mcp:ui":{"mimeTypes":["x"]}}}}}}
  > {"id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{"elicitation":{},"roots":{},"extensions":{"mcp:ui":{"mimeTypes":["x"]}}},"clientInfo":{"name":"c","version":"9"}}}
c2 {"id":"a","method":"server/discover","params":{@}}
c3 {"id":3,"method":"prompts/list","params":{@}}
gone 3
s {"id":77,"method":"ping"}
  > {"id":77,"result":{}}
s {"id":1,"result":{"protocolVersion":"2024-11-05","capabilities":{"tools":{"listChanged":true},"tasks":{"list":{}}},"instructions":"Be kind.","serverInfo":{"name":"old","version":"1"},"vendor":1}}
  > {"method":"notifications/initialized","params":{}}
  >1 {"id":2,"method":"tools/list"}
  <2 {"id":"a","result":{"supportedVersions":["2026-07-28"],"capabilities":{"tools":{"listChanged":true}},"instructions":"Be kind.","resultType":"complete","ttlMs":0,"cacheScope":"private",%}}
s {"id":2,"result":{"tools":[]}}
  <1 {"id":"a","result":{"tools":[],"resultType":"complete","ttlMs":0,"cacheScope":"private",%}}
"#,
    );
}

#[test]
fn a_handshake_that_fails_is_told_and_tried_again() {
    for (answer, code, why) in [
        (r#"s {"id":1,"error":{"code":-32602,"message":"No room."}}"#, 4503, "No room."),
        (
            r#"s {"id":1,"result":{"protocolVersion":"2026-07-28"}}"#,
            4503,
            r#"it speaks revision \"2026-07-28\", which has no handshake that we know"#,
        ),
    ] {
        let mut stage = Stage::new(settings());
        let reason = format!("the server refused the handshake: {why}");
        stage.says(r#"c1 {"id":1,"method":"tools/list","params":{@}}"#);
        stage.plays(&format!(
            "{answer}\n  <1 {{\"id\":1,\"error\":{{\"code\":{code},\"message\":\"{reason}\"}}}}"
        ));
        assert!(
            format!("{:?}", stage.says(r#"c2 {"id":1,"method":"tools/list","params":{@}}"#))
                .contains("initialize")
        );
    }
    holds(
        r#"
c1 {"id":1,"method":"tools/list","params":{@}}
  > "$any"
later 61
  <1 {"id":1,"error":{"code":4504,"message":"the server has not shaken hands in time"}}
s {"id":1,"result":{"protocolVersion":"2025-11-25","capabilities":{}}}
"#,
    );
}

#[test]
fn requests_that_wait_are_bounded() {
    let mut few = settings();
    few.max_in_flight = 1;
    Stage::new(few).plays(
        r#"
c1 {"id":1,"method":"tools/list","params":{@}}
  > "$any"
c2 {"id":2,"method":"tools/list","params":{@}}
  <2 {"id":2,"error":{"code":4429,"message":"too many requests are in flight: wait for answers"}}
server gone
  <1 {"id":1,"error":{"code":4502,"message":"it is gone"}}
c3 {"id":3,"method":"tools/list","params":{@}}
  > "$any2"
gone 3
c4 {"id":4,"method":"tools/list","params":{@}}
server gone
  <4 {"id":4,"error":{"code":4502,"message":"it is gone"}}
"#,
    );
}

#[test]
fn what_2026_07_28_does_not_have_is_refused() {
    let mut script = hello("{}");
    for (at, method) in [
        "initialize",
        "ping",
        "logging/setLevel",
        "resources/subscribe",
        "resources/unsubscribe",
        "tasks/list",
    ]
    .iter()
    .enumerate()
    {
        script += &format!(
            "c{at} {{\"id\":1,\"method\":\"{method}\",\"params\":{{@}}}}\n  <{at} {{\"id\":1,\"error\":{{\"code\":-32601,\"message\":\"{method} is no method of MCP 2026-07-28\"}}}}\n"
        );
    }
    script += r#"
c10 {"id":1,"method":"tools/list","params":{}}
  <10 {"id":1,"error":{"code":-32602,"message":"params._meta[\"mcp:protocolVersion\"] is missing"}}
c11 {"id":1,"method":"tools/list","params":{"_meta":{"mcp:protocolVersion":"2025-11-25","mcp:clientCapabilities":{}}}}
  <11 {"id":1,"error":{"code":-32022,"message":"unsupported protocol version; supported: 2026-07-28","data":{"supported":["2026-07-28"],"requested":"2025-11-25"}}}
c12 {"method":"notifications/initialized"}
c13 {"method":"notifications/roots/list_changed"}
c14 {"method":"vendor/hint","params":{"x":1}}
  > {"method":"vendor/hint","params":{"x":1}}
c15 {"id":1,"method":"vendor/do","params":{@,"requestState":"mine"}}
  >15 {"id":2,"method":"vendor/do","params":{"requestState":"mine"}}
"#;
    holds(&script);
}

#[test]
fn a_server_that_is_gone_is_greeted_anew() {
    let again = r#"
c1 {"id":1,"method":"tools/call","params":{@,"name":"t"}}
  >1 {"id":2,"method":"tools/call","params":{"name":"t"}}
server gone
  <1 {"id":1,"error":{"code":4502,"message":"it is gone"}}
s {"id":2,"result":{}}
c2 {"id":1,"method":"tools/call","params":{@,"name":"t"}}
  > {"id":3,"method":"initialize","params":"$hello"}
s {"id":3,"result":{"protocolVersion":"2025-06-18","capabilities":{}}}
  > {"method":"notifications/initialized","params":{}}
  >2 {"id":4,"method":"tools/call","params":{"name":"t"}}
s {"id":4,"result":{"content":[]}}
  <2 {"id":1,"result":{"content":[],"resultType":"complete"}}
"#;
    holds(&(hello("{}") + again));
}
