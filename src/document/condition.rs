//! When something holds.
//!
//! A template's resources, properties and list elements can exist under conditions. A [`Condition`] is a handle to a
//! decision diagram in a [`Conditions`] table: equal conditions have equal handles, so "can both hold?" is one look-up
//! and no combination is ever enumerated. A diagram's variables are the undecided questions of a template, each with a
//! finite list of answers: what is `Env`: `prod`, `dev`, or something else?

use rustc_hash::FxHashMap;

/// A handle to when something holds. Handles belong to one [`Conditions`] table; the two constants to all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Condition(u32);

impl Condition {
    /// Holds always.
    pub const ALWAYS: Self = Self(0);
    /// Holds never.
    pub const NEVER: Self = Self(1);

    /// Whether this is [`ALWAYS`](Self::ALWAYS).
    pub fn is_always(self) -> bool {
        self == Self::ALWAYS
    }

    /// Whether this is [`NEVER`](Self::NEVER).
    pub fn is_never(self) -> bool {
        self == Self::NEVER
    }
}

/// An undecided question with a finite list of answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Question(u32);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Asked {
    name: Box<str>,
    answers: Box<[Box<str>]>,
}

/// Tables with more nodes than this grow no more.
const NODES: usize = 500_000;

/// The diagrams of one unit of work.
///
/// Invariants: a branch node has as many children as its question has answers, not all equal; questions grow from a
/// node to its children; equal nodes are one node.
#[derive(Clone, Debug, Default)]
pub struct Conditions {
    questions: Vec<Asked>,
    asked: FxHashMap<Asked, Question>,
    nodes: Vec<(u32, Box<[Condition]>)>,
    known: FxHashMap<(u32, Box<[Condition]>), Condition>,
    cache: FxHashMap<(Op, Condition, Condition), Condition>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Op {
    And,
    Or,
    Not,
}

impl Conditions {
    /// A table without questions, in which everything holds always or never.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a question; one that was asked before with the same answers is the same question. `answers` must have at
    /// least two entries; the last one usually stands for "anything else".
    pub fn ask(&mut self, name: impl Into<Box<str>>, answers: Vec<Box<str>>) -> Question {
        let asked = Asked { name: name.into(), answers: answers.into() };
        if let Some(&known) = self.asked.get(&asked) {
            return known;
        }
        let question = Question(u32::try_from(self.questions.len()).unwrap_or(u32::MAX));
        self.questions.push(asked.clone());
        self.asked.insert(asked, question);
        question
    }

    /// The condition that a question has the answer at `index`.
    pub fn answer(&mut self, question: Question, index: usize) -> Condition {
        let count = self.questions.get(question.0 as usize).map_or(0, |asked| asked.answers.len());
        let children = (0..count).map(|i| if i == index { Condition::ALWAYS } else { Condition::NEVER });
        self.branch(question.0, children.collect())
    }

    /// Both hold.
    pub fn and(&mut self, left: Condition, right: Condition) -> Condition {
        self.apply(Op::And, left, right)
    }

    /// At least one holds.
    pub fn or(&mut self, left: Condition, right: Condition) -> Condition {
        self.apply(Op::Or, left, right)
    }

    /// It does not hold.
    pub fn not(&mut self, condition: Condition) -> Condition {
        match condition {
            Condition::ALWAYS => Condition::NEVER,
            Condition::NEVER => Condition::ALWAYS,
            _ => {
                let key = (Op::Not, condition, condition);
                if let Some(&known) = self.cache.get(&key) {
                    return known;
                }
                let Some((question, children)) = self.node(condition) else { return condition };
                let negated = children.iter().map(|&child| self.not(child)).collect();
                let made = self.branch(question, negated);
                self.cache.insert(key, made);
                made
            }
        }
    }

    /// The first holds and the second does not.
    pub fn and_not(&mut self, left: Condition, right: Condition) -> Condition {
        let negated = self.not(right);
        self.and(left, negated)
    }

    /// Whether the two can hold together.
    pub fn compatible(&mut self, left: Condition, right: Condition) -> bool {
        !self.and(left, right).is_never()
    }

    /// Whether the second holds wherever the first does.
    pub fn implies(&mut self, left: Condition, right: Condition) -> bool {
        self.and_not(left, right).is_never()
    }

    /// Answers under which the condition holds, as `(question, answer)`: one way, the shortest to say, empty for the
    /// two constants.
    pub fn example(&self, condition: Condition) -> Vec<(&str, &str)> {
        let mut out = Vec::new();
        let mut at = condition;
        while let Some((question, children)) = self.nodes.get((at.0 as usize).wrapping_sub(2)) {
            let pick = children.iter().position(|child| child.is_always());
            let Some(index) = pick.or_else(|| children.iter().position(|child| !child.is_never())) else {
                break;
            };
            if let Some(asked) = self.questions.get(*question as usize) {
                out.push((&*asked.name, asked.answers.get(index).map_or("", |answer| answer)));
            }
            at = children.get(index).copied().unwrap_or(Condition::NEVER);
        }
        out
    }

    fn node(&self, condition: Condition) -> Option<(u32, Box<[Condition]>)> {
        self.nodes.get((condition.0 as usize).wrapping_sub(2)).cloned()
    }

    fn question_of(&self, condition: Condition) -> u32 {
        self.nodes.get((condition.0 as usize).wrapping_sub(2)).map_or(u32::MAX, |node| node.0)
    }

    fn branch(&mut self, question: u32, children: Box<[Condition]>) -> Condition {
        if let Some((first, rest)) = children.split_first()
            && rest.iter().all(|child| child == first)
        {
            return *first;
        }
        let key = (question, children);
        if let Some(&known) = self.known.get(&key) {
            return known;
        }
        let made = Condition(u32::try_from(self.nodes.len() + 2).unwrap_or(u32::MAX));
        self.nodes.push(key.clone());
        self.known.insert(key, made);
        made
    }

    fn apply(&mut self, op: Op, left: Condition, right: Condition) -> Condition {
        let (absorbing, neutral) = match op {
            Op::And | Op::Not => (Condition::NEVER, Condition::ALWAYS),
            Op::Or => (Condition::ALWAYS, Condition::NEVER),
        };
        if left == absorbing || right == absorbing {
            return absorbing;
        }
        if left == neutral || left == right {
            return right;
        }
        if right == neutral {
            return left;
        }
        let key = (op, left.min(right), left.max(right));
        if let Some(&known) = self.cache.get(&key) {
            return known;
        }
        // A diagram that grows beyond all measure: more than is so can hold.
        if self.nodes.len() > NODES {
            return if op == Op::Or { Condition::ALWAYS } else { left };
        }
        let question = self.question_of(left).min(self.question_of(right));
        let count = self.questions.get(question as usize).map_or(0, |asked| asked.answers.len());
        let mut children = Vec::with_capacity(count);
        for index in 0..count {
            let (left, right) = (self.child(left, question, index), self.child(right, question, index));
            children.push(self.apply(op, left, right));
        }
        let made = self.branch(question, children.into());
        self.cache.insert(key, made);
        made
    }

    /// What is left of `condition` once `question` has the answer at `index`.
    fn child(&self, condition: Condition, question: u32, index: usize) -> Condition {
        match self.nodes.get((condition.0 as usize).wrapping_sub(2)) {
            Some((at, children)) if *at == question => children.get(index).copied().unwrap_or(condition),
            _ => condition,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn answers_of_one_question_exclude_each_other() {
        let mut table = Conditions::new();
        let env = table.ask("Env", vec!["prod".into(), "dev".into(), "other".into()]);
        let (prod, dev, other) = (table.answer(env, 0), table.answer(env, 1), table.answer(env, 2));
        assert!(!table.compatible(prod, dev));
        let not_prod = table.not(prod);
        assert!(table.implies(dev, not_prod));
        let either = table.or(prod, dev);
        assert!(table.or(either, other).is_always());
        assert_eq!(table.example(dev), [("Env", "dev")]);
    }

    #[test]
    fn sixty_independent_conditions_stay_small() {
        let mut table = Conditions::new();
        let mut all = Condition::ALWAYS;
        let mut any = Condition::NEVER;
        for i in 0..60 {
            let question = table.ask(format!("P{i}"), vec!["a".into(), "b".into()]);
            let yes = table.answer(question, 0);
            all = table.and(all, yes);
            any = table.or(any, yes);
        }
        assert!(table.implies(all, any) && !table.implies(any, all));
        assert!(table.nodes.len() < 60 * 60 * 2);
        assert_eq!(table.example(all).len(), 60);
    }

    /// A formula over three questions with three answers each, to be compared with plain evaluation.
    #[derive(Clone, Debug)]
    enum Formula {
        Answer(usize, usize),
        Not(Box<Formula>),
        And(Box<Formula>, Box<Formula>),
        Or(Box<Formula>, Box<Formula>),
    }

    fn formula() -> impl Strategy<Value = Formula> {
        let leaf = (0..3usize, 0..3usize).prop_map(|(q, a)| Formula::Answer(q, a));
        leaf.prop_recursive(5, 40, 2, |inner| {
            prop_oneof![
                inner.clone().prop_map(|f| Formula::Not(Box::new(f))),
                (inner.clone(), inner.clone()).prop_map(|(l, r)| Formula::And(Box::new(l), Box::new(r))),
                (inner.clone(), inner).prop_map(|(l, r)| Formula::Or(Box::new(l), Box::new(r))),
            ]
        })
    }

    fn build(table: &mut Conditions, questions: &[Question], formula: &Formula) -> Condition {
        match formula {
            Formula::Answer(q, a) => table.answer(questions[*q], *a),
            Formula::Not(f) => {
                let inner = build(table, questions, f);
                table.not(inner)
            }
            Formula::And(l, r) => {
                let (l, r) = (build(table, questions, l), build(table, questions, r));
                table.and(l, r)
            }
            Formula::Or(l, r) => {
                let (l, r) = (build(table, questions, l), build(table, questions, r));
                table.or(l, r)
            }
        }
    }

    fn truth(formula: &Formula, world: [usize; 3]) -> bool {
        match formula {
            Formula::Answer(q, a) => world[*q] == *a,
            Formula::Not(f) => !truth(f, world),
            Formula::And(l, r) => truth(l, world) && truth(r, world),
            Formula::Or(l, r) => truth(l, world) || truth(r, world),
        }
    }

    proptest! {
        #[test]
        fn diagrams_agree_with_truth_tables(left in formula(), right in formula()) {
            let mut table = Conditions::new();
            let questions: Vec<_> = (0..3)
                .map(|i| table.ask(format!("q{i}"), vec!["x".into(), "y".into(), "z".into()]))
                .collect();
            let (l, r) = (build(&mut table, &questions, &left), build(&mut table, &questions, &right));
            let worlds: Vec<_> = (0..27).map(|i| [i % 3, i / 3 % 3, i / 9]).collect();
            let both = worlds.iter().any(|&w| truth(&left, w) && truth(&right, w));
            prop_assert_eq!(table.compatible(l, r), both);
            prop_assert_eq!(l == r, worlds.iter().all(|&w| truth(&left, w) == truth(&right, w)));
        }
    }
}
