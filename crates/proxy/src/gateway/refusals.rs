//! Requests over HTTP that were refused before they became a message of somebody we know. They are counted, and recorded in
//! sums now and then: whoever floods the gateway must not be able to fill the audit.

use std::{
    collections::HashMap,
    mem,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use decide::{Finding, Stage, Verdict};
use http::StatusCode;
use policy::Policy;
use store::{AuditSink, Direction, Ids, Kind, Record, SessionId, SessionStart, SharedAudit, StoreError};

use crate::Clock;

/// How often they are recorded.
pub(super) const EVERY: Duration = Duration::from_secs(60);

/// Sums at a time that are told apart; all further ones are one.
const APART: usize = 64;

/// See the module.
#[derive(Default)]
pub(super) struct Refusals {
    sums: Mutex<Sums>,
    /// What the records belong to, from the first one on.
    session: tokio::sync::Mutex<Option<(SessionId, Ids)>>,
}

#[derive(Default)]
struct Sums {
    by: HashMap<Refusal, u64>,
    others: u64,
}

/// Who was refused, and why.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Refusal {
    from: String,
    status: StatusCode,
    /// In our words.
    why: String,
}

impl Refusals {
    /// Takes note of a refusal, if it is one that tells of an attack or of a mistake worth finding.
    pub(super) fn note(&self, from: &str, status: StatusCode, why: &str) {
        let tells = matches!(status.as_u16(), 401 | 403 | 404 | 408 | 413 | 429);
        if !tells {
            return;
        }
        let mut sums = self.sums.lock().unwrap_or_else(PoisonError::into_inner);
        let refusal = Refusal { from: from.to_owned(), status, why: why.to_owned() };
        let apart = sums.by.len();
        match sums.by.get_mut(&refusal) {
            Some(count) => *count += 1,
            None if apart < APART => drop(sums.by.insert(refusal, 1)),
            None => sums.others += 1,
        }
    }

    /// Records what was noted since the last time. What cannot be recorded is counted on.
    pub(super) async fn record(
        &self,
        audit: Option<&SharedAudit>,
        policy: &Policy,
    ) -> Result<(), StoreError> {
        let sums = mem::take(&mut *self.sums.lock().unwrap_or_else(PoisonError::into_inner));
        let (Some(audit), false) = (audit, sums.by.is_empty()) else { return Ok(()) };
        let recorded = self.write(audit.clone(), policy, &sums).await;
        if recorded.is_err() {
            let mut now = self.sums.lock().unwrap_or_else(PoisonError::into_inner);
            now.others += sums.others;
            for (refusal, count) in sums.by {
                if now.by.len() < APART || now.by.contains_key(&refusal) {
                    *now.by.entry(refusal).or_default() += count;
                } else {
                    now.others += count;
                }
            }
        }
        recorded
    }

    async fn write(&self, mut audit: SharedAudit, policy: &Policy, sums: &Sums) -> Result<(), StoreError> {
        let now = Clock::now();
        let mut session = self.session.lock().await;
        let (row, ids) = match &mut *session {
            Some(known) => known,
            none => {
                let row = audit.start_session(&SessionStart {
                    started_ms: now.wall_ms,
                    principal: "unknown",
                    server: "gateway",
                    command: "",
                    policy_hash: policy.hash(),
                    profile: policy.profile().as_str(),
                    pid: std::process::id(),
                })?;
                none.insert((row, Ids::for_session(row)))
            }
        };
        let mut told: Vec<_> = sums
            .by
            .iter()
            .map(|(Refusal { from, status, why }, count)| {
                (from.as_str(), format!("http.{}", status.as_u16()), format!("{}: {why}", times(*count)))
            })
            .collect();
        told.sort();
        if sums.others > 0 {
            let why = format!("{} of other callers, or for other reasons", times(sums.others));
            told.push(("others", "http.refused".to_owned(), why));
        }
        let told: Vec<_> = told
            .into_iter()
            .map(|(from, rule, reason)| {
                let finding = Finding::new(Stage::Wire, rule, Verdict::Block, reason);
                (from, serde_json::to_string(&[finding]).ok(), ids.next(now.wall_ms))
            })
            .collect();
        let records: Vec<_> = told
            .iter()
            .map(|(from, findings, id)| Record {
                id: *id,
                session: *row,
                kind: Kind::RefusedRequest,
                direction: Some(Direction::ClientToServer),
                era: None,
                method: None,
                target: Some(from),
                verdict: store::Verdict::Block,
                would: None,
                findings: findings.as_deref(),
                guard_us: 0,
                round_trip_us: None,
                bytes: 0,
            })
            .collect();
        audit.record(&records).await
    }
}

fn times(count: u64) -> String {
    match count {
        1 => "one request".to_owned(),
        more => format!("{more} requests"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_of_a_flood_is_bounded() {
        let refusals = Refusals::default();
        for address in 0..10_000 {
            refusals.note(&format!("10.0.0.{}", address % 1000), StatusCode::UNAUTHORIZED, "no key");
        }
        refusals.note(
            "10.0.0.0",
            StatusCode::METHOD_NOT_ALLOWED,
            "a client that asks whether there is a stream",
        );
        let sums = refusals.sums.lock().unwrap();
        assert_eq!(sums.by.len(), APART);
        assert_eq!(sums.by.values().sum::<u64>() + sums.others, 10_000);
    }
}
