//! How many sessions there may be, in all and of one user. A place is taken before the server is asked, so that many
//! who begin at once cannot be more than may be.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use policy::GatewayLimits;

/// See the module. Clones are one.
#[derive(Clone, Default)]
pub(super) struct Places(Arc<Mutex<Taken>>);

#[derive(Default)]
struct Taken {
    all: usize,
    by_user: HashMap<String, usize>,
}

/// Why there is no place for another session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoPlace {
    #[error(
        "the gateway has as many sessions as it may ({0}); end one, or raise gateway.limits.max_sessions"
    )]
    All(usize),
    #[error(
        "you have as many sessions as you may ({0}); end one, or raise gateway.limits.max_sessions_per_principal"
    )]
    Principal(usize),
}

/// Dropping it makes room for another.
pub(super) struct Place {
    among: Places,
    user: String,
}

impl Places {
    /// A place for another session of this user.
    pub(super) fn take(&self, user: &str, limits: &GatewayLimits) -> Result<Place, NoPlace> {
        let mut taken = self.lock();
        if taken.all >= limits.max_sessions {
            return Err(NoPlace::All(limits.max_sessions));
        }
        let theirs = taken.by_user.entry(user.to_owned()).or_default();
        if *theirs >= limits.max_sessions_per_principal {
            return Err(NoPlace::Principal(limits.max_sessions_per_principal));
        }
        *theirs += 1;
        taken.all += 1;
        Ok(Place { among: self.clone(), user: user.to_owned() })
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.among.lock();
        taken.all = taken.all.saturating_sub(1);
        if let Some(theirs) = taken.by_user.get_mut(&self.user) {
            *theirs = theirs.saturating_sub(1);
            if *theirs == 0 {
                taken.by_user.remove(&self.user);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_taken_until_it_is_given_back() {
        let places = Places::default();
        let limits =
            GatewayLimits { max_sessions: 3, max_sessions_per_principal: 2, ..GatewayLimits::default() };
        let take = |user| places.take(user, &limits);
        let ann = [take("ann"), take("ann")];
        assert!(ann.iter().all(Result::is_ok));
        assert_eq!(take("ann").err(), Some(NoPlace::Principal(2)));
        let bob = take("bob");
        assert_eq!(take("eve").err(), Some(NoPlace::All(3)));
        drop((ann, bob));
        assert!(places.lock().by_user.is_empty());
        assert!(take("ann").is_ok());
    }
}
