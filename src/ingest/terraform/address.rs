//! Addresses and references, taken apart.
//!
//! `module.web["a"].aws_iam_role.node[0].arn` is steps of names and keys. Keys in quotes may hold any character, so
//! splitting at dots alone is not enough.

/// One step: a name, and the key or index behind it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Step {
    pub(crate) name: Box<str>,
    /// As written between the brackets: `0` or `"a"`.
    pub(crate) key: Option<Box<str>>,
}

/// The steps of an address or reference.
pub(crate) fn steps(text: &str) -> Vec<Step> {
    let mut out: Vec<Step> = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(tail) = rest.strip_prefix('[') {
            let Some(end) = closing(tail) else { break };
            if let (Some(last), Some(key)) = (out.last_mut(), tail.get(..end)) {
                // A second index goes into the value of the first; what matters is the instance.
                last.key.get_or_insert_with(|| key.into());
            }
            rest = tail.get(end + 1..).unwrap_or("");
        } else {
            let tail = rest.strip_prefix('.').unwrap_or(rest);
            let end = tail.find(['.', '[']).unwrap_or(tail.len());
            let (name, after) = tail.split_at(end);
            out.push(Step { name: name.into(), key: None });
            rest = after;
        }
    }
    out
}

/// The position of the bracket that ends a key.
fn closing(text: &str) -> Option<usize> {
    let mut quoted = false;
    let mut escaped = false;
    for (at, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ']' if !quoted => return Some(at),
            _ => {}
        }
    }
    None
}

/// A module instance: the calls that lead to it, outermost first.
pub(crate) type Module = Vec<Step>;

/// The calls of a module address: `module.a[0].module.b`.
pub(crate) fn module(address: &str) -> Module {
    let steps = steps(address);
    let (pairs, _) = steps.as_chunks::<2>();
    pairs.iter().filter(|[word, _]| &*word.name == "module").map(|[_, call]| call.clone()).collect()
}

/// The names of the calls alone: the place of the module's source in the configuration.
pub(crate) fn path(module: &[Step]) -> String {
    module.iter().map(|step| &*step.name).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<(String, Option<String>)> {
        steps(text).into_iter().map(|step| (step.name.into(), step.key.map(Into::into))).collect()
    }

    #[test]
    fn keys_may_hold_dots_and_brackets() {
        let parts = shown(r#"module.a["x.y]\""].aws_iam_role.r[0].arn"#);
        assert_eq!(parts[1], ("a".into(), Some(r#""x.y]\"""#.into())));
        assert_eq!(parts[3], ("r".into(), Some("0".into())));
        assert_eq!(parts[4], ("arn".into(), None));
        assert_eq!(path(&module(r#"module.a[0].module.b["k"]"#)), "a.b");
        assert!(steps("x[").len() == 1 && steps("").is_empty());
    }
}
