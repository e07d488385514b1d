//! Addresses and references, taken apart.
//!
//! `module.web["a"].aws_iam_role.node[0].arn` is steps of names and keys. Keys in quotes may hold any character, so
//! splitting at dots alone is not enough.

/// One step: a name, and the key or index behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Step<'t> {
    pub(crate) name: &'t str,
    /// As written between the brackets: `0` or `"a"`.
    pub(crate) key: Option<&'t str>,
}

/// The steps of an address or reference.
pub(crate) fn steps(text: &str) -> Vec<Step<'_>> {
    let mut out: Vec<Step<'_>> = Vec::with_capacity(4);
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(tail) = rest.strip_prefix('[') {
            let Some(end) = closing(tail) else { break };
            if let (Some(last), Some(key)) = (out.last_mut(), tail.get(..end)) {
                // A second index goes into the value of the first; what matters is the instance.
                last.key.get_or_insert(key);
            }
            rest = tail.get(end + 1..).unwrap_or("");
        } else {
            let tail = rest.strip_prefix('.').unwrap_or(rest);
            let end = tail.find(['.', '[']).unwrap_or(tail.len());
            let (name, after) = tail.split_at(end);
            out.push(Step { name, key: None });
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

/// A call of a module: its name, and which instance of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Call {
    pub(crate) name: Box<str>,
    pub(crate) key: Option<Box<str>>,
}

/// A module instance: the calls that lead to it, outermost first.
pub(crate) type Module = Vec<Call>;

/// The calls of a module address: `module.a[0].module.b`.
pub(crate) fn module(address: &str) -> Module {
    let steps = steps(address);
    let (pairs, _) = steps.as_chunks::<2>();
    let calls = pairs.iter().filter(|[word, _]| word.name == "module");
    calls.map(|[_, call]| Call { name: call.name.into(), key: call.key.map(Into::into) }).collect()
}

/// A resource's address taken apart: its module, what `key` (`type.name`) declares it there, and which instance it is.
pub(crate) fn resource(address: &str) -> (Module, String, Option<&str>) {
    let steps = steps(address);
    let (pairs, _) = steps.as_chunks::<2>();
    let calls = pairs.iter().take_while(|[word, _]| word.name == "module").count();
    let own = steps.get(calls * 2..).unwrap_or_default();
    let key = own.iter().map(|step| step.name).collect::<Vec<_>>().join(".");
    (module(address), key, own.last().and_then(|step| step.key))
}

/// The names of the calls alone: the place of the module's source in the configuration.
pub(crate) fn path(module: &[Call]) -> String {
    module.iter().map(|call| &*call.name).collect::<Vec<_>>().join(".")
}

/// The address of an instance of what `key` (`type.name`) declares in a module.
pub(crate) fn of(module: &[Call], key: &str, instance: Option<&str>) -> String {
    let mut out = String::with_capacity(key.len() + 32 * module.len() + 8);
    let index = |out: &mut String, key: Option<&str>| {
        if let Some(key) = key {
            out.push('[');
            out.push_str(key);
            out.push(']');
        }
    };
    for call in module {
        out.push_str("module.");
        out.push_str(&call.name);
        index(&mut out, call.key.as_deref());
        out.push('.');
    }
    out.push_str(key);
    index(&mut out, instance);
    out
}

/// A key as references write it.
pub(crate) fn quoted(key: &str) -> String {
    format!("\"{}\"", key.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Whether two keys can be the same: an unknown key fits any.
pub(crate) fn fits(one: Option<&str>, other: Option<&str>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one == other || one == "*" || other == "*",
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_may_hold_dots_and_brackets() {
        let parts = steps(r#"module.a["x.y]\""].aws_iam_role.r[0].arn"#);
        assert_eq!(parts[1], Step { name: "a", key: Some(r#""x.y]\"""#) });
        assert_eq!(parts[3], Step { name: "r", key: Some("0") });
        assert_eq!(parts[4], Step { name: "arn", key: None });
        assert_eq!(path(&module(r#"module.a[0].module.b["k"]"#)), "a.b");
        let (calls, key, instance) = resource(r#"module.a["module.b"].aws_iam_role.r["x[0]"]"#);
        assert_eq!((calls.len(), &*key, instance), (1, "aws_iam_role.r", Some(r#""x[0]""#)));
        assert_eq!(of(&calls, &key, instance), r#"module.a["module.b"].aws_iam_role.r["x[0]"]"#);
        assert!(steps("x[").len() == 1 && steps("").is_empty());
        assert_eq!(quoted(r#"x.y]""#), r#""x.y]\"""#);
    }
}
