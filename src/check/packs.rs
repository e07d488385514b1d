//! The built-in rule files.

use rayon::prelude::*;

use crate::document::{Diagnostic, Source};
use crate::rules::{self, ast};

/// `(pack, file name, text, the tree of the text)`, in order; written when the crate is built.
static FILES: &[(&str, &str, &str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/packs.rs"));

/// The names of the packs, in order.
pub fn names() -> Vec<&'static str> {
    let mut names: Vec<_> = FILES.iter().map(|(pack, ..)| *pack).collect();
    names.dedup();
    names
}

/// The rule files of the packs with these names, of all packs if none is named.
pub fn files(packs: &[String]) -> Vec<Result<ast::File, Box<Diagnostic>>> {
    let is_wanted = |pack: &str| packs.is_empty() || packs.iter().any(|wanted| wanted == pack);
    let wanted: Vec<_> = FILES.iter().filter(|(pack, ..)| is_wanted(pack)).collect();
    wanted
        .into_par_iter()
        .map(|(pack, name, text, tree)| {
            let source = Source::from_text(format!("policies/{pack}/{name}"), *text);
            match postcard::from_bytes::<ast::File>(tree) {
                Ok(file) => Ok(ast::File { source, ..file }),
                // A test holds that this is never so.
                Err(_) => rules::parse(&source),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_pack_has_rules() {
        assert_eq!(super::names(), ["iam", "ssm"]);
        for pack in super::names() {
            assert!(!super::files(&[pack.to_owned()]).is_empty(), "{pack}");
        }
        assert!(super::files(&["nothing".to_owned()]).is_empty());
    }

    #[test]
    fn a_kept_tree_is_that_of_the_text() {
        for (_, name, _, tree) in super::FILES {
            assert!(postcard::from_bytes::<super::ast::File>(tree).is_ok(), "{name}");
        }
        for file in super::files(&[]) {
            let file = file.unwrap();
            let parsed = super::rules::parse(&file.source).unwrap();
            assert_eq!(format!("{file:?}"), format!("{parsed:?}"), "{}", file.source.name());
        }
    }
}
