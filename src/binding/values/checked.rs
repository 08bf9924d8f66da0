//! Texts and numbers that must be more than that.

use std::time::Duration;

use crate::time::duration;

/// A type of parameter: what it is given as, what it holds, what it must be, and the check that tells.
macro_rules! checked {
    ($(#[$doc:meta])* $name:ident: $given:ty => $held:ty, $expected:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $name(pub $held);

        impl $crate::binding::values::params::FromJs<'_> for $name {
            fn expected() -> ::std::borrow::Cow<'static, str> {
                <$given as $crate::binding::values::params::FromJs>::expected()
            }

            fn from_js(value: ::napi::bindgen_prelude::Unknown<'_>) -> $crate::error::Result<Self> {
                let given = <$given as $crate::binding::values::params::FromJs>::from_js(value)?;
                let check: fn($given) -> Option<$held> = $check;
                let held = check(given).map(Self);
                held.ok_or_else(|| $crate::binding::values::params::misfit($expected))
            }
        }
    };
}
pub(crate) use checked;

/// The longest delay of a JavaScript timer, about 24 days.
const LONGEST_TIMEOUT_MS: f64 = 2_147_483_647.0;

checked! {
    /// A text with something in it.
    NotBlank: String => String, "must not be empty",
    |text| (!text.trim().is_empty()).then_some(text)
}
checked! {
    /// How many, at least one.
    Count: f64 => usize, "must be a whole number from 1",
    |count| (count >= 1.0 && count.fract() == 0.0).then_some(count as usize)
}
checked! {
    /// A time limit in milliseconds that a JavaScript timer could hold too.
    Timeout: f64 => Duration, "must be between 1 and 2147483647",
    |ms| (1.0..=LONGEST_TIMEOUT_MS).contains(&ms).then(|| duration(ms))
}
