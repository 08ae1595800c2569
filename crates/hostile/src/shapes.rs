//! What inputs begin as before they are changed: an example of each shape that is known, with values made up here.

/// A body and the route that it is of.
pub(crate) const BODIES: &[(&str, &str)] = &[
    (
        "announcements",
        r#"{"name":"client_banner","config":{"banner_tips":[{"banner_id":"n1","banner_enabled":true,"banner_title":"Quota","banner_maintext":"All weekly quotas were restored","banner_subtext":"Thank you","banner_start_time":"2026-10-02T08:00:00","banner_end_time":"2026-10-05T08:00:00Z","kfc_audience":{"login":"all","region":"cn","tiers":[25,30],"goods_version":2}},{"banner_id":"n2","banner_enabled":true,"banner_maintext":"x"}]}}"#,
    ),
    (
        "usages",
        r#"{"usage":{"limit":"1024","used":"256","remaining":"768","resetTime":"2026-01-20T01:02:03.123456789Z"},"limits":[{"window":{"duration":300,"timeUnit":"TIME_UNIT_MINUTE"},"detail":{"limit":"200","used":"30","remaining":"170","resetTime":"2026-01-14T05:06:07.987654321Z"}}]}"#,
    ),
    (
        "usages",
        r#"{"user":{"userId":"made-up","region":"REGION_CN","membership":{"level":"LEVEL_STANDARD"},"businessId":""},"limited":true,"usage":{"limit":"100","used":"88","remaining":"12","resetTime":"2026-08-10T00:00:00Z"},"limits":[{"window":{"duration":300,"timeUnit":"TIME_UNIT_MINUTE"},"detail":{"limit":"100","used":"97","resetTime":"2026-08-06T15:00:00Z"}}],"parallel":{"limit":"30"},"totalQuota":{"limit":"100","remaining":"99"},"authentication":{"method":"METHOD_API_KEY","scope":"FEATURE_CODING"},"subType":"TYPE_PURCHASE","domain":"DOMAIN_NEXUS"}"#,
    ),
    (
        "usages",
        r#"{"usage":{"limit":"100","used":"8","resetTime":"2026-10-06T03:00:01Z"},"limits":[{"window":{"duration":300,"timeUnit":"TIME_UNIT_MINUTE"},"detail":{"limit":"100","used":"13","remaining":"87","resetTime":"2026-10-02T03:00:01.25Z"}}],"usages":{"limit_5h":{"used_ratio":0.1234,"reset_time":"2026-10-02T03:00:00Z"},"limit_7d":{"used_ratio":0.0763,"reset_time":"2026-10-06T03:00:00Z"},"limit_month_total":{"used_ratio":0.5,"reset_time":"2026-10-31T00:00:00Z"},"limit_month_code":{"used_ratio":0.25,"reset_time":"2026-10-31T00:00:00Z"},"limit_day":{"used_ratio":0.3}},"goods_version":2,"boosterWallet":{"id":"w1","status":"STATUS_ACTIVE","balance":{"type":"BOOSTER","amount":"13000000000","amountLeft":"315250700"},"monthlyChargeLimitEnabled":true,"monthlyChargeLimit":{"currency":"CNY","priceInCents":"10000"},"monthlyUsed":{"currency":"CNY","priceInCents":"345"}}}"#,
    ),
    (
        "usages",
        r#"{"code":0,"msg":"success","data":{"kind":"ok","quota":{"usages":{"limit5h":{"usedRatio":0.31,"resetAt":"2026-10-02T03:00:00Z"},"monthTotal":{"usedRatio":0.42,"resetAt":"2026-10-31T06:12:30Z"},"monthCode":{"usedRatio":0.2,"resetAt":"2026-10-31T06:12:30Z"}},"extraUsage":null}},"request_id":"r1"}"#,
    ),
    (
        "usages",
        r#"{"code":0,"data":{"kind":"ok","summary":{"label":"Weekly limit","used":30,"limit":100},"limits":[{"label":"5h limit","used":4,"limit":100}],"extra_usage":null}}"#,
    ),
    (
        "usages",
        r#"{"usages":[{"scope":"FEATURE_CHAT","detail":{"limit":"5","used":"5"}},{"scope":"FEATURE_CODING","detail":{"limit":"100","remaining":"98","resetTime":"2026-04-20T11:00:00Z"},"limits":[{"window":{"duration":300,"timeUnit":"TIME_UNIT_MINUTE"},"detail":{"limit":"100","remaining":"70"}}]}]}"#,
    ),
    (
        "usages",
        r#"{"usage":{"limit":10,"used":1,"reset_in":90},"limits":[{"window":{"duration":5,"timeUnit":"HOUR"},"detail":{"limit":10,"used":2,"window":"3600"}}]}"#,
    ),
    (
        "balance",
        r#"{"code":0,"data":{"available_balance":12.34567,"voucher_balance":10.00001,"cash_balance":2.34566},"scode":"0x0","status":true}"#,
    ),
    (
        "balance",
        r#"{"data":{"availableBalance":"12.5","voucherBalance":"2","cashBalance":"10.5","currency":"CNY"}}"#,
    ),
    (
        "me",
        r#"{"user_id":"u-31337","nickname":"Otter","email":"otter@example.org","phone":{"number":"13800001111"},"user_level":25,"user_level_name":"Pro","goods_version":2}"#,
    ),
    (
        "me",
        r#"{"code":0,"data":{"kind":"ok","userInfo":{"userId":"u","userLevelName":"Pro","goodsVersion":2}}}"#,
    ),
    (
        "users_me",
        r#"{"code":0,"data":{"access_key":{"id":"ak-0"},"organization":{"id":"org-0","max_concurrency":15,"max_request_per_minute":"100","max_token_per_minute":2000000,"max_token_quota":1500000},"user":{"id":"u9"}},"status":true}"#,
    ),
    (
        "status",
        r#"{"page":{"id":"p1","name":"Status","url":"https://status.example.org","updated_at":"2026-11-20T09:00:00.000+08:00"},"status":{"indicator":"major","description":"Partial System Outage"},"components":[{"id":"c1","name":"Open API","status":"major_outage"}],"incidents":[{"id":"i1","name":"Elevated errors","status":"investigating","impact":"major","created_at":"2026-11-20T00:30:00Z","updated_at":"2026-11-20T00:45:00Z","shortlink":"https://stspg.io/i1","components":[{"id":"q","name":"Kimi Code"}],"incident_updates":[{"affected_components":[{"code":"x","name":"Open API"}]}]}],"scheduled_maintenances":[{"id":"m1","name":"Work","status":"in_progress","impact":"maintenance","scheduled_for":"2026-11-20T01:00:00Z"}]}"#,
    ),
];

/// Answers that are errors: status, headers and body, in the form of [`crate::targets::errors`].
pub(crate) const ERRORS: &[&str] = &[
    "429\nRetry-After: 30\nDate: Fri, 20 Nov 2026 10:00:00 GMT\n\n{\"error\":{\"message\":\"Your account u1<ak-abc> request reached organization TPD rate limit, current: 1518025, limit: 1500000\",\"type\":\"rate_limit_reached_error\"}}",
    "429\nRetry-After: Fri, 20 Nov 2026 10:05:00 GMT\n\n{\"error\":{\"message\":\"Organization-level concurrency limit reached, please try again after 1 seconds\",\"type\":\"rate_limit_reached_error\"}}",
    "403\n\n{\"error\":{\"message\":\"You have reached the 5-hour usage limit. It resets at 2026-11-20T12:00:00Z\",\"type\":\"access_terminated_error\"}}",
    "402\n\n{\"error\":{\"message\":\"membership expired\",\"type\":\"payment_required\"}}",
    "401\nWWW-Authenticate: Bearer\n\n{\"error\":{\"message\":\"The API Key sk-kimi-PlantedKeyAbCdEf0123456789 appears to be invalid or may have expired.\"}}",
    "200\n\n{\"code\":0,\"data\":{\"kind\":\"error\",\"status\":503,\"message\":\"later\"}}",
    "502\nContent-Type: text/html\n\n<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>",
    "500\n\n{\"code\":5,\"error\":\"url.not_found\",\"message\":\"nothing here for Bearer sk-kimi-PlantedKeyAbCdEf0123456789\",\"scode\":\"0x5\",\"status\":false}",
    "429\nretry-after-ms: 1500\nx-ratelimit-reset: 17\n\n",
];

/// Session logs and the files that they are read with, each below a home folder.
pub(crate) const LOG_PLACES: &[&str] = &[
    ".kimi-code/sessions/wd_a_0123456789ab/session_1/agents/main/wire.jsonl",
    ".kimi/sessions/0123456789abcdef0123456789abcdef/one/wire.jsonl",
    ".claude/projects/-work/one.jsonl",
    ".kimi-code/sessions/wd_a_0123456789ab/session_1/agents/main/wire.jsonl.bak",
    ".kimi-code/sessions/wd_b_ba9876543210/session_2/agents/helper/wire.jsonl",
    ".kimi-code/session_index.jsonl",
    ".kimi-code/sessions/wd_a_0123456789ab/session_1/state.json",
    ".kimi-code/config.toml",
    ".kimi/kimi.json",
    ".kimi/config.toml",
    ".claude/projects/-work/one/subagents/two.jsonl",
    ".claude/settings.json",
    ".codex/sessions/2026/07/20/rollout-2026-07-20T10-00-00-c1.jsonl",
    ".codex/archived_sessions/rollout-2026-07-20T10-00-00-c2.jsonl",
    ".codex/archived_sessions/rollout-2026-07-20T10-00-00-c3.jsonl.zst",
    ".codex/config.toml",
    ".pi/agent/sessions/--work-a--/2026-07-20T10-00-00-000Z_p1.jsonl",
    ".pi/agent/models.json",
    ".pi/agent/auth.json",
    ".omp/agent/sessions/--work-a--/o1.jsonl",
    ".qwen/projects/-work-a/chats/q1.jsonl",
    ".qwen/settings.json",
    ".config/Code/User/globalStorage/saoudrizwan.claude-dev/tasks/1784973600000/ui_messages.json",
    ".config/Code/User/globalStorage/saoudrizwan.claude-dev/tasks/1784973600000/task_metadata.json",
    ".config/Code/User/globalStorage/saoudrizwan.claude-dev/state/taskHistory.json",
    ".config/Code/User/globalStorage/rooveterinaryinc.roo-cline/tasks/r1/ui_messages.json",
    ".config/Code/User/globalStorage/rooveterinaryinc.roo-cline/tasks/r1/api_conversation_history.json",
    ".config/Code/User/globalStorage/kilocode.kilo-code/tasks/k1/ui_messages.json",
    ".cline/data/sessions/s1/s1.messages.json",
    ".cline/data/sessions/s1/s1.json",
    ".cline/data/globalState.json",
];

/// How many formats there are an example of.
pub(crate) const FORMATS: usize = 8;

/// The folder of each format in a home, and a log in it that its example of [`LOGS`] is for.
pub(crate) const LOG_FILES: [(&str, &str); FORMATS] = [
    (".kimi-code/", "sessions/wd_a_0123456789ab/session_1/agents/main/wire.jsonl"),
    (".kimi/", "sessions/0123456789abcdef0123456789abcdef/one/wire.jsonl"),
    (".claude/", "projects/-work/one.jsonl"),
    (".codex/", "sessions/2026/07/20/rollout-2026-07-20T10-00-00-c1.jsonl"),
    (".pi/", "agent/sessions/--work-a--/2026-07-20T10-00-00-000Z_p1.jsonl"),
    (".qwen/", "projects/-work-a/chats/q1.jsonl"),
    (".config/", "Code/User/globalStorage/saoudrizwan.claude-dev/tasks/1784973600000/ui_messages.json"),
    (".cline/", "data/sessions/s1/s1.messages.json"),
];

/// A log of each format, in the order of [`LOG_FILES`].
pub(crate) const LOGS: [&[u8]; FORMATS] = [
    br#"{"type":"metadata","protocol_version":"1.5","created_at":1784973600000}
{"type":"llm.request","model":"kimi-code/k3","time":1784973601000}
{"type":"context.append_loop_event","event":{"type":"step.end","uuid":"s1","turnId":"t1","step":0,"usage":{"inputOther":31,"output":7,"inputCacheRead":0,"inputCacheCreation":0},"finishReason":"end_turn"},"time":1784973602000}
{"type":"usage.record","model":"kimi-code/k3","usage":{"inputOther":31,"output":7,"inputCacheRead":0,"inputCacheCreation":0},"usageScope":"turn","time":1784973602001}
{"type":"usage.record","model":"k3","usage":{"inputOther":900,"output":120,"inputCacheRead":4096,"inputCacheCreation":8},"usageScope":"session","time":1784973604000}
{"type":"forked","time":1784973605000}
{"type":"usage.record","model":"__secondary__","usage":{"inputOther":3,"output":4,"inputCacheRead":5,"inputCacheCreation":6},"usageScope":"turn","time":1784973606000}
"#,
    br#"{"type":"metadata","protocol_version":"1.3"}
{"timestamp":1773128644.112929,"message":{"type":"StatusUpdate","payload":{"context_usage":0.03,"context_tokens":9665,"max_context_tokens":250000,"token_usage":{"input_other":41,"output":5,"input_cache_read":56,"input_cache_creation":0},"message_id":"chatcmpl-1"}}}
{"timestamp":1773128645.5,"message":{"type":"SubagentEvent","payload":{"parent_tool_call_id":"t","event":{"type":"SubagentEvent","payload":{"agent_id":"b","event":{"type":"StatusUpdate","payload":{"token_usage":{"input_other":1,"output":2,"input_cache_read":3,"input_cache_creation":4},"message_id":"x2"}}}}}}}
{"timestamp":1773128699.5,"message":{"type":"StatusUpdate","payload":{"context_usage":0.03,"token_usage":{"input_other":20,"output":7,"input_cache_read":99,"input_cache_creation":2},"message_id":"chatcmpl-2"}}}
"#,
    br#"{"parentUuid":null,"type":"assistant","timestamp":"2026-07-20T10:00:00.500Z","requestId":"r1","sessionId":"s-1","cwd":"/work/a","message":{"id":"m1","role":"assistant","model":"kimi-k3","usage":{"input_tokens":4,"output_tokens":1,"cache_read_input_tokens":0,"cache_creation_input_tokens":0}}}
{"parentUuid":null,"type":"assistant","timestamp":"2026-07-20T10:00:01.500Z","requestId":"r1","sessionId":"s-1","cwd":"/work/a","message":{"id":"m1","role":"assistant","model":"kimi-k3","usage":{"input_tokens":4,"output_tokens":90,"cache_read_input_tokens":7,"cache_creation_input_tokens":3}}}
{"parentUuid":null,"type":"assistant","timestamp":"2026-07-20T10:00:03Z","requestId":"r4","sessionId":"s-1","cwd":"/work/a","message":{"id":"m4","role":"assistant","model":"k3","usage":{"input_tokens":50,"output_tokens":3,"cache_creation":{"ephemeral_5m_input_tokens":5,"ephemeral_1h_input_tokens":6},"cache_creation_input_tokens":11}},"isSidechain":true}
"#,
    br#"{"timestamp":"2026-07-20T10:00:00.000Z","type":"session_meta","payload":{"id":"c1","forked_from_id":null,"cwd":"/work/a","originator":"codex_cli_rs","cli_version":"0.140.0","model_provider":"moonshot"}}
{"timestamp":"2026-07-20T10:00:01.000Z","type":"turn_context","payload":{"turn_id":"t1","cwd":"/work/a","model":"kimi-k3"}}
{"timestamp":"2026-07-20T10:00:02.000Z","type":"event_msg","payload":{"type":"token_count","info":{"total_token_usage":{"input_tokens":500,"cached_input_tokens":400,"output_tokens":20,"reasoning_output_tokens":8,"total_tokens":520},"last_token_usage":{"input_tokens":500,"cached_input_tokens":400,"output_tokens":20,"reasoning_output_tokens":8,"total_tokens":520},"model_context_window":262144},"rate_limits":null}}
{"timestamp":"2026-07-20T10:00:03.000Z","type":"event_msg","payload":{"type":"token_count","info":{"total_token_usage":{"input_tokens":1200,"cached_input_tokens":900,"output_tokens":45,"total_tokens":1245}}}}
"#,
    br#"{"type":"session","version":3,"id":"p1","timestamp":"2026-07-20T10:00:00.000Z","cwd":"/work/a"}
{"type":"model_change","id":"e0","parentId":null,"timestamp":"2026-07-20T10:00:00.000Z","provider":"kimi-coding","modelId":"k3"}
{"type":"message","id":"e1","parentId":"e0","timestamp":"2026-07-20T10:00:04.000Z","message":{"role":"assistant","provider":"kimi-coding","model":"k3","responseId":"chatcmpl-1","content":[],"usage":{"input":7,"output":9,"cacheRead":81,"cacheWrite":2,"totalTokens":99},"stopReason":"stop","timestamp":1784541603000}}
{"type":"compaction","id":"e2","parentId":"e1","timestamp":"2026-07-20T10:00:05.000Z","summary":"s","usage":{"input":3,"output":4,"cacheRead":5,"cacheWrite":6}}
"#,
    br#"{"uuid":"q0","sessionId":"q1","timestamp":"2026-07-20T10:00:03.000Z","type":"system","subtype":"session_model","systemPayload":{"modelId":"kimi-k3","authType":"openai","baseUrl":"https://api.moonshot.ai/v1"}}
{"uuid":"q2","parentUuid":null,"sessionId":"q1","timestamp":"2026-07-20T10:00:04.000Z","type":"assistant","cwd":"/work/a","model":"kimi-k3","message":{"role":"model","parts":[]},"usageMetadata":{"promptTokenCount":90,"candidatesTokenCount":21,"thoughtsTokenCount":6,"totalTokenCount":111,"cachedContentTokenCount":80}}
"#,
    br#"[
{"ts":1784973600000,"type":"say","say":"task","text":"x","images":["data:image/png;base64,AAAA"]},
{"ts":1784973601000,"type":"say","say":"api_req_started","text":"{\"request\":\"x\",\"tokensIn\":18,\"tokensOut\":22,\"cacheReads\":90,\"cacheWrites\":0,\"cost\":0.01}","modelInfo":{"providerId":"moonshot","modelId":"kimi-k3","mode":"act"}},
{"ts":1784973602000,"type":"say","say":"subagent_usage","text":"{\"tokensIn\":1,\"tokensOut\":2}","modelInfo":{"providerId":"openai","modelId":"kimi-k3"}}
]
"#,
    br#"{"version":1,"agent":"lead","sessionId":"s1","messages":[
{"id":"m0","role":"user","content":"x","ts":1784973600000},
{"id":"m1","role":"assistant","content":[],"ts":1784973601000,"modelInfo":{"id":"kimi-k3","provider":"moonshot"},"metrics":{"inputTokens":180,"outputTokens":22,"cacheReadTokens":90,"cacheWriteTokens":3,"cost":0.01}}
]}
"#,
];

/// The files of [`LOG_PLACES`] that are no logs of [`LOGS`], by what their name ends with; the first that fits.
pub(crate) const LOG_COMPANIONS: &[(&str, &str)] = &[
    (
        ".codex/config.toml",
        "model_provider = \"mine\"\n[model_providers.mine]\nbase_url = \"https://api.kimi.com/coding/v1\"\n",
    ),
    (
        ".qwen/settings.json",
        "{\"env\":{\"OPENAI_BASE_URL\":\"https://api.moonshot.cn/v1\"},\"modelProviders\":{\"openai\":[{\"id\":\"k3\",\"baseUrl\":\"https://api.kimi.com\"}]}}",
    ),
    ("session_index.jsonl", "{\"sessionId\":\"session_1\",\"workDir\":\"/work/a\"}\n"),
    ("state.json", "{\"workDir\":\"/work/a\",\"title\":\"a\",\"createdAt\":1784973600000}"),
    (
        "config.toml",
        "default_model = \"daily\"\n[providers.\"managed:kimi-code\"]\ntype = \"kimi\"\nbase_url = \"https://api.kimi.com/coding/v1\"\n[models.daily]\nprovider = \"managed:kimi-code\"\nmodel = \"kimi-for-coding\"\n[secondary_model]\ndefault_model = \"daily\"\n",
    ),
    (
        "models.json",
        "{\"providers\":{\"mine\":{\"baseUrl\":\"https://api.moonshot.cn/v1\",\"apiKey\":\"sk-x\"}}}",
    ),
    ("auth.json", "{\"kimi-coding\":{\"type\":\"api_key\",\"key\":\"sk-x\"}}"),
    (
        "task_metadata.json",
        "{\"model_usage\":[{\"ts\":1784973600500,\"model_id\":\"kimi-k3\",\"model_provider_id\":\"moonshot\"}]}",
    ),
    ("taskHistory.json", "[{\"id\":\"1784973600000\",\"cwdOnTaskInitialization\":\"/work/a\"}]"),
    (
        "api_conversation_history.json",
        "[{\"role\":\"user\",\"ts\":1784973600500,\"content\":[{\"type\":\"text\",\"text\":\"<model>kimi-k3</model>\"}]}]",
    ),
    ("s1/s1.json", "{\"cwd\":\"/work/a\"}"),
    ("globalState.json", "{\"moonshotApiLine\":\"china\"}"),
    ("kimi.json", "{\"work_dirs\":[{\"path\":\"/work/a\",\"last_session_id\":\"one\"}]}"),
    (
        "settings.json",
        "{\"env\":{\"ANTHROPIC_BASE_URL\":\"https://api.moonshot.cn/anthropic\",\"ANTHROPIC_AUTH_TOKEN\":\"x\"}}",
    ),
];

/// Databases in which programs keep their sessions: where each is, and what makes one.
pub(crate) const LOG_DATABASES: &[(&str, &str)] = &[
    (
        ".local/share/opencode/opencode.db",
        r#"CREATE TABLE message (id TEXT PRIMARY KEY, session_id TEXT NOT NULL, time_created INTEGER, time_updated INTEGER, data TEXT NOT NULL);
CREATE TABLE part (id TEXT PRIMARY KEY, message_id TEXT NOT NULL, data TEXT NOT NULL);
CREATE INDEX part_message_id_id_idx ON part (message_id, id);
INSERT INTO message VALUES ('msg_1', 'ses_1', 1784973600000, 1784973604000, '{"role":"assistant","providerID":"moonshotai","modelID":"kimi-k3","path":{"cwd":"/work/a"},"time":{"created":1784973600000,"completed":1784973604000},"tokens":{"input":31,"output":7,"reasoning":2,"cache":{"read":64,"write":0},"total":104}}');
INSERT INTO message VALUES ('msg_2', 'ses_1', 1784973605000, 1784973605000, '{"role":"user","time":{"created":1784973605000}}');
INSERT INTO part VALUES ('prt_1', 'msg_1', '{"type":"step-finish","tokens":{"input":31,"output":7,"reasoning":2,"cache":{"read":64,"write":0},"total":104}}');"#,
    ),
    (
        "work/.crush/crush.db",
        "CREATE TABLE sessions (id TEXT PRIMARY KEY, prompt_tokens INTEGER, completion_tokens INTEGER, created_at INTEGER, updated_at INTEGER);
CREATE TABLE messages (id TEXT PRIMARY KEY, session_id TEXT, role TEXT, model TEXT, provider TEXT, created_at INTEGER);
INSERT INTO sessions VALUES ('c1', 18000, 900, 1784973600, 1784973900);
INSERT INTO messages VALUES ('m1', 'c1', 'assistant', 'kimi-k3', 'moonshot', 1784973700);",
    ),
    (
        ".local/share/goose/sessions/sessions.db",
        r#"CREATE TABLE sessions (id TEXT PRIMARY KEY, working_dir TEXT, created_at TIMESTAMP, updated_at TIMESTAMP, accumulated_input_tokens INTEGER,
  accumulated_output_tokens INTEGER, provider_name TEXT, model_config_json TEXT);
CREATE TABLE usage_ledger (id INTEGER PRIMARY KEY, session_id TEXT, created_timestamp INTEGER, model TEXT, input_tokens INTEGER,
  output_tokens INTEGER, cache_read_tokens INTEGER, cache_write_tokens INTEGER, cost_source TEXT);
INSERT INTO sessions VALUES ('20260725_1', '/work/a', '2026-07-25 10:00:00', '2026-07-25 10:05:00', 900, 40, 'moonshot', '{"model_name":"kimi-k3"}');
INSERT INTO usage_ledger VALUES (1, '20260725_2', 1784973600, 'kimi-k3', 100, 9, 64, 2, 'estimated');"#,
    ),
    (
        ".local/share/zed/threads/threads.db",
        r#"CREATE TABLE threads (id TEXT PRIMARY KEY, summary TEXT, updated_at TEXT, data_type TEXT, data BLOB);
INSERT INTO threads VALUES ('t1', 's', '2026-07-25T10:00:04Z', 'json', '{"model":{"provider":"moonshotai","model":"kimi-k3"},"cumulative_token_usage":{"input_tokens":70,"output_tokens":9}}');
INSERT INTO threads VALUES ('t2', 's', '2026-07-25T10:00:05Z', 'zstd', X'28B52FFD0458210000616263');"#,
    ),
];

/// A recorded history, a record a line.
pub(crate) const REPLAY: &str = r#"{"type":"reading","at":"2026-09-23T02:00:00Z","account":"work","source":"kimi-code","region":"china","plan":"Pro","meters":[{"meter":"5h","used_percent":43.72,"used":"44","limit":"100","resets_at":"2026-09-23T06:47:09.122865Z","conflict":false},{"meter":"week","used_percent":62,"resets_at":"2026-09-23T02:08:00Z"},{"meter":"month","used_percent":78.77,"used":null,"limit":null,"resets_at":"2026-10-17T00:00:00Z","conflict":false}],"wallet":{"enabled":true,"balance":{"amount":"3.152507","currency":"CNY"},"month_used":{"amount":"0.50","currency":"CNY"},"month_cap":{"amount":"100.00","currency":"CNY"}},"balance":null,"limits":{"concurrency":20,"requests_per_minute":null,"tokens_per_minute":null,"tokens_per_day":null},"not_understood":[]}
{"type":"usage","at":"2026-09-23T02:01:00Z","account":"work","model":"kimi-k3","input":11592,"cache_read":11264,"cache_write":10,"cache_write_1h":4,"output":504,"project":"/work/a"}
{"type":"reading","at":"2026-09-23T02:05:00Z","account":"work","source":"kimi-code","region":"china","plan":"Pro","meters":[{"meter":"5h","used_percent":45.5,"used":"46","limit":"100","resets_at":"2026-09-23T06:47:09.122865Z"},{"meter":"week","used_percent":63,"resets_at":"2026-09-23T02:08:00Z"},{"meter":"month","used_percent":79}]}
{"type":"incident","at":"2026-09-23T02:06:00Z","id":"i1","state":"open","impact":"minor","title":"Elevated errors","known_at":"2026-09-23T02:07:00Z"}
{"type":"announcement","at":"2026-09-23T02:07:10Z","id":"n1","title":"Quota","text":"All weekly quotas were restored","detail":"Thank you","from":"2026-09-23T02:00:00Z","until":"2026-09-24T02:00:00Z","audience":{"region":"china","levels":[25,30],"goods_version":2}}
{"type":"announcement","at":"2026-09-23T02:07:20Z","id":"n2","text":"All balances are shown late"}
{"type":"failure","at":"2026-09-23T02:07:30Z","account":"work","kind":"server-error"}
{"type":"reading","at":"2026-09-23T02:10:00Z","account":"work","source":"kimi-code","region":"china","meters":[{"meter":"5h","used_percent":95,"resets_at":"2026-09-23T06:47:09.122865Z"},{"meter":"week","used_percent":1,"resets_at":"2026-09-30T02:08:00Z"}]}
{"type":"reading","at":"2026-09-23T02:00:00Z","account":"api","source":"platform","region":"global","meters":[],"balance":{"currency":"USD","available":"49.58894","voucher":"46.58893","cash":"3.00001"}}
{"type":"reading","at":"2026-09-23T02:05:00Z","account":"api","source":"platform","region":"global","meters":[],"balance":{"currency":"USD","available":"9.58894","voucher":"6.58893","cash":"3.00001"}}
{"type":"finding","kind":"anomaly","class":"accelerated","account":"work","meter":"week","from":"2026-09-23T02:00:00Z","to":"2026-09-23T02:05:00Z","detected_at":"2026-09-23T02:05:00Z","observed":14.0,"expected_low":2.1,"expected_high":4.0,"unit":"percent","confidence":0.97,"explanation":"e","evidence":["a"]}
"#;

/// Stored settings.
pub(crate) const SETTINGS: &str = r#"{"poll_seconds":300,"poll_seconds_busy":60,"meter_thresholds":[75,90,100],"balance_thresholds":[{"amount":"20","currency":"CNY"},{"amount":"3","currency":"USD"}],"notify_resets":true,"notify_early_resets":true,"notify_refusals":true,"notify_anomalies":true,"notifications":true,"quiet_hours":["22:00:00","08:00:00"],"timezone":"Asia/Shanghai","language":"zh-CN","theme":"dark","start_at_login":false,"status_page":true,"keep_raw_days":90,"log_homes":["/work/logs"],"worth_currency":"CNY","hidden_projects":["secret"]}"#;

/// Requests to the local interface: method and path, and a body.
#[cfg(unix)]
pub(crate) const REQUESTS: &[(&str, &str)] = &[
    ("GET /v1/agent", ""),
    ("GET /v1/overview", ""),
    ("GET /v1/history?by=day&from=2026-11-01&to=2026-11-20&account=1", ""),
    ("GET /v1/usage?by=model&from=2026-11-01&to=2026-11-20&account=none", ""),
    ("GET /v1/findings?account=1&before=5&limit=20", ""),
    ("GET /v1/findings/1/case", ""),
    ("GET /v1/findings/1/claim?language=zh-CN", ""),
    ("GET /v1/hindsight?account=1", ""),
    ("GET /v1/incidents?from=2026-11-01T00:00:00Z&to=2026-11-20T00:00:00Z", ""),
    ("GET /v1/report?from=2026-11-01&to=2026-11-20&account=1&format=html&language=zh-CN", ""),
    ("GET /v1/export?format=csv&from=2026-11-01&to=2026-11-20&account=1", ""),
    ("GET /v1/accounts", ""),
    ("GET /v1/settings", ""),
    ("GET /v1/vault", ""),
    ("GET /v1/events", ""),
    ("POST /v1/findings/seen", r#"{"ids":[1,2,3]}"#),
    ("POST /v1/findings/1/mark", r#"{"as":"mine"}"#),
    (
        "POST /v1/accounts",
        r#"{"name":"work","source":"platform","region":"china","base_url":null,"base_url_confirmed":false,"key":{"kind":"this-run","key":"sk-kimi-PlantedKeyAbCdEf0123456789"},"untested":true}"#,
    ),
    (
        "POST /v1/accounts",
        r#"{"name":"env","source":"kimi-code","region":"global","key":{"kind":"environment","name":"NO_SUCH_VARIABLE"},"untested":true}"#,
    ),
    (
        "POST /v1/accounts/test",
        r#"{"source":"platform","region":"china","base_url":"http://127.0.0.1:9/v1","key":{"kind":"this-run","key":"sk-kimi-PlantedKeyAbCdEf0123456789"}}"#,
    ),
    ("PATCH /v1/accounts/1", r#"{"name":"new name","key":{"kind":"environment","name":"NO_SUCH_VARIABLE"}}"#),
    ("DELETE /v1/accounts/999", r#"{"keep_key":true}"#),
    ("PUT /v1/accounts/order", r#"{"ids":[1]}"#),
    ("POST /v1/accounts/999/test", ""),
    (
        "PATCH /v1/settings",
        r#"{"poll_seconds":300,"meter_thresholds":[50,90],"theme":"dark","language":"zh-CN","timezone":"Asia/Shanghai","quiet_hours":["22:00","08:00"],"keep_raw_days":30}"#,
    ),
    ("POST /v1/pause", r#"{"until":"2999-01-01T00:00:00Z"}"#),
    ("POST /v1/resume", "{}"),
    ("POST /v1/show", r#"{"account_id":1}"#),
    ("POST /v1/notifications/test", ""),
];

/// Exports of metrics.
pub(crate) const EXPORTS: &[&str] = &[
    r#"{"resourceMetrics":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"claude-code"}}]},"scopeMetrics":[{"scope":{"name":"com.anthropic.claude_code"},"metrics":[{"name":"claude_code.cost.usage","sum":{"aggregationTemporality":1,"isMonotonic":true,"dataPoints":[{"timeUnixNano":"1794999060000000000","asDouble":0.5}]}},{"name":"claude_code.token.usage","sum":{"aggregationTemporality":1,"isMonotonic":true,"dataPoints":[{"startTimeUnixNano":"1794999000000000000","timeUnixNano":"1794999060000000000","asInt":"321","attributes":[{"key":"type","value":{"stringValue":"input"}},{"key":"model","value":{"stringValue":"kimi-k3[1m]"}},{"key":"session.id","value":{"stringValue":"s-1"}}]},{"startTimeUnixNano":"1794999000000000000","timeUnixNano":"1794999060000000000","asDouble":8192,"attributes":[{"key":"type","value":{"stringValue":"cacheRead"}},{"key":"model","value":{"stringValue":"kimi-k3[1m]"}},{"key":"session.id","value":{"stringValue":"s-1"}}]}]}}]}]}]}"#,
    r#"{"resourceMetrics":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"codex_cli_rs"}}]},"scopeMetrics":[{"metrics":[{"name":"codex.turn.token_usage","histogram":{"aggregationTemporality":1,"dataPoints":[{"timeUnixNano":"1794999070000000000","count":"1","sum":7300,"attributes":[{"key":"token_type","value":{"stringValue":"input"}},{"key":"model","value":{"stringValue":"k3"}}]},{"timeUnixNano":"1794999070000000000","count":"1","sum":410,"attributes":[{"key":"token_type","value":{"stringValue":"output"}},{"key":"model","value":{"stringValue":"k3"}}]}]}}]}]}]}"#,
    r#"{"resourceMetrics":[{"resource":{"attributes":[{"key":"service.instance.id","value":{"stringValue":"i-7"}}]},"scopeMetrics":[{"scope":{"name":"own"},"metrics":[{"name":"gen_ai.client.token.usage","exponentialHistogram":{"aggregationTemporality":2,"dataPoints":[{"startTimeUnixNano":"1794990000000000000","timeUnixNano":"1794999000000000000","sum":950,"flags":0,"attributes":[{"key":"gen_ai.token.type","value":{"stringValue":"input"}},{"key":"gen_ai.provider.name","value":{"stringValue":"moonshot"}},{"key":"gen_ai.request.model","value":{"stringValue":"kimi-k2.6"}},{"key":"server.address","value":{"stringValue":"api.moonshot.cn"}},{"key":"server.port","value":{"intValue":"443"}}]},{"startTimeUnixNano":"1794990000000000000","timeUnixNano":"1794999000000000000","sum":88,"attributes":[{"key":"gen_ai.token.type","value":{"stringValue":"output"}},{"key":"gen_ai.provider.name","value":{"stringValue":"moonshot"}},{"key":"gen_ai.request.model","value":{"stringValue":"kimi-k2.6"}},{"key":"server.address","value":{"stringValue":"api.moonshot.cn"}},{"key":"server.port","value":{"intValue":"443"}}]}]}}]}]}]}"#,
];
