use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// What may happen next. Numbers choose among what the translator has said, or fall beside it.
#[derive(Debug, Clone)]
enum Step {
    Asks(&'static str),
    Notifies(&'static str),
    ClientAnswers(i64, bool),
    ServerAnswers(i64, Option<u64>, &'static str),
    ServerSays(Option<u64>, i64, &'static str),
    Left(u64),
    Passes(u64),
    Gone,
}

const ASKED: [&str; 8] = [
    r#""method":"initialize","params":{"capabilities":{"roots":{}}}"#,
    r#""method":"tools/call","params":{"name":"t","_meta":{"progressToken":1}}"#,
    r#""method":"tools/list""#,
    r#""method":"resources/subscribe","params":{"uri":"x://a"}"#,
    r#""method":"resources/subscribe","params":{"uri":"x://b"}"#,
    r#""method":"resources/unsubscribe","params":{"uri":"x://a"}"#,
    r#""method":"ping""#,
    r#""method":"logging/setLevel","params":{"level":"info"}"#,
];
const ANSWERED: [&str; 6] = [
    r#""result":{"supportedVersions":["2026-07-28"],"capabilities":{"tools":{"listChanged":true},"resources":{"subscribe":true},"logging":{}}}"#,
    r#""result":{"resultType":"input_required","inputRequests":{"k":{"method":"roots/list"},"l":{"method":"roots/list"}}}"#,
    r#""result":{"resultType":"input_required","requestState":"s"}"#,
    r#""result":{"resultType":"complete","content":[]}"#,
    r#""error":{"code":-32601,"message":"no"}"#,
    r#""result":{"a":1,"a":2}"#,
];
const SAID: [&str; 5] = [
    r#""method":"notifications/subscriptions/acknowledged","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":ID},"notifications":{"resourceSubscriptions":["x://a"]}}"#,
    r#""method":"notifications/resources/updated","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":ID},"uri":"x://a"}"#,
    r#""method":"notifications/cancelled","params":{"requestId":ID}"#,
    r#""method":"notifications/progress","params":{"progressToken":1,"progress":ID}"#,
    r#""id":ID,"method":"sampling/createMessage""#,
];

fn step() -> impl Strategy<Value = Step> {
    let id = 0..24_i64;
    let of = || proptest::option::of(0..16_u64);
    prop_oneof![
        4 => proptest::sample::select(&ASKED[..]).prop_map(Step::Asks),
        1 => proptest::sample::select(vec!["notifications/initialized", "notifications/roots/list_changed"]).prop_map(Step::Notifies),
        2 => (id.clone(), any::<bool>()).prop_map(|(id, ok)| Step::ClientAnswers(id, ok)),
        6 => (id.clone(), of(), proptest::sample::select(&ANSWERED[..])).prop_map(|(id, of, what)| Step::ServerAnswers(id, of, what)),
        3 => (of(), id, proptest::sample::select(&SAID[..])).prop_map(|(of, id, what)| Step::ServerSays(of, id, what)),
        1 => (0..16_u64).prop_map(Step::Left),
        1 => (0..700_u64).prop_map(Step::Passes),
        1 => Just(Step::Gone),
    ]
}

proptest! {
    /// Whatever is said in whatever order, each request of the client is answered once, in its own exchange, and by the
    /// end.
    #[test]
    fn every_request_is_answered_once(steps in proptest::collection::vec(step(), 1..60), settled in any::<bool>()) {
        let mut talk = if settled { Talk::begun() } else { Talk::new() };
        let mut asked: BTreeMap<u64, u32> = BTreeMap::new();
        let mut next = 100;
        for step in steps.into_iter().chain([Step::Gone]) {
            let line = match step {
                Step::Asks(what) => {
                    next += 1;
                    asked.insert(next, 0);
                    format!(r#"C{next}> {{"id":{next},{what}}}"#)
                }
                Step::Notifies(method) => format!(r#"C99> {{"method":"{method}"}}"#),
                Step::ClientAnswers(id, true) => format!(r#"C99> {{"id":{id},"result":{{"roots":[]}}}}"#),
                Step::ClientAnswers(id, false) => format!(r#"C99> {{"id":{id},"error":{{"code":-1,"message":"no"}}}}"#),
                Step::ServerAnswers(id, of, what) => format!(r#"S{}> {{"id":{id},{what}}}"#, exchange(of)),
                Step::ServerSays(of, id, what) => {
                    format!(r#"S{}> {{{}}}"#, exchange(of), what.replace("ID", &id.to_string()))
                }
                Step::Left(of) => format!("left {}", of + 100),
                Step::Passes(seconds) => format!("tick {seconds}"),
                Step::Gone => "gone".to_owned(),
            };
            for out in talk.say(&line) {
                let message: serde_json::Value = serde_json::from_str(match &out {
                    Out::Client { line, .. } | Out::Server { line, .. } => line,
                }).unwrap();
                if let (Out::Client { of, .. }, None) = (&out, message.get("method")) {
                    let id = message["id"].as_u64().unwrap();
                    prop_assert_eq!(of.map(|of| of.0), Some(id));
                    *asked.get_mut(&id).unwrap() += 1;
                }
            }
            prop_assert!(asked.values().all(|answers| *answers <= 1), "{}: {:?}", line, asked);
        }
        prop_assert!(asked.values().all(|answers| *answers == 1), "{:?}", asked);
        prop_assert!(talk.translator.calls.is_empty() && talk.translator.questions.is_empty());
    }
}

fn exchange(of: Option<u64>) -> String {
    of.map(|of| (of + 100).to_string()).unwrap_or_default()
}
