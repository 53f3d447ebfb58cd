mod end;
mod proof;

#[cfg(windows)]
pub(crate) use self::{
    end::{ReadHalf, WriteHalf},
    proof::{check, prove},
};
