use std::{fmt, fs, io::Write, os::unix::fs::OpenOptionsExt, path::Path};

use subtle::ConstantTimeEq;

use super::{LocalError, Place, private};

/// The secret a daemon and those who connect to it share: 32 random bytes in hex, in a file of mode 0600. It keeps
/// programs out that can reach the socket but may not read the user's files, such as those in a sandbox.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Key(String);

const BYTES: usize = 32;

impl Key {
    /// The key of this place; created if there is none. Only the holder of the daemon's lock may call this.
    pub(crate) fn load_or_create(place: &Place) -> Result<Self, LocalError> {
        match Self::load(place) {
            Err(LocalError::NoKey { .. }) => {}
            loaded => return loaded,
        }
        let path = place.key();
        let failed = |source| LocalError::File { path: path.clone(), source };
        let mut bytes = [0; BYTES];
        getrandom::fill(&mut bytes).map_err(|error| failed(std::io::Error::other(error)))?;
        let key = Self(bytes.iter().map(|byte| format!("{byte:02x}")).collect());
        key.write(&path).map_err(failed)?;
        Ok(key)
    }

    /// The key of this place.
    pub(crate) fn load(place: &Place) -> Result<Self, LocalError> {
        let path = place.key();
        let missing = || LocalError::NoKey { path: path.clone() };
        let text = private::read(&path, 1024)?.filter(|text| !text.is_empty()).ok_or_else(missing)?;
        let key = text.trim();
        if key.len() != 2 * BYTES || !key.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(LocalError::BadKey { path });
        }
        Ok(Self(key.to_owned()))
    }

    /// Whether `other` is this key; takes the same time whatever it is.
    pub(crate) fn admits(&self, other: &str) -> bool {
        self.0.as_bytes().ct_eq(other.as_bytes()).into()
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whole or not at all: a bridge may be reading.
    fn write(&self, path: &Path) -> std::io::Result<()> {
        let draft = path.with_extension("key.new");
        let _ = fs::remove_file(&draft);
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
        file.write_all(self.0.as_bytes())?;
        file.sync_all()?;
        fs::rename(&draft, path)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}
