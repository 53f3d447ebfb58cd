//! More, longer, slower than any real peer.

use std::{
    collections::BTreeSet,
    fs::File,
    io::{BufRead, BufReader, Read, Write},
    process::Stdio,
    thread,
    time::Duration,
};

use serde_json::{Value, json};

use crate::guard::{Guard, PATIENCE, command, home, request, rule};

pub(crate) fn ten_thousand_in_flight() {
    const MANY: u64 = 10_000;
    let mut guard = Guard::start();
    for id in 0..MANY {
        guard.send(id, "hold", json!(null));
    }
    guard.send("r", "release", json!(null));
    let mut waiting: BTreeSet<u64> = (0..MANY).collect();
    while !waiting.is_empty() {
        let answer = guard.receive();
        assert_eq!(answer["result"], "held");
        assert!(waiting.remove(&answer["id"].as_u64().unwrap()));
    }
    assert_eq!(guard.receive()["id"], "r");
    guard.close();
    assert_eq!(guard.exit().0.code(), Some(0));
}

pub(crate) fn line_of_64_mib() {
    const LONG: usize = 64 * 1024 * 1024;
    let mut guard = Guard::start();
    guard.send(7, "echo", json!("x".repeat(LONG)));
    let answer = guard.receive();
    assert_eq!((rule(&answer), &answer["id"]), ("wire.refused", &json!(7)));
    assert!(answer["error"]["message"].as_str().unwrap().contains("limits.max_frame_bytes"), "{answer}");
    // From the server: the client is told, and the session goes on.
    let answer = guard.ask(8, "big", json!(LONG));
    assert_eq!(rule(&answer), "wire.refused");
    assert_eq!(guard.ask(9, "echo", json!("still here"))["result"], "still here");
    let status = std::fs::read_to_string(format!("/proc/{}/status", guard.child.id())).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let kib: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
    assert!(kib < 128 * 1024, "an overlong line is not kept: {kib} KiB at most");
}

pub(crate) fn stderr_flood() {
    // Nobody reads the guard's standard error, so the server's pipe to it fills up.
    let mut guard = Guard::start();
    assert_eq!(guard.ask(1, "flood-stderr", json!(null))["result"], "flooding");
    for id in 2..300 {
        // Each refusal is something the guard itself would like to log there.
        guard.to.as_mut().unwrap().write_all(b"not json\n").unwrap();
        assert_eq!(rule(&guard.receive()), "wire.refused");
        assert_eq!(guard.ask(id, "echo", json!(id))["result"], json!(id));
    }
    guard.close();
    guard.exit();
}

pub(crate) fn slow_reader() {
    const MANY: u64 = 400;
    let home = home();
    let command = command(&home);
    let (mut guard, output) = Guard::spawn_unread(command, home);
    let mut to = guard.to.take().unwrap();
    let writer = thread::spawn(move || {
        for id in 0..MANY {
            writeln!(to, "{}", request(id, "big", json!(100_000))).unwrap();
        }
    });
    thread::sleep(Duration::from_millis(500));
    let mut lines = BufReader::with_capacity(4096, output).lines();
    for id in 0..MANY {
        if id % 20 == 0 {
            thread::sleep(Duration::from_millis(20));
        }
        let answer: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
        assert_eq!((&answer["id"], answer["result"].as_str().map(str::len)), (&json!(id), Some(100_000)));
    }
    writer.join().unwrap();
    // The writer has dropped its end.
    assert!(lines.next().is_none());
    assert_eq!(guard.exit().0.code(), Some(0));
}

pub(crate) fn both_flood() {
    const MANY: u64 = 10_000;
    let mut guard = Guard::start();
    guard.send("f", "flood-requests", json!(MANY));
    let mut to = guard.to.take().unwrap();
    let writer = thread::spawn(move || {
        for id in 0..MANY {
            writeln!(to, "{}", request(id, "echo", json!("y".repeat(1000)))).unwrap();
        }
        to
    });
    let (mut asked, mut answered) = (0, 0);
    while answered <= MANY {
        let message: Value = serde_json::from_str(&guard.lines.recv_timeout(PATIENCE).unwrap()).unwrap();
        if message.get("method").is_some() { asked += 1 } else { answered += 1 }
    }
    assert_eq!(asked, MANY);
    drop(writer.join().unwrap());
    assert_eq!(guard.exit().0.code(), Some(0));
}

pub(crate) fn byte_by_byte() {
    let mut guard = Guard::start();
    let line = format!("{}\n", request(1, "echo", json!({"é": "½ AKIA"})));
    for byte in line.as_bytes() {
        guard.to.as_mut().unwrap().write_all(&[*byte]).unwrap();
        thread::sleep(Duration::from_micros(300));
    }
    let answer = guard.receive();
    assert_eq!(answer["result"], json!({"é": "½ AKIA"}), "{answer}");
}

pub(crate) fn files_for_streams() {
    let home = home();
    let (input, output) = (home.path().join("in"), home.path().join("out"));
    let lines: String = (0..200).map(|id| format!("{}\n", request(id, "echo", json!(id)))).collect();
    // The last line lacks its end.
    std::fs::write(&input, lines.trim_end()).unwrap();
    let status = command(&home)
        .stdin(File::open(&input).unwrap())
        .stdout(File::create(&output).unwrap())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success());
    let mut answers = String::new();
    File::open(&output).unwrap().read_to_string(&mut answers).unwrap();
    assert_eq!(answers.lines().count(), 200);
    assert!(answers.contains(r#""id":199,"result":199"#));
}
