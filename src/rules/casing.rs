//! Other spellings of a key.
//!
//! Where a document lacks a key, Guard tries it in other cases, in a fixed order; the first that is there wins, and
//! from then on only that case is tried in the same query.

use cruet::case;

/// A key in another case, by the case's number.
pub(crate) type Spellings = Box<[(Case, Box<str>)]>;

/// One of the cases, by its position in the order of trying; 0 is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Case(u8);

impl Case {
    /// As it is written.
    pub(crate) const WRITTEN: Self = Self(0);
}

const CASES: [fn(&str) -> String; 7] = [
    case::to_camel_case,
    case::to_class_case,
    case::to_kebab_case,
    case::to_pascal_case,
    case::to_snake_case,
    case::to_title_case,
    case::to_train_case,
];

/// All spellings, in the order of trying.
pub(crate) fn spellings(key: &str) -> Spellings {
    // The conversions are made for identifiers; texts that are none have no other spellings.
    if key.is_empty() || key.len() > 256 {
        return Box::default();
    }
    (1u8..).zip(CASES).map(|(number, convert)| (Case(number), convert(key).into())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_and_the_spellings_are_the_peers() {
        let all: Vec<String> = spellings("kms_key_id").iter().map(|(_, text)| text.to_string()).collect();
        assert_eq!(
            all,
            ["kmsKeyId", "KmsKeyId", "kms-key-id", "KmsKeyId", "kms_key_id", "Kms Key Id", "Kms-Key-Id"]
        );
        let tags: Vec<String> = spellings("tags").iter().map(|(_, text)| text.to_string()).collect();
        assert_eq!(tags[1], "Tag");
        assert!(spellings("VPCId").iter().any(|(_, text)| &**text == "Vpcid"));
    }
}
