//! How many sessions, streams and requests there may be, in all and of one user. A place is taken before the server is
//! asked, so that many who begin at once cannot be more than may be.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use policy::GatewayLimits;

/// See the module.
#[derive(Default)]
pub(super) struct Places {
    sessions: Kind,
    streams: Kind,
    requests: Kind,
}

/// Places of one kind. Clones are one.
#[derive(Clone, Default)]
struct Kind(Arc<Mutex<Taken>>);

#[derive(Default)]
struct Taken {
    all: usize,
    by_user: HashMap<String, usize>,
}

/// Why there is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoPlace {
    #[error(
        "the gateway has as many sessions as it may ({0}); end one, or raise gateway.limits.max_sessions"
    )]
    Sessions(usize),
    #[error(
        "you have as many sessions as you may ({0}); end one, or raise gateway.limits.max_sessions_per_principal"
    )]
    OwnSessions(usize),
    #[error("too many streams are open ({0}); close one, or raise gateway.limits.max_streams")]
    Streams(usize),
    #[error(
        "as many of your requests wait for an answer as may ({0}); wait for one, or raise \
         gateway.limits.max_requests_per_principal"
    )]
    OwnRequests(usize),
}

/// Dropping it makes room for another.
pub(super) struct Place {
    among: Kind,
    user: String,
}

impl Places {
    /// A place for another session of this user.
    pub(super) fn session(&self, user: &str, limits: &GatewayLimits) -> Result<Place, NoPlace> {
        let (all, own) = (limits.max_sessions, limits.max_sessions_per_principal);
        self.sessions.take(user, all, own).map_err(|full| match full {
            Full::All => NoPlace::Sessions(all),
            Full::Own => NoPlace::OwnSessions(own),
        })
    }

    /// A place for another event stream.
    pub(super) fn stream(&self, user: &str, limits: &GatewayLimits) -> Result<Place, NoPlace> {
        let all = limits.max_streams;
        self.streams.take(user, all, all).map_err(|_| NoPlace::Streams(all))
    }

    /// A place for another request that waits for its answer.
    pub(super) fn request(&self, user: &str, limits: &GatewayLimits) -> Result<Place, NoPlace> {
        let own = limits.max_requests_per_principal;
        self.requests.take(user, usize::MAX, own).map_err(|_| NoPlace::OwnRequests(own))
    }
}

enum Full {
    All,
    Own,
}

impl Kind {
    fn take(&self, user: &str, most: usize, most_of_one: usize) -> Result<Place, Full> {
        let mut taken = self.lock();
        if taken.all >= most {
            return Err(Full::All);
        }
        match taken.by_user.get_mut(user) {
            Some(theirs) if *theirs >= most_of_one => return Err(Full::Own),
            Some(theirs) => *theirs += 1,
            None => drop(taken.by_user.insert(user.to_owned(), 1)),
        }
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
        let take = |user| places.session(user, &limits);
        let ann = [take("ann"), take("ann")];
        assert!(ann.iter().all(Result::is_ok));
        assert_eq!(take("ann").err(), Some(NoPlace::OwnSessions(2)));
        let bob = take("bob");
        assert_eq!(take("eve").err(), Some(NoPlace::Sessions(3)));
        drop((ann, bob));
        assert!(places.sessions.lock().by_user.is_empty());
        assert!(take("ann").is_ok());
    }

    #[test]
    fn requests_are_counted_for_each_user_alone() {
        let places = Places::default();
        let limits = GatewayLimits { max_requests_per_principal: 1, ..GatewayLimits::default() };
        let _held = places.request("ann", &limits);
        assert_eq!(places.request("ann", &limits).err(), Some(NoPlace::OwnRequests(1)));
        assert!(places.request("bob", &limits).is_ok());
    }
}
