//! What was measured.

use std::collections::BTreeMap;

use policy::Profile;
use serde::Serialize;

use super::{
    corpus::{Corpus, Kind},
    exchange::Exchange,
    judge::Judge,
    tally::Tally,
};

/// What was measured, of all corpora.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) profile: Profile,
    pub(crate) corpora: Vec<Measured>,
    pub(crate) speed: Speed,
}

/// What was measured of one corpus.
#[derive(Debug, Serialize)]
pub(crate) struct Measured {
    pub(crate) name: String,
    pub(crate) total: Tally,
    pub(crate) categories: BTreeMap<String, Tally>,
    /// Attacks in which nothing was found.
    pub(crate) misses: Vec<Case>,
    /// What was blocked or altered without being an attack.
    pub(crate) false_alarms: Vec<Case>,
}

/// One sample that was judged wrongly.
#[derive(Debug, Serialize)]
pub(crate) struct Case {
    pub(crate) id: String,
    pub(crate) category: String,
    /// The rules that found something, with masked evidence.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) rules: Vec<String>,
    /// The beginning of the sample, masked.
    pub(crate) text: String,
}

/// How long messages took, from their bytes to the bytes that leave.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Speed {
    pub(crate) messages: usize,
    pub(crate) bytes: u64,
    pub(crate) p50_us: f64,
    pub(crate) p99_us: f64,
    /// Millions of bytes a second.
    pub(crate) megabytes_per_second: f64,
}

/// Longest beginning of a sample that is shown, in characters.
const SHOWN: usize = 200;

/// Judges every sample; `list` is how many wrong judgements of each kind are kept of a corpus.
pub(crate) fn measure(judge: &mut Judge, profile: Profile, corpora: &[Corpus], list: usize) -> Report {
    let mut measured = Vec::new();
    let mut times = Vec::new();
    let mut bytes = 0;
    for corpus in corpora {
        let mut of_this = Measured::new(&corpus.name);
        for sample in &corpus.samples {
            let exchange = Exchange::of(sample);
            let judged = judge.judge(&exchange);
            bytes += exchange.line.len() as u64;
            times.push(judged.took.as_secs_f64() * 1e6);
            let counted = judged.counted(sample.kind, &sample.category);
            of_this.total.add(sample.kind, counted);
            of_this.categories.entry(sample.category.clone()).or_default().add(sample.kind, counted);
            let wrong = match sample.kind {
                Kind::Attack if !counted.found => &mut of_this.misses,
                Kind::Benign if counted.enforced => &mut of_this.false_alarms,
                _ => continue,
            };
            if wrong.len() < list {
                let text = sample.text.as_deref().or(sample.json.as_ref().map(|raw| raw.get()));
                let text: String = text.unwrap_or_default().chars().take(SHOWN).collect();
                let rules = judged.rules();
                let (id, category) = (sample.id.clone(), sample.category.clone());
                wrong.push(Case { id, category, rules, text: judge.shown(&text) });
            }
        }
        measured.push(of_this);
    }
    Report { profile, corpora: measured, speed: Speed::of(times, bytes) }
}

impl Measured {
    fn new(name: &str) -> Self {
        let name = name.to_owned();
        Self {
            name,
            total: Tally::default(),
            categories: BTreeMap::new(),
            misses: Vec::new(),
            false_alarms: Vec::new(),
        }
    }

    /// The categories; of a corpus that has many, those that begin with the same word together.
    pub(crate) fn grouped(&self) -> BTreeMap<String, Tally> {
        const MANY: usize = 30;
        if self.categories.len() <= MANY {
            return self.categories.clone();
        }
        let mut groups: BTreeMap<String, Tally> = BTreeMap::new();
        for (category, tally) in &self.categories {
            let group = category.split_once('_').map_or(category.clone(), |(word, _)| format!("{word}_…"));
            groups.entry(group).or_default().join(tally);
        }
        groups
    }
}

impl Speed {
    fn of(mut microseconds: Vec<f64>, bytes: u64) -> Self {
        microseconds.sort_unstable_by(f64::total_cmp);
        let rank = |share: usize| {
            let at = (microseconds.len() * share).div_ceil(100).saturating_sub(1);
            microseconds.get(at).copied().unwrap_or_default()
        };
        let total: f64 = microseconds.iter().sum();
        Self {
            messages: microseconds.len(),
            bytes,
            p50_us: rank(50),
            p99_us: rank(99),
            // Bytes in a microsecond are millions of bytes in a second.
            megabytes_per_second: if total > 0.0 { bytes as f64 / total } else { 0.0 },
        }
    }
}
