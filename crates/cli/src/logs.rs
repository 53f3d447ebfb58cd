//! `mcp-guard logs`.

use std::{collections::BTreeSet, io::Write, process::ExitCode, time::Duration};

use proxy::Clock;
use store::{AuditReader, Entry, Filter};

use crate::{
    args::{ConfigArgs, LogsArgs},
    configuration,
    failure::Failure,
    record,
};

/// How often `--follow` looks for new records.
const FOLLOW: Duration = Duration::from_millis(200);

pub(crate) fn logs(config: &ConfigArgs, args: &LogsArgs) -> Result<ExitCode, Failure> {
    let policy = configuration::policy(config, None)?;
    let reader = AuditReader::open(&configuration::audit_file(&policy)?)?;
    let now = Clock::now().wall_ms;
    let since = |span: Duration| now.saturating_sub(u64::try_from(span.as_millis()).unwrap_or(u64::MAX));
    let filter = Filter {
        server: args.server.clone(),
        user: args.user.clone(),
        method: args.method.clone(),
        verdicts: args.verdicts.clone(),
        since_ms: args.last.map(|span| since(span.0)),
        limit: Some(args.limit),
        ..Filter::default()
    };
    // Before the query, so that nothing written in between is missed; what is in both is shown once.
    let mut follow = if args.follow { Some(reader.follow(filter.clone())?) } else { None };
    let entries = reader.query(&filter)?;
    let shown: BTreeSet<_> = entries.iter().map(|entry| entry.id).collect();
    if !print(&entries, args.json) {
        return Ok(ExitCode::SUCCESS);
    }
    if !args.json && follow.is_none() {
        let noun = if entries.len() == 1 { "record" } else { "records" };
        anstream::println!("{} {noun}", entries.len());
    }
    while let Some(follow) = &mut follow {
        let mut entries = follow.poll()?;
        entries.retain(|entry| !shown.contains(&entry.id));
        if !print(&entries, args.json) {
            break;
        }
        std::thread::park_timeout(FOLLOW);
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints entries; false if nobody reads them any more.
fn print(entries: &[Entry], json: bool) -> bool {
    let mut out = anstream::stdout().lock();
    let printed = entries.iter().all(|entry| {
        let line = if json { record::json(entry).to_string() } else { record::line(entry) };
        writeln!(out, "{line}").is_ok()
    });
    printed && out.flush().is_ok()
}
