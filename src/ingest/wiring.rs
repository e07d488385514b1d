//! Which exports of a run its imports lead to.
//!
//! Names are compared as far as they are known. What two templates export may be either's, and is nobody's here. A name that
//! holds the name of the stack that exports it, which no template knows, may be what another template makes of a
//! parameter: then the import leads there on that proviso.

use std::collections::{BTreeMap, VecDeque};

use rustc_hash::FxHashMap;

use crate::document::{Hole, HoleKind, Piece};

use super::{Export, LinkTo, Links};

/// What one template of a run says of exports.
#[derive(Clone, Copy, Debug)]
pub struct Trade<'t> {
    /// The template, as it is shown.
    pub template: &'t str,
    /// The account and the Region that it is deployed to, where they are known: names are exported within them.
    pub environment: [Option<&'t str>; 2],
    /// What it exports.
    pub exports: &'t [Export],
    /// The names of what it imports.
    pub imports: &'t [Vec<Piece>],
}

/// For each template, where its imports lead.
#[expect(clippy::mutable_key_type, reason = "what a language keeps when it is read is no part of what it is")]
pub fn wire(all: &[Trade<'_>]) -> Vec<Links> {
    let mut known: FxHashMap<&[Piece], Vec<(usize, &Export)>> = FxHashMap::default();
    let mut open: Vec<(usize, &Export)> = Vec::new();
    for (at, trade) in all.iter().enumerate() {
        for export in trade.exports {
            known.entry(&export.name).or_default().push((at, export));
            if variable(&export.name).is_some() {
                open.push((at, export));
            }
        }
    }
    let links = |(at, trade): (usize, &Trade<'_>)| -> Links {
        let found = trade.imports.iter().filter_map(|name| {
            let link = match known.get(&**name).filter(|_| is_fixed(name)) {
                Some(same) => of_name(&beside(at, same, all))?,
                None => of_open(name, &beside(at, &open, all), all)?,
            };
            Some((shown(name).into(), link))
        });
        found.collect::<BTreeMap<_, _>>()
    };
    all.iter().enumerate().map(links).collect()
}

/// The exports of other templates that are deployed where one is, as far as that is known. Outputs are asked for across
/// accounts and Regions too.
fn beside<'e>(at: usize, exports: &[(usize, &'e Export)], all: &[Trade<'_>]) -> Vec<(usize, &'e Export)> {
    let others = exports.iter().filter(|(template, _)| *template != at).copied();
    let (here, elsewhere): (Vec<_>, Vec<_>) = others.partition(|(template, _)| {
        let (Some(one), Some(other)) = (all.get(at), all.get(*template)) else { return false };
        let mut places = one.environment.iter().zip(other.environment);
        places.all(|(one, other)| one.is_none() || other.is_none() || *one == other)
    });
    let outputs = elsewhere.into_iter().filter(|(_, export)| is_output(&export.name));
    if here.is_empty() { outputs.collect() } else { here }
}

/// Where a name leads that these templates export. Several outputs of one template may: they are there under different
/// conditions.
fn of_name(others: &[(usize, &Export)]) -> Option<LinkTo> {
    let (template, first) = others.first()?;
    let agree = |export: &Export| first.value.is_some() && export.value == first.value;
    if others.iter().any(|(other, export)| other != template && !agree(export)) {
        return Some(LinkTo::Several);
    }
    Some(to(*template, first, None))
}

/// An export of another template: the template itself has to be at hand only where the value leads to more than a text.
fn to(template: usize, export: &Export, provided: Option<(Box<str>, Box<str>)>) -> LinkTo {
    if export.leads {
        LinkTo::Export { template, name: shown(&export.name).into(), provided }
    } else {
        LinkTo::Text { text: export.text.clone(), provided }
    }
}

/// A link as it is where the templates are too many to be read together: what is exported is a text.
pub fn loosen(link: &mut LinkTo, all: &[Trade<'_>]) {
    let LinkTo::Export { template, name, provided } = link else { return };
    let exports = all.get(*template).map_or(&[][..], |trade| trade.exports);
    let mut same = exports.iter().filter(|export| *shown(&export.name) == **name);
    *link = match (same.next(), same.next()) {
        (Some(export), None) => LinkTo::Text { text: export.text.clone(), provided: provided.take() },
        _ => LinkTo::Several,
    };
}

/// Where a name leads that is no export's, for one that holds the name of its stack.
fn of_open(name: &[Piece], open: &[(usize, &Export)], all: &[Trade<'_>]) -> Option<LinkTo> {
    let mut found: Option<(usize, &Export, String)> = None;
    for &(template, export) in open {
        let Some(part) = fits(&export.name, name) else { continue };
        match &found {
            Some((other, known, _)) if *other != template || known.name != export.name => {
                return Some(LinkTo::Several);
            }
            _ => found = Some((template, export, part)),
        }
    }
    let (template, export, part) = found?;
    let hole = variable(&export.name)?;
    let file = all.get(template).map_or("", |trade| trade.template);
    let what = match hole.kind {
        HoleKind::StackName => format!("stack of {file}"),
        _ => format!("{} ({file})", hole.name),
    };
    Some(to(template, export, Some((what.into(), part.into()))))
}

/// Whether everything in a name is the same for all stacks of an account and Region.
fn is_fixed(name: &[Piece]) -> bool {
    name.iter().all(|piece| !is_open(piece))
}

fn is_open(piece: &Piece) -> bool {
    match piece {
        Piece::Literal(_) => false,
        Piece::Hole(hole) => !matches!(
            hole.kind,
            HoleKind::Partition | HoleKind::Region | HoleKind::Account | HoleKind::UrlSuffix
        ),
    }
}

/// The part of an export's name that somebody outside its template gives: where there is but one.
fn variable(name: &[Piece]) -> Option<&Hole> {
    let mut open = name.iter().filter(|piece| is_open(piece));
    match (open.next(), open.next()) {
        (Some(Piece::Hole(hole)), None)
            if name.len() > 1 && matches!(hole.kind, HoleKind::StackName | HoleKind::Parameter { .. }) =>
        {
            Some(hole)
        }
        _ => None,
    }
}

/// What an import's name has where an export's has its variable, if they are the same but for that.
fn fits(export: &[Piece], import: &[Piece]) -> Option<String> {
    let at = export.iter().position(is_open)?;
    let (before, after) = (export.get(..at)?, export.get(at + 1..)?);
    let middle = strip(&strip(import, before, false)?, after, true)?;
    match middle.as_slice() {
        [Piece::Literal(text)] if is_stack_name(text) => Some(text.to_string()),
        [Piece::Hole(hole)] if matches!(hole.kind, HoleKind::Parameter { .. }) => {
            Some(format!("${{{}}}", hole.name))
        }
        _ => None,
    }
}

/// What is left of pieces without others that they start with, or end with.
fn strip(pieces: &[Piece], fixed: &[Piece], at_end: bool) -> Option<Vec<Piece>> {
    let mut rest: VecDeque<Piece> = pieces.iter().cloned().collect();
    let mut fixed: VecDeque<&Piece> = fixed.iter().collect();
    while let Some(known) = if at_end { fixed.pop_back() } else { fixed.pop_front() } {
        let piece = if at_end { rest.pop_back() } else { rest.pop_front() }?;
        let left: Box<str> = match (&piece, known) {
            (Piece::Literal(text), Piece::Literal(known)) if at_end => text.strip_suffix(&**known)?.into(),
            (Piece::Literal(text), Piece::Literal(known)) => text.strip_prefix(&**known)?.into(),
            (one, other) if one == other => continue,
            _ => return None,
        };
        match left.is_empty() {
            true => {}
            false if at_end => rest.push_back(Piece::Literal(left)),
            false => rest.push_front(Piece::Literal(left)),
        }
    }
    Some(rest.into())
}

/// Whether a text can be the name of a stack.
fn is_stack_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= 128 && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

fn is_output(name: &[Piece]) -> bool {
    matches!(name.first(), Some(Piece::Literal(text)) if text.starts_with(super::cloudformation::OUTPUT))
}

fn shown(name: &[Piece]) -> String {
    super::cloudformation::shown(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn literal(text: &str) -> Piece {
        Piece::Literal(text.into())
    }

    fn hole(kind: HoleKind, name: &str) -> Piece {
        Piece::Hole(Hole { kind, name: name.into() })
    }

    fn stack() -> Piece {
        hole(HoleKind::StackName, "AWS::StackName")
    }

    fn parameter(name: &str) -> Piece {
        hole(HoleKind::Parameter { language: None }, name)
    }

    fn export(name: Vec<Piece>, leads: bool) -> Export {
        Export { name, value: None, text: vec![literal("text")], leads }
    }

    /// Where an import leads among the exports of a second and a third template.
    fn led(import: Vec<Piece>, second: Export, third: Option<Export>) -> Option<LinkTo> {
        let (second, third, imports) = ([second], third.into_iter().collect::<Vec<_>>(), [import]);
        let none = [None, None];
        let all = [
            Trade { template: "a.yaml", environment: none, exports: &[], imports: &imports },
            Trade { template: "b.yaml", environment: none, exports: &second, imports: &[] },
            Trade { template: "c.yaml", environment: none, exports: &third, imports: &[] },
        ];
        wire(&all).swap_remove(0).into_values().next()
    }

    #[test]
    fn names_lead_to_the_template_that_exports_them() {
        let to_b = |name: &str, provided: Option<(&str, &str)>| {
            let provided = provided.map(|(what, is)| (what.into(), is.into()));
            Some(LinkTo::Export { template: 1, name: name.into(), provided })
        };
        let role = || vec![literal("role")];
        assert_eq!(led(role(), export(role(), true), None), to_b("role", None));
        assert_eq!(
            led(role(), export(role(), false), None),
            Some(LinkTo::Text { text: vec![literal("text")], provided: None })
        );
        assert_eq!(led(role(), export(role(), true), Some(export(role(), true))), Some(LinkTo::Several));
        assert_eq!(led(role(), export(vec![literal("other")], true), None), None);
        let of_stack = || vec![stack(), literal("-role")];
        let shown = "${AWS::StackName}-role";
        let stack_of_b = |is| to_b(shown, Some(("stack of b.yaml", is)));
        assert_eq!(led(vec![literal("net-role")], export(of_stack(), true), None), stack_of_b("net"));
        assert_eq!(
            led(vec![parameter("Net"), literal("-role")], export(of_stack(), true), None),
            stack_of_b("${Net}")
        );
        for import in
            [vec![literal("-role")], vec![literal("a/b-role")], vec![literal("net-policy")], of_stack()]
        {
            assert_eq!(led(import, export(of_stack(), true), None), None);
        }
        let both = Some(export(of_stack(), true));
        assert_eq!(led(vec![literal("net-role")], export(of_stack(), true), both), Some(LinkTo::Several));
        // A name that is nothing but the name of a stack says nothing.
        assert_eq!(led(vec![literal("net")], export(vec![stack()], true), None), None);
    }
}
