//! Windows of single models beside each other and beside the account's.

use super::*;

#[test]
fn several_models_rest_side_by_side_and_others_are_free() {
    for policy in [COMPATIBLE, SAFE] {
        let one = stated(on_model("rate_limit", "m1"), NOW + HOUR);
        let two = on_model("model_not_found", "m2");
        let stats = after(&[(&one, 0.0), (&two, 1.0)], policy);
        assert!(is_in_cooldown(&stats, NOW + 2.0, Some("m1")));
        assert!(is_in_cooldown(&stats, NOW + 2.0, Some("m2")));
        assert!(!is_in_cooldown(&stats, NOW + 2.0, Some("m3")));
        // The host's one field still names a model: a host of 2026.3.28 sees no window of the account.
        assert_eq!(stats.cooldown_model.as_deref(), Some("m1"));
        assert_eq!(stats.cooldown_until, Some(NOW + HOUR));
    }
}

#[test]
fn an_account_failure_rests_every_model_and_hides_no_model_s_window() {
    let one = stated(on_model("rate_limit", "m1"), NOW + HOUR);
    let stats = after(&[(&one, 0.0), (&on_model("auth", "m1"), 1.0)], SAFE);
    assert!(is_in_cooldown(&stats, NOW + 2.0, Some("m2")));
    assert_eq!(stats.cooldown_model, None);
    assert_eq!(unusable_until_for(&stats, Some("m1")), Some(NOW + HOUR));
}

#[test]
fn billing_on_one_model_disables_the_account() {
    let stats = after(&[(&on_model("billing", "m1"), 0.0)], SAFE);
    assert!(is_in_cooldown(&stats, NOW, Some("m2")));
}

#[test]
fn a_window_that_a_newer_host_wrote_for_a_model_is_kept_beside_ours() {
    let mut stats = UsageStats {
        cooldown_until: Some(NOW + HOUR),
        cooldown_model: Some("theirs".into()),
        cooldown_reason: Some("rate_limit".into()),
        ..UsageStats::default()
    };
    book(&mut stats, &stated(on_model("rate_limit", "ours"), NOW + 2.0 * HOUR), NOW, SAFE);
    assert!(is_in_cooldown(&stats, NOW, Some("theirs")));
    assert!(is_in_cooldown(&stats, NOW, Some("ours")));
    assert!(!is_in_cooldown(&stats, NOW, Some("other")));
}

#[test]
fn a_success_frees_its_own_model_only() {
    let mut stats = after(
        &[
            (&stated(on_model("rate_limit", "m1"), NOW + HOUR), 0.0),
            (&stated(on_model("rate_limit", "m2"), NOW + 2.0 * HOUR), 0.0),
        ],
        SAFE,
    );
    succeed(&mut stats, &Success { model: Some("m2".into()), ..Success::default() }, NOW + 1.0);
    assert!(!is_in_cooldown(&stats, NOW + 1.0, Some("m2")));
    assert!(is_in_cooldown(&stats, NOW + 1.0, Some("m1")));
    assert_eq!(
        (stats.cooldown_model.as_deref(), stats.cooldown_until),
        (Some("m1"), Some(NOW + HOUR))
    );
}
