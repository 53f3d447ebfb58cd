use std::borrow::Cow;

use super::{
    decode::{percent_fully, percent_once},
    uri::{Reading, canonical_uri, is_canonical, read},
};

/// How many times a name is decoded one layer at a time; deeper layers are only read at the end.
const LAYERS: usize = 4;

/// Text that may be read for one name before its readings count as incomplete.
const BUDGET_BYTES: usize = 4 * 1024 * 1024;

/// Every form of one URI that some server may act on, without duplicates.
#[derive(Debug)]
pub struct UriReadings<'a> {
    first: Cow<'a, str>,
    others: Vec<String>,
    complete: bool,
}

impl UriReadings<'_> {
    /// The readings, the canonical one first.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.first.as_ref()).chain(self.others.iter().map(String::as_str))
    }

    /// False when the name is so long and so ambiguous that not every reading was made (more than
    /// 4 MiB of text in all). Nothing may then be concluded from a rule that does not match.
    pub fn is_complete(&self) -> bool {
        self.complete
    }
}

/// Reads `uri` in every way known to differ between servers: percent-decoded zero to four times and
/// to the end, with and without its query and fragment, with `\` as a separator or as a letter, with
/// NFKC and invisible characters applied or not, with empty segments dropped before or after `..`.
///
/// One reading is not enough because a reading that undoes more can also hide more:
/// `/etc/%252e%252e/../passwd` is `/passwd` once fully decoded, but a server that decodes once
/// resolves it to `/etc/passwd`. A plain URI has one reading and costs no allocation.
pub fn uri_readings(uri: &str) -> UriReadings<'_> {
    let first = canonical_uri(uri);
    let mut readings = UriReadings { first, others: Vec::new(), complete: true };
    if is_canonical(uri) {
        return readings;
    }
    let mut budget = BUDGET_BYTES;
    let mut layers = Vec::new();
    add_layers(&mut layers, uri);
    add_layers(&mut layers, without_query(uri));
    for layer in &layers {
        readings.add(layer, &mut budget);
        let cut = without_query(layer);
        if cut.len() < layer.len() {
            readings.add(cut, &mut budget);
        }
    }
    readings
}

fn without_query(uri: &str) -> &str {
    uri.split(['?', '#']).next().unwrap_or(uri)
}

fn add_layers<'a>(layers: &mut Vec<Cow<'a, str>>, uri: &'a str) {
    let mut layer = Cow::Borrowed(uri);
    for _ in 0..=LAYERS {
        if layers.contains(&layer) {
            return;
        }
        let next = percent_once(&layer).into_owned();
        layers.push(std::mem::replace(&mut layer, Cow::Owned(next)));
    }
    layers.push(Cow::Owned(percent_fully(&layer).into_owned()));
}

impl UriReadings<'_> {
    fn add(&mut self, text: &str, budget: &mut usize) {
        let either = |undecided: bool| if undecided { &[true, false][..] } else { &[true][..] };
        let unusual = !text.bytes().all(|byte| matches!(byte, 0x20..=0x7E));
        for &visible in either(unusual) {
            for &backslash in either(unusual || text.contains('\\')) {
                for &squeeze_first in either(text.contains("..") || unusual) {
                    let Some(left) = budget.checked_sub(text.len()) else {
                        self.complete = false;
                        return;
                    };
                    *budget = left;
                    let reading = Reading { visible, backslash, squeeze_first, ..Reading::FULL };
                    let form = read(text, reading);
                    if self.iter().all(|known| known != form) {
                        self.others.push(form);
                    }
                }
            }
        }
    }
}
