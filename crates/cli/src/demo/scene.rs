use std::{
    io,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use super::write;

/// The folder the sample server offers, what lies beside it, and the guard's configuration.
pub(super) struct Scene {
    pub(super) folder: PathBuf,
    pub(super) audit: PathBuf,
    config: PathBuf,
    me: PathBuf,
    _temporary: TempDir,
}

impl Scene {
    pub(super) fn set(me: &Path) -> io::Result<Self> {
        let temporary = tempfile::Builder::new().prefix("mcp-guard-demo-").tempdir()?;
        let root = temporary.path().canonicalize()?;
        let scene = Self {
            folder: root.join("project"),
            audit: root.join("state").join("audit.db"),
            config: root.join("mcp-guard.yaml"),
            me: me.to_owned(),
            _temporary: temporary,
        };
        scene.restore()?;
        write(&root.join("private").join("salaries.csv"), "name,salary\nKim,71000\n")?;
        write(&scene.config, &scene.configuration())?;
        Ok(scene)
    }

    /// The files as they are before a session.
    pub(super) fn restore(&self) -> io::Result<()> {
        write(&self.folder.join("notes.txt"), "Ship the release on Friday.\n")?;
        // The example key of Amazon's own documentation.
        let secret = "AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE\nAWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n";
        write(&self.folder.join("settings.txt"), secret)
    }

    /// The command line of the server itself.
    pub(super) fn direct(&self) -> Vec<PathBuf> {
        vec![self.me.clone(), "sample-server".into(), self.folder.clone()]
    }

    /// The command line a client names instead.
    pub(super) fn guarded(&self) -> Vec<PathBuf> {
        let mut command: Vec<PathBuf> =
            vec![self.me.clone(), "run".into(), "-c".into(), self.config.clone(), "--".into()];
        command.extend(self.direct());
        command
    }

    fn configuration(&self) -> String {
        let quoted = |text: String| serde_json::Value::from(text).to_string();
        format!(
            "profile: balanced\n\
             servers:\n\
             \x20 files:\n\
             \x20   command: {}\n\
             \x20   policy:\n\
             \x20     permissions:\n\
             \x20       denied_tools: [\"delete_*\"]\n\
             \x20       allowed_resources: [{}]\n\
             audit:\n\
             \x20 path: {}\n",
            quoted(self.me.display().to_string()),
            quoted(format!("file://{}/**", self.folder.display())),
            quoted(self.audit.display().to_string()),
        )
    }
}
