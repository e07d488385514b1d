//! Prints the roles of each file, one JSON line a role.
use rolecall::document::{Conditions, NodeId, Tree, View, spread};
use rolecall::ingest::{self, Options};
use rolecall::model::{Kind, Relation, Target};
fn texts(tree: &Tree, c: &mut Conditions, n: NodeId) -> Vec<String> {
    spread(tree, c, n).into_iter().map(|(_, n)| tree.display(n)).collect()
}
fn main() {
    for f in std::env::args().skip(1) {
        let Ok(mut u) = ingest::read(&f, std::fs::read(&f).unwrap(), &Options::default()) else { continue };
        let mut c = std::mem::take(&mut u.conditions);
        for &id in u.inventory.of_kind(Kind::Role) {
            let e = u.inventory.entity(id).unwrap();
            if e.get("outside").is_some() {
                continue;
            }
            let r = u.inventory.resource(e.resource).unwrap();
            let mut attached = vec![];
            let mut inline = vec![];
            for l in u.inventory.links_from(id, Relation::Attached) {
                attached.push(u.tree.display(l.value));
                if let Target::Entity(p, _) = l.to {
                    if let Some(d) = u.inventory.entity(p).unwrap().get("document") {
                        stm(&u.tree, &mut c, d, &mut inline)
                    }
                }
            }
            for l in u.inventory.links_from(id, Relation::Inline) {
                if let Target::Entity(p, _) = l.to {
                    if let Some(d) = u.inventory.entity(p).unwrap().get("document") {
                        stm(&u.tree, &mut c, d, &mut inline)
                    }
                }
            }
            let mut trust = vec![];
            if let Some(t) = e.get("trust") {
                stm(&u.tree, &mut c, t, &mut trust)
            }
            attached.sort();
            attached.dedup();
            inline.sort();
            inline.dedup();
            trust.sort();
            println!(
                "{}",
                serde_json::json!({"f": f, "id": &*r.id, "attached": attached, "inline": inline, "trust": trust})
            );
        }
    }
}
fn stm(tree: &Tree, c: &mut Conditions, d: NodeId, out: &mut Vec<String>) {
    for (_, d) in spread(tree, c, d) {
        let Some(s) = tree.get(d, "Statement") else {
            out.push(tree.display(d));
            continue;
        };
        for (_, s) in spread(tree, c, s) {
            let mut a = tree.get(s, "Action").map(|a| texts(tree, c, a)).unwrap_or_default();
            a.sort();
            let mut r = tree.get(s, "Resource").map(|a| texts(tree, c, a)).unwrap_or_default();
            r.sort();
            let p = tree
                .get(s, "Principal")
                .map(|p| match tree.view(p) {
                    View::Map(m) => m
                        .iter()
                        .map(|(_, k, v)| format!("{k}={}", texts(tree, c, v).join(",")))
                        .collect::<Vec<_>>()
                        .join(";"),
                    _ => tree.display(p),
                })
                .unwrap_or_default();
            out.push(format!("{} on {} {}", a.join(","), r.join(","), p));
        }
    }
}
