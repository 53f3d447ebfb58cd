use std::{path::PathBuf, process::ExitCode};

use inspect::{
    Scanner,
    pack::{Fault, Pack, Rule, Sample, UserPack, Where, packs},
};

use crate::failure::Failure;

/// Runs the samples of packs, or of our own where none is given; the exit status says whether all is well.
pub(super) fn test(files: &[PathBuf]) -> Result<ExitCode, Failure> {
    let mut tally = Tally::default();
    if files.is_empty() {
        for pack in packs() {
            for rule in &pack.rules {
                tally.run(rule, places(pack, rule), &[], &format!("{}: {}", pack.pack, rule.id))?;
            }
        }
    }
    for file in files {
        let read = policy::read_pack(file)?;
        let sites: Vec<_> = read.rules.iter().map(|rule| rule.at.clone()).collect();
        let pack = read.map(|rule| rule.value);
        let own = [UserPack::new(pack.clone()).map_err(Failure::new)?];
        for (rule, at) in pack.rules.iter().zip(sites) {
            tally.run(rule, places(&pack, rule), &own, &format!("{at}: {}", rule.id))?;
        }
    }
    anstream::println!("{} rules, {} samples, {} wrong", tally.rules, tally.samples, tally.wrong);
    Ok(if tally.wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[derive(Default)]
struct Tally {
    rules: usize,
    samples: usize,
    wrong: usize,
}

impl Tally {
    /// Tries one rule alone; `called` says which in messages.
    fn run(&mut self, rule: &Rule, places: &[Where], own: &[UserPack], called: &str) -> Result<(), Failure> {
        let scanner = Scanner::with_packs(|known| known.id() == rule.id, own, &[]).map_err(Failure::new)?;
        let faults = rule.faults(&scanner, places);
        self.rules += 1;
        self.samples += rule.matches.len() + rule.no_match.len();
        self.wrong += faults.len();
        for fault in faults {
            anstream::println!("{called}: {}", told(fault));
        }
        Ok(())
    }
}

fn told(fault: Fault<'_>) -> String {
    // As it is written in the pack, where `~` may keep it from looking like a secret.
    let written = |sample: &Sample| match sample {
        Sample::Text(text) => format!("{text:?}"),
        Sample::Member { text, key } => format!("{text:?} of `{key}`"),
    };
    match fault {
        Fault::Missed(sample) => format!("finds nothing in {}", written(sample)),
        Fault::Found(sample) => format!("finds something in {}, which is under `no_match`", written(sample)),
    }
}

fn places<'p>(pack: &'p Pack, rule: &'p Rule) -> &'p [Where] {
    if rule.places.is_empty() { &pack.places } else { &rule.places }
}
