//! The page for those who come from m0lz.03 MCP-Guard names only tests that exist.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // A test fails by panicking.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The sources of the tests under this name: a file or a folder of some crate.
fn sources(root: &Path, name: &str) -> Vec<String> {
    let mut found = Vec::new();
    for folder in fs::read_dir(root.join("crates")).unwrap() {
        let folder = folder.unwrap().path();
        for place in [folder.join("tests"), folder.join("src")] {
            found.extend(fs::read_to_string(place.join(format!("{name}.rs"))));
            let files = fs::read_dir(place.join(name)).into_iter().flatten().flatten();
            found.extend(files.filter_map(|file| fs::read_to_string(file.path()).ok()));
        }
    }
    found
}

#[test]
fn every_test_named_on_the_page_exists() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = fs::read_to_string(root.join("docs/from-m0lz.md")).unwrap();
    let named: Vec<_> = page.split('`').filter_map(|word| word.split_once("::")).collect();
    assert!(named.len() > 60, "only {} tests are named", named.len());
    // A function, or the name given to one where a program lists its tests itself.
    let exists = |&(file, test): &(&str, &str)| {
        let found =
            |text: &String| text.contains(&format!("fn {test}()")) || text.contains(&format!("\"{test}\""));
        sources(&root, file).iter().any(found)
    };
    let missing: Vec<_> = named.into_iter().filter(|name| !exists(name)).collect();
    assert!(missing.is_empty(), "there are no such tests: {missing:#?}");
}
