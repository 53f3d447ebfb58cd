//! A gateway that runs.
#![allow(dead_code, reason = "each program uses its part")]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

const PATIENCE: Duration = Duration::from_secs(30);
const READY: &str = "listening on ";

/// See the module. It is killed when dropped.
pub(crate) struct Gateway {
    child: Child,
    at: String,
    told: Arc<Mutex<String>>,
    /// Closed once it says nothing more.
    silent: mpsc::Receiver<()>,
}

impl Gateway {
    /// Runs `command`, which is some `mcp-guard serve`, until it says where it listens.
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let told = Arc::new(Mutex::new(String::new()));
        let (found, places) = mpsc::sync_channel(16);
        let (speaking, silent) = mpsc::sync_channel(0);
        let log = Arc::clone(&told);
        thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                if let Some(at) = line.strip_prefix(READY) {
                    let _ = found.send(at.to_owned());
                }
                *log.lock().unwrap() += &(line + "\n");
            }
            drop(speaking);
        });
        let Ok(at) = places.recv_timeout(PATIENCE) else {
            let _ = child.kill();
            panic!("{command:?} does not listen:\n{}", told.lock().unwrap());
        };
        Self { child, at, told, silent }
    }

    /// The beginning of its URLs.
    pub(crate) fn at(&self) -> &str {
        &self.at
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it has said of itself so far.
    pub(crate) fn told(&self) -> String {
        self.told.lock().unwrap().clone()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    pub(crate) fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    /// Tells it to stop, which it has to do in good order; everything it has said.
    pub(crate) fn end(mut self) -> String {
        self.signal(Signal::TERM);
        let status = self.wait();
        let _ = self.silent.recv_timeout(PATIENCE);
        assert!(status.success(), "the gateway ended with {status}:\n{}", self.told());
        self.told()
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            println!("the gateway said:\n{}", self.told());
        }
    }
}
