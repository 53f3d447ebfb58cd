use super::*;

#[test]
fn a_handshake_is_answered_from_what_the_server_tells() {
    Talk::new().hold(
        r#"
        C1> {"id":1,"method":"tools/list"}
        c1< {"id":1,"error":{"code":-32600,…}
        C2> {"id":7,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{"tasks":{},"extensions":{"io.modelcontextprotocol/tasks":{},"io.modelcontextprotocol/ui":{"a":1.0}}},"clientInfo":{"name":"c","version":"1"}}}
        s2< {"id":1,"method":"server/discover","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"c","version":"1"},"io.modelcontextprotocol/clientCapabilities":{"extensions":{"io.modelcontextprotocol/ui":{"a":1.0}}}}}}
        S2> {"id":1,"result":{"resultType":"complete","ttlMs":5,"cacheScope":"public","supportedVersions":["2026-07-28"],"capabilities":{"tools":{"listChanged":true},"resources":{"subscribe":true},"logging":{},"extensions":{"io.modelcontextprotocol/tasks":{}}},"instructions":"be kind","_meta":{"io.modelcontextprotocol/serverInfo":{"name":"s","version":"2"}}}}
        c2< {"id":7,"result":{"instructions":"be kind","protocolVersion":"2025-06-18","capabilities":{"tools":{"listChanged":true},"resources":{"subscribe":true},"logging":{}},"serverInfo":{"name":"s","version":"2"}}}
        "#,
    );
}

#[test]
fn the_revision_is_the_clients_if_it_is_legacy() {
    let cases = [
        ("2024-11-05", "2024-11-05"),
        ("2025-03-26", "2025-03-26"),
        ("2025-11-25", "2025-11-25"),
        ("2026-07-28", "2025-11-25"),
        ("1999-01-01", "2025-11-25"),
    ];
    for (asked, settled) in cases {
        let mut talk = Talk::new();
        talk.say(&format!(
            r#"C1> {{"id":1,"method":"initialize","params":{{"protocolVersion":"{asked}"}}}}"#
        ));
        let out = talk.say(r#"S1> {"id":1,"result":{"supportedVersions":["2026-07-28"],"capabilities":{}}}"#);
        assert!(shown(&out[0]).contains(&format!(r#""protocolVersion":"{settled}""#)), "{out:?}");
    }
}

#[test]
fn a_server_of_no_known_revision_ends_the_handshake_with_a_reason() {
    let hello = r#"C1> {"id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25"}}"#;
    let answers = [
        r#"S1> {"id":1,"error":{"code":-32022,"message":"no","data":{"supported":["2027-01-01"],"requested":"2026-07-28"}}}"#,
        r#"S1> {"id":1,"result":{"resultType":"complete","supportedVersions":["2027-01-01"],"capabilities":{}}}"#,
    ];
    for answer in answers {
        let mut talk = Talk::new();
        talk.say(hello);
        let said = shown(&talk.say(answer)[0]);
        assert!(
            said.contains("4503") && said.contains("2026-07-28") && said.contains("2027-01-01"),
            "{said}"
        );
        assert!(shown(&talk.say(r#"C2> {"id":2,"method":"tools/list"}"#)[0]).contains("-32600"));
    }
}

#[test]
fn ping_is_answered_here_at_any_time() {
    Talk::new().hold(
        r#"
        C1> {"id":"p","method":"ping"}
        c1< {"id":"p","result":{}}
        "#,
    );
}

#[test]
fn log_messages_come_from_the_level_the_client_has_set_or_from_info() {
    let mut talk = Talk::new();
    talk.hold(
        r#"
        C1> {"id":1,"method":"initialize","params":{"clientInfo":{"name":"c","version":"1"}}}
        s1< {"id":1,"method":"server/discover",…}
        S1> {"id":1,"result":{"supportedVersions":["2026-07-28"],"capabilities":{"logging":{}}}}
        c1< {"id":1,…}
        C2> {"id":2,"method":"tools/list"}
        s2< {"id":2,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"c","version":"1"},"io.modelcontextprotocol/clientCapabilities":{},"io.modelcontextprotocol/logLevel":"info"}}}
        C3> {"id":3,"method":"logging/setLevel","params":{"level":"error"}}
        c3< {"id":3,"result":{}}
        C4> {"id":4,"method":"logging/setLevel","params":{"level":"loud"}}
        c4< {"id":4,"error":{"code":-32602,…}
        C5> {"id":5,"method":"tools/call","params":{"name":"t"}}
        s5< {"id":3,"method":"tools/call","params":{"name":"t","_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"c","version":"1"},"io.modelcontextprotocol/clientCapabilities":{},"io.modelcontextprotocol/logLevel":"error"}}}
        S> {"method":"notifications/message","params":{"level":"error","data":1.0}}
        c5< {"method":"notifications/message","params":{"level":"error","data":1.0}}
        S2> {"method":"notifications/message","params":{"level":"error","data":1.0}}
        c2< {"method":"notifications/message","params":{"level":"error","data":1.0}}
        "#,
    );
    // A server that has declared no logs sends none, and has no level.
    Talk::begun().hold(
        r#"
        C4> {"id":4,"method":"logging/setLevel","params":{"level":"info"}}
        c4< {"id":4,"error":{"code":-32601,…}
        S> {"method":"notifications/message","params":{"level":"error","data":1.0}}
        "#,
    );
}

#[test]
fn what_modern_servers_do_not_know_stays_here() {
    Talk::begun().hold(
        r#"
        C3> {"method":"notifications/roots/list_changed"}
        C4> {"method":"notifications/progress","params":{"progressToken":1,"progress":1}}
        C5> {"id":5,"method":"tasks/list"}
        c5< {"id":5,"error":{"code":-32601,…}
        C6> {"id":6,"method":"subscriptions/listen","params":{"notifications":{}}}
        c6< {"id":6,"error":{"code":-32601,…}
        C7> {"id":7,"method":"server/discover"}
        c7< {"id":7,"error":{"code":-32601,…}
        C8> {"id":8,"method":"tools/list","params":[1]}
        c8< {"id":8,"error":{"code":-32602,…}
        S> {"id":8,"method":"sampling/createMessage","params":{}}
        S> {"method":"notifications/tasks","params":{"taskId":"t"}}
        "#,
    );
}

#[test]
fn a_server_that_is_gone_leaves_nobody_waiting() {
    Talk::begun().hold(
        r#"
        C3> {"id":"a","method":"tools/list"}
        s3< {"id":3,"method":"tools/list","params":{"_meta":{META}}}
        C4> {"id":"b","method":"tools/call","params":{"name":"t"}}
        s4< {"id":4,"method":"tools/call","params":{"name":"t","_meta":{META}}}
        S4> {"id":4,"result":{"resultType":"input_required","inputRequests":{"r":{"method":"roots/list"}}}}
        c4< {"id":5,"method":"roots/list"}
        gone
        c3< {"id":"a","error":{"code":4502,"message":"it stopped"}}
        c4< {"method":"notifications/cancelled","params":{"requestId":5}}
        c4< {"id":"b","error":{"code":4502,"message":"it stopped"}}
        S3> {"id":3,"result":{"tools":[]}}
        C5> {"id":5,"result":{"roots":[]}}
        tick 60
        C6> {"id":"c","method":"tools/list"}
        s6< {"id":6,"method":"tools/list","params":{"_meta":{META}}}
        s< {"id":7,"method":"subscriptions/listen","params":{"_meta":{META},"notifications":{"toolsListChanged":true}}}
        S> {"method":"notifications/subscriptions/acknowledged","params":{"_meta":{SUBSCRIPTION:7},"notifications":{"toolsListChanged":true}}}
        c< {"method":"notifications/tools/list_changed","params":{}}
        "#,
    );
}
