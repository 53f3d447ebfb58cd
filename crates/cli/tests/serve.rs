//! The gateway as a person starts it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // A test fails by panicking.
#![cfg(unix)]

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, ChildStderr, Command, Output, Stdio},
};

use tempfile::TempDir;

const GUARD: &str = env!("CARGO_BIN_EXE_mcp-guard");
const KEY: &str = "a-key-that-nobody-guesses";

fn command(home: &TempDir, args: &[&str]) -> Command {
    let mut command = Command::new(GUARD);
    command.arg("serve").args(args).current_dir(home.path()).env("HOME", home.path());
    for variable in ["MCP_GUARD_CONFIG", "MCP_GUARD_API_KEY", "XDG_CONFIG_HOME", "XDG_STATE_HOME"] {
        command.env_remove(variable);
    }
    command.stdin(Stdio::null());
    command
}

fn home(config: &str) -> TempDir {
    let home = tempfile::tempdir().unwrap();
    if !config.is_empty() {
        fs::write(home.path().join("mcp-guard.yaml"), config).unwrap();
    }
    home
}

/// A gateway that runs, and what it has said of itself.
struct Gateway {
    child: Child,
    stderr: BufReader<ChildStderr>,
    at: String,
    servers: Vec<String>,
}

impl Gateway {
    fn start(mut command: Command, servers: usize) -> Self {
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut line = || {
            let mut line = String::new();
            assert!(stderr.read_line(&mut line).unwrap() > 0, "it ended");
            line.trim_end().to_owned()
        };
        let at = line().strip_prefix("listening on ").unwrap().to_owned();
        let servers = (0..servers).map(|_| line()).collect();
        Self { child, stderr, at, servers }
    }

    /// The status and the body of the answer to a request.
    fn post(&self, path: &str, headers: &str, body: &str) -> (u16, String) {
        let address = self.at.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        let length = body.len();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n{headers}\r\n"
        );
        stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
        (status, answer.split_once("\r\n\r\n").unwrap().1.to_owned())
    }

    /// Tells it to stop; everything it has said since.
    fn stop(mut self) -> String {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        let mut rest = String::new();
        self.stderr.read_to_string(&mut rest).unwrap();
        assert!(self.child.wait().unwrap().success(), "{rest}");
        rest
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn ended(mut command: Command) -> (Option<i32>, String) {
    let Output { status, stderr, .. } = command.output().unwrap();
    (status.code(), String::from_utf8(stderr).unwrap())
}

const LIST: &str = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;

#[test]
fn one_line_serves_a_command() {
    let home = home("");
    let folder = home.path().to_str().unwrap();
    let gateway =
        Gateway::start(command(&home, &["--listen", "127.0.0.1:0", "--", GUARD, "sample-server", folder]), 1);
    assert_eq!(gateway.servers, [format!("  default  {}/mcp", gateway.at)]);
    assert!(!gateway.at.ends_with(":0"), "{}", gateway.at);
    for path in ["/rpc", "/rpc/default"] {
        let (status, body) = gateway.post(path, "", LIST);
        assert!(status == 200 && body.contains("read_file"), "{path}: {status} {body}");
    }
    assert_eq!(gateway.post("/rpc", "Origin: https://evil.example\r\n", LIST).0, 403);
    gateway.stop();
}

#[test]
fn one_line_serves_an_address() {
    let home = home("");
    let folder = home.path().to_str().unwrap();
    let behind = Gateway::start(
        command(&home, &["--listen", "127.0.0.1:0", "--api-key", KEY, "--", GUARD, "sample-server", folder]),
        1,
    );
    let url = format!("{}/mcp", behind.at);
    let header = format!("Authorization: Bearer {KEY}");
    let before = Gateway::start(
        command(&home, &["--listen", "127.0.0.1:0", "--upstream", &url, "--header", &header]),
        1,
    );
    let (status, body) = before.post("/rpc", "", LIST);
    assert!(status == 200 && body.contains("read_file"), "{status} {body}");
    before.stop();
    behind.stop();
}

#[test]
fn a_configuration_serves_its_servers_by_name() {
    let home = home("");
    let server = format!("{{command: '{GUARD}', args: [sample-server, '{}']", home.path().display());
    let config = format!(
        "gateway: {{listen: ['127.0.0.1:0']}}\nservers:\n  one: {server}}}\n  two: {server}, policy: {{permissions: {{denied_tools: [delete_file]}}}}}}\n"
    );
    fs::write(home.path().join("mcp-guard.yaml"), config).unwrap();
    let gateway = Gateway::start(command(&home, &[]), 2);
    assert_eq!(gateway.servers[1], format!("  two  {}/mcp/two", gateway.at));
    assert!(gateway.post("/rpc/one", "", LIST).1.contains("delete_file"));
    assert!(!gateway.post("/rpc/two", "", LIST).1.contains("delete_file"));
    assert_eq!(gateway.post("/rpc/three", "", LIST).0, 404);
    gateway.stop();
    let gateway = Gateway::start(command(&home, &["-s", "two"]), 1);
    assert_eq!(gateway.post("/rpc/one", "", LIST).0, 404);
    gateway.stop();
}

/// The key lets in callers; servers neither get it from them nor find it in their environment.
#[test]
fn a_key_of_the_environment_is_asked_for_and_not_handed_on() {
    let home = home("");
    let seen = home.path().join("seen");
    let script = format!("env > '{}'; exec '{GUARD}' sample-server .", seen.display());
    let mut command = command(&home, &["--listen", "127.0.0.1:0", "--", "sh", "-c", &script]);
    command.env("MCP_GUARD_API_KEY", KEY);
    let gateway = Gateway::start(command, 1);
    assert_eq!(gateway.post("/rpc", "", LIST).0, 401);
    assert_eq!(gateway.post("/rpc", "X-API-Key: another-key-0123456789\r\n", LIST).0, 401);
    let (status, body) = gateway.post("/rpc", &format!("X-API-Key: {KEY}\r\n"), LIST);
    assert_eq!(status, 200, "{body}");
    let environment = fs::read_to_string(&seen).unwrap();
    assert!(environment.contains("HOME=") && !environment.contains(KEY));
    assert!(!gateway.stop().contains(KEY));
}

#[test]
fn a_public_address_without_a_key_is_refused_in_strict() {
    let home = home("profile: strict\n");
    let public = ["--listen", "0.0.0.0:0", "--", GUARD, "sample-server", "."];
    let (code, told) = ended(command(&home, &public));
    assert_eq!(code, Some(1));
    for part in ["would let in everybody", "--api-key", "127.0.0.1", "Unix socket"] {
        assert!(told.contains(part), "{part}: {told}");
    }
}

#[test]
fn what_cannot_be_meant_is_told_with_its_remedy() {
    let home = home("servers: {a: {command: x}, b: {command: y}}\n");
    for (args, wanted) in [
        (&["--upstream", "localhost:8000"][..], "begin with `https://`"),
        (&["--upstream", "http://x", "--header", "Host: y"], "the header `Host`"),
        (&["--upstream", "http://x", "--header", "no colon"], "`Name: value`"),
        (&["--upstream", "http://x", "-s", "c"], "it has: a, b"),
        (&["--upstream", "http://x"], "say which with --server"),
        (&["--upstream", "http://x", "--", "y"], "cannot be used with"),
        (&["--allow-private"], "--upstream"),
        (&["-s", "c"], "it has: a, b"),
        (&["--listen", "8080"], "say which address"),
        (&["--api-key", "short"], "at least 16 characters"),
        (&["--min-protocol-version", "2025-06-19"], "did you mean `2025-06-18`?"),
        (&["--allow-origin", "*"], "an origin is"),
        (&["--tls-cert", "x"], "--tls-key"),
    ] {
        let (code, told) = ended(command(&home, args));
        assert!(matches!(code, Some(1 | 2)) && told.contains(wanted), "{args:?}: {code:?} {told}");
        assert!(!told.contains("short"), "{told}");
    }
    let empty = self::home("");
    let (code, told) = ended(command(&empty, &[]));
    assert!(code == Some(2) && told.contains("--upstream http://localhost:8000/mcp"), "{told}");
}
