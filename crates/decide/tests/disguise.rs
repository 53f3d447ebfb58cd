//! What is disguised is found in the legs, said to be disguised, and cut out whole; what only looks odd arrives as it came.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // A test fails by panicking.

mod support;

use mcp_guard_decide::{Decision, Verdict};
use serde_json::json;
use support::{answer, call, core, sent};
use wire::Method;

fn answered(text: &str) -> Decision {
    let result = json!({"content": [{"type": "text", "text": text}]});
    answer(&mut core("profile: balanced"), Method::ToolsCall, result)
}

fn text(decision: &Decision) -> String {
    sent(decision)["result"]["content"][0]["text"].as_str().unwrap().to_owned()
}

#[test]
fn a_secret_in_base64_is_cut_out_with_its_disguise() {
    // aws_access_key_id = AKIA… and a line end
    let island = "YXdzX2FjY2Vzc19rZXlfaWQgPSBBS0lBUTJXNVRaN0xLRFBNQlZDWAo=";
    let decision = answered(&format!("config {island} end"));
    assert_eq!(decision.verdict, Verdict::Redact, "{:?}", decision.findings);
    let finding = &decision.findings[0];
    assert_eq!(finding.rule, "secret.aws_key");
    assert!(finding.reason.contains("disguised by base64"), "{}", finding.reason);
    assert_eq!(finding.pointer.as_deref(), Some("/result/content/0/text"));
    let text = text(&decision);
    assert!(text.starts_with("config ") && text.ends_with(" end"), "{text}");
    // Nothing is left that decodes to a part of the key.
    assert!(!text.contains("BS0lBU") && !text.contains("RFBNQlZDWA"), "{text}");
}

#[test]
fn what_only_looks_odd_arrives_as_it_came() {
    let odd = "100 % `%41` ½ … 👩‍👩‍👧 می‌خواهم";
    let decision = answered(odd);
    assert_eq!(decision.verdict, Verdict::Allow, "{:?}", decision.findings);
    assert_eq!(text(&decision), odd);
    let decision = call(&mut core("profile: balanced"), "note", json!({"text": odd}));
    assert_eq!(decision.verdict, Verdict::Allow, "{:?}", decision.findings);
    assert_eq!(sent(&decision)["params"]["arguments"]["text"], odd);
}

#[test]
fn what_is_not_looked_into_to_its_end_is_a_finding() {
    let deep = (0..6).fold("All is well with the weather today.".to_owned(), |text, _| base64(&text));
    for (profile, verdict) in [("balanced", Verdict::Warn), ("strict", Verdict::Block)] {
        let result = json!({"content": [{"type": "text", "text": deep}]});
        let decision = answer(&mut core(&format!("profile: {profile}")), Method::ToolsCall, result);
        assert_eq!(decision.verdict, verdict, "{:?}", decision.findings);
        assert_eq!(decision.findings[0].rule, "anomaly.nested_encoding");
    }
}

fn base64(text: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = |group: &[u8]| {
        let bits =
            group.iter().fold(0, |bits, byte| bits << 8 | usize::from(*byte)) << (8 * (3 - group.len()));
        let digit = |at: usize| char::from(DIGITS[bits >> (18 - 6 * at) & 63]);
        (0..4).map(|at| if at <= group.len() { digit(at) } else { '=' }).collect::<String>()
    };
    text.as_bytes().chunks(3).map(digits).collect()
}
