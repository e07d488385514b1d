//! Test files: lists of cases.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::document::{
    Code, Diagnostic, FileId, Level, Limits, Location, Map, NodeId, Source, Span, Tree, View, parse, yaml,
};
use crate::rules::{Status, suggest};

/// A test file that was read.
#[derive(Debug)]
pub(super) struct File {
    pub(super) source: Arc<Source>,
    pub(super) tree: Tree,
    pub(super) cases: Vec<Spec>,
    /// What is wrong with it; cases that are wrong are not among the others.
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// A case, as it was written.
#[derive(Debug)]
pub(super) struct Spec {
    /// Its name; its number where it has none.
    pub(super) name: String,
    pub(super) place: Location,
    pub(super) input: Input,
    /// Where the input stands.
    pub(super) input_place: Location,
    pub(super) parameters: BTreeMap<String, String>,
    /// The account of the deployment.
    pub(super) account: Option<String>,
    pub(super) expected: Vec<(String, Status, Location)>,
    pub(super) findings: Option<Vec<Expected>>,
}

/// What a case is about.
#[derive(Clone, Debug)]
pub(super) enum Input {
    /// A document in the test file.
    Here(NodeId),
    /// A file, relative to the test file.
    File(String),
}

/// A finding that a case expects.
#[derive(Clone, Debug, Default)]
pub(super) struct Expected {
    pub(super) rule: Option<String>,
    pub(super) entity: Option<String>,
    pub(super) message: Option<String>,
    pub(super) line: Option<u32>,
    pub(super) status: Option<Status>,
}

const CASE: &[&str] = &["name", "input", "expectations", "parameters", "account", "findings"];
const FINDING: &[&str] = &["rule", "entity", "message", "line", "status"];
const STATUSES: [Status; 4] = [Status::Pass, Status::Fail, Status::Skip, Status::Unknown];

/// Reads the text of a test file.
pub(super) fn read(source: Arc<Source>) -> Result<File, Box<Diagnostic>> {
    let mut tree = Tree::new();
    let file = tree.add_source(Arc::clone(&source));
    let parsed = parse(&mut tree, file, source.text(), yaml::Schema::Core, Limits::default())
        .map_err(|error| Box::new(Diagnostic::syntax(Code::Yaml, &source, error)))?;
    let reader = Reader { tree: &tree, source: &source, diagnostics: RefCell::default() };
    let Some(list) = parsed.roots.first().and_then(|root| tree.list(*root)) else {
        let made = Diagnostic::new(Code::Yaml, "a test file is a list of cases").in_file(source.name());
        return Err(Box::new(made));
    };
    if let Some(second) = parsed.roots.get(1) {
        reader.wrong(*second, "a test file is one document; here, another one begins", None);
    }
    let cases: Vec<Spec> =
        list.iter().enumerate().filter_map(|(index, case)| reader.case(index, case)).collect();
    let mut diagnostics = reader.diagnostics.into_inner();
    if list.is_empty() {
        let made = Diagnostic::new(Code::RuleSuspicious, "there are no cases in the test file");
        diagnostics.push(made.level(Level::Warning).in_file(source.name()));
    }
    Ok(File { source, tree, cases, diagnostics })
}

struct Reader<'r> {
    tree: &'r Tree,
    source: &'r Arc<Source>,
    diagnostics: RefCell<Vec<Diagnostic>>,
}

impl<'r> Reader<'r> {
    /// Reports a defect.
    fn wrong(&self, node: NodeId, message: impl Into<String>, help: Option<String>) {
        let mut made = Diagnostic::new(Code::Yaml, message).at(self.place(node));
        made.help = help;
        self.diagnostics.borrow_mut().push(made);
    }

    fn place(&self, node: NodeId) -> Location {
        let span = self.tree.place(node).map_or(Span::new(FileId(0), 0, 0), |place| place.span);
        Location::new(Arc::clone(self.source), span)
    }

    /// A map with these keys, each at most once; with any keys where none are named.
    fn map(&self, node: NodeId, what: &str, keys: &[&str]) -> Option<Map<'r>> {
        let Some(map) = self.tree.map(node) else {
            self.wrong(node, what, None);
            return None;
        };
        let mut seen: Vec<&str> = Vec::new();
        for (key, text, _) in map.iter() {
            if !keys.is_empty() && !keys.contains(&text) {
                let near = suggest(text, keys.iter().copied());
                let help = near.map(|near| format!("did you mean `{near}`?"));
                let help = help.unwrap_or_else(|| format!("it has `{}`", keys.join("`, `")));
                self.wrong(key, format!("there is no key `{text}` here"), Some(help));
            } else if seen.contains(&text) {
                self.wrong(key, format!("the key `{text}` stands here twice"), None);
            }
            seen.push(text);
        }
        Some(map)
    }

    /// A text, or what is written without quotes and is one value.
    fn text(&self, node: NodeId, what: &str) -> Option<String> {
        let text = match self.tree.view(node) {
            View::Null => None,
            _ => self.tree.scalar(node),
        };
        if text.is_none() {
            self.wrong(node, format!("{what} is a text"), None);
        }
        text.map(str::to_owned)
    }

    /// A case; nothing if something is wrong with it.
    fn case(&self, index: usize, case: NodeId) -> Option<Spec> {
        let before = self.diagnostics.borrow().len();
        let map = self.map(case, "a case is a map with `input` and `expectations`", CASE)?;
        let text = |key: &str| map.get(key).and_then(|node| self.text(node, &format!("`{key}`")));
        let name = map.get("name").filter(|node| !matches!(self.tree.view(*node), View::Null));
        let name = name.and_then(|node| self.text(node, "`name`"));
        let (expected, findings) = (map.get("expectations"), map.get("findings"));
        let input = map.get("input");
        // A key that is not known may be one that is missing.
        let misspelt = self.diagnostics.borrow().len() > before;
        if input.is_none() && !misspelt {
            self.wrong(case, "the case has no `input`", None);
        }
        let input_place = self.place(input.unwrap_or(case));
        let input = input.map(|input| match self.tree.view(input) {
            View::String(path) => Input::File(path.to_owned()),
            _ => Input::Here(input),
        });
        if expected.is_none() && findings.is_none() && !misspelt {
            self.wrong(case, "the case expects nothing", None);
        }
        let expected = expected.map(|node| self.expected(node)).unwrap_or_default();
        let findings = findings.map(|node| self.findings(node, input.as_ref()));
        let parameters = map.get("parameters").map(|node| self.parameters(node)).unwrap_or_default();
        let account = text("account");
        if self.diagnostics.borrow().len() > before {
            return None;
        }
        Some(Spec {
            name: name.unwrap_or_else(|| format!("case {}", index + 1)),
            place: self.place(case),
            input: input?,
            input_place,
            parameters,
            account,
            expected,
            findings,
        })
    }

    fn parameters(&self, node: NodeId) -> BTreeMap<String, String> {
        let map = self.map(node, "`parameters` is a map from names to values", &[]);
        let entries = map.into_iter().flat_map(Map::iter);
        entries
            .filter_map(|(_, key, value)| {
                Some((key.to_owned(), self.text(value, &format!("the parameter `{key}`"))?))
            })
            .collect()
    }

    fn expected(&self, node: NodeId) -> Vec<(String, Status, Location)> {
        const WHAT: &str = "`expectations` is a map with `rules`";
        const RULES: &str = "`rules` is a map from rules to statuses";
        let before = self.diagnostics.borrow().len();
        let Some(map) = self.map(node, WHAT, &["rules"]) else { return Vec::new() };
        let Some(rules) = map.get("rules") else {
            if self.diagnostics.borrow().len() == before {
                self.wrong(node, WHAT, None);
            }
            return Vec::new();
        };
        let rules = self.map(rules, RULES, &[]);
        let entries = rules.into_iter().flat_map(Map::iter);
        entries
            .filter_map(|(key, rule, value)| Some((rule.to_owned(), self.status(value)?, self.place(key))))
            .collect()
    }

    fn status(&self, node: NodeId) -> Option<Status> {
        let text = self.tree.scalar(node).unwrap_or("");
        let found = STATUSES.into_iter().find(|status| status.as_str() == text);
        if found.is_none() {
            let near = suggest(text, STATUSES.iter().map(|status| status.as_str()));
            let help = near.map(|near| format!("did you mean `{near}`?"));
            let message = match self.tree.scalar(node) {
                Some(text) => format!("`{text}` is none of `PASS`, `FAIL`, `SKIP`, `UNKNOWN`"),
                None => "a status is one of `PASS`, `FAIL`, `SKIP`, `UNKNOWN`".to_owned(),
            };
            self.wrong(node, message, help);
        }
        found
    }

    fn findings(&self, node: NodeId, input: Option<&Input>) -> Vec<Expected> {
        let Some(list) = self.tree.list(node) else {
            self.wrong(node, "`findings` is a list", None);
            return Vec::new();
        };
        list.iter().filter_map(|one| self.finding(one, input)).collect()
    }

    fn finding(&self, node: NodeId, input: Option<&Input>) -> Option<Expected> {
        let what = "a finding is a map with `rule`, `entity`, `message`, `line` or `status`";
        let map = self.map(node, what, FINDING)?;
        let text = |key: &str| map.get(key).and_then(|node| self.text(node, &format!("`{key}`")));
        let line = map.get("line").and_then(|node| {
            let line = self.tree.scalar(node).and_then(|line| line.parse().ok()).filter(|line| *line > 0);
            if line.is_none() {
                self.wrong(node, "`line` is the number of a line", None);
            } else if matches!(input, Some(Input::Here(_))) {
                self.wrong(node, "only an `input` that is a file has lines", None);
            }
            line
        });
        let status = map.get("status").and_then(|node| self.status(node));
        Some(Expected { rule: text("rule"), entity: text("entity"), message: text("message"), line, status })
    }
}
