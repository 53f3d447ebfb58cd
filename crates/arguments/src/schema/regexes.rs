//! The expressions of schemas (ECMA-262) for an engine that is linear in the text.

use regex::{Regex, RegexBuilder};

/// Compiles an expression; `None` if it needs backtracking, is too large, or is read differently by different programs.
pub(super) fn compile(ecma: &str) -> Option<Regex> {
    RegexBuilder::new(&translate(ecma)?)
        .size_limit(1 << 20)
        .dfa_size_limit(1 << 21)
        .nest_limit(64)
        .build()
        .ok()
}

/// The same expression in Rust's dialect: classes such as `\d` stand for ASCII alone, and what is special in only one
/// of the two is escaped.
fn translate(ecma: &str) -> Option<String> {
    let mut out = String::with_capacity(ecma.len() + 16);
    let mut characters = ecma.chars().peekable();
    let mut in_class = false;
    while let Some(c) = characters.next() {
        match c {
            '\\' => {
                let escaped = characters.next()?;
                let class = match escaped {
                    'd' => "[0-9]",
                    'D' => "[^0-9]",
                    'w' => "[0-9A-Za-z_]",
                    'W' => "[^0-9A-Za-z_]",
                    's' => r"[\t\n\x0B\f\r \u{A0}\u{FEFF}\p{gc=Zs}\u{2028}\u{2029}]",
                    'S' => r"[^\t\n\x0B\f\r \u{A0}\u{FEFF}\p{gc=Zs}\u{2028}\u{2029}]",
                    'b' if in_class => r"\x08",
                    'b' => r"(?-u:\b)",
                    'B' => r"(?-u:\B)",
                    'a' | 'A' | 'z' | 'Z' | 'Q' | 'E' | 'G' | 'c' | 'k' | '1'..='9' => return None,
                    '0' => r"\x00",
                    'u' | 'x' | 'p' | 'P' | 't' | 'n' | 'r' | 'f' | 'v' => {
                        out.push('\\');
                        out.push(escaped);
                        continue;
                    }
                    other if other.is_ascii_alphanumeric() => return None,
                    other => {
                        out.push_str(&regex::escape(other.encode_utf8(&mut [0; 4])));
                        continue;
                    }
                };
                out.push_str(&class.replace(r"\p{gc=Zs}", SPACES));
            }
            '[' if in_class => out.push_str(r"\["),
            '[' => {
                in_class = true;
                out.push('[');
                if characters.next_if_eq(&'^').is_some() {
                    out.push('^');
                }
                // In ECMA-262 `[]` is empty; nobody means that.
                if characters.peek() == Some(&']') {
                    return None;
                }
            }
            ']' if in_class => {
                in_class = false;
                out.push(']');
            }
            '-' if in_class && characters.peek() == Some(&'-') => return None,
            '&' | '~' if in_class => {
                out.push('\\');
                out.push(c);
            }
            '.' if !in_class => out.push_str(r"[^\n\r\u{2028}\u{2029}]"),
            other => out.push(other),
        }
    }
    Some(out)
}

/// The space separators of Unicode.
const SPACES: &str = r"\u{1680}\u{2000}-\u{200A}\u{202F}\u{205F}\u{3000}";
