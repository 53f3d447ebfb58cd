//! Configuration read, checked and compiled into one immutable [`Policy`].
//!
//! Files are touched only while a policy is loaded. Afterwards a policy is data: every permission
//! pattern, detector rule and limit is compiled, and each remembers the [`Location`] it came from so
//! that a verdict can name the line that caused it.

mod action;
mod audit;
mod build;
mod content;
mod error;
mod file;
mod hash;
mod limits;
mod load;
mod location;
mod permissions;
mod places;
mod policy;
mod profile;
mod reference;
mod table;

pub use self::{
    action::{Action, Flow},
    audit::AuditSettings,
    content::ContentRules,
    error::{ConfigError, Problem},
    limits::{BigIntegers, Limits},
    load::{Overrides, load, load_with, parse, parse_with},
    location::Location,
    permissions::{
        Judgement, Pattern, PatternError, PatternList, PermissionLists, Permissions, Refusal, Surface,
    },
    places::{locate, state_dir},
    policy::{Launch, Policy, Sampling, ServerPolicy, Transport},
    profile::{Profile, UnknownProfile},
    reference::{json_schema, reference_markdown},
};
