use super::{Find, Pack, Rule};
use crate::catalogue::Detector;
use crate::rules::RuleError;

/// A pack of the operator's, each of whose rules can be used.
#[derive(Clone, Debug)]
pub struct UserPack {
    detectors: Vec<Detector>,
    rules: Vec<Rule>,
}

impl UserPack {
    /// Takes a pack up.
    ///
    /// # Errors
    /// With the first rule that cannot be used.
    pub fn new(pack: Pack) -> Result<Self, RuleError> {
        for rule in &pack.rules {
            rule.verify_user()?;
        }
        let detectors =
            pack.rules.iter().map(|rule| Detector::of(&pack, rule, |text| text.to_owned().into())).collect();
        Ok(Self { detectors, rules: pack.rules })
    }

    /// What its rules recognise.
    pub fn detectors(&self) -> &[Detector] {
        &self.detectors
    }

    /// Its rules, each with what it recognises.
    pub(crate) fn rules(&self) -> impl Iterator<Item = (&Detector, &Rule)> {
        self.detectors.iter().zip(&self.rules)
    }
}

impl Rule {
    /// Whether it can be used in a pack of the operator's: as [`Rule::verify`], and it may name no detector written
    /// in Rust, which each belong to one rule of ours.
    ///
    /// # Errors
    /// With the first thing that cannot be used.
    pub fn verify_user(&self) -> Result<(), RuleError> {
        if self.find.iter().any(|find| matches!(find, Find::Native(_))) {
            return Err(RuleError::Native { rule: self.id.clone() });
        }
        if self.find.is_empty() {
            return Err(RuleError::Nothing { rule: self.id.clone() });
        }
        self.verify()
    }
}

#[cfg(test)]
mod tests {
    use crate::pack::{Pack, UserPack};
    use crate::{Scanner, ScannerError, Text};

    fn pack(rule: &str) -> Pack {
        let text = format!(
            "{{pack: own, version: 1, actions: {{balanced: {{request: warn, response: warn}}, \
             strict: {{request: block, response: block}}}}, rules: [{{confidence: 90, title: own, {rule}}}]}}"
        );
        serde_saphyr::from_str(&text).unwrap()
    }

    const FIND: &str = "find: [{token: {prefix: [acme_], chars: a-z, length: 8}}]";

    #[test]
    fn its_rules_are_found_beside_ours() {
        let own = UserPack::new(pack(&format!("id: anomaly.acme, {FIND}"))).unwrap();
        let scanner = Scanner::with_packs(|_| true, &[own], &[]).unwrap();
        let mut hits = Vec::new();
        scanner.scan(Text::new("a@b.example acme_abcdefgh"), &mut hits);
        let found: Vec<_> = hits.iter().map(|hit| scanner.detector(hit.detector).unwrap().id()).collect();
        assert_eq!(found, ["pii.email", "anomaly.acme"]);
    }

    #[test]
    fn a_name_that_is_taken_is_refused() {
        let own = UserPack::new(pack(&format!("id: anomaly.email, {FIND}"))).unwrap();
        let both = Scanner::with_packs(|_| false, &[own], &[]);
        assert!(matches!(both, Err(ScannerError::Taken { name }) if name == "email"));
    }

    #[test]
    fn rules_that_cannot_be_used_are_refused() {
        for (rule, why) in [
            (format!("id: acme, {FIND}"), "acme"),
            (format!("id: nobody.acme, {FIND}"), "nobody"),
            (format!("id: secret.Acme!, {FIND}"), "a-z"),
            ("id: secret.acme, find: []".to_owned(), "nothing to find"),
            ("id: secret.acme, find: [{native: {name: email}}]".to_owned(), "native"),
            ("id: secret.acme, find: [{pattern: {anchors: [acme], regex: '('}}]".to_owned(), "unclosed"),
        ] {
            let error = UserPack::new(pack(&rule)).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
    }
}
