//! Memory of tables that were large once and are small now.
//!
//! A map keeps the memory of its largest time. One of those who are there now would keep that of the
//! largest crowd that ever was.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash};

/// Tables that have room for at most so many keep it.
pub const KEPT: usize = 1_024;

/// Gives memory back if less than a quarter of the room is taken, but keeps room for twice what is
/// there. So a table that grows and shrinks about one size is left alone, and whoever removes one
/// entry after another pays a constant share of each.
pub fn give_back<K: Eq + Hash, V, S: BuildHasher>(map: &mut HashMap<K, V, S>) {
    if map.capacity() > 2 * KEPT && map.len() < map.capacity() / 4 {
        map.shrink_to(KEPT.max(map.len() * 2));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_that_was_large_gives_its_memory_back_and_keeps_its_entries() {
        let mut map: HashMap<u32, u32> = (0..20_000).map(|number| (number, number)).collect();
        let large = map.capacity();
        map.retain(|key, _| *key < 2_000);
        give_back(&mut map);
        assert!(map.capacity() <= large / 4, "{}", map.capacity());
        assert!((0..2_000).all(|key| map.get(&key) == Some(&key)));
        map.clear();
        give_back(&mut map);
        assert!(map.capacity() <= 2 * KEPT, "{}", map.capacity());
    }

    #[test]
    fn a_table_about_one_size_is_left_alone() {
        let mut map: HashMap<u32, u8> = (0..20_000).map(|number| (number, 0)).collect();
        map.retain(|key, _| *key < 4_000);
        give_back(&mut map);
        let settled = map.capacity();
        for size in [3_800, 8_000, 4_000, 12_000, 3_800] {
            map.retain(|key, _| *key < size);
            map.extend((0..size).map(|number| (number, 0)));
            give_back(&mut map);
            // Places of removed entries do not count as room until they are used again.
            assert!(map.capacity() > settled / 2, "{size}: {}", map.capacity());
            assert!(map.capacity() <= settled, "{size}: {}", map.capacity());
        }
    }

    #[test]
    fn a_small_table_keeps_its_memory() {
        let mut map: HashMap<usize, u8> = (0..KEPT).map(|number| (number, 0)).collect();
        let small = map.capacity();
        map.clear();
        give_back(&mut map);
        assert_eq!(map.capacity(), small);
    }
}
