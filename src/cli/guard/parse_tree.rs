//! `parse-tree`: the tree of a rule file, in the peer's shape.

use std::path::Path;

use serde_json::{Map, Value, json};

use crate::document::Source;
use crate::rules::ast::{
    Body, Call, Clause, Cnf, File, Function, Let, Op, Operand, Part, PartKind, Query, Range, Reference, Rule,
};
use crate::rules::literal::Literal;
use crate::rules::parse;

use super::{Failure, ParseTreeArgs, Streams, files, report};

pub(super) fn run(args: &ParseTreeArgs, streams: &mut Streams<'_>) -> Result<u8, Failure> {
    let (name, text) = match &args.rules {
        Some(path) => {
            files::must_exist(path)?;
            (files::name(path), files::read(path)?)
        }
        None => (String::new(), files::stdin()?),
    };
    let source = Source::from_text(name, text);
    let file = parse(&source).map_err(|error| Failure::Abort(format!("Parsing Error {}", error.message)))?;
    let tree = Shape { source: &source }.file(&file);
    let text = if args.print_json {
        serde_json::to_string_pretty(&tree).map_err(|error| Failure::Abort(error.to_string()))?
    } else {
        serde_yaml::to_string(&tree).map_err(|error| Failure::Abort(error.to_string()))?
    };
    match &args.output {
        Some(path) => write(path, &text)?,
        None => streams.out.write_all(text.as_bytes())?,
    }
    Ok(0)
}

pub(super) fn write(path: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(path, text)
        .map_err(|error| Failure::Abort(format!("`{}` cannot be written: {error}", path.display())))
}

/// The peer's shape of a source's tree.
struct Shape<'s> {
    source: &'s Source,
}

impl Shape<'_> {
    fn file(&self, file: &File) -> Value {
        if file.rules.is_empty() && file.lets.is_empty() && file.calls.is_empty() {
            return Value::Null;
        }
        let default = format!("{}/default", self.source.name());
        let rules: Vec<Value> = file.rules.iter().map(|rule| self.rule(rule, &default)).collect();
        let calls: Vec<Value> = file
            .calls
            .iter()
            .map(|call| {
                let names: Vec<&str> = call.parameters.iter().map(|name| &*name.text).collect();
                let rule = json!({
                    "rule_name": call.name.text,
                    "conditions": null,
                    "block": self.body(&call.body, &|shape, clause| shape.rule_clause(clause)),
                });
                json!({ "parameter_names": names, "rule": rule })
            })
            .collect();
        json!({ "assignments": self.lets(&file.lets), "guard_rules": rules, "parameterized_rules": calls })
    }

    fn rule(&self, rule: &Rule, default: &str) -> Value {
        json!({
            "rule_name": rule.name.as_ref().map_or(default, |name| &name.text),
            "conditions": rule.when.as_ref().map(|when| self.conditions(when)),
            "block": self.body(&rule.body, &|shape, clause| shape.rule_clause(clause)),
        })
    }

    fn body(&self, body: &Body, clause: &dyn Fn(&Self, &Clause) -> Value) -> Value {
        json!({ "assignments": self.lets(&body.lets), "conjunctions": self.cnf(&body.lines, clause) })
    }

    fn cnf(&self, lines: &Cnf, clause: &dyn Fn(&Self, &Clause) -> Value) -> Value {
        let lines = lines.iter().map(|line| line.iter().map(|one| clause(self, one)).collect::<Value>());
        lines.collect()
    }

    fn conditions(&self, lines: &Cnf) -> Value {
        self.cnf(lines, &|shape, clause| shape.guard_clause(clause))
    }

    fn lets(&self, lets: &[Let]) -> Value {
        lets.iter().map(|one| json!({ "var": one.name.text, "value": self.operand(&one.value) })).collect()
    }

    /// A clause directly in a rule.
    fn rule_clause(&self, clause: &Clause) -> Value {
        match clause {
            Clause::Type(block) => json!({
                "TypeBlock": {
                    "type_name": block.name.text,
                    "conditions": block.when.as_ref().map(|when| self.conditions(when)),
                    "block": self.body(&block.body, &|shape, clause| shape.guard_clause(clause)),
                    "query": [
                        { "Key": "Resources" },
                        { "AllValues": null },
                        { "Filter": [null, [[{ "Clause": {
                            "access_clause": {
                                "query": { "query": [{ "Key": "Type" }], "match_all": true },
                                "comparator": ["Eq", false],
                                "compare_with": { "Value": { "path": "", "value": block.name.text } },
                                "custom_message": null,
                                "location": self.location(block.range),
                            },
                            "negation": false,
                        } }]]] },
                    ],
                }
            }),
            Clause::When(when) if when.in_rule => json!({
                "WhenBlock": [
                    self.conditions(&when.conditions),
                    self.body(&when.body, &|shape, clause| shape.guard_clause(clause)),
                ]
            }),
            other => json!({ "Clause": self.guard_clause(other) }),
        }
    }

    fn guard_clause(&self, clause: &Clause) -> Value {
        match clause {
            Clause::Access(access) => json!({
                "Clause": {
                    "access_clause": {
                        "query": self.query(&access.query),
                        "comparator": [report::op(access.op), access.op_negated],
                        "compare_with": access.operand.as_ref().map(|operand| self.operand(operand)),
                        "custom_message": access.message.as_ref().map(|message| &message.text),
                        "location": self.location(access.range),
                    },
                    "negation": access.negated,
                }
            }),
            Clause::Block(block) => json!({
                "BlockClause": {
                    "query": self.query(&block.query),
                    "block": self.body(&block.body, &|shape, clause| shape.guard_clause(clause)),
                    "location": self.location(block.range),
                    "not_empty": block.not_empty,
                }
            }),
            Clause::When(when) => json!({
                "WhenBlock": [
                    self.conditions(&when.conditions),
                    self.body(&when.body, &|shape, clause| shape.guard_clause(clause)),
                ]
            }),
            Clause::Reference(reference) => json!({ "NamedRule": self.reference(reference) }),
            Clause::Call(call) => self.call(call),
            Clause::Type(_) => self.rule_clause(clause),
        }
    }

    fn reference(&self, reference: &Reference) -> Value {
        json!({
            "dependent_rule": reference.name.text,
            "negation": reference.negated,
            "custom_message": reference.message.as_ref().map(|message| &message.text),
            "location": self.location(reference.range),
        })
    }

    fn call(&self, call: &Call) -> Value {
        let arguments: Vec<Value> = call.arguments.iter().map(|argument| self.operand(argument)).collect();
        json!({
            "ParameterizedNamedRule": {
                "parameters": arguments,
                "named_rule": {
                    "dependent_rule": call.name.text,
                    "negation": call.negated,
                    "custom_message": call.message.as_ref().map(|message| &message.text),
                    "location": self.location(call.range),
                },
            }
        })
    }

    fn query(&self, query: &Query) -> Value {
        json!({ "query": self.parts(&query.parts), "match_all": !query.some })
    }

    fn parts(&self, parts: &[Part]) -> Value {
        parts.iter().map(|part| self.part(part)).collect()
    }

    fn part(&self, part: &Part) -> Value {
        let named = |name: &Option<crate::rules::ast::Name>| name.as_ref().map(|name| name.text.clone());
        match &part.kind {
            PartKind::This => json!("This"),
            PartKind::Key(key) => json!({ "Key": key }),
            PartKind::Variable(name) => json!({ "Key": format!("%{name}") }),
            PartKind::AllValues(name) => json!({ "AllValues": named(name) }),
            PartKind::AllIndices(name) => json!({ "AllIndices": named(name) }),
            PartKind::Index(index) => json!({ "Index": index }),
            PartKind::Filter(name, lines) => json!({ "Filter": [named(name), self.conditions(lines)] }),
            PartKind::Keys(keys) => {
                let op = match (keys.op, keys.negated) {
                    (Op::Eq, false) => "Eq",
                    (Op::Eq, true) => "NotEq",
                    (_, false) => "In",
                    (_, true) => "NotIn",
                };
                json!({ "MapKeyFilter": [
                    named(&keys.capture),
                    { "comparator": op, "compare_with": self.operand(&keys.operand) },
                ] })
            }
        }
    }

    fn operand(&self, operand: &Operand) -> Value {
        match operand {
            Operand::Literal(literal_, _) => json!({ "Value": { "path": "", "value": literal(literal_) } }),
            Operand::Query(query) => json!({ "AccessClause": self.query(query) }),
            Operand::Function(function) => json!({ "FunctionCall": self.function(function) }),
        }
    }

    fn function(&self, function: &Function) -> Value {
        let arguments: Vec<Value> =
            function.arguments.iter().map(|argument| self.operand(argument)).collect();
        json!({ "parameters": arguments, "name": function.name.text, "location": self.location(function.range) })
    }

    fn location(&self, range: Range) -> Value {
        let position = self.source.lines().position(self.source.text(), range.start);
        json!({ "line": position.line, "column": position.column })
    }
}

fn literal(value: &Literal) -> Value {
    match value {
        Literal::Null => Value::Null,
        Literal::Bool(value) => json!(value),
        Literal::Int(value) => json!(value),
        Literal::Float(value) => json!(value),
        Literal::String(text) => json!(&**text),
        Literal::Char(value) => json!(value),
        Literal::Regex(pattern) => json!(format!("/{}/", pattern.text())),
        Literal::IntRange(_) | Literal::FloatRange(_) | Literal::CharRange(_) => {
            json!(value.to_string().trim_start_matches('r'))
        }
        Literal::List(elements) => elements.iter().map(literal).collect(),
        Literal::Map(entries) => {
            let entries = entries.iter().map(|(key, value)| (key.to_string(), literal(value)));
            Value::Object(entries.collect::<Map<_, _>>())
        }
    }
}
