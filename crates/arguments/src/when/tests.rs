use super::*;

fn check(condition: &str, arguments: &str) -> Option<bool> {
    let call = Call {
        tool: "pay",
        server: "bank",
        era: "2025-11-25",
        user: "ann",
        groups: &["staff".to_owned()],
        roles: &[],
        // Saturday, 2026-11-21 22:00:00 UTC.
        time: Moment { unix: 1_795_298_400, offset: 3600 },
    };
    let arguments = Value::read(arguments).ok()?;
    Some(When::compile(condition).ok()?.holds(&arguments, &call).is_ok())
}

#[test]
fn conditions_know_the_call() {
    for (condition, arguments, expected) in [
        ("arguments.amount <= 100", r#"{"amount":99.5}"#, true),
        ("arguments.amount <= 100", r#"{"amount":100}"#, true),
        ("arguments.amount <= 100", r#"{"amount":101}"#, false),
        ("!has(arguments.to) || arguments.to.endsWith('@example.org')", "{}", true),
        ("!has(arguments.to) || arguments.to.endsWith('@example.org')", r#"{"to":"a@evil.com"}"#, false),
        ("tool == 'pay' && server == 'bank' && era == '2025-11-25'", "{}", true),
        ("principal.user == 'ann' && 'staff' in principal.groups", "{}", true),
        ("'admin' in principal.roles", "{}", false),
        ("time.weekday == 6 && time.hour == 23 && time.date == '2026-11-21'", "{}", true),
        ("arguments.to.all(x, x.matches('^[a-z]+$'))", r#"{"to":["ab","c"]}"#, true),
        ("arguments.to.all(x, x.matches('^[a-z]+$'))", r#"{"to":["ab","C"]}"#, false),
        ("size(arguments.to) < 3 && arguments.to.map(x, x + 1).exists(x, x == 3)", r#"{"to":[1,2]}"#, true),
        ("arguments['a-b'] == 1", r#"{"a-b":1}"#, true),
        ("arguments.big == 18446744073709551615u", r#"{"big":18446744073709551615}"#, true),
    ] {
        assert_eq!(check(condition, arguments), Some(expected), "{condition} {arguments}");
    }
}

#[test]
fn what_cannot_be_told_does_not_hold() {
    for (condition, arguments) in [
        ("arguments.amount <= 100", "{}"),
        ("arguments.amount <= 100", r#"{"amount":"1"}"#),
        ("arguments.flag", r#"{"flag":"true"}"#),
        ("arguments.n < 1", r#"{"n":-99999999999999999999999}"#),
        ("1 / arguments.n == 1", r#"{"n":0}"#),
        ("arguments.n + 1 > 0", r#"{"n":9223372036854775807}"#),
        ("arguments.list[5] == 1", r#"{"list":[]}"#),
    ] {
        assert_eq!(check(condition, arguments), Some(false), "{condition} {arguments}");
    }
}

#[test]
fn what_is_wrong_is_said_when_it_is_loaded() {
    for (condition, said) in [
        ("arguments.", "no CEL"),
        ("", "no CEL"),
        ("argument.x == 1", "no `argument`"),
        ("principal.name == 'x'", "no `name`"),
        ("time.now == 'x'", "no `now`"),
        ("exec(arguments.x)", "no function `exec`"),
        ("arguments.x.matches(arguments.y)", "written out"),
        ("arguments.x.matches('(')", "no regular expression"),
        ("1 + 1", "true or false"),
        ("'yes'", "true or false"),
        ("tool", "true or false"),
        ("arguments.list.map(x, x)", "true or false"),
        ("size(arguments.x)", "true or false"),
        ("arguments.x ? 1 : 2", "true or false"),
        ("{'a': 1} == arguments", "builds no maps"),
    ] {
        let error = When::compile(condition).map(|_| ()).map_err(|error| error.to_string());
        assert!(error.as_ref().is_err_and(|error| error.contains(said)), "{condition}: {error:?}");
    }
}

#[test]
fn cost_bombs_are_refused_when_they_are_loaded() {
    let loops =
        "arguments.a.all(a, arguments.a.all(b, arguments.a.all(c, arguments.a.all(d, a + b + c + d > 0))))";
    let doubling = (0..12).fold("arguments.s".to_owned(), |text, _| format!("({text} + {text})"));
    let squares =
        "arguments.a.map(a, arguments.a).map(b, arguments.a.map(c, b + c)).exists(d, d.exists(e, e == 1))";
    for bomb in [
        loops.to_owned(),
        format!("{doubling} == 'x'"),
        squares.to_owned(),
        format!("{}true", "!".repeat(1000)),
        format!("{}true{}", "(".repeat(1000), ")".repeat(1000)),
        format!("{} > 0", vec!["1"; 2000].join("+")),
        format!("[{}].all(x, true)", vec!["1"; 1000].join(",")),
        " ".repeat(5000),
    ] {
        assert!(When::compile(&bomb).is_err(), "{bomb:.80}");
    }
}

#[test]
fn what_is_costly_only_on_large_arguments_is_refused_on_those() {
    let condition = "arguments.a.all(x, arguments.a.exists(y, x == y))";
    let list = |count: usize| format!(r#"{{"a":[{}]}}"#, vec!["7"; count].join(","));
    assert_eq!(check(condition, &list(50)), Some(true));
    let begun = std::time::Instant::now();
    assert_eq!(check(condition, &list(100_000)), Some(false));
    assert!(begun.elapsed().as_secs() < 2);
    // And the largest that is not refused is soon done.
    assert_eq!(check("arguments.a.all(x, x == 7)", &list(20_000)), Some(true));
    assert!(begun.elapsed().as_secs() < 5);
}

#[test]
fn what_is_barely_allowed_is_read_on_a_small_stack() {
    let nested = format!("{}true{}", "(".repeat(12), ")".repeat(12));
    let chained = format!("{} > 0", vec!["1"; 28].join("+"));
    let chosen = format!("{}true", "true?false:".repeat(12));
    let small = std::thread::Builder::new().stack_size(2 << 20);
    let run = small.spawn(move || {
        [nested, chained, chosen]
            .map(|text| When::compile(&text).map(|when| when.holds(&Value::Null, &Call::default())))
    });
    assert!(run.is_ok_and(|run| run.join().is_ok()));
}
