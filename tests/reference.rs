//! The reference of what rules can ask is printed from the schema that the compiler checks names against.

use std::fmt::Write as _;
use std::path::Path;

use rolecall::facts::schema::{self, Attribute, Type};
use rolecall::rules::entity::SIGNATURES;

use crate::golden;

#[test]
fn the_reference_lists_every_attribute() {
    let mut out = String::from(
        "# What rules can ask\n\nEach variable holds a list. Any attribute may be absent, not known, or one of several \
         values.\n",
    );
    for kind in schema::kinds() {
        write!(
            out,
            "\n## `%{}`\n\n{}\n\n| attribute | type | meaning |\n|---|---|---|\n",
            kind.variable, kind.doc
        )
        .unwrap();
        for attribute in kind.attributes {
            row(&mut out, attribute, "");
        }
    }
    let mut failures = Vec::new();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/facts.md");
    golden::check(&path, &out, &mut failures);
    golden::report(&failures);
}

/// The functions over entities, from the table that the compiler checks calls against.
#[test]
fn the_reference_lists_every_function() {
    let mut out = String::from(
        "# Functions over entities\n\nThey ask the IAM engine. A call that says true or false is a clause by itself \
         (`not allows(this, 'iam:PassRole')`), or a value (`let open = allows(this, 'iam:*', '*')`); the others are values. \
         Where an argument is a list, one of its elements is enough. `[…]` may be left out. A rule with parameters of the \
         same name wins.\n\n| function | says |\n|---|---|\n",
    );
    for one in SIGNATURES {
        writeln!(out, "| `{}` | {} |", one.usage(), one.doc).unwrap();
    }
    out.push_str("\n| argument | is |\n|---|---|\n");
    let mut known = Vec::new();
    for parameter in SIGNATURES.iter().flat_map(|one| one.parameters) {
        if !known.contains(&parameter.name) {
            writeln!(out, "| `{}` | {} |", parameter.name, parameter.wanted.words()).unwrap();
            known.push(parameter.name);
        }
    }
    let mut failures = Vec::new();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/functions.md");
    golden::check(&path, &out, &mut failures);
    golden::report(&failures);
}

fn row(out: &mut String, attribute: &Attribute, before: &str) {
    let name = format!("{before}{}", attribute.name);
    let doc = attribute.doc.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|");
    writeln!(out, "| `{name}` | {} | {doc} |", words(attribute.ty)).unwrap();
    let inner = match attribute.ty {
        Type::List(inner) | Type::Map(inner) => *inner,
        ty => ty,
    };
    if let Type::Record(attributes) = inner {
        // A record inside a record of the same kind is explained once.
        if before.matches('.').count() < 2 {
            for inner in attributes {
                row(out, inner, &format!("{name}."));
            }
        }
    }
}

fn words(ty: Type) -> String {
    match ty {
        Type::Text => "text".to_owned(),
        Type::Bool => "truth value".to_owned(),
        Type::Number => "number".to_owned(),
        Type::List(inner) => format!("list of {}", words(*inner)),
        Type::Entity(name) => format!("`{name}`"),
        Type::Record(_) => "record".to_owned(),
        Type::Map(inner) => format!("map of {}", words(*inner)),
        Type::Raw => "as written".to_owned(),
    }
}
