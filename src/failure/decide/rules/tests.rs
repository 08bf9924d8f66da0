use crate::failure::classify;
use crate::failure::names::{Class, Rule, Scope};
use crate::failure::record::{Evidence, Failure};

fn judge(status: u16, body: &str) -> Failure {
    let body = Some(body.as_bytes());
    classify(&Evidence { status: Some(status), body, ..Evidence::default() })
}

#[test]
fn a_number_that_two_providers_share_is_read_by_what_stands_beside_it() {
    let mistral = r#"{"message":"Requests rate limit exceeded","code":"1300"}"#;
    assert_eq!(judge(429, mistral).class, Class::RateLimit);
    let zai = r#"{"error":{"message":"blocked by the policy","code":"1300"}}"#;
    assert_eq!(judge(400, zai).class, Class::Format);
}

#[test]
fn what_could_not_be_parsed_is_the_request_and_no_error() {
    let quoted = r#"{"error":{"code":"insufficient_quota"}}"#;
    for lead in ["Bad Request: could not parse body", "Failed to parse tool arguments"] {
        assert_eq!(judge(400, &format!("{lead}: {quoted}")).class, Class::Format, "{lead}");
    }
    for lead in ["Failed to parse response to request", "Request failed", "Upstream said"] {
        assert_eq!(judge(400, &format!("{lead}: {quoted}")).class, Class::Billing, "{lead}");
    }
}

#[test]
fn a_server_that_asks_for_another_try_means_its_own_fault_unless_it_names_the_request() {
    let headers = [("X-Should-Retry".to_owned(), "true".to_owned())];
    let judge = |body: &str| {
        let (body, headers) = (Some(body.as_bytes()), headers.as_slice());
        let evidence = Evidence { status: Some(409), headers, body, ..Evidence::default() };
        classify(&evidence).class
    };
    assert_eq!(judge(r#"{"error":{"message":"Try that once more."}}"#), Class::Overloaded);
    let named = r#"{"error":{"type":"invalid_request_error","message":"bad field"}}"#;
    assert_ne!(judge(named), Class::Overloaded);
}

#[test]
fn the_verification_link_wins_over_help_and_policy_in_any_order() {
    let links = [
        r#"{"description":"Learn more","url":"https://support.example.com/verification"}"#,
        r#"{"description":"Verify your account","url":"https://accounts.example.com/go"}"#,
        r#"{"description":"Terms of service","url":"https://policies.example.com/terms"}"#,
        r#"{"description":"Status","url":"https://status.example.com/"}"#,
    ];
    for turn in 0..links.len() {
        let turned: Vec<&str> = (0..links.len()).map(|at| links[(at + turn) % 4]).collect();
        let body = format!(
            r#"{{"error":{{"code":403,"details":[{{"reason":"VALIDATION_REQUIRED"}},{{"links":[{}]}}]}}}}"#,
            turned.join(",")
        );
        let url = judge(403, &body).url;
        assert_eq!(url.as_deref(), Some("https://accounts.example.com/go"), "{turn}");
    }
}

#[test]
fn an_edges_own_page_is_no_refusal_of_the_account() {
    let page = "<!DOCTYPE html><html><head><title>Just a moment...</title></head></html>";
    assert_eq!(judge(403, page).class, Class::Network);
    let other = "<html><head><title>403</title></head><body>Just a moment</body></html>";
    assert_eq!(judge(403, other).class, Class::Auth);
}

#[test]
fn a_plans_window_rests_the_account_however_it_is_packed() {
    for body in [
        r#"{"detail":{"type":"usage_limit_reached","resets_in_seconds":90000}}"#,
        r#"{"success":false,"errors":[{"code":4006,"message":"used up"}]}"#,
        r#"{"base_resp":{"status_code":2056,"status_msg":"limit reached for Token Plan"}}"#,
    ] {
        let failure = judge(429, body);
        assert_eq!((failure.class, failure.scope), (Class::Quota, Scope::Account), "{body}");
    }
}

#[test]
fn a_model_that_its_host_took_down_is_full_and_not_the_requests_fault() {
    let down = r#"{"status":400,"title":"Bad Request","detail":"Function id '7c-1': DEGRADED function cannot be invoked"}"#;
    assert_eq!(judge(400, down).class, Class::Capacity);
    let quoted =
        r#"{"error":{"message":"Function id '7c-1' has a bad argument: 'degraded function'"}}"#;
    assert_eq!(judge(400, quoted).class, Class::Format);
}

#[test]
fn a_code_counts_beside_a_vague_type_where_no_status_is_stated() {
    let part = r#"{"type":"server_error","code":"rate_limit_exceeded","message":"Slow down."}"#;
    let body = Some(part.as_bytes());
    assert_eq!(classify(&Evidence { body, ..Evidence::default() }).class, Class::RateLimit);
    // A server that states its fault means it.
    assert_eq!(judge(500, part).class, Class::Overloaded);
}

#[test]
fn a_cause_within_the_error_says_what_the_error_does_not() {
    for cause in [
        r#"{"code":"billing_not_active","message":"No card."}"#,
        r#"{"error":{"code":"billing_not_active","message":"No card."}}"#,
        r#""{\"error\":{\"code\":\"billing_not_active\"}}""#,
    ] {
        let body = format!(
            r#"{{"error":{{"message":"The call failed.","code":"server_error","cause":{cause}}}}}"#
        );
        assert_eq!(judge(500, &body).class, Class::Billing, "{cause}");
    }
}

#[test]
fn a_429_that_speaks_of_a_limit_is_one_whatever_its_code_calls_the_request() {
    let body = r#"{"error":{"code":"bad_request_body","message":"Too many tokens per minute"}}"#;
    assert_eq!(judge(429, body).class, Class::RateLimit);
    assert_eq!(judge(400, body).class, Class::Format);
    let policy = r#"{"error":{"code":"content_filter","message":"This was filtered."}}"#;
    assert_eq!(judge(429, policy).class, Class::Format);
}

#[test]
fn what_an_error_names_as_invalid_content_is_the_requests_fault() {
    let message = "Your credit balance is too low";
    let error = |param: &str, kind: &str| {
        format!(r#"{{"error":{{"message":"{message}","param":{param},{kind}}}}}"#)
    };
    for kind in [r#""code":"invalid_string""#, r#""code":null,"type":"invalid_request_error""#] {
        for param in [r#""messages[2].content""#, r#""input""#, r#""tools[0].function""#] {
            let body = error(param, kind);
            assert_eq!(judge(400, &body).class, Class::Format, "{body}");
            let body = Some(body.as_bytes());
            let thrown = classify(&Evidence { body, ..Evidence::default() });
            assert_eq!(thrown.class, Class::Format);
        }
        assert_eq!(judge(400, &error("null", kind)).class, Class::Billing, "{kind}");
    }
    let quoted = r#"{"error":{"message":"{\"error\":{\"code\":\"insufficient_quota\"}}","param":"input","code":"invalid_value"}}"#;
    assert_eq!(judge(400, quoted).class, Class::Format);
}

#[test]
fn the_body_decides_where_a_thrown_text_repeats_what_it_quotes() {
    let body = r#"{"error":{"message":"Invalid value: see below","code":"invalid_value"}}"#;
    let message = r#"400 Invalid value: {"error":{"code":"insufficient_quota"}}, your account is deactivated"#;
    let thrown = [crate::failure::Thrown { name: "BadRequestError", message, code: "" }];
    for message in [None, Some(message)] {
        let failure = classify(&Evidence {
            status: Some(400),
            body: Some(body.as_bytes()),
            message,
            thrown: &thrown,
            ..Evidence::default()
        });
        assert_eq!(failure.class, Class::Format);
    }
}

#[test]
fn a_wait_in_hours_or_days_is_one_of_a_quota_and_believed_whole() {
    let hour = 3_600_000;
    for (words, ms) in [
        ("Slow down, please wait 587 hours", 587 * hour),
        ("Slow down and try again in 3 days", 72 * hour),
        ("Too many requests, retry after an hour", hour),
        ("请在 2 小时后重试", 2 * hour),
    ] {
        let failure = judge(429, &format!(r#"{{"error":{{"message":"{words}"}}}}"#));
        assert_eq!((failure.class, failure.retry_after_ms), (Class::Quota, Some(ms)), "{words}");
    }
    for words in
        ["Slow down, please wait 7200 seconds", "Try again in 90 minutes", "Retry in 40 days"]
    {
        let failure = judge(429, &format!(r#"{{"error":{{"message":"{words}"}}}}"#));
        assert_eq!(failure.class, Class::RateLimit, "{words}");
        assert!(failure.retry_after_ms.is_none_or(|ms| ms == 300_000), "{words}");
    }
}

#[test]
fn extra_usage_that_refills_with_the_plan_is_a_quota_and_else_a_lack_of_money() {
    let spent = "You're out of extra usage";
    let failure = judge(400, &format!("{spent} · resets in 40 minutes"));
    assert_eq!((failure.class, failure.scope), (Class::Quota, Scope::Account));
    assert_eq!(failure.retry_after_ms, Some(2_400_000));
    assert_eq!(judge(400, spent).class, Class::Billing);
}

#[test]
fn a_longer_context_than_the_plan_has_is_refused_for_this_request_alone() {
    let body = r#"{"error":{"type":"rate_limit_error","message":"A higher tier is required for long context."}}"#;
    let failure = judge(429, body);
    assert_eq!((failure.class, failure.scope), (Class::NoLicense, Scope::Request));
    assert!(failure.rotate);
}

#[test]
fn a_refusal_while_the_plan_has_room_is_over_in_seconds() {
    let judge = |status: &str| {
        let name = "anthropic-ratelimit-unified-status".to_owned();
        let headers = [(name, status.to_owned())];
        let evidence = Evidence { status: Some(429), headers: &headers, ..Evidence::default() };
        classify(&evidence).rule
    };
    assert_eq!(judge("allowed"), Rule::Concurrency);
    assert_eq!(judge("allowed_warning"), Rule::Concurrency);
    assert_eq!(judge("rejected"), Rule::QuotaWindow);
}
