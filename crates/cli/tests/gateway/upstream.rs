//! An MCP server over HTTP that says what the test says, and remembers what it heard.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex},
    thread,
};

use serde_json::{Value, json};

use crate::common::client::PATIENCE;

/// One request as it came. Names of headers are in lower case.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    /// The message in the body.
    pub(crate) message: Value,
    /// The client has hung up before it was answered.
    pub(crate) left: bool,
}

/// Where the answer goes.
pub(crate) struct Out {
    stream: TcpStream,
    memory: Arc<Memory>,
    seen: Seen,
}

/// Dropped, it is gone and so are its connections.
pub(crate) struct Upstream {
    pub(crate) port: u16,
    memory: Arc<Memory>,
}

#[derive(Default)]
struct Memory {
    seen: Mutex<Vec<Seen>>,
    changed: Condvar,
    open: Mutex<Option<Vec<TcpStream>>>,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether it is a message of that method.
    pub(crate) fn is(&self, method: &str) -> bool {
        self.message["method"] == method
    }

    /// The answer to it.
    pub(crate) fn result(&self, result: Value) -> Value {
        json!({"jsonrpc": "2.0", "id": self.message["id"], "result": result})
    }

    /// The answer to a call of a tool.
    pub(crate) fn text(&self, text: &str) -> Value {
        self.result(json!({"content": [{"type": "text", "text": text}], "resultType": "complete"}))
    }
}

impl Out {
    /// Anything. Whoever has hung up does not hear it.
    pub(crate) fn raw(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.stream.write_all(bytes.as_ref()).is_ok()
    }

    /// A whole answer. `head` has further header lines, each with its line ending.
    pub(crate) fn whole(&mut self, status: u16, head: &str, kind: &str, body: &str) {
        let length = body.len();
        self.raw(format!(
            "HTTP/1.1 {status} X\r\n{head}content-type: {kind}\r\ncontent-length: {length}\r\n\r\n{body}"
        ));
    }

    pub(crate) fn json(&mut self, message: &Value) {
        self.whole(200, "", "application/json", &message.to_string());
    }

    pub(crate) fn empty(&mut self, status: u16) {
        self.raw(format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n"));
    }

    /// The head of a stream of events, which ends with the connection.
    pub(crate) fn events(&mut self) {
        self.raw("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n");
    }

    /// A message in a stream.
    pub(crate) fn event(&mut self, message: &Value) {
        self.raw(format!("data: {message}\n\n"));
    }

    /// No more comes.
    pub(crate) fn end(&mut self) {
        // It may be gone already.
        let _ = self.stream.shutdown(Shutdown::Both);
    }

    /// Waits until the other side hangs up, and takes note of it.
    pub(crate) fn until_left(&mut self) {
        // Everything else than bytes is an end.
        let _ = std::io::copy(&mut self.stream, &mut std::io::sink());
        self.memory.note(Seen { left: true, ..self.seen.clone() });
    }
}

impl Upstream {
    /// Answers every request as told. Connections are kept open as long as answers allow.
    pub(crate) fn new(answer: impl Fn(&Seen, &mut Out) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let memory = Arc::new(Memory { open: Some(Vec::new()).into(), ..Memory::default() });
        let (answer, shared) = (Arc::new(answer), Arc::clone(&memory));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                match &mut *shared.open.lock().unwrap() {
                    Some(open) => open.push(stream.try_clone().unwrap()),
                    None => return,
                }
                let (answer, memory) = (Arc::clone(&answer), Arc::clone(&shared));
                thread::spawn(move || serve(stream, &memory, &*answer));
            }
        });
        Self { port, memory }
    }

    /// With sessions; what `answer` does not answer itself is answered as a server without anything to say would.
    pub(crate) fn legacy(answer: impl Fn(&Seen, &mut Out) -> bool + Send + Sync + 'static) -> Self {
        Self::new(move |seen, out| {
            if answer(seen, out) {
                return;
            }
            match (seen.method.as_str(), seen.message["method"].as_str()) {
                ("POST", Some("initialize")) => {
                    let version = &seen.message["params"]["protocolVersion"];
                    let able = json!({"tools": {}, "resources": {"subscribe": true}, "logging": {}});
                    let info = json!({"name": "s", "version": "1"});
                    let result =
                        json!({"protocolVersion": version, "capabilities": able, "serverInfo": info});
                    let body = seen.result(result).to_string();
                    out.whole(200, "mcp-session-id: of-the-server\r\n", "application/json", &body);
                }
                ("POST", Some("tools/call")) => out.json(&seen.text("done")),
                ("POST", Some(_)) if seen.message.get("id").is_some() => out.json(&seen.result(json!({}))),
                ("POST", _) => out.empty(202),
                ("DELETE", _) => out.empty(200),
                _ => out.empty(405),
            }
        })
    }

    /// Stateless.
    pub(crate) fn modern(answer: impl Fn(&Seen, &mut Out) -> bool + Send + Sync + 'static) -> Self {
        Self::new(move |seen, out| {
            if !answer(seen, out) {
                out.json(&seen.text("done"));
            }
        })
    }

    /// A server of the configuration, reached like that alone.
    pub(crate) fn as_server(&self, transport: &str, era: &str) -> Value {
        json!({"url": self.url(), "transport": transport, "era": era})
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/mcp", self.port)
    }

    /// What came so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.memory.seen.lock().unwrap().clone()
    }

    /// Waits until such a request has come.
    pub(crate) fn wait(&self, wanted: impl Fn(&Seen) -> bool) -> Seen {
        let seen = self.memory.seen.lock().unwrap();
        let missing = |seen: &mut Vec<Seen>| !seen.iter().any(&wanted);
        let (seen, _) = self.memory.changed.wait_timeout_while(seen, PATIENCE, missing).unwrap();
        let found = seen.iter().find(|seen| wanted(seen)).cloned();
        found.unwrap_or_else(|| panic!("no such request has come: {seen:#?}"))
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        for stream in self.memory.open.lock().unwrap().take().into_iter().flatten() {
            let _ = stream.shutdown(Shutdown::Both);
        }
        // Wakes the listener.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

impl Memory {
    fn note(&self, seen: Seen) {
        self.seen.lock().unwrap().push(seen);
        self.changed.notify_all();
    }
}

fn serve(stream: TcpStream, memory: &Arc<Memory>, answer: &dyn Fn(&Seen, &mut Out)) {
    let mut from = BufReader::new(stream.try_clone().unwrap());
    while let Some(seen) = read(&mut from) {
        memory.note(seen.clone());
        let (stream, memory) = (stream.try_clone().unwrap(), Arc::clone(memory));
        answer(&seen, &mut Out { stream, memory, seen: seen.clone() });
    }
}

fn read(from: &mut BufReader<TcpStream>) -> Option<Seen> {
    let mut line = || {
        let mut line = String::new();
        (from.read_line(&mut line).ok()? > 0).then(|| line.trim_end().to_owned())
    };
    let first = line()?;
    let mut words = first.split(' ').map(str::to_owned);
    let mut headers = Vec::new();
    while let Some((name, value)) = line()?.split_once(':') {
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut seen = Seen { method: words.next()?, path: words.next()?, headers, ..Seen::default() };
    let mut body = vec![0; seen.header("content-length").map_or(0, |length| length.parse().unwrap())];
    from.read_exact(&mut body).ok()?;
    seen.message = serde_json::from_slice(&body).unwrap_or_default();
    Some(seen)
}
