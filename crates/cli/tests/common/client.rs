//! A client that talks to a guard in the place of a server.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, Command, ExitStatus, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

/// Nothing here takes this long unless something hangs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Client {
    pub(crate) child: Child,
    /// `None` once closed.
    pub(crate) to: Option<ChildStdin>,
    pub(crate) lines: Receiver<String>,
}

impl Client {
    /// Starts a command whose output is read all the time.
    pub(crate) fn spawn(command: Command) -> Self {
        let (mut client, output) = Self::spawn_unread(command);
        let (send, lines) = channel();
        thread::spawn(move || {
            for line in BufReader::new(output).lines() {
                let Ok(line) = line else { return };
                if send.send(line).is_err() {
                    return;
                }
            }
        });
        client.lines = lines;
        client
    }

    /// Starts a command whose output nobody reads yet.
    pub(crate) fn spawn_unread(mut command: Command) -> (Self, std::process::ChildStdout) {
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (to, output) = (child.stdin.take(), child.stdout.take().unwrap());
        (Self { child, to, lines: channel().1 }, output)
    }

    /// Sends a request with one parameter.
    pub(crate) fn send(&mut self, id: impl Into<Value>, method: &str, param: Value) {
        self.say(&request(id, method, param));
    }

    /// Sends a line.
    pub(crate) fn say(&mut self, line: &str) {
        let _ = writeln!(self.to.as_mut().unwrap(), "{line}");
    }

    pub(crate) fn receive(&self) -> Value {
        serde_json::from_str(&self.lines.recv_timeout(PATIENCE).expect("an answer in time")).unwrap()
    }

    /// Sends a request and waits for the next message, its answer.
    pub(crate) fn ask(&mut self, id: impl Into<Value>, method: &str, param: Value) -> Value {
        let id = id.into();
        self.send(id.clone(), method, param);
        let answer = self.receive();
        assert_eq!(answer["id"], id, "{answer}");
        answer
    }

    /// Nothing more comes, because the guard has closed its output.
    pub(crate) fn assert_silence(&self) {
        assert_eq!(self.lines.recv_timeout(PATIENCE), Err(RecvTimeoutError::Disconnected));
    }

    pub(crate) fn close(&mut self) {
        self.to = None;
    }

    /// The exit status, and how long it took to come.
    pub(crate) fn exit(&mut self) -> (ExitStatus, Duration) {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return (status, start.elapsed());
            }
            assert!(start.elapsed() < PATIENCE, "the guard does not end: {}", threads(self.child.id()));
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What each thread of a process is waiting for.
fn threads(pid: u32) -> String {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let read = |task: &std::fs::DirEntry, file: &str| {
        std::fs::read_to_string(task.path().join(file)).unwrap_or_default()
    };
    let told = tasks
        .map(|task| format!("{} {} {}", read(&task, "comm"), read(&task, "wchan"), read(&task, "syscall")));
    told.collect::<Vec<_>>().join("; ").replace('\n', "")
}

/// A request with one parameter.
pub(crate) fn request(id: impl Into<Value>, method: &str, param: Value) -> String {
    json!({"jsonrpc": "2.0", "id": id.into(), "method": method, "params": [param]}).to_string()
}

/// The rule of our own error answers.
pub(crate) fn rule(answer: &Value) -> &str {
    answer.pointer("/error/data/mcp-guard~1denial/rule").and_then(Value::as_str).unwrap_or("none")
}
