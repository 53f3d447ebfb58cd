//! The configuration files of MCP clients: found, read, rewritten and put back.
//!
//! Nothing here prints. What a file says is kept with the place where it says it, so that a server's
//! entry can be changed and everything around it stays as it is, byte for byte.

mod discover;
mod entry;
mod file;
mod generate;
mod machine;
mod pieces;
mod plan;
mod secrets;
mod table;
mod tree;

pub use self::{
    discover::{ClientFile, Discovery, MAX_FILE_BYTES, Problem, discover, with_ancestors},
    entry::{Entry, Program, Reach, Remote},
    file::{create, write_private},
    generate::{configuration, servers},
    machine::{Env, Machine, Os},
    plan::{Fate, Plan, Server, Settings, Start, plan},
    table::{CLIENTS, Client, Evidence, Place, Scope, client},
    tree::{Format, SyntaxError},
};
