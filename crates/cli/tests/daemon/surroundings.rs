//! A server starts where and as its client would have started it.

use serde_json::json;

use crate::{common::client::Client, house::House};

/// What a server prints of itself: its folder, then two variables.
fn seen(house: &House, share: bool) -> Vec<String> {
    let script = r#"read line; printf '{"jsonrpc":"2.0","id":1,"result":["%s","%s","%s"]}\n' "$PWD" "$OURS" "$THEIRS"; cat"#;
    house.reconfigure(|config| {
        config["servers"]["one"] =
            json!({"command": "sh", "args": ["-c", script], "env": {"OURS": "configured"}, "share": share});
    });
    house.start();
    let mut command = house.command(&["connect", "-s", "one"]);
    let folder = house.path("project");
    std::fs::create_dir_all(&folder).unwrap();
    command.current_dir(&folder).env("OURS", "the client's").env("THEIRS", "the client's");
    let mut client = Client::spawn(command);
    let answer = client.ask(1, "ping", json!(null));
    answer["result"].as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

pub(crate) fn those_of_the_client() {
    let house = House::new(&[("one", &[])]);
    let project = house.path("project").display().to_string();
    assert_eq!(seen(&house, false), [&project, "configured", "the client's"]);
}

pub(crate) fn those_of_the_daemon_if_shared() {
    let house = House::new(&[("one", &[])]);
    // Not those of whoever came first.
    assert_eq!(seen(&house, true), ["/", "configured", ""]);
}
