//! What nodes do when they start: what their user data calls for.

use crate::document::{HoleKind, NodeId, Piece, Tree, View};
use crate::model::{EntityId, Inventory, Relation};
use crate::ssm::statement::{PARTITION, REGION};
use crate::ssm::stored::{StoredRead, is_stand_in, stored_reads};

use super::nodes::{agent, parameter_arn};
use super::resource::Resource;
use super::{Demand, Need, Purpose, Scope, name_of};

/// The first letter that stands for a hole of a text; each following one for the next hole.
const FIRST: u32 = 0xe000;

/// What the user data of the nodes of a role starts and reads.
pub(super) fn started(tree: &Tree, inventory: &Inventory, role: EntityId) -> Vec<Demand> {
    let mut out = Vec::new();
    for (node, data) in user_data(inventory, role) {
        let shown = tree.display(data);
        let by = name_of(inventory, node);
        if shown.contains("amazon-cloudwatch-agent") {
            let why = format!("the user data of `{by}` starts the CloudWatch agent");
            out.extend(agent(&by, data, &why));
        }
        if stored_reads(&shown).is_empty() {
            continue;
        }
        let script = Script::of(tree, inventory, data);
        let needs: Vec<Need> =
            stored_reads(&script.text).iter().flat_map(|read| script.needs(read)).collect();
        if !needs.is_empty() {
            let why = format!("the user data of `{by}` reads stored parameters");
            let place = tree.written(data).unwrap_or(data);
            out.push(Demand { purpose: Purpose::UserData, needs, by, place, why, inferred: false });
        }
    }
    out
}

/// The user data of the nodes that have a role.
fn user_data(inventory: &Inventory, role: EntityId) -> Vec<(EntityId, NodeId)> {
    let profiles = inventory.links_to(role, Relation::Contains);
    let nodes = profiles.flat_map(|profile| inventory.links_to(profile.from, Relation::Profile));
    let nodes = nodes.map(|link| link.from);
    nodes.filter_map(|node| Some((node, inventory.entity(node)?.get("user_data")?))).collect()
}

/// A script in which letters of private use stand for what is decided elsewhere.
#[derive(Default)]
struct Script {
    text: String,
    /// What each of these letters stands for: a reference, or nothing that could be written.
    holes: Vec<Option<String>>,
}

impl Script {
    /// User data, as it is written where references in it can be told: a parameter's default is not what every
    /// deployment has.
    fn of(tree: &Tree, inventory: &Inventory, data: NodeId) -> Self {
        let mut script = Self::default();
        let written = tree.written(data).filter(|&at| !tree.is_sensitive(data) && call(tree, at).is_some());
        if written.is_some_and(|written| script.write(tree, inventory, written, 0)) {
            return script;
        }
        let mut script = Self::default();
        match tree.view(data) {
            View::Text(pieces) => script.pieces(tree, inventory, pieces),
            _ => script.text.push_str(&tree.display(data)),
        }
        script
    }

    /// Adds what a template writes; whether that is all of functions that put texts together.
    fn write(&mut self, tree: &Tree, inventory: &Inventory, node: NodeId, depth: usize) -> bool {
        if depth > 8 {
            return false;
        }
        let Some((function, argument)) = call(tree, node) else {
            let Some(text) = tree.string(node).filter(|_| tree.tag(node).is_none()) else { return false };
            self.text.push_str(text);
            return true;
        };
        let inner = |script: &mut Self, node| script.write(tree, inventory, node, depth + 1);
        match (function, tree.view(argument)) {
            ("Base64", _) if argument != node => inner(self, argument),
            ("Base64" | "Sub", View::String(text)) => {
                let text = text.to_owned();
                if function == "Base64" {
                    self.text.push_str(&text);
                } else {
                    self.substitute(inventory, tree, &text, None);
                }
                true
            }
            ("Sub", View::List(list)) => match (list.get(0), list.get(1)) {
                (Some(text), Some(map)) => {
                    let text = tree.string(text).unwrap_or("").to_owned();
                    self.substitute(inventory, tree, &text, Some(map));
                    true
                }
                _ => false,
            },
            ("Join", View::List(list)) => {
                let (Some(between), Some(parts)) = (list.get(0), list.get(1).and_then(|all| tree.list(all)))
                else {
                    return false;
                };
                let between = tree.string(between).unwrap_or("").to_owned();
                parts.iter().enumerate().all(|(index, part)| {
                    if index > 0 {
                        self.text.push_str(&between);
                    }
                    inner(self, part)
                })
            }
            ("Ref", View::String(name)) => {
                let name = name.to_owned();
                self.refer(inventory, tree, &name);
                true
            }
            ("GetAtt", View::String(_) | View::List(_)) => {
                self.hole(None);
                true
            }
            _ => false,
        }
    }

    /// Adds a text of `Fn::Sub`.
    fn substitute(&mut self, inventory: &Inventory, tree: &Tree, text: &str, own: Option<NodeId>) {
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once("${") {
            self.text.push_str(before);
            let Some((name, tail)) = behind.split_once('}') else {
                self.text.push_str("${");
                rest = behind;
                continue;
            };
            if let Some(name) = name.strip_prefix('!') {
                self.text.push_str(&format!("${{{name}}}"));
            } else if let Some(own) = own.and_then(|map| tree.get(map, name)) {
                let before = self.text.len();
                if !self.write(tree, inventory, own, 1) {
                    self.text.truncate(before);
                    self.hole(None);
                }
            } else {
                self.refer(inventory, tree, name.trim());
            }
            rest = tail;
        }
        self.text.push_str(rest);
    }

    /// Adds a reference: the name of a stored parameter of the input that has one, or a hole.
    fn refer(&mut self, inventory: &Inventory, tree: &Tree, name: &str) {
        match inventory.resources().iter().find(|resource| &*resource.id == name) {
            Some(resource) => {
                let known = stored_name(inventory, tree, resource.node);
                match known {
                    Some(known) => self.text.push_str(&known),
                    None => self.hole(None),
                }
            }
            None => self.hole(Some(name.to_owned()).filter(|name| !name.contains('.'))),
        }
    }

    fn pieces(&mut self, tree: &Tree, inventory: &Inventory, pieces: &[Piece]) {
        for piece in pieces {
            let hole = match piece {
                Piece::Literal(text) => {
                    self.text.push_str(text);
                    continue;
                }
                Piece::Hole(hole) => hole,
            };
            let named = match hole.kind {
                HoleKind::Name { resource } => stored_name(inventory, tree, resource),
                _ => None,
            };
            match (&hole.kind, named) {
                (_, Some(name)) => self.text.push_str(&name),
                (HoleKind::Partition, _) => self.hole(Some("AWS::Partition".to_owned())),
                (HoleKind::Region, _) => self.hole(Some("AWS::Region".to_owned())),
                (HoleKind::Account, _) => self.hole(Some("AWS::AccountId".to_owned())),
                _ => self.hole(None),
            }
        }
    }

    fn hole(&mut self, name: Option<String>) {
        let letter = u32::try_from(self.holes.len()).ok().and_then(|at| char::from_u32(FIRST + at));
        match letter.filter(|letter| is_stand_in(*letter)) {
            Some(letter) => {
                self.text.push(letter);
                self.holes.push(name);
            }
            None => self.text.push('$'),
        }
    }

    /// What a call must be allowed.
    fn needs(&self, read: &StoredRead) -> Vec<Need> {
        let mut arns = Vec::new();
        let mut open = read.open;
        for name in &read.names {
            let Some(arn) = self.arn(name) else {
                open = true;
                continue;
            };
            if read.action == "ssm:GetParametersByPath" && !arn.ends_with('*') {
                let path = arn.trim_end_matches('/').to_owned();
                arns.extend([path.clone(), format!("{path}/*")]);
            } else {
                arns.push(arn);
            }
        }
        let mut out = Vec::new();
        if open {
            let on = Scope::Unknown("the user data works out which parameters it reads".to_owned());
            out.push(Need { action: read.action.to_owned(), on, conditions: Vec::new() });
        }
        if !arns.is_empty() {
            let all = arns.into_iter().map(Resource::of).collect();
            out.push(Need { action: read.action.to_owned(), on: Scope::These(all), conditions: Vec::new() });
        }
        out
    }

    /// The ARN of a stored parameter by its name or ARN; nothing where it begins with what is not known.
    fn arn(&self, name: &str) -> Option<String> {
        let is_arn = name.starts_with("arn:");
        if !is_arn && name.starts_with(is_stand_in) {
            return None;
        }
        let mut shown = String::with_capacity(name.len() + 16);
        for letter in name.chars() {
            match is_stand_in(letter).then(|| self.holes.get((letter as u32 - FIRST) as usize)).flatten() {
                Some(Some(reference)) => shown.push_str(&format!("${{{reference}}}")),
                Some(None) => shown.push('*'),
                None => shown.push(letter),
            }
        }
        Some(match () {
            () if is_arn => shown,
            // Parameters that AWS publishes are of no account.
            () if shown.starts_with("/aws/service/") => {
                format!("arn:{PARTITION}:ssm:{REGION}::parameter{shown}")
            }
            () => parameter_arn(&shown),
        })
    }
}

/// The name of the stored parameter that a resource declares, where it is written out.
fn stored_name(inventory: &Inventory, tree: &Tree, resource: NodeId) -> Option<String> {
    let declared = inventory.declared_by(inventory.resource_at(resource)?);
    let mut names = declared.iter().filter_map(|&id| {
        let entity = inventory.entity(id).filter(|one| one.kind == crate::model::Kind::Parameter)?;
        tree.string(entity.get("name")?).map(str::to_owned)
    });
    names.next()
}

/// The function of a template that a value calls, by its short name, and its argument.
fn call(tree: &Tree, node: NodeId) -> Option<(&str, NodeId)> {
    if let Some(tag) = tree.tag(node) {
        return Some((tag.trim_start_matches('!'), node));
    }
    let map = tree.map(node).filter(|map| map.len() == 1)?;
    let (_, key, value) = map.iter().next()?;
    match key {
        "Ref" => Some((key, value)),
        _ => Some((key.strip_prefix("Fn::")?, value)),
    }
}
