//! The buckets of AWS that agents fetch from: their names depend on the Region.

/// A Region, the suffix of its patch bucket, and the suffix of its snapshot bucket where that has one. From the AWS guide,
/// early 2026.
const REGIONS: &[(&str, &str, Option<&str>)] = &[
    ("af-south-1", "bdd5f65a9", Some("tbxdb5b9")),
    ("ap-east-1", "632356271", None),
    ("ap-northeast-1", "4849fa78f", None),
    ("ap-northeast-2", "10467995c", None),
    ("ap-northeast-3", "67373598a", None),
    ("ap-south-1", "cb7c62ff9", None),
    ("ap-south-2", "32f4b4128", Some("50209442")),
    ("ap-southeast-1", "7fdfd9ef7", None),
    ("ap-southeast-2", "17283a275", None),
    ("ap-southeast-3", "aa48fc462", Some("be0a3174")),
    ("ap-southeast-4", "01e2c40d3", Some("dc6f76ce")),
    ("ca-central-1", "3148e69e3", None),
    ("ca-west-1", "9e3a4b2f9", None),
    ("eu-central-1", "9163fdaaf", None),
    ("eu-central-2", "184ce43c8", None),
    ("eu-north-1", "795879e9b", None),
    ("eu-south-1", "c52f3f594", None),
    ("eu-south-2", "a4cf248b1", Some("df2c9d70")),
    ("eu-west-1", "5522fb710", None),
    ("eu-west-2", "902a2bc74", None),
    ("eu-west-3", "29bf85721", None),
    ("il-central-1", "e221cb57b", None),
    ("me-central-1", "2932f2f80", None),
    ("me-south-1", "a53fc9dce", Some("uduvl7q8")),
    ("sa-east-1", "ddf4b6a09", None),
    ("us-east-1", "1970c647d", None),
    ("us-east-2", "552881074", None),
    ("us-west-1", "8badb4304", None),
    ("us-west-2", "34d7f99f8", None),
];

/// The names that buckets of AWS for agents begin with, before the Region.
const PREFIXES: &[&str] = &[
    "aws-ssm-document-attachments-",
    "aws-ssm-distributor-file-",
    "aws-ssm-",
    "amazon-ssm-packages-",
    "amazon-ssm-",
    "aws-windows-downloads-",
    "patch-baseline-snapshot-",
    "aws-patch-manager-",
    "aws-patchmanager-macos-",
];

/// The buckets that agents and patching need in a Region; nothing where the Region's suffixes are not known.
pub fn required(region: &str) -> Option<Vec<String>> {
    let (_, patch, snapshot) = REGIONS.iter().find(|(name, ..)| *name == region)?;
    let snapshot = snapshot.map(|suffix| format!("-{suffix}")).unwrap_or_default();
    Some(vec![
        format!("aws-ssm-{region}"),
        format!("amazon-ssm-{region}"),
        format!("patch-baseline-snapshot-{region}{snapshot}"),
        format!("aws-patch-manager-{region}-{patch}"),
    ])
}

/// The buckets beside those for Windows, macOS and agents before 3.3.551.0.
pub fn more(region: &str, windows: bool, macos: bool, old_agents: bool) -> Vec<String> {
    let mut out = Vec::new();
    if windows {
        out.push(format!("aws-windows-downloads-{region}"));
    }
    if let Some((_, patch, _)) = REGIONS.iter().find(|(name, ..)| *name == region && macos) {
        out.push(format!("aws-patchmanager-macos-{region}-{patch}"));
    }
    if old_agents {
        out.push(format!("amazon-ssm-packages-{region}"));
        out.push(format!("aws-ssm-document-attachments-{region}"));
        out.push(match region {
            "af-south-1" | "eu-south-1" => format!("aws-ssm-distributor-file-{region}"),
            _ => format!("{region}-birdwatcher-prod"),
        });
    }
    out
}

/// The Regions whose suffixes are known.
pub fn regions() -> impl Iterator<Item = &'static str> {
    REGIONS.iter().map(|(name, ..)| *name)
}

/// What is wrong with the name of such a bucket; nothing for right ones, other buckets and unknown Regions.
pub fn problem(bucket: &str) -> Option<String> {
    let (prefix, rest) = PREFIXES.iter().find_map(|prefix| Some((*prefix, bucket.strip_prefix(prefix)?)))?;
    let (region, patch, snapshot) = REGIONS.iter().find(|(name, ..)| rest.starts_with(name))?;
    let written = rest.get(region.len()..).unwrap_or("");
    // A suffix that is left open covers the right one.
    if written.contains(['*', '?']) {
        return None;
    }
    let expected = suffix(prefix, patch, *snapshot);
    (written != expected).then(|| format!("the bucket of {region} is `{prefix}{region}{expected}`"))
}

/// The right name for what nearly is the name of such a bucket, or leaves open how it ends.
pub fn meant(bucket: &str) -> Option<String> {
    let (prefix, rest) = PREFIXES.iter().find_map(|prefix| Some((*prefix, bucket.strip_prefix(prefix)?)))?;
    let (region, patch, snapshot) = REGIONS.iter().find(|(name, ..)| rest.starts_with(name))?;
    Some(format!("{prefix}{region}{}", suffix(prefix, patch, *snapshot)))
}

/// How the name of such a bucket ends behind the Region.
fn suffix(prefix: &str, patch: &str, snapshot: Option<&str>) -> String {
    match prefix {
        "patch-baseline-snapshot-" => snapshot.map(|suffix| format!("-{suffix}")).unwrap_or_default(),
        "aws-patch-manager-" | "aws-patchmanager-macos-" => format!("-{patch}"),
        _ => String::new(),
    }
}

/// What a bucket of AWS for agents is no longer needed for; nothing for others.
pub fn retired(bucket: &str) -> Option<&'static str> {
    let old = bucket.ends_with("-birdwatcher-prod")
        || ["amazon-ssm-packages-", "aws-ssm-distributor-file-"].iter().any(|one| bucket.starts_with(one));
    old.then_some("agents fetch packages from it only before 3.3.551.0")
}

/// The Region in the name of a bucket of AWS for agents, and what stands behind it.
pub fn region_of(bucket: &str) -> Option<(&str, &str)> {
    if let Some(region) = bucket.strip_suffix("-birdwatcher-prod") {
        return Some((region, ""));
    }
    let rest = PREFIXES.iter().find_map(|prefix| bucket.strip_prefix(prefix))?;
    // A Region ends in its first digit, or in two.
    let end = rest.find(|one: char| one.is_ascii_digit())?;
    let (region, suffix) = rest.split_at_checked(end + 1)?;
    region.matches('-').count().ge(&2).then_some((region, suffix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_are_read_from_names() {
        for (bucket, expected) in [
            ("aws-ssm-eu-west-1", Some(("eu-west-1", ""))),
            ("patch-baseline-snapshot-eu-west-1*", Some(("eu-west-1", "*"))),
            ("aws-patch-manager-us-gov-west-1-*", Some(("us-gov-west-1", "-*"))),
            ("eu-west-1-birdwatcher-prod", Some(("eu-west-1", ""))),
            ("aws-ssm-*", None),
            ("my-bucket-eu-west-1", None),
        ] {
            assert_eq!(region_of(bucket), expected, "{bucket}");
        }
    }

    #[test]
    fn names_are_held_against_the_region() {
        for (bucket, wrong) in [
            ("aws-ssm-eu-west-1", false),
            ("patch-baseline-snapshot-me-south-1", true),
            ("patch-baseline-snapshot-me-south-1-uduvl7q8", false),
            ("aws-patch-manager-eu-west-1-5522fb710", false),
            ("aws-patch-manager-eu-west-1", true),
            ("patch-baseline-snapshot-eu-west-1*", false),
            ("aws-ssm-mars-1", false),
            ("my-bucket", false),
        ] {
            assert_eq!(problem(bucket).is_some(), wrong, "{bucket}");
        }
        assert!(
            regions().all(
                |region| required(region).is_some_and(|all| all.iter().all(|one| problem(one).is_none()))
            )
        );
    }
}
