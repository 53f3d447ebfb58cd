#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // A test fails by panicking.

mod interleavings;

use super::*;

/// Conversations in the form of those of `legacy_client`: `C1>` a client says, `S>` the server, and what must come of it.
fn hold(mut translator: SameEra, script: &str) {
    let now = Instant::now();
    let mut out: std::collections::VecDeque<String> = [].into();
    let mut said = "";
    for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let tag = r#""io.modelcontextprotocol/subscriptionId""#;
        let full = line.replace("SUBSCRIPTION", tag).replacen('{', r#"{"jsonrpc":"2.0","#, 1);
        if line.contains("< ") {
            assert_eq!(out.pop_front().as_deref(), Some(&*full), "after {said}");
            continue;
        }
        assert_eq!(out, [""; 0], "after {said}");
        said = line;
        let said = match full.split_once("> ") {
            Some((who, message)) => match who.split_at(1) {
                ("C", of) => translator.client(Exchange(of.parse().unwrap()), message, now),
                (_, of) => translator.server(of.parse().ok().map(Exchange), message, now),
            },
            None if line == "gone" => translator.server_gone("it stopped", now),
            None => {
                translator.client_gone(Exchange(line.strip_prefix("left ").unwrap().parse().unwrap()), now)
            }
        };
        out = said.iter().map(shown).collect();
    }
    assert_eq!(out, [""; 0], "after {said}");
}

fn shown(out: &Out) -> String {
    let (who, of, line) = match out {
        Out::Client { of, line } => ("c", of, line),
        Out::Server { of, line } => ("s", of, line),
    };
    format!("{who}{}< {line}", of.map(|of| of.0.to_string()).unwrap_or_default())
}

#[test]
fn a_private_connection_tells_exchanges_apart() {
    hold(
        SameEra::private(),
        r#"
        C1> {"id":"a","method":"tools/call","params":{"_meta":{"progressToken":"p"},"n":1.0}}
        s1< {"id":"a","method":"tools/call","params":{"_meta":{"progressToken":"p"},"n":1.0}}
        C2> {"id":2,"method":"tools/list"}
        s2< {"id":2,"method":"tools/list"}
        C3> {"id":2,"method":"tools/list"}
        c3< {"id":2,"error":{"code":-32600,"message":"a request with this id waits for its answer"}}
        S> {"method":"notifications/progress","params":{"progressToken":"p","progress":1}}
        c1< {"method":"notifications/progress","params":{"progressToken":"p","progress":1}}
        S> {"method":"notifications/progress","params":{"progressToken":"q","progress":1}}
        c< {"method":"notifications/progress","params":{"progressToken":"q","progress":1}}
        S> {"id":2,"method":"roots/list"}
        c1< {"id":2,"method":"roots/list"}
        S> {"method":"notifications/cancelled","params":{"requestId":2}}
        c1< {"method":"notifications/cancelled","params":{"requestId":2}}
        C4> {"id":2,"result":{"roots":[]}}
        s4< {"id":2,"result":{"roots":[]}}
        S> {"method":"notifications/message","params":{"level":"info","data":1}}
        c1< {"method":"notifications/message","params":{"level":"info","data":1}}
        left 1
        C5> {"method":"notifications/cancelled","params":{"requestId":"a"}}
        s1< {"method":"notifications/cancelled","params":{"requestId":"a"}}
        S> {"id":3,"method":"roots/list"}
        c2< {"id":3,"method":"roots/list"}
        S> {"id":"a","result":{}}
        c1< {"id":"a","result":{}}
        S> {"id":"a","result":{}}
        c< {"id":"a","result":{}}
        S> {"method":"notifications/tools/list_changed"}
        c< {"method":"notifications/tools/list_changed"}
        gone
        c2< {"id":2,"error":{"code":4502,"message":"it stopped"}}
        "#,
    );
}

#[test]
fn a_shared_connection_gives_each_its_own() {
    hold(
        SameEra::shared(),
        r#"
        C1> {"id":"a","method":"tools/call","params":{"_meta":{"progressToken":"p","io.modelcontextprotocol/logLevel":"info"},"n":1.0}}
        s1< {"id":1,"method":"tools/call","params":{"_meta":{"progressToken":1,"io.modelcontextprotocol/logLevel":"info"},"n":1.0}}
        C2> {"id":"a","method":"tools/call","params":{"_meta":{"progressToken":"p"}}}
        s2< {"id":2,"method":"tools/call","params":{"_meta":{"progressToken":2}}}
        S> {"method":"notifications/progress","params":{"progressToken":2,"progress":1.0}}
        c2< {"method":"notifications/progress","params":{"progressToken":"p","progress":1.0}}
        S> {"method":"notifications/progress","params":{"progressToken":"p","progress":1}}
        S> {"method":"notifications/message","params":{"level":"info","data":1}}
        c1< {"method":"notifications/message","params":{"level":"info","data":1}}
        S> {"id":2,"result":{"content":[], "n":1.0}}
        c2< {"id":"a","result":{"content":[], "n":1.0}}
        S> {"id":2,"result":{"content":["twice"]}}
        S2> {"id":1,"result":{"content":["of another exchange"]}}
        S> {"id":"a","result":{"content":["by a name of a client"]}}
        S> {"id":01,"result":{"content":["no JSON"]}}
        C3> {"method":"notifications/cancelled","params":{"requestId":"a"}}
        left 3
        left 1
        s1< {"method":"notifications/cancelled","params":{"requestId":1}}
        S> {"id":1,"result":{"content":["too late"]}}
        S> {"method":"notifications/message","params":{"level":"info","data":1}}
        C4> {"id":"b","method":"tools/list"}
        s4< {"id":3,"method":"tools/list"}
        gone
        c4< {"id":"b","error":{"code":4502,"message":"it stopped"}}
        "#,
    );
}

#[test]
fn a_subscription_goes_by_the_name_its_client_gave_it() {
    hold(
        SameEra::shared(),
        r#"
        C1> {"id":"l","method":"subscriptions/listen","params":{"notifications":{}}}
        s1< {"id":1,"method":"subscriptions/listen","params":{"notifications":{}}}
        C2> {"id":"l","method":"subscriptions/listen","params":{"notifications":{}}}
        s2< {"id":2,"method":"subscriptions/listen","params":{"notifications":{}}}
        C3> {"id":3,"method":"tools/list"}
        s3< {"id":3,"method":"tools/list"}
        S> {"method":"notifications/tools/list_changed","params":{"_meta":{SUBSCRIPTION:2}}}
        c2< {"method":"notifications/tools/list_changed","params":{"_meta":{SUBSCRIPTION:"l"}}}
        S> {"method":"notifications/tools/list_changed","params":{"_meta":{SUBSCRIPTION:3}}}
        S> {"method":"notifications/tools/list_changed","params":{"_meta":{SUBSCRIPTION:"l"}}}
        S> {"method":"notifications/tools/list_changed"}
        S> {"method":"notifications/cancelled","params":{"requestId":3}}
        S> {"id":1,"result":{"resultType":"complete","_meta":{SUBSCRIPTION:1}}}
        c1< {"id":"l","result":{"resultType":"complete","_meta":{SUBSCRIPTION:"l"}}}
        S> {"method":"notifications/cancelled","params":{"requestId":2}}
        c2< {"id":"l","result":{"resultType":"complete","_meta":{SUBSCRIPTION:"l"}}}
        S> {"method":"notifications/tools/list_changed","params":{"_meta":{SUBSCRIPTION:2}}}
        S> {"id":7,"method":"roots/list"}
        s< {"id":7,"error":{"code":-32601,"message":"this client answers no requests (MCP 2026-07-28)"}}
        "#,
    );
}

#[test]
fn there_is_a_limit_to_what_waits() {
    for mut translator in [SameEra::private(), SameEra::shared()] {
        let now = Instant::now();
        let mut ask = |id: usize| {
            let line = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/list"}}"#);
            translator.client(Exchange(id as u64), &line, now)
        };
        assert!((0..IN_FLIGHT).all(|id| matches!(ask(id)[..], [Out::Server { .. }])));
        assert!(matches!(&ask(IN_FLIGHT)[..], [Out::Client { line, .. }] if line.contains("4429")));
    }
}

#[test]
fn what_is_too_long_to_remember_is_refused() {
    let long = "x".repeat(2000);
    for mut translator in [SameEra::private(), SameEra::shared()] {
        for line in [
            format!(r#"{{"id":"{long}","method":"tools/list"}}"#),
            format!(r#"{{"id":1,"method":"tools/list","params":{{"_meta":{{"progressToken":"{long}"}}}}}}"#),
        ] {
            let out = translator.client(Exchange(1), &line, Instant::now());
            assert!(matches!(&out[..], [Out::Client { line, .. }] if line.contains("too long")), "{out:?}");
        }
    }
}
