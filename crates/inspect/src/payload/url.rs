//! Addresses that lead inside, or elsewhere than they look.

mod authority;
pub(super) mod lookalike;

use std::ops::Range;

use super::{Argument, Payload, host};
use crate::ascii::{run_end, run_start, slice};
use crate::pack::Where;
use authority::Authority;

/// Longer addresses are cut off, in bytes.
const LONGEST: usize = 8 * 1024;

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

pub(super) fn scan(argument: &mut Argument<'_>) {
    match argument.kind {
        Where::Url | Where::Path | Where::Uri => {
            let whole = 0..argument.text.len().min(LONGEST);
            judge(argument, whole, true);
        }
        _ => scan_within(argument),
    }
}

/// Judges each address in a text that is none itself.
fn scan_within(argument: &mut Argument<'_>) {
    let text = argument.bytes();
    let mut done = 0;
    for at in memchr::memmem::find_iter(text, "://") {
        if at < done {
            continue;
        }
        let floor = done.max(at.saturating_sub(32));
        let scheme = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'.' | b'-' | b'_');
        let start = run_start(text, floor, at, scheme);
        let ends =
            |byte: u8| byte > b' ' && !matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'>' | b'|' | b';' | b')');
        let end = run_end(slice(text, 0..text.len().min(at + LONGEST)), at, ends);
        if start < at {
            judge(argument, start..end, false);
        }
        done = end;
    }
}

fn judge(argument: &mut Argument<'_>, span: Range<usize>, whole: bool) {
    let end = argument.text.floor_char_boundary(span.end);
    let start = argument.text.floor_char_boundary(span.start);
    let Some(written) = argument.text.get(start..end) else { return };
    let span = start..end;
    let Some(address) = Authority::read(written, argument.kind) else {
        return;
    };
    let scheme = address.scheme.as_str();
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
    if any(|host| host.disguised && host.internal) {
        argument.report(Payload::DisguisedAddress, span.clone());
    }
    if !whole {
        return;
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
}
