/// What keeps an idle stream open: a comment, no event (WHATWG HTML §9.2.7).
pub const COMMENT: &[u8] = b":\n\n";

/// Appends one event. Whatever the arguments hold, it stays one event:
///
/// - each line of `data` becomes a `data` field of its own, and a reader joins them with line feeds;
/// - an `id` or an `event` with a line break in it is left out, and so is an `id` with NUL, which no reader would take;
/// - without `id`, empty `data` is left out, so that a lone `retry` is no event to the reader.
pub fn write_event(
    out: &mut Vec<u8>,
    id: Option<&str>,
    retry: Option<u64>,
    event: Option<&str>,
    data: &[u8],
) {
    let one_line = |value: &&str| !value.contains(['\r', '\n']);
    if let Some(event) = event.filter(one_line) {
        field(out, b"event", event.as_bytes());
    }
    let id = id.filter(one_line).filter(|id| !id.contains('\0'));
    if let Some(id) = id {
        field(out, b"id", id.as_bytes());
    }
    if let Some(retry) = retry {
        field(out, b"retry", retry.to_string().as_bytes());
    }
    if id.is_some() || !data.is_empty() {
        lines(data, |line| field(out, b"data", line));
    }
    out.push(b'\n');
}

fn field(out: &mut Vec<u8>, name: &[u8], value: &[u8]) {
    out.reserve(name.len() + value.len() + 3);
    out.extend_from_slice(name);
    out.extend_from_slice(b": ");
    out.extend_from_slice(value);
    out.push(b'\n');
}

/// The lines of `data` as the reader of a stream would end them: at CR LF, CR or LF.
fn lines(mut data: &[u8], mut each: impl FnMut(&[u8])) {
    while let Some(end) = memchr::memchr2(b'\r', b'\n', data) {
        let (line, rest) = data.split_at(end);
        each(line);
        data = rest.strip_prefix(b"\r\n").or_else(|| rest.get(1..)).unwrap_or_default();
    }
    each(data);
}
