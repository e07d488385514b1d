//! Answers that depend on a text alone, kept for the next who asks.

use std::sync::{PoisonError, RwLock};

use rustc_hash::FxHashMap;

/// Answers by the text that they are about. There are no more than so many; what is asked beyond them is worked out each
/// time.
#[derive(Debug)]
pub struct Memo<T> {
    known: RwLock<FxHashMap<Box<str>, T>>,
    most: usize,
}

impl<T: Clone> Memo<T> {
    /// One that keeps at most so many answers.
    pub fn new(most: usize) -> Self {
        Self { known: RwLock::default(), most }
    }

    /// The answer for a text.
    pub fn of(&self, text: &str, make: impl FnOnce() -> T) -> T {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(answer) = known.get(text) {
            return answer.clone();
        }
        let is_full = known.len() >= self.most;
        drop(known);
        let answer = make();
        if !is_full {
            let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
            known.insert(text.into(), answer.clone());
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::Memo;

    #[test]
    fn answers_are_kept_until_there_are_too_many() {
        let memo = Memo::new(2);
        for text in ["a", "bb", "ccc", "a", "bb", "ccc"] {
            assert_eq!(memo.of(text, || text.len()), text.len());
        }
        assert_eq!(memo.of("a", || 7), 1);
        assert_eq!(memo.of("ccc", || 7), 7);
    }
}
