use inspect::{CustomDetector, ScannerError, pack::UserPack};

use super::Builder;
use crate::{
    content::CellOverrides,
    file::{
        At, Place, nearest,
        schema::{ActionsFile, CustomTypeFile, PiiFile},
    },
    layer::{ContentLayer, Part, RulesLayer},
};

impl Builder<'_, '_> {
    pub(super) fn content(&mut self, file: &PiiFile, rules: &RulesLayer) -> ContentLayer {
        let mut settings = ContentLayer { enabled: self.flag(&file.enabled), ..ContentLayer::default() };
        if let Some(at) = &file.confidence_threshold.0 {
            self.bare(at, |c| c.is_ascii_digit() || c == '.');
            settings.threshold = percent(at.value).map(|percent| self.said(at.place, percent));
            if settings.threshold.is_none() {
                self.fault(
                    at.place,
                    "`confidence_threshold` is outside of 0 to 1",
                    "the default is 0.8; higher values let more doubtful findings pass",
                );
            }
        }
        let types = file.custom_types.value().map(|entries| entries.0.as_slice()).unwrap_or_default();
        for (name, given) in types {
            self.custom_type(&mut settings, rules, name, given);
        }
        for (name, given) in file.actions.value().map(|entries| entries.0.as_slice()).unwrap_or_default() {
            if self.known_type(name, &settings, rules) {
                self.cells(&mut settings, name, &given.value);
            }
        }
        settings
    }

    fn custom_type(
        &mut self,
        settings: &mut ContentLayer,
        rules: &RulesLayer,
        name: &At<String>,
        given: &At<CustomTypeFile>,
    ) {
        let label = self.text(&given.value.label).map_or_else(|| name.value.clone(), |said| said.value);
        let written = given.value.patterns.value().map(Vec::as_slice).unwrap_or_default();
        let mut patterns = Vec::new();
        let mut places = Vec::new();
        for pattern in written {
            match &pattern.value.regex.0 {
                Some(regex) => {
                    if let Some(expression) = self.expression(regex) {
                        patterns.push(expression);
                        places.push(regex.place);
                    }
                }
                None => self.fault(
                    pattern.place,
                    "this pattern has no `regex`",
                    "add `regex:` with what to look for",
                ),
            }
        }
        if patterns.len() < written.len() {
            return;
        }
        let detector = CustomDetector { name: name.value.clone(), label, patterns };
        let mut all = settings.custom.clone();
        all.push(detector);
        match inspect::Scanner::with_packs(|_| false, &rules.packs, &all) {
            Ok(_) => {
                settings.custom = all;
                let texts = written.iter().filter_map(|pattern| pattern.value.regex.0.as_ref());
                settings.written.push(texts.map(|at| self.said(at.place, at.value.clone())).collect());
                if let Some(actions) = given.value.actions.value() {
                    self.cells(settings, name, actions);
                }
            }
            Err(error) => self.scanner_fault(&error, name, &places),
        }
    }

    /// A regular expression in which the values of variables stand for themselves.
    fn expression(&mut self, at: &At<String>) -> Option<String> {
        let pieces = crate::file::expand(at, self.lookup, self.report)?;
        let escaped = pieces
            .into_iter()
            .map(|piece| if piece.literal { regex::escape(&piece.text) } else { piece.text });
        Some(escaped.collect())
    }

    fn scanner_fault(&mut self, error: &ScannerError, name: &At<String>, patterns: &[Place]) {
        let pattern = |number: usize| patterns.get(number.wrapping_sub(1)).copied().unwrap_or(name.place);
        let type_name = &name.value;
        match error {
            ScannerError::Name { .. } => self.fault(
                name.place,
                format!("`{type_name}` cannot be the name of a custom type"),
                "a name is 1 to 64 of `a-z`, `0-9`, `_` and `-`",
            ),
            ScannerError::Taken { .. } => self.fault(
                name.place,
                format!("there already is a type called `{type_name}`"),
                "choose another name; to change the actions of a built-in type, use `pii.actions`",
            ),
            ScannerError::NoPatterns { .. } => self.fault(
                name.place,
                format!("custom type `{type_name}` has no patterns and would find nothing"),
                "add `patterns:` with at least one `regex`",
            ),
            ScannerError::Pattern { number, source, .. } => self.fault(
                pattern(*number),
                format!("bad regular expression: {}", crate::permissions::reason(source)),
                "look-around and back-references are not supported, because they can take unbounded time",
            ),
            ScannerError::EmptyMatch { number, .. } => self.fault(
                pattern(*number),
                "this expression matches the empty text, so it would match everywhere",
                "require at least one character, for example with `+` instead of `*`",
            ),
            other => self.fault(name.place, other.to_string(), "merge some custom types"),
        }
    }

    fn known_type(&mut self, name: &At<String>, settings: &ContentLayer, rules: &RulesLayer) -> bool {
        let built_in = inspect::catalogue().iter().map(|detector| detector.name.as_ref());
        let custom = settings.custom.iter().map(|detector| detector.name.as_str());
        let base = match self.part {
            Part::Overlay(base) => (base.content.custom.as_slice(), base.rules.packs.as_slice()),
            Part::Alone | Part::Base => Default::default(),
        };
        let packs = rules.packs.iter().chain(base.1).flat_map(UserPack::detectors);
        let packs = packs.map(|detector| detector.name.as_ref());
        let base = base.0.iter().map(|detector| detector.name.as_str());
        let known: Vec<&str> = built_in.chain(custom).chain(base).chain(packs).collect();
        if known.contains(&name.value.as_str()) {
            return true;
        }
        let help = match nearest(&name.value, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known types: {}", known.join(", ")),
        };
        self.report.add(name.place, format!("unknown type `{}`", name.value), "no such type", Some(help));
        false
    }

    fn cells(&mut self, settings: &mut ContentLayer, name: &At<String>, given: &ActionsFile) {
        let cells =
            CellOverrides { request: self.choice(&given.request), response: self.choice(&given.response) };
        match settings.cells.iter_mut().find(|(known, _)| *known == name.value) {
            Some((_, known)) => {
                known.request = cells.request.or(known.request.take());
                known.response = cells.response.or(known.response.take());
            }
            None => settings.cells.push((name.value.clone(), cells)),
        }
    }
}

/// A fraction as per cent.
pub(crate) fn percent(fraction: f64) -> Option<u8> {
    if !(0.0..=1.0).contains(&fraction) {
        return None;
    }
    // Rounded up: a threshold of 0.801 must not accept 80 %.
    let wanted = fraction * 100.0 - 1e-9;
    (0..=100u8).find(|percent| f64::from(*percent) >= wanted)
}
