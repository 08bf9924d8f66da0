//! What the reason codes of the services mean. Only codes that are clear whatever the status stand here.
//!
//! Invariant: a code is compared by its letters and digits alone, so `RATE_LIMIT_EXCEEDED`, `rateLimitExceeded` and
//! `rate-limit-exceeded` are one.

use crate::failure::record::Class;

/// A class with the rule that names it.
pub(crate) type Meaning = (Class, &'static str);

/// The meaning of a code, or `None` where the status and the words must decide.
pub(crate) fn meaning(code: &str) -> Option<Meaning> {
    meaning_of_letters(Letters::of(code)?.as_str())
}

/// A code's letters and digits in lower case, without an allocation: every code of every error is looked up.
struct Letters {
    bytes: [u8; 32],
    length: usize,
}

impl Letters {
    /// `None` for what is longer than any code that is known.
    fn of(code: &str) -> Option<Self> {
        let mut letters = Self { bytes: [0; 32], length: 0 };
        for byte in code.bytes().filter(u8::is_ascii_alphanumeric) {
            *letters.bytes.get_mut(letters.length)? = byte.to_ascii_lowercase();
            letters.length += 1;
        }
        Some(letters)
    }

    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }
}

fn meaning_of_letters(code: &str) -> Option<Meaning> {
    Some(match code {
        "modelcapacityexhausted" | "modelcapacityexceeded" => (Class::Capacity, "reason-capacity"),
        "quotaexhausted"
        | "usagelimitreached"
        | "dailylimitexceeded"
        | "quotaexceeded"
        | "usagelimitexceeded"
        | "userweeklyratelimited" => (Class::Quota, "reason-quota"),
        "ratelimitexceeded"
        | "userratelimitexceeded"
        | "ratelimited"
        | "throttling"
        | "throttlingexception"
        | "throttlingratequota"
        | "throttlingallocationquota" => (Class::RateLimit, "reason-rate-limit"),
        "insufficientg1creditsbalance"
        | "insufficientquota"
        | "insufficientcredits"
        | "insufficientbalance"
        | "billinghardlimitreached"
        | "billingnotactive"
        | "billingdisabled"
        | "billingerror"
        | "paymentrequired" => (Class::Billing, "reason-billing"),
        "overloadederror" | "serveroverloaded" | "engineoverloaded" | "serverisoverloaded"
        | "slowdown" => (Class::Overloaded, "reason-overloaded"),
        "validationrequired" => (Class::VerificationRequired, "reason-verification"),
        "accountdeactivated"
        | "accountdisabled"
        | "accountsuspended"
        | "consumersuspended"
        | "termsofserviceviolation"
        | "organizationdisabled" => (Class::AccountDisabled, "reason-account-disabled"),
        "unsupportedclient" => (Class::UnsupportedClient, "reason-client"),
        "subscriptionrequired" | "nolicense" | "nolicensefound" | "usagenotincluded" => {
            (Class::NoLicense, "reason-license")
        }
        _ => return credential_meaning(code).or_else(|| request_meaning(code)),
    })
}

/// Credentials and the project behind them.
fn credential_meaning(code: &str) -> Option<Meaning> {
    Some(match code {
        "apikeyinvalid"
        | "invalidapikey"
        | "apikeyexpired"
        | "apikeyserviceblocked"
        | "invalidgrant"
        | "tokenrevoked"
        | "accesstokenscopeinsufficient"
        | "servicedisabled"
        | "consumerinvalid"
        | "securitypolicyviolated"
        | "userprojectdenied" => (Class::AuthPermanent, "reason-auth-permanent"),
        "accesstokenexpired"
        | "tokenexpired"
        | "credentialsmissing"
        | "accesstokentypeunsupported"
        | "tokeninvalidated" => (Class::Auth, "reason-auth"),
        _ => return None,
    })
}

/// The request itself.
fn request_meaning(code: &str) -> Option<Meaning> {
    Some(match code {
        "modelnotfound" => (Class::ModelNotFound, "reason-model"),
        "contextlengthexceeded" | "requesttoolarge" => (Class::Format, "format-context-length"),
        _ => return None,
    })
}

/// The status that a general code stands for, for errors that come without one.
pub(crate) fn status(code: &str) -> Option<u16> {
    Some(match Letters::of(code)?.as_str() {
        "invalidargument"
        | "failedprecondition"
        | "outofrange"
        | "invalidrequesterror"
        | "badrequest" => 400,
        "unauthenticated" | "authenticationerror" | "unauthorized" => 401,
        "billingerror" | "paymentrequired" => 402,
        "permissiondenied" | "permissionerror" | "forbidden" => 403,
        "notfound" | "notfounderror" => 404,
        "requesttoolarge" => 413,
        "resourceexhausted" | "ratelimiterror" | "toomanyrequests" => 429,
        "cancelled" | "canceled" => 499,
        "internal" | "apierror" | "internalerror" | "internalservererror" | "servererror" => 500,
        "unavailable" | "serviceunavailable" => 503,
        "deadlineexceeded" | "timeouterror" => 504,
        "overloadederror" => 529,
        _ => return None,
    })
}
