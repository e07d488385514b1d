//! Which checks are shown for which resource.
//!
//! A report shows the same failures once for each resource: groups of them always, checks only for the resource that they
//! are about. Looking at each check for each resource would take the square of the time.

use rustc_hash::FxHashMap;

use super::failures::Failure;

/// A failure, by its address.
fn key(failure: &Failure<'_, '_>) -> usize {
    std::ptr::from_ref(failure).addr()
}

/// The resources that checks are about.
#[derive(Default)]
pub(super) struct Owners(FxHashMap<usize, Vec<u32>>);

impl Owners {
    pub(super) fn add(&mut self, check: &Failure<'_, '_>, resource: u32) {
        let known = self.0.entry(key(check)).or_default();
        if !known.contains(&resource) {
            known.push(resource);
        }
    }
}

/// What a group of failures shows.
#[derive(Default)]
struct Group {
    /// The positions of the groups in it.
    groups: Vec<usize>,
    /// The positions of checks, by resource.
    checks: FxHashMap<u32, Vec<usize>>,
}

/// The groups of a report.
#[derive(Default)]
pub(super) struct Outline(FxHashMap<usize, Group>);

impl Outline {
    pub(super) fn new(failures: &[Failure<'_, '_>], owners: &Owners) -> Self {
        let mut out = Self::default();
        for failure in failures {
            out.add(failure, owners);
        }
        out
    }

    fn add(&mut self, failure: &Failure<'_, '_>, owners: &Owners) {
        let Some(inner) = failure.inner() else { return };
        let mut group = Group::default();
        for (position, one) in inner.iter().enumerate() {
            if one.inner().is_some() {
                group.groups.push(position);
                self.add(one, owners);
            }
            for &resource in owners.0.get(&key(one)).into_iter().flatten() {
                group.checks.entry(resource).or_default().push(position);
            }
        }
        self.0.insert(key(failure), group);
    }

    /// The positions of what a group shows for a resource, in order.
    pub(super) fn shown(&self, group: &Failure<'_, '_>, resource: u32) -> Vec<usize> {
        let Some(group) = self.0.get(&key(group)) else { return Vec::new() };
        let checks = group.checks.get(&resource).into_iter().flatten();
        let mut all: Vec<usize> = group.groups.iter().chain(checks).copied().collect();
        all.sort_unstable();
        all
    }
}
