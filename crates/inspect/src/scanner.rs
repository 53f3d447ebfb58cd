//! The scanner: compiled once, asked about every string.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use crate::advertised::Forms;
use crate::catalogue::{Builtin, Confidence, Detector, catalogue};
use crate::custom::{CustomDetector, Patterns};
use crate::detect::{Builtins, Ids};
use crate::pack::{Find, UserPack, packs};
use crate::payload::Payloads;
use crate::place::{Place, Places};
use crate::reading::{Disguise, turned::Turn};
use crate::rules::{RuleError, Rules};
use crate::uncover::Pass;
use crate::unseen::Unseens;

/// Recognises the enabled built-in detectors and the custom ones in a string.
/// Immutable; share it between threads.
///
/// Clones and [parts](Scanner::only) share what was compiled.
#[derive(Clone, Debug)]
pub struct Scanner {
    detectors: Arc<[Detector]>,
    pub(crate) builtins: Arc<Builtins>,
    pub(crate) rules: Arc<Rules>,
    payloads: Arc<Payloads>,
    unseen: Arc<Unseens>,
    pub(crate) forms: Arc<Forms>,
    custom: Arc<[(DetectorId, Patterns)]>,
    /// Those that know words which were turned.
    pub(crate) turned: [Option<DetectorId>; Turn::ALL.len()],
    /// Which detectors take part; all of them if `None`.
    part: Option<Arc<[bool]>>,
}

/// A detector of one [`Scanner`]: the same in all of its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DetectorId(u16);

/// A string to look at, and what is known about where it stands.
#[derive(Clone, Copy, Debug)]
pub struct Text<'t> {
    /// The string itself, unescaped.
    pub text: &'t str,
    /// Name of the JSON member it is the value of, if any.
    pub key: Option<&'t str>,
    /// The kind of place.
    pub place: Place,
}

impl<'t> Text<'t> {
    /// A text of which nothing else is known.
    pub fn new(text: &'t str) -> Self {
        Self { text, key: None, place: Place::UNKNOWN }
    }
}

/// Something found in a string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Who found it.
    pub detector: DetectorId,
    /// Where, in bytes; both ends are character boundaries.
    pub span: Range<usize>,
    /// How sure.
    pub confidence: Confidence,
    /// How it was disguised; `None` if the text says it openly.
    pub disguise: Option<Disguise>,
}

/// Why a scanner could not be built.
#[derive(Debug, thiserror::Error)]
pub enum ScannerError {
    /// A custom detector's name cannot be used in configuration and marks.
    #[error("custom detector {name:?}: a name is 1 to 64 of a-z, 0-9, '_' and '-'; rename it")]
    Name {
        /// The name as given.
        name: String,
    },
    /// Two detectors answer to the same name.
    #[error("detector {name:?}: this name is already taken; choose another")]
    Taken {
        /// The name as given.
        name: String,
    },
    /// A custom detector could never find anything.
    #[error("custom detector {name:?} has no patterns; add one or remove the detector")]
    NoPatterns {
        /// The detector's name.
        name: String,
    },
    /// A pattern is no regular expression of the supported kind, or too large.
    #[error("custom detector {name:?}, pattern {number} ({pattern:?}): {source}")]
    Pattern {
        /// The detector's name.
        name: String,
        /// Which of its patterns, counted from 1.
        number: usize,
        /// The pattern as given.
        pattern: String,
        /// What is wrong with it.
        source: Box<regex::Error>,
    },
    /// A pattern matches the empty string, so it would match everywhere.
    #[error(
        "custom detector {name:?}, pattern {number} ({pattern:?}) matches the empty string; \
         require at least one character"
    )]
    EmptyMatch {
        /// The detector's name.
        name: String,
        /// Which of its patterns, counted from 1.
        number: usize,
        /// The pattern as given.
        pattern: String,
    },
    /// A rule of a pack cannot be used.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// More detectors than ids.
    #[error("more than {} detectors; merge some custom detectors", u16::MAX)]
    TooMany,
}

/// Ordinary text takes two rounds of redaction, the second to find nothing.
const ROUNDS: usize = 8;

impl Scanner {
    /// Compiles the detectors of our packs that `enabled` accepts, in
    /// catalogue order, followed by `custom`.
    ///
    /// # Errors
    /// When a custom detector has an unusable name or a bad pattern.
    pub fn new(enabled: impl Fn(&Detector) -> bool, custom: &[CustomDetector]) -> Result<Self, ScannerError> {
        Self::with_packs(enabled, &[], custom)
    }

    /// As [`Scanner::new`], with the detectors of the operator's packs, if `enabled` accepts them, after ours.
    ///
    /// # Errors
    /// As [`Scanner::new`], and when two rules have the same name.
    pub fn with_packs(
        enabled: impl Fn(&Detector) -> bool,
        own: &[UserPack],
        custom: &[CustomDetector],
    ) -> Result<Self, ScannerError> {
        let mut names: HashSet<&str> = catalogue().iter().map(|known| known.name.as_ref()).collect();
        for (known, _) in own.iter().flat_map(UserPack::rules) {
            if !names.insert(&known.name) {
                return Err(ScannerError::Taken { name: known.name.to_string() });
            }
        }
        let mut detectors = Vec::new();
        let mut ids = Ids::default();
        let mut payloads = Payloads::default();
        let mut unseen = Unseens::default();
        let mut forms = Forms::default();
        let mut chosen = Vec::new();
        let ours = catalogue().iter().zip(packs().iter().flat_map(|pack| &pack.rules));
        for (known, rule) in ours.chain(own.iter().flat_map(UserPack::rules)) {
            if !enabled(known) {
                continue;
            }
            let id = next_id(&detectors)?;
            detectors.push(known.clone());
            for native in rule.find.iter().filter_map(native) {
                if let Some(slot) = ids.get_mut(native as usize) {
                    *slot = Some(id);
                }
            }
            let places = Places::of(&known.places);
            payloads.enable(id, rule, places);
            unseen.enable(id, rule, places);
            forms.enable(id, rule);
            chosen.push((id, rule, places));
        }
        let rules = Rules::compile(chosen.into_iter())?;
        let mut compiled = Vec::with_capacity(custom.len());
        for given in custom {
            let id = next_id(&detectors)?;
            let (detector, patterns) = given.compile()?;
            if !names.insert(&given.name) {
                return Err(ScannerError::Taken { name: given.name.clone() });
            }
            detectors.push(detector);
            compiled.push((id, patterns));
        }
        let turned = Turn::ALL.map(|turn| {
            let index = detectors.iter().position(|detector| detector.name == turn.marker())?;
            u16::try_from(index).ok().map(DetectorId)
        });
        Ok(Self {
            turned,
            detectors: detectors.into(),
            builtins: Arc::new(Builtins::new(ids)),
            rules: Arc::new(rules),
            payloads: Arc::new(payloads),
            unseen: Arc::new(unseen),
            forms: Arc::new(forms),
            custom: compiled.into(),
            part: None,
        })
    }

    /// The same scanner without the detectors that `keep` does not accept. What they would have covered shows.
    #[must_use]
    pub fn only(&self, keep: impl Fn(&Detector) -> bool) -> Self {
        let part = self.numbered_all().map(|(id, detector)| self.takes_part(id) && keep(detector));
        Self { part: Some(part.collect()), ..self.clone() }
    }

    /// The detectors that take part, each with its id.
    pub fn numbered(&self) -> impl Iterator<Item = (DetectorId, &Detector)> {
        self.numbered_all().filter(|(id, _)| self.takes_part(*id))
    }

    /// All detectors, also those that take no part, by [`DetectorId::index`].
    pub fn detectors(&self) -> impl Iterator<Item = &Detector> {
        self.detectors.iter()
    }

    fn numbered_all(&self) -> impl Iterator<Item = (DetectorId, &Detector)> {
        (0..).map(DetectorId).zip(self.detectors.iter())
    }

    pub(crate) fn takes_part(&self, id: DetectorId) -> bool {
        self.part.as_ref().is_none_or(|part| part.get(id.index()).copied().unwrap_or(false))
    }

    /// The detector behind an id of this scanner; `None` for a foreign id.
    pub fn detector(&self, id: DetectorId) -> Option<&Detector> {
        self.detectors.get(usize::from(id.0))
    }

    /// The id of a detector that takes part.
    pub fn id(&self, name: &str) -> Option<DetectorId> {
        self.numbered().find(|(_, detector)| detector.name == name).map(|(id, _)| id)
    }

    /// Appends what is found in `text` to `hits`, sorted by start and without
    /// overlaps. Where detectors overlap, the surest, then the longest, then
    /// the earliest names the place, and the span covers all of them.
    ///
    /// Takes time linear in the text; allocates nothing when nothing is found.
    pub fn scan(&self, text: Text<'_>, hits: &mut Vec<Hit>) {
        self.scan_ranked(text, hits, |_| 0);
    }

    /// As [`Scanner::scan`], but where detectors overlap, the one of the highest rank names the place, however sure the
    /// others are. For callers who do different things with what is found: the rank is how grave that is.
    pub fn scan_ranked<R: Ord>(&self, text: Text<'_>, hits: &mut Vec<Hit>, rank: impl Fn(&Hit) -> R) {
        self.scan_but(text, &[], hits, rank);
    }

    /// As [`Scanner::scan_ranked`], as if some detectors did not exist: what they would have covered shows.
    pub fn scan_but<R: Ord>(
        &self,
        text: Text<'_>,
        without: &[DetectorId],
        hits: &mut Vec<Hit>,
        rank: impl Fn(&Hit) -> R,
    ) {
        let from = hits.len();
        let mut pass = Pass::new(self, text.text, without, rank);
        pass.look(text, hits);
        pass.uncover(text, hits, from);
        pass.resolve(hits, from);
    }

    /// Appends what the text says openly, without those of some detectors.
    pub(crate) fn look(&self, text: Text<'_>, without: &[DetectorId], hits: &mut Vec<Hit>) {
        let from = hits.len();
        self.builtins.scan(text, hits);
        self.rules.scan(text, hits);
        self.payloads.scan(text, hits);
        self.unseen.scan(text, hits);
        for (id, patterns) in self.custom.iter() {
            patterns.scan(text.text, *id, hits);
        }
        if (self.part.is_some() || !without.is_empty()) && hits.len() > from {
            let mut found = hits.split_off(from);
            found.retain(|hit| self.takes_part(hit.detector) && !without.contains(&hit.detector));
            hits.append(&mut found);
        }
    }

    /// `text` with every hit replaced by `[REDACTED:name]`; for names, URIs
    /// and log lines that are stored.
    ///
    /// A mark can give what stood beside it the boundary it lacked, so the
    /// result is looked at again, a few times at most.
    pub fn redact<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut redacted = Cow::Borrowed(text);
        let mut hits = Vec::new();
        for _ in 0..ROUNDS {
            hits.clear();
            self.scan(Text::new(&redacted), &mut hits);
            if hits.is_empty() {
                break;
            }
            redacted = Cow::Owned(self.redact_hits(&redacted, &hits));
        }
        redacted
    }

    /// `text` with the given hits, in the order [`Scanner::scan`] reports
    /// them, replaced by `[REDACTED:name]`.
    pub fn redact_hits(&self, text: &str, hits: &[Hit]) -> String {
        let mut redacted = String::with_capacity(text.len());
        let mut copied = 0;
        for hit in hits {
            redacted.push_str(text.get(copied..hit.span.start).unwrap_or_default());
            redacted.push_str("[REDACTED:");
            redacted.push_str(self.detector(hit.detector).map_or("unknown", |found| &found.name));
            redacted.push(']');
            copied = hit.span.end;
        }
        redacted.push_str(text.get(copied..).unwrap_or_default());
        redacted
    }
}

impl DetectorId {
    #[cfg(test)]
    pub(crate) fn new(index: u16) -> Self {
        Self(index)
    }

    /// Its number, from 0, among all detectors of the scanner.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// The native detector that a rule asks for.
fn native(find: &Find) -> Option<Builtin> {
    match find {
        Find::Native(native) => Builtin::named(&native.name),
        _ => None,
    }
}

fn next_id(detectors: &[Detector]) -> Result<DetectorId, ScannerError> {
    u16::try_from(detectors.len()).map(DetectorId).map_err(|_| ScannerError::TooMany)
}
