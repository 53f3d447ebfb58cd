use crate::script::{Stage, hello, holds, settings};

const ALL: &str = r#"{"tools":{"listChanged":true},"prompts":{"listChanged":true},"resources":{"subscribe":true,"listChanged":true}}"#;

#[test]
fn a_listen_is_told_what_it_asked_for_and_nothing_else() {
    let script = r#"
s {"method":"notifications/tools/list_changed"}
c1 {"id":"l","method":"subscriptions/listen","params":{@,"notifications":{"toolsListChanged":true,"promptsListChanged":false,"resourceSubscriptions":["file:///b","file:///a"],"taskIds":["t"]}}}
  <1 {"method":"notifications/subscriptions/acknowledged","params":{"notifications":{"toolsListChanged":true,"resourceSubscriptions":["file:///a","file:///b"]},"_meta":{"mcp:subscriptionId":"l"}}}
  > {"id":2,"method":"resources/subscribe","params":{"uri":"file:///a"}}
  > {"id":3,"method":"resources/subscribe","params":{"uri":"file:///b"}}
s {"id":2,"result":{}}
c2 {"id":"l","method":"subscriptions/listen","params":{@,"notifications":{"toolsListChanged":true,"resourceSubscriptions":["file:///a"]}}}
  <2 {"method":"notifications/subscriptions/acknowledged","params":{"notifications":{"toolsListChanged":true,"resourceSubscriptions":["file:///a"]},"_meta":{"mcp:subscriptionId":"l"}}}
s {"method":"notifications/tools/list_changed"}
  <1 {"method":"notifications/tools/list_changed","params":{"_meta":{"mcp:subscriptionId":"l"}}}
  <2 {"method":"notifications/tools/list_changed","params":{"_meta":{"mcp:subscriptionId":"l"}}}
s {"method":"notifications/prompts/list_changed"}
s {"method":"notifications/resources/list_changed","params":{}}
s {"method":"notifications/resources/updated","params":{"uri":"file:///b/part","_meta":{"mcp:subscriptionId":9,"v":1}}}
  <1 {"method":"notifications/resources/updated","params":{"uri":"file:///b/part","_meta":{"mcp:subscriptionId":"l","v":1}}}
s {"method":"notifications/resources/updated","params":{"uri":"file:///bc"}}
s {"method":"notifications/tools/list_changed","params":[1]}
  <1 {"method":"notifications/tools/list_changed","params":{"_meta":{"mcp:subscriptionId":"l"}}}
  <2 {"method":"notifications/tools/list_changed","params":{"_meta":{"mcp:subscriptionId":"l"}}}
gone 1
  > {"id":4,"method":"resources/unsubscribe","params":{"uri":"file:///b"}}
s {"method":"notifications/resources/updated","params":{"uri":"file:///a"}}
  <2 {"method":"notifications/resources/updated","params":{"uri":"file:///a","_meta":{"mcp:subscriptionId":"l"}}}
c3 {"method":"notifications/cancelled","params":{"requestId":"l"}}
  > {"id":5,"method":"resources/unsubscribe","params":{"uri":"file:///a"}}
s {"method":"notifications/tools/list_changed"}
"#;
    holds(&(hello(ALL) + script));
}

#[test]
fn what_the_server_does_not_offer_is_not_acknowledged() {
    let script = r#"
c1 {"id":1,"method":"subscriptions/listen","params":{@,"notifications":{"toolsListChanged":true,"promptsListChanged":true,"resourcesListChanged":true,"resourceSubscriptions":["file:///a"]}}}
  <1 {"method":"notifications/subscriptions/acknowledged","params":{"notifications":{"promptsListChanged":true},"_meta":{"mcp:subscriptionId":1}}}
s {"method":"notifications/tools/list_changed"}
s {"method":"notifications/resources/updated","params":{"uri":"file:///a"}}
c2 {"id":2,"method":"subscriptions/listen","params":{@}}
  <2 {"id":2,"error":{"code":-32602,"message":"params.notifications must be an object"}}
gone 1
"#;
    holds(
        &(hello(r#"{"tools":{},"prompts":{"listChanged":true},"resources":{"subscribe":false}}"#) + script),
    );
}

#[test]
fn a_listen_outlives_its_server_but_not_two() {
    let script = r#"
c1 {"id":1,"method":"subscriptions/listen","params":{@,"notifications":{"resourceSubscriptions":["file:///a"]}}}
  <1 {"method":"notifications/subscriptions/acknowledged","params":{"notifications":{"resourceSubscriptions":["file:///a"]},"_meta":{"mcp:subscriptionId":1}}}
  > {"id":2,"method":"resources/subscribe","params":{"uri":"file:///a"}}
server gone
later 1
  > {"id":3,"method":"initialize","params":"$hello"}
s {"id":3,"result":{"protocolVersion":"2025-11-25","capabilities":{"resources":{"subscribe":true}}}}
  > {"method":"notifications/initialized","params":{}}
  > {"id":4,"method":"resources/subscribe","params":{"uri":"file:///a"}}
s {"method":"notifications/resources/updated","params":{"uri":"file:///a"}}
  <1 {"method":"notifications/resources/updated","params":{"uri":"file:///a","_meta":{"mcp:subscriptionId":1}}}
server gone
later 1
  > {"id":5,"method":"initialize","params":"$hello"}
server gone
  <1 {"id":1,"result":{"resultType":"complete","_meta":{"mcp:subscriptionId":1}}}
later 1
"#;
    holds(&(hello(ALL) + script));
}

#[test]
fn listens_are_bounded() {
    let mut few = settings();
    few.max_listens = 1;
    let mut stage = Stage::new(few);
    stage.plays(&hello(ALL));
    let listen = |uris: usize| {
        let uris: Vec<_> = (0..uris).map(|at| format!("\"u:{at}\"")).collect();
        let filter = format!("{{\"resourceSubscriptions\":[{}]}}", uris.join(","));
        format!(
            "{{\"id\":1,\"method\":\"subscriptions/listen\",\"params\":{{@,\"notifications\":{filter}}}}}"
        )
    };
    stage.plays(&format!(
        "c1 {}\n  <1 {{\"id\":1,\"error\":{{\"code\":4429,\"message\":\"too many resources in one subscription\"}}}}",
        listen(1025)
    ));
    assert_eq!(stage.says(&format!("c2 {}", listen(1024))).len(), 1025);
    stage.plays(&format!(
        "c3 {}\n  <3 {{\"id\":1,\"error\":{{\"code\":4429,\"message\":\"too many subscriptions are open: close one first\"}}}}",
        listen(1)
    ));
}
