//! Clauses.

use crate::document::Code;

use crate::rules::ast;
use crate::rules::functions::FunctionName;
use crate::rules::literal::Literal;
use crate::rules::program::{
    Access, Block, Call, Clause, Cnf, Key, Operand, Part, PartKind, Query, QueryId, Reference, TypeBlock,
    When,
};

use super::Compiler;
use super::scope::At;
use super::types::Ty;

impl<'a> Compiler<'a> {
    pub(super) fn cnf(&mut self, lines: &'a ast::Cnf, at: At) -> Cnf {
        let mut out = Vec::with_capacity(lines.len());
        for line in lines {
            let alternatives: Vec<Clause> = line.iter().map(|clause| self.clause(clause, at)).collect();
            out.push(alternatives.into());
        }
        out.into()
    }

    fn clause(&mut self, clause: &'a ast::Clause, at: At) -> Clause {
        match clause {
            ast::Clause::Access(access) => self.access(access, at),
            ast::Clause::Block(block) => {
                let (query, ty) = self.query(&block.query, at);
                let body = self.inside(&block.body, ty, at);
                Clause::Block(Box::new(Block { query, not_empty: block.not_empty, body, range: block.range }))
            }
            ast::Clause::When(when) => {
                let conditions = self.cnf(&when.conditions, at);
                let body = self.body(&when.body, at);
                Clause::When(Box::new(When { conditions, body }))
            }
            ast::Clause::Type(block) => self.type_block(block, at),
            ast::Clause::Call(call) => {
                let name = self.program.names.id(&call.name.text);
                let function = self.predicate(&call.name.text);
                let signature = function.and_then(crate::rules::entity::EntityFunction::signature);
                let arguments = if let Some(signature) = signature {
                    self.predicate_arguments(signature, call, at)
                } else {
                    self.check_call(call);
                    self.referred.push(name);
                    call.arguments.iter().map(|argument| self.operand(argument, at).0).collect()
                };
                let message = call.message.as_ref().map(|message| self.message(message));
                Clause::Call(Box::new(Call {
                    negated: call.negated,
                    name,
                    function,
                    arguments,
                    message,
                    range: call.range,
                }))
            }
            ast::Clause::Reference(reference) => {
                let name = self.program.names.id(&reference.name.text);
                self.check_reference(reference);
                self.referred.push(name);
                let message = reference.message.as_ref().map(|message| self.message(message));
                Clause::Reference(Box::new(Reference {
                    negated: reference.negated,
                    name,
                    message,
                    range: reference.range,
                }))
            }
        }
    }

    fn access(&mut self, access: &'a ast::Access, at: At) -> Clause {
        let (query, ty) = self.query(&access.query, at);
        self.lint_access(access, ty);
        let operand = access.operand.as_ref().map(|operand| self.operand(operand, at).0);
        let message = access.message.as_ref().map(|message| {
            let made = self.message(message);
            self.lint_message(&made, message.range, ty);
            made
        });
        let (fixes, severity) = self.clause_attributes(&access.attributes);
        Clause::Access(Box::new(Access {
            negated: access.negated,
            query,
            op: access.op,
            op_negated: access.op_negated,
            operand,
            message,
            fixes,
            severity,
            file: self.file,
            range: access.range,
        }))
    }

    /// A body about the values of a query.
    fn inside(&mut self, body: &'a ast::Body, ty: Ty, at: At) -> crate::rules::program::Body {
        let ty = ty.element();
        if self.graded_by.is_some_and(|attribute| ty.key(attribute).is_ok()) {
            self.graded_by = None;
        }
        self.contexts.push(ty);
        let body = self.body(body, At { root: false, ty, ..at });
        self.contexts.pop();
        body
    }

    /// A type block is a block over `Resources.*[ Type == '…' ]`.
    fn type_block(&mut self, block: &'a ast::TypeBlock, at: At) -> Clause {
        let key = |text: &str| {
            PartKind::Key(Key { text: text.into(), number: None, spellings: std::sync::OnceLock::new() })
        };
        let part = |kind| Part { kind, range: block.name.range };
        let ty = Query {
            some: false,
            typed: false,
            parts: [part(key("Type"))].into(),
            file: self.file,
            range: block.name.range,
            shared: None,
            index: None,
        };
        let ty = self.push_query(ty);
        let test = Clause::Access(Box::new(Access {
            negated: false,
            query: ty,
            op: ast::Op::Eq,
            op_negated: false,
            operand: Some(Operand::Literal(Literal::string(&block.name.text))),
            message: None,
            fixes: Box::default(),
            severity: None,
            file: self.file,
            range: block.name.range,
        }));
        let filter: Cnf = [[test].into()].into();
        let parts =
            [part(key("Resources")), part(PartKind::AllValues(None)), part(PartKind::Filter(None, filter))];
        let query = Query {
            some: false,
            typed: false,
            parts: parts.into(),
            file: self.file,
            range: block.name.range,
            shared: None,
            index: None,
        };
        if at.root {
            self.reads.document = true;
        }
        let query = self.finish_query(query, at);
        let inner = At { root: false, ty: Ty::Any, ..at };
        let when = block.when.as_ref().map(|when| self.cnf(when, inner));
        self.contexts.push(Ty::Any);
        let body = self.body(&block.body, inner);
        self.contexts.pop();
        Clause::Type(Box::new(TypeBlock { query, when, body }))
    }

    pub(super) fn push_query(&mut self, query: Query) -> QueryId {
        self.program.queries.push(query);
        QueryId(u32::try_from(self.program.queries.len() - 1).unwrap_or(u32::MAX))
    }

    fn check_reference(&mut self, reference: &ast::Reference) {
        let Some(file) = self.current else { return };
        let name = self.program.names.id(&reference.name.text);
        if self.program.with_imports(self.file).iter().any(|file| file.by_name.contains_key(&name)) {
            return;
        }
        let mut names = file.rules.iter().filter_map(|rule| rule.name.as_ref()).map(|name| &*name.text);
        if self.rule_names.contains(&name) {
            return;
        }
        let with_parameters = file.calls.iter().any(|call| call.name.text == reference.name.text);
        let source = self.current.map_or("", |file| file.source.text());
        let behind_pattern =
            source.get(..reference.name.range.start as usize).is_some_and(|text| text.ends_with('/'));
        let help = if matches!(&*reference.name.text, "or" | "OR") {
            Some("`or` stands between two clauses; one is missing behind it".to_owned())
        } else if with_parameters {
            Some("the rule has parameters; call it with arguments in parentheses".to_owned())
        } else if let Some(word) = operator_in_front(source, reference.name.range) {
            Some(word)
        } else if matches!(&*reference.name.text.to_lowercase(), "true" | "false" | "null") {
            Some("each alternative is a clause of its own: `QUERY == VALUE or QUERY == VALUE`".to_owned())
        } else if behind_pattern {
            Some("flags stand within a regular expression: `/(?i)abc/`".to_owned())
        } else {
            super::suggest(&reference.name.text, &mut names).map(|near| format!("did you mean `{near}`?"))
        };
        let message = format!("there is no rule `{}`", reference.name.text);
        self.report(Code::RuleName, reference.name.range, message, help);
    }

    fn check_call(&mut self, call: &ast::Call) {
        let Some(file) = self.current else { return };
        let known = file.calls.iter().rev().find(|rule| rule.name.text == call.name.text);
        let name = self.program.names.id(&call.name.text);
        let imported = self.program.with_imports(self.file);
        let imported = imported.iter().skip(1).any(|file| file.calls.contains_key(&name));
        match known {
            None if imported => {}
            None => {
                let functions = crate::rules::entity::SIGNATURES.iter().filter(|one| one.is_predicate);
                let names = file.calls.iter().map(|rule| &*rule.name.text);
                let names = names.chain(functions.map(|one| one.name));
                let plain = file.rules.iter().filter_map(|rule| rule.name.as_ref());
                let makes_value = FunctionName::from_name(&call.name.text).is_some();
                let help = if plain.clone().any(|name| name.text == call.name.text) {
                    Some("the rule has no parameters; name it without parentheses".to_owned())
                } else if makes_value {
                    let help = "functions that make values stand behind `let` and on the right side";
                    Some(format!("{help}: `let x = {}(…)`, and then `%x …`", call.name.text))
                } else {
                    super::suggest(&call.name.text, names).map(|near| format!("did you mean `{near}`?"))
                };
                let message = format!("there is no rule `{}` with parameters", call.name.text);
                self.report(Code::RuleName, call.name.range, message, help);
            }
            Some(rule) if rule.parameters.len() != call.arguments.len() => {
                let (wanted, got) = (rule.parameters.len(), call.arguments.len());
                let arguments = if wanted == 1 { "argument" } else { "arguments" };
                let message = format!("rule `{}` takes {wanted} {arguments}, not {got}", call.name.text);
                self.report(Code::RuleName, call.name.range, message, None);
            }
            Some(_) => {}
        }
    }
}

/// What to write where a reference is the end of a word that begins with an operator.
fn operator_in_front(source: &str, range: ast::Range) -> Option<String> {
    let before = source.get(..range.start as usize)?;
    let start = before.rfind(|c: char| !(c.is_alphanumeric() || c == '_'))? + 1;
    let operator = before.get(start..).filter(|operator| !operator.is_empty())?;
    let word = source.get(start..range.end as usize)?;
    Some(format!("`{word}` is no operator; write `{operator}`"))
}
