use std::{fmt, num::NonZeroU32};

use decide::{Charge, Counted};
use store::{Consumed, Counters, StoreError};

/// Counts what one user sends, and what servers ask of this user, towards the limits.
pub struct Meter {
    counters: Box<dyn Counters + Send>,
    user: String,
}

impl Meter {
    /// Counts for `user`. The counters may count for others, too.
    pub fn new(counters: impl Counters + Send + 'static, user: &str) -> Self {
        Self { counters: Box::new(counters), user: user.to_owned() }
    }

    /// Counts one towards every limit, or towards none.
    pub(crate) fn count(&mut self, charges: &[Charge]) -> Result<Counted, StoreError> {
        // The user comes first and its length before it: a name cannot be made to look like another bucket.
        let user = &self.user;
        let key = |charge: &Charge| format!("{}:{user} {}", user.len(), charge.limit.bucket);
        let keys: Vec<_> = charges.iter().map(key).collect();
        let charges = charges.iter().zip(&keys).map(|(Charge { limit, .. }, key)| store::Charge {
            key,
            count: from_one(limit.count),
            period: limit.period,
            burst: from_one(limit.burst),
        });
        Ok(match self.counters.consume(&charges.collect::<Vec<_>>())? {
            Consumed::Taken => Counted::Within,
            Consumed::Refused { which, retry_after } => Counted::Over { which, retry_after },
        })
    }
}

impl fmt::Debug for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Meter").field("user", &self.user).finish_non_exhaustive()
    }
}

fn from_one(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN)
}
