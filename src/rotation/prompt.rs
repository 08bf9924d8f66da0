//! What a prompt and the wait after it (for a compaction and its retry) came to, told as one answer.
//!
//! Invariant: a wait that was aborted never hides what the prompt said, and our own timeout is never told as an abort by
//! the caller. Errors of the wait that are no aborts are the host's to see, as they are.

/// How far the prompt is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Prompt {
    Pending,
    Done,
    Failed,
}

/// How far the wait is. No wait counts as one that is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wait {
    Pending,
    Done,
    /// It failed with what the host takes for an abort.
    AbortLike,
    Failed,
}

/// What ended the attempt before its promises did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    None,
    Caller,
    Timeout,
}

impl Cause {
    /// The public name.
    #[must_use]
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Caller => "caller",
            Self::Timeout => "timeout",
        }
    }
}

/// Which error is the attempt's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ErrorOf {
    None,
    Prompt,
    Wait,
    /// The caller's own reason, or our timeout.
    Cause,
}

/// The attempt's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Settled {
        error: ErrorOf,
        cause: Cause,
    },
    /// The wait's own error, as it is.
    PassOn,
}

/// The attempt's result. `cause` is what ended it; a timer that fires after the end does not count.
#[must_use]
pub(crate) fn settle(prompt: Prompt, wait: Wait, cause: Cause) -> Answer {
    let is_over = prompt != Prompt::Pending && wait != Wait::Pending;
    let cause = if is_over && cause == Cause::Timeout { Cause::None } else { cause };
    if wait == Wait::Failed {
        return Answer::PassOn;
    }
    let error = match (prompt, wait) {
        (Prompt::Failed, _) => ErrorOf::Prompt,
        (_, Wait::AbortLike) => ErrorOf::Wait,
        _ if !is_over => ErrorOf::Cause,
        _ => ErrorOf::None,
    };
    Answer::Settled { error, cause }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(error: ErrorOf, cause: Cause) -> Answer {
        Answer::Settled { error, cause }
    }

    #[test]
    fn an_aborted_wait_is_the_prompt_s_error_unless_the_prompt_has_its_own() {
        let of = |prompt| settle(prompt, Wait::AbortLike, Cause::None);
        assert_eq!(of(Prompt::Done), settled(ErrorOf::Wait, Cause::None));
        assert_eq!(of(Prompt::Failed), settled(ErrorOf::Prompt, Cause::None));
    }

    #[test]
    fn any_other_error_of_the_wait_is_passed_on_even_after_a_failed_prompt() {
        for prompt in [Prompt::Done, Prompt::Failed] {
            assert_eq!(settle(prompt, Wait::Failed, Cause::None), Answer::PassOn);
        }
    }

    #[test]
    fn what_was_cut_short_has_the_cause_as_its_error() {
        for cause in [Cause::Caller, Cause::Timeout] {
            assert_eq!(
                settle(Prompt::Pending, Wait::Pending, cause),
                settled(ErrorOf::Cause, cause)
            );
            assert_eq!(settle(Prompt::Done, Wait::Pending, cause), settled(ErrorOf::Cause, cause));
        }
    }

    #[test]
    fn a_prompt_that_failed_keeps_its_error_when_the_wait_is_cut_short() {
        let answer = settle(Prompt::Failed, Wait::Pending, Cause::Timeout);
        assert_eq!(answer, settled(ErrorOf::Prompt, Cause::Timeout));
    }

    #[test]
    fn a_session_that_ends_quietly_on_an_abort_is_aborted_without_an_error() {
        let answer = settle(Prompt::Done, Wait::Done, Cause::Caller);
        assert_eq!(answer, settled(ErrorOf::None, Cause::Caller));
    }

    #[test]
    fn a_timer_that_goes_off_when_all_is_over_ended_nothing() {
        let answer = settle(Prompt::Done, Wait::Done, Cause::Timeout);
        assert_eq!(answer, settled(ErrorOf::None, Cause::None));
    }
}
