//! The configuration files of MCP clients: found, read, rewritten and put back.
//!
//! Nothing here prints. What a file says is kept with the place where it says it, so that a server's
//! entry can be changed and everything around it stays as it is, byte for byte.

mod apply;
mod discover;
mod entry;
mod file;
mod generate;
mod journal;
mod machine;
mod mask;
mod pieces;
mod plan;
mod rewrite;
mod secrets;
mod table;
mod tree;

pub use self::{
    apply::{Undone, apply, undo},
    discover::{ClientFile, Discovery, MAX_FILE_BYTES, Problem, discover, with_ancestors},
    entry::{Entry, Program, Reach, Remote},
    file::{create, write_private},
    generate::{configuration, servers},
    machine::{Env, Machine, Os},
    mask::diff,
    plan::{Fate, Plan, Server, Settings, Start, plan},
    rewrite::{Guard, Rewrite, rewrite},
    table::{CLIENTS, Client, Evidence, Place, Scope, client},
    tree::{Format, SyntaxError},
};
