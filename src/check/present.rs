//! From a rule's answer to a finding that a person can act on.

use std::borrow::Cow;
use std::hash::BuildHasher;
use std::sync::{Arc, OnceLock};

use rustc_hash::FxBuildHasher;

use crate::document::{Condition, HoleKind, Location, NodeId, Piece, Reason, Step, Tree, View};
use crate::facts::Facts;
use crate::ingest::{Configuration, InputKind, Unit};
use crate::model::{Change, EntityId, Inventory, Resource, ResourceId};
use crate::rules::{Check, Line, Program, Rule, RuleId, Status, Worlds};

use super::draft::{self, Affected, Draft, Stance};
use super::finding::{Detail, Details, Surroundings};
use super::fingerprint::Fingerprint;
use super::pipeline::Request;
use super::repair::{Known, Mender};
use super::{Finding, FindingChange, FindingStatus, Severity, fingerprint};

/// More related places of one sort than this are only counted.
const RELATED: usize = 4;
/// Longer evidence is cut.
const EVIDENCE: usize = 400;

/// What a rule has to say, before it is put in words.
#[derive(Debug)]
pub(super) struct Raised {
    /// What of the rule says so.
    pub(super) line: Line,
    pub(super) check: Check,
    /// Other entities of which the same is true.
    pub(super) others: Vec<NodeId>,
}

/// What findings are about.
#[derive(Clone, Copy)]
pub(super) struct About<'u> {
    pub(super) unit: &'u Unit,
    /// The state before or after the deployment.
    pub(super) inventory: &'u Inventory,
    pub(super) facts: &'u Facts,
    pub(super) program: &'u Program,
}

/// Knows everything about a unit that findings say.
pub(super) struct Presenter<'u> {
    pub(super) about: About<'u>,
    worlds: &'u Worlds,
    stance: &'u Stance<'u>,

    explain: bool,
    request: &'u Request,
    known: Known<'u>,
    surroundings: Surroundings,
    texts: &'u AllTexts,
    /// The name of the input.
    input: Arc<str>,
    /// Whether a resource exists only sometimes.
    conditional: bool,
}

/// What all findings of each rule say, put together for the first of them.
#[derive(Debug)]
pub(super) struct AllTexts(Vec<OnceLock<Texts>>);

impl AllTexts {
    /// Those of a program's rules.
    pub(super) fn new(program: &Program) -> Self {
        Self(program.rules().iter().map(|_| OnceLock::new()).collect())
    }

    fn of(&self, program: &Program, rule: RuleId) -> Texts {
        let (Some(slot), Some(rule)) = (self.0.get(rule.index()), program.rule(rule)) else {
            return Texts::default();
        };
        slot.get_or_init(|| Texts::of(rule)).clone()
    }
}

/// What all findings of a rule say.
#[derive(Clone, Debug, Default)]
struct Texts {
    id: Arc<str>,
    name: Arc<str>,
    title: Arc<str>,
    remediation: Arc<str>,
}

impl Texts {
    fn of(rule: &Rule) -> Self {
        let text = |text: &Option<Box<str>>| Arc::from(text.as_deref().unwrap_or_default());
        let metadata = rule.metadata();
        Self {
            id: rule.id().into(),
            name: rule.name().into(),
            title: text(&metadata.title),
            remediation: text(&metadata.remediation),
        }
    }
}

impl<'u> Presenter<'u> {
    pub(super) fn new(
        about: About<'u>,
        worlds: &'u Worlds,
        request: &'u Request,
        (stance, texts): (&'u Stance<'u>, &'u AllTexts),
        conditional: bool,
    ) -> Self {
        // The values beside a value in a plan may be secrets.
        let surroundings = match about.unit.kind {
            InputKind::TerraformPlan | InputKind::TerraformState => Surroundings::Value,
            _ => Surroundings::Line,
        };
        Self {
            about,
            worlds,
            stance,

            explain: request.explain,
            request,
            known: Known::default(),
            surroundings,
            texts,
            input: Arc::from(&*about.unit.name),
            conditional,
        }
    }

    fn tree(&self) -> &'u Tree {
        &self.about.facts.tree
    }

    /// The node that was written where a node stands.
    pub(super) fn written(&self, node: NodeId) -> NodeId {
        self.tree().written(node).unwrap_or(node)
    }

    /// When something is so: the resource that it stands in must exist, and the one that was judged.
    pub(super) fn when(&self, check: &Check) -> Condition {
        if !self.conditional {
            return check.under;
        }
        let resources = self.resources(check, &self.tree().trail(check.node)).into_iter().flatten();
        let resources = resources.filter_map(|id| self.about.inventory.resource(id));
        let under = resources.fold(check.under, |all, one| self.worlds.and(all, one.under));
        let deployed = self.worlds.and(under, self.about.unit.premise);
        if deployed.is_never() { deployed } else { under }
    }

    /// Whether a value stands somewhere below another, by an alias or by place.
    fn holds(&self, top: NodeId, node: NodeId) -> bool {
        let wanted = self.written(node);
        let mut seen = rustc_hash::FxHashSet::default();
        let mut stack = vec![top];
        while let Some(node) = stack.pop() {
            if node == wanted {
                return true;
            }
            match self.tree().view(node) {
                _ if !seen.insert(node) => {}
                View::List(list) => stack.extend(list.iter()),
                View::Map(map) => stack.extend(map.iter().map(|(_, _, value)| value)),
                _ => {}
            }
        }
        false
    }

    /// The resource that a person would change, and the one that declares what was judged; often the same.
    fn resources(&self, check: &Check, trail: &[(Option<Step<'_>>, NodeId)]) -> [Option<ResourceId>; 2] {
        let inventory = self.about.inventory;
        let owner = check.entity.and_then(|entity| self.resource_of(entity));
        let around = trail.iter().rev().find_map(|(_, node)| inventory.resource_at(*node));
        // Of several resources that a loop makes at one place, or that share what an anchor names, the one that was
        // judged.
        let place = |id: Option<ResourceId>| Some(self.written(inventory.resource(id?)?.node));
        let is_shared =
            || self.tree().has_aliases() && place(owner).is_some_and(|top| self.holds(top, check.node));
        let of_owner = place(owner) == place(around) || is_shared();
        let resource = if of_owner { owner.or(around) } else { around.or(owner) };
        [resource, owner]
    }

    /// A value and what is around it, up to the resource that declares it.
    pub(super) fn within_resource(&self, node: NodeId) -> Vec<NodeId> {
        let mut around = self.tree().ancestors(node);
        let resource = around.iter().rposition(|&one| self.about.inventory.resource_at(one).is_some());
        around.drain(..resource.map_or(around.len().saturating_sub(1), |at| at));
        around
    }

    /// What a value stands for: what is said of `*` in a statement is said of the whole statement.
    pub(super) fn extent(&self, node: NodeId) -> NodeId {
        let written = self.written(node);
        // A record stands at the value that it is about, and that may stand at the function that made it.
        let mut chain = std::iter::successors(Some(node), |&node| self.tree().derived_at(node));
        if !chain.any(|node| matches!(self.tree().string(node), Some("*" | "*:*"))) {
            return written;
        }
        let node = written;
        let around = self.tree().ancestors(node);
        let statement = around.into_iter().rev().find(|&one| self.tree().get(one, "Effect").is_some());
        statement.unwrap_or(node)
    }

    /// What the rule says, or else its title.
    fn message(&self, raised: &mut Raised) -> String {
        if !raised.check.message.is_empty() {
            return std::mem::take(&mut raised.check.message);
        }
        let Some(rule) = self.about.program.rule(raised.line.rule) else { return String::new() };
        rule.metadata().title.as_deref().unwrap_or(rule.name()).to_owned()
    }

    /// The finding, but for what depends on other parts of the input.
    pub(super) fn draft(&self, mut raised: Raised) -> Draft {
        let tree = self.tree();
        let asks = if raised.check.message.is_empty() { ":" } else { " whether" };
        let said = FxBuildHasher.hash_one(&raised.check.message);
        let message = self.message(&mut raised);
        let raised = &raised;
        let check = &raised.check;
        let texts = self.texts.of(self.about.program, raised.line.rule);
        let trail = tree.trail(check.node);
        let [resource, owner] = self.resources(check, &trail);
        let of = |id: Option<ResourceId>| id.and_then(|id| self.about.inventory.resource(id));
        let sensitive = tree.is_sensitive(check.node);
        let (message, doubt) = match check.status {
            Status::Unknown => {
                let doubt = self.doubt(check);
                let colon = if doubt.is_empty() { "" } else { ": " };
                (format!("not decided{asks} {message}{colon}{doubt}"), doubt)
            }
            _ => (message, String::new()),
        };
        let address = of(resource).map_or("", |one| &one.id);
        let configuration = self.about.unit.configuration.as_deref().map(|found| (found, address));
        let mended = self.is_mended(raised.line.rule, check);
        let offer = self.mender(configuration).mend(check.node, if mended { &check.fixes } else { &[] });
        let affected = self.affected(raised, resource);
        let mut finding = Finding {
            rule: texts.id,
            name: texts.name,
            status: if check.status == Status::Unknown {
                FindingStatus::Unknown
            } else {
                FindingStatus::Fail
            },
            severity: Severity::Medium,
            title: texts.title,
            message,
            entity: of(resource).map_or_else(|| self.about.unit.name.clone(), |one| one.id.clone()),
            entity_kind: self.entity_kind(check, resource),
            resource: of(resource).and_then(|one| self.key_of(one)),
            place: self.location(check.node),
            pointer: tree.pointer_of(&trail),
            evidence: self.evidence(check.node),
            surroundings: if sensitive { Surroundings::Nothing } else { self.surroundings },
            under: Vec::new(),
            related: self.related(check, resource),
            remediation: texts.remediation,
            fixes: offer.fixes,
            input: self.input_of(resource),
            fingerprint: Fingerprint::default(),
            change: of(resource).and_then(|one| self.change(one)),
            details: Details::from(Detail {
                doubt,
                owner: of(owner).filter(|_| owner != resource).map(|one| one.id.clone()),
                construct: of(resource).and_then(construct_of),
                flow: self.flow(check),
                obstacle: offer.obstacle,
                origin: if self.explain { super::origin::of(tree, check.node) } else { Vec::new() },
            }),
        };
        let own = finding.related.len();
        if let Some(entity) = check.entity {
            finding.related.extend(self.users(entity, resource));
        }
        finding.fingerprint = fingerprint::of(&finding, &self.keys(&trail));
        Draft {
            line: raised.line,
            status: check.status,
            under: check.under,
            severity: check.severity,
            place: self.written(check.node),
            said,
            entity: check.entity.and_then(|entity| self.entity_of(entity)),
            resource,
            own,
            affected,
            mended,
            ground: self.stance.ground(self, raised),
            finding: Box::new(finding),
        }
    }

    /// Whether somebody wants to know what can be done about a finding.
    fn is_mended(&self, rule: RuleId, check: &Check) -> bool {
        let severity = || draft::severity(self.about.program, &self.request.config, rule, check.severity);
        self.request.fixes_from.is_none_or(|least| severity() >= least)
    }

    /// The input that declares a resource, where several were read as one.
    fn input_of(&self, resource: Option<ResourceId>) -> Arc<str> {
        let parts = &self.about.unit.parts;
        let part =
            resource.and_then(|id| parts.iter().find(|(_, resources)| resources.contains(&id.index())));
        part.map_or_else(|| Arc::clone(&self.input), |(name, _)| Arc::from(&**name))
    }

    fn mender<'a>(&'a self, configuration: Option<(&'a Configuration, &'a str)>) -> Mender<'a, 'u> {
        Mender {
            tree: self.tree(),
            kind: self.about.unit.kind,
            configuration,
            verify: self.request.verify_fixes,
            proving: false,
            known: &self.known,
        }
    }

    /// Whether something is new, by what a change set does to its resource; what there was before says more, where it is
    /// known.
    fn change(&self, resource: &Resource) -> Option<FindingChange> {
        let is_template = matches!(self.about.unit.kind, InputKind::CloudFormation | InputKind::Sam);
        match resource.change {
            Change::Create if is_template => Some(FindingChange::New),
            Change::NoOp if is_template => Some(FindingChange::Existing),
            _ => None,
        }
    }

    /// Why something is not decided.
    fn doubt(&self, check: &Check) -> String {
        match (self.tree().view(check.node), check.reason) {
            (View::Unknown(unknown), _) if !unknown.blocker.is_empty() => {
                let name = unknown.blocker.strip_prefix("${").and_then(|name| name.strip_suffix('}'));
                format!("`{}` is {}", name.unwrap_or(&unknown.blocker), unknown.reason.phrase())
            }
            (View::Text([Piece::Hole(hole)]), _) => format!("`{}` is {}", hole.name, open_hole(&hole.kind)),
            (View::Text(_), _) => format!("`{}` is not fully known", self.tree().display(check.node)),
            (_, Some(reason)) => format!("the value is {}", reason.phrase()),
            (_, None) => String::new(),
        }
    }

    fn entity_of(&self, entity: NodeId) -> Option<EntityId> {
        self.about.facts.entities.get(&entity).copied()
    }

    /// The resource that declares the entity of a facts node.
    fn resource_of(&self, entity: NodeId) -> Option<ResourceId> {
        Some(self.about.inventory.entity(self.entity_of(entity)?)?.resource)
    }

    /// What the resource to change is: the kind of what it declares, or of the entity that was judged.
    fn entity_kind(&self, check: &Check, resource: Option<ResourceId>) -> Cow<'static, str> {
        let inventory = &self.about.inventory;
        let judged = check.entity.and_then(|entity| self.about.facts.entities.get(&entity)).copied();
        let judged = judged.and_then(|id| inventory.entity(id));
        let declared = resource.and_then(|id| inventory.declared_by(id).first().copied());
        match (judged, declared.and_then(|id| inventory.entity(id)), resource) {
            (Some(judged), _, Some(resource)) if judged.resource == resource => judged.kind.name().into(),
            (_, Some(declared), _) => declared.kind.name().into(),
            (_, _, Some(resource)) => {
                inventory.resource(resource).map_or_else(Cow::default, |one| one.ty.to_string().into())
            }
            (Some(judged), ..) => judged.kind.name().into(),
            _ => self.about.unit.kind.as_str().into(),
        }
    }

    /// The text of a value; nothing for a map, which is no single value, for what stands nowhere, and for what is
    /// sensitive.
    fn evidence(&self, node: NodeId) -> String {
        let tree = self.tree();
        let is_map = |node: NodeId| matches!(tree.view(node), View::Map(_));
        // A record stands for what was written at its place; so does a word that was worked out of it.
        let is_word = matches!(tree.view(node), View::String(_)) && tree.derivation(node).is_none();
        let node = match self.stood_for(node) {
            _ if is_map(node) => self.written(node),
            about if is_word && matches!(tree.view(about), View::String(_) | View::Text(_)) => about,
            _ => node,
        };
        let shown = match tree.view(node) {
            View::Map(_) => false,
            View::List(list) => !list.iter().any(is_map),
            // Counted or worked out, and nowhere to be read.
            View::Bool(_) | View::Number(_) => self.written(node) == node || tree.derivation(node).is_some(),
            _ => true,
        };
        if shown && !tree.is_sensitive(node) { cut(tree.display(node)) } else { String::new() }
    }

    /// The value whose place one takes that was worked out.
    fn stood_for(&self, node: NodeId) -> NodeId {
        let mut at = node;
        while self.tree().derivation(at).is_none() {
            match self.tree().stands_at(at) {
                Some(next) => at = next,
                None => break,
            }
        }
        at
    }

    /// The keys that lead to a value from the resource that declares it, without positions in lists. What a plan puts
    /// around the attributes of a resource is left out, so that a value has the same keys before and after.
    fn keys(&self, trail: &[(Option<Step<'_>>, NodeId)]) -> String {
        let resource = trail.iter().position(|(_, one)| self.about.inventory.resource_at(*one).is_some());
        // The first node of the trail is the root, to which no step leads.
        let steps = trail.iter().skip(1).filter_map(|(step, _)| step.as_ref()).skip(resource.unwrap_or(0));
        let keys = steps.filter_map(|step| if let Step::Key(key) = step { Some(*key) } else { None });
        let keys =
            keys.skip_while(|key| matches!(*key, "change" | "after" | "after_unknown" | "before" | "values"));
        keys.collect::<Vec<_>>().join("/")
    }

    fn location(&self, node: NodeId) -> Option<Location> {
        self.tree().location(node)
    }

    /// The key under which a resource is declared; in a plan, the resource itself.
    fn key_of(&self, resource: &Resource) -> Option<Location> {
        let node = self.written(resource.node);
        self.location(self.tree().key_of(node).unwrap_or(node))
    }

    /// Other places that matter: where the value comes from.
    fn related(&self, check: &Check, resource: Option<ResourceId>) -> Vec<(Location, String)> {
        let mut out = Vec::new();
        self.mended(check.node, resource, &mut out);
        self.origins(check.node, &mut out);
        out
    }

    /// Other entities of which the same is true, each with the places of who has it and who uses that.
    fn affected(&self, raised: &Raised, resource: Option<ResourceId>) -> Vec<Affected> {
        let affected = |&node: &NodeId| {
            let places = Some(self.users(node, resource));
            Some(Affected { entity: self.entity_of(node)?, places })
        };
        raised.others.iter().filter_map(affected).collect()
    }

    /// Who has an entity and who uses that, beside the resource to change.
    pub(super) fn users(&self, entity: NodeId, resource: Option<ResourceId>) -> Vec<(Location, String)> {
        let mut out = Vec::new();
        if self.resource_of(entity) != resource {
            self.add(entity, |kind, id| format!("affects the {kind} `{id}`"), &mut out);
        }
        for (attribute, phrase) in USES {
            let users = self.tree().get(entity, attribute).and_then(|node| self.tree().list(node));
            let users = users.into_iter().flat_map(crate::document::List::iter);
            // A role that has a policy inline is where the policy stands.
            let users: Vec<NodeId> =
                users.filter(|&user| self.resource_of(self.chosen(user)) != resource).collect();
            for &user in users.iter().take(RELATED) {
                self.add(self.chosen(user), |_, id| format!("`{id}` {phrase}"), &mut out);
            }
            if let (Some(more @ 1..), Some((place, last))) =
                (users.len().checked_sub(RELATED), out.last().cloned())
            {
                out.pop();
                out.push((place, format!("{last}, and {more} more")));
            }
        }
        out
    }

    /// The path that the record says a value takes.
    fn flow(&self, check: &Check) -> Vec<(Location, String)> {
        let tree = self.tree();
        // What a block is about, or the record itself that should not be there.
        let records = check.within.into_iter().chain([check.node]);
        let path = { records }.find_map(|record| tree.list(tree.get(record, "path")?));
        let hop = |hop: NodeId| Some((tree.location(hop)?, tree.string(tree.get(hop, "what")?)?.to_owned()));
        path.into_iter().flat_map(crate::document::List::iter).filter_map(hop).collect()
    }

    /// Adds the place in the configuration that a person changes, where a finding points to a plan.
    fn mended(&self, node: NodeId, resource: Option<ResourceId>, out: &mut Vec<(Location, String)>) {
        let Some(configuration) = &self.about.unit.configuration else { return };
        let address = resource.and_then(|id| self.about.inventory.resource(id)).map_or("", |one| &one.id);
        let found = configuration.locate(self.tree(), node, address);
        let own = self.location(node);
        let is_own = |place: &Location| {
            own.as_ref()
                .is_some_and(|own| Arc::ptr_eq(&own.source, &place.source) && own.start == place.start)
        };
        if let Some(place) = found.filter(|place| !is_own(place)) {
            out.push((place, "the configuration says so here".to_owned()));
        }
    }

    /// Adds an entity or a reference to one.
    fn add(&self, node: NodeId, words: impl FnOnce(&str, &str) -> String, out: &mut Vec<(Location, String)>) {
        let text = |key: &str| self.tree().get(node, key).and_then(|node| self.tree().scalar(node));
        let (Some(id), Some(place)) = (text("id"), self.location(node)) else { return };
        let kind = text("kind").unwrap_or("entity").replace('_', " ");
        out.push((place, words(&kind, id)));
    }

    /// The value of a choice that has only one.
    fn chosen(&self, node: NodeId) -> NodeId {
        match self.tree().view(node) {
            View::Choice(all) => all.iter().find_map(|one| one.value).unwrap_or(node),
            _ => node,
        }
    }

    /// Where a value was written that a reference brings here.
    fn origins(&self, node: NodeId, out: &mut Vec<(Location, String)>) {
        let Some(here) = self.location(node) else { return };
        let mut at = node;
        for _ in 0..8 {
            let Some(derivation) = self.tree().derivation(at) else { break };
            let Some(&from) = derivation.from.first() else { break };
            at = from;
        }
        let Some(there) = self.location(at) else { return };
        let inside =
            Arc::ptr_eq(&there.source, &here.source) && there.start >= here.start && there.end <= here.end;
        if at != node && !inside {
            out.push((there, "the value comes from here".to_owned()));
        }
    }
}

/// The path of the construct that makes a resource: a path has steps, which a logical id has not.
fn construct_of(resource: &Resource) -> Option<Box<str>> {
    resource.alias.clone().filter(|alias| alias.contains('/'))
}

/// What keeps a hole from being filled.
fn open_hole(kind: &HoleKind) -> &'static str {
    match kind {
        HoleKind::Parameter { .. } => Reason::Parameter.phrase(),
        HoleKind::Any(reason) => reason.phrase(),
        HoleKind::Dynamic => Reason::Account.phrase(),
        _ => "known only after deployment",
    }
}

/// Attributes of entities that say who uses them, and what these do.
const USES: [(&str, &str); 4] = [
    ("instance_profiles", "contains the role"),
    ("nodes", "runs with the role"),
    ("used_by", "uses the role"),
    ("owners", "has the policy"),
];

pub(super) fn cut(mut text: String) -> String {
    if text.len() > EVIDENCE {
        let end = (0..=EVIDENCE).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
        text.truncate(end);
        text.push('…');
    }
    text
}
