//! Test files: lists of cases.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::document::{
    Code, Diagnostic, FileId, Limits, Location, NodeId, Source, Span, Tree, View, parse, yaml,
};
use crate::rules::Status;

/// A test file that was read.
#[derive(Debug)]
pub(super) struct File {
    pub(super) source: Arc<Source>,
    pub(super) tree: Tree,
    pub(super) cases: Vec<Spec>,
}

/// A case, as it was written.
#[derive(Debug)]
pub(super) struct Spec {
    pub(super) name: Option<String>,
    pub(super) place: Location,
    pub(super) input: Input,
    pub(super) parameters: BTreeMap<String, String>,
    /// The account of the deployment.
    pub(super) account: Option<String>,
    pub(super) expected: Vec<(String, Status)>,
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

const KEYS: &[&str] = &["name", "input", "expectations", "parameters", "account", "findings"];

/// Reads the text of a test file.
pub(super) fn read(source: Arc<Source>) -> Result<File, Box<Diagnostic>> {
    let mut tree = Tree::new();
    let file = tree.add_source(Arc::clone(&source));
    let parsed = parse(&mut tree, file, source.text(), yaml::Schema::Core, Limits::default())
        .map_err(|error| Box::new(Diagnostic::syntax(Code::Yaml, &source, error)))?;
    let root = parsed.roots.first().copied();
    let Some(list) = root.and_then(|root| tree.list(root)) else {
        let made = Diagnostic::new(Code::Yaml, "a test file is a list of cases").in_file(source.name());
        return Err(Box::new(made));
    };
    let reader = Reader { tree: &tree, source: &source };
    let cases = list.iter().map(|case| reader.case(case)).collect::<Result<_, _>>()?;
    Ok(File { source, tree, cases })
}

struct Reader<'r> {
    tree: &'r Tree,
    source: &'r Arc<Source>,
}

impl Reader<'_> {
    #[expect(clippy::unnecessary_box_returns, reason = "results hold it boxed")]
    fn wrong(&self, node: NodeId, message: impl Into<String>) -> Box<Diagnostic> {
        Box::new(Diagnostic::new(Code::Yaml, message).at(self.place(node)))
    }

    fn place(&self, node: NodeId) -> Location {
        let span = self.tree.place(node).map_or(Span::new(FileId(0), 0, 0), |place| place.span);
        Location::new(Arc::clone(self.source), span)
    }

    fn case(&self, case: NodeId) -> Result<Spec, Box<Diagnostic>> {
        let Some(map) = self.tree.map(case) else {
            return Err(self.wrong(case, "a case is a map with `input` and `expectations`"));
        };
        if let Some((key, text, _)) = map.iter().find(|(_, key, _)| !KEYS.contains(key)) {
            return Err(self.wrong(key, format!("a case has no `{text}`; it has `{}`", KEYS.join("`, `"))));
        }
        let input = match map.get("input") {
            None => return Err(self.wrong(case, "the case has no `input`")),
            Some(input) => match self.tree.view(input) {
                View::String(path) => Input::File(path.to_owned()),
                _ => Input::Here(input),
            },
        };
        let (expected, findings) = (map.get("expectations"), map.get("findings"));
        if expected.is_none() && findings.is_none() {
            return Err(self.wrong(case, "the case expects nothing"));
        }
        Ok(Spec {
            name: map.get("name").and_then(|name| self.tree.scalar(name)).map(str::to_owned),
            place: self.place(case),
            input,
            parameters: self.parameters(map.get("parameters")),
            account: map.get("account").and_then(|node| self.tree.scalar(node)).map(str::to_owned),
            expected: expected.map(|node| self.expected(node)).transpose()?.unwrap_or_default(),
            findings: findings.map(|node| self.findings(node)).transpose()?,
        })
    }

    fn parameters(&self, node: Option<NodeId>) -> BTreeMap<String, String> {
        let entries =
            node.and_then(|node| self.tree.map(node)).into_iter().flat_map(crate::document::Map::iter);
        entries
            .filter_map(|(_, key, value)| Some((key.to_owned(), self.tree.scalar(value)?.to_owned())))
            .collect()
    }

    fn expected(&self, node: NodeId) -> Result<Vec<(String, Status)>, Box<Diagnostic>> {
        let Some(rules) = self.tree.get(node, "rules").and_then(|rules| self.tree.map(rules)) else {
            return Err(self.wrong(node, "`expectations` is a map with `rules`"));
        };
        let mut out = Vec::with_capacity(rules.len());
        for (_, rule, value) in rules.iter() {
            out.push((rule.to_owned(), self.status(value)?));
        }
        Ok(out)
    }

    fn status(&self, node: NodeId) -> Result<Status, Box<Diagnostic>> {
        let text = self.tree.scalar(node).unwrap_or("");
        [Status::Pass, Status::Fail, Status::Skip, Status::Unknown]
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or_else(|| self.wrong(node, format!("`{text}` is none of `PASS`, `FAIL`, `SKIP`, `UNKNOWN`")))
    }

    fn findings(&self, node: NodeId) -> Result<Vec<Expected>, Box<Diagnostic>> {
        let Some(list) = self.tree.list(node) else {
            return Err(self.wrong(node, "`findings` is a list"));
        };
        list.iter().map(|one| self.finding(one)).collect()
    }

    fn finding(&self, node: NodeId) -> Result<Expected, Box<Diagnostic>> {
        let Some(map) = self.tree.map(node) else {
            return Err(
                self.wrong(node, "a finding is a map with `rule`, `entity`, `message`, `line` or `status`")
            );
        };
        let mut out = Expected::default();
        for (key, text, value) in map.iter() {
            let scalar = self.tree.scalar(value).map(str::to_owned);
            match text {
                "rule" => out.rule = scalar,
                "entity" => out.entity = scalar,
                "message" => out.message = scalar,
                "line" => {
                    out.line = scalar.and_then(|line| line.parse().ok());
                    if out.line.is_none() {
                        return Err(self.wrong(value, "`line` is a number"));
                    }
                }
                "status" => out.status = Some(self.status(value)?),
                _ => return Err(self.wrong(key, format!("a finding has no `{text}`"))),
            }
        }
        Ok(out)
    }
}
