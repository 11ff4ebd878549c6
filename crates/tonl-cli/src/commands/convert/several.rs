//! Several conversions at once, told in the order of the command line.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;

/// Does `work` for every item on at most `threads` threads, and tells each outcome as soon as all
/// before it have been told.
pub(crate) fn in_order<T: Sync, R: Send>(
    items: &[T],
    threads: usize,
    work: impl Fn(&T) -> R + Sync,
    mut tell: impl FnMut(R),
) {
    let next = AtomicUsize::new(0);
    let (sender, outcomes) = channel();
    std::thread::scope(|scope| {
        for _ in 0..threads.min(items.len()) {
            let (sender, next, work) = (sender.clone(), &next, &work);
            scope.spawn(move || {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(at) else { return };
                    if sender.send((at, work(item))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let mut early = BTreeMap::new();
        let mut told = 0;
        for (at, outcome) in outcomes {
            early.insert(at, outcome);
            while let Some(outcome) = early.remove(&told) {
                tell(outcome);
                told += 1;
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_is_told_once_and_in_order() {
        let items: Vec<u64> = (0..200).collect();
        for threads in [1, 3, 500] {
            let mut told = Vec::new();
            in_order(&items, threads, |item| item * 2, |double| told.push(double));
            assert_eq!(told, (0..200).map(|item| item * 2).collect::<Vec<_>>());
        }
    }
}
