//! The typed decode: a serde deserializer over a parsed file that reports every mistake at its place and goes on.
//!
//! A [`Given`](super::given::Given) catches the mistake in its value; a struct's unknown keys are reported and passed over,
//! and its missing ones are served as absent values. So one wrong field costs that field and nothing else.

use std::fmt;

use serde::Deserialize;
use serde::de::value::{StrDeserializer, U32Deserializer};
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error, IntoDeserializer, MapAccess,
    SeqAccess, Unexpected, VariantAccess, Visitor,
};

use crate::desired::code::{self, Code};
use crate::desired::given::{FORM, GIVEN, Given};
use crate::desired::problems::{Problem, Problems, closest};
use crate::desired::source::Spot;
use crate::desired::yaml::{Key, Node, Value};

/// Decodes a node.
pub(super) fn decode<T: DeserializeOwned>(node: &Node, problems: &Problems<'_>) -> Given<T> {
    let reader = Reader { input: Input::Node(node), spot: node.spot, problems };
    Given::deserialize(reader).unwrap_or(Given { spot: node.spot, value: None })
}

/// Why a value could not be decoded; its place is that of the [`Given`] around it.
#[derive(Debug)]
struct Flaw {
    /// None for what was reported already.
    code: Option<Code>,
    message: String,
    hint: Option<String>,
}

impl Flaw {
    fn new(code: Code, message: impl Into<String>, hint: impl Into<Option<String>>) -> Self {
        Self { code: Some(code), message: message.into(), hint: hint.into() }
    }

    fn reported() -> Self {
        Self { code: None, message: String::new(), hint: None }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Flaw {}

impl Error for Flaw {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(code::MALFORMED, message.to_string(), None)
    }

    fn invalid_value(unexpected: Unexpected<'_>, expected: &dyn serde::de::Expected) -> Self {
        Self::new(code::MALFORMED, format!("{unexpected} is out of range, expected {expected}"), None)
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        let words = listed(expected, "or");
        let hint = closest(variant, expected.iter().copied()).map(|word| format!("did you mean `{word}`?"));
        Self::new(code::UNKNOWN_WORD, format!("unknown word `{variant}`, expected {words}"), hint)
    }
}

/// `a`, `b` or `c`, with the word between the last two.
pub(super) fn listed(words: &[&str], between: &str) -> String {
    match words {
        [] => "nothing".to_owned(),
        [only] => format!("`{only}`"),
        [first @ .., last] => {
            let first: Vec<_> = first.iter().map(|w| format!("`{w}`")).collect();
            format!("{} {between} `{last}`", first.join(", "))
        }
    }
}

/// Reads one value.
#[derive(Clone, Copy)]
struct Reader<'a> {
    input: Input<'a>,
    spot: Spot,
    problems: &'a Problems<'a>,
}

#[derive(Clone, Copy)]
enum Input<'a> {
    Node(&'a Node),
    Key(&'a Key),
    /// The key of a struct that the file does not hold. Its name; none if it was probably meant by a misspelt one.
    Absent(Option<&'static str>),
}

const SHAPES: &str =
    "write text as `key: text`, a list as `[a, b]`, a map as `{key: value}` or indented lines";

impl<'a> Reader<'a> {
    fn below(self, node: &'a Node) -> Self {
        Self { input: Input::Node(node), spot: node.spot, ..self }
    }

    /// What stands here, and how to say that something else was expected.
    fn expected(self, what: &str) -> Flaw {
        let found = match self.input {
            Input::Absent(Some(name)) => {
                let hint = format!("add `{name}:` here");
                return Flaw::new(code::MISSING_KEY, format!("missing key `{name}`"), hint);
            }
            Input::Absent(None) => return Flaw::reported(),
            Input::Key(_) => "text",
            Input::Node(node) => match &node.value {
                Value::Refused => return Flaw::reported(),
                Value::Scalar { .. } if self.is_nothing() => {
                    let hint = "give it a value or remove the key; `{}` is an empty map, `[]` an empty list";
                    return Flaw::new(
                        code::NO_VALUE,
                        format!("expected {what}, found nothing"),
                        hint.to_owned(),
                    );
                }
                Value::Scalar { .. } => "text",
                Value::List(_) => "a list",
                Value::Map(_) => "a map",
            },
        };
        Flaw::new(code::WRONG_SHAPE, format!("expected {what}, found {found}"), SHAPES.to_owned())
    }

    fn is_nothing(self) -> bool {
        const NOTHING: [&str; 5] = ["", "~", "null", "Null", "NULL"];
        matches!(self.input, Input::Node(Node { value: Value::Scalar { text, plain: true }, .. })
            if NOTHING.contains(&text.as_str()))
    }

    fn text(self) -> Result<&'a str, Flaw> {
        match self.input {
            Input::Key(key) => Ok(&key.text),
            Input::Node(Node { value: Value::Scalar { text, .. }, .. }) if !self.is_nothing() => Ok(text),
            _ => Err(self.expected("text")),
        }
    }

    /// A scalar that is no text. What it means is `serde_yaml`'s word: `010`, `0x10` and `1_000` have traps of their own.
    fn plain<T: DeserializeOwned>(self, what: &str) -> Result<T, Flaw> {
        match self.input {
            Input::Node(Node { value: Value::Scalar { text, plain: true }, .. }) if !self.is_nothing() => {
                serde_yaml::from_str(text).map_err(|_| {
                    Flaw::new(code::WRONG_SHAPE, format!("expected {what}, found `{text}`"), None)
                })
            }
            Input::Node(Node { value: Value::Scalar { text, plain: false }, .. }) => {
                let message = format!("expected {what}, found the text `{text}`");
                Err(Flaw::new(code::WRONG_SHAPE, message, "remove the quotes".to_owned()))
            }
            _ => Err(self.expected(what)),
        }
    }

    fn report(self, flaw: Flaw) -> Flaw {
        if let Some(code) = flaw.code {
            self.problems.add(Problem::new(code, self.spot, flaw.message).maybe_hint(flaw.hint));
        }
        Flaw::reported()
    }
}

impl<'de> Deserializer<'de> for Reader<'_> {
    type Error = Flaw;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Flaw> {
        visitor.visit_str(self.text()?)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Flaw> {
        visitor.visit_bool(self.plain("true or false")?)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Flaw> {
        visitor.visit_u64(self.plain("a whole number")?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Flaw> {
        match self.input {
            Input::Absent(_) => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Flaw> {
        if name == GIVEN {
            visitor.visit_seq(Parts { reader: self, next: 0 })
        } else {
            visitor.visit_newtype_struct(self)
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Flaw> {
        match self.input {
            Input::Node(Node { value: Value::List(items), .. }) => {
                visitor.visit_seq(Items { reader: self, items: items.iter() })
            }
            _ => Err(self.expected("a list")),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Flaw> {
        match self.input {
            Input::Node(Node { value: Value::Map(entries), .. }) => visitor.visit_map(Pairs {
                reader: self,
                entries: entries.iter(),
                absent: Vec::new(),
                value: None,
            }),
            _ => Err(self.expected("a map")),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Flaw> {
        let Input::Node(Node { value: Value::Map(entries), .. }) = self.input else {
            return Err(self.expected("a map"));
        };
        let is_field = |entry: &&(Key, Node)| fields.contains(&entry.0.text.as_str());
        let (known, unknown): (Vec<_>, Vec<_>) = entries.iter().partition(is_field);
        let mut absent: Vec<_> = fields
            .iter()
            .filter(|field| !known.iter().any(|(key, _)| key.text == **field))
            .map(|field| (*field, Some(*field)))
            .collect();
        for (key, _) in unknown {
            let meant = closest(&key.text, fields.iter().copied());
            for (_, name) in absent.iter_mut().filter(|(field, _)| Some(*field) == meant) {
                *name = None;
            }
            let hint = match meant {
                Some(field) => format!("did you mean `{field}`?"),
                None => format!("possible here: {}", listed(fields, "and")),
            };
            let message = format!("unknown key `{}`", key.text);
            self.problems.add(Problem::new(code::UNKNOWN_KEY, key.spot, message).hint(hint));
        }
        visitor.visit_map(Pairs { reader: self, entries: known.into_iter(), absent, value: None })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Flaw> {
        if name == FORM {
            return visitor.visit_enum(ByForm(self));
        }
        let text: StrDeserializer<'_, Flaw> = self.text()?.into_deserializer();
        visitor.visit_enum(text)
    }

    serde::forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct tuple tuple_struct
        identifier ignored_any
    }
}

/// The place of a value, number by number, then the value itself.
struct Parts<'a> {
    reader: Reader<'a>,
    next: usize,
}

impl<'de> SeqAccess<'de> for Parts<'_> {
    type Error = Flaw;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Flaw> {
        let Spot { file, line, column, width } = self.reader.spot;
        let place = [file, line, column, width].get(self.next).copied();
        self.next += 1;
        match place {
            Some(number) => {
                let number: U32Deserializer<Flaw> = number.into_deserializer();
                seed.deserialize(number).map(Some)
            }
            None => seed.deserialize(self.reader).map(Some).map_err(|flaw| self.reader.report(flaw)),
        }
    }
}

struct Items<'a, I> {
    reader: Reader<'a>,
    items: I,
}

impl<'de, 'a, I: Iterator<Item = &'a Node>> SeqAccess<'de> for Items<'a, I> {
    type Error = Flaw;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Flaw> {
        self.items.next().map(|item| seed.deserialize(self.reader.below(item))).transpose()
    }
}

/// The entries of a map, then the absent keys of a struct.
struct Pairs<'a, I> {
    reader: Reader<'a>,
    entries: I,
    absent: Vec<(&'static str, Option<&'static str>)>,
    value: Option<Reader<'a>>,
}

impl<'de, 'a, I: Iterator<Item = &'a (Key, Node)>> MapAccess<'de> for Pairs<'a, I> {
    type Error = Flaw;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Flaw> {
        if let Some((key, node)) = self.entries.next() {
            self.value = Some(self.reader.below(node));
            let reader = Reader { input: Input::Key(key), spot: key.spot, ..self.reader };
            return seed.deserialize(reader).map(Some);
        }
        let Some((field, name)) = self.absent.pop() else { return Ok(None) };
        self.value = Some(Reader { input: Input::Absent(name), ..self.reader });
        let field: StrDeserializer<'_, Flaw> = field.into_deserializer();
        seed.deserialize(field).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Flaw> {
        seed.deserialize(self.value.take().expect("serde asks for a value after its key"))
    }
}

/// Chooses between the short and the long form by what stands there.
struct ByForm<'a>(Reader<'a>);

impl<'de, 'a> EnumAccess<'de> for ByForm<'a> {
    type Error = Flaw;
    type Variant = Reader<'a>;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Reader<'a>), Flaw> {
        let form = match self.0.input {
            Input::Node(Node { value: Value::List(_) | Value::Map(_), .. }) => "long",
            _ => "short",
        };
        let form: StrDeserializer<'_, Flaw> = form.into_deserializer();
        Ok((seed.deserialize(form)?, self.0))
    }
}

impl<'de> VariantAccess<'de> for Reader<'_> {
    type Error = Flaw;

    fn unit_variant(self) -> Result<(), Flaw> {
        Err(self.expected("a short or long form"))
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Flaw> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _len: usize, _visitor: V) -> Result<V::Value, Flaw> {
        Err(self.expected("a short or long form"))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        _visitor: V,
    ) -> Result<V::Value, Flaw> {
        Err(self.expected("a short or long form"))
    }
}
