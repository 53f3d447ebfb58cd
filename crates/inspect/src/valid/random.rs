//! Whether a value looks drawn at random, as keys do, or like something a person or a program wrote.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use crate::ascii::{before, byte, is_alnum, run_end, slice};

/// Whether a value of ten or more bytes is no word, name, number, path, date or placeholder.
pub(super) fn is_random(value: &[u8]) -> bool {
    let core = value.trim_ascii_end();
    let digits = core.iter().filter(|byte| byte.is_ascii_digit()).count();
    let letters = core.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    if letters < 3 || distinct(core) < 6 || is_placeholder(core) || is_sequence(core) {
        return false;
    }
    // The header of a JSON Web Token alone.
    if core.starts_with(b"ey") && core.len() < 128 && super::jwt::is_header(core) {
        return false;
    }
    // As groups too, which UUIDs are.
    if core.iter().all(|byte| byte.is_ascii_hexdigit() || *byte == b'-') {
        return digits >= 2 && (core.len() >= 16 || digits >= 3);
    }
    if digits == 0 && core.len() < 20 {
        return false;
    }
    if is_interleaved(core) {
        return true;
    }
    // Words hold most letters of names and texts, and next to none of random ones.
    let in_words = words(core);
    in_words * 2 <= letters && (digits >= 2 || (digits >= 1 && core.len() >= 20) || in_words * 4 <= letters)
}

/// Whether a value may be a password that a person chose or a program made: letters with digits or marks, no name of a
/// variable, no path, no placeholder.
pub(super) fn is_password(value: &[u8]) -> bool {
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    let letters = value.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    let marks = value.len() - digits - letters;
    if value.len() < 6 || distinct(value) < 4 || is_placeholder(value) || refers(value) {
        return false;
    }
    match (digits, marks) {
        (0, 0) => false,
        // Dashed and dotted words are names.
        (0, _) => value
            .iter()
            .any(|byte| matches!(byte, b'!' | b'@' | b'#' | b'%' | b'^' | b'&' | b'*' | b'+' | b'?')),
        _ => letters >= 2 && (digits + marks >= 2 || words(value) < letters || letters >= 6),
    }
}

/// Whether a login, `user:password`, has a password that is one.
pub(super) fn is_login(value: &[u8]) -> bool {
    const SLOTS: [&str; 16] = [
        "password",
        "passwd",
        "pass",
        "pwd",
        "pw",
        "secret",
        "token",
        "key",
        "apikey",
        "api_key",
        "api-key",
        "mypassword",
        "user",
        "username",
        "test",
        "yyy",
    ];
    let Some(colon) = value.iter().position(|byte| *byte == b':') else { return false };
    let (user, password) = (slice(value, 0..colon), slice(value, colon + 1..value.len()));
    let password = password.strip_prefix(b"\"").or(password.strip_prefix(b"'")).unwrap_or(password);
    let named = SLOTS.iter().any(|slot| password.eq_ignore_ascii_case(slot.as_bytes()));
    let (other, whole) = if password.is_empty() { (password, user) } else { (user, password) };
    whole != other && !named && !is_placeholder(value) && is_password(whole)
}

/// Whether a value was given, and is no name of a place for one: `TOKEN`, `${TOKEN}`, `<token>`.
pub(super) fn is_given(value: &[u8]) -> bool {
    let name = value.iter().all(|byte| byte.is_ascii_uppercase() || *byte == b'_');
    value.len() >= 4 && !name && !refers(value) && !is_placeholder(value)
}

/// Whether a value may be a password although it is a word: it does not name what belongs in its place.
pub(super) fn is_chosen(value: &[u8]) -> bool {
    const NAMES: [&str; 9] =
        ["pass", "pwd", "string", "secret", "token", "required", "hidden", "none", "null"];
    is_given(value) && !NAMES.iter().any(|name| contains(value, name)) && distinct(value) > 3
}

/// Whether a value beside its issuer's name may be a key: not made of words.
pub(super) fn is_keylike(value: &[u8]) -> bool {
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    let letters = value.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    let hexadecimal = value.iter().all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b'-' | b'_'));
    let worded = words(value) * 2 > letters && !hexadecimal && !is_interleaved(value);
    digits >= 2 && letters >= 2 && distinct(value) >= 6 && !worded && !is_placeholder(value)
}

/// Whether a value only marks its place, or was put there for an example: `your-key`, `xxxx`, `EXAMPLE`, `<token>`.
pub(super) fn is_placeholder(value: &[u8]) -> bool {
    SLOTS.as_ref().is_some_and(|slots| slots.is_match(value)) || repeats(value)
}

/// Whether a value consists of words: `my-token-goes-in-there`.
pub(crate) fn is_worded(value: &[u8]) -> bool {
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    let letters = value.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    digits * 4 <= letters && words(value) * 3 >= letters * 2
}

/// Whether data in base64 only marks its place: it repeats, or counts.
pub(super) fn holds_placeholder(value: &[u8]) -> bool {
    let counts = |data: &[u8]| {
        let steps = data.windows(2).filter(|pair| byte(pair, 1).wrapping_sub(byte(pair, 0)) <= 1).count();
        data.len() > 8 && steps * 10 >= data.len() * 8
    };
    let decoded = super::shape::decode(value);
    [value, &decoded].into_iter().any(|data| is_placeholder(data) || counts(data))
}

/// Words of places for values.
static SLOTS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let words = "example xxxx your placeholder changeme change-me change_me dummy insert replace redacted todo \
                 **** ... ---- goes-here goes_here notreal fake";
    AhoCorasick::builder().ascii_case_insensitive(true).build(words.split_ascii_whitespace()).ok()
});

/// Whether a value is code that leads to a value: `process.env.TOKEN`, `$TOKEN`, `{{ token }}`, `/run/secrets/x`, `a::b`.
pub(super) fn refers(value: &[u8]) -> bool {
    let dotted = value.split(|byte| *byte == b'.').filter(|part| !part.is_empty());
    let names = |part: &[u8]| {
        part.first().is_some_and(u8::is_ascii_alphabetic)
            && part.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
    };
    let path = dotted.clone().count() > 1 && dotted.clone().all(names);
    path || matches!(
        value,
        [b'$' | b'{' | b'<' | b'%' | b'[' | b'(' | b'&' | b'/' | b'~', ..] | [b'.', b'/' | b'.', ..]
    ) || contains(value, "::")
        || contains(value, "->")
        || contains(value, "${")
        || contains(value, "{{")
        || contains(value, "://")
        || value.last() == Some(&b'(')
}

fn distinct(value: &[u8]) -> u32 {
    value.iter().fold(0_u128, |seen, &byte| seen | 1 << (byte & 0x7F)).count_ones()
}

/// Whether one byte makes up most of a value, or stands eight times in a row.
fn repeats(value: &[u8]) -> bool {
    let (mut row, mut longest) = (1, 1);
    for pair in value.windows(2) {
        row = if byte(pair, 0) == byte(pair, 1) { row + 1 } else { 1 };
        longest = longest.max(row);
    }
    longest >= 8 || longest * 2 > value.len()
}

/// Whether letters and digits take turns more often than they do in names.
fn is_interleaved(value: &[u8]) -> bool {
    let turn = |pair: &&[u8]| byte(pair, 0).is_ascii_digit() && byte(pair, 1).is_ascii_alphabetic();
    let turns = value.windows(2).filter(turn).count();
    value.len() >= 16 && turns >= 3 && turns * 12 >= value.len()
}

/// Whether a value is an alphabet: each byte follows the one before it nearly everywhere.
fn is_sequence(value: &[u8]) -> bool {
    let steps = value.windows(2).filter(|pair| byte(pair, 1) == byte(pair, 0).wrapping_add(1)).count();
    value.len() >= 40 && steps * 100 >= value.len() * 85
}

/// How many letters stand in what looks like words: three letters or more of one case, first letter aside, with vowels
/// where words have them.
fn words(value: &[u8]) -> usize {
    let (mut at, mut count) = (0, 0);
    while at < value.len() {
        at = run_end(value, at, |byte| !byte.is_ascii_alphabetic());
        let upper = byte(value, at).is_ascii_uppercase() && byte(value, at + 1).is_ascii_uppercase();
        let same = |byte: u8| if upper { byte.is_ascii_uppercase() } else { byte.is_ascii_lowercase() };
        let end = run_end(value, (at + 1).min(value.len()), same);
        let word = slice(value, at..end);
        // Short words are chance, unless they stand alone.
        let alone = !is_alnum(before(value, at, 1)) && !is_alnum(byte(value, end));
        if is_word(word) && (word.len() > 3 || alone) {
            count += word.len();
        }
        at = end.max(at + 1);
    }
    count
}

fn is_word(word: &[u8]) -> bool {
    let vowel = |byte: &u8| matches!(byte.to_ascii_lowercase(), b'a' | b'e' | b'i' | b'o' | b'u' | b'y');
    let vowels = word.iter().filter(|byte| vowel(byte)).count();
    let consonants = word.split(|byte| vowel(byte)).map(<[u8]>::len).max().unwrap_or(0);
    let rare =
        word.iter().filter(|byte| matches!(byte.to_ascii_lowercase(), b'q' | b'x' | b'z' | b'j')).count();
    word.len() >= 3
        && vowels * 5 >= word.len()
        && vowels * 3 <= word.len() * 2
        && consonants <= 4
        && rare * 6 <= word.len()
}

fn contains(text: &[u8], part: &str) -> bool {
    text.windows(part.len()).any(|window| window.eq_ignore_ascii_case(part.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_look_random_and_names_do_not() {
        for value in [
            "Zf3D0LXCM3EIMbgJpUNnkRtOfOueHznB",
            "it5RCfHrIMzL0VwOqJqjpP6kqPs9bHnY",
            "0afae57f3ccfd9d7f5767067bc48b30f",
            "3z0uwo0t2sjdtkg9rdkeboi67jg5yx",
            "4b1dKyvJZbCfkmTNqTxWCcWQu6TsLA8DF2J9EtAktg",
            "77yg7tx91p4lag",
        ] {
            assert!(is_random(value.as_bytes()), "{value}");
        }
        for value in [
            "getAuthenticationTokenProvider2",
            "src/main/java/org/example1",
            "2022-09-26T21-55-47",
            "aws_secretsmanager_secret_v2",
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
            "your-api-key-0123456789abcdef",
            "application-default-login-12",
            "123456789012345678",
            "00000000000000000000aaaaaaaa1b2c",
        ] {
            assert!(!is_random(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn passwords_are_no_references() {
        for value in ["P@ssw0rd123", "hunter2!", "s3cr3t99", "mycoin!1", "Tr0ub4dor&3"] {
            assert!(is_password(value.as_bytes()), "{value}");
        }
        for value in [
            "process.env.PASS1",
            "$PASSWORD1",
            "password",
            "your_password1",
            "/run/secrets/db1",
            "config::PASS2",
            "string",
        ] {
            assert!(!is_password(value.as_bytes()), "{value}");
        }
    }
}
