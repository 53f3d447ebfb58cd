use inspect::{Confidence, CustomDetector, pack::UserPack};

use super::built_in;
use crate::{
    Advertised, ConfigError, ContentRules, Flow, Profile,
    build::percent,
    content::{CellLayer, ContentSettings, Scanners, THRESHOLD},
    effective::{Ledger, Strictness},
    exemption::Exemption,
    layer::Layer,
};

/// Rules for content that can be made for every profile.
pub(super) struct Scanning {
    settings: ContentSettings,
    scanners: Scanners,
}

impl Scanning {
    /// Takes up the cells under one profile; their keys begin with `scope`.
    pub(super) fn note(&self, ledger: &mut Ledger, scope: &str, profile: Profile) {
        for name in self.settings.types() {
            for (key, flow) in [("request", Flow::Request), ("response", Flow::Response)] {
                let path = format!("{scope}pii.actions.{name}.{key}");
                let default = built_in(profile, flow.of(profile.cells(self.settings.built_in(name))));
                let said = self.settings.said(name, flow).map(|said| said.cloned());
                ledger.settle(path, Strictness::ACTION, default, said);
            }
        }
    }

    /// What is written down, without secrets.
    pub(super) fn mask(&self, text: &str) -> String {
        self.scanners.masking().redact(text).into_owned()
    }

    pub(super) fn exemptions(&self) -> &[Exemption] {
        &self.settings.exemptions
    }

    pub(super) fn rules(&self, server: Option<&str>, profile: Profile) -> ContentRules {
        self.settings.rules(server, profile, &self.scanners)
    }
}

pub(super) fn settle(
    ledger: &mut Ledger,
    profile: Profile,
    layers: &[Layer],
) -> Result<Scanning, ConfigError> {
    let enabled = layers.iter().map(|layer| layer.content.enabled.clone());
    let fraction = |percent: u8| f64::from(percent) / 100.0;
    let threshold = layers.iter().map(|layer| layer.content.threshold.clone().map(|said| said.map(fraction)));
    let enabled = ledger.settle("pii.enabled", Strictness::ON, built_in(profile, true), enabled);
    let default = built_in(profile, fraction(THRESHOLD.percent()));
    let threshold = ledger.settle("pii.confidence_threshold", Strictness::Smaller, default, threshold);
    let said = layers.iter().map(|layer| layer.content.advertised.clone());
    let default = built_in(profile, Advertised::default());
    let advertised = ledger.settle("rules.advertised", Strictness::ADVERTISED, default, said);
    let mut custom: Vec<CustomDetector> = Vec::new();
    let mut cells = Vec::new();
    for layer in layers {
        let packs = layer.rules.packs.iter().flat_map(UserPack::detectors);
        let mut brings: Vec<_> = packs.map(|detector| detector.name.to_string()).collect();
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
    let files: Vec<_> = layers.iter().flat_map(|layer| &layer.rules.files).collect();
    ledger.packs(&files);
    let settings = ContentSettings {
        enabled: enabled.value,
        threshold: Confidence::new(percent(threshold.value).unwrap_or_default()),
        advertised: advertised.value,
        packs: layers.iter().flat_map(|layer| layer.rules.packs.clone()).collect(),
        digests: files.iter().map(|file| file.value.digest.clone()).collect(),
        custom,
        layers: cells,
        exemptions: layers.iter().flat_map(|layer| layer.content.exemptions.clone()).collect(),
    };
    if !settings.exemptions.is_empty() {
        let lines: Vec<_> = settings.exemptions.iter().map(Exemption::line).collect();
        let at = lines.iter().map(|line| line.at.clone()).collect();
        let lines: Vec<_> = lines.into_iter().map(|line| line.value).collect();
        ledger.note("rules.exemptions", lines, at, Strictness::Admits);
    }
    for detector in &settings.custom {
        let path = format!("pii.custom_types.{}.patterns", detector.name);
        let written: Vec<_> = layers.iter().flat_map(|layer| layer.content.written(&detector.name)).collect();
        let shown: Vec<_> = written.iter().map(|pattern| pattern.value.as_str()).collect();
        let at = written.iter().map(|pattern| pattern.at.clone()).collect();
        ledger.patterns(path, &shown, &detector.patterns, at);
    }
    let scanners =
        settings.scanners().map_err(|_| ConfigError::plain("the detectors do not compile together", None))?;
    let scanning = Scanning { settings, scanners };
    scanning.note(ledger, "", profile);
    Ok(scanning)
}
