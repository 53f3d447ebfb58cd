//! Addresses that lead inside, or elsewhere than they look.

mod authority;
pub(super) mod lookalike;

use std::ops::Range;

use super::{Argument, Payload, host};
use crate::ascii::{run_end, run_start, slice};
use crate::pack::Where;
use authority::Authority;

/// Schemes that make a client read files, speak other protocols, or run something.
const DANGEROUS: [&str; 37] = [
    "gopher",
    "dict",
    "jar",
    "netdoc",
    "ldap",
    "ldaps",
    "ldapi",
    "tftp",
    "expect",
    "phar",
    "php",
    "zip",
    "glob",
    "ogg",
    "rar",
    "ssh2",
    "ssh2.sftp",
    "ssh2.exec",
    "compress.zlib",
    "compress.bzip2",
    "smb",
    "cifs",
    "nfs",
    "rmi",
    "iiop",
    "corba",
    "jndi",
    "telnet",
    "finger",
    "local_file",
    "view-source",
    "mk",
    "ms-its",
    "ms-msdt",
    "search-ms",
    "shell",
    "vbscript",
];

/// Pieces of paths under which metadata services answer, wherever they are.
const METADATA: [&str; 14] = [
    "/latest/meta-data",
    "/latest/user-data",
    "/latest/api/token",
    "/latest/dynamic/instance-identity",
    "/computemetadata/v1",
    "/metadata/instance?api-version",
    "/metadata/identity/oauth2/token",
    "/opc/v1/instance",
    "/opc/v2/instance",
    "/openstack/latest/meta_data",
    "/hetzner/v1/metadata",
    "/metadata/v1.json",
    "/metadata/v1/user-data",
    "/runtime/invocation/next",
];

/// Paths of programs that whoever reaches them can rule.
const CONTROL: [&str; 8] = [
    "/containers/json",
    "/containers/create",
    "/images/json",
    "/v1/kv/?recurse",
    "/v2/keys/?recursive",
    "/actuator/env",
    "/actuator/heapdump",
    "/_cluster/settings",
];

/// Ports that browsers refuse to ask.
const REFUSED: [u16; 40] = [
    1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 95, 101, 109, 110, 111, 113,
    119, 123, 135, 139, 143, 161, 389, 445, 465, 514, 587, 636, 993, 995,
];

/// Databases and caches; then Docker, etcd and the Kubernetes kubelet.
const INNER: [u16; 14] =
    [1433, 1521, 3306, 3389, 5432, 5672, 6379, 9042, 11211, 27017, 2375, 2379, 2380, 10250];

pub(super) fn scan(argument: &mut Argument<'_>) {
    match argument.kind {
        Where::Url | Where::Path | Where::Uri => {
            let inner = judge(argument, 0..argument.text.len(), true);
            scan_within(argument, inner);
        }
        _ => scan_within(argument, 0),
    }
}

/// Judges each address in the text from `from` on. One that stands in another, as what that leads to, is one of its own.
fn scan_within(argument: &mut Argument<'_>, from: usize) {
    let text = argument.bytes();
    let mut marks =
        memchr::memmem::find_iter(slice(text, from..text.len()), b"://").map(|at| from + at).peekable();
    let mut floor = from;
    while let Some(at) = marks.next() {
        let scheme = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'.' | b'-' | b'_');
        let start = run_start(text, floor.max(at.saturating_sub(32)), at, scheme);
        let ends =
            |byte: u8| byte > b' ' && !matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'>' | b'|' | b';' | b')');
        let next = marks.peek().copied().unwrap_or(text.len());
        let end = run_end(slice(text, 0..next), at, ends);
        if start < at {
            judge(argument, start..end, false);
        }
        floor = at + 3;
    }
}

/// Judges one address; returns where the next may begin.
fn judge(argument: &mut Argument<'_>, span: Range<usize>, whole: bool) -> usize {
    let end = argument.text.floor_char_boundary(span.end);
    let start = argument.text.floor_char_boundary(span.start);
    let written = argument.text.get(start..end).unwrap_or_default();
    let span = start..end;
    let Some(address) = Authority::read(written, argument.kind) else {
        return start;
    };
    let scheme = address.scheme.as_str();
    let next = match memchr::memmem::find(written.as_bytes(), b"://") {
        Some(at) if !scheme.is_empty() => start + at + 3,
        _ => start,
    };
    let is_web = authority::WEB.contains(&scheme);
    if DANGEROUS.contains(&scheme) && (whole || address.slashes >= 2) {
        argument.report(Payload::DangerousScheme, span.clone());
    }
    if scheme == "file" && whole {
        argument.report(Payload::FileScheme, span.clone());
    }
    if argument.kind == Where::Path && !scheme.is_empty() && address.slashes >= 2 && scheme != "file" {
        argument.report(Payload::RemoteFile, span.clone());
    }
    let hosts: Vec<_> = address.hosts.iter().map(|host| host::judge(host)).collect();
    let any = |is: fn(&host::Host) -> bool| hosts.iter().any(is);
    let path = written.to_ascii_lowercase();
    let asks = |paths: &[&str]| paths.iter().any(|known| path.contains(known));
    if any(|host| host.metadata) || asks(&METADATA) {
        argument.report(Payload::MetadataService, span.clone());
    }
    if any(|host| host.rebinds) {
        argument.report(Payload::RebindingName, span.clone());
    }
    let is_spelt =
        |written: &String| !scheme.is_empty() || written.len() >= 8 || written.contains(['.', 'x', ':']);
    // A number alone is an address only where a scheme says so.
    let disguised = address.hosts.iter().zip(&hosts).any(|(written, host)| {
        host.disguised && (host.internal || (whole && is_web && !is_decimal(written))) && is_spelt(written)
    });
    if disguised {
        argument.report(Payload::DisguisedAddress, span.clone());
    }
    let is_http = is_web && !scheme.starts_with("ftp");
    if is_http && address.port.is_some_and(|port| is_foreign(port, any(|host| host.internal))) {
        argument.report(Payload::ForeignPort, span.clone());
    }
    if !whole {
        return next;
    }
    if any(|host| host.internal) || asks(&CONTROL) {
        argument.report(Payload::InternalAddress, span.clone());
    }
    if is_web && any(|host| host.raw) {
        argument.report(Payload::RawAddress, span.clone());
    }
    if any(|host| host.lookalike) {
        argument.report(Payload::LookalikeHost, span.clone());
    }
    if address.deceptive {
        argument.report(Payload::DeceptiveAuthority, span.clone());
    }
    if address.redirects || (is_web && any(|host| host.disguised)) {
        argument.report(Payload::OpenRedirect, span);
    }
    next
}

/// Four decimal numbers: where one is too large, it was mistyped.
fn is_decimal(host: &str) -> bool {
    let number = |part: &str| !part.starts_with('0') && part.bytes().all(|byte| byte.is_ascii_digit());
    host.split('.').count() == 4 && host.split('.').all(number)
}

/// Whether something else than the web answers at a port: those that browsers refuse (WHATWG Fetch §2.9), and on inner
/// machines those of databases, and of programs that do what whoever reaches them says.
fn is_foreign(port: u16, internal: bool) -> bool {
    REFUSED.contains(&port) || (internal && INNER.contains(&port))
}
