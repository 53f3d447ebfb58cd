//! Fuzzing with libFuzzer on the stable toolchain.
//!
//! `cargo fuzz` asks for a nightly compiler because it turns on a sanitizer. The code under test has no
//! `unsafe`, so coverage is all we need, and the flags for coverage are stable.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};
use clap::Args;

use crate::command::{answers, succeeds};
use crate::project;

/// Coverage counters on every edge and on comparisons, and panics where release builds would wrap.
const FLAGS: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1 -Cdebug-assertions";

/// Seconds after which one input counts as a hang.
const TIMEOUT: u32 = 5;

/// Longest input in bytes.
const LONGEST: u32 = 16 * 1024;

#[derive(Args)]
pub(crate) struct Options {
    /// A file name in `fuzz/fuzz_targets`, without `.rs` [default: all]
    target: Option<String>,
    /// How long each target runs.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
}

/// Where the mutations begin when nobody watches, so that what they find can be found again.
const SEED: u32 = 1;

/// What fuzzing a target told.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing was found.
    Sound,
    /// An input breaks it; the log and the input were named.
    Broken,
    /// It could not be run, for this reason.
    NotRun(String),
}

/// Fuzzes what was asked for; whether nothing was found.
///
/// # Errors
/// There is no such target, or it cannot be built or run.
pub(crate) fn run(options: &Options) -> anyhow::Result<bool> {
    let fuzz = Fuzz::new()?;
    let targets = fuzz.targets()?;
    let chosen: Vec<_> = match &options.target {
        Some(name) => {
            ensure!(targets.contains(name), "no target {name}; there are: {}", targets.join(", "));
            vec![name.clone()]
        }
        None => targets,
    };
    fuzz.build()?;
    let mut sound = true;
    for target in chosen {
        sound &= fuzz.run(&target, options.seconds)? == Verdict::Sound;
    }
    Ok(sound)
}

/// Fuzzes each target for that long.
///
/// # Errors
/// The targets cannot be listed.
pub(crate) fn run_each(seconds: u64) -> anyhow::Result<Vec<(String, Verdict)>> {
    let fuzz = Fuzz::new()?;
    let targets = fuzz.targets()?;
    if !answers("c++", &["--version"]) {
        let verdict = || Verdict::NotRun("libFuzzer needs a C++ compiler, and there is none".into());
        return Ok(targets.into_iter().map(|target| (target, verdict())).collect());
    }
    if let Err(error) = fuzz.build() {
        println!("FAILED: {error:#}");
        return Ok(targets.into_iter().map(|target| (target, Verdict::Broken)).collect());
    }
    let run = |target: String| {
        let verdict = fuzz.run(&target, seconds)?;
        Ok((target, verdict))
    };
    targets.into_iter().map(run).collect()
}

struct Fuzz {
    folder: PathBuf,
    build: PathBuf,
    /// The compiler's own platform. Named to cargo so that build scripts are not instrumented.
    platform: String,
}

impl Fuzz {
    fn new() -> anyhow::Result<Self> {
        let output = Command::new("rustc").arg("-vV").output().context("cannot start rustc")?;
        let about = String::from_utf8(output.stdout)?;
        let platform = about.lines().find_map(|line| line.strip_prefix("host: "));
        Ok(Self {
            folder: project::root()?.join("fuzz"),
            build: project::target()?.join("fuzz"),
            platform: platform.context("rustc does not tell its platform")?.to_owned(),
        })
    }

    /// The names of all targets, sorted.
    fn targets(&self) -> anyhow::Result<Vec<String>> {
        let folder = self.folder.join("fuzz_targets");
        let mut names = Vec::new();
        for file in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
            let path = file?.path();
            if path.extension().is_some_and(|extension| extension == "rs") {
                names.extend(path.file_stem().map(|name| name.to_string_lossy().into_owned()));
            }
        }
        names.sort();
        Ok(names)
    }

    fn build(&self) -> anyhow::Result<()> {
        let mut cargo = Command::new(project::cargo());
        cargo
            .args(["build", "--release", "--bins", "--target", &self.platform])
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", &self.build)
            .env("RUSTFLAGS", FLAGS);
        if project::unattended() {
            cargo.arg("--locked");
        }
        ensure!(succeeds(&mut cargo)?, "the fuzz targets do not build");
        Ok(())
    }

    fn run(&self, target: &str, seconds: u64) -> anyhow::Result<Verdict> {
        let corpus = self.made(&["corpus", target])?;
        let artifacts = self.made(&["artifacts", target])?;
        let log = self.build.join(format!("{target}.log"));
        let mut fuzzer = Command::new(self.build.join(&self.platform).join("release").join(target));
        fuzzer
            .arg(format!("-max_total_time={seconds}"))
            .arg(format!("-timeout={TIMEOUT}"))
            .arg(format!("-max_len={LONGEST}"))
            .arg(format!("-artifact_prefix={}/", artifacts.display()))
            .arg(&corpus)
            .arg(self.made(&["seeds", target])?)
            .current_dir(&self.folder)
            .stdout(Stdio::null())
            .stderr(File::create(&log)?);
        if project::unattended() {
            fuzzer.arg(format!("-seed={SEED}"));
        }
        let dictionary = self.folder.join("dictionaries").join(format!("{target}.dict"));
        if dictionary.exists() {
            fuzzer.arg(format!("-dict={}", dictionary.display()));
        }
        let passed = succeeds(&mut fuzzer)?;
        report(target, &log, passed)
    }

    fn made(&self, path: &[&str]) -> anyhow::Result<PathBuf> {
        let folder = self.folder.join(path.iter().collect::<PathBuf>());
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        Ok(folder)
    }
}

fn report(target: &str, log: &Path, passed: bool) -> anyhow::Result<Verdict> {
    let said = String::from_utf8_lossy(&fs::read(log)?).into_owned();
    let last = |part: &str| said.lines().rfind(|line| line.contains(part)).unwrap_or_default();
    if passed {
        // A build without counters would run blindly and never find a thing.
        ensure!(said.contains("inline 8-bit counters"), "{target} was built without coverage");
        println!("fuzz {target}: {}; {}", last("Done "), last(" cov: "));
        return Ok(Verdict::Sound);
    }
    let lines: Vec<&str> = said.lines().collect();
    for line in lines.iter().skip(lines.len().saturating_sub(40)) {
        println!("{line}");
    }
    println!("FAILED: fuzz {target}, full output in {}", log.display());
    Ok(Verdict::Broken)
}
