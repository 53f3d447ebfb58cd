//! Clients of every kind coming and going: the gateway ends up as it began.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use store::{AuditReader, Filter};

use crate::client::{OneStream, Session, call_modern, call_plainly, said};
use crate::common::processes;
use crate::dice::Dice;
use crate::stand::{Stand, until};
use crate::upstream::Upstream;

/// How long, in seconds: `cargo xtask soak --target gateway` sets it.
const SECONDS: &str = "MCP_GUARD_SOAK_SECONDS";
const DEFAULT: u64 = 20;

const CLIENTS: u64 = 8;
const SERVERS: [&str; 2] = ["one", "web"];

/// What an allocator and SQLite's page cache (2 MB) keep may vary by this, in KiB.
const MEMORY: u64 = 8 * 1024;

/// Idle connections to servers, and what comes and goes by itself, may vary by this.
const SPARE: usize = 16;

/// What the gateway holds.
#[derive(Debug)]
struct Holdings {
    resident_kib: u64,
    descriptors: usize,
    threads: u64,
}

impl Holdings {
    /// Once nobody is connected any more: then only the reaper is left of its children, and the process that clients of the
    /// newest revision share.
    fn of(pid: u32) -> Self {
        until("sessions have ended", || processes::children(pid) == 2);
        let mut known = usize::MAX;
        until("connections have ended", || {
            let before = std::mem::replace(&mut known, descriptors(pid));
            thread::sleep(Duration::from_millis(300));
            known == before
        });
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let number = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            line.split_whitespace().next().unwrap().parse().unwrap()
        };
        Self { resident_kib: number("VmRSS:"), descriptors: known, threads: number("Threads:") }
    }
}

fn descriptors(pid: u32) -> usize {
    fs::read_dir(format!("/proc/{pid}/fd")).unwrap().count()
}

#[derive(Debug, Default, Clone, Copy)]
struct Done {
    sessions: usize,
    calls: usize,
}

pub(crate) fn soak() {
    let seconds = std::env::var(SECONDS).ok().map_or(DEFAULT, |text| text.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let upstream = Upstream::start(&folder.path().join("log"));
    let stand = Stand::new(|stand| {
        json!({
            "gateway": {"limits": {"session_idle_timeout": 1}},
            "servers": {"one": stand.process("one"), "web": {"url": upstream.url()}},
        })
    });
    let pid = stand.gateway().pid();
    let first = round(stand.at(), Duration::from_secs(seconds) / 4, 1);
    let before = Holdings::of(pid);
    let second = round(stand.at(), Duration::from_secs(seconds) * 3 / 4, 2);
    let after = Holdings::of(pid);
    println!("soak: {first:?} + {second:?}; {before:?}, then {after:?}");
    assert!(second.sessions > 50, "only {second:?}");
    assert!(after.descriptors <= before.descriptors + SPARE, "{before:?} {after:?}");
    assert!(after.threads <= before.threads + SPARE as u64, "{before:?} {after:?}");
    assert!(after.resident_kib < before.resident_kib + MEMORY, "{before:?} {after:?}");
    let audit = AuditReader::open(&stand.path("state/mcp-guard/audit.db")).unwrap();
    let recorded = audit.query(&Filter::default()).unwrap().len();
    assert!(recorded >= 2 * (first.calls + second.calls), "{recorded} records of {first:?} and {second:?}");
    let told = stand.end();
    let complaints: Vec<_> =
        told.lines().filter(|line| line.contains("error") || line.contains("warn")).collect();
    assert!(complaints.is_empty(), "{complaints:#?}");
}

/// Clients at work.
fn round(at: &str, time: Duration, seed: u64) -> Done {
    let end = Instant::now() + time;
    thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|n| {
                scope.spawn(move || {
                    let mut dice = Dice(seed * 100 + n);
                    let mut done = Done::default();
                    while Instant::now() < end {
                        done.calls += visit(at, &mut dice);
                        done.sessions += 1;
                    }
                    done
                })
            })
            .collect();
        let all = clients.into_iter().map(|client| client.join().unwrap());
        all.fold(Done::default(), |sum, one| Done {
            sessions: sum.sessions + one.sessions,
            calls: sum.calls + one.calls,
        })
    })
}

/// One client: comes in one way or another, asks, and leaves; how often it has asked.
fn visit(at: &str, dice: &mut Dice) -> usize {
    let server = SERVERS[dice.below(2) as usize];
    let calls = 5 + dice.below(15) as usize;
    let tools: Vec<_> = (0..calls).map(|_| "x".repeat(1 + dice.below(100) as usize)).collect();
    match dice.below(6) {
        0 => {
            let mut old = OneStream::begin(at, &format!("/sse/{server}"));
            tools.iter().for_each(|tool| assert_eq!(said(&old.call(tool)), tool));
        }
        1 => tools.iter().for_each(|tool| {
            assert_eq!(said(&call_modern(at, &format!("/mcp/{server}"), tool)), tool);
        }),
        2 => tools.iter().for_each(|tool| {
            assert_eq!(said(&call_plainly(at, &format!("/rpc/{server}"), tool)), tool);
        }),
        way => {
            let session = Session::begin(at, &format!("/mcp/{server}"));
            let stream = (way > 3).then(|| session.listen(None));
            tools.iter().for_each(|tool| assert_eq!(said(&session.call(tool)), tool));
            drop(stream);
            // Now and then one goes without a word.
            if dice.below(20) > 0 {
                session.end();
            }
        }
    }
    calls
}
