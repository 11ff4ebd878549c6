//! How many connections may be open, in all and from one address. As everywhere, the addresses of an
//! IPv6 /64 are one: whoever has one of them has all.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use tonl_layers::capacity;
use tonl_layers::rate_limit::Key;

/// The caps, and what is open. Clones share the counts.
#[derive(Clone, Debug)]
pub(crate) struct Caps {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    total: usize,
    per_address: usize,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    total: usize,
    by_address: HashMap<Key, usize>,
}

/// Why a connection is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Full {
    /// As many as allowed are open.
    Total,
    /// As many as allowed are open from that address.
    Address,
}

/// A connection that counts until this is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    caps: Caps,
    address: Option<Key>,
}

impl Caps {
    pub(crate) fn new(total: usize, per_address: usize) -> Self {
        Self {
            inner: Arc::new(Inner {
                total,
                per_address,
                open: Mutex::default(),
            }),
        }
    }

    /// Takes a place. An address of `None` is exempt from the cap for one address, as trusted
    /// proxies are.
    pub(crate) fn take(&self, address: Option<IpAddr>) -> Result<Place, Full> {
        let mut open = self
            .inner
            .open
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if open.total >= self.inner.total {
            return Err(Full::Total);
        }
        let address = address.map(Key::address);
        if let Some(address) = address {
            let of_address = open.by_address.entry(address).or_default();
            if *of_address >= self.inner.per_address {
                return Err(Full::Address);
            }
            *of_address += 1;
        }
        open.total += 1;
        Ok(Place {
            caps: self.clone(),
            address,
        })
    }

    /// How many connections are open.
    pub(crate) fn open(&self) -> usize {
        let open = self.inner.open.lock();
        open.unwrap_or_else(PoisonError::into_inner).total
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let open = self.caps.inner.open.lock();
        let mut open = open.unwrap_or_else(PoisonError::into_inner);
        open.total = open.total.saturating_sub(1);
        let Some(address) = self.address else { return };
        if let Some(count) = open.by_address.get_mut(&address) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                open.by_address.remove(&address);
                capacity::give_back(&mut open.by_address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    #[test]
    fn one_address_cannot_take_all_places() {
        let caps = Caps::new(3, 2);
        let first = caps.take(Some(address(1))).unwrap();
        let _second = caps.take(Some(address(1))).unwrap();
        assert_eq!(caps.take(Some(address(1))).unwrap_err(), Full::Address);
        let _other = caps.take(Some(address(2))).unwrap();
        assert_eq!(caps.take(Some(address(3))).unwrap_err(), Full::Total);
        drop(first);
        let _again = caps.take(Some(address(1))).unwrap();
        assert_eq!(caps.open(), 3);
    }

    #[test]
    fn an_ipv6_network_is_one_address() {
        let caps = Caps::new(10, 1);
        let of = |text: &str| Some(text.parse::<IpAddr>().unwrap());
        let _first = caps.take(of("2001:db8::1")).unwrap();
        assert_eq!(caps.take(of("2001:db8::2")).unwrap_err(), Full::Address);
        assert!(caps.take(of("2001:db8:0:1::1")).is_ok());
    }

    #[test]
    fn a_trusted_proxy_is_exempt_and_nothing_is_kept_of_closed_ones() {
        let caps = Caps::new(10, 1);
        let places: Vec<_> = (0..5).map(|_| caps.take(None).unwrap()).collect();
        let one = caps.take(Some(address(1))).unwrap();
        assert_eq!(caps.open(), 6);
        drop((places, one));
        assert_eq!(caps.open(), 0);
        assert!(caps.inner.open.lock().unwrap().by_address.is_empty());
    }

    #[test]
    fn the_memory_of_a_crowd_that_left_is_given_back() {
        let caps = Caps::new(20_000, 1);
        let room = || caps.inner.open.lock().unwrap().by_address.capacity();
        let places: Vec<_> = (0..20_000_u32)
            .map(|number| caps.take(Some(IpAddr::V4(number.into()))).unwrap())
            .collect();
        assert!(room() >= 20_000);
        drop(places);
        assert!(room() <= 2 * capacity::KEPT, "{}", room());
    }
}
