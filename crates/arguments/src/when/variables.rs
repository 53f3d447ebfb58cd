//! What a condition may speak of, and arguments in CEL's values.

use std::{collections::HashMap, sync::Arc};

use cel::{
    common::ast::{Expr, IdedExpr, LiteralValue, operators},
    objects::{Key, Map},
};

use super::call::{MEMBERS, string};
use crate::Value;

/// The variables of every condition.
const VARIABLES: [&str; 6] = ["tool", "arguments", "principal", "server", "era", "time"];

/// The functions a condition may call, by name.
pub(super) const FUNCTIONS: [&str; 9] =
    ["size", "contains", "startsWith", "endsWith", "matches", "int", "uint", "double", "string"];

/// Operators whose result is yes or no.
const DECIDING: [&str; 10] = [
    operators::LOGICAL_AND,
    operators::LOGICAL_OR,
    operators::LOGICAL_NOT,
    operators::EQUALS,
    operators::NOT_EQUALS,
    operators::GREATER,
    operators::GREATER_EQUALS,
    operators::LESS,
    operators::LESS_EQUALS,
    operators::IN,
];

const OTHERS: [&str; 9] = [
    operators::ADD,
    operators::SUBSTRACT,
    operators::MULTIPLY,
    operators::DIVIDE,
    operators::MODULO,
    operators::NEGATE,
    operators::INDEX,
    operators::CONDITIONAL,
    operators::NOT_STRICTLY_FALSE,
];

/// Deepest nesting of parts: they are evaluated by recursion.
const MAX_DEPTH: usize = 32;

/// Most parts of an expression.
const MAX_PARTS: usize = 500;

/// Checks that an expression speaks only of what is known and is a matter of yes or no. Collects the expressions of its
/// `matches(…)`.
pub(super) fn check(expression: &IdedExpr, literals: &mut Vec<String>) -> Result<(), String> {
    let mut checker = Checker { scope: Vec::new(), parts: 0, depth: 0, literals };
    checker.part(expression)?;
    if decides(expression) == Some(false) {
        return Err("a condition is a matter of true or false, and this is something else".to_owned());
    }
    Ok(())
}

struct Checker<'l> {
    scope: Vec<String>,
    parts: usize,
    depth: usize,
    literals: &'l mut Vec<String>,
}

impl Checker<'_> {
    fn part(&mut self, part: &IdedExpr) -> Result<(), String> {
        if self.depth >= MAX_DEPTH {
            return Err(format!(
                "its parts lie more than {MAX_DEPTH} deep in one another; put brackets around halves of a long chain"
            ));
        }
        self.depth += 1;
        let checked = self.one(part);
        self.depth -= 1;
        checked
    }

    fn one(&mut self, part: &IdedExpr) -> Result<(), String> {
        self.parts += 1;
        if self.parts > MAX_PARTS {
            return Err(format!("an expression has at most {MAX_PARTS} parts"));
        }
        match &part.expr {
            Expr::Literal(_) => Ok(()),
            Expr::Ident(name) => {
                let known = VARIABLES.contains(&name.as_str()) || self.scope.contains(name);
                if known {
                    Ok(())
                } else {
                    Err(format!("there is no `{name}` here: {} are known", VARIABLES.join(", ")))
                }
            }
            Expr::Select(select) => {
                if let Expr::Ident(name) = &select.operand.expr
                    && !self.scope.contains(name)
                    && let Some((_, members)) = MEMBERS.iter().find(|(known, _)| known == name)
                    && !members.contains(&select.field.as_str())
                {
                    return Err(format!("`{name}` has no `{}`: it has {}", select.field, members.join(", ")));
                }
                self.part(&select.operand)
            }
            Expr::Call(call) => {
                let name = call.func_name.as_str();
                if !FUNCTIONS.contains(&name) && !DECIDING.contains(&name) && !OTHERS.contains(&name) {
                    return Err(format!(
                        "there is no function `{name}` here: {} are known",
                        FUNCTIONS.join(", ")
                    ));
                }
                if name == "matches" {
                    match call.args.last().map(|last| &last.expr) {
                        Some(Expr::Literal(LiteralValue::String(literal))) => {
                            self.literals.push(literal.inner().to_owned())
                        }
                        _ => return Err("the expression in `matches(…)` is written out".to_owned()),
                    }
                }
                call.target
                    .iter()
                    .map(|target| &**target)
                    .chain(&call.args)
                    .try_for_each(|part| self.part(part))
            }
            Expr::List(list) => list.elements.iter().try_for_each(|part| self.part(part)),
            Expr::Comprehension(all) => {
                self.part(&all.iter_range)?;
                self.part(&all.accu_init)?;
                let before = self.scope.len();
                self.scope.push(all.accu_var.clone());
                self.part(&all.result)?;
                self.scope.push(all.iter_var.clone());
                self.scope.extend(all.iter_var2.clone());
                self.part(&all.loop_cond)?;
                self.part(&all.loop_step)?;
                self.scope.truncate(before);
                Ok(())
            }
            Expr::Map(_) | Expr::Struct(_) | Expr::Unspecified => {
                Err("an expression builds no maps and no structures here".to_owned())
            }
        }
    }
}

/// Whether an expression is true or false; `None` if only its arguments tell.
fn decides(part: &IdedExpr) -> Option<bool> {
    match &part.expr {
        Expr::Literal(literal) => Some(matches!(literal, LiteralValue::Boolean(_))),
        Expr::Ident(name) if name == "arguments" || VARIABLES.contains(&name.as_str()) => Some(false),
        Expr::Ident(_) => None,
        Expr::Select(select) if select.test => Some(true),
        Expr::Select(select) => match &select.operand.expr {
            Expr::Ident(name) if MEMBERS.iter().any(|(known, _)| known == name) => Some(false),
            _ => None,
        },
        Expr::Call(call) => match call.func_name.as_str() {
            operators::CONDITIONAL => match call.args.as_slice() {
                [_, then, otherwise] => match (decides(then), decides(otherwise)) {
                    (Some(false), _) | (_, Some(false)) => Some(false),
                    (Some(true), Some(true)) => Some(true),
                    _ => None,
                },
                _ => None,
            },
            operators::INDEX => None,
            "contains" | "startsWith" | "endsWith" | "matches" | operators::NOT_STRICTLY_FALSE => Some(true),
            name => Some(DECIDING.contains(&name)),
        },
        Expr::Comprehension(all) => match &all.accu_init.expr {
            Expr::Literal(LiteralValue::Boolean(_)) => Some(true),
            Expr::List(_) => Some(false),
            _ => None,
        },
        _ => Some(false),
    }
}

/// The same value for CEL; `None` if a number has no like there.
pub(super) fn to_cel(value: &Value<'_>) -> Option<cel::Value> {
    Some(match value {
        Value::Null => cel::Value::Null,
        Value::Bool(value) => cel::Value::Bool(*value),
        Value::Number(number) => {
            let text = number.as_str();
            match (text.parse(), text.parse(), text.parse::<f64>()) {
                (Ok(number), _, _) => cel::Value::Int(number),
                (_, Ok(number), _) => cel::Value::UInt(number),
                // An integer that no type holds would become another one.
                (_, _, Ok(double)) if double.is_finite() && text.contains(['.', 'e', 'E']) => {
                    cel::Value::Float(double)
                }
                _ => return None,
            }
        }
        Value::Text(text) => string(text),
        Value::List(elements) => {
            cel::Value::List(Arc::new(elements.iter().map(to_cel).collect::<Option<_>>()?))
        }
        Value::Object(members) => {
            let members = members
                .iter()
                .map(|(name, value)| Some((Key::String(Arc::new(name.to_string())), to_cel(value)?)));
            cel::Value::Map(Map { map: Arc::new(members.collect::<Option<HashMap<_, _>>>()?) })
        }
    })
}
