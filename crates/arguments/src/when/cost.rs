//! What an expression costs at most, in steps, on arguments of some weight.
//!
//! No list, map or text in arguments weighs more than all of them together, so that is taken for the size of each. Loops
//! in one another multiply; text that is put together weighs what its parts do.

use cel::common::ast::{Expr, IdedExpr, LiteralValue, operators};

/// Most steps of one evaluation: some tens of milliseconds at worst.
const BUDGET: u64 = 500_000;

/// Arguments that every condition has to be able to bear.
const LEAST: u64 = 64;

/// The heaviest arguments that an expression can be run on within its budget; `None` if that is too little to be of use.
pub(super) fn heaviest(expression: &IdedExpr) -> Option<usize> {
    let fits = |weight: u64| measure(expression, weight, &mut Vec::new()).cost <= BUDGET;
    if !fits(LEAST) {
        return None;
    }
    let mut weight = LEAST;
    while weight < 1 << 24 && fits(weight * 2) {
        weight *= 2;
    }
    usize::try_from(weight).ok()
}

#[derive(Clone, Copy)]
struct Measure {
    cost: u64,
    /// What the result weighs at most.
    size: u64,
}

/// `scope` holds the variables of loops and what they weigh.
fn measure<'e>(part: &'e IdedExpr, weight: u64, scope: &mut Vec<(&'e str, u64)>) -> Measure {
    match &part.expr {
        Expr::Literal(LiteralValue::String(text)) => {
            Measure { cost: 1, size: 1 + u64::try_from(text.inner().len() / 64).unwrap_or(u64::MAX) }
        }
        Expr::Ident(name) => {
            let known = scope.iter().rev().find(|(known, _)| known == name);
            Measure { cost: 1, size: known.map_or(weight, |(_, size)| *size) }
        }
        Expr::Select(select) => {
            let operand = measure(&select.operand, weight, scope);
            Measure { cost: operand.cost.saturating_add(1), size: operand.size }
        }
        Expr::Call(call) => {
            let parts: Vec<Measure> = call
                .target
                .iter()
                .map(|target| &**target)
                .chain(&call.args)
                .map(|part| measure(part, weight, scope))
                .collect();
            let cost = parts.iter().fold(1, |sum: u64, part| sum.saturating_add(part.cost));
            let all = parts.iter().fold(0, |sum: u64, part| sum.saturating_add(part.size));
            let first = parts.first().map_or(1, |part| part.size);
            let rest = all.saturating_sub(first);
            let least = parts.iter().map(|part| part.size).min().unwrap_or(1);
            let (own, size) = match call.func_name.as_str() {
                operators::ADD => (all, all),
                operators::EQUALS
                | operators::NOT_EQUALS
                | operators::LESS
                | operators::LESS_EQUALS
                | operators::GREATER
                | operators::GREATER_EQUALS => (least, 1),
                "startsWith" | "endsWith" => (rest, 1),
                operators::IN | "contains" | "size" | "matches" | "int" | "uint" | "double" => (all, 1),
                "string" => (all, all),
                operators::INDEX => (1, first),
                operators::CONDITIONAL => (1, all),
                _ => (1, 1),
            };
            Measure { cost: cost.saturating_add(own), size }
        }
        Expr::List(list) => list.elements.iter().map(|part| measure(part, weight, scope)).fold(
            Measure { cost: 1, size: 1 },
            |sum, part| Measure {
                cost: sum.cost.saturating_add(part.cost),
                size: sum.size.saturating_add(part.size),
            },
        ),
        Expr::Comprehension(all) => {
            let range = measure(&all.iter_range, weight, scope);
            let before = scope.len();
            // What is gathered is gathered in place, at the price of what is added.
            scope.push((&all.accu_var, 1));
            scope.push((&all.iter_var, range.size));
            if let Some(second) = &all.iter_var2 {
                scope.push((second, range.size));
            }
            let (condition, step) =
                (measure(&all.loop_cond, weight, scope), measure(&all.loop_step, weight, scope));
            scope.truncate(before);
            let round = condition.cost.saturating_add(step.cost).saturating_add(1);
            let gathers = matches!(all.accu_init.expr, Expr::List(_));
            Measure {
                cost: range.cost.saturating_add(range.size.saturating_mul(round)).saturating_add(2),
                size: if gathers { range.size.saturating_mul(step.size) } else { 1 },
            }
        }
        _ => Measure { cost: 1, size: 1 },
    }
}
