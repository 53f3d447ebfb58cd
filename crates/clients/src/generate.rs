//! `mcp-guard.yaml`.

use crate::{
    discover::Discovery,
    plan::{Plan, Server},
};

/// The whole file.
pub fn configuration(plan: &Plan, found: &Discovery) -> String {
    let head = "\
# Written by `mcp-guard init` from the configuration files of MCP clients.\n\
# ${NAME} stands for a variable of the environment or, if there is none, a value among the secrets that init kept.\n";
    format!("{head}\n{}", servers(plan, found))
}

/// The servers that are not in the configuration yet, with the key they belong under.
pub fn servers(plan: &Plan, found: &Discovery) -> String {
    let new: Vec<_> = plan.servers.iter().filter(|server| !server.exists).collect();
    // A key without a value is refused, and comments are no value.
    let real = new.iter().any(|server| server.obstacle.is_none());
    let entries = new.into_iter().map(|server| entry(server, found)).collect::<Vec<_>>().join("\n");
    format!("{}\n{entries}", if real { "servers:" } else { "servers: {}" })
}

fn entry(server: &Server, found: &Discovery) -> String {
    let mut text = String::new();
    for (file, entry) in &server.sources {
        let Some(file) = found.files.get(*file) else { continue };
        let Some(entry) = file.entries.get(*entry) else { continue };
        let (title, path) = (file.client.title, file.path.display().to_string());
        text += &comment(&format!("{} of {title}, {path}:{}", entry.name, entry.line));
    }
    if server.signs_in {
        text += &comment("Its clients go on calling it directly, for they may have to sign in there.");
    }
    let lines = lines(server);
    match &server.obstacle {
        None => text + &lines,
        Some(obstacle) => {
            text += &comment(&format!("Not guarded: {obstacle}."));
            text + &lines.lines().map(comment).collect::<String>()
        }
    }
}

fn comment(line: &str) -> String {
    let plain: String = line.chars().map(|c| if printable(c) { c } else { '?' }).collect();
    format!("  # {plain}\n")
}

fn lines(server: &Server) -> String {
    let launch = &server.launch;
    let mut lines = format!("  {}:\n", key(&server.name));
    let mut line = |text: String| lines += &format!("    {text}\n");
    if let Some(url) = &launch.url {
        line(format!("transport: {}", launch.transport));
        line(format!("url: {}", quoted(url)));
        if !launch.headers.is_empty() {
            line("headers:".to_owned());
        }
        for (name, value) in &launch.headers {
            line(format!("  {}: {}", key(name), quoted(value)));
        }
        return lines;
    }
    line(format!("command: {}", quoted(&launch.command)));
    if !launch.args.is_empty() {
        line(format!("args: [{}]", launch.args.iter().map(|arg| quoted(arg)).collect::<Vec<_>>().join(", ")));
    }
    if let Some(cwd) = &launch.cwd {
        line(format!("cwd: {}", quoted(cwd)));
    }
    if !launch.env.is_empty() {
        line("env:".to_owned());
        for (name, value) in &launch.env {
            line(format!("  {}: {}", key(name), quoted(value)));
        }
    }
    lines
}

/// A key, in quotes unless it can be nothing but text without them.
fn key(name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    let words = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let reserved = words.iter().any(|word| name.eq_ignore_ascii_case(word));
    if plain && !reserved { name.to_owned() } else { quoted(name) }
}

/// A double-quoted scalar, YAML 1.2.2 §7.3.1.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out += "\\n",
            '\r' => out += "\\r",
            '\t' => out += "\\t",
            c if printable(c) => out.push(c),
            c => out += &format!("\\U{:08X}", u32::from(c)),
        }
    }
    out + "\""
}

/// What may stand in YAML as it is and means nothing else there, nor on a terminal.
fn printable(c: char) -> bool {
    let hidden = matches!(c, '\u{2028}' | '\u{2029}' | '\u{FEFF}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}');
    !c.is_control() && !hidden && (u32::from(c) & 0xFFFE) != 0xFFFE
}
