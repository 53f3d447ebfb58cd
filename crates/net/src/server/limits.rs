use std::time::Duration;

/// What a server gives to its clients. The defaults are far from what a well-behaved client needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Connections open at one time, over all listeners.
    pub connections: usize,
    /// Connections open at one time from one address; for IPv6, from one /64 network.
    pub connections_per_address: usize,
    /// Bytes of one request's line and headers. At least 8 KiB.
    pub header_bytes: usize,
    /// Headers of one request.
    pub headers: usize,
    /// From the first byte of a request, or the start of a connection, to the end of its headers.
    pub header_timeout: Duration,
    /// Between two requests on one connection.
    pub idle_timeout: Duration,
    /// How long an HTTP/1.1 connection is idle before the memory of its parser is given back. Less costs time at the
    /// next request, more costs 16 KiB for each idle connection.
    pub rest_after: Duration,
    /// How long a client may take no byte while there are some for it.
    pub write_stall: Duration,
    /// Requests under way at one time on one HTTP/2 connection.
    pub streams: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 16_384,
            connections_per_address: 1024,
            header_bytes: 32 * 1024,
            headers: 100,
            header_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(120),
            rest_after: Duration::from_secs(1),
            write_stall: Duration::from_secs(30),
            streams: 256,
        }
    }
}
