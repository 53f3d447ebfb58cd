use decide::{About, Denial, Retry, Verdict};
use store::{DecisionId, Direction, Era, Record, SessionId, StoreError};
use wire::{Answer, Decided, Frame, Id, Kind, ProtocolError, Revision, code};

use super::{Side, reply};

/// A decided frame on its way to the record and then to its receiver.
#[derive(Debug)]
pub(super) struct Staged {
    pub(super) decision: DecisionId,
    pub(super) kind: store::Kind,
    pub(super) from: Side,
    pub(super) revision: Option<Revision>,
    pub(super) about: Option<About>,
    pub(super) verdict: Verdict,
    pub(super) would: Verdict,
    pub(super) findings: Option<String>,
    pub(super) guard_us: u32,
    pub(super) round_trip_us: Option<u32>,
    pub(super) bytes: u64,
    /// Which batch it came in; 0 if in none.
    pub(super) batch: u32,
    /// The request it is, now in flight.
    pub(super) registered: Option<Id>,
    pub(super) delivery: Delivery,
}

/// What leaves once the record is written.
#[derive(Debug)]
pub(super) enum Delivery {
    /// The frame itself.
    Forward(Frame<Decided>),
    /// An error of ours to whoever sent it.
    Back(Answer),
    /// An error the protocol prescribes, to whoever sent it.
    Prescribed(ProtocolError),
    /// An error of ours to whoever waits for it.
    Onward(Answer),
    /// Nothing.
    Nothing,
}

impl Staged {
    pub(super) fn record(&self, session: SessionId) -> Record<'_> {
        Record {
            id: self.decision,
            session,
            kind: self.kind,
            direction: Some(match self.from {
                Side::Client => Direction::ClientToServer,
                Side::Server => Direction::ServerToClient,
            }),
            era: self.revision.map(era),
            method: self.about.as_ref().map(|about| &*about.name),
            target: self.about.as_ref().and_then(|about| about.target.as_deref()),
            verdict: stored(self.verdict),
            would: (self.would != self.verdict).then(|| stored(self.would)),
            findings: self.findings.as_deref(),
            guard_us: self.guard_us,
            round_trip_us: self.round_trip_us,
            bytes: self.bytes,
        }
    }

    /// The frame could not be recorded: it does not leave, and whoever waits is told.
    pub(super) fn withhold(&mut self, error: &StoreError) {
        let Delivery::Forward(frame) = &self.delivery else { return };
        let why = match error {
            StoreError::Locked { .. } => "it is locked by another program",
            StoreError::Full { .. } => "there is no room on the disk",
            _ => "see what mcp-guard printed on standard error",
        };
        let denial = Denial {
            code: code::UNAVAILABLE,
            rule: "audit.unavailable".to_owned(),
            retry: Retry::Later,
            retry_after: None,
            text: format!("the audit cannot be written ({why}), so the message was not passed on"),
        };
        let answer = |id| reply::answer(id, self.decision, &denial);
        self.delivery = match (frame.kind(), frame.id()) {
            (Kind::Request, id) => Delivery::Back(answer(id)),
            (Kind::Response | Kind::Failure, Some(id)) => Delivery::Onward(answer(Some(id))),
            _ => Delivery::Nothing,
        };
    }
}

fn era(revision: Revision) -> Era {
    match revision {
        Revision::V2024_11_05 => Era::of_date(2024, 11, 5),
        Revision::V2025_03_26 => Era::of_date(2025, 3, 26),
        Revision::V2025_06_18 => Era::of_date(2025, 6, 18),
        Revision::V2025_11_25 => Era::of_date(2025, 11, 25),
        Revision::V2026_07_28 => Era::of_date(2026, 7, 28),
    }
}

fn stored(verdict: Verdict) -> store::Verdict {
    match verdict {
        Verdict::Allow => store::Verdict::Allow,
        Verdict::Warn => store::Verdict::Warn,
        Verdict::Review => store::Verdict::Review,
        Verdict::Redact => store::Verdict::Redact,
        Verdict::ShadowBlock => store::Verdict::ShadowBlock,
        Verdict::Block => store::Verdict::Block,
    }
}
