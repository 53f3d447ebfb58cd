//! The record of an approval.

use policy::{Policy, ServerPolicy};
use proxy::Clock;
use store::{AuditOptions, AuditSink, Ids, Kind, Record, SessionStart, SqliteAudit, Verdict};
use trust::Digest;

use crate::{configuration, failure::Failure};

/// Records that this user approved what the server is.
pub(super) fn approval(
    policy: &Policy,
    name: &str,
    server: &ServerPolicy,
    digest: &Digest,
) -> Result<(), Failure> {
    if !policy.audit().enabled {
        return Ok(());
    }
    let options =
        AuditOptions { retention_days: Some(policy.audit().retention_days), ..AuditOptions::default() };
    let mut audit = SqliteAudit::open(&configuration::audit_file(policy)?, options)?;
    let now = Clock::now().wall_ms;
    let session = audit.start_session(&SessionStart {
        started_ms: now,
        principal: &proxy::ourselves().user,
        server: name,
        command: "mcp-guard pins",
        policy_hash: policy.hash(),
        profile: server.profile.as_str(),
        pid: std::process::id(),
    })?;
    let target = format!("{name} {digest}");
    let record = Record {
        id: Ids::for_session(session).next(now),
        session,
        kind: Kind::Approval,
        direction: None,
        era: None,
        method: Some("pins/approve"),
        target: Some(&target),
        verdict: Verdict::Allow,
        would: None,
        findings: None,
        guard_us: 0,
        round_trip_us: None,
        bytes: 0,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::new)?;
    runtime.block_on(audit.record(&[record]))?;
    audit.end_session(session, Clock::now().wall_ms)?;
    Ok(())
}
