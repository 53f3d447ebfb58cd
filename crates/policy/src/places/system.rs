use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

/// Where operating systems keep the files of programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum System {
    /// The XDG base directory specification; macOS too, as programs for its command line do.
    Unix,
    /// The known folders `RoamingAppData` and `LocalAppData`.
    Windows,
}

/// The value of a variable that is set to something.
type Set<'e> = &'e dyn Fn(&str) -> Option<OsString>;

impl System {
    /// The one this program was built for.
    pub(crate) const OURS: Self = if cfg!(windows) { Self::Windows } else { Self::Unix };

    /// The folder for what the user sets.
    pub(crate) fn config_dir(self, set: Set<'_>) -> Option<PathBuf> {
        match self {
            Self::Unix => self.folder(set, "XDG_CONFIG_HOME", ("HOME", ".config")),
            Self::Windows => self.folder(set, "APPDATA", ("USERPROFILE", r"AppData\Roaming")),
        }
    }

    /// The folder for what is kept on this machine.
    pub(crate) fn state_dir(self, set: Set<'_>) -> Option<PathBuf> {
        match self {
            Self::Unix => self.folder(set, "XDG_STATE_HOME", ("HOME", ".local/state")),
            Self::Windows => self.folder(set, "LOCALAPPDATA", ("USERPROFILE", r"AppData\Local")),
        }
    }

    /// Where the daemon with this home folder listens: a socket in it, or a named pipe, which lies in no folder and
    /// takes its name from it. Two spellings of one folder that differ only in case have one pipe.
    pub(crate) fn socket(self, home: &Path) -> PathBuf {
        if self == Self::Unix {
            return home.join("daemon.sock");
        }
        let home = std::path::absolute(home).unwrap_or_else(|_| home.to_owned());
        let digest = Sha256::digest(home.to_string_lossy().to_lowercase());
        let name: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        PathBuf::from(format!(r"\\.\pipe\mcp-guard-{name}"))
    }

    /// Our folder in that of `variable`, or else in `under` of the user's. A relative value is ignored.
    fn folder(self, set: Set<'_>, variable: &str, (home, under): (&str, &str)) -> Option<PathBuf> {
        let base = match set(variable).filter(|path| self.is_absolute(path)) {
            Some(base) => base,
            None => self.join(set(home)?, under),
        };
        Some(self.join(base, "mcp-guard").into())
    }

    fn is_absolute(self, path: &OsString) -> bool {
        match (self, path.as_encoded_bytes()) {
            (Self::Unix, [b'/', ..]) => true,
            // On a drive, or on another machine.
            (Self::Windows, [drive, b':', b'\\' | b'/', ..]) => drive.is_ascii_alphabetic(),
            (Self::Windows, [b'\\', b'\\', ..]) => true,
            _ => false,
        }
    }

    fn join(self, mut folder: OsString, name: &str) -> OsString {
        let separator = if self == Self::Unix { "/" } else { "\\" };
        if !folder.as_encoded_bytes().ends_with(separator.as_bytes()) {
            folder.push(separator);
        }
        folder.push(name);
        folder
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env<'e>(variables: &'e [(&str, &str)]) -> impl Fn(&str) -> Option<OsString> + 'e {
        |name| variables.iter().find(|(set, _)| *set == name).map(|(_, value)| value.into())
    }

    fn folders(system: System, variables: &[(&str, &str)]) -> [Option<String>; 2] {
        let env = env(variables);
        [system.config_dir(&env), system.state_dir(&env)]
            .map(|folder| folder.map(|folder| folder.to_string_lossy().into_owned()))
    }

    #[test]
    fn windows_keeps_settings_in_the_roaming_profile_and_state_in_the_local_one() {
        let set = [("APPDATA", r"C:\Users\me\Roaming"), ("LOCALAPPDATA", r"D:\Local\"), ("HOME", "/home/me")];
        let [config, state] = folders(System::Windows, &set);
        assert_eq!(config.as_deref(), Some(r"C:\Users\me\Roaming\mcp-guard"));
        assert_eq!(state.as_deref(), Some(r"D:\Local\mcp-guard"));
    }

    #[test]
    fn windows_falls_back_to_the_profile_and_never_to_a_relative_folder() {
        let set = [("APPDATA", "Roaming"), ("LOCALAPPDATA", "C:Local"), ("USERPROFILE", r"\\server\me")];
        let [config, state] = folders(System::Windows, &set);
        assert_eq!(config.as_deref(), Some(r"\\server\me\AppData\Roaming\mcp-guard"));
        assert_eq!(state.as_deref(), Some(r"\\server\me\AppData\Local\mcp-guard"));
        assert_eq!(folders(System::Windows, &[("HOME", "/home/me")]), [None, None]);
    }

    #[test]
    fn unix_follows_xdg_and_ignores_a_relative_value() {
        let set = [("XDG_CONFIG_HOME", "/etc/me"), ("XDG_STATE_HOME", "state"), ("HOME", "/home/me")];
        let [config, state] = folders(System::Unix, &set);
        assert_eq!(config.as_deref(), Some("/etc/me/mcp-guard"));
        assert_eq!(state.as_deref(), Some("/home/me/.local/state/mcp-guard"));
        assert_eq!(folders(System::Unix, &[("APPDATA", r"C:\x")]), [None, None]);
    }

    #[test]
    fn a_pipe_belongs_to_one_home_folder() {
        let pipe = |home: &str| System::Windows.socket(Path::new(home)).to_string_lossy().into_owned();
        let ours = pipe("/Users/Me/mcp-guard");
        assert_eq!(ours.strip_prefix(r"\\.\pipe\mcp-guard-").map(str::len), Some(32));
        assert_eq!(ours, pipe("/users/me/MCP-Guard"));
        assert_ne!(ours, pipe("/Users/You/mcp-guard"));
        assert_eq!(System::Unix.socket(Path::new("/h")), Path::new("/h/daemon.sock"));
    }
}
