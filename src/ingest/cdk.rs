//! CDK cloud assemblies: which templates a `cdk.out` folder holds, and where they are deployed to.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::document::{Code, Diagnostic, Limits};

use super::{Options, Parameters};

/// The file that says what an assembly holds.
pub const MANIFEST: &str = "manifest.json";

/// How deep assemblies may be nested: pipelines have one for each stage.
const DEPTH: usize = 8;

/// A stack of an assembly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CdkStack {
    /// Its template.
    pub path: PathBuf,
    /// The name by which the CDK shows it.
    pub name: String,
    /// The account that it is deployed to, where that is known.
    pub account: Option<String>,
    /// The Region that it is deployed to, where that is known.
    pub region: Option<String>,
    /// The name of the stack in its account.
    pub stack_name: Option<String>,
    /// The values of its parameters.
    pub parameters: Parameters,
}

impl CdkStack {
    /// The options for reading its template: what the caller says wins over the manifest.
    pub fn options(&self, given: &Options) -> Options {
        let mut parameters = self.parameters.clone();
        parameters.extend(given.parameters.clone());
        Options {
            parameters,
            region: given.region.clone().or_else(|| self.region.clone()),
            account: given.account.clone().or_else(|| self.account.clone()),
            stack_name: self.stack_name.clone(),
            ..given.clone()
        }
    }
}

#[derive(Deserialize)]
struct Manifest {
    #[serde(default)]
    artifacts: BTreeMap<String, Artifact>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Artifact {
    #[serde(rename = "type")]
    ty: String,
    environment: Option<String>,
    display_name: Option<String>,
    #[serde(default)]
    properties: Properties,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Properties {
    template_file: Option<String>,
    directory_name: Option<String>,
    stack_name: Option<String>,
    #[serde(default)]
    parameters: BTreeMap<String, serde_json::Value>,
}

/// Whether a folder is an assembly: the CDK marks it with a file, or its manifest lists artifacts.
pub fn is_assembly(folder: &Path) -> bool {
    /// What only the manifest is asked for.
    #[derive(Deserialize)]
    struct Listed {
        #[serde(rename = "artifacts")]
        _artifacts: serde_json::Map<String, serde_json::Value>,
        #[serde(rename = "version")]
        _version: String,
    }
    let manifest = folder.join(MANIFEST);
    let is_file = std::fs::metadata(&manifest).is_ok_and(|meta| meta.is_file());
    let is_listed = || {
        let file = std::fs::File::open(&manifest).map(std::io::BufReader::new);
        file.is_ok_and(|file| serde_json::from_reader::<_, Listed>(file).is_ok())
    };
    is_file && (folder.join("cdk.out").is_file() || is_listed())
}

/// The stacks of the assembly in a folder, those of nested assemblies included, in the order of their names.
pub fn read_assembly(folder: &Path, limits: Limits) -> Result<Vec<CdkStack>, Box<Diagnostic>> {
    let mut out = Vec::new();
    collect(folder, limits, DEPTH, &mut out)?;
    Ok(out)
}

fn collect(
    folder: &Path,
    limits: Limits,
    depth: usize,
    out: &mut Vec<CdkStack>,
) -> Result<(), Box<Diagnostic>> {
    let path = folder.join(MANIFEST);
    let wrong =
        |code, message: String| Box::new(Diagnostic::new(code, message).in_file(path.to_string_lossy()));
    let bytes = std::fs::read(&path).map_err(|error| {
        wrong(Code::Unreadable, format!("the manifest of the assembly cannot be read: {error}"))
    })?;
    if bytes.len() > limits.bytes {
        return Err(wrong(Code::Limit, "the manifest is too large".to_owned()));
    }
    let manifest: Manifest = serde_json::from_slice(&bytes)
        .map_err(|error| wrong(Code::Json, format!("this is no manifest of an assembly: {error}")))?;
    for (id, artifact) in manifest.artifacts {
        let Properties { template_file, directory_name, stack_name, parameters } = artifact.properties;
        match (artifact.ty.as_str(), template_file, directory_name) {
            ("aws:cloudformation:stack", Some(template), _) => {
                let (account, region) = environment(artifact.environment.as_deref());
                let texts = parameters.into_iter().filter_map(|(key, value)| Some((key, plain(&value)?)));
                out.push(CdkStack {
                    path: folder.join(template),
                    // The CDK writes it down only where it is not the artifact's id.
                    stack_name: Some(stack_name.unwrap_or_else(|| id.clone())),
                    name: artifact.display_name.unwrap_or(id),
                    account,
                    region,
                    parameters: texts.collect(),
                });
            }
            ("cdk:cloud-assembly", _, Some(inner)) if depth > 0 => {
                collect(&folder.join(inner), limits, depth - 1, out)?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Account and Region of `aws://ACCOUNT/REGION`.
fn environment(text: Option<&str>) -> (Option<String>, Option<String>) {
    let parts = text.and_then(|text| text.strip_prefix("aws://")?.split_once('/'));
    let known = |part: &str| (!part.is_empty() && !part.starts_with("unknown-")).then(|| part.to_owned());
    parts.map_or((None, None), |(account, region)| (known(account), known(region)))
}

fn plain(value: &serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Number(number) => Some(number.to_string()),
        serde_json::Value::Bool(known) => Some(known.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stacks_of_nested_assemblies_are_found() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/ingest/assembly");
        let stacks = read_assembly(&folder, Limits::default()).unwrap();
        let shown: Vec<_> = stacks
            .iter()
            .map(|stack| {
                let path = stack.path.strip_prefix(&folder).unwrap().to_string_lossy().replace('\\', "/");
                format!("{} {path} {:?} {:?} {:?}", stack.name, stack.account, stack.region, stack.parameters)
            })
            .collect();
        assert_eq!(
            shown,
            [
                "Prod/App assembly-Prod/ProdApp.template.json Some(\"123456789012\") Some(\"eu-west-1\") {}",
                "Pipeline Pipeline.template.json None None {\"Size\": \"3\"}",
            ]
        );
        let missing = read_assembly(&folder.join("nowhere"), Limits::default()).unwrap_err();
        assert!(
            missing.message.starts_with("the manifest of the assembly cannot be read"),
            "{}",
            missing.message
        );
    }
}
