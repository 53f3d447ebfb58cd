//! Clients that lose their connection and come back.

use serde_json::json;

use crate::client::Session;
use crate::http::Answer;
use crate::stand::Stand;

/// The next messages of a stream, each by the id of its event and the URI it is about.
fn updates(stream: &mut Answer, count: usize) -> Vec<(String, String)> {
    let mut update = || {
        let (id, message) = stream.message().unwrap().expect("the stream goes on");
        (id, message["params"]["uri"].as_str().unwrap().to_owned())
    };
    (0..count).map(|_| update()).collect()
}

fn uris(updates: &[(String, String)]) -> Vec<&str> {
    updates.iter().map(|(_, uri)| uri.as_str()).collect()
}

pub(crate) fn cut_off() {
    let stand = Stand::new(|stand| json!({"servers": {"one": stand.process("one")}}));
    let session = Session::begin(stand.at(), "/mcp");
    let mut stream = session.listen(None);
    session.ask("update", &json!([5]));
    let seen = updates(&mut stream, 3);
    assert_eq!(uris(&seen), ["test://0", "test://1", "test://2"]);
    drop(stream);
    session.ask("update", &json!([2]));
    let mut again = session.listen(Some(&seen[2].0));
    session.ask("update", &json!([1]));
    let rest = updates(&mut again, 5);
    assert_eq!(uris(&rest), ["test://3", "test://4", "test://0", "test://1", "test://0"]);
    let mut once_more = session.listen(Some(&rest[4].0));
    session.ask("update", &json!([1]));
    assert_eq!(uris(&updates(&mut once_more, 1)), ["test://0"]);
    assert_eq!(again.message().unwrap(), None, "the older connection ends");
    drop(once_more);
    session.end();
    stand.end();
}

pub(crate) fn call_cut_off() {
    let stand = Stand::new(|stand| json!({"servers": {"one": stand.process("one")}}));
    let session = Session::begin(stand.at(), "/mcp");
    let params = json!({"name": "hold", "arguments": {}, "_meta": {"progressToken": "p"}});
    let mut stream = session.post("tools/call", &params).unwrap();
    let (last, progress) = stream.message().unwrap().unwrap();
    assert_eq!(progress["params"]["progressToken"], "p");
    drop(stream);
    session.ask("release", &json!({}));
    let mut again = session.listen(Some(&last));
    let (last, answer) = again.message().unwrap().unwrap();
    assert_eq!(answer["result"], "held");
    assert_eq!(again.message().unwrap(), None, "with the answer the stream is over");
    assert_eq!(session.listen(Some(&last)).status, 204, "there is nothing to come back for");
    session.end();
    stand.end();
}

/// Neither when the session ends nor by what a client is told that comes back.
pub(crate) fn cancelled() {
    let stand = Stand::new(|stand| json!({"servers": {"one": stand.process("one")}}));
    let session = std::sync::Arc::new(Session::begin(stand.at(), "/mcp"));
    let waiting = std::sync::Arc::clone(&session);
    let waiting = std::thread::spawn(move || waiting.post("hold", &json!({})).unwrap());
    stand.until_heard("one", "\"hold\"");
    session.cancel(1);
    session.end();
    let answer = waiting.join().unwrap();
    assert_eq!((answer.status, answer.text().unwrap().as_str()), (202, ""));
    stand.end();
}
