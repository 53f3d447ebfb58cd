use std::path::PathBuf;

use wire::Revision;

use super::Builder;
use crate::{
    Listen, Setting, TlsFiles,
    file::{
        At, Given,
        schema::{
            EVENTS, GatewayFile, GatewayLimitsFile, HEADER_BYTES, ProtocolVersion, REQUEST_SECONDS, SECONDS,
            SLOTS, STORE_BYTES, TlsFile,
        },
    },
    layer::{GatewayLayer, GatewayLimitsLayer, Said},
};

impl Builder<'_, '_> {
    pub(super) fn gateway(&mut self, file: &GatewayFile) -> GatewayLayer {
        GatewayLayer {
            listen: self.listen(&file.listen),
            tls: file.tls.0.as_ref().and_then(|tls| self.tls(tls)),
            allowed_hosts: self.names(
                &file.allowed_hosts,
                is_host,
                "a host is `NAME` or `NAME:PORT`, without `https://` and wildcards",
            ),
            allowed_origins: self.names(
                &file.allowed_origins,
                is_origin,
                "an origin is `https://NAME` or `https://NAME:PORT`, without a path and wildcards",
            ),
            min_protocol_version: self.revision(&file.min_protocol_version),
            limits: file.limits.value().map(|limits| self.gateway_limits(limits)).unwrap_or_default(),
            shutdown_timeout: self.number("shutdown_timeout", &file.shutdown_timeout, &SECONDS),
        }
    }

    pub(super) fn revision(&mut self, given: &Given<ProtocolVersion>) -> Said<Revision> {
        self.choice(given).map(|said| said.map(Revision::from))
    }

    fn listen(&mut self, given: &Given<Vec<At<String>>>) -> Said<Vec<Listen>> {
        let list = given.0.as_ref()?;
        if list.value.is_empty() {
            self.fault(
                list.place,
                "the gateway would listen nowhere",
                "add an address, such as `127.0.0.1:8080`",
            );
        }
        let mut addresses = Vec::new();
        for written in &list.value {
            let Some(text) = self.expanded(written) else { continue };
            match text.parse() {
                Ok(address) => addresses.push(address),
                Err(error) => {
                    self.fault(written.place, "this is no address to listen on", format!("{error}"))
                }
            }
        }
        Some(self.said(list.place, addresses))
    }

    fn tls(&mut self, tls: &At<TlsFile>) -> Said<TlsFiles> {
        let (cert, key) = (self.text(&tls.value.cert), self.text(&tls.value.key));
        for (name, given) in [("cert", &tls.value.cert), ("key", &tls.value.key)] {
            if given.0.is_none() {
                self.fault(
                    tls.place,
                    format!("`tls` has no `{name}`"),
                    "TLS needs both a `cert` and a `key`",
                );
            }
        }
        let files = TlsFiles { cert: PathBuf::from(cert?.value), key: PathBuf::from(key?.value) };
        Some(self.said(tls.place, files))
    }

    /// A list of what is compared without regard to case.
    fn names(
        &mut self,
        given: &Given<Vec<At<String>>>,
        usable: fn(&str) -> bool,
        help: &str,
    ) -> Said<Vec<String>> {
        let list = given.0.as_ref()?;
        let mut names = Vec::new();
        for written in &list.value {
            match self.expanded(written).map(|text| text.to_ascii_lowercase()) {
                Some(text) if usable(&text) => names.push(text),
                Some(_) => self.fault(written.place, "nothing could match this", help),
                None => {}
            }
        }
        Some(Setting::new(names, self.report.location(list.place)))
    }

    fn gateway_limits(&mut self, file: &GatewayLimitsFile) -> GatewayLimitsLayer {
        GatewayLimitsLayer {
            max_connections: self.number("max_connections", &file.max_connections, &SLOTS),
            max_connections_per_address: self.number(
                "max_connections_per_address",
                &file.max_connections_per_address,
                &SLOTS,
            ),
            max_sessions: self.number("max_sessions", &file.max_sessions, &SLOTS),
            max_sessions_per_principal: self.number(
                "max_sessions_per_principal",
                &file.max_sessions_per_principal,
                &SLOTS,
            ),
            max_requests_per_principal: self.number(
                "max_requests_per_principal",
                &file.max_requests_per_principal,
                &SLOTS,
            ),
            max_streams: self.number("max_streams", &file.max_streams, &SLOTS),
            max_header_bytes: self.number("max_header_bytes", &file.max_header_bytes, &HEADER_BYTES),
            header_timeout: self.number("header_timeout", &file.header_timeout, &SECONDS),
            body_timeout: self.number("body_timeout", &file.body_timeout, &SECONDS),
            write_timeout: self.number("write_timeout", &file.write_timeout, &SECONDS),
            session_idle_timeout: self.number(
                "session_idle_timeout",
                &file.session_idle_timeout,
                &REQUEST_SECONDS,
            ),
            event_store_events: self.number("event_store_events", &file.event_store_events, &EVENTS),
            event_store_bytes: self.number("event_store_bytes", &file.event_store_bytes, &STORE_BYTES),
        }
    }
}

/// Whether this can be the value of `Host` (RFC 9110 §7.2).
pub(crate) fn is_host(text: &str) -> bool {
    let (name, port) = match text.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => (name, Some(port)),
        _ => (text, None),
    };
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    let six = name.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
    let usable = match six {
        Some(six) => six.parse::<std::net::Ipv6Addr>().is_ok(),
        None => !name.is_empty() && name.bytes().all(letters),
    };
    usable && port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0))
}

/// Whether this can be the value of `Origin` (RFC 6454 §6.2). `null` stands for too many pages to be told apart.
pub(crate) fn is_origin(text: &str) -> bool {
    text.split_once("://").is_some_and(|(scheme, host)| {
        let letters = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
        !scheme.is_empty() && scheme.bytes().all(letters) && is_host(host)
    })
}
