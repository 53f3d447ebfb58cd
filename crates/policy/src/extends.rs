//! Where the base of a file comes from, and that it is the right one.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use sha2::{Digest, Sha256};

use crate::{
    file::{At, Given, Lookup, Report, expand, schema::ExtendsFile},
    private,
};

/// Gets the base of a configuration over the network.
pub trait Fetch {
    /// The body of the answer to a GET of `url`: of `https://`, or of `http://` on this machine, without following
    /// redirects.
    ///
    /// # Errors
    /// When the address is not to be used, or when there is no answer to be had.
    fn fetch(&self, url: &str, limits: FetchLimits) -> Result<Vec<u8>, FetchError>;
}

/// How much is taken, and how long is waited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FetchLimits {
    /// Largest body, in bytes.
    pub max_bytes: u64,
    /// For everything together.
    pub timeout: Duration,
}

const LIMITS: FetchLimits = FetchLimits { max_bytes: 1 << 20, timeout: Duration::from_secs(10) };

/// Why a base could not be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The address may not be used. No copy makes that good.
    #[error("{0}")]
    Refused(String),
    /// No answer, or none that can be used. A copy kept from before may serve.
    #[error("{0}")]
    Failed(String),
}

/// For processes that stay off the network.
#[derive(Clone, Copy, Debug)]
pub struct Offline;

impl Fetch for Offline {
    fn fetch(&self, _url: &str, _limits: FetchLimits) -> Result<Vec<u8>, FetchError> {
        Err(FetchError::Failed("this process does not use the network".to_owned()))
    }
}

/// The text of a base.
pub(crate) struct Base {
    /// What it is called in messages.
    pub(crate) name: String,
    pub(crate) text: Vec<u8>,
    /// The folder of its file; `None` when it came over the network.
    pub(crate) folder: Option<PathBuf>,
    /// What the user should know about how it was had.
    pub(crate) notice: Option<String>,
}

/// Where bases are looked for.
pub(crate) struct Sources<'s> {
    pub(crate) fetch: &'s dyn Fetch,
    /// The folder of the file that extends.
    pub(crate) folder: PathBuf,
    /// The folder for copies; `None` when there is no place for them.
    pub(crate) cache: Option<PathBuf>,
}

/// What a file says about its base, checked.
pub(crate) enum Wanted {
    Url { url: String, sha256: String },
    Path { path: String, sha256: Option<String> },
}

impl Sources<'_> {
    /// The base that is wanted.
    ///
    /// # Errors
    /// What is wrong, and what helps.
    pub(crate) fn find(&self, wanted: &Wanted) -> Result<Base, (String, String)> {
        match wanted {
            Wanted::Url { url, sha256 } => self.by_url(url, sha256),
            Wanted::Path { path, sha256 } => self.by_path(path, sha256.as_deref()),
        }
    }

    fn by_path(&self, path: &str, sha256: Option<&str>) -> Result<Base, (String, String)> {
        let path = self.folder.join(path);
        let name = path.display().to_string();
        let text = read(&path, LIMITS.max_bytes).map_err(|error| {
            (
                format!("cannot read the base {name}: {error}"),
                "check the path, which begins at the folder of this file".to_owned(),
            )
        })?;
        if let Some(sha256) = sha256 {
            check(&name, &text, sha256)?;
        }
        let folder = path.parent().map(Path::to_owned);
        Ok(Base { name, text, folder, notice: None })
    }

    fn by_url(&self, url: &str, sha256: &str) -> Result<Base, (String, String)> {
        let copy = self.cache.as_ref().map(|cache| cache.join(format!("{sha256}.yaml")));
        let failure = match self.fetch.fetch(url, LIMITS) {
            Ok(text) => {
                // The wrong answer is no missing one: whoever can give it must not make us go back to an old base.
                check(url, &text, sha256)?;
                let notice = copy.and_then(|copy| keep(&copy, &text));
                return Ok(Base { name: url.to_owned(), text, folder: None, notice });
            }
            Err(FetchError::Refused(reason)) => {
                return Err((
                    format!("the base {url} cannot be used: {reason}"),
                    "give an `https://` address".to_owned(),
                ));
            }
            Err(FetchError::Failed(reason)) => reason,
        };
        let kept = copy.ok_or(io::ErrorKind::NotFound.into()).and_then(|copy| read(&copy, LIMITS.max_bytes));
        match kept {
            Ok(text) if digest(&text) == sha256 => {
                let notice = format!(
                    "the base {url} could not be fetched ({failure}); the copy kept from before is used"
                );
                Ok(Base { name: url.to_owned(), text, folder: None, notice: Some(notice) })
            }
            Ok(_) => Err((
                format!(
                    "the base {url} could not be fetched ({failure}), and the copy kept from before is damaged"
                ),
                "mend the connection; the copy is replaced then".to_owned(),
            )),
            Err(_) => Err((
                format!("the base {url} could not be fetched ({failure}), and no copy was kept from before"),
                "check the address and the connection; without its base the file is not used".to_owned(),
            )),
        }
    }
}

/// Checks `extends` as it was written; problems go to the report.
pub(crate) fn wanted(
    extends: &At<ExtendsFile>,
    lookup: Lookup<'_>,
    report: &mut Report<'_>,
) -> Option<Wanted> {
    let ExtendsFile { url, path, sha256 } = &extends.value;
    let sha256 = match &sha256.0 {
        Some(given) => Some(hex(given, report)?),
        None => None,
    };
    let mut plain = |given: &Given<String>| {
        let pieces = expand(given.0.as_ref()?, lookup, report)?;
        Some(pieces.into_iter().map(|piece| piece.text).collect::<String>()).filter(|text| !text.is_empty())
    };
    let help = match (plain(url), plain(path), sha256) {
        (Some(url), None, Some(sha256)) => return Some(Wanted::Url { url, sha256 }),
        (None, Some(path), sha256) => return Some(Wanted::Path { path, sha256 }),
        (Some(_), None, None) => "add `sha256`: what comes over the network must be what you have read",
        (Some(_), Some(_), _) => "remove `url` or `path`; there is one base",
        (None, None, _) => "add `url` and `sha256`, or `path`",
    };
    report.add(extends.place, "`extends` does not say which base", "", Some(help.to_owned()));
    None
}

fn hex(given: &At<String>, report: &mut Report<'_>) -> Option<String> {
    let text = given.value.to_ascii_lowercase();
    if text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Some(text);
    }
    let help = "give the 64 hexadecimal digits that `sha256sum` prints, in quotes";
    report.add(given.place, "this is no SHA-256", "", Some(help.to_owned()));
    None
}

fn check(name: &str, text: &[u8], sha256: &str) -> Result<(), (String, String)> {
    let found = digest(text);
    if found == sha256 {
        return Ok(());
    }
    Err((
        format!("the base {name} is not the one asked for: its SHA-256 is {found}"),
        "find out who changed it; put its new digest here only once you have read it".to_owned(),
    ))
}

/// Keeps a copy unless there is one; says what went wrong.
fn keep(copy: &Path, text: &[u8]) -> Option<String> {
    if read(copy, LIMITS.max_bytes).is_ok_and(|kept| kept == text) {
        return None;
    }
    let failed = |error: io::Error| format!("no copy of the base can be kept in {}: {error}", copy.display());
    private::write(copy, text).err().map(failed)
}

/// A plain file of at most so many bytes. A pipe would be waited for, and a device may never end.
pub(crate) fn read(path: &Path, max_bytes: u64) -> io::Result<Vec<u8>> {
    use io::Read;

    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no plain file"));
    }
    let mut text = Vec::new();
    fs::File::open(path)?.take(max_bytes + 1).read_to_end(&mut text)?;
    if text.len() as u64 > max_bytes {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("more than {max_bytes} bytes")));
    }
    Ok(text)
}

pub(crate) fn digest(text: &[u8]) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}
