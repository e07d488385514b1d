//! Parameters and pseudo parameters.

use std::sync::Arc;

use crate::document::{
    Alternative, Code, Diagnostic, HoleKind, Language, Level, NodeId, Piece, Reason, View,
};

use super::conditions::Asked;
use super::defects;
use super::patterns;
use super::resolve::{Mode, Resolver};
use super::texts;

/// What a parameter's declaration says.
#[derive(Debug)]
pub(super) struct Declaration {
    ty: String,
    default: Option<NodeId>,
    allowed: Vec<Box<str>>,
    /// What `AllowedPattern` says, or else the type.
    language: Option<Arc<Language>>,
    no_echo: bool,
}

impl Resolver<'_> {
    /// The value of a parameter, where `place` refers to it; nothing if the template has no such parameter.
    pub(super) fn parameter(&mut self, place: NodeId, name: &str) -> Option<NodeId> {
        let declared = *self.template.parameters.get(name)?;
        // Taken out while it is used, and put back.
        let known = self.state.declarations.remove(&declared);
        let declaration = known.unwrap_or_else(|| self.declaration(declared));
        let value = match self.given(place, name) {
            Some(given) => self.typed(place, name, &declaration, given),
            None => self.not_given(place, name, &declaration),
        };
        if declaration.no_echo {
            self.hide(value);
            if let Some(default) = declaration.default {
                self.hide(default);
            }
        }
        let from: Vec<_> = declaration.default.into_iter().chain([declared]).collect();
        self.state.declarations.insert(declared, declaration);
        Some(self.explain(value, "Ref", &from))
    }

    /// Marks a value, and what it consists of, as one that must never be shown.
    fn hide(&mut self, value: NodeId) {
        self.tree.mark_sensitive(value);
        let inner: Vec<_> = match self.tree.view(value) {
            View::List(list) => list.iter().collect(),
            View::Choice(alternatives) => alternatives.iter().filter_map(|one| one.value).collect(),
            _ => Vec::new(),
        };
        for value in inner {
            self.hide(value);
        }
    }

    fn declaration(&self, node: NodeId) -> Declaration {
        let get = |key: &str| self.tree.get(node, key);
        let text = |key: &str| get(key).and_then(|node| self.tree.scalar(node));
        let allowed = get("AllowedValues").and_then(|node| self.tree.list(node));
        let values = allowed.into_iter().flat_map(crate::document::List::iter);
        let ty = text("Type").unwrap_or("String");
        let language = match text("AllowedPattern") {
            Some(written) => Some(Language::new(written)),
            None => patterns::of_type(ty).map(Language::exact),
        };
        Declaration {
            ty: ty.to_owned(),
            default: get("Default").filter(|&node| self.tree.scalar(node).is_some()),
            allowed: values.filter_map(|value| self.tree.scalar(value)).map(Into::into).collect(),
            language: language.map(Arc::new),
            no_echo: text("NoEcho").is_some_and(|value| value.eq_ignore_ascii_case("true")),
        }
    }

    /// The value that the caller or a parent stack gives.
    fn given(&mut self, place: NodeId, name: &str) -> Option<NodeId> {
        if let Some(&[value, deciding]) = self.state.passed.get(name) {
            self.shared.waits |= self.state.waiting.contains(name);
            return Some(if self.mode() == Mode::Decide { deciding } else { value });
        }
        if self.state.is_nested {
            return None;
        }
        let given = self.options.parameter(name)?;
        self.check_given(name, given);
        Some(self.tree.derive_string(place, given))
    }

    /// Says once where a given value is none that the template allows.
    fn check_given(&mut self, name: &str, given: &str) {
        let Some(&declared) = self.template.parameters.get(name) else { return };
        let allowed = self.tree.get(declared, "AllowedValues").and_then(|list| self.tree.list(list));
        let Some(allowed) = allowed else { return };
        let values: Vec<_> = allowed.iter().filter_map(|value| self.tree.scalar(value)).collect();
        let is_list =
            self.tree.get(declared, "Type").and_then(|ty| self.tree.string(ty)).is_some_and(is_list);
        let fits = |one: &str| values.contains(&one.trim());
        if values.is_empty() || if is_list { given.split(',').all(fits) } else { values.contains(&given) } {
            return;
        }
        let message =
            format!("the value given for `{name}` is none of its `AllowedValues`: {}", values.join(", "));
        if self.shared.told.insert(declared) {
            let made = Diagnostic::new(Code::Flag, message).level(Level::Warning);
            self.shared.diagnostics.push(defects::at(self.tree, declared, made));
        }
    }

    fn not_given(&mut self, place: NodeId, name: &str, declaration: &Declaration) -> NodeId {
        if self.mode() == Mode::Decide
            && !declaration.ty.contains("::Parameter::Value")
            && !is_list(&declaration.ty)
        {
            return self.open(place, name, declaration);
        }
        match declaration.default {
            Some(default) if self.says_nothing(name, declaration, default) => {
                self.open(place, name, declaration)
            }
            Some(default) => self.typed(place, name, declaration, default),
            None if declaration.ty.contains("::Parameter::Value") => {
                self.stored(place, name, declaration, &format!("parameter {name}"))
            }
            None if is_list(&declaration.ty) => self.unknown(place, Reason::Parameter, name),
            None if declaration.allowed.is_empty() => {
                let kind = HoleKind::Parameter { language: declaration.language.clone() };
                self.tree.derive_text(place, vec![texts::hole(kind, name)])
            }
            None => self.open(place, name, declaration),
        }
    }

    /// Whether a default stands for no value: the template cannot be deployed with it, or conditions ask whether it is that,
    /// so that other values are what the template is for.
    fn says_nothing(&self, name: &str, declaration: &Declaration, default: NodeId) -> bool {
        let text = self.tree.scalar(default).unwrap_or("");
        if text.is_empty() && self.state.needed.contains(name) {
            return true;
        }
        let nothing = ["", "none", "null", "n/a", "undefined", "-"];
        let asked = self.state.answers.get(name).is_some_and(|all| all.iter().any(|one| **one == *text));
        asked
            && nothing.iter().any(|word| word.eq_ignore_ascii_case(text))
            && !is_list(&declaration.ty)
            && !declaration.ty.contains("::Parameter::Value")
    }

    /// A value of the parameter's type: lists are split, names of stored parameters are not their values.
    fn typed(&mut self, place: NodeId, name: &str, declaration: &Declaration, value: NodeId) -> NodeId {
        if declaration.ty.contains("::Parameter::Value") {
            let stored = format!("parameter {}", self.tree.scalar(value).unwrap_or(""));
            return self.stored(place, name, declaration, &stored);
        }
        match self.tree.scalar(value) {
            Some(text) if is_list(&declaration.ty) => {
                let elements: Vec<_> = text.split(',').map(|element| element.trim().to_owned()).collect();
                let nodes: Vec<_> = elements
                    .iter()
                    .filter(|element| !element.is_empty())
                    .map(|element| self.tree.derive_string(place, element))
                    .collect();
                self.tree.derive_list(place, &nodes)
            }
            Some(text) => {
                let text = text.to_owned();
                self.tree.derive_string(place, &text)
            }
            None => self.tree.derive_copy(place, value),
        }
    }

    /// The value of a parameter that is kept in Parameter Store: known by its type only.
    fn stored(&mut self, place: NodeId, name: &str, declaration: &Declaration, stored: &str) -> NodeId {
        if is_list(&declaration.ty) {
            return self.unknown(place, Reason::Account, name);
        }
        let inner = declaration.ty.split_once('<').and_then(|(_, rest)| rest.strip_suffix('>'));
        let pattern = inner.and_then(patterns::of_type);
        let kind = match pattern {
            Some(pattern) => HoleKind::Parameter { language: Some(Arc::new(Language::exact(pattern))) },
            None => HoleKind::Dynamic,
        };
        self.tree.derive_text(place, vec![texts::hole(kind, stored)])
    }

    /// Every answer that the parameter can have, each under its own condition.
    fn open(&mut self, place: NodeId, name: &str, declaration: &Declaration) -> NodeId {
        // Where a value only decides a condition, its place does not matter.
        if let (Some(&known), Mode::Decide) = (self.state.open.get(name), self.mode()) {
            return known;
        }
        let closed = !declaration.allowed.is_empty();
        let other = (!closed).then(|| HoleKind::Parameter { language: declaration.language.clone() });
        let asked =
            if closed { self.question(name, &declaration.allowed, false) } else { self.distinguished(name) };
        let value = self.one_of(place, name, &asked, other);
        if self.mode() == Mode::Decide {
            self.state.open.insert(name.into(), value);
        }
        value
    }

    /// What a value is, of what the template distinguishes.
    fn distinguished(&mut self, name: &str) -> Arc<Asked> {
        let answers = self.state.answers.remove(name).unwrap_or_default();
        let asked = self.question(name, &answers, true);
        self.state.answers.insert(name.into(), answers);
        asked
    }

    /// One of the answers to the question `name`, or something else.
    fn one_of(&mut self, place: NodeId, name: &str, asked: &Asked, other: Option<HoleKind>) -> NodeId {
        let mut alternatives = Vec::with_capacity(asked.holds.len());
        for (answer, &condition) in asked.answers.iter().zip(&asked.holds) {
            let value = Some(self.tree.derive_string(place, answer));
            alternatives.push(Alternative { condition, value });
        }
        if let (Some(kind), Some(&condition)) = (other, asked.holds.last()) {
            let value = Some(self.tree.derive_text(place, vec![texts::hole(kind, name)]));
            alternatives.push(Alternative { condition, value });
        }
        match alternatives.as_slice() {
            [Alternative { value: Some(value), .. }] => *value,
            _ => self.tree.derive_choice(place, alternatives),
        }
    }

    /// A pseudo parameter; nothing if it is none. The outer nothing of `AWS::NoValue` is the caller's business.
    pub(super) fn pseudo(&mut self, place: NodeId, name: &str) -> Option<NodeId> {
        let options = self.options;
        let (given, kind) = match name {
            "AWS::Partition" => (options.partition().map(str::to_owned), HoleKind::Partition),
            "AWS::Region" => (options.region.clone(), HoleKind::Region),
            "AWS::AccountId" => (options.account.clone(), HoleKind::Account),
            "AWS::URLSuffix" => (url_suffix(options.partition()), HoleKind::UrlSuffix),
            "AWS::StackName" => (self.stack_name(), HoleKind::StackName),
            "AWS::StackId" => return Some(self.stack_id(place)),
            "AWS::NotificationARNs" => return Some(self.unknown(place, Reason::Account, name)),
            _ => return None,
        };
        let value = match given {
            Some(given) => self.tree.derive_string(place, &given),
            None if self.mode() == Mode::Decide => {
                let asked = self.distinguished(name);
                self.one_of(place, name, &asked, Some(kind))
            }
            None => self.tree.derive_text(place, vec![texts::hole(kind, name)]),
        };
        Some(value)
    }

    /// The name of the stack, where it is known. Those that it nests have names that are made up.
    pub(super) fn stack_name(&self) -> Option<String> {
        self.options.stack_name.clone().filter(|_| !self.state.is_nested)
    }

    /// The ARN of the stack, whose last part is made up.
    fn stack_id(&mut self, place: NodeId) -> NodeId {
        let made_up = Language::exact("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}");
        let suffix = HoleKind::Parameter { language: Some(Arc::new(made_up)) };
        let pieces = vec![
            Piece::Literal("arn:".into()),
            self.piece_of(HoleKind::Partition, "AWS::Partition"),
            Piece::Literal(":cloudformation:".into()),
            self.piece_of(HoleKind::Region, "AWS::Region"),
            Piece::Literal(":".into()),
            self.piece_of(HoleKind::Account, "AWS::AccountId"),
            Piece::Literal(":stack/".into()),
            match self.stack_name() {
                Some(name) => Piece::Literal(name.into()),
                None => texts::hole(HoleKind::StackName, "AWS::StackName"),
            },
            Piece::Literal("/".into()),
            texts::hole(suffix, "AWS::StackId"),
        ];
        self.tree.derive_text(place, pieces)
    }

    /// A hole for a value whose text is known only by its kind.
    pub(super) fn piece_of(&self, kind: HoleKind, name: &str) -> Piece {
        let given = match kind {
            HoleKind::Partition => self.options.partition(),
            HoleKind::Region => self.options.region.as_deref(),
            HoleKind::Account => self.options.account.as_deref(),
            _ => None,
        };
        given.map_or_else(|| texts::hole(kind, name), |given| Piece::Literal(given.into()))
    }
}

fn is_list(ty: &str) -> bool {
    ty == "CommaDelimitedList" || ty.contains("List<")
}

fn url_suffix(partition: Option<&str>) -> Option<String> {
    match partition? {
        "aws" | "aws-us-gov" => Some("amazonaws.com".to_owned()),
        "aws-cn" => Some("amazonaws.com.cn".to_owned()),
        "aws-iso" => Some("c2s.ic.gov".to_owned()),
        "aws-iso-b" => Some("sc2s.sgov.gov".to_owned()),
        "aws-iso-e" => Some("cloud.adc-e.uk".to_owned()),
        "aws-iso-f" => Some("csp.hci.ic.gov".to_owned()),
        "aws-eusc" => Some("amazonaws.eu".to_owned()),
        _ => None,
    }
}
