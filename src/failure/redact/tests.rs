use super::{redact, redact_to};

#[test]
fn keys_of_every_form_are_hidden() {
    for key in [
        "sk-ant-api03-abcdef0123456789",
        "sk-proj-****abcd",
        "csk-abcdefgh01234567890123",
        "fw_0123456789abcdefghij",
        "tgp_v1_abcdefghij0123456789",
        "nvapi-abcdefghij0123456789",
        "r8_abcdefghij0123456789abc",
        "vck_abcdefghij0123456789",
        "ABSKabcdefghij0123456789abcd",
        "AQ.Ab0123456789abcdefghijklmn",
        "xai-abcdefghij0123456789",
    ] {
        let shown = redact(&format!("bad key {key} here"));
        assert_eq!(shown, "bad key [redacted] here", "{key}");
    }
}

#[test]
fn a_token_of_many_fields_is_hidden_whole() {
    let token = "tid=0a1b2c;exp=1769999999;sku=plus;proxy-ep=x:8:0123456789abcdef";
    for lead in ["token ", "Authorization: Bearer ", "key: "] {
        let shown = redact(&format!("{lead}{token} was refused"));
        assert_eq!(shown, format!("{lead}[redacted] was refused"));
    }
}

#[test]
fn words_stay_whole() {
    for text in [
        "ask-for-help-with-task-oriented-programs",
        "disk_full_on_device_0123456789",
        "sk-learn-pipelines-and-more",
        "ASIA-pacific-southeast",
        "risk-free-trial-2026-offer",
        "taiza-0123456789abcdef0",
    ] {
        assert_eq!(redact(text), text);
    }
}

#[test]
fn a_text_that_is_cut_anywhere_is_its_own_redaction() {
    let text = "denied for Authorization: Bearer ya29.a0 key=AIzaEXAMPLE-not-a-key-00 http://me:hunter22@x/";
    for limit in 0..text.len() {
        let once = redact_to(text, limit);
        assert_eq!(redact_to(&once, limit), once, "{limit}");
    }
}

#[test]
fn a_sentence_that_speaks_of_schemes_and_tokens_stays_whole() {
    for text in [
        "Basic authentication is disabled for this organization",
        "Bearer authorization required",
        "Missing Authorization: Bearer token",
        "basic subscription, 100000 tokens",
        "max_tokens: 100000, token: budget, secret: rotated",
        "token = 4096 characters at most",
        "cookie: please sign in again",
    ] {
        assert_eq!(redact(text), text);
    }
}

#[test]
fn a_field_called_token_or_secret_is_hidden_where_its_value_looks_random() {
    for field in ["token=", "\"token\": \"", "csrf-token: ", "secret='", "AWS_SECRET_ACCESS_KEY="] {
        let shown = redact(&format!("sent {field}q8Zr4kd02mVx and failed"));
        assert_eq!(shown, format!("sent {field}[redacted] and failed"));
    }
}

#[test]
fn every_cookie_of_a_header_is_hidden() {
    let shown = redact("Cookie: theme=dark; session=letmein; last=1, host: api.example");
    assert_eq!(shown, "Cookie: [redacted], host: api.example");
    let shown = redact(r#"{"set-cookie":"sid=letmein; path=/; secure","a":1}"#);
    assert!(!shown.contains("letmein") && shown.ends_with(r#","a":1}"#), "{shown}");
}

#[test]
fn a_key_in_hexadecimal_is_hidden_unless_it_is_called_an_id() {
    let key = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
    assert_eq!(redact(&format!("key {key} is wrong")), "key [redacted] is wrong");
    assert_eq!(redact(&format!("{key}.Zx8QpLr2 is wrong")), "[redacted] is wrong");
    for text in [format!("(request id: {key})"), format!("trace={key}"), format!("req_{key}")] {
        assert_eq!(redact(&text), text);
    }
    assert_eq!(super::identifier(key).as_deref(), Some(key));
}
