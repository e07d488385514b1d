//! Condition keys.

use super::table::without_case;
use super::{Catalog, search};

/// A condition key, by its position in the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub(super) u16);

/// A condition key.
#[derive(Clone, Copy, Debug)]
pub struct Key<'c> {
    catalog: &'c Catalog,
    /// Its position in the catalogue.
    pub id: KeyId,
}

/// The type of a key's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyType {
    /// Text.
    String,
    /// An ARN.
    Arn,
    /// `true` or `false`.
    Bool,
    /// A number.
    Numeric,
    /// A point in time.
    Date,
    /// An IP address.
    IpAddress,
    /// Bytes, in base64.
    Binary,
}

const KEY: usize = 8;

impl Catalog {
    /// The key at a position.
    pub fn key_at(&self, id: KeyId) -> Key<'_> {
        Key { catalog: self, id }
    }

    /// All keys, by name.
    pub fn keys(&self) -> impl Iterator<Item = Key<'_>> {
        let count = u16::try_from(self.at.keys.count).unwrap_or(u16::MAX);
        (0..count).map(|id| self.key_at(KeyId(id)))
    }

    /// The key with this name, in any case: also one of which a part is free, such as `aws:ResourceTag/Team`.
    pub fn key(&self, name: &str) -> Option<Key<'_>> {
        self.known_keys.of(name, || self.find_key(name).map(|key| key.id)).map(|id| self.key_at(id))
    }

    fn find_key(&self, name: &str) -> Option<Key<'_>> {
        let at = |at: usize| self.key_at(KeyId(u16::try_from(at).unwrap_or(u16::MAX)));
        if let Some(found) = search(self.at.keys.count, |index| without_case(at(index).name(), name)) {
            return Some(at(found));
        }
        let templates = self.templates.get_or_init(|| {
            let with_holes = self.keys().filter(|key| key.is_template());
            with_holes.map(|key| key.id).collect()
        });
        templates.iter().map(|&id| self.key_at(id)).find(|key| key.covers(name))
    }

    pub(super) fn key_list(&self, index: u16) -> super::table::List<'_> {
        self.table.list(self.at.list_offsets, self.at.list_values, usize::from(index))
    }
}

impl<'c> Key<'c> {
    fn flags(self) -> u8 {
        self.catalog.table.u8(self.catalog.at.keys, KEY * usize::from(self.id.0) + 5)
    }

    /// Its name as AWS spells it, free parts as `${TagKey}`.
    pub fn name(self) -> &'c str {
        self.catalog.table.string(self.catalog.table.u32(self.catalog.at.keys, KEY * usize::from(self.id.0)))
    }

    /// The type of its values.
    pub fn ty(self) -> KeyType {
        match self.catalog.table.u8(self.catalog.at.keys, KEY * usize::from(self.id.0) + 4) {
            1 | 8 => KeyType::Arn,
            2 | 9 => KeyType::Bool,
            3 => KeyType::Numeric,
            4 => KeyType::Date,
            5 => KeyType::IpAddress,
            6 => KeyType::Binary,
            _ => KeyType::String,
        }
    }

    /// Whether requests to any service can carry it.
    pub fn is_global(self) -> bool {
        self.flags() & 1 != 0
    }

    /// Whether it has several values at once, and needs `ForAllValues` or `ForAnyValue`.
    pub fn is_multivalued(self) -> bool {
        self.flags() & 2 != 0
    }

    /// Whether a part of its name is free.
    pub fn is_template(self) -> bool {
        self.flags() & 4 != 0
    }

    /// Whether a wildcard or variable in its values defeats it.
    pub fn is_sensitive(self) -> bool {
        self.flags() & 8 != 0
    }

    /// Whether the caller can set it at will.
    pub fn is_spoofable(self) -> bool {
        self.flags() & 16 != 0
    }

    /// Whether some requests lack it.
    pub fn is_optional(self) -> bool {
        self.flags() & 32 != 0 || !self.is_global()
    }

    /// Whether AWS advises against it.
    pub fn is_deprecated(self) -> bool {
        self.flags() & 64 != 0
    }

    /// The fixed text before the free part of the name.
    pub fn stem(self) -> &'c str {
        let name = self.name();
        let end = name.find("${").or_else(|| name.find('<')).or_else(|| name.find("tag-key"));
        end.and_then(|end| name.get(..end)).unwrap_or(name)
    }

    /// Whether a name is this one with its free part filled.
    fn covers(self, name: &str) -> bool {
        let own = self.name();
        let stem = self.stem();
        let tail = own.get(stem.len()..).unwrap_or("");
        let tail = tail.find(['}', '>']).and_then(|end| tail.get(end + 1..)).unwrap_or("");
        let (Some(start), Some(end)) =
            (name.get(..stem.len()), name.len().checked_sub(tail.len()).and_then(|at| name.get(at..)))
        else {
            return false;
        };
        name.len() > stem.len() + tail.len()
            && start.eq_ignore_ascii_case(stem)
            && end.eq_ignore_ascii_case(tail)
    }
}

#[cfg(test)]
mod tests {
    use super::super::embedded;
    use super::*;

    #[test]
    fn keys_are_found_in_any_case_and_with_free_parts() {
        let catalog = embedded();
        assert_eq!(catalog.key("AWS:sourcearn").unwrap().name(), "aws:SourceArn");
        assert_eq!(catalog.key("aws:ResourceTag/Team").unwrap().name(), "aws:ResourceTag/${TagKey}");
        assert!(catalog.key("aws:ResourceTag/").is_none());
        assert!(catalog.key("aws:Nothing").is_none());
        let org = catalog.key("aws:PrincipalOrgPaths").unwrap();
        assert!(org.is_global() && org.is_multivalued() && org.ty() == KeyType::String);
        assert!(catalog.key("kms:EncryptionContext:x").is_some());
        for key in catalog.keys().filter(|key| !key.is_template()) {
            assert_eq!(catalog.key(&key.name().to_uppercase()).unwrap().id, key.id, "{}", key.name());
        }
    }

    #[test]
    fn actions_carry_the_keys_of_their_types() {
        let catalog = embedded();
        let key = catalog.key("ssm:resourceTag/x").unwrap();
        assert!(catalog.action("ssm:SendCommand").unwrap().carries(key.id));
        assert!(!catalog.action("ec2:RunInstances").unwrap().carries(key.id));
    }
}
