use std::fmt;

/// What a request shows to prove who sent it.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential(String);

/// Why it is not clear what a request shows. Answer 400 or 401; guessing what is meant could let somebody else in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    /// A header occurs twice, or two of them differ.
    #[error("more than one credential was sent; send one `Authorization: Bearer` or `X-API-Key` header")]
    Several,
    /// Another scheme than ours.
    #[error("the scheme of `Authorization` must be `Bearer`")]
    Scheme,
    /// Empty, or with characters that no key has.
    #[error("the credential is empty or contains characters that no key has")]
    Malformed,
}

const AUTHORIZATION: &str = "authorization";
const API_KEY: &str = "x-api-key";

/// Whether a header carries what proves the client to us. No upstream may see it.
pub fn is_ours(header_name: &str) -> bool {
    [AUTHORIZATION, API_KEY, "proxy-authorization"].iter().any(|ours| header_name.eq_ignore_ascii_case(ours))
}

impl Credential {
    /// Finds it among the headers of a request: `Authorization: Bearer …` (RFC 6750 §2.1) or `X-API-Key: …`.
    ///
    /// # Errors
    /// There are several, or what is there cannot be read.
    pub fn from_headers<N: AsRef<str>, V: AsRef<[u8]>>(
        headers: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Option<Self>, CredentialError> {
        let (mut bearer, mut key) = (None, None);
        for (name, value) in headers {
            let name = name.as_ref();
            let (place, read): (_, fn(&str) -> _) = if name.eq_ignore_ascii_case(AUTHORIZATION) {
                (&mut bearer, token)
            } else if name.eq_ignore_ascii_case(API_KEY) {
                (&mut key, plain)
            } else {
                continue;
            };
            let value = str::from_utf8(value.as_ref()).map_err(|_| CredentialError::Malformed)?;
            if place.replace(read(value.trim_matches([' ', '\t']))?).is_some() {
                return Err(CredentialError::Several);
            }
        }
        match (bearer, key) {
            (Some(bearer), Some(key)) if bearer != key => Err(CredentialError::Several),
            (bearer, key) => Ok(bearer.or(key)),
        }
    }

    /// The key itself, to be compared or hashed and never to be shown.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credential(…)")
    }
}

fn token(value: &str) -> Result<Credential, CredentialError> {
    match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
            plain(token.trim_start_matches(' '))
        }
        None if value.eq_ignore_ascii_case("bearer") => Err(CredentialError::Malformed),
        _ => Err(CredentialError::Scheme),
    }
}

/// Visible characters. A comma could be the seam of two headers that somebody has joined (RFC 9110 §5.3).
fn plain(value: &str) -> Result<Credential, CredentialError> {
    let fine = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_graphic() && byte != b',');
    fine.then(|| Credential(value.to_owned())).ok_or(CredentialError::Malformed)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(headers: &[(&str, &str)]) -> Result<Option<String>, CredentialError> {
        Ok(Credential::from_headers(headers.iter().copied())?.map(|found| found.reveal().to_owned()))
    }

    #[test]
    fn one_credential_is_found_and_anything_unclear_is_refused() {
        use CredentialError::{Malformed, Scheme, Several};
        for (headers, expected) in [
            (&[][..], Ok(None)),
            (&[("host", "x"), ("x-api-keys", "k")], Ok(None)),
            (&[("Authorization", "Bearer k1")], Ok(Some("k1"))),
            (&[("authorization", "bEARER   k1 ")], Ok(Some("k1"))),
            (&[("X-API-Key", "k1")], Ok(Some("k1"))),
            (&[("X-API-Key", "k1"), ("Authorization", "Bearer k1")], Ok(Some("k1"))),
            (&[("X-API-Key", "k1"), ("Authorization", "Bearer k2")], Err(Several)),
            (&[("Authorization", "Bearer k1"), ("authorization", "Bearer k1")], Err(Several)),
            (&[("X-API-Key", "k1"), ("x-api-key", "k1")], Err(Several)),
            (&[("X-API-Key", "k1, k2")], Err(Malformed)),
            (&[("X-API-Key", "k1,k2")], Err(Malformed)),
            (&[("X-API-Key", "")], Err(Malformed)),
            (&[("X-API-Key", "schlüssel")], Err(Malformed)),
            (&[("Authorization", "Bearer")], Err(Malformed)),
            (&[("Authorization", "Bearer ")], Err(Malformed)),
            (&[("Authorization", "Bearer a b")], Err(Malformed)),
            (&[("Authorization", "Bearer\tk1")], Err(Scheme)),
            (&[("Authorization", "Basic azE6")], Err(Scheme)),
            (&[("Authorization", "k1")], Err(Scheme)),
            (&[("Authorization", "")], Err(Scheme)),
            (&[("Authorization", "Basic azE6"), ("X-API-Key", "k1")], Err(Scheme)),
        ] {
            assert_eq!(read(headers), expected.map(|found| found.map(str::to_owned)), "{headers:?}");
        }
        assert_eq!(Credential::from_headers([("x-api-key", b"\xff")]), Err(Malformed));
    }

    #[test]
    fn headers_that_carry_credentials_are_ours() {
        assert!(["Authorization", "x-api-key", "X-API-KEY", "Proxy-Authorization"].into_iter().all(is_ours));
        assert!(!["accept", "x-api-keys", "authorization2", ""].into_iter().any(is_ours));
    }

    #[test]
    fn debug_shows_nothing_of_it() {
        let shown = format!("{:?}", Credential::from_headers([("x-api-key", "tell-nobody")]));
        assert!(!shown.contains("tell"), "{shown}");
    }

    proptest! {
        #[test]
        fn what_is_found_was_sent_and_can_be_a_key(value in proptest::collection::vec(any::<u8>(), 0..40)) {
            if let Ok(Some(found)) = Credential::from_headers([("authorization", &value)]) {
                prop_assert!(value.windows(found.0.len()).any(|part| part == found.0.as_bytes()));
                prop_assert!(found.0.bytes().all(|byte| byte.is_ascii_graphic()) && !found.0.is_empty());
            }
        }
    }
}
