//! Reading a plan without what it says twice.
//!
//! All planned values are in the changes as well. Where only facts are asked for, planned values are checked and given
//! back at once: no nodes are made of them, and their text, a third of a plan, is not kept.

use std::ops::Range;
use std::sync::Arc;

use crate::document::{Limits, NodeId, Source, Span, Tree, json};

use super::kind::{InputKind, detect};

/// What is checked, and not kept as nodes.
const TWICE: &[&str] = &["planned_values", "resource_drift"];

/// Plans of fewer bytes are read on one thread.
const LARGE: usize = 1 << 20;

/// Reads a plan that lists its changes. Nothing where the source is no such plan: it is then as it was.
pub(super) fn plan(source: &mut Arc<Source>, limits: Limits) -> Option<(Tree, NodeId)> {
    let text = source.text();
    if !text.trim_start().starts_with('{')
        || memchr::memmem::find(text.as_bytes(), b"\"resource_changes\"").is_none()
    {
        return None;
    }
    let Some(part) = planned_values(text) else { return read(source, limits) };
    let Some(left_out) = change(source, |all| all.leave_out(part.clone())) else {
        return read(source, limits);
    };
    let (plan, is_sound) = {
        let source = &*source;
        rayon::join(|| read(source, limits), || is_sound(source, &left_out, limits))
    };
    let plan = plan.filter(|(tree, root)| is_sound && stands_at(tree, *root, part.start));
    plan.or_else(|| {
        change(source, |rest| (rest.put_back(&left_out), ()));
        read(source, limits)
    })
}

/// Puts another source in the place of one that nobody else has.
fn change<T>(source: &mut Arc<Source>, by: impl FnOnce(Source) -> (Source, T)) -> Option<T> {
    match Arc::try_unwrap(std::mem::replace(source, Source::from_text("", ""))) {
        Ok(own) => {
            let (new, result) = by(own);
            *source = Arc::new(new);
            Some(result)
        }
        Err(shared) => {
            *source = shared;
            None
        }
    }
}

/// Whether what was left out is what it was taken for. Its lines are counted.
fn is_sound(source: &Source, left_out: &str, limits: Limits) -> bool {
    source.count_left_out(left_out);
    // Somebody will ask for them.
    source.lines();
    // One map is open around it.
    json::is_value(left_out, Limits { depth: limits.depth.saturating_sub(1), ..limits })
}

fn read(source: &Arc<Source>, limits: Limits) -> Option<(Tree, NodeId)> {
    let mut tree = Tree::new();
    let file = tree.add_source(Arc::clone(source));
    let text = source.text();
    let (root, end) = if text.len() < LARGE {
        json::read_without(&mut tree, file, text, 0, limits, TWICE)
    } else {
        json::read_apart(&mut tree, file, text, limits, TWICE, "configuration")
    }
    .ok()?;
    let whole = text.get(end..)?.trim_matches([' ', '\n', '\r', '\t']).is_empty();
    let is_plan = tree.get(root, "resource_changes").is_some_and(|changes| tree.list(changes).is_some());
    (whole && is_plan && detect(&tree, root) == Ok(InputKind::TerraformPlan)).then_some((tree, root))
}

/// Where the planned values stand, if the changes follow them. This is a guess, because texts may hold anything; it has
/// to be checked.
fn planned_values(text: &str) -> Option<Range<usize>> {
    let is_blank = [' ', '\n', '\r', '\t'];
    let behind = |at: usize, key: &str| Some(text.get(at..)?.find(key)? + at);
    let key = "\"planned_values\"";
    let behind_key = behind(0, key)? + key.len();
    let value = text.get(behind_key..)?.trim_start_matches(is_blank).strip_prefix(':')?;
    let start = text.len() - value.trim_start_matches(is_blank).len();
    let next =
        ["\"resource_drift\"", "\"resource_changes\""].iter().filter_map(|key| behind(start, key)).min()?;
    let end = text.get(start..next)?.trim_end_matches(is_blank).strip_suffix(',')?.trim_end_matches(is_blank);
    (end.len() > 2 && end.starts_with('{') && end.ends_with('}')).then(|| start..start + end.len())
}

/// Whether the planned values of a plan stand there.
fn stands_at(tree: &Tree, root: NodeId, start: usize) -> bool {
    let place = tree.get(root, "planned_values").and_then(|node| tree.place(node));
    place.is_some_and(|place| {
        let Span { start: found, end, .. } = place.span;
        found as usize == start && end == found + 2
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::View;

    /// Where everything stands, but for what is planned.
    fn places(tree: &Tree, root: NodeId) -> Vec<String> {
        let mut out = Vec::new();
        let mut stack = vec![root];
        while let Some(node) = stack.pop() {
            let place = tree.location(node).unwrap();
            let (text, lines) = (place.source.text(), place.source.lines());
            let at = |offset| (lines.position(text, offset), lines.position_utf16(text, offset));
            out.push(format!("{:?} {:?} {:?}", tree.kind(node), at(place.start), at(place.end)));
            match tree.view(node) {
                View::List(list) => stack.extend(list.iter()),
                View::Map(map) => {
                    let entries = map.iter().filter(|(_, key, _)| *key != "planned_values");
                    stack.extend(entries.flat_map(|(key, _, value)| [key, value]));
                }
                _ => {}
            }
        }
        out
    }

    #[test]
    fn everything_stands_where_it_stood() {
        let head = "{\"format_version\": \"1.2\",\n \"terraform_version\": \"é𝄞\", \"planned_values\"";
        let tail =
            "\"resource_changes\": [{\"a\": \"𝄞\"},\n {\"b\": 1}],\n \"configuration\": {\"c\": [2]}}\n";
        let planned = [
            ("{\"outputs\": {}}", true),
            ("{\"x\": [\"é𝄞\",\n\r\n {\"resource_changes\" : \"\\\"resource_changes\\\"\"}]\n }", false),
            ("{\"x\": [\"é\", {\"y\": \"\\\"resource_changes\\\"\"}]}", true),
            ("{\n \"x\": [1]\n}", true),
            ("{}", false),
            ("[]", false),
        ];
        for (planned, is_left_out) in planned {
            for between in [": ", ":\n  "] {
                let text = format!("{head}{between}{planned},\n {tail}");
                let mut source = Source::from_text("plan.json", text.as_str());
                let (tree, root) = plan(&mut source, Limits::default()).unwrap();
                assert_eq!(source.text().len() < text.len(), is_left_out, "{planned}");
                let whole = read(&Source::from_text("plan.json", text.as_str()), Limits::default()).unwrap();
                assert_eq!(places(&tree, root), places(&whole.0, whole.1), "{planned}");
            }
        }
        let text = format!("{head}: {{\"x\" 1}}, {tail}");
        let mut source = Source::from_text("plan.json", text.as_str());
        assert!(plan(&mut source, Limits::default()).is_none());
        assert_eq!(source.text(), text, "what cannot be read is as it was");
    }
}
