//! That the client, the bare reverse proxy and the upstream understand one another, in seconds.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // A test fails by panicking.

use std::process::Command;

#[test]
fn every_kind_of_load_and_of_session_is_measured() {
    let output = Command::new(env!("CARGO_BIN_EXE_bench"))
        .args([
            "http",
            "--without-guard",
            "--rounds",
            "1",
            "--block",
            "40",
            "--sessions",
            "3",
            "9",
            "--settling",
            "1",
        ])
        .output()
        .unwrap();
    let report = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{report}{}", String::from_utf8_lossy(&output.stderr));
    let rows = |start: &str| report.lines().filter(|line| line.starts_with(start)).count();
    for kind in
        ["legacy 300 B × 32 |", "modern 300 B × 1 |", "legacy 65536 B × 8 |", "legacy 300 B × 32, 1000/s"]
    {
        assert_eq!(rows(&format!("| {kind}")), 2, "direct and bare at {kind} in {report}");
    }
    for kept in ["its connection | 9", "its GET stream | 9"] {
        assert_eq!(rows(&format!("| bare | {kept}")), 1, "{kept} in {report}");
    }
}
