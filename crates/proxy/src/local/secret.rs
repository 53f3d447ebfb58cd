use std::{fmt, fs, io, io::Write, path::Path};

use subtle::ConstantTimeEq;

use super::{LocalError, private};
use crate::os::files;

/// 32 random bytes in hex, in a file of mode 0600: whoever knows them may read the user's files.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

const BYTES: usize = 32;

impl Secret {
    /// The secret in this file, made if there is none. Only the holder of the daemon's lock may call this.
    pub(crate) fn load_or_create(path: &Path) -> Result<Self, LocalError> {
        match Self::load(path) {
            Err(LocalError::NoKey { .. }) => {}
            loaded => return loaded,
        }
        let failed = |source| LocalError::File { path: path.to_owned(), source };
        let mut bytes = [0; BYTES];
        getrandom::fill(&mut bytes).map_err(|error| failed(io::Error::other(error)))?;
        let secret = Self(bytes.iter().map(|byte| format!("{byte:02x}")).collect());
        secret.write(path).map_err(failed)?;
        Ok(secret)
    }

    /// The secret in this file.
    pub(crate) fn load(path: &Path) -> Result<Self, LocalError> {
        let missing = || LocalError::NoKey { path: path.to_owned() };
        let text = private::read(path, 1024)?.filter(|text| !text.is_empty()).ok_or_else(missing)?;
        let secret = text.trim();
        if secret.len() != 2 * BYTES || !secret.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(LocalError::BadKey { path: path.to_owned() });
        }
        Ok(Self(secret.to_owned()))
    }

    /// Whether `other` is this secret; takes the same time whatever it is.
    pub fn admits(&self, other: &str) -> bool {
        self.0.as_bytes().ct_eq(other.as_bytes()).into()
    }

    /// The secret itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whole or not at all: somebody may be reading.
    fn write(&self, path: &Path) -> io::Result<()> {
        let draft = path.with_extension("new");
        let _ = fs::remove_file(&draft);
        let mut file = files::only_ours().write(true).create_new(true).open(&draft)?;
        file.write_all(self.0.as_bytes())?;
        file.sync_all()?;
        fs::rename(&draft, path)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
