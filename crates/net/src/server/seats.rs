use std::{
    collections::{HashMap, hash_map::Entry},
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, PoisonError},
};

/// How many connections there are, in total and from each address.
#[derive(Debug)]
pub(super) struct Seats {
    in_total: usize,
    per_address: usize,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    in_total: usize,
    by: HashMap<IpAddr, usize>,
}

/// One connection's place, free again when it is dropped.
#[derive(Debug)]
pub(super) struct Seat {
    seats: Arc<Seats>,
    network: Option<IpAddr>,
}

impl Seats {
    pub(super) fn new(in_total: usize, per_address: usize) -> Self {
        Self { in_total, per_address, taken: Mutex::default() }
    }

    /// A place for a connection from there, if there is one left.
    pub(super) fn take(self: &Arc<Self>, address: Option<IpAddr>) -> Option<Seat> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.in_total >= self.in_total {
            return None;
        }
        let network = address.map(network);
        if let Some(network) = network {
            let count = taken.by.entry(network).or_default();
            if *count >= self.per_address {
                return None;
            }
            *count += 1;
        }
        taken.in_total += 1;
        Some(Seat { seats: self.clone(), network })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.in_total -= 1;
        if let Some(network) = self.network
            && let Entry::Occupied(mut count) = taken.by.entry(network)
        {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

/// What one party can be assumed to hold: an IPv4 address, or an IPv6 network of 64 bits (RFC 4291 §2.5.4).
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seats_run_out_for_one_address_then_for_all_and_come_back() {
        let seats = Arc::new(Seats::new(3, 2));
        let from = |address: &str| seats.take(Some(address.parse().unwrap()));
        let (first, second) = (from("10.0.0.1"), from("::ffff:10.0.0.1"));
        assert!(first.is_some() && second.is_some());
        assert!(from("10.0.0.1").is_none(), "two from one address");
        let third = from("2001:db8::1");
        assert!(third.is_some());
        assert!(from("10.0.0.2").is_none(), "three in total");
        assert!(seats.take(None).is_none(), "those without an address count, too");
        drop(first);
        assert!(from("10.0.0.1").is_some());
        drop((second, third));
        assert!(seats.taken.lock().unwrap().by.is_empty(), "nothing is kept of those that are gone");
    }

    #[test]
    fn one_ipv6_network_is_one_party() {
        let seats = Arc::new(Seats::new(9, 1));
        let _held = seats.take(Some("2001:db8:1:2::1".parse().unwrap())).unwrap();
        assert!(seats.take(Some("2001:db8:1:2:ffff::9".parse().unwrap())).is_none());
        assert!(seats.take(Some("2001:db8:1:3::1".parse().unwrap())).is_some());
    }
}
