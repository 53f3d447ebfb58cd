//! What the command line says about itself, for shells and for `man`.

use std::{fs, path::Path, process::ExitCode};

use clap::CommandFactory;
use clap_complete::Shell;

use crate::{args::Args, failure::Failure};

pub(crate) fn completions(shell: Shell) -> Result<ExitCode, Failure> {
    clap_complete::generate(shell, &mut Args::command(), "mcp-guard", &mut std::io::stdout());
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn man(folder: &Path) -> Result<ExitCode, Failure> {
    let failed = |error| Failure::new(format!("cannot write manual pages to {}: {error}", folder.display()));
    fs::create_dir_all(folder).map_err(failed)?;
    clap_mangen::generate_to(Args::command(), folder).map_err(failed)?;
    anstream::println!("wrote the manual pages to {}; read them with `man -l FILE`", folder.display());
    Ok(ExitCode::SUCCESS)
}
