//! How the daemon proves who it is where the system does not tell who listens: it knows the key of the user's profile,
//! and shows that without saying it. Whoever took the name of its pipe does not get the key, nor a message.

use std::io;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::local::Secret;

type Challenge = [u8; 32];

/// Whether the other end knows the key.
pub(crate) async fn check(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    key: &Secret,
) -> io::Result<bool> {
    let mut challenge = Challenge::default();
    getrandom::fill(&mut challenge).map_err(io::Error::other)?;
    stream.write_all(&challenge).await?;
    let mut answer = [0; 32];
    stream.read_exact(&mut answer).await?;
    Ok(answer_to(&challenge, key)?.verify_slice(&answer).is_ok())
}

/// Shows the other end, which asks for it, that we know the key.
pub(crate) async fn prove(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    key: &Secret,
) -> io::Result<()> {
    let mut challenge = Challenge::default();
    stream.read_exact(&mut challenge).await?;
    stream.write_all(&answer_to(&challenge, key)?.finalize().into_bytes()).await
}

/// HMAC (RFC 2104) with SHA-256, over words that nothing else of ours is keyed with.
fn answer_to(challenge: &Challenge, key: &Secret) -> io::Result<Hmac<Sha256>> {
    let mac = Hmac::<Sha256>::new_from_slice(key.reveal().as_bytes()).map_err(io::Error::other)?;
    Ok(mac.chain_update(b"mcp-guard daemon\0").chain_update(challenge))
}

#[cfg(test)]
mod tests {
    use tokio::io::duplex;

    use super::*;

    fn secret() -> Secret {
        let folder = tempfile::tempdir().unwrap();
        Secret::load_or_create(&folder.path().join("key")).unwrap()
    }

    #[tokio::test]
    async fn who_knows_the_key_can_prove_it_and_others_cannot() {
        let (key, other) = (secret(), secret());
        for (theirs, proves) in [(&key, true), (&other, false)] {
            let (mut bridge, mut daemon) = duplex(256);
            let (checked, proved) = tokio::join!(check(&mut bridge, &key), prove(&mut daemon, theirs));
            proved.unwrap();
            assert_eq!(checked.unwrap(), proves);
        }
    }

    #[tokio::test]
    async fn what_was_said_once_proves_nothing_again() {
        let key = secret();
        let (mut bridge, mut daemon) = duplex(256);
        let (_, proved) = tokio::join!(bridge.write_all(&[7; 32]), prove(&mut daemon, &key));
        proved.unwrap();
        let mut old = [0; 32];
        bridge.read_exact(&mut old).await.unwrap();

        let (mut bridge, mut thief) = duplex(256);
        let (checked, _) = tokio::join!(check(&mut bridge, &key), thief.write_all(&old));
        assert!(!checked.unwrap());
    }
}
