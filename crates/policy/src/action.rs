pub use inspect::Action;
use inspect::{Actions, Cells};

use crate::Profile;

/// Which way content travels: the column of the action table that applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Flow {
    /// From the client towards the server.
    Request,
    /// From the server towards the client.
    Response,
}

impl Flow {
    /// The cell of this direction.
    pub(crate) fn of(self, cells: Cells) -> Action {
        match self {
            Self::Request => cells.request,
            Self::Response => cells.response,
        }
    }
}

impl Profile {
    /// The cells of this profile. `monitor` judges as `balanced` does and then lets everything pass.
    pub(crate) fn cells(self, actions: Actions) -> Cells {
        match self {
            Self::Monitor | Self::Balanced => actions.balanced,
            Self::Strict => actions.strict,
        }
    }
}
