use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
};

use mcp_guard_net::server::{Limits, ListenError, Listening};
use tempfile::TempDir;
use tokio::{io::AsyncWriteExt, net::UnixStream};

use crate::running::{Running, rest, soon};

fn private() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
    folder
}

#[tokio::test]
async fn a_socket_is_for_its_user_alone_and_gone_in_the_end() {
    let folder = private();
    let path = folder.path().join("guard.sock");
    // What a program that was killed has left there.
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    let listening = Listening::unix(&path).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(matches!(Listening::unix(&path), Err(ListenError::Taken { .. })));
    assert_eq!(listening.local_addr(), None);

    let running = Running::start_at(listening, "127.0.0.1:1".parse().unwrap(), Limits::default(), None);
    let mut stream = UnixStream::connect(&path).await.unwrap();
    stream.write_all(b"GET /who HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
    let user = fs::metadata(folder.path()).unwrap().uid();
    let answer = rest(&mut stream).await;
    assert!(answer.ends_with(&format!("false Some({user})")), "{answer}");
    drop(running.shutdown);
    soon(running.served).await.unwrap();
    assert!(!path.exists());
}

#[tokio::test]
async fn nothing_is_replaced_and_no_open_folder_used() {
    let folder = private();
    let file = folder.path().join("notes");
    fs::write(&file, "kept").unwrap();
    assert!(matches!(Listening::unix(&file), Err(ListenError::NotASocket { .. })));
    assert_eq!(fs::read_to_string(&file).unwrap(), "kept");

    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let error = Listening::unix(folder.path().join("guard.sock")).unwrap_err();
    assert!(error.to_string().contains("chmod 700"), "{error}");
}
