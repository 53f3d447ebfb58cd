//! The gateway itself ends.

use rustix::process::Signal;
use serde_json::json;

use crate::client::{OneStream, Session, call_modern, meanwhile, said};
use crate::stand::Stand;

pub(crate) fn drains() {
    let stand = Stand::new(|stand| json!({"servers": {"one": stand.process("one")}}));
    let session = std::sync::Arc::new(Session::begin(stand.at(), "/mcp"));
    let stream = session.listen(None);
    let waiting = std::sync::Arc::clone(&session);
    let waiting = meanwhile(move || waiting.ask("sleep", &json!([1000])));
    stand.until_heard("one", "\"sleep\"");
    stand.gateway().signal(Signal::TERM);
    let mut stream = stream;
    assert_eq!(stream.message().unwrap(), None, "streams end at once");
    let answer = waiting.join().unwrap();
    assert_eq!(answer["result"], "slept", "{answer}");
    let mut stand = stand;
    assert!(stand.gateway_mut().wait().success());
    stand.assert_alone();
}

pub(crate) fn killed() {
    let mut stand =
        Stand::new(|stand| json!({"servers": {"one": stand.process("one"), "two": stand.process("two")}}));
    let at = stand.at().to_owned();
    let sessions: Vec<_> = (0..3).map(|_| Session::begin(&at, "/mcp/one")).collect();
    let mut old = OneStream::begin(&at, "/sse/one");
    assert_eq!(said(&old.call("a")), "a");
    assert_eq!(said(&call_modern(&at, "/mcp/two", "a")), "a");
    // One that would rather stay, with a child that ignores SIGTERM.
    sessions[0].ask("be-stubborn", &json!([]));
    stand.gateway().signal(Signal::KILL);
    stand.gateway_mut().wait();
    stand.assert_alone();
}
