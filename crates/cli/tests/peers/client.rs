use std::path::Path;
use std::process::Command;

/// An official SDK in one of the ways it can be asked to negotiate the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Client {
    Typescript1,
    Typescript2Legacy,
    Typescript2Auto,
    Typescript2Modern,
    Python1,
    Python2Legacy,
    Python2Modern,
}

impl Client {
    /// Those that use every server. One that insists on the newest revision cannot.
    pub(crate) const ALL: [Self; 6] = [
        Self::Typescript1,
        Self::Typescript2Legacy,
        Self::Typescript2Auto,
        Self::Python1,
        Self::Python2Legacy,
        Self::Python2Modern,
    ];

    /// The name it has in scenarios and transcripts.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Typescript1 => "ts-v1",
            Self::Typescript2Legacy => "ts-v2-legacy",
            Self::Typescript2Auto => "ts-v2-auto",
            Self::Typescript2Modern => "ts-v2-modern",
            Self::Python1 => "py1",
            Self::Python2Legacy => "py2-legacy",
            Self::Python2Modern => "py2-modern",
        }
    }

    /// The driver, ready to be given its scenario, and the options that pick the way of negotiating.
    pub(crate) fn driver(self, drivers: &Path, peers: &Path) -> (Command, &'static [&'static str]) {
        let (interpreter, script, options): (_, _, &[&str]) = match self {
            Self::Typescript1 => ("node".into(), "node/drive-v1.mjs", &[]),
            Self::Typescript2Legacy => ("node".into(), "node/drive-v2.mjs", &["--mode", "legacy"]),
            Self::Typescript2Auto => ("node".into(), "node/drive-v2.mjs", &["--mode", "auto"]),
            Self::Typescript2Modern => ("node".into(), "node/drive-v2.mjs", &["--mode", "modern"]),
            Self::Python1 => (peers.join("python1/bin/python"), "python1/drive.py", &[]),
            Self::Python2Legacy => {
                (peers.join("python2/bin/python"), "python2/drive.py", &["--mode", "legacy"])
            }
            Self::Python2Modern => {
                (peers.join("python2/bin/python"), "python2/drive.py", &["--mode", "modern"])
            }
        };
        let mut command = Command::new(interpreter);
        command.arg(drivers.join(script));
        (command, options)
    }
}
