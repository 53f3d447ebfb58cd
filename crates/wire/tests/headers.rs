//! Headers say what the body says, or the request is refused.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // A test fails by panicking.

use bytes::Bytes;
use mcp_guard_wire::{
    Content, Frame, Parsed, Reader,
    headers::{
        HeaderFault, HeaderMismatch, ParamHeaders, Standard, check, decode, encode, is_event_id,
        is_session_id,
    },
};
use proptest::prelude::*;
use serde_json::{Value, json};

fn frame(message: &Value) -> Frame<Parsed> {
    let Ok(Content::Single(frame)) = Reader::default().read(&Bytes::from(message.to_string()), false) else {
        panic!("no frame: {message}")
    };
    frame
}

fn request(method: &str, params: Value) -> Frame<Parsed> {
    let mut params = params;
    params["_meta"] = json!({"io.modelcontextprotocol/protocolVersion": "2026-07-28"});
    frame(&json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}))
}

fn pairs(headers: &[(impl AsRef<str>, impl AsRef<[u8]>)]) -> impl Iterator<Item = (&str, &[u8])> + Clone {
    headers.iter().map(|(name, value)| (name.as_ref(), value.as_ref()))
}

const CALL: [(&str, &str); 4] = [
    ("content-type", "application/json"),
    ("mcp-protocol-version", "2026-07-28"),
    ("MCP-METHOD", " tools/call\t"),
    ("Mcp-Name", "get_weather"),
];

/// What is said of a call of `get_weather` whose header at `index` has another value.
fn changed(index: usize, value: &[u8]) -> Result<(), HeaderFault> {
    let mut headers = CALL.map(|(name, value)| (name, value.as_bytes()));
    headers[index].1 = value;
    check(pairs(&headers), &request("tools/call", json!({"name": "get_weather"})))
        .map_err(|error| error.fault)
}

#[test]
fn standard_headers_say_what_the_body_says() {
    let call = request("tools/call", json!({"name": "get_weather"}));
    assert_eq!(check(pairs(&CALL), &call), Ok(()));
    assert_eq!(changed(3, b"=?base64?Z2V0X3dlYXRoZXI=?="), Ok(()));
    for left_out in &CALL[1..] {
        let headers: Vec<_> = CALL.iter().filter(|header| *header != left_out).copied().collect();
        let error = check(pairs(&headers), &call).unwrap_err();
        assert_eq!(error.fault, HeaderFault::Missing);
        assert!(left_out.0.eq_ignore_ascii_case(&error.header));
    }
    for (index, value, fault) in [
        (1, &b"2025-11-25"[..], HeaderFault::Differs),
        (2, b"tools/list", HeaderFault::Differs),
        (2, b"TOOLS/CALL", HeaderFault::Differs),
        (2, b"=?base64?dG9vbHMvY2FsbA==?=", HeaderFault::Differs),
        (3, b"delete_all", HeaderFault::Differs),
        (3, b"get_weather, get_weather", HeaderFault::Differs),
        (3, b"", HeaderFault::Differs),
        (3, b"get_weather\0", HeaderFault::Characters),
        (3, "get_weäther".as_bytes(), HeaderFault::Characters),
        (3, b"=?base64?Z2V0X3dlYXRoZXI?=", HeaderFault::Base64),
        (3, b"=?base64?Z2V0X3dlYXRoZXJ=?=", HeaderFault::Base64),
        (3, b"=?base64?Z2V0 X3dlYXRoZXI=?=", HeaderFault::Base64),
        (3, b"=?base64?/w==?=", HeaderFault::Base64),
        (3, b"=?base64?=", HeaderFault::Base64),
    ] {
        assert_eq!(changed(index, value), Err(fault), "{:?}", String::from_utf8_lossy(value));
    }
    let twice = [&CALL[..], &[("mcp-name", "get_weather")]].concat();
    assert_eq!(
        check(pairs(&twice), &call).unwrap_err().to_string(),
        "header Mcp-Name comes more than once; expected the value of params.name"
    );
}

#[test]
fn what_a_header_is_compared_with_depends_on_the_method() {
    for (method, params, name) in [
        ("tools/call", json!({"name": "ü"}), Some("ü")),
        ("prompts/get", json!({"name": "p"}), Some("p")),
        ("resources/read", json!({"uri": "file:///a b", "name": "x"}), Some("file:///a b")),
        ("tasks/get", json!({"taskId": "t"}), Some("t")),
        ("tasks/update", json!({"taskId": "t"}), Some("t")),
        ("tasks/cancel", json!({"taskId": "t"}), Some("t")),
        ("tools/call", json!({"name": 7}), None),
        ("tools/list", json!({"name": "x"}), None),
    ] {
        let frame = request(method, params);
        let standard = Standard::of(&frame).unwrap();
        assert_eq!(
            (standard.version.as_deref(), &*standard.method, standard.name.as_deref()),
            (Some("2026-07-28"), method, name)
        );
        let sent: Vec<_> = standard.to_send().map(|(name, value)| (name, value.into_owned())).collect();
        assert_eq!(sent.len(), 2 + usize::from(name.is_some()));
        assert_eq!(check(pairs(&sent), &frame), Ok(()));
    }
    let unnamed = request("tools/call", json!({"name": 7}));
    assert_eq!(check(pairs(&CALL), &unnamed).unwrap_err().fault, HeaderFault::Unexpected);

    let legacy =
        frame(&json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "get_weather"}}));
    assert_eq!(check(pairs(&CALL), &legacy).unwrap_err().fault, HeaderFault::Unexpected);
    let notification = frame(&json!({"jsonrpc": "2.0", "method": "notifications/x"}));
    assert_eq!(check(pairs(&CALL[..1]), &notification), Ok(()));
    assert_eq!(check(pairs(&CALL[2..]), &notification).unwrap_err().fault, HeaderFault::Differs);
    let response = frame(&json!({"jsonrpc": "2.0", "id": 1, "result": {}}));
    assert_eq!((Standard::of(&response), check(pairs(&CALL), &response)), (None, Ok(())));
}

#[test]
fn values_are_encoded_as_the_specification_shows() {
    for (text, value) in [
        ("us-west1", "us-west1"),
        ("two words", "two words"),
        ("Hello, 世界", "=?base64?SGVsbG8sIOS4lueVjA==?="),
        (" padded ", "=?base64?IHBhZGRlZCA=?="),
        ("line1\nline2", "=?base64?bGluZTEKbGluZTI=?="),
        ("=?base64?literal?=", "=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?="),
        ("=?base64?=", "=?base64?PT9iYXNlNjQ/PQ==?="),
        ("=?BASE64?eA==?=", "=?BASE64?eA==?="),
        ("", "=?base64??="),
    ] {
        assert_eq!(encode(text), value);
        assert_eq!(decode(value).as_deref(), Some(text));
    }
}

/// A list of one tool `t` with that schema.
fn listed(schema: Value) -> ParamHeaders {
    let list = json!({"tools": [{"name": "plain"}, {"name": "t", "inputSchema": schema}]});
    ParamHeaders::from_tools_list(&list.to_string())
}

fn annotated() -> ParamHeaders {
    listed(json!({"type": "object", "properties": {
        "region": {"type": "string", "x-mcp-header": "Region"},
        "limits": {"type": "object", "properties": {"count": {"type": "integer", "x-mcp-header": "Count"}}},
        "dry": {"type": "boolean", "x-mcp-header": "Dry"},
        "x-mcp-header": {"type": "string", "default": {"x-mcp-header": "no annotation"}},
        "query": {"type": "string"},
    }}))
}

fn sent(arguments: &Value) -> Vec<(String, String)> {
    let headers = annotated();
    let raw = arguments.to_string();
    headers.expected("t", Some(&raw)).map(|(name, value)| (name.to_owned(), value)).collect()
}

#[test]
fn annotated_arguments_are_said_in_headers() {
    let headers = annotated();
    assert_eq!(headers.invalid(), []);
    let mut all = sent(
        &json!({"region": " ü", "limits": {"count": 42}, "dry": false, "query": "q", "x-mcp-header": "x"}),
    );
    all.sort();
    let expected =
        [("Mcp-Param-Count", "42"), ("Mcp-Param-Dry", "false"), ("Mcp-Param-Region", "=?base64?IMO8?=")];
    assert_eq!(all, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert_eq!(sent(&json!({"region": null, "limits": {}, "dry": []})), []);
    assert_eq!(headers.expected("t", None).count(), 0);
    assert_eq!(headers.expected("plain", Some(r#"{"region":"x"}"#)).count(), 0);
    let spelt = headers.expected("t", Some(r#"{"limits":{"count":42.00}}"#)).collect::<Vec<_>>();
    assert_eq!(spelt, [("Mcp-Param-Count", "42".to_owned())]);
}

#[test]
fn headers_of_arguments_are_checked_against_the_body() {
    let headers = annotated();
    let check = |arguments: &str, said: &[(&str, &str)]| {
        headers.check("t", Some(arguments), pairs(said)).map_err(|error| error.fault)
    };
    let region = r#"{"region":"eu"}"#;
    assert_eq!(check(region, &[("mcp-param-region", " eu "), ("Mcp-Param-Unknown", "x")]), Ok(()));
    assert_eq!(check(region, &[("mcp-param-region", "=?base64?ZXU=?=")]), Ok(()));
    for (said, fault) in [
        (&[][..], HeaderFault::Missing),
        (&[("Mcp-Param-Region", "EU")], HeaderFault::Differs),
        (&[("Mcp-Param-Region", "=?base64?ZXU?=")], HeaderFault::Base64),
        (&[("Mcp-Param-Region", "eu"), ("MCP-PARAM-REGION", "eu")], HeaderFault::Repeated),
        (&[("Mcp-Param-Region", "eu"), ("Mcp-Param-Dry", "true")], HeaderFault::Unexpected),
    ] {
        assert_eq!(check(region, said), Err(fault), "{said:?}");
    }
    for arguments in [r#"{"region":null}"#, "{}", r#"{"region":{}}"#] {
        assert_eq!(check(arguments, &[]), Ok(()));
        assert_eq!(check(arguments, &[("Mcp-Param-Region", "null")]), Err(HeaderFault::Unexpected));
    }
    for (body, said, same) in [
        ("42", "42.0", true),
        ("42.0", "42", true),
        ("-0", "0", true),
        ("42", "43", false),
        ("42", "+42", false),
        ("42", "042", false),
        ("42", "4.2e1", false),
        ("42", "0x2a", false),
        ("42", "42.", false),
        // One double for both.
        ("9007199254740991", "9007199254740991.4", false),
        ("9007199254740992", "9007199254740993", false),
        ("9007199254740993.0", "9007199254740993", false),
        ("1.5", "1.5", true),
        ("1.5", "1.50", false),
        ("\"42\"", "42.0", false),
        ("true", "true", true),
        ("true", "True", false),
    ] {
        let told = check(&format!(r#"{{"limits":{{"count":{body}}}}}"#), &[("Mcp-Param-Count", said)]);
        assert_eq!(told.is_ok(), same, "{body} as {said}");
    }
    let secret =
        headers.check("t", Some(r#"{"region":"hunter2"}"#), pairs(&[("Mcp-Param-Region", "hunter3")]));
    let expected = "params.arguments.region";
    assert_eq!(
        secret.unwrap_err().to_string(),
        format!("header Mcp-Param-Region differs from the body; expected the value of {expected}")
    );
}

#[test]
fn a_tool_whose_annotations_break_the_rules_is_named() {
    let text = || json!({"type": "string", "x-mcp-header": "X"});
    let property = |schema: Value| json!({"properties": {"p": schema}});
    let annotated = |name: Value| property(json!({"type": "string", "x-mcp-header": name}));
    let typed = |kind: Value| property(json!({"type": kind, "x-mcp-header": "X"}));
    for schema in [
        annotated(json!("")),
        annotated(json!("a b")),
        annotated(json!("a:b")),
        annotated(json!("a\r\nb")),
        annotated(json!("ü")),
        annotated(json!(7)),
        annotated(json!("x".repeat(129))),
        typed(json!("number")),
        typed(json!("object")),
        typed(json!("null")),
        typed(json!(["string", "null"])),
        property(json!({"x-mcp-header": "X"})),
        text(),
        json!({"properties": {"a": text(), "b": {"type": "string", "x-mcp-header": "x"}}}),
        property(json!({"items": text()})),
        property(json!({"oneOf": [text()]})),
        property(json!({"oneOf": [{"properties": {"q": text()}}]})),
        json!({"$defs": {"d": text()}}),
        json!({"$defs": {"properties": {"type": "string", "x-mcp-header": "X"}}}),
        json!({"patternProperties": {"^a": text()}}),
        json!({"additionalProperties": text()}),
        json!({"if": property(text())}),
        json!({"x-vendor": {"deep": [text()]}}),
        json!({"properties": {"p": text(), "q": {"description": "x".repeat(256 * 1024)}}}),
    ] {
        let headers = listed(schema.clone());
        let invalid = headers.invalid();
        assert_eq!((invalid.len(), invalid[0].index, &*invalid[0].name), (1, 1, "t"), "{schema}");
        assert_eq!(headers.expected("t", Some(r#"{"p":"x","a":"x"}"#)).count(), 0);
    }
    let escaped = r#"{"tools":[{"name":"t","inputSchema":{"\u0078-mcp-header":"X"}}]}"#;
    assert_eq!(ParamHeaders::from_tools_list(escaped).invalid().len(), 1);
    for fine in
        [json!({"default": text()}), json!({"properties": {"x-mcp-header": {"type": "number"}}}), json!(true)]
    {
        assert_eq!(listed(fine).invalid(), []);
    }
    let deep = format!("{}{}{}", r#"{"properties":{"p":"#.repeat(200), text(), "}}".repeat(200));
    let deep = format!(r#"{{"tools":[{{"name":"t","inputSchema":{deep}}}]}}"#);
    assert_eq!(ParamHeaders::from_tools_list(&deep).invalid().len(), 1);
}

#[test]
fn ids_are_bounded_and_hold_no_controls() {
    assert!(is_session_id(b"!session~") && is_session_id(&[b'x'; 4096]));
    for id in [&b""[..], b"a b", b"a\n", b"\x7f", "ü".as_bytes(), &[b'x'; 4097]] {
        assert!(!is_session_id(id));
    }
    assert!(is_event_id("ü 1_2".as_bytes()) && is_event_id(&[b'x'; 1024]));
    for id in [&b""[..], b"a\n", b"\0", b"\xff", "\u{85}".as_bytes(), &[b'x'; 1025]] {
        assert!(!is_event_id(id));
    }
}

proptest! {
    #[test]
    fn whatever_is_encoded_is_a_header_and_comes_back(text in any::<String>()) {
        let value = encode(&text);
        prop_assert!(value.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
        prop_assert_eq!(value.trim(), &*value);
        let decoded = decode(&value);
        prop_assert_eq!(decoded.as_deref(), Some(&*text));
    }

    #[test]
    fn what_is_sent_passes_the_check_and_nothing_else_does(
        name in any::<String>(), other in any::<String>(), region in any::<String>(), count in any::<i32>(),
    ) {
        let (name, other, region) = (name.replace('\0', ""), other.replace('\0', ""), region.replace('\0', ""));
        let frame = request("tools/call", json!({"name": name}));
        let standard = Standard::of(&frame).unwrap();
        let mut headers: Vec<_> = standard.to_send().map(|(name, value)| (name, value.into_owned())).collect();
        prop_assert_eq!(check(pairs(&headers), &frame), Ok(()));
        headers[2].1 = encode(&other).into_owned();
        let told: Result<(), HeaderMismatch> = check(pairs(&headers), &frame);
        prop_assert_eq!(told.is_ok(), name == other);

        let arguments = json!({"region": region, "limits": {"count": count}});
        let raw = arguments.to_string();
        prop_assert_eq!(annotated().check("t", Some(&raw), pairs(&sent(&arguments))), Ok(()));
    }

    #[test]
    fn no_text_breaks_the_readers(text in any::<String>(), json in r#"[\[\]{}",:\\a-z0-9]{0,60}"#) {
        for text in [&*text, &*json] {
            let headers = ParamHeaders::from_tools_list(text);
            let _ = headers.check(text, Some(text), pairs(&[(text, text)]));
            let _ = decode(text);
        }
    }
}
