//! Rules of the record, and properties of any history of takers and deaths.

use proptest::prelude::*;

use super::*;

const NOW: WallMs = WallMs::new(1_770_000_000_000.0);
const TOKEN: u64 = 7;

fn ticket(pid: u32) -> Ticket {
    Ticket { owner: Owner::of_pid(pid), serial: 1 }
}

fn wanted(pid: u32) -> Wanted<'static> {
    Wanted {
        token: TOKEN,
        profile: "a",
        provider: "p",
        expires: None,
        is_refused: false,
        before: Duration::from_mins(1),
        ticket: ticket(pid),
    }
}

fn state(logins: &Logins) -> Option<&LoginState> {
    logins.find(TOKEN).map(|record| &record.state)
}

#[test]
fn one_has_the_lease_until_it_ends() {
    let mut logins = Logins::default();
    assert_eq!(logins.take(&wanted(1), NOW), Take::Mine);
    assert_eq!(logins.take(&wanted(2), NOW), Take::Held { by: Owner::of_pid(1) });
    assert!(logins.spend(TOKEN, ticket(1), NOW));
    assert_eq!(logins.take(&wanted(2), NOW), Take::Held { by: Owner::of_pid(1) });
    logins.end(TOKEN, ticket(1), Ended::Unspent, NOW);
    assert_eq!(logins.take(&wanted(2), NOW), Take::Mine);
}

#[test]
fn who_dies_before_the_token_is_sent_leaves_nothing_and_who_dies_later_leaves_a_note() {
    let mut logins = Logins::default();
    logins.take(&wanted(1), NOW);
    logins.prune(|_| false, NOW);
    assert!(logins.is_empty());
    logins.take(&wanted(1), NOW);
    logins.spend(TOKEN, ticket(1), NOW);
    logins.prune(|_| false, NOW);
    assert_eq!(state(&logins), Some(&LoginState::Unknown { pid: 1 }));
    // The next one settles it by trying.
    assert_eq!(logins.take(&wanted(2), NOW), Take::Mine);
}

#[test]
fn a_lease_that_was_taken_for_over_is_not_spent_any_more() {
    let mut logins = Logins::default();
    logins.take(&wanted(1), NOW);
    logins.prune(|_| false, NOW);
    assert!(!logins.spend(TOKEN, ticket(1), NOW));
    logins.take(&wanted(2), NOW);
    assert!(!logins.spend(TOKEN, ticket(1), NOW));
    logins.end(TOKEN, ticket(1), Ended::Unspent, NOW);
    assert_eq!(logins.take(&wanted(3), NOW), Take::Held { by: Owner::of_pid(2) });
}

#[test]
fn what_came_of_it_is_noted_even_if_the_holder_was_taken_for_dead() {
    let mut logins = Logins::default();
    logins.take(&wanted(1), NOW);
    logins.spend(TOKEN, ticket(1), NOW);
    logins.prune(|_| false, NOW);
    let expires = Some(NOW + 3_600_000.0);
    logins.end(TOKEN, ticket(1), Ended::Renewed { token: 8, expires }, NOW);
    assert_eq!(state(&logins), None);
    assert_eq!(logins.find(8).unwrap().state, LoginState::Renewed { pid: 1, expires });
}

fn renewed(lifetime_ms: f64) -> Logins {
    let mut logins = Logins::default();
    logins.take(&Wanted { token: 1, ..wanted(1) }, NOW);
    let expires = Some(NOW + lifetime_ms);
    logins.end(1, ticket(1), Ended::Renewed { token: TOKEN, expires }, NOW);
    logins
}

#[test]
fn a_short_lived_token_is_renewed_in_the_last_quarter_of_its_life() {
    let wanted = Wanted { expires: Some(NOW + 40_000.0), ..wanted(2) };
    let take = |after: f64| renewed(40_000.0).take(&wanted, NOW + after);
    assert_eq!(take(29_000.0), Take::Fresh);
    assert_eq!(take(30_000.0), Take::Mine);
}

#[test]
fn a_lifetime_of_nothing_is_not_believed_again_and_again() {
    for lifetime in [0.0, -5_000.0, 1.0] {
        let wanted = Wanted { expires: Some(NOW + lifetime), ..wanted(2) };
        assert_eq!(renewed(lifetime).take(&wanted, NOW + 1_000.0), Take::Fresh);
        assert_eq!(renewed(lifetime).take(&wanted, NOW + 60_000.0), Take::Mine);
    }
}

#[test]
fn an_end_that_somebody_else_has_written_counts() {
    let wanted = Wanted { expires: Some(NOW), ..wanted(2) };
    assert_eq!(renewed(3_600_000.0).take(&wanted, NOW + 1.0), Take::Mine);
}

#[test]
fn a_refusal_renews_a_token_unless_it_came_a_moment_ago() {
    let refused = Wanted { is_refused: true, ..wanted(2) };
    assert_eq!(renewed(3_600_000.0).take(&refused, NOW + 900.0), Take::Fresh);
    assert_eq!(renewed(3_600_000.0).take(&refused, NOW + 1_000.0), Take::Mine);
}

#[test]
fn while_the_token_server_rests_nothing_is_spent_and_other_providers_go_on() {
    let mut logins = Logins::default();
    logins.server_failed("p", None, NOW);
    assert_eq!(logins.take(&wanted(1), NOW), Take::Rests { until: NOW + 250.0 });
    let other = Wanted { provider: "q", token: 9, ..wanted(1) };
    assert_eq!(logins.take(&other, NOW), Take::Mine);
    assert_eq!(logins.take(&wanted(1), NOW + 250.0), Take::Mine);
}

#[test]
fn a_token_that_was_refused_is_not_sent_again_by_those_who_waited() {
    let mut logins = Logins::default();
    logins.take(&wanted(1), NOW);
    logins.end(TOKEN, ticket(1), Ended::Refused, NOW);
    assert_eq!(logins.take(&wanted(2), NOW + 1.0), Take::Refused);
    assert_eq!(logins.take(&wanted(2), NOW + 60_000.0), Take::Mine);
}

#[test]
fn it_survives_being_written() {
    let mut logins = renewed(1.0);
    logins.take(&wanted(2), NOW + 60_000.0);
    logins.server_failed("p", None, NOW);
    let text = serde_json::to_string(&logins).unwrap();
    assert_eq!(serde_json::from_str::<Logins>(&text).unwrap(), logins);
}

#[derive(Debug, Clone)]
enum Step {
    Take(u32),
    Spend(u32),
    End(u32, Ended),
    Die(u32),
}

fn step() -> impl Strategy<Value = Step> {
    let ended = prop_oneof![Just(Ended::Unspent), Just(Ended::Unknown), Just(Ended::Refused)];
    let pid = 1..4_u32;
    prop_oneof![
        pid.clone().prop_map(Step::Take),
        pid.clone().prop_map(Step::Spend),
        (pid.clone(), ended).prop_map(|(pid, ended)| Step::End(pid, ended)),
        pid.prop_map(Step::Die),
    ]
}

proptest! {
    /// In any history, never two living processes may spend one token, and a token that was being spent by one who died
    /// is noted until somebody has settled it.
    #[test]
    fn never_two_spend_one_token(steps in proptest::collection::vec(step(), 0..60)) {
        let mut logins = Logins::default();
        let mut spending: Option<u32> = None;
        let mut unsettled: Option<u32> = None;
        for (round, step) in steps.into_iter().enumerate() {
            let now = NOW + round as f64;
            match step {
                Step::Take(pid) => {
                    let take = logins.take(&wanted(pid), now);
                    prop_assert!(take != Take::Mine || spending.is_none());
                    unsettled = unsettled.filter(|_| take != Take::Mine);
                }
                Step::Spend(pid) => {
                    let may_spend = logins.spend(TOKEN, ticket(pid), now);
                    if may_spend {
                        prop_assert!(spending.is_none_or(|other| other == pid));
                        spending = Some(pid);
                    }
                }
                Step::End(pid, ended) => {
                    logins.end(TOKEN, ticket(pid), ended, now);
                    spending = spending.filter(|other| *other != pid);
                    unsettled = unsettled.filter(|other| *other != pid);
                }
                Step::Die(pid) => {
                    logins.prune(|owner| owner.pid != pid, now);
                    if spending == Some(pid) {
                        spending = None;
                        unsettled = Some(pid);
                    }
                }
            }
            if let Some(pid) = unsettled {
                prop_assert_eq!(state(&logins), Some(&LoginState::Unknown { pid }));
            }
        }
    }
}
