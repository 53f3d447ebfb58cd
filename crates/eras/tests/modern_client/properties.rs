use std::collections::BTreeMap;

use mcp_guard_eras::{Exchange, ModernOverLegacy, Out, Translator};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::script::{settings, spelt};

/// What can happen. Numbers are small, so that they often mean the same thing.
#[derive(Debug, Clone)]
enum Event {
    Asks { id: u8, what: usize },
    Retries { id: u8, state: usize, key: u8 },
    Cancels(u8),
    Leaves(usize),
    ServerSays { of: Option<usize>, id: u8, what: usize },
    ServerIsGone,
    Later(u8),
}

const REQUESTS: [&str; 6] = [
    r#""method":"tools/call","params":{@["progressToken":1,"mcp:logLevel":"debug"],"name":"t"}"#,
    r#""method":"tools/list","params":{@}"#,
    r#""method":"server/discover","params":{@}"#,
    r#""method":"ping","params":{@}"#,
    r#""method":"vendor/do","params":{}"#,
    r#""method":"subscriptions/listen","params":{@,"notifications":{"toolsListChanged":true,"resourceSubscriptions":["a:b"]}}"#,
];

const SERVER: [&str; 12] = [
    r#""id":#,"result":{"protocolVersion":"2025-11-25","capabilities":{"logging":{},"tools":{"listChanged":true},"resources":{"subscribe":true}}}"#,
    r#""id":#,"result":{"content":[]}"#,
    r#""id":#,"error":{"code":-32002,"message":"?"}"#,
    r#""id":#,"error":{"code":-32042,"message":"?","data":{"elicitations":[{"mode":"url","url":"a:b"}]}}"#,
    r#""id":#,"result":{"a":1,"a":1}"#,
    r#""id":#,"method":"elicitation/create","params":{"message":"?"}"#,
    r#""id":#,"method":"roots/list""#,
    r#""id":#,"method":"ping""#,
    r#""method":"notifications/progress","params":{"progressToken":#,"progress":1}"#,
    r#""method":"notifications/message","params":{"level":"error","data":1}"#,
    r#""method":"notifications/cancelled","params":{"requestId":#}"#,
    r#""method":"notifications/tools/list_changed""#,
];

fn event() -> impl Strategy<Value = Event> {
    let id = 0..12_u8;
    prop_oneof![
        5 => (0..3_u8, 0..REQUESTS.len()).prop_map(|(id, what)| Event::Asks { id, what }),
        4 => (0..3_u8, 0..4_usize, 0..4_u8).prop_map(|(id, state, key)| Event::Retries { id, state, key }),
        1 => (0..3_u8).prop_map(Event::Cancels),
        2 => (0..8_usize).prop_map(Event::Leaves),
        12 => (proptest::option::of(0..6_usize), id, 0..SERVER.len())
            .prop_map(|(of, id, what)| Event::ServerSays { of, id, what }),
        1 => Just(Event::ServerIsGone),
        1 => (0..120_u8).prop_map(Event::Later),
    ]
}

/// Keeps the client's books: which exchanges are open, and for what id.
struct Client {
    translator: ModernOverLegacy,
    now: std::time::Instant,
    exchanges: u64,
    open: BTreeMap<Exchange, Value>,
    states: Vec<String>,
}

impl Client {
    fn begins(&mut self, id: u8, rest: &str) {
        let of = self.next();
        self.open.insert(of, json!(id));
        let line = spelt(&format!("{{\"id\":{id},{rest}}}"));
        let out = self.translator.client(of, &line, self.now);
        self.hears(out);
    }

    fn next(&mut self) -> Exchange {
        self.exchanges += 1;
        Exchange(self.exchanges)
    }

    fn hears(&mut self, out: Vec<Out>) {
        for out in out {
            let (Out::Client { line, .. } | Out::Server { line, .. }) = &out;
            let message: Value = serde_json::from_str(line).expect("what is said is JSON");
            let Out::Client { of: Some(of), .. } = out else { continue };
            let id = self.open.get(&of).unwrap_or_else(|| panic!("{of:?} is not open: {line}"));
            if message.get("method").is_none() {
                assert_eq!(&message["id"], id, "the answer to another request");
                self.open.remove(&of);
            }
            self.states.extend(message["result"]["requestState"].as_str().map(str::to_owned));
        }
    }

    fn lives(&mut self, event: Event) {
        let out = match event {
            Event::Asks { id, what } => return self.begins(id, REQUESTS[what]),
            Event::Retries { id, state, key } => {
                let Some(state) = self.states.iter().rev().nth(state) else { return };
                let rest = format!(
                    r#""method":"tools/call","params":{{@,"name":"t","inputResponses":{{"{key}":{{"action":"accept"}}}},"requestState":"{state}"}}"#
                );
                return self.begins(id, &rest);
            }
            Event::Cancels(id) => {
                let mut meant = self.open.iter().filter(|(_, open)| **open == json!(id)).map(|(of, _)| *of);
                let (first, second) = (meant.next(), meant.next());
                if let (Some(of), None) = (first, second) {
                    self.open.remove(&of);
                }
                let of = self.next();
                let line = format!(
                    r#"{{"jsonrpc":"2.0","method":"notifications/cancelled","params":{{"requestId":{id}}}}}"#
                );
                self.translator.client(of, &line, self.now)
            }
            Event::Leaves(which) => {
                let Some(of) = self.open.keys().nth(which).copied() else { return };
                self.open.remove(&of);
                self.translator.client_gone(of, self.now)
            }
            Event::ServerSays { of, id, what } => {
                let of = of.map(|of| Exchange(of as u64));
                let line = spelt(&format!("{{{}}}", SERVER[what].replace('#', &id.to_string())));
                self.translator.server(of, &line, self.now)
            }
            Event::ServerIsGone => self.translator.server_gone("gone", self.now),
            Event::Later(seconds) => {
                self.now += std::time::Duration::from_secs(seconds.into());
                self.translator.tick(self.now)
            }
        };
        self.hears(out);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn every_request_is_answered_once_and_nothing_is_said_to_who_is_gone(
        events in prop::collection::vec(event(), 0..60),
    ) {
        let mut client = Client {
            translator: ModernOverLegacy::new(settings()),
            now: std::time::Instant::now(),
            exchanges: 0,
            open: BTreeMap::new(),
            states: Vec::new(),
        };
        events.into_iter().for_each(|event| client.lives(event));
        // A listen outlives one server, and not a second.
        client.lives(Event::ServerIsGone);
        client.lives(Event::ServerIsGone);
        prop_assert!(client.open.is_empty(), "never answered: {:?}", client.open);
    }
}
