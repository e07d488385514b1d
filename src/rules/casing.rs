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
    class,
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

/// Pascal case, with the last word in the singular.
fn class(key: &str) -> String {
    let pascal = case::to_pascal_case(key);
    let at = pascal.rfind(char::is_uppercase).unwrap_or(0);
    let (before, word) = pascal.split_at_checked(at).unwrap_or(("", &pascal));
    format!("{before}{}", singular(word))
}

/// What a plural ends in: one of the first, then one of the second, which becomes the third.
type Ending = (&'static [&'static str], &'static [&'static str], &'static str);

/// The endings of English plurals; the first that fits counts.
const ENDINGS: &[Ending] = &[
    (&["database"], &["s"], ""),
    (&["quiz"], &["zes"], ""),
    (&["matr"], &["ices"], "ix"),
    (&["vert", "ind"], &["ices"], "ex"),
    (&["alias", "status"], &["es", ""], ""),
    (&["octop", "vir"], &["us", "i"], "us"),
    (&["cris", "test"], &["is", "es"], "is"),
    (&["shoe"], &["s"], ""),
    (&["bus"], &["es", ""], ""),
    (&["m", "l"], &["ice"], "ouse"),
    (&["x", "ch", "ss", "sh"], &["es"], ""),
    (&["m"], &["ovies"], "ovie"),
    (&["s"], &["eries"], "eries"),
    (&["qu", "!aeiouy"], &["ies"], "y"),
    (&["l", "r"], &["ves"], "f"),
    (&["tive"], &["s"], ""),
    (&["hive"], &["s"], ""),
    (&["!f"], &["ves"], "fe"),
    (&["analy", "ba", "diagno", "parenthe", "progno", "synop", "the"], &["sis", "ses"], "sis"),
    (&["t", "i"], &["a"], "um"),
    (&["o"], &["es"], ""),
    (&["n"], &["ews"], "ews"),
    (&["ss"], &[""], ""),
    (&[""], &["s"], ""),
];

/// The singular of a word. A pattern that starts with `!` stands for any character but these.
fn singular(word: &str) -> String {
    for (stems, endings, replacement) in ENDINGS {
        for ending in *endings {
            let Some(stem) = word.strip_suffix(ending) else { continue };
            let fits = stems.iter().any(|wanted| match wanted.strip_prefix('!') {
                Some(others) => stem.chars().next_back().is_some_and(|last| !others.contains(last)),
                None => stem.ends_with(wanted),
            });
            if fits {
                return format!("{stem}{replacement}");
            }
        }
    }
    word.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn singulars_are_those_of_the_inflection_rules() {
        for word in [
            "Tags",
            "Policies",
            "Boxes",
            "Statuses",
            "Status",
            "Buses",
            "Addresses",
            "Class",
            "Keys",
            "Analyses",
            "Matrices",
            "Indices",
            "Lives",
            "Wolves",
            "Hives",
            "Series",
            "News",
            "Media",
            "Tomatoes",
            "Quizzes",
            "Databases",
            "Shoes",
            "Crises",
            "Tests",
            "Octopi",
            "Aliases",
            "Movies",
            "Mice",
            "Queries",
            "Days",
            "Data",
            "Axes",
            "Type",
            "Gas",
            "Bases",
            "Theses",
            "Archives",
            "S",
            "Ss",
            "",
        ] {
            assert_eq!(class(word), case::to_class_case(word), "{word}");
            let longer = format!("Some{word}");
            assert_eq!(class(&longer), case::to_class_case(&longer), "{longer}");
        }
    }

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
