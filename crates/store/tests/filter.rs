//! The filter of the reader against a plain one over all entries.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic and block its thread")]

mod support;

use mcp_guard_store::*;
use proptest::prelude::*;
use support::*;

const NAMES: [&str; 7] = ["files", "fil", "Files", "a[b]c", "x?y", "xzy", "é*"];
const METHODS: [Option<&str>; 4] = [None, Some("tools/call"), Some("tools/list"), Some("ping")];
const PATTERNS: [&str; 12] =
    ["*", "files", "fil*", "*s", "*i*", "a[b]c", "a*]c", "x?y", "x*y", "é**", "tools/*", "none"];
const START_MS: u64 = 1_800_000_000_000;

#[derive(Debug, Clone)]
struct Given {
    session: usize,
    method: usize,
    verdict: usize,
    after_ms: u64,
}

prop_compose! {
    fn given()(session in 0..4_usize, method in 0..METHODS.len(), verdict in 0..Verdict::ALL.len(), after_ms in 0..4_u64) -> Given {
        Given { session, method, verdict, after_ms }
    }
}

prop_compose! {
    fn filter(count: usize)(
        server in proptest::option::weighted(0.3, 0..PATTERNS.len()),
        user in proptest::option::weighted(0.3, 0..PATTERNS.len()),
        method in proptest::option::weighted(0.3, 0..PATTERNS.len()),
        verdicts in proptest::sample::subsequence(Verdict::ALL, 0..=3),
        since in proptest::option::weighted(0.3, 0..60_u64),
        until in proptest::option::weighted(0.3, 0..60_u64),
        after in proptest::option::weighted(0.3, 0..count),
        limit in proptest::option::weighted(0.5, 0..20_u32),
    ) -> (Filter, Option<usize>) {
        let pattern = |nth: Option<usize>| nth.map(|nth| PATTERNS[nth].to_owned());
        let filter = Filter {
            server: pattern(server),
            user: pattern(user),
            method: pattern(method),
            verdicts,
            since_ms: since.map(|ms| START_MS + ms),
            until_ms: until.map(|ms| START_MS + ms),
            limit,
            ..Filter::default()
        };
        (filter, after)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn filters_pass_what_a_plain_search_passes(
        sessions in proptest::collection::vec((0..NAMES.len(), 0..NAMES.len()), 4),
        given in proptest::collection::vec(given(), 40),
        filters in proptest::collection::vec(filter(40), 12),
    ) {
        let home = Home::new();
        let mut audit = home.open();
        let rows: Vec<_> = sessions
            .iter()
            .map(|(server, user)| audit.start_session(&start(NAMES[*server], NAMES[*user])).unwrap())
            .collect();
        let mut ids = Ids::for_session(rows[0]);
        let mut clock = START_MS;
        let records: Vec<_> = given
            .iter()
            .map(|given| {
                clock += given.after_ms;
                Record {
                    method: METHODS[given.method],
                    verdict: Verdict::ALL[given.verdict],
                    ..record(ids.next(clock), rows[given.session])
                }
            })
            .collect();
        audit.write(&records).unwrap();

        let all = home.entries();
        let reader = AuditReader::open(&home.file).unwrap();
        for (filter, after) in filters {
            let filter = Filter { after_id: after.map(|nth| records[nth].id), ..filter };
            let mut expected: Vec<_> = all.iter().filter(|entry| passes(&filter, entry)).cloned().collect();
            if let Some(limit) = filter.limit {
                expected.drain(..expected.len().saturating_sub(limit as usize));
            }
            prop_assert_eq!(reader.query(&filter).unwrap(), expected);
        }
    }
}

fn passes(filter: &Filter, entry: &Entry) -> bool {
    let session = entry.session.as_ref().unwrap();
    let named = |pattern: &Option<String>, name: Option<&str>| match (pattern, name) {
        (None, _) => true,
        (Some(pattern), Some(name)) => glob(pattern, name),
        (Some(_), None) => false,
    };
    named(&filter.server, Some(&session.server))
        && named(&filter.user, Some(&session.principal))
        && named(&filter.method, entry.method.as_deref())
        && (filter.verdicts.is_empty() || filter.verdicts.contains(&entry.verdict))
        && filter.since_ms.is_none_or(|since| entry.id.unix_ms() >= since)
        && filter.until_ms.is_none_or(|until| entry.id.unix_ms() < until)
        && filter.after_id.is_none_or(|after| entry.id > after)
}

fn glob(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((head, rest)) => name.strip_prefix(head).is_some_and(|tail| {
            (0..=tail.len()).any(|at| tail.is_char_boundary(at) && glob(rest, &tail[at..]))
        }),
    }
}
