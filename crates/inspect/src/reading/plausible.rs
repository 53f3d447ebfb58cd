//! Whether bytes are text.

/// What is looked at first, in bytes: random ones hardly ever pass.
pub(super) const HEAD: usize = 12;

/// Bytes as text, if they mostly are; UTF-16 counts.
pub(super) fn text(bytes: &[u8]) -> Option<String> {
    if bytes.iter().take(HEAD).any(|byte| *byte == 0) {
        return sixteen(bytes);
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text = match str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        // A last character that was cut, or a few bytes in another encoding.
        Err(error) if error.valid_up_to() >= bytes.len() - bytes.len() / 8 => {
            String::from_utf8_lossy(bytes).into_owned()
        }
        Err(_) => return None,
    };
    let odd = text.chars().filter(|c| is_odd(*c)).count();
    (!text.is_empty() && odd * 16 <= text.len()).then_some(text)
}

/// Whether text may begin like this. `head` may be cut anywhere.
pub(super) fn begins(head: &[u8]) -> bool {
    if head.contains(&0) {
        return sixteen(head.get(..head.len() & !1).unwrap_or_default()).is_some();
    }
    let text = match str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            str::from_utf8(head.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or_default()
        }
        Err(_) => return false,
    };
    !text.is_empty() && !text.chars().any(is_odd)
}

fn is_odd(c: char) -> bool {
    c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\x1b')
        || matches!(c, '\u{FFFD}' | '\u{E000}'..='\u{F8FF}')
}

fn sixteen(bytes: &[u8]) -> Option<String> {
    let zeros = |odd: usize| bytes.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    let half = bytes.len() / 2;
    let (little, big) = (zeros(1), zeros(0));
    if half < 4 || little.max(big) * 4 < half * 3 || little.min(big) > 0 {
        return None;
    }
    let units = bytes.chunks_exact(2).map(|pair| match *pair {
        [low, high] if little > big => u16::from(high) << 8 | u16::from(low),
        [high, low] => u16::from(high) << 8 | u16::from(low),
        _ => 0,
    });
    let text: String = char::decode_utf16(units).map(|c| c.unwrap_or('\u{FFFD}')).collect();
    let odd = text.chars().filter(|c| is_odd(*c)).count();
    (odd * 16 <= half).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_told_from_other_bytes() {
        assert_eq!(text(b"cat /etc/passwd\n").as_deref(), Some("cat /etc/passwd\n"));
        assert_eq!(text("привет".as_bytes()).as_deref(), Some("привет"));
        assert_eq!(text(b"i\0d\0 \0-\0u\0").as_deref(), Some("id -u"));
        assert_eq!(text(b"\x89PNG\r\n\x1a\n"), None);
        assert_eq!(text(&[0; 16]), None);
        assert_eq!(text(b""), None);
        assert!(begins(b"ignore all p") && begins(&"привет".as_bytes()[..11]));
        assert!(!begins(b"\x01abc") && !begins(b"abc\xff"));
    }
}
