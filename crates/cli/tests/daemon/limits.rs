//! Limits that all sessions of a user count towards.

use std::time::Instant;

use serde_json::json;

use crate::{
    common::client::{Client, rule},
    house::House,
};

/// A server that admits five calls at once and one more each minute.
fn limited() -> House {
    let house = House::new(&[("one", &[])]);
    house.reconfigure(|config| {
        config["servers"]["one"]["policy"] = json!({"rate_limit": {"requests_per_minute": 1, "burst": 5}});
    });
    house
}

/// How many of so many calls pass; the others are refused for the limit.
fn passed(client: &mut Client, calls: usize) -> usize {
    let answers = (0..calls).map(|_| client.ask("n", "echo", json!("passed")));
    answers
        .filter(|answer| {
            let passed = answer["result"] == "passed";
            assert!(passed || rule(answer).starts_with("rate_limit."), "{answer}");
            assert!(passed || answer["error"]["code"] == 4429, "{answer}");
            passed
        })
        .count()
}

pub(crate) fn of_all_sessions() {
    let house = limited();
    let start = Instant::now();
    let mut clients: Vec<_> = (0..4).map(|_| house.connect("one")).collect();
    let total: usize = clients.iter_mut().map(|client| passed(client, 4)).sum();
    assert!(start.elapsed().as_secs() < 50, "one more would be admitted by now");
    assert_eq!(total, 5);

    // Neither another daemon nor a guard without one hands out more.
    let daemon = house.pid();
    crate::house::kill(daemon, rustix::process::Signal::KILL);
    assert_eq!(passed(&mut house.connect("one"), 2), 0);
    assert_eq!(passed(&mut Client::spawn(house.command(&["run", "-s", "one"])), 2), 0);
    assert!(start.elapsed().as_secs() < 50, "one more would be admitted by now");
}

/// They hold in open sessions as soon as they are written down.
pub(crate) fn that_come_with_a_reload() {
    let house = House::new(&[("one", &[])]);
    let mut client = house.connect("one");
    assert_eq!(passed(&mut client, 20), 20);
    house.reconfigure(|config| {
        config["rate_limit"] = json!({"requests_per_hour": 1, "burst": 2});
    });
    let ran = house.run(&["reload"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stdout.contains("tightens rate_limit"), "{ran:?}");
    assert_eq!(passed(&mut client, 5), 2);
}
