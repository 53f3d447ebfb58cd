//! The service, before a manager that only takes notes.

use std::{
    fs,
    os::unix::{fs::PermissionsExt, net::UnixDatagram},
    path::PathBuf,
    process::{Command, Stdio},
    time::Duration,
};

use crate::house::{House, Ran, kill};

/// A house in which `systemctl` notes what it is told and then does `script`.
struct Managed {
    house: House,
}

impl Managed {
    fn by(script: &str) -> Self {
        let managed = Self { house: House::new(&[]) };
        let folder = managed.house.path("bin");
        fs::create_dir(&folder).unwrap();
        let program = folder.join("systemctl");
        fs::write(&program, format!("#!/bin/sh\necho \"$*\" >> {:?}\n{script}\n", managed.notes())).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        managed
    }

    fn notes(&self) -> PathBuf {
        self.house.path("told")
    }

    /// What it was told since the last look.
    fn told(&self) -> Vec<String> {
        let told = fs::read_to_string(self.notes()).unwrap_or_default();
        let _ = fs::remove_file(self.notes());
        told.lines().map(str::to_owned).collect()
    }

    fn unit(&self) -> PathBuf {
        self.house.path("config/systemd/user/mcp-guard.service")
    }

    fn run(&self, args: &[&str]) -> Ran {
        let mut command = self.house.command(&["service"]);
        command.args(args).env("PATH", format!("{}:/usr/bin:/bin", self.house.path("bin").display()));
        Ran::of(command.output().unwrap())
    }
}

#[test]
fn a_service_is_written_started_shown_and_removed() {
    let managed = Managed::by("case $2 in is-active) echo active;; esac");
    let plan = managed.run(&["install", "--dry-run"]);
    assert_eq!((plan.code, managed.unit().exists(), managed.told().len()), (Some(0), false, 0), "{plan:?}");

    let ran = managed.run(&["install"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let text = fs::read_to_string(managed.unit()).unwrap();
    assert!(plan.stdout.contains(&text), "what was shown is what was written:\n{text}\n{plan:?}");
    let config = managed.house.config();
    assert!(text.contains(&format!("\"start\" \"--config\" \"{}\"\n", config.display())), "{text}");
    assert!(text.contains("\nTimeoutStopSec=18\n"), "3 s for draining, and what comes after: {text}");
    assert!(text.contains("\"XDG_STATE_HOME=") && text.contains("\"PATH="), "{text}");
    assert_eq!(managed.told(), ["--user daemon-reload", "--user enable --now mcp-guard.service"]);

    let ran = managed.run(&["status"]);
    assert!(ran.stdout.contains("ours and up to date") && ran.stdout.contains("active"), "{ran:?}");
    managed.house.reconfigure(|config| config["daemon"]["shutdown_timeout"] = 9.into());
    assert!(managed.run(&["status"]).stdout.contains("would now write another"));
    managed.told();
    assert_eq!(managed.run(&["install"]).code, Some(0));
    assert_eq!(managed.told().last().unwrap(), "--user restart mcp-guard.service");

    let plan = managed.run(&["uninstall", "--dry-run"]);
    assert!(managed.unit().exists() && plan.stdout.contains("disable --now"), "{plan:?}");
    let ran = managed.run(&["uninstall"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(managed.told(), ["--user disable --now mcp-guard.service", "--user daemon-reload"]);
    let left: Vec<_> = fs::read_dir(managed.unit().parent().unwrap()).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
    assert!(managed.run(&["uninstall"]).stdout.contains("there is no service"));
}

#[test]
fn a_service_of_somebody_else_is_left_as_it_is() {
    let managed = Managed::by("");
    fs::create_dir_all(managed.unit().parent().unwrap()).unwrap();
    let refused = |what: &str| {
        for args in [["install"], ["uninstall"]] {
            let ran = managed.run(&args);
            assert_eq!(ran.code, Some(1), "{what}: {ran:?}");
            assert!(ran.stderr.contains("left as it is"), "{what}: {ran:?}");
        }
        assert!(managed.told().is_empty(), "{what}");
    };
    fs::write(managed.unit(), "[Service]\nExecStart=/my/own\n").unwrap();
    refused("a unit of one's own");
    assert_eq!(fs::read_to_string(managed.unit()).unwrap(), "[Service]\nExecStart=/my/own\n");
    fs::remove_file(managed.unit()).unwrap();
    std::os::unix::fs::symlink("/dev/null", managed.unit()).unwrap();
    refused("a masked unit");
    fs::remove_file(managed.unit()).unwrap();
    std::os::unix::fs::symlink("/no/where", managed.unit()).unwrap();
    refused("a link that leads nowhere");
}

#[test]
fn without_a_manager_the_service_is_written_and_what_to_type_is_said() {
    let managed = Managed::by("echo 'Failed to connect to bus: No medium found' >&2; exit 1");
    let ran = managed.run(&["install"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(managed.unit().exists());
    for part in ["not started", "No medium found", "\nsystemctl --user enable --now mcp-guard.service\n"] {
        assert!(ran.stdout.contains(part), "{part}: {ran:?}");
    }
    let ran = managed.run(&["status"]);
    assert!(ran.stdout.contains("not known: Failed to connect to bus"), "{ran:?}");
    let ran = managed.run(&["uninstall"]);
    assert!(!managed.unit().exists() && ran.stdout.contains("was not told"), "{ran:?}");

    let mut without = managed.house.command(&["service", "install"]);
    let ran = Ran::of(without.env("PATH", "/nowhere").output().unwrap());
    assert!(ran.code == Some(1) && ran.stdout.contains("No such file"), "{ran:?}");
}

#[test]
fn no_service_is_installed_beside_a_daemon_that_runs() {
    let managed = Managed::by("");
    let pid = managed.house.start();
    let ran = managed.run(&["install"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.stderr.contains(&pid.to_string()) && ran.stderr.contains("mcp-guard stop"), "{ran:?}");
    assert!(!managed.unit().exists() && managed.told().is_empty());
}

/// Does what systemd does with the unit: starts it, waits for its word, asks it to reload, and ends it.
#[test]
fn what_the_unit_starts_says_when_it_is_ready_and_when_it_stops() {
    let managed = Managed::by("");
    let text = managed.run(&["install", "--dry-run"]).stdout;
    let words = |key: &str| -> Vec<String> {
        let line = text.lines().find_map(|line| line.strip_prefix(&format!("{key}=:"))).unwrap();
        line.trim_matches('"').split("\" \"").map(str::to_owned).collect()
    };
    let path = managed.house.path("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let said = || {
        let mut buffer = [0; 256];
        let length = socket.recv(&mut buffer).unwrap();
        String::from_utf8(buffer[..length].to_vec()).unwrap()
    };
    let start = words("ExecStart");
    let mut command = Command::new(&start[0]);
    managed.house.at_home(&mut command);
    let mut daemon =
        command.args(&start[1..]).env("NOTIFY_SOCKET", &path).stderr(Stdio::null()).spawn().unwrap();
    assert_eq!(said().trim(), "READY=1");
    assert_eq!(managed.house.pid(), daemon.id());

    let reload = words("ExecReload");
    let mut command = Command::new(&reload[0]);
    managed.house.at_home(&mut command);
    assert!(command.args(&reload[1..]).output().unwrap().status.success());

    kill(daemon.id(), rustix::process::Signal::TERM);
    assert_eq!(said().trim(), "STOPPING=1");
    assert!(daemon.wait().unwrap().success());
}
