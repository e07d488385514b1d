//! `Fn::FindInMap`: which rows a key may choose.

use crate::document::{Alternative, Condition, NodeId, Piece, Reason, Tri, text};

use super::call::Argument;
use super::resolve::Resolver;
use super::texts;

/// A row, and when it is chosen.
type Row = (Condition, NodeId);

impl Resolver<'_> {
    pub(super) fn find_in_map(&mut self, node: NodeId, argument: Argument) -> NodeId {
        let operands = self.elements(argument).unwrap_or_default();
        let [map, first, second, rest @ ..] = operands.as_slice() else {
            return self.unknown(node, Reason::Malformed, "`Fn::FindInMap` without a map and two keys");
        };
        let default = rest.first().and_then(|options| self.tree.get(*options, "DefaultValue"));
        let maps = match self.template.mappings {
            Some(mappings) => self.rows(*map, &[(Condition::ALWAYS, mappings)]),
            None => Vec::new(),
        };
        if maps.is_empty() {
            return match default.and_then(|default| self.resolve(default)) {
                Some(default) => default,
                None => self.unknown(node, Reason::Undeclared, "a mapping that is not declared"),
            };
        }
        let rows = self.rows(*first, &maps);
        let values = self.rows(*second, &rows);
        let alternatives =
            values.iter().map(|&(condition, value)| Alternative { condition, value: Some(value) }).collect();
        let found = self.with_default(node, alternatives, default);
        let keys: Vec<_> = [*map, *first, *second].into_iter().filter_map(|key| self.resolve(key)).collect();
        let written = |&key: &NodeId| self.tree.written(key) == Some(key);
        let from: Vec<_> = values
            .into_iter()
            .map(|(_, value)| value)
            .chain(keys.into_iter().filter(|key| !written(key)))
            .collect();
        self.explain(found, "Fn::FindInMap", &from)
    }

    fn with_default(
        &mut self,
        node: NodeId,
        mut alternatives: Vec<Alternative>,
        default: Option<NodeId>,
    ) -> NodeId {
        let covered =
            alternatives.iter().fold(Condition::NEVER, |all, one| self.conditions.or(all, one.condition));
        if !covered.is_always()
            && let Some(default) = default
        {
            let condition = self.conditions.not(covered);
            let value = self.resolve(default);
            self.flatten(condition, value, &mut alternatives);
        }
        match alternatives.as_slice() {
            [] => self.unknown(node, Reason::Undeclared, "a key that the mapping does not have"),
            // Any other key would stop the deployment, so the only row is the row.
            [Alternative { value: Some(value), .. }] => self.tree.derive_copy(node, *value),
            _ => self.tree.derive_choice(node, alternatives),
        }
    }

    /// The rows of each map that a key may choose.
    fn rows(&mut self, key: NodeId, maps: &[Row]) -> Vec<Row> {
        let Some(value) = self.resolve(key) else { return Vec::new() };
        let mut rows = Vec::new();
        for part in self.texts_of(value) {
            for &(under, map) in maps {
                let under = self.conditions.and(under, part.under);
                if under.is_never() {
                    continue;
                }
                match part.pieces.as_slice() {
                    [] => {}
                    [Piece::Literal(text)] => rows.extend(self.tree.get(map, text).map(|row| (under, row))),
                    [Piece::Hole(hole)] => {
                        let name = hole.name.clone();
                        self.open_rows(&name, &part.pieces, under, map, &mut rows);
                    }
                    pieces => {
                        let name: String = pieces.iter().map(texts::shown).collect();
                        self.open_rows(&name, pieces, under, map, &mut rows);
                    }
                }
            }
        }
        rows
    }

    /// Every row whose key the pieces may be, each where the question `name` has its key as the answer.
    fn open_rows(&mut self, name: &str, pieces: &[Piece], under: Condition, map: NodeId, out: &mut Vec<Row>) {
        let entries: Vec<(Box<str>, NodeId)> = self
            .tree
            .map(map)
            .into_iter()
            .flat_map(crate::document::Map::iter)
            .filter(|(_, key, _)| text::equals(pieces, key) != Tri::No)
            .map(|(_, key, row)| (key.into(), row))
            .collect();
        let answers = self.state.answers.get(name).cloned();
        let answers = answers.unwrap_or_else(|| entries.iter().map(|(key, _)| key.clone()).collect());
        let asked = self.question(name, &answers, true);
        for (key, row) in entries {
            let found = asked.answers.iter().zip(&asked.holds).find(|(answer, _)| **answer == key);
            if let Some((_, &answered)) = found {
                let both = self.conditions.and(under, answered);
                if !both.is_never() {
                    out.push((both, row));
                }
            }
        }
    }
}
