//! Reads every file below a folder.
use rayon::prelude::*;
use rolecall::ingest::{self, Options};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
fn walk(p: &Path, out: &mut Vec<PathBuf>) {
    if p.is_dir() {
        let mut v: Vec<_> = std::fs::read_dir(p).unwrap().map(|e| e.unwrap().path()).collect();
        v.sort();
        for e in v {
            walk(&e, out)
        }
    } else {
        out.push(p.into())
    }
}
fn main() {
    rayon::ThreadPoolBuilder::new().stack_size(64 << 20).build_global().unwrap();
    let mut files = vec![];
    for a in std::env::args().skip(1) {
        walk(Path::new(&a), &mut files);
    }
    let start = std::time::Instant::now();
    let r: Vec<_> = files
        .par_iter()
        .map(|f| {
            let b = std::fs::read(f).unwrap();
            let t = std::time::Instant::now();
            let r = std::panic::catch_unwind(|| ingest::read(&f.to_string_lossy(), b, &Options::default()));
            (f, r, t.elapsed())
        })
        .collect();
    let mut c: BTreeMap<String, usize> = BTreeMap::new();
    let mut e = BTreeMap::new();
    for (f, r, t) in &r {
        if t.as_millis() > 300 {
            println!("SLOW {t:?} {}", f.display());
        }
        match r {
            Err(_) => println!("PANIC {}", f.display()),
            Ok(Ok(u)) => {
                *c.entry(format!("ok {}", u.kind.as_str())).or_default() += 1;
                *c.entry("entities".into()).or_default() += u.inventory.entities().len();
                *c.entry("links".into()).or_default() += u.inventory.links().len();
                for d in &u.diagnostics {
                    *c.entry(format!("diag {}", d.code.id())).or_default() += 1;
                    e.entry(format!("diag {}", d.code.id())).or_insert_with(Vec::new).push(format!(
                        "{} {:?} {}",
                        f.display(),
                        d.place,
                        d.message
                    ));
                }
                for l in u.inventory.links() {
                    *c.entry(format!(
                        "link {:?} {}",
                        l.relation,
                        match l.to {
                            rolecall::model::Target::Entity(..) => "entity",
                            rolecall::model::Target::Outside => "outside",
                            _ => "unknown",
                        }
                    ))
                    .or_default() += 1;
                }
            }
            Ok(Err(d)) => {
                *c.entry(format!("err {}", d.code.id())).or_default() += 1;
                e.entry(format!("err {}", d.code.id())).or_insert_with(Vec::new).push(format!(
                    "{} {:?} {}",
                    f.display(),
                    d.place,
                    d.message
                ));
            }
        }
    }
    for (k, v) in &c {
        println!("{k}: {v}");
    }
    println!("{} files in {:?}", files.len(), start.elapsed());
    if std::env::var_os("V").is_some() {
        for (k, v) in e {
            println!("== {k}");
            for x in v.iter().take(40) {
                println!("  {x}");
            }
        }
    }
}
