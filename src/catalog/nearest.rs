//! "Did you mean …?"

/// The candidate that a person who wrote `wrong` most probably meant, if one is near enough.
pub fn nearest<'a>(wrong: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wrong = wrong.trim().to_ascii_lowercase();
    let limit = (wrong.len() / 4).clamp(1, 5);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        if candidate.len().abs_diff(wrong.len()) > limit {
            continue;
        }
        let distance = strsim::damerau_levenshtein(&wrong, &candidate.to_ascii_lowercase());
        if distance <= limit && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn the_nearest_name_is_offered_and_far_ones_are_not() {
        let names = ["ListDocuments", "ListDocumentVersions", "ListCommands"];
        assert_eq!(nearest("ListDocumentsVersions", names.into_iter()), Some("ListDocumentVersions"));
        assert_eq!(nearest("listdocument ", names.into_iter()), Some("ListDocuments"));
        assert_eq!(nearest("Reboot", names.into_iter()), None);
    }
}
