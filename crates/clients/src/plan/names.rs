//! What servers are called in the guard's configuration.

use std::collections::BTreeSet;

use super::{Settings, draft::Draft};
use crate::{discover::Discovery, entry::Reach};

/// A name for each draft, none twice: its own, else with the client's name, else with a number.
pub(super) fn names(drafts: &[Draft], found: &Discovery, settings: &Settings<'_>) -> Vec<String> {
    let mut taken: BTreeSet<String> = settings.existing.iter().map(|(name, _)| name.clone()).collect();
    // A name that an entry which is guarded already goes by must not come to mean another server.
    let guarded =
        found.files.iter().flat_map(|file| &file.entries).filter(|entry| entry.reach == Reach::Guarded);
    taken.extend(guarded.map(|entry| usable(&entry.name)));
    let mut name = |draft: &Draft| {
        if let Some(existing) = &draft.existing {
            return existing.clone();
        }
        let own = usable(&draft.wish);
        let with_client = suffixed(&own, draft.client);
        let numbered = (2..).map(|number: u32| suffixed(&with_client, &number.to_string()));
        let mut wishes = [own.clone(), with_client.clone()].into_iter().chain(numbered);
        let free = wishes.find(|name| taken.insert(name.clone()));
        free.unwrap_or(own)
    };
    drafts.iter().map(&mut name).collect()
}

/// Longest name, in bytes, that the guard's configuration takes.
const LONGEST: usize = 64;

fn usable(name: &str) -> String {
    let plain: String =
        name.trim().chars().map(|c| if c.is_whitespace() || c.is_control() { '-' } else { c }).collect();
    // A leading dash would be read as an option.
    let plain = shortened(plain.trim_start_matches('-'), LONGEST);
    if plain.is_empty() { "server".to_owned() } else { plain.to_owned() }
}

fn suffixed(name: &str, suffix: &str) -> String {
    format!("{}-{suffix}", shortened(name, LONGEST - suffix.len() - 1))
}

fn shortened(name: &str, longest: usize) -> &str {
    let end = (0..=longest.min(name.len())).rev().find(|&at| name.is_char_boundary(at));
    name.get(..end.unwrap_or(0)).unwrap_or_default()
}
