use crate::{Location, Setting};

/// Findings that count as none: of one rule, at one server, in one place, until a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exemption {
    /// The server's name.
    pub server: String,
    /// The exact name of the tool or prompt, or the URI; `None` for any.
    pub tool: Option<String>,
    /// Where in the message.
    pub pointer: PointerPattern,
    /// The id of the rule.
    pub rule: String,
    /// The last day on which it holds.
    pub until: String,
    /// The first second at which it no longer holds, in Unix time.
    pub ends: u64,
    /// Why it is right.
    pub reason: String,
    /// Where it was written.
    pub at: Location,
}

impl Exemption {
    /// Whether it is for this rule and what is asked for, wherever in the message.
    pub fn concerns(&self, rule: &str, tool: Option<&str>) -> bool {
        self.rule == rule && self.tool.as_deref().is_none_or(|only| Some(only) == tool)
    }

    /// Whether it holds at this time, in seconds of Unix time.
    pub fn holds(&self, now: u64) -> bool {
        now < self.ends
    }

    /// What decides, for the policy's hash.
    pub(crate) fn describe(&self) -> serde_json::Value {
        serde_json::json!([self.server, self.tool, self.pointer.0, self.rule, self.ends])
    }

    /// All it says, in one line.
    pub(crate) fn line(&self) -> Setting<String> {
        let tool = self.tool.as_deref().unwrap_or("*");
        let line = format!(
            "{} at {}, {tool}, {} until {}: {}",
            self.rule, self.server, self.pointer.0, self.until, self.reason
        );
        Setting::new(line, self.at.clone())
    }
}

/// Warnings come this long before an exemption ends, in seconds.
const SOON: u64 = 14 * 24 * 60 * 60;

/// What the user should know of exemptions that have ended or soon will; `now` in seconds of Unix time.
pub(crate) fn notices(exemptions: &[Exemption], now: u64) -> Vec<String> {
    let notice = |exemption: &Exemption| {
        let Exemption { rule, at, until, .. } = exemption;
        if !exemption.holds(now) {
            return Some(format!(
                "{at}: the exemption from {rule} ended with {until} and no longer applies; remove or renew it"
            ));
        }
        (!exemption.holds(now + SOON)).then(|| format!("{at}: the exemption from {rule} ends with {until}"))
    };
    exemptions.iter().filter_map(notice).collect()
}

/// A JSON Pointer (RFC 6901) in which `*` stands for one name or number and `**` at the end for all that is below.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PointerPattern(String);

impl PointerPattern {
    /// The pattern that every place matches.
    pub(crate) fn anywhere() -> Self {
        Self("/**".to_owned())
    }

    /// `None` if it is written otherwise.
    pub(crate) fn parse(written: &str) -> Option<Self> {
        let mut segments = written.strip_prefix('/')?.split('/').rev();
        segments.next()?;
        (!segments.any(|segment| segment == "**")).then(|| Self(written.to_owned()))
    }

    /// Whether a place matches, given as a JSON Pointer.
    pub fn matches(&self, pointer: &str) -> bool {
        let (mut pattern, mut place) = (self.0.split('/'), pointer.split('/'));
        loop {
            match (pattern.next(), place.next()) {
                (Some("**"), Some(_)) | (None, None) => return true,
                (Some("*"), Some(_)) => {}
                (Some(expected), Some(found)) if expected == found => {}
                _ => return false,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    // What tests share fails the way they do.
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use super::*;

    #[test]
    fn a_pointer_matches_no_wider_than_written() {
        let matches = |pattern: &str, place: &str| PointerPattern::parse(pattern).unwrap().matches(place);
        assert!(matches("/params/arguments/body", "/params/arguments/body"));
        assert!(!matches("/params/arguments/body", "/params/arguments/body/0"));
        assert!(!matches("/params/arguments/body", "/params/arguments"));
        assert!(!matches("/params/arguments/body", "/params/arguments/Body"));
        assert!(matches("/result/content/*/text", "/result/content/3/text"));
        assert!(!matches("/result/content/*/text", "/result/content/3/x/text"));
        assert!(matches("/params/**", "/params/arguments/a/b"));
        assert!(!matches("/params/**", "/params"));
        assert!(PointerPattern::anywhere().matches("/method"));
    }

    #[test]
    fn an_end_that_comes_is_told_before_and_after() {
        let exemption = Exemption {
            server: "a".to_owned(),
            tool: None,
            pointer: PointerPattern::anywhere(),
            rule: "secret.jwt".to_owned(),
            until: "2027-01-31".to_owned(),
            ends: 100 * SOON,
            reason: "test".to_owned(),
            at: Location::CommandLine("-"),
        };
        let told = |now| notices(std::slice::from_ref(&exemption), now);
        assert!(told(98 * SOON).is_empty());
        assert!(told(100 * SOON - 1)[0].contains("ends with 2027-01-31"));
        assert!(told(100 * SOON)[0].contains("no longer applies"));
    }

    #[test]
    fn what_is_no_pointer_is_refused() {
        for written in ["", "params", "/a/**/b"] {
            assert!(PointerPattern::parse(written).is_none(), "{written}");
        }
    }
}
