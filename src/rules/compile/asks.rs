//! Calls of functions over entities: arity, types, and names of actions.

use crate::catalog;
use crate::document::Code;
use crate::facts::schema::Type;

use crate::rules::ast;
use crate::rules::entity::{EntityFunction, SIGNATURES, Signature, Wanted};
use crate::rules::functions::FunctionName;
use crate::rules::literal::Literal;
use crate::rules::program::{Function, Operand, Part, PartKind, Query, Variable};

use super::Compiler;
use super::scope::At;
use super::types::Ty;

/// What a function of other languages is called here.
fn elsewhere(name: &str) -> Option<&'static str> {
    Some(match &*name.to_lowercase() {
        "length" | "len" | "size" => "count",
        "lower" | "lowercase" | "tolower" | "lowercased" => "to_lower",
        "upper" | "uppercase" | "toupper" => "to_upper",
        "int" | "to_int" | "to_number" | "tonumber" | "number" => "parse_int",
        "float" | "to_float" => "parse_float",
        "str" | "string" | "to_string" | "tostring" => "parse_string",
        "bool" | "to_bool" => "parse_boolean",
        "json" | "from_json" | "jsondecode" | "parse_json" => "json_parse",
        "substr" | "slice" => "substring",
        "replace" | "sub" | "gsub" | "regexreplace" => "regex_replace",
        "concat" => "join",
        "date" | "timestamp" | "to_epoch" | "epoch" => "parse_epoch",
        _ => return None,
    })
}

impl<'a> Compiler<'a> {
    /// A function where a value stands.
    pub(super) fn function(&mut self, function: &'a ast::Function, at: At) -> Operand {
        let name = &*function.name.text;
        if let Some(name) = FunctionName::from_name(name) {
            let arguments = function.arguments.iter().map(|argument| self.operand(argument, at).0).collect();
            return Operand::Function(Box::new(Function { name, arguments }));
        }
        if let Some(signature) = SIGNATURES.iter().find(|one| one.name == name) {
            let arguments = self.ask(signature, &function.arguments, function.range, at);
            let name = FunctionName::Entity(signature.function);
            return Operand::Function(Box::new(Function { name, arguments }));
        }
        let known = FunctionName::names().chain(SIGNATURES.iter().map(|one| one.name));
        let meant = elsewhere(name).map(str::to_owned);
        let help = match meant.as_deref().or_else(|| super::suggest(name, known)) {
            Some(near) => Some(format!("did you mean `{near}`?")),
            None if self.is_rule(name) => {
                Some("a rule with parameters is called as a clause, not as a value".to_owned())
            }
            None => None,
        };
        self.report(Code::RuleName, function.name.range, format!("there is no function `{name}`"), help);
        // Nothing has its value, so that what is asked of it is not answered.
        let variable = Variable { name: self.program.names.id(&format!("{name}()")), fixed: None };
        let part = Part { kind: PartKind::Variable(variable), range: function.name.range };
        let query = Query {
            some: false,
            typed: false,
            parts: Box::new([part]),
            file: self.file,
            range: function.range,
            shared: None,
            index: None,
        };
        Operand::Query(self.push_query(query))
    }

    /// The function that a clause calls, if no rule with parameters has its name.
    pub(super) fn predicate(&self, name: &str) -> Option<EntityFunction> {
        if self.is_rule(name) { None } else { EntityFunction::from_name(name) }
    }

    /// The arguments of a function that is a clause.
    pub(super) fn predicate_arguments(
        &mut self,
        signature: &'static Signature,
        call: &'a ast::Call,
        at: At,
    ) -> Box<[Operand]> {
        if !signature.is_predicate {
            let message = format!("`{}` gives texts, and is no clause by itself", signature.name);
            let help = format!("compare what it gives: `let found = {}`", signature.usage());
            self.report(Code::RuleName, call.name.range, message, Some(help));
        }
        self.ask(signature, &call.arguments, call.range, at)
    }

    /// Whether a rule with parameters has this name.
    fn is_rule(&self, name: &str) -> bool {
        let own = self.current.is_some_and(|file| file.calls.iter().any(|rule| &*rule.name.text == name));
        own || self.program.with_imports(self.file).iter().skip(1).any(|file| {
            let mut calls = file.calls.values();
            calls.any(|rule| &*rule.name == name)
        })
    }

    /// The arguments of a call, checked.
    pub(super) fn ask(
        &mut self,
        signature: &'static Signature,
        arguments: &'a [ast::Operand],
        range: ast::Range,
        at: At,
    ) -> Box<[Operand]> {
        self.program.asks = true;
        let (least, most) = signature.arity();
        if !(least..=most).contains(&arguments.len()) {
            let wanted = if least == most { least.to_string() } else { format!("{least} or {most}") };
            let given = arguments.len();
            let message = format!("`{}` takes {wanted} arguments, not {given}", signature.name);
            self.report(Code::RuleName, range, message, Some(format!("it is `{}`", signature.usage())));
        }
        let mut made = Vec::with_capacity(arguments.len());
        for (index, argument) in arguments.iter().enumerate() {
            let (operand, ty) = self.operand(argument, at);
            if let Some(parameter) = signature.parameters.get(index) {
                let literal = match &operand {
                    Operand::Literal(literal) => Some(literal),
                    _ => None,
                };
                let range = range_of(argument);
                if !takes(parameter.wanted, ty, literal) {
                    let got = literal.map_or_else(|| ty.describe(), |literal| format!("`{literal}`"));
                    let message = format!("`{}` of `{}` is {got}", parameter.name, signature.name);
                    let help = format!("it must be {}", parameter.wanted.words());
                    self.report(Code::RuleName, range, message, Some(help));
                } else if parameter.wanted == Wanted::Action
                    && let Some(literal) = literal
                {
                    self.check_actions(literal, range);
                }
            }
            made.push(operand);
        }
        made.into()
    }

    /// Names of actions that a rule spells out.
    fn check_actions(&mut self, literal: &Literal, range: ast::Range) {
        match literal {
            Literal::List(elements) => elements.iter().for_each(|one| self.check_actions(one, range)),
            Literal::String(text) => {
                let catalog = catalog::embedded();
                let mut known = **text == *"*";
                crate::iam::actions::each(catalog, text, |_| known = true);
                if known {
                    return;
                }
                let message = format!("there is no action `{text}`");
                let help = near_action(text).map(|near| format!("did you mean `{near}`?"));
                self.report(Code::RuleSuspicious, range, message, help);
            }
            _ => {}
        }
    }
}

/// The action that was probably meant.
fn near_action(text: &str) -> Option<String> {
    let catalog = catalog::embedded();
    let (prefix, name) = text.split_once(':')?;
    if let Some(service) = catalog.service(prefix) {
        let near = catalog::nearest(name, service.actions().map(catalog::Action::name))?;
        return Some(format!("{}:{near}", service.prefix()));
    }
    let near = catalog::nearest(prefix, catalog.services().map(catalog::Service::prefix))?;
    Some(format!("{near}:{name}"))
}

fn range_of(operand: &ast::Operand) -> ast::Range {
    match operand {
        ast::Operand::Literal(_, range) => *range,
        ast::Operand::Query(query) => query.range,
        ast::Operand::Function(function) => function.range,
    }
}

/// Whether a value of a type can be what a parameter wants.
fn takes(wanted: Wanted, ty: Ty, literal: Option<&Literal>) -> bool {
    if let Some(literal) = literal {
        let is_text = |one: &Literal| matches!(one, Literal::String(_));
        return match (wanted, literal) {
            (Wanted::Action | Wanted::Text, Literal::List(elements)) => elements.iter().all(is_text),
            (Wanted::Action | Wanted::Text, literal) => is_text(literal),
            _ => false,
        };
    }
    let Ty::Of(ty) = ty.element() else { return true };
    match (wanted, ty) {
        (Wanted::Principal, Type::Entity(kind)) => matches!(kind, "role" | "user" | "group"),
        (Wanted::Role, Type::Entity(kind)) => kind == "role",
        (Wanted::Statement, Type::Record(attributes)) => ["effect", "actions", "not_actions"]
            .iter()
            .all(|name| attributes.iter().any(|attribute| attribute.name == *name)),
        (Wanted::Action | Wanted::Text, ty) => matches!(ty, Type::Text | Type::Raw | Type::Map(_)),
        _ => false,
    }
}
