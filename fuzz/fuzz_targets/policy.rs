//! No text breaks the reader of configurations, and what it takes compiles to one and the same policy.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let env = |name: &str| (name.len() % 2 == 0).then(|| format!("value of {name}"));
    let read = || policy::parse(text, "mcp-guard.yaml", &env);
    match (read(), read()) {
        (Ok(one), Ok(other)) => assert_eq!(one.hash(), other.hash()),
        (Err(one), Err(other)) => {
            let said = one.to_string();
            assert!(!said.is_empty());
            assert_eq!(said, other.to_string());
        }
        _ => panic!("read twice, taken once"),
    }
});
