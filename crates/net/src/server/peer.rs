use std::net::SocketAddr;

/// Who is at the other end of a connection, as far as the connection tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Peer {
    /// Its address; none on a Unix socket.
    pub addr: Option<SocketAddr>,
    /// Whether the connection is encrypted.
    pub tls: bool,
    /// The user at the other end of a Unix socket.
    pub unix: Option<u32>,
}
