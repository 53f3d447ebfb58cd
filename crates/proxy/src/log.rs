use std::{
    io::Write,
    sync::{
        OnceLock,
        mpsc::{SyncSender, sync_channel},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

/// Lines for the person watching standard error. The server writes there too, and nobody may be reading: a
/// line is handed to a thread that may block, and dropped if too many wait already. Nothing here ever waits.
#[derive(Debug, Default)]
pub struct Log {
    writer: OnceLock<Option<Writer>>,
}

#[derive(Debug)]
struct Writer {
    lines: SyncSender<String>,
    thread: JoinHandle<()>,
}

/// Lines that may wait to be written.
const WAITING: usize = 256;

impl Log {
    /// Writes one line, eventually, or drops it.
    pub fn line(&self, text: impl std::fmt::Display) {
        if let Some(writer) = self.writer.get_or_init(Writer::start) {
            let _ = writer.lines.try_send(format!("mcp-guard: {text}\n"));
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
    fn start() -> Option<Self> {
        let (lines, waiting) = sync_channel::<String>(WAITING);
        let write = move || {
            for line in waiting {
                let _ = std::io::stderr().write_all(line.as_bytes());
            }
        };
        let thread = std::thread::Builder::new().name("log".to_owned()).spawn(write).ok()?;
        Some(Self { lines, thread })
    }
}
