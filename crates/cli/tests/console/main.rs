//! The dashboard's port of a daemon that runs, asked byte by byte.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // A test fails by panicking.
#![allow(clippy::disallowed_methods)] // Tests wait.

#[path = "../common/mod.rs"]
mod common;
#[allow(dead_code, reason = "each program uses its part")]
#[path = "../daemon/house.rs"]
mod house;

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::house::House;

const GET: &str = "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";

/// A house with a daemon.
fn house() -> House {
    let house = House::new(&[]);
    house.start();
    house
}

fn dial(house: &House) -> TcpStream {
    let port = fs::read_to_string(house.home().join("dashboard.port")).unwrap().trim().parse().unwrap();
    let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream
}

/// All that comes back for these bytes, until the other side hangs up.
fn answer(house: &House, request: &str) -> String {
    let mut stream = dial(house);
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    // It may hang up before it has read everything.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8(answer).unwrap()
}

/// The status code.
fn code(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or_else(|| panic!("{answer:?}"))
}

fn body(answer: &str) -> Value {
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

fn get(path: &str, headers: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nConnection: close\r\n{headers}\r\n")
}

#[test]
fn health_needs_no_token_and_tells_nothing_secret() {
    let house = house();
    let told = answer(&house, GET);
    assert_eq!((code(&told), &body(&told)["status"]), (200, &"healthy".into()), "{told}");
    assert!(told.to_lowercase().contains("cache-control: no-store"), "{told}");
    let token = house.run(&["dashboard-token"]).stdout.trim().to_owned();
    assert!(token.len() == 64 && !told.contains(&token) && !told.contains(house.home().to_str().unwrap()));
    assert_eq!(code(&answer(&house, &get("/", "Host: localhost\r\n"))), 404);
    assert_eq!(code(&answer(&house, &GET.replace("GET", "POST"))), 405);
}

/// A web page can point a name of its own at this machine (DNS rebinding); its host gives it away.
#[test]
fn only_who_asks_for_this_machine_is_answered() {
    let house = house();
    let token = house.run(&["dashboard-token"]).stdout.trim().to_owned();
    let bearer = format!("Authorization: Bearer {token}\r\n");
    for (hosts, wanted) in [
        ("Host: 127.0.0.1\r\n", 200),
        ("Host: localhost:9777\r\n", 200),
        ("Host: [::1]\r\n", 200),
        ("Host: evil.example\r\n", 403),
        ("Host: 127.0.0.1.evil.example\r\n", 403),
        ("Host: localhost.\r\n", 403),
        ("", 403),
        ("Host: 127.0.0.1\r\nHost: evil.example\r\n", 403),
    ] {
        for path in ["/healthz", "/api/status"] {
            let told = answer(&house, &get(path, &format!("{hosts}{bearer}")));
            assert_eq!(code(&told), wanted, "{path} {hosts:?}: {told}");
        }
    }
    // The request line may name a host, too.
    let told =
        answer(&house, &get("http://evil.example/api/status", &format!("Host: evil.example\r\n{bearer}")));
    assert_eq!(code(&told), 403, "{told}");
}

#[test]
fn the_status_needs_the_token() {
    let house = house();
    let token = house.run(&["dashboard-token"]).stdout.trim().to_owned();
    let near = format!("{}0", &token[1..]);
    let ask = |headers: &str| answer(&house, &get("/api/status", &format!("Host: localhost\r\n{headers}")));
    let told = ask(&format!("Authorization: Bearer {token}\r\n"));
    assert_eq!((code(&told), &body(&told)["pid"]), (200, &house.pid().into()), "{told}");
    for wrong in [
        String::new(),
        "Authorization: Bearer \r\n".to_owned(),
        "Authorization: Bearer\r\n".to_owned(),
        format!("Authorization: Bearer {near}\r\n"),
        format!("Authorization: Bearer {token}0\r\n"),
        format!("Authorization: Basic {token}\r\n"),
        format!("Authorization: {token}\r\n"),
        format!("Cookie: token={token}\r\n"),
    ] {
        let told = ask(&wrong);
        assert_eq!(code(&told), 401, "{wrong:?}: {told}");
        assert!(
            told.to_lowercase().contains("www-authenticate: bearer") && !told.contains("\"pid\""),
            "{told}"
        );
    }
    let in_the_path = answer(&house, &get(&format!("/api/status?token={token}"), "Host: localhost\r\n"));
    assert_eq!(code(&in_the_path), 401, "{in_the_path}");
}

/// Two readers must not be able to see different requests in the same bytes (RFC 9112 §11.2).
#[test]
fn requests_that_could_be_read_in_two_ways_are_refused() {
    let house = house();
    let host = "Host: 127.0.0.1\r\n";
    for shape in [
        format!("GET /healthz HTTP/1.1\r\n{host}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello"),
        format!("GET /healthz HTTP/1.1\r\n{host}Content-Length: +5\r\n\r\nhello"),
        format!("GET /healthz HTTP/1.1\r\n{host}Content-Length: 5, 6\r\n\r\nhello"),
        format!("GET /healthz HTTP/1.1\r\n{host}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"),
        format!("GET /healthz HTTP/1.1\r\n{host}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
        format!("GET /healthz HTTP/1.1\r\n{host}X: a\r\n folded: b\r\n\r\n"),
        format!("GET /healthz HTTP/1.1\r\n{host}X : a\r\n\r\n"),
        format!("GET /healthz HTTP/1.1\r\n{host}X: a\0b\r\n\r\n"),
        format!("GET /healthz HTTP/1.1\r\n{host}\u{e9}: b\r\n\r\n"),
        format!("GET  /healthz HTTP/1.1\r\n{host}\r\n"),
        format!("GET /healthz HTTP/9.9\r\n{host}\r\n"),
        format!("GET /a b HTTP/1.1\r\n{host}\r\n"),
        "\u{16}\u{3}\u{1}\u{2}\0".to_owned(),
    ] {
        let told = answer(&house, &shape);
        assert_eq!(code(&told), 400, "{shape:?}: {told}");
        assert_eq!(told.matches("HTTP/1.1 ").count(), 1, "the rest is no second request: {told}");
    }
    let both = format!(
        "GET /healthz HTTP/1.1\r\n{host}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /api/status HTTP/1.1\r\n{host}\r\n"
    );
    let told = answer(&house, &both);
    assert!(!told.contains(" 401 "), "what follows is no request of its own: {told}");
    let endless = format!("GET /healthz HTTP/1.1\r\n{host}X: {}\r\n\r\n", "a".repeat(100_000));
    let told = answer(&house, &endless);
    assert!(told.is_empty() || code(&told) == 431, "{told}");
    assert_eq!(code(&answer(&house, GET)), 200);
}

#[test]
fn who_asks_too_slowly_is_hung_up_on() {
    let house = house();
    let mut silent = dial(&house);
    let mut slow = dial(&house);
    slow.write_all(b"GET /healthz HTTP/1.1\r\nHost: ").unwrap();
    let start = Instant::now();
    let mut rest = Vec::new();
    while start.elapsed() < Duration::from_secs(15) && slow.write_all(b"1").is_ok() {
        std::thread::sleep(Duration::from_millis(200));
    }
    let _ = slow.read_to_end(&mut rest);
    assert!(start.elapsed() < Duration::from_secs(12), "{:?}", start.elapsed());
    let _ = silent.read_to_end(&mut rest);
    assert!(start.elapsed() < Duration::from_secs(12), "{:?}", start.elapsed());
    assert!(!String::from_utf8_lossy(&rest).contains(" 200 "));
}

#[test]
fn connections_held_open_do_not_stop_the_daemon() {
    let house = House::new(&[]);
    let served = house.path("");
    house.reconfigure(|config| {
        config["servers"]["files"] =
            serde_json::json!({"command": env!("CARGO_BIN_EXE_mcp-guard"), "args": ["sample-server", served]});
    });
    house.start();
    let held: Vec<_> = (0..80).map(|_| dial(&house)).collect();
    let start = Instant::now();
    assert_eq!(house.run(&["health"]).code, Some(0), "commands ask by the socket");
    let mut client = house.connect("files");
    assert!(client.ask(1, "tools/list", Value::Null).get("result").is_some());
    assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
    // Nobody may hold a seat for long: the next one is answered as soon as these are hung up on.
    assert_eq!(code(&answer(&house, GET)), 200);
    assert!(start.elapsed() < Duration::from_secs(15), "{:?}", start.elapsed());
    drop(held);
}

#[test]
fn a_port_that_is_taken_stops_nothing() {
    let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    let house = House::new(&[]);
    house.reconfigure(|config| config["daemon"]["dashboard_port"] = port.into());
    house.start();
    assert_eq!(house.run(&["health"]).code, Some(0));
    assert!(!house.home().join("dashboard.port").exists());
    let start = Instant::now();
    while !house.daemon_log().contains("daemon.dashboard_port") {
        assert!(start.elapsed() < Duration::from_secs(10), "{}", house.daemon_log());
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn health_is_bad_while_nothing_can_be_recorded() {
    let house = House::new(&[]);
    let served = house.path("");
    house.reconfigure(|config| {
        config["servers"]["files"] =
            serde_json::json!({"command": env!("CARGO_BIN_EXE_mcp-guard"), "args": ["sample-server", served]});
    });
    house.start();
    let mut client = house.connect("files");
    assert!(client.ask(1, "tools/list", Value::Null).get("result").is_some());
    let other = rusqlite::Connection::open(house.audit_file()).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    assert_eq!(common::client::rule(&client.ask(2, "tools/list", Value::Null)), "audit.unavailable");
    let told = answer(&house, GET);
    assert_eq!((code(&told), &body(&told)["database"]), (503, &"error".into()), "{told}");
    assert_eq!(house.run(&["health"]).code, Some(1));
    let doctor = house.run(&["doctor"]);
    assert!(doctor.code == Some(1) && doctor.stdout.contains("unhealthy"), "{doctor:?}");
    other.execute_batch("ROLLBACK").unwrap();
    assert!(client.ask(3, "tools/list", Value::Null).get("result").is_some());
    assert_eq!(code(&answer(&house, GET)), 200);
}

/// The kernel counts the bytes a process reads; a look into the database would be many.
#[cfg(target_os = "linux")]
#[test]
fn a_thousand_questions_do_not_touch_the_database() {
    let house = house();
    let pid = house.pid();
    let read_bytes = || -> u64 {
        let io = fs::read_to_string(format!("/proc/{pid}/io")).unwrap();
        io.lines().find_map(|line| line.strip_prefix("rchar: ")).unwrap().parse().unwrap()
    };
    let facts = || {
        let found = fs::metadata(house.audit_file()).unwrap();
        (found.len(), found.modified().unwrap(), found.accessed().unwrap())
    };
    // Whoever reads a database that another holds exclusively fails or waits.
    let other = rusqlite::Connection::open(house.audit_file()).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let (before, files) = (read_bytes(), facts());
    let start = Instant::now();
    let mut stream = dial(&house);
    let keep = GET.replace("Connection: close\r\n", "");
    for _ in 0..1000 {
        stream.write_all(keep.as_bytes()).unwrap();
        let mut head = [0; 15];
        stream.read_exact(&mut head).unwrap();
        assert_eq!(&head, b"HTTP/1.1 200 OK");
        let mut rest = Vec::new();
        while !rest.ends_with(b"}\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            rest.push(byte[0]);
        }
    }
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    // The questions themselves are all it has read.
    let read = read_bytes() - before;
    assert!(read <= 1000 * keep.len() as u64, "{read} bytes were read");
    assert_eq!(facts(), files);
}
