# Tidemark，简体中文。窗口、托盘、通知与命令行共用一份词表。
# 本文件与其他语言文件的条目一一对应。写法见 docs/style.md。

## Words

app-name = Tidemark

# 会员套餐的额度。`.short` 用于托盘、表格和图表。
meter-5h = 5 小时额度
    .short = 5 小时额度
meter-week = 每周额度
    .short = 每周额度
meter-month = 每月额度
    .short = 每月额度
meter-month-code = 每月额度的 Kimi Code 部分
    .short = 其中 Kimi Code
# 金额。$currency 是 CNY 这样的代码。
series-balance = 余额{ $currency ->
    [CNY] （人民币）
    [USD] （美元）
   *[other] （{ $currency }）
}
    .short = 余额
series-wallet = 加油包{ $currency ->
    [CNY] （人民币）
    [USD] （美元）
   *[other] （{ $currency }）
}
    .short = 加油包
series-account = 整个账号

# 来源与区域
source-kimi-code = Kimi Code
    .about = 会员套餐，分时段额度
source-platform = 开放平台
    .about = 预付余额，按 token 计费
region-china = 中国大陆
    .hosts = kimi.com、moonshot.cn
region-global = 国际
    .hosts = kimi.ai、moonshot.ai

plan = 套餐

# 金额
balance = 余额
balance-available = 可用余额
balance-cash = 现金余额
balance-voucher = 代金券余额
balance-debt = 欠费
balance-spent-today = 今日扣减
balance-spent-month = 本月扣减
wallet = 加油包
wallet-on = 已开通
wallet-off = 未开通
wallet-frozen = 已冻结
wallet-balance = 余额
wallet-month-used = 本月已用
wallet-month-cap = 每月上限

# 限速
limits = 限速
limit-concurrency = 并发请求数
    .short = 并发
limit-requests-per-minute = 每分钟请求数
    .short = RPM
limit-tokens-per-minute = 每分钟 token 数
    .short = TPM
limit-tokens-per-day = 每天 token 数
    .short = TPD

# 单位与短语
unknown = 未知
unknown-mark = –
used = 已用 { $percent }
left = 剩余 { $percent }
over = 超出 { $percent }
resets-in = { $time }后重置
reset-due = 应已重置，等待更新
reset-since = { $moment } 已重置，此后未更新
# 后面接“更新”“重试”。
now = 即将
ago = { $time }前
just-now = 刚刚
in-time = { $time }后
days = { $count } 天
hours = { $count } 小时
minutes = { $count } 分钟
seconds = { $count } 秒
weeks-short = { $count } 周
days-short = { $count } 天
hours-short = { $count } 小时
minutes-short = { $count } 分钟
seconds-short = { $count } 秒
# 代码拼接文字时所用的标点。
label-value = { $name }：{ $value }
list-two = { $first }、{ $second }
list-and = { $first }、{ $second }
clause-two = { $first }，{ $second }
with-note = { $text }（{ $note }）
sentence = { $text }。
sentence-two = { $first }。{ $second }
# 服务或系统给出的原文。
quoted = “{ $text }”
raw-text = 原文：“{ $text }”
    .label = 原文：

# 额度的预计。措辞与可能性一致：55% 起“更可能”，75% 起“预计”，95% 起“几乎肯定”。$chance 形如 80%。
forecast-lasts = 重置前几乎肯定够用（可能性超过 90%）
forecast-lasts-likely = 预计重置前够用（可能性约 { $chance }）
forecast-lasts-rather = 重置前更可能够用（可能性约 { $chance }）
forecast-even = 重置前是否够用，现在还难以判断
forecast-empty-rather = 更可能在重置前用完（可能性约 { $chance }）
forecast-empty-likely = 预计会在重置前用完（可能性约 { $chance }）
forecast-empty-certain = 几乎肯定会在重置前用完（可能性超过 90%）
forecast-empty-rather-within = 更可能用完（{ $span }，可能性约 { $chance }）
forecast-empty-within = 预计会用完（{ $span }，可能性约 { $chance }）
forecast-empty-at = 几乎肯定会用完（{ $span }，可能性超过 90%）
# 其他地方的可能性：“约 80%”“超过 90%”。
chance-about = 约 { $percent }
chance-over = 超过 { $percent }
forecast-span = { $from } – { $to }
# 这段时间到周期结束为止。
forecast-span-open = { $from } 起
forecast-about = 根据这个账号近期在相近时段的使用情况和当前速度估算。

# 账号的状态
state-waiting = 等待中
    .about = 还没有读数。
state-live = 正常
    .about = 按时更新。
state-polled-through = 与另一账号重复
    .about = 列表中另有一项是同一个 Kimi 账号，最新数值请看那一项。
state-stale = 数据较旧
    .about = 超过预期时间没有更新。
state-refused = 拒绝访问
    .about = 服务不接受密钥，或会员未生效。Tidemark 只会偶尔重试。
state-limited = 受限
    .about = 服务要求稍候，或者额度、余额已用完。
state-unreachable = 无法连接
    .about = 服务出错或连接失败。
state-not-understood = 无法识别
    .about = 无法识别服务返回的内容。
state-key-unavailable = 无法读取密钥
    .about = 无法读取已保存的密钥。
state-debt = 欠费
    .about = 欠费超过可用余额，充值前请求会被拒绝。
state-no-balance = 余额不足
    .about = 余额已用完，充值前请求会被拒绝。
# 没有名称的状态，和有名称的状态；$time 之后没有后台服务的消息。
as-of = 截至 { $time }
state-as-of = { $state }（截至 { $time }）

# 更新失败的种类
failure-rate-limited = 触发限速
    .advice = 已达到限速上限。Tidemark 会按服务要求的时间等待，然后重试。
failure-overloaded = 服务过载
    .advice = 服务繁忙，与你的账号无关，充值没有帮助。
failure-out-of-balance = 余额不足
    .advice = 余额已用完，或账号因此被停用。请到开放平台控制台充值。
failure-window-exhausted = 额度已用完
    .advice = 有一项额度已用完，重置后恢复。
failure-membership-lapsed = 会员已到期或未生效
    .advice = 会员已到期或无法验证，请到 Kimi 账号页面查看。
failure-unauthorized = 密钥无效
    .advice = 服务不接受这个密钥：可能已被删除，或属于另一个区域。请更换密钥；如果账号使用 Kimi Code 的登录或本地服务，请在 Kimi Code 中重新登录。
failure-forbidden = 没有权限
    .advice = 密钥有效，但没有权限。请在控制台检查密钥的权限和 IP 白名单。
failure-forbidden-model = 套餐不含此模型
    .advice = 当前套餐不含这个模型，或不含这种上下文长度。密钥和额度没有问题，请换一个模型或升级套餐。
failure-forbidden-client = 不允许该程序使用
    .advice = 服务不允许这个程序使用该密钥。密钥和额度没有问题。
failure-forbidden-account = 账号已停用
    .advice = 服务已终止该账号的访问，更换密钥没有用。请向 Kimi 客服询问原因。
failure-not-found = 接口或模型不存在
    .advice = 这个地址上没有所请求的接口。请检查账号的接口地址。
failure-server-error = 服务出错
    .advice = 服务内部出错，Tidemark 会自动重试。
failure-gateway-timeout = 服务端网关超时
    .advice = 服务端网关超时，Tidemark 会自动重试。
failure-content-filtered = 内容被拒绝
    .advice = 服务拒绝了请求的内容。
failure-bad-request = 请求被拒绝
    .advice = 服务没有接受请求。如果一直如此，可能是服务有变更，请检查 Tidemark 是否有新版本。
failure-network = 连接失败
    .advice = 无法连接服务。请检查网络、网络代理和防火墙，Tidemark 会自动重试。
failure-timeout = 响应超时
    .advice = 服务没有及时响应，Tidemark 会自动重试。
failure-not-understood = 响应无法识别
    .advice = 返回的内容可能来自网络代理或上网认证页。若不是，可能是服务有变更，请检查 Tidemark 是否有新版本。
failure-key-unavailable = 无法读取密钥
    .advice = 无法读取已保存的密钥。
failure-server-not-running = Kimi Code 本地服务未运行
    .advice = 启动 Kimi Code 后，Tidemark 会自动继续更新；在此之前显示上次的数据。
failure-server-token-refused = Kimi Code 本地服务拒绝了令牌
    .advice = Kimi Code 目录中的令牌与正在运行的本地服务不一致。请重新启动 Kimi Code，它会生成新的令牌。账号本身没有问题。
failure-server-without-usage = Kimi Code 本地服务不提供额度
    .advice = 请更新 Kimi Code 和 Tidemark，或让这个账号改用 Kimi Code 登录或密钥。
failure-server-failed = Kimi Code 本地服务出错
    .advice = Tidemark 会自动重试。如果一直如此，请重新启动 Kimi Code。账号本身没有问题。
failure-server-login-refused = Kimi Code 登录无效
    .advice = 服务不接受 Kimi Code 的登录。请在 Kimi Code 中重新登录，不需要在 Tidemark 中更换密钥。
failure-unknown = 未知错误
    .advice = Tidemark 无法识别这个响应，请查看详情。

# 密钥环最近的状态
keyring-ready = 可用
    .advice = 密钥保存在系统密钥环中。
keyring-absent = 未运行
    .advice = 系统中没有运行密钥环。请启动一个（例如 GNOME Keyring、KWallet 或 KeePassXC），或把密钥存入加密文件。
keyring-locked = 已锁定
    .advice = 请在弹出的窗口中解锁密钥环。
keyring-denied = 拒绝访问
    .advice = 密钥环不允许 Tidemark 读取密钥。请在密钥环程序中允许，或重新输入密钥。
keyring-gone = 已停止
    .advice = 密钥环已停止运行。请重新启动它，Tidemark 会自动连接。
keyring-unknown = 尚未使用
    .advice = 目前还不需要用到密钥环。

# 密钥保存在哪里
credential-keyring = 系统密钥环
credential-encrypted-file = 加密文件
credential-environment = 环境变量
credential-this-run = 仅保存在内存中
credential-kimi-code-login = Kimi Code 登录
credential-kimi-code-server = Kimi Code 本地服务
credential-none = 无（导入的账号）

# 请求出错，按固定的代码
error-name-taken = 这个名称已被使用
    .advice = 请换一个名称。
error-name-reserved = 这个名称已保留
    .advice = “all”和“this”分别表示所有设备和本机，请换一个名称。
error-no-such-account = 没有这个账号
    .advice = 请检查名称，账号也可能已被删除。
error-no-such-finding = 这个事件已不存在
    .advice = 它所属的账号已被删除。
error-report-changed = 校验未通过
    .advice = 报告生成后被修改过，或者这个文件不是证据报告。
error-several-failures = 多个账号更新失败
    .advice = 请查看详情。
error-no-such-machine = 没有这台设备
    .advice = 请检查名称；设备也可能已被移除。
error-machine-ssh-missing = 本机没有 ssh
    .advice = 请安装 OpenSSH 客户端。
error-machine-host-key = 对方的主机密钥未知或已变更
    .advice = 请先在终端里用 ssh 连接一次，核对显示的密钥。
error-machine-permission-denied = 对方拒绝登录
    .advice = 请把公钥加到对方设备，或载入 SSH 代理；这里无法输入密码。
error-machine-unreachable = 连接不上对方
    .advice = 请检查主机名、对方是否开机以及 SSH 配置。
error-machine-no-tidemark = 对方设备上没有 tidemark
    .advice = 请在那里安装；如果不在 PATH 中，请在添加设备时填写路径。
error-machine-older = 对方设备上的 tidemark 版本过旧
    .advice = 请在那里更新。
error-machine-time-out = 交换超时
    .advice = 已收到的记录会保留，下次从那里继续。
error-machine-too-much = 对方发来的内容超出一台设备可能有的数量
    .advice = 请确认对方设备上运行的确实是 Tidemark。
error-machine-not-records = 对方返回的内容不是用量记录
    .advice = 请确认对方的 shell 登录时不输出文字，并且填写的路径就是 tidemark。
error-machine-far-failed = 对方设备上的 tidemark 出错
    .advice = 请在那里运行 tidemark machine export 查看原因。
error-machine-this-machine = 这就是本机
    .advice = 请指定另一台设备。
error-machine-ignored = 这台设备已被忽略
    .advice = 它曾从共享目录中移除。如需重新接收它的用量，请运行：tidemark machine restore 名称
error-machine-added-before = 这台主机或这个目录已经添加过
    .advice = 请直接使用已有的记录交换，或先将其移除。
error-machine-host = 这个主机名不能用于 ssh
    .advice = 请使用 SSH 配置中的名称或 user@host，不含空格，也不以连字符开头。
error-machine-command = 这不是程序的路径
    .advice = 请填写对方设备上 tidemark 的路径。
error-channel-bad-address = 渠道的地址不可用
    .advice = 请使用 https，地址中不要带用户名或密码。
error-channel-private-address = 渠道的地址是内网地址或本机地址
    .advice = 如果确实如此，请加上 --allow-private 重新添加渠道。
error-channel-no-answer = 渠道的服务没有响应
    .advice = 请检查地址和网络。
error-channel-redirected = 渠道的地址被重定向到别处
    .advice = 不会跟随重定向；如果信任目标地址，请直接使用它。
error-channel-rate-limited = 发给该渠道的消息过多
    .advice = 请等几分钟；也可以减少提醒类型或提高级别。
error-channel-service-trouble = 渠道的服务出现故障
    .advice = 请稍后再试。
error-channel-key-refused = 渠道的服务不接受该地址、令牌或签名
    .advice = 请在该服务中重新获取，然后重新添加渠道。
error-channel-refused = 渠道的服务拒绝了这条消息
    .advice = 请检查该服务中的设置，例如关键词。
error-channel-not-understood = 无法理解渠道服务的回应
    .advice = 请检查地址。
error-channel-program-failed = 渠道的程序运行失败
    .advice = 请在终端中运行它，查看原因。
error-channel-key-missing = 无法读取渠道的密钥
    .advice = 请解锁密钥环、在后台服务的环境中设置变量，或重新添加渠道。
error-channel-address-missing = 缺少渠道的地址
    .advice = 请用 --url-stdin、--url-env 或 --url 给出。
error-channel-address-bad = 这个地址不可用
    .advice = 请使用 https（邮件用 smtps 或 smtp），地址中不要带密码。
error-channel-address-private = 这是内网地址或本机地址
    .advice = 如果确实如此，请使用 --allow-private。
error-channel-secret-missing = 缺少机器人的令牌
    .advice = 请用 --secret-stdin 或 --secret-env 给出。
error-channel-secret-again = 渠道的地址已更换
    .advice = 请重新输入令牌或密码：已保存的不会发往其他地址。
error-channel-to = 收件人缺失或不正确
    .advice = 请用 --to 给出 Telegram 会话（例如 -1001234 或 @channel）或邮箱。
error-channel-from = 发件人缺失或不正确
    .advice = 请用 --from 给出邮箱。
error-channel-program = 缺少程序
    .advice = 请用 --program 指定。
error-channel-kind = 没有这种渠道
error-channel-kinds = 没有这种提醒
    .advice = 提醒类型是 threshold、reset、anomaly 等词。
error-channel-quiet = 无法理解免打扰时段
    .advice = 请写成 22:00-08:00。
error-channel-level = 没有这个级别
error-channel-timezone = 没有这个时区
error-channel-digest = 没有这种周期
error-no-such-channel = 没有这个渠道
    .advice = 查看渠道：tidemark channel list
error-machine-folder-missing = 共享目录不存在
    .advice = 请检查路径，以及磁盘或同步程序是否在运行。
error-machine-folder-failed = 共享目录无法读写
    .advice = 请检查写入权限和剩余空间。
error-machine-no-passphrase = 没有设置共享目录的口令
    .advice = 后台服务的环境中也需要设置这个变量。
error-machine-wrong-passphrase = 口令与共享目录不符
    .advice = 所有设备请使用同一个口令。
error-machine-short-passphrase = 新共享目录的口令太短
    .advice = 至少八个字符；四个以上随机的词比较安全。
error-machine-passphrase-unreadable = 无法读取保存的共享目录口令
    .advice = 请解锁密钥环或加密密钥文件。
error-machine-damaged = 共享目录中有文件损坏或尚未同步完
    .advice = 其余文件已读取；写出该文件的设备会在下次交换时重新写出；如果那台设备已不再使用，请删除该文件。
error-machine-store = 交换的记录无法保存
    .advice = 请查看详情。
error-machine-other = 交换失败
    .advice = 请查看详情。
error-hub-unreachable = 无法连接团队库的服务器
    .advice = 请检查地址和网络。待提交的用量仍保存在本机的历史中。
error-hub-time-out = 团队库的服务器没有及时响应
    .advice = 请稍后重试。待提交的用量仍保存在本机的历史中。
error-hub-refused = 团队库的服务器拒绝了用户或密码
    .advice = 请检查密码，可用 --password-env 指定存有密码的环境变量。已被移除的成员需要新的邀请。
error-hub-not-secret = 与团队库服务器的连接无法加密
    .advice = 请在 PostgreSQL 中启用 TLS，证书须受本系统信任并包含该主机名。
error-hub-server-too-old = 服务器的版本低于 PostgreSQL 15
    .advice = 请升级，或使用其他服务器。
error-hub-missing = 该数据库中没有团队库
    .advice = 请用 tidemark hub init URL 创建。
error-hub-already = 该数据库中已有团队库，且当前用户不是所有者
    .advice = 请向所有者索取邀请，或使用其他数据库。
error-hub-newer = 团队库需要更新版本的 Tidemark
    .advice = 请更新 Tidemark。
error-hub-older = 团队库的数据表版本较旧
    .advice = 请所有者运行 tidemark hub init URL 升级数据表。
error-hub-not-a-member = 当前用户不是团队库的成员
    .advice = 请向所有者索取邀请。
error-hub-not-allowed = 你在团队库中的角色不允许此操作
    .advice = 请联系所有者。创建团队库时，数据库用户须有权创建角色和模式。
error-hub-invitation-used = 邀请已被使用或已过期
    .advice = 请索取新的邀请。
error-hub-invitation-damaged = 邀请的内容被改动过
    .advice = 请重新完整复制，或索取新的邀请。
error-hub-last-owner = 你是最后一位所有者，而团队库中还有其他成员
    .advice = 请先邀请另一位所有者：tidemark hub invite --role owner
error-hub-full = 团队库服务器的磁盘已满
    .advice = 请服务器管理员腾出空间，其间不会丢失任何内容。
error-hub-no-such-member = 没有这个名字的成员
    .advice = 查看成员：tidemark hub members
error-hub-yourself = 不能移除自己
    .advice = 如需退出：tidemark hub leave
error-hub-no-such-invitation = 没有这个编号的未使用邀请
    .advice = 查看邀请：tidemark hub members
error-hub-password = 无法读取团队库的密码
    .advice = 如果密码在环境变量中，后台服务也需要该变量；如果密钥环已锁定，请解锁。
error-hub-store = 无法读取本机的历史
    .advice = 请查看详情。
error-hub-failed = 团队库的服务器未能完成操作
    .advice = 请查看详情。
error-key-empty = 密钥为空
    .advice = 请粘贴密钥。
error-key-several-words = 密钥中有空白字符
    .advice = 请只粘贴密钥本身。
error-key-odd-character = 密钥中有不该出现的字符
    .advice = 可能是看不见的字符，或其他文字的字母。请重新复制密钥。
error-variable-name = 这不是环境变量的名称
    .advice = 名称只含字母、数字和下划线；不要填写密钥本身。
error-base-url = 接口地址不可用
    .advice = 必须是 https，或本机上的 http，不能带用户名、密码、查询参数或片段。
error-foreign-address = 密钥没有发送到这个地址
    .advice = 登录凭据和环境变量只用于 Kimi 官方服务。要使用其他地址，请输入专为该地址创建的密钥。
error-name-not-usable = 不能使用这个名称
    .advice = 名称须为 1–60 个字符，写在一行内，不能包含控制字符、不可见字符或改变书写方向的字符。
error-folder-not-private = 其他用户可以改动数据目录
    .advice = 数据目录及其各级上层文件夹必须归你所有，并且只有你可以写入。请修正所有者和权限，或用 --data-dir 选择其他文件夹。
error-keyring-absent = 密钥环未运行
    .advice = 请启动一个密钥环，或把密钥存入加密文件，或只保存在内存中。
error-keyring-locked = 密钥环已锁定
    .advice = 请在弹出的窗口中解锁，然后重试。
error-keyring-denied = 密钥环拒绝访问
    .advice = 请在密钥环程序中允许 Tidemark 访问，然后重试。
error-keyring-gone = 密钥环已停止运行
    .advice = 请重新启动密钥环，然后重试。
error-keyring-no-answer = 密钥环没有响应
    .advice = 它可能正在另一个窗口中等待操作。请在那里处理，然后重试。
error-keyring-failed = 密钥环出错
    .advice = 请重试，或把密钥保存在别处。
error-key-missing = 找不到密钥
    .advice = 密钥环或文件中已没有这一项，请重新输入密钥。
error-key-forgotten = 密钥未保留
    .advice = 它只保存在内存中，后台服务退出时已清除。请重新输入。
error-no-key = 导入的账号，没有密钥
    .advice = 可以查看它的历史，但不会更新。输入密钥后开始更新。
error-variable-unset = 环境变量未设置
    .advice = 请在启动后台服务的环境中设置，然后重新启动后台服务。
error-login-missing = 未找到 Kimi Code 的登录凭据
    .advice = 请先用 Kimi Code 命令行登录，然后重试。
error-login-stale = Kimi Code 登录凭据已过期
    .advice = 请运行一次 Kimi Code 命令行，登录凭据会随之更新。Tidemark 只读取，不修改。
error-login-unreadable = 无法读取 Kimi Code 登录
    .advice = 登录文件的格式不同，或无权打开。请改用密钥。
error-login-other-region = Kimi Code 登录属于另一个区域
    .advice = 请用 Kimi Code 命令行登录此区域，或改用密钥。
error-server-not-running = Kimi Code 本地服务未运行
    .advice = 请启动 Kimi Code，然后重试。
error-server-token = 无法使用 Kimi Code 本地服务的令牌
    .advice = 令牌文件必须是属于你、其他人无法读取的普通文件。请重新启动 Kimi Code，它会重新写入。
error-server-foreign = Kimi Code 本地服务的端口被其他用户的程序占用
    .advice = 没有向它发送任何内容。请让 Kimi Code 使用其他端口，或改用 Kimi Code 登录。
error-file-locked = 密钥文件已锁定
    .advice = 请输入口令。
error-wrong-passphrase = 口令不正确
    .advice = 请重试。没有口令无法打开文件。
error-passphrase-empty = 需要口令
    .advice = 请设定保护密钥文件的口令。
error-passphrase-short = 口令太短
    .advice = 至少 8 个字符，建议用四个随机的词。
error-file-damaged = 密钥文件已损坏
    .advice = 请从备份恢复，或删除它并重新输入密钥。
error-io = 无法读写文件
    .advice = 请检查数据目录的权限和剩余空间。
error-disk-full = 磁盘已满
    .advice = 请腾出一些空间，然后重试。
error-database = 无法读写历史数据
    .advice = 请检查数据目录的权限和剩余空间。
error-store-not-there = 还没有历史数据
    .advice = 请先添加账号。
error-store-newer = 历史数据由较新版本的 Tidemark 写入
    .advice = 请重新安装较新的版本。
error-store-older = 历史数据由旧版本的 Tidemark 写入
    .advice = 请启动一次后台服务，它会升级历史数据。
error-store-not-ours = 数据库属于其他程序
    .advice = 请将其移走，或选择其他数据目录。
error-store-gone = 历史数据已被移走或替换
    .advice = 请把它放回去，或重启后台服务以开始新的历史记录。
error-store-damaged = 历史数据已损坏
    .advice = 请从备份恢复数据目录，或将其移走后重新开始。
error-store-read-only = 历史数据无法写入
    .advice = 请检查数据目录的权限。
error-store-cannot-open = 历史数据无法打开
    .advice = 请检查数据目录是否存在、是否归你所有。
error-store-busy = 历史数据正被另一个进程使用
    .advice = 请重试。
error-store-unreadable = 部分历史数据无法读取
    .advice = 请确认 Tidemark 是最新版本；否则请从备份恢复数据目录。
error-store-failed = 历史数据没有响应
    .advice = 请重试。如果一直如此，请重启后台服务。
error-name-empty = 账号需要名称
    .advice = 请填写名称。
error-order-incomplete = 账号的顺序未能保存
    .advice = 账号列表有变动，请重试。
error-no-such-reading = 历史数据中没有这次读数
    .advice = 它可能已被删除。
error-amount-too-large = 金额过大，无法保存
    .advice = 请检查填写的值。
error-work-ended = 密钥文件的操作提前结束
    .advice = 请重试。
error-already-running = 另一个 Tidemark 进程正在使用数据目录
    .advice = 请先停止它，或用 --data-dir 选择其他文件夹。
error-input = 请求无法执行
    .advice = 请检查填写的内容。
error-internal = 内部错误
    .advice = 请重试。后台服务的日志中有详细信息。
error-settings = 这项设置无效
    .advice = 请检查填写的值。
error-start-at-login = 无法更改开机自动启动
    .advice = 请检查自动启动目录的权限。
error-notifications = 通知未能显示
    .advice = 当前桌面环境没有运行通知服务。
error-just-now = 刚刚更新过
    .advice = 请稍候再试。
error-bad-request = 请求无法识别
    .advice = 窗口与后台服务的版本可能不同，请重新启动两者。
error-no-such-route = 后台服务不支持这个请求
    .advice = 窗口与后台服务的版本可能不同，请重新启动两者。
error-token = 访问令牌无效或缺失
    .advice = 请用含令牌的完整地址重新打开。
error-read-only = 此网页为只读
    .advice = 请在运行 Tidemark 的设备上修改。
error-not-from-afar = 无法从其他设备更改
    .advice = 请在运行 Tidemark 的设备上修改。
error-not-from-a-browser = 无法在浏览器中进行此操作
    .advice = 请使用窗口或命令行。
error-agent-unreachable = 后台服务没有响应
    .advice = 它可能已经退出，请重新启动。
error-agent-missing = 找不到后台服务
    .advice = 缺少 `tidemark` 程序，请重新安装 Tidemark。
error-agent-failed = 后台服务未能启动
    .advice = 请重试。如果仍然失败，请查看详情。
error-not-opened = 页面未能打开
    .advice = 请检查默认浏览器。
error-code = 错误代码：{ $code }
error-other = 出错了
    .advice = 请查看详情。

# 后台服务自身的问题
trouble-disk-full = 磁盘已满
    .advice = 读数无法保存。请腾出一些空间，Tidemark 会自动继续。
trouble-database-damaged = 历史数据已损坏
    .advice = Tidemark 仍会显示当前数值。请从备份恢复数据目录，或将其移走后重新开始。
trouble-database-read-only = 历史数据无法写入
    .advice = 请检查数据目录的权限。
trouble-database-gone = 历史数据已被移走或替换
    .advice = 数据目录或其中的文件已不在原处。请把它放回去，或重启后台服务以开始新的历史记录。在此之前，新读数只保留在内存中。
trouble-clock-jumped = 系统时间有变动
    .advice = 系统时间被大幅调整，调整前后记录的时间可能不准。
trouble-settings-reset = 部分设置无法使用
    .advice = 这些设置已恢复为默认值，请在“设置”页面检查。
trouble-database = 历史数据未能保存
    .advice = 读数暂存在内存中，Tidemark 会自动重试。
trouble-amount-too-large = 金额过大，不可能正确
    .advice = 最近一次响应中的金额超过 920 亿。原始数据已保存，但不计入历史。
trouble-analysis-failed = 有一条读数无法分析
    .advice = 读数已保存，但不计入历史。这是 Tidemark 的程序错误，请反馈。
trouble-lost = 有 { $count } 次读数未能保留
trouble-other = 后台服务出现问题
    .advice = 请查看详情。

# 事件
finding-anomaly = 异常
finding-reset = 重置
finding-credit = 到账
finding-expiry = 代金券过期
finding-limit-change = 上限变更
finding-plan-change = 套餐变更
finding-account-change = 账号变更
finding-recovered = 已返还
finding-withdrawn = 已撤销
finding-failure = 更新失败
finding-other = 其他
anomaly-wipe-out = 瞬间清空
    .about = 额度或余额一次被扣光（或几乎扣光），没有对应的用量。
anomaly-accelerated = 消耗加快
    .about = 一段时间内，同样的用量，扣减量是以前的数倍。
anomaly-unexplained = 不明扣减
    .about = 出现扣减，但没有对应的用量。
anomaly-impossible = 超出限速上限
    .about = 扣减超过了限速在这段时间内允许的上限。
anomaly-disagreement = 数据不一致
    .about = 服务给出的数据前后或彼此不一致。
anomaly-overdue-reset = 逾期未重置
    .about = 到了原定时间，额度却没有重置。
anomaly-clawback = 又被扣回
    .about = 已到账的金额或已重置的额度又被扣回。
schedule-on-time = 准时
schedule-early = 提前
schedule-late = 延迟
credit-top-up = 充值
day-bars-odd = 异常或无对应用量
credit-voucher = 代金券
credit-refund = 退款
credit-unknown = 到账

# Kimi 状态页
service-none = 一切正常
service-minor = 轻微故障
service-major = 严重故障
service-critical = 重大故障
service-maintenance = 维护中
service-unknown = 状态未知


# 证据报告
report-title = 证据报告
report-kimi-account = Kimi 登录账号
report-how-much = 涉及额度与金额
report-beyond-said = 超出预期
report-of-it-back = 其中已返还 { $amount }
report-why = 异常之处
# 带年份的日期；$month 是 m1 到 m12。
report-date = { $year }年{ $month ->
    [m1] 1
    [m2] 2
    [m3] 3
    [m4] 4
    [m5] 5
    [m6] 6
    [m7] 7
    [m8] 8
    [m9] 9
    [m10] 10
    [m11] 11
   *[m12] 12
}月{ $day }日
report-when = 时间
report-what-happened = 情况
report-reason = 原因
report-reason-wipe-out = 额度一次性被清空，正常用量只会逐步消耗。
report-reason-accelerated = 同样的用量，扣减是以往的数倍。
report-reason-unexplained = 日志中没有与这次扣减对应的用量。
report-reason-impossible = 按账号的限速，这段时间不可能有这么多用量。
report-reason-disagreement = 账号自身的数据互相矛盾。
report-reason-overdue-reset = 已过原定时间，仍未重置。
report-reason-clawback = 到账或重置被撤回，且没有通知。
report-outcome = 后续
report-outcome-none = 暂无
report-more-cases = 另有 { $count } 项，见附录。
report-appendix = 附录
report-times = 时间均为 { $zone }。
report-lead = 服务给出的信息、实际读数，以及本机用量的对照。
report-span = 时间范围
report-made = 生成时间
report-seal = 校验码
report-summary = 扣减与对应用量
report-what = 额度或余额
report-deducted = 扣减
report-explained = 有对应用量
report-elsewhere = 其他产品用量
report-not-explained = 无对应用量
report-cannot-tell = 无法判断
report-worth = 按开放平台价格估算，至少 { $amount }
report-of-which-code = { $what }：其中 { $amount }属于 Kimi Code。
report-announced = 服务给出的信息
report-nothing-announced = 这段时间没有重置、到账、官方通知或状态页记录。
report-reset = { $what }：{ $schedule }重置（原定 { $due }）
report-on-time = 准时重置 { $count } 次，详见本文件所附的数据。
report-limit = 上限变更（{ $limit }）：{ $before } → { $after }
report-plan = 套餐变更：{ $before } → { $after }
report-credit = 到账 { $amount }
report-incident-open = 状态页：“{ $title }”（{ $impact }）
report-announcement = Kimi Code 官方通知：“{ $text }”
report-incident-over = 状态页：“{ $title }”已恢复（{ $impact }）
report-cases = 异常
report-no-case = 这段时间没有发现异常。
report-chart = { $what }：观测值与预期范围
report-withdrawn = 已于 { $at } 撤销：{ $why }
report-given-back = 已于 { $at } 返还：{ $amount }。
report-confidence = 置信度 { $percent }%
report-mark-mine = 处理状态：用户确认是本人所用。
report-mark-reported = 处理状态：已向 Kimi 反馈。
report-mark-settled = 处理状态：已解决。
report-readings = 读数
report-readings-about = 列出 { $all } 次读数中的 { $shown } 次：与前一次不同的读数，以及失败的更新。全部读数见本文件所附的数据。
report-method = 方法
report-method-observed = Tidemark 每隔几分钟向服务读取账号的额度和余额，并保存响应，再由前后两次响应得出扣减和重置。百分比误差为末位的一半；在读取中断或重置前后，误差更大。
report-method-explained = 用量是指本机会话日志中的请求及其 token。在开放平台上，用量按公布的价格折算；在会员套餐中，用量按同样的价格，再乘以每项额度各自的系数折算，系数从该账号的历史得出。预期是一个范围，已考虑取整、延迟入账、日志缺失和其他设备。
report-method-found = 扣减如果超出预期范围、与账号的其他额度矛盾、超过限速上限，或明显偏离账号以往的情况，即为异常。置信度表示判断的可靠程度。
report-method-money = 额度按百分点计，金额按其货币计。由百分点折算的金额是按开放平台价格的估算；会员套餐并不按 token 计费。
report-claim-subject = { $what }：{ $class }（{ $day }）
report-claim-hello = 您好：
report-claim-what = 我的 { $product } 账号（{ $region }）出现一笔异常扣减，请协助核查。
report-claim-level = 扣减前后
report-claim-ask = 请核对这段时间的记录，并返还误扣的部分。我可以提供证据报告，内含全部读数、贵方服务的原始响应和校验码。
report-claim-account = 我的账号（登录所用的手机号或邮箱）：
report-chain = 完整性
report-chain-about = 本文件附有全部读数、服务的原始响应和各项异常的数据。每条记录的哈希是以下内容的 SHA-256：前一条的哈希、换行、本条的文本、换行、本条的原始响应；第一个哈希取自“tidemark-report 1”、换行和报告头的文本。最后一个哈希就是校验码。`tidemark report --check FILE` 会重新计算。
report-chain-limits = 事后修改任何一条记录，校验码都会改变。请在生成报告时记下校验码，或发给他人：重新制作的报告会有新的校验码。
report-bodies = 原始响应
report-bodies-about = 上述各次读数的服务响应中的额度部分，密钥和个人信息已去除。其余响应见本文件所附的数据。


# Tidemark 自身的新版本。`update-` 加标识是一行说明；`update-failed-` 加代码说明失败原因。
check-updates = 检查新版本
    .about = 每天向 GitHub 查询一次，只发送当前版本号。
update-ask = 要检查 Tidemark 的新版本吗？
    .about = 每天向 GitHub 查询一次，只发送当前版本号。未经你同意，不会安装任何东西。
update-allow = 每天检查
update-decline = 不检查
update-do-check = 立即检查
update-do-install = 安装
update-off = 未开启新版本检查。
update-no-key = 此构建没有用于验证发布的公钥，因此不检查新版本。
update-unchecked = 尚未检查。
update-current = 已是最新版本（{ $at }检查）。
update-newer = 有新版本 { $version }。
update-checking = 正在检查……
update-downloading = 正在下载：{ $percent }%
update-installing = 正在安装，后台服务会重新启动。
update-updated = 已更新到版本 { $version }。已打开的窗口重新打开后生效。
update-by-command = 安装命令：{ $command }
update-by-deb = 请从 { $page } 下载 .deb 文件，然后运行：sudo apt install ./文件名
update-by-rpm = 请从 { $page } 下载 .rpm 文件，然后运行：sudo dnf install ./文件名
update-by-system-package = 请用系统的包管理器安装。
update-by-hand = 请从 { $page } 下载。
update-failed-no-key = 此构建没有用于验证发布的公钥，未安装任何东西。
update-failed-bad-key = 验证发布的公钥无法使用：“{ $said }”。
update-failed-unreachable = 无法连接 { $host }：“{ $said }”。请检查网络后重试。
update-failed-timed-out = 服务器 { $host } 没有及时响应，请稍后重试。
update-failed-status = 服务器 { $host } 返回状态码 { $status }，请稍后重试。
update-failed-redirected = 服务器 { $host } 重定向到不安全的地址，已拒绝。
update-failed-document-too-large = 发布说明文件过大，未下载任何东西。
update-failed-not-understood = 无法识别发布说明文件：“{ $said }”。
update-failed-format = 此版本需要较新的更新程序（格式 { $format }），请手动下载。
update-failed-signature = 新版本的签名不是 Tidemark 的，已停止下载。如果一直如此，请手动下载并验证。
update-failed-older = 服务器提供的是版本 { $offered }，比 { $known } 旧，已拒绝。
update-failed-nothing-newer = 版本 { $version } 已是最新版本。
update-failed-no-file = 版本 { $version } 没有适用于此系统的安装文件。
update-failed-managed = 此安装方式不支持自动更新，请用当初的安装方式更新。
update-failed-interrupted = 下载到 { $percent }% 时中断。请重试，会从断点继续。
update-failed-truncated = 服务器上的文件不完整，只有 { $percent }%，因此没有安装。请稍后重试。
update-failed-too-much = 服务器发送的内容超出签名的大小，下载内容已丢弃。
update-failed-checksum = 下载的文件与签名不符，已丢弃。
update-failed-disk-full = 磁盘已满（{ $path }），未做任何更改。请腾出一些空间，然后重试。
update-failed-not-writable = 无法替换 { $path }：“{ $said }”。
update-failed-io = 无法读写 { $path }：“{ $said }”。
update-failed-history = 无法先保存历史数据，未做任何更改：“{ $said }”。
update-failed-agent-stays = 后台服务没有退出，未做任何更改。请退出后台服务，然后重试。
update-failed-busy = 另一次更新正在进行，请等它完成。
update-failed-not-started = 版本 { $version } 未能启动，已恢复原来的版本：“{ $said }”。
update-failed-not-put-back = 版本 { $version } 未能启动，原来的版本也无法恢复：“{ $said }”。请重新下载 Tidemark。

## Window

page-overview = 概览
page-history = 历史
page-use = 用量
page-findings = 事件
page-accounts = 账号
page-settings = 设置
page-machines = 设备
page-not-loaded = 这个页面未能载入。
pages = 页面
skip = 跳到内容
opens-outside = （在浏览器中打开）
line-connecting = 正在连接…
sign-in = 登录
sign-in-how = 此网页需要令牌。请在运行 Tidemark 的设备上用 `tidemark serve token show` 查看，或打开 `tidemark serve` 显示的链接或二维码。
sign-in-token = 令牌
sign-in-keep = 在此设备上保持登录
sign-in-button = 登录
line-connected = 后台服务已连接
line-lost = 后台服务已断开
agent-lost = 下面是它最后一次提供的数据。窗口会自动重新连接。
agent-start = 启动后台服务

# 窗口打不开时，在系统的对话框里说明，每条一行
no-webview = 缺少 Microsoft Edge WebView2
no-webview-advice = Tidemark 的窗口需要这个组件，而本机没有。请从微软下载安装，然后重新打开 Tidemark。命令行不受影响。
no-webview-ask = 现在用浏览器打开下载地址吗？

# 常用按钮
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
loading = 正在加载…
new = 未读
account = 账号
all-accounts = 全部账号
machine = 设备
all-machines = 全部设备
from = 开始
to = 结束

# 手动刷新的结果
refresh-polling = 正在刷新 { $count } 个账号…
refresh-left-just-now = { $count ->
    [1] 已跳过 { $name }：刚刚更新过。
   *[other] 已跳过 { $count } 个账号：刚刚更新过。
}
refresh-left-retry-after = { $count ->
    [1] 已跳过 { $name }：服务要求稍候。
   *[other] 已跳过 { $count } 个账号：服务要求稍候。
}
refresh-left-polled-through = { $count ->
    [1] 已跳过 { $name }：由另一账号更新。
   *[other] 已跳过 { $count } 个账号：由另一账号更新。
}
refresh-nothing = 没有可刷新的账号。

# 时间
tomorrow-at = 明天 { $time }
yesterday-at = 昨天 { $time }
weekday-at = { $day } { $time }
day-at = { $day } { $time }
since = { $time } 起
from-to = { $before } → { $after }
none-before = 无
between = { $from } – { $to }

# 概览
pause = 暂停自动刷新
pause-hour = 1 小时
pause-tomorrow = 到明天
paused = 已暂停，{ $time } 恢复
    .about = 在此之前不自动刷新任何账号。
resume = 恢复自动刷新
demo = 示例数据
    .about = 这里的数据全部由内置模拟器生成。
demo-leave = 退出示例数据
notices-folded = { $count } 条提示
no-tray = 当前桌面环境没有系统托盘
    .about = Tidemark 会继续在后台运行，有了托盘后自动显示图标。
no-notifications = 无法显示通知
    .about = 当前桌面环境没有运行通知服务。提醒会先保留，服务启动后再显示。
service-says = Kimi 状态页：{ $status }
service-read = { $age }更新
open-status-page = 状态页
open-console = Kimi 控制台
unlock = 解锁
unlock-keyring = 解锁密钥环
replace-key = 更换密钥
replace-key-of = 更换密钥：{ $name }
next-try = { $time }重试
next-look = { $time }更新
read-age = { $age }更新
level-near = 接近上限
level-high = 即将用完
level-full = 已用完
reset-unknown = 重置时间未知
count-of = 已用 { $used }，共 { $limit }
slice-of = 其中 Kimi Code：{ $percent }
conflict = 数值不一致
    .about = 服务对同一额度给出了相差超过一个百分点的两个数值，这里显示较大的一个。
unconfirmed = 待确认
    .about = 数值变动异常，等后续读数确认。
trend-label = 最近 24 小时：{ $low } – { $high }
no-quota = 这个账号没有额度，也没有余额。
not-understood = 响应中有 { $count } 处无法识别
    .about = 其余内容照常显示。新版本的 Tidemark 或许能识别：
unseen-findings = { $count } 条未读
top-up = 充值
debt-stops = 欠费 { $amount }：充值前请求会被拒绝。
no-balance-stops = 余额已用完：充值前请求会被拒绝。
pace = 时间已过 { $percent }
more-about = 限速与日志
# 日志中有该账号用量的程序、日志中没有的程序、没有找到日志的程序。
programs-seen = 用量来自这些程序的日志
programs-without = 已读取，没有该账号的用量
programs-absent = 已查找，没有找到
programs-none = 本月没有
# 因同一原因失败的账号：$what 如“密钥无效”。
folded = { $what }：{ $count } 个账号
unfold = 逐个显示
show-fewer = 收起
card-actions = { $name } 的操作
card-history = 查看历史
move-earlier = 前移
move-later = 后移
hide-here = 在本页隐藏
hidden-said = 已在本页隐藏 { $name }
hidden-count = 本页隐藏了 { $count } 个账号。
hidden-in-need = 其中 { $count } 个需要处理。
show-hidden = 显示隐藏的账号
view = 显示
view-order = 排序
view-order-need = 需要处理的在前
view-order-own = 我的顺序
view-density = 密度
view-roomy = 宽松
view-dense = 紧凑
view-days = 卡片上的柱形
day-bars = { $what }每日扣减，最近 { $days } 天
# 以货币计。
day-bars-money = 每日扣减，最近 { $days } 天
day-bars-most = 单日最高 { $most }
day-bars-none = { $what }：最近 { $days } 天没有扣减。
day-bars-about = { $what }，最近 { $days } 天的每日扣减：最高 { $most }（{ $day }）。
day-bars-missing = 有 { $count } 天无数据。
day-bars-unexplained = 有 { $count } 天存在无对应用量的扣减。

# 概览开头的一两句话。预计只说可能，不作保证。
head-lost = 以下数据不是最新的。
head-as-of = 截至 { $time }。
# 结论：$total 个账号中有 $count 个需要处理、余量不多，或有待处理的异常。
head-need = { $total ->
    [1] 账号需要处理。
   *[other] { $total } 个账号中有 { $count } 个需要处理。
}
head-low = { $total ->
    [1] 额度余量不多。
   *[other] { $total } 个账号中有 { $count } 个余量不多。
}
head-odd = { $total ->
    [1] 账号有待处理的异常。
   *[other] { $total } 个账号中有 { $count } 个有待处理的异常。
}
head-partly = { $total ->
    [1] 暂无最新数据。
   *[other] 已知的账号都正常，{ $total } 个账号中有 { $count } 个暂无最新数据。
}
head-fine = 一切正常。
head-jump = 查看账号
# 最严重的待处理异常：多扣多少、哪个账号、还有几项。
anomaly-in = { $more ->
    [0] { $name }：{ $what }
   *[other] { $name }：{ $what }，另有 { $more } 项
}
head-debt = { $name } 欠费 { $amount }，请求会被拒绝。
head-no-balance = { $name } 余额已用完，请求会被拒绝。
head-refused = Kimi 不接受 { $name } 的密钥。
head-key = 无法读取 { $name } 的密钥。
head-stopped = { $names ->
    [none] 有 { $count } 个账号无法使用。
   *[other] { $names } 无法使用。
}
head-used-up = { $until ->
    [none] { $name } 的{ $quota }已用完。
   *[other] { $name } 的{ $quota }已用完，{ $until } 重置。
}
head-used-up-several = { $names ->
    [none] 有 { $count } 个账号的额度已用完。
   *[other] { $names } 有额度已用完。
}
# $sure 是可能性的措辞，见额度的预计。
head-runs-out = { $name } 的{ $quota }{ $sure ->
    [rather] 更可能
    [certain] 几乎肯定会
   *[likely] 预计会
}在重置前用完（可能性{ $chance }）。
head-runs-out-several = { $names ->
    [none] 有 { $count } 个账号的额度
   *[other] { $names } 的额度
}{ $sure ->
    [rather] 更可能
    [certain] 几乎肯定会
   *[likely] 预计会
}在重置前用完。
head-near = { $name } 的{ $quota }已用 { $percent }。
head-near-several = { $names ->
    [none] 有 { $count } 个账号接近上限。
   *[other] { $names } 接近上限。
}
head-unknown = { $name } 暂无最新数据。
head-unknown-several = { $names ->
    [none] 有 { $count } 个账号暂无最新数据。
   *[other] { $names } 暂无最新数据。
}
head-last = { $which ->
    [all] 全部额度
   *[others] 其余 { $count } 个账号
}{ $sure ->
    [rather] 重置前更可能够用
   *[likely] 预计重置前都够用
}。
head-calm = { $which ->
    [all] 没有额度接近上限。
   *[others] 其余 { $count } 个账号都没有接近上限。
}
fact-tokens = 今日 token
fact-worth = 今日折算金额
fact-spent = 今日余额扣减
fact-anomalies = 待处理异常
fact-none = 无
fact-month = 本月：{ $amount }
tokens-count = { $count } token
worth-about = 约 { $amount }
worth-least = 至少 { $amount }
worth =
    .about = 按开放平台的价格估算，没有公开价格的 token 不计在内。
next-resets = 接下来的重置
# 时间线上的标记；每个都是一次重置。
resets-key-calm = 重置
resets-key-near = 接近上限，或可能用完
resets-key-over = 即将或已经用完
resets-key-empty = 可能已用完：越高，可能性越大
axis-now = 现在

# 历史
span = 时间范围
span-7d = 7 天
span-30d = 30 天
span-90d = 90 天
span-12m = 12 个月
span-custom = 自定义
by = 粒度
by-hour = 按小时
    .column = 时间
by-day = 按天
    .column = 日期
by-week = 按周
    .column = 周
by-month = 按月
    .column = 月份
by-most = 最长 { $days } 天
by-least = 时段太短
range-of = { $span } · { $zone }
legend = 图例
deducted = 扣减
of-it-code = 其中 Kimi Code
uncertain = 时间不确定
# 额度因重置而恢复，金额到账。
returned = 恢复
received = 到账
expired = 已过期
restored-or-received = 恢复或到账
resets = 重置
last-percent = 期末已用
last-money = 期末余额
coverage = 覆盖率
not-seen = 无数据
future = 尚未到来
show-table = 表格
show-chart = 图表
show-all = 显示全部 { $count } 张图
chart-keys = 用方向键在各柱间移动，回车查看明细，+ 和 − 缩放，Shift 加方向键平移，退格键返回。
week-of = { $day } 起的一周
chart-mode = 显示
chart-bars = 柱状图
chart-level = 读数曲线
chart-cumulative = 累计
chart-split = 拆分方式
chart-limit = 上限
chart-sum = 本期累计
chart-sum-before = 上一期同时
chart-zoom = 放大
chart-back = 返回{ $span }
chart-nothing = 该时段内没有扣减。
level = 读数
save-png = 图片（PNG）
save-svg = 矢量图（SVG）
save-csv = 表格（CSV）
others = 其他
# 跨多个周期的额度用量。$count 是小数。
cycles-5h = { $count } 份 5 小时额度
    .unit = 5 小时额度份数
cycles-week = { $count } 份每周额度
    .unit = 每周额度份数
cycles-month = { $count } 份每月额度
    .unit = 每月额度份数
cycle-average = 每个周期平均
cycle-fullest = 最高
cycle-until = 截至 { $day } 的周期
cycle-now = 当前周期
cycle-emptied = 用完
cycle-times = { $count } 次
# 额度的百分点，写在坐标轴旁。
points-unit = 百分点
# 总数中的一部分。
share-of = { $total }的 { $share }
# 无对应用量的扣减中，异常事件所指的部分。
unexplained-events = （见 { $count } 个异常事件，共 { $amount }）
unexplained-whole = （见 { $count } 个异常事件）
unexplained-some = （部分见 { $count } 个异常事件）
unexplained-small = （每次都很少，不足以列为事件）
# 账号历史的视图
closer = 视图
closer-chart = 图表
closer-series = 额度或余额
closer-calendar = 日历
closer-cycles = 周期
closer-compare = 对比
closer-hours = 时段
closer-limits = 每月用完次数
calendar-year = 年份
calendar-before = 早于首条记录
cycle-start = 开始
cycle-end = 结束
cycle-peak = 最高
cycle-emptied-at = 用完时间
cycle-unused = 未用
cycle-note = 备注
cycle-open = 进行中
cycle-gap = 部分时间无数据
cycle-before = 早于 { $at }
compare-what = 项目
compare-change = 变化
compare-with = 对比
compare-before = 上一期
compare-4w = 4 周前
compare-12m = 52 周前
hours-about = 最近 { $days } 天的扣减，按星期和小时统计。
# 从柱到会话
session = 会话
session-time = 时间
session-took = 约占
session-model = 模型
sessions-of-quota = 该时段内的会话，按估算的扣减份额排列。
sessions-of-usage = 该时段内的会话。
sessions-loading = 正在读取会话…
sessions-none = 日志中没有该时段的会话。
sessions-requests = { $count } 个请求（显示最大的）
about-amount = ≈ { $amount }
at-least = ≥ { $amount }
name-amount = { $name }（{ $amount }）
worth-cover = 至少 { $worth }，只涵盖 { $percent } 的 token。
worth-unpriced = 无公开价格：{ $models }。
worth-saved = 缓存节省了 { $amount }。
worth-plan = { $account }：折算金额{ $partly ->
    [yes] 至少 { $worth }
   *[no] 约 { $worth }
}，是 { $plan } 价格（{ $price }）的 { $times } 倍。
history-empty = 这段时间还没有记录。

# 用量
use-tokens = token 用量
use-worth = 折算金额
    .about = 按开放平台的公开价格估算。会员套餐并不按 token 计费。
use-requests = 请求
use-input = 输入（未命中缓存）
use-cache-read = 缓存命中
use-cache-write = 缓存写入
use-output = 输出
use-cache-hits = 缓存命中率
use-unpriced = 无公开价格
use-kinds = 按 token 类型
use-models = 按模型
use-projects = 按项目
use-accounts = 按账号
use-programs = 按程序
use-machines = 按设备
use-busiest = 最忙时段
use-calendar = 每日 token
use-when = 用量走势
use-where = 用量分布
use-what-worth = 用量折算
use-sources = 数据来源
sources-files = { $count } 个日志文件
sources-troubles = { $count } 个问题
folders = { $count } 个目录
rates-near = 接近上限
rates-unlimited = 上限未知
use-rates = 限速
    .about = 表中是各时段内任意连续 60 秒的峰值。服务会按请求允许的最大输出预先计入，所以它自己的统计可能更高。
use-row = { $requests } 次请求 · 缓存命中 { $hits } · { $worth }
use-empty = 这段时间没有用量。
of-it = 其中 { $name }
all-of = 显示全部 { $count } 项
tokens-requests = { $tokens } token，{ $requests } 次请求
unascribed = 未归属
    .about = 日志没有说明属于哪个账号。
no-project = 未知项目
rate-minute = 1 分钟
rate-hour = 1 小时
rate-day = 1 天
rate-limit = 上限
logs = 会话日志
logs-reading = 正在读取会话日志，合计尚不完整。
logs-progress = 已读 { $done } / { $files } 个文件
logs-unread = 尚未读取会话日志。
logs-none = 还没有会话日志
logs-add-folder = 在设置中添加日志目录
logs-looked = 上次读取
logs-files = 日志文件
logs-unreadable = 无法读取的文件
logs-skipped = 无法读取的行
logs-doubtful = 时间异常的请求
logs-dated = 没有时间的日志文件（按文件修改时间计入）
logs-unpriced = 无公开价格
logs-third = 其他服务商（不计入）
logs-missing = 不存在
logs-absent = 未发现日志的程序
logs-unwatched = 无法监听日志变化，每隔几分钟检查一次。
format-kimi-code = Kimi Code
format-kimi-cli = Kimi CLI
format-claude-code = Claude Code
format-opencode = OpenCode
format-kilo = Kilo Code
format-codex = Codex
format-cline = Cline
format-roo = Roo Code
format-pi = pi
format-omp = oh-my-pi
format-qwen-code = Qwen Code
format-crush = Crush
format-goose = Goose
format-zed = Zed
format-otlp = OTLP 指标
format-litellm = LiteLLM
format-import = 导入

# 事件
kind = 类别
all-kinds = 全部
kind-reset = 重置
kind-credit = 到账
kind-anomaly = 异常
kind-change = 变更
kind-failure = 失败
only-unseen = 只看未读
mark-all-seen = 全部标为已读
marked-all-seen = { $count } 个事件已标为已读
undo = 撤销
filter-says = { $count } 个事件：{ $what }
filter-clear = 清除筛选
attention = 需要处理
attention-none = 没有需要处理的事项。
attention-more = 另有 { $count } 项异常待处理
unexplained-in = { $month }不明扣减
month-before = 上个月
month-after = 下个月
sum-given-back = 其中已返还 { $amount }
sum-all-given-back = 已全部返还
sums-more = 另有 { $count } 项，见下方列表
taken-more = 多扣 { $amount }
came-back-within = 包含在一次 { $amount }的重置或到账中
range-short = { $low }–{ $high }
story-step-announced = 事先有无通知
story-step-happened = 发生了什么
story-step-expected = 预期多少
story-step-logs = 日志情况
story-step-lacks = 缺少的数据
story-step-cost = 损失
story-step-outcome = 后续
story-scheduled = 原定 { $time } 重置。
story-failed = 前后有 { $count } 次更新失败。
story-gap = 这段时间有一部分没有读数。
story-expected = { $most ->
    [yes] 最多 { $amount }。
   *[no] { $amount }。
}
story-expected-none = { $idle ->
    [yes] 不应扣减：这段时间没有用量。
   *[no] 不应扣减。
}
story-expected-reset = 应当重置，此后最多已用 { $high }。
story-cost = 超出预期 { $amount }（{ $what }）
story-given-back = 已经返还。
story-withdrawn = { $day }已撤销。
story-open = 暂无，尚待处理。
send-to-kimi = 向 Kimi 反馈
send-report = 保存证据报告。其中不含密钥和个人信息。
send-report-save = 保存报告
send-text = 复制这段文字，补上账号的手机号或邮箱。
send-where = 把两者一并发给 Kimi。官方页面列有目前的反馈渠道。
send-page = Kimi 官方反馈页面
send-done = 标为已反馈，不再计入待处理。
send-mark = 标为已反馈
copy = 复制
copied = 已复制
copy-failed = 复制失败，请选中文字后手动复制。
hindsight = 预测回顾
hindsight-lead = 各周期过半时的预测，与实际结果
hindsight-about = 预测按现行规则、只用当时已知的数据重新算出，可能与旧版本当时显示的不同。
hindsight-none = 还没有可回顾的周期，需要先积累几天的读数。
hindsight-score = 可核对的预测 { $all } 次：{ $right } 次应验，{ $wrong } 次落空。
hindsight-unsure = 另有 { $count } 次难以判断，不计入。
hindsight-cycle = 额度
hindsight-at = 周期过半时
hindsight-said = 预测
hindsight-came = 实际
hindsight-open = 难以判断
hindsight-lasts = 够用，可能性{ $chance }
hindsight-empties = 会用完，可能性{ $chance }
hindsight-lasted = 够用，已用 { $percent }
hindsight-ended = 周期结束于 { $day }
hindsight-emptied = { $time } 用完
finding-title-reset = { $what }{ $schedule }重置
finding-title-anomaly = { $what }：{ $class }
finding-title-credit = { $class } { $amount }
finding-title-expiry = 代金券过期：{ $amount }
finding-title-limit-change = 上限变更：{ $limit }
finding-title-plan-change = 套餐变更
finding-title-account-change = 账号变更
resets-on-time = { $count } 次准时重置
happened = 发生时间
found = 发现时间
last-at = 最近 { $time }
announced = 原定时间
amount = 金额
confidence = 置信度
evidence = 依据
times = { $count } 次
failure-over = 已恢复
failure-lasting = 仍在持续
findings-empty = 还没有事件。重置、到账、失败和异常会列在这里。
findings-none-such = 没有符合条件的事件。
show-older = 显示更早的事件
no-older = 没有更早的事件了。

# 扣减有多少对应的用量
verdict = 用量对照
verdict-fully = 有对应用量
    .about = 日志中有与这次扣减对应的用量。
verdict-partly = 部分有对应用量
    .about = 这次扣减只有一部分在日志中有对应的用量。
    .figures = 这次扣减中有 { $low } – { $high } 在日志中有对应的用量。
verdict-not = 无对应用量
    .about = 日志通常记有全部用量，但没有与这次扣减对应的用量。
    .part = 其中 { $amount } 无对应用量，日志对应 { $explained }。
verdict-cannot-tell = 无法判断
    .about = 日志没有记下这个账号的全部用量，可能是在其他设备上使用的。
verdict-elsewhere = 其他产品用量
    .about = 每月额度的扣减中，超出 Kimi Code 份额的部分来自其他 Kimi 产品，例如网页版、Kimi Work 或联网搜索。
known-use = { $what }：{ $percent } 的扣减有对应的本机用量

# 用户对异常的判断
mark = 处理状态
mark-any = 全部状态
mark-filter = 异常的处理状态
mark-open = 待处理
    .about = 尚未处理，概览中会提示。
mark-mine = 是我用的
    .about = 是你自己的用量，只是日志里没有。Tidemark 会据此调整对这个账号的判断，其他异常照常提示。
mark-reported = 已反馈
    .about = 你已向 Kimi 反馈。记录会保留，不再算作待处理。
mark-settled = 已解决
    .about = 记录会保留，不再算作待处理。

# 事件的可靠程度
case-sure = { $sure }属于异常。
sure-certain = 确定
sure-almost = 几乎可以确定
sure-very = 很可能
sure-likely = 较可能
sure-maybe = 有可能

# 事件的详情
case-chart = { $what }：观测值与预期范围。表格列出每个数值。
observed = 观测值
expected = 预期范围
incident = 服务故障
announcement = Kimi Code 官方通知（{ $time }）：
failed-looks = 更新失败
go-taken = 查看对应的扣减
go-returned = 查看对应的返还
go-withdrawn = 查看撤销原因
withdrawn-on = { $day }已撤销：{ $machine ->
    [none] 补读的日志中有对应用量
   *[other] 设备“{ $machine }”补报的用量可以解释这次扣减
}
withdrawn-why = { $machine ->
    [none] 补读的日志中有对应用量
   *[other] 设备“{ $machine }”补报的用量可以解释这次扣减
}
more-open = 另有 { $count } 项

# 文件
report = 证据报告
    .about = 可提交给 Kimi 客服的文档，含读数、异常、本机用量的对照和原始响应。密钥和个人信息已去除。
export = 导出
    .about = 导出历史记录，供表格或其他程序使用。
format = 格式
file-saved = 已保存：{ $where }

# 账号
account-add = 添加账号
account-test = 测试
account-name = 名称
account-name-auto = 按套餐自动命名
account-added = 已添加 { $name }
account-renamed = 已重命名为 { $name }
account-removed = 已删除 { $name }
account-moved = { $name } 现在排在第 { $place } 位，共 { $of } 位
account-move = 移动 { $name }
account-move-hint = 拖动，或用方向键
move-up = 上移
move-down = 下移
rename = 重命名
remove = 删除
    .about = 历史和保存的密钥会一并删除，无法撤销。
remove-title = 删除 { $name }？
remove-without-key = 删除账号，保留密钥
    .about = 暂时无法访问密钥，账号尚未删除。可以稍后再试，也可以现在就删除账号：密钥会留在原处，名为“Tidemark: { $name }”，可自行删除。
account-removed-key-left = 已删除 { $name }，密钥留在原处
accounts-empty = 还没有账号
# 有账号之后页面显示什么。
empty-accounts = 添加的 Kimi 账号会列在这里，包括状态、密钥和保存位置。
empty-history = 这里按日、按月显示每项额度和余额扣减了多少，其中多少有对应用量。
empty-use = Kimi Code 或其他支持的程序在本机运行后，这里会显示各项目、模型和程序使用了多少 token。
empty-findings = 重置、充值、套餐变更和无法解释的扣减会列在这里。
added-on = { $day }添加
key = API Key
key-show = 显示密钥
key-hide = 隐藏密钥
key-from = 密钥来源
key-from-key = 粘贴密钥
key-from-environment = 环境变量
key-from-kimi-code-login = Kimi Code 登录
key-from-kimi-code-server = Kimi Code 本地服务
key-shape-empty = Tidemark 会根据格式识别密钥；测试或添加之前不会发送任何内容。
key-shape-kimi-code = 这是 Kimi Code 密钥。
key-shape-platform = 这是开放平台密钥。
key-shape-several-words = 密钥中有空白字符，请只粘贴密钥本身。
key-shape-odd-character = 密钥中有不该出现的字符，例如看不见的字符。请重新复制密钥。
key-shape-unknown = 不是已知的密钥格式，请自行选择来源。
key-place = 保存位置
key-place-keyring = 由系统登录保护。
key-place-encrypted-file = 由口令保护，每次启动后需要输入。
key-place-this-run = 只保存在内存中，后台服务退出后清除。
key-elsewhere = 换一个保存位置
key-promise = Tidemark 只把密钥发送给 Kimi 官方服务，只用于读取额度和余额，并只保存在你选择的位置。
same-account = 与 { $names } 是同一个账号
key-replaced = 已更换 { $name } 的密钥
source = 来源
region = 区域
choose-auto = 自动识别
choose-both = 两个都试
variable = 变量名
    .wrong = 这不是变量名。变量名只含字母、数字和下划线；不要填写密钥本身。
    .about = 取自后台服务的环境，只保存变量名。
login-found = 找到{ $region }的登录。
login-fresh = 有效期至：{ $time }。
login =
    .about = Tidemark 只在登录有效时读取，从不续期或改动。
server-about = Tidemark 使用 Kimi Code 目录中的令牌，从本机的 Kimi Code 本地服务读取数据。令牌只发送给该服务，也不会被保存。只有 Kimi Code 运行时才会更新数据。
passphrase = 口令
    .about = 至少 8 个字符，建议用四个随机的词。Tidemark 不保存口令，也无法找回。
file-passphrase = 加密密钥文件的口令
file-passphrase-new = 加密密钥文件的新口令
advanced = 高级
base-url = 接口地址
    .about = 代替官方地址：https，或本机上的 http。
more-choices = 更多选项
add-untested = 不测试，直接添加
test-ok = 密钥可用：{ $source }，{ $region }

# 首次启动
welcome = 欢迎使用 Tidemark
    .about = 看清 Kimi 的额度和余额，用了多少、还剩多少。
welcome-key = 粘贴 API Key
welcome-step-paste = 密钥
welcome-step-test = 测试
welcome-step-numbers = 看到首批数据
key-test-and-add = 测试并添加
key-testing = 正在向 Kimi 查询…
key-where = 在哪里找到密钥？

# 首次启动之后：每页一行说明
tour = 提示
tour-got-it = 知道了
tour-end = 不再提示
tour-overview = 一眼看清全部账号，需要处理的排在最前。
tour-history = 按小时、天或月查看每项额度和余额用了多少。
tour-use = 各设备会话日志中的 token 用量，按模型、项目和程序划分。
tour-findings = 发生了什么：重置、充值，以及没有对应用量的扣减。
tour-accounts = 在这里添加更多账号，拖动即可排序。
tour-settings = 按用途搜索设置。
tour-machines = 添加你的其他设备，它们的用量也能解释扣减。
welcome-login = 使用 Kimi Code 登录
welcome-login-use = 使用此登录
welcome-server = 使用 Kimi Code 本地服务
welcome-server-use = 使用本地服务
welcome-demo = 用示例数据体验
    .about = 用几个模拟账号展示 Tidemark 的功能。
welcome-demo-use = 打开示例数据

# 设置
settings-look = 外观
settings-data = 日志与数据
settings-search = 搜索设置
settings-found = 找到 { $count } 项设置
settings-none = 没有与“{ $text }”匹配的设置。
settings-show-all = 显示全部设置
shortcuts = 单键快捷键
    .about = 1 到 6 打开各页，r 刷新，? 显示快捷键列表。关闭后单个按键不起作用。
settings-budgets = 预算
    .about = 为一天、一周或一个月自行设定的上限。用到 80% 和 100% 时提醒，不会停止任何程序。
budget-add = 添加预算
budget-name = { $account }，项目 { $project }
budget-set = 保存预算
budget-remove = 删除
budget-remove-of = 删除“{ $name }”的预算
budget-for-project = 项目
budget-all-projects = 整个账号
budget-period = 周期
budget-per = { $period ->
    [day] 每天
    [week] 每周（从周一起）
   *[month] 每月
}
budget-unit = 计量方式
budget-unit-cny = 金额（¥）
budget-unit-usd = 金额（$）
budget-unit-tokens = token 数
budget-unit-5h = 5 小时额度的百分比
budget-unit-week = 每周额度的百分比
budget-unit-month = 每月额度的百分比
budget-amount = 上限
budget-wrong = { $unit ->
    [tokens] 请输入 token 数，例如 500万 或 500,000。
   *[other] 请输入大于零的数字，例如 300。
}
budget-count = { $count ->
   *[other] { $text } token
}
budget-of-quota = { $meter }的 { $percent }
budget-used = 已用 { $used }，上限 { $limit }
budget-unknown = 上限 { $limit }，用量尚不清楚
budget-part-seen = Tidemark 没有观察到整个周期：实际用量可能更多。
budget-part-priced = 部分用量没有公开价格：实际花费更多。
budget-estimate = 根据会话日志和公开价格估算。
budget-until = { $period ->
    [day] 今日
    [week] 本周，至 { $day }
   *[month] 本月，至 { $day }
}
settings-polling = 数据刷新
settings-notifications = 通知
settings-program = 程序
language = 语言
    .about = 用于窗口、托盘、通知和报告。
theme = 主题
    .about = 窗口的配色。
theme-light = 浅色
theme-dark = 深色
as-system = 跟随系统
zone = 时区
    .about = 按此时区划分日和月，出差或旅行时也不变。
nothing-found = 没有找到
poll-every = 刷新间隔
    .about = 每个账号平时多久更新一次。
poll-busy = 使用时的刷新间隔
    .about = 账号正在使用，或任一额度超过 80% 时采用此间隔。
status-page = 读取 Kimi 状态页
    .about = 在数据旁显示状态页的故障信息和 Kimi Code 官方通知，不发送密钥。
notifications = 桌面通知
    .about = 由后台服务发出，窗口关闭时也会提醒。
thresholds = 额度用到以下百分比时提醒
    .about = 每个周期内，每项额度各提醒一次。
thresholds-wrong = 请填写 { $low } 到 { $high } 的整数，最多 { $most } 个。
balance-below = 余额低于此金额时提醒{ $currency ->
    [CNY] （人民币）
    [USD] （美元）
   *[other] （{ $currency }）
}
    .about = 每次低于该金额提醒一次，余额回升后重新计算。
amount-wrong = 请填写金额，例如 10 或 2.50。
never = 从不
notify-resets = 额度准时重置时提醒
    .about = 及时知道可以继续使用。
notify-early = 额度提前或延迟重置、金额到账时提醒
    .about = 包括充值、代金券和退款。
notify-refusals = 密钥无效或没有权限时提醒
    .about = 此时使用该密钥的程序无法继续工作。
notify-anomalies = 发现异常，或异常扣减被返还时提醒
    .about = 证据见“事件”页。
notify-likely-empty = 每周或每月额度可能在重置前用完时提醒
    .about = 根据以往用量估算；每项额度每个周期提醒一次，情况缓解时会撤回。
notify-likely-empty-from = 可能性达到 { $percent }%
notify-extra-usage = 加油包开始扣费时提醒
    .about = 每个账单月只提醒一次：会员之外第一次花钱时。
quiet = 免打扰时段
    .about = 通知推迟到时段结束后显示。
notification-try = 测试通知
    .about = 看看通知能否显示。
notification-test = 发送
notification-sent = 测试通知已发送
start-at-login = 开机自动启动
    .about = 只启动后台服务，不打开窗口。
keep-raw = 原始读数保留时间
    .about = 每日和每小时的汇总始终保留。
keep-all = 永久
log-homes = 其他日志目录
    .about = 每行一个 Kimi Code 目录，只读取其中的日志。
    .wrong = 请填写绝对路径，每行一个，最多 { $most } 个，例如 /home/me/kimi。
hidden-projects = 导出时隐藏的项目
    .about = 每行填写目录名中的一个词，* 代表任意文字。导出时不写出名称，数字照常计入。
    .wrong = 每行一个词，最多 { $most } 个，每个不超过 { $length } 个字符。
worth-currency = 价格币种
    .about = 折算 token 金额时使用的币种。
    .auto = 与账号一致
about = 关于
about-text = 看清 Kimi 的额度和余额，用了多少、还剩多少。
version = 版本
keyring = 密钥环
tray = 托盘
tray-shown = 已显示图标
tray-no-host = 当前桌面环境没有系统托盘
tray-off = 未启用托盘图标
licence = 许可证
not-official = 并非月之暗面或 Kimi 的官方程序。
help = 键盘快捷键
shortcuts-off = 单键快捷键已在设置中关闭。
help-hint = 按 ? 查看键盘快捷键。
help-chart = 在图表中移动
help-zoom = 放大某天或某月

# 设备
settings-machines = 设备
    .about = 把其他设备的用量一并计入，每个请求只计一次。
machines-manage = 管理设备
machines-about = 设备之间只交换每个请求的时间、账号、模型、程序和 token 数，以及已读取哪段时间的会话日志；提示词、密钥和路径不会离开本机，项目名只在你允许时提供。
machine-this = 本机
machine-others = 其他设备
machine-none = 还没有其他设备。可以通过 SSH 添加设备，或添加多台设备的共享目录。
machine-seen = 最近更新：{ $age }
machine-never-seen = 还没有收到记录
machine-via = 来自“{ $name }”
machine-via-folder = 来自共享目录“{ $name }”
machine-kept = 不再接收记录，已有用量保留
card-machines = 各设备 token 用量
last-days = 最近 { $days } 天
machine-no-use = 无记录
machine-silent = { $time } 起没有报告用量，此后的扣减无法用这台设备的用量解释。
machine-unused = { $time } 起没有报告用量。超过两周后，分析扣减时不再考虑这台设备。
machine-unheard = 还没有报告过用量，扣减无法用这台设备的用量解释。
machine-coverage = 已读取的日志
machine-no-coverage = 暂无
machine-gaps = 中断 { $count } 次
machine-id = 标识
machine-skipped = 有 { $count } 条记录来自较新版本的 Tidemark，没有计入。请更新本机的 Tidemark。
machine-share-projects = 共享项目名称
    .about = 其他设备可以看到本机的项目叫什么，看不到它们的位置。
machine-renewed = 本机换了新标识
machine-renewed-other-host = 历史是从另一台设备复制来的。
machine-renewed-clone = 另一台设备有相同的历史，并使用原来的标识。
machine-forget = 移除并忽略
machine-forget-title = 移除“{ $name }”？
machine-forget-kept = 它的用量会一并删除；其他设备也有的请求会保留。
machine-forget-folder = 以后会忽略“{ $name }”中的这台设备。
machine-forget-ssh = 今后不会读取“{ $name }”。
machine-no-logs = 未发现日志
machines-ignored = 已忽略的设备
    .about = 不再从共享目录接收这些设备的记录。
machine-usage-stays = 已有的用量仍保留。
machine-restore = 恢复
machine-restored = 已恢复接收 { $name } 的记录
machine-use-keep = 保留用量
machine-use-drop = 同时删除用量
    .about = 其他设备也有的请求会保留。
machine-removed = 已移除“{ $name }”，用量保留
machine-removed-use = 已移除“{ $name }”及其用量

# 设备的记录如何收发
exchanges = 记录交换
exchange-ssh = SSH
exchange-folder = 共享目录
exchange-other = 这种方式是较新版本的 Tidemark 添加的。请更新后使用。
exchange-done = 上次成功：{ $age }
exchange-never = 尚未成功
exchange-next = { $time }交换
exchange-failures = { $count ->
    [1] 失败 1 次
   *[other] 连续失败 { $count } 次
}
exchange-now = 立即交换
exchange-received = { $name }：收到 { $count } 个请求
exchange-written = 已写出本机的 { $count } 个请求
exchange-failed = { $name }：{ $why }
exchange-goes-on = 与“{ $name }”的交换用时较长，会在后台继续。
exchange-underway = 正在交换，会在后台继续
exchange-ended = { $name }：交换完成
exchange-remove-folder = 本机不再使用“{ $name }”，其中的文件会保留。
exchange-remove-ssh = 今后不会读取“{ $name }”。

# 添加设备
machine-add = 添加设备
machine-add-way = 连接方式
machine-add-ssh = SSH
    .about = 用你自己的 ssh 及其密钥和配置读取另一台设备。那里需要安装 Tidemark，不需要一直运行。
machine-add-folder = 共享目录
    .about = 每台设备把加密的文件写入同一个目录，例如 Syncthing 或网盘的目录。请在每台设备上都添加这个目录。
machine-host = 主机
    .about = 与 ssh 命令后填写的相同。
    .wrong = 主机名中不能有空格，也不能以连字符开头。
machine-command = 那里的 tidemark 路径
    .about = 不在 PATH 中时填写。
machine-folder = 目录
    .about = 本机上的完整路径；目录须已存在。
    .wrong = 请填写从根目录或盘符开始的完整路径。
machine-passphrase =
    .about = 所有设备相同。新目录的口令至少 8 个字符，建议用四个随机的词。
machine-passphrase-place = 口令保存位置

# 窗口设置中的渠道与额度守护
settings-channels = 渠道
    .about = 把提醒发到手机、聊天软件、邮箱或程序。
channels-none = 还没有渠道，提醒只在本机显示。
channels-about = 渠道添加后才会收到提醒。
channels-elsewhere = 请在本机的窗口中更改渠道，或使用 tidemark channel。
channels-locked = 密钥环已锁定：密钥存于其中的渠道在解锁前无法发送。
channel-add = 添加渠道
channel-change = 更改
channel-try = 发送测试
channel-tested = 测试消息已送达“{ $name }”。
channel-removed = 已移除“{ $name }”。
channel-remove-about = 其密钥和等待发送的提醒也会一并移除。
channel-failing = 已失效。
channel-last-none = 尚未发送过。
channel-last-delivered = 最近发送：{ $age }，已送达。
channel-last-failed = 最近发送：{ $age }，失败。{ $why }。
channel-all-alerts = 全部提醒
channel-quiet-hours = 免打扰 { $from }–{ $to }
channel-kind = 类型
channel-kind-webhook = Webhook
channel-kind-ntfy = ntfy
channel-kind-telegram = Telegram
channel-kind-feishu = 飞书
channel-kind-dingtalk = 钉钉
channel-kind-wecom = 企业微信
channel-kind-slack = Slack
channel-kind-discord = Discord
channel-kind-email = 邮件
channel-kind-program = 程序
channel-kind-newer = 由更新的版本添加
channel-field-url = 地址
channel-field-url-webhook = 地址
    .about = 以 HTTP POST 接收 JSON 文档。
channel-field-url-ntfy = 主题
    .about = 例如 https://ntfy.sh/my-alerts。请取一个不易猜到的名称。
channel-field-url-email = 邮件服务器
    .about = smtps://user@host:465；使用 STARTTLS 时为 smtp://user@host:587。
channel-field-address = Webhook 地址
channel-field-address-feishu = Webhook 地址
    .about = 来自群的自定义机器人，按密钥保存。
channel-field-address-dingtalk = Webhook 地址
    .about = 来自群的自定义机器人，按密钥保存。
channel-field-address-wecom = Webhook 地址
    .about = 来自群机器人，按密钥保存。
channel-field-address-slack = Webhook 地址
    .about = 来自应用的 Incoming Webhooks，按密钥保存。
channel-field-address-discord = Webhook 地址
    .about = 来自频道的整合设置，按密钥保存。
channel-field-to = 收件人
channel-field-to-telegram = 会话
    .about = 数字（例如 -1001234）或 @channel。
channel-field-to-email = 收件人
    .about = 邮箱地址，用逗号分隔。
channel-field-from = 发件人
channel-field-from-email = 发件人
    .about = 发件人的邮箱地址。
channel-field-secret = 签名密钥
channel-field-secret-webhook = 签名密钥
    .about = 可选。消息按 Standard Webhooks 签名。
channel-field-secret-ntfy = 访问令牌
    .about = 可选，用于受保护的主题。
channel-field-secret-telegram = 机器人令牌
    .about = 由 @BotFather 提供。
channel-field-secret-feishu = 签名密钥
    .about = 机器人启用签名校验时填写。
channel-field-secret-dingtalk = 签名密钥
    .about = 机器人启用加签时填写。
channel-field-secret-email = 密码
    .about = 服务器要求时填写。
channel-field-kept = 留空则保持不变。
channel-secret-kept = 已保存，留空则保持不变。
channel-secret-none = 尚未保存。
channel-private = 允许内网地址
    .about = 也可发往本机和局域网。
channel-rules = 接收内容与时间
channel-kinds = 提醒类型
channel-none-is-all = 不选即为全部。
channel-level = 级别
channel-quiet =
    .about = 结束后再发送提醒。
channel-language-same = 与设置相同
channel-digest = 摘要
channel-digest-none = 无
channel-rule-channel-address-missing = 请输入地址。
channel-rule-channel-address-bad = 须以 https:// 开头，且不含用户名和密码；邮件为 smtps:// 或 smtp://。
channel-rule-channel-address-private = 这是内网地址或本机地址。如确需使用，请允许内网地址。
channel-rule-channel-secret-missing = 请输入机器人的令牌。
channel-rule-channel-secret-again = 请重新输入：已保存的不会发往其他地址。
channel-rule-channel-to = 请输入会话（例如 -1001234 或 @channel）或邮箱地址。
channel-rule-channel-from = 请输入邮箱地址。
alert-kind-threshold = 额度达到提醒线
alert-kind-likely-empty = 额度可能用完
alert-kind-likely-lasts = 额度预计又够用
alert-kind-balance-low = 余额不足
alert-kind-reset = 重置
alert-kind-credit = 到账
alert-kind-anomaly = 异常
alert-kind-recovered = 异常已返还
alert-kind-withdrawn = 异常已撤销
alert-kind-key-refused = 密钥无效
alert-kind-budget = 预算用到 80% 或用完
alert-kind-extra-usage = 加油包开始扣费
settings-guard = 额度守护
    .about = 在额度用完前提醒编程智能体，并让它停下。
guard-default = 未设置时：80% 提醒，95% 停下。以 hook 运行，安装命令：
guard-limits = { $quota }：提醒线 { $warn }，停止线 { $stop }
guard-at = { $percent }%
guard-wider = 按更大范围的设置
guard-account = 账号
guard-quota = 额度
guard-all-quotas = 全部额度
guard-warn = 提醒线（已用 %）
guard-stop = 停止线（已用 %）
guard-add = 设置界限
guard-wrong = 请输入 1 到 100 的整数；0 为从不，留空则按更大范围的设置。最多 { $most } 条。
guard-hint = 0 为从不；留空则按更大范围的设置。

## Menu bar of the window, on macOS

# 用词与系统一致。
menu-about = 关于 Tidemark
menu-services = 服务
menu-hide = 隐藏 Tidemark
menu-hide-others = 隐藏其他
menu-show-all = 全部显示
menu-quit = 退出 Tidemark
menu-edit = 编辑
menu-undo = 撤销
menu-redo = 重做
menu-cut = 剪切
menu-copy = 拷贝
menu-paste = 粘贴
menu-select-all = 全选
menu-window = 窗口
menu-minimize = 最小化
menu-zoom = 缩放
menu-fullscreen = 进入全屏幕
menu-close = 关闭

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
tray-paused = 已暂停，{ $moment } 恢复
tray-sample = 示例数据
tray-old = { $length }前的数据
tray-refresh = 立即刷新
tray-pause-hour = 暂停自动刷新 1 小时
tray-pause-tomorrow = 暂停自动刷新到明天
tray-resume = 恢复自动刷新
tray-open = 打开 Tidemark
tray-quit = 退出

notify-open = 打开
notify-threshold = { $account }：{ $meter ->
    [five-hour] 5 小时额度
    [week] 每周额度
    [month] 每月额度
   *[month-code] 每月额度的 Kimi Code 部分
}已用 { $percent }
notify-exhausted = { $account }：{ $meter ->
    [five-hour] 5 小时额度
    [week] 每周额度
    [month] 每月额度
   *[month-code] 每月额度的 Kimi Code 部分
}已用完
notify-used-now = 目前已用 { $percent }
notify-resets-at = { $moment } 重置，还有 { $length }
notify-resets-on = { $moment } 重置，还有 { $length }
notify-reset = { $account }：{ $meter ->
    [five-hour] 5 小时额度
    [week] 每周额度
    [month] 每月额度
   *[month-code] 每月额度的 Kimi Code 部分
}已重置
notify-reset-early = { $account }：{ $meter ->
    [five-hour] 5 小时额度
    [week] 每周额度
    [month] 每月额度
   *[month-code] 每月额度的 Kimi Code 部分
}提前重置
notify-reset-late = { $account }：{ $meter ->
    [five-hour] 5 小时额度
    [week] 每周额度
    [month] 每月额度
   *[month-code] 每月额度的 Kimi Code 部分
}延迟重置
notify-reset-body = 额度已恢复，已用：{ $before } → { $after }
notify-reset-good = 好消息，额度已恢复。已用：{ $before } → { $after }
notify-gives-back = 此前的不明扣减已返还
notify-anomaly-wipe-out = { $account }：{ $what }瞬间清空
notify-anomaly-accelerated = { $account }：{ $what }消耗加快
notify-anomaly-unexplained = { $account }：{ $what }出现不明扣减
notify-anomaly-impossible = { $account }：{ $what }扣减过快，超出限速上限
notify-anomaly-disagreement = { $account }：{ $what }数据不一致
notify-anomaly-overdue-reset = { $account }：{ $what }逾期未重置
notify-anomaly-clawback = { $account }：{ $what }又被扣回
notify-recovered = { $account }：{ $what }此前的扣减已返还
notify-recovered-body = 返还 { $amount }
notify-withdrawn = { $account }：{ $what }的异常已撤销
notify-withdrawn-body = 补报的日志中有对应用量。
notify-digest = 有 { $count } 条推迟的通知
said-expected = 扣减 { $observed }，预期 { $low }–{ $high }
said-expected-most = 扣减 { $observed }，预期不超过 { $high }
said-expected-none = 扣减 { $observed }，预期为 0
said-factor = 扣减约为预期的 { $low }–{ $high } 倍
said-stands = 目前仍显示已用 { $observed }
said-two-figures = Kimi 给出了两个不一致的数值，较大的是已用 { $observed }
said-announcement = Kimi Code 官方通知：“{ $text }”
said-incident = Kimi 状态页显示“{ $title }”
the-series = { $series ->
    [five-hour] 5 小时额度
    [week] 每周额度
    [month] 每月额度
    [month-code] 每月额度的 Kimi Code 部分
    [balance] 余额
    [wallet] 加油包
   *[account] 账号
}
points = { $count ->
   *[other] { $value } 个百分点
}
notify-likely-empty-soon = { $account }：{ $meter ->
    [five-hour] 5 小时额度
    [week] 每周额度
    [month] 每月额度
   *[month-code] 每月额度的 Kimi Code 部分
}可能在重置前用完
notify-likely-empty-body = 目前已用 { $used }；估算可能性约 { $percent }
notify-likely-empty-span = 预计在 { $from } – { $to } 之间用完
notify-likely-lasts = { $account }：{ $meter ->
    [five-hour] 5 小时额度
    [week] 每周额度
    [month] 每月额度
   *[month-code] 每月额度的 Kimi Code 部分
}现在预计能用到重置
notify-extra-usage-begun = { $account }：加油包开始扣费
notify-extra-usage-body = 本月已用 { $spent }
notify-extra-usage-cap = 每月上限 { $cap }
notify-budget-step = { $what }：{ $period ->
    [day] 今日
    [week] 本周
   *[month] 本月
}预算已用 { $percent }
notify-budget-all = { $what }：{ $period ->
    [day] 今日
    [week] 本周
   *[month] 本月
}预算已用完
notify-budget-body = 已用 { $used }，预算为 { $limit }；{ $moment } 起重新计算
budget-project = { $account }，项目 { $project }
budget-percent = { $meter ->
    [five-hour] 5 小时额度
    [week] 每周额度
   *[month] 每月额度
}的 { $percent }
budget-tokens = { $number ->
   *[other] { $count } token
}
budget-line = { $what }：{ $period ->
    [day] 今日
    [week] 本周（至 { $until }）
   *[month] 本月（至 { $until }）
}已用 { $used }，预算为 { $limit }（{ $percent }）
budget-line-unknown = { $what }：{ $period ->
    [day] 今日
    [week] 本周（至 { $until }）
   *[month] 本月（至 { $until }）
}预算为 { $limit }，用量尚不清楚
cli-budget-none = 还没有设置预算。设置方法见 `tidemark budget set --help`。
cli-budget-no-limit = 缺少预算数额：金额、token 数，或额度的百分比。
cli-budget-no-such = 没有编号为 { $number } 的预算。`tidemark budget list` 会列出全部预算。
notify-balance = { $account }：余额低于 { $threshold }
notify-money-left = 剩余 { $amount }
notify-credit = { $account }：到账 { $amount }
notify-refused = { $account }：{ $failure }
notify-refused-body = 更换密钥之前，Tidemark 只会偶尔重试
notify-suspended-body = 服务已终止该账号的访问，更换密钥没有用。请向 Kimi 客服询问原因。
notify-lapsed-body = 服务连续多次无法验证会员。请到会员页面查看会员是否有效。
notify-test = 通知可用
notify-test-body = 提醒会这样显示

notify-update = Tidemark { $version } 已发布
notify-update-body = 安装方法见“设置”。

## Command line

help-usage = 用法：
help-options = 选项
help-arguments = 参数
help-commands = 命令
help-after =
    退出状态：0 成功，1 失败，2 用法错误，3 拒绝访问（密钥、权限或会员），
    4 受限（限速、过载，或额度、余额用完），5 服务或网络故障，6 响应无法识别，
    7 剩余量少于要求（check）。
help-common =
    .json = 以 JSON 格式输出
    .data-dir = 历史与设置所在的目录，也可用 TIDEMARK_DATA_DIR 指定
    .timezone = 划分日和月所用的时区，例如 Asia/Shanghai
    .lang = 输出的语言：en 或 zh-CN
    .help = 显示帮助
    .version = 显示版本
    .source = 密钥所属的产品：kimi-code 或 platform
    .region = 服务的区域：china 或 global
    .base-url = 代替官方地址的接口地址：https，或本机上的 http
    .account = 只看这个账号
    .from = 从这一天或这一时刻起：2026-11-01 或 2026-11-01T09:00:00+08:00
    .to = 到这一天（含当天）或这一时刻为止
    .name = 账号的名称
    .key-env = 存有密钥的环境变量
    .local-server = 从本机的 Kimi Code 本地服务读取，不需要密钥
    .passphrase-env = 存有加密密钥文件口令的环境变量；不指定则在终端中询问
help-tidemark = 看清 Kimi 的额度和余额，用了多少、还剩多少
help-read = 读取一次额度和余额，不保存结果
    .name = 输出中显示的名称
help-explain = 解释 API 的错误响应，响应正文从标准输入读取
    .status = 响应的 HTTP 状态码
    .header = 一个响应头，可多次指定
    .source = 给出响应的产品：kimi-code 或 platform
help-account = 添加、列出、删除、重命名和测试账号，更换密钥
help-account-add = 添加账号
    .name = 自定的名称
    .key-stdin = 从标准输入读取密钥并保存：默认存入系统密钥环，或由 --keep 指定
    .key-env = 不保存密钥，只记录存有密钥的环境变量名
    .local-server = 从本机的 Kimi Code 本地服务读取，不保存任何密钥
    .keep = 标准输入的密钥保存在哪里：keyring（系统密钥环）或 encrypted-file（由口令保护的文件）
help-account-list = 列出账号
help-account-remove = 删除账号及其历史和保存的密钥
    .keep-key = 即使无法访问密钥也删除账号，密钥留在原处
help-account-rename = 重命名账号
    .new-name = 新名称
help-account-test = 用保存的密钥立即更新一个账号；遵守 Retry-After
help-account-set-key = 给账号更换密钥；服务接受新密钥后才会更换
    .key-stdin = 从标准输入读取密钥并保存：默认存入系统密钥环，或由 --keep 指定
    .key-env = 不保存密钥，只记录存有密钥的环境变量名
    .base-url = 再次输入该账号的接口地址，确认变量中的密钥可以发送到该地址
    .local-server = 从本机的 Kimi Code 本地服务读取，不保存任何密钥
    .keep = 标准输入的密钥保存在哪里：keyring（系统密钥环）或 encrypted-file（由口令保护的文件）
help-machine = 与其他设备共享用量：每个请求只计一次
help-machine-list = 显示本机、其他设备和记录交换
help-machine-add = 添加通过 SSH 读取的设备，或多台设备的共享目录
    .name = 自定的名称
    .ssh = 用本机的 ssh 读取的主机；那里需要安装 tidemark，不需要运行任何服务
    .command = 对方设备上 tidemark 的路径；默认按名称查找
    .folder = 各台设备都能访问的目录，例如 Syncthing 或网盘的目录；其中的文件都经过加密
    .passphrase-env = 存有目录口令的环境变量；只保存变量名
    .keep = 目录口令保存在哪里：keyring（系统密钥环，默认）或 encrypted-file（由口令保护的文件）
help-machine-remove = 移除设备或记录交换；共享目录中的该设备以后会被忽略
    .name = 设备或记录交换的名称
    .keep-use = 保留由此收到的用量（默认）
    .drop-use = 同时删除由此收到的用量；其他设备也有的请求会保留
help-machine-rename = 重命名设备或记录交换
    .name = 设备或记录交换的名称
    .new-name = 新名称
help-machine-forget = 移除设备并删除它的全部用量；共享目录中的该设备以后会被忽略
    .name = 设备的名称
help-machine-restore = 重新接收已忽略设备的用量
    .name = 设备的名称
help-machine-sync = 立即交换记录
    .name = 设备或记录交换的名称；不指定则全部交换
help-machine-this = 显示或更改其他设备看到的本机信息
    .name = 本机的名称
    .share-projects = 是否把项目名提供给其他设备：yes（是）或 no（否，默认）
help-machine-export = 以 JSON Lines 输出本机的记录；其他设备通过 SSH 运行此命令
    .since = 只输出这个游标之后的新记录；游标在上次输出的最后一行
help-hub = 在自有的 PostgreSQL 数据库中与团队共享用量
help-hub-init = 在数据库中创建团队库，并成为所有者；再次运行会升级数据表
    .url = 数据库地址，不含密码，例如 postgres://lin@db.example.org/team
    .password-env = 存有数据库用户密码的环境变量；不指定时在终端中输入，并保存到系统密钥环
    .share-machine-name = 是否让其他人看到本机的名称：yes（是）或 no（否，默认）
help-hub-invite = 输出一份只能使用一次的邀请；仅所有者可用
    .role = 新成员的角色：member（成员，可见自己的用量和所用账号的合计，默认）、auditor（审计员，可见全部）或 owner（所有者，可见全部并可邀请）
    .hours = 邀请的有效小时数（默认 72）
help-hub-join = 凭邀请加入团队库
    .invitation = 邀请；填 - 则从标准输入读取
    .name = 其他人看到的名字；默认是本机的名称
    .password-env = 存有今后所用密码的环境变量；不指定时随机生成，并保存到系统密钥环
    .share-machine-name = 是否让其他人看到本机的名称：yes（是）或 no（否，默认）
help-hub-sync = 读取日志，并把新的用量提交到团队库
help-hub-leave = 退出团队库
    .remove-mine = 同时删除你提交的全部内容；其他成员的设备也有的请求改计在对方名下
help-hub-findings = 显示团队审计在你所用账号中的发现；所有者和审计员可见全部账号
help-hub-members = 列出成员和未使用的邀请
help-hub-remove = 移除成员及其提交的全部内容；仅所有者可用
    .member = 成员的名字，见 tidemark hub members
    .keep-usage = 保留该成员提交的内容
help-hub-revoke = 撤销尚未使用的邀请；仅所有者可用
    .invitation = 邀请的编号，见 tidemark hub members
    .all = 全部未使用的邀请
help-hub-keep = 显示或设置单个请求和读数的保留时间；按小时和按天的合计始终保留
    .months = 除本月外再保留的月数
    .all = 一直保留，直到空间不足
help-hub-status = 显示你的角色、你能看到的设备，以及尚未提交的用量
help-hub-usage = 显示你能看到的用量
    .by = 分组方式：member（成员）、machine（设备）、client（程序）、model（模型）、project（项目）、day（日期，默认）或 month（月份）
    .from = 从这一天起：2026-11-01
    .to = 到这一天为止，含当天
    .currency = 开放平台价格的货币：USD（默认）或 CNY
help-backup = 把全部历史与设置备份到一个文件，不含密钥；后台服务可以照常运行
    .file = 要写入的文件，只有你自己能读取
    .force = 文件已存在时覆盖
help-restore = 用备份替换现有的历史与设置；原有数据会在数据目录中另存一份
    .file = 要恢复的备份；后台服务如在运行，会先停止再重新启动
help-intake = 接收你自己的程序上报的用量：OTLP 指标，以及 LiteLLM 代理的消费记录
help-intake-list = 显示已开启的来源、计入的数量和出现的问题
help-intake-otlp = 接收本机程序发来的 OTLP 指标
help-intake-otlp-on = 从现在起接收指标，只在本机回环地址上监听 HTTP
    .listen = 要监听的回环地址，程序把指标发到这里
help-intake-otlp-off = 停止接收指标，已计入的用量保留
help-intake-litellm = 从 PostgreSQL 读取 LiteLLM 代理的消费记录，不写入任何内容
help-intake-litellm-on = 从现在起读取消费记录
    .url = 数据库地址，不含密码，例如 postgresql://reader@127.0.0.1:5432/litellm
    .password-env = 存放密码的环境变量名，须在后台服务的运行环境中设置
help-intake-litellm-off = 停止读取消费记录，已计入的用量保留
help-channel = 把提醒发到聊天软件、手机、邮箱或您自己的程序
help-channel-list = 显示各渠道、接收的内容以及最近一次发送的结果
help-channel-add = 添加渠道；此后的提醒会发送到这里
    .name = 自定名称
    .kind = 发送到哪里：webhook、ntfy、telegram、feishu、dingtalk、wecom、slack、discord、email 或 program
    .url = 地址：Webhook、ntfy 主题，或邮件服务器，例如 smtps://me%40example.org@smtp.example.org
    .url-env = 存有地址的环境变量（后台服务的），只保存变量名
    .url-stdin = 从标准输入读取地址并存入系统密钥环；聊天软件的地址含有密钥，应这样输入
    .secret-env = 存有令牌、签名密钥或密码的环境变量（后台服务的），只保存变量名
    .secret-stdin = 从标准输入读取令牌、签名密钥或密码（在地址之后一行），并存入系统密钥环
    .keep = 从标准输入读取的内容存在哪里：keyring（默认）或 encrypted-file
    .to = 收件人：Telegram 会话，例如 -1001234，或以逗号分隔的邮箱
    .from = 发件人邮箱
    .program = 每条消息以 JSON 写入其标准输入的程序
    .allow-private = 允许内网地址和本机地址
    .alerts = 只接收这些类型的提醒，以逗号分隔，例如 threshold,anomaly
    .account = 只接收此账号的提醒，可重复使用
    .level = 只接收不低于此级别的提醒：info、warning 或 urgent
    .quiet = 免打扰时段，例如 22:00-08:00
    .zone = 免打扰时段和消息中时间所用的时区，默认与设置相同
    .language = 消息的语言：en 或 zh-CN，默认与设置相同
    .digest = 发送摘要：day（每天）或 week（每周一）
help-channel-test = 立即发送一条测试消息
    .name = 渠道名称
help-channel-remove = 移除渠道及其密钥
    .name = 渠道名称
help-digest = 汇总昨天或上周：用量、事件、预测结果，以及将用不完的额度
    .period = day（昨天，默认）或 week（上一周，从周一算起）
help-update = 检查新版本并安装
    .check = 立即查询最新版本
    .install = 下载最新版本，验证签名后替换当前版本
    .on = 今后每天检查一次
    .off = 不再检查
help-import = 把导出的记录合并到现有历史，重复的只计一次
    .files = 任何格式、任何版本的导出文件，顺序不限；- 表示标准输入
help-poll = 更新全部账号并保存结果
help-agent = 运行后台服务（含托盘与通知），直到被停止
    .no-tray = 不显示托盘图标
    .demo = 使用示例数据：不需要账号和网络，也不改动你的任何数据
    .listen = 同时在本机回环地址上提供接口，由令牌保护
    .ui = 同时提供这个目录中的网页文件
help-serve = 向浏览器提供网页和指标，直到被停止
    .listen = 监听的地址和端口（默认 127.0.0.1:4680）
    .token-file = 浏览器所用令牌的文件；不存在时会生成（默认为数据目录中的 serve.token）
    .allow-remote = 允许其他设备可访问的地址；请在前面放置带 TLS 的代理
    .allow-host = 浏览器访问时使用的主机名，例如反向代理的主机名；可多次指定
    .base-path = 反向代理提供网页的路径，例如 /tidemark/
    .read-only = 拒绝一切改动，适合挂墙显示屏
    .ui = 网页文件所在目录，用来代替内置网页
    .demo = 提供示例数据
help-serve-token = 显示、更换或删除浏览器所用的令牌
help-serve-token-show = 输出令牌
    .token-file = 令牌文件（默认为数据目录中的 serve.token）
help-serve-token-rotate = 生成并输出新令牌；旧令牌立即失效
    .token-file = 令牌文件（默认为数据目录中的 serve.token）
help-serve-token-revoke = 删除令牌；在有新令牌之前，任何浏览器都无法访问
    .token-file = 令牌文件（默认为数据目录中的 serve.token）
help-status = 显示最近的读数（只读本地记录，不联网）
    .line = 一行简短的文字，用于状态栏；等同于 --format line
    .format = 格式：text（文字）、line（一行）、json，或状态栏的格式：waybar、i3status、polybar、tmux、starship、swiftbar、kimi-code（Kimi Code 的状态行）
    .width = 一行（默认 160 列）或表格可占的列数
    .forecast = 同时预计每项额度能否用到重置
    .follow = 有变化时以及至少每分钟重新输出一次，直到读取方停止
help-check = 检查剩余量是否足够，以退出状态回答：0 足够，7 不足（只读本地记录，不联网）
    .meter = 检查什么：5h、week、month、balance，或 any（所有额度，默认）
    .left = 至少应剩余多少：额度的百分比（默认 10），或余额的金额（默认有余额即可）
    .max-age = 读数最多可以是多少分钟前的（默认与别处判断“数据较旧”的时限相同）
help-guard = 在额度用完前让编程智能体停下；由 Kimi Code 和 Claude Code 的 hook 运行
    .account = 只看这个账号（默认为本机 Kimi Code 使用的账号）
    .check = 不读取 hook 的输入，以退出状态回答：0 可以继续，7 应停下
    .max-age = 读数最多可以是多少分钟前的（默认 60）
help-guard-list = 显示每项额度的提醒线和停止线
help-guard-set = 设置提醒线和停止线
    .account = 只对这个账号
    .meter = 只对这项额度：5h、week 或 month
    .warn = 已用百分比达到多少时提醒智能体额度紧张，never 为从不（默认 80）
    .stop = 已用百分比达到多少时让智能体停下，never 为从不（默认 95）
    .reset = 清除对这个账号和额度的设置
help-guard-allow = 允许被停下的会话继续，直到额度重置
    .session = 停下时给出的会话名（默认为最近被停下的会话）
help-budget = 账号或项目在一天、一周或一个月内用到一定数额时提醒
help-budget-list = 显示各项预算的使用情况
help-budget-set = 设置预算；用到 80% 和 100% 时提醒
    .account = 账号
    .project = 只对一个项目：其文件夹，或文件夹名（按 token 或金额；金额为估算）
    .per = 周期：day、week（从周一起）或 month，按日历计算
    .money = 金额，例如 300 或 "300 CNY"；会员账号指加油包的花费
    .tokens = 会话日志中的 token 数，例如 5M 或 500万
    .percent = 额度的百分比，需同时指定是哪项额度
    .meter = 哪项额度：5h、week 或 month
help-budget-remove = 删除预算
    .number = 列表中的编号
help-kimi-code = 在 Kimi Code 或 Claude Code 的配置中加入或移除 Tidemark 的状态行和额度守护
help-kimi-code-install = 加入两者或其中之一；会显示改动，其余内容保持不变
    .status-line = 只加入状态行
    .guard = 只加入额度守护（hook）
    .program = 哪个程序的配置：kimi-code（默认）或 claude-code
    .account = 该程序使用的账号（Tidemark 无法判断时指定）
    .dry-run = 只显示改动，不写入
help-kimi-code-uninstall = 移除加入的内容，文件恢复原样
    .program = 哪个程序的配置：kimi-code（默认）或 claude-code
    .dry-run = 只显示改动，不写入
help-kimi-code-status = 显示已加入的内容
help-mcp = 通过 Model Context Protocol 回答编程智能体，使用标准输入和输出（只读本地记录，不联网）
help-mcp-after =
    由编程智能体自行启动。添加方法：

    Kimi Code：写入 ~/.kimi-code/mcp.json，或使用 /mcp-config
      { $entry }
    Cursor：在 ~/.cursor/mcp.json 中写入同样内容
    Claude Code：claude mcp add --scope user tidemark -- tidemark mcp
    Codex：codex mcp add tidemark -- tidemark mcp

    工具：get_quota、will_it_last、get_usage、get_history、get_findings、explain_error。
    它们都不作改动，也看不到密钥。
help-history = 按小时、日或月显示额度与余额的扣减
    .by = 统计粒度：hour（小时）、day（日）或 month（月）
    .csv = 以 CSV 格式输出
help-findings = 显示事件：重置、到账、异常、变更
help-replay = 重新分析导出的历史
    .files = 读数、用量、服务故障和失败的 JSON Lines 文件；不指定则读标准输入
help-report = 生成或校验证据报告
    .account = 报告所属的账号；有多个账号时必须指定
    .format = 报告的格式：html（适合打印的网页）或 json；不指定 --output 时，--json 也表示 json 格式
    .language = 网页的语言：en 或 zh-CN
    .output = 写入的文件；不指定则写到标准输出
    .check = 校验这份报告的校验码
help-export = 导出记录的历史
    .format = csv（额度与金额的表格）、json（一个数组）或 jsonl（每行一个文档）；会话日志中的请求只在 JSON 格式中
help-logs = 显示本机会话日志中的 token 用量
    .home = 只在这个目录下查找日志，而不是主目录
    .by = 汇总方式：day（日，默认）、month（月）、model（模型）、project（项目）、session（会话）、client（发送请求的程序）或 machine（设备，统计全部已知设备）；JSON 中不写出隐藏的项目名
    .currency = 开放平台价格的币种：USD（默认）或 CNY
    .machine = 改为读取记录的历史：设备名称、all（全部，每个请求只计一次）或 this（本机）
help-completions = 输出 shell 的自动补全脚本
    .shell = bash、zsh、fish、elvish 或 powershell
help-man-pages = 生成所有命令的手册页
    .folder = 写入的目录
man-manual = Tidemark 手册
man-name = 名称
man-synopsis = 概述
man-notes = 备注

cli-not-understood = 无法识别
cli-resets = { $length }后重置（{ $moment }）
cli-reset-unknown = 重置时间未知
cli-conflict = 数值不一致
cli-details = 原文：“{ $text }”
cli-retry-after = 服务要求等待 { $length }。
cli-explain-hint = 正在从标准输入读取响应正文，按 Ctrl-D 结束。
cli-explain-limit = 限速
cli-explain-meter = 额度
cli-explain-reached = 已达到
cli-explain-limit-value = 上限
cli-explain-whose = 限制范围
cli-explain-wait = 等待
cli-explain-message = 消息
whose-account = 整个账号
whose-project = 项目
whose-service = 全服务
cli-key-prompt = { $name } 的密钥（不显示）：
cli-passphrase-prompt = 加密密钥文件的口令（不显示）：
cli-account-added = 已添加 { $name }。
cli-account-removed = 已删除 { $name } 及其历史。
cli-account-removed-key-left = 已删除 { $name } 及其历史。无法访问它的密钥，密钥留在原处。
cli-account-renamed = { $name } 已重命名为 { $new }。
cli-account-works = { $name } 的密钥可用。
cli-account-key-set = { $name } 已更换密钥。
cli-account-none = 还没有账号。添加账号：tidemark account add 名称 --source … --region … --key-stdin
cli-account-same = 以下名称是同一个账号：{ $names }。它们的密钥或用户相同，显示的是同一份扣减，请勿相加。
cli-account-env-hint = { $name } 的密钥将从环境变量读取；后台服务的环境中也要设置这个变量。
cli-account-env-unset = 当前环境中没有设置 { $variable }。
cli-machine-this = 本机：{ $name }
cli-machine-shares = 会把项目名提供给其他设备。
cli-machine-shares-not = 不会把项目名提供给其他设备。
cli-machine-renewed-other-host = 本机换了新标识：历史是从另一台设备复制来的。
cli-machine-renewed-clone = 本机换了新标识：另一台设备有相同的历史，并使用原来的标识。
cli-machine-none = 还没有其他设备。添加：tidemark machine add 名称 (--ssh 主机 或 --folder 目录)
cli-machine-machine = 设备
cli-machine-way = 记录来源
cli-machine-seen = 最近一次
cli-machine-coverage = 已读取的日志
cli-machine-exchange = 记录交换
cli-machine-place = 位置
cli-machine-done = 上次成功
cli-machine-next = 下次交换
cli-machine-never = 尚未成功
cli-machine-span = { $from } – { $to }
cli-machine-ssh = SSH：{ $place }
cli-machine-folder = 目录 { $place }
cli-machine-kept = 不再接收
cli-machine-ignored = 已忽略，用量保留
cli-machine-imported = 仅来自导入
cli-machine-ignored-names = 已忽略：{ $names }。如需重新接收用量，请运行：tidemark machine restore { $name }
cli-machine-now-ignored = 共享目录中这台设备的文件以后会被忽略。如需撤销，请运行：tidemark machine restore { $name }
cli-machine-restored = 不再忽略“{ $name }”。
cli-machine-failed = { $name }：{ $why }。
cli-machine-added = 已添加 { $name }。
cli-machine-not-added = 没有添加任何内容。
cli-machine-waiting = 正在等待 { $name } …
cli-machine-slow = 与“{ $name }”的交换超过 2 分钟，不再等待；添加的内容已保留，后台服务会再试，也可运行 tidemark machine sync { $name }
cli-machine-reserved = “{ $name }”是保留名称，在 --machine 中另有含义；请换一个名称
cli-machine-stays-added = 添加的内容已保留。如需重试，请运行：tidemark machine sync { $name }
cli-machine-removed = 已移除“{ $name }”，用量保留。
cli-machine-removed-unused = 已移除“{ $name }”，此前没有收到过它的用量。
cli-machine-removed-use = 已移除“{ $name }”及其用量。
cli-machine-synced = { $name }：收到 { $received } 个新请求。
cli-machine-written = 已写出本机的 { $count } 个请求。
cli-machine-skipped = 跳过了 { $count } 条较新版本的记录。
cli-machine-passphrase-new = 共享目录的口令，所有设备相同（不显示）：
cli-hub-made = 团队库已就绪。你是 { $name }，角色：{ $role }。邀请其他人：tidemark hub invite
cli-hub-joined = 已加入团队库。你是 { $name }，角色：{ $role }。后台服务会自动提交用量；立即提交：tidemark hub sync
cli-hub-role-owner = 所有者
cli-hub-role-auditor = 审计员
cli-hub-role-member = 成员
cli-hub-invited = 只能使用一次，新成员的角色：{ $role }，有效期至 { $time }。任何持有者都能使用。
cli-hub-invited-local = 团队库的地址是本机地址，因此这份邀请只能在本机使用。
cli-hub-given = 已向团队库提交 { $count } 个请求。
cli-hub-left = 已退出团队库。你提交的内容仍保留在其中。
cli-hub-left-removed = 已退出团队库。你提交的内容已删除。
cli-hub-status-none = 本机未加入团队库。可用 tidemark hub init URL 创建，或用 tidemark hub join INVITATION 加入。
cli-hub-status = { $url }：你是 { $name }，角色：{ $role }；共 { $members } 位成员。
cli-hub-away = { $url }：{ $why }。
cli-hub-outbox = { $count ->
        [0] 没有待提交的请求。
       *[other] 有 { $count } 个请求待提交。
    }
cli-hub-agent = 后台服务上次提交用量：{ $time }。
cli-hub-agent-failed = 后台服务未能提交用量（{ $time }）：{ $why }。
cli-hub-findings-none = 团队审计没有你可以查看的发现。
cli-hub-role = 角色
cli-hub-machines = 设备数
cli-hub-former = { $name }（已退出）
cli-hub-invitation = 邀请 { $id }：角色为{ $role }，有效期至 { $time }。
cli-hub-removed = 已移除 { $name } 及其提交的全部内容。
cli-hub-removed-kept = 已移除 { $name }，其提交的内容保留。
cli-hub-revoked = { $count ->
        [0] 没有未使用的邀请。
       *[other] 已撤销 { $count } 份邀请。
    }
cli-hub-keeps = 单个请求和读数除本月外再保留 { $count } 个月；按小时和按天的合计始终保留。
cli-hub-keeps-all = 单个请求和读数一直保留，直到空间不足。
cli-hub-machine = 设备
cli-hub-member = 成员
cli-hub-seen = 最近出现
cli-hub-usage-empty = 没有你能看到的用量。
cli-hub-zone = 日期按团队库的时区计算：{ $zone }。
cli-hub-password = 数据库用户的密码（不显示；没有密码则留空）：
cli-column-account = 账号
cli-column-source = 来源
cli-column-region = 区域
cli-column-key = 密钥
cli-column-base-url = 接口地址
cli-column-when = 时间
cli-column-what = 额度或余额
cli-column-used = 扣减
cli-column-returned = 恢复
cli-column-credited = 到账
cli-column-expired = 已过期
cli-column-coverage = 覆盖率
cli-column-last = 期末
cli-column-resets = 重置
cli-column-finding = 事件
cli-poll-nothing = 还没有可更新的账号。
cli-poll-left-alone = 已跳过 { $name }：{ $why }，{ $moment } 后可再更新。
cli-poll-left-alone-soon = 已跳过 { $name }：{ $why }，{ $length }后可再更新。
cli-poll-left-alone-through = 已跳过 { $name }：{ $why }。
cli-key-trouble = { $what }。{ $advice }
cli-no-quota = 没有任何额度。免费套餐没有额度。
cli-zone-note = 时间按 { $zone } 显示。
cli-standard-input = 标准输入
cli-replay-document = 这是一个 JSON 文档，不是 JSON Lines。请这样导出：tidemark export --format jsonl
cli-replay-no-record = 不是可识别的记录（解析程序的原文：“{ $why }”）
cli-poll-found = 事件
cli-why-just-now = 刚刚更新过
cli-why-retry-after = 服务要求稍候
cli-why-polled-through = 与另一账号重复
cli-why-ended = 后台服务在收到响应之前已停止
cli-history-left-out = 有 { $count } 行没有数据，未显示；--json 和 --csv 会全部列出。
cli-history-empty = 这段时间没有记录。后台服务运行时，或每次执行 tidemark poll 时，才会记录读数。
cli-logs-empty = 没有找到 Kimi 模型的用量（已读取 { $files } 个日志）。
cli-logs-none = 没有找到 Kimi 模型的用量。
cli-logs-by-day = 日期
cli-logs-by-month = 月份
cli-logs-by-model = 模型
cli-logs-by-project = 项目
cli-logs-by-session = 会话
cli-logs-by-client = 程序
cli-logs-by-machine = 设备
cli-logs-all = 合计
cli-logs-requests = 请求
cli-logs-input = 输入（未命中缓存）
cli-logs-cache-read = 缓存命中
cli-logs-cache-write = 缓存写入
cli-logs-output = 输出
cli-logs-total = token 总数
cli-logs-worth = 折算金额
cli-logs-estimated = 折算金额：这些 token 按开放平台价格估算的费用。会员套餐并不按 token 计费。
cli-logs-unpriced = 无公开价格：{ $tokens } token（{ $models }）。
cli-logs-third = 其他服务商，不计入：{ $model }，{ $tokens } token。
cli-logs-doubtful = 有 { $count } 次请求的时间异常或缺失，按日志所写的日期或日志文件的日期计入。
cli-logs-skipped = 有 { $count } 行无法读取。
cli-logs-unreadable = 有 { $count } 个日志文件无法读取。
cli-logs-unread-file = 无法读取 { $file }；系统提示：{ $said }
cli-logs-real = 以上是本机真实的会话日志。这个数据目录的后台服务正在使用示例数据，示例数据不计入。
cli-logs-links = 有 { $count } 个链接未读取：它们指向你自己的文件夹之外，或者目标不存在（例如磁盘未挂载）。如需计入，请在设置中添加该文件夹，或接入磁盘。
cli-report-written = 报告已写入 { $file }。校验码：{ $seal }
cli-report-good = 校验通过：{ $records } 条记录，校验码 { $seal }
cli-report-page-unknown = 校验码正确。这个网页由另一版本的 Tidemark 生成，无法检查它是否与所附数据一致。
intake-otlp = OTLP 指标
intake-litellm = LiteLLM 消费记录
intake-off = 未开启
intake-on = 已开启，{ $where }
intake-listening = 已开启，正在监听 { $address }
intake-received = 最近一次接收
intake-read = 最近一次读取
intake-since = 始于 { $time }
intake-no-agent = 后台服务未运行，只有它会接收和读取。请运行：tidemark agent
intake-counted = 后台服务启动以来计入 { $count } 条请求或时段
intake-in-logs = { $count } 条未计入：会话日志中已有相同用量
intake-not-kimi = { $count } 条未计入：不属于 Kimi
intake-refused = { $count } 条被拒绝：数值、时间或名称无效，或序列过多
intake-refused-exports = 拒绝了 { $count } 次上报：无法解析、超过 2 MiB，或来自网页
intake-problem-port-taken = 该端口已被其他程序占用。请结束该程序，或用 --listen 换一个端口。
intake-problem-listen = 系统不允许监听该地址。
intake-problem-unreachable = 该地址没有 PostgreSQL 服务器响应，稍后会重试。
intake-problem-timeout = PostgreSQL 服务器未及时响应，稍后会重试。
intake-problem-refused = PostgreSQL 服务器拒绝了用户名或密码。
intake-problem-not-secret = PostgreSQL 服务器在另一台设备上，且不支持加密。请在服务器上开启 TLS。
intake-problem-no-table = 数据库中没有该用户可读的 LiteLLM_SpendLogs 表。
intake-problem-failed = PostgreSQL 服务器出错，稍后会重试。
intake-problem-password = 后台服务的运行环境中未设置存放密码的变量。
intake-problem-store = 收到的用量未能保存，稍后会重试。
cli-intake-listen = --listen 需要带端口的回环地址，例如 127.0.0.1:4318，而不是 `{ $found }`；其他设备不得向它发送
cli-intake-url = --url 需要带用户名的 PostgreSQL 数据库地址，例如 postgresql://reader@127.0.0.1:5432/litellm
cli-intake-url-password = --url 中不能有密码，因为地址会原样保存。请把密码放进后台服务的环境变量，用 --password-env 指定变量名
cli-update-version = Tidemark { $version }
cli-update-ask = 要每天检查一次新版本吗？会向 GitHub 查询，只发送当前版本号。[y/N]
cli-update-install = 安装命令：tidemark update --install
cli-update-on = 每天检查一次：tidemark update --on
cli-backup-written = 备份已写入 { $file }（{ $megabytes } MB）。
cli-backup-content = { $accounts } 个账号，{ $readings } 条读数
cli-backup-span = { $content }，历史从 { $from } 到 { $to }
cli-backup-content-unknown = 历史由较新版本的 Tidemark 写入，已原样复制。
cli-backup-no-keys = 备份中不含密钥，密钥仍在原处。
cli-backup-exists = { $file } 已存在。请换一个名称，或用 --force 覆盖。
cli-backup-own-file = { $file } 是数据目录自己的文件，请换一个位置。
cli-backup-disk-full = 磁盘已满，未能在 { $file } 写入备份。请腾出空间，或换一个位置。
cli-restore-done = 已从 { $file } 恢复。
cli-restore-kept = 原有的历史已保留在 { $file }。如需还原，请运行：tidemark restore { $file }
cli-restore-agent-restarted = 恢复期间停止了后台服务，现已重新运行。
cli-restore-agent-stopped = 恢复期间停止了后台服务，未能重新启动。请运行：tidemark agent
cli-restore-keys-missing = 本机没有这些账号的密钥：{ $names }。请在窗口的“账号”页输入，或运行：tidemark account set-key 名称 --key-stdin
cli-restore-keys-unknown = 密钥环或密钥文件打不开，无法查找这些账号的密钥：{ $names }。请先解锁，再运行：tidemark account test 名称
cli-restore-withheld = 以下账号的密钥会发送到非 Kimi 官方的地址，因此没有沿用其密钥设置：{ $names }。如果地址无误，请运行以下命令确认：tidemark account set-key NAME --key-env VARIABLE --base-url URL
cli-restore-itself = { $file } 就是正在使用的历史，未做任何恢复。
cli-restore-newer = { $file } 由较新版本的 Tidemark 生成。请安装该版本后再恢复。未做任何更改。
cli-restore-not-ours = { $file } 不是 Tidemark 的备份，未做任何更改。如果是 tidemark export 导出的文件，请运行：tidemark import 文件
cli-restore-damaged = { $file } 已损坏，或不是备份文件（系统的原文：“{ $why }”）。未做任何更改。
cli-restore-busy = 另一个进程正在使用历史，未做任何更改。请关闭它，再运行一次。
cli-import-account = { $name }：新增 { $readings } 条读数、{ $failures } 次更新失败、{ $requests } 个请求。
cli-import-known = { $name }：{ $count } 条记录原已存在。
cli-import-too-old = { $name }：略过 { $count } 条。{ $since } 之前的单条读数在这里已不保留，那段时间的既有数据保持不变。
cli-import-requests-too-old = { $name }：略过 { $count } 个请求。那段时间的单个请求在这里已不保留，而这份导出无法区分它们。
cli-import-new-account = { $name } 是新增的账号，没有密钥：可以查看历史，但不会更新。如需更新，请在窗口中输入密钥，或运行：tidemark account set-key 名称 --key-stdin
cli-import-renamed = 这里已有另一个名为 { $other } 的账号，导入的账号改名为 { $name }。
cli-import-empty = { $file } 是空文件。
cli-import-nothing = 没有新内容，全部记录都已存在。
cli-import-service = 新增服务故障与官方通知：{ $count } 条
cli-import-unassigned = 新增未归属的请求：{ $count } 个
cli-import-unassigned-too-old = 略过 { $count } 个未归属的请求：那段时间的单个请求在这里已不保留。
cli-import-future = 略过 { $count } 条时间在未来的记录。
cli-import-of-no-account = 略过 { $count } 条更新失败或请求：没有读数说明它们属于哪个账号。请与读数一起导入。
cli-import-unknown = 略过 { $count } 条本版本不认识的记录。
cli-import-csv = CSV 只含额度和金额。请求、限速和官方通知只在 JSON 格式中。
cli-import-not-an-export = { $file } 不是 Tidemark 的导出文件，未导入任何内容。应为 tidemark export 输出的 JSON Lines、JSON 数组或 CSV。如果是备份，请运行：tidemark restore 文件
cli-import-utf16 = { $file } 是 UTF-16 编码，未导入任何内容。请另存为 UTF-8。
cli-findings-none = 没有事件。
cli-check-enough = { $account }：{ $meter }剩余 { $left }。
cli-check-less = { $account }：{ $meter }剩余 { $left }，少于 { $asked }。
cli-check-old = { $account }：{ $meter }未知；上次读数是在 { $left }前。
cli-check-reset = { $account }：{ $meter }未知；上次读数之后已经重置。
cli-check-other-currency = { $account }：{ $meter }未知；余额的币种是 { $left }。
cli-bar-none = 没有账号
cli-check-unknown = { $account }：{ $meter }未知；还没有读数。
cli-check-balance = 余额
cli-check-nothing = 没有账号有这项额度或余额。
cli-check-wrong-left = “{ $found }”不能用作这里的 --left。额度要用百分比，例如 10；余额要用金额，例如 5.00 或 5.00 CNY。
cli-guard-stop = Tidemark 已让智能体停下：{ $account }的{ $series }已用 { $used }，达到停止线 { $limit }。
cli-guard-stop-until = 将于 { $moment } 重置，还有 { $length }。
cli-guard-stop-go-on = 如仍要在本会话中继续，请运行：{ $command }
cli-guard-stop-tool = 请结束本轮，并向用户说明原因。
cli-guard-context = Kimi 额度（Tidemark { $length }前读取）：{ $quotas }。
cli-guard-quota = { $meter }已用 { $used }
cli-guard-quota-until = { $meter }已用 { $used }（{ $moment } 重置）
cli-guard-quota-tight = { $text } 紧张，达到 { $limit } 时智能体会被停下
cli-guard-unknown = 未知：没有足够新的读数。
cli-guard-no-quota = 没有账号有可以设线的额度。
cli-guard-never = 从不
cli-guard-limits = { $account }：{ $meter }：{ $warn } 时提醒，{ $stop } 时停下
cli-guard-no-session = 没有这样一个被停下的会话。
cli-guard-allowed = 会话 { $session } 可继续到 { $moment }。
cli-mcp-hint = 这是供编程智能体使用的服务，由它们自行启动。添加方法见：tidemark mcp --help
mcp-instructions = Tidemark 知道用户的 Kimi 额度和余额用了多少，数据来自后台服务每隔几分钟的读数。开始较长的工作前调用 get_quota，开始需要数小时的工作前调用 will_it_last；Kimi 返回 402、403 或 429 时调用 explain_error。这些工具都不作改动。null 表示未知，不是零：请转达 notes 中关于数据新旧和估算的说明，不要把不同账号的额度相加。
mcp-argument =
    .account = 账号名称，与 get_quota 列出的一致；省略则为所有账号
    .quota = 只看这项额度
    .from = 从这一天（2026-11-22，按回答中的时区）或这一时刻（RFC 3339）开始
    .to = 到这一天（含当天）或这一时刻为止
    .limit = 最多返回多少行
mcp-get-quota = 每个 Kimi 账号的额度已用和剩余百分比、重置时间、余额、限速，以及最近一次更新失败的原因。均为最近一次读数，age_seconds 为距今秒数。
mcp-will-it-last = 根据账号以往的使用情况，估算每项额度用到重置的可能性；可能不够时给出预计用完的时段。unknown_because 说明为何无法估算。
mcp-get-usage = 本机编程智能体会话日志中的 token 数和请求数，以及估算的折算金额
    .by = 每行代表：day（天，默认）、month（月）、model（模型）、project（项目）、session（会话）或 client（程序）
mcp-get-history = 额度（百分比）和余额（金额）的扣减与恢复、日志用量能解释多少，以及有数据的时间占比
    .by = 每行的时长：hour（小时）、day（天，默认）或 month（月）
mcp-get-findings = 事件，最新的在前：重置、到账，以及异常（没有对应用量的扣减）及其依据
    .kind = 只看这一类：anomaly、reset、credit、expiry、limit-change、plan-change、recovered、withdrawn
mcp-explain-error = 说明 Kimi 服务返回的错误是什么意思（限速、过载、额度用完、余额不足、会员失效、密钥无效）、该怎么办、会持续到什么时候
    .text = 错误原文：响应正文或完整的错误信息
    .status = HTTP 状态码（如已知）
    .retry-after = Retry-After 响应头的值（如有）
    .source = 返回错误的产品（如已知）
mcp-resource = 此账号的额度、余额、限速和状态，为最近一次读数
mcp-wrong-argument = 参数“{ $name }”无法使用；应为：{ $expected }。
mcp-no-such-argument = 没有参数“{ $name }”。
mcp-note-left-out = 省略了 { $count } 行；可缩短时间范围、指定一个账号，或提高 limit。
mcp-note-never-read = { $account }还没有读数：剩余多少未知。
mcp-note-stale = { $account }：最近一次读数是 { $length }前的，此后用了多少未知。
mcp-note-reset = { $account }：{ $meter }在最近一次读数之后已重置，目前用了多少未知。
mcp-note-estimated = 可能性和用完的时间是根据以往用量估算的，不了解接下来的计划。
mcp-note-this-machine = 统计的是本机所有账号的会话日志，不包括其他设备和网页版。
mcp-note-worth = 金额为估算：这些 token 按开放平台价格的费用。会员套餐并不按 token 计费。
mcp-note-coverage = coverage_share 是有数据的时间占比；null 表示未知。金额均注明币种。
mcp-note-findings = 异常是统计判断：confidence 取值 0 到 1。expected_low 和 expected_high 是用量所能解释的范围。
mcp-note-no-status = 没有给出或找到 HTTP 状态码，只按文字判断。
mcp-note-resets = 重置时间是 age_seconds 秒前读取的。
cli-line-resets = { $text }（{ $length }）
cli-line-runs-out = → 预计 { $length }后用完
cli-line-runs-out-sometime = → 重置前可能用完
cli-line-cache-hits = 缓存命中 { $share }
cli-line-anomalies = { $count } 个待处理异常
cli-kimi-code-not-understood = { $file } 内容无效，因此未作改动。请先修正，再重试。
cli-kimi-code-other-shape = { $file } 中状态行或 hook 的位置是别的内容，因此未作改动。
cli-kimi-code-taken = { $file } 已设置另一个状态行：{ $command }。请先移除它，或用 --guard 只加入额度守护。
cli-kimi-code-which-account = 有多个账号可能是该程序使用的账号，请用 --account 指定：{ $names }
cli-kimi-code-no-home = 找不到用户主目录，因此也找不到配置文件。
cli-kimi-code-changed = { $file } 刚被其他程序改动，因此未作改动。请重试。
cli-kimi-code-nothing = 无需改动。
cli-kimi-code-dry-run = 仅显示，未作改动。
cli-kimi-code-made = 已改动。新会话开始后生效。
cli-kimi-code-status = { $program }：状态行{ $line }，额度守护{ $guard }
cli-kimi-code-on = 已开启
cli-kimi-code-off = 未开启
cli-kimi-code-unknown = 无法判断（文件无法读取）
cli-kimi-code-partly = 只开启了一部分（请重新安装）
cli-status-more = 另有 { $count } 个
cli-status-age = { $length }前
cli-status-last-reading = 上次读数 { $length }前
cli-usage-no-command = 没有这个命令：{ $what }。
cli-usage-no-option = 多余的参数：{ $what }。
cli-usage-no-subcommand = { $what } 之后需要写明子命令。
cli-usage-missing = 缺少：{ $what }
cli-usage-no-value = { $what } 需要一个值。
cli-usage-extra-value = { $what } 不能带值“{ $value }”。
cli-usage-value = { $what } 不支持“{ $value }”。
cli-usage-values = 可选值：{ $values }
cli-usage-twice = { $what } 只能写一次。
cli-usage-conflict = { $what } 与 { $other } 不能同时使用。
cli-usage-similar = 是不是想写 { $what }？
cli-usage-zone = 请使用 IANA 时区，例如 Europe/Berlin。
cli-usage-header = 响应头的写法是“Name: value”。
cli-usage-status = 请使用 100 到 999 的 HTTP 状态码。
cli-usage-address = 请使用地址和端口，例如 127.0.0.1:0。
cli-usage-base-path = 请使用字母、数字、-、_、. 和 /，例如 /tidemark/。
cli-usage-cursor = 请使用上次输出最后一行中 "cursor" 的值，例如 1.0a1b2c3d.42，也可以使用整行。
cli-usage-width = 请填写 1 到 65535 之间的列数。
cli-usage-language = 请填写 en 或 zh-CN。
cli-usage-not-text = 有一个参数不是有效的文本。
cli-usage-options = [选项]
cli-usage-command = <命令>
cli-usage-more = 更多信息请用 --help 查看。
cli-said = { $what }：{ $message }
cli-passphrase-new = 加密密钥文件的新口令（不显示）：
cli-passphrase-again = 请再输入一次：
cli-local-server-source = --local-server 只能与 --source kimi-code 一起使用：Kimi Code 本地服务没有开放平台账号的数据
cli-advice-server-not-running = 请启动 Kimi Code，然后再运行一次。
cli-advice-rate-limited = 请等待，然后再运行一次。
cli-advice-server-error = 请稍后再运行。
cli-advice-gateway-timeout = 请稍后再运行。
cli-advice-network = 请检查网络和网络代理，然后再运行一次。
cli-advice-timeout = 请稍后再运行。
cli-advice-io = 请检查文件是否存在、能否读写。
cli-advice-keyring-absent = 请启动密钥环，或使用 --keep encrypted-file 或 --key-env。
cli-advice-file-locked = 请用 --passphrase-env 指定存有口令的环境变量，或在终端中运行。
cli-advice-variable-unset = 请在运行此命令的环境中设置。
cli-variable-unset = 环境变量 { $name } 未设置（应填写{ $what ->
        [passphrase] 口令
        [password] 密码
       *[other] 密钥
    }）
cli-variable-no-text = 环境变量 { $name } 的内容不是文本
cli-variable-empty = 环境变量 { $name } 为空（应填写{ $what ->
        [passphrase] 口令
        [password] 密码
       *[other] 密钥
    }）
cli-no-such-account = 没有账号“{ $name }”，可用 tidemark account list 查看
cli-account-name-empty = 账号的名称不能为空
cli-machine-added-before = 这台主机或这个目录已经添加过，名称是“{ $name }”；请直接使用，或先将其移除
cli-machine-no-exchange = 已不再与设备“{ $name }”交换记录
cli-machine-is-exchange = “{ $name }”是记录交换，不是设备；可用 tidemark machine list 查看其中的设备
cli-machine-not-ignored = 设备“{ $name }”没有被忽略
cli-machine-host = 主机名“{ $found }”不能用于 ssh：不能含空格，也不能以连字符开头
cli-machine-command = “{ $found }”不是对方设备上程序的路径
cli-no-such-machine = 没有设备“{ $name }”，可用 tidemark machine list 查看
cli-machine-path = 目录的路径无法写成文字
cli-machine-passphrase-where = 共享目录需要口令：请用 --passphrase-env 指定存有口令的环境变量，或在终端中运行
cli-hub-url = 应为带用户名的数据库地址，例如 postgres://lin@db.example.org/team
cli-hub-url-password = 地址中不能包含密码：请用 --password-env 指定存有密码的环境变量，或在终端中输入
cli-hub-none = 本机未加入团队库，可用 tidemark hub init URL 创建，或用 tidemark hub join INVITATION 加入
cli-hub-already-joined = 本机已加入另一个团队库，请先用 tidemark hub leave 退出
cli-hub-not-an-invitation = 这不是 tidemark hub invite 输出的邀请，或内容不完整
cli-hub-file-damaged = { $file } 已损坏；请删除该文件，再凭新的邀请加入团队库
cli-hub-no-day = 应为日期，例如 2026-11-01，实际为“{ $found }”
cli-variable-name = { $option } 后应填写环境变量的名称（字母、数字和下划线），不要填写密钥或口令本身
cli-key-not-text = 密钥不是文本
cli-key-nothing = 密钥为空
cli-key-one-word = 密钥中有空白字符，请只提供密钥本身
cli-key-odd-character = 密钥的第 { $place } 个字符是 { $character }，密钥中不会有这个字符，请重新复制
cli-passphrase-where = 加密密钥文件需要口令：请用 --passphrase-env 指定存有口令的环境变量，或在终端中运行
cli-passphrase-differs = 两次输入的口令不同
cli-zone-unknown = TZ 的值“{ $value }”不是已知的时区，现按 { $zone } 计算；可用 --timezone 另行指定。
cli-no-data-dir = 没有主目录可保存历史；请用 --data-dir 或 TIDEMARK_DATA_DIR 指定目录
cli-logs-no-home = 没有主目录；请用 --home 指定
cli-logs-home-machine = 按设备的用量在已记录的历史中，不在 --home 的日志里
cli-logs-home = --home 应为目录，收到的是“{ $found }”
cli-base-url-no-url = “{ $found }”不是网址，应类似 https://api.kimi.com/coding/v1
cli-base-url-not-secure = “{ $found }”不能用作接口地址：必须是 https，或本机上的 http
cli-base-url-decorated = 接口地址不能带用户名、密码、查询参数或片段
cli-base-url-key = 接口地址中似乎包含密钥；请用 --key-stdin 或 --key-env 提供密钥
cli-base-url-other-region = { $found } 属于另一个区域的服务，请使用 --region { $region }
cli-base-url-other-product = { $found } 属于另一个产品的服务，请使用 --source { $source }
cli-time-range-empty = --from 必须早于 --to
cli-time-range-no-moment = 应为日期（如 2026-11-01）或时刻（如 2026-11-01T09:00:00+08:00），收到的是“{ $found }”
cli-report-time-range-empty = --from 必须早于 --to，且不能晚于现在
cli-report-which = 一份报告只包含一个账号，请用 --account 指定
cli-report-page-is-no-json = --json 输出 JSON：请去掉 --format html，或用 --output 指定网页文件
cli-agent-listen = --listen 只接受本机回环地址，如 127.0.0.1:0，收到的是“{ $found }”；其他设备不应能访问此接口
cli-agent-already = { $dir } 已有后台服务在运行。
cli-agent-running = Tidemark 正在运行，按 Ctrl-C 停止。
serve-link = 打开 { $link }
serve-scan = 或用手机扫描此二维码：
serve-stop = 任何人凭此链接都能访问。按 Ctrl-C 停止。
serve-remote = --listen 只接受本机回环地址，如 127.0.0.1:4680，收到的是“{ $found }”；要允许其他设备访问，请加上 --allow-remote
serve-token-file = 无法使用令牌文件 { $file }。
serve-token-none = { $file } 中没有令牌：应为一行 16 至 512 个可打印的 ASCII 字符。可用 `tidemark serve token rotate` 生成。
serve-token-open = 本机的其他用户可以读取 { $file } 中的令牌。
serve-token-revoked = 已删除令牌。在有新令牌之前，任何浏览器都无法访问：`tidemark serve token rotate`。
serve-token-was-none = 原本就没有令牌。
cli-replay-too-long = 这一行超过 4 MiB
cli-replay-meter = 未知的额度“{ $name }”，此处和下文均忽略
cli-replay-late = 已跳过 { $count } 次读数：乱序超过 { $lines } 行。
cli-replay-more = 另有 { $count } 行无法识别。

cli-cause = 详情：{ $text }
cli-file-missing = { $file } 不存在
cli-file-no-folder = { $file } 所在的文件夹不存在
cli-file-read-denied = 你没有读取 { $file } 的权限
cli-file-write-denied = 你没有写入 { $file } 的权限
cli-file-is-none = { $file } 不是普通文件
cli-file-not-read = 无法读取 { $file }
cli-file-not-written = 无法写入 { $file }
cli-folder-foreign = { $folder } 属于其他用户
cli-folder-open = 其他用户可以写入 { $folder }
cli-folder-is-none = { $folder } 不是文件夹
cli-folder-not-used = 无法使用 { $folder }
cli-folder-in-use = 另一个 Tidemark 进程正在使用 { $folder }
cli-store-not-ours = { $file } 属于其他程序，请将其移走
cli-store-gone = { $file } 在使用中被移走或替换，放回之前无法保存任何内容
cli-no-home = 这个用户没有主目录
cli-agent-cannot-listen = 无法监听 { $address }
cli-prices-unreadable = { $file } 不是有效的价格表
cli-prices-negative = { $file }：{ $name } 的价格为负数
cli-prices-twice = { $file }：{ $name } 有两项的开始时间相同
cli-prices-unknown = { $file }：{ $name } 是 { $model } 的别名，而后者没有价格
cli-report-is-none = 这个文件不是证据报告
cli-report-newer = 报告由较新版本的 Tidemark 生成（版本 { $number }）
cli-report-record-changed = 报告被修改过：第 { $number } 条记录（共 { $of } 条）或之前的某条与校验码不符
cli-report-end-changed = 报告被修改过：末尾的记录有增减
cli-report-page-changed = 报告被修改过：网页与所附数据不一致
cli-advice-server-failed = 请稍后再运行；如果一直如此，请重新启动 Kimi Code。

# 服务出错时怎么办，用于 `tidemark explain`。
advice-overloaded = 服务过载。请按要求等待，或等几分钟再试；充值或升级没有帮助。
advice-out-of-balance = 余额不足，或账号因此被停用。请到控制台充值，或查看代金券是否适用于此模型。会员额度不能用来支付。
advice-membership-lapsed = 无法验证会员。请到会员页面查看是否有效；如果有效，请稍后再试。
advice-unauthorized = 密钥无效。请确认密钥完整、没有被删除，并用于签发它的服务：中国大陆与国际服务的密钥互不通用，Kimi Code 与开放平台的密钥也互不通用。
advice-forbidden = 密钥有效，但没有权限。请在控制台查看账号状态、IP 白名单，以及密钥可用的模型和产品。
advice-not-found = 请检查接口地址和模型名称，以及账号是否有权访问；已下线的模型也会返回此错误。
advice-server-error = 服务内部出错。请稍后再试；如果一直如此，请查看状态页，并把时间和消息发给客服。
advice-gateway-timeout = 服务端网关超时。请稍后再试；较短的请求或流式请求更容易成功。
advice-content-filtered = 内容被判定为高风险而遭拒绝。请修改内容；原样重发结果相同。
advice-bad-request = 请求有误：格式、参数或长度不对，具体见消息。原样重发结果相同。
advice-network = 无法连接服务。请检查网络、网络代理和接口地址。这不代表账号有问题。
advice-timeout = 服务没有及时响应。请稍后再试。
advice-not-understood = 响应无法识别。它可能来自网络代理或上网认证页，也可能是服务有变更；请检查接口地址，并确认 Tidemark 是最新版本。
advice-key-unavailable = 无法读取已保存的密钥。请解锁密钥环、设置环境变量，或重新输入密钥。
advice-server-not-running = Kimi Code 本地服务未运行。请启动 Kimi Code；账号本身没有问题。
advice-server-token-refused = Kimi Code 本地服务拒绝了文件中的令牌。请重新启动 Kimi Code，它会生成新的令牌；账号本身没有问题。
advice-server-without-usage = Kimi Code 本地服务不提供额度。请更新 Kimi Code 和 Tidemark，或改用登录或密钥添加账号。
advice-server-failed = Kimi Code 本地服务出错。请稍后再试；如果一直如此，请重新启动 Kimi Code。账号本身没有问题。
advice-server-login-refused = 服务不接受 Kimi Code 的登录。请在 Kimi Code 中重新登录，不需要在 Tidemark 中更换密钥。
advice-unknown-cancelled = 调用方在收到响应之前结束了请求。密钥和账号没有问题，请留出更多时间。
advice-unknown = 无法识别服务的响应。请稍后再试；如果一直如此，请把消息发给客服。
advice-rate-limited-concurrency-project = 项目的并发请求太多。请等一些请求完成，或在控制台提高项目的上限。被拒绝的请求不收费。
advice-rate-limited-concurrency = 并发请求太多。请等一些请求完成；账号的所有密钥和设备共用这个上限。被拒绝的请求不收费。
advice-rate-limited-requests-per-minute-project = 项目在一分钟内的请求太多。请放慢速度，或在控制台提高项目的上限。被拒绝的请求不收费。
advice-rate-limited-requests-per-minute = 一分钟内的请求太多。请按要求等待并放慢速度；账号的所有密钥和模型共用这个上限。被拒绝的请求不收费。
advice-rate-limited-tokens-per-minute-project = 项目在一分钟内的 token 太多。请放慢速度，或在控制台提高项目的上限。被拒绝的请求不收费。
advice-rate-limited-tokens-per-minute = 一分钟内的 token 太多。请等一分钟并放慢速度；请求允许的最大输出会预先计入，把它调小会有帮助。被拒绝的请求不收费。
advice-rate-limited-tokens-per-day-project = 项目当天的 token 已用完。请在控制台提高项目的上限，或等到第二天；服务没有说明一天按哪个时区划分。
advice-rate-limited-tokens-per-day = 当天的 token 已用完。上限在第二天重置（服务没有说明按哪个时区）；充值达到更高等级后没有每日上限。
advice-rate-limited-service = 服务收到的请求总量过大。请等几分钟再试；账号的额度并没有用完。
advice-rate-limited = 请求太多。请按要求等待，或等一分钟，并放慢速度。被拒绝的请求不收费。
advice-forbidden-model = 当前套餐不含这个模型，或不含这种上下文长度。密钥、账号和额度都没有问题。请换一个模型，或升级套餐。
advice-forbidden-account = 服务已终止该账号的访问。更换密钥没有用，请向 Kimi 客服询问原因。
advice-forbidden-client = 服务不允许这个程序使用该密钥。密钥和账号没有问题，额度也没有扣减。请在服务所列的程序中使用。
advice-window-exhausted-5h = 5 小时额度已用完，5 小时期满时重置；如果开通了加油包，在此之前可继续使用。
advice-window-exhausted-week = 每周额度已用完，7 天期满时重置；如果开通了加油包，在此之前可继续使用。
advice-window-exhausted-month = 每月额度已用完，Kimi Code 也包括在内，下个计费周期重置；如果开通了加油包，在此之前可继续使用。
advice-window-exhausted = 有一项额度已用完，服务没有说明是哪一项。请从读数中查看是哪一项、何时重置。

## Why a poll or a key failed

# 失败的具体情况：只写事实，不写建议。$said 是服务、密钥环或系统的原文。
cause-keyring-absent = { $fault ->
        [unsupported] Tidemark 不支持此系统上的密钥环
        [ended-while-asking] 密钥环在询问时退出了
        [bus-ended] 会话总线已结束，无法访问密钥环
       *[said] 没有密钥环应答，系统的原文：“{ $said }”
    }
cause-keyring-locked = 密钥环已锁定
cause-keyring-denied = { $fault ->
        [dismissed] 密钥环的询问窗口被关闭
       *[said] 密钥环拒绝访问，系统的原文：“{ $said }”
    }
cause-keyring-gone = { $fault ->
        [ended-while-asking] 密钥环在询问时退出了
        [bus-ended] 会话总线已结束，无法访问密钥环
       *[said] 密钥环已停止运行，系统的原文：“{ $said }”
    }
cause-keyring-no-answer = 密钥环没有响应
cause-keyring-failed = { $fault ->
        [no-readable-key] 密钥环中的条目不是可读取的密钥
        [same-name] 密钥环中有 { $entries } 个同名条目
       *[said] 密钥环出错，系统的原文：“{ $said }”
    }
cause-key-missing = 保存位置中没有这个密钥
cause-no-key = 账号是导入的，这里没有它的密钥
cause-key-forgotten = 密钥只保存在内存中，已被清除
cause-key-empty = 密钥为空
cause-key-several-words = 密钥中有空白字符
cause-key-odd-character = 密钥的第 { $place } 个字符是 { $character }，密钥中不会有这个字符
cause-variable-name = 这不是环境变量的名称
cause-variable-unset = 变量名：{ $name }
cause-foreign-address = 登录凭据原本会发送到 { $host }
cause-login-missing = 本机的 Kimi Code 没有登录此区域
cause-login-stale = Kimi Code 登录凭据已于 { $at } 过期
cause-login-unreadable = 无法使用 Kimi Code 登录文件 { $path }：{ $fault ->
        [not-a-file] 它不是普通文件
        [too-large] 文件过大
        [no-token] 其中没有访问令牌
        [no-expiry] 其中没有令牌的到期时间
       *[other-json] 内容不是 Kimi Code 所写的 JSON
    }
cause-login-other-region = Kimi Code 登录的是{ $found ->
        [china] 中国大陆
       *[global] 国际
    }服务，账号属于{ $expected ->
        [china] 中国大陆
       *[global] 国际
    }服务
cause-server-not-running = { $address ->
        [none] Kimi Code 本地服务未运行
       *[other] { $address } 没有应答
    }
cause-server-token = 无法使用令牌文件 { $path }：{ $fault ->
        [open-to-others] 它属于其他用户，或可被其他用户读取
        [not-a-file] 它不是普通文件
        [too-large] 文件过大
        [not-text] 内容不是文本
        [several-words] 内容不止一个词
       *[empty] 文件为空
    }
cause-server-foreign = 端口 { $port } 被其他用户的程序占用，没有向它发送任何内容
cause-file-locked = 加密的密钥文件已锁定
cause-wrong-passphrase = 口令无法打开密钥文件
cause-passphrase-empty = 口令为空
cause-passphrase-short = 口令太短
cause-file-damaged = 无法使用密钥文件 { $path }：{ $fault ->
        [too-large] 文件过大
        [not-encrypted] 它不是加密文件，或开头部分被改动、截断
        [no-passphrase] 它不是用口令加密的
        [too-costly] 打开它所需的内存超出 Tidemark 的限制
        [head-altered] 开头部分被改动或截断
        [body-altered] 内容被改动或截断
        [newer] 它由较新版本的 Tidemark 写入
       *[other-content] 内容不是 Tidemark 所写
    }
cause-io = 无法{ $task ->
        [write] 写入
       *[read] 读取
    } { $path }，系统的原文：“{ $said }”
cause-work-ended = 密钥文件的操作提前结束，系统的原文：“{ $said }”
cause-key-not-sendable = 密钥中有换行等不该出现的字符，无法发送
cause-address-refused = 密钥不会发送到这个账号的接口地址：它既不是 https，也不是本机上的 http
cause-token-stays-here = Kimi Code 本地服务的令牌只发送给本机
cause-no-tls = 无法建立加密连接，系统的原文：“{ $said }”
cause-no-address = 找不到 { $host } 的地址，系统的原文：“{ $said }”
cause-not-connected = { $host } 拒绝连接或无法到达，系统的原文：“{ $said }”
cause-connection-ended = { $host } 没有响应就断开了连接，系统的原文：“{ $said }”
cause-no-answer-in-time = { $host } 没有及时响应
cause-answer-not-finished = { $host } 的响应没有及时传完，已收到 { $bytes } 字节
cause-answer-broke-off = { $host } 的响应在 { $bytes } 字节后中断，系统的原文：“{ $said }”
cause-not-http = { $host } 的响应不是 HTTP，系统的原文：“{ $said }”
cause-body-garbled = 响应正文与响应头不符，系统的原文：“{ $said }”
cause-body-too-large = 响应超过 { $bytes } 字节
cause-redirected = { $host ->
        [none] 服务要求重定向（状态码 { $status }）；密钥不会随之转发
       *[other] 服务要求重定向到 { $host }（状态码 { $status }）；密钥不会随之转发
    }
cause-status-alone = 服务返回状态码 { $status }，没有附加消息
cause-status-with-word = 服务返回状态码 { $status }，原文只有“{ $said }”
cause-status-unknown = 服务返回状态码 { $status }，原文：“{ $said }”
cause-answer-is-page = { $said ->
        [none] 返回的是网页
       *[other] 返回的是网页，标题为“{ $said }”
    }
cause-answer-is-other-json = 返回的 JSON 类型不对：{ $kind ->
        [array] 数组
        [string] 字符串
        [number] 数字
        [null] null
       *[truth-value] 布尔值
    }
cause-answer-empty = 响应为空
cause-answer-not-text = 响应不是文本（从第 { $byte } 字节起）
cause-answer-cut-off = 响应在 { $bytes } 字节后被截断
cause-answer-not-json = 响应不是 JSON（第 { $line } 行第 { $column } 列）
cause-other-parts = 响应中没有额度，只有：{ $said }
cause-other-currency = 余额的币种未知：“{ $said }”
cause-no-amounts = { $said ->
        [none] 响应中没有余额
       *[other] 响应中的金额无法识别：{ $said }
    }
cause-server-token-refused = Kimi Code 本地服务拒绝了文件中的令牌
cause-server-without-usage = Kimi Code 本地服务不提供额度（状态码 { $status }）
cause-server-failed = { $said ->
        [none] Kimi Code 本地服务出错（状态码 { $status }）
       *[other] Kimi Code 本地服务出错（状态码 { $status }），原文：“{ $said }”
    }
cause-server-login-refused = { $said ->
        [none] 服务不接受 Kimi Code 的登录
       *[other] 服务不接受 Kimi Code 的登录，原文：“{ $said }”
    }
cause-not-said-who = Kimi Code 本地服务没有说明登录的是谁，此次响应未保存
cause-not-said-where = Kimi Code 本地服务没有说明登录的区域，请选择区域

## What findings say

# 先逐句解释，再列依据。参数由分析给出；时间按读者的时区。$series 和 $meter 同 the-series。
says-lost = { $from } – { $to }，{ $series }被扣减 { $amount }。
says-lost-in-new-cycle = { $from } – { $to }，{ $series }被扣减 { $amount }，其间开始了新周期。
says-lost-in-steps = { $from } – { $to }，{ $series }分 { $steps } 小步被扣减 { $amount }。
says-emptied = { $from } – { $to }，{ $series }在一次扣减中清空或几乎清空：此前{ $before }，此后{ $after }。
says-emptied-in-new-cycle = { $from } – { $to }，{ $series }进入新周期，同时瞬间清空：此前 { $before }，此后 { $after }。
says-no-usage = 其间本机没有用量。
says-others-idle = 其间其他已提供记录的设备也没有用量。
says-usage-deducted-before = 本机此前的用量都已扣减过。
says-usage-explains = 与本机用量对应的扣减最多为 { $at_most }。
says-other-quota-allows = { $moved ->
        [no] 在此期间，{ $other }没有变化，{ $series }本不应扣减。
       *[yes] 在此期间，{ $other }变动 { $points }，据此最多只应扣减 { $at_most }。
    }
says-largest-step-so-far = 除异常外，这个账号在同样时长内最多扣减 { $amount }。
says-nothing-like-it-before = 这个账号从未一次被扣减这么多。
says-limits-allow = 即使按最高价格计算，账号的限速在这段时间内最多也只允许扣减 { $at_most }。
says-taken-back = { $at } 曾到账或恢复 { $amount }，现在又被扣回。
says-rest-taken-back = { $at } 曾到账 { $amount }，剩余部分又被全部扣回。
says-reset-taken-back = { $at } 的重置（{ $amount }）被撤销，或者只是服务一时显示有误。
says-voucher-rest-ended = { $from } – { $to }，一张代金券的剩余金额（{ $amount }）很可能已过期：只有代金券余额减少，没有对应的用量，而且当时可能有同样金额的代金券到期。
says-costs-more = 自 { $since } 起，{ $series }的消耗加快：同样的 token，扣减量是此前的 { $times_low }–{ $times_high } 倍（扣减 { $deducted }，预期 { $expected }）。
says-hardly-paused = 此后本机几乎一直在用；如果另有一台没有日志的设备同时在用，也会出现同样的现象。
says-falls-faster = 自 { $since } 起，{ $series }在使用时的消耗速度是此前的 { $times_low }–{ $times_high } 倍，在不同日期的 { $sessions } 次会话中均有出现。本机日志没有记录这些用量；换用更贵的模型，或同时运行更多任务，也会出现同样的现象。
says-quotas-disagree = 自 { $since } 起，{ $meter }与 5 小时额度不一致：按后者应变动约 { $points_expected }，实际变动 { $points }。
says-two-figures = 自 { $since } 起，服务对{ $meter }给出了两个数值，相差超过 1 个百分点，较大的为已用 { $used }。
says-reset-overdue = { $meter }原定 { $due } 重置，{ $minutes } 分钟后仍显示已用 { $used }。
says-reset-withheld = { $from } – { $to }，{ $meter }进入新周期却没有重置：此前{ $before }，此后{ $after }。
says-given-back = { $from } – { $to }，{ $series }返还了 { $amount }（{ $of } 发现的异常扣减了约 { $lost }）。
says-late-usage-explains = { $machine ->
        [none] { $of } 发现的异常已撤销：补报的日志中有对应用量（扣减 { $amount }，最多可解释 { $at_most }）。
       *[other] { $of } 发现的异常已撤销：设备“{ $machine }”补报的日志中有对应用量（扣减 { $amount }，最多可解释 { $at_most }）。
    }
says-log-missing = 设备“{ $machine }”自 { $since } 起没有报告用量。
says-announcement = Kimi Code 官方通知（自 { $since } 起有效）：“{ $text }”。
says-incident = { $title ->
        [none] 状态页自 { $since } 起报告故障。
       *[other] 状态页自 { $since } 起报告“{ $title }”{ $impact ->
            [none] 。
            [minor] （轻微故障）。
            [major] （严重故障）。
            [critical] （重大故障）。
            [maintenance] （维护）。
           *[other] （{ $impact }）。
        }
    }
says-reset = { $from } – { $to }，{ $meter }{ $late ->
        [true] 延迟
       *[false] 准时
    }重置：{ $before } → { $after }，原定 { $due }。
says-reset-early = { $from } – { $to }，{ $meter }提前重置：{ $before } → { $after }，原定 { $due }。
says-reset-unscheduled = { $from } – { $to }，{ $meter }重置：{ $before } → { $after }，没有原定时间。
says-quota-limit-changed = { $from } – { $to }，{ $meter }的上限由 { $before } 变为 { $after }，前后的百分比不可比较。
says-rate-limit-changed = { $from } – { $to }，账号的{ $limit }由 { $before } 变为 { $after }。
says-plan-changed = { $from } – { $to }，套餐由 { $before } 变为 { $after }。
says-account-changed = { $from } – { $to }，此名称对应的账号已变为另一个。历史从这里重新开始，不与之前的账号比较。
says-paid-in = { $from } – { $to }，{ $series }充值 { $amount }。
says-voucher-granted = { $from } – { $to }，{ $series }收到代金券 { $amount }。
says-refunded = { $from } – { $to }，{ $series }收到退款 { $amount }。
says-deduction-refunded = { $from } – { $to }，{ $series }收到退款 { $amount }，与 { $of } 的扣减金额相同。
says-received = { $from } – { $to }，{ $series }到账 { $amount }，无法判断是充值还是赠送。
says-usage-taken-off = 同一时间的用量已从中扣除。
says-voucher-ended = { $from } – { $to }，一张 { $amount } 的代金券过期：金额一次归零，而现金余额的减少没有超过用量。
says-level-at = { $at }：{ $series }{ $level }
says-deducted-expected = { $expects ->
        [nothing] 扣减 { $amount }，预期为 0
       *[something] { $slack ->
            [none] 扣减 { $amount }，预期最少 { $low }，最多 { $high }
           *[other] 扣减 { $amount }（±{ $slack }），预期最少 { $low }，最多 { $high }
        }
    }
says-failed-polls = 其间更新失败 { $count } 次
says-sessions-since = 自 { $since } 起的 { $sessions } 次会话：扣减 { $deducted }，预期 { $expected }
says-sessions-at-pace = 自 { $since } 起的 { $sessions } 次会话：扣减 { $deducted }，按此前速度应为 { $expected }
says-while-paused = 本机未使用的 { $minutes } 分钟内：扣减 { $amount }
says-factor = 扣减量为此前的 { $factor } 倍（{ $times_low }–{ $times_high }），对数似然 { $log_likelihood }
says-pace = 速度为平常的 { $factor } 倍（{ $times_low }–{ $times_high }），对数似然 { $log_likelihood }
says-no-usage-logged = 本机日志没有记录用量
says-ratio-of-quotas = { $sessions } 次会话中，两项额度的比值是平常的 { $times_low }–{ $times_high } 倍
says-readings-in-a-row = { $by_count ->
        [none] 连续 { $count } 次读数，最近一次为已用 { $used }
       *[other] 连续 { $count } 次读数，最近一次为已用 { $used }，按用量计数则为 { $by_count }
    }
says-scheduled-end = 原定重置时间：{ $at }
says-used-at = { $at }：{ $meter }已用 { $used }
says-quota-at = { $at }：{ $meter }已用 { $used }，{ $ends ->
        [none] 没有原定的重置时间
       *[other] 下次重置：{ $ends }
    }
says-quota-of-limit-at = { $at }：{ $meter }已用 { $used }（上限 { $limit }），{ $ends ->
        [none] 没有原定的重置时间
       *[other] 下次重置：{ $ends }
    }
says-finding-of = { $at } 的事件
says-returned-at = { $at }：{ $series } +{ $amount }
says-rate-limit-at = { $at }：{ $limit } { $value }
says-plan-at = { $at }：套餐 { $plan }
says-user-at = { $at }：用户 { $user }（用户编号的哈希值）
says-money-at = { $at }，{ $series }：{ $left }
says-money-split = 现金 { $cash }，代金券 { $voucher }
says-deduction-at = { $at }：{ $series }扣减 { $amount }
says-limit = { $limit ->
        [concurrency] 并发上限
        [requests-per-minute] 每分钟请求数上限
        [tokens-per-minute] 每分钟 token 数上限
       *[tokens-per-day] 每日 token 数上限
    }
# 放在只有英文记录的文字之前。
says-recorded-in-english = 英文记录：“{ $text }”
    .label = 英文记录：

# GNOME 和 KDE Plasma 的面板（packaging/panel）
panel-about = Kimi 账号的额度和余额，由本机的 Tidemark 提供
panel-no-agent = 后台服务没有运行，打开 Tidemark 即可启动。
panel-no-program = 找不到 Tidemark。请先安装，或在设置中填写它的命令。
panel-lost = Tidemark 没有响应，会自动重试。
panel-command = Tidemark 的命令
    .about = 与终端中相同，例如：flatpak run --command=tidemark dev.tidemark.Tidemark
panel-window-command = 打开窗口的命令
    .about = 留空则打开已安装的应用。
panel-account = 账号
    .about = 只显示这个名称的账号；留空则显示全部。
panel-countdown = 在面板上显示距重置的时间

# 渠道：离开电脑时的提醒
channel-test = 此渠道可用
channel-test-body = Tidemark 会这样把提醒发到“{ $name }”
channel-failed = 渠道“{ $name }”已失效
channel-level-info = 全部级别
channel-level-warning = 警告及以上
channel-level-urgent = 仅紧急
channel-digest-day = 每日摘要
channel-digest-week = 每周摘要
cli-channel-none = 还没有渠道。添加：tidemark channel add 名称 --kind 类型
cli-channel-name = 渠道
cli-channel-kind = 类型
cli-channel-place = 位置
cli-channel-gets = 接收内容
cli-channel-last = 最近发送
cli-channel-never = 尚无
cli-channel-delivered = 已送达
cli-channel-all = 全部提醒
cli-channel-quiet-hours = 免打扰 { $from }–{ $to }
cli-channel-removed = 已移除“{ $name }”。
cli-channel-tested = 测试消息已送达“{ $name }”。
cli-channel-url-prompt = 地址：
cli-channel-secret-prompt = 令牌、签名密钥或密码：
cli-channel-stdin-empty = 标准输入为空：地址或密钥从标准输入读取
cli-channel-secret-url = { $kind } 的地址含有密钥，而命令行可能被他人看到；请用 --url-stdin 或 --url-env 给出
cli-channel-quiet = --quiet 需要两个时间，例如 22:00-08:00，收到的是“{ $found }”

# 摘要
digest-title-day = { $date }用量
digest-title-week = { $date }起一周用量
digest-nothing = 这段时间没有数据
digest-no-data = 无数据
digest-used = { $account }：{ $quota }，已用 { $amount }
digest-coverage = 覆盖率 { $share }
digest-tokens = 共 { $tokens } token，{ $requests } 次请求
digest-by-account = 按账号：{ $list }
digest-by-client = 按程序：{ $list }
digest-by-project = 按项目：{ $list }
digest-by-machine = 按设备：{ $list }
digest-unnamed = 未归属
digest-events = 事件：{ $counts }
digest-forecasts = 预测：{ $made } 次中 { $right } 次正确
digest-unused = { $account }：{ $quota }还剩 { $left }，{ $when } 重置
