//! What the engine can recognise out of the box.

use std::borrow::Cow;
use std::fmt;

/// The built-in detectors, in the order their ids and default settings follow.
pub fn catalogue() -> &'static [Detector] {
    &CATALOGUE
}

/// One thing a scanner recognises: the name used in configuration and in
/// `[REDACTED:name]`, and what to tell a reader about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detector {
    /// Name in configuration, audit records and redaction marks.
    pub name: Cow<'static, str>,
    /// What kind of harm a leak does.
    pub family: Family,
    /// Confidence of an ordinary hit; a single hit may carry more or less.
    pub confidence: Confidence,
    /// Name for people, in lower case, to be used inside a sentence.
    pub title: Cow<'static, str>,
    /// Public beginnings of the value; the only part evidence may show.
    pub(crate) prefixes: &'static [&'static str],
}

/// Whether a value opens doors or identifies a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// A credential: whoever holds it can act with it.
    Secret,
    /// Personal data: it identifies or reaches a person.
    Pii,
}

/// How sure a detector is, in percent, 0 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Confidence(u8);

impl Confidence {
    /// A confidence of `percent`; anything above 100 counts as 100.
    pub const fn new(percent: u8) -> Self {
        Self(if percent > 100 { 100 } else { percent })
    }

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

/// A built-in detector; its number is its place in the catalogue.
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
}

/// Number of built-in detectors.
pub(crate) const BUILTINS: usize = CATALOGUE.len();

const fn pii(name: &'static str, confidence: u8, title: &'static str) -> Detector {
    Detector {
        name: Cow::Borrowed(name),
        family: Family::Pii,
        confidence: Confidence::new(confidence),
        title: Cow::Borrowed(title),
        prefixes: &[],
    }
}

const fn secret(
    name: &'static str,
    confidence: u8,
    title: &'static str,
    prefixes: &'static [&'static str],
) -> Detector {
    Detector {
        name: Cow::Borrowed(name),
        family: Family::Secret,
        confidence: Confidence::new(confidence),
        title: Cow::Borrowed(title),
        prefixes,
    }
}

#[rustfmt::skip]
static CATALOGUE: [Detector; 17] = [
    pii("email", 95, "e-mail address"),
    pii("phone", 85, "phone number"),
    pii("ssn", 90, "US social security number"),
    pii("credit_card", 95, "payment card number"),
    secret("aws_key", 97, "AWS access key id", &["AKIA", "ASIA", "ABIA", "ACCA"]),
    secret("aws_secret_key", 90, "AWS secret access key", &[]),
    secret("github_token", 97, "GitHub token", &["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"]),
    secret("slack_token", 97, "Slack token or webhook", &["xox", "xapp-", "https://hooks.slack.com/", "hooks.slack.com/"]),
    secret("google_key", 97, "Google API key or OAuth secret", &["AIza", "ya29.", "GOCSPX-"]),
    secret("stripe_key", 97, "Stripe key", &["sk_", "rk_", "whsec_"]),
    secret("openai_key", 95, "OpenAI API key", &["sk-", "sk-proj-", "sk-svcacct-", "sk-admin-"]),
    secret("anthropic_key", 97, "Anthropic API key", &["sk-ant-"]),
    secret("npm_token", 97, "npm access token", &["npm_"]),
    secret("pypi_token", 98, "PyPI upload token", &["pypi-"]),
    secret("private_key", 99, "private key", &[]),
    secret("jwt", 95, "JSON Web Token", &["eyJ"]),
    secret("database_url", 95, "database URL with a password", &["postgres", "mysql", "mariadb", "mongodb", "redis", "amqp", "mssql", "sqlserver"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_agree() {
        for (builtin, name) in [
            (Builtin::Email, "email"),
            (Builtin::CreditCard, "credit_card"),
            (Builtin::AwsSecretKey, "aws_secret_key"),
            (Builtin::StripeKey, "stripe_key"),
            (Builtin::DatabaseUrl, "database_url"),
        ] {
            assert_eq!(catalogue()[builtin as usize].name, name);
        }
        assert_eq!(Builtin::DatabaseUrl as usize + 1, BUILTINS);
    }

    #[test]
    fn confidence_is_a_percentage() {
        assert_eq!(Confidence::new(250).percent(), 100);
        assert_eq!(Confidence::new(85).to_string(), "85%");
    }
}
