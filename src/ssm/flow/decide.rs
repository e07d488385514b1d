//! Can a value that its constraints let through do harm where it lands?

use crate::document::Tri;
use crate::ssm::context::{Context, Quote};
use crate::ssm::language::Language;
use crate::ssm::sink::Class;
use crate::ssm::solver::{Meeting, Solver};

use super::{Trust, Verdict};

/// A choice between at most this many is no free choice.
const FEW: usize = 64;
/// Allowed values are written by the author: words and numbers in code are what was meant.
const WORDS: &str = "[^A-Za-z0-9_.+-]";

/// The verdict on a value of a language in a context, and a text that only changes arguments.
pub(super) fn decide(
    solver: &Solver,
    (trust, language): (Trust, &Language),
    class: Class,
    context: Context,
) -> (Verdict, Option<String>) {
    match context {
        // Ids that the service gives are no choice.
        Context::Selector | Context::UrlHost if trust <= Trust::Id => (Verdict::Safe, None),
        Context::Selector | Context::UrlHost => (selection(solver, language, class), None),
        Context::Python(Quote::None) if language.values().is_some() => {
            (verdict(solver.meet(language, WORDS)), None)
        }
        _ => {
            let danger = context.danger();
            let found = verdict(solver.escape(language, &danger));
            let weak = danger.weak.filter(|_| found == Verdict::Safe).and_then(|weak| {
                match solver.meet(language, weak) {
                    Meeting::Witness(text) => Some(text),
                    _ => None,
                }
            });
            (found, weak)
        }
    }
}

fn verdict(meeting: Meeting) -> Verdict {
    match meeting {
        Meeting::Never => Verdict::Safe,
        Meeting::Witness(witness) => Verdict::Unsafe { witness },
        Meeting::Unknown(reason) => Verdict::Unknown(reason),
    }
}

/// A value that selects code, a role or an API is safe where it is one of few, or can only be one of the owner's own.
fn selection(solver: &Solver, language: &Language, class: Class) -> Verdict {
    if language.few().is_some_and(|count| count <= FEW) || solver.members(language, FEW).is_some() {
        return Verdict::Safe;
    }
    let Some(example) = solver.example(language) else {
        return match solver.meet(language, "") {
            Meeting::Unknown(reason) => Verdict::Unknown(reason),
            _ => Verdict::Safe,
        };
    };
    if language.is_free() {
        return Verdict::Unsafe { witness: "anything".to_owned() };
    }
    if is_pinned(solver, language, class, &example) {
        return Verdict::Safe;
    }
    Verdict::Unsafe { witness: example }
}

/// Whether all texts of a language name something of one account, or with one prefix.
fn is_pinned(solver: &Solver, language: &Language, class: Class, example: &str) -> bool {
    let escaped = |text: &str| regex_syntax::escape(text);
    if example.starts_with("arn:") {
        let fields: Vec<&str> = example.splitn(6, ':').collect();
        let (Some(service), Some(account), Some(resource)) = (fields.get(2), fields.get(4), fields.get(5))
        else {
            return false;
        };
        let kind = resource.split(['/', ':']).next().unwrap_or("");
        let name = resource.get(kind.len() + 1..).unwrap_or("");
        let prefix: String = name.chars().take(3).collect();
        let form = format!(
            "arn:[a-z-]+:{}:[a-z0-9-]*:{}:{}[/:]{}.*",
            escaped(service),
            escaped(account),
            escaped(kind),
            escaped(&prefix)
        );
        return !account.is_empty() && prefix.len() >= 3 && solver.is_within(language, &form) == Tri::Yes;
    }
    if let Some((scheme, rest)) = example.split_once("://") {
        let host = rest.split('/').next().unwrap_or("");
        let form = format!("{}://{}/.*", escaped(scheme), escaped(host));
        return !host.is_empty() && solver.is_within(language, &form) == Tri::Yes;
    }
    let prefix: String = example.chars().take(3).collect();
    let form = format!("{}[^:/]*", escaped(&prefix));
    let own_names = matches!(class, Class::Document | Class::Role | Class::Parameter);
    own_names
        && prefix.len() >= 3
        && !prefix.eq_ignore_ascii_case("AWS")
        && solver.is_within(language, &form) == Tri::Yes
}
