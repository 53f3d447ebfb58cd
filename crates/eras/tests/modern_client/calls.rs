use mcp_guard_eras::{Out, Translator};

use crate::script::{Stage, hello, holds, settings};

#[test]
fn answers_find_their_clients_though_they_use_the_same_ids() {
    let script = r#"
c1 {"id":1,"method":"tools/call","params":{@["progressToken":"p","traceparent":"00-1"],"name":"t"}}
  >1 {"id":2,"method":"tools/call","params":{"_meta":{"progressToken":2,"traceparent":"00-1"},"name":"t"}}
c2 {"id":1,"method":"prompts/get","params":{@["progressToken":"p"],"name":"q"}}
  >2 {"id":3,"method":"prompts/get","params":{"_meta":{"progressToken":3},"name":"q"}}
s {"method":"notifications/progress","params":{"progressToken":3,"progress":0.50}}
  <2 {"method":"notifications/progress","params":{"progressToken":"p","progress":0.50}}
s {"method":"notifications/progress","params":{"progressToken":"p","progress":1}}
s {"method":"notifications/progress","params":{"progressToken":9,"progress":1}}
s {"id":3,"result":{"messages":[]}}
  <2 {"id":1,"result":{"messages":[],"resultType":"complete",%}}
s {"method":"notifications/progress","params":{"progressToken":3,"progress":1}}
s {"id":2,"error":{"code":-32002,"message":"No such thing.","data":{"uri":"x"}}}
  <1 {"id":1,"error":{"code":-32602,"message":"No such thing.","data":{"uri":"x"}}}
"#;
    holds(&(hello("{}") + script));
}

#[test]
fn lists_and_reads_say_that_they_are_not_to_be_kept() {
    let mut script = hello("{}");
    let kept = ["tools/list", "prompts/list", "resources/list", "resources/templates/list", "resources/read"];
    for (at, method) in kept.iter().chain(&["completion/complete", "vendor/list"]).enumerate() {
        let caching = if kept.contains(method) { r#""ttlMs":0,"cacheScope":"private","# } else { "" };
        let (exchange, number) = (at + 1, at + 2);
        script += &format!(
            r#"
c{exchange} {{"id":7,"method":"{method}","params":{{@}}}}
  >{exchange} {{"id":{number},"method":"{method}"}}
s {{"id":{number},"result":{{"_meta":{{"v":1}},"resultType":"input_required","cacheScope":"public"}}}}
  <{exchange} {{"id":7,"result":{{"_meta":{{"v":1,"mcp:serverInfo":{{"name":"old","version":"1"}}}},"resultType":"complete",{caching}"cacheScope":"{scope}"}}}}
"#,
            scope = if kept.contains(method) { "private" } else { "public" },
        );
    }
    holds(&script);
}

#[test]
fn what_is_not_ours_keeps_its_bytes() {
    let mut stage = Stage::new(settings());
    stage.plays(&hello("{}"));
    stage.says(r#"c1 {"id":1,"method":"tools/call","params":{@}}"#);
    let line = |out: Vec<Out>| match out.as_slice() {
        [Out::Client { line, .. } | Out::Server { line, .. }] => line.clone(),
        other => panic!("{other:?}"),
    };
    let said = line(stage.says(
        r#"s {"vendor":[ 1 ],"id":2,"result":{"structuredContent":{"n":1.0e2,"\u0061":"\u00e9" , "big":[1,  2]},"content":[]}}"#,
    ));
    assert_eq!(
        said,
        r#"{"jsonrpc":"2.0","vendor":[ 1 ],"id":1,"result":{"structuredContent":{"n":1.0e2,"\u0061":"\u00e9" , "big":[1,  2]},"content":[],"resultType":"complete","_meta":{"io.modelcontextprotocol/serverInfo":{"name":"old","version":"1"}}}}"#
    );
    let asked = line(stage.says(
        r#"c2 {"x":0.10,"id":"é","method":"tools/call","params":{"arguments":{"n":1.50 ,"z":{ }},"name":"t",@}}"#,
    ));
    assert_eq!(
        asked,
        r#"{"jsonrpc":"2.0","x":0.10,"id":3,"method":"tools/call","params":{"arguments":{"n":1.50 ,"z":{ }},"name":"t"}}"#
    );
    // Results of vendors' methods may be anything.
    assert_eq!(
        line(stage.says(r#"s {"id":3,"result":[1.0]}"#)),
        r#"{"jsonrpc":"2.0","id":"é","result":[1.0]}"#
    );
}

#[test]
fn a_client_that_is_gone_has_its_call_cancelled_and_nothing_else() {
    let script = r#"
c1 {"id":1,"method":"tools/call","params":{@}}
  >1 {"id":2,"method":"tools/call"}
c2 {"id":1,"method":"tools/call","params":{@}}
  >2 {"id":3,"method":"tools/call"}
c3 {"method":"notifications/cancelled","params":{"requestId":1}}
gone 1
  >1 {"method":"notifications/cancelled","params":{"requestId":2,"reason":"the client waits no longer"}}
s {"id":2,"result":{}}
c4 {"method":"notifications/cancelled","params":{"requestId":1}}
  >2 {"method":"notifications/cancelled","params":{"requestId":3,"reason":"the client waits no longer"}}
gone 2
gone 99
"#;
    holds(&(hello("{}") + script));
    // A handshake is not cancelled.
    holds(
        r#"
c1 {"id":1,"method":"tools/list","params":{@}}
  > "$any"
gone 1
s {"id":1,"result":{"protocolVersion":"2025-11-25","capabilities":{}}}
  > {"method":"notifications/initialized","params":{}}
"#,
    );
}

#[test]
fn log_messages_go_to_those_who_asked_for_that_much() {
    let script = r#"
c1 {"id":1,"method":"tools/call","params":{@["mcp:logLevel":"error"]}}
  > {"id":3,"method":"logging/setLevel","params":{"level":"error"}}
  >1 {"id":2,"method":"tools/call"}
c2 {"id":2,"method":"tools/call","params":{@}}
  >2 {"id":4,"method":"tools/call"}
c3 {"id":3,"method":"tools/call","params":{@["mcp:logLevel":"info"]}}
  > {"id":6,"method":"logging/setLevel","params":{"level":"info"}}
  >3 {"id":5,"method":"tools/call"}
s {"id":3,"result":{}}
s {"method":"notifications/message","params":{"level":"info","data":"i"}}
  <3 {"method":"notifications/message","params":{"level":"info","data":"i"}}
s {"method":"notifications/message","params":{"level":"alert","data":"a"}}
  <1 {"method":"notifications/message","params":{"level":"alert","data":"a"}}
s1 {"method":"notifications/message","params":{"level":"warning","data":"w"}}
s2 {"method":"notifications/message","params":{"level":"alert","data":"a"}}
s {"method":"notifications/message","params":{"level":"debug","data":"d"}}
s {"method":"notifications/message","params":{"level":"loud","data":"d"}}
c4 {"id":4,"method":"tools/call","params":{@["mcp:logLevel":"loud"]}}
  <4 {"id":4,"error":{"code":-32602,"message":"params._meta[\"mcp:logLevel\"] is malformed"}}
"#;
    holds(&(hello(r#"{"logging":{}}"#) + script));
    let without = r#"
c1 {"id":1,"method":"tools/call","params":{@["mcp:logLevel":"error"]}}
  >1 {"id":2,"method":"tools/call"}
"#;
    holds(&(hello("{}") + without));
}

#[test]
fn notifications_of_vendors_pass_and_those_of_legacy_revisions_do_not() {
    let script = r#"
c1 {"id":1,"method":"tools/call","params":{@}}
  >1 {"id":2,"method":"tools/call"}
s1 {"method":"vendor/news","params":{"x":1,"_meta":{"mcp:subscriptionId":5,"v":2}}}
  <1 {"method":"vendor/news","params":{"x":1,"_meta":{"v":2}}}
s {"method":"vendor/news","params":[1]}
  < {"method":"vendor/news","params":[1]}
s {"method":"notifications/elicitation/complete","params":{"elicitationId":"e"}}
s {"method":"notifications/tasks/status","params":{"taskId":"e"}}
"#;
    holds(&(hello("{}") + script));
}

#[test]
fn a_batch_is_read_where_the_revision_has_them() {
    let script = r#"
c1 {"id":1,"method":"tools/call","params":{@}}
  > "$any"
s {"id":1,"result":{"protocolVersion":"2025-03-26","capabilities":{}}}
  > "$initialized"
  > "$call"
"#;
    let mut stage = Stage::new(settings());
    stage.plays(&script.replace("  > \"$call\"", "  >1 \"$call\""));
    let out = stage.translator.server(
        None,
        r#"[{"jsonrpc":"2.0","id":9,"method":"ping"},{"jsonrpc":"2.0","id":2,"result":{}}]"#,
        std::time::Instant::now(),
    );
    assert_eq!(out.len(), 2, "{out:?}");
}
