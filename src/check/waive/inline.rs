//! Suppressions that stand in the input: a YAML comment, a resource's metadata, a resource's tag.
//!
//! ```text
//! # rolecall: ignore SSM-INST-01, IAM-MGD-* the agent is older than 2.3       (a YAML comment: this line, or the next)
//! Metadata: {rolecall: {ignore: [{rule: SSM-INST-01, reason: …, expires: 2030-01-31}]}}
//! tags = { "rolecall:ignore" = "SSM-INST-01 the agent is older than 2.3" }
//! ```

use std::sync::Arc;

use crate::check::{Finding, pattern};
use crate::document::{Code, Diagnostic, List, Location, NodeId, Source, Span, Tree, View};
use crate::ingest::Unit;
use crate::model::Date;

/// What starts a suppression in a comment.
const MARK: &str = "rolecall: ignore";
/// The tag that holds a suppression.
const TAG: &str = "rolecall:ignore";

/// A suppression in an input.
#[derive(Debug)]
pub(crate) struct Inline {
    rules: Vec<String>,
    scope: Scope,
    place: Option<Location>,
    pub(crate) used: bool,
}

#[derive(Debug)]
enum Scope {
    /// Values, and whole resources, that start on this line.
    Line(Arc<Source>, u32),
    /// The resource with this logical id or address.
    Resource(Box<str>),
}

impl Inline {
    /// Whether it waives a finding.
    pub(crate) fn covers(&self, finding: &Finding) -> bool {
        let here = match &self.scope {
            Scope::Line(source, line) => {
                let starts_here = |place: &Option<Location>| {
                    place.as_ref().is_some_and(|place| {
                        Arc::ptr_eq(&place.source, source)
                            && source.lines().position(source.text(), place.start).line == *line
                    })
                };
                starts_here(&finding.place) || starts_here(&finding.resource)
            }
            Scope::Resource(id) => *id == finding.entity || finding.details.owner.as_ref() == Some(id),
        };
        here && self
            .rules
            .iter()
            .any(|rule| pattern::matches(rule, &finding.rule) || pattern::matches(rule, &finding.name))
    }

    /// That nothing needed it; only where all its rules were asked by id.
    pub(crate) fn complaint(&self, asked: &dyn Fn(&str) -> bool) -> Option<Diagnostic> {
        if self.used || !self.rules.iter().all(|rule| asked(rule)) {
            return None;
        }
        let message = format!("the suppression of `{}` covers nothing", self.rules.join("`, `"));
        let made = Diagnostic::new(Code::UnusedSuppression, message).help("remove it");
        Some(match &self.place {
            Some(place) => made.at(place.clone()),
            None => made,
        })
    }
}

/// The suppressions of a unit that hold today, and what is wrong with the others.
pub(crate) fn of_unit(unit: &Unit, tree: &Tree, today: Date) -> (Vec<Inline>, Vec<Diagnostic>) {
    let mut reader = Reader { tree, today, found: Vec::new(), diagnostics: Vec::new() };
    for file in 0..tree.source_count() {
        let source = u16::try_from(file).ok().and_then(|file| tree.source(crate::document::FileId(file)));
        // Only YAML has comments; elsewhere the mark is text.
        let is_json = |source: &Source| source.text().trim_start().starts_with(['{', '[']);
        if let Some(source) = source.filter(|source| !is_json(source) && source.text().contains(MARK)) {
            reader.comments(source);
        }
    }
    for resource in unit.inventory.resources() {
        let listed = tree.at(resource.node, &["Metadata", "rolecall", "ignore"]);
        for entry in listed.and_then(|node| tree.list(node)).into_iter().flat_map(List::iter) {
            reader.metadata(entry, &resource.id);
        }
    }
    for entity in unit.inventory.entities() {
        let resource = unit.inventory.resource(entity.resource);
        if let (Some(tags), Some(resource)) = (entity.get("tags"), resource) {
            reader.tags(tags, &resource.id);
        }
    }
    (reader.found, reader.diagnostics)
}

struct Reader<'t> {
    tree: &'t Tree,
    today: Date,
    found: Vec<Inline>,
    diagnostics: Vec<Diagnostic>,
}

impl Reader<'_> {
    /// Comments of a YAML source.
    fn comments(&mut self, source: &Arc<Source>) {
        let text = source.text();
        let lines: Vec<&str> = text.lines().collect();
        for (number, line) in (1u32..).zip(&lines) {
            let Some((before, comment)) = line.split_once('#') else { continue };
            let Some(rest) = comment.trim_start().strip_prefix(MARK) else { continue };
            let own_line = before.trim().is_empty();
            let following = lines.iter().zip(1u32..).skip(number as usize);
            let target = if own_line {
                following
                    .clone()
                    .find(|(line, _)| !line.trim().is_empty() && !line.trim_start().starts_with('#'))
            } else {
                None
            };
            let target = if own_line { target.map_or(number, |(_, number)| number) } else { number };
            let range = source.lines().range(text, number);
            let start = range.start + before.len();
            let place = location(source, start, range.start + line.trim_end().len());
            self.add(rest, Scope::Line(Arc::clone(source), target), Some(place));
        }
    }

    fn metadata(&mut self, entry: NodeId, resource: &str) {
        let text =
            |key: &str| self.tree.get(entry, key).and_then(|node| self.tree.string(node)).map(str::to_owned);
        let (rule, reason, expires) = (text("rule"), text("reason"), text("expires"));
        let place = self.place(entry);
        let Some(rule) = rule else {
            self.refuse("a suppression needs a `rule`", place);
            return;
        };
        match expires.as_deref().map(Date::parse) {
            Some(None) => self.refuse("`expires` is not a day such as `2030-01-31`", place),
            Some(Some(last)) if last < self.today => {
                self.refuse(&format!("the suppression of `{rule}` expired on {last}"), place);
            }
            _ => {
                let text = format!("{rule} {}", reason.unwrap_or_default());
                self.add(&text, Scope::Resource(resource.into()), place);
            }
        }
    }

    /// Tags as a map, or as a list of keys and values.
    fn tags(&mut self, tags: NodeId, resource: &str) {
        let value = match self.tree.view(tags) {
            View::Map(map) => map.get(TAG),
            View::List(list) => list.iter().find_map(|entry| {
                let key = self.tree.get(entry, "Key")?;
                (self.tree.string(key) == Some(TAG)).then(|| self.tree.get(entry, "Value"))?
            }),
            _ => None,
        };
        let Some(value) = value else { return };
        if let Some(text) = self.tree.string(value).map(str::to_owned) {
            let place = self.place(value);
            let known = self.found.iter().any(|one| {
                matches!(&one.scope, Scope::Resource(id) if **id == *resource)
                    && one.place.as_ref().map(|p| p.start) == place.as_ref().map(|p| p.start)
            });
            if !known {
                self.add(&text, Scope::Resource(resource.into()), place);
            }
        }
    }

    /// A suppression that is written as rules, separated by commas, and a reason.
    fn add(&mut self, text: &str, scope: Scope, place: Option<Location>) {
        let (mut rules, mut rest) = (Vec::new(), text.trim());
        loop {
            let end = rest.find([',', ' ', '\t']).unwrap_or(rest.len());
            let (rule, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
            if !rule.is_empty() {
                rules.push(rule.to_owned());
            }
            rest = after.trim_start();
            match rest.strip_prefix(',') {
                Some(more) => rest = more.trim_start(),
                None => break,
            }
        }
        if rules.is_empty() || rest.trim().is_empty() {
            self.refuse("a suppression names a rule and gives a reason", place);
            return;
        }
        self.found.push(Inline { rules, scope, place, used: false });
    }

    fn refuse(&mut self, message: &str, place: Option<Location>) {
        let made = Diagnostic::new(Code::Suppression, message)
            .help("write it as `rolecall: ignore RULE the reason why`; it is not honoured as it stands");
        self.diagnostics.push(match place {
            Some(place) => made.at(place),
            None => made,
        });
    }

    fn place(&self, node: NodeId) -> Option<Location> {
        self.tree.location(node)
    }
}

fn location(source: &Arc<Source>, start: usize, end: usize) -> Location {
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let span = Span::new(crate::document::FileId(0), offset(start), offset(end));
    Location::new(Arc::clone(source), span)
}
