//! Words of Heat's API as enums.

/// Declares an enum for the words of a field. An unknown word is kept in `Other`; a missing one is empty.
macro_rules! words {
    (
        $(#[$meta:meta])*
        pub enum $type:ident {
            $( $(#[$about:meta])* $name:ident = $word:literal, )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $type {
            $( $(#[$about])* $name, )*
            /// An unknown word; empty if there is none.
            Other(String),
        }

        impl $type {
            /// The word in Heat's API.
            pub fn as_str(&self) -> &str {
                match self {
                    $( Self::$name => $word, )*
                    Self::Other(word) => word,
                }
            }

            fn is_missing(&self) -> bool {
                self.as_str().is_empty()
            }
        }

        impl From<&str> for $type {
            fn from(word: &str) -> Self {
                match word {
                    $( $word => Self::$name, )*
                    other => Self::Other(other.to_owned()),
                }
            }
        }

        impl Default for $type {
            fn default() -> Self {
                Self::Other(String::new())
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        crate::heat::model::status::as_text!($type, "a word", |word| word.into());
        crate::heat::model::object::never_null! {
            $type, $type, Self::is_missing;
        }
    };
}
pub(super) use words;
