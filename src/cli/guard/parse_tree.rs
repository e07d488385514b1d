//! `parse-tree`: how a rule file is read, in the peer's shape.

use serde_json::{Value, json};

use crate::document::Source;
use crate::rules::ast::{
    Access, Block, Body, Clause, Cnf, File, KeysFilter, Let, Name, Op, Operand, Part, PartKind, Query, Range,
    Rule, TypeBlock,
};

use super::args::ParseTree;
use super::fault::{self, Fault};
use super::input;
use super::report::{Format, write_data};
use super::trace::{Edition, RuleFile, symbol};
use super::validate::Streams;
use super::value::{Arena, Json};

/// Runs the command.
pub(super) fn run(args: &ParseTree, to: &mut Streams<'_>) -> Result<u8, Fault> {
    let text = match &args.rules {
        Some(path) => input::text(path)?,
        None => input::standard_input()?,
    };
    let name = args.rules.as_ref().map_or_else(|| "<stdin>".to_owned(), |path| path.display().to_string());
    let source = Source::from_text(name, text);
    let ast =
        fault::read(&source).map_err(|diagnostic| Fault::At(fault::syntax("", &diagnostic), diagnostic))?;
    let file = RuleFile::new("", ast, Edition::Guard32);
    let tree = if file.is_empty() { Value::Null } else { Spell { file: &file }.file(&file.ast) };
    write_data(to.out, if args.print_json { Format::Json } else { Format::Yaml }, &tree)?;
    Ok(0)
}

struct Spell<'f> {
    file: &'f RuleFile,
}

impl Spell<'_> {
    fn file(&self, file: &File) -> Value {
        let rules: Vec<Value> = file.rules.iter().map(|rule| self.rule(rule)).collect();
        let calls: Vec<Value> = file
            .calls
            .iter()
            .map(|rule| {
                let mut names: Vec<&str> = Vec::new();
                for name in &rule.parameters {
                    if !names.contains(&&*name.text) {
                        names.push(&name.text);
                    }
                }
                json!({
                    "parameter_names": names,
                    "rule": {
                        "rule_name": rule.name.text,
                        "conditions": null,
                        "block": self.rule_body(&rule.body),
                    },
                })
            })
            .collect();
        json!({ "assignments": self.lets(&file.lets), "guard_rules": rules, "parameterized_rules": calls })
    }

    fn rule(&self, rule: &Rule) -> Value {
        json!({
            "rule_name": self.file.rule_name(rule),
            "conditions": rule.when.as_ref().map(|when| self.conditions(when)),
            "block": self.rule_body(&rule.body),
        })
    }

    fn lets(&self, lets: &[Let]) -> Vec<Value> {
        lets.iter().map(|one| json!({ "var": one.name.text, "value": self.operand(&one.value) })).collect()
    }

    fn rule_body(&self, body: &Body) -> Value {
        let lines = each(&body.lines, |clause| match clause {
            Clause::When(when) => {
                json!({ "WhenBlock": [self.conditions(&when.conditions), self.body(&when.body)] })
            }
            Clause::Type(block) => json!({ "TypeBlock": self.type_block(block) }),
            other => json!({ "Clause": self.clause(other) }),
        });
        json!({ "assignments": self.lets(&body.lets), "conjunctions": lines })
    }

    fn body(&self, body: &Body) -> Value {
        json!({ "assignments": self.lets(&body.lets), "conjunctions": each(&body.lines, |clause| self.clause(clause)) })
    }

    fn conditions(&self, when: &Cnf) -> Value {
        each(when, |clause| self.clause(clause))
    }

    fn clause(&self, clause: &Clause) -> Value {
        match clause {
            Clause::Access(access) => json!({ "Clause": self.access(access) }),
            Clause::Reference(reference) => json!({
                "NamedRule": self.named(&reference.name, reference.negated, reference.message.as_ref(), reference.range),
            }),
            Clause::Call(call) => {
                let parameters: Vec<Value> = call.arguments.iter().map(|one| self.operand(one)).collect();
                let named = self.named(&call.name, call.negated, call.message.as_ref(), call.range);
                json!({ "ParameterizedNamedRule": { "parameters": parameters, "named_rule": named } })
            }
            Clause::Block(block) => json!({ "BlockClause": self.block(block) }),
            Clause::When(when) => {
                json!({ "WhenBlock": [self.conditions(&when.conditions), self.body(&when.body)] })
            }
            Clause::Type(block) => json!({ "TypeBlock": self.type_block(block) }),
        }
    }

    fn access(&self, access: &Access) -> Value {
        json!({
            "access_clause": {
                "query": self.query(&access.query),
                "comparator": [symbol(access.op), access.op_negated],
                "compare_with": access.operand.as_ref().map(|operand| self.operand(operand)),
                "custom_message": text(access.message.as_ref()),
                "location": self.location(access.range),
            },
            "negation": access.negated,
        })
    }

    fn named(&self, name: &Name, negated: bool, message: Option<&Name>, range: Range) -> Value {
        json!({
            "dependent_rule": name.text,
            "negation": negated,
            "custom_message": text(message),
            "location": self.location(range),
        })
    }

    fn block(&self, block: &Block) -> Value {
        json!({
            "query": self.query(&block.query),
            "block": self.body(&block.body),
            "location": self.location(block.range),
            "not_empty": block.not_empty,
        })
    }

    fn type_block(&self, block: &TypeBlock) -> Value {
        let query = self.file.type_query(&block.name.text);
        let mut query = query.map_or(Value::Null, |query| self.parts(&query.parts));
        // Each block's test stands where the block does.
        if let Some(place) = query.pointer_mut("/2/Filter/1/0/0/Clause/access_clause/location") {
            *place = self.location(block.range);
        }
        json!({
            "type_name": block.name.text,
            "conditions": block.when.as_ref().map(|when| self.conditions(when)),
            "block": self.body(&block.body),
            "query": query,
        })
    }

    fn query(&self, query: &Query) -> Value {
        json!({ "query": self.parts(&query.parts), "match_all": !query.some })
    }

    fn parts(&self, parts: &[Part]) -> Value {
        parts.iter().map(|part| self.part(&part.kind)).collect()
    }

    fn part(&self, part: &PartKind) -> Value {
        match part {
            PartKind::This => json!("This"),
            PartKind::Key(key) => json!({ "Key": key }),
            PartKind::Variable(name) => json!({ "Key": format!("%{name}") }),
            PartKind::AllValues(name) => json!({ "AllValues": text(name.as_ref()) }),
            PartKind::AllIndices(name) => json!({ "AllIndices": text(name.as_ref()) }),
            PartKind::Index(index) => json!({ "Index": index }),
            PartKind::Filter(name, lines) => {
                json!({ "Filter": [text(name.as_ref()), each(lines, |clause| self.clause(clause))] })
            }
            PartKind::Keys(filter) => {
                json!({ "MapKeyFilter": [text(filter.capture.as_ref()), self.keys(filter)] })
            }
        }
    }

    fn keys(&self, filter: &KeysFilter) -> Value {
        let comparator = match (filter.op, filter.negated) {
            (Op::Eq, false) => "Eq",
            (Op::Eq, true) => "NotEq",
            (_, false) => "In",
            (_, true) => "NotIn",
        };
        json!({ "comparator": comparator, "compare_with": self.operand(&filter.operand) })
    }

    fn operand(&self, operand: &Operand) -> Value {
        match operand {
            Operand::Literal(literal, _) => {
                let arena = Arena::of_literal(literal);
                json!({ "Value": { "path": "", "value": Json(arena.root()) } })
            }
            Operand::Query(query) => json!({ "AccessClause": self.query(query) }),
            Operand::Function(function) => {
                let parameters: Vec<Value> = function.arguments.iter().map(|one| self.operand(one)).collect();
                json!({
                    "FunctionCall": {
                        "parameters": parameters,
                        "name": function.name.text,
                        "location": self.location(function.range),
                    },
                })
            }
        }
    }

    fn location(&self, range: Range) -> Value {
        let source = &self.file.ast.source;
        let at = source.lines().position(source.text(), range.start);
        json!({ "line": at.line, "column": at.column })
    }
}

fn text(name: Option<&Name>) -> Option<&str> {
    name.map(|name| &*name.text)
}

fn each(lines: &Cnf, clause: impl Fn(&Clause) -> Value) -> Value {
    lines.iter().map(|line| line.iter().map(&clause).collect::<Value>()).collect()
}
