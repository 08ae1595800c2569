# Tidemark, English. One catalogue for the window, the tray, notifications and the command line.
# Every message of this file exists in every other language's file.

## Words

app-name = Tidemark

# Meters: the quota windows of a membership. `.short` is for the tray, tables and charts.
meter-5h = 5-hour window
    .short = 5 h
meter-week = Week
    .short = Week
meter-month = Month
    .short = Month
meter-month-code = Code’s part of the month
    .short = Code in month
# Money. $currency is a code such as CNY.
series-balance = Balance, { $currency }
    .short = Balance
series-wallet = Wallet, { $currency }
    .short = Wallet
series-account = Whole account

# Sources and regions
source-kimi-code = Kimi Code
    .about = Membership with quota windows
source-platform = Open platform
    .about = Prepaid balance, paid by token
region-china = China
    .hosts = kimi.com, moonshot.cn
region-global = Global
    .hosts = kimi.ai, moonshot.ai

plan = Plan
plan-unknown = Plan unknown

# Money words
balance = Balance
balance-available = Available
balance-cash = Cash
balance-voucher = Voucher
balance-debt = Owed
balance-spent-today = Spent today
balance-spent-month = Spent this month
wallet = Wallet for extra usage
wallet-on = On
wallet-off = Off
wallet-balance = Left
wallet-month-used = Spent this month
wallet-month-cap = Monthly cap

# Rate limits
limits = Rate limits
limit-concurrency = Requests at the same time
    .short = at once
limit-requests-per-minute = Requests a minute
    .short = requests/min
limit-tokens-per-minute = Tokens a minute
    .short = tokens/min
limit-tokens-per-day = Tokens a day
    .short = tokens/day

# Units and small words
unit-percent = percent
unknown = unknown
unknown-mark = –
used = { $percent } used
left = { $percent } left
over = { $percent } over
resets-in = resets in { $time }
resets-at = resets { $time }
reset-due = reset is due
now = now
ago = { $time } ago
just-now = just now
in-time = in { $time }
days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
hours = { $count ->
    [one] { $count } hour
   *[other] { $count } hours
}
minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
seconds = { $count ->
    [one] { $count } second
   *[other] { $count } seconds
}
days-short = { $count } d
hours-short = { $count } h
minutes-short = { $count } min
seconds-short = { $count } s

# The forecast of a window. It is always an estimate, and the word says so.
forecast-lasts = Forecast: lasts until the reset
forecast-lasts-likely = Forecast: likely to last ({ $count } in 10)
forecast-even = Forecast: as likely to last as not
forecast-empty-likely = Forecast: likely to be empty before the reset ({ $count } in 10)
forecast-empty-within = Forecast: likely to be empty ({ $count } in 10), at about { $span }
forecast-empty-at = Forecast: empty at about { $span }
forecast-span = { $from } – { $to }
forecast-about = An estimate from how this account was used in the last weeks, at such times of day, and from the pace of now. It cannot know what you are going to do.

# How the values of a card stand
state-waiting = Waiting
    .about = No reading yet.
state-live = Live
    .about = Read on time.
state-stale = Stale
    .about = Older than it should be.
state-refused = Refused
    .about = The key was refused. Tidemark only tries again now and then.
state-limited = Limited
    .about = The service asked to wait.
state-unreachable = Unreachable
    .about = The service could not be reached, or failed.
state-not-understood = Not understood
    .about = The service answered something that Tidemark does not understand.
state-key-unavailable = Key unavailable
    .about = The key could not be had from where it is kept.

# Failures of a look at an account, by the word of their kind
failure-rate-limited = Rate limited
    .advice = A rate limit was hit. Tidemark waits as long as the service asks, then looks again.
failure-overloaded = Service overloaded
    .advice = The service has more to do than it can. This is not your account’s doing; waiting helps, topping up does not.
failure-out-of-balance = Out of balance
    .advice = The account’s money is used up, or the account is suspended for it. Top up on the platform’s console.
failure-window-exhausted = Quota used up
    .advice = A quota window is used up. It comes back when the window resets.
failure-membership-lapsed = No membership
    .advice = The membership has ended or could not be verified. Check it on your Kimi account page.
failure-unauthorized = Key refused
    .advice = The service does not accept this key. It may have been deleted, or it belongs to the other region. Replace it.
failure-forbidden = Not allowed
    .advice = The key is known but may not do this. Check its permissions and the address list on the console.
failure-not-found = Not found
    .advice = The service has nothing at this address. Check the base URL of this account.
failure-server-error = Service error
    .advice = The service failed. Tidemark tries again by itself.
failure-gateway-timeout = Gateway timeout
    .advice = The service did not answer its own gateway in time. Tidemark tries again by itself.
failure-content-filtered = Content rejected
    .advice = The service rejected the content of a request.
failure-bad-request = Request rejected
    .advice = The service did not accept the request. If it stays so, the service has changed: look for a newer version of Tidemark.
failure-network = No connection
    .advice = The service could not be reached. Check your connection, proxy and firewall. Tidemark tries again by itself.
failure-timeout = No answer in time
    .advice = The service did not answer in time. Tidemark tries again by itself.
failure-not-understood = Answer not understood
    .advice = Something else than the service may have answered, such as a proxy or a sign-in page of your network. If not, the service has changed: look for a newer version of Tidemark.
failure-key-unavailable = Key unavailable
    .advice = The key could not be had from where it is kept.
failure-unknown = Unknown failure
    .advice = Tidemark does not know this answer. Its details are below.

# The keyring, as last seen
keyring-ready = Keyring ready
    .advice = Keys are kept in the system keyring.
keyring-absent = No keyring
    .advice = No keyring is running on this system. Start one (such as GNOME Keyring, KWallet or KeePassXC), or keep keys in an encrypted file.
keyring-locked = Keyring locked
    .advice = The keyring is locked. Unlock it and answer its prompt.
keyring-denied = Keyring refused
    .advice = The keyring did not let Tidemark read its key. Allow it in the keyring’s own program, or enter the key again.
keyring-gone = Keyring went away
    .advice = The keyring was there and went away. Start it again; Tidemark notices by itself.
keyring-unknown = Keyring not asked yet
    .advice = Nothing needed the keyring so far.

# Where a key is kept
credential-keyring = System keyring
credential-encrypted-file = Encrypted file
credential-environment = Environment variable
credential-this-run = This run only
credential-kimi-code-login = Kimi Code login

# Errors of a request, by their stable code
error-name-taken = This name is taken
    .advice = Choose another name.
error-no-such-account = There is no such account
    .advice = Check the name; the account may also have been removed in the meantime.
error-no-such-finding = This finding is gone
    .advice = Its account was removed in the meantime.
error-report-changed = Not as it was made
    .advice = The report was changed after it was made, or it is none.
error-key-empty = The key is empty
    .advice = Paste the key.
error-base-url = This base URL cannot be used
    .advice = It must be https, or http on this machine, without user name, password, query or fragment.
error-keyring-absent = No keyring
    .advice = No keyring is running on this system. Start one, or keep the key in an encrypted file or for this run only.
error-keyring-locked = Keyring locked
    .advice = Unlock the keyring and answer its prompt, then try again.
error-keyring-denied = Keyring refused
    .advice = The keyring did not let Tidemark in. Allow it in the keyring’s own program, then try again.
error-keyring-gone = Keyring went away
    .advice = The keyring was there and went away. Start it again, then try again.
error-keyring-no-answer = Keyring does not answer
    .advice = It may be showing a prompt somewhere. Answer it, then try again.
error-keyring-failed = Keyring failed
    .advice = The keyring answered with an error. Try again, or keep the key elsewhere.
error-key-missing = The key is not there
    .advice = The keyring or file has no such entry any more. Enter the key again.
error-key-forgotten = The key was forgotten
    .advice = It was kept for one run only, and the agent has ended since. Enter it again.
error-variable-unset = The variable is not set
    .advice = The agent’s environment has no such variable. Set it where the agent is started, then start the agent again.
error-login-missing = No Kimi Code login
    .advice = No login of a Kimi Code command line was found. Log in there, then try again.
error-login-stale = The Kimi Code login has expired
    .advice = Use the Kimi Code command line once: it renews its own login. Tidemark only reads it.
error-login-unreadable = The Kimi Code login cannot be read
    .advice = Its file has another form or may not be opened. Use a key instead.
error-login-other-region = The Kimi Code login is of the other region
    .advice = Log in to this region with the Kimi Code command line, or use a key.
error-file-locked = The key file is locked
    .advice = Enter its passphrase.
error-wrong-passphrase = Wrong passphrase
    .advice = Try again. Without the passphrase the file cannot be opened.
error-passphrase-empty = A passphrase is needed
    .advice = Choose the passphrase that will protect the key file.
error-passphrase-short = The passphrase is too short
    .advice = Take at least 8 characters; four random words are good.
error-file-damaged = The key file is damaged
    .advice = Restore it from a backup, or remove it and enter your keys again.
error-io = A file could not be read or written
    .advice = Check the free space and the permissions of the data folder.
error-disk-full = The disk is full
    .advice = Free some space, then try again.
error-database = The history could not be read or written
    .advice = Check the free space and the permissions of the data folder.
error-settings = This setting cannot be used
    .advice = Check the value.
error-start-at-login = Start at login could not be changed
    .advice = Check the permissions of your autostart folder.
error-notifications = The notification was not shown
    .advice = No notification service answers on this desktop.
error-just-now = Just looked at
    .advice = Wait a moment, then try again.
error-bad-request = The request was not understood
    .advice = Window and agent may be of different versions. Restart both.
error-no-such-route = The agent does not know this request
    .advice = Window and agent may be of different versions. Restart both.
error-token = Not let in
    .advice = Open the window again with its full address, token included.
error-agent-unreachable = The agent does not answer
    .advice = It may have ended. Start it again.
error-agent-missing = The agent’s program was not found
    .advice = Install Tidemark again: its command line belongs to it.
error-agent-failed = The agent did not start
    .advice = The details are below. Try again.
error-other = Something went wrong
    .advice = The details are below.

# Trouble of the engine itself
trouble-disk-full = The disk is full
    .advice = Readings cannot be kept. Free some space; Tidemark goes on by itself.
trouble-database-damaged = The history is damaged
    .advice = Tidemark keeps showing live values. Restore the data folder from a backup, or move it away to begin anew.
trouble-database-read-only = The history cannot be written
    .advice = Check the permissions of the data folder.
trouble-clock-jumped = The clock jumped
    .advice = The system clock was changed by a large step. Times around it may be off.
trouble-other = Something is wrong with the engine
    .advice = The details are below.

# Findings
finding-anomaly = Anomaly
finding-reset = Reset
finding-credit = Credit
finding-expiry = Expiry
finding-limit-change = Limit changed
finding-plan-change = Plan changed
finding-recovered = Given back
finding-failure = Failure
finding-other = Other
anomaly-wipe-out = Wiped out
    .about = A meter or balance was emptied, or nearly, in one step that nothing explains.
anomaly-accelerated = Accelerated
    .about = For a while the same use cost a multiple of what it cost before.
anomaly-unexplained = Unexplained
    .about = A deduction with no use to explain it.
anomaly-impossible = Impossible
    .about = More than the account’s own rate limits could have consumed in the time.
anomaly-disagreement = Disagreement
    .about = Two meters of one account contradict each other.
anomaly-overdue-reset = Overdue reset
    .about = A reset was due and did not come.
anomaly-clawback = Taken back
    .about = A granted credit or a reset was taken back.
schedule-on-time = on time
schedule-early = early
schedule-late = late
credit-top-up = Top-up
credit-voucher = Voucher
credit-refund = Refund
credit-unknown = Money came in

# The service’s status page
service-none = All systems work
service-minor = Minor trouble
service-major = Major trouble
service-critical = Critical trouble
service-maintenance = Maintenance
service-unknown = Status unknown


# The evidence report
report-title = Evidence report
report-lead = What the service announced, what was read, and what use explains.
report-span = Span
report-made = Made
report-seal = Seal
report-summary = Summary
report-what = What
report-deducted = Deducted
report-explained = Explained by use
report-not-explained = Not explained
report-cannot-tell = Cannot be told
report-beyond = More than expected
report-worth = worth { $usd } USD at least, at open-platform prices (an estimate)
report-known-use = { $what }: { $percent } % of what was deducted came while this machine’s logs told of use.
report-announced = What was announced
report-nothing-announced = Nothing was announced in this span.
report-reset = { $what }: reset { $schedule }, announced for { $due }
report-limit = The limit { $limit } changed: { $before } → { $after }
report-plan = The plan changed: { $before } → { $after }
report-credit = { $amount } came in
report-incident-open = Status page: “{ $title }” ({ $impact })
report-incident-over = Status page: “{ $title }” is over ({ $impact })
report-cases = What was found
report-no-case = No anomaly was found in this span.
report-chart = { $what }: what was observed, and as a band what was to be expected
report-confidence = Confidence { $percent } %
report-mark-mine = The owner says: it was me.
report-mark-reported = The owner has reported this.
report-mark-settled = The owner takes this as settled.
report-readings = Reading by reading
report-readings-about = { $shown } of { $all } readings are listed: those that differ from the one before, and the polls that failed. All of them are in the data that this file carries.
report-method = Method
report-method-observed = Every few minutes Tidemark asks the service for the account’s quota and balance and keeps the answer. Between two answers it notes what was deducted and what came back. A percentage is known to half of its last digit; a step across a pause in reading, or across a reset, is known less well, and so is what follows from it.
report-method-explained = Use is the requests that this machine’s own session logs tell of, each with its tokens. On the open platform they are weighed with the published prices. In a membership they are weighed with the same prices and one scale for each quota, which is learned from the account’s own past. What is to be expected is an interval that allows for rounding, late posting, missing logs and other machines.
report-method-found = A deduction is a finding where it lies beyond that interval, contradicts the account’s other quotas, exceeds what its rate limits allow, or stands out from all that the account did before. The confidence says how well it can be known.
report-method-money = Quota is counted in points of a window’s percentage, money in its currency. A worth in money that is given for points is an estimate at the open platform’s prices; a membership is not billed by the token.
report-chain = Integrity
report-chain-about = This file carries all readings, the service’s raw answers and the findings as data. Each record’s hash is the SHA-256 of the hash before it, a line feed, the record’s text, a line feed and its raw body; the first hash is that of “tidemark-report 1”, a line feed and the head’s text. The last hash is the seal. `tidemark report --check FILE` does the sum.
report-chain-limits = Changing a record later changes the seal. Note the seal, or send it to somebody, when the report is made: whoever makes a whole new report makes a new seal.
report-bodies = Raw answers
report-bodies-about = The quota part of the service’s answers at the readings named above. Keys and personal data are taken out. All other answers are in the data that this file carries.


## Window

page-overview = Overview
page-history = History
page-use = Use
page-findings = Findings
page-accounts = Accounts
page-settings = Settings
pages = Pages
skip = Skip to the content
opens-outside = (opens outside of this window)
line-connecting = Connecting…
line-connected = Connected
line-lost = Not connected
agent-lost = The agent reads your accounts in the background. This window tries to reach it again by itself.
agent-start = Start the agent

# Everyday buttons
refresh = Refresh
refresh-one = Refresh { $name }
try-again = Try again
details = Details
cancel = Cancel
close = Close
save = Save
hide = Hide
saved = Saved
working = One moment…
new = new
account = Account
all-accounts = All accounts
from = From
to = To

# What a manual refresh did
refresh-polling = { $count ->
    [one] Looking at { $count } account.
   *[other] Looking at { $count } accounts.
}
refresh-left-just-now = { $count ->
    [one] { $name } was looked at a moment ago; left alone.
   *[other] { $count } accounts were looked at a moment ago; left alone.
}
refresh-left-retry-after = { $count ->
    [one] { $name } is left alone: the service asked to wait.
   *[other] { $count } accounts are left alone: the service asked to wait.
}
refresh-nothing = There is nothing to refresh.

# Times
tomorrow-at = tomorrow { $time }
yesterday-at = yesterday { $time }
weekday-at = { $day } { $time }
day-at = { $day }, { $time }
since = since { $time }
from-to = { $before } → { $after }
none-before = none
between = between { $from } and { $to }

# Overview
pause = Pause
pause-hour = For 1 hour
pause-tomorrow = Until tomorrow
paused = Paused until { $time }
    .about = No account is looked at until then.
resume = Resume
demo = Sample data
    .about = Everything here is made up by the built-in simulator.
demo-leave = Leave the sample data
no-tray = No tray on this desktop
    .about = Tidemark goes on reading in the background. Its icon appears when a tray does.
no-notifications = Notifications cannot be shown
    .about = No notification service answers on this desktop. Alerts are kept and shown when one does.
service-says = Kimi’s status page: { $status }
service-read = Read { $age }
open-status-page = Status page
open-console = Kimi console
unlock = Unlock
unlock-keyring = Unlock the keyring
replace-key = Replace the key
next-try = next try { $time }
next-look = next look { $time }
read-age = Read { $age }
level-near = near the limit
level-high = nearly used up
level-full = used up
reset-unknown = reset time unknown
count-of = { $used } of { $limit } requests
slice-of = Code’s part: { $percent }
conflict = Two figures disagree
    .about = The service gave two figures for this window that differ by more than one point. The larger is shown.
unconfirmed = Not yet confirmed
    .about = The value fell. The next reading will show whether it stays so.
trend-label = Last 24 hours: between { $low } and { $high }
no-quota = This account has no quota and no balance.
not-understood = { $count ->
    [one] { $count } part of the answer was not understood
   *[other] { $count } parts of the answer were not understood
}
    .about = Everything else is shown. A newer version of Tidemark may know these:
unseen-findings = { $count ->
    [one] { $count } new finding
   *[other] { $count } new findings
}

# History
span = Span
span-7d = 7 days
span-30d = 30 days
span-90d = 90 days
span-12m = 12 months
span-custom = Custom
by = By
by-hour = Hour
by-day = Day
by-month = Month
range = { $from } – { $to } · { $zone }
legend = What the marks mean
deducted = Deducted
of-it-code = of which Code
uncertain = Time uncertain
returned = Came back
resets = Resets
last-percent = Used at the end
last-money = Balance at the end
coverage = Watched
not-seen = Nobody looked
future = still to come
show-table = Table
show-chart = Chart
show-all = Show all { $count } charts
chart-keys = Arrow keys walk through the bars.
history-empty = Nothing was recorded in this span yet.

# Use
use-tokens = Tokens
use-worth = Worth at open-platform prices
    .about = An estimate from public prices. A membership is not billed by the token.
use-requests = Requests
use-input = New input
use-cache-read = From the cache
use-cache-write = Into the cache
use-output = Output
use-cache-hits = Cache hits
use-unpriced = Without a public price
use-models = By model
use-projects = By project
use-accounts = By account
use-busiest = Busiest hours
use-rates = Rates and limits
    .about = The most within any 60 seconds of the last minute, hour and day. The service counts what a request may answer at most before it begins, so its own count can be higher.
use-row = { $requests ->
    [one] { $requests } request
   *[other] { $requests } requests
} · { $hits } from the cache · { $worth }
use-empty = Nothing was used in this span.
of-it = of which { $name }
all-of = Show all { $count }
tokens-requests = { $tokens } tokens, { $requests ->
    [one] { $requests } request
   *[other] { $requests } requests
}
unascribed = Not ascribed
    .about = No log tells whose it was.
no-project = No folder told
rate-minute = Minute
rate-hour = Hour
rate-day = Day
rate-limit = Limit
logs = Session logs
logs-reading = Reading the session logs. Figures are not whole yet.
logs-progress = { $done } of { $files } files
logs-unread = The session logs were not read yet.
logs-none = No session logs were found on this machine. Name further homes in the settings.
logs-looked = Read to the end
logs-files = Log files
logs-unreadable = Files that could not be read
logs-skipped = Lines that could not be read
logs-doubtful = Requests with a doubtful time
logs-unpriced = Without a public price
logs-third = Other providers, not counted
logs-missing = not there
logs-unwatched = Changes are not noticed at once; the logs are looked through every few minutes.
format-kimi-code = Kimi Code
format-kimi-cli = Kimi CLI
format-claude-code = Claude Code

# Findings
kind = Kind
all-kinds = All
kind-reset = Resets
kind-credit = Credits
kind-anomaly = Anomalies
kind-change = Changes
kind-failure = Failures
only-unseen = Only new
mark-all-seen = Mark all as seen
finding-title-reset = { $what }: reset { $schedule }
finding-title-anomaly = { $what }: { $class }
finding-title-credit = { $class } { $amount }
finding-title-expiry = Expired: { $amount }
finding-title-limit-change = Limit changed: { $limit }
finding-title-plan-change = Plan changed
resets-on-time = { $count ->
    [one] { $count } reset on time
   *[other] { $count } resets on time
}
happened = Happened
announced = Announced for
amount = Amount
confidence = Confidence
evidence = Evidence
times = { $count ->
    [one] once
   *[other] { $count } times
}
failure-over = over
failure-lasting = still so
findings-empty = Nothing found so far. Resets, credits, failures and anomalies will be listed here.
findings-none-such = Nothing of this kind.
show-older = Show older
no-older = That is all.

# How far a deduction is explained
verdict = Explanation
verdict-fully = Explained
    .about = The use in your logs explains it.
verdict-partly = Explained in part
    .about = The use in your logs explains only a part of it.
    .figures = The use in your logs explains { $low } to { $high } of it.
verdict-not = Unexplained
    .about = Your logs usually tell of all use, and nothing in them explains it.
verdict-cannot-tell = Cannot tell
    .about = Your logs do not tell of all use of this account: it may have happened elsewhere.
known-use = { $what }: your logs explain { $percent } of the use

# What the user says of a finding
mark = Your word on it
mark-any = Any state
mark-open = Open
    .about = It waits for you, and the overview points to it.
mark-mine = It was me
    .about = You used it, though your logs do not show it. Tidemark learns that for this account; nothing else is hidden by it.
mark-reported = Reported
    .about = You told Kimi. It stays on record, and no longer counts as open.
mark-settled = Settled
    .about = Done with. It stays on record, and no longer counts as open.

# How sure a finding is
sure-certain = certain
sure-almost = almost certain
sure-very = very likely
sure-likely = likely
sure-maybe = possible

# The case of a finding
case-chart = { $what }: what was observed, and what was to be expected. The table tells every point.
observed = Observed
expected = To be expected
incident = Incident
failed-looks = Failed looks
in-detail = In detail
about-it = About it
go-taken = What had been taken
go-returned = What gave it back
more-open = and { $count } more

# Files
report = Evidence report
    .about = A dated document for Kimi’s support: what was announced, what was observed, what your use explains, with the raw answers. Keys and personal data are taken out.
export = Export
    .about = The recorded history as it is, for a spreadsheet or another program.
format = Format
file-saved = Saved: { $where }

# Accounts
account-add = Add account
account-test = Test
account-name = Name
account-name-auto = made up from the plan
account-added = { $name } was added
account-renamed = Renamed to { $name }
account-removed = { $name } was removed
account-moved = { $name } is now at place { $place } of { $of }
account-move = Move { $name }
account-move-hint = Drag, or use the arrow keys
account-up = Move { $name } up
account-down = Move { $name } down
move-up = Up
move-down = Down
rename = Rename
remove = Remove
    .about = Its history and its kept key go with it. This cannot be undone.
remove-title = Remove { $name }?
remove-without-key = Remove, leave the key
    .about = The key could not be reached, so the account is still here. Try again once the key can be reached; or remove the account now. Its key then stays where it is kept, as “Tidemark: { $name }”, and can be removed there.
account-removed-key-left = { $name } was removed; its key stays where it is kept
accounts-empty = No account yet.
added-on = added { $day }
key = Key
key-show = Show the key
key-hide = Hide the key
key-from = Where the key comes from
key-from-key = Paste a key
key-from-environment = Environment variable
key-from-kimi-code-login = Kimi Code login
key-shape-empty = Tidemark recognises a key by its shape; nothing is sent yet.
key-shape-kimi-code = A Kimi Code key.
key-shape-platform = An open-platform key.
key-shape-unknown = Not a shape that Tidemark knows. Choose the source yourself.
key-place = Where to keep it
key-place-keyring = Protected by your login.
key-place-encrypted-file = Protected by a passphrase that you enter after each start.
key-place-this-run = Forgotten when the agent ends.
key-elsewhere = Keep it elsewhere
key-promise = Tidemark sends the key only to Kimi’s own service, only to read your quota and balance, and keeps it where you choose.
key-replaced = { $name } has a new key
source = Source
region = Region
choose-auto = Find out
choose-both = Try both
variable = Variable
    .about = Of the agent’s environment. Only the name is remembered.
login-found = A login for { $region } was found.
login-fresh = Good until { $time }.
login =
    .about = Tidemark only reads it while it is fresh, and never renews or changes it.
passphrase = Passphrase
    .about = At least 8 characters; four random words are good. It cannot be recovered: Tidemark does not keep it.
passphrase-new = New passphrase
advanced = Advanced
base-url = Base URL
    .about = Instead of the service’s own: https, or http on this machine.
more-choices = More choices
add-untested = Add untested
test-ok = The key works: { $source }, { $region }

# First start
welcome = Welcome to Tidemark
    .about = See what is left of your Kimi quota and balance, and where it went.
welcome-key = Paste your key
welcome-login = Use the Kimi Code login
welcome-login-use = Use the login
welcome-demo = Just look around
    .about = A few made-up accounts show what Tidemark does.
welcome-demo-use = Open sample data

# Settings
settings-look = Look
settings-polling = Polling
settings-notifications = Notifications
settings-program = Program
language = Language
theme = Theme
theme-light = Light
theme-dark = Dark
as-system = System
zone = Time zone
    .about = Days and months are counted in it, also when you travel.
nothing-found = Nothing found
poll-every = Look every
    .about = At each account, while nothing hurries.
poll-busy = Look more often
    .about = While there is use, or a meter is above 80 %.
status-page = Read Kimi’s status page
    .about = To show its incidents beside your numbers. No key is sent.
notifications = Desktop notifications
thresholds = Tell at percent used
    .about = Once per cycle and meter.
thresholds-wrong = Whole numbers from { $low } to { $high }, at most { $most }.
balance-below = Tell when money falls below, { $currency }
amount-wrong = An amount such as 10 or 2.50.
never = never
notify-resets = Tell when a meter was reset on time
notify-early = Tell early or late resets, and money that came in
notify-refusals = Tell when a key was refused
notify-anomalies = Tell when a deduction cannot be explained, and when it was given back
quiet = Quiet hours
    .about = Notifications come after them.
notification-try = See whether they arrive
notification-test = Send a test
notification-sent = The test was sent
start-at-login = Start at login
    .about = Only the agent; the window stays closed.
keep-raw = Keep every reading for
    .about = Daily and hourly sums always stay.
keep-all = Always
log-homes = Further homes of Kimi Code
    .about = One folder a line. Tidemark only reads its logs.
hidden-projects = Projects hidden in exports
    .about = A word of the folder’s name a line; * is any text. Exports write “hidden” for the project and count its numbers all the same.
worth-currency = Prices in
    .auto = As the accounts
about = About
about-text = Tidemark keeps the marks of a quota that falls and returns like a tide.
version = Version
keyring = Keyring
tray = Tray
tray-shown = Icon shown
tray-no-host = No tray on this desktop
tray-off = Started without an icon
licence = Licence
not-official = Not an official Moonshot AI or Kimi program.
help = Keyboard
help-hint = Press ? for the keyboard shortcuts.
help-chart = Walk through a chart
help-zoom = Look closer at a day or month

## Tray and notifications

percent-value = { $value } %
weekday-short = { $day ->
    [mon] Mon
    [tue] Tue
    [wed] Wed
    [thu] Thu
    [fri] Fri
    [sat] Sat
   *[sun] Sun
}
date-short = { $day } { $month ->
    [1] Jan
    [2] Feb
    [3] Mar
    [4] Apr
    [5] May
    [6] Jun
    [7] Jul
    [8] Aug
    [9] Sep
    [10] Oct
    [11] Nov
   *[12] Dec
}

tray-no-account = No account yet
tray-no-reading = No reading yet
tray-tightest = { $account } · { $meter } { $percent }
tray-reset-in = resets in { $length }
tray-paused = Paused until { $moment }
tray-sample = Sample data
tray-old = { $length } old
tray-refresh = Refresh now
tray-pause-hour = Pause for 1 hour
tray-pause-tomorrow = Pause until tomorrow
tray-resume = Resume
tray-open = Open Tidemark
tray-quit = Quit

notify-open = Open
notify-threshold = { $account }: { $percent } of { $meter ->
    [five-hour] the 5-hour quota
    [week] the week
    [month] the month
   *[month-code] Code’s part of the month
} is used
notify-exhausted = { $account }: { $meter ->
    [five-hour] the 5-hour quota
    [week] the week
    [month] the month
   *[month-code] Code’s part of the month
} is used up
notify-used-now = { $percent } now
notify-resets-at = Resets at { $moment }, in { $length }
notify-resets-on = Resets on { $moment }, in { $length }
notify-reset = { $account }: { $meter ->
    [five-hour] the 5-hour quota
    [week] the week
    [month] the month
   *[month-code] Code’s part of the month
} is back
notify-reset-early = { $account }: { $meter ->
    [five-hour] the 5-hour quota
    [week] the week
    [month] the month
   *[month-code] Code’s part of the month
} came back early
notify-reset-late = { $account }: { $meter ->
    [five-hour] the 5-hour quota
    [week] the week
    [month] the month
   *[month-code] Code’s part of the month
} came back late
notify-reset-body = { $before } was used before, { $after } now
notify-reset-good = Good news: { $before } was used before, { $after } now
notify-gives-back = It gives back what had been taken without explanation
notify-anomaly-wipe-out = { $account }: { $what } was emptied at once
notify-anomaly-accelerated = { $account }: { $what } goes down faster than it did
notify-anomaly-unexplained = { $account }: { $what } fell without use to explain it
notify-anomaly-impossible = { $account }: { $what } fell faster than your rate limits allow
notify-anomaly-disagreement = { $account }: { $what } contradicts another figure
notify-anomaly-overdue-reset = { $account }: { $what } was due to come back and did not
notify-anomaly-clawback = { $account }: what had come back to { $what } was taken away again
notify-recovered = { $account }: { $what } got back what it had lost
notify-recovered-body = { $amount } came back
said-expected = { $observed } went, { $low } to { $high } were to be expected
said-expected-most = { $observed } went, { $high } at most were to be expected
said-expected-none = { $observed } went, nothing was to be expected
said-factor = The same use costs { $low } to { $high } times what it did
said-stands = It stands at { $observed } used
said-two-figures = Kimi gives two figures that contradict each other; the larger is { $observed } used
said-incident = Kimi’s status page tells of “{ $title }”
the-series = { $series ->
    [five-hour] the 5-hour quota
    [week] the week
    [month] the month
    [month-code] Code’s part of the month
    [balance] the balance
    [wallet] the wallet
   *[account] the account
}
points = { $count ->
    [one] { $value } point
   *[other] { $value } points
}
notify-balance = { $account }: balance below { $threshold }
notify-wallet = { $account }: wallet below { $threshold }
notify-money-left = { $amount } left
notify-credit = { $account }: { $amount } came in
notify-refused = { $account }: the key was refused
notify-refused-body = Tidemark looks only now and then until you replace it
notify-test = Tidemark can reach you
notify-test-body = Alerts will look like this

## Command line

help-usage = Usage:
help-options = Options
help-arguments = Arguments
help-commands = Commands
help-after =
    Exit status: 0 done, 1 something failed, 2 wrong usage, 3 the key was refused,
    4 limited or overloaded, 5 service or network failure, 6 answer not understood.
help-common =
    .json = Print JSON on standard output, and nothing else there
    .data-dir = The folder of the history and the settings
    .timezone = The zone in which days and months are counted, such as Asia/Shanghai
    .lang = The language of the output
    .help = Print help
    .version = Print the version
    .source = Which product the key belongs to
    .region = Which of the two services
    .base-url = Another base URL than the service’s own: https, or http on this machine
    .account = Only this account
    .from = From this day or moment on: 2026-11-01, or 2026-11-01T09:00:00+08:00
    .to = Up to and including this day, or up to this moment
    .name = The account’s name
    .key-env = The environment variable that holds the key
    .passphrase-env = The environment variable that holds the passphrase of the encrypted key file; asked for in a terminal without it
help-tidemark = See what is left of your Kimi quota and balance, and where it went
help-read = Look at an account once, and store nothing
    .name = A name to put into the output
help-explain = Say what an error answer means; its body is read from standard input
    .status = The HTTP status of the answer
    .header = A header of the answer; may be given more than once
    .source = Which product answered
help-account = Add, list, remove, rename and test accounts
help-account-add = Add an account
    .name = A name of your choice
    .key-stdin = Read the key from standard input and keep it, in the system keyring unless --keep says otherwise
    .key-env = Remember only the name of an environment variable that holds the key
    .keep = Where to keep a key from standard input; the file is protected by a passphrase
help-account-list = List the accounts
help-account-remove = Remove an account, its history and its kept key
    .keep-key = Remove it even where the key cannot be reached, and leave the key where it is kept
help-account-rename = Give an account another name
    .new-name = The new name
help-account-test = Look at an account now with its kept key; a wait that its service asked for holds
help-poll = Look at every account once, and remember what was seen
help-agent = Run the engine with tray and notifications until it is stopped
    .no-tray = Show no tray icon
    .demo = Run on sample data: no account, no network, and nothing of yours is touched
    .listen = Serve the interface on a loopback address too, guarded by a token
    .ui = The folder of the window’s built code, to be served as well
help-status = Show the last known state, from the history alone
    .line = One short line, for a status bar
    .forecast = Say as well whether each window is likely to last until its reset
help-history = Show what was used, by hour, day or month
    .by = The size of a bucket
    .csv = Print CSV
help-findings = Show what was found: resets, credits, changes
help-replay = Analyse a recorded history again
    .files = JSON Lines of readings, usage, incidents and failures; standard input without any
help-report = Write an evidence report, or check one
    .format = How to write it: a page that prints well (html), or JSON (json, also what --json means without --output)
    .language = The language of the page
    .output = The file to write; standard output where it is left out
    .check = Check this report: whether it is as it was made
help-export = Write out the recorded history
    .format = How to write it: a table of quotas and money (csv), one JSON array (json), or a JSON document a line (jsonl); requests of session logs are only in the JSON formats
help-logs = Show the tokens that this machine’s session logs tell of
    .home = Look for logs below this folder alone, instead of your home folder
    .by = What a row is about; in JSON, projects that the settings hide are not named
    .currency = Whose prices of the open platform to reckon with

cli-not-understood = Not understood
cli-resets = resets in { $length } ({ $moment })
cli-reset-unknown = reset unknown
cli-conflict = two figures disagree
cli-retry-after = The service asks to wait { $length }.
cli-explain-hint = Reading the answer’s body from standard input; end it with Ctrl-D.
cli-explain-kind = Kind
cli-explain-limit = Limit
cli-explain-meter = Quota window
cli-explain-reached = Reached
cli-explain-whose = Whose
cli-explain-wait = Wait
cli-explain-message = Message
whose-account = the account’s
whose-project = a project’s
whose-service = the service’s
cli-key-prompt = Key for { $name } (not shown):
cli-passphrase-prompt = Passphrase of the encrypted key file (not shown):
cli-account-added = Added { $name }.
cli-account-removed = Removed { $name } with its history.
cli-account-removed-key-left = Removed { $name } with its history. Its key could not be reached and stays where it is kept.
cli-account-renamed = { $name } is now called { $new }.
cli-account-works = The key of { $name } works.
cli-account-none = No account yet. Add one with: tidemark account add NAME --source … --region … --key-stdin
cli-account-env-hint = { $name } will be read from the environment of whatever polls: set it there too.
cli-column-account = Account
cli-column-source = Source
cli-column-region = Region
cli-column-key = Key
cli-column-base-url = Base URL
cli-column-when = When
cli-column-what = What
cli-column-used = Used
cli-column-returned = Came back
cli-column-coverage = Looked
cli-column-last = At the end
cli-column-resets = Resets
cli-column-finding = Finding
cli-column-explained = Explained
cli-poll-nothing = Nothing to poll: no account yet.
cli-poll-left-alone = Left alone: { $name }, not before { $moment } ({ $why })
cli-poll-found = Found
cli-why-just-now = looked at a moment ago
cli-why-retry-after = the service asked to wait
cli-history-empty = Nothing was recorded in that time.
cli-logs-empty = No use of Kimi’s models in that time ({ $files ->
        [one] one log
       *[other] { $files } logs
    } read).
cli-logs-by-day = Day
cli-logs-by-month = Month
cli-logs-by-model = Model
cli-logs-by-project = Project
cli-logs-by-session = Session
cli-logs-all = All
cli-logs-requests = Requests
cli-logs-input = Input
cli-logs-cache-read = Cache read
cli-logs-cache-write = Cache write
cli-logs-output = Output
cli-logs-total = Total
cli-logs-worth = Worth
cli-logs-estimated = Worth: what the tokens cost at open-platform prices. An estimate; a membership is not billed by the token.
cli-logs-unpriced = Without a public price: { $tokens } tokens ({ $models }).
cli-logs-third = Not Kimi’s, and not in the sums: { $tokens } tokens of { $model }.
cli-logs-doubtful = { $count ->
        [one] One request bears
       *[other] { $count } requests bear
    } a time that cannot be right; it is counted on the day that the log says.
cli-logs-skipped = { $count ->
        [one] One line
       *[other] { $count } lines
    } could not be read.
cli-logs-unreadable = { $count ->
        [one] One log file
       *[other] { $count } log files
    } could not be read.
cli-report-written = Written to { $file }. Its seal: { $seal }
cli-report-good = In order: { $records } records, seal { $seal }
cli-report-page-unknown = The chain holds. Whether the page shows what its data say cannot be told: another version of Tidemark made it.
cli-findings-none = Nothing was found so far.
cli-status-age = { $length } ago
cli-usage-no-command = There is no command `{ $what }`.
cli-usage-no-option = There is no option `{ $what }`.
cli-usage-missing = Missing: { $what }
cli-usage-value = { $what } cannot be `{ $value }`.
cli-usage-values = One of: { $values }
cli-usage-conflict = { $what } and { $other } exclude each other.
cli-usage-similar = Did you mean { $what }?
cli-usage-more = `--help` tells more.
cli-said = { $what }: { $message }
cli-passphrase-new = New passphrase of the encrypted key file (not shown):
cli-passphrase-again = The same once more:
cli-advice-keyring-absent = Start one and try again, or use --keep encrypted-file or --key-env.
cli-advice-variable-unset = Set the variable where this command is run.
cli-variable-unset = the environment variable { $name } is not set; it must hold the { $what ->
        [passphrase] passphrase
       *[other] key
    }
cli-variable-no-text = the environment variable { $name } holds something that is not text
cli-variable-empty = the environment variable { $name } is empty; it must hold the { $what ->
        [passphrase] passphrase
       *[other] key
    }
cli-no-such-account = there is no account named `{ $name }`; `tidemark account list` names them
cli-base-url-no-url = `{ $found }` is not a URL; expected something like https://api.kimi.com/coding/v1
cli-base-url-not-secure = the base URL must be https, or http on a loopback address; found `{ $found }`
cli-base-url-decorated = the base URL must not carry a user name, a password, a query or a fragment
cli-stretch-empty = --from must be earlier than --to
cli-stretch-no-moment = expected a day such as 2026-11-01 or a moment such as 2026-11-01T09:00:00+08:00, found `{ $found }`
cli-report-stretch-empty = --from must be earlier than --to, and not in the future
cli-report-which = a report is about one account: name it with --account
cli-report-page-is-no-json = --json prints JSON: leave --format html out, or name a file for the page with --output
cli-agent-listen = --listen takes a loopback address such as 127.0.0.1:0, found `{ $found }`: other machines are not to reach the interface
cli-agent-already = An agent is already running for { $dir }.
cli-agent-running = Tidemark is running. End it with Ctrl-C.

# What to do about an error of the service, in `tidemark explain`.
advice-overloaded = The service is overloaded. Wait as it asks, or some minutes, and try again; topping up or a higher tier does not help.
advice-out-of-balance = The account’s money does not suffice, or the account is suspended for it. Top it up in the console, or look there whether a voucher covers the model. A membership’s quota cannot pay for it.
advice-membership-lapsed = The membership could not be verified. See on the membership page whether it is active; if it is, try again later.
advice-unauthorized = The key was refused. See that it is complete, was not deleted, and is used at the service that issued it: keys of the China and the global service are independent, and so are those of Kimi Code and the open platform.
advice-forbidden = The key is known but may not do this. Look in the console at the account’s state, at the addresses it may be used from, and at the models and products it is open for.
advice-not-found = There is nothing at this address, or the account may not see it. Check the base URL and the model’s name; models that were withdrawn answer like this.
advice-server-error = The service failed. Try again in a while; if it goes on, look at the status page and give the support the time and the message.
advice-gateway-timeout = The service did not answer its own gateway in time. Try again in a while; shorter or streamed requests get through more easily.
advice-content-filtered = The content was rejected as high risk. Change it; sending it again as it is gives the same answer.
advice-bad-request = The request was wrong: its format, a parameter, or its length. The message says what; sending it again as it is gives the same answer.
advice-network = The service could not be reached. Check the connection, the proxy and the base URL; nothing was learned about the account.
advice-timeout = The service did not answer in time. Try again in a while.
advice-not-understood = The answer could not be understood. A proxy or a sign-in page may stand between, or the service has changed; see that the base URL is right and Tidemark is current.
advice-key-unavailable = The key could not be had from where it is kept. Unlock the keyring, set the variable, or enter the key again.
advice-unknown-cancelled = The caller ended the request before the answer was there. Nothing is wrong with key or account; give it more time.
advice-unknown = The service answered something that is not known. Try again in a while; if it goes on, the message is what to ask the support about.
advice-rate-limited-concurrency-project = Too many requests of the project at the same time. Let some finish first, or raise the project’s limit in the console. A refused request is not charged.
advice-rate-limited-concurrency = Too many requests at the same time. Let some finish first; all keys and devices of the account share the limit. A refused request is not charged.
advice-rate-limited-requests-per-minute-project = The project sent too many requests in a minute. Slow down, or raise the project’s limit in the console. A refused request is not charged.
advice-rate-limited-requests-per-minute = Too many requests in a minute. Wait as the service asks and slow down; all keys and models of the account share the limit. A refused request is not charged.
advice-rate-limited-tokens-per-minute-project = The project sent too many tokens in a minute. Slow down, or raise the project’s limit in the console. A refused request is not charged.
advice-rate-limited-tokens-per-minute = Too many tokens in a minute. Wait a minute and slow down; the largest answer that a request allows is counted beforehand, so a smaller maximum helps. A refused request is not charged.
advice-rate-limited-tokens-per-day-project = The project’s tokens for the day are used up. Raise the project’s limit in the console, or wait for the next day; the service does not say in which time zone the day ends.
advice-rate-limited-tokens-per-day = The tokens for the day are used up. The limit resets the next day (the service does not say in which time zone); a higher tier, reached by topping up, has no daily limit.
advice-rate-limited-service = The service gets too many requests from everybody. Wait some minutes and try again; the account’s quota is not used up.
advice-rate-limited = Too many requests. Wait as the service asks, or a minute, and slow down. A refused request is not charged.
advice-window-exhausted-5h = The 5-hour window is used up. It comes back at the reset time shown; extra usage from the wallet, where enabled, goes on before that.
advice-window-exhausted-week = The weekly quota is used up. It comes back when the 7 days end, at the reset time shown; extra usage from the wallet, where enabled, goes on before that.
advice-window-exhausted-month = The month’s quota is used up, for Kimi Code too. It comes back with the next billing cycle; extra usage from the wallet, where enabled, goes on before that.
advice-window-exhausted = A quota window is used up; the service did not say which. The meters show it, and when it comes back.
