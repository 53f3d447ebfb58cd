use http_body_util::Full;
use hyper::{
    Method, Request, Response, StatusCode,
    body::Bytes,
    header::{
        AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
    },
};
use proxy::{
    daemon::{Condition, Handle},
    local::Secret,
};
use serde_json::{Value, json};

use crate::host;

/// Answers one request.
pub(crate) fn answer<B>(request: &Request<B>, daemon: &Handle, token: &Secret) -> Response<Full<Bytes>> {
    if !host::is_ours(request) {
        return says(StatusCode::FORBIDDEN, &json!({ "error": "ask for 127.0.0.1 or localhost" }));
    }
    if request.method() != Method::GET {
        return says(StatusCode::METHOD_NOT_ALLOWED, &json!({ "error": "only GET" }));
    }
    match request.uri().path() {
        "/healthz" => {
            let health = daemon.health();
            let code = match health.status {
                Condition::Healthy | Condition::Degraded => StatusCode::OK,
                Condition::Unhealthy => StatusCode::SERVICE_UNAVAILABLE,
            };
            says(code, &serde_json::to_value(health).unwrap_or_default())
        }
        "/api/status" if bearer(request).is_some_and(|given| token.admits(given)) => {
            says(StatusCode::OK, &serde_json::to_value(daemon.status()).unwrap_or_default())
        }
        "/api/status" => {
            let help = "send `Authorization: Bearer` and the token that `mcp-guard dashboard-token` prints";
            let mut response = says(StatusCode::UNAUTHORIZED, &json!({ "error": help }));
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            response
        }
        _ => says(StatusCode::NOT_FOUND, &json!({ "error": "there are /healthz and /api/status" })),
    }
}

/// The token given (RFC 6750 §2.1).
fn bearer<B>(request: &Request<B>) -> Option<&str> {
    let (scheme, token) = request.headers().get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

fn says(code: StatusCode, what: &Value) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(format!("{what:#}\n"))));
    *response.status_mut() = code;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
