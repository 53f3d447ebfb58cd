//! Our own samples, made from grammars: the same at every run, and as many as are asked for. They show that a change
//! breaks nothing; how well attacks of others are found is for the corpora of others to say.

mod attacks;
mod benign;
mod disguise;
mod grammar;

use super::corpus::{Corpus, Kind, Sample};

/// Samples of each category of attacks.
const ATTACKS: usize = 200;

/// Attacks of each kind that are disguised.
const DISGUISED: usize = 8;

/// Samples of each category of what is no attack.
const BENIGN: usize = 1200;

/// The samples, in corpora whose name begins with `only`.
pub(crate) fn corpora(only: Option<&str>) -> Vec<Corpus> {
    let all = [
        ("own_attacks", attacks::samples(ATTACKS)),
        ("own_disguises", disguise::samples(DISGUISED)),
        ("own_benign", benign::samples(BENIGN)),
    ];
    let corpora = all.map(|(name, samples)| Corpus { name: name.to_owned(), samples });
    corpora.into_iter().filter(|corpus| only.is_none_or(|only| corpus.name.starts_with(only))).collect()
}

/// A sample whose number within its category is `number`.
fn sample(kind: Kind, category: &str, surface: &str, number: usize) -> Sample {
    Sample {
        id: format!("{category}-{number}"),
        kind,
        category: category.to_owned(),
        surface: surface.to_owned(),
        text: None,
        json: None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, HashSet};

    use super::*;
    use crate::bench::exchange::Exchange;

    #[test]
    fn the_suite_is_as_large_and_varied_as_it_claims() {
        let corpora = corpora(None);
        let samples =
            |kind| corpora.iter().flat_map(|corpus| &corpus.samples).filter(move |s| s.kind == kind);
        let categories: BTreeSet<_> = samples(Kind::Attack).map(|sample| &sample.category).collect();
        assert!(categories.len() >= 10, "{categories:?}");
        assert!(samples(Kind::Benign).count() >= 10_000);
        let lines: HashSet<_> = samples(Kind::Benign).map(|sample| Exchange::of(sample).line).collect();
        assert!(lines.len() >= 8_000, "{}", lines.len());
    }

    #[test]
    fn the_suite_is_the_same_at_every_run() {
        let lines = || {
            let corpora = corpora(None);
            let samples = corpora.iter().flat_map(|corpus| &corpus.samples);
            samples.map(|sample| Exchange::of(sample).line).collect::<Vec<_>>()
        };
        assert_eq!(lines(), lines());
    }
}
