//! Names in which letters of one script stand for those of another.

/// Whether a label of the host mixes scripts that look alike, or is written wholly in letters that look Latin under an
/// ASCII top level domain. Labels in punycode (RFC 3492) are read first.
pub(in super::super) fn is_lookalike(host: &str) -> bool {
    let latin_end = host.rsplit('.').next().is_some_and(|last| last.is_ascii() && !last.starts_with("xn--"));
    host.split('.').any(|label| {
        let decoded = label.strip_prefix("xn--").and_then(decode);
        let label = decoded.as_deref().unwrap_or(label);
        !label.is_ascii() && deceives(label, latin_end)
    })
}

fn deceives(label: &str, latin_end: bool) -> bool {
    let mut seen = [false; 3];
    let mut all_alike = true;
    for letter in label.chars() {
        match letter {
            'a'..='z' | 'A'..='Z' | '\u{C0}'..='\u{24F}' => {
                seen[0] = true;
                all_alike = false;
            }
            '\u{370}'..='\u{3FF}' | '\u{1F00}'..='\u{1FFF}' => seen[1] = true,
            '\u{400}'..='\u{52F}' | '\u{530}'..='\u{58F}' | '\u{13A0}'..='\u{13FF}' => seen[2] = true,
            _ => {}
        }
        let alike = letter.is_ascii() || LATIN_LOOKING.contains(letter);
        all_alike &= alike;
    }
    seen.iter().filter(|script| **script).count() > 1 || (all_alike && latin_end)
}

/// Cyrillic and Greek letters that print like Latin ones.
const LATIN_LOOKING: &str = "асԁеһіјӏорԛѕԝхуαονρυκɑɡ";

/// Punycode (RFC 3492 §6.2); `None` for what is none or is longer than a label may be.
fn decode(encoded: &str) -> Option<String> {
    if encoded.len() > 63 {
        return None;
    }
    let (plain, tail) = encoded.rsplit_once('-').unwrap_or(("", encoded));
    let mut letters: Vec<char> = plain.chars().collect();
    let (mut code, mut index, mut bias) = (128_u32, 0_u32, 72_u32);
    let mut digits = tail.bytes();
    while digits.len() > 0 {
        let before = index;
        let (mut weight, mut k) = (1_u32, 36_u32);
        loop {
            let digit = match digits.next()? {
                letter @ b'a'..=b'z' => letter - b'a',
                number @ b'0'..=b'9' => number - b'0' + 26,
                _ => return None,
            };
            let digit = u32::from(digit);
            index = index.checked_add(digit.checked_mul(weight)?)?;
            let threshold = k.saturating_sub(bias).clamp(1, 26);
            if digit < threshold {
                break;
            }
            weight = weight.checked_mul(36 - threshold)?;
            k += 36;
        }
        let count = u32::try_from(letters.len()).ok()? + 1;
        bias = adapt(index - before, count, before == 0);
        code = code.checked_add(index / count)?;
        index %= count;
        letters.insert(usize::try_from(index).ok()?, char::from_u32(code)?);
        index += 1;
    }
    Some(letters.into_iter().collect())
}

fn adapt(delta: u32, count: u32, first: bool) -> u32 {
    let mut delta = if first { delta / 700 } else { delta / 2 };
    delta += delta / count;
    let mut k = 0;
    while delta > 455 {
        delta /= 35;
        k += 36;
    }
    k + 36 * delta / (delta + 38)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn punycode_is_read() {
        assert_eq!(decode("mnchen-3ya").as_deref(), Some("münchen"));
        assert_eq!(decode("80ak6aa92e").as_deref(), Some("аррӏе"));
        assert_eq!(decode("wgv71a119e").as_deref(), Some("日本語"));
        assert_eq!(decode("!!"), None);
    }

    #[test]
    fn lookalikes_are_told_from_names_of_other_languages() {
        for host in ["pаypal.com", "xn--80ak6aa92e.com", "gοοgle.com", "аррӏе.com"] {
            assert!(is_lookalike(host), "{host}");
        }
        for host in [
            "münchen.de",
            "日本語.jp",
            "пример.рф",
            "россия.com",
            "xn--mnchen-3ya.de",
            "example.com",
            "ελλάδα.gr",
        ] {
            assert!(!is_lookalike(host), "{host}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_label_can_be_decoded(label in "[a-z0-9-]{0,70}") {
            decode(&label);
        }
    }
}
