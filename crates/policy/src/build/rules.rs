use std::{collections::HashSet, path::Path};

use inspect::pack::{Pack, Rule, UserPack};

use super::Builder;
use crate::{
    ConfigError,
    extends::{digest, read},
    file::{At, Report, read_full, schema::RulesFile},
    layer::{PackFile, Part, RulesLayer},
};

/// Largest pack, in bytes.
const MAX_PACK_BYTES: u64 = 4 << 20;

impl Builder<'_, '_> {
    pub(super) fn rules(&mut self, file: &RulesFile) -> RulesLayer {
        let mut layer = RulesLayer::default();
        let mut names = self.taken();
        for at in file.packs.value().map(Vec::as_slice).unwrap_or_default() {
            let Some(path) = self.expanded(at) else { continue };
            let Some(folder) = self.folder else {
                let help =
                    "packs are read from the folder of the configuration file; have both on this machine";
                self.fault(at.place, "this configuration can name no files", help);
                continue;
            };
            let path = folder.join(path);
            let bytes = match read(&path, MAX_PACK_BYTES) {
                Ok(bytes) => bytes,
                Err(error) => {
                    let message = format!("cannot read the pack {}: {error}", path.display());
                    self.fault(at.place, message, "check the path, which begins at the folder of this file");
                    continue;
                }
            };
            match pack(&path, &bytes, &mut names) {
                Ok(pack) => {
                    let file = PackFile { path: at.value.clone(), digest: digest(&bytes) };
                    layer.files.push(self.said(at.place, file));
                    layer.packs.push(pack);
                }
                Err(error) => self.report.adopt(error),
            }
        }
        layer
    }

    /// The names that rules cannot have any more.
    fn taken(&self) -> HashSet<String> {
        let mut names: HashSet<_> = inspect::catalogue().iter().map(|known| known.name.to_string()).collect();
        if let Part::Overlay(base) = self.part {
            let packs = base.rules.packs.iter().flat_map(UserPack::detectors);
            names.extend(packs.map(|known| known.name.to_string()));
            names.extend(base.content.custom.iter().map(|custom| custom.name.clone()));
        }
        names
    }
}

/// Reads a pack strictly; its rules' names are added to `names`.
fn pack(path: &Path, bytes: &[u8], names: &mut HashSet<String>) -> Result<UserPack, ConfigError> {
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
    report.finish()?;
    UserPack::new(pack.map(|rule| rule.value)).map_err(|error| ConfigError::plain(error.to_string(), None))
}
