//! Values of a statement's parameters.

/// The value of one parameter. `None` is `null` of that type.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `bigint`; also times (milliseconds since 1970) and booleans (0 and 1).
    Int(Option<i64>),
    /// `text`; also ids and JSON.
    Text(Option<String>),
    /// `blob` or `bytea`.
    Bytes(Option<Vec<u8>>),
    /// `double precision`.
    Float(Option<f64>),
    /// A list of integers: an array on PostgreSQL (`unnest`), a JSON array on SQLite (`json_each`).
    Ints(Vec<i64>),
    /// A list of texts: an array on PostgreSQL (`unnest`), a JSON array on SQLite (`json_each`).
    Texts(Vec<String>),
}

impl From<Vec<i64>> for Value {
    fn from(values: Vec<i64>) -> Self {
        Self::Ints(values)
    }
}

impl From<Vec<String>> for Value {
    fn from(values: Vec<String>) -> Self {
        Self::Texts(values)
    }
}

macro_rules! from {
    ($($variant:ident: $($from:ty => $convert:expr),+;)*) => {$($(
        impl From<$from> for Value {
            fn from(value: $from) -> Self {
                Self::$variant(Some($convert(value)))
            }
        }
        impl From<Option<$from>> for Value {
            fn from(value: Option<$from>) -> Self {
                Self::$variant(value.map($convert))
            }
        }
    )+)*};
}

from! {
    Int: i64 => std::convert::identity,
        i32 => i64::from,
        u32 => i64::from,
        bool => i64::from,
        u64 => |n| i64::try_from(n).unwrap_or(i64::MAX),
        usize => |n| i64::try_from(n).unwrap_or(i64::MAX);
    Text: String => std::convert::identity,
        &str => str::to_owned,
        &String => String::clone;
    Bytes: Vec<u8> => std::convert::identity,
        &[u8] => <[u8]>::to_vec;
    Float: f64 => std::convert::identity;
}
