//! The client: synchronous, on blocking pipes, so that it adds as little as it can to what it measures.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use serde_json::Value;

use crate::arm::Arm;
use crate::payload::Payload;

const INITIALIZE: &[u8] = br#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"bench","version":"1"}}}
"#;
const OPENED: &[u8] = br#"{"jsonrpc":"2.0","method":"notifications/initialized"}
{"jsonrpc":"2.0","id":2,"method":"tools/list"}
"#;

/// A running arm and the pipes to it.
pub(crate) struct Session {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    request: Vec<u8>,
    answer: Vec<u8>,
    calls: u64,
    /// From before the program was started until it had answered `initialize`.
    pub(crate) start_up: Duration,
}

impl Session {
    /// Starts the arm, shakes hands and lists the tools, as every client does.
    ///
    /// # Errors
    /// The arm does not start or does not answer; the message quotes the end of its standard error.
    pub(crate) fn open(arm: &Arm) -> anyhow::Result<Self> {
        Self::try_open(arm).with_context(|| {
            let log = std::fs::read_to_string(arm.log()).unwrap_or_default();
            let last: Vec<&str> = log.lines().rev().take(5).collect();
            format!("`{}` failed, saying: {}", arm.shown(), last.join(" / "))
        })
    }

    fn try_open(arm: &Arm) -> anyhow::Result<Self> {
        let mut command = arm.command()?;
        let started = Instant::now();
        let mut child = command.spawn()?;
        let input = child.stdin.take().context("no pipe to the arm")?;
        let output = child.stdout.take().context("no pipe from the arm")?;
        let mut session = Self {
            child,
            input,
            output: BufReader::with_capacity(256 * 1024, output),
            request: Vec::new(),
            answer: Vec::new(),
            calls: 0,
            start_up: Duration::ZERO,
        };
        session.input.write_all(INITIALIZE)?;
        session.read_answer()?;
        session.start_up = started.elapsed();
        session.result()?;
        session.input.write_all(OPENED)?;
        session.read_answer()?;
        session.result()?;
        Ok(session)
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// One call; its time from the first byte written to the last byte read.
    ///
    /// # Errors
    /// The arm is gone, or what came back is too short to be the echo.
    pub(crate) fn call(&mut self, payload: &Payload) -> anyhow::Result<Duration> {
        self.request.clear();
        self.calls += 1;
        payload.append(self.calls, &mut self.request);
        let started = Instant::now();
        self.input.write_all(&self.request)?;
        self.read_answer()?;
        let took = started.elapsed();
        ensure!(
            self.answer.len() > payload.arguments().len(),
            "a call was not echoed: {}",
            String::from_utf8_lossy(&self.answer)
        );
        Ok(took)
    }

    /// One call whose answer is compared with what was sent; the length of the answer.
    ///
    /// # Errors
    /// The answer is no echo: whatever is measured on this arm would be something else.
    pub(crate) fn checked_call(&mut self, payload: &Payload) -> anyhow::Result<usize> {
        self.call(payload)?;
        let sent: Value = serde_json::from_str(payload.arguments())?;
        let result = self.result()?;
        ensure!(result.get("structuredContent") == Some(&sent), "the echo differs from what was sent");
        Ok(self.answer.len())
    }

    /// The pipes themselves, for a client with many calls in flight, and the number of the next call.
    pub(crate) fn pipes(&mut self) -> (&mut ChildStdin, &mut ChildStdout, &mut u64) {
        (&mut self.input, self.output.get_mut(), &mut self.calls)
    }

    /// Ends the arm the way a client does, by closing its standard input.
    ///
    /// # Errors
    /// The arm ended with a failure.
    pub(crate) fn close(self) -> anyhow::Result<()> {
        let Self { mut child, input, mut output, .. } = self;
        drop(input);
        output.read_to_end(&mut Vec::new())?;
        let status = child.wait()?;
        ensure!(status.success(), "the arm ended with {status}");
        Ok(())
    }

    fn read_answer(&mut self) -> anyhow::Result<()> {
        self.answer.clear();
        let read = self.output.read_until(b'\n', &mut self.answer)?;
        ensure!(read > 0, "the arm closed its standard output");
        Ok(())
    }

    fn result(&self) -> anyhow::Result<Value> {
        let mut answer: Value = serde_json::from_slice(&self.answer)?;
        match answer.get_mut("result") {
            Some(result) => Ok(result.take()),
            None => bail!("an error came back: {answer}"),
        }
    }
}
