//! Lines that the end of a daemon cuts in two.

use std::{io::Write, thread, time::Duration};

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::{
    common::{
        client::{Client, rule},
        processes::assert_gone,
    },
    house::{House, kill},
};

fn say(client: &mut Client, piece: &str) {
    client.to.as_mut().unwrap().write_all(piece.as_bytes()).unwrap();
}

/// A line of the client of which the daemon heard `first`; gives what the client hears after `rest`.
fn cut(first: &str, rest: &str) -> Vec<Value> {
    let house = House::new(&[("one", &[])]);
    let mut client = house.connect("one");
    client.ask(0, "echo", Value::Null);
    say(&mut client, first);
    thread::sleep(Duration::from_millis(300));
    let daemon = house.pid();
    kill(daemon, Signal::KILL);
    assert_gone(daemon.into());
    thread::sleep(Duration::from_millis(100));
    say(&mut client, rest);
    client.send("end", "echo", json!("of the test"));
    let mut told = Vec::new();
    loop {
        let answer = client.receive();
        if answer["id"] == "end" {
            assert_eq!(answer["result"], "of the test", "{answer}");
            let heard = house.heard("one").join("\n");
            assert!(!heard.contains("secret"), "{heard}");
            return told;
        }
        told.push(answer);
    }
}

fn assert_lost_once(told: &[Value], id: &Value) {
    let ids: Vec<_> = told.iter().map(|answer| (&answer["id"], rule(answer))).collect();
    assert_eq!(ids, [(id, "daemon.lost")], "{told:?}");
}

pub(crate) fn of_the_client() {
    let five = json!(5);
    let lost = |first: &str, rest: &str| assert_lost_once(&cut(first, rest), &five);
    // The id may stand anywhere, so it may be in either half, or in both.
    lost(r#"{"jsonrpc":"2.0","id":5,"method":"any/x","params":["sec"#, "ret\"]}\n");
    lost(r#"{"method":"any/x","params":["sec"#, "ret\"],\"jsonrpc\":\"2.0\",\"id\":5}\n");
    let long = "x".repeat(700_000);
    lost(&format!(r#"{{"method":"any/x","params":["{long}"#), "secret\"],\"jsonrpc\":\"2.0\",\"id\":5}\n");
    // All but the end of the line, and in the rest what looks like a message.
    lost(r#"{"jsonrpc":"2.0","id":5,"method":"any/x"}"#, "\n");
    let inner = r#"{\"jsonrpc\":\"2.0\",\"id\":6,\"method\":\"any/secret\"}"#;
    lost(r#"{"jsonrpc":"2.0","id":5,"method":"any/x","params":[""#, &format!("{inner}\"]}}\n"));
    // Nobody waits for an answer to an answer, or to a notification.
    assert_eq!(cut(r#"{"jsonrpc":"2.0","id":5,"res"#, "ult\":\"secret\"}\n"), Vec::<Value>::new());
    assert_eq!(
        cut(r#"{"jsonrpc":"2.0","method":"notifications/x","par"#, "ams\":{}}\n"),
        Vec::<Value>::new()
    );
}

pub(crate) fn of_the_daemon() {
    let house = House::new(&[("one", &[])]);
    let mut client = house.connect("one");
    for round in 0..3 {
        client.send(round, "echo", json!(0));
        assert_eq!(client.receive()["result"], 0);
        // The bridge does not look while the daemon writes: what fits between them is half a line.
        kill(client.child.id(), Signal::STOP);
        client.send(10 + round, "echo", json!("first"));
        client.send(20 + round, "big", json!(2_000_000));
        kill(client.child.id(), Signal::CONT);
        thread::sleep(Duration::from_millis(20));
        kill(client.child.id(), Signal::STOP);
        thread::sleep(Duration::from_millis(1500));
        let daemon = house.pid();
        kill(daemon, Signal::KILL);
        assert_gone(daemon.into());
        kill(client.child.id(), Signal::CONT);
        let mut answers = [client.receive(), client.receive()];
        answers.sort_by_key(|answer| answer["id"].as_u64());
        assert_eq!((&answers[0]["id"], &answers[1]["id"]), (&json!(10 + round), &json!(20 + round)));
        assert_eq!(rule(&answers[1]), "daemon.lost", "{}", answers[1]["id"]);
    }
    assert_eq!(client.ask("end", "echo", json!("of the test"))["result"], "of the test");
}

/// A bridge whose client has said everything still owes it the answers.
pub(crate) fn nothing_more_to_say() {
    let house = House::new(&[("one", &[])]);
    let mut client = house.connect("one");
    // It does not end with its input.
    client.ask("stubborn", "be-stubborn", Value::Null);
    for id in 0..10 {
        client.send(id, "hold", Value::Null);
    }
    client.ask("in order", "echo", Value::Null);
    client.close();
    thread::sleep(Duration::from_millis(100));
    let daemon = house.pid();
    kill(daemon, Signal::KILL);
    let mut told: Vec<_> = (0..10).map(|_| client.receive()).collect();
    told.sort_by_key(|answer| answer["id"].as_u64());
    for (id, answer) in told.iter().enumerate() {
        assert_eq!((&answer["id"], rule(answer)), (&json!(id), "daemon.lost"), "{answer}");
    }
    client.assert_silence();
    assert_eq!(client.exit().0.code(), Some(0));
}
