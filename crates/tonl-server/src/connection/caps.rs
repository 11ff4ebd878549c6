//! How many connections may be open, in all and from one address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

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
    by_address: HashMap<IpAddr, usize>,
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
    address: Option<IpAddr>,
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
    fn a_trusted_proxy_is_exempt_and_nothing_is_kept_of_closed_ones() {
        let caps = Caps::new(10, 1);
        let places: Vec<_> = (0..5).map(|_| caps.take(None).unwrap()).collect();
        let one = caps.take(Some(address(1))).unwrap();
        assert_eq!(caps.open(), 6);
        drop((places, one));
        assert_eq!(caps.open(), 0);
        assert!(caps.inner.open.lock().unwrap().by_address.is_empty());
    }
}
