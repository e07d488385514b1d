//! Which values of a large list or map a filter has to be asked about.
//!
//! `Resources.*[ Type == 'X' ]` looks at every resource, in every rule file. Those of other types are known beforehand, and
//! nothing can be told about them but that they are not selected.

use crate::cli::guard::value::{ByPath, Val};
use crate::rules::ast::{Access, Clause, Cnf, Op, Operand, Part, PartKind};
use crate::rules::literal::Literal;

use super::scope::Env;
use super::{Detail, Teller};

/// Lists and maps that are not worth it.
const SMALL: usize = 8;

impl<'w> Teller<'w> {
    /// The positions of values that a filter may select, or about which it has something to tell; nothing if it has to be asked
    /// about all.
    pub(super) fn candidates(&self, lines: &'w Cnf, of: Val<'w>, env: &Env<'_, 'w>) -> Option<Vec<u32>> {
        let (first, rest) = lines.split_first()?;
        let [Clause::Access(first)] = &**first else { return None };
        let (key, wanted) = test(first, env)?;
        if self.detail == Detail::All || of.len() <= SMALL {
            return None;
        }
        let news: Vec<News<'_>> = rest.iter().flatten().map(news).collect::<Option<_>>()?;
        let mut out = Vec::new();
        select(&of.by_path(&[key]), wanted, &mut out)?;
        for news in news {
            match news {
                News::Nowhere => {}
                News::Others(path) => out.extend(of.by_path(&path).others()),
                News::All(path) => {
                    let found = of.by_path(&path);
                    out.extend(found.texts().flat_map(|(_, positions)| positions));
                    out.extend(found.others());
                }
            }
        }
        out.sort_unstable();
        out.dedup();
        Some(out)
    }
}

/// The key that a clause asks, and the literal that it must be.
fn test<'w>(access: &'w Access, env: &Env<'_, 'w>) -> Option<(&'w str, &'w Literal)> {
    let Access { negated: false, op: Op::Eq | Op::In, op_negated: false, operand, .. } = access else {
        return None;
    };
    let [Part { kind: PartKind::Key(key), .. }] = &*access.query.parts else { return None };
    let literal = match operand.as_ref()? {
        Operand::Literal(literal, _) => literal,
        Operand::Query(query) => match &*query.parts {
            [Part { kind: PartKind::Variable(name), .. }] => env.scope.literal(name)?,
            _ => return None,
        },
        Operand::Function(_) => return None,
    };
    // `in` asks whether a text is a part of another one; `==` compares lists as a whole.
    match (access.op, literal) {
        (Op::Eq, Literal::String(_)) | (Op::In, Literal::List(_)) | (_, Literal::Regex(_)) => {
            plain(key).map(|key| (key, literal))
        }
        _ => None,
    }
}

/// A key that is no position in a list.
fn plain(key: &str) -> Option<&str> {
    key.parse::<i64>().is_err().then_some(key)
}

/// About which values a clause may have more to say than whether it holds: a reason, a notice, an error.
///
/// Where a key on its way is absent, it has nothing more to say.
enum News<'a> {
    Nowhere,
    /// Those that have something at the end of a path.
    All(Vec<&'a str>),
    /// Those that have something there that is no text.
    Others(Vec<&'a str>),
}

/// Nothing if it cannot be known beforehand.
fn news(clause: &Clause) -> Option<News<'_>> {
    let query = match clause {
        Clause::Access(access) => &access.query,
        Clause::Block(block) => &block.query,
        Clause::When(_) | Clause::Type(_) | Clause::Call(_) | Clause::Reference(_) => return None,
    };
    let kinds = || query.parts.iter().map(|part| &part.kind);
    let mut path = Vec::new();
    for kind in kinds() {
        let PartKind::Key(key) = kind else { break };
        path.push(plain(key)?);
    }
    if path.is_empty() {
        return None;
    }
    let Clause::Access(access) = clause else { return Some(News::All(path)) };
    let whole = path.len() == query.parts.len();
    let simple = |kind: &PartKind| {
        matches!(
            kind,
            PartKind::Key(_) | PartKind::AllIndices(None) | PartKind::AllValues(None) | PartKind::Index(_)
        )
    };
    Some(match (&access.operand, access.op) {
        (None, Op::Empty) => News::All(path),
        (None, _) if kinds().all(simple) => News::Nowhere,
        (Some(Operand::Literal(Literal::String(_), _)), Op::Eq) if whole => News::Others(path),
        (None | Some(Operand::Literal(..)), _) => News::All(path),
        _ => return None,
    })
}

/// Whether a text is what is wanted; nothing if that is not for a text to decide.
fn fits(text: &str, wanted: &Literal) -> Option<bool> {
    match wanted {
        Literal::String(wanted) => Some(text == &**wanted),
        Literal::Regex(pattern) => pattern.is_match(text).ok(),
        _ => None,
    }
}

/// Adds the positions of values that may be what is wanted.
fn select(found: &ByPath, wanted: &Literal, out: &mut Vec<u32>) -> Option<()> {
    let all = match wanted {
        Literal::String(text) => {
            found.with(text, out);
            &[]
        }
        Literal::List(all) => &**all,
        other => std::slice::from_ref(other),
    };
    for (text, positions) in found.texts() {
        for wanted in all {
            if fits(text, wanted)? {
                out.extend(positions);
            }
        }
    }
    out.extend(found.others());
    Some(())
}
