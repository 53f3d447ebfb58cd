use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::PathBuf,
    sync::{
        OnceLock,
        mpsc::{SyncSender, sync_channel},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

/// Lines for the person watching standard error or the log file. The server writes there too, and nobody may be
/// reading: a line is handed to a thread that may block, and dropped if too many wait already. Nothing here waits.
#[derive(Debug, Default)]
pub struct Log {
    writer: OnceLock<Option<Writer>>,
    file: Option<PathBuf>,
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
        Self { writer: OnceLock::new(), file: Some(file) }
    }

    /// Writes one line, eventually, or drops it.
    pub fn line(&self, text: impl std::fmt::Display) {
        if let Some(writer) = self.writer.get_or_init(|| Writer::start(self.file.clone())) {
            let _ = writer.lines.try_send(text.to_string());
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
    let open = || -> io::Result<File> { OpenOptions::new().append(true).create(true).mode(0o600).open(path) };
    let mut file = open()?;
    if file.metadata()?.len() >= FULL {
        fs::rename(path, path.with_extension("log.1"))?;
        file = open()?;
    }
    file.write_all(
        format!("{} {line}\n", jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S%.3fZ")).as_bytes(),
    )
}
