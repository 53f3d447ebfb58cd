//! Servers reached by URL that fail while somebody waits: the call is answered with an error that says so, and the next
//! one is served.

use rustix::process::Signal;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::client::{Session, code, said};
use crate::stand::{Stand, until};
use crate::upstream::Upstream;

const GONE: i64 = 4502;
const TIMED_OUT: i64 = 4504;

/// A server, the gateway before it and a client's session.
struct Scene {
    folder: TempDir,
    upstream: Upstream,
    stand: Stand,
    session: Session,
}

impl Scene {
    fn new(settings: &Value) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let upstream = Upstream::start(&folder.path().join("log"));
        let mut server = json!({"url": upstream.url()});
        for (key, value) in settings.as_object().unwrap() {
            server[key] = value.clone();
        }
        let stand = Stand::new(|_| json!({"servers": {"web": server}}));
        let session = Session::begin(stand.at(), "/mcp");
        Self { folder, upstream, stand, session }
    }

    fn fails(&self, tool: &str, with: i64, because: &str) {
        assert_failed(&self.session.call(tool), with, because);
    }

    fn works(&self) {
        assert_eq!(said(&self.session.call("well")), "well");
    }

    fn end(self) {
        self.session.end();
        self.stand.end();
        drop(self.folder);
    }
}

fn assert_failed(answer: &Value, with: i64, because: &str) {
    assert_eq!(code(answer), Some(with), "{answer}");
    assert!(answer["error"]["message"].as_str().unwrap().contains(because), "{answer}");
}

fn killed_in(tool: &str, because: &str) {
    let mut scene = Scene::new(&json!({}));
    scene.works();
    scene.fails(tool, GONE, because);
    scene.upstream = scene.upstream.again();
    scene.works();
    scene.end();
}

pub(crate) fn killed_before_headers() {
    killed_in("die-before-headers", "the connection to the server broke");
}

pub(crate) fn killed_in_json() {
    killed_in("die-in-json", "the connection");
}

pub(crate) fn killed_in_a_stream() {
    killed_in("die-in-stream", "the connection ended before the answer");
}

pub(crate) fn reset() {
    let scene = Scene::new(&json!({}));
    // Too much for this server, who does not hear it out.
    let call = json!({"name": "large", "arguments": {"text": "x".repeat(1 << 20)}});
    assert_failed(&scene.session.ask("tools/call", &call), GONE, "the server");
    scene.works();
    scene.end();
}

pub(crate) fn mute() {
    let scene = Scene::new(&json!({"request_timeout": 1}));
    scene.fails("mute", TIMED_OUT, "not answered in time");
    scene.works();
    scene.end();
}

/// Its machine takes what is sent, and nothing ever comes back.
pub(crate) fn vanished() {
    let scene = Scene::new(&json!({"request_timeout": 1}));
    scene.works();
    scene.upstream.signal(Signal::STOP);
    scene.fails("well", TIMED_OUT, "in time");
    scene.upstream.signal(Signal::CONT);
    scene.works();
    scene.end();
}

pub(crate) fn trickle() {
    let scene = Scene::new(&json!({}));
    for tool in ["trickle", "trickle-events"] {
        assert_eq!(said(&scene.session.call(tool)), "drop by drop");
    }
    scene.end();
}

pub(crate) fn breaker() {
    let mut scene = Scene::new(&json!({"circuit_breaker": {"failures": 3, "open_for": 2}}));
    scene.works();
    scene.upstream.kill();
    for _ in 0..3 {
        scene.fails("well", GONE, "the server");
    }
    scene.fails("well", GONE, "it is tried again in");
    scene.upstream = scene.upstream.again();
    until("it is taken back", || code(&scene.session.call("well")).is_none());
    scene.works();
    scene.end();
}
