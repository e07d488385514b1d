//! Which values of a large list or map a filter has to be asked about.
//!
//! `Resources.*[ Type == 'X' ]` looks at every resource, in every rule file. Those of other types are known beforehand, and
//! nothing can be told about them but that they are not selected.

use crate::cli::guard::value::{ByKey, Val};
use crate::rules::ast::{Access, Clause, Cnf, Op, Operand, Part, PartKind};
use crate::rules::literal::Literal;

use super::{Detail, Teller};

/// Lists and maps that are not worth it.
const SMALL: usize = 8;

impl Teller<'_> {
    /// The positions of values that a filter may select, or about which it has something to tell; nothing if it has to be asked
    /// about all.
    pub(super) fn candidates(&self, lines: &Cnf, of: Val<'_>) -> Option<Vec<u32>> {
        let (first, rest) = lines.split_first()?;
        let [Clause::Access(first)] = first.as_slice() else { return None };
        let (key, wanted) = test(first)?;
        if self.detail == Detail::All || of.len() <= SMALL {
            return None;
        }
        // Where the key that a line begins with is absent, its clauses have an answer and nothing more.
        let heads: Vec<&str> = rest.iter().flatten().map(head).collect::<Option<_>>()?;
        let mut out = Vec::new();
        let by_key = of.by_key(key);
        select(&by_key, wanted, &mut out)?;
        for head in heads {
            let by_key = of.by_key(head);
            out.extend(by_key.texts().flat_map(|(_, positions)| positions));
            out.extend(by_key.others());
        }
        out.sort_unstable();
        out.dedup();
        Some(out)
    }
}

/// The key that a clause asks, and the literal that it must be.
fn test(access: &Access) -> Option<(&str, &Literal)> {
    let Access { negated: false, op: Op::Eq | Op::In, op_negated: false, operand, .. } = access else {
        return None;
    };
    let [Part { kind: PartKind::Key(key), .. }] = access.query.parts.as_slice() else { return None };
    let Some(Operand::Literal(literal, _)) = operand else { return None };
    plain(key).map(|key| (key, literal))
}

/// A key that is no position in a list.
fn plain(key: &str) -> Option<&str> {
    key.parse::<i64>().is_err().then_some(key)
}

/// The key with which a clause begins, if it asks for nothing that is elsewhere.
fn head(clause: &Clause) -> Option<&str> {
    let Clause::Access(access) = clause else { return None };
    if !matches!(access.operand, None | Some(Operand::Literal(..))) {
        return None;
    }
    match access.query.parts.first().map(|part| &part.kind) {
        Some(PartKind::Key(key)) => plain(key),
        _ => None,
    }
}

/// Adds the positions of values that may be what is wanted.
fn select(by_key: &ByKey, wanted: &Literal, out: &mut Vec<u32>) -> Option<()> {
    match wanted {
        Literal::String(text) => by_key.with(text, out),
        Literal::Regex(pattern) => {
            for (text, positions) in by_key.texts() {
                if pattern.is_match(text).ok()? {
                    out.extend(positions);
                }
            }
        }
        Literal::List(all) => {
            for one in all.iter() {
                by_key.with(one.as_str()?, out);
            }
        }
        _ => return None,
    }
    out.extend(by_key.others());
    Some(())
}
