//! Texts of a policy as patterns: variables and unknown parts count as anything.

use crate::document::HoleKind;
use crate::document::Piece;
use crate::iam::Context;
use crate::iam::glob::Token;
use crate::iam::text::Text;
use crate::iam::value::Filled;
use crate::iam::value::Reading;
use crate::iam::value::fill;

/// The tokens of a text in which everything that is not known is opaque; nothing where a variable is malformed.
pub(super) fn tokens(text: &Text<'_>) -> Option<Vec<Token>> {
    let reading = Reading { wildcards: true, variables: true };
    match fill(text, reading, &Context::open()) {
        Filled::Tokens(tokens) => Some(tokens),
        Filled::Never => None,
    }
}

/// The tokens of a resource. The name of a declared bucket, which has no slash, is told from a text that may hold anything.
pub(super) fn bucket_tokens(text: &Text<'_>) -> Option<Vec<Token>> {
    let Text::Holes(pieces) = text else { return tokens(text) };
    let mut named = Vec::with_capacity(pieces.len());
    for piece in *pieces {
        let behind = matches!(named.last(), Some(Piece::Literal(start)) if start.ends_with(":s3:::"));
        named.push(match piece {
            Piece::Hole(hole) if behind && matches!(hole.kind, HoleKind::Name { .. }) => {
                Piece::Literal("…".into())
            }
            other => other.clone(),
        });
    }
    tokens(&Text::Holes(&named))
}

/// The text of tokens as a person reads them, opaque parts as `…`.
pub(super) fn shown(tokens: &[Token]) -> String {
    let mut out = String::with_capacity(tokens.len());
    let mut units = Vec::new();
    for token in tokens {
        match token {
            Token::Unit(unit) if *unit < 0x80 && units.is_empty() => {
                out.extend(char::from_u32((*unit).into()));
            }
            Token::Unit(unit) => units.push(*unit),
            other => {
                out.push_str(&String::from_utf16_lossy(&units));
                units.clear();
                out.push(match other {
                    Token::Any => '*',
                    Token::One => '?',
                    _ => '…',
                });
            }
        }
    }
    out.push_str(&String::from_utf16_lossy(&units));
    out
}

/// Whether all tokens are characters.
pub(super) fn is_plain(tokens: &[Token]) -> bool {
    tokens.iter().all(|token| matches!(token, Token::Unit(_)))
}

/// Accounts that AWS's documentation uses in examples.
const EXAMPLE_ACCOUNTS: &[&str] = &["123456789012", "111122223333", "444455556666", "777788889999"];
/// Words for accounts and Regions that were left.
const FIELD_WORDS: &[&str] = &[
    "account-id",
    "accountid",
    "account_id",
    "account",
    "aws-account-id",
    "aws_account_id",
    "account-number",
    "your-account-id",
    "youraccountid",
    "region",
    "aws-region",
    "aws_region",
    "your-region",
    "region-name",
];
/// Words for names that were left.
const NAME_WORDS: &[&str] = &[
    "my-bucket-name",
    "your-bucket-name",
    "yourbucketname",
    "doc-example-bucket",
    "amzn-s3-demo-bucket",
    "bucketname",
    "bucket-name",
    "bucket_name",
    "your_bucket_name",
    "your_bucket",
    "your-bucket-name-here",
    "1234abcd-12ab-34cd-56ef-1234567890ab",
    "example-bucket-name",
    "your-bucket",
    "role-name",
    "rolename",
    "your-role-name",
    "user-name",
    "topic-name",
    "queue-name",
    "table-name",
    "function-name",
    "key-id",
    "key_id",
    "your-key-id",
    "changeme",
    "change-me",
    "fixme",
    "placeholder",
    "account-id",
    "your-account-id",
    "your-region",
];

/// Whether an account or a Region is a placeholder that should have been replaced.
pub(super) fn is_placeholder(field: &str) -> bool {
    EXAMPLE_ACCOUNTS.contains(&field) || left(field, FIELD_WORDS)
}

/// Whether a part of a name is a placeholder that should have been replaced.
pub(super) fn is_placeholder_name(part: &str) -> bool {
    left(part, NAME_WORDS)
}

fn left(text: &str, words: &[&str]) -> bool {
    let bare = text.trim_matches(|c: char| matches!(c, '<' | '>' | '[' | ']' | '{' | '}' | '%' | '$' | '#'));
    let lower = bare.to_ascii_lowercase();
    let within = |open: &str, close: &str| text.starts_with(open) && text.ends_with(close);
    let bracketed = bare.len() < text.len()
        && !lower.starts_with("resolve:")
        && (within("<", ">") || within("{{", "}}") || within("[", "]"));
    let is_example = text.len() > 7
        && (text.ends_with("EXAMPLE") || text.starts_with("EXAMPLE") || text.contains("-EXAMPLE-"));
    let crosses = |text: &str| text.len() >= 4 && text.bytes().all(|byte| matches!(byte, b'x' | b'X'));
    // `vpc-xxxxxxxx`, `o-xxxxxxxxxx`
    let id = text.rsplit_once('-').filter(|(start, _)| start.bytes().all(|byte| byte.is_ascii_lowercase()));
    let crosses = crosses(text) || id.is_some_and(|(_, id)| id.len() >= 6 && crosses(id));
    bracketed || crosses || is_example || words.contains(&lower.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_told_from_names() {
        for text in ["<account>", "{{Region}}", "REGION", "123456789012", "XXXXXXXXXXXX"] {
            assert!(is_placeholder(text), "{text}");
        }
        for text in ["DOC-EXAMPLE-BUCKET", "my-bucket-name", "<name>"] {
            assert!(is_placeholder_name(text), "{text}");
        }
        for text in ["{{resolve:ssm:/x}}", "my-bucket", "us-east-1", "210987654321", "*", "", "regional", "x"]
        {
            assert!(!is_placeholder(text) && !is_placeholder_name(text), "{text}");
        }
    }
}
