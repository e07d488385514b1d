//! The built-in rule files.

use std::sync::Arc;

use crate::document::Source;

/// `(pack, file name, text)`, in order; written when the crate is built.
static FILES: &[(&str, &str, &str)] = include!(concat!(env!("OUT_DIR"), "/packs.rs"));

/// The names of the packs, in order.
pub fn names() -> Vec<&'static str> {
    let mut names: Vec<_> = FILES.iter().map(|(pack, ..)| *pack).collect();
    names.dedup();
    names
}

/// The rule files of the packs with these names, of all packs if none is named.
pub fn sources(packs: &[String]) -> Vec<Arc<Source>> {
    FILES
        .iter()
        .filter(|(pack, ..)| packs.is_empty() || packs.iter().any(|wanted| wanted == pack))
        .map(|(pack, name, text)| Source::from_text(format!("policies/{pack}/{name}"), *text))
        .collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_pack_has_rules() {
        assert_eq!(super::names(), ["iam", "ssm"]);
        for pack in super::names() {
            assert!(!super::sources(&[pack.to_owned()]).is_empty(), "{pack}");
        }
        assert!(super::sources(&["nothing".to_owned()]).is_empty());
    }
}
