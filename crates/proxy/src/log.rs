use std::{
    fmt::Display,
    fs::{self, File},
    io::{self, Write},
    path::PathBuf,
    sync::{
        OnceLock,
        atomic::{AtomicU8, Ordering},
        mpsc::{SyncSender, sync_channel},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use policy::LogLevel;

use crate::os::files;

/// Lines for the person watching standard error or the log file. The server writes there too, and nobody may be
/// reading: a line is handed to a thread that may block, and dropped if too many wait already. Nothing here waits.
#[derive(Debug)]
pub struct Log {
    writer: OnceLock<Option<Writer>>,
    file: Option<PathBuf>,
    /// Less important lines are left out.
    below: AtomicU8,
}

impl Default for Log {
    fn default() -> Self {
        Self { writer: OnceLock::new(), file: None, below: AtomicU8::new(LogLevel::default() as u8) }
    }
}

#[derive(Debug)]
struct Writer {
    lines: SyncSender<String>,
    thread: JoinHandle<()>,
}

/// Lines that may wait to be written.
const WAITING: usize = 256;

/// A log file that has grown to this is put aside as `.1`, in place of the one put aside before, in bytes.
const FULL: u64 = 8 * 1024 * 1024;

impl Log {
    /// A log in a file, each line with its time.
    pub fn to_file(file: PathBuf) -> Self {
        Self { file: Some(file), ..Self::default() }
    }

    /// From now on leaves out what is less important than this.
    pub fn set_level(&self, level: LogLevel) {
        self.below.store(level as u8, Ordering::Relaxed);
    }

    /// What only helps to find a fault of ours.
    pub fn debug(&self, text: impl Display) {
        self.line(LogLevel::Debug, text);
    }

    /// What happens in the ordinary course.
    pub fn info(&self, text: impl Display) {
        self.line(LogLevel::Info, text);
    }

    /// What should be looked at.
    pub fn warn(&self, text: impl Display) {
        self.line(LogLevel::Warn, text);
    }

    /// What does not work.
    pub fn error(&self, text: impl Display) {
        self.line(LogLevel::Error, text);
    }

    /// Writes one line, eventually, or drops it.
    fn line(&self, level: LogLevel, text: impl Display) {
        if (level as u8) < self.below.load(Ordering::Relaxed) {
            return;
        }
        if let Some(writer) = self.writer.get_or_init(|| Writer::start(self.file.clone())) {
            let text =
                if self.file.is_some() { format!("{:5} {text}", level.as_str()) } else { text.to_string() };
            let _ = writer.lines.try_send(text);
        }
    }

    /// Gives lines that still wait a moment to be written.
    pub fn finish(self) {
        let Some(Some(Writer { lines, thread })) = self.writer.into_inner() else { return };
        drop(lines);
        let patience = Instant::now() + Duration::from_millis(100);
        while !thread.is_finished() && Instant::now() < patience {
            std::thread::yield_now();
        }
    }
}

impl Writer {
    fn start(file: Option<PathBuf>) -> Option<Self> {
        let (lines, waiting) = sync_channel::<String>(WAITING);
        let write = move || {
            for line in waiting {
                let _ = match &file {
                    None => io::stderr().write_all(format!("mcp-guard: {line}\n").as_bytes()),
                    Some(file) => append(file, &line),
                };
            }
        };
        let thread = std::thread::Builder::new().name("log".to_owned()).spawn(write).ok()?;
        Some(Self { lines, thread })
    }
}

/// Opened for each line: whoever moves the file away finds the rest in a new one.
fn append(path: &PathBuf, line: &str) -> io::Result<()> {
    let open = || -> io::Result<File> { files::only_ours().append(true).create(true).open(path) };
    let mut file = open()?;
    if file.metadata()?.len() >= FULL {
        fs::rename(path, path.with_extension("log.1"))?;
        file = open()?;
    }
    file.write_all(
        format!("{} {line}\n", jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S%.3fZ")).as_bytes(),
    )
}
