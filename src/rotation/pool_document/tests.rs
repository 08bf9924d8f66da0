use super::*;

const NOW: WallMs = WallMs::new(1_770_000_000_000.0);
const ME: Owner = Owner::of_pid(1);
const OTHER: Owner = Owner::of_pid(2);

fn reservation(owner: Owner, serial: u64, profile: &str) -> Reservation {
    Reservation {
        ticket: Ticket { owner, serial },
        profile: profile.into(),
        model: None,
        session: None,
        probe: false,
        refused_at: None,
        tries: None,
        at: NOW,
    }
}

fn refusal(key: Option<u64>) -> Refusal {
    Refusal { key, provider: "p".into(), model: None, until: NOW + 60_000.0 }
}

#[test]
fn reservations_die_with_their_process() {
    let mut pool = Pool::default();
    pool.reserve(reservation(ME, 1, "a"));
    pool.reserve(reservation(OTHER, 1, "a"));
    pool.prune(|owner| owner == ME, NOW);
    assert_eq!(pool.in_flight("a"), 1);
    pool.release(Ticket { owner: ME, serial: 1 });
    assert_eq!(pool.in_flight("a"), 0);
}

#[test]
fn a_pool_that_stood_in_hands_over_what_it_holds_and_what_it_could_not_release() {
    let (mut pool, mut other) = (Pool::default(), Pool::default());
    pool.reserve(reservation(ME, 1, "a"));
    other.release(Ticket { owner: ME, serial: 1 });
    other.reserve(reservation(ME, 2, "b"));
    other.refuse(refusal(Some(1)));
    pool.absorb(other);
    assert_eq!((pool.in_flight("a"), pool.in_flight("b")), (0, 1));
    assert!(pool.refused_until(1, "p", None).is_some());
}

#[test]
fn what_is_too_old_or_from_a_clock_that_was_set_back_is_forgotten() {
    let longest = LONGEST_RESERVATION;
    for then in [NOW + longest, NOW - longest - Duration::from_millis(1)] {
        let mut pool = Pool::default();
        pool.reserve(reservation(ME, 1, "a"));
        pool.prune(|_| true, then);
        assert_eq!(pool, Pool::default());
    }
}

#[test]
fn a_lease_lasts_as_long_as_its_owner_has_a_reservation() {
    let mut pool = Pool::default();
    assert!(!pool.renew(ME, Duration::ZERO, NOW));
    pool.reserve(reservation(ME, 1, "a"));
    assert!(pool.renew(ME, Duration::from_secs(5), NOW));
    assert!(pool.renew(ME, Duration::from_secs(5), NOW + 4_000.0));
    assert_eq!(pool.leases, [Lease { owner: ME, renewed_at: NOW }]);
    pool.renew(ME, Duration::from_secs(5), NOW + 5_000.0);
    assert_eq!(pool.leases, [Lease { owner: ME, renewed_at: NOW + 5_000.0 }]);
    pool.release(Ticket { owner: ME, serial: 1 });
    pool.prune(|_| true, NOW);
    assert_eq!(pool.leases, []);
}

#[test]
fn one_refused_request_is_its_own_fault_and_a_second_one_the_accounts() {
    let mut pool = Pool::default();
    assert!(pool.refuse(refusal(Some(1))));
    assert_eq!(pool.refused_until(1, "p", None), Some(NOW + 60_000.0));
    assert!(pool.refuse(refusal(Some(1))));
    assert!(!pool.refuse(refusal(Some(2))));
    assert!(!pool.refuse(refusal(None)));
}

#[test]
fn requests_without_a_key_are_all_different() {
    let mut pool = Pool::default();
    assert!(pool.refuse(refusal(None)));
    assert!(!pool.refuse(refusal(None)));
}

#[test]
fn a_probe_concerns_its_model_and_whoever_asks_for_none() {
    let mut pool = Pool::default();
    let probe = Reservation { probe: true, model: Some("m".into()), ..reservation(ME, 1, "a") };
    pool.reserve(probe);
    assert!(pool.probe("a", Some("m"), NOW).is_some());
    assert!(pool.probe("a", None, NOW).is_some());
    assert!(pool.probe("a", Some("other"), NOW).is_none());
    assert!(pool.probe("b", Some("m"), NOW).is_none());
    assert!(pool.probe("a", Some("m"), NOW + 1.0).is_none());
}

#[test]
fn a_refusal_is_told_of_a_probe_alone() {
    let mut pool = Pool::default();
    pool.reserve(reservation(ME, 1, "a"));
    pool.reserve(Reservation { probe: true, ..reservation(ME, 2, "a") });
    for serial in [1, 2, 3] {
        pool.refuse_probe(Ticket { owner: ME, serial }, NOW);
    }
    let told: Vec<_> = pool.reservations.iter().map(|it| it.refused_at).collect();
    assert_eq!(told, [None, Some(NOW)]);
}

#[test]
fn it_reads_back_from_its_text() {
    let mut pool = Pool::default();
    pool.reserve(Reservation { probe: true, ..reservation(ME, 1, "a") });
    pool.refuse(refusal(Some(3)));
    let text = serde_json::to_string(&pool).unwrap();
    assert_eq!(serde_json::from_str::<Pool>(&text).unwrap(), pool);
}
