use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

#[derive(Debug, Clone)]
enum Step {
    /// With an id that another client may use as well.
    Asks(u8),
    Left(u64),
    Answers(u8, bool),
    Tells(u8, u8),
    Gone,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..4_u8).prop_map(Step::Asks),
        1 => (1..12_u64).prop_map(Step::Left),
        4 => (0..16_u8, any::<bool>()).prop_map(|(id, ok)| Step::Answers(id, ok)),
        3 => (0..5_u8, 0..16_u8).prop_map(|(what, id)| Step::Tells(what, id)),
        1 => Just(Step::Gone),
    ]
}

proptest! {
    /// Whatever is said in whatever order, each request of a client that stays is answered once, in its own exchange
    /// and under its own id; a client that has left hears nothing.
    #[test]
    fn every_client_gets_its_own(steps in proptest::collection::vec(step(), 1..60)) {
        let mut translator = SameEra::shared();
        let now = Instant::now();
        let mut asked: BTreeMap<u64, (u8, u32)> = BTreeMap::new();
        let mut left: Vec<u64> = Vec::new();
        for step in steps.into_iter().chain([Step::Gone]) {
            let out = match step {
                Step::Asks(id) => {
                    let of = asked.len() as u64 + 1;
                    asked.insert(of, (id, 0));
                    let method = if of.is_multiple_of(3) { "subscriptions/listen" } else { "tools/call" };
                    let meta = r#"{"progressToken":"t","io.modelcontextprotocol/logLevel":"info"}"#;
                    let line = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"{method}","params":{{"_meta":{meta}}}}}"#);
                    translator.client(Exchange(of), &line, now)
                }
                Step::Left(of) => {
                    left.push(of);
                    let out = translator.client_gone(Exchange(of), now);
                    left.retain(|of| asked.contains_key(of));
                    out
                }
                Step::Answers(id, ok) => {
                    let body = if ok { r#""result":{}"# } else { r#""error":{"code":1,"message":""}"# };
                    translator.server(None, &format!(r#"{{"jsonrpc":"2.0","id":{id},{body}}}"#), now)
                }
                Step::Tells(what, id) => {
                    let body = [
                        r#""method":"notifications/progress","params":{"progressToken":ID,"progress":1}"#,
                        r#""method":"notifications/message","params":{"level":"info","data":1}"#,
                        r#""method":"notifications/cancelled","params":{"requestId":ID}"#,
                        r#""method":"notifications/tools/list_changed","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":ID}}"#,
                        r#""id":ID,"method":"ping""#,
                    ][usize::from(what)];
                    let body = body.replace("ID", &id.to_string());
                    translator.server(None, &format!(r#"{{"jsonrpc":"2.0",{body}}}"#), now)
                }
                Step::Gone => translator.server_gone("it stopped", now),
            };
            for out in out {
                let Out::Client { of: Some(of), line } = out else { continue };
                prop_assert!(!left.contains(&of.0), "{} has left, and is told {line}", of.0);
                let message: serde_json::Value = serde_json::from_str(&line).unwrap();
                if message.get("method").is_none() {
                    let (id, answers) = asked.get_mut(&of.0).unwrap();
                    prop_assert_eq!(message["id"].as_u64(), Some(u64::from(*id)));
                    *answers += 1;
                    prop_assert_eq!(*answers, 1);
                } else if message["method"] == "notifications/progress" {
                    prop_assert_eq!(&message["params"]["progressToken"], "t");
                }
            }
        }
        let unanswered = asked.iter().filter(|(of, (_, answers))| *answers == 0 && !left.contains(of)).count();
        prop_assert_eq!(unanswered, 0);
    }
}
