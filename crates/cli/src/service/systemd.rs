//! A unit of systemd's user manager (systemd.service(5), systemd.exec(5)).

use super::{MARK, definition::Definition};
use crate::failure::Failure;

/// The unit's text.
///
/// Left out on purpose: `NoNewPrivileges` and everything that implies it for a user's unit (system call filters,
/// `ProtectSystem`, `PrivateTmp` and the like). The servers inherit it, and some start programs such as `newuidmap`
/// or have to see the user's files.
pub(super) fn unit(service: &Definition) -> Result<String, Failure> {
    if service.program.contains(['"', '\'', '\\']) {
        return Err(Failure::new(format!(
            "systemd starts no program with quotes or backslashes in its path: {}; move it",
            service.program
        )));
    }
    // The colon: `$` stands for itself.
    let command =
        |words: Vec<&str>| format!(":{}", words.into_iter().map(quoted).collect::<Vec<_>>().join(" "));
    let environment: String = service
        .environment
        .iter()
        .map(|(name, value)| format!("Environment={}\n", quoted(&format!("{name}={value}"))))
        .collect();
    Ok(format!(
        "# {MARK}
[Unit]
Description=MCP-Guard, a security gateway for MCP servers
StartLimitIntervalSec=60
StartLimitBurst=5

[Service]
Type=notify
NotifyAccess=main
ExecStart={start}
ExecReload={reload}
{environment}Restart=on-failure
RestartSec=2
KillMode=mixed
TimeoutStopSec={stop}
# A core would hold what passes.
LimitCORE=0
# A server that needs too much memory does not take the daemon with it.
OOMPolicy=continue

[Install]
WantedBy=default.target
",
        start = command(service.start()),
        reload = command(service.reload()),
        stop = service.stop.as_secs(),
    ))
}

/// A word as systemd takes it for itself: C-style escapes, and `%` begins a specifier.
fn quoted(word: &str) -> String {
    let word = word.replace('\\', r"\\").replace('"', "\\\"").replace('%', "%%");
    format!("\"{word}\"")
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, fs, process::Command, time::Duration};

    use super::*;

    fn definition(program: &str, config: Option<&str>) -> Definition {
        Definition {
            program: program.to_owned(),
            config: config.map(str::to_owned),
            environment: BTreeMap::from([("PATH", "/usr/bin:/home/a b/100%\"\\$HOME".to_owned())]),
            stop: Duration::from_secs(45),
            log: String::new(),
        }
    }

    #[test]
    fn the_unit_is_this() {
        let plain = Definition { environment: BTreeMap::new(), ..definition("/usr/bin/mcp-guard", None) };
        assert_eq!(
            unit(&plain).unwrap(),
            r#"# Written by `mcp-guard service install`; `mcp-guard service uninstall` removes it.
[Unit]
Description=MCP-Guard, a security gateway for MCP servers
StartLimitIntervalSec=60
StartLimitBurst=5

[Service]
Type=notify
NotifyAccess=main
ExecStart=:"/usr/bin/mcp-guard" "start"
ExecReload=:"/usr/bin/mcp-guard" "reload"
Restart=on-failure
RestartSec=2
KillMode=mixed
TimeoutStopSec=45
# A core would hold what passes.
LimitCORE=0
# A server that needs too much memory does not take the daemon with it.
OOMPolicy=continue

[Install]
WantedBy=default.target
"#
        );
    }

    #[test]
    fn words_stand_for_themselves() {
        let text = unit(&definition("/a b/100%$X/mcp-guard", Some("/x \"y\" %h\\n' $HOME ;.yaml"))).unwrap();
        for line in [
            r#"ExecStart=:"/a b/100%%$X/mcp-guard" "start" "--config" "/x \"y\" %%h\\n' $HOME ;.yaml""#,
            r#"ExecReload=:"/a b/100%%$X/mcp-guard" "reload" "--config" "/x \"y\" %%h\\n' $HOME ;.yaml""#,
            r#"Environment="PATH=/usr/bin:/home/a b/100%%\"\\$HOME""#,
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is missing in:\n{text}");
        }
        assert!(
            unit(&definition("/a\"b/mcp-guard", None)).is_err_and(|why| why.to_string().contains("move it"))
        );
    }

    /// Says so where there is no `systemd-analyze`.
    #[test]
    fn systemd_finds_nothing_wrong_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("a b %h $X").join("mcp-guard");
        fs::create_dir(program.parent().unwrap()).unwrap();
        fs::copy("/bin/sh", &program).unwrap();
        let file = folder.path().join("mcp-guard.service");
        let verify = |text: &str| {
            fs::write(&file, text).unwrap();
            Command::new("systemd-analyze")
                .args(["--user", "verify"])
                .arg(&file)
                .env("XDG_RUNTIME_DIR", folder.path())
                .output()
        };
        let text =
            unit(&definition(program.to_str().unwrap(), Some("/x \"y\" %h\\n' $HOME ;.yaml"))).unwrap();
        let Ok(output) = verify(&text) else {
            println!("not verified: there is no systemd-analyze");
            return;
        };
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && told.is_empty(), "{told}\n{text}");
        // It does look: a word that is not escaped is found.
        let output = verify(&text.replace("%%h", "%ß")).unwrap();
        assert!(!output.status.success() || !output.stderr.is_empty());
    }
}
