//! What the engine can recognise out of the box.

use std::borrow::Cow;
use std::fmt;
use std::sync::LazyLock;

use crate::pack::{Actions, Find, Pack, Rule, Severity, Where, packs};

/// The detectors of our own packs, in the order their ids and default settings follow.
pub fn catalogue() -> &'static [Detector] {
    &CATALOGUE
}

static CATALOGUE: LazyLock<Vec<Detector>> = LazyLock::new(|| {
    packs()
        .iter()
        .flat_map(|pack| pack.rules.iter().map(move |rule| Detector::of(pack, rule, Cow::Borrowed)))
        .collect()
});

/// One thing a scanner recognises: the name used in configuration and in
/// `[REDACTED:name]`, and what to tell a reader about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detector {
    /// Name in configuration, audit records and redaction marks.
    pub name: Cow<'static, str>,
    /// What kind of harm it stands for.
    pub family: Family,
    /// Confidence of an ordinary hit; a single hit may carry more or less.
    pub confidence: Confidence,
    /// How bad it is when it is true.
    pub severity: Severity,
    /// Name for people, in lower case, to be used inside a sentence.
    pub title: Cow<'static, str>,
    /// What follows a finding if the configuration does not say.
    pub actions: Actions,
    /// Where it looks; everywhere if empty.
    pub places: Cow<'static, [Where]>,
    /// Its numbers in public lists.
    pub tags: Vec<Cow<'static, str>>,
    /// Public beginnings of the value; the only part evidence may show.
    pub(crate) prefixes: Vec<Cow<'static, str>>,
}

/// What kind of harm a finding stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// A credential: whoever holds it can act with it.
    Secret,
    /// Personal data: it identifies or reaches a person.
    Pii,
    /// Text that gives a model orders that are not its user's.
    Injection,
    /// Text that makes a model or a page send data away.
    Exfiltration,
    /// Text that people do not see and models do.
    Hidden,
    /// Text that makes itself look trusted, or judges itself harmless.
    Camouflage,
    /// What a server advertises to steer the model that reads it.
    Poisoning,
    /// A way out of a folder, or to a file that holds secrets.
    Path,
    /// An address that leads inside, or elsewhere than it looks.
    Url,
    /// More than the command that was asked for, or a dangerous one.
    Command,
    /// More than the query that was asked for, or a destructive one.
    Sql,
    /// Text that a browser, an interpreter or a template engine would run.
    Code,
    /// Unlike ordinary text in size or in its statistics.
    Anomaly,
}

impl Family {
    /// All families.
    pub const ALL: [Self; 13] = [
        Self::Secret,
        Self::Pii,
        Self::Injection,
        Self::Exfiltration,
        Self::Hidden,
        Self::Camouflage,
        Self::Poisoning,
        Self::Path,
        Self::Url,
        Self::Command,
        Self::Sql,
        Self::Code,
        Self::Anomaly,
    ];

    /// The name that rule ids begin with.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Secret => "secret",
            Self::Pii => "pii",
            Self::Injection => "injection",
            Self::Exfiltration => "exfiltration",
            Self::Hidden => "hidden",
            Self::Camouflage => "camouflage",
            Self::Poisoning => "poisoning",
            Self::Path => "path",
            Self::Url => "url",
            Self::Command => "command",
            Self::Sql => "sql",
            Self::Code => "code",
            Self::Anomaly => "anomaly",
        }
    }

    /// The family of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == name)
    }

    /// Whether what is found is itself confidential, and must be masked wherever it is written down.
    pub fn is_confidential(self) -> bool {
        matches!(self, Self::Secret | Self::Pii)
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How sure a detector is, in percent, 0 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Confidence(u8);

impl Confidence {
    /// A confidence of `percent`; anything above 100 counts as 100.
    pub const fn new(percent: u8) -> Self {
        Self(if percent > 100 { 100 } else { percent })
    }

    /// From here on a finding counts, unless the configuration says otherwise.
    pub const SURE: Self = Self(80);

    /// The value in percent, 0 to 100.
    pub const fn percent(self) -> u8 {
        self.0
    }
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", self.0)
    }
}

impl Detector {
    /// Family and name, as `secret.github_token`.
    pub fn id(&self) -> String {
        format!("{}.{}", self.family, self.name)
    }

    /// What a rule recognises; `text` keeps its texts.
    pub(crate) fn of<'p>(
        pack: &'p Pack,
        rule: &'p Rule,
        text: impl Fn(&'p str) -> Cow<'static, str>,
    ) -> Self {
        let (family, name) = rule.id.split_once('.').unwrap_or(("anomaly", &rule.id));
        let family = Family::named(family);
        let places = if rule.places.is_empty() { &pack.places } else { &rule.places };
        Self {
            name: text(name),
            // A test holds our own packs to the known families.
            family: family.unwrap_or(Family::Anomaly),
            confidence: Confidence::new(rule.confidence),
            severity: rule.severity,
            title: text(&rule.title),
            actions: rule.actions.unwrap_or(pack.actions),
            places: places.clone().into(),
            tags: pack.tags.iter().chain(&rule.tags).map(|tag| text(tag)).collect(),
            prefixes: rule.find.iter().flat_map(prefixes).map(|prefix| text(prefix)).collect(),
        }
    }

    /// An operator's own: what it finds counts as personal data.
    pub(crate) fn custom(name: String, title: String, confidence: Confidence) -> Self {
        Self {
            name: name.into(),
            family: Family::Pii,
            confidence,
            severity: Severity::High,
            title: title.into(),
            actions: Actions::DEFAULT,
            places: Cow::Borrowed(&[]),
            tags: Vec::new(),
            prefixes: Vec::new(),
        }
    }
}

fn prefixes(find: &Find) -> &[String] {
    match find {
        Find::Native(native) => &native.prefixes,
        Find::Token(token) => &token.prefix,
        Find::Assigned(_)
        | Find::Keyed(_)
        | Find::Pattern(_)
        | Find::Shape(_)
        | Find::Phrase(_)
        | Find::Signals(_) => &[],
    }
}

/// A detector written in Rust.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Builtin {
    Email,
    Phone,
    Ssn,
    CreditCard,
    AwsKey,
    AwsSecretKey,
    GithubToken,
    SlackToken,
    GoogleKey,
    StripeKey,
    OpenaiKey,
    AnthropicKey,
    NpmToken,
    PypiToken,
    PrivateKey,
    Jwt,
    DatabaseUrl,
    NestedEncoding,
    CardInField,
    PublishedExample,
    LocalDatabaseUrl,
}

/// Number of detectors written in Rust.
pub(crate) const BUILTINS: usize = 21;

impl Builtin {
    /// All of them, by number.
    const ALL: [(Self, &'static str); BUILTINS] = [
        (Self::Email, "email"),
        (Self::Phone, "phone"),
        (Self::Ssn, "ssn"),
        (Self::CreditCard, "credit_card"),
        (Self::AwsKey, "aws_key"),
        (Self::AwsSecretKey, "aws_secret_key"),
        (Self::GithubToken, "github_token"),
        (Self::SlackToken, "slack_token"),
        (Self::GoogleKey, "google_key"),
        (Self::StripeKey, "stripe_key"),
        (Self::OpenaiKey, "openai_key"),
        (Self::AnthropicKey, "anthropic_key"),
        (Self::NpmToken, "npm_token"),
        (Self::PypiToken, "pypi_token"),
        (Self::PrivateKey, "private_key"),
        (Self::Jwt, "jwt"),
        (Self::DatabaseUrl, "database_url"),
        (Self::NestedEncoding, "nested_encoding"),
        (Self::CardInField, "card_in_field"),
        (Self::PublishedExample, "published_example"),
        (Self::LocalDatabaseUrl, "local_database_url"),
    ];

    /// The one of that name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, known)| *known == name).map(|(builtin, _)| builtin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn confidence_is_a_percentage() {
        assert_eq!(Confidence::new(250).percent(), 100);
        assert_eq!(Confidence::new(85).to_string(), "85%");
    }

    #[test]
    fn names_are_unique_and_families_known() {
        let mut names: Vec<_> = catalogue().iter().map(|detector| &detector.name).collect();
        names.sort();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
        for rule in packs().iter().flat_map(|pack| &pack.rules) {
            let family = rule.id.split_once('.').map(|(family, _)| family);
            assert!(Family::ALL.iter().any(|known| Some(known.as_str()) == family), "{}", rule.id);
        }
    }

    #[test]
    fn every_native_detector_has_its_rule() {
        for (number, (builtin, name)) in Builtin::ALL.into_iter().enumerate() {
            assert_eq!(builtin as usize, number);
            assert!(catalogue().iter().any(|detector| detector.name == name), "{name}");
        }
    }
}
