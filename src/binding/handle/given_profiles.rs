//! Reads the accounts that a program gives in line.
//!
//! Invariant: what is not understood is refused by name, and no error shows a secret.

use std::borrow::Cow;

use napi::bindgen_prelude::{FromNapiValue, JsObjectValue, JsValue, Object, Unknown};
use napi::{Env, ValueType};

use super::known::Known;
use crate::binding::run::types::BaseUrl;
use crate::binding::values::host;
use crate::binding::values::params::{FromJs, Params, field, misfit, params};
use crate::binding::values::value::{Fields, as_object, is_nullish, of_type, string_field};
use crate::error::{Error, Result};
use crate::profiles::order::Kind;
use crate::profiles::provider::normalize_provider_id;
use crate::store::inline::profile::{Carried, InlineProfile};

const LATER: [&str; 3] = ["weight", "limits", "models"];

/// One account. Declared in `shapes.d.ts`.
struct Given<'env> {
    id: Option<String>,
    label: Option<String>,
    api_key: Option<Unknown<'env>>,
    credential: Option<Object<'env>>,
}
params!(Given<'env> { id, label, api_key, credential });

/// What goes with a key; the name that SDKs give it is none that `params!` could make.
const BASE_URL: &str = "baseURL";
const HEADERS: &str = "headers";

/// Texts by the name of a header; `null`: without it. `entry/fetch` sends them.
struct OwnHeaders(Vec<(String, Option<String>)>);

impl FromJs<'_> for OwnHeaders {
    fn expected() -> Cow<'static, str> {
        "must be an object with texts by the names of headers".into()
    }

    fn from_js(value: Unknown<'_>) -> Result<Self> {
        let headers = Object::from_js(value).map_err(|_| misfit(Self::expected()))?;
        let names = Object::keys(&headers).unwrap_or_default();
        let one = |name: String| {
            let wrong = |problem| Error::invalid(format!(".{name}"), problem);
            if name.is_empty() || !name.bytes().all(is_of_a_token) {
                return Err(wrong("is no name of a header"));
            }
            let value = headers.get_named_property::<Unknown<'_>>(&name);
            let value = value.ok().filter(|value| !is_nullish(*value));
            let text = value.map(|it| {
                of_type::<String>(it, ValueType::String)
                    .ok_or_else(|| wrong("must be a string or null"))
            });
            let text = text.transpose()?;
            if text.as_ref().is_some_and(|text| text.contains(['\r', '\n', '\0'])) {
                return Err(wrong("must be one line"));
            }
            Ok((name.to_ascii_lowercase(), text))
        };
        names.into_iter().map(one).collect::<Result<_>>().map(Self)
    }
}

/// RFC 9110, 5.6.2.
fn is_of_a_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

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
            Some(known) if known.is_same_key(&profile) && known.carried == profile.carried => {}
            Some(known) if known.is_same_key(&profile) => {
                let problem = "must be given: the same key is in the list with another baseURL or other headers";
                return Err(Error::invalid(format!("{path}.id"), problem));
            }
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
    let base_url: Option<BaseUrl> = field(&fields, BASE_URL).map_err(|error| error.inside(path))?;
    let headers: Option<OwnHeaders> =
        field(&fields, HEADERS).map_err(|error| error.inside(path))?;
    let blank = |name: &Option<String>| name.as_ref().is_some_and(|name| name.trim().is_empty());
    for (name, is_blank) in [("id", blank(&id)), ("label", blank(&label))] {
        if is_blank {
            return Err(Error::invalid(format!("{path}.{name}"), "must not be empty"));
        }
    }
    let id = id.or_else(|| label.map(|label| format!("{provider}:{}", label.trim())));
    let profile = match (api_key, credential) {
        (Some(_), Some(_)) => {
            let problem = "must not be given together with apiKey";
            Err(Error::invalid(format!("{path}.credential"), problem))
        }
        (None, None) => Err(Error::invalid(format!("{path}.apiKey"), "must be given")),
        (Some(key), None) => of_key(key, id, path, provider),
        (None, Some(credential)) => of_credential(env, &credential, id, path, provider),
    }?;
    let carried = Carried {
        base_url: base_url.map(|address| address.0),
        headers: headers.map(|headers| headers.0).unwrap_or_default(),
    };
    Ok(profile.with(carried))
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
    let is_given = |name: &&&str| {
        let value = profile.get_named_property::<Unknown<'_>>(name);
        value.is_ok_and(|it| !is_nullish(it))
    };
    if let Some(name) = LATER.iter().find(is_given) {
        return Err(Error::invalid(format!("{path}.{name}"), "is not there yet in this version"));
    }
    let names = [Given::FIELDS, &[BASE_URL, HEADERS], &LATER].concat();
    let advice = "is not known; a key is given as apiKey";
    Known { names, misplaced: &["key"], advice }.only(profile, path)
}
