//! A flood got 18 times what the limit said.

use std::time::Instant;

use serde_json::json;

use crate::{ask, call, common::client::rule, guarded};

pub(crate) fn a_flood_gets_what_the_limit_says() {
    for (limit, calls) in [(6, 400), (60, 1500)] {
        let house = guarded(json!({"rate_limit": {"requests_per_minute": limit}}));
        let mut client = house.connect("files");
        let start = Instant::now();
        let passed =
            (0..calls).filter(|id| ask(&mut client, *id, "x/y", json!({})).get("result").is_some()).count();
        let refilled = (start.elapsed().as_secs_f64() * f64::from(limit) / 60.0).floor() as usize;
        let exact = limit as usize + refilled;
        assert!((exact - 1..=exact).contains(&passed), "{passed} of {limit} and {refilled}");
        let refused = ask(&mut client, 9_999, "x/y", json!({}));
        assert_eq!(refused["error"]["code"], 4429, "{refused}");
        assert!(rule(&refused).starts_with("rate_limit."), "{refused}");
        assert_eq!(house.heard("files").iter().filter(|line| line.contains("x/y")).count(), passed);
    }
}

pub(crate) fn a_limit_outlives_the_daemon() {
    let house = guarded(json!({"rate_limit": {"requests_per_hour": 3}}));
    for round in 0..3 {
        let mut client = house.connect("files");
        let passed =
            (0..3).filter(|id| ask(&mut client, *id, "x/y", json!({})).get("result").is_some()).count();
        assert_eq!(passed, if round == 0 { 3 } else { 0 }, "round {round}");
        drop(client);
        house.stop();
    }
}

pub(crate) fn a_tools_limit_is_its_own() {
    let house = guarded(json!({"rate_limit": {"tool_limits": {"send_*": {"requests_per_hour": 2}}}}));
    let mut client = house.connect("files");
    // Another spelling is the same tool.
    let sent = ["send_mail", "SEND-mail", "send_mail", "Send_Fax"];
    let passed = sent.map(|tool| call(&mut client, 1, tool, json!({})).get("result").is_some());
    assert_eq!(passed, [true, true, false, false]);
    assert!((0..20).all(|id| call(&mut client, id, "read_file", json!({})).get("result").is_some()));
}
