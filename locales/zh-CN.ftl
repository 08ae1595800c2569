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
series-wallet = 额外用量钱包（{ $currency }）
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

# The forecast of a window. It is always an estimate, and the word says so.
forecast-lasts = 预计：可用到重置
forecast-lasts-likely = 预计：很可能够用（约 { $count } 成）
forecast-even = 预计：能否用到重置，可能各半
forecast-empty-likely = 预计：很可能在重置前用完（约 { $count } 成）
forecast-empty-within = 预计：很可能用完（约 { $count } 成），大约在 { $span }
forecast-empty-at = 预计：大约在 { $span } 用完
forecast-span = { $from } 至 { $to }
forecast-about = 这是估计：依据此账号最近几周在相近时段的用量，以及眼下的速度推算；它无法知道你接下来的打算。

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
    .advice = 连不上服务。请检查网络、网络代理和防火墙，Tidemark 会自动重试。
failure-timeout = 响应超时
    .advice = 服务没有及时响应，Tidemark 会自动重试。
failure-not-understood = 无法识别的响应
    .advice = 回应的可能不是服务本身，例如网络代理或网络登录页。如果不是，说明服务已变更：请查找 Tidemark 的新版本。
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
error-no-such-account = 没有这个账号
    .advice = 请检查名称；账号也可能已被删除。
error-no-such-finding = 该事件已不存在
    .advice = 其账号已被删除。
error-report-changed = 与生成时不一致
    .advice = 报告在生成后被改动，或并非报告。
error-key-empty = 密钥为空
    .advice = 请粘贴密钥。
error-base-url = 接口地址不可用
    .advice = 必须是 https，或本机上的 http，且不含用户名、密码、查询参数或片段。
error-keyring-absent = 没有密钥环
    .advice = 系统中没有运行密钥环。请启动一个，或把密钥存入加密文件，或仅在本次运行中保留。
error-keyring-locked = 密钥环已锁定
    .advice = 请解锁密钥环并回应它的提示框，然后重试。
error-keyring-denied = 密钥环拒绝访问
    .advice = 密钥环不允许 Tidemark 访问。请在密钥环程序中允许，然后重试。
error-keyring-gone = 密钥环已退出
    .advice = 密钥环曾经可用，现在不见了。请重新启动它，然后重试。
error-keyring-no-answer = 密钥环没有回应
    .advice = 它可能正在某处显示提示框。请回应后重试。
error-keyring-failed = 密钥环出错
    .advice = 密钥环返回了错误。请重试，或把密钥保存在别处。
error-key-missing = 找不到密钥
    .advice = 密钥环或文件中已没有这一项。请重新输入密钥。
error-key-forgotten = 密钥已被忘记
    .advice = 它只在一次运行中保留，而后台程序已经退出过。请重新输入。
error-variable-unset = 环境变量未设置
    .advice = 后台程序的环境中没有这个变量。请在启动它的地方设置，然后重新启动。
error-login-missing = 没有 Kimi Code 登录
    .advice = 没有找到 Kimi Code 命令行的登录。请先在那里登录，然后重试。
error-login-stale = Kimi Code 登录已过期
    .advice = 请使用一次 Kimi Code 命令行，它会自行更新登录；Tidemark 只读取、不更新。
error-login-unreadable = 无法读取 Kimi Code 登录
    .advice = 登录文件的格式不同，或无权打开。请改用密钥。
error-login-other-region = Kimi Code 登录属于另一个区域
    .advice = 请用 Kimi Code 命令行登录此区域，或改用密钥。
error-file-locked = 密钥文件已锁定
    .advice = 请输入它的口令。
error-wrong-passphrase = 口令不正确
    .advice = 请重试。没有口令就无法打开文件。
error-passphrase-empty = 需要口令
    .advice = 请设定保护密钥文件的口令。
error-passphrase-short = 口令太短
    .advice = 至少 8 个字符，最好用四个随机的词。
error-file-damaged = 密钥文件已损坏
    .advice = 请从备份恢复，或删除它并重新输入密钥。
error-io = 无法读写文件
    .advice = 请检查数据目录的剩余空间和权限。
error-disk-full = 磁盘已满
    .advice = 请腾出一些空间，然后重试。
error-database = 无法读写历史数据
    .advice = 请检查数据目录的剩余空间和权限。
error-settings = 这个设置不可用
    .advice = 请检查填写的值。
error-start-at-login = 无法更改登录时启动
    .advice = 请检查自动启动目录的权限。
error-notifications = 通知未能显示
    .advice = 此桌面没有通知服务响应。
error-just-now = 刚刚读取过
    .advice = 请稍等片刻再试。
error-bad-request = 请求无法识别
    .advice = 窗口与后台程序的版本可能不同，请重新启动两者。
error-no-such-route = 后台程序不认识这个请求
    .advice = 窗口与后台程序的版本可能不同，请重新启动两者。
error-token = 未获授权
    .advice = 请用含令牌的完整地址重新打开窗口。
error-agent-unreachable = 后台程序没有响应
    .advice = 它可能已经退出，请重新启动。
error-agent-missing = 找不到后台程序
    .advice = 请重新安装 Tidemark，其中应包含命令行程序。
error-agent-failed = 后台程序未能启动
    .advice = 详情见下，请重试。
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
finding-credit = 到账
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
credit-unknown = 款项到账

# The service’s status page
service-none = 一切正常
service-minor = 轻微故障
service-major = 严重故障
service-critical = 重大故障
service-maintenance = 维护中
service-unknown = 状态未知


# 证据报告
report-title = 证据报告
report-lead = 服务方公告了什么、读到了什么、用量能解释什么。
report-span = 时段
report-made = 生成
report-seal = 封印
report-summary = 摘要
report-what = 项目
report-deducted = 已扣减
report-explained = 用量可解释
report-not-explained = 无法解释
report-cannot-tell = 无法判断
report-beyond = 超出预期
report-worth = 按开放平台价格至少值 { $usd } USD（估算）
report-known-use = { $what }：扣减中有 { $percent }% 发生在本机日志记录到用量之时。
report-announced = 公告的内容
report-nothing-announced = 此时段内没有公告。
report-reset = { $what }：{ $schedule }重置，公告时间 { $due }
report-limit = 限制 { $limit } 变更：{ $before } → { $after }
report-plan = 套餐变更：{ $before } → { $after }
report-credit = 到账 { $amount }
report-incident-open = 状态页：“{ $title }”（{ $impact }）
report-incident-over = 状态页：“{ $title }”已结束（{ $impact }）
report-cases = 异常
report-no-case = 此时段内没有发现异常。
report-chart = { $what }：实际观测，以及预期区间
report-confidence = 置信度 { $percent }%
report-mark-mine = 用户说明：是本人所用。
report-mark-reported = 用户已上报。
report-mark-settled = 用户认为已解决。
report-readings = 逐次读数
report-readings-about = 列出 { $all } 次读数中的 { $shown } 次：与前一次不同的读数，以及失败的轮询。全部读数都在本文件所附的数据中。
report-method = 方法
report-method-observed = Tidemark 每隔几分钟向服务查询账号的额度和余额，并保存响应。两次响应之间，它记录扣减了多少、恢复了多少。百分比的精度为末位的一半；跨越读数间隔或重置的变化，以及由此得出的结论，精度较低。
report-method-explained = 用量是本机会话日志记录的请求及其 token。在开放平台上按公布的价格计算；在会员套餐中按同样的价格，再乘以每个额度各自的一个比例，该比例从账号自己的历史中学习。预期是一个区间，已考虑取整、延迟入账、日志缺失和其他设备。
report-method-found = 若扣减超出该区间、与账号的其他额度矛盾、超过速率限制所允许的上限，或远超账号以往的变化，即为一项异常。置信度说明其可靠程度。
report-method-money = 额度以窗口百分比的百分点计，金额以其货币计。为百分点给出的金额是按开放平台价格的估算；会员套餐并不按 token 计费。
report-chain = 完整性
report-chain-about = 本文件附有全部读数、服务的原始响应和各项异常的数据。每条记录的散列是以下内容的 SHA-256：前一个散列、换行、该记录的文本、换行、其原始响应；第一个散列取自“tidemark-report 1”、换行和报告头的文本。最后一个散列即封印。`tidemark report --check FILE` 会重新计算。
report-chain-limits = 事后修改任何记录都会改变封印。请在生成报告时记下封印，或发送给他人：重新制作整份报告会得到新的封印。
report-bodies = 原始响应
report-bodies-about = 上述读数时服务响应中的额度部分。密钥和个人信息已去除。其余响应都在本文件所附的数据中。


## Window

page-overview = 概览
page-history = 历史
page-use = 用量
page-findings = 事件
page-accounts = 账号
page-settings = 设置
pages = 页面
skip = 跳到内容
opens-outside = （在窗口外打开）
line-connecting = 正在连接…
line-connected = 已连接
line-lost = 未连接
agent-lost = 后台程序负责读取你的账号。此窗口会自动尝试重新连接。
agent-start = 启动后台程序

# Everyday buttons
refresh = 刷新
refresh-one = 刷新 { $name }
try-again = 重试
details = 详情
cancel = 取消
close = 关闭
save = 保存
hide = 隐藏
saved = 已保存
working = 请稍候…
new = 新
account = 账号
all-accounts = 全部账号
from = 从
to = 到

# What a manual refresh did
refresh-polling = 正在读取 { $count } 个账号。
refresh-left-just-now = { $count ->
    [1] { $name } 刚刚读取过，未再读取。
   *[other] { $count } 个账号刚刚读取过，未再读取。
}
refresh-left-retry-after = { $count ->
    [1] { $name } 未读取：服务要求稍候。
   *[other] { $count } 个账号未读取：服务要求稍候。
}
refresh-nothing = 没有可刷新的账号。

# Times
tomorrow-at = 明天 { $time }
yesterday-at = 昨天 { $time }
weekday-at = { $day } { $time }
day-at = { $day } { $time }
since = 自 { $time } 起
from-to = { $before } → { $after }
none-before = 无
between = { $from } 至 { $to } 之间

# Overview
pause = 暂停
pause-hour = 1 小时
pause-tomorrow = 到明天
paused = 已暂停至 { $time }
    .about = 在此之前不会读取任何账号。
resume = 继续
demo = 示例数据
    .about = 这里的一切均由内置模拟器生成。
demo-leave = 退出示例数据
no-tray = 此桌面没有托盘
    .about = Tidemark 会继续在后台读取；托盘出现后图标会自动显示。
no-notifications = 无法显示通知
    .about = 此桌面没有通知服务响应。提醒会先保留，等服务可用后再显示。
service-says = Kimi 状态页：{ $status }
service-read = { $age }读取
open-status-page = 状态页
open-console = Kimi 控制台
unlock = 解锁
unlock-keyring = 解锁密钥环
replace-key = 更换密钥
next-try = { $time }重试
next-look = { $time }再读
read-age = { $age }读取
level-near = 接近上限
level-high = 即将用完
level-full = 已用完
reset-unknown = 重置时间未知
count-of = { $used } / { $limit } 次请求
slice-of = 其中 Code：{ $percent }
conflict = 两个数值不一致
    .about = 服务对同一额度给出了相差超过一个百分点的两个数值，这里显示较大的一个。
unconfirmed = 尚待确认
    .about = 数值下降了，下一次读取会确认是否属实。
trend-label = 最近 24 小时：{ $low } 至 { $high }
no-quota = 此账号没有额度，也没有余额。
not-understood = 响应中有 { $count } 处无法识别
    .about = 其余内容照常显示。新版 Tidemark 或许认识这些：
unseen-findings = { $count } 条新事件

# History
span = 时间范围
span-7d = 7 天
span-30d = 30 天
span-90d = 90 天
span-12m = 12 个月
span-custom = 自定义
by = 粒度
by-hour = 按小时
by-day = 按天
by-month = 按月
range = { $from } – { $to } · { $zone }
legend = 图例
deducted = 扣减
of-it-code = 其中 Code
uncertain = 时间不确定
returned = 返还
resets = 重置
last-percent = 期末已用
last-money = 期末余额
coverage = 观测覆盖
not-seen = 未观测
future = 尚未到来
show-table = 表格
show-chart = 图表
show-all = 显示全部 { $count } 张图
chart-keys = 用方向键逐个查看。
history-empty = 这段时间还没有记录。

# Use
use-tokens = token 用量
use-worth = 按开放平台价格折算
    .about = 按公开价格估算；会员套餐并不按 token 计费。
use-requests = 请求
use-input = 新输入
use-cache-read = 读取缓存
use-cache-write = 写入缓存
use-output = 输出
use-cache-hits = 缓存命中率
use-unpriced = 无公开价格
use-models = 按模型
use-projects = 按项目
use-accounts = 按账号
use-busiest = 最忙时段
use-rates = 速率与限额
    .about = 最近 1 分钟、1 小时和 1 天里任意 60 秒内的最大值。服务在请求开始前就计入它最多可能回答的量，因此服务自己的数值可能更高。
use-row = { $requests } 次请求 · 缓存命中 { $hits } · { $worth }
use-empty = 这段时间没有用量。
of-it = 其中 { $name }
all-of = 显示全部 { $count } 项
tokens-requests = { $tokens } token，{ $requests } 次请求
unascribed = 无法归属
    .about = 日志没有说明属于哪个账号。
no-project = 目录未知
rate-minute = 1 分钟
rate-hour = 1 小时
rate-day = 1 天
rate-limit = 限额
logs = 会话日志
logs-reading = 正在读取会话日志，数值尚不完整。
logs-progress = 已读 { $done } / { $files } 个文件
logs-unread = 尚未读取会话日志。
logs-none = 在这台电脑上没有找到会话日志。可在设置中添加其他目录。
logs-looked = 上次读完
logs-files = 日志文件
logs-unreadable = 无法读取的文件
logs-skipped = 无法读取的行
logs-doubtful = 时间可疑的请求
logs-unpriced = 无公开价格
logs-third = 其他服务商（不计入）
logs-missing = 不存在
logs-unwatched = 无法即时察觉变化，每隔几分钟查看一次日志。
format-kimi-code = Kimi Code
format-kimi-cli = Kimi CLI
format-claude-code = Claude Code

# Findings
kind = 类别
all-kinds = 全部
kind-reset = 重置
kind-credit = 到账
kind-anomaly = 异常
kind-change = 变更
kind-failure = 失败
only-unseen = 只看新的
mark-all-seen = 全部标为已读
finding-title-reset = { $what }：{ $schedule }重置
finding-title-anomaly = { $what }：{ $class }
finding-title-credit = { $class } { $amount }
finding-title-expiry = 已过期：{ $amount }
finding-title-limit-change = 限额变更：{ $limit }
finding-title-plan-change = 套餐变更
resets-on-time = { $count } 次准时重置
happened = 发生于
announced = 原定
amount = 金额
confidence = 置信度
evidence = 依据
times = { $count } 次
failure-over = 已结束
failure-lasting = 仍在持续
findings-empty = 还没有任何事件。重置、到账、失败和异常会列在这里。
findings-none-such = 没有此类内容。
show-older = 显示更早的
no-older = 没有更早的了。

# How far a deduction is explained
verdict = 解释
verdict-fully = 可解释
    .about = 日志里的用量可以解释这次扣减。
verdict-partly = 部分可解释
    .about = 日志里的用量只能解释其中一部分。
    .figures = 日志里的用量可以解释其中的 { $low } 至 { $high }。
verdict-not = 无法解释
    .about = 日志通常记有全部用量，但其中没有能解释这次扣减的内容。
verdict-cannot-tell = 无法判断
    .about = 日志没有记下该账号的全部用量，也可能是在别处使用的。
known-use = { $what }：日志可解释 { $percent } 的用量

# What the user says of a finding
mark = 你的判断
mark-any = 任意状态
mark-open = 待处理
    .about = 等你处理，总览会提示。
mark-mine = 是我用的
    .about = 这是你自己的用量，只是日志里没有。Tidemark 会据此了解该账号，不会因此隐藏其他内容。
mark-reported = 已反馈
    .about = 你已告知 Kimi。记录会保留，不再算作待处理。
mark-settled = 已了结
    .about = 已处理完毕。记录会保留，不再算作待处理。

# How sure a finding is
sure-certain = 确定
sure-almost = 几乎可以确定
sure-very = 很可能
sure-likely = 较可能
sure-maybe = 有可能

# The case of a finding
case-chart = { $what }：实际观测与预计范围。表格列出每个数据点。
observed = 观测值
expected = 预计范围
incident = 故障
failed-looks = 读取失败
in-detail = 详细说明
about-it = 查看
go-taken = 当初被扣的
go-returned = 如何返还的
more-open = 另有 { $count } 项

# Files
report = 证据报告
    .about = 带日期、可提交给 Kimi 客服的文档：原定情况、观测情况、你的用量能解释多少，并附原始响应。密钥和个人信息已去除。
export = 导出
    .about = 原样导出记录的历史，供表格或其他程序使用。
format = 格式
file-saved = 已保存：{ $where }

# Accounts
account-add = 添加账号
account-test = 测试
account-name = 名称
account-name-auto = 根据套餐自动命名
account-added = 已添加 { $name }
account-renamed = 已重命名为 { $name }
account-removed = 已删除 { $name }
account-moved = { $name } 现在排在第 { $place } 位，共 { $of } 位
account-move = 移动 { $name }
account-move-hint = 拖动，或用方向键
account-up = 上移 { $name }
account-down = 下移 { $name }
move-up = 上移
move-down = 下移
rename = 重命名
remove = 删除
    .about = 它的历史和保存的密钥会一并删除，无法撤销。
remove-title = 删除 { $name }？
remove-without-key = 删除账号，保留密钥
    .about = 暂时无法访问密钥，因此账号仍在。可等密钥能访问后再试，也可现在就删除账号：密钥会留在原处，名为“Tidemark: { $name }”，可在那里自行删除。
account-removed-key-left = 已删除 { $name }；密钥留在原处
accounts-empty = 还没有账号。
added-on = { $day }添加
key = 密钥
key-show = 显示密钥
key-hide = 隐藏密钥
key-from = 密钥来源
key-from-key = 粘贴密钥
key-from-environment = 环境变量
key-from-kimi-code-login = Kimi Code 登录
key-shape-empty = Tidemark 按格式识别密钥，此时不会发送任何内容。
key-shape-kimi-code = 这是 Kimi Code 密钥。
key-shape-platform = 这是开放平台密钥。
key-shape-unknown = 不是已知的密钥格式，请自行选择来源。
key-place = 保存位置
key-place-keyring = 由你的系统登录保护。
key-place-encrypted-file = 由口令保护，每次启动后需要输入。
key-place-this-run = 后台程序退出后即忘记。
key-elsewhere = 换个地方保存
key-promise = Tidemark 只把密钥发送给 Kimi 官方服务，只用来读取额度和余额，并只保存在你选择的地方。
key-replaced = { $name } 已更换密钥
source = 来源
region = 区域
choose-auto = 自动判断
choose-both = 两者都试
variable = 变量名
    .about = 取自后台程序的环境，只记住变量名。
login-found = 找到{ $region }的登录。
login-fresh = 有效至 { $time }。
login =
    .about = Tidemark 只在它有效时读取，从不续期或改动。
passphrase = 口令
    .about = 至少 8 个字符，最好用四个随机的词。无法找回，Tidemark 也不会保存它。
passphrase-new = 新口令
advanced = 高级
base-url = 接口地址
    .about = 代替官方地址：https，或本机上的 http。
more-choices = 更多选项
add-untested = 不测试，直接添加
test-ok = 密钥可用：{ $source }，{ $region }

# First start
welcome = 欢迎使用 Tidemark
    .about = 看清 Kimi 额度和余额还剩多少、用到了哪里。
welcome-key = 粘贴你的密钥
welcome-login = 使用 Kimi Code 登录
welcome-login-use = 使用此登录
welcome-demo = 先随便看看
    .about = 用几个虚构的账号展示 Tidemark 的功能。
welcome-demo-use = 打开示例数据

# Settings
settings-look = 外观
settings-polling = 读取
settings-notifications = 通知
settings-program = 程序
language = 语言
theme = 主题
theme-light = 浅色
theme-dark = 深色
as-system = 跟随系统
zone = 时区
    .about = 按此时区划分日和月，旅行时也不变。
nothing-found = 没有找到
poll-every = 读取间隔
    .about = 平时对每个账号。
poll-busy = 加快读取
    .about = 正在使用，或某项额度超过 80% 时。
status-page = 读取 Kimi 状态页
    .about = 在数值旁显示故障信息，不会发送密钥。
notifications = 桌面通知
thresholds = 用量提醒（百分比）
    .about = 每个周期、每项额度各提醒一次。
thresholds-wrong = 请填写 { $low } 到 { $high } 的整数，最多 { $most } 个。
balance-below = 低于此金额时提醒（{ $currency }）
amount-wrong = 请填写金额，例如 10 或 2.50。
never = 从不
notify-resets = 额度准时重置时提醒
notify-early = 提前或延迟重置、款项到账时提醒
notify-refusals = 密钥被拒时提醒
notify-anomalies = 扣减无法解释时提醒，返还时也提醒
quiet = 免打扰时段
    .about = 通知会推迟到时段结束后。
notification-try = 看看通知能否送达
notification-test = 发送测试
notification-sent = 测试通知已发送
start-at-login = 登录时启动
    .about = 只启动后台程序，不打开窗口。
keep-raw = 原始读数保留
    .about = 每日和每小时的汇总始终保留。
keep-all = 一直保留
log-homes = Kimi Code 的其他目录
    .about = 每行一个，Tidemark 只读取其中的日志。
hidden-projects = 导出时隐藏的项目
    .about = 每行一个目录名中的词，* 代表任意文字。导出时项目名写作“hidden”，其数字照常计入。
worth-currency = 价格币种
    .auto = 随账号区域
about = 关于
about-text = 额度如潮水涨落，Tidemark 记下每一道潮痕。
version = 版本
keyring = 密钥环
tray = 托盘
tray-shown = 图标已显示
tray-no-host = 此桌面没有托盘
tray-off = 启动时未启用图标
licence = 许可证
not-official = 并非月之暗面或 Kimi 的官方程序。
help = 键盘快捷键
help-hint = 按 ? 查看键盘快捷键。
help-chart = 逐个查看图表
help-zoom = 细看某天或某月

## Tray and notifications

percent-value = { $value }%
weekday-short = { $day ->
    [mon] 周一
    [tue] 周二
    [wed] 周三
    [thu] 周四
    [fri] 周五
    [sat] 周六
   *[sun] 周日
}
date-short = { $month }月{ $day }日

tray-no-account = 还没有账号
tray-no-reading = 还没有读数
tray-tightest = { $account } · { $meter } { $percent }
tray-reset-in = { $length }后重置
tray-paused = 暂停至 { $moment }
tray-sample = 示例数据
tray-old = { $length }前的数据
tray-refresh = 立即刷新
tray-pause-hour = 暂停 1 小时
tray-pause-tomorrow = 暂停到明天
tray-resume = 恢复
tray-open = 打开 Tidemark
tray-quit = 退出

notify-open = 打开
notify-threshold = { $account }：{ $meter ->
    [five-hour] 5 小时额度
    [week] 每周额度
    [month] 每月额度
   *[month-code] 每月额度中 Code 的部分
}已用 { $percent }
notify-exhausted = { $account }：{ $meter ->
    [five-hour] 5 小时额度
    [week] 每周额度
    [month] 每月额度
   *[month-code] 每月额度中 Code 的部分
}已用完
notify-used-now = 目前 { $percent }
notify-resets-at = { $moment } 重置，还有 { $length }
notify-resets-on = { $moment } 重置，还有 { $length }
notify-reset = { $account }：{ $meter ->
    [five-hour] 5 小时额度
    [week] 每周额度
    [month] 每月额度
   *[month-code] 每月额度中 Code 的部分
}已恢复
notify-reset-early = { $account }：{ $meter ->
    [five-hour] 5 小时额度
    [week] 每周额度
    [month] 每月额度
   *[month-code] 每月额度中 Code 的部分
}提前恢复
notify-reset-late = { $account }：{ $meter ->
    [five-hour] 5 小时额度
    [week] 每周额度
    [month] 每月额度
   *[month-code] 每月额度中 Code 的部分
}延迟恢复
notify-reset-body = 之前已用 { $before }，现在 { $after }
notify-reset-good = 好消息：之前已用 { $before }，现在 { $after }
notify-gives-back = 此前无法解释的扣减已返还
notify-anomaly-wipe-out = { $account }：{ $what }骤然清空
notify-anomaly-accelerated = { $account }：{ $what }比以前消耗得更快
notify-anomaly-unexplained = { $account }：{ $what }无故减少
notify-anomaly-impossible = { $account }：{ $what }减少之快超出速率限制
notify-anomaly-disagreement = { $account }：{ $what }与另一数值矛盾
notify-anomaly-overdue-reset = { $account }：{ $what }到期未恢复
notify-anomaly-clawback = { $account }：{ $what }恢复的部分又被收回
notify-recovered = { $account }：{ $what }失去的已返还
notify-recovered-body = 返还 { $amount }
said-expected = 扣减 { $observed }，预计为 { $low } 至 { $high }
said-expected-most = 扣减 { $observed }，预计至多 { $high }
said-expected-none = 扣减 { $observed }，预计不应扣减
said-factor = 同样的用量，消耗是以前的 { $low } 至 { $high } 倍
said-stands = 目前仍显示已用 { $observed }
said-two-figures = Kimi 给出的两个数值相互矛盾，较大者为已用 { $observed }
said-incident = Kimi 状态页公告：“{ $title }”
the-series = { $series ->
    [five-hour] 5 小时额度
    [week] 每周额度
    [month] 每月额度
    [month-code] 每月额度中 Code 的部分
    [balance] 余额
    [wallet] 钱包
   *[account] 账号
}
points = { $count ->
   *[other] { $value } 个百分点
}
notify-balance = { $account }：余额低于 { $threshold }
notify-wallet = { $account }：钱包低于 { $threshold }
notify-money-left = 剩余 { $amount }
notify-credit = { $account }：到账 { $amount }
notify-refused = { $account }：密钥被拒绝
notify-refused-body = 更换密钥之前，Tidemark 只偶尔重试
notify-test = Tidemark 的通知可以送达
notify-test-body = 提醒就是这个样子

## Command line

help-usage = 用法：
help-options = 选项
help-arguments = 参数
help-commands = 命令
help-after =
    退出状态：0 完成，1 有失败，2 用法错误，3 密钥被拒绝，
    4 被限速或服务过载，5 服务或网络故障，6 无法理解的响应。
help-common =
    .json = 在标准输出上打印 JSON，此外不输出任何内容
    .data-dir = 存放历史与设置的目录
    .timezone = 按哪个时区计算日和月，例如 Asia/Shanghai
    .lang = 输出的语言
    .help = 显示帮助
    .version = 显示版本
    .source = 密钥属于哪个产品
    .region = 两个服务中的哪一个
    .base-url = 代替官方地址的接口地址：https，或仅限本机的 http
    .account = 只看这个账号
    .from = 从这一天或这一刻起：2026-11-01，或 2026-11-01T09:00:00+08:00
    .to = 到这一天为止（含当天），或到这一刻为止
    .name = 账号的名称
    .key-env = 保存密钥的环境变量
    .passphrase-env = 保存加密密钥文件口令的环境变量；不写则在终端询问
help-tidemark = 看清 Kimi 的额度和余额还剩多少，用到了哪里
help-read = 读取一个账号一次，不保存任何内容
    .name = 写入输出的名称
help-explain = 说明一个错误响应的含义；正文从标准输入读取
    .status = 响应的 HTTP 状态码
    .header = 一个响应头；可以给多次
    .source = 哪个产品的响应
help-account = 添加、列出、删除、重命名和测试账号
help-account-add = 添加账号
    .name = 自定的名称
    .key-stdin = 从标准输入读取密钥并保存：默认存入系统密钥环，或由 --keep 指定
    .key-env = 只记住保存密钥的环境变量的名称
    .keep = 标准输入的密钥保存在哪里；文件由口令保护
help-account-list = 列出账号
help-account-remove = 删除账号、它的历史和保存的密钥
    .keep-key = 即使无法访问密钥也删除账号，密钥留在原处
help-account-rename = 给账号改名
    .new-name = 新名称
help-account-test = 用保存的密钥立即读取一次账号；服务要求等待时照样等待
help-poll = 读取每个账号一次，并记住结果
help-agent = 运行后台程序（含托盘与通知），直到被停止
    .no-tray = 不显示托盘图标
    .demo = 使用示例数据：不需要账号和网络，也不触碰你的任何数据
    .listen = 同时在本机地址上提供接口，由令牌保护
    .ui = 窗口代码的目录，一并提供
help-status = 显示最近一次的已知状态，只读历史
    .line = 一行简短的文字，用于状态栏
    .forecast = 同时预计每个额度能否用到重置
help-history = 按小时、日或月显示用量
    .by = 每一段的长度
    .csv = 打印 CSV
help-findings = 显示事件：重置、到账、变更
help-replay = 重新分析记录的历史
    .files = 读数、用量、服务故障和失败的 JSON Lines 文件；不写则读标准输入
help-report = 生成证据报告，或校验一份报告
    .format = 输出方式：适合打印的网页（html），或 JSON（json；不写 --output 时 --json 也是此意）
    .language = 网页的语言
    .output = 要写入的文件；不指定则写到标准输出
    .check = 校验这份报告：是否与生成时一致
help-export = 导出记录的历史
    .format = 写成什么：额度与金额的表格（csv）、一个 JSON 数组（json），或每行一个 JSON（jsonl）；会话日志里的请求只在 JSON 格式中
help-logs = 显示本机会话日志里记录的 token
    .home = 只在这个目录下查找日志，而不是你的主目录
    .by = 每一行按什么汇总；用 JSON 时不写出设置中隐藏的项目名
    .currency = 按开放平台哪种货币的价格计算

cli-not-understood = 未能理解
cli-resets = { $length }后重置（{ $moment }）
cli-reset-unknown = 重置时间未知
cli-conflict = 两个数字不一致
cli-retry-after = 服务要求等待 { $length }。
cli-explain-hint = 正在从标准输入读取响应的正文；按 Ctrl-D 结束。
cli-explain-kind = 类别
cli-explain-limit = 限制
cli-explain-meter = 额度时段
cli-explain-reached = 达到
cli-explain-whose = 属于
cli-explain-wait = 等待
cli-explain-message = 消息
whose-account = 账号
whose-project = 项目
whose-service = 服务方
cli-key-prompt = { $name } 的密钥（不显示）：
cli-passphrase-prompt = 加密密钥文件的口令（不显示）：
cli-account-added = 已添加 { $name }。
cli-account-removed = 已删除 { $name } 及其历史。
cli-account-removed-key-left = 已删除 { $name } 及其历史。无法访问它的密钥，密钥留在原处。
cli-account-renamed = { $name } 现在叫 { $new }。
cli-account-works = { $name } 的密钥可用。
cli-account-none = 还没有账号。添加一个：tidemark account add 名称 --source … --region … --key-stdin
cli-account-env-hint = { $name } 将从执行读取的程序的环境中取得：请在那里也设置它。
cli-column-account = 账号
cli-column-source = 来源
cli-column-region = 区域
cli-column-key = 密钥
cli-column-base-url = 接口地址
cli-column-when = 时间
cli-column-what = 项目
cli-column-used = 已用
cli-column-returned = 恢复
cli-column-coverage = 覆盖
cli-column-last = 期末
cli-column-resets = 重置
cli-column-explained = 可解释
cli-column-finding = 事件
cli-poll-nothing = 没有可读取的：还没有账号。
cli-poll-left-alone = 未读取：{ $name }，{ $moment } 之前不读取（{ $why }）
cli-poll-found = 事件
cli-why-just-now = 刚刚读取过
cli-why-retry-after = 服务要求等待
cli-history-empty = 这段时间没有记录。
cli-logs-empty = 这段时间没有使用 Kimi 模型的记录（读取了 { $files } 个日志）。
cli-logs-by-day = 日期
cli-logs-by-month = 月份
cli-logs-by-model = 模型
cli-logs-by-project = 项目
cli-logs-by-session = 会话
cli-logs-all = 合计
cli-logs-requests = 请求
cli-logs-input = 输入
cli-logs-cache-read = 缓存读取
cli-logs-cache-write = 缓存写入
cli-logs-output = 输出
cli-logs-total = 总计
cli-logs-worth = 价值
cli-logs-estimated = 价值：这些 token 按开放平台价格计算的费用。仅为估算；会员不按 token 计费。
cli-logs-unpriced = 没有公开价格：{ $tokens } 个 token（{ $models }）。
cli-logs-third = 不是 Kimi 的模型，未计入合计：{ $model }，{ $tokens } 个 token。
cli-logs-doubtful = 有 { $count } 个请求的时间不可能正确；已按日志所写的日期计入。
cli-logs-skipped = 有 { $count } 行无法读取。
cli-logs-unreadable = 有 { $count } 个日志文件无法读取。
cli-report-written = 已写入 { $file }。封印：{ $seal }
cli-report-good = 无误：{ $records } 条记录，封印 { $seal }
cli-report-page-unknown = 散列链完整。网页是否与其数据一致无法判断：它由另一版本的 Tidemark 生成。
cli-findings-none = 目前没有事件。
cli-status-age = { $length }前
cli-usage-no-command = 没有这个命令：{ $what }。
cli-usage-no-option = 没有这个选项：{ $what }。
cli-usage-missing = 缺少：{ $what }
cli-usage-value = { $what } 的值不能是 { $value }。
cli-usage-values = 可以是：{ $values }
cli-usage-conflict = { $what } 与 { $other } 不能同时使用。
cli-usage-similar = 是不是想写 { $what }？
cli-usage-more = 更多说明：--help
cli-said = { $what }：{ $message }
cli-passphrase-new = 加密密钥文件的新口令（不显示）：
cli-passphrase-again = 请再输入一次：
cli-advice-keyring-absent = 请启动密钥环后重试，或使用 --keep encrypted-file 或 --key-env。
cli-advice-variable-unset = 请在运行此命令的环境中设置它。
cli-variable-unset = 环境变量 { $name } 未设置；其中应为{ $what ->
        [passphrase] 口令
       *[other] 密钥
    }
cli-variable-no-text = 环境变量 { $name } 的内容不是文本
cli-variable-empty = 环境变量 { $name } 为空；其中应为{ $what ->
        [passphrase] 口令
       *[other] 密钥
    }
cli-no-such-account = { $name }（用 tidemark account list 查看已有的账号）
cli-base-url-no-url = “{ $found }”不是网址；应类似 https://api.kimi.com/coding/v1
cli-base-url-not-secure = 接口地址必须是 https，或本机的 http；现在是“{ $found }”
cli-base-url-decorated = 接口地址不能带用户名、密码、查询或片段
cli-stretch-empty = --from 必须早于 --to
cli-stretch-no-moment = 应为日期（如 2026-11-01）或时刻（如 2026-11-01T09:00:00+08:00），现在是“{ $found }”
cli-report-stretch-empty = --from 必须早于 --to，且不能在将来
cli-report-which = 一份报告只关于一个账号：请用 --account 指定
cli-report-page-is-no-json = --json 输出 JSON：请去掉 --format html，或用 --output 指定网页文件
cli-agent-listen = --listen 只接受本机回环地址，如 127.0.0.1:0，现在是“{ $found }”：其他机器不应能访问此接口
cli-agent-already = { $dir } 已有一个后台程序在运行。
cli-agent-running = Tidemark 正在运行。按 Ctrl-C 结束。

# What to do about an error of the service, in `tidemark explain`.
advice-overloaded = 服务过载。请按要求等待，或等几分钟再试；充值或升级没有帮助。
advice-out-of-balance = 账号余额不足，或因此被停用。请到控制台充值，或查看是否有适用于此模型的代金券。会员额度不能用来支付。
advice-membership-lapsed = 无法验证会员。请到会员页面查看是否有效；如果有效，请稍后再试。
advice-unauthorized = 密钥被拒绝。请确认它完整、没有被删除，并用于签发它的服务：国内与国际服务的密钥互不通用，Kimi Code 与开放平台的也是。
advice-forbidden = 密钥有效，但没有权限。请在控制台查看账号状态、IP 白名单，以及密钥可用的模型和产品。
advice-not-found = 这个地址上什么也没有，或账号无权查看。请检查接口地址和模型名称；已下线的模型也会这样响应。
advice-server-error = 服务内部出错。请稍后再试；如果一直如此，请查看状态页，并把时间和消息告诉客服。
advice-gateway-timeout = 服务没有及时响应它的网关。请稍后再试；较短的或流式的请求更容易成功。
advice-content-filtered = 内容被判定为高风险而拒绝。请修改内容；原样重发结果相同。
advice-bad-request = 请求有误：格式、参数或长度。消息里写明了原因；原样重发结果相同。
advice-network = 连不上服务。请检查网络、网络代理和接口地址；账号的情况不得而知。
advice-timeout = 服务没有及时响应。请稍后再试。
advice-not-understood = 响应无法识别。中间可能隔着网络代理或登录页，也可能服务已变更；请确认接口地址正确、Tidemark 是最新版本。
advice-key-unavailable = 无法从存放处取得密钥。请解锁密钥环、设置环境变量，或重新输入密钥。
advice-unknown-cancelled = 调用方在响应之前就结束了请求。密钥和账号没有问题；请多等一会儿。
advice-unknown = 服务的响应不在已知之列。请稍后再试；如果一直如此，请凭这条消息询问客服。
advice-rate-limited-concurrency-project = 项目同时进行的请求太多。请先等一些完成，或在控制台提高项目的限额。被拒绝的请求不收费。
advice-rate-limited-concurrency = 同时进行的请求太多。请先等一些完成；账号的所有密钥和设备共用这个限额。被拒绝的请求不收费。
advice-rate-limited-requests-per-minute-project = 项目在一分钟内的请求太多。请放慢，或在控制台提高项目的限额。被拒绝的请求不收费。
advice-rate-limited-requests-per-minute = 一分钟内的请求太多。请按要求等待并放慢；账号的所有密钥和模型共用这个限额。被拒绝的请求不收费。
advice-rate-limited-tokens-per-minute-project = 项目在一分钟内的 token 太多。请放慢，或在控制台提高项目的限额。被拒绝的请求不收费。
advice-rate-limited-tokens-per-minute = 一分钟内的 token 太多。请等一分钟并放慢；请求允许的最大输出会预先计入，因此把上限调小会有帮助。被拒绝的请求不收费。
advice-rate-limited-tokens-per-day-project = 项目当天的 token 已用完。请在控制台提高项目的限额，或等到第二天；服务没有说明按哪个时区算一天。
advice-rate-limited-tokens-per-day = 当天的 token 已用完。限额在第二天重置（服务没有说明按哪个时区）；充值达到更高等级后没有每日限额。
advice-rate-limited-service = 服务收到的总请求太多。请等几分钟再试；账号的额度并没有用完。
advice-rate-limited = 请求太多。请按要求等待，或等一分钟，并放慢。被拒绝的请求不收费。
advice-window-exhausted-5h = 5 小时额度已用完，到显示的重置时间恢复；如果开启了额外用量钱包，在此之前可继续使用。
advice-window-exhausted-week = 每周额度已用完，7 天结束时（显示的重置时间）恢复；如果开启了额外用量钱包，在此之前可继续使用。
advice-window-exhausted-month = 每月额度已用完，Kimi Code 也一样，下个计费周期恢复；如果开启了额外用量钱包，在此之前可继续使用。
advice-window-exhausted = 有一个时段的额度已用完，服务没有说明是哪个。额度显示里可以看到是哪一个、何时恢复。
