//! The rules of packs, compiled: one pass over the text for all their literals, and a closer look where one stands.

mod alone;
mod anchors;
mod assigned;
mod chars;
mod check;
mod form;
mod groups;
mod keyed;
mod literals;
mod mention;
mod near;
mod pattern;
mod phrase;
mod pieces;
mod runs;
mod shape;
mod signals;
mod token;
mod values;
mod words;

use crate::advertised::Form;
use crate::catalogue::{Builtin, Confidence, Family};
use crate::pack::{Find, Rule};
use crate::payload::Payload;
use crate::place::Places;
use crate::scanner::{DetectorId, Hit, Text};
use crate::unseen::Unseen;

pub(crate) use self::anchors::Rules;
use self::{
    assigned::Assigned, check::Checks, keyed::Keyed, mention::Surroundings, near::Nearby, pattern::Pattern,
    phrase::Phrase, signals::Signals, token::Token,
};

/// One rule of a pack, without its native detectors.
#[derive(Debug)]
struct Compiled {
    id: DetectorId,
    places: Places,
    checks: Checks,
    mentioned: Mentioned,
    /// What it finds are orders.
    order: bool,
}

/// What becomes of a finding that the text only speaks of.
#[derive(Clone, Copy, Debug)]
enum Mentioned {
    /// It counts like any other.
    Counts,
    /// It counts for this detector; for none if that one is not enabled.
    As(Option<DetectorId>),
}

/// One way in which a rule finds something.
#[derive(Debug)]
struct Finder {
    /// Index of its rule.
    rule: usize,
    how: How,
}

#[derive(Debug)]
enum How {
    Token(Token),
    Assigned(Assigned),
    Keyed(Keyed),
    Pattern(Pattern),
    Phrase(Phrase),
    Signals(Signals),
}

/// What is known of the text around findings.
#[derive(Debug)]
struct Notes<'r> {
    around: Surroundings,
    nearby: Nearby<'r>,
}

/// Why a rule cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RuleError {
    /// A set of characters is not written like that.
    #[error("rule {rule}: {chars:?} is no set of characters; write it like `A-Za-z0-9_-`")]
    Chars {
        /// Id of the rule.
        rule: String,
        /// The set as given.
        chars: String,
    },
    /// A regular expression is none, or too large.
    #[error("rule {rule}: {pattern:?}: {source}")]
    Pattern {
        /// Id of the rule.
        rule: String,
        /// The expression as given.
        pattern: String,
        /// What is wrong with it.
        source: Box<regex::Error>,
    },
    /// A validator or native detector that does not exist.
    #[error("rule {rule}: there is no {what} called {name:?}")]
    Unknown {
        /// Id of the rule.
        rule: String,
        /// What was looked for.
        what: &'static str,
        /// The name as given.
        name: String,
    },
    /// An id that cannot be used in configuration and marks.
    #[error(
        "rule {rule}: an id is a family, a dot, and a name of a-z, 0-9, '_' and '-'; the families are {}",
        families()
    )]
    Id {
        /// The id as given.
        rule: String,
    },
    /// A rule that looks for nothing.
    #[error("rule {rule} has nothing to find; add `find:`")]
    Nothing {
        /// Id of the rule.
        rule: String,
    },
    /// A detector written in Rust, in a pack of the operator's.
    #[error("rule {rule}: `native` detectors belong to our own rules; change those with `rules.overrides`")]
    Native {
        /// Id of the rule.
        rule: String,
    },
    /// A phrase without parts, with an empty one, or with too many.
    #[error("rule {rule}: a phrase has 1 to {most} parts, each with at least one word")]
    Parts {
        /// Id of the rule.
        rule: String,
        /// The most parts.
        most: usize,
    },
    /// A form is not written like that.
    #[error(
        "rule {rule}: {form:?} is no form; write it like `AA999999A` or `999-99-9999`, at most 10 groups"
    )]
    Form {
        /// Id of the rule.
        rule: String,
        /// The form as given.
        form: String,
    },
    /// A literal that would be found everywhere.
    #[error("rule {rule}: the literal {literal:?} is too short to look for; use at least two characters")]
    Literal {
        /// Id of the rule.
        rule: String,
        /// The literal as given.
        literal: String,
    },
}

impl Compiled {
    /// Reports `hit` unless what was found does not pass the rule's checks.
    fn report(
        &self,
        text: Text<'_>,
        notes: &mut Notes<'_>,
        span: std::ops::Range<usize>,
        hits: &mut Vec<Hit>,
    ) {
        let Some(confidence) = self.checks.judge(text, &span, None, &mut notes.nearby) else { return };
        let detector = match self.mentioned {
            Mentioned::As(other) if notes.around.mention(text.text, &span) => other,
            _ => Some(self.id),
        };
        hits.extend(detector.map(|detector| Hit { detector, span, confidence, disguise: None }));
    }

    /// Reports what lies in `span`; without a word near it, it is as sure as `own`, if given, and not as the rule says.
    /// Returns how sure it is.
    fn report_as(
        &self,
        text: Text<'_>,
        span: std::ops::Range<usize>,
        own: Option<Confidence>,
        notes: &mut Notes<'_>,
        hits: &mut Vec<Hit>,
    ) -> Option<Confidence> {
        let confidence = self.checks.judge(text, &span, own, &mut notes.nearby)?;
        hits.push(Hit { detector: self.id, span, confidence, disguise: None });
        Some(confidence)
    }
}

impl Finder {
    fn compile(rule: usize, source: &Rule, find: &Find) -> Result<Option<(Self, Vec<String>)>, RuleError> {
        let (how, anchors) = match find {
            Find::Native(_) | Find::Shape(_) => return Ok(None),
            Find::Token(token) => (How::Token(Token::compile(source, token)?), token.prefix.clone()),
            Find::Assigned(assigned) => {
                (How::Assigned(Assigned::compile(source, assigned)?), assigned.names.clone())
            }
            // Its names are looked for only before long words.
            Find::Keyed(keyed) => (How::Keyed(Keyed::compile(source, keyed)?), Vec::new()),
            Find::Pattern(pattern) => {
                (How::Pattern(Pattern::compile(source, pattern)), pattern.anchors.clone())
            }
            Find::Phrase(phrase) => {
                let (phrase, literals) = Phrase::of(source, phrase)?;
                (How::Phrase(phrase), literals)
            }
            Find::Signals(signals) => {
                let (signals, literals) = Signals::compile(source, signals)?;
                (How::Signals(signals), literals)
            }
        };
        Ok(Some((Self { rule, how }, anchors)))
    }
}

fn families() -> String {
    Family::ALL.map(Family::as_str).join(", ")
}

impl Rule {
    fn confidence(&self) -> Confidence {
        Confidence::new(self.confidence)
    }

    /// Whether everything in it can be compiled, also what is compiled at first use only.
    ///
    /// # Errors
    /// With the first thing that cannot.
    pub fn verify(&self) -> Result<(), RuleError> {
        let usable = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '_' | '-');
        let name = self.id.split_once('.').filter(|(family, _)| Family::named(family).is_some());
        if !name.is_some_and(|(_, name)| (1..=64).contains(&name.len()) && name.chars().all(usable)) {
            return Err(RuleError::Id { rule: self.id.clone() });
        }
        Checks::compile(self, &mut near::Vocabulary::default())?;
        for find in &self.find {
            match find {
                Find::Native(native)
                    if Builtin::named(&native.name).is_none()
                        && Payload::named(&native.name).is_none()
                        && Unseen::named(&native.name).is_none()
                        && Form::named(&native.name).is_none() =>
                {
                    return Err(RuleError::Unknown {
                        rule: self.id.clone(),
                        what: "native detector",
                        name: native.name.clone(),
                    });
                }
                Find::Pattern(given) => pattern::build(self, given).map(drop)?,
                Find::Keyed(given) => {
                    keyed::verify(self, given)?;
                    if let Some(literal) = given.names.iter().find(|name| name.len() < 2) {
                        return Err(RuleError::Literal { rule: self.id.clone(), literal: literal.clone() });
                    }
                }
                Find::Shape(given) => shape::Shapes::default().add(self, 0, given)?,
                _ => {}
            }
            let Some((_, anchors)) = Finder::compile(0, self, find)? else { continue };
            if let Some(literal) = anchors.into_iter().find(|literal| literal.len() < 2) {
                return Err(RuleError::Literal { rule: self.id.clone(), literal });
            }
        }
        Ok(())
    }
}
