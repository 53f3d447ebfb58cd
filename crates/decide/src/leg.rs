//! The two legs and the core that runs them.

use std::sync::Arc;

use policy::{Flow, ServerPolicy};
use wire::{Decided, Edits, Frame, Kind, Method, Parsed, Permit, Revision, code};

use crate::{
    About, Context, Counted, Denial, Finding, Question, Step, Verdict, compose,
    facts::Facts,
    listing::Listing,
    stage::{self, Memory, Passage},
};

/// One stage of a leg.
pub(crate) type StageFn = fn(&mut Passage<'_>);

/// What a frame passes on its way from the client to the server, in order.
pub(crate) const REQUEST: [StageFn; 8] = [
    stage::preflight,
    stage::revision,
    stage::correlate,
    stage::permission,
    stage::pins,
    stage::capabilities,
    stage::arguments,
    stage::content,
];

/// What a frame passes on its way from the server to the client, in order.
pub(crate) const RESPONSE: [StageFn; 9] = [
    stage::preflight,
    stage::correlate,
    stage::revision,
    stage::sampling,
    stage::elicitation,
    stage::content,
    stage::form,
    stage::pins,
    stage::filter,
];

/// Decides frames of one session. Holds the policy, working memory, and of what decisions depend on one thing: the ends of
/// texts that came in streams of messages, a few hundred bytes for each of a few places. What is cut in two over
/// messages is found with them.
#[derive(Debug)]
pub struct Core {
    policy: Arc<ServerPolicy>,
    memory: Memory,
}

/// What was decided about a frame, and why.
#[derive(Debug)]
pub struct Decision {
    /// What happens.
    pub verdict: Verdict,
    /// What would have happened if the profile enforced; the same unless it is `monitor`.
    pub would: Verdict,
    /// Why: everything the stages found.
    pub findings: Vec<Finding>,
    /// What a request or notification is about; `None` for answers.
    pub about: Option<About>,
    /// What becomes of the frame.
    pub outcome: Outcome,
}

/// What becomes of the frame.
#[derive(Debug)]
pub enum Outcome {
    /// It leaves.
    Forward(Frame<Decided>),
    /// It does not, and whoever waits for it is told so.
    Refuse(Frame<Parsed>, Denial),
}

impl Core {
    /// A core that decides by `policy`.
    pub fn new(policy: Arc<ServerPolicy>) -> Self {
        Self { policy, memory: Memory::default() }
    }

    /// The policy decided by.
    pub fn policy(&self) -> &ServerPolicy {
        &self.policy
    }

    /// From now on decides by `policy`.
    pub fn set_policy(&mut self, policy: Arc<ServerPolicy>) {
        self.policy = policy;
    }

    /// Forgets what earlier frames said: those to come have nothing to do with them.
    pub fn begin_anew(&mut self) {
        self.memory.carry.clear();
    }

    /// A text a peer chose, as it may be shown and stored: secrets masked, invisible characters spelt out, bounded.
    pub fn shown(&self, text: &str) -> String {
        stage::shown(&self.policy, text)
    }

    /// What the detectors find in a header that goes to the server beside a message. With a verdict past
    /// [`Verdict::Warn`], once the profile was heard, it is to stay behind.
    pub fn beside(&self, name: &str, value: &str) -> (Verdict, Vec<Finding>) {
        let findings = stage::beside(&self.policy, name, value);
        (compose(self.policy.profile, &findings).0, findings)
    }

    /// A text of ours that may repeat a peer's, secrets masked.
    pub fn masked(&self, text: &str) -> String {
        self.policy.content.masking().redact(text).into_owned()
    }

    /// Takes a frame through the leg of its direction. Limits come last, and only for what nothing has stopped, so
    /// that what does not leave is not counted.
    pub fn decide(&mut self, frame: Frame<Parsed>, context: Context<'_>) -> Step {
        let facts = Facts::of(&frame, context.flow);
        let mut passage = Passage {
            frame: &frame,
            facts: &facts,
            context,
            policy: &self.policy,
            memory: &mut self.memory,
            listing: Listing::of(&frame, context),
            findings: Vec::new(),
        };
        let leg: &[StageFn] = match context.flow {
            Flow::Request => &REQUEST,
            Flow::Response => &RESPONSE,
        };
        for stage in leg {
            stage(&mut passage);
        }
        let charges = if compose(self.policy.profile, &passage.findings).0.stops() {
            Vec::new()
        } else {
            stage::charges(&passage)
        };
        let findings = passage.findings;
        let about = self.about(&frame, &facts);
        drop(facts);
        if charges.is_empty() {
            return Step::Decided(self.conclude(frame, about, findings));
        }
        Step::Asks(Question { charges, frame, about, findings })
    }

    /// Takes a frame to its end with the answer it needed.
    pub fn resume(&mut self, question: Question, answer: Counted) -> Decision {
        let Question { charges, frame, about, mut findings } = question;
        let (finding, code, after) = match answer {
            Counted::Within => return self.conclude(frame, about, findings),
            Counted::Over { which, retry_after } => match charges.get(which) {
                Some(charge) => (stage::over(charge, retry_after), code::TOO_MANY, Some(retry_after)),
                None => (stage::uncounted(&charges), code::UNAVAILABLE, None),
            },
            Counted::Unknown => (stage::uncounted(&charges), code::UNAVAILABLE, None),
        };
        findings.push(finding);
        let mut decision = self.conclude(frame, about, findings);
        if let Outcome::Refuse(_, denial) = &mut decision.outcome {
            denial.code = code;
            denial.retry_after = after;
        }
        decision
    }

    fn conclude(&self, frame: Frame<Parsed>, about: Option<About>, mut findings: Vec<Finding>) -> Decision {
        let (verdict, would) = compose(self.policy.profile, &findings);
        // Of equals the first stage's: what may not be used at all comes before what is in it.
        let decisive =
            findings.iter().rev().filter(|_| verdict.stops()).max_by_key(|finding| finding.verdict);
        let outcome = if let Some(finding) = decisive {
            Outcome::Refuse(frame, Denial::of(finding))
        } else {
            let edits = findings.iter_mut().flat_map(|finding| std::mem::take(&mut finding.edits));
            let edits = if verdict == Verdict::Redact { edits.collect() } else { Vec::new() };
            #[allow(clippy::disallowed_methods)] // This is the decision core.
            let permit = Permit::danger_for_the_decision_core();
            Outcome::Forward(frame.decided(permit, Edits::new(edits)))
        };
        Decision { verdict, would, findings, about, outcome }
    }

    fn about(&self, frame: &Frame<Parsed>, facts: &Facts<'_>) -> Option<About> {
        let said = facts.name.as_ref()?;
        let name = match facts.method {
            Some(method) => method.name().into(),
            None => stage::shown(&self.policy, said).into(),
        };
        let target = match facts.targets.as_slice() {
            [] => None,
            [only] => Some(stage::shown(&self.policy, &only.name).into()),
            [first, rest @ ..] => {
                Some(format!("{} and {} more", stage::shown(&self.policy, &first.name), rest.len()).into())
            }
        };
        Some(About { method: facts.method, name, target, revision: revision(frame, facts) })
    }
}

/// The revision a request is made in or asks for.
fn revision(frame: &Frame<Parsed>, facts: &Facts<'_>) -> Option<Revision> {
    if facts.method != Some(Method::Initialize) {
        return facts.revision;
    }
    let (params, _) = frame.body()?;
    negotiated(params)
}

/// The revision named by the params or the result of `initialize` (MCP 2025-11-25 basic/lifecycle).
fn negotiated(raw: &str) -> Option<Revision> {
    let version = wire::member(raw, "protocolVersion")?;
    Revision::from_name(&crate::facts::string(version.value)?)
}

/// The revision a server settles on with its answer to `initialize`.
pub fn settled(answer: &Frame<Decided>) -> Option<Revision> {
    (answer.kind() == Kind::Response).then(|| negotiated(answer.body()?.0)).flatten()
}
