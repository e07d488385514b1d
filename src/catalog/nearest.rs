//! "Did you mean …?"

/// The candidate that a person who wrote `wrong` most probably meant, if one is near enough.
pub fn nearest<'a>(wrong: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wrong = wrong.trim().to_ascii_lowercase();
    let limit = (wrong.len() / 4).clamp(1, 5);
    let letters = Letters::of(&wrong);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let most = best.map_or(limit, |(least, _)| least.saturating_sub(1));
        if candidate.len().abs_diff(wrong.len()) > limit || letters.distance(candidate) > most {
            continue;
        }
        let distance = strsim::damerau_levenshtein(&wrong, &candidate.to_ascii_lowercase());
        if distance <= limit && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// How often each letter is in a text, capitals or not. Texts that differ there by more than some edits need more than those
/// edits, which is found out much faster than how many they need.
#[derive(Clone)]
struct Letters([i16; 64]);

impl Letters {
    fn of(text: &str) -> Self {
        let mut out = Self([0; 64]);
        text.chars().for_each(|letter| out.count(letter, 1));
        out
    }

    fn count(&mut self, letter: char, by: i16) {
        if let Some(slot) = self.0.get_mut(letter.to_ascii_lowercase() as usize % 64) {
            *slot = slot.saturating_add(by);
        }
    }

    /// The least number of edits that make one text of the other.
    fn distance(&self, other: &str) -> usize {
        let mut left = self.clone();
        other.chars().for_each(|letter| left.count(letter, -1));
        let (mut missing, mut over) = (0, 0);
        for &count in &left.0 {
            if count > 0 {
                missing += usize::from(count.unsigned_abs());
            } else {
                over += usize::from(count.unsigned_abs());
            }
        }
        missing.max(over)
    }
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

    proptest::proptest! {
        #[test]
        fn letters_differ_by_no_more_than_the_edits(one in "[a-eA-Eäß]{0,9}", other in "[a-eA-Eäß]{0,9}") {
            let edits = strsim::damerau_levenshtein(&one.to_ascii_lowercase(), &other.to_ascii_lowercase());
            assert!(super::Letters::of(&one).distance(&other) <= edits);
        }
    }
}
