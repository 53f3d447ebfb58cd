//! Daemon, bridges and servers are killed at random points under load.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write,
    process::ChildStdin,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use rustix::process::Signal;
use serde_json::{Value, json};
use store::{Direction, Verdict};

use crate::{
    common::client::{Client, PATIENCE, rule},
    dice::Dice,
    house::{House, kill},
};

/// Everything is answered within a second of being asked or of the last kill; the other second is for a machine that
/// runs other tests beside this one.
const SOON: Duration = Duration::from_secs(2);

const CLIENTS: usize = 4;

/// One client's requests and what became of them.
#[derive(Default)]
struct Book {
    asked: BTreeMap<String, Instant>,
    answered: BTreeMap<String, (Instant, Value)>,
}

pub(crate) fn at_random() {
    for seed in [1, 2, 3] {
        round(seed);
    }
}

fn round(seed: u64) {
    let house = House::new(&[("one", &[]), ("two", &[])]);
    let mut dice = Dice(seed);
    let clients: Vec<_> =
        (0..CLIENTS).map(|n| house.connect(if n % 2 == 0 { "one" } else { "two" })).collect();
    let bridges: Vec<_> = clients.iter().map(|client| client.child.id()).collect();
    let stop = AtomicBool::new(false);
    let mut kills = Vec::new();
    let mut dead = BTreeSet::new();
    let books: Vec<Book> = thread::scope(|scope| {
        let stop = &stop;
        let load = |(n, client)| scope.spawn(move || under_load(&format!("{seed}-{n}"), client, stop));
        let threads: Vec<_> = clients.into_iter().enumerate().map(load).collect();
        for n in 0..10 {
            thread::sleep(Duration::from_millis(100 + dice.below(300)));
            let sessions = house.status()["sessions"].as_array().cloned().unwrap_or_default();
            let victim = match (n, dice.below(3)) {
                // Once in each round, one of the clients that are not looked at any more.
                (5, _) => {
                    dead.insert(3);
                    Some(bridges[3])
                }
                (_, 0) => house.daemons().first().copied(),
                _ => {
                    let servers: Vec<_> = sessions.iter().filter_map(|s| s["server_pid"].as_u64()).collect();
                    let at = dice.below(servers.len().max(1) as u64) as usize;
                    servers.get(at).map(|pid| u32::try_from(*pid).unwrap())
                }
            };
            if let Some(pid) = victim {
                kill(pid, Signal::KILL);
                kills.push(Instant::now());
            }
        }
        stop.store(true, Ordering::Relaxed);
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(kills.len() >= 6, "{} kills", kills.len());
    for (n, book) in books.iter().enumerate() {
        assert_all_answered_soon(book, &kills, dead.contains(&n), &format!("seed {seed}, client {n}"));
    }
    let passed = assert_recorded(&house, &books);
    assert!(passed > 200, "only {passed} calls came through");
}

/// Asks, eight at a time, until told to stop or nobody answers any more. No line may be broken, none asked for twice.
fn under_load(name: &str, mut client: Client, stop: &AtomicBool) -> Book {
    let mut book = Book::default();
    let mut to = client.to.take();
    let mut waiting = 0;
    for n in 0_u64.. {
        while waiting >= 8 || (stop.load(Ordering::Relaxed) && waiting > 0) {
            let Ok(line) = client.lines.recv_timeout(PATIENCE) else { return book };
            let answer: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
            let id = answer["id"].as_str().unwrap().to_owned();
            assert!(book.asked.contains_key(&id), "never asked: {line}");
            let twice = book.answered.insert(id, (Instant::now(), answer));
            assert!(twice.is_none(), "answered twice: {line}");
            waiting -= 1;
        }
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let id = format!("any/{name}-{n}");
        book.asked.insert(id.clone(), Instant::now());
        if ask(to.as_mut().unwrap(), &id).is_err() {
            return book;
        }
        waiting += 1;
        // Errors come at once; a client that repeats them as fast as it can tells nothing more.
        thread::sleep(Duration::from_micros(500));
    }
    drop(to);
    client.assert_silence();
    assert_eq!(client.exit().0.code(), Some(0));
    book
}

/// Each request has a method of its own, so that the audit can tell them apart.
fn ask(to: &mut ChildStdin, id: &str) -> std::io::Result<()> {
    writeln!(to, "{}", json!({"jsonrpc": "2.0", "id": id, "method": id, "params": []}))
}

fn assert_all_answered_soon(book: &Book, kills: &[Instant], is_dead: bool, who: &str) {
    for (id, asked) in &book.asked {
        let Some((answered, answer)) = book.answered.get(id) else {
            assert!(is_dead, "{who}: {id} was never answered");
            continue;
        };
        let last_kill = kills.iter().filter(|kill| *kill <= answered).max();
        let since = last_kill.map_or(*asked, |kill| *kill.max(asked));
        let took = answered.duration_since(since);
        assert!(took < SOON, "{who}: {id} took {took:?}: {answer}");
        let known = ["none", "session.server_gone", "daemon.lost", "daemon.unreachable"];
        assert!(known.contains(&rule(answer)), "{answer}");
    }
}

/// Whatever a server heard and whatever a client was answered by it is on record, once. Gives how many were answered.
fn assert_recorded(house: &House, books: &[Book]) -> usize {
    let audit = house.audit();
    let ids: BTreeSet<_> = audit.iter().map(|entry| entry.id).collect();
    assert_eq!(ids.len(), audit.len(), "no decision has the id of another");
    let allowed = |direction| {
        let there = audit
            .iter()
            .filter(move |entry| entry.direction == Some(direction) && entry.verdict == Verdict::Allow);
        there.filter_map(|entry| entry.method.as_deref()).collect::<BTreeSet<_>>()
    };
    let (requests, answers) = (allowed(Direction::ClientToServer), allowed(Direction::ServerToClient));
    for server in ["one", "two"] {
        for line in house.heard(server) {
            let Ok(message) = serde_json::from_str::<Value>(&line) else { continue };
            let method = message["method"].as_str().unwrap();
            assert!(requests.contains(method), "{method} reached the server and is not on record");
        }
    }
    let results =
        books.iter().flat_map(|book| &book.answered).filter(|(_, (_, answer))| rule(answer) == "none");
    results
        .map(|(id, _)| assert!(answers.contains(id.as_str()), "the answer to {id} is not on record"))
        .count()
}

/// Whatever a killed daemon's servers do: nothing of them is left.
pub(crate) fn orphans() {
    let house = House::new(&[("one", &[]), ("floods", &["floods"])]);
    let mut clients: Vec<_> = (0..3).map(|_| house.connect("one")).collect();
    let mut left: Vec<_> = clients
        .iter_mut()
        .flat_map(|client| {
            let server = client.ask(1, "pid", Value::Null)["result"].as_u64().unwrap();
            [server, client.ask(2, "be-stubborn", Value::Null)["result"].as_u64().unwrap()]
        })
        .collect();
    let mut flood = house.connect("floods");
    flood.send(1, "echo", Value::Null);
    let status =
        house.until(|status| status["sessions"].as_array().unwrap().iter().all(|s| s["server_pid"].is_u64()));
    left.extend(status["sessions"].as_array().unwrap().iter().filter_map(|s| s["server_pid"].as_u64()));
    let start = Instant::now();
    kill(house.pid(), Signal::KILL);
    left.into_iter().for_each(crate::common::processes::assert_gone);
    assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
}
