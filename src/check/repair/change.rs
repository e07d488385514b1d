//! What a rule says can be done, as a change of what was written.

use crate::document::NodeId;
use crate::document::Tree;
use crate::document::View;
use crate::document::edit::Change;
use crate::document::edit::Content;
use crate::ingest::InputKind;
use crate::rules;
use crate::rules::FixKind;
use crate::rules::FixValue;

use super::Mender;
use super::ask::REFERS;
use super::declare;
use super::declare::Declared;
use super::target;

/// Why a fix of a template is not made in a configuration.
pub(super) const IN_TERRAFORM: &str = "in Terraform, that is a resource or block of its own";

/// More characters of a list or map are not shown.
const SHOWN: usize = 160;

/// What becomes of the input.
pub(super) enum What {
    /// A value becomes another one.
    Change(Change),
    /// A configuration gets another resource.
    Declare(Declared),
    /// The resource with the finding goes from the configuration.
    Undeclare,
}

impl What {
    /// The change of a value.
    pub(super) fn change(&self) -> Option<&Change> {
        match self {
            Self::Change(change) => Some(change),
            Self::Declare(_) | Self::Undeclare => None,
        }
    }
}

/// A change, and what it does.
pub(super) struct Made {
    pub(super) what: What,
    pub(super) message: String,
    /// The text to change is that of something that the value refers to, which others may refer to as well.
    pub(super) elsewhere: bool,
}

impl Made {
    pub(super) fn here(change: Change, message: String) -> Self {
        Self { what: What::Change(change), message, elsewhere: false }
    }
}

impl Mender<'_, '_> {
    /// The change that a step of a fix asks for; else why it cannot be made.
    pub(super) fn change(&self, node: NodeId, fix: &rules::FixStep) -> Result<Made, String> {
        let tree = self.tree;
        let value = target::value(tree, node);
        let written = tree.written(value).ok_or("the value stands nowhere")?;
        // What is renamed or goes is not shown.
        if tree.is_sensitive(value) && !matches!(fix.kind, FixKind::Rename | FixKind::Remove | FixKind::Set) {
            return Err("the value is sensitive".to_owned());
        }
        match (fix.kind, fix.arguments.as_slice()) {
            (FixKind::Replace, [one]) if listed(one.text()).is_some() => {
                self.replace(value, written, &listed(one.text()).unwrap_or_default())
            }
            (FixKind::Replace, values) => match values {
                [one] if self.is_beside(written, one.text()) => self.remove(value, written),
                _ => self.replace(value, written, values),
            },
            (FixKind::Substitute, [_, new]) if self.is_beside(written, new.text()) => {
                self.remove(value, written)
            }
            (FixKind::Substitute, [old, new]) => self.substitute(value, written, old.text(), new.text()),
            (FixKind::Rename, [name]) => self.rename(written, None, name),
            (FixKind::Rename, [within, name]) => self.rename(written, Some(within.text()), name),
            (FixKind::Rename, [keys @ .., name]) => self.rename_last(written, keys, name),
            (FixKind::Remove, [key]) => self.remove_entry(written, key.text()),
            (FixKind::Remove, _) => self.remove(value, written),
            (FixKind::Drop, _) => match tree.display(value) {
                text if text.contains(['*', '?']) => {
                    Err(format!("`{text}` stands for more than the finding is about"))
                }
                _ => self.remove(value, written),
            },
            (FixKind::Set, [keys @ .., value]) => self.set(written, keys, value),
            (FixKind::Append, [keys @ .., value]) => self.append(written, keys, value),
            (FixKind::Before, [key, value]) => self.before(written, key.text(), value),
            (FixKind::Rewrite, [key, value]) => self.rewrite(written, key.text(), value),
            _ => Err("the fix has other arguments than it takes".to_owned()),
        }
    }

    /// Whether a value beside an element of a list ends in a text already, so that the element is not needed twice.
    fn is_beside(&self, written: NodeId, text: &str) -> bool {
        let list = parent(self.tree, written).filter(|&parent| self.tree.list(parent).is_some());
        list.is_some_and(|list| self.known.is_beside(self.tree, list, written, text))
    }

    fn content(&self, value: &FixValue, near: NodeId) -> Result<Content, String> {
        let text = match value {
            FixValue::Bool(value) => return Ok(Content::Bool(*value)),
            FixValue::Number(text) => return Ok(Content::Number(text.clone())),
            FixValue::Text(text) => text,
        };
        match structure(text) {
            Some(json) => self.structure(&json, near),
            None => self.text(text, near),
        }
    }

    /// A list or map, with all that is in it.
    pub(super) fn structure(&self, json: &serde_json::Value, near: NodeId) -> Result<Content, String> {
        match json {
            serde_json::Value::Object(map) => {
                let entries = map.iter().map(|(key, value)| Ok((key.clone(), self.structure(value, near)?)));
                let all: Vec<(String, Content)> = entries.collect::<Result<_, String>>()?;
                // A plan has what functions make.
                Ok(match all.as_slice() {
                    [(key, value)] if self.proving && key.starts_with('=') && is_closed(value) => {
                        Content::text(declare::json(value).to_string())
                    }
                    _ => Content::Map(all),
                })
            }
            serde_json::Value::Array(list) => {
                let all: Result<_, String> = list.iter().map(|one| self.structure(one, near)).collect();
                all.map(Content::List)
            }
            serde_json::Value::Bool(value) => Ok(Content::Bool(*value)),
            serde_json::Value::Number(number) => Ok(Content::Number(number.to_string())),
            serde_json::Value::String(text) => self.text(text, near),
            serde_json::Value::Null => Err("nothing can be written".to_owned()),
        }
    }

    fn text(&self, text: &str, near: NodeId) -> Result<Content, String> {
        let refers = text.contains(REFERS);
        if !text.contains("${AWS::") && !refers {
            return Ok(Content::text(text));
        }
        let alone = |text: &str| {
            let name = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
            name.filter(|name| !name.contains(['$', '{', '}'])).map(str::to_owned)
        };
        // Variables of policies are none of the template's.
        let argument = text.replace("${", "${!").replace("${!AWS::", "${AWS::").replace("${!@", "${");
        let reference = |argument| Content::Call { short: "Ref", long: "Ref", argument };
        if self.kind == InputKind::TerraformPlan && refers {
            return Ok(match alone(&argument) {
                Some(name) => reference(name),
                None => Content::Call { short: "Sub", long: "Fn::Sub", argument },
            });
        }
        if !matches!(self.kind, InputKind::CloudFormation | InputKind::Sam) {
            return Err(format!("`{text}` can be written only in a template"));
        }
        let frame = self.tree.frame(near);
        if frame.is_some_and(|frame| frame.holes) {
            return Ok(Content::text(argument));
        }
        if frame.is_some_and(|frame| frame.literal.is_some()) {
            return Err(format!("`{}` cannot be written in a text without `Fn::Sub`", plain(text)));
        }
        match alone(&argument) {
            Some(name) if !name.contains('.') => Ok(reference(name)),
            _ => Ok(Content::Call { short: "Sub", long: "Fn::Sub", argument }),
        }
    }

    fn replace(&self, value: NodeId, written: NodeId, values: &[FixValue]) -> Result<Made, String> {
        let tree = self.tree;
        let new = values.iter().map(|one| plain(one.text())).collect::<Vec<_>>().join("`, `");
        let old = tree.display(value);
        let is_container = matches!(tree.view(written), View::List(_) | View::Map(_));
        let message = if old.is_empty() || is_container {
            format!("write `{new}`")
        } else {
            format!("replace `{old}` by `{new}`")
        };
        let as_written = tree.tag(written).is_none() && tree.scalar(written).is_some_and(|text| *text == old)
            || matches!(tree.view(written), View::Null);
        let plain_list =
            is_container && tree.written(value) == Some(value) && !target::is_argument(tree, written);
        if as_written || plain_list {
            let with: Result<_, _> = values.iter().map(|one| self.content(one, written)).collect();
            return Ok(Made::here(Change::Replace { node: written, with: with? }, message));
        }
        let [FixValue::Text(new)] = values else {
            return Err("the value is put together by a function or a reference".to_owned());
        };
        let (old, new) = differing(&old, new).ok_or("the value is put together from parts")?;
        let made = self.substitute(value, written, &old, &new)?;
        Ok(Made { message, ..made })
    }

    fn substitute(&self, value: NodeId, written: NodeId, old: &str, new: &str) -> Result<Made, String> {
        let tree = self.tree;
        let has_once = |&node: &NodeId| {
            tree.string(node).is_some_and(|text| text.matches(old).count() == 1) && !tree.is_sensitive(node)
        };
        let found: Vec<NodeId> = target::texts(tree, value).into_iter().filter(has_once).collect();
        let &[node] = found.as_slice() else {
            let how = if found.is_empty() { "no text" } else { "more than one text" };
            return Err(format!("{how} that the value is made of holds `{old}`"));
        };
        let change = Change::Substitute { node, old: old.to_owned(), new: new.to_owned() };
        let elsewhere = !target::is_within(tree, node, written);
        Ok(Made { what: What::Change(change), message: format!("replace `{old}` by `{new}`"), elsewhere })
    }

    /// The value's key, or the one directly under another on the way to it, becomes another.
    fn rename(&self, written: NodeId, within: Option<&str>, name: &FixValue) -> Result<Made, String> {
        let tree = self.tree;
        let own = tree.key_of(written).or_else(|| is_key(tree, written).then_some(written));
        let key = match within {
            None => own,
            Some(within) => {
                let around = tree.ancestors(written);
                let is_under = |node: NodeId| {
                    let key = parent(tree, node).and_then(|map| tree.key_of(map));
                    key.and_then(|key| tree.string(key)) == Some(within)
                };
                let under = around.iter().rev().copied().find(|&node| is_under(node));
                under.and_then(|node| if is_key(tree, node) { Some(node) } else { tree.key_of(node) })
            }
        };
        Ok(self.renamed(key.ok_or("the value has no such key")?, name))
    }

    /// The last key of a path becomes another.
    fn rename_last(&self, written: NodeId, keys: &[FixValue], name: &FixValue) -> Result<Made, String> {
        let (map, rest) = self.beginning(written, keys)?;
        let node = rest.iter().try_fold(map, |at, key| self.tree.get(at, key.text()));
        let key = node.and_then(|node| self.tree.key_of(node));
        Ok(self.renamed(key.ok_or("the value has no such key")?, name))
    }

    fn renamed(&self, key: NodeId, name: &FixValue) -> Made {
        let tree = self.tree;
        let old = tree.scalar(key).unwrap_or("");
        // A plan has every argument, without a value where none is given.
        let map = parent(tree, key).and_then(|map| tree.map(map));
        if self.proving
            && let Some(map) = map.filter(|map| map.get(name.text()).is_some())
            && let Some((.., node)) = map.iter().find(|(own, ..)| *own == key)
        {
            return Made::here(Change::Remove { node }, String::new());
        }
        let message = format!("rename `{old}` to `{}`", name.text());
        Made::here(Change::Replace { node: key, with: vec![Content::text(name.text())] }, message)
    }

    /// An entry of the map that the value is, or is in, goes.
    fn remove_entry(&self, written: NodeId, key: &str) -> Result<Made, String> {
        let (map, _) = self.beginning(written, &[])?;
        let node = self.tree.get(map, key).ok_or_else(|| format!("there is no `{key}`"))?;
        Ok(Made::here(Change::Remove { node }, format!("remove `{key}`")))
    }

    fn remove(&self, value: NodeId, written: NodeId) -> Result<Made, String> {
        let tree = self.tree;
        let mut node = written;
        if is_key(tree, node) {
            let map = parent(tree, node).and_then(|map| tree.map(map));
            let value =
                map.and_then(|map| map.iter().find(|(key, ..)| *key == node).map(|(.., value)| value));
            node = value.ok_or("the value has no key")?;
        }
        // What is left of a list with one element, or of a map with one entry, goes too; and a statement whose only action,
        // resource or principal that was.
        for _ in 0..6 {
            let around = parent(tree, node).ok_or("the value is the whole document")?;
            if target::is_argument(tree, around) {
                return Err("the value is the argument of a function".to_owned());
            }
            let alone = match tree.view(around) {
                View::List(list) => list.len() == 1,
                View::Map(map) => map.len() == 1,
                _ => false,
            };
            let key = tree.key_of(node).and_then(|key| tree.string(key));
            if key == Some("Statement") {
                // A policy without statements is none: an inline policy goes as a whole.
                let policy = parent(tree, around);
                let listed = policy
                    .and_then(|policy| parent(tree, policy))
                    .is_some_and(|list| tree.list(list).is_some());
                match policy.filter(|_| listed) {
                    Some(policy) => node = policy,
                    None => return Err("the policy would have no statement left".to_owned()),
                }
                continue;
            }
            let whole =
                matches!(key, Some("Action" | "NotAction" | "Resource" | "NotResource" | "Principal"))
                    && tree.get(around, "Effect").is_some();
            if !(alone || whole) || parent(tree, around).is_none() {
                break;
            }
            node = around;
        }
        let key = || name_of(tree, node);
        // What a function makes of its argument is shown, not the argument.
        let made = tree.display(value);
        let is_text = matches!(tree.view(value), View::String(_) | View::Text(_)) && !made.is_empty();
        let shown = match tree.view(written) {
            _ if is_text => made,
            View::List(_) | View::Map(_) => key(),
            _ => tree.scalar(written).filter(|text| !text.is_empty()).map_or_else(key, str::to_owned),
        };
        Ok(Made::here(Change::Remove { node }, format!("remove `{shown}`")))
    }

    /// The map in which a path of keys begins, and the keys from there: the map that the value is, or is in; one further
    /// out where that stands under the first key itself. `...` looks for the map around the value that has the next key,
    /// and `..` behind a key goes no further than the map that has it. A key with `!` must be there already.
    fn beginning<'k>(
        &self,
        written: NodeId,
        keys: &'k [FixValue],
    ) -> Result<(NodeId, &'k [FixValue]), String> {
        let tree = self.tree;
        let is_map = |node: NodeId| tree.map(node).is_some();
        let mut at = written;
        if let [dots, key, rest @ ..] = keys
            && dots.text() == "..."
        {
            while tree.get(at, key.text()).is_none() {
                at = parent(tree, at).ok_or_else(|| match (self.kind, key.text()) {
                    (InputKind::TerraformPlan, "Properties") => IN_TERRAFORM.to_owned(),
                    (_, key) => format!("no `{key}` is around the value"),
                })?;
            }
            let keys = match rest {
                [up, tail @ ..] if up.text() == ".." => tail,
                _ => keys.get(1..).unwrap_or_default(),
            };
            return Ok((at, keys));
        }
        let first = keys.first().map_or("", FixValue::text);
        while !is_map(at) {
            at = parent(tree, at).ok_or("no map is around the value")?;
        }
        let own = tree.key_of(at).and_then(|key| tree.scalar(key));
        if keys.len() > 1 && own == Some(first) {
            at = parent(tree, at).filter(|&around| is_map(around)).ok_or("no map is around the value")?;
        }
        if target::is_argument(tree, at) {
            return Err("what it stands in is made by a function".to_owned());
        }
        Ok((at, keys))
    }

    fn set(&self, written: NodeId, keys: &[FixValue], value: &FixValue) -> Result<Made, String> {
        let tree = self.tree;
        let (mut at, mut rest) = self.beginning(written, keys)?;
        let shown = shown(rest);
        let message = format!("set `{shown}` to `{}`", plain(value.text()));
        let content = self.content(value, at)?;
        while let [key, tail @ ..] = rest {
            match tree.get(at, key.text()) {
                Some(found) if tail.is_empty() => {
                    return Ok(Made::here(Change::Replace { node: found, with: vec![content] }, message));
                }
                Some(found) if tree.map(found).is_some() && !target::is_argument(tree, found) => {
                    (at, rest) = (found, tail);
                }
                Some(found) if matches!(tree.view(found), View::Null) => {
                    let with = vec![nested(tail, content)];
                    return Ok(Made::here(Change::Replace { node: found, with }, message));
                }
                Some(_) => return Err(format!("`{}` is no map", key.text())),
                None if key.text().ends_with('!') => {
                    let key = key.text().trim_end_matches('!');
                    match tree.get(at, key).filter(|&found| tree.map(found).is_some()) {
                        Some(found) => (at, rest) = (found, tail),
                        None => return Err(format!("there is no `{key}`")),
                    }
                }
                None => break,
            }
        }
        let [key, tail @ ..] = rest else { return Err("the path names nothing".to_owned()) };
        // The version of a document stands at its top.
        let first = matches!(key.text(), "Version" | "schemaVersion");
        let change =
            Change::Insert { map: at, first, key: key.text().to_owned(), value: nested(tail, content) };
        Ok(Made::here(change, message))
    }

    /// The element of a list around the value that has a key gets another before it.
    fn before(&self, written: NodeId, key: &str, value: &FixValue) -> Result<Made, String> {
        let tree = self.tree;
        let mut element = written;
        while tree.get(element, key).is_none() {
            element = parent(tree, element).ok_or_else(|| format!("no `{key}` is around the value"))?;
        }
        let message = format!("add `{}` before `{}`", plain(value.text()), name_of(tree, element));
        let value = self.content(value, element)?;
        Ok(Made::here(Change::Before { element, value }, message))
    }

    /// The map around the value that has a key becomes another; of several, an element of a list becomes all.
    fn rewrite(&self, written: NodeId, key: &str, value: &FixValue) -> Result<Made, String> {
        let tree = self.tree;
        let mut node = written;
        while tree.get(node, key).is_none() {
            node = parent(tree, node).ok_or_else(|| format!("no `{key}` is around the value"))?;
        }
        if tree.tag(node).is_some() || target::is_argument(tree, node) {
            return Err("what it stands in is made by a function".to_owned());
        }
        let message = format!("write `{}` anew as `{}`", name_of(tree, node), plain(value.text()));
        let with = match self.content(value, node)? {
            Content::List(all) if !all.is_empty() => all,
            one => vec![one],
        };
        Ok(Made::here(Change::Replace { node, with }, message))
    }

    fn append(&self, written: NodeId, keys: &[FixValue], value: &FixValue) -> Result<Made, String> {
        let tree = self.tree;
        let (mut at, mut rest) = self.beginning(written, keys)?;
        let shown = shown(rest);
        let message = format!("add `{}` to `{shown}`", plain(value.text()));
        let content = self.content(value, at)?;
        while let [key, tail @ ..] = rest {
            match tree.get(at, key.text()) {
                Some(found) if tail.is_empty() && !target::is_argument(tree, found) => {
                    // Of a list, each element is added.
                    let values = if let Content::List(all) = content { all } else { vec![content] };
                    return Ok(Made::here(Change::Append { list: found, values }, message));
                }
                Some(found) if tree.map(found).is_some() && !target::is_argument(tree, found) => {
                    (at, rest) = (found, tail);
                }
                Some(_) => return Err(format!("`{}` is made by a function", key.text())),
                None => break,
            }
        }
        let [key, tail @ ..] = rest else { return Err("the path names nothing".to_owned()) };
        let content = if let Content::List(_) = content { content } else { Content::List(vec![content]) };
        let value = nested(tail, content);
        Ok(Made::here(Change::Insert { map: at, first: false, key: key.text().to_owned(), value }, message))
    }
}

/// Whether a value refers to nothing.
fn is_closed(content: &Content) -> bool {
    match content {
        Content::Call { .. } => false,
        Content::List(all) => all.iter().all(is_closed),
        Content::Map(all) => all.iter().all(|(_, value)| is_closed(value)),
        Content::Bool(_) | Content::Number(_) | Content::Text(_) => true,
    }
}

/// The texts of a list that a text is in JSON.
fn listed(text: &str) -> Option<Vec<FixValue>> {
    let list = structure(text)?;
    let texts = list.as_array()?.iter().map(|one| Some(FixValue::Text(one.as_str()?.to_owned())));
    texts.collect::<Option<Vec<_>>>().filter(|all| !all.is_empty())
}

/// The list or map that a text is in JSON.
fn structure(text: &str) -> Option<serde_json::Value> {
    let begins = text.starts_with(['{', '[']);
    begins.then(|| serde_json::from_str(text).ok()).flatten()
}

/// A text as a person sees it: references as the template has them.
fn plain(text: &str) -> String {
    let text = text.replace(REFERS, "${");
    // The call of a function is seen in the text.
    let inner = text.strip_prefix("{\"=").and_then(|rest| rest.split_once("\": ")?.1.strip_suffix('}'));
    let text = inner.map(str::to_owned).unwrap_or(text);
    // Texts of a list one by one, as many as there is room for.
    if let Some(all) = listed(&text).filter(|all| all.len() > 1) {
        let mut out = String::new();
        for (index, one) in all.iter().map(FixValue::text).enumerate() {
            if index > 0 && out.len() + one.len() > SHOWN {
                out.push_str("`, `…");
                break;
            }
            out.push_str(if index > 0 { "`, `" } else { "" });
            out.push_str(one);
        }
        return out;
    }
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) if text.starts_with(['{', '[']) => format!("{}…", text.get(..end).unwrap_or("")),
        _ => text,
    }
}

/// A path of keys as a person says it: without what is around the properties of every resource.
fn shown(keys: &[FixValue]) -> String {
    let keys = keys.iter().map(FixValue::text);
    let keys = keys.skip_while(|key| matches!(*key, "Properties" | "change" | "after"));
    keys.map(|key| key.trim_end_matches('!')).collect::<Vec<_>>().join(".")
}

/// A value under further keys.
fn nested(keys: &[FixValue], value: Content) -> Content {
    keys.iter().rev().fold(value, |inner, key| Content::Map(vec![(key.text().to_owned(), inner)]))
}

fn parent(tree: &Tree, node: NodeId) -> Option<NodeId> {
    tree.ancestors(node).iter().rev().nth(1).copied().filter(|&around| tree.string(around).is_none())
}

/// Whether a node is a key of a map.
fn is_key(tree: &Tree, node: NodeId) -> bool {
    let map = parent(tree, node).and_then(|map| tree.map(map));
    map.is_some_and(|map| map.iter().any(|(key, ..)| key == node))
}

/// The parts in which two texts differ, widened to whole words; nothing where that is a hole.
fn differing(old: &str, new: &str) -> Option<(String, String)> {
    let word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let (a, b): (Vec<char>, Vec<char>) = (old.chars().collect(), new.chars().collect());
    let mut prefix = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    while prefix > 0 && a.get(prefix - 1).is_some_and(|&c| word(c)) {
        prefix -= 1;
    }
    let most = a.len().min(b.len()) - prefix;
    let mut suffix = a.iter().rev().zip(b.iter().rev()).take(most).take_while(|(x, y)| x == y).count();
    while suffix > 0 && a.get(a.len() - suffix).is_some_and(|&c| word(c)) {
        suffix -= 1;
    }
    let part = |all: &[char]| all.get(prefix..all.len() - suffix).map(|part| part.iter().collect::<String>());
    let (old, new) = (part(&a)?, part(&b)?);
    (!old.is_empty() && old != new && !old.contains("${")).then_some((old, new))
}

/// What a value is called: its key, or the key of the list that it is in and its position there.
fn name_of(tree: &Tree, node: NodeId) -> String {
    let key = |node: NodeId| tree.key_of(node).and_then(|key| tree.scalar(key)).map(str::to_owned);
    let in_list = || {
        let list = parent(tree, node)?;
        let position = tree.list(list)?.iter().position(|one| one == node)?;
        Some(format!("{}[{position}]", key(list)?))
    };
    key(node).or_else(in_list).unwrap_or_else(|| "the value".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_differ_in_whole_words() {
        let pair = |old: &str, new: &str| Some((old.to_owned(), new.to_owned()));
        assert_eq!(differing("s3:GetObjects", "s3:GetObject"), pair("GetObjects", "GetObject"));
        assert_eq!(
            differing("arn:${AWS::Partition}:a/Old", "arn:${AWS::Partition}:a/New"),
            pair("Old", "New")
        );
        assert_eq!(differing("arn:${AWS::Partition}:x", "arn:aws:x"), None);
        assert_eq!(differing("same", "same"), None);
    }
}
