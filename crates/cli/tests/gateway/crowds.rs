//! Clients in great numbers: idle ones, and ones that never stop asking.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Resource, Rlimit, Signal, getrlimit, setrlimit};
use serde_json::{Value, json};

use crate::{
    gate::{Gate, until},
    guard::{ADA, BOB, Gateway, before, with_keys},
    mcp::{Session, call, call_modern, initialize, request},
    upstream::Upstream,
    web::{Ask, Reply, connect_from},
};

/// Streams the crowd would like to have.
const CROWD: usize = 10_000;

/// What the default limits give one address, and one caller.
const EACH: usize = 4096;

/// What a stream without anything in it may cost the gateway, in KiB.
const KIB_EACH: u64 = 32;

/// Whoever is no part of the crowd is answered within this, on a machine that is busy with the crowd.
const SERVED: Duration = Duration::from_secs(5);

/// As many idle streams as the default limits let in. What is past them is refused by name, whoever is there goes on, and
/// all is given back in the end.
pub(crate) fn idle_streams() {
    let upstream = Upstream::legacy(|_, _| false);
    let mut config = with_keys(before(&upstream.as_server("streamable-http", "legacy")));
    for address in 2..=5 {
        config["auth"]["api_keys"][format!("crowd{address}")] = json!({"key": key(address)});
    }
    // Several arenas keep what was freed in ways that depend on which thread came when.
    let gateway = Gateway::start_by(&config, &["env", "MALLOC_ARENA_MAX=1"]);
    let ada = Session::of(&gateway, "2025-11-25", Some(ADA));
    let mut listening = ada.listen().with_status(200);
    let most = open_files(CROWD + 1000).saturating_sub(1000).min(CROWD);
    println!("{most} idle streams");
    let (empty, fewest) = (resident_kib(&gateway), descriptors(&gateway));
    let mut filled = Vec::new();
    for _ in 0..3 {
        let mut crowd = Vec::new();
        for address in 2.. {
            let room = EACH.min(most - crowd.len());
            crowd.extend((0..room).map(|_| stream(&gateway, address, &key(address))));
            assert!(crowd.iter().rev().take(room).all(|(status, _)| *status == 200));
            if room < EACH {
                break;
            }
            // The next of this address does not get in; the next of this caller gets no stream.
            assert_eq!(stream(&gateway, address, BOB).0, 503, "the address has all it may have");
            let (status, refused) = stream(&gateway, 9, &key(address));
            assert_eq!(status, 503);
            let refused = rest(refused);
            assert!(refused.contains("max_sessions_per_principal"), "{refused}");
        }
        assert_eq!(crowd.len(), most);
        filled.push(resident_kib(&gateway));
        for id in 0..20 {
            let begun = Instant::now();
            assert!(ada.post(&call(id + 1, "t")).answer()["result"].is_object());
            assert!(begun.elapsed() < SERVED, "{:?}", begun.elapsed());
        }
        assert!(Session::of(&gateway, "2025-11-25", Some(BOB)).listen().status == 200, "others get in");
        drop(crowd);
        until(|| descriptors(&gateway) <= fewest + 16);
    }
    println!(
        "memory: {empty} KiB without them, {filled:?} KiB with them, {} KiB after",
        resident_kib(&gateway)
    );
    assert!(filled[0] - empty < KIB_EACH * most as u64, "{filled:?} after {empty} KiB");
    // The second time they do not fit into all the gaps the first have left; the third time they do.
    assert!(filled[2] < filled[1] + 3 * most as u64, "{filled:?}: it keeps what was theirs");
    ada.ask(Ask::new("DELETE", "/mcp")).with_status(200);
    assert!(listening.event().is_none(), "the stream was there all the time");
}

/// A stream of MCP 2024-11-05 after its first event, or what was said in its place.
fn stream(gateway: &Gateway, address: u8, key: &str) -> (u16, BufReader<TcpStream>) {
    let mut socket = connect_from(address, gateway.port);
    // Whoever is turned away may hear of it before having asked.
    let _ = socket.write_all(&Ask::get("/sse").header("X-API-Key", key).bytes());
    let mut from = BufReader::with_capacity(512, socket);
    let mut head = String::new();
    from.read_line(&mut head).unwrap();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    let mut line = head;
    while status == 200 && !line.starts_with("data: /messages") {
        line.clear();
        assert!(from.read_line(&mut line).unwrap() > 0);
    }
    (status, from)
}

fn rest(mut from: BufReader<TcpStream>) -> String {
    from.get_ref().set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    let mut text = Vec::new();
    // The connection stays open for another request.
    let _ = from.read_to_end(&mut text);
    String::from_utf8(text).unwrap()
}

fn key(address: u8) -> String {
    format!("crowd-{address}-0123456789")
}

/// Lets this program, and what it starts, have so many files open, or as many as the system lets it.
fn open_files(wanted: usize) -> usize {
    let now = getrlimit(Resource::Nofile);
    let most = now.maximum.map_or(wanted as u64, |most| most.min(wanted as u64));
    if now.current.is_some_and(|current| current < most) {
        setrlimit(Resource::Nofile, Rlimit { current: Some(most), ..now }).unwrap();
    }
    now.current.map_or(wanted, |current| current.max(most) as usize)
}

fn resident_kib(gateway: &Gateway) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", gateway.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

fn descriptors(gateway: &Gateway) -> usize {
    fs::read_dir(format!("/proc/{}/fd", gateway.pid())).unwrap().count()
}

/// A system gives a program few open files unless it asks for more.
pub(crate) fn more_than_a_shell_allows() {
    let upstream = Upstream::legacy(|_, _| false);
    let config = before(&upstream.as_server("streamable-http", "legacy"));
    let gateway = Gateway::start_by(&config, &["sh", "-c", "ulimit -Sn 128; exec \"$0\" \"$@\""]);
    let crowd: Vec<_> = (0..300).map(|_| stream(&gateway, 2, "")).collect();
    assert!(crowd.iter().all(|(status, _)| *status == 200));
}

/// Connections are counted, of each address and in all. What is past the limit is refused at once; those that are there
/// are served.
pub(crate) fn connections() {
    let gate = Gate::default();
    let waits = gate.clone();
    let upstream = Upstream::modern(move |seen, out| {
        let held = seen.message["params"]["name"] == "slow";
        if held {
            waits.pass();
            out.json(&seen.text("the answer"));
        }
        held
    });
    let mut config = before(&upstream.as_server("streamable-http", "modern"));
    config["gateway"]["limits"] = json!({"max_connections": 60, "max_connections_per_address": 40});
    let gateway = Gateway::start(&config);
    let ask = |address, ask: Ask| {
        let mut socket = connect_from(address, gateway.port);
        // Whoever is turned away may hear of it before having asked.
        let _ = socket.write_all(&ask.bytes());
        socket
    };
    let flood = |address| (0..200).map(|id| ask(address, call_modern(id, "slow"))).collect::<Vec<_>>();
    let is_held = |socket: &TcpStream| {
        socket.set_nonblocking(true).unwrap();
        let waits = socket.peek(&mut [0]).is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock);
        socket.set_nonblocking(false).unwrap();
        waits
    };
    let came = || upstream.seen().iter().filter(|seen| seen.message["params"]["name"] == "slow").count();
    let first = flood(2);
    until(|| came() == 40 && first.iter().filter(|socket| is_held(socket)).count() == 40);
    for id in 0..10 {
        assert!(gateway.ask(&call_modern(id, "t")).answer()["result"].is_object(), "others are served");
    }
    let second = flood(3);
    until(|| came() == 60 && second.iter().filter(|socket| is_held(socket)).count() == 20);
    assert_eq!(Reply::read(ask(4, call_modern(1, "t"))).status, 503, "there is no place at all");
    gate.open();
    let statuses = |flood: Vec<TcpStream>| {
        let mut all: Vec<_> = flood.into_iter().map(|socket| Reply::read(socket).status).collect();
        all.retain(|status| *status != 0);
        let held = all.iter().filter(|status| **status == 200).count();
        assert!(all.iter().all(|status| matches!(status, 200 | 503)), "{all:?}");
        held
    };
    assert_eq!((statuses(first), statuses(second)), (40, 20));
    assert_eq!(came(), 60, "nothing else has reached the server");
    until(|| Reply::read(ask(4, call_modern(1, "t"))).status == 200);
}

/// One who posts without end, good requests and bad ones, is served within the limits; all others as ever.
pub(crate) fn posts_without_end() {
    let upstream = Upstream::legacy(|_, _| false);
    let mut config = with_keys(before(&upstream.as_server("streamable-http", "legacy")));
    config["rate_limit"] = json!({"requests_per_minute": 100});
    let gateway = Gateway::start(&config);
    let ada = Session::of(&gateway, "2025-11-25", Some(ADA));
    let bob = Session::of(&gateway, "2025-11-25", Some(BOB));
    let end = Instant::now() + Duration::from_secs(3);
    let bad = |message: &Value| bob.sign(Ask::post("/mcp", message)).instead("Mcp-Session-Id", "x");
    let asks = [
        bob.sign(Ask::post("/mcp", &call(1, "flood"))),
        bob.sign(Ask::post("/mcp", &call(1, "flood"))).body("{"),
        bad(&call(2, "flood")),
        bad(&initialize("2025-11-25")).without("Mcp-Session-Id").body("[]"),
        bob.sign(Ask::post("/rpc", &request(3, "tools/call", json!({"name": "flood"})))),
    ];
    let posted = thread::scope(|scope| {
        let floods: Vec<_> = (0..8)
            .map(|n: usize| {
                scope.spawn({
                    let (ask, port) = (asks[n % asks.len()].bytes(), gateway.port);
                    move || {
                        let mut posted = 0;
                        while Instant::now() < end {
                            // A connection that is closed on us is replaced.
                            let mut socket = connect_from(2, port);
                            while Instant::now() < end && socket.write_all(&ask).is_ok() {
                                let mut from = BufReader::new(socket);
                                let status = status_of_one(&mut from);
                                socket = from.into_inner();
                                if status == 0 {
                                    break;
                                }
                                posted += 1;
                            }
                        }
                        posted
                    }
                })
            })
            .collect();
        let mut id = 10;
        while Instant::now() < end {
            let begun = Instant::now();
            let answer = ada.post(&call(id, "t")).answer();
            assert!(answer["result"].is_object(), "{answer}");
            assert!(begun.elapsed() < SERVED, "{:?}", begun.elapsed());
            id += 1;
            thread::sleep(Duration::from_millis(50));
        }
        floods.into_iter().map(|flood| flood.join().unwrap()).sum::<usize>()
    });
    let passed = upstream.seen().iter().filter(|seen| seen.message["params"]["name"] == "flood").count();
    println!("{posted} posts, {passed} passed");
    assert!(posted > 1000, "only {posted}");
    assert!((1..=110).contains(&passed), "{passed} of {posted} got past the caller's limit of 100 a minute");
}

/// What is refused before anybody is known is recorded in sums, however much it is.
pub(crate) fn refused() {
    let upstream = Upstream::legacy(|_, _| false);
    let mut gateway = Gateway::start(&with_keys(before(&upstream.as_server("streamable-http", "legacy"))));
    let from = |address, ask: &Ask| {
        let mut socket = connect_from(address, gateway.port);
        socket.write_all(&ask.bytes()).unwrap();
        Reply::read(socket).status
    };
    let keyless = call_modern(1, "t");
    for _ in 0..30 {
        assert_eq!(from(2, &keyless), 401);
    }
    let known = keyless.clone().header("X-API-Key", ADA);
    assert_eq!(from(3, &known.clone().instead("Host", "evil.example")), 403);
    assert_eq!(from(3, &known.clone().path("/mcp/none")), 404);
    assert_eq!(from(3, &known.clone().header("Mcp-Session-Id", "x").without("MCP-Protocol-Version")), 404);
    for address in 10..=200 {
        assert_eq!(from(address, &keyless), 401);
    }
    gateway.signal(Signal::TERM);
    gateway.ended();
    let told = gateway.refusals();
    let of = |address: &str, rule: &str| {
        let of = told.iter().filter(|(from, known, _)| from == address && known == rule);
        of.map(|(.., why)| why.as_str()).collect::<Vec<_>>()
    };
    assert!(of("127.0.0.2", "http.401")[0].starts_with("30 requests: send your key"), "{told:?}");
    assert_eq!((of("127.0.0.3", "http.403").len(), of("127.0.0.3", "http.404").len()), (1, 2), "{told:?}");
    assert_eq!(told.len(), 65, "as many as are told apart, and one for all others");
    let others = of("others", "http.refused");
    assert!(others[0].starts_with("131 requests"), "{others:?}");
}

/// Reads one response that says its length.
fn status_of_one(from: &mut BufReader<TcpStream>) -> u16 {
    let (mut status, mut length) = (0, 0);
    loop {
        let mut line = String::new();
        if from.read_line(&mut line).unwrap_or(0) == 0 {
            return 0;
        }
        if line == "\r\n" {
            break;
        }
        match line.trim_end().split_once(": ") {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.parse().unwrap()
            }
            Some(_) => {}
            None => status = line.split(' ').nth(1).unwrap_or_default().parse().unwrap_or(0),
        }
    }
    let mut body = vec![0; length];
    if from.read_exact(&mut body).is_ok() { status } else { 0 }
}
