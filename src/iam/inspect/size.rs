//! How long a document is, as AWS counts.

use crate::document::NodeId;
use crate::document::Piece;
use crate::document::Tree;
use crate::document::View;
use crate::iam::policy::Policy;

use super::Inspector;

/// The characters of a document, white space outside strings not counted. Parts that are not known count nothing, so
/// that the number is never too large.
pub fn size(tree: &Tree, node: NodeId) -> usize {
    let mut total = 0;
    let mut stack = vec![node];
    while let Some(node) = stack.pop() {
        total += match tree.view(node) {
            View::Map(map) => {
                let mut own = 2 + map.len().saturating_sub(1);
                for (_, key, value) in map.iter() {
                    own += quoted(key) + 1;
                    stack.push(value);
                }
                own
            }
            View::List(list) => {
                stack.extend(list.iter());
                2 + list.len().saturating_sub(1)
            }
            View::String(text) => quoted(text),
            View::Number(text) => text.len(),
            View::Bool(value) => {
                if value {
                    4
                } else {
                    5
                }
            }
            View::Null => 4,
            View::Text(pieces) => pieces.iter().fold(2, |sum, piece| {
                sum + match piece {
                    Piece::Literal(text) => quoted(text) - 2,
                    Piece::Hole(_) => 0,
                }
            }),
            View::Choice(all) => {
                // The shortest alternative: the number must hold for each.
                let each = all.iter().map(|one| one.value.map_or(0, |value| size(tree, value)));
                each.min().unwrap_or(0)
            }
            View::Unknown(_) => 0,
        };
    }
    total
}

fn quoted(text: &str) -> usize {
    2 + text.chars().map(|c| if matches!(c, '"' | '\\' | '\n' | '\t' | '\r') { 2 } else { 1 }).sum::<usize>()
}

impl Inspector<'_> {
    /// A document over the quota that holds wherever it is used.
    pub(super) fn too_long(&mut self, policy: &Policy<'_>) {
        use crate::iam::policy::PolicyKind::{ResourceControl, ServiceControl, Trust};
        let limit = match self.kind {
            ServiceControl => 10_240,
            ResourceControl => 5_120,
            Trust => 2_048,
            crate::iam::policy::PolicyKind::Resource => match self.surroundings.service.as_deref() {
                Some("s3" | "secretsmanager" | "lambda") => 20_480,
                Some("kms") => 32_768,
                Some("sqs") => 8_192,
                Some("sns") => 30_720,
                Some("ecr") => 10_240,
                _ => return,
            },
            _ => return,
        };
        let length = size(self.tree, policy.node);
        if length > limit {
            let message = format!("the document has {length} characters, AWS takes {limit}");
            self.note(super::FlawKind::TooLong, policy.node, &length.to_string(), message);
        }
    }
}
