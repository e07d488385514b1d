//! Partitions and Regions.

/// Partitions, each with the prefixes of its Regions' names.
const PARTITIONS: &[(&str, &[&str])] = &[
    ("aws", &["af-", "ap-", "ca-", "eu-", "il-", "me-", "mx-", "sa-", "us-"]),
    ("aws-cn", &["cn-"]),
    ("aws-us-gov", &["us-gov-"]),
    ("aws-iso", &["us-iso-"]),
    ("aws-iso-b", &["us-isob-"]),
    ("aws-iso-e", &["eu-isoe-"]),
    ("aws-iso-f", &["us-isof-"]),
    ("aws-eusc", &["eusc-"]),
];

/// Regions of the commercial, China and US government partitions.
const REGIONS: &[&str] = &[
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "cn-north-1",
    "cn-northwest-1",
    "eu-central-1",
    "eu-central-2",
    "eu-isoe-west-1",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eusc-de-east-1",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-gov-east-1",
    "us-gov-west-1",
    "us-iso-east-1",
    "us-iso-west-1",
    "us-isob-east-1",
    "us-isob-west-1",
    "us-isof-east-1",
    "us-isof-south-1",
    "us-west-1",
    "us-west-2",
];

const COMPASS: &[&str] =
    &["central", "north", "south", "east", "west", "northeast", "northwest", "southeast", "southwest"];

/// The names of all partitions.
pub fn partitions() -> impl Iterator<Item = &'static str> {
    PARTITIONS.iter().map(|&(name, _)| name)
}

/// Whether a partition of this name exists.
pub fn is_partition(name: &str) -> bool {
    partitions().any(|own| own == name)
}

/// The names of all Regions.
pub fn regions() -> impl Iterator<Item = &'static str> {
    REGIONS.iter().copied()
}

/// Whether a Region of this name exists, or has the form of one that may be newer than this table.
pub fn is_region(name: &str) -> bool {
    if REGIONS.binary_search(&name).is_ok() {
        return true;
    }
    // A newer Region of a known area: `ap-southeast-9`, `sa-west-1`.
    let mut parts = name.rsplitn(3, '-');
    let (number, compass, area) = (parts.next(), parts.next(), parts.next());
    let known_area = area.is_some_and(|area| {
        let area = format!("{area}-");
        PARTITIONS.iter().any(|(_, prefixes)| prefixes.contains(&area.as_str()))
    });
    known_area
        && compass.is_some_and(|compass| COMPASS.contains(&compass))
        && number
            .is_some_and(|number| number.len() == 1 && number.bytes().all(|b| (b'1'..=b'9').contains(&b)))
}

/// The partition that a Region belongs to.
pub fn region_partition(region: &str) -> &'static str {
    let longest = PARTITIONS.iter().flat_map(|&(name, prefixes)| prefixes.iter().map(move |&p| (name, p)));
    let found =
        longest.filter(|(_, prefix)| region.starts_with(prefix)).max_by_key(|(_, prefix)| prefix.len());
    found.map_or("aws", |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_are_told_from_other_words() {
        for region in ["us-east-1", "eu-central-2", "us-gov-west-1", "cn-north-1", "ap-southeast-9"] {
            assert!(is_region(region), "{region}");
        }
        for word in ["region", "us-east", "us-east-10", "aws", "", "US-EAST-1", "us-middle-1", "xx-east-1"] {
            assert!(!is_region(word), "{word}");
        }
        assert!(REGIONS.is_sorted());
    }

    #[test]
    fn a_region_lies_in_one_partition() {
        assert_eq!(region_partition("us-gov-west-1"), "aws-us-gov");
        assert_eq!(region_partition("us-east-1"), "aws");
        assert_eq!(region_partition("cn-north-1"), "aws-cn");
        assert!(is_partition("aws-iso-b") && !is_partition("amazon"));
    }
}
