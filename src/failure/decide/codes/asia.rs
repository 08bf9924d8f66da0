//! z.ai and Zhipu, Kimi and Moonshot, `DashScope` and Qwen, `MiniMax`, `DeepSeek`, Volcengine, Tencent, Baidu, `SiliconFlow`.

use super::kinds::{
    BAD, BUSY, CLOSED, CONCURRENCY, DEAD, FULL, LOGIN, LONG, MODEL, MONEY, PLACE, PLAN, PLAN_MODEL,
    QUOTA, QUOTA_ACCOUNT, QUOTA_MODEL, RATE, RATE_ACCOUNT, SLOW, Table,
};

pub(super) const CODES: Table = &[
    // z.ai and Zhipu: docs.z.ai/api-reference/api-code.
    (DEAD, &["zai1000", "zai1002", "zai1004"]),
    (LOGIN, &["zai1001", "zai1003"]),
    (BUSY, &["zai500", "zai1100", "zai1120", "zai1230", "zai1234", "zai1200"]),
    (CLOSED, &["zai1110", "zai1111", "zai1112", "zai1121", "zai1313"]),
    (MONEY, &["zai1113"]),
    (
        BAD,
        &["zai1210", "zai1212", "zai1213", "zai1214", "zai1215", "zai1231", "zai1300", "zai1301"],
    ),
    (LONG, &["zai1261"]),
    (MODEL, &["zai1211", "zai1221", "zai1222"]),
    (PLAN, &["zai1220", "zai1309"]),
    (CONCURRENCY, &["zai1302"]),
    (RATE, &["zai1303"]),
    (QUOTA_ACCOUNT, &["zai1304", "zai1308", "zai1310"]),
    (PLAN_MODEL, &["zai1311"]),
    (FULL, &["zai1312"]),
    // Kimi and Moonshot: platform.moonshot.ai errors, kimi.com error reference.
    (DEAD, &["invalidauthenticationerror", "incorrectapikeyerror"]),
    (MONEY, &["exceededcurrentquotaerror"]),
    (MODEL, &["resourcenotfounderror"]),
    (RATE_ACCOUNT, &["ratelimitreachederror"]),
    (CLOSED, &["accessterminatederror"]),
    (BUSY, &["unexpectedoutput"]),
    // DashScope and Qwen: help.aliyun.com model-studio error codes.
    (BAD, &["invalidurl", "datainspectionfailed", "unsupportedoperation"]),
    (MONEY, &["arrearage", "prepaidbilloverdue", "postpaidbilloverdue"]),
    (PLACE, &["apiconnectionerror"]),
    (PLAN, &["accessdeniedunpurchased", "unpurchased", "commoditynotpurchased"]),
    (PLAN_MODEL, &["modelaccessdenied", "workspaceaccessdenied", "appaccessdenied"]),
    (QUOTA_MODEL, &["allocationquotafreetieronly", "freetieronly"]),
    (MODEL, &["workspacenotfound"]),
    (SLOW, &["requesttimeout", "responsetimeout"]),
    (
        RATE,
        &[
            "throttling",
            "throttlingratequota",
            "throttlingburstrate",
            "limitrequests",
            "throttlingallocationquota",
        ],
    ),
    (FULL, &["modelservingerror", "modelunavailable", "modelservicefailed"]),
    (BUSY, &["systemerror", "internalerroralgo"]),
    // MiniMax: platform.minimax.io error codes, in `base_resp.status_code` or in brackets behind a message.
    (BUSY, &["minimax1000", "minimax1024", "minimax1033"]),
    (SLOW, &["minimax1001"]),
    (RATE, &["minimax1002", "minimax1039", "minimax2045"]),
    (CONCURRENCY, &["minimax1041"]),
    (DEAD, &["minimax1004", "minimax2049"]),
    (MONEY, &["minimax1008"]),
    (
        BAD,
        &[
            "minimax1026",
            "minimax1027",
            "minimax1042",
            "minimax1043",
            "minimax1044",
            "minimax2013",
            "minimax20132",
            "minimax2037",
            "minimax2039",
            "minimax2048",
        ],
    ),
    (PLAN_MODEL, &["minimax2042", "minimax2061"]),
    (QUOTA_ACCOUNT, &["minimax2056"]),
    (FULL, &["minimax2062"]),
    // Volcengine Ark.
    (MONEY, &["accountoverdueerror"]),
    (QUOTA_ACCOUNT, &["accountquotaexceeded", "setlimitexceeded"]),
    (
        RATE,
        &[
            "endpointrpmexceeded",
            "endpointtpmexceeded",
            "accountrpmexceeded",
            "modelaccountrpmratelimitexceeded",
            "modelaccounttpmratelimitexceeded",
        ],
    ),
    (MODEL, &["invalidendpointormodelnotfound"]),
    (BAD, &["sensitivecontentdetected", "inputtextsensitivecontentdetected"]),
    // Tencent Hunyuan, Baidu Qianfan, SiliconFlow, PPIO.
    (
        MONEY,
        &[
            "resourcepackexhausted",
            "freeresourcepackexhausted",
            "inarrears",
            "notenoughbalance",
            "siliconflow30001",
        ],
    ),
    (PLAN, &["servicenotactivated"]),
    (RATE, &["siliconflow50603"]),
    (
        QUOTA_ACCOUNT,
        &[
            "codingplanhourquotaexceeded",
            "codingplanweekquotaexceeded",
            "codingplanmonthquotaexceeded",
        ],
    ),
    (MODEL, &["siliconflow20012", "siliconflow30003"]),
    (BAD, &["siliconflow20015", "sensitivecheckerror", "malformedjson"]),
    (LONG, &["characterstoolong", "tokenstoolong"]),
    (BUSY, &["siliconflow50505", "siliconflow50501"]),
    (QUOTA, &["baidu17"]),
];
