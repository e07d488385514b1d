//! Where resources are: the account and Region that their provider works in.
//!
//! Two configurations of one provider with different credentials are different accounts: names are then never compared
//! across them.

use rustc_hash::FxHashMap;

use crate::document::{Hole, HoleKind, NodeId, Piece, Reason, Tree};

use crate::ingest::Options;

use super::instances::Instance;
use super::plan::Plan;
use super::references::{Ending, Follower};

/// What is known of a provider configuration.
#[derive(Clone, Debug, Default)]
pub(crate) struct Provider {
    /// Equal for configurations that work in the same account, as far as the plan shows; 0 where nothing is said.
    pub(crate) scope: u32,
    region: Option<Box<str>>,
    account: Option<Box<str>>,
}

/// The provider configurations of a plan.
#[derive(Debug, Default)]
pub(crate) struct Providers {
    by_key: FxHashMap<Box<str>, Provider>,
    /// The account that the data source `aws_caller_identity` found, by the scope of its provider.
    accounts: FxHashMap<u32, Box<str>>,
    /// What the caller says of the deployment.
    account: Option<Box<str>>,
    region: Option<Box<str>>,
    /// The partition of the data source `aws_partition`, where all of them say the same.
    partition: Option<Box<str>>,
}

impl Providers {
    /// Reads `provider_config`, and what data sources say of the account.
    pub(crate) fn read(tree: &Tree, plan: &Plan, options: &Options) -> Self {
        let told = |text: &Option<String>| text.as_deref().map(Into::into);
        let mut providers = Self {
            account: told(&options.account),
            region: told(&options.region),
            partition: told(&options.partition).or(agreed(tree, plan, "data.aws_partition", "partition")),
            ..Self::default()
        };
        let config = plan.root.and_then(|root| tree.at(root, &["configuration", "provider_config"]));
        let mut scopes: Vec<String> = vec![String::new()];
        for (_, key, node) in
            config.and_then(|node| tree.map(node)).into_iter().flat_map(crate::document::Map::iter)
        {
            let reader = Reader { follower: Follower { tree, plan }, node };
            let identity = reader.identity();
            let scope = scopes.iter().position(|known| *known == identity).unwrap_or_else(|| {
                scopes.push(identity.clone());
                scopes.len() - 1
            });
            let account = account_in(&identity).map(Into::into);
            let region = reader.text("region").map(Into::into);
            let scope = u32::try_from(scope).unwrap_or(0);
            providers.by_key.insert(key.into(), Provider { scope, region, account });
        }
        for instance in plan.instances.iter().filter(|one| &*one.ty == "data.aws_caller_identity") {
            let account = instance.after.and_then(|after| tree.string(tree.get(after, "account_id")?));
            if let Some(account) = account {
                providers.accounts.insert(providers.scope(plan, instance), account.into());
            }
        }
        providers
    }

    fn of<'p>(&'p self, plan: &Plan, instance: &Instance) -> Option<&'p Provider> {
        self.by_key.get(plan.declaration(instance)?.provider.as_deref()?)
    }

    /// The account of the deployment, where all provider configurations work in one.
    pub(crate) fn only_account(&self) -> Option<&str> {
        let mut scopes = self.by_key.values().map(|provider| provider.scope);
        let first = scopes.next().unwrap_or(0);
        if scopes.any(|scope| scope != first) {
            return None;
        }
        let own = self.by_key.values().find_map(|provider| provider.account.as_deref());
        let found = self.accounts.get(&first).map(|account| &**account);
        own.or(found).or(self.account.as_deref().filter(|_| first == 0))
    }

    /// Which account an instance is in: a number to compare.
    pub(crate) fn scope(&self, plan: &Plan, instance: &Instance) -> u32 {
        self.of(plan, instance).map_or(0, |provider| provider.scope)
    }

    /// The Region of an instance: its own argument, or that of its provider.
    pub(crate) fn region<'p>(&'p self, tree: &'p Tree, plan: &Plan, instance: &Instance) -> Option<&'p str> {
        let own = instance.after.and_then(|after| tree.get(after, "region"));
        let own = own.and_then(|region| tree.string(region)).filter(|region| !region.is_empty());
        own.or_else(|| self.of(plan, instance)?.region.as_deref()).or(self.region.as_deref())
    }

    /// The pieces of an ARN's fields that depend on where an instance is.
    pub(crate) fn partition(&self, region: Option<&str>) -> Piece {
        match region.map(partition_of).or(self.partition.as_deref()) {
            Some(partition) => Piece::Literal(partition.into()),
            None => hole(HoleKind::Partition, "partition"),
        }
    }

    /// The account field of an ARN.
    pub(crate) fn account(&self, plan: &Plan, instance: &Instance) -> Piece {
        let provider = self.of(plan, instance);
        let account = provider.and_then(|provider| provider.account.as_deref());
        let scope = provider.map_or(0, |provider| provider.scope);
        let account = account.or_else(|| self.accounts.get(&scope).map(|account| &**account));
        // What the caller says is about the account that no provider names.
        let account = account.or(self.account.as_deref().filter(|_| scope == 0));
        match account {
            Some(account) => Piece::Literal(account.into()),
            None => hole(HoleKind::Account, "account"),
        }
    }

    /// The Region field of an ARN.
    pub(crate) fn region_piece(region: Option<&str>) -> Piece {
        match region {
            Some(region) => Piece::Literal(region.into()),
            None => hole(HoleKind::Region, "region"),
        }
    }
}

fn hole(kind: HoleKind, name: &str) -> Piece {
    Piece::Hole(Hole { kind, name: name.into() })
}

/// A hole that can hold anything.
pub(crate) fn anything(name: &str) -> Piece {
    hole(HoleKind::Any(Reason::AfterApply), name)
}

/// The partition of a Region.
fn partition_of(region: &str) -> &'static str {
    const PREFIXES: &[(&str, &str)] = &[
        ("cn-", "aws-cn"),
        ("us-gov-", "aws-us-gov"),
        ("us-isob-", "aws-iso-b"),
        ("us-isof-", "aws-iso-f"),
        ("us-iso-", "aws-iso"),
        ("eu-isoe-", "aws-iso-e"),
        ("eusc-", "aws-eusc"),
    ];
    PREFIXES.iter().find(|(prefix, _)| region.starts_with(prefix)).map_or("aws", |(_, partition)| partition)
}

/// The value of an attribute that all data sources of a type agree on.
fn agreed(tree: &Tree, plan: &Plan, ty: &str, attribute: &str) -> Option<Box<str>> {
    let all = plan.instances.iter().filter(|instance| &*instance.ty == ty);
    let mut values = all.map(|instance| tree.string(tree.get(instance.after?, attribute)?));
    let first = values.next()??;
    values.all(|value| value == Some(first)).then(|| first.into())
}

/// The account that an ARN or a list of accounts names: twelve digits.
fn account_in(identity: &str) -> Option<&str> {
    identity.split([':', '/', ' ']).find(|part| part.len() == 12 && part.bytes().all(|b| b.is_ascii_digit()))
}

/// Reads one provider configuration.
struct Reader<'p> {
    follower: Follower<'p>,
    node: NodeId,
}

impl Reader<'_> {
    /// A known argument.
    fn text(&self, name: &str) -> Option<&str> {
        let expression = self.follower.tree.at(self.node, &["expressions", name])?;
        self.known(expression)
    }

    /// What an expression is, where it is one known text.
    fn known(&self, expression: NodeId) -> Option<&str> {
        match self.endings(expression).as_slice() {
            [Ending::Constant(node)] => self.follower.tree.string(*node),
            _ => None,
        }
    }

    fn endings(&self, expression: NodeId) -> Vec<Ending> {
        let path = self.follower.tree.get(self.node, "module_address");
        let module = path.and_then(|node| self.follower.tree.string(node)).map(super::address::module);
        self.follower.of_module(&module.unwrap_or_default(), expression)
    }

    /// Everything in it that decides which account it works in, as text.
    fn identity(&self) -> String {
        let tree = self.follower.tree;
        let mut parts = Vec::new();
        let own = |name: &str| tree.at(self.node, &["expressions", name]);
        let role = |block: &str| {
            let roles = own(block)?;
            let blocks: Vec<NodeId> =
                tree.list(roles).map_or_else(|| vec![roles], |list| list.iter().collect());
            blocks.iter().rev().find_map(|&block| tree.get(block, "role_arn"))
        };
        // The last role of a chain decides, and a file of credentials only where nothing says which of them.
        let decisive = [
            role("assume_role"),
            role("assume_role_with_web_identity"),
            own("allowed_account_ids"),
            own("profile"),
            own("access_key"),
            own("shared_credentials_files"),
            own("shared_config_files"),
        ];
        for ending in decisive.into_iter().flatten().next().map(|one| self.endings(one)).unwrap_or_default() {
            parts.push(match ending {
                Ending::Constant(node) => tree.scalar(node).unwrap_or("").to_owned(),
                Ending::Nothing => String::new(),
                Ending::Lost(words) => words.into(),
                Ending::Instance(at, attribute) => format!("{at}.{attribute}"),
            });
        }
        match parts.iter().find_map(|part| account_in(part)) {
            Some(account) => account.to_owned(),
            None => parts.join(" "),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_decide_partitions() {
        for (region, partition) in [
            ("eu-west-1", "aws"),
            ("cn-north-1", "aws-cn"),
            ("us-gov-west-1", "aws-us-gov"),
            ("us-iso-east-1", "aws-iso"),
            ("us-isob-east-1", "aws-iso-b"),
        ] {
            assert_eq!(partition_of(region), partition);
        }
    }

    #[test]
    fn accounts_are_found_in_roles() {
        assert_eq!(account_in("arn:aws:iam::123456789012:role/x"), Some("123456789012"));
        assert_eq!(account_in("var.role"), None);
    }
}
