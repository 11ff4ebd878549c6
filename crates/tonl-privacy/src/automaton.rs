//! All field paths of a policy as one automaton over keys.
//!
//! A key costs a fixed number of table look-ups, however many rules there are: the sets of places in
//! all paths that a place in the data stands for are worked out once, when the policy is built.
//! Paths whose sets would be too many are refused then. Rules of one key at any depth, the usual
//! ones, take no part in the sets: they are a table of their own.

use crate::error::{Error, ErrorKind, Result};
use crate::path::{FieldPath, Step, Target};
use crate::preset;
use std::collections::{BTreeMap, HashMap};

/// What a rule says of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hit {
    /// The rule's place in the policy.
    pub(crate) rule: usize,
    pub(crate) target: Target,
}

/// A set of places in the paths; see [`Automaton::START`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct State(u32);

/// Where a key leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Edge {
    pub(crate) next: State,
    pub(crate) hit: Option<Hit>,
}

/// The automaton.
#[derive(Debug, Default)]
pub(crate) struct Automaton {
    /// Every key that some path names.
    symbols: HashMap<Box<str>, usize>,
    /// Rules of one key at any depth, by symbol.
    anywhere: Vec<Option<Hit>>,
    /// Rules of presets, by folded key.
    folded: HashMap<&'static str, Hit>,
    /// Where a key leads from anywhere, by the paths that begin with `**`.
    roaming: HashMap<usize, Edge>,
    nodes: Vec<Node>,
}

#[derive(Debug)]
struct Node {
    edges: HashMap<usize, Edge>,
    /// Whether the edges are all; otherwise those of `roaming` count where there is none.
    is_whole: bool,
    /// Where a key leads that has no edge.
    other: Edge,
}

impl Automaton {
    /// Where every record begins.
    pub(crate) const START: State = State(0);

    /// Most states.
    const MAX_STATES: usize = 4_096;
    /// Most places that may be looked at to work them out.
    const MAX_WORK: usize = 1_000_000;

    /// Builds the automaton of these paths; the first of two that hit a value decides. The folded
    /// names come after all paths.
    ///
    /// # Errors
    /// [`ErrorKind::TooComplex`].
    pub(crate) fn new(
        paths: &[FieldPath],
        folded: impl Iterator<Item = (&'static str, usize)>,
    ) -> Result<Self> {
        let mut automaton = Self::default();
        for (name, rule) in folded {
            let hit = Hit {
                rule,
                target: Target::Value,
            };
            automaton.folded.entry(name).or_insert(hit);
        }
        let mut others = Vec::new();
        for (rule, path) in paths.iter().enumerate() {
            automaton.name_keys(path);
            if let [Step::Deep, Step::Key(key)] = path.steps() {
                let target = path.target();
                let symbol = automaton.symbols.get(key.as_str());
                if let Some(place) = symbol.and_then(|at| automaton.anywhere.get_mut(*at)) {
                    place.get_or_insert(Hit { rule, target });
                }
            } else {
                others.push(rule);
            }
        }
        Subsets::new(paths, &others, &automaton.symbols).build(
            &others,
            &mut automaton.nodes,
            &mut automaton.roaming,
        )?;
        Ok(automaton)
    }

    fn name_keys(&mut self, path: &FieldPath) {
        for step in path.steps() {
            if let Step::Key(key) = step {
                let next = self.symbols.len();
                self.symbols.entry(key.as_str().into()).or_insert(next);
            }
        }
        self.anywhere.resize(self.symbols.len(), None);
    }

    /// Follows a key from all of these states; where it leads is appended to `next`, each state once.
    ///
    /// A key with dots is also tried as a path: flat data has such keys. Both ways count and both go
    /// on below, so that a further rule never takes a value from an earlier one. The states are no
    /// more than the automaton has. `scratch` is any buffer; `looked` counts look-ups.
    pub(crate) fn follow(
        &self,
        states: &[State],
        key: &str,
        next: &mut Vec<State>,
        texts: (&mut String, &mut u64),
    ) -> Option<Hit> {
        let (scratch, looked) = texts;
        let symbol = self.symbol(key, looked);
        let has_parts = key.contains('.');
        let from = next.len();
        let mut hit = None;
        for state in states.iter().copied() {
            let whole = self.edge(state, symbol, looked);
            let parts = has_parts.then(|| self.follow_parts(state, key, looked));
            for edge in std::iter::once(whole).chain(parts) {
                hit = first(hit, edge.hit);
                if !next.iter().skip(from).any(|known| *known == edge.next) {
                    next.push(edge.next);
                }
            }
        }
        if hit.is_none() && !self.folded.is_empty() {
            hit = self.fold(key, scratch, looked);
        }
        hit
    }

    /// The way through the parts of a key with dots; a hit of any part hides the value.
    fn follow_parts(&self, state: State, key: &str, looked: &mut u64) -> Edge {
        let mut way = Edge {
            next: state,
            hit: None,
        };
        for part in key.split('.') {
            let symbol = self.symbol(part, looked);
            let edge = self.edge(way.next, symbol, looked);
            way.next = edge.next;
            way.hit = first(way.hit, edge.hit);
        }
        way
    }

    fn symbol(&self, key: &str, looked: &mut u64) -> Option<usize> {
        *looked += 1;
        self.symbols.get(key).copied()
    }

    fn edge(&self, state: State, symbol: Option<usize>, looked: &mut u64) -> Edge {
        let nowhere = Edge {
            next: state,
            hit: None,
        };
        let Some(node) = self.nodes.get(state.0 as usize) else {
            return nowhere;
        };
        let Some(symbol) = symbol else {
            return node.other;
        };
        *looked += 1;
        let mut edge = match node.edges.get(&symbol) {
            Some(edge) => *edge,
            None if node.is_whole => node.other,
            None => {
                *looked += 1;
                *self.roaming.get(&symbol).unwrap_or(&node.other)
            }
        };
        edge.hit = first(edge.hit, self.anywhere.get(symbol).copied().flatten());
        edge
    }

    /// A preset's name for the key, or for its last part: `user.email` in flat data.
    fn fold(&self, key: &str, scratch: &mut String, looked: &mut u64) -> Option<Hit> {
        let mut find = |key: &str| {
            *looked += 1;
            preset::fold(key, scratch);
            self.folded.get(scratch.as_str()).copied()
        };
        find(key).or_else(|| key.rsplit_once('.').and_then(|(_, last)| find(last)))
    }
}

/// The hit of the rule that comes first.
fn first(one: Option<Hit>, other: Option<Hit>) -> Option<Hit> {
    [one, other]
        .into_iter()
        .flatten()
        .min_by_key(|hit| hit.rule)
}

/// A place in a path: the rule and how many of its steps have been taken.
type Place = (usize, usize);

/// Adds a place, and those that are reached without a key.
fn add(paths: &[FieldPath], (rule, step): Place, places: &mut Vec<Place>) {
    places.push((rule, step));
    let steps = paths.get(rule).map_or(&[][..], FieldPath::steps);
    if steps.get(step) == Some(&Step::Deep) {
        add(paths, (rule, step + 1), places);
    }
}

/// Where places lead.
#[derive(Clone, Debug, Default)]
struct Ways {
    /// With any key.
    always: Vec<Place>,
    by_symbol: BTreeMap<usize, Vec<Place>>,
}

/// Works out which sets of places can be reached. The places that the paths beginning with `**` have
/// everywhere are in no set: where they lead is added to every way.
struct Subsets<'p> {
    paths: &'p [FieldPath],
    symbols: &'p HashMap<Box<str>, usize>,
    roaming: Ways,
    numbers: HashMap<Vec<Place>, u32>,
    waiting: Vec<Vec<Place>>,
    work: usize,
}

impl<'p> Subsets<'p> {
    fn new(
        paths: &'p [FieldPath],
        others: &[usize],
        symbols: &'p HashMap<Box<str>, usize>,
    ) -> Self {
        let mut subsets = Self {
            paths,
            symbols,
            roaming: Ways::default(),
            numbers: HashMap::new(),
            waiting: Vec::new(),
            work: 0,
        };
        let mut places = Vec::new();
        for rule in others.iter().filter(|rule| subsets.roams(**rule)) {
            add(paths, (*rule, 1), &mut places);
        }
        subsets.roaming = subsets.ways(&places);
        subsets
    }

    fn roams(&self, rule: usize) -> bool {
        let path = self.paths.get(rule);
        path.is_some_and(|path| path.steps().first() == Some(&Step::Deep))
    }

    fn build(
        mut self,
        others: &[usize],
        nodes: &mut Vec<Node>,
        roaming: &mut HashMap<usize, Edge>,
    ) -> Result<()> {
        let mut start = Vec::new();
        for rule in others.iter().filter(|rule| !self.roams(**rule)) {
            add(self.paths, (*rule, 0), &mut start);
        }
        self.number(start)?;
        let none = Ways::default();
        for symbol in self.roaming.by_symbol.keys().copied().collect::<Vec<_>>() {
            roaming.insert(symbol, self.edge(&none, Some(symbol))?);
        }
        while let Some(places) = self.waiting.get(nodes.len()).cloned() {
            let ways = self.ways(&places);
            nodes.push(self.node(&ways)?);
        }
        Ok(())
    }

    /// The number of a set.
    fn number(&mut self, mut places: Vec<Place>) -> Result<State> {
        places.sort_unstable();
        places.dedup();
        self.work += 1 + places.len();
        let number = self.waiting.len();
        if number >= Automaton::MAX_STATES || self.work > Automaton::MAX_WORK {
            let expected = format!("at most {} combinations of paths", Automaton::MAX_STATES);
            let error = Error::new(ErrorKind::TooComplex, expected, "more");
            return Err(error.with_hint("name fewer paths, or fewer with ** and * in their middle"));
        }
        if let Some(number) = self.numbers.get(&places) {
            return Ok(State(*number));
        }
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        self.waiting.push(places.clone());
        self.numbers.insert(places, number);
        Ok(State(number))
    }

    fn ways(&self, places: &[Place]) -> Ways {
        let mut ways = Ways::default();
        for (rule, step) in places.iter().copied() {
            let steps = self.paths.get(rule).map_or(&[][..], FieldPath::steps);
            match steps.get(step) {
                Some(Step::Deep) => ways.always.push((rule, step)),
                Some(Step::Any) => ways.always.push((rule, step + 1)),
                Some(Step::Key(key)) => {
                    let symbol = self.symbols.get(key.as_str()).copied().unwrap_or_default();
                    let next = ways.by_symbol.entry(symbol).or_default();
                    next.push((rule, step + 1));
                }
                None => {}
            }
        }
        ways
    }

    fn node(&mut self, ways: &Ways) -> Result<Node> {
        let mut edges = HashMap::with_capacity(ways.by_symbol.len());
        for symbol in ways.by_symbol.keys() {
            edges.insert(*symbol, self.edge(ways, Some(*symbol))?);
        }
        let is_whole = !ways.always.is_empty();
        if is_whole {
            for symbol in self.roaming.by_symbol.keys().copied().collect::<Vec<_>>() {
                edges.insert(symbol, self.edge(ways, Some(symbol))?);
            }
        }
        let other = self.edge(ways, None)?;
        Ok(Node {
            edges,
            is_whole,
            other,
        })
    }

    /// Where a key leads, or one that no path names.
    fn edge(&mut self, ways: &Ways, symbol: Option<usize>) -> Result<Edge> {
        let mut places = Vec::new();
        let mut hit: Option<Hit> = None;
        for ways in [ways, &self.roaming] {
            let named = symbol.and_then(|symbol| ways.by_symbol.get(&symbol));
            self.work += 1 + ways.always.len();
            for (rule, step) in ways.always.iter().chain(named.into_iter().flatten()) {
                let Some(path) = self.paths.get(*rule) else {
                    continue;
                };
                if *step < path.steps().len() {
                    add(self.paths, (*rule, *step), &mut places);
                } else if hit.is_none_or(|hit| *rule < hit.rule) {
                    let (rule, target) = (*rule, path.target());
                    hit = Some(Hit { rule, target });
                }
            }
        }
        // Paths go on also where one hits: the next part of a key with dots may hit by an earlier rule.
        let next = self.number(places)?;
        Ok(Edge { next, hit })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn automaton(paths: &[&str]) -> Automaton {
        let paths: Vec<FieldPath> = paths.iter().map(|path| path.parse().unwrap()).collect();
        Automaton::new(&paths, std::iter::empty()).unwrap()
    }

    /// Which rule hits the value under these keys, if none above it is hit.
    fn rule(automaton: &Automaton, keys: &[&str]) -> Option<usize> {
        let mut states = vec![Automaton::START];
        for (at, key) in keys.iter().enumerate() {
            let mut next = Vec::new();
            let texts = (&mut String::new(), &mut 0);
            if let Some(hit) = automaton.follow(&states, key, &mut next, texts) {
                return (at + 1 == keys.len()).then_some(hit.rule);
            }
            states = next;
        }
        None
    }

    #[test]
    fn paths_hit_what_they_name_and_nothing_else() {
        for (path, hits, misses) in [
            ("email", "email a.email a.b.email", "mail email.a"),
            (
                "user.email",
                "user.email",
                "email a.user.email user.x.email",
            ),
            ("**.ssn", "ssn a.ssn a.b.c.ssn", "ssn.a"),
            ("a.**.ssn", "a.ssn a.b.ssn a.b.c.ssn", "ssn b.ssn b.a.ssn"),
            ("a.*.ssn", "a.b.ssn", "a.ssn a.b.c.ssn"),
            ("*.x", "a.x b.x", "x a.b.x"),
            ("**.a.b", "a.b x.a.b a.a.b", "b a.x.b"),
            ("**.a.**.b", "a.b x.a.y.z.b", "b x.b"),
            ("items[].card", "items.card", "card x.items.card"),
        ] {
            let built = automaton(&[path]);
            let keys = |text: &str| -> Vec<Vec<String>> {
                let split = |path: &str| path.split('.').map(str::to_owned).collect();
                text.split(' ').map(split).collect()
            };
            let hit = |keys: &Vec<String>| {
                let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
                rule(&built, &keys).is_some()
            };
            assert!(keys(hits).iter().all(hit), "{path}");
            assert!(!keys(misses).iter().any(hit), "{path}");
        }
    }

    #[test]
    fn the_first_rule_that_hits_decides() {
        let built = automaton(&["a.b", "b", "**.x.b", "c"]);
        assert_eq!(rule(&built, &["a", "b"]), Some(0));
        assert_eq!(rule(&built, &["x", "b"]), Some(1));
        let built = automaton(&["b", "a.b"]);
        assert_eq!(rule(&built, &["a", "b"]), Some(0));
    }

    #[test]
    fn keys_of_flat_data_are_followed_as_paths() {
        let built = automaton(&["user.email", "ssn", "\"a.b\"", "x.\"user.email\""]);
        assert_eq!(rule(&built, &["user.email"]), Some(0));
        assert_eq!(rule(&built, &["x.ssn"]), Some(1));
        assert_eq!(rule(&built, &["ssn.x"]), Some(1));
        assert_eq!(rule(&built, &["a.b"]), Some(2));
        assert_eq!(rule(&built, &["user.x"]), None);
    }

    #[test]
    fn a_further_rule_takes_nothing_from_an_earlier_one() {
        let built = automaton(&["a.b.ssn", "\"a.b\".zzz"]);
        assert_eq!(rule(&built, &["a.b", "ssn"]), Some(0));
        assert_eq!(rule(&built, &["a.b.ssn"]), Some(0));
        assert_eq!(rule(&built, &["a.b", "zzz"]), Some(1));
        let built = automaton(&["user.email", "*"]);
        assert_eq!(rule(&built, &["user.email"]), Some(0));
        let built = automaton(&["*.ssn"]);
        assert_eq!(rule(&built, &["a.b", "ssn"]), Some(0));
    }

    #[test]
    fn keys_with_dots_lead_to_no_more_states_than_there_are() {
        let built = automaton(&["*.*.*.*.*.*.*.*.x", "**.a.*.*.*.y"]);
        let mut states = vec![Automaton::START];
        for _ in 0..500 {
            let mut next = Vec::new();
            let texts = (&mut String::new(), &mut 0);
            built.follow(&states, "a.b", &mut next, texts);
            states = next;
        }
        assert!(states.len() <= built.nodes.len(), "{}", states.len());
    }

    #[test]
    fn a_key_costs_the_same_for_three_rules_and_for_a_thousand() {
        let most = |count: usize| {
            let mut paths: Vec<String> = (0..count).map(|n| format!("field{n}")).collect();
            paths.extend((0..count).map(|n| format!("a.b{n}.c")));
            paths.extend((0..count).map(|n| format!("**.x{n}.y")));
            let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
            let built = automaton(&paths);
            let cost = |key| {
                let mut looked = 0;
                let texts = (&mut String::new(), &mut looked);
                built.follow(&[Automaton::START], key, &mut Vec::new(), texts);
                looked
            };
            ["a", "b1", "x2", "other", "field0"].map(cost)
        };
        assert_eq!(most(3), [2, 3, 3, 1, 3]);
        assert_eq!(most(480), most(3));
    }

    #[test]
    fn rules_with_too_many_combinations_are_refused_in_time() {
        let paths: Vec<FieldPath> = (0..40)
            .map(|n| format!("**.k{n}.*.*.*.*.*.*.*.*.x").parse().unwrap())
            .collect();
        let error = Automaton::new(&paths, std::iter::empty()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TooComplex);
    }
}
