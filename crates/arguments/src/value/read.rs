//! One pass over a JSON text. It accepts what RFC 8259 does.

use std::{borrow::Cow, collections::HashSet};

use super::{Members, ReadError, Value};
use crate::Number;

pub(super) fn read(text: &str) -> Result<Value<'_>, ReadError> {
    let mut reader = Reader { text, at: 0 };
    let value = reader.value(0)?;
    reader.space();
    if reader.at == text.len() { Ok(value) } else { Err(ReadError::Syntax) }
}

/// Whether each name stands there once.
fn is_unique(members: &Members<'_>) -> bool {
    if members.len() <= FEW {
        let twice = |at: usize, name: &str| members.iter().skip(at + 1).any(|(other, _)| other == name);
        return !members.iter().enumerate().any(|(at, (name, _))| twice(at, name));
    }
    let mut known = HashSet::with_capacity(members.len());
    members.iter().all(|(name, _)| known.insert(name))
}

/// So few names are compared with one another faster than they are hashed.
const FEW: usize = 16;

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn value(&mut self, depth: usize) -> Result<Value<'a>, ReadError> {
        self.space();
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.list(depth),
            Some(b'"') => Ok(Value::Text(self.string()?)),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => self.word(),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value<'a>, ReadError> {
        self.enter(depth)?;
        let mut members = Vec::new();
        if self.ends(b'}') {
            return Ok(Value::Object(members));
        }
        loop {
            self.space();
            let name = self.string()?;
            self.space();
            self.expect(b':')?;
            members.push((name, self.value(depth + 1)?));
            if self.ends(b'}') {
                return if is_unique(&members) { Ok(Value::Object(members)) } else { Err(ReadError::Twice) };
            }
            self.expect(b',')?;
        }
    }

    fn list(&mut self, depth: usize) -> Result<Value<'a>, ReadError> {
        self.enter(depth)?;
        let mut elements = Vec::new();
        if self.ends(b']') {
            return Ok(Value::List(elements));
        }
        loop {
            elements.push(self.value(depth + 1)?);
            if self.ends(b']') {
                return Ok(Value::List(elements));
            }
            self.expect(b',')?;
        }
    }

    fn enter(&mut self, depth: usize) -> Result<(), ReadError> {
        self.at += 1;
        if depth < Value::MAX_DEPTH { Ok(()) } else { Err(ReadError::TooDeep) }
    }

    fn number(&mut self) -> Result<Value<'a>, ReadError> {
        let start = self.at;
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            let _ = self.take(b'+') || self.take(b'-');
            self.digits()?;
        }
        Ok(Value::Number(Number::new(self.since(start))))
    }

    fn digits(&mut self) -> Result<(), ReadError> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at > start { Ok(()) } else { Err(ReadError::Syntax) }
    }

    fn word(&mut self) -> Result<Value<'a>, ReadError> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let words = [("null", Value::Null), ("true", Value::Bool(true)), ("false", Value::Bool(false))];
        let (word, value) =
            words.into_iter().find(|(word, _)| rest.starts_with(word)).ok_or(ReadError::Syntax)?;
        self.at += word.len();
        Ok(value)
    }

    fn string(&mut self) -> Result<Cow<'a, str>, ReadError> {
        self.expect(b'"')?;
        let start = self.at;
        loop {
            match self.peek() {
                Some(b'"') => {
                    let text = self.since(start);
                    self.at += 1;
                    return Ok(Cow::Borrowed(text));
                }
                Some(b'\\') => return self.escaped(start),
                Some(byte) if byte >= b' ' => self.at += 1,
                _ => return Err(ReadError::Syntax),
            }
        }
    }

    /// Goes on with a string at its first escape.
    fn escaped(&mut self, start: usize) -> Result<Cow<'a, str>, ReadError> {
        let mut out = self.since(start).to_owned();
        loop {
            let plain = self.at;
            while self.peek().is_some_and(|byte| byte >= b' ' && byte != b'"' && byte != b'\\') {
                self.at += 1;
            }
            out.push_str(self.since(plain));
            if self.take(b'"') {
                return Ok(Cow::Owned(out));
            }
            self.expect(b'\\')?;
            let escape = self.peek().ok_or(ReadError::Syntax)?;
            self.at += 1;
            out.push(match escape {
                b'"' | b'\\' | b'/' => char::from(escape),
                b'b' => '\u{8}',
                b'f' => '\u{c}',
                b'n' => '\n',
                b'r' => '\r',
                b't' => '\t',
                b'u' => self.unicode()?,
                _ => return Err(ReadError::Syntax),
            });
        }
    }

    /// The character of `\u` and its four digits, or of two such that make a pair.
    fn unicode(&mut self) -> Result<char, ReadError> {
        let first = self.hex()?;
        if !(0xD800..0xDC00).contains(&first) {
            return char::from_u32(first).ok_or(ReadError::Syntax);
        }
        self.expect(b'\\')?;
        self.expect(b'u')?;
        let second = self.hex()?;
        let low = second.checked_sub(0xDC00).filter(|low| *low < 0x400).ok_or(ReadError::Syntax)?;
        char::from_u32(0x10000 + ((first - 0xD800) << 10) + low).ok_or(ReadError::Syntax)
    }

    fn hex(&mut self) -> Result<u32, ReadError> {
        let digits = self.text.get(self.at..self.at + 4).ok_or(ReadError::Syntax)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(ReadError::Syntax);
        }
        self.at += 4;
        u32::from_str_radix(digits, 16).map_err(|_| ReadError::Syntax)
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Whether the object or list ends here.
    fn ends(&mut self, end: u8) -> bool {
        self.space();
        self.take(end)
    }

    fn expect(&mut self, byte: u8) -> Result<(), ReadError> {
        if self.take(byte) { Ok(()) } else { Err(ReadError::Syntax) }
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn since(&self, start: usize) -> &'a str {
        self.text.get(start..self.at).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_written_again() {
        for text in [
            "null",
            "true",
            "[]",
            "{}",
            "-0.5e+10",
            r#""a\"\\\n\u0001""#,
            r#"{"a":[1,{"b":""}],"":false}"#,
            "\"😀é\"",
        ] {
            assert_eq!(Value::read(text).map(|value| value.to_json()), Ok(text.to_owned()));
        }
        assert_eq!(Value::read(r#" "\ud83d\ude00\/\b" "#), Ok(Value::Text("😀/\u{8}".into())));
    }

    #[test]
    fn what_is_no_json_is_an_error() {
        for text in [
            "",
            "nul",
            "01",
            "1.",
            "-",
            "1e",
            "[1,]",
            "{\"a\"}",
            "{,}",
            "\"",
            "\"\\x\"",
            "\"\\ud800\"",
            "\"\n\"",
            "1 2",
            "\"\\u+123\"",
            "[1",
            "{\"a\":1",
            "\"\\u12é\"",
        ] {
            assert_eq!(Value::read(text), Err(ReadError::Syntax), "{text}");
        }
        let deep = "[".repeat(100_000);
        assert_eq!(Value::read(&deep), Err(ReadError::TooDeep));
        let many: String = (0..40).map(|n| format!("\"m{n}\":0,")).collect();
        for twice in [r#"{"a":1,"b":2,"a":1}"#, r#"[{"a":1,"\u0061":2}]"#, &format!("{{{many}\"m0\":1}}")] {
            assert_eq!(Value::read(twice), Err(ReadError::Twice));
        }
    }
}
