//! What is disguised is found in the legs, said to be disguised, and cut out whole; what only looks odd arrives as it came.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // A test fails by panicking.

mod support;

use mcp_guard_decide::{Decision, Verdict};
use serde_json::json;
use support::{answer, core, sent};
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
}
