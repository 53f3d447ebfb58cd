//! `mcp-guard bench`: what is found, what is not, and what it costs, on messages through the real legs.

mod corpus;
mod exchange;
mod human;
mod judge;
mod markdown;
mod report;
mod suite;
mod svg;
mod tally;

use std::{fs, process::ExitCode};

use self::judge::Judge;
use crate::{
    args::{BenchArgs, BenchFormat, ConfigArgs},
    configuration,
    failure::Failure,
};

pub(crate) fn bench(config: &ConfigArgs, args: &BenchArgs) -> Result<ExitCode, Failure> {
    let policy = configuration::policy(config, args.profile)?;
    let corpora = match &args.corpus {
        Some(folder) => corpus::read(folder, args.only.as_deref())?,
        None => suite::corpora(args.only.as_deref()),
    };
    let mut judge = Judge::new(&policy);
    let report = report::measure(&mut judge, policy.fallback().profile, &corpora, args.list);
    if let Some(file) = &args.svg {
        let failed = |error| Failure::new(format!("cannot write {}: {error}", file.display()));
        fs::write(file, svg::chart(&report)).map_err(failed)?;
    }
    match args.format {
        BenchFormat::Human => anstream::println!("{}", human::text(&report)),
        BenchFormat::Markdown => anstream::println!("{}", markdown::text(&report)),
        BenchFormat::Json => anstream::println!("{:#}", serde_json::json!(report)),
    }
    Ok(ExitCode::SUCCESS)
}
