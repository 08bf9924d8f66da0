//! Reads the accounts that a program gives in line.
//!
//! Invariant: what is not understood is refused by name, and no error shows a secret.

use napi::bindgen_prelude::{FromNapiValue, JsObjectValue, JsValue, Object, Unknown};
use napi::{Env, ValueType};

use crate::binding::values::host;
use crate::binding::values::params::{Params, params};
use crate::binding::values::value::{Fields, as_object, of_type, string_field};
use crate::error::{Error, Result};
use crate::profiles::order::Kind;
use crate::profiles::provider::normalize_provider_id;
use crate::store::inline::profile::InlineProfile;

/// What `entry/handle` does with what Rust does not need.
const CARRIED: [&str; 2] = ["baseURL", "headers"];
const LATER: [&str; 3] = ["weight", "limits", "models"];

/// One account. Declared in `shapes.d.ts`.
struct Given<'env> {
    id: Option<String>,
    label: Option<String>,
    api_key: Option<Unknown<'env>>,
    credential: Option<Object<'env>>,
}
params!(Given<'env> { id, label, api_key, credential });

/// The accounts, each once, and the id of everything that was given, in its order.
pub(crate) fn read(
    env: &Env,
    given: Unknown<'_>,
    path: &str,
    provider: &str,
) -> Result<(Vec<InlineProfile>, Vec<String>)> {
    let list = as_object(given).filter(|list| list.is_array().unwrap_or(false));
    let list = list.ok_or_else(|| Error::invalid(path, "must be an array of keys or profiles"))?;
    let length = list.get_array_length().unwrap_or(0);
    if length == 0 {
        return Err(Error::invalid(path, "must not be empty"));
    }
    let mut profiles: Vec<InlineProfile> = Vec::new();
    let mut ids = Vec::new();
    for index in 0..length {
        let path = format!("{path}[{index}]");
        let element = list.get_element::<Unknown<'_>>(index);
        let element = element.map_err(|_| Error::invalid(&path, "must be a key or a profile"))?;
        let profile = one(env, element, &path, provider)?;
        ids.push(profile.id.clone());
        match profiles.iter().find(|known| known.id == profile.id) {
            // The same key twice.
            Some(known) if known.entry == profile.entry && known.has_secret() => {}
            Some(_) => {
                let problem = "must not be that of another profile in the list";
                return Err(Error::invalid(format!("{path}.id"), problem));
            }
            None => profiles.push(profile),
        }
    }
    Ok((profiles, ids))
}

fn one(env: &Env, element: Unknown<'_>, path: &str, provider: &str) -> Result<InlineProfile> {
    if let Some(key) = of_type::<String>(element, ValueType::String) {
        return Ok(InlineProfile::of_key(provider, None, &checked(key, path)?));
    }
    let object = as_object(element)
        .ok_or_else(|| Error::invalid(path, "must be a key or an object with one"))?;
    refuse_unknown(&object, path)?;
    // A name of its own would have to live for ever: whoever reads puts it in front.
    let fields = Fields::required(element, "").map_err(|error| error.inside(path))?;
    let Given { id, label, api_key, credential } =
        Given::read(&fields).map_err(|error| error.inside(path))?;
    let blank = |name: &Option<String>| name.as_ref().is_some_and(|name| name.trim().is_empty());
    for (name, is_blank) in [("id", blank(&id)), ("label", blank(&label))] {
        if is_blank {
            return Err(Error::invalid(format!("{path}.{name}"), "must not be empty"));
        }
    }
    let id = id.or_else(|| label.map(|label| format!("{provider}:{}", label.trim())));
    match (api_key, credential) {
        (Some(_), Some(_)) => {
            let problem = "must not be given together with apiKey";
            Err(Error::invalid(format!("{path}.credential"), problem))
        }
        (None, None) => Err(Error::invalid(format!("{path}.apiKey"), "must be given")),
        (Some(key), None) => of_key(key, id, path, provider),
        (None, Some(credential)) => of_credential(env, &credential, id, path, provider),
    }
}

fn of_key(
    key: Unknown<'_>,
    id: Option<String>,
    path: &str,
    provider: &str,
) -> Result<InlineProfile> {
    let field = format!("{path}.apiKey");
    match key.get_type() {
        Ok(ValueType::String) => {
            let key = String::from_unknown(key).map_err(|_| Error::Internal("apiKey"))?;
            Ok(InlineProfile::of_key(provider, id, &checked(key, &field)?))
        }
        Ok(ValueType::Function) => {
            let problem = "must be given, or a label, where apiKey is a function: nothing else tells the account";
            let id = id.ok_or_else(|| Error::invalid(format!("{path}.id"), problem))?;
            Ok(InlineProfile::of_function(provider, id))
        }
        _ => Err(Error::invalid(field, "must be a string or a function that gives one")),
    }
}

fn of_credential(
    env: &Env,
    credential: &Object<'_>,
    id: Option<String>,
    path: &str,
    provider: &str,
) -> Result<InlineProfile> {
    let id = id.ok_or_else(|| Error::invalid(format!("{path}.id"), "must be given"))?;
    let field = |name: &str| format!("{path}.credential.{name}");
    let kind = check_credential(credential, &format!("{path}.credential"))?;
    let written = string_field(credential, "provider");
    if written.is_some_and(|written| normalize_provider_id(&written) != provider) {
        return Err(Error::invalid(field("provider"), "must be the provider of the options"));
    }
    let text = host::json_stringify(env, credential)
        .map_err(|_| Error::invalid(format!("{path}.credential"), "must be plain JSON"))?;
    Ok(InlineProfile::of_credential(provider, id, kind, &text))
}

/// A credential as hosts store them: refuses what programs of other hosts call things.
pub(crate) fn check_credential(credential: &Object<'_>, path: &str) -> Result<Kind> {
    let kind = string_field(credential, "type").and_then(|name| Kind::parse(&name));
    let problem = "must be \"api_key\", \"oauth\" or \"token\"";
    let kind = kind.ok_or_else(|| Error::invalid(format!("{path}.type"), problem))?;
    let needed = match kind {
        Kind::ApiKey => "key",
        Kind::Token => "token",
        Kind::Oauth => "access",
    };
    let is_there = |name: &str| credential.has_own_property(name).unwrap_or(false);
    for wrong in ["apiKey", "api_key", "accessToken"] {
        if is_there(wrong) && !is_there(needed) {
            let problem = format!("must be called {needed} in a credential of this type");
            return Err(Error::invalid(format!("{path}.{wrong}"), problem));
        }
    }
    Ok(kind)
}

fn checked(key: String, field: &str) -> Result<String> {
    let trimmed = key.trim();
    if trimmed.is_empty() {
        return Err(Error::invalid(field, "must not be blank"));
    }
    if trimmed.contains(char::is_whitespace) {
        return Err(Error::invalid(field, "must not have blanks inside"));
    }
    Ok(if trimmed.len() == key.len() { key } else { trimmed.to_owned() })
}

fn refuse_unknown(profile: &Object<'_>, path: &str) -> Result<()> {
    let known = ["id", "label", "apiKey", "credential"];
    for name in Object::keys(profile).unwrap_or_default() {
        let field = || format!("{path}.{name}");
        if LATER.contains(&name.as_str()) {
            let value = profile.get_named_property::<Unknown<'_>>(&name);
            let is_given = value.is_ok_and(|it| {
                !matches!(it.get_type(), Ok(ValueType::Null | ValueType::Undefined))
            });
            if is_given {
                return Err(Error::invalid(field(), "is not there yet in this version"));
            }
        } else if !known.contains(&name.as_str()) && !CARRIED.contains(&name.as_str()) {
            return Err(Error::invalid(field(), "is not known; a key is given as apiKey"));
        }
    }
    Ok(())
}
