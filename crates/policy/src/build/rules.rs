use std::collections::HashSet;

use inspect::{RuleError, pack::UserPack};

use super::Builder;
use crate::{
    ConfigError,
    extends::digest,
    file::schema::RulesFile,
    layer::{PackFile, Part, RulesLayer},
    pack,
};

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
            let bytes = match pack::bytes(&path) {
                Ok(bytes) => bytes,
                Err(error) => {
                    for problem in error.problems() {
                        self.fault(
                            at.place,
                            problem.message.clone(),
                            problem.help.clone().unwrap_or_default(),
                        );
                    }
                    continue;
                }
            };
            let read = pack::parse(&path, &bytes, &mut names)
                .and_then(|pack| UserPack::new(pack.map(|rule| rule.value)).map_err(unusable));
            match read {
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

/// Cannot happen to a pack that was read: each of its rules was tried.
fn unusable(error: RuleError) -> ConfigError {
    ConfigError::plain(error.to_string(), None)
}
