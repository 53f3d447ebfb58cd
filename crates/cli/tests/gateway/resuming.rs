//! Streams that are resumed: by whom, from where, and what is said again.

use serde_json::json;

use crate::{
    guard::{ADA, BOB, Gateway, before, with_keys},
    mcp::{Session, call, notification},
    upstream::Upstream,
    web::Ask,
};

/// A key that the detectors know.
pub(crate) const SECRET: &str = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";

/// An upstream whose calls end in a stream: first a message with a secret in it, then the answer, with another.
fn leaky() -> Upstream {
    Upstream::legacy(|seen, out| {
        if !seen.is("tools/call") {
            return false;
        }
        out.events();
        let log = json!({"level": "info", "data": format!("the key is {SECRET}")});
        out.event(&notification("notifications/message", log));
        out.event(&seen.text(&format!("it is {SECRET}")));
        out.end();
        true
    })
}

/// What was kept back is kept back when it is said again.
pub(crate) fn what_is_said_again() {
    let upstream = leaky();
    let mut config = before(&upstream.as_server("streamable-http", "legacy"));
    config["pii"] = json!({"actions": {"github_token": {"response": "redact"}}});
    let gateway = Gateway::start(&config);
    let session = Session::begin(&gateway, "2025-11-25");
    let mut first = session.post(&call(1, "t"));
    let primed = first.event().unwrap();
    assert!(!primed.id.is_empty() && primed.data.is_empty(), "{primed:?}");
    let live: Vec<_> = std::iter::from_fn(|| first.event()).collect();
    assert_eq!(live.len(), 2);
    let mut again = session.resume(&primed.id).with_status(200);
    let replayed: Vec<_> = std::iter::from_fn(|| again.event()).collect();
    assert_eq!(replayed, live);
    assert!(!format!("{replayed:?}").contains(SECRET), "{replayed:?}");
    assert!(format!("{replayed:?}").contains("it is "), "{replayed:?}");
    let mut rest = session.resume(&live[0].id).with_status(200);
    assert_eq!(std::iter::from_fn(|| rest.event()).collect::<Vec<_>>(), live[1..]);
}

/// Ids of other sessions and of nobody open nothing.
pub(crate) fn with_ids_of_others() {
    let upstream = leaky();
    let gateway = Gateway::start(&with_keys(before(&upstream.as_server("streamable-http", "legacy"))));
    let ada = Session::of(&gateway, "2025-11-25", Some(ADA));
    let sibling = Session::of(&gateway, "2025-11-25", Some(ADA));
    let bob = Session::of(&gateway, "2025-11-25", Some(BOB));
    let id = ada.post(&call(1, "t")).event().unwrap().id;
    // So that they have a stream of that number, too.
    let own = bob.post(&call(1, "t")).event().unwrap().id;
    assert!(sibling.post(&call(1, "t")).event().is_some());
    assert_eq!(bob.resume(&id).status, 400);
    assert_eq!(sibling.resume(&id).status, 400);
    let [tag, stream, number] = own.split('-').collect::<Vec<_>>()[..] else { panic!("{own}") };
    let huge = u64::MAX;
    for made_up in [
        String::new(),
        format!("{tag}-{stream}-{huge}"),
        format!("{tag}-{huge}-0"),
        format!("{tag}-{stream}-99999999999999999999999999"),
        format!("{tag}-{stream}-7"),
        format!("{tag}-99-0"),
        format!("{tag}-{stream}"),
        format!("{tag}-{stream}-{number}-0"),
        format!("{tag}--{number}"),
        format!("-{stream}-{number}"),
        format!("{tag}-{stream}--1"),
        "*".to_owned(),
        "1".repeat(10_000),
    ] {
        assert_eq!(bob.resume(&made_up).status, 400, "{made_up:.60}");
    }
    let twice = Ask::get("/mcp").header("Last-Event-ID", &own).header("Last-Event-ID", &own);
    assert_eq!(bob.ask(twice).status, 400);
    assert_eq!(bob.resume(&own).status, 200);
}
