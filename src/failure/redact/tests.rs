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
