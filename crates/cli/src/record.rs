//! One record as people and programs read it.

use decide::Finding;
use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value, json};
use store::{Direction, Entry, Kind};

use crate::paint::{self, FAINT, paint};

/// What was found; `None` if the record says something we cannot read.
pub(crate) fn findings(entry: &Entry) -> Option<Vec<Finding>> {
    entry.findings.as_deref().map_or(Some(Vec::new()), |json| serde_json::from_str(json).ok())
}

/// The moment of a decision, in local time.
pub(crate) fn local_time(unix_ms: u64) -> String {
    let time = i64::try_from(unix_ms).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
    time.map_or_else(String::new, |time| time.to_zoned(TimeZone::system()).strftime("%F %T%.3f").to_string())
}

/// One line: time, verdict, who, which way, what, why.
pub(crate) fn line(entry: &Entry) -> String {
    let verdict = paint(paint::verdict(entry.verdict), format_args!("{:<12}", entry.verdict));
    let (user, server) =
        entry.session.as_ref().map_or(("?", "?"), |session| (&*session.principal, &*session.server));
    let way = match entry.direction {
        Some(Direction::ClientToServer) => "→",
        Some(Direction::ServerToClient) => "←",
        None => "·",
    };
    let time = entry.round_trip_us.unwrap_or(entry.guard_us);
    let mut line = format!(
        "{} {verdict} {user}@{server} {way} {} {}",
        paint(FAINT, local_time(entry.id.unix_ms())),
        what(entry),
        paint(FAINT, format_args!("({}, {})", milliseconds(time), entry.id)),
    );
    for finding in findings(entry).unwrap_or_default() {
        line.push_str(&format!("\n    {}: {}", finding.rule, finding.reason));
    }
    line
}

/// The message a record is about.
pub(crate) fn what(entry: &Entry) -> String {
    let what = match (entry.kind, &entry.method) {
        (_, Some(method)) => method,
        (Kind::RefusedLine, None) => "a line that is no message",
        (Kind::RefusedRequest, None) => "over HTTP, from",
        (Kind::Approval, None) => "an approval",
        (Kind::Frame, None) => "an answer nobody waits for",
    };
    match &entry.target {
        Some(target) => format!("{what} {target}"),
        None => what.to_owned(),
    }
}

/// Everything, for programs.
pub(crate) fn json(entry: &Entry) -> Value {
    let time = i64::try_from(entry.id.unix_ms()).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
    let session = entry.session.as_deref();
    json!({
        "decision_id": entry.id.to_string(),
        "time": time.map(|time| time.to_string()),
        "time_ms": entry.id.unix_ms(),
        "kind": entry.kind.name(),
        "principal": session.map(|session| &session.principal),
        "server": session.map(|session| &session.server),
        "session": session.map(|session| session.row),
        "profile": session.map(|session| &session.profile),
        "policy_hash": session.map(|session| &session.policy_hash),
        "era": entry.era.map(|era| era.to_string()),
        "direction": entry.direction.map(|direction| direction.name()),
        "method": entry.method,
        "target": entry.target,
        "verdict": entry.verdict.name(),
        "would": entry.would.map(|would| would.name()),
        "findings": findings(entry),
        "guard_us": entry.guard_us,
        "round_trip_us": entry.round_trip_us,
        "bytes": entry.bytes,
    })
}

/// Microseconds as people read them.
pub(crate) fn milliseconds(micros: u64) -> String {
    format!("{}.{:02} ms", micros / 1000, micros % 1000 / 10)
}
