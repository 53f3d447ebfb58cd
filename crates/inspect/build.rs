//! Turns the rule packs (`rules/*.yaml`) into JSON, which is faster to read when the program starts. A pack that is not
//! in form ends the build with its file and line.

// What goes wrong here is told to whoever builds.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used)]

#[path = "src/pack/format.rs"]
#[allow(dead_code, unreachable_pub)] // The crate uses what this program does not.
mod format;

use std::{env, fs, path::Path};

use format::Pack;

fn main() {
    println!("cargo::rerun-if-changed=rules");
    println!("cargo::rerun-if-changed=src/pack/format.rs");
    let mut files: Vec<_> =
        fs::read_dir("rules").expect("rules/").map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "yaml"));
    files.sort();
    let packs: Vec<Pack> = files
        .iter()
        .map(|file| {
            let text = fs::read_to_string(file).unwrap();
            serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
        })
        .collect();
    let out = env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
    fs::write(Path::new(&out).join("packs.json"), serde_json::to_string(&packs).unwrap()).unwrap();
}
