use super::*;

#[test]
fn a_request_is_signed_and_otherwise_untouched() {
    Talk::begun().hold(
        r#"
        C3> {"id":"1","method":"tools/call","params":{"_meta":{"progressToken":"p","io.modelcontextprotocol/logLevel":"debug","com.example/x":1e2},"name":"t","arguments":{"n":1.50, "task":{}},"task":{"ttl":1},"inputResponses":{},"requestState":"x"},"extra":[1.0]}
        s3< {"id":3,"method":"tools/call","params":{"_meta":{"progressToken":"p","com.example/x":1e2,META},"name":"t","arguments":{"n":1.50, "task":{}}},"extra":[1.0]}
        S3> {"method":"notifications/progress","params":{"progressToken":"\u0070","progress":1.0}}
        c3< {"method":"notifications/progress","params":{"progressToken":"\u0070","progress":1.0}}
        S> {"method":"notifications/progress","params":{"progressToken":"p","progress":2}}
        c3< {"method":"notifications/progress","params":{"progressToken":"p","progress":2}}
        S3> {"id":3,"result":{"content":[],"structuredContent":{"n":1.50},"resultType":"complete"}}
        c3< {"id":"1","result":{"content":[],"structuredContent":{"n":1.50}}}
        C4> {"id":1,"method":"vendor/thing"}
        s4< {"id":4,"method":"vendor/thing","params":{"_meta":{META}}}
        S4> {"id":4,"error":{"code":-32601,"message":"none"}}
        c4< {"id":1,"error":{"code":-32601,"message":"none"}}
        "#,
    );
}

#[test]
fn only_a_cancellation_cancels() {
    Talk::begun().hold(
        r#"
        C3> {"id":"a","method":"tools/call","params":{"name":"t"}}
        s3< {"id":3,"method":"tools/call","params":{"name":"t","_meta":{META}}}
        left 3
        C4> {"method":"notifications/cancelled","params":{"requestId":"b"}}
        C5> {"method":"notifications/cancelled","params":{"requestId":"a","reason":"enough"}}
        s3< {"method":"notifications/cancelled","params":{"requestId":3}}
        S3> {"id":3,"result":{"content":[]}}
        C6> {"id":"c","method":"tools/call","params":{"name":"t"}}
        s6< {"id":4,"method":"tools/call","params":{"name":"t","_meta":{META}}}
        S6> {"id":4,"result":{"resultType":"input_required","inputRequests":{"r":{"method":"roots/list"}}}}
        c6< {"id":5,"method":"roots/list"}
        C7> {"method":"notifications/cancelled","params":{"requestId":"c"}}
        c6< {"method":"notifications/cancelled","params":{"requestId":5}}
        C8> {"id":5,"result":{"roots":[]}}
        "#,
    );
    let mut talk = Talk::new();
    talk.hold(
        r#"
        C1> {"id":1,"method":"initialize","params":{}}
        s1< {"id":1,"method":"server/discover",…}
        C2> {"method":"notifications/cancelled","params":{"requestId":1}}
        S1> {"id":1,"result":{"supportedVersions":["2026-07-28"],"capabilities":{}}}
        c1< {"id":1,"result":{…}
        "#,
    );
}

#[test]
fn a_call_is_given_up_after_silence_and_not_before() {
    Talk::begun().hold(
        r#"
        C3> {"id":"a","method":"tools/call","params":{"name":"t","_meta":{"progressToken":0}}}
        s3< {"id":3,"method":"tools/call","params":{"name":"t","_meta":{"progressToken":0,META}}}
        tick 599
        S3> {"method":"notifications/progress","params":{"progressToken":0,"progress":2}}
        c3< {"method":"notifications/progress","params":{"progressToken":0,"progress":2}}
        tick 599
        tick 1
        s3< {"method":"notifications/cancelled","params":{"requestId":3}}
        c3< {"id":"a","error":{"code":4504,"message":"the server has not answered for 600 s"}}
        "#,
    );
}
