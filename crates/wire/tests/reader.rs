//! What the strict reader takes, what it refuses, and what it writes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test fails by panicking.

use bytes::Bytes;
use mcp_guard_wire::{
    BigIntegers, Content, Edits, Fault, Frame, Id, Kind, Limits, Outgoing, Parsed, Permit, Reader, WireError,
};
use proptest::prelude::*;
use serde_json::{Value, json};

fn read(line: impl Into<Bytes>) -> Result<Frame<Parsed>, WireError> {
    match Reader::new(Limits::default()).read(&line.into(), false)? {
        Content::Single(frame) => Ok(frame),
        Content::Batch(_) => unreachable!("batches are off"),
    }
}

#[allow(clippy::disallowed_methods)] // This test stands in for the decision core.
fn written(frame: Frame<Parsed>) -> String {
    let mut out = Vec::new();
    frame.decided(Permit::danger_for_the_decision_core(), Edits::default()).write_to(&mut out);
    String::from_utf8(out).unwrap()
}

fn refused(line: &str) -> WireError {
    read(line.to_owned()).expect_err(line)
}

#[test]
fn every_kind_of_message_is_written_anew_with_all_it_held() {
    for line in [
        r#"{"jsonrpc":"2.0","id":0,"method":"ping"}"#,
        r#"{"jsonrpc":"2.0","id":-3,"method":"x/y","params":{"_meta":{"a/b":[1,null]},"n":1.50e3}}"#,
        r#"{"jsonrpc":"2.0","id":"","method":"m","params":[]}"#,
        r#"{"jsonrpc":"2.0","method":"notifications/x","params":null}"#,
        r#"{"jsonrpc":"2.0","id":"é\u0041","result":{"resultType":"new","x":"\ud83d\ude00"},"vendor":{"k":[{}]}}"#,
        r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"?","data":1}}"#,
        r#"{"jsonrpc":"2.0","id":9007199254740991,"result":7}"#,
    ] {
        assert_eq!(written(read(line).unwrap()), line);
    }
    let shuffled =
        " { \"params\" : { \"a\" :\t1 } , \"id\" : 1 , \"method\" : \"m\" , \"jsonrpc\" : \"2.0\" } ";
    assert_eq!(
        written(read(shuffled).unwrap()),
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\",\"params\":{ \"a\" :\t1 }}"
    );
}

#[test]
fn kinds_ids_and_methods_are_told_apart() {
    let frame = read(r#"{"jsonrpc":"2.0","id":"\u0061","method":"tools\/call"}"#).unwrap();
    assert_eq!(
        (frame.kind(), frame.id(), frame.method().as_deref()),
        (Kind::Request, Some(Id::Text("a".into())), Some("tools/call"))
    );
    assert_eq!(read(r#"{"jsonrpc":"2.0","method":"m"}"#).unwrap().kind(), Kind::Notification);
    assert_eq!(read(r#"{"jsonrpc":"2.0","id":1,"result":null}"#).unwrap().kind(), Kind::Response);
    assert_eq!(
        read(r#"{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":""}}"#).unwrap().kind(),
        Kind::Failure
    );
}

#[test]
fn json_two_parsers_could_read_differently_is_refused_with_its_place() {
    let params = |value: &str| format!(r#"{{"jsonrpc":"2.0","id":1,"method":"m","params":{value}}}"#);
    let big_object = |last: &str| {
        let members: Vec<_> = (0..40).map(|n| format!(r#""k{n}":{n}"#)).collect();
        format!("{{{},\"{last}\":0}}", members.join(","))
    };
    for (value, fault, pointer) in [
        (r#"{"a":1,"a":2}"#, Fault::DuplicateKey, "/params/a"),
        (r#"{"x":[{"a":1,"\u0061":2}]}"#, Fault::DuplicateKey, "/params/x/0/a"),
        (&big_object("k17"), Fault::DuplicateKey, "/params/k17"),
        (r#"{"a":"\ud800"}"#, Fault::Surrogate, "/params/a"),
        (r#"{"a":"\ud800\u0041"}"#, Fault::Surrogate, "/params/a"),
        (r#"{"a":"\udc00\ud800"}"#, Fault::Surrogate, "/params/a"),
        (r#"{"a\u0000":1}"#, Fault::Control, "/params/a\0"),
        ("{\"a\":\"x\0\"}", Fault::Control, "/params/a"),
        ("{\"a\":\"x\ty\"}", Fault::Control, "/params/a"),
        ("{\"a\":\r1}", Fault::CarriageReturn, "/params/a"),
        (r#"{"a":[0,1e999]}"#, Fault::Number, "/params/a/1"),
        (r#"{"a":9007199254740993}"#, Fault::BigInteger, "/params/a"),
        (r#"{"a":01}"#, Fault::Syntax("a number"), "/params/a"),
        (r#"{"a":NaN}"#, Fault::Syntax("a value"), "/params/a"),
        (r#"{"a":1,}"#, Fault::Syntax("a member name in quotes"), "/params/a"),
        (r#"{"a" 1}"#, Fault::Syntax("':'"), "/params/a"),
        (r#"[1 2]"#, Fault::Syntax("',' or ']'"), "/params/0"),
        (r#"{'a':1}"#, Fault::Syntax("a member name in quotes"), "/params"),
        (r#"{"a":"\x"}"#, Fault::Syntax("an escape"), "/params/a"),
    ] {
        let error = refused(&params(value));
        assert_eq!((&error.fault, error.pointer.as_str()), (&fault, pointer), "{value}");
    }
    read(params(&big_object("k40"))).unwrap();
}

#[test]
fn lines_that_are_no_single_json_rpc_message_are_refused() {
    for (line, fault) in [
        ("", Fault::Syntax("a value")),
        ("{\"jsonrpc\":\"2.0\",\"method\":\"m\"} x", Fault::Trailing),
        ("{\"jsonrpc\":\"2.0\",\"method\":\"m\"}{}", Fault::Trailing),
        ("\u{feff}{}", Fault::ByteOrderMark),
        (r#"[{"jsonrpc":"2.0","method":"m"}]"#, Fault::Batch),
        (r#"{"jsonrpc":"2.0","Method":"m"}"#, Fault::CaseVariant("method")),
        (r#"{"jsonrpc":"2.0","method":"m","param\u017f":{}}"#, Fault::CaseVariant("params")),
    ] {
        assert_eq!(refused(line).fault, fault, "{line}");
    }
    for line in [
        "7",
        "{}",
        r#"{"id":1,"method":"m"}"#,
        r#"{"jsonrpc":2.0,"id":1,"method":"m"}"#,
        r#"{"jsonrpc":"2.0","id":null,"method":"m"}"#,
        r#"{"jsonrpc":"2.0","id":{},"method":"m"}"#,
        r#"{"jsonrpc":"2.0","id":[1],"method":"m"}"#,
        r#"{"jsonrpc":"2.0","id":1.0,"method":"m"}"#,
        r#"{"jsonrpc":"2.0","id":9007199254740992,"method":"m"}"#,
        r#"{"jsonrpc":"2.0","id":true,"method":"m"}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":7}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"m","params":"text"}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"m","result":{}}"#,
        r#"{"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":""}}"#,
        r#"{"jsonrpc":"2.0","id":1,"result":{},"params":{}}"#,
        r#"{"jsonrpc":"2.0","result":{}}"#,
        r#"{"jsonrpc":"2.0","id":1,"error":"text"}"#,
        r#"{"jsonrpc":"2.0","id":1}"#,
    ] {
        assert!(matches!(refused(line).fault, Fault::Envelope(_)), "{line}");
    }
    let error = read(Bytes::from_static(b"{\"a\":\"\xff\"}")).unwrap_err();
    assert_eq!((error.fault, error.offset), (Fault::Utf8, 6));
}

#[test]
fn depth_and_size_are_bounded_and_configurable() {
    let nested = |depth: usize| {
        format!(
            r#"{{"jsonrpc":"2.0","method":"m","params":{}{}}}"#,
            "[".repeat(depth - 1),
            "]".repeat(depth - 1)
        )
    };
    read(nested(128)).unwrap();
    assert_eq!(refused(&nested(129)).fault, Fault::Depth(128));
    assert_eq!(refused(&nested(1_000_000)).fault, Fault::Depth(128));

    let limits = Limits { max_bytes: 40, max_depth: 2, big_integers: BigIntegers::Allow };
    let mut reader = Reader::new(limits);
    let mut read =
        |line: &str| reader.read(&Bytes::from(line.to_owned()), false).map(|_| ()).map_err(|e| e.fault);
    assert_eq!(read(r#"{"jsonrpc":"2.0","id":1,"result":[]}"#), Ok(()));
    assert_eq!(read(r#"{"jsonrpc":"2.0","id":1,"result":[[]]}"#), Err(Fault::Depth(2)));
    assert_eq!(read(r#"{"jsonrpc":"2.0","id":1,"result":123456789}"#), Err(Fault::Size(40)));
}

#[test]
fn elements_of_a_batch_stand_for_themselves() {
    let line = r#"[{"jsonrpc":"2.0","id":1,"method":"a"}, 7, {"jsonrpc":"2.0","id":{},"method":"b"}, {}, {"jsonrpc":"2.0","method":"c"}]"#;
    let Content::Batch(frames) = Reader::default().read(&Bytes::from(line), true).unwrap() else {
        panic!("no batch")
    };
    let methods: Vec<_> =
        frames.iter().map(|f| f.as_ref().ok().and_then(|f| f.method().map(String::from))).collect();
    assert_eq!(methods, [Some("a".into()), None, None, None, Some("c".into())]);
    assert!(Reader::default().read(&Bytes::from("[]"), true).is_err());
    assert_eq!(
        Reader::default()
            .read(&Bytes::from(format!("[{}{{}}]", "{},".repeat(1024))), true)
            .unwrap_err()
            .code(),
        -32600
    );
}

#[test]
fn no_line_reader_sees_a_second_frame_in_what_is_written() {
    let line = "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"a\u{2028}{}\u{2029}b\u{85}c é\"}";
    let out = written(read(line).unwrap());
    assert_eq!(out, r#"{"jsonrpc":"2.0","id":1,"result":"a\u2028{}\u2029b\u0085c é"}"#);
}

#[test]
fn an_error_may_come_without_an_id() {
    let frame = read(r#"{"jsonrpc":"2.0","error":{"code":-32020,"message":"?"}}"#).unwrap();
    assert_eq!((frame.kind(), frame.id()), (Kind::Failure, None));
    assert_eq!(written(frame), r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32020,"message":"?"}}"#);
}

fn read_body(body: impl Into<Bytes>) -> Result<Frame<Parsed>, WireError> {
    match Reader::default().read_body(&body.into(), false)? {
        Content::Single(frame) => Ok(frame),
        Content::Batch(_) => unreachable!("batches are off"),
    }
}

#[test]
fn line_breaks_of_a_body_are_blanks_between_tokens_and_nothing_else() {
    let body = "\r\n{\"jsonrpc\":\"2.0\",\n\"method\":\"m\",\r\"params\":{\"a\"\r\n:[1,\n2]}}\r\n\n";
    let frame = read_body(body).unwrap();
    let (params, at) = frame.body().unwrap();
    assert_eq!(params, "{\"a\"  :[1, 2]}");
    assert_eq!(body.get(at..at + 4), Some("{\"a\""));
    assert_eq!(written(frame), "{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"params\":{\"a\"  :[1, 2]}}");
    for (body, fault, offset, pointer) in [
        ("{\n\"a\":\"x\ny\"}", Fault::Control, 8, "/a"),
        ("{\n\"a\":\"x\\\ny\"}", Fault::Syntax("an escape"), 8, "/a"),
        ("{\n\"a\":[0,\r\n1 2]}", Fault::Syntax("',' or ']'"), 13, "/a/1"),
        ("{\n\"a\":tr\nue}", Fault::Syntax("a value"), 6, "/a"),
        ("{}\n{}", Fault::Trailing, 3, ""),
        ("{}\u{c}", Fault::Trailing, 2, ""),
        (" \n", Fault::Syntax("a value"), 0, ""),
    ] {
        let error = read_body(body).expect_err(body);
        assert_eq!(
            (&error.fault, error.offset, error.pointer.as_str()),
            (&fault, offset, pointer),
            "{body:?}"
        );
    }
    let batch = "[\n{\"jsonrpc\":\"2.0\",\n\"method\":\"a\"}\n,{\"jsonrpc\":\"2.0\",\"method\":\"b\"}\n]";
    let Ok(Content::Batch(frames)) = Reader::default().read_body(&Bytes::from(batch), true) else {
        panic!("no batch")
    };
    assert!(frames.iter().all(Result::is_ok));
}

fn any_json() -> impl Strategy<Value = Value> {
    let number = prop_oneof![
        any::<i32>().prop_map(Value::from),
        any::<f64>().prop_filter_map("finite", |n| {
            // An integral double beyond 2^53 is printed as an integer of that size or with an exponent: both are exact.
            serde_json::Number::from_f64(n).map(Value::Number)
        })
    ];
    let text = any::<String>().prop_map(|text| Value::from(text.replace('\0', "")));
    let leaf = prop_oneof![Just(Value::Null), any::<bool>().prop_map(Value::from), number, text];
    leaf.prop_recursive(5, 60, 8, |inner| {
        let key = any::<String>().prop_map(|key| key.replace('\0', ""));
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::btree_map(key, inner, 0..8)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_read_is_written_with_the_same_meaning(params in prop::collection::vec(any_json(), 0..4), id in any::<i32>()) {
        let message = json!({"jsonrpc": "2.0", "id": id, "method": "m", "params": params, "x-extra": params});
        let line = message.to_string();
        let out = written(read(line.clone()).unwrap());
        let unbroken = !out.contains(['\n', '\r', '\u{2028}', '\u{2029}', '\u{85}']);
        prop_assert!(unbroken);
        let meaning = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        prop_assert_eq!(meaning(&out), meaning(&line));
    }

    #[test]
    fn a_body_in_any_layout_goes_out_as_one_line(
        params in prop::collection::vec(any_json(), 0..4),
        ending in prop::sample::select(vec!["\n", "\r\n", "\r"]),
    ) {
        let message = json!({"jsonrpc": "2.0", "id": 1, "method": "m", "params": params, "x\ny": params});
        // In strings, line breaks are escaped: all that are here stand between tokens.
        let body = serde_json::to_string_pretty(&message).unwrap().replace('\n', ending);
        let out = written(read_body(body.clone()).unwrap());
        let unbroken = !out.contains(['\n', '\r', '\u{2028}', '\u{2029}', '\u{85}']);
        prop_assert!(unbroken);
        let meaning = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        prop_assert_eq!(meaning(&out), meaning(&body));
        prop_assert!(read(body).is_err());
    }

    #[test]
    fn whatever_is_accepted_is_json_to_others_too(line in r#"\{"jsonrpc":"2.0","id":1,"result":[\[\]{}",:\\a-f0-9.eE+ \-]{0,24}\}"#) {
        if let Ok(frame) = read(line.clone()) {
            prop_assert!(serde_json::from_str::<Value>(&line).is_ok());
            prop_assert!(serde_json::from_str::<Value>(&written(frame)).is_ok());
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut reader = Reader::default();
        let line = Bytes::from(bytes);
        let _ = reader.read(&line, true);
        let _ = mcp_guard_wire::Salvage::line(&line);
    }
}
