//! How fast the engine that looks at content is: on text with nothing in it, on text made to slow it down, by size, and
//! what it takes to start.

mod texts;

use std::hint::black_box;
use std::time::Instant;

use anyhow::ensure;
use clap::Args;
use inspect::{Place, Text, Where};
use policy::{ContentRules, Flow, Policy, Profile};
use serde::Serialize;

use crate::scan::{Frames, case};
use crate::stats::Spread;

/// Of one text; long enough that starting does not matter, and short enough for many rounds.
const BYTES: usize = 1 << 20;

const MEBIBYTES: [usize; 4] = [1, 4, 16, 64];

#[derive(Args)]
pub(crate) struct Options {
    /// Rounds of each case.
    #[arg(long, default_value_t = 7)]
    rounds: usize,
    /// Print JSON in place of Markdown.
    #[arg(long)]
    json: bool,
}

/// All that is measured.
#[derive(Serialize)]
struct Figures {
    rules: usize,
    load: Load,
    clean: Vec<Row>,
    worst: Vec<Row>,
    sizes: Vec<Row>,
    /// Of a call of 1 KiB, from its bytes to the bytes that leave, in microseconds.
    call_us: Spread,
}

/// What it takes to have a policy.
#[derive(Serialize)]
struct Load {
    milliseconds: f64,
    /// Resident memory of the process afterwards and what of it the policy takes, in millions of bytes; `None` where it
    /// cannot be told.
    resident: Option<f64>,
    taken: Option<f64>,
}

#[derive(Serialize)]
struct Row {
    text: String,
    bytes: usize,
    megabytes_per_second: Spread,
    /// The time a byte takes, as a multiple of what it takes in clean source code.
    ratio: f64,
    /// What was found in it.
    hits: usize,
}

/// Measures and prints.
///
/// # Errors
/// The policy cannot be built, or a clean text is not clean.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    ensure!(options.rounds > 0, "nothing to measure: give at least 1 round");
    let figures = measure(options.rounds)?;
    if options.json {
        println!("{}", serde_json::to_string_pretty(&figures)?);
    } else {
        print(&figures);
    }
    Ok(())
}

fn measure(rounds: usize) -> anyhow::Result<Figures> {
    let before = resident();
    let started = Instant::now();
    let policy = Policy::builtin(Profile::Balanced)?;
    let milliseconds = started.elapsed().as_secs_f64() * 1e3;
    let after = resident();
    let load = Load {
        milliseconds,
        resident: after,
        taken: after.zip(before).map(|(after, before)| after - before),
    };
    let rules = &policy.fallback().content;
    let mut clean = Vec::new();
    for (name, text) in texts::clean(BYTES) {
        clean.push(row(rules, name, &text, rounds));
    }
    let base =
        clean.iter().find(|row| row.text == texts::CODE).map_or(1.0, |row| row.megabytes_per_second.median);
    let mut worst = Vec::new();
    for (name, text) in texts::worst(BYTES) {
        worst.push(row(rules, name, &text, rounds));
    }
    let mut sizes = Vec::new();
    for mebibytes in MEBIBYTES {
        let text = texts::code(mebibytes << 20);
        sizes.push(row(rules, texts::CODE, &text, rounds.min(3)));
    }
    for row in clean.iter_mut().chain(&mut worst).chain(&mut sizes) {
        row.ratio = base / row.megabytes_per_second.median;
    }
    let mut frames = Frames::new(1024)?;
    let call = case("call", "tools/call", 1024, rounds, || frames.request())?;
    let rules = rules.scanner().detectors().count();
    Ok(Figures { rules, load, clean, worst, sizes, call_us: call.microseconds })
}

/// Scans a text as the result of a tool.
fn row(rules: &ContentRules, name: &str, text: &str, rounds: usize) -> Row {
    let mut hits = Vec::new();
    let mut scan = || {
        hits.clear();
        let text = Text { text: black_box(text), key: Some("text"), place: Place::new(Where::Result) };
        let started = Instant::now();
        rules.scan(text, Flow::Response, &mut hits);
        black_box(hits.len());
        text.text.len() as f64 / 1e6 / started.elapsed().as_secs_f64()
    };
    // What is compiled when it is first needed is no part of the speed.
    scan();
    let speeds: Vec<f64> = (0..rounds).map(|_| scan()).collect();
    let megabytes_per_second = Spread::of(speeds);
    Row { text: name.to_owned(), bytes: text.len(), megabytes_per_second, ratio: 1.0, hits: hits.len() }
}

/// Memory of this process that is resident, in millions of bytes.
fn resident() -> Option<f64> {
    let pages = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: f64 = pages.split_whitespace().nth(1)?.parse().ok()?;
    Some(pages * rustix::param::page_size() as f64 / 1e6)
}

fn print(figures: &Figures) {
    let Figures { rules, load, call_us, .. } = figures;
    println!("{rules} rules; a policy is there after {:.1} ms", load.milliseconds);
    if let (Some(resident), Some(taken)) = (load.resident, load.taken) {
        println!("and takes {taken:.1} MB; the process has {resident:.1} MB then");
    }
    println!("A call of 1 KiB takes {:.1} µs ({:.1} … {:.1}).", call_us.median, call_us.min, call_us.max);
    for (title, rows) in
        [("Clean text", &figures.clean), ("Worst cases", &figures.worst), ("By size", &figures.sizes)]
    {
        println!("\n### {title}\n\n| text | bytes | MB/s | min … max | time, code = 1 | found |");
        println!("| --- | --: | --: | --: | --: | --: |");
        for Row { text, bytes, megabytes_per_second: speed, ratio, hits } in rows {
            println!(
                "| {text} | {bytes} | {:.0} | {:.0} … {:.0} | {ratio:.2} | {hits} |",
                speed.median, speed.min, speed.max
            );
        }
    }
}
