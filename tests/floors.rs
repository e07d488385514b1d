//! A module imports only from floors below it.

use std::path::Path;

/// From the lowest to the highest; modules of one floor do not import each other.
const FLOORS: &[&[&str]] = &[
    &["catalog"],
    &["document"],
    &["iam", "ssm"],
    &["model"],
    &["ingest"],
    &["facts"],
    &["rules"],
    &["check"],
    &["report", "fix", "advise"],
    &["cli"],
];

fn floor_of(module: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&module))
}

/// The modules that a file of `module` names by `crate::…`, and that are not below it.
fn violations(module: &str, text: &str) -> Vec<String> {
    let Some(own) = floor_of(module) else { return vec![format!("`{module}` is on no floor")] };
    let code = text.lines().map(|line| line.split("//").next().unwrap_or(""));
    code.flat_map(|line| line.split("crate::").skip(1).map(str::to_owned).collect::<Vec<_>>())
        .map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or("").to_owned())
        .filter(|name| name != module && floor_of(name).is_some_and(|floor| floor >= own))
        .map(|name| format!("`{module}` imports `{name}`"))
        .collect()
}

#[test]
fn imports_lead_downwards() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut files = 0;
    for (module, file) in crate::tidy::sources(&src) {
        // What is done before the crate is compiled is a program of its own.
        if ["lib", "main", "build"].contains(&module.as_str()) {
            continue;
        }
        files += 1;
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(!text.contains("use crate::{"), "{}: one `use crate::…` a line", file.display());
        found
            .extend(violations(&module, &text).into_iter().map(|what| format!("{}: {what}", file.display())));
    }
    assert!(files > 20, "the sources were found");
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_violation_would_be_found() {
    assert_eq!(violations("model", "use crate::rules::Rule; // crate::cli"), ["`model` imports `rules`"]);
    assert!(violations("rules", "use crate::document::Tree;\nuse crate::rules::ast;").is_empty());
    assert_eq!(violations("iam", "use crate::ssm::x;").len(), 1);
    assert_eq!(violations("nowhere", ""), ["`nowhere` is on no floor"]);
}
