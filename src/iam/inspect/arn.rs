//! ARNs in `Resource` and `NotResource`: their fields, and whether any resource can have them.
#![expect(clippy::similar_names, reason = "the language calls a test a test and its text a text")]

use crate::catalog::Gap;
use crate::catalog::TypeId;
use crate::catalog::is_partition;
use crate::catalog::is_region;
use crate::catalog::nearest;
use crate::catalog::partitions;
use crate::document::NodeId;
use crate::iam::arn::Arn;
use crate::iam::arn::FIELDS;
use crate::iam::forms::Form;
use crate::iam::glob::Token;
use crate::iam::glob::intersects;
use crate::iam::glob::is_everything;
use crate::iam::policy::Effect;
use crate::iam::policy::PolicyKind;
use crate::iam::policy::Scalar;
use crate::iam::policy::Statement;

use super::FlawKind;
use super::Inspector;
use super::values::is_placeholder;
use super::values::is_placeholder_name;
use super::values::is_plain;
use super::values::shown;
use super::values::tokens;

/// Services whose resources are all in accounts: AWS has none of its own to share.
const OWNED: &[&str] = &[
    "acm",
    "athena",
    "autoscaling",
    "batch",
    "codebuild",
    "codecommit",
    "codepipeline",
    "cognito-idp",
    "dynamodb",
    "ecr",
    "ecs",
    "eks",
    "elasticfilesystem",
    "es",
    "events",
    "execute-api",
    "firehose",
    "kinesis",
    "kms",
    "lambda",
    "logs",
    "s3tables",
    "scheduler",
    "secretsmanager",
    "sns",
    "sqs",
    "ssm",
];

impl Inspector<'_> {
    /// Checks the ARNs of a statement.
    pub(super) fn resources(&mut self, statement: &Statement<'_>) {
        let Some(resources) = &statement.resources else { return };
        self.at.negated = resources.negated;
        let before = self.flaws.len();
        for value in &resources.values {
            self.resource(value);
        }
        self.at.negated = false;
        if self.crosses_accounts(statement) {
            let earlier = self.flaws.drain(before..).collect::<Vec<_>>();
            self.flaws.extend(earlier.into_iter().filter(|flaw| flaw.kind != FlawKind::AccountOther));
        }
    }

    /// Whether a statement means to reach into other accounts, or what it names there is no grant.
    fn crosses_accounts(&self, statement: &Statement<'_>) -> bool {
        let assumes = |value: &Scalar<'_>| value.text.start().to_ascii_lowercase().starts_with("sts:assume");
        let says_so = |key: &str| {
            ["aws:ResourceAccount", "aws:ResourceOrgID", "aws:ResourceOrgPaths", "s3:ResourceAccount"]
                .iter()
                .any(|known| key.eq_ignore_ascii_case(known))
        };
        // What AWS and others share with everybody: layers and images.
        let shared = |value: &Scalar<'_>| {
            let text = value.text.display();
            text.contains(":layer:") || text.contains(":ecr:") || text.contains(":image/")
        };
        let identity = matches!(self.kind, PolicyKind::Identity | PolicyKind::Boundary | PolicyKind::Session);
        !identity
            || statement.effect != Effect::Allow
            || statement.actions.values.iter().any(assumes)
            || statement.conditions.iter().any(|test| says_so(test.key))
            || statement.resources.iter().flat_map(|all| &all.values).any(shared)
    }

    fn resource(&mut self, value: &Scalar<'_>) {
        let text = value.text.display();
        if text.trim() != text
            || (text.contains(' ')
                && text.starts_with("arn:")
                && !text.contains(":::")
                && text.contains(", "))
        {
            let message = format!("`{text}` has a blank, so that it matches nothing");
            self.note(FlawKind::Blank, value.node, &text, message).replacement = Some(text.trim().to_owned());
            return;
        }
        let Some(tokens) = tokens(&value.text) else { return };
        if let Arn::Fields(fields) = Arn::split(&tokens) {
            self.arn(value.node, &text, &fields);
        }
    }

    /// Checks the fields of an ARN; says whether they are in order.
    fn arn(&mut self, node: NodeId, text: &str, fields: &[&[Token]]) -> bool {
        let field = |index: usize| fields.get(index).copied().unwrap_or(&[]);
        let opens = matches!(field(0), [Token::Any, ..]) && fields.len() == 1;
        if shown(field(0)) != "arn" {
            if !opens || !text.ends_with('*') || text.contains(':') {
                let message = format!("`{text}` is no ARN");
                let near = nearest(text, std::iter::empty());
                self.note(FlawKind::ArnMalformed, node, text, message).replacement = near.map(str::to_owned);
            }
            return false;
        }
        let service = shown(field(2));
        if fields.len() > 2 && field(1).is_empty() {
            let message = format!("`{text}` names no partition");
            let repaired = text.strip_prefix("arn::").map(|rest| format!("arn:aws:{rest}"));
            self.note(FlawKind::ArnMalformed, node, text, message).replacement = repaired;
            return false;
        }
        // A doubled partition shifts the fields behind it.
        let doubled = fields.len() > 3
            && is_partition(&service)
            && !self.catalog.types_of_arn_service(&shown(field(3))).is_empty();
        if doubled {
            let message = format!("`{text}` has a field too many before its service");
            let repaired = self.shifted(text);
            self.note(FlawKind::ArnMalformed, node, text, message).replacement = repaired;
            return false;
        }
        if fields.len() > 2 && service.is_empty() {
            let message = format!("`{text}` names no service");
            let repaired = self.shifted(text);
            self.note(FlawKind::ArnMalformed, node, text, message).replacement = repaired;
            return false;
        }
        let last_is_open = fields.last().is_some_and(|last| last.last() == Some(&Token::Any));
        if fields.len() < FIELDS && !last_is_open {
            let message = format!("`{text}` has {} of the six fields of an ARN", fields.len());
            self.note(FlawKind::ArnMalformed, node, text, message);
            return false;
        }
        // Where a field is missing, the resource stands in the place of the Region or the account.
        let slid = matches!(fields.len(), 4 | 5)
            && field(fields.len() - 1).contains(&Token::Unit(0x2F))
            && !self.catalog.types_of_arn_service(&service).is_empty();
        if slid {
            let missing = ":".repeat(FIELDS - fields.len());
            let repaired = text.rsplit_once(':').map(|(start, name)| format!("{start}:{missing}{name}"));
            let message = format!("`{text}` has {} of the six fields of an ARN", fields.len());
            self.note(FlawKind::ArnMalformed, node, text, message).replacement = repaired;
            return false;
        }
        if fields.len() == FIELDS && field(5).is_empty() {
            let message = format!("`{text}` names no resource");
            self.note(FlawKind::ArnMalformed, node, text, message);
            return false;
        }
        let sound = self.partition(node, text, field(1)) & self.service_field(node, text, field(2));
        let placed = self.region(node, text, field(3)) & self.account(node, text, fields);
        let named = self.placeholder_name(node, text, field(5));
        if sound && placed && named && fields.len() == FIELDS && is_plain(field(2)) {
            return self.known_type(node, text, &service, fields);
        }
        sound && placed && named
    }

    /// The ARN in which the fields before the service were doubled or shifted.
    fn shifted(&self, text: &str) -> Option<String> {
        let fields: Vec<&str> = text.split(':').collect();
        let at = fields.iter().skip(2).position(|field| {
            !field.is_empty() && !is_partition(field) && !self.catalog.types_of_arn_service(field).is_empty()
        })? + 2;
        let tail = fields.get(at..)?.join(":");
        let partition = fields.get(1).filter(|field| is_partition(field)).unwrap_or(&"aws");
        Some(format!("arn:{partition}:{tail}"))
    }

    pub(super) fn partition(&mut self, node: NodeId, text: &str, field: &[Token]) -> bool {
        if !is_plain(field) {
            return true;
        }
        let partition = shown(field);
        if !is_partition(&partition) {
            let near = nearest(&partition, partitions());
            let message = format!("`{text}` names the partition `{partition}`, which does not exist");
            let repaired =
                near.map(|near| text.replacen(&format!("arn:{partition}:"), &format!("arn:{near}:"), 1));
            self.note(FlawKind::PartitionUnknown, node, text, message).replacement = repaired;
            return false;
        }
        match &self.surroundings.partition {
            Some(own) if *own != partition => {
                let message =
                    format!("`{text}` is in the partition `{partition}`, the deployment in `{own}`");
                let repaired = text.replacen(&format!("arn:{partition}:"), &format!("arn:{own}:"), 1);
                self.note(FlawKind::PartitionOther, node, text, message).replacement = Some(repaired);
                false
            }
            _ => true,
        }
    }

    fn service_field(&mut self, node: NodeId, text: &str, field: &[Token]) -> bool {
        let service = shown(field);
        if field.iter().any(|token| matches!(token, Token::Any | Token::One)) {
            if !is_everything(field) || text.matches('*').count() < 2 || !text.ends_with(":*") {
                let message = format!("`{text}` has a wildcard in its service");
                self.note(FlawKind::ArnServiceWildcard, node, text, message);
            }
            return false;
        }
        let withdrawn = self.catalog.service(&service).is_some_and(crate::catalog::Service::withdrawn);
        if !is_plain(field) || (!withdrawn && !self.catalog.types_of_arn_service(&service).is_empty()) {
            return true;
        }
        let lower = service.to_ascii_lowercase();
        if lower != service && !self.catalog.types_of_arn_service(&lower).is_empty() {
            let message = format!("`{text}` writes its service in upper case");
            self.note(FlawKind::ArnServiceCase, node, text, message).replacement =
                Some(text.replacen(&service, &lower, 1));
            return false;
        }
        // A service whose actions take no ARNs is a service all the same.
        match self.catalog.service(&service) {
            Some(known) if !known.withdrawn() => true,
            found => {
                let near = nearest(&service, self.catalog.arn_service_names());
                let message = match found {
                    Some(_) => format!("`{text}` names the service `{service}`, which AWS has withdrawn"),
                    None => format!("`{text}` names the service `{service}`, which does not exist"),
                };
                let repaired =
                    near.map(|near| text.replacen(&format!(":{service}:"), &format!(":{near}:"), 1));
                let flaw = self.note(FlawKind::ArnServiceUnknown, node, text, message);
                flaw.replacement = repaired;
                flaw.sure = found.is_none();
                false
            }
        }
    }

    fn region(&mut self, node: NodeId, text: &str, field: &[Token]) -> bool {
        if field.is_empty() || !is_plain(field) {
            return true;
        }
        let region = shown(field);
        if is_region(&region) {
            return true;
        }
        if is_placeholder(&region) {
            return self.placeholder(node, text, &region);
        }
        let message = format!("`{text}` names the Region `{region}`, which does not exist");
        self.note(FlawKind::RegionUnknown, node, text, message);
        false
    }

    fn account(&mut self, node: NodeId, text: &str, fields: &[&[Token]]) -> bool {
        let field = fields.get(4).copied().unwrap_or(&[]);
        if field.is_empty() || !is_plain(field) {
            return true;
        }
        let account = shown(field);
        let own = self.surroundings.account.as_deref();
        if own == Some(account.as_str()) || account == "aws" {
            return true;
        }
        if is_placeholder(&account) {
            return self.placeholder(node, text, &account);
        }
        if account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()) {
            if let Some(own) = own {
                let message = format!("`{text}` is in the account `{account}`, the deployment in `{own}`");
                self.note(FlawKind::AccountOther, node, text, message);
            }
            return true;
        }
        let service = fields.get(2).map(|field| shown(field)).unwrap_or_default();
        let literal = self
            .catalog
            .types_of_arn_service(&service)
            .iter()
            .any(|&ty| self.catalog.resource_type(ty).arn().split(':').nth(4) == Some(account.as_str()));
        if !literal {
            let message = format!("`{text}` names the account `{account}`, which is not twelve digits");
            self.note(FlawKind::AccountInvalid, node, text, message);
        }
        literal
    }

    /// A resource whose name, or a part of it, was left to be filled in.
    fn placeholder_name(&mut self, node: NodeId, text: &str, resource: &[Token]) -> bool {
        let name = shown(resource);
        match name.split(['/', ':']).find(|part| is_placeholder_name(part)) {
            Some(part) => self.placeholder(node, text, part),
            None => true,
        }
    }

    fn placeholder(&mut self, node: NodeId, text: &str, part: &str) -> bool {
        let message = format!("`{part}` in `{text}` looks like a placeholder that was left");
        part.clone_into(&mut self.note(FlawKind::Placeholder, node, text, message).value);
        false
    }

    /// Compares an ARN with the types of its service.
    fn known_type(&mut self, node: NodeId, text: &str, service: &str, fields: &[&[Token]]) -> bool {
        let catalog = self.catalog;
        let types = catalog.types_of_arn_service(service);
        let resource = fields.get(5).copied().unwrap_or(&[]);
        if types.is_empty() || is_everything(resource) {
            return true;
        }
        let fitting: Vec<TypeId> = types.iter().copied().filter(|&ty| resource_fits(ty, resource)).collect();
        let empty = |index: usize| fields.get(index).is_none_or(|field| field.is_empty());
        if fitting.is_empty()
            && matches!(resource.last(), Some(Token::Unit(0x2F | 0x3A)))
            && empty(3)
            && empty(4)
            && types
                .iter()
                .any(|&ty| !catalog.resource_type(ty).arn().split(':').nth(4).unwrap_or("").is_empty())
        {
            let message = format!("`{text}` has lost its asterisks and matches nothing");
            self.note(FlawKind::AsterisksLost, node, text, message).replacement = filled(text);
            return false;
        }
        if fitting.is_empty() {
            let message = format!("`{text}` fits no type of resource of `{service}`");
            let near = self.near_type(types, resource);
            let word = shown(resource);
            let word = word.split(['/', ':']).next().unwrap_or("");
            let used = self.catalog.is_gap(Gap::Form, &format!("{service}:{word}"));
            let flaw = self.note(FlawKind::ResourceUnknown, node, text, message);
            flaw.replacement = near.map(|near| {
                let start: Vec<_> = text.splitn(FIELDS, ':').take(FIELDS - 1).collect();
                format!("{}:{near}", start.join(":"))
            });
            flaw.sure = !used;
            return false;
        }
        let mut sound = true;
        for (index, name) in [(3, "Region"), (4, "account")] {
            let field = fields.get(index).copied().unwrap_or(&[]);
            let lacks = |ty: &TypeId| Form::of(*ty).field(index).is_none_or(<[Token]>::is_empty);
            let (none, all) = (fitting.iter().all(lacks), !fitting.iter().any(lacks));
            if none && !field.is_empty() && !field.iter().all(|token| *token == Token::Any) {
                let message = format!(
                    "`{text}` names a {name}, but such resources of `{service}` have none in their ARNs"
                );
                let repaired = without_field(text, index);
                self.note(FlawKind::FieldNotAllowed, node, text, message).replacement = repaired;
                sound = false;
            } else if all && field.is_empty() {
                sound = self.field_missing(node, text, service, (index, name), resource) && sound;
            }
        }
        sound
    }

    fn field_missing(
        &mut self,
        node: NodeId,
        text: &str,
        service: &str,
        (index, name): (usize, &str),
        resource: &[Token],
    ) -> bool {
        let repaired = filled(text);
        if matches!(resource.last(), Some(Token::Unit(0x2F | 0x3A))) {
            if index == 3
                || !self.flaws.iter().any(|flaw| flaw.node == node && flaw.kind == FlawKind::AsterisksLost)
            {
                let message = format!("`{text}` has lost its asterisks and matches nothing");
                self.note(FlawKind::AsterisksLost, node, text, message).replacement = repaired;
            }
            return false;
        }
        // AWS's own resources have no account.
        let region_given = index == 4 && !text.split(':').nth(3).unwrap_or("").is_empty();
        let resource = shown(resource).to_ascii_lowercase();
        let owned = ["document/aw", "document/amazon", "automation-definition/aw", "parameter/aws/"];
        let literal = resource.split(['*', '?']).next().unwrap_or("");
        let open = literal.len() < resource.len();
        let may_be_owned = |start: &&str| resource.starts_with(*start) || open && start.starts_with(literal);
        if region_given && service == "ssm" && owned.iter().any(may_be_owned) {
            return true;
        }
        let has = format!("has no {name}, which the resources of `{service}` have");
        let flaw =
            self.note(FlawKind::FieldMissing, node, text, format!("`{text}` {has}: it matches nothing"));
        flaw.replacement = repaired;
        // Resources that AWS or others share, such as images, may be in no account.
        flaw.sure = !region_given || OWNED.contains(&service);
        false
    }

    /// The form of the type that a resource's first word was meant for.
    fn near_type(&self, types: &[TypeId], resource: &[Token]) -> Option<String> {
        let resource = shown(resource);
        let at = resource.find(['/', ':'])?;
        let (word, tail) = resource.split_at_checked(at)?;
        let words = types.iter().filter_map(|&ty| {
            let form = self.catalog.resource_type(ty).arn().splitn(FIELDS, ':').nth(5)?;
            let (word, _) = form.split_at_checked(form.find(['/', ':'])?)?;
            (!word.contains('$')).then_some(word)
        });
        let near = nearest(word, words)?;
        (near != word).then(|| format!("{near}{tail}"))
    }
}

/// Whether the resource part of an ARN can be of a type.
fn resource_fits(ty: TypeId, resource: &[Token]) -> bool {
    Form::of(ty).field(5).is_none_or(|own| intersects(own, resource))
}

/// The ARN with a field emptied.
fn without_field(text: &str, index: usize) -> Option<String> {
    let mut fields: Vec<&str> = text.splitn(FIELDS, ':').collect();
    *fields.get_mut(index)? = "";
    Some(fields.join(":"))
}

/// The ARN with `*` where Region and account are empty, and behind a slash at its end.
fn filled(text: &str) -> Option<String> {
    let mut fields: Vec<String> = text.splitn(FIELDS, ':').map(str::to_owned).collect();
    for index in [3, 4] {
        let field = fields.get_mut(index)?;
        if field.is_empty() {
            field.push('*');
        }
    }
    let resource = fields.get_mut(5)?;
    if resource.ends_with(['/', ':']) {
        resource.push('*');
    }
    Some(fields.join(":"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lost_asterisks_are_put_back() {
        assert_eq!(
            filled("arn:aws:ssm:::automation-definition/").as_deref(),
            Some("arn:aws:ssm:*:*:automation-definition/*")
        );
        assert_eq!(without_field("arn:aws:s3:eu-west-1::b", 3).as_deref(), Some("arn:aws:s3:::b"));
    }
}
