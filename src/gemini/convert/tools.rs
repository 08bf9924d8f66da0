//! Tools -> function declarations.

use std::borrow::Cow;
use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use super::context::Tool;
use crate::gemini::call::model::Model;
use crate::gemini::literal::Literal;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Declarations<'a> {
    function_declarations: Vec<Declaration<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Declaration<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<Literal<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<Literal<'a>>,
    /// JSON Schema, for models that read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters_json_schema: Option<Literal<'a>>,
    /// The older form: the API hands it to Claude models, which refuse a schema's own declarations.
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters: Option<Literal<'a>>,
}

/// The `tools` of the request.
pub(crate) fn declarations<'a>(model: &Model, tools: &[Tool<'a>]) -> [Declarations<'a>; 1] {
    let declare = |tool: &Tool<'a>| {
        let schema = tool.parameters.map(Literal::borrowed);
        let plain = tool.parameters.filter(|_| model.is_claude()).map(without_declarations);
        Declaration {
            name: tool.name.map(Literal::borrowed),
            description: tool.description.map(Literal::borrowed),
            parameters_json_schema: schema.filter(|_| !model.is_claude()),
            parameters: plain,
        }
    };
    [Declarations { function_declarations: tools.iter().map(declare).collect() }]
}

/// Keys by which a schema talks about itself.
const DECLARATIONS: [&str; 8] = [
    "$schema",
    "$id",
    "$anchor",
    "$dynamicAnchor",
    "$vocabulary",
    "$comment",
    "$defs",
    "definitions",
];

fn without_declarations(schema: &RawValue) -> Literal<'_> {
    let stripped = serde_json::to_string(&Stripped(schema, 0));
    Literal(stripped.map_or(Cow::Borrowed(schema.get()), Cow::Owned))
}

/// Deeper than any schema that a server accepts; what lies below is left as it is.
const DEEPEST: u32 = 128;

/// Writes a schema without [`DECLARATIONS`], through nested objects. Arrays stay as they are.
struct Stripped<'a>(&'a RawValue, u32);

impl Serialize for Stripped<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(schema, depth) = self;
        let entries = serde_json::from_str(schema.get()).ok().filter(|_| *depth < DEEPEST);
        let Some(Entries(entries)) = entries else { return schema.serialize(serializer) };
        let mut map = serializer.serialize_map(None)?;
        for (key, value) in entries {
            if !DECLARATIONS.contains(&key.as_str()) {
                map.serialize_entry(&key, &Stripped(value, depth + 1))?;
            }
        }
        map.end()
    }
}

/// An object's entries in order. Anything else fails to parse.
struct Entries<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Entries<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EntriesVisitor;
        impl<'de> Visitor<'de> for EntriesVisitor {
            type Value = Entries<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(key) = map.next_key::<String>()? {
                    entries.push((key, map.next_value()?));
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_map(EntriesVisitor)
    }
}
