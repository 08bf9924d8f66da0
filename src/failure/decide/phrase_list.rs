//! The phrases of servers, grouped by what they mean. Data only; [`super::phrases`] finds them.
//!
//! Invariant: a phrase names a cause. What a server offers beside one ("upgrade", "purchase credits", "see the terms")
//! stands in no group.

/// A group of phrases that mean one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Word {
    Capacity,
    /// One allowance for all models of an account.
    Individual,
    /// Throttling that a code calls a lack of money.
    Allocated,
    Overloaded,
    Billing,
    /// What is paid beyond a plan is used up.
    ExtraUsage,
    /// The plan lacks requests of this length.
    LongContext,
    /// A window of a plan is used up: session, hours, week, month.
    Window,
    /// The window of one family of models.
    ModelWindow,
    /// A named allowance is used up.
    Quota,
    /// A quota is spoken of; whether it is a long one, only a number can tell.
    QuotaMaybe,
    PerDay,
    PerMinute,
    RateLimit,
    Concurrency,
    /// The allowance is nothing at all.
    LimitZero,
    /// How much was requested: the request alone may be more than the limit.
    Requested,
    /// The limit counts for the whole organization.
    Organization,
    Closed,
    DeadKey,
    Verify,
    Client,
    License,
    Region,
    NoModel,
    ToolId,
    Thought,
    TooLong,
    Policy,
    Timeout,
    Aborted,
    Network,
    Expired,
    Unauthorized,
    Forbidden,
    BadRequest,
}

/// How many groups there are.
pub(crate) const GROUPS: usize = Word::BadRequest as usize + 1;

/// Each group with its public name and its phrases, in lower case, with bars between them.
pub(super) const PHRASES: &[(Word, &str, &str)] = &[
    (
        Word::Capacity,
        "no-capacity",
        "no capacity available | model_capacity_e | model capacity exhausted | at capacity | \
         over capacity | out of capacity | capacity exceeded | worker request limit reached | \
         queue is full | rate-limited upstream | rate limited upstream | no available channel | \
         currently loading | scaled to zero | degraded function | system capacity limits | \
         不足以承载 | 该模型当前访问量过大 | 模型当前访问量过大 | 无可用渠道 | 负载已饱和",
    ),
    (
        Word::Overloaded,
        "overloaded",
        "overloaded | high demand | high traffic | peak load | currently unavailable | \
         temporarily unavailable | service unavailable | server is busy | server busy | \
         server had an error | bad gateway | internal server error | \
         receiving too many requests | unable to process your request | model busy | \
         error code: 1015 | 服务器繁忙 | 系统繁忙 | 服务繁忙 | 服务暂不可用 | 负载过高 | 网络错误",
    ),
    (
        Word::Billing,
        "no-money",
        "credit balance is | credit balance exhausted | insufficient credit | \
         insufficient balance | insufficient_balance | insufficient funds | \
         insufficient account | insufficient_g1_credits | insufficient_quota | \
         not enough balance | not enough credit | balance is insufficient | \
         limit is insufficient | payment required | out of credits | no credits | any credits | \
         all available credits | requires more credits | need more credits | \
         run out of credits | credits are depleted | credits depleted | \
         credits have been depleted | exhausted credits | exhausted your credits | \
         credits expired | included credits | spending limit | spend limit | spending cap | \
         monthly spend | spend_limit | spending_limit | budget has been exceeded | \
         budget exceeded | budget_exceeded | budget exhausted | out of budget | \
         exceeded budget | exceeded your budget | key limit exceeded | out of extra usage | \
         draw from your extra usage | billing hard limit | billing is not active | \
         billing not active | billing to be enabled | enable billing | requires billing | \
         no payment method | invalid payment | invalid_payment_instrument | payment method is | \
         overdue | in arrears | arrearage | good standing | unpaid | recharge your | \
         please recharge | billing limit | access is not active due to billing | \
         token quota is not enough | 余额不足 | 额度不足 | 剩余额度 | 预扣费额度失败 | 额度已用尽 | 欠费 | 逾期 | 充值 | \
         无可用资源包 | 资源包已用尽 | 未开通付费 | 消费限额",
    ),
    (Word::ExtraUsage, "extra-usage", "out of extra usage"),
    (
        Word::LongContext,
        "long-context",
        "required for long context | long context beta is not | long context is not",
    ),
    (
        Word::Window,
        "plan-window",
        "usage limit | session limit | session rate limit | 5-hour limit | 5 hour limit | \
         five-hour | five hour | 5-hour window | 5h limit | weekly limit | weekly rate limit | \
         weekly quota | weekly usage | 7-day | monthly limit | monthly quota | monthly usage | \
         monthly request | / month | per month | billing cycle | premium request | \
         premium model quota | hit your limit | reached your limit | reached your credit limit | \
         usage quota | usage allowance | limit for this period | quota of token plan | \
         token plan has been exhausted | you have no quota | hour allocated quota | \
         week allocated quota | month allocated quota | call volume quota | 使用上限 | 每周 | 每月 | \
         5 小时 | 5小时 | 五小时 | 小时额度 | 周额度 | 月额度 | 套餐额度",
    ),
    (
        Word::ModelWindow,
        "model-window",
        "opus limit | sonnet limit | haiku limit | opus weekly | sonnet weekly | \
         opus usage limit | sonnet usage limit | limit reached for",
    ),
    (
        Word::Quota,
        "quota-used-up",
        "individual quota | daily limit | daily quota | daily request | quota_exhausted | \
         quota exhausted | quota has been exhausted | free allocated quota | \
         free tier of the model has been exhausted | free usage | daily free allocation | \
         service quota | 免费额度 | 今日 | 当日 | 每日 | 每天 | 次数限额",
    ),
    (Word::Individual, "individual-quota", "individual quota"),
    (Word::Allocated, "allocated-quota", "allocated quota"),
    (
        Word::QuotaMaybe,
        "quota",
        "quota will | exhausted your | current quota | quota exceeded | exceeded your quota | \
         reset after | resets after | reset in | resets in | resets at | reset at | 重置 | \
         limit reached",
    ),
    (
        Word::PerDay,
        "per-day",
        "per day | perday | per_day | per-day | /day | / day | byday | (tpd) | (rpd) | \
         tpd rate | rpd rate | max rpd | max tpd | 24-hour window | per 86400s",
    ),
    (
        Word::PerMinute,
        "per-minute",
        "per minute | per min | perminute | per_minute | / minute | /minute | (tpm) | (rpm) | \
         max rpm | max tpm | per second | byminute | 每分钟 | 分钟内",
    ),
    (
        Word::RateLimit,
        "rate-limit",
        "rate limit | rate_limit | ratelimit | rate-limit | rate limited | too many requests | \
         too many tokens | resource has been exhausted | resource exhausted | \
         resource_exhausted | resourceexhausted | current quota | quota exceeded | quota will | \
         exhausted your | throttl | request limit | token usage | request rate increased | \
         请求过于频繁 | 请求太频繁 | 频率过高 | 频率过快 | 过于频繁 | 速率限制 | 限流 | 流量限制 | 请求数限制",
    ),
    (
        Word::Concurrency,
        "concurrency",
        "concurren | parallel request | simultaneous | too many connections | \
         requests to finish | in-flight | 并发",
    ),
    (Word::LimitZero, "limit-zero", "limit: 0"),
    (Word::Requested, "requested", "requested"),
    (
        Word::Organization,
        "organization",
        "daily free allocation | organization tpd | organization rpd | reached organization | your account's | \
         for your account | free-models-per-day",
    ),
    (
        Word::Closed,
        "account-closed",
        "violation of terms | violation of the terms | violated terms | violated our | \
         violation of our | violating our | violates our terms | terms of service violation | \
         policy violations | fair usage policy | fair use policy | account has been disabled | \
         account has been suspended | account has been banned | account has been deactivated | \
         account has been blocked | account has been terminated | account has been restricted | \
         account has been locked | account is suspended | account is disabled | \
         account is locked | account is blocked | account is restricted | \
         account was suspended | account was disabled | has been suspended | is suspended | \
         temporarily is suspended | has been banned | deactivated | \
         organization has been disabled | organization is disabled | \
         organization has been restricted | account is not active | team is blocked | \
         access terminated | access has been restricted | temporarily blocked | \
         service has been disabled in this account | flagged for abuse | 账号已被 | 用户已被封禁 | 封禁 | \
         已被锁定 | 已锁定 | 已停用 | 被禁用 | 非活动状态 | 公平使用",
    ),
    (
        Word::DeadKey,
        "dead-key",
        "api key not valid | api key expired | api key has expired | expired api key | \
         expired key | invalid api key | invalid x-api-key | incorrect api key | wrong api key | \
         invalid_api_key | invalid subscription key | invalid api token | revoked | \
         key has been disabled | key is disabled | key is blocked | is currently blocked | \
         is currently disabled | sufficient permissions to | key has been blocked | \
         reported as leaked | invalid_grant | no auth credentials | user not found | \
         api key appears to be invalid | authentication fails | \
         invalid credentials in authorization | invalid username or password | \
         scope requirement | insufficient permissions | missing scope | insufficient_scope | \
         not authorized | must be a member of an organization | \
         oauth authentication is currently not | ip not authorized | 令牌已过期 | 无效的令牌 | 令牌状态不可用 | \
         密钥无效 | api key 错误 | 令牌允许访问",
    ),
    (
        Word::Verify,
        "verification",
        "verify your account | validation_required | verification required | \
         verify your identity | verify your organization | must be verified | \
         identity verification | phone verification | complete verification | \
         details have not been submitted | credit card on file | 实名认证 | 完成认证 | 未实名",
    ),
    (
        Word::Client,
        "client",
        "unsupported_client | unsupported client | client is not supported | \
         client is no longer supported | only authorized for use with | \
         only available for coding agents | upgrade your client",
    ),
    (
        Word::License,
        "plan",
        "license | licence | subscription_required | subscription required | \
         requires a subscription | require a subscription | usage_not_included | \
         not included in your plan | does not include | does not yet include | plan does not | \
         no active subscription | subscription has expired | plan has expired | \
         subscription is inactive | not yet available for this subscription | \
         not available for this subscription | not available on your | \
         not available for your plan | not entitled | membership benefits | \
         required for long context | not allowed to use | not allowed to access | \
         no access to model | have access to the model | have access to this model | \
         does not have access to model | not authorized to use this copilot | \
         restricted access due to | no permission to use the model | \
         permission to access model | marketplace subscription | \
         is not enabled for your organization | data policy | 套餐已到期 | 套餐不支持 | 暂未开放 | 未开通 | 未订阅 | \
         订阅套餐 | 无权访问模型 | 没有权限访问模型",
    ),
    (
        Word::Region,
        "region",
        "location is not supported | country, region, or territory | unsupported country | \
         region is not supported | region not supported | country is not supported | \
         firewall rules | public access is disabled | not available in your country | \
         not available in your region | request not allowed | check your network settings | \
         attention required | just a moment | error code: 1020 | error code: 1009 | \
         error code: 1010 | 地区不支持 | 所在地区",
    ),
    (
        Word::NoModel,
        "no-model",
        "model_not_found | model not found | is not found for api version | unknown model | \
         not a valid model | model is not supported | model does not exist | no such model | \
         requested entity was not found | model id is not valid | 模型不存在 | throughput isn",
    ),
    (
        Word::ToolId,
        "tool-id",
        "tool_use_id | tool_use.id | tool_use ids | tool_use` ids | tool_result | tool_call_id | \
         tool call id | function response parts | function call turn",
    ),
    (
        Word::Thought,
        "thought-signature",
        "thought_signature | thought signature | thoughtsignature | signature in `thinking | \
         invalid `signature",
    ),
    (
        Word::TooLong,
        "too-long",
        "context length | context_length | context window | prompt is too long | \
         input is too long | maximum context | input token count | tokens must be less than | \
         exceeded model token limit | 输入长度 | 上下文长度 | 超长",
    ),
    (
        Word::Policy,
        "content-policy",
        "content management policy | content policy | content filter | content violates | \
         usage guidelines | safety_check | content safety | moderation | was flagged | \
         has been flagged | content exists risk | inappropriate content | data inspection | \
         sensitive words | guardrail | 敏感 | 不安全 | 内容安全",
    ),
    (Word::Timeout, "timeout", "timeout | timed out | deadline exceeded | deadline_exceeded"),
    (
        Word::Aborted,
        "aborted",
        "request was aborted | request aborted | operation was aborted | user aborted | \
         aborterror",
    ),
    (
        Word::Network,
        "network",
        "fetch failed | econnreset | econnrefused | enotfound | eai_again | epipe | \
         getaddrinfo | socket hang up | other side closed | network error | connection error | \
         connection reset | connection refused | self-signed certificate | unable to connect",
    ),
    (
        Word::Expired,
        "login-expired",
        "token has expired | token expired | token is expired | session expired | \
         session has expired | 请重新登录",
    ),
    (
        Word::Unauthorized,
        "unauthorized",
        "unauthorized | unauthenticated | authentication | invalid token | invalid bearer | \
         no api key",
    ),
    (
        Word::Forbidden,
        "forbidden",
        "permission denied | permission_denied | forbidden | access denied",
    ),
    (
        Word::BadRequest,
        "bad-request",
        "invalid argument | invalid_argument | invalid_request | bad request",
    ),
];
