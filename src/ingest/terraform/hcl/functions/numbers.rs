//! Functions of numbers and truth values.

use super::super::eval::Evaluator;
use super::super::value::Content;
use super::super::value::Value;

impl Evaluator<'_> {
    pub(super) fn number_function(&mut self, name: &str, values: &[Value]) -> Option<Value> {
        let tree = &self.assembly.tree;
        let number = |index: usize| values.get(index).and_then(|value| value.as_number(tree));
        let all = || values.iter().map(|value| value.as_number(tree)).collect::<Option<Vec<f64>>>();
        match name {
            "tonumber" => values.first().filter(|value| value.as_number(tree).is_some()).cloned(),
            "tobool" => Some(Content::Bool(values.first()?.as_bool(tree)?).into()),
            "max" => all()?.into_iter().reduce(f64::max).map(Value::number),
            "min" => all()?.into_iter().reduce(f64::min).map(Value::number),
            "abs" => Some(Value::number(number(0)?.abs())),
            "ceil" => Some(Value::number(number(0)?.ceil())),
            "floor" => Some(Value::number(number(0)?.floor())),
            "sum" => match &values.first()?.content {
                Content::List(list) => {
                    let numbers: Option<Vec<f64>> = list.iter().map(|one| one.as_number(tree)).collect();
                    Some(Value::number(numbers?.into_iter().sum()))
                }
                _ => None,
            },
            "alltrue" | "anytrue" => match &values.first()?.content {
                Content::List(list) => {
                    let flags: Option<Vec<bool>> = list.iter().map(|one| one.as_bool(tree)).collect();
                    let flags = flags?;
                    let holds =
                        if name == "alltrue" { !flags.contains(&false) } else { flags.contains(&true) };
                    Some(Content::Bool(holds).into())
                }
                _ => None,
            },
            _ => None,
        }
    }
}
