//! The configuration changes under open sessions.

use serde_json::json;

use crate::client::{OneStream, Session, call_modern, call_plainly, code, said};
use crate::stand::{Stand, until};

const DENIED: i64 = 4403;

pub(crate) fn edited() {
    let stand =
        Stand::new(|stand| json!({"servers": {"one": stand.process("one"), "two": stand.process("two")}}));
    let at = stand.at();
    let session = Session::begin(at, "/mcp/one");
    let mut old = OneStream::begin(at, "/sse/one");
    let other = Session::begin(at, "/mcp/two");
    assert_eq!(said(&old.call("a")), "a");
    stand.reconfigure(|config| {
        config["servers"]["one"]["policy"] = json!({"permissions": {"denied_tools": ["a"]}});
    });
    until("the rules are in force", || code(&session.call("a")).is_some());
    for answer in [
        session.call("a"),
        old.call("a"),
        call_modern(at, "/mcp/one", "a"),
        call_plainly(at, "/rpc/one", "a"),
    ] {
        assert_eq!(code(&answer), Some(DENIED), "{answer}");
    }
    assert_eq!(said(&session.call("b")), "b");
    assert_eq!(said(&other.call("a")), "a", "a rule of another server");
    stand.end();
}

pub(crate) fn taken_out() {
    let stand =
        Stand::new(|stand| json!({"servers": {"one": stand.process("one"), "two": stand.process("two")}}));
    let session = Session::begin(stand.at(), "/mcp/two");
    assert_eq!(said(&session.call("a")), "a");
    stand.reconfigure(|config| {
        config["servers"].as_object_mut().unwrap().remove("two");
    });
    until("the server is gone", || session.post("tools/call", &json!({"name": "a"})).unwrap().status == 404);
    assert_eq!(said(&Session::begin(stand.at(), "/mcp/one").call("a")), "a");
    stand.end();
}
