//! What a client may offer while an argument is typed: names of models.

use tonl_convert::counting::Model;
use tonl_convert::counting::model::MODELS;

/// What an argument could become.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Completion {
    /// The best values, at most [`Completion::MOST`].
    pub values: Vec<&'static str>,
    /// How many there are.
    pub total: usize,
}

impl Completion {
    /// The most values that the protocol lets through.
    pub const MOST: usize = 100;

    /// Whether there are more values than are given.
    pub fn has_more(&self) -> bool {
        self.total > self.values.len()
    }

    /// Nothing to offer.
    pub(crate) fn none() -> Self {
        Self::default()
    }

    /// The models whose name or alias holds what was typed; those that begin with it come first.
    pub(crate) fn of_models(typed: &str) -> Self {
        let typed = typed.trim().to_ascii_lowercase();
        let begins = |model: &&Model| model.names().any(|name| name.starts_with(&typed));
        let holds = |model: &&Model| model.names().any(|name| name.contains(&typed));
        let first = MODELS.iter().filter(begins);
        let then = MODELS.iter().filter(|model| holds(model) && !begins(model));
        let found: Vec<&str> = first.chain(then).map(|model| model.name).collect();
        Self {
            total: found.len(),
            values: found.into_iter().take(Self::MOST).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_begin_with_what_was_typed_come_first() {
        let found = Completion::of_models("GPT-4");
        assert!(found.values.len() > 3 && !found.has_more());
        assert!(found.values.iter().all(|name| name.contains("gpt-4")));
        assert_eq!(Completion::of_models("").total, MODELS.len());
        let mini = Completion::of_models("mini").values;
        assert!(!mini.is_empty() && mini.iter().all(|name| name.contains("mini")));
        assert_eq!(Completion::of_models("claude-4-opus").values.len(), 1);
        assert!(Completion::of_models("no such").values.is_empty());
    }
}
