//! What each detector of personal data finds, and what it leaves alone.

// What the tests share fails the way they do.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::LazyLock;

use mcp_guard_inspect::{Scanner, Text};

/// Detectors of numbers and addresses that are the same everywhere; those of states have their samples in the packs.
const COMMON: [&str; 4] = ["email", "phone", "ssn", "credit_card"];

static FOUR: LazyLock<Scanner> =
    LazyLock::new(|| Scanner::new(|known| COMMON.contains(&known.name.as_ref()), &[]).unwrap());

/// Names, matched text and confidence of all hits.
fn found(text: &str, key: Option<&str>) -> Vec<(String, String, u8)> {
    let scanner = &*FOUR;
    let mut hits = Vec::new();
    scanner.scan(Text { text, key, place: mcp_guard_inspect::Place::UNKNOWN }, &mut hits);
    let name = |id| scanner.detector(id).unwrap().name.to_string();
    hits.into_iter()
        .map(|hit| (name(hit.detector), text[hit.span].to_owned(), hit.confidence.percent()))
        .collect()
}

fn finds(name: &str, least: u8, samples: &[&str]) {
    for sample in samples {
        for (before, after) in
            [("", ""), ("it is ", ", really."), ("\"", "\""), ("a\\n", "\\nb"), ("番号", "です")]
        {
            let text = format!("{before}{sample}{after}");
            match found(&text, None).as_slice() {
                [(by, matched, percent)] => {
                    assert_eq!((by.as_str(), matched.as_str()), (name, *sample), "in {text}");
                    assert!(*percent >= least, "{percent} in {text}");
                }
                other => panic!("{other:?} in {text}"),
            }
        }
    }
}

fn ignores(samples: &[&str]) {
    for text in samples {
        assert_eq!(found(text, None), [], "in {text}");
    }
}

#[test]
fn email() {
    finds(
        "email",
        90,
        &[
            "ann@example.org",
            "Ann.O'Neil+news@mail.example.co.uk",
            "ann_b-c@sub-domain.example.museum",
            "jürgen@müller.example.de",
            "1234@163.com",
            "ANN@EXAMPLE.COM",
            "ann@xn--bcher-kva.xn--p1ai",
        ],
    );
    assert_eq!(found("<ann@example.org>;'bob@example.net'.", None).len(), 2);
    assert_eq!(found("ann@example.org.", None)[0].1, "ann@example.org");
    ignores(&[
        "icon@2x.png",
        "git@github.com:org/repo.git",
        "ssh://git@gitlab.example.org/x",
        "user@localhost",
        "left-pad@1.3.0",
        "react@18.2.0-next.rc",
        "@scope/package",
        "a @ b.com",
        "@example.com",
        "ann.@example.org",
        "x@y.toString",
        "foo@@example.com@",
    ]);
}

#[test]
fn phone() {
    finds(
        "phone",
        80,
        &[
            "212-555-0142",
            "(212) 555-0142",
            "(212)555-0142",
            "212.555.0142",
            "1-800-555-0142",
            "+1 212 555 0142",
            "+1 (212) 555-0142",
            "+12125550142",
            "+44 20 7946 0958",
            "+49 (0)30 901820-12",
            "+33.1.99.00.12.34",
            "001-846-853-9089",
        ],
    );
    assert_eq!(found("212 555 0142", None)[0].2, 60);
    assert_eq!(found("my phone is 212 555 0142", None)[0].2, 85);
    assert_eq!(found("call 212-555-0142x123 now", None)[0].1, "212-555-0142");
}

#[test]
fn phone_in_context() {
    for text in
        ["phone 2125550142", "Tel: 02 27 96 63 08", "mobile=07700900123", "\"phone_number\": \"5550142\""]
    {
        let hits = found(text, None);
        assert_eq!(hits.len(), 1, "{hits:?} in {text}");
        assert_eq!(hits[0].0, "phone");
    }
    for key in ["phone", "homePhone", "mobile", "phone_number"] {
        assert_eq!(found("(030) 901820", Some(key)).len(), 1, "{key}");
    }
    assert_eq!(found("2125550142", Some("order")), []);
}

#[test]
fn numbers_in_any_national_form_beside_what_people_do_with_phones() {
    for (text, number) in [
        ("Can you call me on 21 212 133 2727?", "21 212 133 2727"),
        ("They're not answering at 0680 298 70 63", "0680 298 70 63"),
        ("my number is 090-1234-5678", "090-1234-5678"),
        ("call us: (07) 5331 0577.", "(07) 5331 0577"),
        ("Kim\n046 406 6044 office", "046 406 6044"),
        ("085 175 7641-Fax", "085 175 7641"),
        ("llámame al móvil 612 34 56 78", "612 34 56 78"),
    ] {
        let hits = found(text, None);
        let phones: Vec<_> = hits.iter().filter(|hit| hit.0 == "phone" && hit.2 >= 80).collect();
        assert_eq!(phones.len(), 1, "{hits:?} in {text}");
        assert_eq!(phones[0].1, number);
    }
    for text in [
        "order number is 12-345-678",
        "call me on 2024-11-05",
        "call foo(12, 34) 5678 9012",
        "answering at 10.20.30.40",
        "answering at 18:30:00",
        "12 345 678 offices",
    ] {
        assert!(found(text, None).iter().all(|hit| hit.2 < 80), "{text}");
    }
}

#[test]
fn numbers_that_are_no_phones() {
    ignores(&[
        "1718900000",
        "1718900000123",
        "1718900000123456789",
        "2125550142",
        "order 4155550142 shipped",
        "192.168.100.200",
        "10.0.0.1:8080",
        "2024-11-05",
        "2024-11-05T12:34:56.789Z",
        "2024-11-05 12:34:56 +0100",
        "550e8400-e29b-41d4-a716-446655440000",
        "41234567-1234-4123-8123-412345678901",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "v1.212.555.0142",
        "131.0.6778.85",
        "978-0-306-40615-7",
        "3.141592653589793",
        "1,234,567,890",
        "911-555-0142",
        "012-555-0142",
        "212-155-0142",
        "SKU-212-555-0142",
        "x+12125550142",
        "+20240105",
        "+999 12 345 678",
        "mobile: 2024-11-05",
        "hotel: 12 345 678",
        "0x2125550142",
    ]);
}

#[test]
fn ssn() {
    finds("ssn", 90, &["536-22-8145", "001-01-0001"]);
    assert_eq!(found("536 22 8145", None)[0].2, 60);
    assert_eq!(found("social security number 536 22 8145", None)[0].2, 85);
    assert_eq!(found("SSN: 536228145", None)[0].2, 85);
    assert_eq!(found("536228145", Some("employee_ssn"))[0].1, "536228145");
    ignores(&[
        "536228145",
        "000-22-8145",
        "666-22-8145",
        "900-22-8145",
        "536-00-8145",
        "536-22-0000",
        "536-22 8145",
        "536-22-81455",
        "1536-22-8145",
        "ABC-536-22-8145",
        "536-22-8145-1",
    ]);
    assert_eq!(found("536228145", Some("lesson")), []);
}

#[test]
fn credit_card() {
    finds(
        "credit_card",
        90,
        &[
            "4111111111111111",
            "4111 1111 1111 1111",
            "4111-1111-1111-1111",
            "5555555555554444",
            "2223003122003222",
            "378282246310005",
            "3782 822463 10005",
            "6011111111111117",
            "3530111333300000",
            "30569309025904",
        ],
    );
    assert_eq!(found("4222222222222", None)[0].2, 70);
    assert_eq!(found("maestro card 676222165679", None)[0].2, 85);
    assert_eq!(found("1,4111111111111111,12/27", None)[0].1, "4111111111111111");
    ignores(&[
        "4111111111111112",
        "411111111111111",
        "14111111111111111",
        "41111111111111111111",
        "0.4111111111111111",
        "4111111111111111.5",
        "4444444444444444",
        "676222165679",
        "1718900000123",
        "4111 1111-1111 1111",
        "4111  1111 1111 1111",
        "a4111111111111111",
        "GB29 4111 1111 1111 1111 70",
    ]);
    assert_eq!(found("no. 29 4111 1111 1111 1111 70", None)[0].0, "credit_card");
}

/// Which detector finds a card's number in an argument.
fn card_in(key: &str, place: mcp_guard_inspect::Place, text: &str) -> Vec<String> {
    let scanner = Scanner::new(|known| known.name.contains("card"), &[]).unwrap();
    let mut hits = Vec::new();
    scanner.scan(Text { text, key: Some(key), place }, &mut hits);
    hits.into_iter().map(|hit| scanner.detector(hit.detector).unwrap().name.to_string()).collect()
}

#[test]
fn a_card_in_the_argument_that_asks_for_one_is_where_it_belongs() {
    let argument = mcp_guard_inspect::Place::new(mcp_guard_inspect::Where::Value);
    let content = mcp_guard_inspect::Place::new(mcp_guard_inspect::Where::Content);
    let result = mcp_guard_inspect::Place::new(mcp_guard_inspect::Where::Result);
    let card = "4539 5787 6362 1486";
    for key in ["card_number", "cardNumber", "credit_card_number", "ccNumber"] {
        assert_eq!(card_in(key, argument, card), ["card_in_field"], "{key}");
        assert_eq!(card_in(key, result, card), ["credit_card"], "{key} of a result");
    }
    for (key, place) in [("card", argument), ("message", content), ("number", argument), ("note", result)] {
        assert_eq!(card_in(key, place, card), ["credit_card"], "{key}");
    }
    for key in ["access_token", "orderId", "session_id"] {
        assert_eq!(card_in(key, argument, card), ["card_in_field"], "{key}");
    }
}

#[test]
fn published_numbers_count_for_less_where_they_are_called_examples() {
    let scanner =
        Scanner::new(|known| ["ssn", "published_example"].contains(&known.name.as_ref()), &[]).unwrap();
    let by = |text: &str| {
        let mut hits = Vec::new();
        scanner.scan(Text::new(text), &mut hits);
        hits.into_iter()
            .map(|hit| scanner.detector(hit.detector).unwrap().name.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(by("an example: 123-45-6789"), ["published_example"]);
    assert_eq!(by("ssn 123-45-6789"), ["ssn"]);
    assert_eq!(by("example.org, 123-45-6789, test@example.org"), ["ssn"]);
    assert_eq!(by("an example: 536-22-8145"), ["ssn"]);
    assert_eq!(by(&format!("an example {} 123-45-6789", "x ".repeat(80))), ["ssn"]);
}
