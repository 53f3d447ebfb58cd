use std::sync::Arc;

use inspect::{
    Actions, Cells, Confidence, CustomDetector, Detector, DetectorId, Scanner, ScannerError, pack::UserPack,
};

use crate::{
    Advertised, Location, Profile, Setting,
    action::{Action, Flow},
    exemption::Exemption,
    layer::Said,
};

/// Confidence below which a finding counts as none, unless a file says otherwise.
pub(crate) const THRESHOLD: Confidence = Confidence::SURE;

/// What is done with secrets and personal data found in messages. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ContentRules {
    scanner: Arc<Scanner>,
    masking: Arc<Scanner>,
    threshold: Confidence,
    advertised: Advertised,
    /// By [`DetectorId`].
    cells: Arc<[Overridden]>,
    /// The operator's own expressions, by type.
    custom: Arc<[(String, Vec<String>)]>,
    /// SHA-256 of the packs' files, in hex.
    packs: Arc<[String]>,
    /// Of this server.
    exemptions: Arc<[Exemption]>,
}

/// The cells of one detector under one profile, and where they come from if not from the profile.
#[derive(Clone, Debug)]
struct Overridden {
    cells: Cells,
    request_at: Option<Location>,
    response_at: Option<Location>,
}

/// What the layers say about content, with what they do not say filled in.
#[derive(Clone, Debug)]
pub(crate) struct ContentSettings {
    pub(crate) enabled: bool,
    pub(crate) threshold: Confidence,
    pub(crate) advertised: Advertised,
    pub(crate) packs: Vec<UserPack>,
    /// SHA-256 of the packs' files, in hex.
    pub(crate) digests: Vec<String>,
    pub(crate) custom: Vec<CustomDetector>,
    /// What each layer says about single cells, by the detector's name. The first that knows the detector replaces
    /// the built-in cell; those after it can only make it stricter.
    pub(crate) layers: Vec<CellLayer>,
    pub(crate) exemptions: Vec<Exemption>,
}

/// What one layer says about single cells.
#[derive(Clone, Debug)]
pub(crate) struct CellLayer {
    /// Types that the layer brings and those before it do not know.
    pub(crate) brings: Vec<String>,
    pub(crate) cells: Vec<(String, CellOverrides)>,
}

/// Cells that a file sets; the others stay built in.
#[derive(Clone, Debug, Default)]
pub(crate) struct CellOverrides {
    pub(crate) request: Said<Action>,
    pub(crate) response: Said<Action>,
}

impl Default for ContentSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            threshold: THRESHOLD,
            advertised: Advertised::default(),
            packs: Vec::new(),
            digests: Vec::new(),
            custom: Vec::new(),
            layers: Vec::new(),
            exemptions: Vec::new(),
        }
    }
}

/// The detectors that judge messages, and those that mask what we write down.
#[derive(Clone, Debug)]
pub(crate) struct Scanners {
    pub(crate) content: Arc<Scanner>,
    masking: Arc<Scanner>,
}

impl Scanners {
    /// Every detector, for what we write down ourselves.
    pub(crate) fn masking(&self) -> &Scanner {
        &self.masking
    }
}

impl ContentSettings {
    /// Compiles the detectors. One pair serves every profile.
    pub(crate) fn scanners(&self) -> Result<Scanners, ScannerError> {
        // A detector that is allowed both ways finds nothing that matters.
        let off = |name: &str, flow| {
            // Where a file says so, the profile does not matter.
            let (action, said) = self.cell(Profile::default(), name, flow);
            action == Action::Allow && said.is_some()
        };
        let wanted = |name: &str| self.enabled && !(off(name, Flow::Request) && off(name, Flow::Response));
        let confidential = |known: &Detector| known.family.is_confidential();
        let all = Scanner::with_packs(
            |known| wanted(&known.name) || confidential(known),
            &self.packs,
            &self.custom,
        )?;
        let content = Arc::new(all.only(|known| wanted(&known.name)));
        let masking = Arc::new(all.only(confidential));
        Ok(Scanners { content, masking })
    }

    pub(crate) fn rules(&self, server: Option<&str>, profile: Profile, scanners: &Scanners) -> ContentRules {
        let cells = scanners.content.detectors().map(|detector| {
            let (request, request_at) = self.cell(profile, &detector.name, Flow::Request);
            let (response, response_at) = self.cell(profile, &detector.name, Flow::Response);
            Overridden { cells: Cells { request, response }, request_at, response_at }
        });
        let custom = self.custom.iter().map(|detector| (detector.name.clone(), detector.patterns.clone()));
        ContentRules {
            cells: cells.collect(),
            custom: custom.collect(),
            packs: self.digests.as_slice().into(),
            scanner: Arc::clone(&scanners.content),
            masking: Arc::clone(&scanners.masking),
            threshold: self.threshold,
            advertised: self.advertised,
            exemptions: self
                .exemptions
                .iter()
                .filter(|one| Some(one.server.as_str()) == server)
                .cloned()
                .collect(),
        }
    }

    /// The names of all types, built in and custom.
    pub(crate) fn types(&self) -> impl Iterator<Item = &str> {
        let built_in = inspect::catalogue().iter().map(|detector| detector.name.as_ref());
        let packs = self.packs.iter().flat_map(UserPack::detectors).map(|detector| detector.name.as_ref());
        built_in.chain(packs).chain(self.custom.iter().map(|detector| detector.name.as_str()))
    }

    /// What each layer that knows the type says about one cell.
    pub(crate) fn said<'s>(
        &'s self,
        name: &'s str,
        flow: Flow,
    ) -> impl Iterator<Item = Option<&'s Setting<Action>>> {
        let brought = self.layers.iter().position(|layer| layer.brings.iter().any(|known| known == name));
        self.layers.iter().skip(brought.unwrap_or(0)).map(move |layer| {
            let (_, cells) = layer.cells.iter().find(|(known, _)| known == name)?;
            match flow {
                Flow::Request => cells.request.as_ref(),
                Flow::Response => cells.response.as_ref(),
            }
        })
    }

    /// What follows a finding of the type called `name` if no file says so.
    pub(crate) fn built_in(&self, name: &str) -> Actions {
        let packs = self.packs.iter().flat_map(UserPack::detectors);
        let known = inspect::catalogue().iter().chain(packs).find(|detector| detector.name == name);
        known.map_or(Actions::DEFAULT, |detector| detector.actions)
    }

    /// One cell in force, and the place that says so; `None` when it is the profile's own table.
    fn cell(&self, profile: Profile, name: &str, flow: Flow) -> (Action, Option<Location>) {
        let mut cell = (flow.of(profile.cells(self.built_in(name))), None);
        for (index, said) in self.said(name, flow).enumerate() {
            if let Some(said) = said
                && (index == 0 || said.value > cell.0)
            {
                cell = (said.value, Some(said.at.clone()));
            }
        }
        cell
    }
}

impl ContentRules {
    /// The detectors in use; none when content is not to be inspected.
    pub fn scanner(&self) -> &Scanner {
        &self.scanner
    }

    /// Every detector, also those that are off: for what we write down ourselves, which must hold no secret whatever
    /// is let through.
    pub fn masking(&self) -> &Scanner {
        &self.masking
    }

    /// Findings below this confidence count as none.
    pub fn threshold(&self) -> Confidence {
        self.threshold
    }

    /// What becomes of something that a server advertises when a finding in it is to be altered or stopped.
    pub fn advertised(&self) -> Advertised {
        self.advertised
    }

    /// Appends what is found in `text` to `hits`, without overlaps. Where detectors overlap, the one whose finding
    /// has the strictest consequence names the place, so that a mild type cannot hide a grave one.
    pub fn scan(&self, text: inspect::Text<'_>, flow: Flow, hits: &mut Vec<inspect::Hit>) {
        self.scanner.scan_ranked(text, hits, |hit| self.consequence(hit, flow));
    }

    /// As [`ContentRules::scan`], as if some detectors did not exist.
    pub fn scan_but(
        &self,
        text: inspect::Text<'_>,
        without: &[DetectorId],
        flow: Flow,
        hits: &mut Vec<inspect::Hit>,
    ) {
        self.scanner.scan_but(text, without, hits, |hit| self.consequence(hit, flow));
    }

    /// As [`ContentRules::scan`], for what lies on both sides of a seam in a text that was put together from others.
    pub fn scan_across(
        &self,
        text: inspect::Text<'_>,
        seam: inspect::Seam<'_>,
        flow: Flow,
        hits: &mut Vec<inspect::Hit>,
    ) {
        self.scanner.scan_across(text, seam, hits, |hit| self.consequence(hit, flow));
    }

    fn consequence(&self, hit: &inspect::Hit, flow: Flow) -> Action {
        match hit.confidence < self.threshold {
            true => Action::Allow,
            false => self.action(hit.detector, flow).0,
        }
    }

    /// What to do with a finding of this detector, and the place in the file that says so; `None`
    /// when it is the profile's own table. A detector of another scanner blocks.
    pub fn action(&self, detector: DetectorId, flow: Flow) -> (Action, Option<&Location>) {
        match (self.cells.get(detector.index()), flow) {
            (Some(row), Flow::Request) => (row.cells.request, row.request_at.as_ref()),
            (Some(row), Flow::Response) => (row.cells.response, row.response_at.as_ref()),
            (None, _) => (Action::Block, None),
        }
    }

    /// SHA-256 of the files of the operator's packs, in hex.
    pub(crate) fn pack_digests(&self) -> &[String] {
        &self.packs
    }

    /// Where findings count as none, at this server.
    pub fn exemptions(&self) -> &[Exemption] {
        &self.exemptions
    }

    /// The operator's own expressions, by type.
    pub(crate) fn custom_patterns(&self) -> &[(String, Vec<String>)] {
        &self.custom
    }
}
