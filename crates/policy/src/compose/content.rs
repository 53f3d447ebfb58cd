use inspect::{Confidence, CustomDetector};

use super::built_in;
use crate::{
    ConfigError, ContentRules, Profile,
    content::{CellLayer, ContentSettings, Scanners, THRESHOLD},
    effective::{Ledger, Strictness},
    layer::Layer,
};

/// Rules for content that can be made for every profile.
pub(super) struct Scanning {
    settings: ContentSettings,
    scanners: Scanners,
}

impl Scanning {
    pub(super) fn rules(&self, profile: Profile) -> ContentRules {
        self.settings.rules(profile, &self.scanners)
    }
}

pub(super) fn settle(
    ledger: &mut Ledger,
    profile: Profile,
    layers: &[Layer],
) -> Result<Scanning, ConfigError> {
    let enabled = layers.iter().map(|layer| layer.content.enabled.clone());
    let threshold = layers.iter().map(|layer| layer.content.threshold.clone());
    let enabled = ledger.settle("pii.enabled", Strictness::ON, built_in(profile, true), enabled);
    let default = built_in(profile, THRESHOLD.percent());
    let threshold = ledger.settle("pii.confidence_threshold", Strictness::Smaller, default, threshold);
    let mut custom: Vec<CustomDetector> = Vec::new();
    let mut cells = Vec::new();
    for layer in layers {
        let mut brings = Vec::new();
        for detector in &layer.content.custom {
            match custom.iter_mut().find(|known| known.name == detector.name) {
                Some(known) => known.patterns.extend(detector.patterns.iter().cloned()),
                None => {
                    brings.push(detector.name.clone());
                    custom.push(detector.clone());
                }
            }
        }
        cells.push(CellLayer { brings, cells: layer.content.cells.clone() });
    }
    let settings = ContentSettings {
        enabled: enabled.value,
        threshold: Confidence::new(threshold.value),
        custom,
        layers: cells,
    };
    let scanners =
        settings.scanners().map_err(|_| ConfigError::plain("the detectors do not compile together", None))?;
    Ok(Scanning { settings, scanners })
}
