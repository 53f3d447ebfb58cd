//! What a client says beside its message, in headers, is looked at like the message.

use serde_json::json;

use crate::{
    guard::{Gateway, before},
    mcp::{Session, call, call_modern},
    resuming::SECRET,
    upstream::Upstream,
    web::Ask,
};

/// A trace goes on to the server, unless there is something in it that would not pass in a message.
pub(crate) fn headers_with_secrets() {
    let escaped: String = SECRET.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let (legacy, modern) = (Upstream::legacy(|_, _| false), Upstream::modern(|_, _| false));
    for (upstream, era) in [(&legacy, "legacy"), (&modern, "modern")] {
        let gateway = Gateway::start(&before(&upstream.as_server("streamable-http", era)));
        let session = (era == "legacy").then(|| Session::begin(&gateway, "2025-11-25"));
        let ask = |id, headers: [(&str, &str); 3]| {
            let ask = session.as_ref().map_or_else(
                || call_modern(id, "t"),
                |session| session.sign(Ask::post("/mcp", &call(id, "t"))),
            );
            let ask = headers.into_iter().fold(ask, |ask, (name, value)| ask.header(name, value));
            assert!(gateway.ask(&ask).answer()["result"].is_object());
            let seen = upstream.wait(|seen| seen.message["id"] == id);
            headers.map(|(name, _)| seen.header(name).map(str::to_owned))
        };
        let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let fine = [("traceparent", trace), ("tracestate", "vendor=opaque"), ("baggage", "user=ada%20l")];
        assert_eq!(ask(1, fine), fine.map(|(_, value)| Some(value.to_owned())), "{era}");
        assert!(!gateway.recorded("secret."));
        let with = |secret: &str| format!("k=v,token={secret}");
        let (plain, hidden) = (with(SECRET), with(&escaped));
        let told = ask(2, [("traceparent", trace), ("tracestate", &plain), ("baggage", &hidden)]);
        assert_eq!(told, [Some(trace.to_owned()), None, None], "{era}");
        assert!(gateway.recorded("in the header tracestate") && gateway.recorded("in the header baggage"));
        assert!(!gateway.recorded(SECRET));
    }
    assert!([legacy.seen(), modern.seen()].concat().iter().all(|seen| !format!("{seen:?}").contains(SECRET)));
}

/// Headers that say arguments are made of the arguments that were inspected.
pub(crate) fn arguments_nobody_has_inspected() {
    let upstream = Upstream::modern(|seen, out| {
        let lists = seen.is("tools/list");
        if lists {
            let area = json!({"type": "string", "x-mcp-header": "Area"});
            let schema = json!({"type": "object", "properties": {"area": area}});
            let tools = json!([{"name": "t", "inputSchema": schema}]);
            out.json(&seen.result(json!({"tools": tools, "resultType": "complete"})));
        }
        lists
    });
    let gateway = Gateway::start(&before(&upstream.as_server("streamable-http", "modern")));
    let ask = |id, argument: &str, header: &str| {
        let message =
            crate::mcp::modern(id, "tools/call", json!({"name": "t", "arguments": {"area": argument}}));
        let ask = crate::mcp::ask_modern(&message).header("Mcp-Param-Area", header);
        gateway.ask(&ask.header("Mcp-Param-Other", SECRET)).answer()
    };
    ask(1, "eu", SECRET);
    let unknown = upstream.wait(|seen| seen.message["id"] == 1);
    assert_eq!((unknown.header("mcp-param-area"), unknown.header("mcp-param-other")), (None, None));
    let list = crate::mcp::modern(2, "tools/list", json!({}));
    assert!(gateway.ask(&crate::mcp::ask_modern(&list)).answer()["result"].is_object());
    let message = crate::mcp::modern(3, "tools/call", json!({"name": "t", "arguments": {"area": "eu"}}));
    let asked = crate::mcp::ask_modern(&message).header("Mcp-Param-Area", "eu");
    assert!(gateway.ask(&asked).answer()["result"].is_object());
    let known = upstream.wait(|seen| seen.message["id"] == 3);
    assert_eq!(known.header("mcp-param-area"), Some("eu"));
}
