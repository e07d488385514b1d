//! What makes a finding the same finding in a later run.

use std::cmp::Ordering;
use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashMap;
use serde::{Serialize, Serializer};

use super::Finding;
use super::Findings;

/// The fingerprint of a finding, 16 hexadecimal digits: of its rule, its resource, the keys that lead from that to the
/// value, and the value; never of lines or positions in lists.
pub(super) fn of(finding: &Finding, keys: &str) -> Fingerprint {
    let mut hash = Fnv::new();
    for part in [&*finding.rule, finding.status.as_str(), &*finding.entity, &finding.evidence] {
        hash.write(part.as_bytes());
        hash.write(&[0]);
    }
    hash.write(keys.as_bytes());
    Fingerprint(hash.0)
}

/// Puts findings in order, and tells those of one input apart that have the same fingerprint.
pub(super) fn number(findings: Findings) -> Findings {
    let mut findings = in_order(findings);
    let mut seen: FxHashMap<u64, usize> = FxHashMap::default();
    seen.reserve(findings.len());
    for finding in &mut findings {
        let first = finding.fingerprint;
        let mut within = Fnv(first.0);
        within.write(finding.input.as_bytes());
        let count = seen.entry(within.0).or_insert(0);
        if *count > 0 {
            finding.fingerprint = first.another(*count);
        }
        *count += 1;
    }
    findings
}

/// Most findings of an input differ in where they stand: that is kept beside them while they are put in order.
fn in_order(findings: Findings) -> Findings {
    let start = |finding: &Finding| finding.place.as_ref().map_or(0, |place| place.start);
    let mut keyed: Vec<_> = findings.into_iter().map(|finding| (start(&finding), finding)).collect();
    let source = |finding: &Finding| finding.place.as_ref().map(|place| Arc::as_ptr(&place.source));
    let first = keyed.first().and_then(|(_, finding)| source(finding));
    let one_file = keyed.iter().all(|(_, finding)| source(finding) == first);
    keyed.par_sort_by(|(at, left), (other, right)| {
        let starts = if one_file { at.cmp(other) } else { Ordering::Equal };
        starts.then_with(|| left.order(right))
    });
    keyed.into_iter().map(|(_, finding)| finding).collect()
}

/// Equal for the same finding in a later run, whatever the line. It is written as 16 hexadecimal digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Fingerprint(u64);

impl std::fmt::Display for Fingerprint {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{:016x}", self.0)
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Fingerprint {
    /// For a finding before which `count` others have the same fingerprint.
    fn another(self, count: usize) -> Self {
        let mut hash = Fnv(self.0);
        hash.write(&[0]);
        hash.write(count.to_string().as_bytes());
        Self(hash.0)
    }
}

/// FNV-1a, whose values are the same on all machines and in all versions.
struct Fnv(u64);

impl Fnv {
    fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Fnv;

    #[test]
    fn the_hash_is_fnv_1a() {
        let mut hash = Fnv::new();
        hash.write(b"foobar");
        assert_eq!(hash.0, 0x8594_4171_f739_67e8);
    }
}
