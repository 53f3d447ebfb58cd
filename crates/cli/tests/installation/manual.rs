//! What the program says about itself to shells and to `man`, and `health`.

use std::{fs, process::Command};

use crate::house::{House, Ran};

#[test]
fn every_shell_gets_completions() {
    let house = House::new(&[]);
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = house.run(&["completions", shell]);
        assert_eq!(ran.code, Some(0), "{shell}: {ran:?}");
        assert!(ran.stdout.contains("dashboard-token"), "{shell}: {}", ran.stdout);
        let file = house.path(shell);
        fs::write(&file, &ran.stdout).unwrap();
        if ["bash", "zsh", "fish"].contains(&shell) {
            match Command::new(shell).arg("-n").arg(&file).output().map(Ran::of) {
                Ok(parsed) => assert_eq!((parsed.code, parsed.stderr.as_str()), (Some(0), ""), "{shell}"),
                Err(_) => println!("not parsed: there is no {shell}"),
            }
        }
    }
    assert_eq!(house.run(&["completions", "tcsh"]).code, Some(2));
}

#[test]
fn every_visible_command_has_a_manual_page() {
    let house = House::new(&[]);
    let folder = house.path("man");
    let ran = house.run(&["man", folder.to_str().unwrap()]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let help = house.run(&["--help"]).stdout;
    let commands = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let indented = |line: &&str| line.starts_with("  ") && !line.starts_with("   ");
    let names: Vec<_> =
        commands.lines().filter(indented).map(|line| line.split_whitespace().next().unwrap()).collect();
    assert!(names.len() > 15, "{help}");
    for name in names.into_iter().filter(|name| *name != "help") {
        let page = folder.join(format!("mcp-guard-{name}.1"));
        let text = fs::read_to_string(&page).unwrap_or_else(|error| panic!("{}: {error}", page.display()));
        assert!(text.contains(".SH NAME") && text.contains(name), "{name}");
    }
    assert!(folder.join("mcp-guard.1").exists());
    assert!(!folder.join("mcp-guard-reap.1").exists(), "hidden commands stay hidden");
}

#[test]
fn health_exits_0_only_when_all_is_well() {
    let house = House::new(&[]);
    let ran = house.run(&["health"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "no daemon: {ran:?}");
    assert!(ran.stderr.contains("mcp-guard start -d"), "{ran:?}");
    house.start();
    let ran = house.run(&["health"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let told: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((&told["status"], &told["database"]), (&"healthy".into(), &"ok".into()), "{told}");
}
