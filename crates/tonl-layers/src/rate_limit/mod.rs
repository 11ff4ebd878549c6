//! Limits how many requests a client makes in a time: S20 to S25.
//!
//! A [`Class`] says how many, in what time, and what a refused client reads. A layer in front of a
//! route has one class for all, and may have others for tokens by name. Every request that reaches
//! the layer counts: also one that is refused behind it, and one that is refused here.
//!
//! Not here: who the client is (the client address layer and the auth layer say so), and on which
//! routes limits stand.
//!
//! Invariant: one request is one hit. Of n requests at the same time exactly the share passes.
//!
//! The trap: a request without [`Client`] comes from nobody known. All such requests share one count,
//! so that a layer in the wrong place limits too much and not too little.
//!
//! This is a service of its own and no [`crate::Defence`], because a store outside the process
//! answers later. With the memory store nothing waits and nothing is boxed.

mod accept;
mod config;
mod header;
mod key;
mod rule;
mod service;
mod store;
mod table;

pub use config::{
    Algorithm, Class, HeaderStyle, RateLimitConfig, RateLimitError, Reset, Subject, UnknownWord,
};
pub use key::Key;
pub use rule::Outcome;
pub(crate) use rule::{Cell, hit_cell};
pub use service::{RateLimited, RateLimitedFuture};
pub use store::{Hit, Later, Memory, Store, Unavailable};
pub(crate) use table::Table;

use crate::clock::{Clock, Moment};
use crate::peer::Client;
use crate::principal::Principal;
use crate::rejection::{Form, Refusal, Rejection};
use http::{StatusCode, request, response};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tower_layer::Layer;

/// What becomes of requests that the store cannot count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnOutage {
    /// They pass, without headers that tell a share.
    Pass,
    /// They are refused with 503.
    Refuse,
}

/// A class with the store that counts its requests.
#[derive(Clone, Debug)]
pub struct Limiter {
    class: Arc<Class>,
    store: Arc<dyn Store>,
}

impl Limiter {
    /// Counts requests of this class in this store, which must be made for it.
    pub fn new(class: Class, store: Arc<dyn Store>) -> Self {
        Self {
            class: Arc::new(class),
            store,
        }
    }

    /// Counts requests of this class in this process. The store is returned too: it is what can be
    /// swept, and tells how full it is.
    pub fn memory(class: Class) -> (Self, Arc<Memory>) {
        let memory = Arc::new(Memory::new(&class));
        (Self::new(class, memory.clone()), memory)
    }

    /// The class.
    pub fn class(&self) -> &Class {
        &self.class
    }
}

/// Puts a rate limit in front of a service.
#[derive(Clone, Debug)]
pub struct RateLimitLayer(Arc<Limits>);

#[derive(Debug, Clone)]
struct Limits {
    limiter: Limiter,
    by_token: HashMap<String, Limiter>,
    on_outage: OnOutage,
    clock: Clock,
}

impl RateLimitLayer {
    /// One class for all.
    pub fn new(limiter: Limiter, clock: Clock, on_outage: OnOutage) -> Self {
        Self(Arc::new(Limits {
            limiter,
            by_token: HashMap::new(),
            on_outage,
            clock,
        }))
    }

    /// The same with another class for the token of this name. The layer then stands behind the auth
    /// layer, or no token is known.
    #[must_use]
    pub fn for_token(self, name: impl Into<String>, limiter: Limiter) -> Self {
        let mut limits = Arc::unwrap_or_clone(self.0);
        limits.by_token.insert(name.into(), limiter);
        Self(Arc::new(limits))
    }
}

impl<S> Layer<S> for RateLimitLayer {
    type Service = RateLimited<S>;

    fn layer(&self, inner: S) -> RateLimited<S> {
        RateLimited::new(self.0.clone(), inner)
    }
}

/// What of a request is needed once its hit is counted.
#[derive(Debug)]
struct Counted {
    class: Arc<Class>,
    now: Moment,
    form: Form,
}

impl Limits {
    fn count(&self, head: &request::Parts) -> (Counted, Hit) {
        let principal = head.extensions.get::<Principal>();
        let named = principal.and_then(|principal| self.by_token.get(principal.name()));
        let limiter = named.unwrap_or(&self.limiter);
        let key = match limiter.class.config().subject {
            Subject::Principal => principal.and_then(Key::principal),
            Subject::Address => None,
        };
        let address = || {
            let client = head.extensions.get::<Client>();
            client.map_or_else(Key::unknown, |client| Key::address(client.ip))
        };
        let now = self.clock.now();
        let hit = limiter.store.hit(key.unwrap_or_else(address), now.elapsed);
        let counted = Counted {
            class: limiter.class.clone(),
            now,
            form: accept::preferred(&head.headers),
        };
        (counted, hit)
    }
}

impl Counted {
    /// The refusal, if the share was used up before; its headers come with [`Counted::tell`].
    fn refusal(&self, outcome: Outcome) -> Option<Rejection> {
        (!outcome.allowed).then(|| {
            let message = self.class.config().message.clone();
            Rejection::new(StatusCode::TOO_MANY_REQUESTS, Refusal::RateLimited, message)
                .form(self.form)
                .retry_after(outcome.retry)
        })
    }

    fn tell(&self, outcome: Outcome, head: &mut response::Parts) {
        header::write(&mut head.headers, self.class.config(), outcome, self.now);
    }
}

fn outage() -> Rejection {
    let text = "Rate limits cannot be checked now";
    Rejection::new(StatusCode::SERVICE_UNAVAILABLE, Refusal::Busy, text)
        .retry_after(Duration::from_secs(1))
}
