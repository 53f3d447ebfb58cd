//! Pins: what each server was approved to be, and how what it is now differs.
//!
//! A server's surface is a set of [`Item`]s: who it is and how it is started, what it says when it introduces itself, and
//! each tool, prompt, resource and template it lists. [`Lock`] holds the surfaces that were approved, in a file made
//! to be read; [`compare`] tells what became of an item and how grave that is; [`Watch`] keeps both together while
//! sessions go on. What is seen is compared as canonical JSON, so the order of keys and pages does not matter.
//!
//! Nothing here knows what is done about a difference.

mod canonical;
mod digest;
mod drift;
mod identity;
mod import;
mod lock;
mod safe;
mod seen;
mod surface;
mod watch;

pub use self::{
    canonical::canonical,
    digest::{Digest, ParseDigestError},
    drift::{Change, Class, compare, differences, gravest},
    identity::{Surroundings, of_command, of_url, portable},
    import::{ImportError, vanguard},
    lock::{Approval, Lock, LockError, LockFile, Pinned},
    seen::{Seen, SeenFile, SeenItems},
    surface::{Item, Kind, Surface, SurfaceError},
    watch::{Departure, Mode, Snapshot, Watch, Watched},
};
