//! `mcp-guard api-key`.

use std::process::ExitCode;

use identity::{ApiKey, KeyHash};

use crate::failure::Failure;

/// The key alone goes to standard output, so that it can be taken up by a script.
pub(crate) fn api_key(name: &str) -> Result<ExitCode, Failure> {
    let key = ApiKey::generate().map_err(Failure::new)?;
    let hash = KeyHash::of(key.reveal());
    anstream::eprintln!("Put its hash into the configuration; the key below is shown this once:\n");
    anstream::eprintln!("auth:\n  api_keys:\n    {name}:\n      key: \"{hash}\"\n");
    anstream::println!("{}", key.reveal());
    Ok(ExitCode::SUCCESS)
}
