//! Conditions in CEL (Common Expression Language): checked when they are loaded, bounded when they run.

mod call;
mod cost;
mod variables;

use std::{
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, LazyLock},
};

use cel::{Context, Env, ExecutionError, Program, extractors::This};
use regex::{Regex, RegexBuilder};

pub use self::call::{Call, Moment};
use crate::Value;

/// A condition that a call has to meet.
#[derive(Clone, Debug)]
pub struct When {
    written: String,
    program: Arc<Program>,
    /// The expressions in its `matches(…)`, compiled.
    expressions: Arc<HashMap<String, Regex>>,
    /// The heaviest arguments it is run on.
    heaviest: usize,
}

/// Why a condition cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct WhenError(String);

impl When {
    /// Longest condition, in bytes.
    pub const MAX_BYTES: usize = 4096;

    /// Compiles a condition: it has to parse, know its variables and functions, be a matter of yes or no, and cost no more
    /// than what is bounded.
    ///
    /// # Errors
    /// If it does not.
    pub fn compile(written: &str) -> Result<Self, WhenError> {
        if written.len() > Self::MAX_BYTES {
            return Err(WhenError(format!("a condition has at most {} bytes", Self::MAX_BYTES)));
        }
        // Every sign can nest what is read by recursion: text with too many is refused before.
        let Shape { signs, deepest } = shape(written);
        if deepest > MAX_NESTING {
            return Err(WhenError(format!(
                "brackets and choices lie more than {MAX_NESTING} deep in one another"
            )));
        }
        if signs > MAX_SIGNS {
            return Err(WhenError(format!(
                "a condition has at most {MAX_SIGNS} operators, dots, commas and brackets"
            )));
        }
        let program =
            parse(written).map_err(|said| WhenError(format!("this is no CEL expression: {said}")))?;
        let mut literals = Vec::new();
        variables::check(program.expression(), &mut literals).map_err(WhenError)?;
        let mut expressions = HashMap::new();
        for literal in literals {
            let compiled = RegexBuilder::new(&literal).size_limit(1 << 20).nest_limit(64).build();
            let compiled =
                compiled.map_err(|_| WhenError(format!("`{literal}` is no regular expression")))?;
            expressions.insert(literal, compiled);
        }
        let heaviest = cost::heaviest(program.expression()).ok_or_else(|| {
            WhenError("it could take too long: have fewer loops in one another, or shorter ones".to_owned())
        })?;
        let (program, expressions) = (Arc::new(program), Arc::new(expressions));
        Ok(Self { written: written.to_owned(), program, expressions, heaviest })
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// Whether it asks who calls.
    pub fn asks_who(&self) -> bool {
        self.program.references().has_variable("principal")
    }

    /// Whether a call meets it; if not, in words what would.
    pub(crate) fn holds(&self, arguments: &Value<'_>, call: &Call<'_>) -> Result<(), String> {
        let written = &self.written;
        if arguments.weight() > self.heaviest {
            return Err(format!("smaller arguments: these are too large for `{written}` to be judged"));
        }
        let run = || -> Result<cel::Value, Unclear> {
            let mut context = Context::with_env(Arc::clone(&ENV));
            call.declare(&mut context);
            context.add_variable_from_value("arguments", variables::to_cel(arguments).ok_or(Unclear)?);
            let expressions = Arc::clone(&self.expressions);
            let matches = move |This(text): This<Arc<String>>, written: Arc<String>| {
                let known = expressions.get(&*written);
                known
                    .map(|known| known.is_match(&text))
                    .ok_or_else(|| ExecutionError::function_error("matches", "unknown"))
            };
            context.add_function("matches", matches).map_err(|_| Unclear)?;
            self.program.execute(&context).map_err(|_| Unclear)
        };
        // What the interpreter makes of odd values must not end us.
        match catch_unwind(AssertUnwindSafe(run)) {
            Ok(Ok(cel::Value::Bool(true))) => Ok(()),
            Ok(Ok(cel::Value::Bool(false))) => Err(format!("a call for which `{written}`")),
            Ok(_) | Err(_) => Err(format!(
                "a call for which `{written}` can be told: an argument it speaks of is missing or of another type"
            )),
        }
    }
}

/// Parses on a stack of its own: how much of one the parser needs, the text decides.
fn parse(written: &str) -> Result<Program, String> {
    let text = written.to_owned();
    let compile = move || {
        let first = |errors: cel::ParseErrors| errors.errors.first().map(|error| error.msg.clone());
        ENV.compile(&text).map_err(|errors| first(errors).unwrap_or_default())
    };
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(compile);
    let parsed = thread.map_err(|error| error.to_string())?.join();
    parsed.unwrap_or_else(|_| Err("it cannot be parsed".to_owned()))
}

/// Bytes of stack to parse on.
const STACK: usize = 64 << 20;

/// A condition is neither met nor not met.
struct Unclear;

/// Most signs in a condition.
const MAX_SIGNS: usize = 120;

/// Deepest nesting of brackets and choices.
const MAX_NESTING: usize = 12;

static ENV: LazyLock<Arc<Env>> = LazyLock::new(|| Arc::new(Env::stdlib().with_optional_support(false)));

/// What makes a text costly to read.
struct Shape {
    /// Signs outside of texts; those that close something count as little as letters.
    signs: usize,
    /// Nesting of brackets, and of choices (`a ? b : c`), each of which may be within the one before.
    deepest: usize,
}

fn shape(written: &str) -> Shape {
    let mut quote = None;
    let (mut signs, mut open, mut choices, mut deepest) = (0, 0_usize, 0, 0);
    let mut characters = written.chars();
    while let Some(c) = characters.next() {
        match (quote, c) {
            (Some(_), '\\') => {
                characters.next();
                continue;
            }
            (Some(quoted), c) if c == quoted => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, ')' | ']' | '}') => open = open.saturating_sub(1),
            (None, c) if c.is_alphanumeric() || c == '_' || c.is_whitespace() => {}
            (None, c) => {
                signs += 1;
                open += usize::from(matches!(c, '(' | '[' | '{'));
                choices += usize::from(c == '?');
                deepest = deepest.max(open + choices);
            }
        }
    }
    Shape { signs, deepest }
}

#[cfg(test)]
mod tests;
