use std::{borrow::Cow, collections::HashMap};

use super::{
    Dialect, Schema, SchemaError,
    node::{Check, Items, Node, Properties},
    regexes,
};
use crate::{Number, Pointer, Type, Value, pointer::index};

pub(super) fn compile(written: Value<'static>, policy: bool) -> Result<Schema, SchemaError> {
    let dialect = Dialect::of(&written).ok_or_else(|| SchemaError::Invalid {
        pointer: "/$schema".to_owned(),
        message: "this draft of JSON Schema is not known".to_owned(),
    })?;
    let mut compiler = Compiler {
        root: &written,
        dialect,
        policy,
        nodes: Vec::new(),
        known: HashMap::new(),
        waiting: Vec::new(),
        unjudged: Vec::new(),
    };
    let root = compiler.number(&written, "")?;
    while let Some((number, value, pointer)) = compiler.waiting.pop() {
        let node = compiler.node(value, &pointer)?;
        if let Some(place) = compiler.nodes.get_mut(number) {
            *place = node;
        }
    }
    let (nodes, unjudged) = (compiler.nodes, compiler.unjudged);
    Ok(Schema { nodes, root, unjudged, written })
}

struct Compiler<'w> {
    root: &'w Value<'static>,
    dialect: Dialect,
    policy: bool,
    nodes: Vec<Node>,
    /// The numbers of subschemas, by where they are in memory.
    known: HashMap<*const Value<'static>, usize>,
    waiting: Vec<(usize, &'w Value<'static>, String)>,
    unjudged: Vec<String>,
}

type Result<T, E = SchemaError> = std::result::Result<T, E>;

impl<'w> Compiler<'w> {
    /// The number of a subschema; it is compiled later, so that a reference can point to what contains it.
    fn number(&mut self, value: &'w Value<'static>, pointer: &str) -> Result<usize> {
        if let Some(known) = self.known.get(&std::ptr::from_ref(value)) {
            return Ok(*known);
        }
        if !matches!(value, Value::Object(_) | Value::Bool(_)) {
            return Err(invalid(pointer, "a schema is an object, `true` or `false`"));
        }
        let number = self.nodes.len();
        if number >= Schema::MAX_NODES {
            return Err(SchemaError::TooLarge("more than 20,000 subschemas"));
        }
        self.nodes.push(Node::default());
        self.known.insert(value, number);
        self.waiting.push((number, value, pointer.to_owned()));
        Ok(number)
    }

    fn numbers(&mut self, value: &'w Value<'static>, pointer: &str) -> Result<Vec<usize>> {
        let elements = value.elements().ok_or_else(|| invalid(pointer, "this is a list of schemas"))?;
        elements
            .iter()
            .enumerate()
            .map(|(index, schema)| self.number(schema, &format!("{pointer}/{index}")))
            .collect()
    }

    fn node(&mut self, value: &'w Value<'static>, pointer: &str) -> Result<Node> {
        let mut node = Node::default();
        let Value::Object(members) = value else {
            node.never = *value == Value::Bool(false);
            return Ok(node);
        };
        if pointer.matches('/').count() > 2 * Schema::MAX_DEPTH {
            return Err(SchemaError::TooLarge("subschemas lie too deep in one another"));
        }
        let old_reference = !self.dialect.reads_beside_references() && value.get("$ref").is_some();
        for (keyword, given) in members {
            let at = format!("{pointer}/{keyword}");
            if old_reference && keyword != "$ref" {
                continue;
            }
            if self.policy && !POLICY.contains(&&**keyword) {
                return Err(invalid(
                    &at,
                    format!("`{keyword}` is not among the keywords taken here: {}", POLICY.join(", ")),
                ));
            }
            self.keyword(&mut node, value, keyword, given, &at)?;
        }
        self.properties(&mut node, value, pointer)?;
        self.items(&mut node, value, pointer)?;
        // What is cheap and says most comes first.
        node.checks.sort_by_key(|check| !matches!(check, Check::Type(_) | Check::Required(_)));
        Ok(node)
    }

    fn keyword(
        &mut self,
        node: &mut Node,
        schema: &'w Value<'static>,
        keyword: &str,
        given: &'w Value<'static>,
        at: &str,
    ) -> Result<()> {
        let old = self.dialect == Dialect::Draft4;
        let check = match keyword {
            "type" => Check::Type(types(given, at)?),
            "enum" => Check::Enum(given.elements().ok_or_else(|| invalid(at, "`enum` is a list"))?.to_vec()),
            "const" if !old => Check::Enum(vec![given.clone()]),
            "minimum" => {
                let exclusive = old && schema.get("exclusiveMinimum") == Some(&Value::Bool(true));
                Check::Minimum { limit: number(given, at)?, exclusive }
            }
            "maximum" => {
                let exclusive = old && schema.get("exclusiveMaximum") == Some(&Value::Bool(true));
                Check::Maximum { limit: number(given, at)?, exclusive }
            }
            "exclusiveMinimum" if !old => Check::Minimum { limit: number(given, at)?, exclusive: true },
            "exclusiveMaximum" if !old => Check::Maximum { limit: number(given, at)?, exclusive: true },
            "multipleOf" => {
                let step = number(given, at)?;
                if step <= Number::new("0") {
                    return Err(invalid(at, "`multipleOf` is a number above 0"));
                }
                Check::MultipleOf(step)
            }
            "minLength" => Check::MinLength(size(given, at)?),
            "maxLength" => Check::MaxLength(size(given, at)?),
            "minItems" => Check::MinItems(size(given, at)?),
            "maxItems" => Check::MaxItems(size(given, at)?),
            "minProperties" => Check::MinProperties(size(given, at)?),
            "maxProperties" => Check::MaxProperties(size(given, at)?),
            "uniqueItems" if *given == Value::Bool(true) => Check::UniqueItems,
            "required" => Check::Required(names(given, at)?),
            "pattern" => match self.expression(given, at)? {
                Some(regex) => Check::Pattern(regex),
                None => return Ok(()),
            },
            "propertyNames" if !old => Check::PropertyNames(self.number(given, at)?),
            "contains" if !old => {
                let counts = self.dialect >= Dialect::Draft2019;
                let limit =
                    |name| schema.get(name).filter(|_| counts).map(|given| size(given, at)).transpose();
                let (min, max) = (limit("minContains")?.unwrap_or(1), limit("maxContains")?);
                Check::Contains { schema: self.number(given, at)?, min, max }
            }
            "allOf" => Check::AllOf(self.numbers(given, at)?),
            "anyOf" => Check::AnyOf(self.numbers(given, at)?),
            "oneOf" => Check::OneOf(self.numbers(given, at)?),
            "not" => Check::Not(self.number(given, at)?),
            "if" if self.dialect >= Dialect::Draft7 => {
                let mut branch = |name: &str, at: &str| {
                    schema.get(name).map(|given| self.number(given, &at.replace("/if", name))).transpose()
                };
                let (then, otherwise) = (branch("then", at)?, branch("else", at)?);
                Check::If { condition: self.number(given, at)?, then, otherwise }
            }
            "$ref" => Check::Reference(self.reference(given, at)?),
            "$dynamicRef" | "$recursiveRef" => {
                // Without `$dynamicAnchor` elsewhere, which nothing outside can bring in, it is a `$ref`.
                Check::Reference(self.reference(given, at)?)
            }
            "dependentRequired" if self.dialect >= Dialect::Draft2019 => {
                for (name, needs) in object(given, at)? {
                    node.checks.push(Check::DependentRequired(name.to_string(), names(needs, at)?));
                }
                return Ok(());
            }
            "dependentSchemas" if self.dialect >= Dialect::Draft2019 => {
                for (name, schema) in object(given, at)? {
                    let schema = self.number(schema, &format!("{at}/{name}"))?;
                    node.checks.push(Check::DependentSchema(name.to_string(), schema));
                }
                return Ok(());
            }
            "dependencies" => {
                for (name, needs) in object(given, at)? {
                    let check = match needs {
                        Value::List(_) => Check::DependentRequired(name.to_string(), names(needs, at)?),
                        _ => Check::DependentSchema(
                            name.to_string(),
                            self.number(needs, &format!("{at}/{name}"))?,
                        ),
                    };
                    node.checks.push(check);
                }
                return Ok(());
            }
            "unevaluatedProperties" if self.dialect >= Dialect::Draft2019 => {
                node.unevaluated_properties = Some(self.number(given, at)?);
                return Ok(());
            }
            "unevaluatedItems" if self.dialect >= Dialect::Draft2019 => {
                node.unevaluated_items = Some(self.number(given, at)?);
                return Ok(());
            }
            _ => return Ok(()),
        };
        node.checks.push(check);
        Ok(())
    }

    fn properties(&mut self, node: &mut Node, schema: &'w Value<'static>, pointer: &str) -> Result<()> {
        if self.skips(schema) {
            return Ok(());
        }
        let mut properties = Properties::default();
        // With an expression that cannot be read, which properties are additional cannot be told.
        let mut told = true;
        if let Some(given) = schema.get("properties") {
            let at = format!("{pointer}/properties");
            for (name, schema) in object(given, &at)? {
                properties.named.push((name.to_string(), self.number(schema, &format!("{at}/{name}"))?));
            }
        }
        if let Some(given) = schema.get("patternProperties") {
            let at = format!("{pointer}/patternProperties");
            for (pattern, schema) in object(given, &at)? {
                let number = self.number(schema, &format!("{at}/{pattern}"))?;
                match regexes::compile(pattern) {
                    Some(regex) => properties.like.push((regex, number)),
                    None => {
                        self.unjudged.push(at.clone());
                        told = false;
                    }
                }
            }
        }
        if told && let Some(others) = schema.get("additionalProperties") {
            properties.others = Some(self.number(others, &format!("{pointer}/additionalProperties"))?);
        }
        if !properties.named.is_empty() || !properties.like.is_empty() || properties.others.is_some() {
            node.checks.push(Check::Properties(Box::new(properties)));
        }
        Ok(())
    }

    fn items(&mut self, node: &mut Node, schema: &'w Value<'static>, pointer: &str) -> Result<()> {
        if self.skips(schema) {
            return Ok(());
        }
        let mut items = Items::default();
        let at = |name: &str| format!("{pointer}/{name}");
        let (first, others) = if self.dialect == Dialect::Draft2020 {
            ("prefixItems", "items")
        } else if matches!(schema.get("items"), Some(Value::List(_))) {
            ("items", "additionalItems")
        } else {
            ("", "items")
        };
        if let Some(given) = schema.get(first) {
            items.first = self.numbers(given, &at(first))?;
        }
        if let Some(given) = schema.get(others) {
            items.others = Some(self.number(given, &at(others))?);
        }
        if !items.first.is_empty() || items.others.is_some() {
            node.checks.push(Check::Items(items));
        }
        Ok(())
    }

    fn skips(&self, schema: &Value<'_>) -> bool {
        !self.dialect.reads_beside_references() && schema.get("$ref").is_some()
    }

    fn expression(&mut self, given: &Value<'_>, at: &str) -> Result<Option<regex::Regex>> {
        let written = given.as_text().ok_or_else(|| invalid(at, "`pattern` is a text"))?;
        let compiled = regexes::compile(written);
        if compiled.is_none() {
            if self.policy {
                return Err(invalid(at, "this expression needs backtracking or is too large"));
            }
            self.unjudged.push(at.to_owned());
        }
        Ok(compiled)
    }

    /// The subschema that a reference means: by pointer, by name, or the whole.
    fn reference(&mut self, given: &Value<'_>, at: &str) -> Result<usize> {
        let remote = || SchemaError::Remote { pointer: at.to_owned() };
        let said = given.as_text().ok_or_else(|| invalid(at, "a reference is a text"))?;
        let fragment = match said.split_once('#') {
            Some(("", fragment)) => fragment,
            Some((base, fragment)) if self.is_own(base) => fragment,
            None if self.is_own(said) => "",
            _ => return Err(remote()),
        };
        if self.policy && !fragment.starts_with("/$defs/") {
            return Err(invalid(at, "a reference is written `#/$defs/NAME`"));
        }
        let missing = || invalid(at, "it refers to nothing in this schema");
        let target = if fragment.is_empty() || fragment.starts_with('/') {
            let pointer = unescape(fragment).ok_or_else(missing)?;
            find(self.root, &pointer).ok_or_else(missing)?
        } else {
            anchor(self.root, fragment, 0).ok_or_else(missing)?
        };
        self.number(target, fragment)
    }

    fn is_own(&self, base: &str) -> bool {
        let id = self.root.get("$id").or_else(|| self.root.get("id")).and_then(Value::as_text);
        id.is_some_and(|id| !base.is_empty() && id.trim_end_matches('#') == base)
    }
}

/// What a policy may say.
const POLICY: [&str; 36] = [
    "$schema",
    "$defs",
    "$ref",
    "title",
    "description",
    "type",
    "properties",
    "required",
    "additionalProperties",
    "enum",
    "const",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "items",
    "minItems",
    "maxItems",
    "uniqueItems",
    "contains",
    "minContains",
    "maxContains",
    "minProperties",
    "maxProperties",
    "propertyNames",
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
];

fn invalid(pointer: &str, message: impl Into<String>) -> SchemaError {
    SchemaError::Invalid { pointer: pointer.to_owned(), message: message.into() }
}

fn types(given: &Value<'_>, at: &str) -> Result<Vec<Type>> {
    let one = |given: &Value<'_>| {
        given.as_text().and_then(Type::from_name).ok_or_else(|| invalid(at, "there is no such type"))
    };
    match given {
        Value::List(types) => types.iter().map(one).collect(),
        given => Ok(vec![one(given)?]),
    }
}

fn number(given: &Value<'static>, at: &str) -> Result<Number<'static>> {
    match given {
        Value::Number(number) => Ok(number.clone()),
        _ => Err(invalid(at, "this is a number")),
    }
}

fn size(given: &Value<'_>, at: &str) -> Result<usize> {
    match given {
        Value::Number(number) if number.is_integer() && *number >= Number::new("0") => {
            Ok(number.as_i64().and_then(|size| usize::try_from(size).ok()).unwrap_or_else(|| {
                // `2.0` is two; anything else that is no plain number is larger than all there is.
                number.as_str().split('.').next().and_then(|whole| whole.parse().ok()).unwrap_or(usize::MAX)
            }))
        }
        _ => Err(invalid(at, "this is a number from 0 up")),
    }
}

fn names(given: &Value<'_>, at: &str) -> Result<Vec<String>> {
    let wrong = || invalid(at, "this is a list of names");
    // Draft 3 said `required: true` of a property itself; some still do.
    let elements = given.elements().ok_or_else(wrong)?;
    elements.iter().map(|name| name.as_text().map(str::to_owned).ok_or_else(wrong)).collect()
}

fn object<'w>(given: &'w Value<'static>, at: &str) -> Result<&'w [(Cow<'static, str>, Value<'static>)]> {
    given.members().ok_or_else(|| invalid(at, "this is an object"))
}

/// A pointer in a fragment, its percent escapes resolved (RFC 6901 §6).
fn unescape(fragment: &str) -> Option<String> {
    if !fragment.contains('%') {
        return Some(fragment.to_owned());
    }
    let mut bytes = Vec::new();
    let mut rest = fragment.as_bytes();
    while let [first, more @ ..] = rest {
        if *first == b'%' {
            let [high, low, after @ ..] = more else { return None };
            let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
            bytes.push(digit(high)? << 4 | digit(low)?);
            rest = after;
        } else {
            bytes.push(*first);
            rest = more;
        }
    }
    String::from_utf8(bytes).ok()
}

fn find<'w>(root: &'w Value<'static>, pointer: &str) -> Option<&'w Value<'static>> {
    // A pointer of ours could read `*` as a wildcard; there is none in a reference.
    if pointer.split('/').any(|segment| segment == "*") {
        return pointer.strip_prefix('/')?.split('/').try_fold(root, |value, name| match value {
            Value::List(elements) => elements.get(index(name)?),
            value => value.get(&name.replace("~1", "/").replace("~0", "~")),
        });
    }
    Pointer::parse(pointer).ok()?.resolve(root)
}

/// The subschema of that name, `$anchor` or, in old drafts, `$id`.
fn anchor<'w>(value: &'w Value<'static>, name: &str, depth: usize) -> Option<&'w Value<'static>> {
    if depth > Schema::MAX_DEPTH {
        return None;
    }
    let is = |keyword: &str, sign: &str| {
        let said = value.get(keyword).and_then(Value::as_text);
        said.and_then(|said| said.strip_prefix(sign)) == Some(name)
    };
    if is("$anchor", "") || is("$dynamicAnchor", "") || is("$id", "#") || is("id", "#") {
        return Some(value);
    }
    match value {
        Value::Object(members) => members
            .iter()
            .filter(|(keyword, _)| keyword != "enum" && keyword != "const")
            .find_map(|(_, value)| anchor(value, name, depth + 1)),
        Value::List(elements) => elements.iter().find_map(|value| anchor(value, name, depth + 1)),
        _ => None,
    }
}
