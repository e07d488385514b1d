//! Whether a statement's resources cover the resource of a request.

use crate::catalog::Catalog;
use crate::document::Tri;

use super::arn;
use super::arn::Arn;
use super::condition::Setting;
use super::glob::Token;
use super::glob::contains;
use super::glob::is_everything;
use super::glob::literal;
use super::policy::Patterns;
use super::policy::PolicyKind;
use super::text::Text;
use super::value::Filled;
use super::value::Reading;
use super::value::fill;

/// The resource of a request.
#[derive(Clone, Debug)]
pub struct Target {
    /// The ARN, perhaps with wildcards; `*` for actions that take no resource.
    pub tokens: Vec<Token>,
    any: bool,
}

impl Target {
    /// A target from the text of a request, in which `*` and `?` stand for anything.
    pub fn parse(text: &str) -> Self {
        Self { tokens: super::glob::pattern(text), any: false }
    }

    /// Any resource, for an action that takes one.
    pub fn any() -> Self {
        Self { tokens: vec![Token::Any], any: true }
    }

    /// A target from a text of a template.
    pub fn of(text: &Text<'_>) -> Self {
        if let Text::Known(known) = text {
            return Self::parse(known);
        }
        let mut tokens = Vec::new();
        for part in text.parts() {
            match part {
                super::text::Part::Known(known) => super::glob::push_pattern(&mut tokens, known),
                super::text::Part::Hole(_, token) => tokens.push(token),
            }
        }
        Self { tokens, any: false }
    }

    /// A target from tokens.
    pub fn of_tokens(tokens: Vec<Token>) -> Self {
        Self { tokens, any: false }
    }

    /// Whether it is `*`, for an action that takes no resource.
    pub fn is_everything(&self) -> bool {
        !self.any && is_everything(&self.tokens)
    }
}

/// Whether `Resource` or `NotResource` covers a target.
pub fn covers(
    catalog: &Catalog,
    kind: PolicyKind,
    patterns: &Patterns<'_>,
    target: &Target,
    setting: Setting<'_>,
) -> Tri {
    if patterns.negated && patterns.values.iter().any(|value| refuses(kind, &value.text, setting)) {
        return Tri::No;
    }
    let mut found = Tri::No;
    for value in &patterns.values {
        let one = match_one(catalog, kind, &value.text, target, setting);
        let one = if value.under.is_always() { one } else { one.min(Tri::Maybe) };
        found = found.or(one);
        if found == Tri::Yes {
            break;
        }
    }
    if patterns.negated { found.negate() } else { found }
}

/// Whether one pattern covers a target.
pub fn match_one(
    catalog: &Catalog,
    kind: PolicyKind,
    text: &Text<'_>,
    target: &Target,
    setting: Setting<'_>,
) -> Tri {
    let reading = Reading { wildcards: true, variables: setting.variables };
    let Filled::Tokens(tokens) = fill(text, reading, setting.context) else { return Tri::No };
    if is_everything(&tokens) {
        return Tri::Yes;
    }
    if target.is_everything() {
        // Only `*` covers an action that takes no resource.
        return if matches!(tokens.as_slice(), [Token::Opaque(_)]) { Tri::Maybe } else { Tri::No };
    }
    if !pads(kind, &tokens) || type_has_wildcard(catalog, &tokens, &target.tokens) {
        return Tri::No;
    }
    arn::compare(&tokens, &target.tokens)
}

/// Whether a pattern makes a `NotResource` that matches nothing: a variable of it has no value, or it is cut short where
/// that is no mere oversight.
fn refuses(kind: PolicyKind, text: &Text<'_>, setting: Setting<'_>) -> bool {
    let reading = Reading { wildcards: true, variables: setting.variables };
    match fill(text, reading, setting.context) {
        Filled::Never => true,
        Filled::Tokens(tokens) if Arn::split(&tokens).is_complete() => false,
        Filled::Tokens(tokens) => {
            !matches!(kind, PolicyKind::Resource | PolicyKind::Endpoint) || tokens.contains(&Token::Any)
        }
    }
}

/// Whether a pattern with fewer than six fields is completed in a kind of policy.
fn pads(kind: PolicyKind, tokens: &[Token]) -> bool {
    if Arn::split(tokens).is_complete() {
        return true;
    }
    match kind {
        PolicyKind::Identity | PolicyKind::Session | PolicyKind::Boundary | PolicyKind::Trust => true,
        PolicyKind::Resource | PolicyKind::Endpoint => tokens.contains(&Token::Any),
        PolicyKind::ServiceControl => tokens.last() == Some(&Token::Any),
        PolicyKind::ResourceControl => false,
    }
}

/// Whether the type of the resource is written with a wildcard (`*/i-1` for `instance/i-1`), which IAM does not match.
/// Services whose names start the resource, such as S3, have no type there.
fn type_has_wildcard(catalog: &Catalog, pattern: &[Token], target: &[Token]) -> bool {
    let (Arn::Fields(own), Arn::Fields(other)) = (Arn::split(pattern), Arn::split(target)) else {
        return false;
    };
    let (Some(own_resource), Some(other_resource)) = (own.get(5), other.get(5)) else { return false };
    let separator = |token: &Token| matches!(token, Token::Unit(0x2F | 0x3A));
    let (Some(own_end), Some(other_end)) =
        (own_resource.iter().position(separator), other_resource.iter().position(separator))
    else {
        return false;
    };
    let (Some(own_type), Some(other_type)) = (own_resource.get(..own_end), other_resource.get(..other_end))
    else {
        return false;
    };
    let wild = own_type.iter().any(|token| matches!(token, Token::Any | Token::One));
    let known = other_type.iter().all(|token| matches!(token, Token::Unit(_)));
    wild && known && contains(own_type, other_type) && types_are_literal(catalog, other.get(2))
}

/// Whether every resource type of a service starts with its name.
fn types_are_literal(catalog: &Catalog, service: Option<&&[Token]>) -> bool {
    let Some(prefix) = service.and_then(|field| super::value::characters(field)) else { return false };
    let Some(service) = catalog.service(&prefix) else { return false };
    let mut types = service.types().peekable();
    types.peek().is_some()
        && types.all(|ty| ty.arn().splitn(6, ':').nth(5).is_some_and(|resource| !resource.starts_with("${")))
}

/// A target that a text without wildcards names.
pub fn exact(text: &str) -> Target {
    Target { tokens: literal(text), any: false }
}
