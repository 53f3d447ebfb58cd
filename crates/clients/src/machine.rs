use std::path::PathBuf;

/// Looks a variable of the environment up.
pub type Env<'e> = &'e dyn Fn(&str) -> Option<String>;

/// The operating systems that clients have places for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Os {
    /// Linux, and what resembles it.
    Linux,
    /// macOS.
    Mac,
    /// Windows.
    Windows,
}

impl Os {
    /// The one this program was built for.
    pub fn current() -> Self {
        match std::env::consts::OS {
            "macos" => Self::Mac,
            "windows" => Self::Windows,
            _ => Self::Linux,
        }
    }
}

/// What the places of files depend on. Nothing here reads a disk.
#[derive(Clone, Copy)]
pub struct Machine<'e> {
    /// The operating system.
    pub os: Os,
    /// The user's home folder.
    pub home: &'e str,
    /// The environment.
    pub env: Env<'e>,
}

impl Machine<'_> {
    /// The path that a template of the table stands for, if it has one here.
    ///
    /// `~` is the home folder, `<config>` the folder where programs keep their settings on this system,
    /// `{NAME}` a variable that has to be set, `{NAME|template}` one that may be.
    pub(crate) fn path(&self, template: &str) -> Option<PathBuf> {
        let path = self.resolve(template)?;
        Some(PathBuf::from(if self.os == Os::Windows { path.replace('/', "\\") } else { path }))
    }

    fn resolve(&self, template: &str) -> Option<String> {
        if let Some(rest) = template.strip_prefix('~') {
            return Some(format!("{}{rest}", self.home.trim_end_matches(['/', '\\'])));
        }
        if let Some(rest) = template.strip_prefix("<config>") {
            let folder = self.resolve(match self.os {
                Os::Linux => "{XDG_CONFIG_HOME|~/.config}",
                Os::Mac => "~/Library/Application Support",
                Os::Windows => "{APPDATA|~/AppData/Roaming}",
            })?;
            return Some(folder + rest);
        }
        if let Some((variable, rest)) = template.strip_prefix('{').and_then(|rest| rest.split_once('}')) {
            let (name, fallback) = variable.split_once('|').unwrap_or((variable, ""));
            let folder = match self.set(name) {
                Some(value) => value,
                None if fallback.is_empty() => return None,
                None => self.resolve(fallback)?,
            };
            return Some(folder.trim_end_matches(['/', '\\']).to_owned() + rest);
        }
        Some(template.to_owned())
    }

    /// The value of a variable that is set to something.
    pub(crate) fn set(&self, name: &str) -> Option<String> {
        (self.env)(name).filter(|value| !value.is_empty())
    }
}
