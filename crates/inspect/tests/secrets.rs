//! What each secret detector finds, and what it leaves alone. All samples are
//! made up; `~` is removed before use, so that tools which look for secrets in
//! source files do not stumble over them.

// What the tests share fails the way they do.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::LazyLock;

use mcp_guard_inspect::{Scanner, Text};

static ALL: LazyLock<Scanner> = LazyLock::new(|| Scanner::new(|_| true, &[]).unwrap());

/// Names and matched text of all hits.
fn found(text: &str, key: Option<&str>) -> Vec<(String, String)> {
    let scanner = &*ALL;
    let mut hits = Vec::new();
    scanner.scan(Text { text, key, place: mcp_guard_inspect::Place::UNKNOWN }, &mut hits);
    let name = |id| scanner.detector(id).unwrap().name.to_string();
    hits.into_iter().map(|hit| (name(hit.detector), text[hit.span].to_owned())).collect()
}

/// Each sample is found whole: alone, after `=`, in quotes, in a sentence,
/// after an escape sequence, and between other scripts.
fn finds(name: &str, samples: &[&str]) {
    for sample in samples {
        let secret = sample.replace('~', "");
        for (before, after) in [
            ("", ""),
            ("key=", ""),
            ("\"", "\","),
            ("it is ", ", really."),
            ("a\\n", "\\nb"),
            ("鍵", "です"),
            ("%3D", " b"),
        ] {
            let text = format!("{before}{secret}{after}");
            assert_eq!(found(&text, None), [(name.to_owned(), secret.clone())], "in {text}");
        }
    }
}

fn ignores(samples: &[&str]) {
    for sample in samples {
        let text = sample.replace('~', "");
        assert_eq!(found(&text, None), [], "in {text}");
    }
}

#[test]
fn aws_key() {
    finds(
        "aws_key",
        &["AK~IAIOSFODNN7EXAMPLE", "AS~IAQ2W5TZ7LKDPMBVCX", "AC~CAQ2W5TZ7LKDPMBVCX", "AB~IAQ2W5TZ7LKDPMBVCX"],
    );
    ignores(&[
        "AKIAXXXXXXXXXXXXXXXX",
        "AK~IAQ2W5TZ7LKDPMBVC",
        "AK~IAQ2W5TZ7LKDPMBVCXA",
        "AK~IAQ2W5TZ7LKDPMBV10",
        "XAK~IAQ2W5TZ7LKDPMBVCX",
        "AK~IAQ2w5tz7lkdpmbvcx",
        "ASIA PACIFIC REGIONS",
    ]);
}

const AWS_SECRET: &str = "kT9vQx2/Zp+Lr8WmD4sYfH6uJcBnE1aGo3RiKtVb";

#[test]
fn aws_secret_key_needs_a_word_a_name_or_a_key_id() {
    let secret = ("aws_secret_key".to_owned(), AWS_SECRET.to_owned());
    for text in [
        format!("aws_secret_access_key = {AWS_SECRET}"),
        format!("export AWS_SECRET_KEY=\"{AWS_SECRET}\""),
        format!(r#"{{"SecretAccessKey": "{AWS_SECRET}"}}"#),
        format!("the AWS secret is {AWS_SECRET}."),
        format!("secret access key:\n  {AWS_SECRET}\n"),
    ] {
        assert_eq!(found(&text, None), std::slice::from_ref(&secret), "in {text}");
    }
    for text in
        [format!("AKIAQ2W5TZ7LKDPMBVCX:{AWS_SECRET}"), format!("{AWS_SECRET} for AKIAQ2W5TZ7LKDPMBVCX")]
    {
        assert!(found(&text, None).contains(&secret), "in {text}");
    }
    for key in ["aws_secret_access_key", "SecretAccessKey", "secret_key"] {
        assert_eq!(
            found(&format!(" {AWS_SECRET}\n"), Some(key)),
            std::slice::from_ref(&secret),
            "under {key}"
        );
    }
    assert_eq!(found(AWS_SECRET, None), []);
    assert_eq!(found(AWS_SECRET, Some("checksum")), []);
    assert_eq!(found(&format!("the secret ingredient {AWS_SECRET}"), None), []);
}

#[test]
fn aws_secret_key_is_no_hash_or_path() {
    for value in [
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "src/main/java/org/example/Application001",
        "AAAAAAAAAAAAAAAAAAAAaaaaaaaaaaaaaaaaaaa1",
        &format!("{AWS_SECRET}x"),
        &format!("-{AWS_SECRET}"),
    ] {
        let found = found(&format!("aws secret access key {value}"), None);
        assert!(found.iter().all(|(name, _)| name != "aws_secret_key"), "{value}");
    }
}

#[test]
fn github_token() {
    finds(
        "github_token",
        &[
            "gh~p_wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO2uI0AB",
            "gh~o_16C7e42F292c6912E7710c838347Ae178B4a",
            "gh~u_16C7e42F292c6912E7710c838347Ae178B4a",
            "gh~r_16C7e42F292c6912E7710c838347Ae178B4a16C7e42F292c6912E7710c838347Ae178B4a",
            "gh~s_16C7e42F292c6912E7710c838347Ae178B4a",
            "gh~s_123456_eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJnaXRodWIifQ.c2lnbmF0dXJlLWJ5dGVz",
            "github~_pat_11ABCDEFG0aBcDeFgHiJkL_mNoPqRsTuVwXyZ0123456789aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789",
        ],
    );
    ignores(&[
        "ghp_short",
        "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "github_pat_example",
        "xghp_",
        "graph_ghp_",
    ]);
}

#[test]
fn slack_token() {
    finds(
        "slack_token",
        &[
            "xo~xb-2345678901-2345678901234-AbCdEfGhIjKlMnOpQrStUvWx",
            "xo~xp-2345678901-2345678901-234567890123-abcdef0123456789abcdef0123456789",
            "xo~xe.xoxp-1-Mi0yLTIzNDU2Nzg5MDEtMjM0NTY3ODkw",
            "xo~xe-1-My0xLTIzNDU2Nzg5MDEtMjM0NTY3ODkw",
            "xa~pp-1-A0B1C2D3E4F-2345678901234-abcdef0123456789abcdef0123456789",
            "https://hooks.slack~.com/services/T0B1C2D3E/B0F1G2H3I/aBcDeFgHiJkLmNoPqRsTuVwX",
        ],
    );
    ignores(&["xoxo, love", "xoxb-your-bot-token", "https://hooks.slack.com/services/T/B/X", "xapp-token"]);
}

#[test]
fn google_key() {
    finds(
        "google_key",
        &[
            "AI~zaSyD9tW3hZ0kXq7rLm2NpVbC5fGjE8uYw1oQ",
            "ya~29.a0AfH6SMBx-9tW3hZ0kXq7rLm2NpVbC5fGjE8uYw1o",
            "GO~CSPX-9tW3hZ0kXq7rLm2NpVbC5fGjE8uY",
        ],
    );
    ignores(&[
        "AIzaSy",
        "AIzaxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "ya29.",
        "xAI~zaSyD9tW3hZ0kXq7rLm2NpVbC5fGjE8uYw1oQ",
    ]);
}

#[test]
fn stripe_key() {
    finds(
        "stripe_key",
        &[
            "sk~_live_9tW3hZ0kXq7rLm2NpVbC5fGj",
            "rk~_test_9tW3hZ0kXq7rLm2NpVbC5fGj",
            "whs~ec_9tW3hZ0kXq7rLm2NpVbC5fGjE8uYw1oQ",
        ],
    );
    ignores(&["sk_live_...", "task_test_9tW3hZ0kXq7rLm2NpVbC5fGj"]);
}

#[test]
fn openai_and_anthropic_keys() {
    finds(
        "openai_key",
        &[
            "sk~-9tW3hZ0kXq7rLm2NpVbCT3BlbkFJ5fGjE8uYw1oQaSdFgHjK",
            "sk~-proj-9tW3hZ0kXq7rLm2-NpVbC5fGjE8uYw1oQ_aSdFgHjKzXcV",
            "sk~-svcacct-9tW3hZ0kXq7rLm2-NpVbC5fGjE8uYw1oQ_aSdFgHjKz",
            "sk~-0123456789abcdef0123456789abcdef",
        ],
    );
    finds(
        "anthropic_key",
        &[
            "sk~-ant-api03-9tW3hZ0kXq7rLm2-NpVbC5fGjE8uYw1oQ_aSdFgHjKzXcVAA",
            "sk~-ant-oat01-9tW3hZ0kXq7rLm2-NpVbC5fGjE8uYw1oQ_aSdFgHjKzXcVAA",
        ],
    );
    ignores(&[
        "sk-loading-spinner-with-a-very-long-class-name-indeed",
        "sk-proj-your-key-goes-here-and-nowhere-else-please",
        "sk-ant-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "task-9tW3hZ0kXq7rLm2NpVbCT3BlbkFJ5fGjE8uYw1oQaSdFgHjK",
    ]);
}

#[test]
fn npm_and_pypi_tokens() {
    finds("npm_token", &["np~m_9tW3hZ0kXq7rLm2NpVbC5fGjE8uYw1oQaSdF"]);
    finds("pypi_token", &["py~pi-AgEIcHlwaS5vcmcCJDU3ZjM4YjQyLTlmOWMtNGM5Yy05ZDQ4LTJmOGU5YjQ3ZDk4ZAAC"]);
    ignores(&[
        "npm_config_registry",
        "npm_lifecycle_event",
        "pypi-AgEI",
        "np~m_9tW3hZ0kXq7rLm2NpVbC5fGjE8uYw1oQaSdF7x",
    ]);
}

#[test]
fn private_key() {
    let line = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj";
    let whole = |label: &str, end: &str| {
        format!("-----BEGIN {label}-----{end}{line}{end}{line}{end}abcd=={end}-----END {label}-----")
    };
    for label in [
        "PRIVATE KEY",
        "RSA PRIVATE KEY",
        "EC PRIVATE KEY",
        "ENCRYPTED PRIVATE KEY",
        "OPENSSH PRIVATE KEY",
        "PGP PRIVATE KEY BLOCK",
    ] {
        finds(
            "private_key",
            &[&whole(label, "\n"), &whole(label, "\\n"), &whole(label, "\r\n"), &whole(label, " ")],
        );
    }
    let ssh2 = format!(
        "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nComment: \"k\"\n{line}\n---- END SSH2 ENCRYPTED PRIVATE KEY ----"
    );
    finds("private_key", &[&ssh2]);
    for cut in [
        format!("-----BEGIN PRIVATE KEY-----\n{line}\n{line}\nMIIEv"),
        format!("-----BEGIN RSA PRIVATE KEY-----\\n{line}\\nabc="),
        format!(
            "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0123\n\n{line}"
        ),
    ] {
        assert_eq!(found(&cut, None), [("private_key".to_owned(), cut.clone())]);
    }
    ignores(&[
        "-----BEGIN PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\nput your own key between these two lines\n-----END PRIVATE KEY-----",
        &whole("PUBLIC KEY", "\n"),
        &whole("CERTIFICATE", "\n"),
        "BEGIN TRANSACTION; -- BEGIN PRIVATE KEY",
    ]);
}

#[test]
fn what_follows_a_cut_key_is_kept() {
    let line = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj";
    let text = format!("-----BEGIN PRIVATE KEY-----\n{line}\n\nNext, restart the server.");
    assert_eq!(ALL.redact(&text), "[REDACTED:private_key]\n\nNext, restart the server.");
}

#[test]
fn jwt() {
    finds(
        "jwt",
        &[
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
            "eyAiYWxnIiA6ICJIUzI1NiIgfQ.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
            "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxMjM0In0.",
            "eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0.a2V5LWtleQ.aXYtaXY.Y2lwaGVydGV4dA.dGFn",
        ],
    );
    ignores(&[
        "eyJuYW1lIjoiYm9iIn0.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N",
        "eyJrey.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N",
        "heyJude.song.mp3",
    ]);
}

#[test]
fn database_url() {
    finds(
        "database_url",
        &[
            "postgres://app:s3cr3t@db.example.com:5432/app",
            "postgresql+asyncpg://app:s3cr3t@localhost/app",
            "mongodb+srv://u:p%40ss@cluster0.example.net/?retryWrites=true",
            "redis://:hunter2@10.0.0.1:6379/0",
            "amqps://guest:guest@rabbit:5671/vhost",
            "mysql:\\/\\/root:toor@db",
            "mysql://root:p@ss#1@db/app",
            "jdbc:postgresql://db/app?user=fred&password=s3cr3t",
        ]
        .map(|url| url.trim_start_matches("jdbc:")),
    );
    ignores(&[
        "postgres://db.example.com/app",
        "postgres://app@localhost/app",
        "postgres://app:@localhost/app",
        "postgres://user:password@localhost/app",
        "postgres://user:your-password@localhost/app",
        "postgres://app:${DB_PASSWORD}@localhost/app",
        "postgres://app:{{password}}@localhost/app",
        "postgres://app:<password>@localhost/app",
        "postgres://app:%s@localhost/app",
        "postgres://app:****@localhost/app",
        "postgres://app:[REDACTED:password]@localhost/app",
        "https://localhost/?password=x",
        "see redis://cache:6379 and mysql://db",
    ]);
}

#[test]
fn a_default_login_on_this_machine_is_a_type_of_its_own() {
    finds("local_database_url", &["postgres://app:app@localhost:5432/app", "redis://cache:cache@127.0.0.1"]);
    finds("database_url", &["postgres://app:app@db.example.com/app", "postgres://app:s3cr3t@localhost/app"]);
}

/// Digits and letters that count up are what people write for a value.
#[test]
fn values_that_count_are_none() {
    ignores(&[
        "gh~p_123456789012345678901234567890123456",
        "sk~_live_123456789012345678901234",
        "ya~29.ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "xo~xe.xoxp-1-TheAccessTokenOfOurApplicationGoesHere",
    ]);
}

/// The samples of rules cannot hold the `~` that these have in them.
#[test]
fn values_with_a_tilde() {
    for (name, text) in [
        ("azure_client_secret", "secret: kT98Q~vQx2Zp7Lr8WmD4sYfH6uJcBnE1aGo3RiKt"),
        ("openshift_token", "token: sha256~U9yFxmAvpWIPMgJf5TlPpdTQMOme4ujtc01sxx8NW1k"),
    ] {
        assert!(found(text, None).iter().any(|(found, _)| found == name), "{text}");
    }
}

/// What looks random behind a word counts for more where the issuer is known, and nowhere for more than a warning where
/// nothing else speaks for it.
#[test]
fn values_of_unknown_issuers_only_warn() {
    let value = "Zf3D0LXCM3EIMbgJpUNnkRtOfOueHznB";
    let whole = |name: &str| [(name.to_owned(), value.to_owned())];
    assert_eq!(found(&format!("acme_token = '{value}'"), None), whole("generic_secret"));
    assert_eq!(found(value, Some("accessToken")), whole("generic_secret"));
    assert_eq!(found(&format!("clarifai_token = '{value}'"), None), whole("clarifai_credential"));
    assert_eq!(found(value, Some("clarifai-api-key")), whole("clarifai_credential"));
    assert_eq!(found(value, Some("checksum")), []);
    let warns = |name: &str| {
        let known = mcp_guard_inspect::catalogue().iter().find(|known| known.name == name).unwrap();
        let cells = known.actions.balanced;
        [cells.request, cells.response].into_iter().all(|action| action == mcp_guard_inspect::Action::Warn)
    };
    assert!(["generic_secret", "generic_password", "issuer_value"].into_iter().all(warns));
    assert!(!warns("clarifai_credential"));
}

#[test]
fn words_names_and_places_for_values_are_none() {
    ignores(&[
        "asana_token = getAuthenticationTokenProvider2()",
        "clarifai_token = ${CLARIFAI_TOKEN}",
        "clarifai_token = your-clarifai-token-goes-here-32",
        "tokenizer: 8f3e1b7c2d904a6e8b5f7c1d3e9a0b42",
        "publicKey: 9Cnzj4p4WGeKLs1Pt8QuKUpRKfFLfRYC9AIKjbJTWit",
        "secret_name = prod-8f3e1b7c2d904a6e8b5f",
        "monkey 8f3e1b7c2d904a6e8b5f7c1d3e9a0b42",
        "password = config.database.password2",
    ]);
}
