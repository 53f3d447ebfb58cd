//! Ten clients at five servers, coming and going: the daemon ends up as it began.

use std::{
    fs, thread,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{common::processes, dice::Dice, house::House};

/// How long, in seconds: `cargo xtask soak` sets it.
const SECONDS: &str = "MCP_GUARD_SOAK_SECONDS";
const DEFAULT: u64 = 20;

const CLIENTS: u64 = 10;
const SERVERS: [&str; 5] = ["a", "b", "c", "d", "e"];

/// What an allocator and SQLite's page cache (2 MB) keep may vary by this, in KiB. The three hundred and more sessions
/// of twenty seconds would exceed it with 32 KiB each, a fraction of a session's buffers.
const MEMORY: u64 = 8 * 1024;

/// What the daemon holds.
#[derive(Debug)]
struct Holdings {
    resident_kib: u64,
    descriptors: usize,
    children: usize,
}

impl Holdings {
    /// Once nobody is connected any more.
    fn of(house: &House, daemon: u32) -> Self {
        house.until(|status| status["sessions"] == json!([]));
        // The connection that asked is closed, but its end not yet noticed.
        thread::sleep(Duration::from_millis(300));
        let status = fs::read_to_string(format!("/proc/{daemon}/status")).unwrap();
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        Self {
            resident_kib: resident.trim().trim_end_matches(" kB").parse().unwrap(),
            descriptors: fs::read_dir(format!("/proc/{daemon}/fd")).unwrap().count(),
            children: processes::children(daemon),
        }
    }
}

pub(crate) fn soak() {
    let seconds = std::env::var(SECONDS).ok().map_or(DEFAULT, |text| text.parse().unwrap());
    let house = House::new(&SERVERS.map(|name| (name, &[][..])));
    let daemon = house.start();
    let first = round(&house, Duration::from_secs(seconds) / 4, 1);
    let before = Holdings::of(&house, daemon);
    let second = round(&house, Duration::from_secs(seconds) * 3 / 4, 2);
    let after = Holdings::of(&house, daemon);
    println!("soak: {first} + {second} sessions; {before:?}, then {after:?}");
    assert_eq!(house.pid(), daemon);
    assert!(second > 50, "only {second} sessions");
    // The reaper, which is told of each server's start and end.
    assert_eq!((before.children, after.children), (1, 1), "{before:?} {after:?}");
    assert_eq!(before.descriptors, after.descriptors, "{before:?} {after:?}");
    assert!(after.resident_kib < before.resident_kib + MEMORY, "{before:?} {after:?}");
}

/// Clients at work; gives how many sessions there were.
fn round(house: &House, time: Duration, seed: u64) -> usize {
    let end = Instant::now() + time;
    thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|n| {
                scope.spawn(move || {
                    let mut dice = Dice(seed * 100 + n);
                    let mut sessions = 0;
                    while Instant::now() < end {
                        session(house, &mut dice);
                        sessions += 1;
                    }
                    sessions
                })
            })
            .collect();
        clients.into_iter().map(|client| client.join().unwrap()).sum()
    })
}

/// One client: comes, asks, and leaves in one way or another.
fn session(house: &House, dice: &mut Dice) {
    let mut client = house.connect(SERVERS[dice.below(SERVERS.len() as u64) as usize]);
    let calls = 20 + dice.below(60);
    for id in 0..calls {
        client.send(id, "echo", json!("x".repeat(dice.below(4000) as usize)));
        if dice.below(4) == 0 {
            client.say("no message");
        }
    }
    let way = dice.below(5);
    if way == 0 {
        // Gone with everything in flight.
        return;
    }
    let mut answered = 0;
    while answered < calls {
        answered += u64::from(client.receive().get("result").is_some());
    }
    match way {
        1 => drop(client.ask("stubborn", "be-stubborn", json!(null))),
        2 => client.send("exit", "exit", json!(3)),
        _ => {}
    }
    client.close();
    let (status, _) = client.exit();
    assert_eq!(status.code(), Some(0));
}
