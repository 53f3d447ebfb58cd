//! Packs of the operator's own rules, read strictly.

use std::{collections::HashSet, path::Path};

use inspect::pack::{Pack, Rule};

use crate::{
    ConfigError, Setting,
    extends::read,
    file::{At, Report, read_full},
};

/// Largest pack, in bytes.
const MAX_BYTES: u64 = 4 << 20;

/// Reads a pack, each of its rules with the place where it stands.
///
/// # Errors
/// When the file cannot be read, or with everything that is wrong in it.
pub fn read_pack(path: &Path) -> Result<Pack<Setting<Rule>>, ConfigError> {
    let mut names = inspect::catalogue().iter().map(|known| known.name.to_string()).collect();
    parse(path, &bytes(path)?, &mut names)
}

/// The bytes of a pack.
pub(crate) fn bytes(path: &Path) -> Result<Vec<u8>, ConfigError> {
    read(path, MAX_BYTES).map_err(|error| {
        let help = "check the path; in a configuration it begins at the folder of that file";
        ConfigError::plain(format!("cannot read the pack {}: {error}", path.display()), Some(help))
    })
}

/// The pack that `bytes` are; its rules may not have the `names`, and theirs are added.
pub(crate) fn parse(
    path: &Path,
    bytes: &[u8],
    names: &mut HashSet<String>,
) -> Result<Pack<Setting<Rule>>, ConfigError> {
    let shown = path.display().to_string();
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = bytes.iter().take(error.valid_up_to()).filter(|byte| **byte == b'\n').count() + 1;
        ConfigError::plain(format!("the pack {shown} is not UTF-8 (line {line})"), Some("save it as UTF-8"))
    })?;
    let mut report = Report::new(&shown, text);
    let Some(pack) = read_full::<Pack<At<Rule>>>(text, &mut report) else { return Err(report.into_error()) };
    for At { value: rule, place } in &pack.rules {
        if let Err(error) = rule.verify_user() {
            report.add(*place, error.to_string(), "", None);
        }
        let name = rule.id.split_once('.').map_or(rule.id.as_str(), |(_, name)| name);
        if !names.insert(name.to_owned()) {
            let help = "choose another: it stands in redaction marks, whatever the family".to_owned();
            report.add(*place, format!("there already is a rule called `{name}`"), "", Some(help));
        }
    }
    let place = |rule: At<Rule>| Setting::new(rule.value, report.location(rule.place));
    let pack = pack.map(place);
    report.finish()?;
    Ok(pack)
}
