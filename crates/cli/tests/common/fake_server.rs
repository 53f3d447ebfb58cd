//! A server that does what a test asks of it.

use std::{
    fs::{File, OpenOptions},
    io::{self, BufRead, Write},
    process, thread,
    time::Duration,
};

use serde_json::{Value, json};

/// Serves on standard input and output, as the arguments after `serve` say: `--log FILE` for a file that gets
/// `start PID` and then every line heard, `dies` or `mute`.
pub(crate) fn serve() {
    let mut log = None;
    let mut args = std::env::args().skip(2);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--log" => log = Some(Notes::open(&args.next().unwrap())),
            "dies" => process::exit(7),
            "mute" => io::stdin().lock().lines().for_each(|line| drop(line.unwrap())),
            "floods" => drop(thread::spawn(flood)),
            other => panic!("no such way to serve: {other}"),
        }
    }
    let mut held = Vec::new();
    let mut linger = None;
    let mut deaf = false;
    for line in io::stdin().lock().lines() {
        let Ok(line) = line else { break };
        if let Some(log) = &mut log {
            log.note(&line);
        }
        let message: Value = serde_json::from_str(&line).expect("the guard forwards only JSON");
        let (Some(id), Some(method)) = (message.get("id").cloned(), message["method"].as_str()) else {
            continue;
        };
        let param = message.pointer("/params/0").cloned().unwrap_or_default();
        match method {
            "echo" => answer(&id, &param),
            "initialize" => {
                let revision = &message["params"]["protocolVersion"];
                let able = json!({"resources": {"subscribe": true}, "logging": {}, "tools": {}});
                let info = json!({"name": "fake", "version": "1"});
                answer(&id, &json!({"protocolVersion": revision, "capabilities": able, "serverInfo": info}));
            }
            "tools/call" if message["params"]["name"] == "hold" => {
                let token = &message["params"]["_meta"]["progressToken"];
                if !token.is_null() {
                    notify("notifications/progress", &json!({"progressToken": token, "progress": 1}));
                }
                held.push(id);
            }
            "tools/call" => {
                let text = json!([{"type": "text", "text": message["params"]["name"]}]);
                answer(&id, &json!({ "content": text }));
            }
            "resources/subscribe" | "resources/unsubscribe" | "logging/setLevel" => answer(&id, &json!({})),
            "sleep" => drop(thread::spawn(move || {
                thread::sleep(Duration::from_millis(param.as_u64().unwrap()));
                answer(&id, &json!("slept"));
            })),
            // Any name, for tests that want to find each call again.
            any if any.starts_with("any/") => answer(&id, &json!(any)),
            "server/discover" => {
                let error = json!({"code": -32601, "message": "Method not found"});
                println!("{}", json!({"jsonrpc": "2.0", "id": id, "error": error}));
            }
            "update" => {
                for n in 0..param.as_u64().unwrap() {
                    notify("notifications/resources/updated", &json!({"uri": format!("test://{n}")}));
                }
                answer(&id, &json!("updated"));
            }
            // Anything, to anybody: one message after the other.
            "say" => {
                message["params"]["messages"].as_array().unwrap().iter().for_each(|said| println!("{said}"));
                answer(&id, &json!("said"));
            }
            "subscriptions/listen" => {
                let tag = json!({"io.modelcontextprotocol/subscriptionId": id});
                let accepted = json!({"_meta": tag, "notifications": message["params"]["notifications"]});
                notify("notifications/subscriptions/acknowledged", &accepted);
                held.push(id);
            }
            // Something that is longer than asked for, and then the answer.
            "shout" => {
                let size = message["params"]["size"].as_u64().unwrap() as usize;
                notify("notifications/message", &json!({"level": "info", "data": "x".repeat(size)}));
                answer(&id, &json!("shouted"));
            }
            "pid" => answer(&id, &json!(process::id())),
            "hold" => held.push(id),
            "release" => {
                held.drain(..).rev().for_each(|id| answer(&id, &json!("held")));
                answer(&id, &json!("released"));
            }
            "release-later" => {
                answer(&id, &json!("soon"));
                thread::sleep(Duration::from_millis(param.as_u64().unwrap()));
                held.drain(..).for_each(|id| answer(&id, &json!("held")));
            }
            "big" => answer(&id, &json!("x".repeat(param.as_u64().unwrap() as usize))),
            "half" => {
                print!("{{\"jsonrpc\":\"2.0\",\"id\":{id},\"result\":{{\"half");
                io::stdout().flush().unwrap();
                rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL)
                    .unwrap();
            }
            "exit" => process::exit(param.as_i64().unwrap() as i32),
            "flood-stderr" => {
                thread::spawn(|| while io::stderr().write_all(&[b'!'; 4096]).is_ok() {});
                thread::sleep(Duration::from_millis(200));
                answer(&id, &json!("flooding"));
            }
            "flood-requests" => {
                for n in 0..param.as_u64().unwrap() {
                    println!(
                        "{}",
                        json!({"jsonrpc": "2.0", "id": n, "method": "echo", "params": ["z".repeat(1000)]})
                    );
                }
                answer(&id, &json!("flooded"));
            }
            "linger" => {
                linger = param.as_u64();
                answer(&id, &param);
            }
            "be-stubborn" => {
                deaf = true;
                // A grandchild that holds our output open and ignores SIGTERM, and that nobody waits for.
                #[allow(clippy::zombie_processes)]
                let child =
                    process::Command::new("sh").args(["-c", "trap '' TERM; sleep 600"]).spawn().unwrap();
                answer(&id, &json!(child.id()));
            }
            other => panic!("no such method: {other}"),
        }
    }
    if let Some(linger) = linger {
        // Closes its output at once and takes its time to end.
        rustix::stdio::dup2_stdout(io::stderr()).unwrap();
        thread::sleep(Duration::from_millis(linger));
    }
    if deaf {
        loop {
            thread::sleep(Duration::from_secs(1));
        }
    }
}

/// Says things nobody asked for, as fast as they are taken.
fn flood() {
    let line =
        json!({"jsonrpc": "2.0", "method": "notifications/message", "params": {"data": "z".repeat(500)}});
    while writeln!(io::stdout().lock(), "{line}").is_ok() {}
}

/// What the server heard, on disk at once: it may be killed at any moment.
struct Notes(File);

impl Notes {
    fn open(path: &str) -> Self {
        let mut notes = Self(OpenOptions::new().create(true).append(true).open(path).unwrap());
        notes.note(&format!("start {}", process::id()));
        notes
    }

    fn note(&mut self, line: &str) {
        self.0.write_all(format!("{line}\n").as_bytes()).unwrap();
    }
}

fn notify(method: &str, params: &Value) {
    println!("{}", json!({"jsonrpc": "2.0", "method": method, "params": params}));
}

fn answer(id: &Value, result: &Value) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{}", json!({"jsonrpc": "2.0", "id": id, "result": result}));
    let _ = out.flush();
}
