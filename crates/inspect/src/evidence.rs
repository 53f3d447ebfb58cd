//! What may be written down about a hit.

use crate::catalogue::Detector;

/// Masked evidence for audit records and explanations: at most the first four
/// characters, and only as far as they are the issuer's public prefix, then the
/// length, such as `AKIA… (20 characters)`. Nothing of personal data or of
/// custom matches is shown.
pub fn evidence(detector: &Detector, matched: &str) -> String {
    let shown = detector
        .prefixes
        .iter()
        .filter(|prefix| matched.starts_with(prefix.as_ref()))
        .map(|prefix| prefix.len().min(SHOWN))
        .max()
        .and_then(|len| matched.get(..len))
        .unwrap_or_default();
    let length = matched.chars().count();
    let unit = if length == 1 { "character" } else { "characters" };
    format!("{shown}… ({length} {unit})")
}

const SHOWN: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue;

    fn of(name: &str, matched: &str) -> String {
        let detector = catalogue().iter().find(|d| d.name == name).unwrap();
        evidence(detector, matched)
    }

    #[test]
    fn shows_the_issuer_prefix_and_the_length() {
        assert_eq!(of("aws_key", "AKIAQYLPMN5HFIQR7BBB"), "AKIA… (20 characters)");
        assert_eq!(of("openai_key", "sk-Zabcdef"), "sk-… (10 characters)");
        assert_eq!(of("openai_key", "sk-proj-Zabcdef"), "sk-p… (15 characters)");
        assert_eq!(of("database_url", "mysql://u:p@h"), "mysq… (13 characters)");
    }

    #[test]
    fn shows_nothing_else() {
        assert_eq!(of("email", "ann@example.org"), "… (15 characters)");
        assert_eq!(of("aws_secret_key", "k"), "… (1 character)");
        assert_eq!(of("jwt", "été"), "… (3 characters)");
    }
}
