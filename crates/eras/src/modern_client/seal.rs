use std::fmt::Write as _;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest as _, Sha256};

/// Fingerprint of a request: two that have the same one ask for the same thing.
pub(super) type Digest = [u8; 32];

/// Names one round of a parked call. Rounds are counted, so that a ticket is good once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ticket {
    pub(super) call: u64,
    pub(super) round: u64,
}

/// Makes and checks `requestState` (MCP 2026-07-28 basic/patterns/mrtr §Server Requirements): a ticket under an HMAC
/// (RFC 2104) with SHA-256, which also covers the digest of the request it was made for.
pub(super) struct Seal(Hmac<Sha256>);

/// Bytes of two counters and the authentication code.
const LENGTH: usize = 8 + 8 + 32;

impl Seal {
    pub(super) fn new(key: &[u8; 32]) -> Self {
        // Padded with zeros to the block of the hash, as RFC 2104 §2 says.
        let mut block = hmac::digest::Key::<Hmac<Sha256>>::default();
        block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
        Self(Hmac::new(&block))
    }

    pub(super) fn state(&self, ticket: Ticket, digest: &Digest) -> String {
        let code = self.code(ticket, digest).finalize().into_bytes();
        let bytes = ticket.call.to_be_bytes().into_iter().chain(ticket.round.to_be_bytes()).chain(code);
        bytes.fold(String::with_capacity(2 * LENGTH), |mut text, byte| {
            let _ = write!(text, "{byte:02x}"); // A string takes everything.
            text
        })
    }

    /// The ticket, if we made this state for a request of that digest.
    pub(super) fn open(&self, state: &str, digest: &Digest) -> Option<Ticket> {
        let bytes = unhex(state)?;
        let (call, rest) = bytes.split_first_chunk::<8>()?;
        let (round, code) = rest.split_first_chunk::<8>()?;
        let ticket = Ticket { call: u64::from_be_bytes(*call), round: u64::from_be_bytes(*round) };
        self.code(ticket, digest).verify_slice(code).ok()?;
        Some(ticket)
    }

    fn code(&self, ticket: Ticket, digest: &Digest) -> Hmac<Sha256> {
        let (call, round) = (ticket.call.to_be_bytes(), ticket.round.to_be_bytes());
        self.0
            .clone()
            .chain_update(b"mcp-guard requestState\0")
            .chain_update(call)
            .chain_update(round)
            .chain_update(digest)
    }
}

/// The digest of a method and the members of its `params` that say what is asked for, in any order.
pub(super) fn digest<'a>(method: &str, members: impl Iterator<Item = (&'a str, &'a str)>) -> Digest {
    let mut members: Vec<_> = members.collect();
    members.sort_unstable();
    let mut hash = Sha256::new();
    for part in [method].into_iter().chain(members.into_iter().flat_map(|(name, value)| [name, value])) {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

/// Bytes in lower-case hexadecimal: a state has one spelling.
fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    if text.len() != 2 * LENGTH {
        return None;
    }
    text.as_bytes()
        .chunks_exact(2)
        .map(|pair| Some(digit(*pair.first()?)? << 4 | digit(*pair.last()?)?))
        .collect()
}
