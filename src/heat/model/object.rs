//! Objects in lists, decoded directly into their types.
//!
//! Clients read lists most, so no value is stored twice. [`object!`] declares a type whose fields
//! are filled while the text is parsed. Unknown keys go into a map, which is allocated only if
//! there are any. Serialization restores the object as the server sent it.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeMap;
use serde_json::{Map, Value};

use super::{
    Action, ConfigInput, ConfigOutput, ConfigType, Environment, Link, StackStatus, Status, Time,
};
use crate::secret::REDACTED;

/// Declares a type with Heat's fields, in Heat's order.
///
/// A `required` field must be present and not `null`. A `secret` field is optional, and `Debug` does not show it.
macro_rules! object {
    (
        $(#[$meta:meta])*
        pub struct $type:ident {
            $( $(#[$about:meta])* $need:ident $key:literal => $field:ident: $kind:ty, )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq)]
        #[non_exhaustive]
        pub struct $type {
            $( $(#[$about])* pub $field: $kind, )*
            rest: crate::heat::model::object::Rest,
        }

        const _: () = {
            use crate::heat::model::object::{Field as _, Filled, Kept, Key, Known, Object, Rest};

            #[allow(non_camel_case_types)]
            #[derive(Clone, Copy)]
            enum Name { $($field),* }

            impl Known for Name {
                fn of(key: &str) -> Option<Self> {
                    match key {
                        $( $key => Some(Self::$field), )*
                        _ => None,
                    }
                }
            }

            impl Object for $type {
                const EXPECTED: &str = stringify!($type);

                fn empty() -> Self {
                    Self { $( $field: Default::default(), )* rest: Rest::default() }
                }

                fn fill<'de, A: serde::de::MapAccess<'de>>(&mut self, mut map: A) -> Result<(), A::Error> {
                    while let Some(key) = map.next_key::<Key<Name>>()? {
                        match key {
                            $( Key::Known(Name::$field) => {
                                self.rest.mark_present(Name::$field as u32);
                                object!(@$need self map $field);
                            } )*
                            Key::Other(key) => {
                                let value = map.next_value()?;
                                self.rest.keep(key, value);
                            }
                        }
                    }
                    $( object!(@check $need self $key $field); )*
                    Ok(())
                }
            }

            impl std::fmt::Debug for $type {
                fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    let mut shown = f.debug_struct(stringify!($type));
                    $( object!(@debug $need shown self $field); )*
                    shown.field("rest", &self.rest).finish()
                }
            }

            impl<'de> serde::Deserialize<'de> for $type {
                fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                    let mut this = Self::empty();
                    d.deserialize_map(Filled(&mut this))?;
                    Ok(this)
                }
            }

            impl serde::Serialize for $type {
                fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                    use serde::ser::SerializeMap as _;
                    let mut map = s.serialize_map(None)?;
                    $( match self.rest.of(Name::$field as u32) {
                        Kept::Absent if self.$field.is_empty() => {}
                        Kept::Irregular if self.$field.is_empty() => self.$field.write_irregular($key, &mut map)?,
                        _ => map.serialize_entry($key, &self.$field)?,
                    } )*
                    for (key, value) in self.extra() {
                        map.serialize_entry(key, value)?;
                    }
                    map.end()
                }
            }

            impl $type {
                /// The fields that this type does not have, such as those of newer releases.
                pub fn extra(&self) -> impl Iterator<Item = (&str, &serde_json::Value)> {
                    self.rest.extra()
                }

                /// The whole object as the server sent it: the fields of this type, then the
                /// others. Each call builds it anew.
                pub fn raw(&self) -> serde_json::Map<String, serde_json::Value> {
                    match serde_json::to_value(self) {
                        Ok(serde_json::Value::Object(object)) => object,
                        // An object always serializes as an object.
                        _ => serde_json::Map::new(),
                    }
                }
            }
        };
    };
    (@required $self:ident $map:ident $field:ident) => {
        $self.$field.set($map.next_value()?);
    };
    (@optional $self:ident $map:ident $field:ident) => {
        let is_plain = match $map.next_value::<Option<_>>()? {
            Some(value) => $self.$field.set(value),
            None => $self.$field.set_null(),
        };
        if !is_plain {
            $self.rest.mark_irregular(Name::$field as u32);
        }
    };
    (@secret $self:ident $map:ident $field:ident) => {
        object!(@optional $self $map $field);
    };
    (@check required $self:ident $key:literal $field:ident) => {
        if let Kept::Absent = $self.rest.of(Name::$field as u32) {
            return Err(serde::de::Error::missing_field($key));
        }
    };
    (@check optional $self:ident $key:literal $field:ident) => {};
    (@check secret $self:ident $key:literal $field:ident) => {};
    (@debug secret $shown:ident $self:ident $field:ident) => {
        $shown.field(stringify!($field), &crate::heat::model::object::Hidden(&$self.$field));
    };
    (@debug $need:ident $shown:ident $self:ident $field:ident) => {
        $shown.field(stringify!($field), &$self.$field);
    };
}
pub(super) use object;

/// A type declared by [`object!`].
pub(crate) trait Object: Sized {
    const EXPECTED: &str;

    fn empty() -> Self;

    fn fill<'de, A: MapAccess<'de>>(&mut self, map: A) -> Result<(), A::Error>;
}

/// The names of a type's fields.
pub(super) trait Known: Sized {
    fn of(key: &str) -> Option<Self>;
}

/// A key of an object: a known field, or an unknown name.
pub(super) enum Key<N> {
    Known(N),
    Other(String),
}

impl<'de, N: Known> Deserialize<'de> for Key<N> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Text<N>(PhantomData<N>);

        impl<N: Known> Visitor<'_> for Text<N> {
            type Value = Key<N>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_str<E>(self, key: &str) -> Result<Key<N>, E> {
                Ok(match N::of(key) {
                    Some(name) => Key::Known(name),
                    None => Key::Other(key.to_owned()),
                })
            }
        }

        d.deserialize_identifier(Text(PhantomData))
    }
}

/// Fills an object in place.
pub(super) struct Filled<'a, T>(pub(super) &'a mut T);

impl<'de, T: Object> DeserializeSeed<'de> for Filled<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<(), D::Error> {
        d.deserialize_map(self)
    }
}

impl<'de, T: Object> Visitor<'de> for Filled<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object of type {}", T::EXPECTED)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        self.0.fill(map)
    }
}

/// Decodes a list of objects in place.
pub(crate) fn objects<'de, D: Deserializer<'de>, T: Object>(d: D) -> Result<Vec<T>, D::Error> {
    struct Objects<T>(PhantomData<T>);

    impl<'de, T: Object> Visitor<'de> for Objects<T> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vec<T>, A::Error> {
            /// The capacity for short lists: objects are large, and moving them is expensive.
            const FIRST: usize = 32;
            let mut list = Vec::with_capacity(FIRST);
            loop {
                list.push(T::empty());
                let Some(last) = list.last_mut() else {
                    return Ok(list);
                };
                if items.next_element_seed(Filled(last))?.is_none() {
                    list.pop();
                    list.shrink_to_fit();
                    return Ok(list);
                }
            }
        }
    }

    d.deserialize_seq(Objects(PhantomData))
}

/// A value of which `Debug` shows only the keys.
pub(super) struct Hidden<'a, T>(pub(super) &'a T);

/// Stands for a value that is not shown.
struct Redacted;

impl fmt::Debug for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

impl fmt::Debug for Hidden<'_, Map<String, Value>> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hidden = self.0.keys().map(|key| (key, Redacted));
        f.debug_map().entries(hidden).finish()
    }
}

impl fmt::Debug for Hidden<'_, Option<Value>> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_ref().map(|_| Redacted).fmt(f)
    }
}

/// What is needed, beside the fields, to serialize an object as it was sent.
#[derive(Clone, PartialEq, Eq, Default)]
pub(super) struct Rest {
    /// One bit for each field that was present.
    present: u32,
    /// One bit for each empty field that its type would serialize differently.
    irregular: u32,
    extra: Option<Box<Map<String, Value>>>,
}

/// How a field was sent.
pub(super) enum Kept {
    Absent,
    Irregular,
    Plain,
}

impl Rest {
    pub(super) fn mark_present(&mut self, field: u32) {
        self.present |= 1 << field;
    }

    pub(super) fn mark_irregular(&mut self, field: u32) {
        self.irregular |= 1 << field;
    }

    pub(super) fn of(&self, field: u32) -> Kept {
        match (self.present >> field & 1, self.irregular >> field & 1) {
            (0, _) => Kept::Absent,
            (_, 0) => Kept::Plain,
            _ => Kept::Irregular,
        }
    }

    #[cold]
    pub(super) fn keep(&mut self, key: String, value: Value) {
        self.extra.get_or_insert_default().insert(key, value);
    }

    pub(super) fn extra(&self) -> impl Iterator<Item = (&str, &Value)> {
        let entries = self.extra.iter().flat_map(|map| map.iter());
        entries.map(|(key, value)| (key.as_str(), value))
    }
}

impl fmt::Debug for Rest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.extra()).finish()
    }
}

/// The type of a field: how it is decoded, and which forms of empty it has.
pub(super) trait Field {
    type Json;

    /// Sets a value. Returns `false` if the field would serialize it differently.
    fn set(&mut self, value: Self::Json) -> bool;

    /// Sets `null`. Returns `false` if the field would serialize it differently.
    fn set_null(&mut self) -> bool;

    fn is_empty(&self) -> bool;

    /// Writes the form of empty that the field does not serialize by itself.
    fn write_irregular<M: SerializeMap>(&self, key: &str, map: &mut M) -> Result<(), M::Error>;
}

/// Strings, lists and the like: `null` is read as empty.
macro_rules! never_null {
    ($($type:ty, $json:ty, $is_empty:expr;)*) => {
        $(impl crate::heat::model::object::Field for $type {
            type Json = $json;

            fn set(&mut self, value: $json) -> bool {
                *self = value.into();
                true
            }

            fn set_null(&mut self) -> bool {
                *self = Self::default();
                false
            }

            fn is_empty(&self) -> bool {
                let is_empty: fn(&Self) -> bool = $is_empty;
                is_empty(self)
            }

            fn write_irregular<M: serde::ser::SerializeMap>(&self, key: &str, map: &mut M) -> Result<(), M::Error> {
                map.serialize_entry(key, &())
            }
        })*
    };
}
pub(super) use never_null;

never_null! {
    String, String, Self::is_empty;
    Vec<String>, Vec<String>, Self::is_empty;
    Vec<Value>, Vec<Value>, Self::is_empty;
    Vec<Link>, Links, Self::is_empty;
    Map<String, Value>, Map<String, Value>, Self::is_empty;
    Environment, Environment, |environment| *environment == Self::default();
    Vec<ConfigInput>, Vec<ConfigInput>, Self::is_empty;
    Vec<ConfigOutput>, Vec<ConfigOutput>, Self::is_empty;
    StackStatus, StackStatus, |_| false;
    bool, bool, |flag| !flag;
}

/// Optional strings: an empty one is read as `None`.
macro_rules! maybe_text {
    ($($type:ty, $is_blank:expr;)*) => {
        $(impl Field for Option<$type> {
            type Json = $type;

            fn set(&mut self, value: $type) -> bool {
                let is_blank: fn(&$type) -> bool = $is_blank;
                let blank = is_blank(&value);
                *self = (!blank).then_some(value);
                !blank
            }

            fn set_null(&mut self) -> bool {
                *self = None;
                true
            }

            fn is_empty(&self) -> bool {
                self.is_none()
            }

            fn write_irregular<M: SerializeMap>(&self, key: &str, map: &mut M) -> Result<(), M::Error> {
                map.serialize_entry(key, "")
            }
        })*
    };
}

maybe_text! {
    String, String::is_empty;
    Time, Time::is_empty;
    Value, |_| false;
    u64, |_| false;
    Action, |action| action.as_str().is_empty();
    Status, |status| status.as_str().is_empty();
    ConfigType, |kind| kind.as_str().is_empty();
}

/// A list of links, which mostly has one entry.
#[derive(Default)]
pub(super) struct Links(Vec<Link>);

impl From<Links> for Vec<Link> {
    fn from(links: Links) -> Self {
        links.0
    }
}

impl<'de> Deserialize<'de> for Links {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Items;

        impl<'de> Visitor<'de> for Items {
            type Value = Links;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of links")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Links, A::Error> {
                let mut links = Vec::new();
                while let Some(link) = items.next_element()? {
                    if links.is_empty() {
                        links.reserve_exact(1);
                    }
                    links.push(link);
                }
                Ok(Links(links))
            }
        }

        d.deserialize_seq(Items)
    }
}
