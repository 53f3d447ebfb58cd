use super::*;

const ACK_3: &str = r#"S> {"method":"notifications/subscriptions/acknowledged","params":{"_meta":{SUBSCRIPTION:3},"notifications":{"toolsListChanged":true,"resourceSubscriptions":["x://\u0061"]}}}"#;

#[test]
fn a_resource_is_listened_for_before_the_client_is_told_so() {
    Talk::begun().hold(&format!(
        r#"
        C3> {{"id":"s","method":"resources/subscribe","params":{{"uri":"x://a"}}}}
        s< {{"id":3,"method":"subscriptions/listen","params":{{"_meta":{{META}},"notifications":{{"toolsListChanged":true,"resourceSubscriptions":["x://a"]}}}}}}
        S> {{"method":"notifications/tools/list_changed","params":{{"_meta":{{SUBSCRIPTION:2}}}}}}
        c< {{"method":"notifications/tools/list_changed"}}
        S> {{"method":"notifications/resources/updated","params":{{"_meta":{{SUBSCRIPTION:3}},"uri":"x://a"}}}}
        {ACK_3}
        s< {{"method":"notifications/cancelled","params":{{"requestId":2}}}}
        c3< {{"id":"s","result":{{}}}}
        S> {{"method":"notifications/resources/updated","params":{{"_meta":{{SUBSCRIPTION:3,"a":1}},"uri":"x://a"}}}}
        c< {{"method":"notifications/resources/updated","params":{{"_meta":{{"a":1}},"uri":"x://a"}}}}
        C4> {{"id":"again","method":"resources/subscribe","params":{{"uri":"x://a"}}}}
        c4< {{"id":"again","result":{{}}}}
        C5> {{"id":"u","method":"resources/unsubscribe","params":{{"uri":"x://a"}}}}
        c5< {{"id":"u","result":{{}}}}
        s< {{"id":4,"method":"subscriptions/listen","params":{{"_meta":{{META}},"notifications":{{"toolsListChanged":true}}}}}}
        "#
    ));
}

#[test]
fn what_changes_while_the_server_thinks_is_asked_in_one_more_go() {
    Talk::begun().hold(&format!(
        r#"
        C3> {{"id":"a","method":"resources/subscribe","params":{{"uri":"x://a"}}}}
        s< {{"id":3,"method":"subscriptions/listen",…}}
        C4> {{"id":"b","method":"resources/subscribe","params":{{"uri":"x://b"}}}}
        C5> {{"id":"c","method":"resources/subscribe","params":{{"uri":"x://c"}}}}
        C6> {{"id":"u","method":"resources/unsubscribe","params":{{"uri":"x://c"}}}}
        c5< {{"id":"c","result":{{}}}}
        c6< {{"id":"u","result":{{}}}}
        {ACK_3}
        s< {{"method":"notifications/cancelled","params":{{"requestId":2}}}}
        c3< {{"id":"a","result":{{}}}}
        s< {{"id":4,"method":"subscriptions/listen","params":{{"_meta":{{META}},"notifications":{{"toolsListChanged":true,"resourceSubscriptions":["x://a","x://b"]}}}}}}
        S> {{"method":"notifications/subscriptions/acknowledged","params":{{"_meta":{{SUBSCRIPTION:4}},"notifications":{{"resourceSubscriptions":["x://a"]}}}}}}
        s< {{"method":"notifications/cancelled","params":{{"requestId":3}}}}
        c4< {{"id":"b","error":{{"code":4503,"message":"the server does not offer to watch this resource"}}}}
        "#
    ));
}

#[test]
fn a_stream_that_ends_is_opened_again_and_what_was_missed_is_told() {
    Talk::begun().hold(
        r#"
        S> {"method":"notifications/cancelled","params":{"requestId":2}}
        tick 0
        tick 1
        s< {"id":3,"method":"subscriptions/listen","params":{"_meta":{META},"notifications":{"toolsListChanged":true}}}
        S> {"id":3,"error":{"code":-32603,"message":"busy"}}
        tick 1
        tick 1
        s< {"id":4,"method":"subscriptions/listen","params":{"_meta":{META},"notifications":{"toolsListChanged":true}}}
        tick 30
        s< {"method":"notifications/cancelled","params":{"requestId":4}}
        tick 3
        tick 1
        s< {"id":5,"method":"subscriptions/listen","params":{"_meta":{META},"notifications":{"toolsListChanged":true}}}
        S> {"method":"notifications/subscriptions/acknowledged","params":{"_meta":{SUBSCRIPTION:5},"notifications":{"toolsListChanged":true}}}
        c< {"method":"notifications/tools/list_changed","params":{}}
        tick 60
        S> {"id":5,"result":{"resultType":"complete","_meta":{SUBSCRIPTION:5}}}
        tick 1
        s< {"id":6,"method":"subscriptions/listen","params":{"_meta":{META},"notifications":{"toolsListChanged":true}}}
        S> {"id":6,"error":{"code":-32601,"message":"none"}}
        tick 3600
        "#,
    );
}

#[test]
fn nothing_is_opened_for_a_server_that_offers_nothing() {
    Talk::new().hold(
        r#"
        C1> {"id":1,"method":"initialize","params":{}}
        s1< {"id":1,"method":"server/discover",…}
        S1> {"id":1,"result":{"supportedVersions":["2026-07-28"],"capabilities":{"tools":{},"resources":{}}}}
        c1< {"id":1,"result":{…}
        C2> {"method":"notifications/initialized"}
        tick 60
        C3> {"id":3,"method":"resources/subscribe","params":{"uri":"x://a"}}
        c3< {"id":3,"error":{"code":-32601,…}
        "#,
    );
}

#[test]
fn only_what_was_asked_for_is_heard() {
    Talk::begun().hold(
        r#"
        S> {"method":"notifications/prompts/list_changed","params":{"_meta":{SUBSCRIPTION:2}}}
        S> {"method":"notifications/resources/updated","params":{"_meta":{SUBSCRIPTION:2},"uri":"x://a"}}
        S> {"method":"notifications/message","params":{"_meta":{SUBSCRIPTION:2},"level":"info","data":1}}
        S> {"method":"notifications/tools/list_changed","params":{"_meta":{SUBSCRIPTION:9}}}
        S> {"method":"notifications/tools/list_changed"}
        "#,
    );
}
