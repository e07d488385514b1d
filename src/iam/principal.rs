//! Principals: who makes a request, and whom a statement names.

use crate::document::Tri;

use super::policy::Principal;
use super::policy::PrincipalType;
use super::policy::Principals;
use super::text::Text;

/// Who makes a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Nobody in particular: a request without a signature.
    Anonymous,
    /// A user, role, session or account root, by its ARN.
    Arn(String),
    /// An AWS service.
    Service(String),
    /// An identity provider.
    Federated(String),
    /// The canonical id of an account.
    Canonical(String),
}

/// How a statement names a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Named {
    /// Not at all.
    No,
    /// It may: a part of the name is not known.
    Maybe,
    /// By its account, which only delegates to the account.
    Account,
    /// As one of all: `*`.
    Everybody,
    /// By the role of which it is a session.
    Role,
    /// Itself.
    Itself,
}

impl Caller {
    /// The caller that an ARN, a service name or an id means.
    pub fn parse(text: &str) -> Self {
        if text.starts_with("arn:") {
            Self::Arn(text.to_owned())
        } else if text.len() >= 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            Self::Canonical(text.to_owned())
        } else if text.contains('.') {
            Self::Service(text.to_owned())
        } else if text == "*" || text.is_empty() {
            Self::Anonymous
        } else {
            Self::Arn(text.to_owned())
        }
    }

    /// The account, where the caller has one.
    pub fn account(&self) -> Option<&str> {
        match self {
            Self::Arn(arn) => arn.split(':').nth(4).filter(|account| !account.is_empty()),
            _ => None,
        }
    }

    /// The role's name and session's name, where the caller is a session of a role.
    pub fn session(&self) -> Option<(&str, &str)> {
        let Self::Arn(arn) = self else { return None };
        arn.split(':').nth(5)?.strip_prefix("assumed-role/")?.split_once('/')
    }

    /// Whether the caller is a session of a federated user.
    pub fn is_federated_user(&self) -> bool {
        matches!(self, Self::Arn(arn) if arn.contains(":federated-user/"))
    }

    /// Whether the caller is a role or a session of one.
    pub fn is_role(&self) -> bool {
        matches!(self, Self::Arn(arn) if arn.contains(":role/") || arn.contains(":assumed-role/"))
    }

    /// Whether the caller is a user.
    pub fn is_user(&self) -> bool {
        matches!(self, Self::Arn(arn) if arn.contains(":user/"))
    }

    /// Whether the caller is the root of an account.
    pub fn is_root(&self) -> bool {
        matches!(self, Self::Arn(arn) if arn.ends_with(":root"))
    }

    /// Whether the caller is a role that an AWS service made for itself.
    pub fn is_service_linked(&self) -> bool {
        match self {
            Self::Arn(arn) => {
                arn.contains(":role/aws-service-role/") || arn.contains(":assumed-role/AWSServiceRoleFor")
            }
            _ => false,
        }
    }
}

/// How the element of a statement names a caller.
pub fn names(principals: &Principals<'_>, caller: &Caller) -> Named {
    let each = principals.values.iter().map(|principal| {
        let named = named_by(principal, caller);
        if principal.value.under.is_always() { named } else { named.min(Named::Maybe) }
    });
    each.max().unwrap_or(Named::No)
}

/// How the element names a caller whose session's name is not known: any session of the role will do.
pub fn names_any_session(principals: &Principals<'_>, caller: &Caller) -> Named {
    let direct = names(principals, caller);
    let Caller::Arn(own) = caller else { return direct };
    let role = match caller.session() {
        Some((role, _)) => Some(role),
        None => own.split_once(":role/").and_then(|(_, path)| path.rsplit('/').next()),
    };
    let session = principals.values.iter().any(|principal| {
        let named = Caller::Arn(principal.value.text.known().unwrap_or("").to_owned());
        named.account() == caller.account() && named.session().is_some_and(|(name, _)| Some(name) == role)
    });
    if session { direct.max(Named::Itself) } else { direct }
}

/// Whether `NotPrincipal` excepts a caller: itself, its role, or its account.
pub fn excepts(principals: &Principals<'_>, caller: &Caller) -> Tri {
    match names(principals, caller) {
        Named::No => Tri::No,
        Named::Maybe => Tri::Maybe,
        Named::Account | Named::Everybody | Named::Role | Named::Itself => Tri::Yes,
    }
}

fn named_by(principal: &Principal<'_>, caller: &Caller) -> Named {
    let Text::Known(value) = &principal.value.text else {
        return if may_be(principal, caller) { Named::Maybe } else { Named::No };
    };
    match (principal.ty, caller) {
        (PrincipalType::Aws, _) if value == "*" => Named::Everybody,
        (PrincipalType::Aws, Caller::Arn(arn)) => aws(value, arn, caller),
        (PrincipalType::Service, Caller::Service(name))
        | (PrincipalType::Federated, Caller::Federated(name))
        | (PrincipalType::CanonicalUser, Caller::Canonical(name))
            if *value == *name =>
        {
            Named::Itself
        }
        _ => Named::No,
    }
}

/// Whether a principal that is not fully known can be the caller.
fn may_be(principal: &Principal<'_>, caller: &Caller) -> bool {
    let name = match (principal.ty, caller) {
        (PrincipalType::Aws, Caller::Arn(arn)) => arn,
        (PrincipalType::Service, Caller::Service(name))
        | (PrincipalType::Federated, Caller::Federated(name))
        | (PrincipalType::CanonicalUser, Caller::Canonical(name)) => name,
        (PrincipalType::Aws, Caller::Anonymous) => return matches!(principal.value.text, Text::Unknown(_)),
        _ => return false,
    };
    let start = principal.value.text.start();
    start.is_empty() || name.starts_with(start)
}

fn aws(value: &str, arn: &str, caller: &Caller) -> Named {
    if value == arn {
        return Named::Itself;
    }
    let account = caller.account();
    let whole_account = value.strip_suffix(":root").and_then(|start| start.split(':').nth(4)).or_else(|| {
        Some(value).filter(|value| value.len() == 12 && value.bytes().all(|b| b.is_ascii_digit()))
    });
    if whole_account.is_some() && whole_account == account {
        return Named::Account;
    }
    if let Some((role, _)) = caller.session()
        && let Some((start, path)) = value.split_once(":role/")
        && start.split(':').nth(4) == account
        && path.rsplit('/').next().is_some_and(|name| name.eq_ignore_ascii_case(role))
    {
        return Named::Role;
    }
    Named::No
}
