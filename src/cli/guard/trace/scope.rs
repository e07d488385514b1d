//! Variables: where they are looked up, and what they have been found to hold.

use std::cell::RefCell;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::cli::guard::value::Val;
use crate::rules::ast::{Let, Operand};
use crate::rules::literal::Literal;

use super::clauses::Role;
use super::found::Found;
use super::{DEPTH, Stop, Teller};

/// Where a clause is evaluated.
#[derive(Clone, Copy)]
pub(super) struct Env<'e, 'w> {
    pub(super) scope: &'e Scope<'e, 'w>,
    /// The value that queries start at.
    pub(super) root: Val<'w>,
    pub(super) role: Role,
    /// How many rules and variables are waiting for this one.
    pub(super) depth: u32,
}

impl<'w> Env<'_, 'w> {
    /// The same place, with queries starting elsewhere.
    pub(super) fn at(self, root: Val<'w>) -> Self {
        Self { root, ..self }
    }

    /// At the root of the document, with the file's variables.
    pub(super) fn of_file(self) -> Self {
        match self.scope.file() {
            scope @ Scope::Lets { root, .. } => Self { scope, root: *root, ..self },
            Scope::Call { .. } => self,
        }
    }

    /// The same scope, with queries starting at the root of the document.
    pub(super) fn at_document(self) -> Self {
        self.at(self.of_file().root)
    }

    pub(super) fn deeper(self) -> Result<Self, Stop> {
        if self.depth >= DEPTH {
            return Err(Stop::Abort(format!(
                "rules or variables that need one another are nested more than {DEPTH} deep"
            )));
        }
        Ok(Self { depth: self.depth + 1, ..self })
    }
}

/// A scope of variables.
pub(super) enum Scope<'e, 'w> {
    /// Assignments of a file or a body.
    Lets {
        lets: &'w [Let],
        root: Val<'w>,
        /// What was worked out, and keys that were captured.
        known: RefCell<FxHashMap<&'w str, Arc<[Found<'w>]>>>,
        /// Nothing for a file.
        outer: Option<&'e Scope<'e, 'w>>,
    },
    /// Parameters of a call.
    Call { parameters: Vec<(&'w str, Arc<[Found<'w>]>)>, outer: &'e Scope<'e, 'w> },
}

impl<'e, 'w> Scope<'e, 'w> {
    /// The scope of a file.
    pub(super) fn root(lets: &'w [Let], root: Val<'w>) -> Self {
        Self::Lets { lets, root, known: RefCell::default(), outer: None }
    }

    /// The scope of a body.
    pub(super) fn body(lets: &'w [Let], env: &Env<'e, 'w>) -> Self {
        Self::Lets { lets, root: env.root, known: RefCell::default(), outer: Some(env.scope) }
    }

    fn file(&self) -> &Self {
        match self {
            Self::Lets { outer: Some(outer), .. } | Self::Call { outer, .. } => outer.file(),
            Self::Lets { .. } => self,
        }
    }

    /// The literal that a variable is assigned, if it is one.
    pub(super) fn literal(&self, name: &str) -> Option<&'w Literal> {
        match self {
            Self::Call { parameters, outer } => {
                let own = parameters.iter().any(|(known, _)| *known == name);
                if own { None } else { outer.literal(name) }
            }
            Self::Lets { lets, known, outer, .. } => {
                let mut values =
                    lets.iter().rev().filter(|one| &*one.name.text == name).map(|one| &one.value);
                let literal = values.clone().find_map(|value| match value {
                    Operand::Literal(literal, _) => Some(literal),
                    _ => None,
                });
                if literal.is_some() || values.next().is_some() || known.borrow().contains_key(name) {
                    return literal;
                }
                outer.and_then(|outer| outer.literal(name))
            }
        }
    }

    /// Adds a key to those that a query captured.
    pub(super) fn capture(&self, name: &'w str, key: Val<'w>) {
        if let Self::Lets { known, .. } = self.file() {
            let mut known = known.borrow_mut();
            let before = known.get(name).map(|found| found.to_vec()).unwrap_or_default();
            let all: Arc<[Found<'w>]> = before.into_iter().chain([Found::Value(key)]).collect();
            known.insert(name, all);
        }
    }
}

impl<'w> Teller<'w> {
    /// What a variable holds.
    pub(super) fn variable(&self, name: &'w str, env: &Env<'_, 'w>) -> Result<Arc<[Found<'w>]>, Stop> {
        let mut scope = env.scope;
        loop {
            match scope {
                Scope::Call { parameters, outer } => {
                    if let Some((_, found)) = parameters.iter().rev().find(|(known, _)| *known == name) {
                        return Ok(Arc::clone(found));
                    }
                    scope = outer;
                }
                Scope::Lets { lets, root, known, outer } => {
                    let env = Env { scope, root: *root, ..*env };
                    if let Some(found) = self.assigned(name, lets, known, &env)? {
                        return Ok(found);
                    }
                    let Some(next) = outer else { break };
                    scope = next;
                }
            }
        }
        Err(Stop::Abort(format!(
            "There was no variable or value object to resolve. Error = `Could not resolve variable by name {name} across \
             scopes`"
        )))
    }

    /// What a scope's own assignments say: literals first, then what is known, functions, queries; of each, the last.
    fn assigned(
        &self,
        name: &'w str,
        lets: &'w [Let],
        known: &RefCell<FxHashMap<&'w str, Arc<[Found<'w>]>>>,
        env: &Env<'_, 'w>,
    ) -> Result<Option<Arc<[Found<'w>]>>, Stop> {
        let named = || lets.iter().rev().filter(|one| &*one.name.text == name).map(|one| &one.value);
        for value in named() {
            if let Operand::Literal(literal, _) = value {
                return Ok(Some(Arc::new([Found::Literal(self.literal(literal))])));
            }
        }
        if let Some(found) = known.borrow().get(name) {
            return Ok(Some(Arc::clone(found)));
        }
        let env = env.deeper()?;
        let function = named().find_map(|value| match value {
            Operand::Function(function) => Some(function),
            _ => None,
        });
        let found: Arc<[Found<'w>]> = if let Some(function) = function {
            self.function(function, &env)?.into()
        } else {
            let query = named().find_map(|value| match value {
                Operand::Query(query) => Some(query),
                _ => None,
            });
            let Some(query) = query else { return Ok(None) };
            let mut found = self.query(query, &env)?;
            if query.some {
                found.retain(|one| matches!(one, Found::Value(_)));
            }
            found.into()
        };
        known.borrow_mut().insert(name, Arc::clone(&found));
        Ok(Some(found))
    }
}
