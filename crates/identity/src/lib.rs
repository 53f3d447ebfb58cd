//! Who calls: API keys and the principals they stand for.
//!
//! A request presents a [`Credential`], [`ApiKeys`] knows whose it is, and [`Attempts`] makes guessing slow.

mod attempts;
mod credential;
mod hash;
mod key;
mod keys;

pub use self::{
    attempts::Attempts,
    credential::{Credential, CredentialError, is_ours},
    hash::{KeyHash, KeyHashError},
    key::{ApiKey, GenerateError},
    keys::{ApiKeys, DuplicateKey, Principal},
};
