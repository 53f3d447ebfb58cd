//! API keys: what they open, and that they go no further.

use serde_json::json;

use crate::{
    guard::{ADA, Gateway, before, with_keys},
    mcp::{OneStream, Session, call, call_modern, initialize},
    upstream::Upstream,
    web::Ask,
};

pub(crate) fn guessing() {
    let upstream = Upstream::legacy(|_, _| false);
    let gateway = Gateway::start(&with_keys(before(&upstream.as_server("streamable-http", "legacy"))));
    let ask = Ask::post("/mcp", &initialize("2025-11-25"));
    assert_eq!(gateway.ask(&ask).status, 401);
    assert_eq!(gateway.ask(&ask).header("www-authenticate"), Some(r#"Bearer realm="mcp-guard""#));
    for query in [format!("?key={ADA}"), format!("?api_key={ADA}&X-API-Key={ADA}&access_token={ADA}")] {
        let ask = Ask::post(&format!("/mcp{query}"), &initialize("2025-11-25"));
        assert_eq!(gateway.ask(&ask).status, 401, "a key in a URL ends in logs");
    }
    for (name, value) in [("Cookie", ADA.to_owned()), ("Proxy-Authorization", format!("Bearer {ADA}"))] {
        assert_eq!(gateway.ask(&ask.clone().header(name, &value)).status, 401, "{name}");
    }
    let right = ask.clone().header("X-API-Key", ADA);
    assert_eq!(
        gateway.ask(&right.clone().header("X-API-Key", ADA)).status,
        401,
        "one of the two could be another's"
    );
    assert_eq!(gateway.ask(&right).status, 200);
    let guess = |n: u32| gateway.ask(&ask.clone().header("X-API-Key", &format!("ada-{n:016}"))).status;
    let statuses: Vec<_> = (0..40).map(guess).collect();
    assert_eq!(statuses[0], 401);
    assert_eq!(statuses[39], 429);
    assert_eq!(gateway.ask(&right).status, 429, "who guesses does not learn which guess was right");
    assert!(!gateway.said().contains(ADA));
}

/// What a client shows to the gateway, and what its browser keeps, is not the server's; what the server keeps for itself is
/// not the client's.
pub(crate) fn go_no_further() {
    let with_secrets = |seen: &crate::upstream::Seen| {
        let head =
            "set-cookie: c=of-the-server\r\nmcp-session-id: of-the-server\r\nx-secret: of-the-server\r\n";
        (head, seen.text("done").to_string())
    };
    let legacy = Upstream::legacy(move |seen, out| {
        let (head, body) = with_secrets(seen);
        let calls = seen.is("tools/call");
        if calls {
            out.whole(200, head, "application/json", &body);
        }
        calls
    });
    let modern = Upstream::modern(move |seen, out| {
        let (head, body) = with_secrets(seen);
        out.whole(200, head, "application/json", &body);
        true
    });
    let old = Upstream::legacy(|_, _| false);
    let mut config = with_keys(before(&legacy.as_server("streamable-http", "legacy")));
    config["servers"] = json!({
        "default": legacy.as_server("streamable-http", "legacy"),
        "modern": modern.as_server("streamable-http", "modern"),
        "old": old.as_server("streamable-http", "legacy"),
    });
    for server in ["default", "modern", "old"] {
        config["servers"][server]["headers"] = json!({"X-Tenant": "blue"});
    }
    let gateway = Gateway::start(&config);
    let secrets = |ask: Ask| {
        let ask = ask
            .instead("Authorization", &format!("Bearer {ADA}"))
            .header("Proxy-Authorization", "Basic c2VjcmV0");
        let ask =
            ask.header("Cookie", "c=secret").header("X-Tenant", "red").header("Forwarded", "for=secret");
        ask.header("X-Forwarded-For", "secret")
            .header("Mcp-Param-Area", "eu")
            .header("traceparent", "00-1-2-03")
    };
    let session = Session::of(&gateway, "2025-11-25", Some(ADA));
    let asks = [
        secrets(session.sign(Ask::post("/mcp", &call(1, "t")))),
        secrets(call_modern(2, "t")).path("/mcp/modern").header("Mcp-Session-Id", "secret"),
        secrets(call_modern(3, "t")).path("/mcp/old").header("Last-Event-ID", "secret"),
        secrets(Ask::post("/rpc/modern", &call(4, "t"))),
    ];
    for ask in asks {
        let mut reply = gateway.ask(&ask);
        assert!(reply.answer()["result"].is_object());
        assert!(!format!("{:?}", reply.headers()).contains("of-the-server"), "{:?}", reply.headers());
    }
    drop(OneStream::begin(&gateway, Some(ADA)));
    for seen in [legacy.seen(), modern.seen(), old.seen()].concat() {
        let told = format!("{:?} {}", seen.headers, seen.path);
        assert!(!told.contains("secret") && !told.contains(ADA) && !told.contains(&session.key), "{told}");
        assert_eq!(seen.header("x-tenant"), Some("blue"), "what the configuration says");
        for name in ["authorization", "proxy-authorization", "x-api-key", "cookie", "last-event-id"] {
            assert_eq!(seen.header(name), None);
        }
    }
    let call = modern.wait(|seen| seen.message["id"] == 2);
    assert_eq!(call.header("mcp-param-area"), None, "the server has not asked for it");
    assert_eq!(call.header("traceparent"), Some("00-1-2-03"), "what is the server's to read is passed on");
}
