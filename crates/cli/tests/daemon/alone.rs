//! There is one daemon, whoever starts it and whatever the last one left behind.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use rustix::process::Signal;
use serde_json::json;

use crate::{
    common::processes::assert_gone,
    house::{House, Over, Ran, kill},
};

pub(crate) fn ten_bridges_at_once() {
    let house = House::new(&[("one", &[]), ("two", &[])]);
    let mut clients: Vec<_> =
        (0..10).map(|n| house.connect(if n % 2 == 0 { "one" } else { "two" })).collect();
    for (n, client) in clients.iter_mut().enumerate() {
        assert_eq!(client.ask(1, "echo", json!(n))["result"], json!(n));
    }
    assert_eq!(house.daemons().len(), 1);
    let status = house.status();
    assert_eq!(status["sessions"].as_array().unwrap().len(), 10, "{status:#}");
    assert_eq!((house.starts("one"), house.starts("two")), (5, 5), "one process for each session");
}

pub(crate) fn two_starts_at_once() {
    for _ in 0..5 {
        let house = House::new(&[("one", &[])]);
        let both: Vec<_> = [0, 1]
            .map(|_| house.command(&["start", "-d"]))
            .map(|mut command| {
                let (out, err) = (std::process::Stdio::piped(), std::process::Stdio::piped());
                command.stdout(out).stderr(err).spawn().unwrap()
            })
            .map(|child| Ran::of(child.wait_with_output().unwrap()))
            .into_iter()
            .collect();
        let won: Vec<_> = both.iter().filter(|ran| ran.code == Some(0)).collect();
        let lost: Vec<_> = both.iter().filter(|ran| ran.code == Some(1)).collect();
        assert_eq!((won.len(), lost.len()), (1, 1), "{both:#?}");
        assert!(lost[0].stderr.contains("already running"), "{lost:?}");
        let pid = house.pid();
        assert!(won[0].stdout.contains(&format!("process {pid}")), "{pid}: {won:?}");
        assert_eq!(house.daemons(), [pid]);
        let again = house.run(&["start"]);
        assert_eq!(again.code, Some(1));
        assert!(again.stderr.contains(&format!("already running (process {pid})")), "{again:?}");
        assert_eq!(house.pid(), pid);
    }
}

pub(crate) fn remains_of_a_killed_daemon() {
    let house = House::new(&[("one", &[])]);
    for _ in 0..3 {
        let pid = house.start();
        kill(pid, Signal::KILL);
        assert_gone(pid.into());
        assert!(house.home().join("daemon.sock").exists(), "there is something to clean");
        assert_eq!(fs::read_to_string(house.home().join("daemon.pid")).unwrap().trim(), pid.to_string());
        // Its threads may take a moment longer than its first.
        house.until(|status| status["running"] == false);
    }
    let mut client = house.connect("one");
    assert_eq!(client.ask(1, "echo", json!(1))["result"], 1);
}

/// Looking whether there is a daemon takes its lock for a moment, which must not keep one from starting.
pub(crate) fn looked_at_while_it_starts() {
    use rustix::fs::{FlockOperation, flock};
    let house = House::new(&[("one", &[])]);
    house.start();
    house.stop();
    let lock = fs::File::open(house.home().join("daemon.pid")).unwrap();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                flock(&lock, FlockOperation::NonBlockingLockShared).unwrap_or_default();
                thread::sleep(Duration::from_micros(300));
                flock(&lock, FlockOperation::Unlock).unwrap();
                thread::sleep(Duration::from_micros(300));
            }
        });
        let _over = Over(&done);
        for _ in 0..8 {
            assert_eq!(house.status()["running"], false);
            house.start();
            house.stop();
        }
    });
}

pub(crate) fn files_of_one_user() {
    for starts_by_bridge in [false, true] {
        let house = House::new(&[("one", &[])]);
        match starts_by_bridge {
            true => drop(house.connect("one").ask(1, "echo", json!(1))),
            false => drop(house.start()),
        }
        let mode = |name: &str| {
            let path = house.home().join(name);
            fs::metadata(&path)
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
                .permissions()
                .mode()
                & 0o777
        };
        for (name, wanted) in [
            ("", 0o700),
            ("daemon.sock", 0o600),
            ("daemon.key", 0o600),
            ("daemon.pid", 0o600),
            ("daemon.log", 0o600),
            ("daemon.stderr", 0o600),
            ("audit.db", 0o600),
        ] {
            assert_eq!(mode(name), wanted, "{name}: {:o}", mode(name));
        }
    }
}

pub(crate) fn a_key_others_can_read() {
    let house = House::new(&[("one", &[])]);
    house.start();
    house.stop();
    let key = house.home().join("daemon.key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    for args in [&["start", "-d"][..], &["connect", "-s", "one"], &["start"]] {
        let ran = house.run(args);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        assert!(ran.stderr.contains("daemon.key") && ran.stderr.contains("chmod 600"), "{ran:?}");
    }
    assert!(house.daemons().is_empty());
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    house.start();
}

/// A folder that others may change could be given another key or socket.
pub(crate) fn a_folder_others_can_change() {
    let house = House::new(&[("one", &[])]);
    // Which would refuse the folder for reasons of its own.
    house.reconfigure(|config| config["audit"] = serde_json::json!({"enabled": false}));
    fs::create_dir(house.home()).unwrap();
    fs::set_permissions(house.home(), fs::Permissions::from_mode(0o770)).unwrap();
    let ran = house.run(&["start", "-d"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.stderr.contains("chmod 700"), "{ran:?}");
    fs::set_permissions(house.home(), fs::Permissions::from_mode(0o700)).unwrap();
    thread::sleep(Duration::from_millis(50));
    assert!(house.daemons().is_empty());
}
