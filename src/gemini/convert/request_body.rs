//! The whole request body.

use serde::Serialize;

use super::contents::contents;
use super::context::ContextText;
use super::parts::Content;
use super::tools::{Declarations, declarations};
use crate::error::{Error, Result};
use crate::gemini::call::model::Model;
use crate::gemini::call::request_options::Options;
use crate::gemini::call::thinking::{self, ThinkingConfig};
use crate::gemini::literal::clean;
use crate::gemini::literal::{js_number, literal_of, truthy};

/// How this package calls itself, in the body and in the header.
pub(crate) const USER_AGENT: &str = concat!("auth-failover/", env!("CARGO_PKG_VERSION"));

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    project: &'a str,
    model: &'a str,
    request: Request<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_type: Option<&'a str>,
    user_agent: &'a str,
    request_id: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    contents: Vec<Content<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    system_instruction: Option<SystemInstruction>,
    #[serde(skip_serializing_if = "GenerationConfig::is_empty")]
    generation_config: GenerationConfig,
    #[serde(skip_serializing_if = "Option::is_none")]
    tools: Option<[Declarations<'a>; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_config: Option<ToolConfig>,
}

#[derive(Serialize)]
struct SystemInstruction {
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    parts: Vec<SystemPart>,
}

#[derive(Serialize)]
struct SystemPart {
    text: Box<serde_json::value::RawValue>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GenerationConfig {
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "js_number")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "js_number")]
    max_output_tokens: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking_config: Option<ThinkingConfig>,
}

impl GenerationConfig {
    fn is_empty(&self) -> bool {
        self.temperature.is_none()
            && self.max_output_tokens.is_none()
            && self.thinking_config.is_none()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ToolConfig {
    function_calling_config: FunctionCallingConfig,
}

#[derive(Serialize)]
struct FunctionCallingConfig {
    mode: &'static str,
}

/// Builds the body. `request_id` is the caller's, so that this stays a pure function.
pub(crate) fn build(
    model: &Model,
    context_text: &ContextText,
    options: &Options,
    project: &str,
    request_id: &str,
) -> Result<Vec<u8>> {
    let context = context_text.parse()?;
    let images: Vec<String> = context_text.images.iter().map(|data| literal_of(data)).collect();
    let tools = context.tools.as_deref().filter(|tools| !tools.is_empty());
    let system_prompt = context.system_prompt.filter(|_| truthy(context.system_prompt));
    if system_prompt.is_some_and(|prompt| !prompt.get().starts_with('"')) {
        return Err(Error::invalid("context.systemPrompt", "must be a string"));
    }
    let body = Body {
        project,
        model: &model.id,
        request: Request {
            contents: contents(model, &context, &images)?,
            session_id: options.session_id.as_deref(),
            system_instruction: system_instruction(
                &options.identity.system_instruction,
                system_prompt.map(serde_json::value::RawValue::get),
            )?,
            generation_config: GenerationConfig {
                temperature: options.temperature,
                max_output_tokens: options.max_tokens,
                thinking_config: thinking::config(model, options.thinking.as_ref()),
            },
            tools: tools.map(|tools| declarations(model, tools)),
            tool_config: tools.and(tool_config(options)),
        },
        request_type: options.identity.request_type.as_deref(),
        user_agent: options.identity.user_agent.as_deref().unwrap_or(USER_AGENT),
        request_id,
    };
    // A body is little more than what it is made of; images make it many megabytes.
    let image_bytes: usize = images.iter().map(String::len).sum();
    let mut bytes = Vec::with_capacity(context_text.json.len() + image_bytes + 4096);
    serde_json::to_writer(&mut bytes, &body)
        .map_err(|_| Error::invalid("context", "cannot be serialised"))?;
    Ok(bytes)
}

/// The caller's preamble comes before the conversation's own prompt, and makes the whole a user's words.
fn system_instruction(
    preamble: &[String],
    prompt: Option<&str>,
) -> Result<Option<SystemInstruction>> {
    let encode = |text: &String| serde_json::to_string(text).ok();
    let literals =
        preamble.iter().filter_map(encode).chain(prompt.map(|it| clean(it).0.into_owned()));
    let parts = literals
        .map(|literal| {
            serde_json::value::RawValue::from_string(literal).map(|text| SystemPart { text })
        })
        .collect::<serde_json::Result<Vec<_>>>()
        .map_err(|_| Error::invalid("context.systemPrompt", "must be a string"))?;
    let role = (!preamble.is_empty()).then_some("user");
    Ok((!parts.is_empty()).then_some(SystemInstruction { role, parts }))
}

fn tool_config(options: &Options) -> Option<ToolConfig> {
    let mode = match options.tool_choice.as_deref().filter(|choice| !choice.is_empty())? {
        "none" => "NONE",
        "any" => "ANY",
        _ => "AUTO",
    };
    Some(ToolConfig { function_calling_config: FunctionCallingConfig { mode } })
}
