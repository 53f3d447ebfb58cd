//! Headers that a configuration adds to requests (RFC 9110 §5).

/// Why a header cannot be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// Not a token of RFC 9110 §5.6.2.
    #[error("this is no name of a header")]
    Name,
    /// Not a field value of RFC 9110 §5.5.
    #[error(
        "this value cannot be sent in a header: it has a line break, another control character or spaces around it"
    )]
    Value,
    /// It belongs to one connection (RFC 9110 §7.6.1).
    #[error("this header is about one connection, which is ours to manage")]
    HopByHop,
    /// It says what the message is.
    #[error("this header follows from the message, and servers rely on that")]
    OfTheMessage,
    /// MCP's own.
    #[error("headers of MCP follow from the message and the session")]
    OfTheProtocol,
}

/// Checks a header that is to be added to every request.
///
/// # Errors
/// When it cannot be sent, or is not the configuration's to choose.
pub fn check_header(name: &str, value: &str) -> Result<(), HeaderError> {
    check_name(name)?;
    check_value(value)
}

fn check_name(name: &str) -> Result<(), HeaderError> {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(token) {
        return Err(HeaderError::Name);
    }
    let name = name.to_ascii_lowercase();
    match name.as_str() {
        "connection" | "keep-alive" | "te" | "trailer" | "transfer-encoding" | "upgrade" | "expect" => {
            Err(HeaderError::HopByHop)
        }
        name if name.starts_with("proxy-") => Err(HeaderError::HopByHop),
        "host" | "accept" | "accept-encoding" => Err(HeaderError::OfTheMessage),
        name if name.starts_with("content-") => Err(HeaderError::OfTheMessage),
        "last-event-id" => Err(HeaderError::OfTheProtocol),
        name if name.starts_with("mcp-") => Err(HeaderError::OfTheProtocol),
        _ => Ok(()),
    }
}

pub(crate) fn check_value(value: &str) -> Result<(), HeaderError> {
    let sendable = |byte: u8| byte.is_ascii_graphic() || matches!(byte, b' ' | b'\t');
    let usable = !value.is_empty() && value.trim() == value && value.bytes().all(sendable);
    if usable { Ok(()) } else { Err(HeaderError::Value) }
}
