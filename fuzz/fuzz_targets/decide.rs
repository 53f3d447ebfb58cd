//! Every frame that can be read is decided, both ways and in every profile, and what is forwarded can be read.
#![no_main]

use std::{cell::RefCell, time::Duration};

use bytes::Bytes;
use decide::{Context, Core, Counted, Decision, Outcome, Step};
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
      rate_limit: {requests_per_minute: 60, tool_limits: {"read_*": {requests_per_minute: 2}}}
      sampling: {enabled: ASKS, max_tokens: 100, rate_limit: 2, audit: verbose}
      elicitation: {enabled: ASKS, rate_limit: 2}
"#;

thread_local! {
    static CORES: RefCell<Vec<Core>> =
        RefCell::new(["monitor", "balanced", "strict"].into_iter().flat_map(cores).collect());
}

fn cores(profile: &str) -> [Core; 2] {
    ["true", "false"].map(|asks| core(&CONFIGURATION.replace("PROFILE", profile).replace("ASKS", asks)))
}

fn core(text: &str) -> Core {
    let policy = policy::parse(text, "mcp-guard.yaml", &|_| None).expect("the configuration is a good one");
    Core::new(policy.server(None).expect("it has one server").clone())
}

fuzz_target!(|data: &[u8]| {
    let (request, answer) = data.iter().position(|byte| *byte == b'\n').map_or((data, &[][..]), |end| {
        let (request, rest) = data.split_at(end);
        (request, &rest[1..])
    });
    CORES.with_borrow_mut(|cores| {
        for core in cores {
            core.begin_anew();
            let Some(frame) = read(request) else { return };
            let decision = decided(core, frame, Context { flow: Flow::Request, answers: None, pins: None, now: 0 });
            leaves(decision.outcome);
            let Some(frame) = read(answer) else { continue };
            let context = Context { flow: Flow::Response, answers: decision.about.as_ref(), pins: None, now: 0 };
            leaves(decided(core, frame, context).outcome);
        }
    });
});

/// Takes a frame to its end; one that counts is over its last limit if its length is odd.
fn decided(core: &mut Core, frame: Frame<Parsed>, context: Context<'_>) -> Decision {
    let over = frame.line().len() % 2 == 1;
    match core.decide(frame, context) {
        Step::Decided(decision) => decision,
        Step::Asks(question) => {
            let which = question.charges().len() - 1;
            let answer = Counted::Over { which, retry_after: Duration::from_nanos(1) };
            core.resume(question, if over { answer } else { Counted::Within })
        }
    }
}

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
