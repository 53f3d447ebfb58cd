//! Folders of labelled samples: one corpus a file, one sample a line.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
};

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::failure::Failure;

/// A collection of samples from one origin.
pub(crate) struct Corpus {
    pub(crate) name: String,
    pub(crate) samples: Vec<Sample>,
}

/// A text or message, and whether a guard should find something in it.
#[derive(Debug, Deserialize)]
pub(crate) struct Sample {
    pub(crate) id: String,
    pub(crate) kind: Kind,
    pub(crate) category: String,
    /// Where in a session it stands: `tool_args`, `tool_result`, `tool_description`, `prompt`, `resource_uri`, `sampling`,
    /// `elicitation`; anything
    /// else counts as a tool's result.
    pub(crate) surface: String,
    #[serde(default)]
    pub(crate) text: Option<String>,
    #[serde(default)]
    pub(crate) json: Option<Box<RawValue>>,
}

/// What a sample is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// Something should be found.
    Attack,
    /// It should pass as it is.
    Benign,
}

/// The corpora of a folder, each a `*.jsonl`, by name; `only` those whose name begins so.
pub(crate) fn read(folder: &Path, only: Option<&str>) -> Result<Vec<Corpus>, Failure> {
    let failed = |error| Failure::new(format!("cannot read the corpora in {}: {error}", folder.display()));
    let mut corpora = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let wanted = only.is_none_or(|only| name.starts_with(only));
        if wanted && path.extension().is_some_and(|extension| extension == "jsonl") {
            corpora.push(Corpus { name: name.to_owned(), samples: samples(&path)? });
        }
    }
    if corpora.is_empty() {
        return Err(Failure::new(format!(
            "there is no such corpus in {}: files are *.jsonl",
            folder.display()
        )));
    }
    corpora.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(corpora)
}

fn samples(path: &Path) -> Result<Vec<Sample>, Failure> {
    let failed = |error| Failure::new(format!("cannot read {}: {error}", path.display()));
    let mut samples = Vec::new();
    for (number, line) in BufReader::new(fs::File::open(path).map_err(failed)?).lines().enumerate() {
        let line = line.map_err(failed)?;
        let sample = serde_json::from_str(&line)
            .map_err(|error| Failure::new(format!("{}:{}: {error}", path.display(), number + 1)))?;
        samples.push(sample);
    }
    Ok(samples)
}
