//! Every frame that can be read is decided, both ways and in every profile, and what is forwarded can be read.
#![no_main]

use std::cell::RefCell;

use bytes::Bytes;
use decide::{Context, Core, Outcome};
use libfuzzer_sys::fuzz_target;
use policy::Flow;
use wire::{Content, Frame, Outgoing, Parsed, Reader};

const CONFIGURATION: &str = r#"
profile: PROFILE
servers:
  fuzzed:
    command: "true"
    policy:
      permissions:
        allowed_tools: ["read_*", "list_*", "echo"]
        denied_tools: ["delete_*"]
        denied_resources: ["**/.env", "file:///etc/**"]
"#;

thread_local! {
    static CORES: RefCell<Vec<Core>> =
        RefCell::new(["monitor", "balanced", "strict"].into_iter().map(core).collect());
}

fn core(profile: &str) -> Core {
    let text = CONFIGURATION.replace("PROFILE", profile);
    let policy = policy::parse(&text, "mcp-guard.yaml", &|_| None).expect("the configuration is a good one");
    Core::new(policy.server(None).expect("it has one server").clone())
}

fuzz_target!(|data: &[u8]| {
    let (request, answer) = data.iter().position(|byte| *byte == b'\n').map_or((data, &[][..]), |end| {
        let (request, rest) = data.split_at(end);
        (request, &rest[1..])
    });
    CORES.with_borrow_mut(|cores| {
        for core in cores {
            let Some(frame) = read(request) else { return };
            let decision = core.decide(frame, Context { flow: Flow::Request, answers: None });
            leaves(decision.outcome);
            let Some(frame) = read(answer) else { continue };
            let context = Context { flow: Flow::Response, answers: decision.about.as_ref() };
            leaves(core.decide(frame, context).outcome);
        }
    });
});

fn read(line: &[u8]) -> Option<Frame<Parsed>> {
    match Reader::default().read(&Bytes::copy_from_slice(line), false) {
        Ok(Content::Single(frame)) => Some(frame),
        _ => None,
    }
}

fn leaves(outcome: Outcome) {
    if let Outcome::Forward(frame) = outcome {
        let mut line = Vec::new();
        frame.write_to(&mut line);
        assert!(read(&line).is_some(), "what left cannot be read: {}", String::from_utf8_lossy(&line));
    }
}
