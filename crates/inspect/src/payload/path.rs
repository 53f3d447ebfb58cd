//! Paths that lead out of the folder they were given for, or to what holds secrets.

mod climb;
mod secrets;

use super::{Argument, Payload};
use crate::ascii::slice;
use crate::pack::Where;

pub(super) fn scan(argument: &mut Argument<'_>) {
    let text = argument.bytes();
    if argument.kind == Where::Query || !is_pathlike(text) {
        return;
    }
    let read = argument.read;
    let path = slashes(read);
    if argument.kind == Where::Command {
        // Folders are left and entered all the time; what is read counts.
        if secrets::kind(&path, secrets::Standing::Anywhere) == Some(secrets::Kind::Secret) {
            argument.report_all(Payload::SensitiveFile);
        }
        return;
    }
    match climb::judge(read, argument.overlong, argument.is_encoded().then_some(text)) {
        climb::Climb::Out => argument.report_all(Payload::Traversal),
        climb::Climb::Some => argument.report_all(Payload::ParentFolder),
        climb::Climb::None => {}
    }
    if let Some(at) = memchr::memchr(0, read) {
        // Where it was not escaped, it is underlined itself.
        argument.report_read(Payload::NullByte, at..at + 1);
    }
    if argument.kind != Where::Uri && is_share(read) {
        argument.report_all(Payload::RemoteShare);
    }
    let standing = match argument.kind {
        // A search for the name of a file opens none.
        Where::Value if path.iter().any(u8::is_ascii_whitespace) => return,
        Where::Path | Where::Uri => secrets::Standing::Path,
        _ => secrets::Standing::Anywhere,
    };
    match secrets::kind(&path, standing) {
        Some(secrets::Kind::Secret) => argument.report_all(Payload::SensitiveFile),
        Some(secrets::Kind::System) => argument.report_all(Payload::SystemFile),
        None => {}
    }
}

fn is_pathlike(text: &[u8]) -> bool {
    memchr::memchr3(b'/', b'\\', b'%', text).is_some()
        || memchr::memchr(b'.', text).is_some()
        || memchr::memmem::find(text, b"0x2e").is_some()
}

/// Lower case, with one slash where there are slashes and backslashes, and without `./`.
fn slashes(text: &[u8]) -> Vec<u8> {
    let mut path: Vec<u8> = Vec::with_capacity(text.len());
    for &byte in text {
        match byte {
            b'/' | b'\\' => {
                if path.ends_with(b"/.") {
                    path.pop();
                } else if !path.ends_with(b"/") {
                    path.push(b'/');
                }
            }
            byte => path.push(byte.to_ascii_lowercase()),
        }
    }
    path
}

/// `\\host\share`, `\\?\C:\` and `\\.\pipe\`: opened by Windows, over the network and with the user's credentials.
fn is_share(text: &[u8]) -> bool {
    let text = text.trim_ascii_start();
    let name = match text {
        [b'\\', b'\\', name @ ..] => name,
        _ => return false,
    };
    let host =
        name.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b".-_@?$".contains(byte)).count();
    host > 0 && !slice(name, 0..host).starts_with(b"..") && name.get(host) == Some(&b'\\')
}
