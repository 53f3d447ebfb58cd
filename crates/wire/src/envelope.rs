use std::ops::Range;

use crate::{
    Id, WireError,
    error::Fault,
    json::Found,
    walk::{member, unescape},
};

/// What a frame is (JSON-RPC 2.0 §4, §5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Wants an answer.
    Request,
    /// Wants none.
    Notification,
    /// Answers a request with a `result`.
    Response,
    /// Answers a request with an `error`.
    Failure,
}

/// Where the members of one JSON-RPC message lie in its line.
#[derive(Debug, Clone)]
pub(crate) struct Envelope {
    pub(crate) kind: Kind,
    pub(crate) id: Option<Range<usize>>,
    pub(crate) method: Option<Range<usize>>,
    /// `params`, `result` or `error`.
    pub(crate) body: Option<Range<usize>>,
    /// Members JSON-RPC does not name: passed on intact. Names without their quotes.
    pub(crate) extra: Vec<(Range<usize>, Range<usize>)>,
}

const NAMES: [&str; 6] = ["jsonrpc", "id", "method", "params", "result", "error"];

impl Envelope {
    pub(crate) fn new(line: &str, members: &[Found]) -> Result<Self, WireError> {
        let start = members.first().map_or(0, |found| found.key.start);
        let mut slots: [Option<Range<usize>>; 6] = Default::default();
        let mut extra = Vec::new();
        for Found { key, value, .. } in members {
            let name = unescape(line.get(key.clone()).unwrap_or_default());
            let slot = NAMES.iter().zip(slots.iter_mut()).find(|(known, _)| **known == name);
            if let Some((_, slot)) = slot {
                *slot = Some(value.clone());
            } else if let Some(known) = NAMES.into_iter().find(|known| folds_to(&name, known)) {
                return Err(WireError::new(Fault::CaseVariant(known), key.start));
            } else {
                extra.push((key.clone(), value.clone()));
            }
        }
        let [jsonrpc, id, method, params, result, error] = slots;
        let raw = |span: &Range<usize>| line.get(span.clone()).unwrap_or_default();
        let wrong = |what, at: Option<&Range<usize>>| {
            Err(WireError::new(Fault::Envelope(what), at.map_or(start, |span| span.start)))
        };
        if jsonrpc.as_ref().map(raw) != Some("\"2.0\"") {
            return wrong("\"jsonrpc\" must be \"2.0\"", jsonrpc.as_ref());
        }
        let null_id = id.as_ref().map(raw) == Some("null");
        if let Some(span) = &id
            && !null_id
            && Id::from_raw(raw(span)).is_none()
        {
            return wrong("\"id\" must be a string or an integer within ±(2^53-1)", id.as_ref());
        }
        let (kind, body) = match (&method, &result, &error) {
            (Some(name), None, None) if raw(name).starts_with('"') => {
                let kind = if id.is_some() { Kind::Request } else { Kind::Notification };
                (kind, params)
            }
            (Some(name), None, None) => return wrong("\"method\" must be a string", Some(name)),
            (None, Some(_), None) if params.is_none() => (Kind::Response, result.clone()),
            (None, None, Some(_)) if params.is_none() => (Kind::Failure, error.clone()),
            (None, None, None) => {
                return wrong("neither \"method\" nor \"result\" nor \"error\"", None);
            }
            _ => return wrong("request and response members in one message", None),
        };
        let body_raw = body.as_ref().map_or("null", raw);
        match kind {
            Kind::Request if null_id => {
                return wrong("the \"id\" of a request must not be null", id.as_ref());
            }
            Kind::Response if null_id || id.is_none() => {
                return wrong("a result without an \"id\"", None);
            }
            Kind::Failure if member(body_raw, "code").is_none() => {
                return wrong("\"error\" must be an object with a \"code\"", error.as_ref());
            }
            Kind::Request | Kind::Notification
                if !matches!(body_raw.as_bytes().first(), Some(b'{' | b'[' | b'n')) =>
            {
                return wrong("\"params\" must be an object or a list", body.as_ref());
            }
            _ => {}
        }
        Ok(Self { kind, id: id.filter(|_| !null_id), method, body, extra })
    }
}

/// Whether a case-folding parser would take `name` for `known`, a name in ASCII, though it is not the same
/// (CVE-2026-27896). Two letters outside ASCII fold into it.
pub fn folds_to(name: &str, known: &str) -> bool {
    let mut letters = known.chars().map(|letter| letter.to_ascii_lowercase());
    let same = |said: char| match (said, letters.next()) {
        ('ſ', letter) => letter == Some('s'),
        ('\u{212A}', letter) => letter == Some('k'),
        (said, letter) => letter == Some(said.to_ascii_lowercase()),
    };
    // As long in characters, but for the two letters that take more bytes.
    (known.len()..=known.len() * 3).contains(&name.len())
        && name != known
        && name.chars().all(same)
        && letters.next().is_none()
}
