//! Paths from principals to stronger ones, step by step, in words and places.

use rayon::prelude::*;

use crate::catalog;
use crate::document::Condition;
use crate::document::Conditions;
use crate::document::NodeId;
use crate::iam::ActionSet;
use crate::iam::policy::Effect;
use crate::iam::strength;
use crate::model::EntityId;
use crate::model::Relation;

use super::reach::Graph;
use super::reach::Ground;
use super::reach::How;
use super::reach::More;
use super::reach::Step;

/// How many of the principals that one grant leads to are compared with its holder.
const COMPARED: usize = 48;

/// A path to a principal that may do more.
#[derive(Clone, Debug)]
pub(super) struct Path {
    /// What its holder would lose it with.
    pub(super) place: NodeId,
    /// The principal that it ends at; nothing where that is every permission.
    pub(super) to: Option<EntityId>,
    pub(super) message: String,
    /// How the first step that nobody planned works.
    pub(super) how: &'static str,
    pub(super) hops: usize,
    /// Whether the grant that it starts with is on every resource.
    pub(super) wide: bool,
    pub(super) administrator: bool,
    pub(super) steps: Vec<Place>,
    /// When it is there.
    pub(super) under: Condition,
}

/// A place that a path passes, and what is said of it.
pub(super) type Place = (NodeId, String);

/// What a principal reaches.
#[derive(Clone, Debug)]
pub(super) struct Reached {
    /// The principals whose rights it can get, the nearest first, and when.
    pub(super) principals: Vec<(EntityId, Condition)>,
    /// When it can give itself every permission.
    pub(super) everything: Condition,
    /// One path for each of its grants that leads to somebody stronger.
    pub(super) paths: Vec<Path>,
}

impl Default for Reached {
    fn default() -> Self {
        Self { principals: Vec::new(), everything: Condition::NEVER, paths: Vec::new() }
    }
}

impl Reached {
    /// Adds what is reached in a case.
    pub(super) fn add(&mut self, case: Self, under: Condition, conditions: &mut Conditions) {
        for (id, _) in case.principals {
            match self.principals.iter_mut().find(|(own, _)| *own == id) {
                Some((_, own)) => *own = conditions.or(*own, under),
                None => self.principals.push((id, under)),
            }
        }
        if !case.everything.is_never() {
            self.everything = conditions.or(self.everything, under);
        }
        for mut path in case.paths {
            let like = |own: &&mut Path| {
                (own.place, own.to, own.how, own.wide, own.administrator)
                    == (path.place, path.to, path.how, path.wide, path.administrator)
            };
            if let Some(own) = self.paths.iter_mut().find(like) {
                own.under = conditions.or(own.under, under);
            } else {
                path.under = under;
                self.paths.push(path);
            }
        }
    }
}

/// What each principal reaches, by position.
pub(super) fn work_out(ground: &Ground<'_>, graph: &Graph) -> Vec<Reached> {
    let strong = strength::embedded_strong_actions();
    (0..ground.ids.len()).into_par_iter().map(|index| reached(ground, graph, strong, index)).collect()
}

fn reached(ground: &Ground<'_>, graph: &Graph, strong: &ActionSet, start: usize) -> Reached {
    let mut out = Reached::default();
    if graph.steps.get(start).is_none_or(Vec::is_empty) {
        return out;
    }
    let found = graph.from(start);
    let before: rustc_hash::FxHashMap<usize, (usize, usize)> =
        found.iter().map(|&(to, from, step)| (to, (from, step))).collect();
    let mut groups: Vec<(NodeId, Best, usize)> = Vec::new();
    for &(to, ..) in &found {
        match ground.ids.get(to) {
            Some(id) => out.principals.push((*id, Condition::ALWAYS)),
            None => out.everything = Condition::ALWAYS,
        }
        let Some(chain) = chain(&before, start, to) else { continue };
        let Some(turn) =
            chain.iter().position(|&at| step_at(graph, at).is_some_and(|step| !step.is_planned()))
        else {
            continue;
        };
        let Some(first) = place_of(graph, &chain, ground, start) else { continue };
        let known = groups.iter().position(|(place, ..)| *place == first);
        let compared = known.and_then(|known| groups.get(known)).map_or(0, |(.., count)| *count);
        if compared >= COMPARED {
            if let Some((.., count)) = known.and_then(|known| groups.get_mut(known)) {
                *count += 1;
            }
            continue;
        }
        let Some(more) = excess(ground, strong, start, &chain, turn, to) else { continue };
        let best = Best { chain, turn, to, more };
        match known.and_then(|known| groups.get_mut(known)) {
            Some((_, old, count)) => {
                *count += 1;
                if best.rank() > old.rank() {
                    *old = best;
                }
            }
            None => groups.push((first, best, 1)),
        }
    }
    let make = |(place, best, count)| path(ground, graph, start, place, &best, count);
    out.paths = groups.into_iter().map(make).collect();
    out
}

/// The strongest principal that a grant leads to.
struct Best {
    chain: Vec<(usize, usize)>,
    /// The first step that nobody planned.
    turn: usize,
    to: usize,
    /// What that principal may do more.
    more: More,
}

impl Best {
    fn rank(&self) -> (bool, std::cmp::Reverse<usize>, usize) {
        let everything = matches!(self.more, More::Everything);
        let more = match &self.more {
            More::Actions(actions) => actions.len(),
            More::Everything => usize::MAX,
        };
        (everything, std::cmp::Reverse(self.chain.len()), more)
    }
}

fn step_at(graph: &Graph, (from, number): (usize, usize)) -> Option<&Step> {
    graph.steps.get(from)?.get(number)
}

/// The steps to a principal, from the start.
fn chain(
    before: &rustc_hash::FxHashMap<usize, (usize, usize)>,
    start: usize,
    to: usize,
) -> Option<Vec<(usize, usize)>> {
    let mut out = Vec::new();
    let mut at = to;
    while at != start {
        let &(from, step) = before.get(&at)?;
        out.push((from, step));
        at = from;
    }
    out.reverse();
    Some(out)
}

/// Where the first step is granted; where others grant it, the principal itself.
fn place_of(graph: &Graph, chain: &[(usize, usize)], ground: &Ground<'_>, start: usize) -> Option<NodeId> {
    let step = step_at(graph, *chain.first()?)?;
    match step.how {
        How::Trusted => ground.ids.get(start).and_then(|id| ground.inventory.entity(*id)).map(|one| one.node),
        _ => Some(step.place),
    }
}

/// What the end of a path may do that neither its start nor anybody whom it was planned to become may; nothing if there
/// is nothing.
fn excess(
    ground: &Ground<'_>,
    strong: &ActionSet,
    start: usize,
    chain: &[(usize, usize)],
    turn: usize,
    to: usize,
) -> Option<More> {
    let planned = chain.iter().take(turn + 1).map(|&(from, _)| from).filter(|from| *from != start);
    let mut rest = More::Everything;
    for own in std::iter::once(start).chain(planned) {
        if ground.is_administrator(own) {
            return None;
        }
        rest = match (rest, ground.excess(strong, own, to)) {
            (More::Actions(mut rest), More::Actions(more)) => {
                rest.intersect_with(&more);
                More::Actions(rest)
            }
            (More::Everything, more) => more,
            (rest, More::Everything) => rest,
        };
    }
    match rest {
        More::Actions(rest) if rest.is_empty() => None,
        rest => Some(rest),
    }
}

/// A path in words.
fn path(ground: &Ground<'_>, graph: &Graph, start: usize, place: NodeId, best: &Best, count: usize) -> Path {
    let mut steps = Vec::new();
    for (position, &(from, number)) in best.chain.iter().enumerate() {
        let to = best.chain.get(position + 1).map_or(best.to, |&(next, _)| next);
        tell(ground, graph, from, number, to, &mut steps);
    }
    let name = |index: usize| name(ground, index);
    let through: Vec<String> =
        best.chain.iter().skip(1).map(|&(from, _)| format!("`{}`", name(from))).collect();
    let through =
        if through.is_empty() { String::new() } else { format!(" by way of {}", through.join(", ")) };
    let first = best.chain.get(best.turn).and_then(|&at| step_at(graph, at));
    let manner = first.map(|step| manner(&step.how)).unwrap_or_default();
    let others = match count.saturating_sub(1) {
        0 => String::new(),
        1 => ", and another one".to_owned(),
        others => format!(", and {others} others"),
    };
    let may = match &best.more {
        More::Everything => "do everything".to_owned(),
        More::Actions(actions) => some(actions),
    };
    let end = match ground.ids.get(best.to) {
        None => "can give itself every permission".to_owned(),
        Some(_) => format!("can become `{}`, which may {may}{others}", name(best.to)),
    };
    if let Some(entity) = ground.ids.get(best.to).and_then(|id| ground.inventory.entity(*id)) {
        steps.push((entity.node, format!("`{}` may {may}", name(best.to))));
    }
    Path {
        place,
        to: ground.ids.get(best.to).copied(),
        message: format!("`{}` {end}{through}{manner}", name(start)),
        how: first.map_or("", |step| step.how.name()),
        hops: best.chain.len(),
        wide: best.chain.first().and_then(|&at| step_at(graph, at)).is_some_and(|step| step.wide),
        administrator: matches!(best.more, More::Everything),
        steps,
        under: Condition::ALWAYS,
    }
}

fn manner(how: &How) -> String {
    match how {
        How::Trusted | How::Assume => " (it may assume every role)".to_owned(),
        How::Pass { actions, service: Some(service), .. } => {
            format!(" ({actions}, and a role passed to `{service}`)")
        }
        How::Pass { actions, service: None, .. } => format!(" ({actions}, and a role passed)"),
        How::Use { actions, .. } => format!(" ({actions})"),
        How::TakeOver { action } | How::Raise { action } => format!(" (`{action}`)"),
        How::Join => " (`iam:AddUserToGroup`)".to_owned(),
    }
}

/// What a set of actions is: the service by name, and an action where it is the only one.
fn some(actions: &ActionSet) -> String {
    let catalog = catalog::embedded();
    let mut services: Vec<(bool, usize, String, String)> = Vec::new();
    for id in actions.iter() {
        let action = catalog.action_at(id);
        let prefix = action.service().prefix();
        let telling = action.manages_permissions() || action.returns_credentials();
        match services.last_mut().filter(|one| one.2 == prefix) {
            Some(one) => {
                one.0 |= telling;
                one.1 += 1;
            }
            None => services.push((telling, 1, prefix.to_owned(), action.full_name().to_owned())),
        }
    }
    services.sort_by(|one, other| (!one.0, &one.2).cmp(&(!other.0, &other.2)));
    let mut shown: Vec<String> = services
        .iter()
        .take(3)
        .map(|(_, count, service, action)| match count {
            1 => format!("`{action}`"),
            count => format!("{count} actions of `{service}`"),
        })
        .collect();
    match services.len().saturating_sub(3) {
        0 => {}
        1 => shown.push("those of another service".to_owned()),
        more => shown.push(format!("those of {more} more services")),
    }
    match shown.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, first)) => format!("{} and {last}", first.join(", ")),
        None => String::new(),
    }
}

fn name(ground: &Ground<'_>, index: usize) -> String {
    let entity = ground.ids.get(index).and_then(|id| ground.inventory.entity(*id));
    let resource = entity.and_then(|entity| ground.inventory.resource(entity.resource));
    resource.map(|resource| resource.id.to_string()).unwrap_or_default()
}

/// One step, in words and places.
fn tell(ground: &Ground<'_>, graph: &Graph, from: usize, number: usize, to: usize, out: &mut Vec<Place>) {
    let Some(step) = step_at(graph, (from, number)) else { return };
    let (own, other) = (name(ground, from), name(ground, to));
    match &step.how {
        How::Trusted => out.push((step.place, format!("`{other}` lets `{own}` assume it"))),
        How::Assume => {
            out.push((step.place, format!("`{own}` may assume `{other}`")));
            let trust = trust_of(ground, to, None);
            out.extend(trust.map(|node| (node, format!("`{other}` trusts whoever its account lets"))));
        }
        How::Pass { actions, service, pass } => {
            out.push((step.place, format!("`{own}` may {actions}")));
            let service = service.as_deref();
            let target = service.map(|service| format!(" to `{service}`")).unwrap_or_default();
            out.extend(pass.map(|node| (node, format!("and pass `{other}`{target}"))));
            let trust = service.and_then(|service| trust_of(ground, to, Some(service)));
            let says = format!("the service acts as `{other}`, and does what `{own}` says");
            out.extend(trust.map(|node| (node, says)));
        }
        How::Use { actions, user } => {
            out.push((step.place, format!("`{own}` may {actions}")));
            let user = user.or_else(|| profile_of(ground, to));
            let entity = user.and_then(|id| ground.inventory.entity(id));
            if let Some(entity) = entity {
                let resource = ground.inventory.resource(entity.resource);
                let id = resource.map(|resource| resource.id.to_string()).unwrap_or_default();
                out.push((entity.node, format!("`{id}` has the role `{other}`")));
            }
        }
        How::TakeOver { action } => {
            out.push((step.place, format!("`{own}` may `{action}` for `{other}`, and then use it")));
        }
        How::Join => out.push((step.place, format!("`{own}` may put itself into `{other}`"))),
        How::Raise { action } => {
            out.push((
                step.place,
                format!("`{own}` may `{action}` for itself, and so can give itself every permission"),
            ));
        }
    }
}

fn profile_of(ground: &Ground<'_>, role: usize) -> Option<EntityId> {
    let id = ground.ids.get(role)?;
    ground.inventory.links_to(*id, Relation::Contains).next().map(|link| link.from)
}

/// The statement of a trust policy that lets a service, or the account, assume a role.
fn trust_of(ground: &Ground<'_>, role: usize, service: Option<&str>) -> Option<NodeId> {
    let trust = ground.trusts.get(role)?.as_ref()?;
    let allowing = trust.statements.iter().filter(|one| one.effect == Effect::Allow);
    let mut principals = allowing.flat_map(|one| one.principals.iter().flat_map(|all| &all.values));
    let found = principals.find(|one| match service {
        Some(service) => one.value.text.is(service),
        None => one.value.text.is("*") || one.value.text.display().ends_with(":root"),
    });
    found.map(|one| one.value.node)
}
