use policy::Caller;

/// The user of this process. Roles that name groups apply to nobody here: safe Rust cannot ask for them.
pub fn ourselves() -> Caller {
    let user = whoami::username().unwrap_or_else(|_| "unknown".to_owned());
    Caller { user, groups: Vec::new() }
}
