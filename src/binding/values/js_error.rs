//! The one place where a core error becomes a JavaScript error.

use napi::bindgen_prelude::{Either, JsValue, Null, Object};
use napi::{Env, JsTypeError};

use super::value::nullable;
use crate::error::Error;
use crate::time::milliseconds;

/// Builds the error object with `code` and the variant's fields. Must run on the JavaScript thread.
///
/// An error made by an `async fn` would carry napi's status name as its `code`; an object that is made here
/// and handed over as it is keeps ours.
pub(crate) fn to_js_error(env: &Env, error: &Error) -> napi::Error {
    js_error_object(env, error)
        .map_or_else(|fault| fault, |object| napi::Error::from(object.to_unknown()))
}

/// The error object itself, for a property of another object.
pub(crate) fn js_error_object<'env>(env: &'env Env, error: &Error) -> napi::Result<Object<'env>> {
    let plain = napi::Error::from_reason(error.to_string());
    let mut object = if matches!(error, Error::InvalidArgument { .. }) {
        let raw = JsTypeError::from(plain).into_unknown(*env);
        raw.coerce_to_object()?
    } else {
        env.create_error(plain)?
    };
    object.set("code", error.code())?;
    match error {
        Error::InvalidArgument { field, .. } => object.set("field", field.as_str())?,
        Error::LockTimeout { path, holder, lock_age, waited } => {
            object.set("path", path.to_string_lossy().as_ref())?;
            object.set("holder", holder.as_str())?;
            object.set("lockAgeMs", lock_age.map(|age| age.as_millis() as f64))?;
            object.set("waitedMs", waited.as_millis() as f64)?;
        }
        Error::StoreUnreadable { path, .. }
        | Error::StoreMissing { path }
        | Error::StoreMigrated { path, .. }
        | Error::StoreReadOnly { path }
        | Error::StoreNoSpace { path }
        | Error::StoreBusy { path }
        | Error::WatchLimit { path } => object.set("path", path.to_string_lossy().as_ref())?,
        Error::Io { path, source, .. } => {
            object.set("path", path.to_string_lossy().as_ref())?;
            object.set("errno", source.raw_os_error())?;
        }
        Error::TimedOut { option, .. } => {
            object.set("name", "TimeoutError")?;
            object.set("limit", *option)?;
        }
        Error::NoProfileAvailable(unavailable) => {
            object.set("provider", unavailable.provider.as_str())?;
            object.set("model", unavailable.model.as_deref().map_or(Either::B(Null), Either::A))?;
            let next = unavailable.next.as_ref();
            let id = next.map(|next| next.profile_id.as_str());
            object.set("nextProfileId", id.map_or(Either::B(Null), Either::A))?;
            object.set("freeAt", nullable(next.map(|next| next.free_at.as_ms())))?;
            object
                .set("retryAfterMs", nullable(next.map(|next| milliseconds(next.retry_after))))?;
        }
        Error::ProviderUnavailable(outage) => {
            object.set("provider", outage.provider.as_str())?;
            object.set("model", outage.model.as_deref().map_or(Either::B(Null), Either::A))?;
            object.set("retryAfterMs", milliseconds(outage.retry_after))?;
        }
        Error::RequestRefused { provider, wait } => {
            object.set("provider", provider.as_str())?;
            object.set("retryAfterMs", milliseconds(*wait))?;
        }
        Error::SecretUnresolved { profile, reference, .. } => {
            object.set("profileId", profile.as_str())?;
            object.set("reference", reference.as_str())?;
        }
        Error::RefreshFailed { profile, needs_login, .. } => {
            object.set("profileId", nullable(profile.as_deref()))?;
            object.set("needsLogin", *needs_login)?;
        }
        Error::AttemptFailed { .. } | Error::Internal(_) => {}
    }
    Ok(object)
}
