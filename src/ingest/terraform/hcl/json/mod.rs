//! Configuration in JSON (`.tf.json`), as blocks.
//!
//! JSON is an expression of HCL, but for a few escapes, and its texts are templates in both. So it is read by the same parser, and
//! each value keeps its place. What JSON cannot say is which objects are blocks: lists of objects are, and the blocks of policy
//! documents and roles.
//!
//! Source: <https://developer.hashicorp.com/terraform/language/syntax/json>.

mod text;

use hcl_edit::Decorated;
use hcl_edit::Ident;
use hcl_edit::expr::Expression;
use hcl_edit::expr::Object;
use hcl_edit::structure::Attribute;
use hcl_edit::structure::Block;
use hcl_edit::structure::BlockBuilder;
use hcl_edit::structure::Body;

use super::locate::key_text;

/// Blocks that can stand alone, without a list around them.
const BLOCKS: [&str; 8] = [
    "statement",
    "principals",
    "not_principals",
    "condition",
    "inline_policy",
    "content",
    "iam_instance_profile",
    "lifecycle",
];

/// The blocks of a file. The error says what is wrong.
pub(super) fn blocks(text: &str) -> Result<Vec<Block>, String> {
    // The parser takes no blank in front; one place is as good as another.
    let head = text.len() - text.trim_start().len();
    let text = format!("{}{}", " ".repeat(head), text::as_expression(text.trim()).trim_end());
    let parsed = hcl_edit::parser::parse_expr(&text).map_err(|error| {
        let (line, column) = (error.location().line(), error.location().column());
        format!("the file cannot be read at {line}:{column}: {}", error.message())
    })?;
    let mut out = Vec::new();
    for (section, value) in objects(parsed).into_iter().flat_map(entries) {
        let labels = match section.as_str() {
            "resource" | "data" => 2,
            "module" | "variable" | "output" => 1,
            "locals" => 0,
            _ => continue,
        };
        labelled(&section, labels, value, &mut Vec::new(), &mut out);
    }
    Ok(out)
}

/// The objects that an expression is: one, or a list of them.
fn objects(expression: Expression) -> Vec<Object> {
    match expression {
        Expression::Object(object) => vec![object],
        Expression::Array(all) => all.into_iter().flat_map(objects).collect(),
        _ => Vec::new(),
    }
}

fn entries(object: Object) -> Vec<(String, Expression)> {
    let entry = |(key, value): (hcl_edit::expr::ObjectKey, hcl_edit::expr::ObjectValue)| {
        Some((key_text(&key)?.to_owned(), value.into_expr()))
    };
    // A key of two strokes is a comment.
    object.into_iter().filter_map(entry).filter(|(key, _)| key != "//").collect()
}

fn labelled(kind: &str, more: usize, value: Expression, labels: &mut Vec<String>, out: &mut Vec<Block>) {
    for object in objects(value) {
        if more == 0 {
            let Ok(ident) = Ident::try_new(kind) else { continue };
            let mut made = Block::builder(Decorated::new(ident));
            for label in labels.iter() {
                made = made.label(label.as_str());
            }
            out.push(filled(made, object));
            continue;
        }
        for (label, inner) in entries(object) {
            labels.push(label);
            labelled(kind, more - 1, inner, labels, out);
            labels.pop();
        }
    }
}

fn filled(block: BlockBuilder, object: Object) -> Block {
    let mut body = Body::new();
    for (key, value) in entries(object) {
        if key == "dynamic" {
            let mut made = Vec::new();
            labelled("dynamic", 1, value, &mut Vec::new(), &mut made);
            for block in made {
                body.push(block);
            }
            continue;
        }
        let Ok(name) = Ident::try_new(key.as_str()) else { continue };
        if is_block(&key, &value) {
            for inner in objects(value) {
                body.push(filled(Block::builder(Decorated::new(name.clone())), inner));
            }
        } else {
            body.push(Attribute::new(Decorated::new(name), value));
        }
    }
    let mut made = block.build();
    made.body = body;
    made
}

fn is_block(key: &str, value: &Expression) -> bool {
    match value {
        Expression::Object(_) => BLOCKS.contains(&key),
        Expression::Array(all) => {
            !all.is_empty() && all.iter().all(|one| matches!(one, Expression::Object(_)))
        }
        _ => false,
    }
}
