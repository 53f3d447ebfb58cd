//! What a modern request says of itself, and the errors the protocol prescribes.
#![allow(clippy::unwrap_used, clippy::panic)] // A test fails by panicking.

use bytes::Bytes;
use mcp_guard_wire::{
    Content, Frame, Id, Outgoing, Parsed, ProtocolError, Reader, Revision, code,
    meta::{
        CLIENT_CAPABILITIES, CLIENT_INFO, LOG_LEVEL, Meta, MetaError, PROGRESS_TOKEN, PROTOCOL_VERSION,
        is_modern_error, looks_modern,
    },
};
use serde_json::{Value, json};

fn request(meta: &Value) -> Frame<Parsed> {
    let line =
        json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"_meta": meta}}).to_string();
    let Ok(Content::Single(frame)) = Reader::default().read(&Bytes::from(line), false) else {
        panic!("no frame")
    };
    frame
}

#[test]
fn a_modern_request_says_what_it_is() {
    let frame = request(&json!({
        PROTOCOL_VERSION: "2026-07-28", CLIENT_CAPABILITIES: {"elicitation": {}}, CLIENT_INFO: {"name": "c"},
        LOG_LEVEL: "warning", PROGRESS_TOKEN: 7, "vendor/x": [],
    }));
    assert!(looks_modern(&frame));
    let meta = Meta::of(&frame).unwrap();
    assert_eq!(meta.revision(), Some(Revision::V2026_07_28));
    assert_eq!(meta.capabilities, r#"{"elicitation":{}}"#);
    assert_eq!(
        (meta.client_info, meta.log_level, meta.progress_token),
        (Some(r#"{"name":"c"}"#), Some("warning"), Some("7"))
    );

    let frame = request(&json!({PROTOCOL_VERSION: "2030-01-01", CLIENT_CAPABILITIES: {}}));
    let meta = Meta::of(&frame).unwrap();
    assert_eq!((&*meta.version, meta.revision(), meta.log_level), ("2030-01-01", None, None));
    assert!(!looks_modern(&request(&json!({PROGRESS_TOKEN: 1}))));
}

#[test]
fn what_is_missing_or_malformed_is_named() {
    let faulty = |meta: Value| Meta::of(&request(&meta)).unwrap_err();
    let whole = json!({PROTOCOL_VERSION: "2026-07-28", CLIENT_CAPABILITIES: {}});
    for (key, value) in [
        (PROTOCOL_VERSION, json!(20260728)),
        (CLIENT_CAPABILITIES, json!(["sampling"])),
        (CLIENT_INFO, json!("me")),
        (LOG_LEVEL, json!("loud")),
        (PROGRESS_TOKEN, json!({})),
    ] {
        let mut meta = whole.clone();
        meta[key] = value;
        assert_eq!(faulty(meta), MetaError { key, missing: false });
    }
    for key in [PROTOCOL_VERSION, CLIENT_CAPABILITIES] {
        let mut meta = whole.clone();
        meta.as_object_mut().unwrap().remove(key);
        let error = faulty(meta);
        assert_eq!((error, error.code()), (MetaError { key, missing: true }, -32602));
    }
    assert_eq!(
        faulty(json!([])).to_string(),
        r#"params._meta["io.modelcontextprotocol/protocolVersion"] is missing"#
    );
}

#[test]
fn errors_of_the_protocol_have_its_form() {
    let written = |error: ProtocolError| {
        let mut out = Vec::new();
        error.write_to(&mut out);
        assert!(matches!(Reader::default().read(&out.clone().into(), false), Ok(Content::Single(_))));
        assert!(!String::from_utf8_lossy(&out).contains(['\n', '\u{2028}']), "more than one line");
        serde_json::from_slice::<Value>(&out).unwrap()
    };
    assert_eq!(
        written(ProtocolError::unsupported_version(Some(Id::Number(4)), "1\n2\u{2028}", &Revision::MODERN)),
        json!({"jsonrpc": "2.0", "id": 4, "error": {
            "code": -32022, "message": "unsupported protocol version; supported: 2026-07-28",
            "data": {"supported": ["2026-07-28"], "requested": "1\n2\u{2028}"},
        }})
    );
    assert_eq!(
        written(ProtocolError::missing_capability(None, "needs sampling", json!({"sampling": {}}))),
        json!({"jsonrpc": "2.0", "error": {
            "code": -32021, "message": "needs sampling", "data": {"requiredCapabilities": {"sampling": {}}},
        }})
    );
    assert_eq!(
        written(ProtocolError::new(Some(Id::Text("x".into())), code::METHOD_NOT_FOUND, "no")),
        json!({"jsonrpc": "2.0", "id": "x", "error": {"code": -32601, "message": "no"}})
    );
}

#[test]
fn only_the_codes_of_modern_revisions_tell_a_modern_server() {
    for code in -32023..=-32019 {
        assert_eq!(
            is_modern_error(&json!({"code": code, "message": ""}).to_string()),
            (-32022..=-32020).contains(&code)
        );
    }
    for error in [r#"{"code":"-32020"}"#, r#"{"message":-32020}"#, "-32020", "[]", "", "{", "\"code"] {
        assert!(!is_modern_error(error), "{error}");
    }
}
