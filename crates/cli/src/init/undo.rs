//! `mcp-guard init --undo`: the clients start their servers themselves again.

use std::{path::Path, process::ExitCode};

use clients::Client;
use serde_json::json;

use super::{apply::journal, report::shown};
use crate::{
    failure::Failure,
    paint::{BAD, GOOD, paint},
};

pub(super) fn undo(wanted: &[&'static Client], home: &Path, as_json: bool) -> Result<ExitCode, Failure> {
    let journal = journal(home);
    let names: Vec<_> = wanted.iter().map(|client| client.name).collect();
    let done = clients::undo(&journal, &names)
        .map_err(|error| Failure::new(format!("what was changed is in {}: {error}", journal.display())))?;
    if as_json {
        let entries = done.iter().map(|done| {
            json!({
                "client": done.client,
                "file": done.file,
                "name": done.entry,
                "restored": done.outcome.is_ok(),
                "reason": done.outcome.as_ref().err(),
            })
        });
        anstream::println!("{:#}", json!({ "undone": entries.collect::<Vec<_>>() }));
    } else if done.is_empty() {
        anstream::println!("There is nothing to undo.");
    } else {
        for done in &done {
            let place = format!("{} in {}", shown(&done.entry), done.file.display());
            match &done.outcome {
                Ok(()) => anstream::println!("{} {place}", paint(GOOD, "restored")),
                Err(why) => anstream::println!("{} {place}: {why}", paint(BAD, "not restored")),
            }
        }
    }
    let whole = done.iter().all(|done| done.outcome.is_ok());
    Ok(if whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
