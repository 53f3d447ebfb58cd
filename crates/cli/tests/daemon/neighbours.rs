//! What one server does must not be felt by the clients of another.

use std::{
    io::Read,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    common::client::{Client, rule},
    house::{House, Over},
};

/// The 99th percentile of what calls take that make their way beside others. It is fractions of a millisecond on an
/// idle machine; what would fail is a wait for the neighbour to be done.
const SANE: Duration = Duration::from_millis(750);

pub(crate) fn loud() {
    let house = House::new(&[("flood", &["floods"]), ("big", &[]), ("quick", &[])]);
    let mut quick = house.connect("quick");
    quick.ask(0, "echo", Value::Null);
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            // One whose flood is read, and one whose flood piles up.
            let (mut client, mut output) = Client::spawn_unread(house.command(&["connect", "-s", "flood"]));
            let (mut unread, _output) = Client::spawn_unread(house.command(&["connect", "-s", "flood"]));
            client.send(1, "echo", Value::Null);
            unread.send(1, "echo", Value::Null);
            let mut bytes = vec![0; 1 << 16];
            while !done.load(Ordering::Relaxed) {
                assert!(output.read(&mut bytes).unwrap() > 0);
            }
        });
        scope.spawn(|| {
            let mut client = house.connect("big");
            for id in 0.. {
                let answer = client.ask(id, "big", json!(60 << 20));
                assert_eq!(rule(&answer), "wire.refused", "{id}");
                if done.load(Ordering::Relaxed) {
                    break;
                }
            }
        });
        let over = Over(&done);
        // Both are at it.
        house.until(|status| status["sessions"].as_array().unwrap().len() == 4);
        let start = Instant::now();
        let mut took: Vec<_> = (1..)
            .map_while(|id| {
                let asked = Instant::now();
                assert_eq!(quick.ask(id, "echo", json!(id))["result"], json!(id));
                thread::sleep(Duration::from_millis(2));
                (start.elapsed() < Duration::from_secs(6)).then(|| asked.elapsed())
            })
            .collect();
        drop(over);
        took.sort_unstable();
        let p99 = took[took.len() * 99 / 100];
        assert!(took.len() > 100, "{} calls", took.len());
        assert!(p99 < SANE, "p99 {p99:?}, at most {:?}, of {}", took.last(), took.len());
    });
}
