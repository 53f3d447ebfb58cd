use std::sync::Arc;

use inspect::{Confidence, CustomDetector, DetectorId, Scanner, ScannerError};

use crate::{
    Location, Profile,
    action::{Action, Flow},
    table::{self, Cells},
};

/// Confidence below which a finding counts as none, unless a file says otherwise.
pub(crate) const THRESHOLD: Confidence = Confidence::new(80);

/// What is done with secrets and personal data found in messages. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ContentRules {
    scanner: Arc<Scanner>,
    masking: Arc<Scanner>,
    threshold: Confidence,
    /// By [`DetectorId`].
    cells: Arc<[Overridden]>,
    /// The operator's own expressions, by type.
    custom: Arc<[(String, Vec<String>)]>,
}

/// The cells of one detector under one profile, and where they come from if not from the profile.
#[derive(Clone, Debug)]
struct Overridden {
    cells: Cells,
    request_at: Option<Location>,
    response_at: Option<Location>,
}

/// The part of a file that is about content, checked.
#[derive(Clone, Debug)]
pub(crate) struct ContentSettings {
    pub(crate) enabled: bool,
    pub(crate) threshold: Confidence,
    pub(crate) custom: Vec<CustomDetector>,
    /// What the file says about single cells, by the detector's name.
    pub(crate) overrides: Vec<(String, CellOverrides)>,
}

/// Cells that a file sets; the others stay built in.
#[derive(Clone, Debug, Default)]
pub(crate) struct CellOverrides {
    pub(crate) request: Option<(Action, Location)>,
    pub(crate) response: Option<(Action, Location)>,
}

impl Default for ContentSettings {
    fn default() -> Self {
        Self { enabled: true, threshold: THRESHOLD, custom: Vec::new(), overrides: Vec::new() }
    }
}

/// The detectors that judge messages, and those that mask what we write down.
#[derive(Clone, Debug)]
pub(crate) struct Scanners {
    pub(crate) content: Arc<Scanner>,
    masking: Arc<Scanner>,
}

impl ContentSettings {
    /// Compiles the detectors. One pair serves every profile.
    pub(crate) fn scanners(&self) -> Result<Scanners, ScannerError> {
        // A detector that is allowed both ways must not name a place that another one would stop.
        let wanted = |name: &str| self.enabled && !self.cells(name).is_some_and(CellOverrides::allows_all);
        let custom: Vec<_> = self.custom.iter().filter(|detector| wanted(&detector.name)).cloned().collect();
        let content = Arc::new(Scanner::new(wanted, &custom)?);
        let all = inspect::catalogue().len() + self.custom.len();
        let masking = match content.detectors().len() == all {
            true => Arc::clone(&content),
            false => Arc::new(Scanner::new(|_| true, &self.custom)?),
        };
        Ok(Scanners { content, masking })
    }

    pub(crate) fn rules(&self, profile: Profile, scanners: &Scanners) -> ContentRules {
        let cells = scanners.content.detectors().iter().map(|detector| {
            let built_in = table::built_in(profile, &detector.name);
            let set = self.cells(&detector.name).cloned().unwrap_or_default();
            let (request, request_at) =
                set.request.map_or((built_in.request, None), |(cell, at)| (cell, Some(at)));
            let (response, response_at) =
                set.response.map_or((built_in.response, None), |(cell, at)| (cell, Some(at)));
            Overridden { cells: Cells { request, response }, request_at, response_at }
        });
        let custom = self.custom.iter().map(|detector| (detector.name.clone(), detector.patterns.clone()));
        ContentRules {
            cells: cells.collect(),
            custom: custom.collect(),
            scanner: Arc::clone(&scanners.content),
            masking: Arc::clone(&scanners.masking),
            threshold: self.threshold,
        }
    }

    fn cells(&self, name: &str) -> Option<&CellOverrides> {
        self.overrides.iter().find(|(known, _)| known == name).map(|(_, cells)| cells)
    }
}

impl CellOverrides {
    fn allows_all(&self) -> bool {
        let allow = |cell: &Option<(Action, Location)>| matches!(cell, Some((Action::Allow, _)));
        allow(&self.request) && allow(&self.response)
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

    /// What to do with a finding of this detector, and the place in the file that says so; `None`
    /// when it is the profile's own table. A detector of another scanner blocks.
    pub fn action(&self, detector: DetectorId, flow: Flow) -> (Action, Option<&Location>) {
        match (self.cells.get(detector.index()), flow) {
            (Some(row), Flow::Request) => (row.cells.request, row.request_at.as_ref()),
            (Some(row), Flow::Response) => (row.cells.response, row.response_at.as_ref()),
            (None, _) => (Action::Block, None),
        }
    }

    /// The operator's own expressions, by type.
    pub(crate) fn custom_patterns(&self) -> &[(String, Vec<String>)] {
        &self.custom
    }
}
