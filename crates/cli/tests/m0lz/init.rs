//! Of two servers with one name the last one won, and what was not understood was dropped without a word.

use std::fs;

use serde_json::{Value, json};

use crate::house::{House, Ran};

/// A home with these files, in which `init` finds only its own.
struct Home(House);

impl Home {
    fn with(files: &[(&str, Value)]) -> Self {
        let house = House::new(&[]);
        for (name, content) in files {
            let path = house.path(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content.to_string()).unwrap();
        }
        Self(house)
    }

    fn init(&self, args: &[&str]) -> Ran {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_mcp-guard"));
        self.0.at_home(&mut command);
        Ran::of(command.arg("init").args(args).output().unwrap())
    }
}

pub(crate) fn servers_of_one_name_are_both_kept() {
    let server = |arg: &str| json!({"mcpServers": {"fs": {"command": "npx", "args": ["server-fs", arg]}}});
    let home = Home::with(&[
        (".cursor/mcp.json", server("/one")),
        (".codeium/windsurf/mcp_config.json", server("/two")),
    ]);
    let ran = home.init(&["-o", "new.yaml"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let written = fs::read_to_string(home.0.path("new.yaml")).unwrap();
    assert!(written.contains("/one") && written.contains("/two"), "{written}");
    let ran = Ran::of({
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_mcp-guard"));
        home.0.at_home(&mut command);
        command.args(["-c", "new.yaml", "validate"]).output().unwrap()
    });
    assert!(ran.stdout.contains("2 servers"), "{ran:?}");
}

pub(crate) fn projects_and_urls_are_not_forgotten() {
    let home = Home::with(&[
        (
            ".claude.json",
            json!({
                "mcpServers": {"web": {"type": "http", "url": "https://example.com/mcp"}},
                "projects": {"/srv/app": {"mcpServers": {"app": {"command": "app-server"}}}},
            }),
        ),
        (
            ".config/Claude/claude_desktop_config.json",
            json!({"mcpServers": {"desk": {"command": "desk-server"}}}),
        ),
        (
            "config/Claude/claude_desktop_config.json",
            json!({"mcpServers": {"desk": {"command": "desk-server"}}}),
        ),
    ]);
    let ran = home.init(&["--dry-run"]);
    for name in ["app", "web", "desk"] {
        assert!(ran.stdout.contains(name), "{name} is not told of: {ran:?}");
    }
}

pub(crate) fn a_configuration_is_never_overwritten() {
    let home = Home::with(&[(".cursor/mcp.json", json!({"mcpServers": {"fs": {"command": "npx"}}}))]);
    fs::write(home.0.path("mine.yaml"), "profile: strict\n").unwrap();
    home.init(&["-o", "mine.yaml"]);
    let left = fs::read_to_string(home.0.path("mine.yaml")).unwrap();
    assert!(left.contains("profile: strict"), "{left}");
    assert_ne!(home.init(&["--client", "no-such-client"]).code, Some(0));
}
