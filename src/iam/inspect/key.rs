//! Condition keys: whether they exist, and whether requests for the actions of a statement carry them.

use crate::catalog::Action;
use crate::catalog::Gap;
use crate::catalog::Key;
use crate::catalog::KeyId;
use crate::catalog::nearest;
use crate::iam::actions::each;
use crate::iam::operator::Comparison;
use crate::iam::operator::Operator;
use crate::iam::policy::Effect;
use crate::iam::policy::PolicyKind;
use crate::iam::policy::Statement;
use crate::iam::policy::Test;

use super::FlawKind;
use super::Inspector;
use super::listed;

/// The actions that one pattern of a statement matches.
pub(super) struct Matched<'a> {
    /// The pattern as written.
    pub(super) text: String,
    /// Whether it has wildcards.
    pub(super) wild: bool,
    /// The actions.
    pub(super) actions: Vec<Action<'a>>,
}

impl<'a> Inspector<'a> {
    /// The key with a name.
    pub(super) fn key(&self, name: &str) -> Option<Key<'a>> {
        self.catalog.key(name)
    }

    /// The actions of a statement, pattern by pattern; nothing where they are not all known.
    pub(super) fn matched(&self, statement: &Statement<'_>) -> Option<Vec<Matched<'a>>> {
        if statement.actions.negated {
            return None;
        }
        let mut out = Vec::with_capacity(statement.actions.values.len());
        for value in &statement.actions.values {
            let text = value.text.known()?;
            if text == "*" || text == "*:*" {
                return None;
            }
            let mut actions = Vec::new();
            each(self.catalog, text, |action| actions.push(action));
            actions.retain(|action| !action.withdrawn());
            out.push(Matched { text: text.to_owned(), wild: text.contains(['*', '?']), actions });
        }
        Some(out)
    }

    /// Checks that the key of a test exists; gives it if it does.
    pub(super) fn known_key(&mut self, test: &Test<'_>) -> Option<Key<'a>> {
        let name = test.key;
        // The names of tags have blanks inside.
        let bare = name.split_once('/').map_or(name, |(stem, _)| stem);
        if name.trim() != name || bare.contains(' ') {
            let message = format!("the condition key `{name}` has a blank");
            self.note(FlawKind::Blank, test.key_node, name, message).replacement =
                Some(name.split_whitespace().collect());
            return None;
        }
        if let Some(key) = self.key(name) {
            // The policy that a new topic gets from AWS has this key.
            let of_topics = self.surroundings.service.as_deref() == Some("sns");
            if key.is_deprecated() && !(of_topics && name.eq_ignore_ascii_case("aws:SourceOwner")) {
                let message = format!("AWS advises against the condition key `{name}`");
                self.note(FlawKind::GlobalKeyUnknown, test.key_node, name, message);
            }
            return Some(key);
        }
        if let Some(form) = self.tag_form(name) {
            let message = format!("`{name}` names no tag: it is written `{form}`");
            self.note(FlawKind::TagKeyMissing, test.key_node, name, message);
            return None;
        }
        let Some((prefix, _)) = name.split_once(':') else {
            let message = format!("`{name}` is no condition key: a key is written `service:name`");
            self.note(FlawKind::KeyUnknown, test.key_node, name, message);
            return None;
        };
        if prefix.eq_ignore_ascii_case("aws") {
            let names = self.catalog.keys().filter(|key| key.is_global()).map(Key::name);
            let near = nearest(name, names).map(str::to_owned);
            let hint = near.as_ref().map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            let message = format!("there is no global condition key `{name}`{hint}");
            let gap = self.catalog.is_gap(Gap::Key, name);
            let flaw = self.note(FlawKind::GlobalKeyUnknown, test.key_node, name, message);
            flaw.replacement = near;
            flaw.sure = !gap;
            return None;
        }
        // The keys of an identity provider start with its host name.
        if prefix.contains(['.', '/']) || prefix.eq_ignore_ascii_case("saml") {
            return None;
        }
        match self.catalog.service(prefix) {
            Some(service) if !service.withdrawn() => {
                let near = nearest(name, service.keys().map(Key::name)).map(str::to_owned);
                let hint = near.as_ref().map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                let message = format!("`{prefix}` has no condition key `{name}`{hint}");
                let gap = self.catalog.is_gap(Gap::Key, name);
                let flaw = self.note(FlawKind::KeyUnknown, test.key_node, name, message);
                flaw.replacement = near;
                flaw.sure = !gap;
            }
            Some(_) => {}
            None => {
                let message = format!("`{name}` is a key of the service `{prefix}`, which does not exist");
                self.note(FlawKind::KeyUnknown, test.key_node, name, message);
            }
        }
        None
    }

    /// The form of a key of which the name of the tag was left out.
    fn tag_form(&self, name: &str) -> Option<&'a str> {
        let bare = name.trim_end_matches('/');
        let mut templates = self.catalog.keys().filter(|key| key.is_template());
        let found =
            templates.find(|key| key.stem().trim_end_matches(['/', ':']).eq_ignore_ascii_case(bare))?;
        found.stem().ends_with('/').then(|| found.name())
    }

    /// Checks that requests for the actions of a statement carry a key.
    pub(super) fn in_context(&mut self, test: &Test<'_>, key: Key<'a>, matched: &[Matched<'a>]) {
        let tag = is_tag_key(key);
        if (key.is_global() && !tag) || self.kind == PolicyKind::Trust {
            return;
        }
        let Some(operator) = test.operator else { return };
        let without: Vec<&Matched<'_>> = matched
            .iter()
            .filter(|one| !one.actions.is_empty() && !one.actions.iter().any(|action| action.carries(key.id)))
            .collect();
        if without.is_empty() {
            return;
        }
        let none_carries = without.len() == matched.len();
        let names: Vec<String> = without.iter().map(|one| one.text.clone()).collect();
        let wild = without.iter().any(|one| one.wild);
        let holds = holds_without(operator, test);
        let outcome = match (self.at.effect, holds) {
            (Effect::Allow, false) => "it never allows them",
            (Effect::Allow, true) => "it allows them unconditionally",
            (Effect::Deny, false) => "it never denies them",
            (Effect::Deny, true) => "it always denies them",
            _ => return,
        };
        let some = !none_carries && !wild && !holds;
        let kind = match (tag, holds, operator.if_exists) {
            (true, false, _) if some => FlawKind::TagKeyNotForAll,
            (true, false, _) => FlawKind::TagKeyUnsupported,
            _ if !none_carries && self.kind == PolicyKind::ServiceControl => FlawKind::ControlKeyNeverCarried,
            (false, false, _) if some => FlawKind::KeyNotForAll,
            (false, false, _) => FlawKind::KeyNeverInContext,
            (_, true, true) => FlawKind::IfExistsVoid,
            (_, true, false) => FlawKind::KeyVoid,
        };
        // That a tag is absent is what some conditions ask for.
        let asks = !(operator.if_exists && none_carries && self.at.effect == Effect::Allow);
        if tag && holds && asks {
            return;
        }
        let word = if tag { "do not know" } else { "do not carry" };
        let message = format!("requests for {} {word} `{}`, so that {outcome}", listed(&names), test.key);
        let services_know = !tag || without.iter().all(|one| self.service_knows(one, key.id));
        let stem = key.stem().trim_end_matches('/').to_ascii_lowercase();
        let used = without
            .iter()
            .any(|one| self.catalog.is_gap(Gap::Pair, &format!("{} {stem}", one.text.to_ascii_lowercase())));
        let flaw = self.note(kind, test.key_node, test.key, message);
        flaw.actions = names.into_iter().map(Into::into).collect();
        flaw.sure = (none_carries || some) && !wild && services_know && !used;
    }

    /// Whether any action of the service carries a key.
    pub(super) fn service_knows(&self, matched: &Matched<'_>, key: KeyId) -> bool {
        let service = matched.text.split(':').next().and_then(|prefix| self.catalog.service(prefix));
        service.is_some_and(|service| service.actions().any(|action| action.carries(key)))
    }

    /// What is not listed in `NotAction` has services that know no tags.
    pub(super) fn tags_of_all(&mut self, test: &Test<'_>, key: Key<'a>, operator: Operator) {
        if !is_tag_key(key) || holds_without(operator, test) {
            return;
        }
        let (kind, outcome) = match self.at.effect {
            Effect::Deny => (FlawKind::TagKeyUnsupported, "denies"),
            Effect::Allow => (FlawKind::TagKeyNotForAll, "allows"),
            _ => return,
        };
        let message = format!(
            "`NotAction` takes in services that know no `{}`, so that the statement {outcome} nothing there",
            test.key
        );
        self.note(kind, test.key_node, test.key, message);
    }

    /// Checks that the services of a statement know its tag keys at all.
    pub(super) fn service_tags(&mut self, test: &Test<'_>, key: Key<'a>, matched: &[Matched<'a>]) {
        if !is_tag_key(key) {
            return;
        }
        let mut services: Vec<String> = matched
            .iter()
            .filter(|one| !one.actions.is_empty() && !self.service_knows(one, key.id))
            .filter_map(|one| one.text.split(':').next().map(str::to_ascii_lowercase))
            .collect();
        services.sort();
        services.dedup();
        let Some(operator) = test.operator else { return };
        if services.is_empty() || holds_without(operator, test) {
            return;
        }
        let outcome = if self.at.effect == Effect::Deny { "denies nothing" } else { "allows nothing" };
        let message =
            format!("{} knows no `{}`, so that the statement {outcome} there", listed(&services), test.key);
        let prefixes = services.iter().filter_map(|prefix| self.catalog.service(prefix));
        let own = prefixes.clone().any(|service| !service.actions().any(super::fit::tags_others));
        let flaw = self.note(FlawKind::TagKeyUnsupported, test.key_node, test.key, message);
        flaw.actions = services.into_iter().map(Into::into).collect();
        flaw.sure = own;
    }
}

/// What a test is where the request has no such key.
pub(super) fn holds_without(operator: Operator, test: &Test<'_>) -> bool {
    if operator.test == Comparison::Null {
        return test
            .values
            .iter()
            .any(|value| value.text.known().is_some_and(|text| text.eq_ignore_ascii_case("true")));
    }
    operator.when_absent()
}

/// Whether a key is about tags, which only some actions know although the key is global.
pub(super) fn is_tag_key(key: Key<'_>) -> bool {
    let name = key.name();
    name.starts_with("aws:ResourceTag/") || name.starts_with("aws:RequestTag/") || name == "aws:TagKeys"
}
