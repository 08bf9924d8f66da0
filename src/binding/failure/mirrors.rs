//! Enums of the core that JavaScript has too.

/// Converts the core's enum to napi's, value by value. A value that is missing in either does not compile.
macro_rules! mirrors {
    ($core:ty => $own:ty: $($value:ident),+) => {
        impl From<$core> for $own {
            fn from(value: $core) -> Self {
                match value {
                    $(<$core>::$value => Self::$value,)+
                }
            }
        }
    };
}
pub(crate) use mirrors;
