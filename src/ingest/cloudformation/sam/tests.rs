//! What the transform makes, against what it has made elsewhere: inputs and outputs of the translator's own tests, where
//! they are at hand.

use std::collections::BTreeMap;
use std::path::Path;

use super::super::texts;
use super::super::written;
use crate::document::{NodeId, Tree};
use crate::ingest::{Options, Unit, read};
use crate::model::{Relation, Target};

/// A value as one line, whatever the order of keys.
fn line(tree: &Tree, node: NodeId) -> String {
    let text: String = written::json(tree, node).iter().map(texts::shown).collect();
    match serde_json::from_str::<serde_json::Value>(&text) {
        Ok(value) => plain(value).to_string(),
        Err(_) => tree.display(node),
    }
}

/// Without what does not matter: whether one thing is a list of one, and the version, which the templates of the
/// translator leave out and its own documents name.
fn plain(value: serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match value {
        Value::Array(mut all) if all.len() == 1 => plain(all.remove(0)),
        Value::Array(all) => all.into_iter().map(plain).collect(),
        Value::Object(map) => {
            let kept: BTreeMap<_, _> = map.into_iter().filter(|(key, _)| key != "Version").collect();
            kept.into_iter().map(|(key, value)| (key, plain(value))).collect()
        }
        other => other,
    }
}

/// The roles that a template has in the end: what they trust, what is attached, what is in them.
fn roles(unit: &Unit) -> BTreeMap<String, Vec<String>> {
    let (tree, inventory) = (&unit.tree, &unit.inventory);
    let mut out = BTreeMap::new();
    for (index, entity) in (0u32..).zip(inventory.entities()) {
        let id = crate::model::EntityId(index);
        let resource = inventory.resource(entity.resource).unwrap();
        if &*resource.ty != "AWS::IAM::Role" || entity.kind != crate::model::Kind::Role {
            continue;
        }
        let mut said: Vec<String> = Vec::new();
        for field in ["trust", "path"] {
            said.extend(entity.get(field).map(|value| format!("{field} {}", line(tree, value))));
        }
        for relation in [Relation::Attached, Relation::Boundary, Relation::Inline] {
            for link in inventory.links_from(id, relation) {
                let document = match link.to {
                    Target::Entity(to, _) => inventory.entity(to).and_then(|to| to.get("document")),
                    _ => None,
                };
                let value = match (relation, document) {
                    (Relation::Inline, Some(document)) => document,
                    _ => link.value,
                };
                said.push(format!("{relation:?} {}", line(tree, value)));
            }
        }
        said.sort();
        said.dedup();
        out.insert(resource.id.to_string(), said);
    }
    out
}

#[test]
fn inputs_of_the_translator_expand_to_its_outputs() {
    // `TRANSLATOR` names a folder with more of them, as `…__translator__input__NAME.yaml` and `…__output__NAME.json`.
    let corpus = std::env::var_os("TRANSLATOR").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/cfn"),
        std::path::PathBuf::from,
    );
    let Ok(entries) = std::fs::read_dir(&corpus) else { return };
    let options = Options {
        region: Some("ap-southeast-1".to_owned()),
        account: Some("123456789012".to_owned()),
        ..Options::default()
    };
    let (mut count, mut wrong) = (0, Vec::new());
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let output = corpus.join(name.replace("__input__", "__output__").replace(".yaml", ".json"));
        if !name.contains("translator__input__") || !output.exists() {
            continue;
        }
        let of = |path: &Path| {
            let bytes = std::fs::read(path).unwrap();
            roles(&read(&path.to_string_lossy(), bytes, &options).unwrap())
        };
        let (ours, theirs) = (of(&path), of(&output));
        count += theirs.len();
        for (id, theirs) in &theirs {
            match ours.get(id) {
                Some(ours) if ours == theirs => {}
                Some(ours) => {
                    let less: Vec<_> = theirs.iter().filter(|one| !ours.contains(one)).collect();
                    let more: Vec<_> = ours.iter().filter(|one| !theirs.contains(one)).collect();
                    wrong.push(format!("{name} {id}\n  lacks {less:#?}\n  has {more:#?}"));
                }
                None => wrong.push(format!("{name} {id} is missing: {theirs:#?}")),
            }
        }
        let more = ours.keys().filter(|id| !theirs.contains_key(*id));
        wrong.extend(more.map(|id| format!("{name} {id}: the translator makes no such role")));
    }
    assert!(wrong.is_empty(), "{} of {count} roles differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count > 60, "{count} roles were compared");
}
