//! What a person calls the conditions that something needs.

use crate::document::{Condition, Conditions};
use crate::ingest::Unit;

/// Names conditions.
pub(super) struct Names<'u> {
    pub(super) unit: &'u Unit,
    pub(super) conditions: &'u mut Conditions,
}

impl Names<'_> {
    /// The names of the conditions that something needs: those of the template, or else the answers to its questions.
    pub(super) fn of(&mut self, under: Condition) -> Vec<String> {
        let mut out = Vec::new();
        if under.is_always() {
            return out;
        }
        let mut said = self.unit.premise;
        for (name, condition) in &self.unit.condition_names {
            if self.conditions.implies(said, under) {
                return out;
            }
            if condition.is_always() || condition.is_never() || self.conditions.implies(said, *condition) {
                continue;
            }
            if self.conditions.implies(under, *condition) {
                out.push(name.to_string());
                said = self.conditions.and(said, *condition);
                continue;
            }
            let negated = self.conditions.not(*condition);
            if !self.conditions.implies(said, negated) && self.conditions.implies(under, negated) {
                out.push(format!("not {name}"));
                said = self.conditions.and(said, negated);
            }
        }
        if self.conditions.implies(said, under) {
            return out;
        }
        if let Some(any) = self.any_of(said, under) {
            out.push(any);
        } else {
            let example = self.conditions.example(under);
            out = example.into_iter().map(|(question, answer)| format!("{question} = {answer}")).collect();
        }
        out
    }

    /// The conditions that each bring something about, and together are all that do, where `said` holds.
    fn any_of(&mut self, said: Condition, under: Condition) -> Option<String> {
        let mut names: Vec<String> = Vec::new();
        let mut so_far = Condition::NEVER;
        for (name, condition) in &self.unit.condition_names {
            let negated = self.conditions.not(*condition);
            for (one, negation) in [(*condition, ""), (negated, "not ")] {
                let here = self.conditions.and(said, one);
                if !here.is_never()
                    && self.conditions.implies(here, under)
                    && !self.conditions.implies(here, so_far)
                {
                    names.push(format!("{negation}{name}"));
                    so_far = self.conditions.or(so_far, here);
                }
            }
        }
        let all = self.conditions.and(said, under);
        (names.len() > 1 && self.conditions.implies(all, so_far)).then(|| names.join(" or "))
    }
}
