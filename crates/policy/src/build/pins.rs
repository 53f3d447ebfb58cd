use std::path::PathBuf;

use super::Builder;
use crate::{
    file::{Given, schema::PinsFile},
    layer::PinsLayer,
};

impl Builder<'_, '_> {
    pub(super) fn pins(&mut self, given: &Given<PinsFile>) -> PinsLayer {
        let Some(file) = given.value() else { return PinsLayer::default() };
        let folder = self.folder.map(PathBuf::from);
        let path = self.text(&file.file).map(|said| {
            // Named in a file, it lies beside that file.
            said.map(|path| folder.unwrap_or_default().join(path))
        });
        let drift = file.on_drift.value();
        let mut drifts = PinsLayer {
            mode: self.choice(&file.mode),
            file: path,
            quarantine: self.flag(&file.quarantine),
            on_drift: Default::default(),
        };
        if let Some(drift) = drift {
            drifts.on_drift = [&drift.cosmetic, &drift.compatible, &drift.breaking, &drift.meaning]
                .map(|given| self.choice(given));
        }
        drifts
    }
}
