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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::{CLIENTS, Scope};

    fn user_paths(os: Os, home: &str, env: Env<'_>, client: &str) -> Vec<String> {
        let machine = Machine { os, home, env };
        let client = CLIENTS.iter().find(|known| known.name == client).unwrap();
        let places = client.places.iter().filter(|place| place.is_on(os) && place.scope == Scope::User);
        let paths = places.filter_map(|place| machine.path(place.path));
        paths.map(|path| path.into_os_string().into_string().unwrap()).collect()
    }

    fn first(os: Os, home: &str, client: &str) -> String {
        user_paths(os, home, &|_| None, client).remove(0)
    }

    #[test]
    fn every_client_has_its_place_on_every_system() {
        #[rustfmt::skip]
        let expected = [
            ("claude-desktop", ".config/Claude/claude_desktop_config.json", "Library/Application Support/Claude/claude_desktop_config.json", r"AppData\Roaming\Claude\claude_desktop_config.json"),
            ("claude-code", ".claude.json", ".claude.json", ".claude.json"),
            ("cursor", ".cursor/mcp.json", ".cursor/mcp.json", r".cursor\mcp.json"),
            ("vscode", ".config/Code/User/mcp.json", "Library/Application Support/Code/User/mcp.json", r"AppData\Roaming\Code\User\mcp.json"),
            ("vscode-insiders", ".config/Code - Insiders/User/mcp.json", "Library/Application Support/Code - Insiders/User/mcp.json", r"AppData\Roaming\Code - Insiders\User\mcp.json"),
            ("copilot-cli", ".copilot/mcp-config.json", ".copilot/mcp-config.json", r".copilot\mcp-config.json"),
            ("copilot-jetbrains", ".config/github-copilot/intellij/mcp.json", ".config/github-copilot/intellij/mcp.json", r".config\github-copilot\intellij\mcp.json"),
            ("windsurf", ".codeium/windsurf/mcp_config.json", ".codeium/windsurf/mcp_config.json", r".codeium\windsurf\mcp_config.json"),
            ("zed", ".config/zed/settings.json", ".config/zed/settings.json", r"AppData\Roaming\Zed\settings.json"),
            ("cline", ".config/Code/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json", "Library/Application Support/Code/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json", r"AppData\Roaming\Code\User\globalStorage\saoudrizwan.claude-dev\settings\cline_mcp_settings.json"),
            ("gemini-cli", ".gemini/settings.json", ".gemini/settings.json", r".gemini\settings.json"),
            ("antigravity", ".gemini/antigravity/mcp_config.json", ".gemini/antigravity/mcp_config.json", r".gemini\antigravity\mcp_config.json"),
            ("codex", ".codex/config.toml", ".codex/config.toml", r".codex\config.toml"),
            ("goose", ".config/goose/config.yaml", ".config/goose/config.yaml", r"AppData\Roaming\Block\goose\config\config.yaml"),
            ("continue", ".continue/config.yaml", ".continue/config.yaml", r".continue\config.yaml"),
            ("lm-studio", ".lmstudio/mcp.json", ".lmstudio/mcp.json", r".lmstudio\mcp.json"),
            ("amazon-q", ".aws/amazonq/default.json", ".aws/amazonq/default.json", r".aws\amazonq\default.json"),
            ("kiro", ".kiro/settings/mcp.json", ".kiro/settings/mcp.json", r".kiro\settings\mcp.json"),
            ("opencode", ".config/opencode/opencode.json", ".config/opencode/opencode.json", r".config\opencode\opencode.json"),
            ("roo", ".config/Code/User/globalStorage/rooveterinaryinc.roo-cline/settings/mcp_settings.json", "Library/Application Support/Code/User/globalStorage/rooveterinaryinc.roo-cline/settings/mcp_settings.json", r"AppData\Roaming\Code\User\globalStorage\rooveterinaryinc.roo-cline\settings\mcp_settings.json"),
            ("kilo", ".config/Code/User/globalStorage/kilocode.kilo-code/settings/mcp_settings.json", "Library/Application Support/Code/User/globalStorage/kilocode.kilo-code/settings/mcp_settings.json", r"AppData\Roaming\Code\User\globalStorage\kilocode.kilo-code\settings\mcp_settings.json"),
            ("junie", ".junie/mcp/mcp.json", ".junie/mcp/mcp.json", r".junie\mcp\mcp.json"),
        ];
        assert_eq!(expected.len(), CLIENTS.len(), "every client is checked");
        for (client, linux, mac, windows) in expected {
            assert_eq!(first(Os::Linux, "/home/ann", client), format!("/home/ann/{linux}"));
            assert_eq!(first(Os::Mac, "/Users/ann/", client), format!("/Users/ann/{mac}"));
            assert_eq!(first(Os::Windows, r"C:\Users\ann", client), format!(r"C:\Users\ann\{windows}"));
        }
    }

    #[test]
    fn variables_move_places() {
        for (os, variable, value, client, path) in [
            (Os::Linux, "XDG_CONFIG_HOME", "/x", "vscode", "/x/Code/User/mcp.json"),
            (Os::Linux, "XDG_CONFIG_HOME", "/x", "zed", "/x/zed/settings.json"),
            (Os::Mac, "CLAUDE_CONFIG_DIR", "/c", "claude-code", "/c/.claude.json"),
            (
                Os::Mac,
                "XDG_CONFIG_HOME",
                "/x",
                "claude-desktop",
                "/h/Library/Application Support/Claude/claude_desktop_config.json",
            ),
            (
                Os::Windows,
                "APPDATA",
                r"D:\Data\",
                "claude-desktop",
                r"D:\Data\Claude\claude_desktop_config.json",
            ),
            (Os::Windows, "XDG_CONFIG_HOME", r"D:\x", "opencode", r"D:\x\opencode\opencode.json"),
            (Os::Linux, "COPILOT_HOME", "/c", "copilot-cli", "/c/mcp-config.json"),
            (Os::Linux, "CODEX_HOME", "/c/", "codex", "/c/config.toml"),
            (Os::Linux, "CODEX_HOME", "", "codex", "/h/.codex/config.toml"),
            (Os::Linux, "CLINE_DIR", "/c", "cline", "/c/data/settings/cline_mcp_settings.json"),
            (Os::Linux, "CLINE_MCP_SETTINGS_PATH", "/c/m.json", "cline", "/c/m.json"),
            (Os::Linux, "OPENCODE_CONFIG", "/c/o.json", "opencode", "/c/o.json"),
        ] {
            let paths = user_paths(os, "/h", &|name| (name == variable).then(|| value.to_owned()), client);
            assert!(
                paths.iter().any(|found| found == path),
                "{variable}={value}: {path} is not in {paths:?}"
            );
        }
        let unset = user_paths(Os::Linux, "/h", &|_| None, "opencode");
        assert_eq!(unset.len(), 4, "a place that only a variable gives is none without it: {unset:?}");
    }

    #[test]
    fn no_path_keeps_a_piece_of_its_template() {
        for os in [Os::Linux, Os::Mac, Os::Windows] {
            for place in CLIENTS.iter().flat_map(|client| client.places).filter(|place| place.is_on(os)) {
                let Some(path) = (Machine { os, home: "/h", env: &|_| None }).path(place.path) else {
                    continue;
                };
                let path = path.to_str().unwrap();
                assert!(!path.contains(['{', '}', '<', '>', '~', '|']), "{path}");
                assert!(os != Os::Windows || !path.contains('/'), "{path}");
            }
        }
    }
}
