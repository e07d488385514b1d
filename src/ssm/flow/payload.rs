//! Values that reach a script as data: the recommended way, unless the script then runs them.
//!
//! The scripts are not parsed. Statements are looked at one by one: a name that is assigned from the payload stands for
//! it, and a call that runs its argument, or that decides who may do what, is a sink if such a name stands in it.

use crate::document::NodeId;
use crate::ssm::api;
use crate::ssm::context::{Context, Quote};
use crate::ssm::script::{Script, uses_below};
use crate::ssm::sink::Class;
use crate::ssm::step::Step;

use super::scope::Scope;
use super::{Flow, Verdict};

/// A call in a script that does something with its argument.
struct Call {
    class: Class,
    context: Context,
    service: &'static str,
    method: String,
    arguments: String,
}

impl Call {
    /// Whether one of the names stands where it does harm: in the text of a call that runs it, or in an argument that
    /// decides who may do what.
    fn takes(&self, names: &[String]) -> bool {
        let mentioned = |text: &str| names.iter().any(|name| mentions(text, name));
        if self.class != Class::Parameter {
            return mentioned(&self.arguments);
        }
        let inner = self.arguments.trim_start_matches('(');
        split_arguments(inner).into_iter().any(|argument| match argument.split_once('=') {
            Some((key, value)) => {
                api::is_sensitive(self.service, &self.method, key.trim()) && mentioned(value)
            }
            // Arguments that are put together elsewhere.
            None => argument.trim_start().starts_with("**") && mentioned(argument),
        })
    }
}

/// The arguments of a call, from the text after its parenthesis.
fn split_arguments(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let (mut depth, mut from) = (0i32, 0);
    for (at, found) in text.char_indices() {
        match found {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => {
                out.extend(text.get(from..at));
                from = at + 1;
            }
            _ => {}
        }
    }
    out.extend(text.get(from..));
    out
}

/// The flows of a payload's values into calls of the script.
pub(super) fn flows(scope: &Scope<'_>, index: usize, step: &Step, out: &mut Vec<Flow>) {
    let tree = scope.tree;
    let (Some(payload), Some(script)) = (step.input(tree, "InputPayload"), step.input(tree, "Script")) else {
        return;
    };
    let Some(map) = tree.map(payload) else { return };
    let entries: Vec<(&str, NodeId)> = map.iter().map(|(_, key, value)| (key, value)).collect();
    let text = Script::of(tree, script).plain();
    let calls = calls(&text);
    if calls.is_empty() {
        return;
    }
    for (key, node) in entries {
        let names = names_of(&text, key);
        let hit = calls.iter().find(|call| call.takes(&names));
        let Some(call) = hit else { continue };
        for found in uses_below(tree, node) {
            for origin in scope.origins(&found) {
                let (verdict, weak) = scope.verdict(&origin, call.class, call.context);
                let what = format!("is passed as `{key}` to a script that calls `{}`", call.method);
                let origin = origin.through(found.node, what);
                out.push(Flow {
                    source: origin.source,
                    path: origin.path,
                    class: call.class,
                    context: call.context,
                    step: index,
                    action: step.action.clone(),
                    input: format!("InputPayload.{key}").into(),
                    operation: Some((call.service.into(), call.method.as_str().into())),
                    node: found.node,
                    range: (found.reference.start, found.reference.end),
                    language: origin.language,
                    verdict: match verdict {
                        // The script may check the value before it uses it.
                        Verdict::Unsafe { .. } if checks(&text, &names) => {
                            Verdict::Unknown("the script may check the value".to_owned())
                        }
                        other => other,
                    },
                    weak,
                    passthrough: false,
                    crosses: false,
                    by_environment: origin.by_environment,
                    rendered: None,
                    under: Vec::new(),
                });
            }
        }
    }
}

/// The calls of a script that run their argument, or that decide who may do what.
fn calls(text: &str) -> Vec<Call> {
    let mut out = Vec::new();
    let shell = Context::Shell(Quote::None);
    let runs: &[(&str, Class, Context)] = &[
        ("os.system(", Class::Shell, shell),
        ("os.popen(", Class::Shell, shell),
        ("subprocess.getoutput(", Class::Shell, shell),
        ("eval(", Class::Python, Context::Python(Quote::None)),
        ("exec(", Class::Python, Context::Python(Quote::None)),
        ("Invoke-Expression ", Class::PowerShell, Context::PowerShell(Quote::None)),
        ("iex ", Class::PowerShell, Context::PowerShell(Quote::None)),
    ];
    for (name, class, context) in runs {
        for (at, _) in text.match_indices(name) {
            let before = text.get(..at).and_then(|before| before.chars().next_back());
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '.') {
                continue;
            }
            let arguments = arguments(text, at + name.trim_end_matches(['(', ' ']).len());
            let method = name.trim_end_matches(['(', ' ']).to_owned();
            out.push(Call { class: *class, context: *context, service: "", method, arguments });
        }
    }
    for name in [
        "subprocess.run(",
        "subprocess.call(",
        "subprocess.check_output(",
        "subprocess.Popen(",
        "subprocess.check_call(",
    ] {
        for (at, _) in text.match_indices(name) {
            let arguments = arguments(text, at + name.len() - 1);
            if arguments.replace(' ', "").contains("shell=True") {
                let method = name.trim_end_matches('(').to_owned();
                out.push(Call { class: Class::Shell, context: shell, service: "", method, arguments });
            }
        }
    }
    out.extend(api_calls(text));
    out
}

fn api_calls(text: &str) -> Vec<Call> {
    let mut out = Vec::new();
    for (service, method) in api::sensitive_methods() {
        let quoted = [format!("'{service}'"), format!("\"{service}\"")];
        if !quoted.iter().any(|quoted| text.contains(quoted.as_str())) {
            continue;
        }
        let call = format!(".{method}(");
        for (at, _) in text.match_indices(&call) {
            let arguments = arguments(text, at + call.len() - 1);
            out.push(Call {
                class: Class::Parameter,
                context: Context::Selector,
                service,
                method: method.clone(),
                arguments,
            });
        }
    }
    out
}

/// The text from an opening parenthesis to its match, or to the end of the line where there is none.
fn arguments(text: &str, from: usize) -> String {
    let rest = text.get(from..).unwrap_or("");
    if !rest.starts_with('(') {
        return rest.lines().next().unwrap_or("").to_owned();
    }
    let mut depth = 0;
    let mut out = String::new();
    for found in rest.chars().take(4000) {
        match found {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        out.push(found);
        if depth == 0 {
            break;
        }
    }
    out
}

/// What stands for an entry of the payload: the ways to take it out, and the names that are assigned from those.
fn names_of(text: &str, key: &str) -> Vec<String> {
    let mut names = vec![
        format!("['{key}']"),
        format!("[\"{key}\"]"),
        format!(".get('{key}'"),
        format!(".get(\"{key}\""),
        format!("$InputPayload.{key}"),
        format!("$env:InputPayload.{key}"),
    ];
    // Names that are assigned from names: a few rounds reach the end in any script that a person can read.
    let functions = functions(text);
    for _ in 0..4 {
        let before = names.len();
        for line in text.lines() {
            bound(line, &functions, &mut names);
        }
        if names.len() == before {
            break;
        }
    }
    names
}

/// Adds the names that a line binds to a value that a known name stands for: by an assignment, as what a loop is at, or
/// as the parameter of a function.
fn bound(line: &str, functions: &[(&str, Vec<&str>)], names: &mut Vec<String>) {
    let mut found: Vec<String> = Vec::new();
    let takes = |text: &str| names.iter().any(|name| mentions(text, name));
    if let Some((left, right)) = line.split_once('=')
        && !right.starts_with('=')
        && takes(right)
    {
        found.push(left.trim().trim_start_matches('$').to_owned());
    }
    for (at, _) in line.match_indices("for ") {
        let rest = line.get(at + 4..).unwrap_or("");
        if let Some((each, all)) = rest.split_once(" in ")
            && takes(all)
        {
            found.extend(each.split(',').map(|name| name.trim().to_owned()));
        }
    }
    for (function, parameters) in functions {
        let calls = line.match_indices(function).filter(|_| !line.trim_start().starts_with("def "));
        for (at, _) in calls {
            let after = at + function.len();
            let before = line.get(..at).and_then(|before| before.chars().next_back());
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_')
                || line.get(after..after + 1) != Some("(")
            {
                continue;
            }
            let all = arguments(line, after);
            let inner = all.strip_prefix('(').unwrap_or(&all);
            let inner = inner.strip_suffix(')').unwrap_or(inner);
            for (position, argument) in split_arguments(inner).into_iter().enumerate() {
                match argument.split_once('=') {
                    Some((name, value)) if !value.starts_with('=') => {
                        let name = Some(name.trim()).filter(|name| parameters.contains(name) && takes(value));
                        found.extend(name.map(str::to_owned));
                    }
                    _ if takes(argument) => {
                        found.extend(parameters.get(position).map(|name| (*name).to_owned()));
                    }
                    _ => {}
                }
            }
        }
    }
    for name in found {
        let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
        if is_name && !names.contains(&name) {
            names.push(name);
        }
    }
}

/// The functions that a script defines, with the names of their parameters.
fn functions(text: &str) -> Vec<(&str, Vec<&str>)> {
    let definitions = text.lines().filter_map(|line| line.trim_start().strip_prefix("def "));
    let split = definitions.filter_map(|definition| definition.split_once('('));
    split
        .map(|(name, rest)| {
            let inside = rest.split(')').next().unwrap_or("");
            let parameters = inside.split(',').map(|one| one.split([':', '=']).next().unwrap_or("").trim());
            (name.trim(), parameters.collect())
        })
        .collect()
}

/// Whether a name stands in a text, as a word where it is one.
fn mentions(text: &str, name: &str) -> bool {
    let is_word = name.chars().all(|c| c.is_alphanumeric() || c == '_');
    text.match_indices(name).any(|(at, found)| {
        let part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text.get(at + found.len()..).and_then(|after| after.chars().next());
        // `name=` in a call is the name of an argument, not the value.
        let keyword =
            after == Some('=') && text.get(at + found.len() + 1..).is_some_and(|rest| !rest.starts_with('='));
        !is_word || !part(before) && !part(after) && !keyword
    })
}

/// Whether the script matches one of the names against something.
fn checks(text: &str, names: &[String]) -> bool {
    text.lines().any(|line| {
        let compares = line.contains("re.match") || line.contains("fullmatch") || line.contains(" not in ");
        compares && names.iter().any(|name| mentions(line, name))
    })
}
