//! What a file gives: values that know their place and survive a mistake in them, maps that keep their order and their
//! keys' places, and values with a short and a long form.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::desired::source::Spot;

/// The name by which [`decode`](super::decode) knows that a [`Given`] is asked for.
pub(super) const GIVEN: &str = "$Given";

/// The name by which [`decode`](super::decode) knows that a [`Form`] is asked for.
pub(super) const FORM: &str = "$Form";

/// A value as given in a file, with its place. A value that is wrong was reported when it was decoded and is empty here,
/// so that everything around it can still be checked.
#[derive(Debug, Clone)]
pub(super) struct Given<T> {
    pub(super) spot: Spot,
    pub(super) value: Option<T>,
}

/// A list whose items fail one by one.
pub(super) type List<T> = Vec<Given<T>>;

impl<T> Given<T> {
    /// The value, unless it was wrong.
    pub(super) fn get(&self) -> Option<&T> {
        self.value.as_ref()
    }
}

/// The value of a key that may be absent.
pub(super) trait Optional<T> {
    /// The value, if the key is there and its value right.
    fn value(&self) -> Option<&T>;
    /// The value with its place.
    fn placed(&self) -> Option<(&T, Spot)>;
    /// Where the key's value is, right or wrong.
    fn spot(&self) -> Option<Spot>;
}

impl<T> Optional<T> for Option<Given<T>> {
    fn value(&self) -> Option<&T> {
        self.as_ref().and_then(Given::get)
    }

    fn placed(&self) -> Option<(&T, Spot)> {
        self.as_ref().and_then(|given| Some((given.get()?, given.spot)))
    }

    fn spot(&self) -> Option<Spot> {
        self.as_ref().map(|given| given.spot)
    }
}

/// A map from names that people choose.
#[derive(Debug, Clone)]
pub(super) struct Entries<K, V>(pub(super) Vec<Entry<K, V>>);

/// One entry of [`Entries`].
#[derive(Debug, Clone)]
pub(super) struct Entry<K, V> {
    pub(super) key: Given<K>,
    pub(super) value: Given<V>,
}

impl<K, V> Entries<K, V> {
    /// The entries whose key is right.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&K, Spot, &Given<V>)> {
        self.0.iter().filter_map(|e| Some((e.key.get()?, e.key.spot, &e.value)))
    }
}

/// The entries of a map that may be absent.
pub(super) fn entries<K, V>(given: Option<&Entries<K, V>>) -> impl Iterator<Item = (&K, Spot, &Given<V>)> {
    given.into_iter().flat_map(Entries::iter)
}

impl<K, V> Default for Entries<K, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

/// A value with a short form, written as text, and a long one, written as a list or map.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(rename = "$Form", rename_all = "camelCase")]
pub(super) enum Form<S, L> {
    Short(S),
    Long(L),
}

/// One thing, or a list of them.
pub(super) type OneOrMany<T> = Form<T, List<T>>;

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Given<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Parts<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Parts<T> {
            type Value = Given<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value with its place")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Given<T>, A::Error> {
                let mut number = || {
                    parts.next_element::<u32>()?.ok_or_else(|| A::Error::custom("a place without numbers"))
                };
                let spot = Spot { file: number()?, line: number()?, column: number()?, width: number()? };
                // The error is not lost: the decoder reported it.
                Ok(Given { spot, value: parts.next_element::<T>().ok().flatten() })
            }
        }

        deserializer.deserialize_newtype_struct(GIVEN, Parts(PhantomData))
    }
}

impl<'de, K: Deserialize<'de>, V: Deserialize<'de>> Deserialize<'de> for Entries<K, V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs<K, V>(PhantomData<(K, V)>);

        impl<'de, K: Deserialize<'de>, V: Deserialize<'de>> Visitor<'de> for Pairs<K, V> {
            type Value = Entries<K, V>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries<K, V>, A::Error> {
                let mut entries = Vec::new();
                while let Some((key, value)) = map.next_entry()? {
                    entries.push(Entry { key, value });
                }
                Ok(Entries(entries))
            }
        }

        deserializer.deserialize_map(Pairs(PhantomData))
    }
}

impl<T: JsonSchema> JsonSchema for Given<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

impl<K: JsonSchema, V: JsonSchema> JsonSchema for Entries<K, V> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("MapOf{}To{}", K::schema_name(), V::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "propertyNames": generator.subschema_for::<K>(),
            "additionalProperties": generator.subschema_for::<V>(),
        })
    }
}

impl<S: JsonSchema, L: JsonSchema> JsonSchema for Form<S, L> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("{}Or{}", S::schema_name(), L::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [generator.subschema_for::<S>(), generator.subschema_for::<L>()] })
    }
}
