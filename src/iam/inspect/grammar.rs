//! The grammar of policy documents, on the nodes as they were written.
#![expect(clippy::similar_names, reason = "the language calls a test a test and its text a text")]

use rustc_hash::FxHashSet;

use crate::catalog::nearest;
use crate::document::Condition;
use crate::document::Conditions;
use crate::document::HoleKind;
use crate::document::NodeId;
use crate::document::Piece;
use crate::document::View;
use crate::document::spread;
use crate::iam::policy::Effect;
use crate::iam::policy::PolicyKind;
use crate::iam::variable::has_variables;

use super::FlawKind;
use super::Inspector;

const TOP: &[&str] = &["Version", "Id", "Statement"];
const STATEMENT: &[&str] = &[
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];
const TWINS: &[(&str, &str)] =
    &[("Action", "NotAction"), ("Resource", "NotResource"), ("Principal", "NotPrincipal")];
const VERSIONS: &[&str] = &["2012-10-17", "2008-10-17"];
/// Services whose resource policies need a `Resource` in every statement.
const NEED_RESOURCE: &[&str] = &["s3", "kms", "sqs", "sns", "secretsmanager"];

impl Inspector<'_> {
    /// Checks the grammar of the document at a node.
    pub(super) fn grammar(&mut self, conditions: &mut Conditions, node: NodeId) {
        if let View::List(_) = self.tree.view(node) {
            self.note(FlawKind::NotJson, node, "", "the policy is a list, not a JSON object".to_owned());
        }
        for (under, document) in spread(self.tree, conditions, node) {
            self.at.under = under;
            match self.tree.view(document) {
                View::Map(_) => self.top(conditions, document),
                View::String(text) => {
                    let text = text.to_owned();
                    self.note(
                        FlawKind::NotJson,
                        document,
                        &text,
                        "the policy is not a JSON object".to_owned(),
                    );
                }
                View::Bool(_) | View::Number(_) => {
                    self.note(FlawKind::NotJson, document, "", "the policy is not a JSON object".to_owned());
                }
                // What could be read was read: this is no JSON, whatever its unknown parts are.
                View::Text(pieces) if is_surely_text(pieces) => {
                    let text = self.tree.display(document);
                    self.note(
                        FlawKind::NotJson,
                        document,
                        &text,
                        "the policy is not a JSON object".to_owned(),
                    );
                }
                _ => {}
            }
        }
    }

    fn top(&mut self, conditions: &mut Conditions, document: NodeId) {
        let View::Map(map) = self.tree.view(document) else { return };
        let under = self.at.under;
        self.keys(document, TOP);
        self.duplicates(document);
        match map.get("Version") {
            None => {
                let message =
                    "`Version` is missing: the policy is read in the language of 2008, without variables";
                let flaw = self.note(FlawKind::VersionMissing, document, "", message.to_owned());
                flaw.replacement = Some("2012-10-17".to_owned());
            }
            Some(version) => self.version(version),
        }
        if self.forbids_id()
            && let Some((id, _)) = map.entry("Id")
        {
            let message = "`Id` belongs to the policies of resources only".to_owned();
            self.note(FlawKind::IdForbidden, id, "Id", message);
        }
        let statements: Vec<(Condition, NodeId)> = match map.get("Statement") {
            Some(list) => spread(self.tree, conditions, list),
            None => Vec::new(),
        };
        let none = map.get("Statement").is_none_or(|node| match self.tree.view(node) {
            View::List(list) => list.is_empty(),
            View::Map(map) => map.is_empty(),
            View::Null => true,
            View::Choice(all) => all
                .iter()
                .filter_map(|one| one.value)
                .all(|value| self.tree.list(value).is_some_and(crate::document::List::is_empty)),
            _ => false,
        });
        if none {
            let at = map.get("Statement").unwrap_or(document);
            self.note(FlawKind::StatementMissing, at, "", "the policy has no statement".to_owned());
        }
        self.lists_in_lists(map.get("Statement"));
        let mut sids = FxHashSet::default();
        for (inner, statement) in statements {
            self.at.under = conditions.and(under, inner);
            self.at.statement = Some(statement);
            self.statement(statement, &mut sids);
        }
        self.at.statement = None;
        self.alphabet(document);
    }

    /// Statements are listed once.
    fn lists_in_lists(&mut self, statements: Option<NodeId>) {
        let Some(list) = statements.and_then(|node| self.tree.list(node)) else { return };
        for one in list.iter().filter(|&one| matches!(self.tree.view(one), View::List(_))) {
            let message = "a statement is an object, not a list".to_owned();
            self.note(FlawKind::TypeWrong, one, "", message);
        }
    }

    fn forbids_id(&self) -> bool {
        use PolicyKind::{Boundary, Identity, ServiceControl, Session};
        matches!(self.kind, Identity | Boundary | Session | ServiceControl)
    }

    fn version(&mut self, version: NodeId) {
        let Some(text) = self.tree.scalar(version) else { return };
        if !VERSIONS.contains(&text) {
            let text = text.to_owned();
            let message = format!("`{text}` is no version of the policy language");
            self.note(FlawKind::VersionInvalid, version, &text, message).replacement =
                Some("2012-10-17".to_owned());
        }
    }

    /// Keys that are none of the language's elements.
    fn keys(&mut self, node: NodeId, known: &[&'static str]) {
        let View::Map(map) = self.tree.view(node) else { return };
        for (key_node, key, _) in map.iter() {
            // A function of the template language stands for keys that are not known.
            if known.contains(&key) || key.starts_with("Fn::") {
                continue;
            }
            let near = known
                .iter()
                .find(|own| {
                    own.eq_ignore_ascii_case(key) || own.eq_ignore_ascii_case(key.trim_end_matches('s'))
                })
                .copied()
                .or_else(|| nearest(key, known.iter().copied()));
            let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            let message = format!("`{key}` is no element of the policy language{hint}");
            self.note(FlawKind::UnknownElement, key_node, key, message).replacement = near.map(str::to_owned);
        }
    }

    /// Keys that stand twice in one object of the document.
    fn duplicates(&mut self, document: NodeId) {
        let Some(end) = self.end_of(document) else { return };
        let within = |node: NodeId| node > document && node <= end;
        let twice: Vec<_> = self
            .tree
            .duplicates()
            .iter()
            .filter(|twice| within(twice.again))
            .map(|twice| twice.again)
            .collect();
        for key in twice {
            let name = self.tree.scalar(key).unwrap_or("").to_owned();
            let message = format!("`{name}` is written twice in one object; only one of them counts");
            self.note(FlawKind::KeyTwice, key, &name, message);
        }
    }

    /// The last node of a document that was read, where it is one piece.
    fn end_of(&self, document: NodeId) -> Option<NodeId> {
        let mut last = document;
        loop {
            let next = match self.tree.view(last) {
                View::Map(map) => map.iter().map(|(_, _, value)| value).max(),
                View::List(list) => list.iter().max(),
                _ => None,
            };
            match next {
                Some(next) if next > last => last = next,
                Some(_) => return None,
                None => return Some(last),
            }
        }
    }

    fn statement(&mut self, node: NodeId, sids: &mut FxHashSet<String>) {
        let View::Map(map) = self.tree.view(node) else {
            if !matches!(self.tree.view(node), View::Unknown(_) | View::Text(_)) {
                self.note(FlawKind::TypeWrong, node, "", "a statement is an object".to_owned());
            }
            return;
        };
        self.at.effect = Effect::Unknown;
        self.keys(node, STATEMENT);
        let open = map.iter().any(|(_, key, _)| key.starts_with("Fn::"));
        self.effect(node, map.get("Effect"), open);
        for &(element, twin) in TWINS {
            if let (Some(_), Some((second, _))) = (map.get(element), map.entry(twin)) {
                let message = format!("`{element}` and `{twin}` exclude each other");
                self.note(FlawKind::TwinElements, second, twin, message);
            }
        }
        if !open {
            self.required(node);
        }
        self.forbidden(node);
        if let Some(sid) = map.get("Sid") {
            self.sid(sid, sids);
        }
        for element in ["Action", "NotAction", "Resource", "NotResource"] {
            if let Some(value) = map.get(element) {
                self.strings(element, value);
            }
        }
        for element in ["Principal", "NotPrincipal"] {
            if let Some(value) = map.get(element) {
                self.principal_shape(element, value);
            }
        }
        if let Some(condition) = map.get("Condition") {
            self.condition_shape(condition);
        }
    }

    fn effect(&mut self, statement: NodeId, effect: Option<NodeId>, open: bool) {
        let Some(node) = effect else {
            if !open {
                let message = "the statement has no `Effect`".to_owned();
                self.note(FlawKind::EffectInvalid, statement, "", message);
            }
            return;
        };
        match self.tree.view(node) {
            View::String("Allow") => self.at.effect = Effect::Allow,
            View::String("Deny") => self.at.effect = Effect::Deny,
            View::Text(_) | View::Unknown(_) | View::Choice(_) => {}
            _ => {
                let text = self.tree.scalar(node).unwrap_or("").to_owned();
                let near = ["Allow", "Deny"].into_iter().find(|own| own.eq_ignore_ascii_case(text.trim()));
                let message = format!("`{text}` is neither `Allow` nor `Deny`");
                self.note(FlawKind::EffectInvalid, node, &text, message).replacement =
                    near.map(str::to_owned);
            }
        }
    }

    fn required(&mut self, node: NodeId) {
        use PolicyKind::{Resource, ResourceControl, Trust};
        let has = |keys: [&str; 2]| keys.iter().any(|key| self.tree.get(node, key).is_some());
        let (action, resource, principal) = (
            has(["Action", "NotAction"]),
            has(["Resource", "NotResource"]),
            has(["Principal", "NotPrincipal"]),
        );
        if !action {
            let message = "the statement has neither `Action` nor `NotAction`".to_owned();
            self.note(FlawKind::ActionMissing, node, "", message);
        }
        let service = self.surroundings.service.as_deref();
        let needs_resource = match self.kind {
            Trust => false,
            Resource => service.is_some_and(|service| NEED_RESOURCE.contains(&service)),
            _ => true,
        };
        if !resource && needs_resource {
            let message = "the statement has neither `Resource` nor `NotResource`".to_owned();
            self.note(FlawKind::ResourceMissing, node, "", message);
        }
        if !principal && matches!(self.kind, Trust | Resource | ResourceControl) {
            let message = "the statement names no principal, so that it applies to nobody".to_owned();
            self.note(FlawKind::PrincipalMissing, node, "", message);
        }
    }

    fn forbidden(&mut self, node: NodeId) {
        let View::Map(map) = self.tree.view(node) else { return };
        let trust = self.kind == PolicyKind::Trust;
        for element in ["Principal", "NotPrincipal"] {
            let Some((key, _)) = map.entry(element) else { continue };
            if !self.kind.has_principals() {
                let message = format!("`{element}` has no place in a policy of an identity");
                self.note(FlawKind::PrincipalForbidden, key, element, message);
            } else if trust && element == "NotPrincipal" {
                let message = "`NotPrincipal` has no place in a trust policy".to_owned();
                self.note(FlawKind::TrustNotPrincipal, key, element, message);
            }
        }
        for element in ["Resource", "NotResource"] {
            if let Some((key, _)) = map.entry(element).filter(|_| trust) {
                let message = format!("`{element}` has no place in a trust policy: the role is the resource");
                self.note(FlawKind::TrustResource, key, element, message);
            }
        }
    }

    fn sid(&mut self, sid: NodeId, sids: &mut FxHashSet<String>) {
        let strict = !matches!(self.kind, PolicyKind::Resource | PolicyKind::Endpoint);
        let Some(text) = self.tree.scalar(sid).map(str::to_owned) else {
            match self.tree.view(sid) {
                View::List(_) | View::Map(_) => {
                    self.note(FlawKind::TypeWrong, sid, "", "`Sid` is a string".to_owned());
                }
                View::Text(pieces) if strict && pieces.iter().any(spoils_sid) => {
                    let text = self.tree.display(sid);
                    let message = format!("`{text}` has characters that a `Sid` may not have");
                    self.note(FlawKind::SidInvalid, sid, &text, message);
                }
                _ => {}
            }
            return;
        };
        if text.is_empty() {
            self.note(FlawKind::SidEmpty, sid, "", "`Sid` is empty".to_owned());
            return;
        }
        if strict && !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            let clean: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
            let message = format!("`{text}` has characters that a `Sid` may not have");
            self.note(FlawKind::SidInvalid, sid, &text, message).replacement = Some(clean);
        }
        if !sids.insert(text.clone()) && self.at.under.is_always() {
            let message = format!("two statements have the `Sid` `{text}`");
            self.note(FlawKind::SidRepeated, sid, &text, message);
        }
    }

    /// A string, or a list of strings.
    fn strings(&mut self, element: &str, value: NodeId) {
        match self.tree.view(value) {
            View::List(list) => {
                if list.is_empty() {
                    self.note(FlawKind::Empty, value, "[]", format!("`{element}` is empty"));
                }
                for one in list.iter() {
                    self.string(element, one);
                }
            }
            _ => self.string(element, value),
        }
    }

    fn string(&mut self, element: &str, value: NodeId) {
        let wrong = match self.tree.view(value) {
            View::Null => "null",
            View::Bool(_) => "a truth value",
            View::Number(_) => "a number",
            View::List(_) => "a list",
            View::Map(_) => "an object",
            _ => return,
        };
        let is_resource = element.ends_with("Resource");
        if is_resource && matches!(self.tree.view(value), View::Map(_)) {
            let message = "an object is no ARN; a function of a template language is not evaluated by IAM";
            self.note(FlawKind::ArnMalformed, value, "", message.to_owned());
        }
        let message = format!("`{element}` takes a string or a list of strings, not {wrong}");
        self.note(FlawKind::TypeWrong, value, "", message);
    }

    fn principal_shape(&mut self, element: &str, value: NodeId) {
        match self.tree.view(value) {
            View::Map(map) => {
                if map.is_empty() {
                    self.note(FlawKind::Empty, value, "{}", format!("`{element}` is empty"));
                }
                let entries: Vec<_> = map.iter().map(|(_, key, inner)| (key.to_owned(), inner)).collect();
                for (key, inner) in entries {
                    self.strings(&key, inner);
                }
            }
            View::List(list) => {
                if list.is_empty() {
                    self.note(FlawKind::Empty, value, "[]", format!("`{element}` is empty"));
                }
                for one in list.iter() {
                    if matches!(self.tree.view(one), View::Map(_) | View::List(_)) {
                        let message = format!("`{element}` is `*` or one object, not a list of objects");
                        self.note(FlawKind::TypeWrong, one, "", message);
                    }
                }
            }
            View::Bool(_) | View::Number(_) | View::Null => self.string(element, value),
            View::String(text) if text != "*" => {
                let text = text.to_owned();
                let message = format!("`{element}` is `*`, or an object such as `{{\"AWS\": \"{text}\"}}`");
                self.note(FlawKind::PrincipalMalformed, value, &text, message);
            }
            _ => {}
        }
    }

    fn condition_shape(&mut self, condition: NodeId) {
        let View::Map(operators) = self.tree.view(condition) else {
            if matches!(
                self.tree.view(condition),
                View::List(_) | View::String(_) | View::Bool(_) | View::Number(_)
            ) {
                self.note(FlawKind::TypeWrong, condition, "", "`Condition` is an object".to_owned());
            }
            return;
        };
        if operators.is_empty() {
            self.note(FlawKind::Empty, condition, "{}", "`Condition` is empty".to_owned());
        }
        for (_, operator, block) in operators.iter() {
            let View::Map(keys) = self.tree.view(block) else {
                if matches!(
                    self.tree.view(block),
                    View::List(_) | View::String(_) | View::Bool(_) | View::Number(_)
                ) {
                    let message = format!("`{operator}` takes an object of condition keys");
                    self.note(FlawKind::TypeWrong, block, operator, message);
                }
                continue;
            };
            if keys.is_empty() {
                self.note(FlawKind::Empty, block, "{}", format!("`{operator}` is empty"));
            }
            let mut seen: Vec<&str> = Vec::new();
            for (key_node, key, values) in keys.iter() {
                if seen.iter().any(|own| *own != key && own.eq_ignore_ascii_case(key)) {
                    let message = format!("`{key}` stands twice in `{operator}`, in different case");
                    self.note(FlawKind::ConditionKeyTwice, key_node, key, message);
                }
                seen.push(key);
                self.condition_values(key, values);
            }
        }
    }

    fn condition_values(&mut self, key: &str, values: NodeId) {
        let elements: Vec<NodeId> = match self.tree.view(values) {
            View::List(list) => {
                if list.is_empty() {
                    self.note(FlawKind::Empty, values, "[]", format!("`{key}` is compared with nothing"));
                }
                list.iter().collect()
            }
            _ => vec![values],
        };
        for value in elements {
            if matches!(self.tree.view(value), View::Null | View::Map(_) | View::List(_)) {
                let message = format!("`{key}` is compared with texts, numbers and truth values only");
                self.note(FlawKind::TypeWrong, value, key, message);
            }
        }
    }

    /// Characters that AWS refuses anywhere in a policy, and variables in the old language.
    fn alphabet(&mut self, document: NodeId) {
        let old = self
            .tree
            .get(document, "Version")
            .is_none_or(|version| self.tree.scalar(version).is_some_and(|text| text == "2008-10-17"));
        let mut variable = None;
        let mut stack = vec![document];
        while let Some(node) = stack.pop() {
            match self.tree.view(node) {
                View::Map(map) => {
                    for (key, _, value) in map.iter() {
                        stack.extend([value, key]);
                    }
                }
                View::List(list) => stack.extend(list.iter()),
                View::Choice(all) => stack.extend(all.iter().filter_map(|one| one.value)),
                View::String(text) => {
                    self.characters(node, text);
                    if old && has_variables(text) {
                        variable = Some(variable.map_or(node, |first: NodeId| first.min(node)));
                    }
                }
                View::Text(pieces) => {
                    for piece in pieces {
                        if let Piece::Literal(text) = piece {
                            self.characters(node, text);
                        }
                    }
                }
                _ => {}
            }
        }
        if let Some(node) = variable {
            let text = self.tree.scalar(node).unwrap_or("").to_owned();
            let message = format!("`{text}` has a variable, which is plain text before version 2012-10-17");
            self.note(FlawKind::VersionOld, node, &text, message);
        }
    }

    fn characters(&mut self, node: NodeId, text: &str) {
        if text.is_ascii() && !text.bytes().any(|byte| byte < 0x20) {
            return;
        }
        let allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{FF}');
        if let Some(wrong) = text.chars().find(|&c| !allowed(c)) {
            let plain: String = text.chars().filter_map(plain).collect();
            let message = format!("`{text}` holds U+{:04X}, which AWS refuses in policies", u32::from(wrong));
            self.note(FlawKind::Alphabet, node, text, message).replacement =
                Some(plain).filter(|plain| plain.chars().all(allowed));
        }
    }
}

/// Whether all unknown parts of a text that starts like a JSON object are inside its strings: none is a part of its
/// structure.
fn is_surely_text(pieces: &[Piece]) -> bool {
    let starts = matches!(pieces.first(), Some(Piece::Literal(text)) if text.trim_start().starts_with('{'));
    let (mut quoted, mut escaped) = (false, false);
    starts
        && pieces.iter().all(|piece| match piece {
            Piece::Hole(_) => quoted,
            Piece::Literal(text) => {
                for byte in text.bytes() {
                    quoted ^= byte == b'"' && !escaped;
                    escaped = byte == b'\\' && !escaped;
                }
                true
            }
        })
}

/// Whether a piece of a `Sid` has characters that it may not have, whatever the others are.
fn spoils_sid(piece: &Piece) -> bool {
    match piece {
        Piece::Literal(text) => !text.bytes().all(|byte| byte.is_ascii_alphanumeric()),
        Piece::Hole(hole) => matches!(hole.kind, HoleKind::Region),
    }
}

/// The plain character for one that word processors put in its place.
fn plain(character: char) -> Option<char> {
    match character {
        '\u{2018}' | '\u{2019}' => Some('\''),
        '\u{201C}' | '\u{201D}' => Some('"'),
        '\u{2010}'..='\u{2015}' | '\u{2212}' => Some('-'),
        '\u{200B}'..='\u{200D}' | '\u{FEFF}' | '\u{2060}' => None,
        '\u{2217}' => Some('*'),
        other => Some(other),
    }
}
