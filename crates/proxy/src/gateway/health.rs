//! Whether the gateway lives and works. Open to everybody, and says nothing else.

use http::{Response, StatusCode};
use net::server::{Body, Draining};

use super::{respond::json, shared::Shared};

/// `/healthz`: the process answers.
pub(super) fn alive() -> Response<Body> {
    json(StatusCode::OK, r#"{"status":"ok"}"#.into())
}

/// `/readyz`: it takes requests and can record what passes.
pub(super) fn ready(shared: &Shared, draining: &Draining) -> Response<Body> {
    let records = shared.audit.as_ref().is_none_or(|audit| audit.health().trouble.is_none());
    match (draining.has_begun(), records) {
        (true, _) => json(StatusCode::SERVICE_UNAVAILABLE, r#"{"status":"draining"}"#.into()),
        (_, false) => json(StatusCode::SERVICE_UNAVAILABLE, r#"{"status":"cannot record"}"#.into()),
        _ => json(StatusCode::OK, r#"{"status":"ready"}"#.into()),
    }
}
