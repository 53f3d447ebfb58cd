use std::{
    io::{self, BufRead, BufReader, Write},
    path::PathBuf,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use serde_json::{Value, json};

/// A client that asks one thing at a time.
pub(crate) struct Client {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    asked: u64,
}

impl Client {
    pub(crate) fn start(command: &[PathBuf]) -> io::Result<Self> {
        let (program, args) = command.split_first().ok_or(io::ErrorKind::InvalidInput)?;
        let mut command = Command::new(program);
        command.args(args);
        Self::spawn(command)
    }

    /// Starts a server that is told more than its command line.
    pub(crate) fn spawn(mut command: Command) -> io::Result<Self> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let missing = || io::Error::other("the server has no standard streams");
        let to = child.stdin.take().ok_or_else(missing)?;
        let from = BufReader::new(child.stdout.take().ok_or_else(missing)?);
        Ok(Self { child, to, from, asked: 0 })
    }

    /// The process we talk to.
    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// Sends a request and waits for its answer.
    pub(crate) fn ask(&mut self, method: &str, params: &Value) -> io::Result<Value> {
        self.asked += 1;
        let id = self.asked;
        writeln!(self.to, "{}", json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }))?;
        loop {
            let mut line = String::new();
            if self.from.read_line(&mut line)? == 0 {
                return Err(io::Error::other("the server ended before it answered"));
            }
            let message: Value = serde_json::from_str(&line)?;
            if message.get("id").and_then(Value::as_u64) == Some(id) {
                return Ok(message);
            }
        }
    }

    /// Sends a notification.
    pub(crate) fn tell(&mut self, method: &str) -> io::Result<()> {
        writeln!(self.to, "{}", json!({ "jsonrpc": "2.0", "method": method }))
    }

    /// Closes the session and waits for the other side to end.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        drop(self.to);
        self.child.wait().map(|_| ())
    }
}
