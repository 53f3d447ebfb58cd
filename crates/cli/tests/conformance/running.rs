use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, SyncSender};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::harness::{Harness, STATE};
use crate::processes;

const PATIENCE: Duration = Duration::from_secs(20);

/// A server that has printed where it listens. It is stopped when dropped.
pub(crate) struct Running {
    child: Child,
    folder: TempDir,
    url: String,
    said: Arc<Mutex<String>>,
}

impl Running {
    pub(crate) fn start(harness: &Harness, command: Vec<String>, folder: TempDir) -> Self {
        let mut process = Command::new(&command[0]);
        harness.surround(process.args(&command[1..]), folder.path());
        let mut child =
            process.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let said = Arc::default();
        let (urls, found) = mpsc::sync_channel(1);
        follow(child.stdout.take().unwrap(), Arc::clone(&said), urls.clone());
        follow(child.stderr.take().unwrap(), Arc::clone(&said), urls);
        let url = found.recv_timeout(PATIENCE).unwrap_or_else(|_| {
            // It may have ended by itself.
            let _ = child.kill();
            panic!("{command:?} has not said where it listens:\n{}", said.lock().unwrap());
        });
        Self { child, folder, url, said }
    }

    pub(crate) fn url(&self) -> String {
        self.url.clone()
    }

    /// Asks it to end, as a service manager does; nothing may be left.
    pub(crate) fn end(mut self) {
        let id = Pid::from_child(&self.child);
        kill_process(id, Signal::TERM).unwrap();
        let status = self.child.wait().unwrap();
        assert!(status.success(), "ended with {status}:\n{}", self.said.lock().unwrap());
        let left = processes::left_over(STATE, self.folder.path().join("state").as_os_str());
        assert!(left.is_empty(), "still running after the guard has ended: {left:#?}");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            println!("the server said:\n{}", self.said.lock().unwrap());
        }
    }
}

/// Keeps what it prints, and sends the first address of a server in it.
fn follow(stream: impl Read + Send + 'static, said: Arc<Mutex<String>>, urls: SyncSender<String>) {
    thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            let is_url = |word: &&str| word.starts_with("http://127.0.0.1:") && word.ends_with("/mcp");
            if let Some(url) = line.split_whitespace().find(is_url) {
                // Only the first is waited for.
                let _ = urls.try_send(url.to_owned());
            }
            *said.lock().unwrap() += &(line + "\n");
        }
    });
}
