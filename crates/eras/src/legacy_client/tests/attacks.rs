use super::*;

#[test]
fn answers_nobody_asked_for_reach_nobody() {
    Talk::begun().hold(
        r#"
        C3> {"id":"a","method":"tools/list"}
        s3< {"id":3,"method":"tools/list","params":{"_meta":{META}}}
        S3> {"id":99,"result":{"tools":[]}}
        S3> {"id":"3","result":{"tools":[]}}
        S3> {"id":"a","result":{"tools":[]}}
        S4> {"id":3,"result":{"tools":["of another exchange"]}}
        S4> {"method":"notifications/progress","params":{"progressToken":1,"progress":1}}
        C4> {"id":3,"result":{"tools":["of the client"]}}
        S3> {"id":3,"result":{"tools":[]}}
        c3< {"id":"a","result":{"tools":[]}}
        S3> {"id":3,"result":{"tools":["twice"]}}
        C5> {"id":"b","method":"tools/call","params":{"name":"t","_meta":{"progressToken":1}}}
        s5< {"id":4,"method":"tools/call","params":{"name":"t","_meta":{"progressToken":1,META}}}
        S3> {"method":"notifications/progress","params":{"progressToken":1,"progress":1}}
        S5> {"id":4,"result":{"resultType":"input_required","inputRequests":{"r":{"method":"roots/list"}}}}
        c5< {"id":5,"method":"roots/list"}
        S5> {"id":4,"result":{"content":["while the client is asked"]}}
        S5> {"id":5,"result":{"content":["by the id of a question"]}}
        "#,
    );
}

#[test]
fn a_server_that_never_has_enough_is_stopped() {
    let mut talk = Talk::begun();
    talk.say(r#"C3> {"id":"a","method":"tools/call","params":{"name":"t"}}"#);
    for id in 3..11 {
        let again =
            format!(r#"S3> {{"id":{id},"result":{{"resultType":"input_required","requestState":"more"}}}}"#);
        assert!(shown(&talk.say(&again)[0]).starts_with(&format!(r#"s3< {{"id":{},"#, id + 1)));
    }
    talk.hold(
        r#"
        S3> {"id":11,"result":{"resultType":"input_required","requestState":"more"}}
        c3< {"id":"a","error":{"code":4503,"message":"the server has asked for input more than 8 times in one call"}}
        "#,
    );
}

#[test]
fn what_the_server_wants_has_bounds_and_a_form() {
    let many: Vec<_> = (0..17).map(|key| format!(r#""{key}":{{"method":"roots/list"}}"#)).collect();
    let cases = [
        format!(r#"{{"resultType":"input_required","inputRequests":{{{}}}}}"#, many.join(",")),
        r#"{"resultType":"input_required"}"#.to_owned(),
        r#"{"resultType":"input_required","inputRequests":{}}"#.to_owned(),
        r#"{"resultType":"input_required","inputRequests":[{"method":"roots/list"}]}"#.to_owned(),
        r#"{"resultType":"input_required","requestState":{}}"#.to_owned(),
        r#"{"resultType":"task","taskId":"t"}"#.to_owned(),
        r#"{"resultType":"surprise"}"#.to_owned(),
        r#"{"a":1,"a":2}"#.to_owned(),
    ];
    for result in cases {
        let mut talk = Talk::begun();
        talk.say(r#"C3> {"id":"a","method":"tools/call","params":{"name":"t"}}"#);
        let out = talk.say(&format!(r#"S3> {{"id":3,"result":{result}}}"#));
        let refused = shown(&out[0]).starts_with(r#"c3< {"id":"a","error":{"code":4503,"#);
        assert!(refused && out.len() == 1, "{result}: {out:?}");
    }
}

#[test]
fn a_client_cannot_have_more_waiting_than_it_may() {
    let mut talk = Talk::begun_with(Settings { in_flight: 2, kept_bytes: 700, ..Settings::default() });
    talk.say(r#"C3> {"id":3,"method":"tools/call","params":{"name":"t"}}"#);
    let big = format!(r#"C4> {{"id":4,"method":"tools/call","params":{{"name":"{}"}}}}"#, "t".repeat(700));
    assert!(shown(&talk.say(&big)[0]).starts_with(r#"c4< {"id":4,"error":{"code":4429,"#));
    talk.say(r#"C5> {"id":5,"method":"tools/list"}"#);
    let out = talk.say(r#"C6> {"id":6,"method":"ping"}"#);
    assert!(shown(&out[0]).starts_with(r#"c6< {"id":6,"error":{"code":4429,"#), "{out:?}");
}

#[test]
fn the_clients_answers_are_kept_within_bounds() {
    let mut talk = Talk::begun_with(Settings { kept_bytes: 700, ..Settings::default() });
    talk.say(r#"C3> {"id":3,"method":"tools/call","params":{"name":"t"}}"#);
    talk.say(r#"S3> {"id":3,"result":{"resultType":"input_required","inputRequests":{"a":{"method":"roots/list"},"b":{"method":"roots/list"}}}}"#);
    let out = talk.say(&format!(r#"C4> {{"id":4,"result":{{"roots":["{}"]}}}}"#, "r".repeat(700)));
    assert!(shown(&out[1]).starts_with(r#"c3< {"id":3,"error":{"code":4429,"#), "{out:?}");
}

#[test]
fn nothing_long_is_remembered_or_said_again_and_again() {
    let long = "x".repeat(70_000);
    let lines = [
        format!(r#"C3> {{"id":"{long}","method":"tools/list"}}"#),
        format!(r#"C3> {{"id":3,"method":"tools/list","params":{{"_meta":{{"progressToken":"{long}"}}}}}}"#),
        format!(r#"C3> {{"id":3,"method":"resources/subscribe","params":{{"uri":"{long}"}}}}"#),
        format!(r#"C3> {{"id":3,"method":"initialize","params":{{"clientInfo":{{"name":"{long}"}}}}}}"#),
    ];
    for line in lines {
        let out = Talk::begun().say(&line);
        assert!(
            out.len() == 1 && shown(&out[0]).contains("too long") | shown(&out[0]).contains("longer than"),
            "{out:?}"
        );
    }
    let mut talk = Talk::begun_with(Settings { kept_bytes: 2000, ..Settings::default() });
    talk.say(r#"C3> {"id":3,"method":"tools/call","params":{"name":"t"}}"#);
    let state =
        format!(r#"S3> {{"id":3,"result":{{"resultType":"input_required","requestState":"{long}"}}}}"#);
    assert!(shown(&talk.say(&state)[0]).starts_with(r#"c3< {"id":3,"error":{"code":4429,"#));
}
