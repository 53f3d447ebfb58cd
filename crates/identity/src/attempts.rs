use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// How many wrong keys came from where, so that nobody can try many. Of IPv6 addresses a network of 64 bits counts as
/// one, since whoever has one address has them all.
#[derive(Debug, Default)]
pub struct Attempts {
    wrong: Mutex<HashMap<IpAddr, Wrong>>,
}

/// Wrong keys that are not forgiven yet: `count` at the time of the last one, one less for each [`FORGIVEN`] since.
#[derive(Debug, Clone, Copy)]
struct Wrong {
    count: u32,
    last: Instant,
}

/// Wrong keys in a row that may come from one address.
const BURST: u32 = 20;

/// The time in which one of them is forgiven.
const FORGIVEN: Duration = Duration::from_secs(3);

/// Addresses that are remembered. Beyond that, the one that has been quiet for the longest time is forgotten.
const REMEMBERED: usize = 4096;

impl Attempts {
    /// Whether a key from this address may be looked at. If not, refuse whatever is shown: answer 429, even to the
    /// right key, as otherwise one could go on guessing.
    pub fn allowed(&self, address: IpAddr, now: Instant) -> bool {
        self.wrong().get(&network(address)).is_none_or(|wrong| wrong.left(now) < BURST)
    }

    /// Takes note of a wrong key.
    pub fn failed(&self, address: IpAddr, now: Instant) {
        let mut all = self.wrong();
        let network = network(address);
        if all.len() >= REMEMBERED && !all.contains_key(&network) {
            all.retain(|_, wrong| wrong.left(now) > 0);
            let quietest = all.iter().min_by_key(|(_, wrong)| wrong.last).map(|(address, _)| *address);
            if all.len() >= REMEMBERED
                && let Some(quietest) = quietest
            {
                all.remove(&quietest);
            }
        }
        let wrong = all.entry(network).or_insert(Wrong { count: 0, last: now });
        *wrong = Wrong { count: wrong.left(now).saturating_add(1).min(BURST), last: now };
    }

    fn wrong(&self) -> MutexGuard<'_, HashMap<IpAddr, Wrong>> {
        self.wrong.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wrong {
    fn left(self, now: Instant) -> u32 {
        let forgiven = now.saturating_duration_since(self.last).as_secs() / FORGIVEN.as_secs();
        self.count.saturating_sub(u32::try_from(forgiven).unwrap_or(u32::MAX))
    }
}

fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn guessing_ends_and_is_forgiven_slowly() {
        let (attempts, start) = (Attempts::default(), Instant::now());
        for _ in 0..BURST {
            assert!(attempts.allowed(address("10.0.0.1"), start));
            attempts.failed(address("10.0.0.1"), start);
        }
        assert!(!attempts.allowed(address("10.0.0.1"), start));
        assert!(!attempts.allowed(address("::ffff:10.0.0.1"), start), "the same address in another spelling");
        assert!(attempts.allowed(address("10.0.0.2"), start));
        let later = start + FORGIVEN;
        assert!(attempts.allowed(address("10.0.0.1"), later));
        attempts.failed(address("10.0.0.1"), later);
        assert!(!attempts.allowed(address("10.0.0.1"), later), "one was forgiven, not all");
    }

    #[test]
    fn one_ipv6_network_is_one_guesser() {
        let (attempts, now) = (Attempts::default(), Instant::now());
        for host in 0..BURST {
            attempts.failed(address(&format!("2001:db8::{host:x}")), now);
        }
        assert!(!attempts.allowed(address("2001:db8::ffff"), now));
    }

    #[test]
    fn memory_is_bounded_and_who_goes_on_is_remembered() {
        let (attempts, start) = (Attempts::default(), Instant::now());
        for number in 0..REMEMBERED as u32 + 300 {
            let now = start + Duration::from_nanos(number.into());
            attempts.failed(IpAddr::from(number.to_be_bytes()), now);
            attempts.failed(address("192.0.2.1"), now);
        }
        assert_eq!(attempts.wrong().len(), REMEMBERED);
        assert!(!attempts.allowed(address("192.0.2.1"), start));
    }
}
