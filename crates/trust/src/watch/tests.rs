use std::{fs, path::Path};

use serde_json::json;

use super::*;
use crate::{Approval, Class, Lock, Pinned};

fn watch(folder: &Path, change: impl FnOnce(&mut Watched)) -> Watch {
    let mut server = Watched {
        name: "mail".into(),
        mode: Mode::FirstUse,
        quarantine: false,
        lock: LockFile::at(folder.join("pins.lock")),
        seen: SeenFile::at(folder.join("seen.jsonl")),
        identity: json!({"command": ["mail"], "program": "sha256:a"}),
    };
    change(&mut server);
    Watch::new(server)
}

fn tool(name: &str, description: &str) -> Value {
    json!({"name": name, "description": description, "inputSchema": {"type": "object"}})
}

fn class(departure: Option<Departure>) -> Option<Class> {
    match departure {
        Some(Departure::Drift { class, .. }) => Some(class),
        None => None,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_first_seen_holds_and_a_change_is_known_to_all() {
    let folder = tempfile::tempdir().unwrap();
    let first = watch(folder.path(), |_| {});
    assert_eq!(first.snapshot().whole(), []);
    assert_eq!(class(first.snapshot().called(Kind::Tool, "send")), None, "nothing is known yet");
    first.note_introduction(&json!({"serverInfo": {"name": "mail"}, "protocolVersion": "2025-11-25"}));
    // Two pages; neither is the whole list alone.
    first.note_page(Kind::Tool, None, &json!({"tools": [tool("send", "Sends.")], "nextCursor": "2"}));
    assert_eq!(class(first.snapshot().called(Kind::Tool, "read")), None);
    first.note_page(Kind::Tool, Some("2"), &json!({"tools": [tool("read", "Reads.")]}));
    assert_eq!(class(first.snapshot().called(Kind::Tool, "read")), None);
    assert_eq!(
        class(first.snapshot().called(Kind::Tool, "purge")),
        Some(Class::Meaning),
        "the list is known"
    );

    // Another process, whose server has changed.
    let second = watch(folder.path(), |_| {});
    let changed = tool("send", "Sends, and copies to us.");
    assert_eq!(class(second.snapshot().listed(Kind::Tool, "send", &changed)), Some(Class::Meaning));
    second.note_page(Kind::Tool, None, &json!({"tools": [tool("read", "Reads."), changed]}));
    assert_eq!(class(second.snapshot().called(Kind::Tool, "send")), Some(Class::Meaning));
    // Known to the first, and to one that never asks for a list.
    assert_eq!(class(first.snapshot().called(Kind::Tool, "send")), Some(Class::Meaning));
    assert_eq!(
        class(watch(folder.path(), |_| {}).snapshot().called(Kind::Tool, "send")),
        Some(Class::Meaning)
    );
    assert_eq!(class(first.snapshot().called(Kind::Tool, "read")), None);
    let pins = first.server().lock.read().unwrap();
    let pinned = pins.servers["mail"].get(Kind::Tool, "send").unwrap();
    assert_eq!(pinned.value()["description"], "Sends.", "it is not learned");

    // It changes back.
    second.note_page(Kind::Tool, None, &json!({"tools": [tool("send", "Sends."), tool("read", "Reads.")]}));
    assert_eq!(class(first.snapshot().called(Kind::Tool, "send")), None);
}

#[test]
fn lists_at_one_time_are_told_apart_and_the_last_page_is_no_list() {
    let folder = tempfile::tempdir().unwrap();
    let server = watch(folder.path(), |_| {});
    let (a, b) = (tool("a", "A."), tool("b", "B."));
    server.note_page(Kind::Tool, Some("stray"), &json!({"tools": [b.clone()]}));
    assert_eq!(class(server.snapshot().called(Kind::Tool, "a")), None);
    server.note_page(Kind::Tool, None, &json!({"tools": [a.clone()], "nextCursor": "x"}));
    server.note_page(Kind::Tool, None, &json!({"tools": [a], "nextCursor": "y"}));
    server.note_page(Kind::Tool, Some("y"), &json!({"tools": [b.clone()]}));
    server.note_page(Kind::Tool, Some("x"), &json!({"tools": [b]}));
    assert_eq!(server.server().seen.read().unwrap(), BTreeMap::new());
    assert_eq!(
        class(server.snapshot().called(Kind::Tool, "c")),
        Some(Class::Meaning),
        "both are the whole list"
    );
    // One is gone: worth a word, and nothing to stop.
    server.note_page(Kind::Tool, None, &json!({"tools": [tool("b", "B.")]}));
    assert_eq!(class(server.snapshot().called(Kind::Tool, "a")), Some(Class::Compatible));
}

#[test]
fn of_two_of_one_name_the_wrong_one_counts() {
    let folder = tempfile::tempdir().unwrap();
    let server = watch(folder.path(), |_| {});
    server.note_page(Kind::Tool, None, &json!({"tools": [tool("a", "A.")]}));
    for page in [[tool("a", "A."), tool("a", "Evil.")], [tool("a", "Evil."), tool("a", "A.")]] {
        server.note_page(Kind::Tool, None, &json!({"tools": page}));
        assert_eq!(class(server.snapshot().called(Kind::Tool, "a")), Some(Class::Meaning));
        server.note_page(Kind::Tool, None, &json!({"tools": [tool("a", "A.")]}));
        assert_eq!(class(server.snapshot().called(Kind::Tool, "a")), None);
    }
}

#[test]
fn another_program_is_another_server() {
    let folder = tempfile::tempdir().unwrap();
    watch(folder.path(), |_| {}).note_introduction(&json!({}));
    let identity = json!({"command": ["mail"], "program": "sha256:b"});
    let other = watch(folder.path(), |server| server.identity = identity);
    let whole = other.snapshot().whole();
    assert!(
        matches!(&*whole, [Departure::Drift { kind: Kind::Identity, class: Class::Meaning, text }] if text.contains("program")),
        "{whole:?}"
    );
}

#[test]
fn new_servers_wait_for_approval_where_they_have_to() {
    let folder = tempfile::tempdir().unwrap();
    let page = json!({"tools": [tool("send", "Sends.")]});
    for change in
        [|server: &mut Watched| server.quarantine = true, |server: &mut Watched| server.mode = Mode::Locked]
    {
        let server = watch(folder.path(), change);
        server.note_page(Kind::Tool, None, &page);
        assert_eq!(server.snapshot().whole(), [Departure::Unapproved]);
        assert_eq!(server.server().lock.read().unwrap(), Lock::default(), "nothing is learned");
    }
    let quarantined = watch(folder.path(), |server| server.quarantine = true);
    let approve = |approval| {
        let lock = LockFile::at(folder.path().join("pins.lock"));
        lock.update(|lock| {
            drop(lock.servers.insert("mail".into(), Pinned { approval, ..Pinned::default() }))
        })
        .unwrap();
    };
    approve(Approval::FirstUse);
    assert_eq!(quarantined.snapshot().whole(), [Departure::Unapproved]);
    approve(Approval::Reviewed);
    assert_eq!(quarantined.snapshot().whole(), [], "taken up without a restart");
}

#[test]
fn what_cannot_be_read_or_written_is_no_approval() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("pins.lock"), "version = 1\n[[server]]\n").unwrap();
    let server = watch(folder.path(), |_| {});
    assert!(matches!(&*server.snapshot().whole(), [Departure::Unknown(why)] if why.contains("pins.lock:2")));
    server.note_introduction(&json!({}));
    assert!(matches!(&*server.snapshot().whole(), [Departure::Unknown(_)]), "and is not written over");
    fs::remove_file(folder.path().join("pins.lock")).unwrap();
    assert_eq!(server.snapshot().whole(), []);

    let nowhere = watch(Path::new("/dev/null/state"), |_| {});
    nowhere.note_introduction(&json!({}));
    assert!(matches!(&*nowhere.snapshot().whole(), [Departure::Unknown(_)]));
}
