use std::time::Duration;

use super::*;
use crate::cli::test_stores::{HOUR, MINUTE, NOW, look, pool, store, text};

fn usage() -> String {
    let at = |moment: WallMs| moment.whole_ms();
    let seconds = Duration::from_secs;
    format!(
        r#","usageStats":{{
            "anna":{{"lastUsed":{}}},
            "ben":{{"errorCount":2,"cooldownUntil":{},"cooldownReason":"rate_limit","lastFailureAt":{},
                "failover":{{"source":"retry-info"}}}},
            "dora":{{"errorCount":3,"disabledUntil":{},"disabledReason":"billing","lastUsed":{}}}}}"#,
        at(NOW - seconds(40)),
        at(NOW + 4 * MINUTE + seconds(10)),
        at(NOW - 4 * MINUTE - seconds(10)),
        at(NOW + 5 * HOUR),
        at(NOW - 3 * HOUR),
    )
}

fn shown(names: &[&str], rest: &str, look: &Look) -> String {
    text(&table(&pool(&store(names, rest), None), look))
}

#[test]
fn the_table_tells_state_time_left_reason_use_and_errors() {
    let table = shown(&["dora", "ben", "anna"], &usage(), &look(100));
    let expected = "\
gem  1 of 3 ready
  PROFILE  STATE               LEFT        WHY                      LAST USED  ERRORS
▸ anna     ready                                                    40 s ago   0
  ben      cooling   ████····  4 min 10 s  rate limit (retry-info)  never      2
  dora     disabled            5 h         billing                  3 h ago    3

▸ is asked next
";
    assert_eq!(table, expected);
}

#[test]
fn a_time_shorter_than_its_title_has_its_column_too() {
    let usage = format!(
        r#","usageStats":{{"ben":{{"cooldownUntil":{},"cooldownReason":"rate_limit"}}}}"#,
        (NOW + Duration::from_secs(20)).whole_ms()
    );
    let table = shown(&["anna", "ben"], &usage, &look(100));
    assert!(table.contains("LEFT  WHY") && table.contains("20 s"), "{table}");
}

#[test]
fn without_unicode_everything_is_ascii() {
    let ascii = Look { has_unicode: false, ..look(100) };
    let table = shown(&["ben", "anna"], &usage(), &ascii);
    assert!(table.is_ascii(), "{table}");
    assert!(table.contains("####...."), "{table}");
    assert!(
        shown(&["a-very-long-name-for-a-profile"], "", &Look { columns: 20, ..ascii }).is_ascii()
    );
}

#[test]
fn no_line_is_wider_than_the_screen_and_the_state_stays() {
    for columns in 16..100 {
        let table = shown(
            &["anna", "ben", "dora", "漢字-and-a-name-that-takes-room"],
            &usage(),
            &look(columns),
        );
        for line in table.lines() {
            assert!(width(line) <= columns, "{columns}: {line}");
        }
        assert!(table.contains("disab"), "{columns}: {table}");
    }
}

#[test]
fn what_matters_least_goes_first() {
    let table = |columns| shown(&["anna", "ben", "dora"], &usage(), &look(columns));
    assert!(table(85).contains("LAST USED  ERRORS\n"));
    for columns in [85, 74, 66, 56, 31] {
        assert!(!table(columns).contains('…'), "{columns}: {}", table(columns));
    }
    assert!(!table(84).contains("LAST USED") && table(84).contains("ERRORS"));
    assert!(!table(73).contains("ERRORS") && table(73).contains("██"));
    assert!(!table(65).contains("██") && table(65).contains("rate limit"));
    assert!(!table(55).contains("rate limit") && table(55).contains("4 min 10 s"));
}

#[test]
fn ids_lose_their_provider_before_anything_else_goes() {
    let named = r#"{"profiles":{"prov:anna":{"type":"api_key","provider":"prov","key":"k"},
        "bare":{"type":"api_key","provider":"prov","key":"k"}}}"#;
    let table = |columns| text(&table(&pool(named, None), &look(columns)));
    assert!(table(37).contains("▸ prov:anna "), "{}", table(37));
    assert!(table(36).contains("▸ anna ") && table(36).contains("ERRORS"), "{}", table(36));
}

#[test]
fn a_provider_without_a_ready_profile_says_when_the_first_is_free() {
    let table = shown(&["ben", "dora"], &usage(), &look(100));
    assert!(table.starts_with("gem  none of 2 ready, the first in 4 min 10 s\n"), "{table}");
    assert!(table.contains("▸ ben"), "{table}");
}

#[test]
fn profiles_that_time_will_not_help_are_said_so() {
    let broken = r#"{"profiles":{"a":{"type":"oauth","provider":"gem"}}}"#;
    let table = text(&table(&pool(broken, None), &look(100)));
    assert!(table.contains("time will not help") && table.contains("no credential"), "{table}");
    assert!(!table.contains("▸ a"), "{table}");
}

#[test]
fn each_provider_has_its_own_next_profile() {
    let two = r#"{"profiles":{"a":{"type":"api_key","provider":"p","key":"k"},
        "b":{"type":"api_key","provider":"q","key":"k"}}}"#;
    let table = text(&table(&pool(two, None), &look(100)));
    assert!(table.contains("▸ a") && table.contains("▸ b"), "{table}");
}

#[test]
fn an_empty_store_says_so() {
    assert_eq!(shown(&[], "", &look(100)), "no profiles\n");
}

#[test]
fn an_id_cannot_steer_the_terminal() {
    let table = shown(&["a\\u001b[2J\\u009b1m"], "", &look(100));
    assert!(table.contains("a\\u{1b}[2J\\u{9b}1m"), "{table}");
}

#[test]
fn the_bar_empties_and_shows_the_last_bit_until_the_end() {
    let bars: Vec<String> =
        [1.0, 0.5, 0.01, 0.0].map(|share| bar(share, &look(80)).render(false)).into();
    assert_eq!(bars, ["████████", "████····", "▏·······", "········"]);
    let ascii = Look { has_unicode: false, ..look(80) };
    let bars: Vec<String> =
        [1.0, 0.5, 0.01, 0.0].map(|share| bar(share, &ascii).render(false)).into();
    assert_eq!(bars, ["########", "####....", "#.......", "........"]);
}
