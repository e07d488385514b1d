//! Actions and resources that another one in the list implies.

use rustc_hash::FxBuildHasher;
use rustc_hash::FxHashMap;

use crate::document::NodeId;
use crate::iam::actions;
use crate::iam::glob::Token;
use crate::iam::glob::contains;
use crate::iam::policy::Patterns;
use crate::iam::policy::Statement;
use crate::iam::resource::Target;

use super::FlawKind;
use super::Inspector;

/// Longer lists are not compared pair by pair.
const LONGEST: usize = 400;

impl Inspector<'_> {
    /// Checks the lists of a statement.
    pub(super) fn redundancy(&mut self, statement: &Statement<'_>) {
        self.redundant_actions(&statement.actions);
        if let Some(resources) = &statement.resources {
            self.redundant_resources(resources);
        }
    }

    fn redundant_actions(&mut self, patterns: &Patterns<'_>) {
        if patterns.values.len() < 2 {
            return;
        }
        let known: Vec<(NodeId, &str)> = patterns
            .values
            .iter()
            .filter(|value| value.under.is_always())
            .filter_map(|value| Some((value.node, value.text.known()?)))
            .collect();
        let wide: Vec<(usize, &str)> = known
            .iter()
            .enumerate()
            .filter(|(_, (_, text))| text.contains(['*', '?']))
            .map(|(index, (_, text))| (index, *text))
            .collect();
        let mut seen = FxHashMap::with_capacity_and_hasher(known.len(), FxBuildHasher);
        for (index, (node, text)) in known.iter().enumerate() {
            let twice = seen.insert(text.to_ascii_lowercase(), index).map(|_| *text);
            let implied = || {
                wide.iter()
                    .find(|(other, pattern)| {
                        *other != index
                            && actions::matches(pattern, text)
                            && !pattern.eq_ignore_ascii_case(text)
                    })
                    .map(|(_, pattern)| *pattern)
            };
            if let Some(by) = twice.or_else(implied) {
                let message = format!("`{text}` is implied by `{by}`");
                self.note(FlawKind::Redundant, *node, text, message);
            }
        }
    }

    fn redundant_resources(&mut self, patterns: &Patterns<'_>) {
        if patterns.values.len() < 2 || patterns.values.len() > LONGEST {
            return;
        }
        let all: Vec<(NodeId, Vec<Token>)> = patterns
            .values
            .iter()
            .filter(|value| value.under.is_always() && value.text.known().is_some())
            .map(|value| (value.node, Target::of(&value.text).tokens))
            .collect();
        for (index, (node, tokens)) in all.iter().enumerate() {
            let by = all.iter().enumerate().find(|(other, (_, pattern))| {
                *other != index && contains(pattern, tokens) && (!contains(tokens, pattern) || *other < index)
            });
            if let Some((_, (_, pattern))) = by {
                let (text, by) = (super::values::shown(tokens), super::values::shown(pattern));
                let message = format!("`{text}` is implied by `{by}`");
                self.note(FlawKind::Redundant, *node, &text, message);
            }
        }
    }
}
