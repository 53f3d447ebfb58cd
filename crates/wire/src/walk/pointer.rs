use super::{
    text::unescape,
    tokens::{Token, Tokens},
};

/// The JSON Pointer (RFC 6901) of what is being said at byte `offset` of `line`; empty at the top.
/// Everything before the offset must be well formed, what follows need not be.
pub fn pointer_at(line: &[u8], offset: usize) -> String {
    let before = line.get(..offset.min(line.len())).unwrap_or_default();
    let whole = std::str::from_utf8(line).ok();
    let text = whole.unwrap_or_else(|| match std::str::from_utf8(before) {
        Ok(text) => text,
        Err(error) => {
            std::str::from_utf8(before.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or_default()
        }
    });
    let mut path: Vec<Step<'_>> = Vec::new();
    for (token, span) in Tokens::new(text) {
        if span.start > offset {
            break;
        }
        match token {
            Token::Open(b'{') => path.push(Step::Object { key: None, wants_key: true }),
            Token::Open(_) => path.push(Step::Array(0)),
            // The close that itself is at fault still belongs to what it closes.
            Token::Close if span.start < offset => drop(path.pop()),
            Token::Text(name) => {
                if let Some(Step::Object { key, wants_key: wants @ true }) = path.last_mut() {
                    *key = Some(name);
                    *wants = false;
                }
            }
            Token::Comma => match path.last_mut() {
                Some(Step::Array(index)) => *index += 1,
                Some(Step::Object { wants_key, .. }) => *wants_key = true,
                None => {}
            },
            _ => {}
        }
    }
    path.iter().map(Step::segment).collect()
}

enum Step<'a> {
    Object { key: Option<&'a str>, wants_key: bool },
    Array(usize),
}

impl Step<'_> {
    fn segment(&self) -> String {
        match self {
            Self::Object { key: Some(key), .. } => {
                format!("/{}", unescape(key).replace('~', "~0").replace('/', "~1"))
            }
            Self::Object { key: None, .. } => String::new(),
            Self::Array(index) => format!("/{index}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_at_the_member_being_read() {
        let line = r#"{"a":{"b/c":[0,{"d":1},"X"]},"e":2}"#;
        let at = |needle: &str| pointer_at(line.as_bytes(), line.find(needle).unwrap());
        assert_eq!(at("X"), "/a/b~1c/2");
        assert_eq!(at("1}"), "/a/b~1c/1/d");
        assert_eq!(at("2}"), "/e");
        assert_eq!(at("\"e\""), "/e");
        assert_eq!(pointer_at(b"{", 0), "");
        assert_eq!(pointer_at(b"{\"a\":\"\xff\"}", 6), "/a");
    }
}
