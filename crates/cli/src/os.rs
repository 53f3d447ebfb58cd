//! What operating systems tell of files, and of us, under the same names for each.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub(crate) use self::unix::{LOOK_AT_DISKS, access, allow_open_files, free_space, open_files, user_id};
#[cfg(windows)]
pub(crate) use self::windows::{LOOK_AT_DISKS, access, allow_open_files, free_space, open_files, user_id};

/// Who may do what with a file.
pub(crate) struct Access {
    /// Its owner's user id.
    pub(crate) owner: u32,
    /// Whether we are its owner.
    pub(crate) ours: bool,
    /// Its permission bits, those for setting ids and the sticky one included.
    pub(crate) mode: u32,
}
