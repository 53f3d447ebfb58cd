use super::*;

#[test]
fn what_the_server_wants_is_asked_and_the_call_made_again() {
    Talk::begun().hold(
        r#"
        C3> {"id":"a","method":"tools/call","params":{"name":"t","arguments":{"n":1.0}}}
        s3< {"id":3,"method":"tools/call","params":{"name":"t","arguments":{"n":1.0},"_meta":{META}}}
        S3> {"id":3,"result":{"resultType":"input_required","inputRequests":{"k\u0031":{"method":"elicitation/create","params":{"message":"name?","requestedSchema":{"n":1.0}}},"roots":{"method":"roots/list"}},"requestState":"s\u0074ate"}}
        c3< {"id":4,"method":"elicitation/create","params":{"message":"name?","requestedSchema":{"n":1.0}}}
        c3< {"id":5,"method":"roots/list"}
        C4> {"id":5,"result":{"roots":[ ]}}
        C5> {"id":5,"result":{"roots":["again"]}}
        C6> {"id":4,"result":{"action":"accept","content":{"x":1e0}}}
        s3< {"id":6,"method":"tools/call","params":{"name":"t","arguments":{"n":1.0},"_meta":{META},"inputResponses":{"k\u0031":{"action":"accept","content":{"x":1e0}},"roots":{"roots":[ ]}},"requestState":"s\u0074ate"}}
        S3> {"id":6,"result":{"resultType":"input_required","requestState":"later"}}
        s3< {"id":7,"method":"tools/call","params":{"name":"t","arguments":{"n":1.0},"_meta":{META},"requestState":"later"}}
        S3> {"id":7,"result":{"resultType":"input_required","inputRequests":{"r":{"method":"roots/list","params":{}}}}}
        c3< {"id":8,"method":"roots/list","params":{}}
        C7> {"id":8,"result":{"roots":[]}}
        s3< {"id":9,"method":"tools/call","params":{"name":"t","arguments":{"n":1.0},"_meta":{META},"inputResponses":{"r":{"roots":[]}}}}
        S3> {"id":9,"result":{"resultType":"complete","content":[]}}
        c3< {"id":"a","result":{"content":[]}}
        "#,
    );
}

#[test]
fn an_elicitation_by_url_gets_the_name_that_legacy_clients_need() {
    Talk::begun().hold(
        r#"
        C3> {"id":"a","method":"prompts/get","params":{"name":"p"}}
        s3< {"id":3,"method":"prompts/get","params":{"name":"p","_meta":{META}}}
        S3> {"id":3,"result":{"resultType":"input_required","inputRequests":{"u":{"method":"elicitation/create","params":{"mode":"url","url":"https://example.com","message":"m"}}}}}
        c3< {"id":4,"method":"elicitation/create","params":{"mode":"url","url":"https://example.com","message":"m","elicitationId":"mcp-guard-4"}}
        C4> {"id":4,"result":{"action":"accept"}}
        s3< {"id":5,"method":"prompts/get","params":{"name":"p","_meta":{META},"inputResponses":{"u":{"action":"accept"}}}}
        "#,
    );
}

#[test]
fn a_client_that_refuses_ends_the_call() {
    Talk::begun().hold(
        r#"
        C3> {"id":"a","method":"tools/call","params":{"name":"t"}}
        s3< {"id":3,"method":"tools/call","params":{"name":"t","_meta":{META}}}
        S3> {"id":3,"result":{"resultType":"input_required","inputRequests":{"s":{"method":"sampling/createMessage","params":{}},"r":{"method":"roots/list"}}}}
        c3< {"id":4,"method":"sampling/createMessage","params":{}}
        c3< {"id":5,"method":"roots/list"}
        C4> {"id":4,"error":{"code":-1,"message":"User rejected"}}
        c3< {"method":"notifications/cancelled","params":{"requestId":5}}
        c3< {"id":"a","error":{"code":4503,"message":"the client has not answered the server's sampling/createMessage: User rejected"}}
        C5> {"id":5,"result":{"roots":[]}}
        "#,
    );
}

#[test]
fn a_client_that_does_not_answer_ends_the_call() {
    Talk::begun().hold(
        r#"
        C3> {"id":"a","method":"tools/call","params":{"name":"t"}}
        s3< {"id":3,"method":"tools/call","params":{"name":"t","_meta":{META}}}
        S3> {"id":3,"result":{"resultType":"input_required","inputRequests":{"r":{"method":"roots/list"}}}}
        c3< {"id":4,"method":"roots/list"}
        tick 600
        c3< {"method":"notifications/cancelled","params":{"requestId":4}}
        c3< {"id":"a","error":{"code":4504,"message":"the client has not answered what the server asked for 600 s"}}
        "#,
    );
}

#[test]
fn a_client_is_asked_only_what_it_has_declared() {
    let none = r#"{"tools":{}}"#;
    let form = r#"{"elicitation":{}}"#;
    let url = r#"{"elicitation":{"url":{}}}"#;
    let sampling = r#"{"sampling":{}}"#;
    let cases = [
        (none, r#"{"method":"roots/list"}"#, false),
        (none, r#"{"method":"elicitation/create","params":{}}"#, false),
        (none, r#"{"method":"sampling/createMessage","params":{}}"#, false),
        (form, r#"{"method":"elicitation/create","params":{}}"#, true),
        (form, r#"{"method":"elicitation/create","params":{"mode":"form"}}"#, true),
        (form, r#"{"method":"elicitation/create","params":{"mode":"url"}}"#, false),
        (url, r#"{"method":"elicitation/create","params":{"mode":"url"}}"#, true),
        (url, r#"{"method":"elicitation/create","params":{}}"#, false),
        (sampling, r#"{"method":"sampling/createMessage","params":{}}"#, true),
        (sampling, r#"{"method":"sampling/createMessage","params":{"tools":[]}}"#, false),
        (sampling, r#"{"method":"tools/call","params":{}}"#, false),
        (sampling, r#"{"params":{}}"#, false),
    ];
    for (capabilities, wanted, asked) in cases {
        let mut talk = Talk::new();
        talk.say(&format!(
            r#"C1> {{"id":1,"method":"initialize","params":{{"capabilities":{capabilities}}}}}"#
        ));
        talk.say(r#"S1> {"id":1,"result":{"supportedVersions":["2026-07-28"],"capabilities":{}}}"#);
        talk.say(r#"C2> {"id":2,"method":"tools/call","params":{}}"#);
        let out = talk.say(&format!(
            r#"S2> {{"id":2,"result":{{"resultType":"input_required","inputRequests":{{"k":{wanted}}}}}}}"#
        ));
        let refused = shown(&out[0]).starts_with(r#"c2< {"id":2,"error":{"code":4503,"#);
        assert_eq!((out.len(), refused), (1, !asked), "{capabilities} {wanted}: {out:?}");
    }
}
