//! What makes a finding the same finding in a later run.

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::Finding;

/// The fingerprint of a finding, 16 hexadecimal digits: of its rule, its resource, the keys that lead to the value, and
/// the value; never of lines or positions in lists. `count` tells findings apart that are equal in all of these.
pub(super) fn of(finding: &Finding, count: usize) -> String {
    let mut hash = Fnv::new();
    for part in [&*finding.rule, finding.status.as_str(), &*finding.entity, &finding.evidence] {
        hash.write(part.as_bytes());
        hash.write(&[0]);
    }
    hash.write(finding.keys.as_bytes());
    if count > 0 {
        hash.write(&[0]);
        hash.write(count.to_string().as_bytes());
    }
    format!("{:016x}", hash.0)
}

/// Puts findings in order and gives every one its fingerprint; equal ones are numbered.
#[expect(clippy::vec_box, reason = "findings are large, and are put in order")]
pub(super) fn number(mut findings: Vec<Box<Finding>>) -> Vec<Finding> {
    findings.par_sort_by(|left, right| left.order().cmp(&right.order()));
    findings.par_iter_mut().for_each(|finding| finding.fingerprint = of(finding, 0));
    let mut seen: FxHashMap<String, usize> = FxHashMap::default();
    let mut out = Vec::with_capacity(findings.len());
    for mut finding in findings {
        let count = seen.entry(finding.fingerprint.clone()).or_insert(0);
        if *count > 0 {
            finding.fingerprint = of(&finding, *count);
        }
        *count += 1;
        out.push(*finding);
    }
    out
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
