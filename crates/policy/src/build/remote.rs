use std::{path::PathBuf, time::Duration};

use super::Builder;
use crate::{
    CircuitBreaker, HeaderError, KeyringEntry, RemoteSettings, TokenSource, check_header,
    file::{
        At,
        schema::{BREAKER_FAILURES, SECONDS, ServerFile},
    },
    header::check_value,
};

impl Builder<'_, '_> {
    /// Headers, checked one by one.
    pub(super) fn headers(&mut self, file: &ServerFile) -> Vec<(String, String)> {
        let mut headers: Vec<(String, String)> = Vec::new();
        for (name, written) in file.headers.value().map(|entries| entries.0.as_slice()).unwrap_or_default() {
            self.report.hide(written.place);
            let Some(value) = self.expanded(written) else { continue };
            if let Err(error) = check_header(&name.value, &value) {
                let (place, help) = match error {
                    HeaderError::Value => (written.place, "give it one line of ASCII text, or remove it"),
                    HeaderError::Name => (name.place, "use letters, digits and `-`"),
                    _ => (name.place, "remove it"),
                };
                self.fault(place, format!("the header `{}`: {error}", name.value), help);
            }
            if headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(&name.value)) {
                self.fault(
                    name.place,
                    format!("the header `{}` is given twice", name.value),
                    "keep one of them",
                );
            }
            headers.push((name.value.clone(), value));
        }
        headers
    }

    pub(super) fn token(&mut self, file: &ServerFile) -> Option<TokenSource> {
        let authorization = file.headers.value().and_then(|headers| {
            headers.0.iter().find(|(name, _)| name.value.eq_ignore_ascii_case("authorization"))
        });
        let sources = [
            ("headers.Authorization", authorization.map(|(name, _)| name.place)),
            ("upstream_auth_token", file.upstream_auth_token.0.as_ref().map(|at| at.place)),
            ("token_file", file.token_file.0.as_ref().map(|at| at.place)),
            ("token_keyring", file.token_keyring.0.as_ref().map(|at| at.place)),
        ];
        let mut sources = sources.into_iter().filter_map(|(key, place)| Some((key, place?)));
        if let (Some((first, _)), Some((second, place))) = (sources.next(), sources.next()) {
            let message = format!("both `{first}` and `{second}` say what is sent as `Authorization`");
            self.fault(place, message, "keep one of them");
        }
        file.upstream_auth_token.0.iter().for_each(|at| self.report.hide(at.place));
        if let Some(token) = self.text(&file.upstream_auth_token) {
            if let (Err(error), Some(at)) = (check_value(&token.value), &file.upstream_auth_token.0) {
                self.fault(at.place, format!("the token: {error}"), "give the token alone, without `Bearer`");
            }
            return Some(TokenSource::Given(token.value));
        }
        if let Some(entry) = self.keyring(file) {
            return Some(TokenSource::Keyring(entry));
        }
        self.text(&file.token_file).map(|path| TokenSource::File(PathBuf::from(path.value)))
    }

    fn keyring(&mut self, file: &ServerFile) -> Option<KeyringEntry> {
        let At { value: entry, place } = file.token_keyring.0.as_ref()?;
        if !cfg!(unix) {
            let help = "use `token_file`, or `upstream_auth_token` with a variable";
            self.fault(*place, "there is no keyring that could be asked on this system", help);
        }
        let mut names = [("service", &entry.service), ("account", &entry.account)].map(|(key, said)| {
            let Some(name) = self.text(said) else {
                self.fault(*place, format!("`{key}` is missing"), "name both `service` and `account`");
                return String::new();
            };
            // It becomes an argument of a program.
            if name.value.is_empty()
                || name.value.starts_with('-')
                || name.value.chars().any(char::is_control)
            {
                let place = said.0.as_ref().map_or(*place, |at| at.place);
                let help = "give it as it stands in the keyring; it may not begin with `-`";
                self.fault(place, format!("this can be no `{key}`"), help);
            }
            name.value
        });
        let [service, account] = &mut names;
        Some(KeyringEntry { service: std::mem::take(service), account: std::mem::take(account) })
    }

    pub(super) fn remote(&mut self, file: &ServerFile) -> RemoteSettings {
        let default = RemoteSettings::default();
        let mut allow_addresses = Vec::new();
        for written in file.allow_addresses.value().map(Vec::as_slice).unwrap_or_default() {
            match self.expanded(written).map(|text| text.parse()) {
                Some(Ok(network)) => allow_addresses.push(network),
                Some(Err(error)) => self.fault(written.place, "this is no network", format!("{error}")),
                None => {}
            }
        }
        let seconds = self.number("connect_timeout", &file.connect_timeout, &SECONDS);
        RemoteSettings {
            allow_private: self.flag(&file.allow_private).map_or(default.allow_private, |said| said.value),
            allow_addresses,
            ca_file: self.text(&file.ca_file).map(|path| PathBuf::from(path.value)),
            connect_timeout: seconds.map_or(default.connect_timeout, |said| Duration::from_secs(said.value)),
            circuit_breaker: self.circuit_breaker(file),
        }
    }

    fn circuit_breaker(&mut self, file: &ServerFile) -> CircuitBreaker {
        let default = CircuitBreaker::default();
        let Some(At { value: file, .. }) = &file.circuit_breaker.0 else { return default };
        let failures = self.number("failures", &file.failures, &BREAKER_FAILURES);
        let seconds = self.number("open_for", &file.open_for, &SECONDS);
        CircuitBreaker {
            failures: failures.map_or(default.failures, |said| said.value),
            open_for: seconds.map_or(default.open_for, |said| Duration::from_secs(said.value)),
        }
    }
}

/// The host of an `http://` or `https://` address, if it is one without a user.
pub(crate) fn host(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    let authority = rest.split(['/', '?', '#']).next().filter(|authority| !authority.contains('@'))?;
    let host = match authority.strip_prefix('[') {
        Some(six) => six.split_once(']')?.0,
        None => authority.split(':').next()?,
    };
    (!host.is_empty()).then_some(host)
}
