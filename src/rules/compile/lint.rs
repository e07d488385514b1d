//! What is allowed, and probably means something else than its author thinks.

use rustc_hash::FxHashMap;

use crate::document::{Code, Diagnostic};
use crate::facts::schema::Type;
use crate::rules::ast::{Access, Clause, Op, Operand, PartKind, Query, Range, Rule};
use crate::rules::literal::Literal;
use crate::rules::program::{Message, MessagePiece};

use super::Compiler;
use super::types::Ty;

impl Compiler<'_> {
    /// Looks at a rule as a whole.
    pub(super) fn lint_rule(&mut self, rule: &Rule) {
        let Some(name) = &rule.name else { return };
        if rule.body.lines.is_empty() {
            let message = format!("the rule `{}` asserts nothing, so that it never fails", name.text);
            self.suspect(name.range, message, None);
        }
        for line in &rule.body.lines {
            let [Clause::Type(block), _, ..] = &**line else { continue };
            let bare = self.current.is_some_and(|file| !block.range.text(&file.source).ends_with('}'));
            if bare {
                let message = "only the first alternative is about the resource type".to_owned();
                let help = "put the alternatives into braces behind the type";
                self.suspect(block.range, message, Some(help));
            }
        }
    }

    /// Looks for rules of the file at hand that have one id.
    pub(super) fn lint_ids(&mut self, first: usize) {
        let mut known: FxHashMap<&str, &crate::rules::Rule> = FxHashMap::default();
        let mut found = Vec::new();
        for rule in self.program.rules.iter().skip(first) {
            let Some(id) = rule.metadata.id.as_deref() else { continue };
            match known.get(id) {
                Some(other) => {
                    let message = format!("the id `{id}` is also that of the rule `{}`", other.name());
                    let made = Diagnostic::new(Code::RuleSuspicious, message).at(rule.place());
                    found.push(
                        made.help("findings, suppressions and the configuration name rules by their ids"),
                    );
                }
                None => {
                    known.insert(id, rule);
                }
            }
        }
        self.diagnostics.extend(found);
    }

    /// Looks at a message of a clause about entities that no block is around.
    pub(super) fn lint_message(&mut self, message: &Message, range: Range, ty: Ty) {
        let shown = message.pieces.iter().find_map(|piece| match piece {
            MessagePiece::Path(steps, text) if steps.first().is_none_or(|first| **first != *"value") => {
                Some(text)
            }
            _ => None,
        });
        if let (Some(text), true, Ty::Of(_)) = (shown, self.contexts.is_empty(), ty) {
            let message = format!("the message shows `{text}`, and no block is around it that has one");
            self.suspect(
                range,
                message,
                Some("a block makes the attributes of its value known: `%roles { … }`"),
            );
        }
    }

    /// Looks at a clause whose left side has a known type.
    pub(super) fn lint_access(&mut self, access: &Access, ty: Ty) {
        self.lint_words(&access.query);
        let Some(Operand::Literal(literal, range)) = &access.operand else { return };
        let every = matches!(
            access.query.parts.last().map(|part| &part.kind),
            Some(PartKind::AllIndices(_) | PartKind::AllValues(_))
        );
        if let (Op::Eq, true, Literal::List(elements)) = (access.op, every, literal)
            && elements.len() > 1
        {
            let message = "each element is compared with the list as a whole".to_owned();
            self.suspect(*range, message, Some("`in` asks whether it is one of them"));
        }
        let elements = match (access.op, literal) {
            (Op::In, Literal::List(elements)) => elements.iter().collect(),
            _ => vec![literal],
        };
        let Ty::Of(ty) = ty.element() else { return };
        if elements.iter().any(|element| !fits(ty, element)) {
            let left = Ty::Of(ty).describe();
            let message = format!("{left} is compared with `{literal}`, which it can never be");
            let attributes = ty.attributes().unwrap_or_default();
            let names: Vec<String> = attributes.iter().take(8).map(|one| format!("`{}`", one.name)).collect();
            let help = format!("it has attributes to ask: {}", names.join(", "));
            self.suspect(*range, message, (!names.is_empty()).then_some(&*help));
        }
    }

    /// Words of the language that are read as properties where they stand.
    fn lint_words(&mut self, query: &Query) {
        let Some(first) = query.parts.first() else { return };
        let PartKind::Key(key) = &first.kind else { return };
        // In quotes, a property is meant.
        let plain = self.current.is_some_and(|file| *first.range.text(&file.source) == **key);
        if plain && matches!(&**key, "or" | "OR" | "when" | "not" | "in" | "keys" | "and" | "AND") {
            let message = format!("`{key}` is read as a property here");
            let help = match &**key {
                "keys" => "a filter on keys has one comparison, without alternatives",
                "and" | "AND" => "clauses that stand one after another must all hold; there is no `and`",
                _ => "write the property in quotes if it is meant",
            };
            self.suspect(first.range, message, Some(help));
        }
    }

    fn suspect(&mut self, range: crate::rules::ast::Range, message: String, help: Option<&str>) {
        self.report(Code::RuleSuspicious, range, message, help.map(str::to_owned));
    }
}

/// Whether a value of a type can be equal to a literal.
fn fits(ty: Type, literal: &Literal) -> bool {
    match ty {
        Type::Text => matches!(literal, Literal::String(_) | Literal::Regex(_) | Literal::List(_)),
        Type::Bool => matches!(literal, Literal::Bool(_) | Literal::List(_)),
        Type::Number => !matches!(literal, Literal::String(_) | Literal::Regex(_) | Literal::Bool(_)),
        Type::Record(_) | Type::Entity(_) | Type::Map(_) => {
            matches!(literal, Literal::Map(_) | Literal::List(_) | Literal::Null)
        }
        _ => true,
    }
}
