use std::fmt;

/// A JSON-RPC request id. MCP allows strings and integers, never `null` (MCP 2025-11-25 basic §Requests).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Id {
    /// An integer within ±(2⁵³−1); zero and negative numbers are as good as any.
    Number(i64),
    /// A string, unescaped.
    Text(Box<str>),
}

/// Largest integer every JSON parser agrees on (RFC 7493 §2.2).
const MAX_SAFE: i64 = (1 << 53) - 1;

impl Id {
    /// Reads an id from the raw JSON of a checked value; `None` when it is no legal id.
    pub fn from_raw(raw: &str) -> Option<Self> {
        if let Some(inner) = raw.strip_prefix('"').and_then(|r| r.strip_suffix('"')) {
            return Some(Self::Text(crate::unescape(inner).into()));
        }
        let number: i64 = raw.parse().ok()?;
        // `i64` also parses "+1" and "007", which the strict reader has refused; "-0" would be written back as "0".
        (number.abs() <= MAX_SAFE && raw != "-0" && !raw.starts_with('+')).then_some(Self::Number(number))
    }
}

/// As JSON, ready to be written into a frame.
impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => write!(f, "{}", serde_json::Value::from(&**text)),
        }
    }
}
