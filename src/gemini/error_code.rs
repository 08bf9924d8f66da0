//! The stable codes of a request that failed, by what its failure is.

use crate::failure::Class;

/// The code of an error for a failure of this class.
#[must_use]
pub(crate) fn code_of_class(class: Class) -> &'static str {
    match class {
        Class::RateLimit | Class::Quota => "ERR_RATE_LIMITED",
        Class::Capacity | Class::Overloaded => "ERR_OVERLOADED",
        Class::Billing => "ERR_BILLING",
        Class::Auth | Class::AuthPermanent => "ERR_AUTH",
        Class::VerificationRequired
        | Class::AccountDisabled
        | Class::UnsupportedClient
        | Class::NoLicense => "ERR_ACCOUNT_REFUSED",
        Class::Format => "ERR_BAD_REQUEST",
        Class::ModelNotFound => "ERR_MODEL_NOT_FOUND",
        Class::Timeout => "ERR_TIMEOUT",
        Class::Aborted => "ERR_ABORTED",
        Class::Network => "ERR_NETWORK",
        Class::Truncated => "ERR_TRUNCATED",
        Class::Empty => "ERR_EMPTY_RESPONSE",
        Class::Unknown => "ERR_REQUEST_FAILED",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::error::Error;

    #[test]
    fn typescript_knows_every_error_code_and_no_other() {
        let declarations = include_str!("../../index.d.ts");
        let head = "export type AuthFailoverErrorCode = ";
        let declared = declarations.lines().find_map(|line| line.strip_prefix(head)).unwrap();
        let declared: BTreeSet<_> = declared.split(" | ").map(|it| it.trim_matches('\'')).collect();
        let of_requests = Class::ALL.iter().map(|class| code_of_class(*class));
        let given: BTreeSet<_> = Error::CODES.iter().copied().chain(of_requests).collect();
        assert_eq!(declared, given);
    }
}
