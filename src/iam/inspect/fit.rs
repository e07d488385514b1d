//! Actions against resources: whether the two of a statement can meet.

use std::borrow::Cow;

use crate::catalog::Access;
use crate::catalog::Action;
use crate::catalog::Gap;
use crate::document::NodeId;
use crate::iam::actions::each;
use crate::iam::arn::Arn;
use crate::iam::arn::FIELDS;
use crate::iam::forms::Form;
use crate::iam::glob::Token;
use crate::iam::glob::intersects;
use crate::iam::glob::is_everything;
use crate::iam::policy::Statement;

use super::FlawKind;
use super::Inspector;
use super::listed;
use super::values::bucket_tokens;
use super::values::is_plain;
use super::values::shown;

/// Flaws of a resource that already say why it matches nothing.
const RESOURCE_FLAWS: &[FlawKind] = &[
    FlawKind::ArnMalformed,
    FlawKind::Blank,
    FlawKind::PartitionUnknown,
    FlawKind::RegionUnknown,
    FlawKind::AccountInvalid,
    FlawKind::FieldMissing,
    FlawKind::FieldNotAllowed,
    FlawKind::ResourceUnknown,
    FlawKind::ArnServiceUnknown,
    FlawKind::ArnServiceCase,
    FlawKind::AsterisksLost,
];

impl Inspector<'_> {
    /// Checks that each action of a statement can meet one of its resources.
    pub(super) fn fits(&mut self, statement: &Statement<'_>) {
        let Some(resources) = &statement.resources else { return };
        if resources.negated || statement.actions.negated || resources.values.is_empty() {
            return;
        }
        let mut all = Vec::with_capacity(resources.values.len());
        for value in &resources.values {
            match bucket_tokens(&value.text) {
                // Whatever is not known may fit.
                Some(tokens) if !matches!(Arn::split(&tokens), Arn::Fields(_)) => return,
                Some(tokens) => all.push(tokens),
                None => return,
            }
        }
        let flawed = self
            .flaws
            .iter()
            .any(|flaw| flaw.statement == Some(statement.node) && RESOURCE_FLAWS.contains(&flaw.kind));
        for value in &statement.actions.values {
            let Some(text) = value.text.known() else { continue };
            if text.contains(['*', '?']) {
                self.wildcard_fits(value.node, text, &all, flawed);
            } else if let Some(action) = self.catalog.action(text).filter(|action| !action.withdrawn()) {
                self.action_fits(value.node, text, action, &all, flawed);
            }
        }
    }

    fn action_fits(
        &mut self,
        node: NodeId,
        text: &str,
        action: Action<'_>,
        resources: &[Vec<Token>],
        flawed: bool,
    ) {
        // AWS's own transforms limit this one to ARNs.
        if tags_others(action) || text.eq_ignore_ascii_case("dynamodb:ListStreams") {
            return;
        }
        if action.without_resources() {
            let gap = self.catalog.is_gap(Gap::Resource, text);
            let message = format!("`{text}` cannot be limited to resources: only `*` matches");
            let flaw = self.note(FlawKind::ActionTakesNoResource, node, text, message);
            flaw.replacement = Some("*".to_owned());
            flaw.sure = !gap;
        } else if !flawed && !resources.iter().any(|resource| meets(action, resource)) {
            if let Some(mix) = Self::bucket_mixup(action, resources) {
                let (message, repaired) = mix;
                let flaw = self.note(FlawKind::BucketObject, node, text, message);
                flaw.replacement = Some(repaired).filter(|text| !text.contains('…'));
                // AWS itself writes it beside the actions on objects that it belongs to.
                flaw.sure = !text.eq_ignore_ascii_case("s3:ListBucketMultipartUploads");
                return;
            }
            let forms: Vec<String> =
                action.uses().filter_map(|one| Some(one.ty()?.arn().to_owned())).collect();
            if forms.is_empty() {
                return;
            }
            let gap = self.catalog.is_gap(Gap::Resource, text);
            let message =
                format!("no resource of the statement fits `{text}`, which takes {}", listed(&forms));
            let flaw = self.note(FlawKind::ResourceUnfit, node, text, message);
            flaw.sure = !gap;
        }
    }

    fn wildcard_fits(&mut self, node: NodeId, text: &str, resources: &[Vec<Token>], flawed: bool) {
        if text == "*" || text == "*:*" || flawed {
            return;
        }
        let (mut fitting, mut unfit) = (0_usize, Vec::new());
        each(self.catalog, text, |action| {
            if !action.withdrawn() {
                unfit.push(action);
            }
        });
        unfit.retain(|action| {
            let fits = resources.iter().any(|resource| meets(*action, resource));
            fitting += usize::from(fits);
            !fits
        });
        if unfit.is_empty() {
            return;
        }
        let names: Vec<Cow<'static, str>> = unfit.iter().map(|action| action.full_name().into()).collect();
        if fitting == 0 {
            let message = format!("no resource of the statement fits any action that `{text}` matches");
            let flaw = self.note(FlawKind::ResourceUnfit, node, text, message);
            flaw.actions = names;
            // A pattern is often written for what it may match one day.
            flaw.sure = false;
        } else {
            let message = format!("{} of `{text}` cannot be used on these resources", listed(&names));
            self.note(FlawKind::WildcardPartUnfit, node, text, message).actions = names;
        }
    }

    /// A bucket where an object is needed, or the other way round: what to say, and the ARN that is meant.
    fn bucket_mixup(action: Action<'_>, resources: &[Vec<Token>]) -> Option<(String, String)> {
        if action.service().prefix() != "s3" {
            return None;
        }
        let names: Vec<&str> = action.uses().filter_map(|one| Some(one.ty()?.name())).collect();
        let (bucket, object) = (names.contains(&"bucket"), names.contains(&"object"));
        let buckets = resources.iter().find_map(|resource| bucket_of(resource))?;
        let name = action.full_name();
        match (bucket, object, buckets) {
            (false, true, (text, false)) => {
                Some((format!("`{name}` works on objects, `{text}` is a bucket"), format!("{text}/*")))
            }
            (true, false, (text, true)) => {
                let start = text.split_once('/').map_or(text.as_str(), |(start, _)| start).to_owned();
                Some((format!("`{name}` works on buckets, `{text}` are objects"), start))
            }
            _ => None,
        }
    }
}

/// Whether a pattern of resources has something in common with a type of the action.
fn meets(action: Action<'_>, resource: &[Token]) -> bool {
    action.uses().filter_map(crate::catalog::Use::ty).any(|ty| {
        let is_bucket = || ty.arn().ends_with(":s3:::${BucketName}");
        form_meets(ty.id, resource) && !(is_bucket() && names_objects(resource))
    })
}

/// Whether a pattern of resources has something in common with a type.
fn form_meets(ty: crate::catalog::TypeId, resource: &[Token]) -> bool {
    let (form, Arn::Fields(own)) = (Form::of(ty), Arn::split(resource)) else { return true };
    let open: &[Token] = &[Token::Any];
    // The service tells most types apart.
    [2, 5, 4, 3, 1].iter().all(|&index| {
        let own = own.get(index).copied().unwrap_or(open);
        // Where a type has a Region, it is never empty.
        let lacks = index == 3 && own.is_empty();
        form.field(index).is_none_or(|form| intersects(form, own) && (form.is_empty() || !lacks))
    })
}

/// Whether a pattern only matches ARNs with a slash in the resource: no bucket has one in its name.
fn names_objects(resource: &[Token]) -> bool {
    let Arn::Fields(fields) = Arn::split(resource) else { return false };
    fields.get(FIELDS - 1).is_some_and(|name| name.contains(&Token::Unit(0x2F)))
}

/// The ARN of a bucket or its objects, and whether it is of objects.
fn bucket_of(resource: &[Token]) -> Option<(String, bool)> {
    let Arn::Fields(fields) = Arn::split(resource) else { return None };
    let (service, name) = (fields.get(2)?, fields.get(FIELDS - 1)?);
    if !is_plain(service) || shown(service) != "s3" || is_everything(name) {
        return None;
    }
    let text = shown(resource);
    // A `*` in the name of a bucket crosses into its objects.
    let object = name.contains(&Token::Unit(0x2F));
    (object || !name.contains(&Token::Any)).then_some((text, object))
}

/// Whether an action tags resources of other services: those have the types and keys that its own service lacks.
pub(super) fn tags_others(action: Action<'_>) -> bool {
    action.is(Access::Tagging) && action.service().types().next().is_none()
}
