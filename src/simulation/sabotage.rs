//! Rules that can be taken out of the code.

/// A rule that is taken out of the code, to see that the properties notice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Sabotage {
    #[default]
    None,
    /// Windows are not looked at.
    IgnoreWindows,
    /// Nobody reserves.
    NoReservation,
    /// Probes are not told to others.
    NoProbe,
    /// The reservation ends before the booking is written.
    ReleaseFirst,
    /// Dead processes' reservations stay.
    KeepDead,
    /// A sub-agent books what it inherits in its own store.
    BookInOwn,
    /// Who runs on another machine counts as dead.
    JudgeTheUnseen,
    /// What was booked for a refused request is not taken back.
    NoRestore,
    /// Waits that a server states are not booked.
    ForgetWaits,
    /// A booking holds in the document only, when it is written.
    HoldNothing,
    /// An endpoint that fails is asked on.
    NeverRests,
    /// Answers do not end its rest.
    DeafToAnswers,
    /// A time limit of somebody's own counts as a failure, for everybody.
    HasteCounts,
    /// Who tries it out is not told to others.
    NoTrial,
    /// Its faults rest accounts.
    RestAccounts,
    /// It is never given up.
    AskForEver,
    /// Its rest is longer than any outage.
    RestForHours,
    /// Waits have no end.
    WaitForEver,
}
