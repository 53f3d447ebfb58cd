//! The built-in actions: what each profile does with each kind of finding. This table is the only
//! place they are written; the reference page prints it from here.

use crate::{
    Profile,
    action::{
        Action::{self, Block, Redact, Warn},
        Flow,
    },
};

/// The two cells of one detector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cells {
    pub(crate) request: Action,
    pub(crate) response: Action,
}

impl Cells {
    pub(crate) fn of(self, flow: Flow) -> Action {
        match flow {
            Flow::Request => self.request,
            Flow::Response => self.response,
        }
    }
}

/// Detectors that share their cells.
pub(crate) struct Row {
    /// Names as in the catalogue of detectors; none means every detector without a row of its own.
    pub(crate) detectors: &'static [&'static str],
    pub(crate) balanced: Cells,
    pub(crate) strict: Cells,
}

impl Row {
    /// The cells under `profile`. `monitor` judges as `balanced` does and then lets everything pass.
    pub(crate) fn cells(&self, profile: Profile) -> Cells {
        match profile {
            Profile::Monitor | Profile::Balanced => self.balanced,
            Profile::Strict => self.strict,
        }
    }
}

pub(crate) const ROWS: [Row; 5] = [
    Row { detectors: &["email", "phone"], balanced: cells(Warn, Warn), strict: cells(Warn, Redact) },
    Row { detectors: &["ssn", "credit_card"], balanced: cells(Block, Redact), strict: cells(Block, Redact) },
    Row { detectors: &["jwt"], balanced: cells(Warn, Redact), strict: cells(Block, Redact) },
    Row {
        detectors: &["private_key", "aws_secret_key", "database_url"],
        balanced: cells(Block, Redact),
        strict: cells(Block, Block),
    },
    OTHERS,
];

/// Every other secret, and custom types that give no actions.
pub(crate) const OTHERS: Row =
    Row { detectors: &[], balanced: cells(Block, Redact), strict: cells(Block, Redact) };

const fn cells(request: Action, response: Action) -> Cells {
    Cells { request, response }
}

/// The built-in cells of the detector called `name`.
pub(crate) fn built_in(profile: Profile, name: &str) -> Cells {
    ROWS.iter().find(|row| row.detectors.contains(&name)).unwrap_or(&OTHERS).cells(profile)
}
