//! Operators.

use hcl_edit::expr::BinaryOp;
use hcl_edit::expr::BinaryOperator;
use hcl_edit::expr::UnaryOp;
use hcl_edit::expr::UnaryOperator;

use super::eval::Evaluator;
use super::eval::Scope;
use super::value::Content;
use super::value::Value;

impl Evaluator<'_> {
    pub(super) fn unary(&mut self, operation: &UnaryOp, scope: &Scope<'_>) -> Value {
        let value = self.eval(&operation.expr, scope);
        let tree = &self.assembly.tree;
        let made = match operation.operator.value() {
            UnaryOperator::Neg => value.as_number(tree).map(|number| Value::number(-number)),
            UnaryOperator::Not => value.as_bool(tree).map(|value| Content::Bool(!value).into()),
        };
        made.unwrap_or_else(|| Value::unknown(value.blocker().unwrap_or("an operand that is not known")))
    }

    pub(super) fn binary(&mut self, operation: &BinaryOp, scope: &Scope<'_>) -> Value {
        let left = self.eval(&operation.lhs_expr, scope);
        let operator = *operation.operator.value();
        let decided = match operator {
            BinaryOperator::And => left.as_bool(&self.assembly.tree).filter(|left| !left),
            BinaryOperator::Or => left.as_bool(&self.assembly.tree).filter(|left| *left),
            _ => None,
        };
        if let Some(decided) = decided {
            return Content::Bool(decided).into();
        }
        let right = self.eval(&operation.rhs_expr, scope);
        let made = match operator {
            BinaryOperator::Eq => self.same(&left, &right).map(|same| Content::Bool(same).into()),
            BinaryOperator::NotEq => self.same(&left, &right).map(|same| Content::Bool(!same).into()),
            BinaryOperator::And | BinaryOperator::Or => right
                .as_bool(&self.assembly.tree)
                .filter(|_| left.blocker().is_none())
                .map(Content::Bool)
                .map(Value::from),
            _ => self.arithmetic(operator, &left, &right),
        };
        let blocker =
            || left.blocker().or(right.blocker()).unwrap_or("an operand that is not known").to_owned();
        made.unwrap_or_else(|| Value::unknown(&blocker()))
    }

    /// Whether two values are equal, if that is known.
    pub(super) fn same(&mut self, left: &Value, right: &Value) -> Option<bool> {
        let left = self.opened(left.clone());
        let right = self.opened(right.clone());
        match (&left.content, &right.content) {
            (Content::Unknown(_), _) | (_, Content::Unknown(_)) => None,
            (Content::Null, Content::Null) => Some(true),
            (Content::Null, _) | (_, Content::Null) => Some(false),
            (Content::List(left), Content::List(right)) => {
                if left.len() != right.len() {
                    return Some(false);
                }
                let pairs: Vec<_> =
                    left.iter().zip(right).map(|(left, right)| self.same(left, right)).collect();
                if pairs.contains(&Some(false)) {
                    Some(false)
                } else {
                    pairs.into_iter().collect::<Option<Vec<_>>>().map(|_| true)
                }
            }
            (Content::Map(left), Content::Map(right)) if left.is_empty() || right.is_empty() => {
                Some(left.is_empty() && right.is_empty())
            }
            (Content::List(_) | Content::Map(_), _) | (_, Content::List(_) | Content::Map(_)) => None,
            _ => {
                let tree = &self.assembly.tree;
                Some(left.known(tree)? == right.known(tree)?)
            }
        }
    }

    fn arithmetic(&self, operator: BinaryOperator, left: &Value, right: &Value) -> Option<Value> {
        let tree = &self.assembly.tree;
        let (left, right) = (left.as_number(tree)?, right.as_number(tree)?);
        let bool = |value: bool| Some(Content::Bool(value).into());
        match operator {
            BinaryOperator::Plus => Some(Value::number(left + right)),
            BinaryOperator::Minus => Some(Value::number(left - right)),
            BinaryOperator::Mul => Some(Value::number(left * right)),
            BinaryOperator::Div if right != 0.0 => Some(Value::number(left / right)),
            BinaryOperator::Mod if right != 0.0 => Some(Value::number(left % right)),
            BinaryOperator::Less => bool(left < right),
            BinaryOperator::LessEq => bool(left <= right),
            BinaryOperator::Greater => bool(left > right),
            BinaryOperator::GreaterEq => bool(left >= right),
            _ => None,
        }
    }
}
