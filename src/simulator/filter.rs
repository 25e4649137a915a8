//! The part of OData's filter language that Graph and ARM clients use: read once, then held against objects.

use std::borrow::Cow;

use jiff::Timestamp;
use serde_json::Value;

/// A filter expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Filter {
    And(Vec<Filter>),
    Or(Vec<Filter>),
    Not(Box<Filter>),
    Compare {
        path: String,
        operator: Operator,
        value: Literal,
    },
    In {
        path: String,
        values: Vec<Literal>,
    },
    /// `startsWith(path, 'text')`, `atScope()`; the name in lower case.
    Call {
        name: String,
        arguments: Vec<Literal>,
    },
    /// `path/any(variable: inner)`
    Any {
        path: String,
        variable: String,
        inner: Box<Filter>,
    },
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    AtLeast,
    AtMost,
}

impl Operator {
    fn name(self) -> &'static str {
        match self {
            Self::Equal => "eq",
            Self::NotEqual => "ne",
            Self::AtLeast => "ge",
            Self::AtMost => "le",
        }
    }
}

/// A value or, as an argument of a function, a path.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Literal {
    Text(String),
    Bool(bool),
    Null,
    /// Anything unquoted: a GUID, a date, a path.
    Word(String),
}

/// The value of one property of an object.
#[derive(Clone, Debug)]
pub(super) enum Property<'a> {
    Null,
    Bool(bool),
    Text(Cow<'a, str>),
    Texts(&'a [String]),
    Json(Value),
}

impl Property<'_> {
    pub(super) fn text(text: &str) -> Property<'_> {
        Property::Text(Cow::Borrowed(text))
    }

    pub(super) fn optional(text: Option<&String>) -> Property<'_> {
        text.map_or(Property::Null, |text| Property::Text(Cow::Borrowed(text)))
    }

    pub(super) fn to_json(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(yes) => Value::Bool(*yes),
            Self::Text(text) => Value::String(text.clone().into_owned()),
            Self::Texts(texts) => texts.iter().map(|text| Value::String(text.clone())).collect(),
            Self::Json(value) => value.clone(),
        }
    }
}

impl Filter {
    /// Reads a filter; the error is a sentence.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let tokens = tokens(text)?;
        let mut reader = Reader { tokens, place: 0 };
        let filter = reader.either()?;
        if reader.place == reader.tokens.len() {
            Ok(filter)
        } else {
            Err(format!("Syntax error in filter '{text}'."))
        }
    }

    /// Whether an object passes; `get` gives its properties.
    pub(super) fn holds<'a>(&self, get: &dyn Fn(&str) -> Option<Property<'a>>) -> bool {
        match self {
            Self::And(parts) => parts.iter().all(|part| part.holds(get)),
            Self::Or(parts) => parts.iter().any(|part| part.holds(get)),
            Self::Not(part) => !part.holds(get),
            Self::Compare { path, operator, value } => {
                get(path).is_some_and(|property| compare(&property, *operator, value))
            }
            Self::In { path, values } => get(path).is_some_and(|property| {
                values.iter().any(|value| compare(&property, Operator::Equal, value))
            }),
            Self::Call { name, arguments } => call(name, arguments, get),
            Self::Any { path, variable, inner } => match get(path) {
                Some(Property::Texts(texts)) => texts.iter().any(|text| {
                    inner.holds(&|inner_path| (inner_path == variable).then(|| Property::text(text)))
                }),
                Some(Property::Json(Value::Array(objects))) => objects.iter().any(|object| {
                    inner.holds(&|inner_path| field(object, inner_path.strip_prefix(variable.as_str())?))
                }),
                _ => false,
            },
        }
    }

    /// Every path the filter reads, those inside of a lambda excepted.
    pub(super) fn paths(&self) -> Vec<&str> {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().flat_map(Self::paths).collect(),
            Self::Not(part) => part.paths(),
            Self::Compare { path, .. } | Self::In { path, .. } | Self::Any { path, .. } => vec![path],
            Self::Call { arguments, .. } => match arguments.first() {
                Some(Literal::Word(path)) => vec![path],
                _ => Vec::new(),
            },
        }
    }

    /// What the filter does with each path, by the name of the operator; a negation and a test for null have their own.
    pub(super) fn uses(&self) -> Vec<(&str, &str)> {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().flat_map(Self::uses).collect(),
            Self::Not(part) => part.paths().into_iter().map(|path| (path, "not")).collect(),
            Self::Compare { path, value: Literal::Null, .. } => vec![(path, "null")],
            Self::Compare { path, operator, .. } => vec![(path, operator.name())],
            Self::In { path, .. } => vec![(path, "in")],
            Self::Call { name, .. } => self.paths().into_iter().map(|path| (path, name.as_str())).collect(),
            Self::Any { path, inner, .. } => {
                inner.uses().into_iter().map(|(_, how)| (path.as_str(), how)).collect()
            }
        }
    }
}

fn field(object: &Value, path: &str) -> Option<Property<'static>> {
    match object.get(path.trim_start_matches('/'))? {
        Value::String(text) => Some(Property::Text(Cow::Owned(text.clone()))),
        Value::Bool(yes) => Some(Property::Bool(*yes)),
        _ => Some(Property::Null),
    }
}

fn call<'a>(name: &str, arguments: &[Literal], get: &dyn Fn(&str) -> Option<Property<'a>>) -> bool {
    let [Literal::Word(path), Literal::Text(wanted)] = arguments else { return false };
    let Some(Property::Text(text)) = get(path) else { return false };
    let (text, wanted) = (text.to_lowercase(), wanted.to_lowercase());
    match name {
        "startswith" => text.starts_with(&wanted),
        "endswith" => text.ends_with(&wanted),
        _ => false,
    }
}

fn compare(property: &Property<'_>, operator: Operator, value: &Literal) -> bool {
    let equal = match (property, value) {
        (Property::Null, Literal::Null) => true,
        (Property::Bool(is), Literal::Bool(wanted)) => is == wanted,
        (Property::Text(is), Literal::Text(wanted) | Literal::Word(wanted)) => {
            match operator {
                Operator::AtLeast => return ordered(is, wanted).is_ge(),
                Operator::AtMost => return ordered(is, wanted).is_le(),
                Operator::Equal | Operator::NotEqual => {}
            }
            // Directory strings compare without case.
            is.eq_ignore_ascii_case(wanted) || is.to_lowercase() == wanted.to_lowercase()
        }
        _ => false,
    };
    match operator {
        Operator::Equal => equal,
        Operator::NotEqual => !equal,
        Operator::AtLeast | Operator::AtMost => false,
    }
}

fn ordered(left: &str, right: &str) -> std::cmp::Ordering {
    match (left.parse::<Timestamp>(), right.parse::<Timestamp>()) {
        (Ok(left), Ok(right)) => left.cmp(&right),
        _ => left.to_lowercase().cmp(&right.to_lowercase()),
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Mark(char),
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(next) = rest.next() {
        match next {
            ' ' | '\t' => {}
            '(' | ')' | ',' => tokens.push(Token::Mark(next)),
            '\'' => tokens.push(Token::Text(quoted(&mut rest)?)),
            _ => {
                let mut word = String::from(next);
                while let Some(more) = rest.next_if(|c| !matches!(c, ' ' | '(' | ')' | ',' | '\'')) {
                    // A colon separates a lambda's variable from its body; inside a time it does not.
                    if more == ':' && word.chars().all(|c| c.is_ascii_alphabetic()) {
                        break;
                    }
                    word.push(more);
                }
                tokens.push(Token::Word(word));
            }
        }
    }
    Ok(tokens)
}

/// The rest of a quoted text, in which a doubled quote is a quote.
fn quoted(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Result<String, String> {
    let mut text = String::new();
    loop {
        match rest.next() {
            Some('\'') if rest.next_if_eq(&'\'').is_some() => text.push('\''),
            Some('\'') => return Ok(text),
            Some(other) => text.push(other),
            None => return Err("There is an unterminated string literal in the filter.".to_owned()),
        }
    }
}

struct Reader {
    tokens: Vec<Token>,
    place: usize,
}

impl Reader {
    fn either(&mut self) -> Result<Filter, String> {
        let mut parts = vec![self.both()?];
        while self.takes_word("or") {
            parts.push(self.both()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Filter::Or(parts) })
    }

    fn both(&mut self) -> Result<Filter, String> {
        let mut parts = vec![self.single()?];
        while self.takes_word("and") {
            parts.push(self.single()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Filter::And(parts) })
    }

    fn single(&mut self) -> Result<Filter, String> {
        if self.takes_word("not") {
            return Ok(Filter::Not(Box::new(self.single()?)));
        }
        if self.takes(&Token::Mark('(')) {
            let inner = self.either()?;
            self.expect(')')?;
            return Ok(inner);
        }
        let Some(Token::Word(word)) = self.next() else {
            return Err("The filter does not name a property.".to_owned());
        };
        if self.takes(&Token::Mark('(')) {
            return self.call(&word);
        }
        self.comparison(word)
    }

    fn call(&mut self, word: &str) -> Result<Filter, String> {
        if let Some(path) = word.strip_suffix("/any") {
            let Some(Token::Word(variable)) = self.next() else {
                return Err("A lambda needs a variable.".to_owned());
            };
            let inner = self.either()?;
            self.expect(')')?;
            return Ok(Filter::Any { path: path.to_owned(), variable, inner: Box::new(inner) });
        }
        let mut arguments = Vec::new();
        while !self.takes(&Token::Mark(')')) {
            arguments.push(self.literal()?);
            self.takes(&Token::Mark(','));
        }
        Ok(Filter::Call { name: word.to_lowercase(), arguments })
    }

    fn comparison(&mut self, path: String) -> Result<Filter, String> {
        let Some(Token::Word(operator)) = self.next() else {
            return Err(format!("A comparison with '{path}' needs an operator."));
        };
        let operator = match operator.to_lowercase().as_str() {
            "eq" => Operator::Equal,
            "ne" => Operator::NotEqual,
            "ge" => Operator::AtLeast,
            "le" => Operator::AtMost,
            "in" => {
                self.expect('(')?;
                let mut values = Vec::new();
                while !self.takes(&Token::Mark(')')) {
                    values.push(self.literal()?);
                    self.takes(&Token::Mark(','));
                }
                return Ok(Filter::In { path, values });
            }
            other => return Err(format!("The operator '{other}' is not supported.")),
        };
        Ok(Filter::Compare { path, operator, value: self.literal()? })
    }

    fn literal(&mut self) -> Result<Literal, String> {
        match self.next() {
            Some(Token::Text(text)) => Ok(Literal::Text(text)),
            Some(Token::Word(word)) => Ok(match word.as_str() {
                "true" => Literal::Bool(true),
                "false" => Literal::Bool(false),
                "null" => Literal::Null,
                _ => Literal::Word(word),
            }),
            _ => Err("The filter misses a value.".to_owned()),
        }
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.place).cloned();
        self.place += 1;
        token
    }

    fn takes(&mut self, wanted: &Token) -> bool {
        let there = self.tokens.get(self.place) == Some(wanted);
        self.place += usize::from(there);
        there
    }

    fn takes_word(&mut self, wanted: &str) -> bool {
        let there = matches!(self.tokens.get(self.place), Some(Token::Word(word)) if word.eq_ignore_ascii_case(wanted));
        self.place += usize::from(there);
        there
    }

    fn expect(&mut self, mark: char) -> Result<(), String> {
        if self.takes(&Token::Mark(mark)) { Ok(()) } else { Err(format!("The filter misses a '{mark}'.")) }
    }
}
