//! Google (Gemini API, Vertex AI, Cloud Code Assist), Amazon Bedrock with Kiro, Azure.

use super::kinds::{
    BAD, BUSY, CLIENT, CLOSED, DEAD, ENDED, FULL, LOGIN, LONG, MODEL, MONEY, PLACE, PLAN,
    PLAN_MODEL, QUOTA, QUOTA_ACCOUNT, RATE, SLOW, Table, VERIFY,
};

pub(super) const CODES: Table = &[
    // Google: google.api.ErrorReason, ai.google.dev troubleshooting, Cloud Code Assist.
    (FULL, &["modelcapacityexhausted", "modelcapacityexceeded"]),
    (QUOTA, &["resourcequotaexceeded"]),
    (RATE, &["userratelimitexceeded"]),
    (MONEY, &["insufficientg1creditsbalance", "billingdisabled"]),
    (VERIFY, &["validationrequired"]),
    (
        CLOSED,
        &["consumersuspended", "termsofserviceviolation", "gcpsuspended", "accountstateinvalid"],
    ),
    (PLAN, &["subscriptionrequired", "nolicense", "nolicensefound"]),
    (
        DEAD,
        &[
            "apikeyinvalid",
            "apikeyexpired",
            "apikeyserviceblocked",
            "apikeyhttpreferrerblocked",
            "apikeyipaddressblocked",
            "apikeyandroidappblocked",
            "apikeyiosappblocked",
            "accesstokenscopeinsufficient",
            "servicedisabled",
            "consumerinvalid",
            "securitypolicyviolated",
            "userprojectdenied",
            "iampermissiondenied",
            "resourceprojectinvalid",
            "servicenotvisible",
            "locationtaxpolicyviolated",
            "locationorgpolicyviolated",
            "orgrestrictionviolation",
            "vpcservicecontrols",
            "userblockedbyadmin",
        ],
    ),
    (
        LOGIN,
        &[
            "credentialsmissing",
            "accesstokentypeunsupported",
            "sessioncookieinvalid",
            "logincookieinvalid",
        ],
    ),
    (BAD, &["parameterunknown"]),
    // Amazon Bedrock: docs.aws.amazon.com troubleshooting-api-error-codes and common errors; Kiro's `reason`.
    (
        BAD,
        &["invalidaction", "malformedquerystring", "serializationexception", "requestbodyinvalid"],
    ),
    (QUOTA_ACCOUNT, &["servicequotaexceededexception", "monthlyrequestcount"]),
    (
        DEAD,
        &[
            "incompletesignature",
            "incompletesignatureexception",
            "invalidsignatureexception",
            "signaturedoesnotmatch",
            "notauthorized",
            "optinrequired",
            "missingauthenticationtoken",
            "missingauthenticationtokenexception",
            "unrecognizedclientexception",
            "invalidclienttokenid",
            "invalidaccesskeyid",
            "accessdeniedexception",
        ],
    ),
    (LOGIN, &["expiredtokenexception", "expiredtoken", "requestexpired", "requesttimetooskewed"]),
    (MONEY, &["invalidpaymentinstrument"]),
    (PLAN_MODEL, &["mpagreementbeingcreated"]),
    (VERIFY, &["ftuformnotfilled"]),
    (MODEL, &["resourcenotfoundexception", "invalidmodelid"]),
    (SLOW, &["modeltimeoutexception"]),
    (
        BUSY,
        &[
            "modelerrorexception",
            "modelstreamerrorexception",
            "internalserverexception",
            "internalfailure",
            "serviceunavailableexception",
        ],
    ),
    (FULL, &["modelnotreadyexception", "insufficientmodelcapacity"]),
    (
        RATE,
        &[
            "throttlingexception",
            "toomanyrequestsexception",
            "throttledexception",
            "requestlimitexceeded",
        ],
    ),
    (CLOSED, &["temporarilysuspended"]),
    (LONG, &["contentlengthexceedsthreshold"]),
    // Azure: learn.microsoft.com OpenAI errors, Foundry.
    (BAD, &["responsibleaipolicyviolation"]),
    (MODEL, &["deploymentnotfound", "operationnotsupported"]),
    (FULL, &["nocapacity"]),
    (PLACE, &["publicnetworkaccessdisabled", "requestblockedbyfirewall"]),
    (PLAN, &["specialfeatureorquotaidrequired"]),
    (CLIENT, &["clientnotsupported"]),
    (ENDED, &["clientclosedrequest"]),
];
