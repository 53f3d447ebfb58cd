use std::{fs, sync::Barrier, thread};

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn sample() -> Lock {
    let tool = json!({"name": "send_email", "description": "Sends an e-mail.\nIt's quick: ''' no quotes \u{200b} hidden.",
        "inputSchema": {"type": "object", "properties": {"to": {"type": "string"}, "bcc": {"type": ["string", "null"]}},
            "required": ["to"]}});
    let mut surface = Surface { revision: Some("2025-11-25".into()), ..Surface::default() };
    surface
        .introduce(&json!({"serverInfo": {"name": "mail"}, "capabilities": {}, "instructions": "Be kind."}));
    surface.add_page(Kind::Tool, &json!({"tools": [tool]})).unwrap();
    let mut lock = Lock::default();
    lock.servers.insert("mail".into(), Pinned::reviewed(surface));
    lock
}

#[test]
fn a_lock_can_be_read_by_people() {
    let text = sample().write();
    for line in [
        "name = \"send_email\"",
        "summary = \"Sends an e-mail.\"",
        "    \"bcc: string or null\",",
        "    \"to: string, required\",",
        "revision = \"2025-11-25\"",
        "summary = \"Be kind.\"",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} in\n{text}");
    }
    assert!(text.contains(r"\u200b hidden") && !text.contains('\u{200b}'), "{text}");
    assert_eq!(Lock::read(&text, "l").unwrap(), sample());
}

#[test]
fn what_was_changed_by_hand_is_refused_with_its_line() {
    let text = sample().write();
    let line_of = |text: &str, part: &str| text.lines().position(|line| line.contains(part)).unwrap() + 1;
    for (from, to, at, expected) in [
        ("no quotes", "some quotes", "", "the digest of the tool \"send_email\" does not fit its text"),
        ("summary = \"Sends an", "summary = \"Reads an", "summary = \"Reads", "summary of the tool"),
        ("to: string, required", "to: string", "parameters", "parameters of the tool"),
        ("approval = \"reviewed\"", "approval = \"yes\"", "approval", "neither"),
        ("version = 1", "version = 2", "version", "newer mcp-guard"),
        ("listed = [", "listed = [\"wish\", ", "listed", "no kind"),
        ("kind = \"tool\"", "kind = \"tool\"\nkind = \"tool\"", "", "duplicate key"),
        ("kind = \"tool\"", "kind = \"prompt\"", "", "not fit"),
        ("[[server]]\nname", "[[server]]\nnote = 1\nname", "note", "`note` is not known"),
    ] {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "{from}");
        let error = Lock::read(&changed, "mcp-guard.lock").unwrap_err().to_string();
        assert!(error.contains(expected), "{from}: {error}");
        let line = if at.is_empty() { String::new() } else { format!(":{}:", line_of(&changed, at)) };
        assert!(error.starts_with("mcp-guard.lock:") && error.contains(&line), "{from}: {error}");
    }
    let start = text.find("[[server.item]]").unwrap();
    let end = start + text[start + 3..].find("[[server.item]]").unwrap() + 3;
    let without = format!("{}{}", &text[..start], &text[end..]);
    let error = Lock::read(&without, "l").unwrap_err().to_string();
    assert!(error.contains("removed by hand"), "{error}");
}

#[test]
fn writers_take_turns_and_nobody_reads_half_a_lock() {
    let folder = tempfile::tempdir().unwrap();
    let file = LockFile::at(folder.path().join("state/pins.lock"));
    assert_eq!(file.read().unwrap(), Lock::default());
    let start = Barrier::new(9);
    thread::scope(|scope| {
        for writer in 0..8 {
            let (file, start) = (&file, &start);
            scope.spawn(move || {
                start.wait();
                for turn in 0..5 {
                    let name = format!("server-{writer}-{turn}");
                    file.update(|lock| drop(lock.servers.insert(name, Pinned::default()))).unwrap();
                }
            });
        }
        start.wait();
        let mut most = 0;
        while most < 40 {
            let now = file.read().unwrap().servers.len();
            assert!(now >= most);
            most = now;
        }
    });
    let left: Vec<_> =
        fs::read_dir(folder.path().join("state")).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn what_cannot_be_written_leaves_what_was() {
    let file = LockFile::at("/dev/full/pins.lock");
    assert!(file.update(|_| {}).is_err());
    // A folder in the place of the file: it can be neither read nor replaced.
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("pins.lock")).unwrap();
    let error = LockFile::at(folder.path().join("pins.lock")).read().unwrap_err().to_string();
    assert!(error.starts_with("cannot read the lock"), "{error}");
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".*".prop_map(Value::from),
        "['\"\\\\\u{0}-\u{1f}\u{7f}-\u{a0}\u{2028}\u{feff}\u{e0041}]{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(".*", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn every_lock_is_read_as_it_was_written(
        servers in prop::collection::btree_map(".{1,8}", prop::collection::btree_map(".*", json_value(), 0..4), 0..3),
        instructions in json_value(),
    ) {
        let mut lock = Lock::default();
        for (name, tools) in servers {
            let mut surface = Surface::default();
            surface.introduce(&json!({"instructions": instructions}));
            for (name, schema) in tools {
                let tool = json!({"name": name, "description": schema.to_string(), "inputSchema": schema});
                surface.add_page(Kind::Tool, &json!({"tools": [tool]})).unwrap();
            }
            lock.servers.insert(name, Pinned::reviewed(surface));
        }
        let text = lock.write();
        let read = Lock::read(&text, "l").unwrap();
        prop_assert_eq!(&read, &lock);
        prop_assert_eq!(read.write(), text);
    }
}
