/// Longest session id: room for a token of a kind the specification names as an example.
const LONGEST_SESSION: usize = 4096;

/// Longest event id.
const LONGEST_EVENT: usize = 1024;

/// Whether these bytes can name a session: visible ASCII, 1 to 4096 bytes (MCP 2025-11-25 basic/transports §Session
/// Management, which sets no limit).
pub fn is_session_id(value: &[u8]) -> bool {
    (1..=LONGEST_SESSION).contains(&value.len()) && value.iter().all(u8::is_ascii_graphic)
}

/// Whether these bytes can be an event's id in `Last-Event-ID`: UTF-8 without control characters, 1 to 1024 bytes
/// (WHATWG HTML §9.2.4).
pub fn is_event_id(value: &[u8]) -> bool {
    (1..=LONGEST_EVENT).contains(&value.len())
        && std::str::from_utf8(value).is_ok_and(|text| !text.contains(char::is_control))
}
