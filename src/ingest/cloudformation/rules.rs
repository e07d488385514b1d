//! The `Rules` section: what parameters must be like for the template to be deployed at all.
//!
//! The rules together are a premise: what cannot hold under it never happens.

use crate::document::{Code, Condition, Diagnostic, Level, NodeId, View};

use super::call::{Argument, call};
use super::defects;
use super::resolve::Resolver;

/// A function that only rules may call.
#[derive(Clone, Copy, PartialEq, Eq)]
enum RuleFunction {
    Contains,
    EachMemberEquals,
    EachMemberIn,
    RefAll,
}

impl Resolver<'_> {
    /// When all rules of the template are kept.
    pub(super) fn premise(&mut self) -> Condition {
        let Some(rules) = self.template.rules else { return Condition::ALWAYS };
        let rules: Vec<(Box<str>, NodeId)> = match self.tree.view(rules) {
            View::Map(map) => map.iter().map(|(_, name, rule)| (name.into(), rule)).collect(),
            _ => Vec::new(),
        };
        let mut premise = Condition::ALWAYS;
        for (name, rule) in rules {
            let kept = self.kept(rule);
            let both = self.conditions.and(premise, kept);
            if both.is_never() {
                // What is given is given: it is judged although CloudFormation would refuse it.
                let message = format!("the values of the parameters break the rule `{name}`");
                let made = Diagnostic::new(Code::Flag, message).level(Level::Warning);
                self.shared.diagnostics.push(defects::at(self.tree, rule, made));
                continue;
            }
            premise = both;
        }
        premise
    }

    /// When one rule is kept: its condition does not hold, or all of its assertions do.
    fn kept(&mut self, rule: NodeId) -> Condition {
        let applies = match self.tree.get(rule, "RuleCondition") {
            Some(condition) => self.decided(condition),
            None => Condition::ALWAYS,
        };
        let assertions = self.tree.get(rule, "Assertions").and_then(|list| self.tree.list(list));
        let assertions: Vec<_> = assertions.into_iter().flat_map(crate::document::List::iter).collect();
        let mut all = Condition::ALWAYS;
        for assertion in assertions {
            if let Some(assert) = self.tree.get(assertion, "Assert") {
                let holds = self.decided(assert);
                all = self.conditions.and(all, holds);
            }
        }
        let spared = self.conditions.not(applies);
        self.conditions.or(spared, all)
    }

    /// When a function that only rules may call holds.
    pub(super) fn rule_condition(&mut self, node: NodeId, argument: Argument) -> Condition {
        let operands = self.elements(argument).unwrap_or_default();
        let (Some(function), [left, right]) = (self.rule_function(node), operands.as_slice()) else {
            return self.opaque(&format!("a rule function at {}", self.tree.pointer(node)));
        };
        let unknown = |resolver: &mut Self| {
            resolver.opaque(&format!("a rule function at {}", resolver.tree.pointer(node)))
        };
        let Some(members) = self.members(*left) else { return unknown(self) };
        let others = match function {
            RuleFunction::EachMemberIn => self.members(*right),
            _ => Some(vec![self.deciding(|resolver| resolver.resolve(*right))]),
        };
        let Some(others) = others else { return unknown(self) };
        let any = |resolver: &mut Self, member: Option<NodeId>| {
            others.iter().fold(Condition::NEVER, |so_far, &other| {
                let same = resolver.same(member, other);
                resolver.conditions.or(so_far, same)
            })
        };
        match function {
            RuleFunction::Contains => members.iter().fold(Condition::NEVER, |so_far, &member| {
                let same = any(self, member);
                self.conditions.or(so_far, same)
            }),
            _ => members.iter().fold(Condition::ALWAYS, |so_far, &member| {
                let same = any(self, member);
                self.conditions.and(so_far, same)
            }),
        }
    }

    /// The members of a list, resolved; nothing where they are not known.
    fn members(&mut self, node: NodeId) -> Option<Vec<Option<NodeId>>> {
        if self.rule_function(node) == Some(RuleFunction::RefAll) {
            let ty = call(self.tree, node).and_then(|call| self.tree.string(call.argument.node))?.to_owned();
            let declared = self.template.parameters.iter();
            let of_type = declared.filter(|(_, declared)| {
                self.tree.get(**declared, "Type").and_then(|ty| self.tree.string(ty)) == Some(&*ty)
            });
            let mut names: Vec<Box<str>> = of_type.map(|(name, _)| name.clone()).collect();
            names.sort();
            let mut members = Vec::with_capacity(names.len());
            for name in names {
                members.push(Some(self.deciding(|resolver| resolver.parameter(node, &name))?));
            }
            return Some(members);
        }
        let value = self.deciding(|resolver| resolver.resolve(node))?;
        Some(self.tree.list(value)?.iter().map(Some).collect())
    }

    fn rule_function(&self, node: NodeId) -> Option<RuleFunction> {
        let written = match self.tree.tag(node) {
            Some(tag) => tag,
            None => self.tree.map(node)?.iter().next()?.1.strip_prefix("Fn::")?,
        };
        Some(match written {
            "Contains" => RuleFunction::Contains,
            "EachMemberEquals" => RuleFunction::EachMemberEquals,
            "EachMemberIn" => RuleFunction::EachMemberIn,
            "RefAll" => RuleFunction::RefAll,
            _ => return None,
        })
    }
}
