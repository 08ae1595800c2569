# Tidemark，简体中文。窗口、托盘、通知与命令行共用一份词表。
# 本文件与其他语言文件的条目一一对应。

## Words

app-name = Tidemark

# Meters: the quota windows of a membership. `.short` is for the tray, tables and charts.
meter-5h = 5 小时额度
    .short = 5 小时
meter-week = 每周额度
    .short = 每周
meter-month = 每月额度
    .short = 每月
meter-month-code = 每月额度中 Code 的部分
    .short = 月内 Code
# Money. $currency is a code such as CNY.
series-balance = 余额（{ $currency }）
    .short = 余额
series-wallet = 加油钱包（{ $currency }）
    .short = 钱包
series-account = 整个账号

# Sources and regions
source-kimi-code = Kimi Code
    .about = 会员，按时段限额
source-platform = 开放平台
    .about = 预付余额，按 token 计费
region-china = 中国大陆
    .hosts = kimi.com、moonshot.cn
region-global = 国际
    .hosts = kimi.ai、moonshot.ai

plan = 套餐
plan-unknown = 套餐未知

# Money words
balance = 余额
balance-available = 可用
balance-cash = 现金
balance-voucher = 代金券
balance-debt = 欠费
balance-spent-today = 今日消费
balance-spent-month = 本月消费
wallet = 额外用量钱包
wallet-on = 已开启
wallet-off = 未开启
wallet-balance = 剩余
wallet-month-used = 本月已用
wallet-month-cap = 每月上限

# Rate limits
limits = 速率限制
limit-concurrency = 并发请求数
    .short = 并发
limit-requests-per-minute = 每分钟请求数
    .short = 次/分钟
limit-tokens-per-minute = 每分钟 token 数
    .short = token/分钟
limit-tokens-per-day = 每日 token 数
    .short = token/天

# Units and small words
unit-percent = 百分比
unknown = 未知
unknown-mark = –
used = 已用 { $percent }
left = 剩余 { $percent }
over = 超出 { $percent }
resets-in = { $time }后重置
resets-at = { $time }重置
reset-due = 到点待重置
now = 现在
ago = { $time }前
just-now = 刚刚
in-time = { $time }后
days = { $count } 天
hours = { $count } 小时
minutes = { $count } 分钟
seconds = { $count } 秒
days-short = { $count } 天
hours-short = { $count } 小时
minutes-short = { $count } 分
seconds-short = { $count } 秒

# How the values of a card stand
state-waiting = 等待中
    .about = 还没有读数。
state-live = 实时
    .about = 按时读取。
state-stale = 已过时
    .about = 读数比预期的旧。
state-refused = 密钥被拒
    .about = 密钥被拒绝，Tidemark 只会偶尔重试。
state-limited = 受限
    .about = 服务要求稍候。
state-unreachable = 无法连接
    .about = 连不上服务，或服务出错。
state-not-understood = 无法识别
    .about = 服务返回了 Tidemark 无法识别的内容。
state-key-unavailable = 取不到密钥
    .about = 无法从存放处取得密钥。

# Failures of a look at an account, by the word of their kind
failure-rate-limited = 触发限速
    .advice = 达到了速率限制。Tidemark 会按服务要求的时间等待，然后再读取。
failure-overloaded = 服务过载
    .advice = 服务繁忙，与你的账号无关；等一等就好，充值没有帮助。
failure-out-of-balance = 余额不足
    .advice = 账号余额已用完，或因此被停用。请到开放平台控制台充值。
failure-window-exhausted = 额度用完
    .advice = 这一时段的额度已用完，重置后恢复。
failure-membership-lapsed = 没有有效会员
    .advice = 会员已到期或无法验证，请到 Kimi 账号页面查看。
failure-unauthorized = 密钥被拒
    .advice = 服务不接受这个密钥。它可能已被删除，或属于另一个区域。请更换密钥。
failure-forbidden = 没有权限
    .advice = 密钥有效但没有权限。请在控制台检查它的权限和 IP 白名单。
failure-not-found = 地址不存在
    .advice = 这个地址上没有该服务。请检查账号的接口地址。
failure-server-error = 服务出错
    .advice = 服务内部出错，Tidemark 会自动重试。
failure-gateway-timeout = 网关超时
    .advice = 服务没有及时响应它的网关，Tidemark 会自动重试。
failure-content-filtered = 内容被拒
    .advice = 服务拒绝了请求的内容。
failure-bad-request = 请求被拒
    .advice = 服务没有接受请求。如果一直如此，说明服务已变更：请查找 Tidemark 的新版本。
failure-network = 没有连接
    .advice = 连不上服务。请检查网络、代理和防火墙，Tidemark 会自动重试。
failure-timeout = 响应超时
    .advice = 服务没有及时响应，Tidemark 会自动重试。
failure-not-understood = 无法识别的响应
    .advice = 回应的可能不是服务本身，例如代理或网络登录页。如果不是，说明服务已变更：请查找 Tidemark 的新版本。
failure-key-unavailable = 取不到密钥
    .advice = 无法从存放处取得密钥。
failure-unknown = 未知错误
    .advice = Tidemark 不认识这个响应，详情见下。

# The keyring, as last seen
keyring-ready = 密钥环可用
    .advice = 密钥保存在系统密钥环中。
keyring-absent = 没有密钥环
    .advice = 系统中没有运行密钥环。请启动一个（例如 GNOME Keyring、KWallet 或 KeePassXC），或把密钥存入加密文件。
keyring-locked = 密钥环已锁定
    .advice = 密钥环已锁定。请解锁，并回应它的提示框。
keyring-denied = 密钥环拒绝访问
    .advice = 密钥环不允许 Tidemark 读取密钥。请在密钥环程序中允许，或重新输入密钥。
keyring-gone = 密钥环已退出
    .advice = 密钥环曾经可用，现在不见了。请重新启动它，Tidemark 会自动发现。
keyring-unknown = 尚未访问密钥环
    .advice = 到目前为止还没有用到密钥环。

# Where a key is kept
credential-keyring = 系统密钥环
credential-encrypted-file = 加密文件
credential-environment = 环境变量
credential-this-run = 仅本次运行
credential-kimi-code-login = Kimi Code 登录

# Errors of a request, by their stable code
error-name-taken = 这个名称已被使用
    .advice = 请换一个名称。
error-name-empty = 名称为空
    .advice = 请给账号起个名称。
error-no-such-account = 账号已不存在
    .advice = 它已被移除。
error-key-empty = 密钥为空
    .advice = 请粘贴密钥。
error-key-shape-unknown = 这不像 Kimi 的密钥
    .advice = Kimi Code 密钥以 sk-kimi- 开头，开放平台密钥以 sk- 开头。如果确定无误，请自行选择来源。
error-key-refused = 密钥被拒
    .advice = 尝试过的服务都不接受这个密钥。请检查它是否完整、是否已被删除。
error-key-test-failed = 无法测试密钥
    .advice = 连不上服务。请重试，或不经测试直接添加。
error-bad-base-url = 接口地址不可用
    .advice = 必须是 https，或本机上的 http，且不含用户名、密码、查询参数或片段。
error-keyring-absent = 没有密钥环
    .advice = 系统中没有运行密钥环。请启动一个，或把密钥存入加密文件，或仅在本次运行中保留。
error-keyring-locked = 密钥环已锁定
    .advice = 请解锁密钥环并回应它的提示框，然后重试。
error-keyring-denied = 密钥环拒绝访问
    .advice = 密钥环不允许 Tidemark 访问。请在密钥环程序中允许，然后重试。
error-keyring-gone = 密钥环已退出
    .advice = 密钥环曾经可用，现在不见了。请重新启动它，然后重试。
error-no-such-entry = 找不到密钥
    .advice = 密钥环或文件中已没有这一项。请重新输入密钥。
error-variable-unset = 环境变量未设置
    .advice = 后台程序的环境中没有这个变量。请在启动它的地方设置，然后重新启动。
error-login-missing = 没有 Kimi Code 登录
    .advice = 没有找到 Kimi Code 命令行的登录。请先在那里登录，然后重试。
error-login-stale = Kimi Code 登录已过期
    .advice = 请使用一次 Kimi Code 命令行，它会自行更新登录；Tidemark 只读取、不更新。
error-file-locked = 密钥文件已锁定
    .advice = 请输入它的口令。
error-file-missing = 没有密钥文件
    .advice = 第一次把密钥存入文件时会自动创建。
error-wrong-passphrase = 口令不正确
    .advice = 请重试。没有口令就无法打开文件。
error-passphrase-needed = 需要口令
    .advice = 请设定保护密钥文件的口令。
error-file-damaged = 密钥文件已损坏
    .advice = 请从备份恢复，或删除它并重新输入密钥。
error-io = 无法读写文件
    .advice = 请检查数据目录的剩余空间和权限。
error-bad-request = 请求无法识别
    .advice = 窗口与后台程序的版本可能不同，请重新启动两者。
error-bad-setting = 这个设置不可用
    .advice = 请检查填写的值。
error-unknown-zone = 未知时区
    .advice = 请从列表中选择。
error-not-found = 未找到
    .advice = 窗口与后台程序的版本可能不同，请重新启动两者。
error-unauthorized = 未获授权
    .advice = 请从 Tidemark 重新打开窗口。
error-agent-unreachable = 后台程序没有响应
    .advice = 它可能已经退出，请重新启动。
error-store = 无法读写历史数据
    .advice = 请检查数据目录的剩余空间和权限。
error-notifications-unavailable = 没有通知服务
    .advice = 此桌面目前无法显示通知。Tidemark 会保留并稍后重试。
error-demo = 示例数据中不可用
    .advice = 请先退出示例数据。
error-internal = 出了点问题
    .advice = 详情见下。如果一直如此，请反馈给我们。
error-other = 出了点问题
    .advice = 详情见下。

# Trouble of the engine itself
trouble-disk-full = 磁盘已满
    .advice = 读数无法保存。请腾出一些空间，Tidemark 会自动继续。
trouble-database-damaged = 历史数据已损坏
    .advice = Tidemark 仍会显示实时数值。请从备份恢复数据目录，或将其移走以重新开始。
trouble-database-read-only = 历史数据无法写入
    .advice = 请检查数据目录的权限。
trouble-clock-jumped = 系统时钟跳变
    .advice = 系统时钟被大幅调整，前后的时间可能有偏差。
trouble-other = 后台程序出现问题
    .advice = 详情见下。

# Findings
finding-anomaly = 异常
finding-reset = 重置
finding-credit = 入账
finding-expiry = 过期
finding-limit-change = 限额变更
finding-plan-change = 套餐变更
finding-recovered = 已返还
finding-failure = 读取失败
finding-other = 其他
anomaly-wipe-out = 骤然清空
    .about = 额度或余额一次性被清空或几近清空，没有可以解释的原因。
anomaly-accelerated = 消耗加速
    .about = 一段时间内，同样的用量消耗了此前数倍的额度。
anomaly-unexplained = 无法解释
    .about = 出现扣减，但没有与之对应的用量。
anomaly-impossible = 不可能的消耗
    .about = 超过了账号速率限制在这段时间内所能消耗的量。
anomaly-disagreement = 数值矛盾
    .about = 同一账号的两项额度互相矛盾。
anomaly-overdue-reset = 重置逾期
    .about = 到了应重置的时间却没有重置。
anomaly-clawback = 被收回
    .about = 已给予的额度或重置被收回。
schedule-on-time = 准时
schedule-early = 提前
schedule-late = 延迟
credit-top-up = 充值
credit-voucher = 代金券
credit-refund = 退款
credit-unknown = 款项入账

# The service’s status page
service-none = 一切正常
service-minor = 轻微故障
service-major = 严重故障
service-critical = 重大故障
service-maintenance = 维护中
service-unknown = 状态未知

