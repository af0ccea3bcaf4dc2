//! Decoding of the value under one key of a response's JSON object.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{
    DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Unexpected, Visitor,
};

/// Decodes the value of one key and ignores all other keys.
pub(super) struct Envelope<T> {
    key: &'static str,
    value: PhantomData<T>,
}

impl<T> Envelope<T> {
    pub(super) fn new(key: &'static str) -> Self {
        Self {
            key,
            value: PhantomData,
        }
    }
}

impl<T> Clone for Envelope<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Envelope<T> {}

impl<'de, T: Deserialize<'de>> DeserializeSeed<'de> for Envelope<T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        // Decoding as a struct gives the error of a list its position in the text.
        deserializer.deserialize_struct("object", &[], self)
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Envelope<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object with the key {:?}", self.key)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
        let mut value = None;
        while let Some(key) = map.next_key_seed(OneOf([self.key]))? {
            match key {
                Some(_) => value = Some(map.next_value()?),
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        value.ok_or_else(|| Error::missing_field(self.key))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<T, A::Error> {
        Err(Error::invalid_type(Unexpected::Seq, &self))
    }
}

/// Compares a key with several known keys, without copying it. Returns the index of the match.
pub(super) struct OneOf<const N: usize>(pub(super) [&'static str; N]);

impl<'de, const N: usize> DeserializeSeed<'de> for OneOf<N> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl<const N: usize> Visitor<'_> for OneOf<N> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.0.iter().position(|known| *known == key))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::json;

    #[test]
    fn the_value_of_the_key_is_decoded() {
        let decode = |text: &str| json::from_seed(Envelope::<Value>::new("stack"), text.as_bytes());
        let text = r#"{"a": [1], "stack": {"id": "1"}, "b": null}"#;
        assert_eq!(decode(text).unwrap(), json!({"id": "1"}));
        // Python's extensions of JSON are decoded in the second pass.
        assert_eq!(decode(r#"{"stack": NaN}"#).unwrap(), "NaN");
        let error = decode("{}").unwrap_err().to_string();
        assert_eq!(error, "missing field `stack` at line 1 column 2");
        let error = decode("[]").unwrap_err().to_string();
        assert!(
            error.contains("an object with the key \"stack\""),
            "{error}"
        );
    }
}
