//! AWS facts, embedded: services, actions, resource types, condition keys, managed policies, service principals and
//! escalation methods.
//!
//! The tables are built by `src/catalog/build/rebuild` from the packages that `NOTICE` names, and are read where they
//! lie: opening them is looking at a directory of sections, a question is a binary search. [`embedded`] gives the
//! tables that were built in; a newer file can be opened with [`Catalog::open`].
//!
//! **Invariant:** knows no policy, no template and no rule, and imports nothing of this crate.

mod action;
mod escalation;
mod gap;
mod key;
mod managed;
mod memo;
mod names;
mod nearest;
mod principal;
mod region;
mod service;
mod table;

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;

pub use action::{Access, Action, ActionId, Use, split};
pub use escalation::{Method, MethodKind};
pub use gap::Gap;
pub use key::{Key, KeyId, KeyType};
pub use managed::{Date, Managed, Status};
pub use memo::Memo;
pub use names::hash as hash_without_case;
pub use nearest::nearest;
pub use principal::{Sends, ServicePrincipal};
pub use region::{is_partition, is_region, partitions, region_partition, regions};
pub use service::{ResourceType, Service, TypeId};
pub use table::TableError;

use names::Names;
use table::{Section, Table};

/// AWS's names and what is known about them.
#[derive(Debug)]
pub struct Catalog {
    table: Table,
    managed: Table,
    at: Sections,
    templates: OnceLock<Vec<KeyId>>,
    arn_services: OnceLock<Vec<(String, Vec<TypeId>)>>,
    prefixes: OnceLock<FxHashMap<Box<str>, usize>>,
    /// The service of each action.
    owners: OnceLock<Vec<u16>>,
    /// What is known of the names of each service's actions.
    names: OnceLock<Vec<Names>>,
    /// The keys that names are.
    known_keys: Memo<Option<KeyId>>,
    /// What patterns of actions match.
    matching: Memo<Arc<[ActionId]>>,
}

#[derive(Debug)]
struct Sections {
    services: Section,
    actions: Section,
    uses: Section,
    types: Section,
    keys: Section,
    list_offsets: Section,
    list_values: Section,
    need_offsets: Section,
    need_values: Section,
    principals: Section,
    methods: Section,
    gaps: Section,
    meta: Section,
    policies: Section,
    successors: Section,
    documents: Section,
}

/// So many patterns of actions are remembered with what they match, and so many names of keys with what they are.
const PATTERNS: usize = 1 << 12;

static CATALOG: &[u8] = include_bytes!("data/catalog.bin");
static MANAGED: &[u8] = include_bytes!("data/managed.bin");

/// The catalogue of the process.
static IN_USE: OnceLock<Catalog> = OnceLock::new();

/// The catalogue that was built in, or the one that the process uses in its place.
pub fn embedded() -> &'static Catalog {
    IN_USE.get_or_init(|| {
        Catalog::sections(Cow::Borrowed(CATALOG), Cow::Borrowed(MANAGED)).unwrap_or_else(|_| Catalog::empty())
    })
}

/// Uses another catalogue in the whole process, such as a newer one ([`Catalog::open`]); false where one is in use already,
/// because something has been looked up.
pub fn use_instead(catalog: Catalog) -> bool {
    IN_USE.set(catalog).is_ok()
}

impl Catalog {
    /// Opens files of the same format as those that are built in, and checks them.
    pub fn open(catalog: Vec<u8>, managed: Vec<u8>) -> Result<Self, TableError> {
        Self::sections(Cow::Owned(catalog), Cow::Owned(managed))
    }

    fn sections(catalog: Cow<'static, [u8]>, managed: Cow<'static, [u8]>) -> Result<Self, TableError> {
        let table = Table::open(catalog, *b"RCATLOG2")?;
        let managed = Table::open(managed, *b"RMANPOL2")?;
        let at = Sections {
            services: table.section("SVCS")?,
            actions: table.section("ACTS")?,
            uses: table.section("ARES")?,
            types: table.section("RTYP")?,
            keys: table.section("CKEY")?,
            list_offsets: table.section("LSTO")?,
            list_values: table.section("LSTV")?,
            need_offsets: table.section("DEPO")?,
            need_values: table.section("DEPV")?,
            principals: table.section("SPRI")?,
            methods: table.section("ESCM")?,
            gaps: table.section("GAPS")?,
            meta: table.section("META")?,
            policies: managed.section("MPOL")?,
            successors: managed.section("MPBY")?,
            documents: managed.section("MDOC")?,
        };
        Ok(Self {
            table,
            managed,
            at,
            templates: OnceLock::new(),
            arn_services: OnceLock::new(),
            prefixes: OnceLock::new(),
            owners: OnceLock::new(),
            names: OnceLock::new(),
            known_keys: Memo::new(PATTERNS),
            matching: Memo::new(PATTERNS),
        })
    }

    /// A catalogue that knows nothing: what is left if the files that were built in were damaged.
    fn empty() -> Self {
        let none = Section::default;
        let at = Sections {
            services: none(),
            actions: none(),
            uses: none(),
            types: none(),
            keys: none(),
            list_offsets: none(),
            list_values: none(),
            need_offsets: none(),
            need_values: none(),
            principals: none(),
            methods: none(),
            gaps: none(),
            meta: none(),
            policies: none(),
            successors: none(),
            documents: none(),
        };
        Self {
            table: Table::empty(),
            managed: Table::empty(),
            at,
            templates: OnceLock::new(),
            arn_services: OnceLock::new(),
            prefixes: OnceLock::new(),
            owners: OnceLock::new(),
            names: OnceLock::new(),
            known_keys: Memo::new(PATTERNS),
            matching: Memo::new(PATTERNS),
        }
    }

    /// The date of the data and the versions of the packages that it was built from, as JSON.
    pub fn meta(&self) -> &str {
        self.table.text(self.at.meta, 0, Table::length(self.at.meta))
    }

    /// The day of the data, `YYYY-MM-DD`.
    pub fn date(&self) -> Option<String> {
        let (_, rest) = self.meta().split_once("\"date\":\"")?;
        rest.split_once('"').map(|(date, _)| date.to_owned())
    }

    /// The bytes of the two tables, for a hash of them.
    pub fn bytes(&self) -> [&[u8]; 2] {
        [self.table.bytes(), self.managed.bytes()]
    }
}

/// The position in `0..count` at which `order` says equal, by binary search.
fn search(count: usize, order: impl Fn(usize) -> std::cmp::Ordering) -> Option<usize> {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = usize::midpoint(low, high);
        match order(middle) {
            std::cmp::Ordering::Less => low = middle + 1,
            std::cmp::Ordering::Greater => high = middle,
            std::cmp::Ordering::Equal => return Some(middle),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_that_are_built_in_open() {
        let catalog = embedded();
        assert!(catalog.services().count() > 400);
        assert!(catalog.action_count() > 20_000);
        assert!(catalog.managed_policies().count() > 1_500);
        assert!(catalog.meta().contains("\"date\":\"20"));
        assert!(Catalog::open(CATALOG.to_vec(), MANAGED.to_vec()).is_ok());
    }

    #[test]
    fn a_damaged_file_is_refused() {
        assert_eq!(Catalog::open(b"nothing".to_vec(), MANAGED.to_vec()).unwrap_err(), TableError::Magic);
        let half = CATALOG[..CATALOG.len() / 2].to_vec();
        assert_eq!(Catalog::open(half, MANAGED.to_vec()).unwrap_err(), TableError::CutOff);
    }
}
