use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::thread;

use crate::over::{Address, Over};

/// A server that listens. It is killed when dropped.
pub(crate) struct Remote {
    child: Child,
    address: Address,
}

impl Remote {
    /// `command` starts `server-everything`, or a server that chooses a port and prints its URL.
    pub(crate) fn start(command: Command, over: Over) -> Self {
        let everything = command.get_args().any(|arg| arg.to_string_lossy().contains("server-everything"));
        if everything { Self::everything(command, over) } else { Self::telling(command, over) }
    }

    /// It cannot choose a port itself, so a free one is looked for.
    fn everything(mut command: Command, over: Over) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let (mode, path) = match over {
            Over::Http => ("streamableHttp", "mcp"),
            Over::Sse => ("sse", "sse"),
        };
        command.arg(mode).env("PORT", port.to_string());
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let ready = |line: &str| line.ends_with(&format!("on port {port}"));
        assert!(lines.by_ref().map_while(Result::ok).any(|line| ready(&line)), "{command:?} does not listen");
        thread::spawn(move || lines.for_each(drop));
        Self { child, address: Address { over, url: format!("http://127.0.0.1:{port}/{path}") } }
    }

    /// It ends when its input does.
    fn telling(mut command: Command, over: Over) -> Self {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
        assert!(url.starts_with("http://"), "{command:?} does not listen: {url}");
        Self { child, address: Address { over, url: url.trim_end().to_owned() } }
    }

    pub(crate) fn address(&self) -> &Address {
        &self.address
    }
}

impl Drop for Remote {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
