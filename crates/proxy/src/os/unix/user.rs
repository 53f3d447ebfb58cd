use policy::Caller;

/// The user of this process.
pub fn ourselves() -> Caller {
    caller(rustix::process::getuid().as_raw())
}

/// Whether this is the number of the user of this process.
pub(crate) fn is_ours(uid: u32) -> bool {
    uid == rustix::process::getuid().as_raw()
}

/// The user with this number.
pub(crate) fn caller(uid: u32) -> Caller {
    let Some(user) = uzers::get_user_by_uid(uid) else {
        return Caller { user: format!("uid:{uid}"), groups: Vec::new() };
    };
    let groups = uzers::get_user_groups(user.name(), user.primary_group_id()).unwrap_or_default();
    let name = |group: &uzers::Group| group.name().to_string_lossy().into_owned();
    Caller { user: user.name().to_string_lossy().into_owned(), groups: groups.iter().map(name).collect() }
}
