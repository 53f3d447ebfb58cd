//! The form rule packs are written in. Also compiled into the build script, which checks our own packs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A file of rules. `R` is [`Rule`], or a rule and the place where it stands.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Pack")]
pub struct Pack<R = Rule> {
    /// Name of the pack, as `rules list` shows it.
    pub pack: String,
    /// Counts up with every change of meaning.
    pub version: u32,
    /// What rules of this pack do that do not say it themselves.
    pub actions: Actions,
    /// Where rules of this pack look that do not say it themselves; everywhere if left out.
    #[serde(default, rename = "in", skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<Where>,
    /// Tags that all rules of this pack have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The rules.
    pub rules: Vec<R>,
}

/// One rule.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Family and name, as `secret.github_token`. The name is unique among all rules and stands in redaction marks.
    pub id: String,
    /// What it finds, in lower case, to be used inside a sentence.
    pub title: String,
    /// How bad it is when it is true.
    #[serde(default)]
    pub severity: Severity,
    /// How sure a finding is, in percent. Findings below the threshold of the configuration (80) count as none.
    pub confidence: u8,
    /// What to look for; one of these is enough.
    pub find: Vec<Find>,
    /// What the text that was found must pass, all of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<Check>,
    /// Words that stand near.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub near: Option<Near>,
    /// Pieces of text (any case) that show what was found to be none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unless: Vec<String>,
    /// Id of the rule it counts for when the text only speaks of it: in quotation marks, as code, or in a text about
    /// attacks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mentioned: Option<String>,
    /// Where it looks; as the pack says if left out.
    #[serde(default, rename = "in", skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<Where>,
    /// What follows; as the pack says if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actions: Option<Actions>,
    /// Its numbers in public lists, such as `OWASP-MCP01`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Texts in which it must find something. `~` is taken out first, so that samples are no secrets to other tools.
    #[serde(default, rename = "match", skip_serializing_if = "Vec::is_empty")]
    pub matches: Vec<Sample>,
    /// Texts in which it must not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub no_match: Vec<Sample>,
}

/// What to look for.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Find {
    /// A detector written in Rust.
    Native(Native),
    /// A value that says what it is: a fixed beginning, then characters of a set.
    Token(Token),
    /// A value that a name before it explains: `name = value`, `"name": "value"`, or a member of that name.
    Assigned(Assigned),
    /// A long value that the name of its issuer and a word for credentials before it explain.
    Keyed(Keyed),
    /// A regular expression, tried where one of its words stands.
    Pattern(Pattern),
    /// Words that follow one another.
    Phrase(Phrase),
    /// Signs of which each means little and several together much.
    Signals(Signals),
    /// A value told by its form alone, as `999-99-9999`; it has at least one digit.
    Shape(Shape),
}

/// A detector written in Rust.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Native {
    /// Which one.
    pub name: String,
    /// Public beginnings of what it finds: all that evidence may show of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prefixes: Vec<String>,
}

/// A fixed beginning, then characters of a set, then one that is not of the set.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Token {
    /// The beginnings, case and all.
    pub prefix: Vec<String>,
    /// The set, as in a regular expression's brackets: `A-Za-z0-9_-`.
    pub chars: String,
    /// How many of them follow: the least and the most.
    pub length: Length,
    /// Whether the beginning may stand in any case.
    #[serde(default)]
    pub any_case: bool,
}

/// `name = value` in any of the ways in which configuration, code and prose write it.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Assigned {
    /// What the name contains (any case).
    pub names: Vec<String>,
    /// The set of the value's characters, as in a regular expression's brackets.
    pub chars: String,
    /// How many they are: the least and the most.
    pub length: Length,
    /// What the whole value must match besides, if the set is not enough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub regex: Option<String>,
}

/// A value of at least ten characters, not far behind the name of its issuer and a word such as `key` or `token`, however
/// they are written: `ISSUER_KEY = value`, `"issuerToken": "value"`, `issuer token value`. Costs nothing at the names:
/// only what stands before long words is looked at.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Keyed {
    /// Names of the issuer (any case), in lower case. If there are none, the word for credentials must stand right
    /// before the value.
    #[serde(default)]
    pub names: Vec<String>,
    /// Whether an issuer's name is enough, without a word for credentials.
    #[serde(default)]
    pub name_suffices: bool,
    /// Whether its form is enough, without any word.
    #[serde(default)]
    pub alone: bool,
    /// What a value that stands alone begins with, case and all. For beginnings too short or common to be looked for as
    /// those of tokens are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub begins: Vec<String>,
    /// The set of the value's characters, as in a regular expression's brackets.
    pub chars: String,
    /// How many they are: the least and the most.
    pub length: Length,
    /// What stands at the value's beginning, if the set is not enough. It may go on beyond the set; what it matches is
    /// the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<String>,
}

/// A regular expression, tried where one of its words stands.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pattern {
    /// Literals (any case), one of which stands in every match; the rarer, the better.
    pub anchors: Vec<String>,
    /// In the syntax of the `regex` crate, on bytes, without Unicode unless `unicode`. A group called `value` is what
    /// counts as found, otherwise the whole match.
    pub regex: String,
    /// How far before the anchor a match may begin, in bytes; 0 means it begins with the anchor.
    #[serde(default)]
    pub before: u16,
    /// How far after the anchor's beginning a match may end, in bytes.
    #[serde(default = "reach")]
    pub after: u16,
    /// Whether classes and case follow Unicode; slower.
    #[serde(default)]
    pub unicode: bool,
}

/// A value told by its form: groups of letters and digits. It stands alone, not inside a longer word, number or path.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Shape {
    /// The forms. `9` is a digit, `A` a letter, `*` either; other letters and digits are themselves, in any case. A
    /// blank is one of blank, `-`, `.`, `/`, the same one throughout the value, or nothing throughout; `-`, `.`, `/`,
    /// `:`, `+` and `(` are themselves. `{3}` and `{2,4}` repeat what stands before them.
    pub forms: Vec<String>,
    /// How sure a value of these forms is without a word near it, if not as the rule says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<u8>,
}

fn reach() -> u16 {
    256
}

/// Words that follow one another, part by part, within a sentence.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Phrase {
    /// The parts, five at most; one word of each stands in the text. `ignor*` also begins longer words, `previous~` is
    /// also found with one typo in it. In lower case; any case is found.
    pub parts: Vec<Vec<String>>,
    /// How many bytes of letters and digits may stand between two parts at most.
    #[serde(default = "gap")]
    pub gap: u16,
    /// How much of what follows is found with it: to the end of the paragraph, at most this many bytes.
    #[serde(default)]
    pub tail: u16,
}

/// Signs that are weighed together, each counted once in a text.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Signals {
    /// What the signs of a text must weigh together.
    pub threshold: u16,
    /// The signs.
    pub signals: Vec<Signal>,
}

/// A sign, and what it weighs.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Signal {
    /// What it weighs.
    pub weight: u8,
    /// As in a phrase.
    pub parts: Vec<Vec<String>>,
    /// As in a phrase.
    #[serde(default = "gap")]
    pub gap: u16,
}

fn gap() -> u16 {
    24
}

/// A length, exact or from least to most.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Length {
    /// This many.
    Exact(u16),
    /// From the first to the second.
    Range([u16; 2]),
}

/// What a found text must pass.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Check {
    /// Shannon entropy over its bytes of at least this many bits a byte.
    Entropy(f32),
    /// At least this many different bytes.
    Varied(u8),
    /// At least this many digits.
    Digits(u8),
    /// A validator written in Rust, by name.
    Valid(String),
    /// It is all of its text, and its member is not named for anything in particular: `text`, `value`, `input`.
    Whole,
}

/// Words that stand near a finding.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Near {
    /// The words (any case), in the name of the value's member or before or after it.
    pub words: Vec<String>,
    /// How far away, in bytes.
    pub within: u16,
    /// Confidence with such a word; without one it stays the rule's. If left out, there is no finding without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<u8>,
}

/// How bad it is when a finding is true.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing.
    Low,
    /// Worth a look.
    Medium,
    /// Harm is likely.
    #[default]
    High,
    /// Harm is certain and great.
    Critical,
}

/// What follows a finding, by profile and direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Actions {
    /// Under `balanced`, and what `monitor` would have done.
    pub balanced: Cells,
    /// Under `strict`.
    pub strict: Cells,
}

/// What follows a finding, by direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cells {
    /// On the way to the server.
    pub request: Action,
    /// On the way to the client.
    pub response: Action,
}

/// What is done with a message in which a detector found something. Ordered from mildest to strictest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Passes; the finding is not recorded as a concern.
    Allow,
    /// Passes with a recorded warning.
    Warn,
    /// Passes; recorded as what would have been blocked.
    ShadowBlock,
    /// Passes with the found text replaced by `[REDACTED:type]`.
    Redact,
    /// Waits for a person; where nobody can be asked it does not pass.
    Review,
    /// Does not pass.
    Block,
}

/// A kind of place in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Where {
    /// All arguments of tools and prompts, whatever their name.
    Arguments,
    /// An argument that names a file or folder.
    Path,
    /// An argument that is an address: a URL, a host.
    Url,
    /// An argument that is to be run by a shell.
    Command,
    /// An argument that is to be run by a database.
    Query,
    /// An argument that is program text.
    Code,
    /// An argument that is written, sent or shown: bodies of files and messages.
    Content,
    /// Any other argument: names, identifiers, search words, numbers.
    Value,
    /// What a tool or resource answers.
    Result,
    /// What is meant for the model: messages of prompts and of sampling.
    Prompt,
    /// What a server says of itself and its tools.
    Metadata,
    /// What a server asks the user.
    Ask,
    /// The text of an error.
    Error,
    /// The URI of a resource, the name of a prompt or a tool that is asked for.
    Uri,
    /// Any other place of a message.
    Other,
}

/// A sample: a text, or a text and the place where it stands.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Sample {
    /// A text; it stands in the first place where the rule looks.
    Text(String),
    /// A text that is the value of a member of that name.
    Member {
        /// The text.
        text: String,
        /// Name of the member.
        key: String,
    },
}
