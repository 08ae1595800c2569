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
error-name-empty = The name is empty
    .advice = Give the account a name.
error-no-such-account = This account is gone
    .advice = It was removed in the meantime.
error-key-empty = The key is empty
    .advice = Paste the key.
error-key-shape-unknown = This does not look like a Kimi key
    .advice = Kimi Code keys begin with sk-kimi-, open-platform keys with sk-. Choose the source yourself if you are sure.
error-key-refused = The key was refused
    .advice = No service that was tried accepts this key. Check that it is complete and not deleted.
error-key-test-failed = The key could not be tested
    .advice = The service could not be reached. Try again, or add the account untested.
error-bad-base-url = This base URL cannot be used
    .advice = It must be https, or http on this machine, without user name, password, query or fragment.
error-keyring-absent = No keyring
    .advice = No keyring is running on this system. Start one, or keep the key in an encrypted file or for this run only.
error-keyring-locked = Keyring locked
    .advice = Unlock the keyring and answer its prompt, then try again.
error-keyring-denied = Keyring refused
    .advice = The keyring did not let Tidemark in. Allow it in the keyring’s own program, then try again.
error-keyring-gone = Keyring went away
    .advice = The keyring was there and went away. Start it again, then try again.
error-no-such-entry = The key is not there
    .advice = The keyring or file has no such entry any more. Enter the key again.
error-variable-unset = The variable is not set
    .advice = The agent’s environment has no such variable. Set it where the agent is started, then start the agent again.
error-login-missing = No Kimi Code login
    .advice = No login of a Kimi Code command line was found. Log in there, then try again.
error-login-stale = The Kimi Code login has expired
    .advice = Use the Kimi Code command line once: it renews its own login. Tidemark only reads it.
error-file-locked = The key file is locked
    .advice = Enter its passphrase.
error-file-missing = There is no key file
    .advice = It is made when the first key is kept in it.
error-wrong-passphrase = Wrong passphrase
    .advice = Try again. Without the passphrase the file cannot be opened.
error-passphrase-needed = A passphrase is needed
    .advice = Choose the passphrase that will protect the key file.
error-file-damaged = The key file is damaged
    .advice = Restore it from a backup, or remove it and enter your keys again.
error-io = A file could not be read or written
    .advice = Check the free space and the permissions of the data folder.
error-bad-request = The request was not understood
    .advice = Window and agent may be of different versions. Restart both.
error-bad-setting = This setting cannot be used
    .advice = Check the value.
error-unknown-zone = Unknown time zone
    .advice = Choose one of the list.
error-not-found = Not found
    .advice = Window and agent may be of different versions. Restart both.
error-unauthorized = Not let in
    .advice = Open the window again from Tidemark.
error-agent-unreachable = The agent does not answer
    .advice = It may have ended. Start it again.
error-store = The history could not be read or written
    .advice = Check the free space and the permissions of the data folder.
error-notifications-unavailable = No notification service
    .advice = This desktop shows no notifications at the moment. Tidemark keeps them and tries again.
error-demo = Not in the sample data
    .advice = Leave the sample data first.
error-internal = Something went wrong
    .advice = The details are below. If it stays so, please report it.
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

