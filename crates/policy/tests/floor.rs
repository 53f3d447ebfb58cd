//! Whatever the two files say: the merge allows nothing that the base does not, and everything that both do.

// Clippy exempts tests from these lints, but not the functions that tests share.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use inspect::{Hit, Text};
use mcp_guard_policy::{
    Action, BigIntegers, Caller, Effect, Flow, Overrides, Policy, ServerPolicy, Surface, diff, parse,
    parse_extending,
};
use proptest::{prelude::*, sample::select};

/// One key and its value, or nothing.
fn maybe(lines: &'static [&'static str]) -> impl Strategy<Value = String> {
    proptest::option::of(select(lines)).prop_map(|line| line.unwrap_or_default().to_owned())
}

fn list(key: &'static str, patterns: &'static [&'static str]) -> impl Strategy<Value = String> {
    proptest::option::of(proptest::collection::vec(select(patterns), 0..3)).prop_map(move |list| {
        list.map(|list| {
            format!("{key}: [{}]", list.iter().map(|p| format!("'{p}'")).collect::<Vec<_>>().join(", "))
        })
        .unwrap_or_default()
    })
}

const TOOLS: &[&str] =
    &["read_*", "read_file", "Read_File", "*_file", "^(read|list)_.*", "*", "write_?ile", "list_*"];
const URIS: &[&str] = &["file:///a/**", "file:///a/b/*", "**/secret", "^file:///[ab]/.*", "**", "https://**"];
const NAMES: &[&str] = &[
    "read_file",
    "READ_FILE",
    "write_file",
    "list_file",
    "read_",
    "read\u{200b}_file",
    "other",
    "read-file",
];
const RESOURCES: &[&str] = &[
    "file:///a/b/c",
    "file:///a/x",
    "file:///b/secret",
    "file:///a/../b/secret",
    "file:///A/b/c",
    "https://x/secret",
    "file:///a/b/%63",
];
const TEMPLATES: &[&str] = &["file:///{path}", "file:///a/b/{x}", "https://x/{y}", "file:///c/{z}"];
const TEXTS: &[&str] = &[
    "mail ada@example.org now",
    "123-45-6789",
    "4111 1111 1111 1111",
    "E-17 ada@example.org",
    "postgres://u:secretpass@db.example.org/x",
    "call 555-123-4567",
    "nothing at all",
];

fn permissions() -> impl Strategy<Value = String> {
    (
        list("allowed_tools", TOOLS),
        list("denied_tools", TOOLS),
        list("allowed_resources", URIS),
        list("denied_resources", URIS),
        list("allowed_prompts", TOOLS),
        list("denied_prompts", TOOLS),
    )
        .prop_map(|(a, b, c, d, e, f)| mapping("permissions", &[a, b, c, d, e, f]))
}

fn mapping(key: &str, lines: &[String]) -> String {
    let lines: Vec<_> = lines.iter().filter(|line| !line.is_empty()).map(String::as_str).collect();
    if lines.is_empty() { String::new() } else { format!("{key}: {{{}}}", lines.join(", ")) }
}

fn pii() -> impl Strategy<Value = String> {
    const CELLS: &[&str] = &[
        "email: {request: allow, response: allow}",
        "email: {request: block}",
        "ssn: {response: warn}",
        "phone: {request: redact, response: block}",
        "credit_card: {request: allow, response: block}",
    ];
    const TYPES: &[&str] = &[
        "staff: {patterns: [{regex: 'E-[0-9]+'}]}",
        "staff: {patterns: [{regex: '[0-9@a-z. :/-]+'}], actions: {request: warn, response: allow}}",
        "staff: {patterns: [{regex: 'E-[0-9]+ .*'}], actions: {request: allow, response: warn}}",
    ];
    (
        maybe(&["enabled: false", "enabled: true"]),
        maybe(&["confidence_threshold: 0.5", "confidence_threshold: 0.9", "confidence_threshold: 0.95"]),
        maybe(CELLS),
        maybe(TYPES),
    )
        .prop_map(|(enabled, threshold, cells, types)| {
            mapping(
                "pii",
                &[enabled, threshold, mapping("actions", &[cells]), mapping("custom_types", &[types])],
            )
        })
}

/// A file; `command` is what a base says about its server and an overlay must not.
fn file(command: &'static str) -> impl Strategy<Value = String> {
    const PROFILES: &[&str] = &["profile: monitor", "profile: balanced", "profile: strict"];
    let policy = (
        permissions(),
        maybe(&[
            "sampling: {enabled: false}",
            "sampling: {enabled: true, max_tokens: 5}",
            "sampling: {max_tokens: 9, rate_limit: 2}",
        ]),
        maybe(&[
            "elicitation: {enabled: false}",
            "elicitation: {secrets: allow}",
            "elicitation: {secrets: warn, rate_limit: 3}",
        ]),
        maybe(&[
            "rate_limit: {requests_per_minute: 5}",
            "rate_limit: {requests_per_hour: 9, tool_limits: {read_*: {requests_per_minute: 1}}}",
        ]),
    )
        .prop_map(|(a, b, c, d)| mapping("policy", &[a, b, c, d]));
    const OLDEST: &[&str] = &["min_protocol_version: 2025-03-26", "min_protocol_version: 2025-11-25"];
    let server = (maybe(PROFILES), maybe(OLDEST), policy).prop_map(move |(profile, oldest, policy)| {
        let inner = mapping("a", &[command.to_owned(), profile, oldest, policy]);
        mapping("servers", &[inner])
    });
    let roles = proptest::option::of(("default|eve|ops", permissions())).prop_map(|role| {
        role.map(|(name, rules)| {
            mapping("roles", &[format!("{name}: {{users: [bob], {rules}}}").replace(", }", "}")])
        })
        .unwrap_or_default()
    });
    let auth = (maybe(&["mode: none", "mode: os", "mode: api_key"]), roles)
        .prop_map(|(mode, roles)| mapping("auth", &[mode, roles]));
    let gateway = (maybe(OLDEST), maybe(&["limits: {max_sessions: 3}", "limits: {max_sessions: 99999}"]))
        .prop_map(|(oldest, limits)| mapping("gateway", &[oldest, limits]));
    (
        maybe(PROFILES),
        server,
        pii(),
        auth,
        maybe(&[
            "limits: {max_depth: 9, big_integers: allow}",
            "limits: {max_frame_bytes: 2048, max_in_flight: 2}",
        ]),
        maybe(&["audit: {enabled: false}", "audit: {retention_days: 7}", "audit: {retention_days: 365}"]),
        gateway,
    )
        .prop_map(|(a, b, c, d, e, f, g)| [a, b, c, d, e, f, g].join("\n"))
}

/// The strictest thing done with a text.
fn consequence(server: &ServerPolicy, text: &str, flow: Flow) -> Action {
    let mut hits: Vec<Hit> = Vec::new();
    server.content.scan(Text::new(text), flow, &mut hits);
    let sure = hits.iter().filter(|hit| hit.confidence >= server.content.threshold());
    sure.map(|hit| server.content.action(hit.detector, flow).0).max().unwrap_or(Action::Allow)
}

fn server(policy: &Policy) -> &std::sync::Arc<ServerPolicy> {
    policy.server(Some("a")).unwrap_or(policy.fallback())
}

/// Everything that may be named, one after the other.
fn allowed(server: &ServerPolicy) -> Vec<bool> {
    let rules = &server.permissions;
    let names = NAMES
        .iter()
        .flat_map(|name| [Surface::Tool, Surface::Prompt].map(|surface| rules.judge(surface, name)));
    let uris = RESOURCES.iter().map(|uri| rules.judge(Surface::Resource, uri));
    let templates = TEMPLATES.iter().map(|template| rules.judge_template(template));
    names.chain(uris).chain(templates).map(|judgement| judgement.is_allowed()).collect()
}

fn oldest(server: &ServerPolicy) -> Option<wire::Revision> {
    server.min_protocol_version.as_ref().map(|oldest| oldest.value)
}

/// How well the gateway knows its callers.
fn recognises(policy: &Policy) -> usize {
    let mode = policy.gateway().auth.mode.as_str();
    ["none", "os", "api_key"].iter().position(|known| *known == mode).unwrap()
}

fn callers() -> [Caller; 3] {
    ["eve", "bob", "ops"].map(|user| Caller { user: user.to_owned(), groups: Vec::new() })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_merge_is_an_intersection(base in file("command: x"), own in file("start_timeout: 60")) {
        // Without a server of its own in the base, the overlay has none to speak of.
        prop_assume!(base.contains("servers"));
        let env = |_: &str| None;
        let extending = format!("extends: {{path: b}}\n{own}");
        let base_alone = parse(&base, "base.yaml", &env).unwrap_or_else(|error| panic!("{error}\n{base}"));
        let own_alone = parse(&own.replace("start_timeout: 60", "command: x"), "own.yaml", &env).unwrap_or_else(|error| panic!("{error}\n{own}"));
        let merged = parse_extending((&base, "base.yaml"), (&extending, "own.yaml"), &env, Overrides::default())
            .unwrap_or_else(|error| panic!("{error}\n{base}\n{own}"));

        for caller in callers() {
            let of = |policy: &Policy| policy.for_caller(server(policy), &caller);
            let (base, own, merged) = (of(&base_alone), of(&own_alone), of(&merged));
            let both: Vec<_> = allowed(&base).iter().zip(allowed(&own)).map(|(a, b)| *a && b).collect();
            prop_assert_eq!(allowed(&merged), both);

            prop_assert!(merged.profile >= base.profile);
            for text in TEXTS {
                for flow in [Flow::Request, Flow::Response] {
                    prop_assert!(consequence(&merged, text, flow) >= consequence(&base, text, flow), "{text} {flow:?}");
                }
            }
            let sampling = |rules: &ServerPolicy| rules.sampling.enabled.value;
            prop_assert!(sampling(&base) || !sampling(&merged));
            let tokens = |rules: &ServerPolicy| rules.sampling.max_tokens.as_ref().map_or(u32::MAX, |tokens| tokens.value);
            prop_assert!(tokens(&merged) <= tokens(&base));
            prop_assert!(oldest(&merged) >= oldest(&base));
            prop_assert!(base.elicitation.enabled.value || !merged.elicitation.enabled.value);
            prop_assert!(merged.elicitation.secrets.value >= base.elicitation.secrets.value);
            for tool in NAMES {
                let charged: Vec<_> = merged.charges(Some(tool)).map(|limit| (limit.count, limit.period, limit.burst)).collect();
                for limit in base.charges(Some(tool)).chain(own.charges(Some(tool))) {
                    prop_assert!(charged.contains(&(limit.count, limit.period, limit.burst)), "{tool}");
                }
            }
        }
        let (base, merged) = (&base_alone, &merged);
        prop_assert!(merged.limits().max_depth <= base.limits().max_depth);
        prop_assert!(merged.limits().max_frame_bytes <= base.limits().max_frame_bytes);
        prop_assert!(merged.limits().max_in_flight <= base.limits().max_in_flight);
        prop_assert!(merged.limits().big_integers == BigIntegers::Refuse || base.limits().big_integers == BigIntegers::Allow);
        prop_assert!(merged.audit().enabled || !base.audit().enabled);
        prop_assert!(merged.gateway().min_protocol_version >= base.gateway().min_protocol_version);
        prop_assert!(merged.gateway().limits.max_sessions <= base.gateway().limits.max_sessions);
        prop_assert!(recognises(merged) >= recognises(base));
        prop_assert!(merged.audit().retention_days >= base.audit().retention_days);
    }

    #[test]
    fn a_change_that_does_not_loosen_allows_nothing_new(
        lines in (file("command: x"), file("command: x")),
        kept in proptest::collection::vec(proptest::bool::weighted(0.7), 7),
    ) {
        let changed = lines.0.lines().chain([""; 7]).zip(lines.1.lines().chain([""; 7])).zip(kept);
        let changed: Vec<_> = changed.map(|((old, new), kept)| if kept { old } else { new }).collect();
        let (old, new) = (
            parse(&lines.0, "f.yaml", &|_| None).unwrap(),
            parse(&changed.join("\n"), "f.yaml", &|_| None).unwrap(),
        );
        let changes = diff(&old, &new);
        prop_assume!(changes.iter().all(|change| change.effect != Effect::Loosens));
        for caller in callers() {
            let (old, new) = (old.for_caller(server(&old), &caller), new.for_caller(server(&new), &caller));
            let more = allowed(&new).iter().zip(allowed(&old)).any(|(new, old)| *new && !old);
            prop_assert!(!more, "{changes:?}");
            prop_assert!(new.profile >= old.profile);
            for text in TEXTS {
                for flow in [Flow::Request, Flow::Response] {
                    prop_assert!(consequence(&new, text, flow) >= consequence(&old, text, flow), "{text} {changes:?}");
                }
            }
            prop_assert!(old.sampling.enabled.value || !new.sampling.enabled.value);
            prop_assert!(oldest(&new) >= oldest(&old));
            prop_assert!(old.elicitation.enabled.value || !new.elicitation.enabled.value);
            prop_assert!(new.elicitation.secrets.value >= old.elicitation.secrets.value);
            for tool in NAMES {
                for limit in old.charges(Some(tool)) {
                    let kept = new.charges(Some(tool)).any(|new| new.period == limit.period && new.count <= limit.count && new.burst <= limit.burst);
                    prop_assert!(kept, "{tool} {changes:?}");
                }
            }
        }
        prop_assert!(new.limits().max_depth <= old.limits().max_depth);
        prop_assert!(new.limits().big_integers == BigIntegers::Refuse || old.limits().big_integers == BigIntegers::Allow);
        prop_assert!(new.audit().enabled || !old.audit().enabled);
        prop_assert!(new.gateway().limits.max_sessions <= old.gateway().limits.max_sessions);
        prop_assert!(recognises(&new) >= recognises(&old));
    }
}
