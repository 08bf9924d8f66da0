//! Mistral, Groq, xAI, Cerebras, Together, Fireworks, Ollama, NVIDIA NIM, Cohere, Hugging Face.

use super::kinds::{
    BAD, BUSY, CLOSED, DEAD, FULL, MODEL, MONEY, PLAN, PLAN_MODEL, QUOTA, RATE, Table,
};

pub(super) const CODES: Table = &[
    // Mistral: docs.mistral.ai error glossary. Its numbers are strings in `code` beside `object: "error"`.
    (RATE, &["mistral1300", "mistral1301"]),
    (FULL, &["servicetiercapacityexceeded", "mistral3505"]),
    (MODEL, &["mistral1500"]),
    (BUSY, &["unreachablebackend", "mistral1100", "mistral3000"]),
    // Groq: console.groq.com/docs/errors.
    (BAD, &["toolusefailed", "jsonvalidatefailed"]),
    (
        PLAN_MODEL,
        &["modelpermissionblockedorg", "modelpermissionblockedproject", "modeltermsrequired"],
    ),
    (DEAD, &["permissionserror"]),
    (CLOSED, &["organizationrestricted", "organizationdisabled"]),
    (MONEY, &["blockedapiaccess", "spendlimitexceeded"]),
    (MODEL, &["modeldecommissioned"]),
    (FULL, &["capacityexceeded"]),
    // xAI.
    (DEAD, &["unauthenticatedbadcredentials", "badcredentials"]),
    (QUOTA, &["subscriptionfreeusageexhausted", "freeusageexhausted"]),
    (MONEY, &["personalteamblockedspendinglimit", "spendinglimit"]),
    // Cerebras: inference-docs.cerebras.ai.
    (DEAD, &["wrongapikey"]),
    (BAD, &["wrongapiformat"]),
    (RATE, &["tokenquotaexceeded", "requestquotaexceeded", "toomanytokenserror"]),
    (FULL, &["queueexceeded"]),
    // Together, Fireworks, Hugging Face.
    (MODEL, &["modelnotavailable"]),
    (FULL, &["deploymentscalingup", "modelloading"]),
    (PLAN, &["notentitled"]),
];
