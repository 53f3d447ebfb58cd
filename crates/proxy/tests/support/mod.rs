//! A session between a client and a server that are only texts.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code,
    unreachable_pub
)] // A test fails by panicking; no test uses all of it.

use std::{
    cell::RefCell,
    future::ready,
    pin::pin,
    rc::Rc,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use mcp_guard_proxy::{Clock, Log, Meter, Outbox, Session, Side};
use policy::Limits;
use serde_json::{Value, json};
use store::{AuditSink, Ids, Record, SessionId, StoreError, Verdict};
use wire::Lines;

/// Keeps what it is told, or fails.
#[derive(Default, Clone)]
pub struct Audit(pub Rc<RefCell<Kept>>);

#[derive(Default)]
pub struct Kept {
    pub broken: bool,
    pub records: Vec<(Option<String>, Verdict, Option<String>)>,
}

impl AuditSink for Audit {
    fn record(&mut self, batch: &[Record<'_>]) -> impl Future<Output = Result<(), StoreError>> + Send {
        let mut kept = self.0.borrow_mut();
        if kept.broken {
            return ready(Err(StoreError::Locked { path: "audit.db".into() }));
        }
        let told = |record: &Record<'_>| {
            (record.method.map(Into::into), record.verdict, record.findings.map(Into::into))
        };
        kept.records.extend(batch.iter().map(told));
        ready(Ok(()))
    }
}

/// What a session whose audit never waits comes to.
pub fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => done,
        Poll::Pending => panic!("the session waits for something"),
    }
}

pub struct Guard {
    pub session: Session<Audit>,
    pub audit: Audit,
    pub client: Lines,
    pub server: Lines,
    pub out: Outbox,
}

pub const MAX_FRAME: usize = 4096;

impl Guard {
    pub fn new(yaml: &str) -> Self {
        Self::metered(yaml, None)
    }

    pub fn metered(yaml: &str, meter: Option<Meter>) -> Self {
        let policy = policy::parse(yaml, "mcp-guard.yaml", &|_| None).unwrap();
        let limits = Limits { max_frame_bytes: MAX_FRAME, max_in_flight: 100, ..Limits::default() };
        let audit = Audit::default();
        let session = Session::new(
            policy.server(None).unwrap().clone(),
            &limits,
            Some(audit.clone()),
            SessionId::from_row(1),
            Ids::random(),
            Arc::new(Log::default()),
            meter,
        );
        let (client, server) = (Lines::new(MAX_FRAME), Lines::new(MAX_FRAME));
        Self { session, audit, client, server, out: Outbox::default() }
    }

    /// One side says this; what then leaves for the client and for the server.
    pub fn say(&mut self, from: Side, text: &str) -> (Vec<Value>, Vec<Value>) {
        let lines = if from == Side::Client { &mut self.client } else { &mut self.server };
        lines.space().extend_from_slice(text.as_bytes());
        lines.space().extend_from_slice(b"\n");
        now(self.session.pass(from, lines, Clock::now(), &mut self.out));
        self.leaves()
    }

    pub fn leaves(&mut self) -> (Vec<Value>, Vec<Value>) {
        let mut take = |to| {
            let bytes = self.out.waiting(to).to_vec();
            self.out.sent(to, bytes.len());
            let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
            lines.map(|line| serde_json::from_slice(line).unwrap()).collect()
        };
        (take(Side::Client), take(Side::Server))
    }

    pub fn ask(&mut self, id: Value, method: &str) -> (Vec<Value>, Vec<Value>) {
        self.say(Side::Client, &json!({"jsonrpc": "2.0", "id": id, "method": method}).to_string())
    }

    pub fn verdicts(&self) -> Vec<Verdict> {
        self.audit.0.borrow().records.iter().map(|(_, verdict, _)| *verdict).collect()
    }
}

pub fn rule(answer: &Value) -> &str {
    answer.pointer("/error/data/mcp-guard~1denial/rule").and_then(Value::as_str).unwrap_or("none")
}
