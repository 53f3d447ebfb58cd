//! A server of MCP over Streamable HTTP that goes wrong in whatever way a test asks for.

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU64, Ordering},
};
use std::time::Duration;
use std::{env, fs, process, thread};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

/// One that runs, as a process that can be killed. It is killed when dropped.
pub(crate) struct Upstream {
    child: Child,
    port: u16,
    log: PathBuf,
}

impl Upstream {
    /// Starts one that notes in `log` what it hears.
    pub(crate) fn start(log: &Path) -> Self {
        Self::at(0, log)
    }

    /// Another at the place of one that has gone.
    pub(crate) fn again(mut self) -> Self {
        self.kill();
        Self::at(self.port, &self.log.clone())
    }

    fn at(port: u16, log: &Path) -> Self {
        let mut command = Command::new(env::current_exe().unwrap());
        command.args(["upstream", &port.to_string()]).arg(log);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.trim().parse().unwrap_or_else(|_| panic!("the server does not listen: {line}"));
        Self { child, port, log: log.to_owned() }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/mcp", self.port)
    }

    pub(crate) fn kill(&mut self) {
        // It may have killed itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// What every process at this place has heard: `start`, or the method and what it is about.
    pub(crate) fn heard(&self) -> Vec<String> {
        fs::read_to_string(&self.log).unwrap_or_default().lines().map(str::to_owned).collect()
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The process. Arguments: a port, 0 for any, and the log.
pub(crate) fn serve() {
    let arguments: Vec<_> = env::args().skip(2).collect();
    let listener = TcpListener::bind(("127.0.0.1", arguments[0].parse().unwrap())).unwrap();
    let server = Arc::new(Server { log: PathBuf::from(&arguments[1]), ..Server::default() });
    server.note("start");
    println!("{}", listener.local_addr().unwrap().port());
    for stream in listener.incoming() {
        let server = Arc::clone(&server);
        thread::spawn(move || server.connection(stream.unwrap()));
    }
}

#[derive(Default)]
struct Server {
    log: PathBuf,
    last: AtomicU64,
    /// The streams of sessions, where they are read.
    sessions: Mutex<HashMap<String, Option<TcpStream>>>,
    written: Mutex<()>,
}

struct Request {
    verb: String,
    session: Option<String>,
    body: String,
}

/// A body that is larger gets the connection reset, in bytes.
const LARGE: usize = 256 * 1024;

const EVENTS: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n";

impl Server {
    fn note(&self, line: &str) {
        let _one = self.written.lock().unwrap();
        let mut log = fs::OpenOptions::new().create(true).append(true).open(&self.log).unwrap();
        log.write_all(format!("{line}\n").as_bytes()).unwrap();
    }

    fn connection(&self, stream: TcpStream) {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        while let Ok(Some(request)) = read(&mut reader) {
            if !self.answer(&stream, &request).unwrap_or(false) {
                return;
            }
        }
    }

    /// Whether the connection goes on.
    fn answer(&self, mut stream: &TcpStream, request: &Request) -> io::Result<bool> {
        let known = |key: &String| self.sessions.lock().unwrap().contains_key(key);
        if request.session.as_ref().is_some_and(|key| !known(key)) {
            return reply(stream, "404 Not Found", "", "");
        }
        match request.verb.as_str() {
            "GET" => {
                stream.write_all(EVENTS.as_bytes())?;
                let key = request.session.clone().unwrap_or_default();
                self.sessions.lock().unwrap().insert(key, Some(stream.try_clone()?));
                return Ok(true);
            }
            "DELETE" => {
                self.sessions.lock().unwrap().remove(request.session.as_ref().unwrap());
                return reply(stream, "200 OK", "", "");
            }
            _ => {}
        }
        let message: Value = serde_json::from_str(&request.body).unwrap();
        let method = message["method"].as_str().unwrap_or("answer");
        let about =
            ["name", "uri"].iter().find_map(|name| message["params"][name].as_str()).unwrap_or_default();
        self.note(format!("{method} {about}").trim_end());
        let id = &message["id"];
        if id.is_null() || method == "answer" {
            return reply(stream, "202 Accepted", "", "");
        }
        let result = |result: Value| json!({"jsonrpc": "2.0", "id": id, "result": result}).to_string();
        let text = |text: &str| result(json!({"content": [{"type": "text", "text": text}]}));
        let json = |answer: &str| reply(stream, "200 OK", "Content-Type: application/json\r\n", answer);
        match (method, about) {
            ("initialize", _) => {
                let key = format!("{}-{}", process::id(), self.last.fetch_add(1, Ordering::Relaxed));
                self.sessions.lock().unwrap().insert(key.clone(), None);
                let able = json!({"resources": {"subscribe": true}, "tools": {}});
                let answer = json!({
                    "protocolVersion": message["params"]["protocolVersion"],
                    "capabilities": able,
                    "serverInfo": {"name": "fake", "version": "1"},
                });
                let headers = format!("Content-Type: application/json\r\nMcp-Session-Id: {key}\r\n");
                reply(stream, "200 OK", &headers, &result(answer))
            }
            ("server/discover", _) => {
                let error = json!({"code": -32601, "message": "Method not found"});
                json(&json!({"jsonrpc": "2.0", "id": id, "error": error}).to_string())
            }
            (_, "die-before-headers") => die(),
            (_, "die-in-json") => {
                let answer = text("never whole");
                write!(stream, "{}", head("200 OK", "Content-Type: application/json\r\n", answer.len()))?;
                stream.write_all(&answer.as_bytes()[..answer.len() / 2])?;
                die()
            }
            (_, "die-in-stream") => {
                let progress = json!({"jsonrpc": "2.0", "method": "notifications/message", "params": {"level": "info", "data": "on the way"}});
                write!(stream, "{EVENTS}data: {progress}\n\ndata: {{\"jsonrpc\"")?;
                die()
            }
            (_, "mute") => loop {
                thread::park();
            },
            (_, "trickle") => {
                let answer = text("drop by drop");
                write!(stream, "{}", head("200 OK", "Content-Type: application/json\r\n", answer.len()))?;
                answer.as_bytes().iter().try_for_each(|byte| drop_by_drop(stream, *byte))?;
                Ok(true)
            }
            (_, "trickle-events") => {
                stream.write_all(EVENTS.as_bytes())?;
                let event = format!("data: {}\n\n", text("drop by drop"));
                event.as_bytes().iter().try_for_each(|byte| drop_by_drop(stream, *byte))?;
                Ok(false)
            }
            (_, "error-500") => reply(stream, "500 Internal Server Error", "", ""),
            ("resources/subscribe", _) => json(&result(json!({}))),
            (_, "pid") => json(&text(&process::id().to_string())),
            (_, any) => json(&text(any)),
        }
    }
}

fn drop_by_drop(mut stream: &TcpStream, byte: u8) -> io::Result<()> {
    thread::sleep(Duration::from_millis(5));
    stream.write_all(&[byte])
}

fn die() -> ! {
    kill_process(rustix::process::getpid(), Signal::KILL).unwrap();
    loop {
        thread::park();
    }
}

fn head(status: &str, headers: &str, length: usize) -> String {
    format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n{headers}\r\n")
}

fn reply(mut stream: &TcpStream, status: &str, headers: &str, body: &str) -> io::Result<bool> {
    write!(stream, "{}{body}", head(status, headers, body.len()))?;
    Ok(true)
}

fn read(stream: &mut impl BufRead) -> io::Result<Option<Request>> {
    let mut line = String::new();
    if stream.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let verb = line.split(' ').next().unwrap().to_owned();
    let (mut session, mut length) = (None, 0);
    loop {
        let mut line = String::new();
        stream.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "mcp-session-id" => session = Some(value.to_owned()),
            "content-length" => length = value.parse().unwrap(),
            _ => {}
        }
    }
    if length > LARGE {
        // What is closed before all was read is reset.
        return Ok(None);
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    Ok(Some(Request { verb, session, body: String::from_utf8(body).unwrap() }))
}
