//! The clients: where each keeps its servers, and how they are written there.

use crate::{machine::Os, tree::Format};

/// One program that starts or calls MCP servers.
#[derive(Debug)]
pub struct Client {
    /// As given to `--client`.
    pub name: &'static str,
    /// As people call it.
    pub title: &'static str,
    /// Where it keeps servers.
    pub places: &'static [Place],
    /// How far the places are known.
    pub evidence: Evidence,
    pub(crate) expands: Expands,
}

/// How the places of a client are known. No client was run here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// From the client's own documentation.
    Documented,
    /// From other programs that read the file, or reports.
    Reported,
    /// From a single mention.
    Unverified,
}

/// A file, or all files of a pattern, with servers in it.
#[derive(Debug)]
pub struct Place {
    pub(crate) on: &'static [Os],
    /// A template, see `Machine::path`; relative in project scope. `*` stands for one folder or file name.
    pub path: &'static str,
    /// Whose file it is.
    pub scope: Scope,
    /// How it is written.
    pub format: Format,
    /// The keys under which the servers are; `*` stands for any key.
    pub(crate) roots: &'static [&'static [&'static str]],
    pub(crate) shape: Shape,
}

/// Whose file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// The user's own.
    User,
    /// Part of a project, and often shared with others through version control.
    Project,
    /// Put there by an administrator or a plugin; never rewritten.
    Managed,
}

impl Scope {
    /// In one word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Project => "project",
            Self::Managed => "managed",
        }
    }
}

/// The names of the members of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// `command`, `args`, `env`.
    Usual,
    /// `command` as a list with the arguments, `environment`.
    OneList,
    /// `cmd`, `args`, `envs`.
    Goose,
    /// As usual, but `url` is an address for server-sent events, beside `httpUrl`.
    Gemini,
}

/// Which references to variables the client replaces in what it reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expands {
    Nothing,
    /// `${…}`
    Braces,
    /// `${…}` and `$NAME`
    Dollars,
    /// `{env:NAME}` and `{file:PATH}`
    Colons,
}

impl Place {
    /// Whether the client keeps servers there on this system.
    pub fn is_on(&self, os: Os) -> bool {
        self.on.contains(&os)
    }
}

/// The client called `name`.
pub fn client(name: &str) -> Option<&'static Client> {
    CLIENTS.iter().find(|client| client.name == name)
}

const ANY: &[Os] = &[Os::Linux, Os::Mac, Os::Windows];
const UNIX: &[Os] = &[Os::Linux, Os::Mac];
const LINUX: &[Os] = &[Os::Linux];
const MAC: &[Os] = &[Os::Mac];
const WINDOWS: &[Os] = &[Os::Windows];

const MCP_SERVERS: &[&[&str]] = &[&["mcpServers"]];
const SERVERS: &[&[&str]] = &[&["servers"]];
const VSCODE_SETTINGS: &[&[&str]] = &[&["mcp", "servers"], &["mcp.servers"]];
const OPENCODE: &[&[&str]] = &[&["mcp", "servers"], &["mcp"]];

const fn user(path: &'static str) -> Place {
    Place { on: ANY, path, scope: Scope::User, format: Format::Json, roots: MCP_SERVERS, shape: Shape::Usual }
}

const fn project(path: &'static str) -> Place {
    Place { scope: Scope::Project, ..user(path) }
}

const fn managed(on: &'static [Os], path: &'static str) -> Place {
    Place { scope: Scope::Managed, ..user(path) }.on(on)
}

impl Place {
    const fn on(self, on: &'static [Os]) -> Self {
        Self { on, ..self }
    }

    const fn roots(self, roots: &'static [&'static [&'static str]]) -> Self {
        Self { roots, ..self }
    }

    const fn format(self, format: Format) -> Self {
        Self { format, ..self }
    }

    const fn shape(self, shape: Shape) -> Self {
        Self { shape, ..self }
    }
}

const fn opencode(place: Place) -> Place {
    place.roots(OPENCODE).shape(Shape::OneList)
}

const fn codex(place: Place) -> Place {
    place.roots(&[&["mcp_servers"]]).format(Format::Toml)
}

const fn goose(place: Place) -> Place {
    place.roots(&[&["extensions"]]).format(Format::Yaml).shape(Shape::Goose)
}

/// Every client that is known, in the order in which they are looked for.
pub static CLIENTS: &[Client] = &[
    Client {
        name: "claude-desktop",
        title: "Claude Desktop",
        evidence: Evidence::Reported,
        expands: Expands::Nothing,
        places: &[user("<config>/Claude/claude_desktop_config.json")],
    },
    Client {
        name: "claude-code",
        title: "Claude Code",
        evidence: Evidence::Reported,
        expands: Expands::Braces,
        places: &[
            user("{CLAUDE_CONFIG_DIR|~}/.claude.json")
                .roots(&[&["mcpServers"], &["projects", "*", "mcpServers"]]),
            project(".mcp.json"),
            managed(ANY, "{CLAUDE_CONFIG_DIR|~/.claude}/plugins/cache/*/.mcp.json"),
            managed(ANY, "{CLAUDE_CONFIG_DIR|~/.claude}/plugins/cache/*/*/.mcp.json"),
            managed(ANY, "{CLAUDE_CONFIG_DIR|~/.claude}/plugins/cache/*/*/*/.mcp.json"),
            managed(LINUX, "/etc/claude-code/managed-mcp.json"),
            managed(MAC, "/Library/Application Support/ClaudeCode/managed-mcp.json"),
            managed(WINDOWS, "C:/Program Files/ClaudeCode/managed-mcp.json"),
        ],
    },
    Client {
        name: "cursor",
        title: "Cursor",
        evidence: Evidence::Reported,
        expands: Expands::Braces,
        places: &[user("~/.cursor/mcp.json"), project(".cursor/mcp.json")],
    },
    Client {
        name: "vscode",
        title: "VS Code",
        evidence: Evidence::Documented,
        expands: Expands::Braces,
        places: &[
            user("<config>/Code/User/mcp.json").roots(SERVERS),
            user("<config>/Code/User/profiles/*/mcp.json").roots(SERVERS),
            user("<config>/Code/User/settings.json").roots(VSCODE_SETTINGS),
            project(".vscode/mcp.json").roots(SERVERS),
        ],
    },
    Client {
        name: "vscode-insiders",
        title: "VS Code Insiders",
        evidence: Evidence::Documented,
        expands: Expands::Braces,
        places: &[
            user("<config>/Code - Insiders/User/mcp.json").roots(SERVERS),
            user("<config>/Code - Insiders/User/profiles/*/mcp.json").roots(SERVERS),
            user("<config>/Code - Insiders/User/settings.json").roots(VSCODE_SETTINGS),
        ],
    },
    Client {
        name: "copilot-cli",
        title: "GitHub Copilot CLI",
        evidence: Evidence::Documented,
        expands: Expands::Braces,
        places: &[user("{COPILOT_HOME|~/.copilot}/mcp-config.json")],
    },
    Client {
        name: "copilot-jetbrains",
        title: "GitHub Copilot for JetBrains",
        evidence: Evidence::Unverified,
        expands: Expands::Braces,
        places: &[user("{XDG_CONFIG_HOME|~/.config}/github-copilot/intellij/mcp.json").roots(SERVERS)],
    },
    Client {
        name: "windsurf",
        title: "Windsurf",
        evidence: Evidence::Reported,
        expands: Expands::Braces,
        places: &[user("~/.codeium/windsurf/mcp_config.json")],
    },
    Client {
        name: "zed",
        title: "Zed",
        evidence: Evidence::Documented,
        expands: Expands::Nothing,
        places: &[
            user("<config>/zed/settings.json").on(LINUX).roots(&[&["context_servers"]]),
            user("~/.config/zed/settings.json").on(MAC).roots(&[&["context_servers"]]),
            user("<config>/Zed/settings.json").on(WINDOWS).roots(&[&["context_servers"]]),
            project(".zed/settings.json").roots(&[&["context_servers"]]),
        ],
    },
    Client {
        name: "cline",
        title: "Cline",
        evidence: Evidence::Reported,
        expands: Expands::Braces,
        places: &[
            user("<config>/Code/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json"),
            user(
                "<config>/Code - Insiders/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json",
            ),
            user("{CLINE_MCP_SETTINGS_PATH}"),
            user("{CLINE_DIR|~/.cline}/data/settings/cline_mcp_settings.json"),
        ],
    },
    Client {
        name: "gemini-cli",
        title: "Gemini CLI",
        evidence: Evidence::Documented,
        expands: Expands::Dollars,
        places: &[
            user("~/.gemini/settings.json").shape(Shape::Gemini),
            project(".gemini/settings.json").shape(Shape::Gemini),
            managed(LINUX, "/etc/gemini-cli/settings.json").shape(Shape::Gemini),
            managed(MAC, "/Library/Application Support/GeminiCli/settings.json").shape(Shape::Gemini),
            managed(WINDOWS, "C:/ProgramData/gemini-cli/settings.json").shape(Shape::Gemini),
        ],
    },
    Client {
        name: "antigravity",
        title: "Antigravity",
        evidence: Evidence::Reported,
        expands: Expands::Braces,
        places: &[user("~/.gemini/antigravity/mcp_config.json"), user("~/.gemini/config/mcp_config.json")],
    },
    Client {
        name: "codex",
        title: "Codex",
        evidence: Evidence::Reported,
        expands: Expands::Nothing,
        places: &[
            codex(user("{CODEX_HOME|~/.codex}/config.toml")),
            codex(user("{CODEX_HOME|~/.codex}/*.config.toml")),
            codex(project(".codex/config.toml")),
            codex(managed(UNIX, "/etc/codex/config.toml")),
            codex(managed(WINDOWS, "{ProgramData|C:/ProgramData}/OpenAI/Codex/config.toml")),
        ],
    },
    Client {
        name: "goose",
        title: "Goose",
        evidence: Evidence::Documented,
        expands: Expands::Nothing,
        places: &[
            goose(user("{XDG_CONFIG_HOME|~/.config}/goose/config.yaml").on(UNIX)),
            goose(user("<config>/Block/goose/config/config.yaml").on(WINDOWS)),
        ],
    },
    Client {
        name: "continue",
        title: "Continue",
        evidence: Evidence::Reported,
        expands: Expands::Braces,
        places: &[
            user("~/.continue/config.yaml").format(Format::Yaml),
            user("~/.continue/config.json"),
            project(".continue/mcpServers/*.yaml").format(Format::Yaml),
            project(".continue/mcpServers/*.json"),
        ],
    },
    Client {
        name: "lm-studio",
        title: "LM Studio",
        evidence: Evidence::Documented,
        expands: Expands::Nothing,
        places: &[user("~/.lmstudio/mcp.json"), user("~/.cache/lm-studio/mcp.json")],
    },
    Client {
        name: "amazon-q",
        title: "Amazon Q Developer",
        evidence: Evidence::Documented,
        expands: Expands::Braces,
        places: &[
            user("~/.aws/amazonq/default.json"),
            user("~/.aws/amazonq/mcp.json"),
            user("~/.aws/amazonq/agents/default.json"),
            user("~/.aws/amazonq/cli-agents/*.json"),
            project(".amazonq/default.json"),
            project(".amazonq/mcp.json"),
        ],
    },
    Client {
        name: "kiro",
        title: "Kiro",
        evidence: Evidence::Documented,
        expands: Expands::Braces,
        places: &[
            user("~/.kiro/settings/mcp.json").roots(&[&["mcpServers"], &["powers", "mcpServers"]]),
            user("~/.kiro/agents/*.json"),
            project(".kiro/settings/mcp.json"),
            project(".kiro/agents/*.json"),
        ],
    },
    Client {
        name: "opencode",
        title: "opencode",
        evidence: Evidence::Documented,
        expands: Expands::Colons,
        places: &[
            opencode(user("{XDG_CONFIG_HOME|~/.config}/opencode/opencode.json")),
            opencode(user("{XDG_CONFIG_HOME|~/.config}/opencode/opencode.jsonc")),
            opencode(user("~/.opencode/opencode.json")),
            opencode(user("~/.opencode/opencode.jsonc")),
            opencode(user("{OPENCODE_CONFIG}")),
            opencode(project("opencode.json")),
            opencode(project("opencode.jsonc")),
            opencode(project(".opencode/opencode.json")),
            opencode(project(".opencode/opencode.jsonc")),
            opencode(managed(LINUX, "/etc/opencode/opencode.json")),
            opencode(managed(MAC, "/Library/Application Support/opencode/opencode.json")),
            opencode(managed(WINDOWS, "{ProgramData|C:/ProgramData}/opencode/opencode.json")),
        ],
    },
    Client {
        name: "roo",
        title: "Roo Code",
        evidence: Evidence::Reported,
        expands: Expands::Braces,
        places: &[
            user("<config>/Code/User/globalStorage/rooveterinaryinc.roo-cline/settings/mcp_settings.json"),
            project(".roo/mcp.json"),
        ],
    },
    Client {
        name: "kilo",
        title: "Kilo Code",
        evidence: Evidence::Unverified,
        expands: Expands::Braces,
        places: &[
            user("<config>/Code/User/globalStorage/kilocode.kilo-code/settings/mcp_settings.json"),
            project(".kilocode/mcp.json"),
        ],
    },
    Client {
        name: "junie",
        title: "JetBrains Junie",
        evidence: Evidence::Unverified,
        expands: Expands::Braces,
        places: &[user("~/.junie/mcp/mcp.json"), project(".junie/mcp/mcp.json")],
    },
];
