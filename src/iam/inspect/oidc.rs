//! Trust in identity providers: whose tokens let somebody assume a role.
#![expect(clippy::similar_names, reason = "the language calls a test a test and its text a text")]

use crate::document::Piece;
use crate::iam::operator::Quantifier;
use crate::iam::policy::Principal;
use crate::iam::policy::Statement;
use crate::iam::policy::Test;
use crate::iam::text::Part;
use crate::iam::text::Text;

use super::FlawKind;
use super::Inspector;
use super::trust::is_narrow;

impl Inspector<'_> {
    /// Checks that a statement says which holders of a provider's tokens it trusts.
    pub(super) fn trusted_provider(&mut self, statement: &Statement<'_>, principal: &Principal<'_>) {
        if statement.open {
            return;
        }
        let text = principal.value.text.display();
        let Some(host) = host_of(&principal.value.text, statement) else { return };
        let (text, host) = (text.as_str(), host.as_str());
        let of_host = |test: &&Test<'_>| claim_of(test, host).is_some();
        let claims = || statement.conditions.iter().filter(of_host);
        let find = |claim: &str| {
            claims().find(|test| claim_of(test, host).is_some_and(|own| own.eq_ignore_ascii_case(claim)))
        };
        let github = host == "token.actions.githubusercontent.com";
        let at = principal.value.node;
        let (subject, audience) = (find("sub"), find("aud"));
        let says_who = |test: &Test<'_>| {
            let claim = claim_of(test, host).unwrap_or("").to_ascii_lowercase();
            is_narrow(test) && !matches!(claim.as_str(), "aud" | "oaud" | "azp" | "repository_owner")
        };
        let named = claims().any(says_who) || subject.is_some();
        if !named && (claims().next().is_none() || !names_its_client(host)) {
            let message = format!("everybody whom `{host}` knows may assume the role: test `{host}:sub`");
            self.note(FlawKind::OidcLoose, at, text, message);
            return;
        }
        if let Some(subject) = subject {
            self.subject(subject, github, claims().filter(|test| says_who(test)).count());
        }
        let open =
            |test: &&Test<'_>| !test.values.is_empty() && test.values.iter().any(|one| one.text.is("*"));
        match audience.filter(|test| !open(test)) {
            None if github || host == "cognito-identity.amazonaws.com" => {
                let message = format!("tokens for any audience pass: test `{host}:aud`");
                self.note(FlawKind::OidcLoose, at, text, message);
            }
            Some(test) if test.operator.is_some_and(|operator| operator.quantifier.is_some()) => {
                let message = match test.operator.and_then(|operator| operator.quantifier) {
                    Some(Quantifier::All) => {
                        format!("`{}` is true where `{}` is absent", test.operator_name, test.key)
                    }
                    _ => format!("`{}` has one value, which takes no quantifier", test.key),
                };
                self.note(FlawKind::OidcLoose, test.key_node, test.key, message);
            }
            _ => {}
        }
    }

    /// The subject of a token: a negation, an absent subject or a wide pattern lets strangers in.
    fn subject(&mut self, subject: &Test<'_>, github: bool, narrow: usize) {
        let operator = subject.operator;
        if operator.is_some_and(|operator| operator.negated || operator.quantifier == Some(Quantifier::All)) {
            if narrow == 0 {
                let message = format!("`{}` holds for nearly every subject", subject.operator_name);
                self.note(FlawKind::OidcLoose, subject.key_node, subject.key, message);
            }
            return;
        }
        for value in &subject.values {
            // What is not known is some name.
            let text: String = value
                .text
                .parts()
                .into_iter()
                .map(|part| match part {
                    Part::Known(text) => text,
                    Part::Hole(..) => "…",
                })
                .collect();
            if text == "…" {
                continue;
            }
            let text = text.as_str();
            let loose = if github { github_is_loose(text) } else { subject_is_loose(text) };
            if loose && narrow <= 1 {
                let what = if github { "one repository" } else { "it names" };
                let shown = value.text.display();
                let message = format!("`{shown}` lets more in than {what}");
                self.note(FlawKind::OidcLoose, value.node, &shown, message);
            }
        }
    }
}

/// The host name of a provider: the end of its ARN, its own name, or what the statement's keys start with where the
/// provider is one of the input.
fn host_of(text: &Text<'_>, statement: &Statement<'_>) -> Option<String> {
    let last = match text {
        Text::Known(known) => Some(&**known),
        Text::Holes(pieces) => match pieces.last() {
            Some(Piece::Literal(end)) => Some(&**end),
            _ => None,
        },
        Text::Unknown(_) => None,
    };
    if let Some((_, host)) = last.and_then(|last| last.split_once(":oidc-provider/")) {
        return Some(host.to_owned());
    }
    if let Some(known) = text.known() {
        return (!known.starts_with("arn:")).then(|| known.to_owned());
    }
    statement.conditions.iter().find_map(|test| {
        let (host, claim) = test.key.rsplit_once(':')?;
        (host.contains('.') && matches!(claim, "sub" | "aud")).then(|| host.to_owned())
    })
}

/// The claim of a provider's token that a test is about.
fn claim_of<'t>(test: &'t Test<'_>, host: &str) -> Option<&'t str> {
    let (prefix, claim) = test.key.rsplit_once(':')?;
    let (head, tail) = test.key.split_once(':')?;
    if prefix.eq_ignore_ascii_case(host) {
        Some(claim)
    } else {
        head.eq_ignore_ascii_case(host).then_some(tail)
    }
}

/// Providers with one application for each audience: whoever has it is known.
fn names_its_client(host: &str) -> bool {
    const HOSTS: &[&str] =
        &["cognito-identity.amazonaws.com", "www.amazon.com", "graph.facebook.com", "accounts.google.com"];
    const STARTS: &[&str] = &["sts.windows.net/", "login.microsoftonline.com/", "cognito-idp."];
    const ENDS: &[&str] = &[".auth0.com", ".auth0.com/", ".okta.com"];
    HOSTS.contains(&host)
        || STARTS.iter().any(|start| host.starts_with(start))
        || ENDS.iter().any(|end| host.ends_with(end))
}

/// Whether the subject of a token names nobody in particular.
fn subject_is_loose(subject: &str) -> bool {
    let starts = ["project_path:", "organization:", "org/", "system:serviceaccount:", "repo:"];
    let rest = starts.iter().find_map(|start| subject.strip_prefix(start)).unwrap_or(subject);
    rest.bytes().all(|byte| matches!(byte, b'*' | b':' | b'?')) || rest.starts_with('*')
}

/// Whether the subject of a GitHub token names more than one repository.
fn github_is_loose(subject: &str) -> bool {
    let Some(rest) = subject.strip_prefix("repo:") else {
        return subject.starts_with('*') || subject.starts_with("repo*");
    };
    let repository = rest.split(':').next().unwrap_or("");
    repository.contains(['*', '?']) || !repository.contains(['/', '…'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_names_one_repository_or_is_loose() {
        for text in ["repo:org/app:ref:refs/heads/main", "repo:org/app:*", "repo:org/app:environment:prod"] {
            assert!(!github_is_loose(text), "{text}");
        }
        for text in ["*", "repo:*", "repo:org/*", "repo:org*/app:*", "repo:org/*:ref:refs/heads/main"] {
            assert!(github_is_loose(text), "{text}");
        }
    }
}
