//! References to values: `{{ name }}`, `{{ step.output }}`, `{{ssm:name}}`, …

/// What a reference refers to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// A parameter of the document, or a pseudo parameter of what runs it.
    Name(Box<str>),
    /// An output of a step, or what a loop is at.
    Output {
        /// The step's name.
        step: Box<str>,
        /// The output, with a path into it.
        output: Box<str>,
    },
    /// A variable of the document.
    Variable(Box<str>),
    /// `global:…` and `automation:…`: what the service itself knows.
    System(Box<str>),
    /// A Parameter Store parameter.
    Store(Box<str>),
    /// A `SecureString` of Parameter Store.
    Secret(Box<str>),
}

/// A reference in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The byte at which its `{{` starts.
    pub start: usize,
    /// The byte after its `}}`.
    pub end: usize,
    /// What it refers to.
    pub target: Target,
}

/// The references in a text, in order. Braces around anything else are text.
pub fn references(text: &str) -> Vec<Reference> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(open) = text.get(from..).and_then(|rest| rest.find("{{")) {
        // In `{{{x}}` the innermost pair counts.
        let mut start = from + open;
        while text.get(start + 2..).is_some_and(|rest| rest.starts_with('{')) {
            start += 1;
        }
        let Some(length) = text.get(start + 2..).and_then(|rest| rest.find("}}")) else { break };
        let body = text.get(start + 2..start + 2 + length).unwrap_or("");
        if let Some(inner) = body.rfind("{{") {
            from = start + 2 + inner;
            continue;
        }
        let end = start + 2 + length + 2;
        if let Some(target) = target(body.trim()) {
            found.push(Reference { start, end, target });
        }
        from = end;
    }
    found
}

fn target(body: &str) -> Option<Target> {
    let named = |name: &str| {
        let valid =
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "/_.:-".contains(c));
        valid.then(|| name.into())
    };
    if let Some((kind, rest)) = body.split_once(':') {
        let rest = rest.trim();
        return match kind.trim() {
            "ssm" => named(rest).map(Target::Store),
            "ssm-secure" => named(rest).map(Target::Secret),
            "variable" => named(rest).map(Target::Variable),
            "global" => named(rest).map(|_| Target::System(body.into())),
            "automation" => named(rest).map(|_| Target::System(body.into())),
            _ => None,
        };
    }
    let word = |name: &str| {
        let mut letters = name.chars();
        letters.next().is_some_and(|c| c.is_ascii_alphanumeric() || c == '_')
            && letters.all(|c| c.is_ascii_alphanumeric() || "_-".contains(c))
    };
    match body.split_once('.') {
        None => word(body).then(|| Target::Name(body.into())),
        Some((step, output)) => {
            let path = !output.is_empty()
                && output.chars().all(|c| c.is_ascii_alphanumeric() || "_-.[]:'\"$*@".contains(c));
            (word(step) && path).then(|| Target::Output { step: step.into(), output: output.into() })
        }
    }
}

/// The name that begins a dotted one: `Payload` of `Payload.key`, `Out` of `Out[0]`.
pub fn head(output: &str) -> &str {
    output.split(['.', '[']).next().unwrap_or(output)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_found_and_other_braces_are_text() {
        let output = |step: &str, output: &str| Target::Output { step: step.into(), output: output.into() };
        for (text, expected) in [
            ("{{ Name }}", vec![Target::Name("Name".into())]),
            ("a{{A}}b{{ B}}", vec![Target::Name("A".into()), Target::Name("B".into())]),
            ("{{ step.Out }}", vec![output("step", "Out")]),
            ("{{step.Payload.key}}", vec![output("step", "Payload.key")]),
            ("{{ssm:/a/b}}", vec![Target::Store("/a/b".into())]),
            ("{{ssm:x:3}}", vec![Target::Store("x:3".into())]),
            ("{{ssm-secure:x}}", vec![Target::Secret("x".into())]),
            ("{{ global:DATE }}", vec![Target::System("global:DATE".into())]),
            ("{{automation:EXECUTION_ID}}", vec![Target::System("automation:EXECUTION_ID".into())]),
            ("{{variable:v}}", vec![Target::Variable("v".into())]),
            ("{{.Names}} {{range .}} {{ a | b }}", vec![]),
            ("{{resolve:ssm:x}}", vec![]),
            ("{{{x}}}", vec![Target::Name("x".into())]),
            ("{{ {{x}} }}", vec![Target::Name("x".into())]),
            ("{{x", vec![]),
        ] {
            let found: Vec<_> = references(text).into_iter().map(|reference| reference.target).collect();
            assert_eq!(found, expected, "{text}");
        }
        assert_eq!(references("é{{ x }}").first().map(|found| (found.start, found.end)), Some((2, 9)));
    }
}
