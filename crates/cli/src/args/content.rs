//! The commands about what is found in content.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use inspect::{Action, Family};
use policy::Profile;

#[derive(Debug, ClapArgs)]
pub(crate) struct ScanTextArgs {
    /// The texts, of at most 64 MiB each; `-` for standard input [default: standard input]
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// How to print what was found
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(crate) format: TextFormat,
    /// The kind of place the text stands in, such as path, url, command, content, result or metadata [default: any]
    #[arg(long = "as", value_name = "PLACE")]
    pub(crate) place: Option<PlaceKind>,
    /// The name of the member the text is the value of, such as api_key
    #[arg(long, value_name = "NAME")]
    pub(crate) key: Option<String>,
    /// Which way it goes [default: as texts of its place usually go; without a place, response]
    #[arg(long)]
    pub(crate) direction: Option<Direction>,
    /// How strict to be, whatever the configuration says
    #[arg(long, value_name = "monitor|balanced|strict")]
    pub(crate) profile: Option<Profile>,
    /// From which action on a finding makes the exit status 1
    #[arg(long, value_name = "ACTION", default_value = "warn")]
    pub(crate) fail_on: FailOn,
}

/// How findings in text are printed.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum TextFormat {
    /// Each with its line, underlined.
    Human,
    /// One JSON object.
    Json,
    /// SARIF 2.1.0, for code scanners.
    Sarif,
}

/// Which way a text goes.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Direction {
    /// To the server.
    Request,
    /// To the client.
    Response,
}

/// Actions that can be a threshold.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum FailOn {
    /// Anything that is recorded.
    Warn,
    /// What is altered or does not pass.
    Redact,
    /// What does not pass.
    Block,
}

impl From<FailOn> for Action {
    fn from(least: FailOn) -> Self {
        match least {
            FailOn::Warn => Self::Warn,
            FailOn::Redact => Self::Redact,
            FailOn::Block => Self::Block,
        }
    }
}

/// A kind of place, by the name used in rules.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PlaceKind(pub(crate) inspect::Where);

impl std::str::FromStr for PlaceKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        word(text).map(Self)
    }
}

/// How bad a finding is, by the name used in rules.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Least(pub(crate) inspect::Severity);

impl std::str::FromStr for Least {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        word(text).map(Self)
    }
}

/// A word of a fixed choice, as rule packs write it.
fn word<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_value(text.into()).map_err(|error| error.to_string())
}

fn family(text: &str) -> Result<Family, String> {
    let known = || Family::ALL.map(Family::as_str).join(", ");
    Family::named(text).ok_or_else(|| format!("use one of {}", known()))
}

#[derive(Debug, Subcommand)]
pub(crate) enum RulesTask {
    /// List the rules, and what follows their findings
    List(RulesListArgs),
    /// Show all of one rule
    Show(RulesShowArgs),
    /// Try rules on their own samples: exit status 1 if one is wrong
    Test {
        /// Packs of your own [default: the built-in rules]
        #[arg(value_name = "PACK.yaml")]
        packs: Vec<PathBuf>,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct RulesListArgs {
    /// Only rules with this text in their id or title
    #[arg(value_name = "TEXT")]
    pub(crate) text: Option<String>,
    /// Only this family; may be given several times
    #[arg(long, value_name = "FAMILY", value_parser = family)]
    pub(crate) family: Vec<Family>,
    /// Only rules of at least this severity
    #[arg(long, value_name = "low|medium|high|critical")]
    pub(crate) severity: Option<Least>,
    /// Only rules with this tag; may be given several times
    #[arg(long, value_name = "TAG")]
    pub(crate) tag: Vec<String>,
    /// The actions of this profile, whatever the configuration says
    #[arg(long, value_name = "monitor|balanced|strict")]
    pub(crate) profile: Option<Profile>,
    /// As one JSON list
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct RulesShowArgs {
    /// Id of the rule, such as secret.github_token, or its name alone
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    /// The actions of this profile, whatever the configuration says
    #[arg(long, value_name = "monitor|balanced|strict")]
    pub(crate) profile: Option<Profile>,
    /// As one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct BenchArgs {
    /// A folder of corpora: files `*.jsonl` with a sample a line, `{"id", "kind": "attack"|"benign", "category",
    /// "surface": "tool_args"|"tool_result"|"tool_description"|"prompt", "text"|"json"}` [default: our own samples]
    #[arg(long, value_name = "FOLDER")]
    pub(crate) corpus: Option<PathBuf>,
    /// Only corpora whose name begins so
    #[arg(long, value_name = "NAME")]
    pub(crate) only: Option<String>,
    /// How strict to be, whatever the configuration says
    #[arg(long, value_name = "monitor|balanced|strict")]
    pub(crate) profile: Option<Profile>,
    /// Of each corpus, list this many attacks that were missed and this many false alarms
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) list: usize,
    /// How to print it
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(crate) format: BenchFormat,
    /// Draw a chart of it, too
    #[arg(long, value_name = "FILE")]
    pub(crate) svg: Option<PathBuf>,
}

/// How the figures of a measurement are printed.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum BenchFormat {
    /// For a terminal.
    Human,
    /// One JSON object.
    Json,
    /// Tables for a page.
    Markdown,
}
