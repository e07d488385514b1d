//! Times reading a folder of templates: parsing alone, and everything.
use rolecall::document::{Limits, Source, Tree, parse, yaml::Schema};
use rolecall::ingest::{self, Options};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
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
    let mut files = vec![];
    for a in std::env::args().skip(1) {
        walk(Path::new(&a), &mut files);
    }
    let bytes: Vec<_> =
        files.iter().map(|f| (f.to_string_lossy().into_owned(), std::fs::read(f).unwrap())).collect();
    let least = |work: &mut dyn FnMut()| {
        (0..5)
            .map(|_| {
                let t = Instant::now();
                work();
                t.elapsed()
            })
            .min()
            .unwrap()
    };
    let (mut parsing, mut all) = (Duration::ZERO, Duration::ZERO);
    let mut slow: Vec<(Duration, Duration, &str)> = vec![];
    for (n, b) in &bytes {
        let p = least(&mut || {
            let Ok(s) = Source::decode(n.as_str(), b.clone()) else { return };
            let mut tree = Tree::new();
            let file = tree.add_source(s.clone());
            let _ = std::hint::black_box(parse(
                &mut tree,
                file,
                s.text(),
                Schema::CloudFormation,
                Limits::default(),
            ));
        });
        let a = least(&mut || {
            let _ = std::hint::black_box(ingest::read(n, b.clone(), &Options::default()));
        });
        parsing += p;
        all += a;
        slow.push((a.saturating_sub(p), p, n));
    }
    println!("parse {parsing:?} all {all:?} ratio {:.2}", all.as_secs_f64() / parsing.as_secs_f64());
    slow.sort();
    slow.reverse();
    for (d, p, n) in slow.iter().take(25) {
        println!("  +{d:?} over {p:?} {n}");
    }
}
