//! What holds for any history.

use super::*;

#[derive(Debug, Clone)]
enum Step {
    Fail { reason: &'static str, model: Option<&'static str>, wait: Option<f64> },
    Succeed { model: Option<&'static str>, started_before: Option<f64> },
    Clear,
    Wait(f64),
}

fn step() -> impl Strategy<Value = Step> {
    let reasons =
        prop::sample::select(vec!["rate_limit", "auth", "billing", "format", "timeout", "unknown"]);
    let model = || prop::sample::select(vec![None, Some("m1"), Some("m2")]);
    prop_oneof![
        5 => (reasons, model(), prop::option::of(-1e6..1e12)).prop_map(|(reason, model, wait)| Step::Fail { reason, model, wait }),
        2 => (model(), prop::option::of(0.0..1e6)).prop_map(|(model, started_before)| Step::Succeed { model, started_before }),
        1 => Just(Step::Clear),
        3 => (0.0..2.0 * HOUR).prop_map(Step::Wait),
    ]
}

fn ends(stats: &UsageStats) -> Vec<(Option<&'static str>, WallMs)> {
    [None, Some("m1"), Some("m2")]
        .into_iter()
        .map(|model| (model, unusable_until_for(stats, model).unwrap_or_default()))
        .collect()
}

proptest! {
    #[test]
    fn in_the_safe_policy_only_success_and_clear_shorten_and_nothing_rests_beyond_35_days(
        steps in prop::collection::vec(step(), 1..40),
    ) {
        let mut stats = UsageStats::default();
        let mut now = NOW;
        for step in steps {
            let before = ends(&stats);
            match step {
                Step::Fail { reason: name, model, wait } => {
                    let report = Report {
                        model: model.map(str::to_owned),
                        resume_at: wait.map(|wait| now + wait),
                        ..reason(name)
                    };
                    book(&mut stats, &report, now, SAFE);
                    for ((model, old), (_, new)) in before.iter().zip(ends(&stats)) {
                        prop_assert!(*old <= now || new >= *old, "{model:?}: {old:?} became {new:?}");
                    }
                }
                Step::Succeed { model, started_before } => {
                    let success = Success {
                        started_at: started_before.map(|ms| now + -ms),
                        model: model.map(str::to_owned),
                    };
                    succeed(&mut stats, &success, now);
                }
                Step::Clear => {
                    let changes = transitions::cleared(&stats);
                    apply(&mut stats, &changes);
                }
                Step::Wait(ms) => now = now + ms.floor(),
            }
            for (_, end) in ends(&stats) {
                prop_assert!(end >= WallMs::default() && end <= now + crate::profiles::booking::LONGEST_WAIT_MS);
            }
            prop_assert!(stats.error_count.unwrap_or(0.0) >= 0.0);
        }
    }

    #[test]
    fn a_failure_of_one_model_never_rests_another_in_either_policy(
        before in prop::collection::vec((prop::sample::select(vec!["m1", "m2"]), 0.0..1e7), 0..6),
        safe: bool,
    ) {
        let policy = if safe { SAFE } else { COMPATIBLE };
        let mut stats = UsageStats::default();
        for (model, wait) in before {
            book(&mut stats, &stated(on_model("rate_limit", model), NOW + wait), NOW, policy);
        }
        prop_assert!(!is_in_cooldown(&stats, NOW, Some("m3")));
    }
}
