//! Ends the servers of a daemon that was killed. A second, tiny process reads from a pipe which process groups the
//! daemon has started; when the pipe closes, however the daemon ended, it ends those that are left.

use std::{
    collections::HashSet,
    io::{self, BufRead, Write},
    os::unix::process::CommandExt,
    process::{ChildStdin, Command, Stdio},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};

/// After SIGTERM, before SIGKILL.
const TERMINATED: Duration = Duration::from_millis(1500);

/// Between two looks at whether they are gone.
const LOOK: Duration = Duration::from_millis(20);

/// The daemon's end of the pipe.
#[derive(Debug)]
pub(crate) struct Reaper {
    pipe: Mutex<ChildStdin>,
}

/// A process group that is ended if we are killed, until this is dropped.
pub(crate) struct Watched {
    reaper: Arc<Reaper>,
    group: u32,
}

impl Reaper {
    /// Starts the process: `program` with `args` must come to [`reap`].
    pub(crate) fn start(program: &str, args: &[String]) -> io::Result<Self> {
        let mut process = Command::new(program)
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // What is typed at our terminal is not for it.
            .process_group(0)
            .spawn()?;
        let pipe = process.stdin.take().ok_or(io::ErrorKind::BrokenPipe)?;
        Ok(Self { pipe: Mutex::new(pipe) })
    }

    /// Watches over a process group that was just started.
    ///
    /// # Errors
    /// The reaper is gone: nobody would end the group.
    pub(crate) fn watch(self: &Arc<Self>, group: u32) -> io::Result<Watched> {
        self.tell('+', group)?;
        Ok(Watched { reaper: Arc::clone(self), group })
    }

    fn tell(&self, sign: char, group: u32) -> io::Result<()> {
        let mut pipe = self.pipe.lock().unwrap_or_else(PoisonError::into_inner);
        pipe.write_all(format!("{sign}{group}\n").as_bytes())
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let _ = self.reaper.tell('-', self.group);
    }
}

/// The reaper's side: reads the pipe from standard input to its end, then ends the groups that are left.
pub fn reap(from: impl BufRead) {
    let mut groups = HashSet::new();
    for line in from.lines() {
        let Ok(line) = line else { break };
        match line.split_at_checked(1) {
            Some(("+", group)) => groups.extend(pid(group)),
            Some(("-", group)) => {
                if let Some(group) = pid(group) {
                    groups.remove(&group);
                }
            }
            _ => {}
        }
    }
    for group in &groups {
        // It may be gone already; that is what we want.
        let _ = kill_process_group(*group, Signal::TERM);
    }
    let mut waited = Duration::ZERO;
    while waited < TERMINATED && groups.iter().any(|group| test_kill_process_group(*group).is_ok()) {
        #[expect(
            clippy::disallowed_methods,
            reason = "this process serves no session and has nothing else to do"
        )]
        std::thread::sleep(LOOK);
        waited += LOOK;
    }
    for group in &groups {
        let _ = kill_process_group(*group, Signal::KILL);
    }
}

fn pid(text: &str) -> Option<Pid> {
    text.parse().ok().filter(|pid| *pid > 1).and_then(Pid::from_raw)
}
