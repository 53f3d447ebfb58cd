//! Servers that break the rules: their clients get an error in time, and nothing that nobody has inspected.

use serde_json::{Value, json};

use crate::{
    gate::until,
    guard::{Gateway, before},
    mcp::{OneStream, Session, call, call_modern, code, initialize, response},
    resuming::SECRET,
    upstream::{Out, Seen, Upstream},
    web::Ask,
};

const UPSTREAM_GONE: i64 = 4502;
const TIMED_OUT: i64 = 4504;

/// What no client should see of a server's own words.
const WORDS: &str = "words-of-the-server";

type Answer = fn(&Seen, &mut Out);

/// Answers to a call, each wrong in its own way.
const WRONG: [(&str, Answer); 19] = [
    ("a page", |_, out| out.whole(200, "", "text/html", WORDS)),
    ("no type", |_, out| out.whole(200, "", "", WORDS)),
    ("nothing", |_, out| out.empty(204)),
    ("accepted", |_, out| out.empty(202)),
    ("no JSON", |_, out| out.whole(200, "", "application/json", WORDS)),
    ("no message", |_, out| out.whole(200, "", "application/json", &json!({ "x": WORDS }).to_string())),
    ("an error page", |_, out| out.whole(500, "", "text/html", WORDS)),
    ("an error of its own", |_, out| {
        out.whole(500, "", "application/json", &json!({ "x": WORDS }).to_string())
    }),
    ("another answer", |_, out| out.json(&response(&json!(999), json!({ "x": WORDS })))),
    ("compressed", |_, out| out.whole(200, "content-encoding: gzip\r\n", "application/json", WORDS)),
    ("two lengths", |seen, out| {
        out.raw("HTTP/1.1 200 X\r\ncontent-type: application/json\r\n");
        out.raw(format!("content-length: 2\r\ncontent-length: 900\r\n\r\n{}", seen.text(WORDS)));
    }),
    ("no HTTP", |_, out| {
        out.raw(WORDS);
        out.end();
    }),
    ("a body that breaks off", |_, out| {
        out.raw("HTTP/1.1 200 X\r\ncontent-type: application/json\r\ncontent-length: 999\r\n\r\n{");
        out.end();
    }),
    ("a stream without an answer", |_, out| {
        out.events();
        out.end();
    }),
    ("a stream of no messages", |_, out| {
        out.events();
        out.raw(format!("data: {WORDS}\n\nevent: x\ndata: {{}}\n\n"));
        out.end();
    }),
    ("headers without end", |_, out| {
        out.raw("HTTP/1.1 200 X\r\n");
        while out.raw("x: words\r\n".repeat(100)) {}
    }),
    ("JSON without end", |_, out| {
        out.raw("HTTP/1.1 200 X\r\ncontent-type: application/json\r\n\r\n[");
        while out.raw("0,".repeat(1000)) {}
    }),
    ("an event without end", |_, out| {
        out.events();
        while out.raw("data".repeat(1000)) {}
    }),
    ("an error without end", |_, out| {
        out.raw("HTTP/1.1 500 X\r\ncontent-type: application/json\r\n\r\n");
        while out.raw(WORDS.repeat(1000)) {}
    }),
];

/// How a server takes its time.
const SLOW: [(&str, Answer); 5] = [
    ("no head", |_, out| out.until_left()),
    ("half a head", |_, out| {
        out.raw("HTTP/1.1 200 X\r\n");
        out.until_left();
    }),
    ("no body", |_, out| {
        out.raw("HTTP/1.1 200 X\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n");
        out.until_left();
    }),
    ("a silent stream", |_, out| {
        out.events();
        out.until_left();
    }),
    ("a busy stream without an answer", |_, out| {
        out.events();
        while out.raw(": here\n\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":{\"level\":\"info\",\"data\":1}}\n\n") {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    }),
];

pub(crate) fn that_answer_wrongly() {
    everywhere(&WRONG, &json!({"limits": {"max_frame_bytes": 65536}}), |what, answer| {
        assert!((4403..=UPSTREAM_GONE).contains(&code(answer)), "{what}: {answer}");
        assert!(!answer.to_string().contains(WORDS), "{what}: {answer}");
    });
}

pub(crate) fn that_take_their_time() {
    everywhere(&SLOW, &json!({}), |what, answer| {
        assert_eq!(code(answer), TIMED_OUT, "{what}: {answer}");
    });
}

/// Tries clients of each era before servers of their own and, for modern ones, of the other.
fn everywhere(answers: &[(&'static str, Answer)], more: &Value, judge: impl Fn(&str, &Value) + Sync) {
    let answering = |answers: Vec<(&'static str, Answer)>| {
        move |seen: &Seen, out: &mut Out| {
            let found = answers.iter().find(|(what, _)| seen.message["params"]["name"] == *what);
            found.map(|(_, answer)| answer(seen, out)).is_some()
        }
    };
    let legacy = Upstream::legacy(answering(answers.to_vec()));
    let modern = Upstream::modern(answering(answers.to_vec()));
    let start = |upstream: &Upstream, era| {
        let mut config = before(&upstream.as_server("streamable-http", era));
        config["servers"]["s"]["request_timeout"] = json!(2);
        config["servers"]["s"]["circuit_breaker"] = json!({"failures": 1000});
        config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        Gateway::start(&config)
    };
    let gateways = [start(&legacy, "legacy"), start(&modern, "modern")];
    let session = Session::begin(&gateways[0], "2025-11-25");
    std::thread::scope(|scope| {
        for (id, (what, _)) in answers.iter().enumerate() {
            let (session, judge) = (&session, &judge);
            scope.spawn(move || judge(what, &session.post(&call(id as u64 + 10, what)).answer()));
            for gateway in &gateways {
                scope.spawn(move || judge(what, &gateway.ask(&call_modern(1, what)).answer()));
            }
        }
    });
}

/// An error that comes as a message is one, and inspected like any.
pub(crate) fn that_answer_with_errors() {
    let fails = |seen: &Seen, out: &mut Out| {
        if !seen.is("tools/call") {
            return false;
        }
        let error = json!({"code": -32000, "message": format!("it is {SECRET}")});
        let body = json!({"jsonrpc": "2.0", "id": seen.message["id"], "error": error});
        out.whole(500, "", "application/json", &body.to_string());
        true
    };
    let (legacy, modern) = (Upstream::legacy(fails), Upstream::modern(fails));
    for (upstream, era) in [(&legacy, "legacy"), (&modern, "modern")] {
        let gateway = Gateway::start(&before(&upstream.as_server("streamable-http", era)));
        let mut reply = gateway.ask(&call_modern(1, "t"));
        let answer = reply.answer();
        assert_eq!(reply.status, 200);
        let message = answer["error"]["message"].as_str().unwrap();
        assert!(message.starts_with("it is ") && !message.contains(SECRET), "{answer}");
    }
}

/// A server that does not begin.
pub(crate) fn that_do_not_begin() {
    let upstream = Upstream::new(|_, out| out.until_left());
    let mut config = before(&upstream.as_server("streamable-http", "legacy"));
    config["servers"]["s"]["start_timeout"] = json!(1);
    config["servers"]["mute"] = json!({
        "command": std::env::current_exe().unwrap(), "args": ["serve", "mute"], "start_timeout": 1,
    });
    config["servers"]["default"] = config["servers"]["s"].take();
    config["servers"].as_object_mut().unwrap().remove("s");
    let gateway = Gateway::start(&config);
    for path in ["/mcp", "/mcp/mute"] {
        let mut reply = gateway.ask(&Ask::post(path, &initialize("2025-11-25")));
        assert_eq!(code(&reply.json()), TIMED_OUT, "{path}");
        assert_eq!(reply.header("mcp-session-id"), None);
    }
    let mut client = OneStream::open(&gateway, None);
    client.post(&initialize("2024-11-05")).with_status(202);
    assert_eq!(code(&client.stream.answer()), TIMED_OUT);
    until(|| !gateway.processes().iter().any(|process| process.contains("mute")));
}

/// A server that names another one: by a redirect, or as the place to post to.
pub(crate) fn that_send_us_elsewhere() {
    let stranger = Upstream::legacy(|_, _| false);
    let (elsewhere, port) = (stranger.url(), stranger.port);
    let redirects = Upstream::new(move |_, out| {
        out.raw(format!("HTTP/1.1 307 X\r\nlocation: {elsewhere}\r\ncontent-length: 0\r\n\r\n"));
    });
    for era in ["legacy", "modern"] {
        let gateway = Gateway::start(&before(&redirects.as_server("streamable-http", era)));
        let answer = gateway.ask(&call_modern(1, "t")).answer();
        assert!((UPSTREAM_GONE..TIMED_OUT).contains(&code(&answer)));
        assert!(!answer.to_string().contains(&port.to_string()), "{answer}");
    }
    for endpoint in [
        format!("http://127.0.0.1:{port}/mcp"),
        format!("//127.0.0.1:{port}/mcp"),
        format!("http://localhost:{port}/mcp"),
        format!("https://127.0.0.1:{port}/mcp"),
        format!("http:\\\\127.0.0.1:{port}/mcp"),
        "file:///etc/passwd".to_owned(),
    ] {
        let said = format!("event: endpoint\ndata: {endpoint}\n\n");
        let server = Upstream::new(move |seen, out| match seen.method.as_str() {
            "GET" => {
                out.events();
                out.raw(&said);
                out.until_left();
            }
            _ => out.empty(405),
        });
        for transport in ["sse", "http"] {
            let gateway = Gateway::start(&before(&server.as_server(transport, "auto")));
            let answer = gateway.ask(&Ask::post("/mcp", &initialize("2025-11-25"))).answer();
            assert!((UPSTREAM_GONE..TIMED_OUT).contains(&code(&answer)), "{endpoint}: {answer}");
        }
    }
    assert!(stranger.seen().is_empty());
}

/// A key in the address of a server is the operator's.
pub(crate) fn whose_address_holds_a_key() {
    let upstream = Upstream::new(|_, out| out.whole(500, "", "text/html", "no"));
    let mut server = upstream.as_server("streamable-http", "legacy");
    server["url"] = json!(format!("{}?key=of-the-operator", upstream.url()));
    let mut gateway = Gateway::start(&before(&server));
    for ask in
        [call_modern(1, "t"), Ask::post("/mcp", &initialize("2025-11-25")), Ask::post("/rpc", &call(1, "t"))]
    {
        assert!(!gateway.ask(&ask).answer().to_string().contains("of-the-operator"));
    }
    assert!(upstream.seen().iter().all(|seen| seen.path == "/mcp?key=of-the-operator"));
    gateway.signal(rustix::process::Signal::TERM);
    gateway.ended();
    assert!(!gateway.said().contains("of-the-operator") && !gateway.recorded("of-the-operator"));
}
