//! Puts other values into raw messages without touching anything else of them.

use std::ops::Range;

use wire::member;

/// Where a value stands in a message, by the names that lead to it; `None` if it is not there.
pub(super) fn find(message: &str, path: &[&str]) -> Option<Range<usize>> {
    let mut span = 0..message.len();
    for name in path {
        let found = member(message.get(span.clone())?, name)?;
        let start = span.start + found.value_at;
        span = start..start + found.value.len();
    }
    Some(span)
}

/// The raw value at that path.
pub(super) fn at<'a>(message: &'a str, path: &[&str]) -> Option<&'a str> {
    message.get(find(message, path)?)
}

/// The message with other raw values in these places, which do not overlap.
pub(super) fn put(message: &str, mut places: Vec<(Range<usize>, String)>) -> String {
    places.sort_by_key(|(span, _)| span.start);
    let mut out = String::with_capacity(message.len() + 16);
    let mut done = 0;
    for (span, value) in places {
        out.push_str(message.get(done..span.start).unwrap_or_default());
        out.push_str(&value);
        done = span.end;
    }
    out.push_str(message.get(done..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_places_change() {
        let message = r#"{"id":"a","params":{"x":[1,2],"_meta":{"progressToken":7}}}"#;
        let token = find(message, &["params", "_meta", "progressToken"]).unwrap();
        let id = find(message, &["id"]).unwrap();
        assert_eq!(&message[token.clone()], "7");
        let put = put(message, vec![(token, "42".to_owned()), (id, "1".to_owned())]);
        assert_eq!(put, r#"{"id":1,"params":{"x":[1,2],"_meta":{"progressToken":42}}}"#);
        assert_eq!(find(message, &["params", "y"]), None);
    }
}
