//! Writing and reading as a guard and `logs` do.

mod support;

use mcp_guard_store::*;
use support::*;

#[test]
fn what_is_recorded_is_read_back_with_its_session() {
    let home = Home::new();
    let mut audit = home.open();
    let session = audit.start_session(&start("files", "ann")).unwrap();
    let mut ids = Ids::for_session(session);
    let full = Record {
        direction: Some(Direction::ServerToClient),
        verdict: Verdict::Redact,
        would: Some(Verdict::Block),
        findings: Some(r#"[{"rule":"secrets.aws"}]"#),
        round_trip_us: Some(1_234),
        bytes: u64::from(u32::MAX) + 1,
        ..record(ids.next(now_ms()), session)
    };
    let bare = Record {
        kind: Kind::RefusedLine,
        direction: None,
        era: None,
        method: None,
        target: None,
        ..record(ids.next(now_ms()), session)
    };
    audit.record(&[full]).unwrap();
    audit.record(&[bare]).unwrap();

    let reader = AuditReader::open(&home.file).unwrap();
    let entry = reader.get(full.id).unwrap().unwrap();
    assert_eq!(entry.id, full.id);
    assert_eq!((entry.kind, entry.direction), (full.kind, full.direction));
    assert_eq!((entry.verdict, entry.would), (full.verdict, full.would));
    assert_eq!(entry.era, full.era);
    assert_eq!((entry.method.as_deref(), entry.target.as_deref()), (full.method, full.target));
    assert_eq!(entry.findings.as_deref(), full.findings);
    assert_eq!((entry.guard_us, entry.round_trip_us, entry.bytes), (7, Some(1_234), full.bytes));
    let info = entry.session.unwrap();
    assert_eq!((info.server.as_str(), info.principal.as_str()), ("files", "ann"));
    assert_eq!((info.row, info.pid), (session.row(), std::process::id()));

    let entry = reader.get(bare.id).unwrap().unwrap();
    assert_eq!(entry.kind, Kind::RefusedLine);
    assert_eq!((entry.direction, entry.era, entry.method, entry.target), (None, None, None, None));
    assert_eq!(reader.get(ids.next(now_ms())).unwrap(), None);
}
