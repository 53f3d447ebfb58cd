//! What inspection costs by itself, in one thread: the detectors on clean text, and the whole way of a
//! frame from bytes to bytes.

use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use bytes::Bytes;
use clap::Args;
use decide::{About, Context, Core, Decision, Outcome, Step, Verdict};
use inspect::{Scanner, Text};
use policy::{Flow, Policy, Profile};
use serde::Serialize;
use wire::{Content, Outgoing as _, Reader};

use crate::payload::{Payload, prose};
use crate::stats::Spread;

const SIZES: [usize; 3] = [300, 4_096, 65_536];

/// One round of one case takes about this long.
const ROUND: Duration = Duration::from_millis(20);

#[derive(Args)]
pub(crate) struct Options {
    /// Rounds of each case.
    #[arg(long, default_value_t = 15)]
    rounds: usize,
    /// Print JSON in place of Markdown.
    #[arg(long)]
    json: bool,
}

/// One case. A spread is over the rounds.
#[derive(Serialize)]
pub(crate) struct Row {
    pub(crate) what: &'static str,
    pub(crate) text: &'static str,
    pub(crate) bytes: usize,
    pub(crate) microseconds: Spread,
    /// Millions of bytes a second.
    pub(crate) megabytes_per_second: Spread,
}

/// Measures and prints.
///
/// # Errors
/// The texts are not as clean as they should be, so that something else would be measured.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let rows = measure(options.rounds)?;
    if options.json {
        println!("{}", serde_json::to_string_pretty(&rows)?);
    } else {
        println!("{}", crate::report::scan_table(&rows));
    }
    Ok(())
}

/// Measures every case.
///
/// # Errors
/// As [`run`].
pub(crate) fn measure(rounds: usize) -> anyhow::Result<Vec<Row>> {
    ensure!(rounds > 0, "nothing to measure: give at least 1 round");
    let scanner = Scanner::new(|_| true, &[])?;
    let mut rows = Vec::new();
    for bytes in SIZES {
        for (name, text) in [("prose", prose(bytes)), ("log lines", log_lines(bytes))] {
            let mut hits = Vec::new();
            scanner.scan(Text::new(&text), &mut hits);
            ensure!(hits.is_empty(), "the {name} are not clean: {hits:?}");
            let scan = || {
                scanner.scan(
                    Text { text: black_box(&text), key: Some("text"), place: inspect::Place::UNKNOWN },
                    &mut hits,
                );
                black_box(hits.len());
                Ok(())
            };
            rows.push(case("scan", name, bytes, rounds, scan)?);
        }
    }
    for bytes in SIZES {
        let mut frames = Frames::new(bytes)?;
        rows.push(case("request: read", "tools/call", bytes, rounds, || frames.read())?);
        rows.push(case("request: read, decide, write", "tools/call", bytes, rounds, || frames.request())?);
        let answer = frames.answer.len();
        rows.push(case("response: read, decide, write", "its echo", answer, rounds, || frames.response())?);
    }
    Ok(rows)
}

pub(crate) fn case(
    what: &'static str,
    text: &'static str,
    bytes: usize,
    rounds: usize,
    mut once: impl FnMut() -> anyhow::Result<()>,
) -> anyhow::Result<Row> {
    let mut time = |calls: u32| -> anyhow::Result<f64> {
        let started = Instant::now();
        for _ in 0..calls {
            once()?;
        }
        Ok(started.elapsed().as_secs_f64() / f64::from(calls))
    };
    // The first calls only tell how many make a round.
    let calls = (ROUND.as_secs_f64() / time(50)?).max(1.0) as u32;
    time(calls)?;
    let seconds = (0..rounds).map(|_| time(calls)).collect::<anyhow::Result<Vec<f64>>>()?;
    Ok(Row {
        what,
        text,
        bytes,
        microseconds: Spread::of(seconds.iter().map(|seconds| seconds * 1e6)),
        megabytes_per_second: Spread::of(seconds.iter().map(|seconds| bytes as f64 / seconds / 1e6)),
    })
}

/// A request and its answer, and all that the guard takes them through between reading and writing.
pub(crate) struct Frames {
    reader: Reader,
    core: Core,
    request: Bytes,
    answer: Bytes,
    about: About,
    out: Vec<u8>,
}

impl Frames {
    pub(crate) fn new(bytes: usize) -> anyhow::Result<Self> {
        let payload = Payload::new(bytes);
        let mut request = Vec::new();
        payload.append(1, &mut request);
        request.pop();
        let mut answer = Vec::new();
        crate::echo::answer(&request, &mut answer)?;
        answer.pop();
        let policy = Policy::builtin(Profile::Balanced)?;
        let mut core = Core::new(policy.fallback().clone());
        let mut reader = Reader::default();
        let request = Bytes::from(request);
        let Content::Single(frame) = reader.read(&request, false)? else { bail!("the request is a batch") };
        let decision =
            decided(core.decide(frame, Context { flow: Flow::Request, answers: None, pins: None, now: 0 }))?;
        let about = decision.about.context("the core does not tell what the request is about")?;
        Ok(Self { reader, core, request, answer: answer.into(), about, out: Vec::new() })
    }

    fn read(&mut self) -> anyhow::Result<()> {
        black_box(self.reader.read(&self.request, false)?);
        Ok(())
    }

    pub(crate) fn request(&mut self) -> anyhow::Result<()> {
        let Content::Single(frame) = self.reader.read(&self.request, false)? else { bail!("a batch") };
        let decision = decided(
            self.core.decide(frame, Context { flow: Flow::Request, answers: None, pins: None, now: 0 }),
        )?;
        forward(decision.outcome, decision.verdict, &mut self.out)
    }

    fn response(&mut self) -> anyhow::Result<()> {
        let Content::Single(frame) = self.reader.read(&self.answer, false)? else { bail!("a batch") };
        let context = Context { flow: Flow::Response, answers: Some(&self.about), pins: None, now: 0 };
        let decision = decided(self.core.decide(frame, context))?;
        forward(decision.outcome, decision.verdict, &mut self.out)
    }
}

fn decided(step: Step) -> anyhow::Result<Decision> {
    match step {
        Step::Decided(decision) => Ok(decision),
        Step::Asks(_) => bail!("a policy without limits asks for them"),
    }
}

fn forward(outcome: Outcome, verdict: Verdict, out: &mut Vec<u8>) -> anyhow::Result<()> {
    let Outcome::Forward(frame) = outcome else { bail!("a clean frame was refused") };
    ensure!(verdict == Verdict::Allow, "a clean frame was not simply allowed: {verdict:?}");
    out.clear();
    frame.write_to(out);
    black_box(out.len());
    Ok(())
}

/// What tools return from log files: digits, dots and colons everywhere, which detectors must look at twice.
pub(crate) fn log_lines(length: usize) -> String {
    let mut text = String::with_capacity(length + 128);
    let mut line: u32 = 0;
    while text.len() < length {
        line += 1;
        let state = line.wrapping_mul(2_654_435_761);
        text.push_str(&format!(
            "2026-03-{:02}T{:02}:{:02}:07.{:03}Z INFO worker[{}]: job {state:08x} took {}.{:02} ms, {} bytes from 10.0.{}.{}\n",
            line % 28 + 1, line % 24, line % 60, state % 1000, state % 90 + 10, line % 40, line % 100, state % 70_000,
            line % 250, state % 250,
        ));
    }
    text.truncate(length);
    text
}
