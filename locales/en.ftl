# Tidemark, English. One catalogue for the window, the tray, notifications and the command line.
# Every message of this file exists in every other language's file. How it is written: docs/style.md.

## Words

app-name = Tidemark

# Quotas of a membership. `.short` is for the tray, tables and charts.
meter-5h = 5-hour quota
    .short = 5-hour
meter-week = Weekly quota
    .short = Weekly
meter-month = Monthly quota
    .short = Monthly
meter-month-code = Kimi Code’s share of the monthly quota
    .short = Kimi Code’s share
# Money. $currency is a code such as CNY.
series-balance = Balance ({ $currency ->
    [CNY] ¥
    [USD] $
   *[other] { $currency }
})
    .short = Balance
series-wallet = Extra-usage wallet ({ $currency ->
    [CNY] ¥
    [USD] $
   *[other] { $currency }
})
    .short = Wallet
series-account = Whole account

# Sources and regions
source-kimi-code = Kimi Code
    .about = Membership with quotas
source-platform = Open platform
    .about = Prepaid balance, billed by token
region-china = China
    .hosts = kimi.com, moonshot.cn
region-global = Global
    .hosts = kimi.ai, moonshot.ai

plan = Plan

# Money
balance = Balance
balance-available = Available balance
balance-cash = Cash
balance-voucher = Voucher
balance-debt = Owed
balance-spent-today = Spent today
balance-spent-month = Spent this month
wallet = Extra-usage wallet
wallet-on = On
wallet-off = Off
wallet-frozen = Frozen
wallet-balance = Balance
wallet-month-used = Spent this month
wallet-month-cap = Monthly cap

# Rate limits
limits = Rate limits
limit-concurrency = Concurrent requests
    .short = Concurrency
limit-requests-per-minute = Requests per minute
    .short = RPM
limit-tokens-per-minute = Tokens per minute
    .short = TPM
limit-tokens-per-day = Tokens per day
    .short = TPD

# Units and small words
unknown = unknown
unknown-mark = –
used = { $percent } used
left = { $percent } left
over = { $percent } over
resets-in = resets in { $time }
reset-due = reset due
reset-since = reset { $moment }; no reading since
# After “next update” and “next try”: it is due.
now = in a moment
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
weeks-short = { $count } wk
days-short = { $count } d
hours-short = { $count } h
minutes-short = { $count } min
seconds-short = { $count } s
# How code puts texts together: the punctuation is the language's own.
label-value = { $name }: { $value }
list-two = { $first }, { $second }
list-and = { $first } and { $second }
clause-two = { $first }, { $second }
with-note = { $text } ({ $note })
sentence = { $text }.
sentence-two = { $first }. { $second }
# What a service or the system said, in its own words.
quoted = “{ $text }”
raw-text = Original message: “{ $text }”
    .label = Original message:

# The forecast of a quota. Each says once that it is an estimate, in words as sure as it is: from 55% on it is more likely
# than not, from 75% on likely, from 95% on almost certain. $chance is a share such as 80%.
forecast-lasts = Almost certain to last until the reset (over 90%)
forecast-lasts-likely = Likely to last until the reset (about { $chance })
forecast-lasts-rather = More likely than not to last until the reset (about { $chance })
forecast-even = Too close to call whether it lasts until the reset
forecast-empty-rather = More likely than not to run out before the reset (about { $chance })
forecast-empty-likely = Likely to run out before the reset (about { $chance })
forecast-empty-certain = Almost certain to run out before the reset (over 90%)
forecast-empty-rather-within = More likely than not to run out { $span } (about { $chance })
forecast-empty-within = Likely to run out { $span } (about { $chance })
forecast-empty-at = Almost certain to run out { $span } (over 90%)
# How likely it is, elsewhere: “about 80%”, “over 90%”.
chance-about = about { $percent }
chance-over = over { $percent }
forecast-span = { $from } – { $to }
# The span ends with the cycle.
forecast-span-open = from { $from } on
forecast-about = Estimated from recent usage at this time of day and your current rate.

# States of an account
state-waiting = Waiting
    .about = No reading yet.
state-live = Live
    .about = Updated on time.
state-polled-through = Polled through another account
    .about = This is the same account as another one here, which is polled instead. See its card for current values.
state-stale = Stale
    .about = The last reading is older than expected.
state-refused = Access denied
    .about = The service rejected the key, or the membership is not active. Tidemark retries only occasionally.
state-limited = Limited
    .about = The service asked to wait, or a quota or balance is used up.
state-unreachable = Unreachable
    .about = The service failed or could not be reached.
state-not-understood = Not understood
    .about = Tidemark could not read the service’s answer.
state-key-unavailable = Key unavailable
    .about = Tidemark could not read the key from its storage.
state-debt = In debt
    .about = You owe more than your balance covers: requests are refused until you top up.
state-no-balance = No balance
    .about = Your balance is used up: requests are refused until you top up.
# A state without its name, and with it, where the background agent has not answered since $time.
as-of = As of { $time }
state-as-of = { $state }, as of { $time }

# Failures of a poll, by kind
failure-rate-limited = Rate limited
    .advice = A rate limit was reached. Tidemark waits as long as the service asks, then retries.
failure-overloaded = Service overloaded
    .advice = The service is busy; your account is not the cause. Topping up does not help.
failure-out-of-balance = Insufficient balance
    .advice = The balance is used up, or the account is suspended for it. Top up on the platform’s console.
failure-window-exhausted = Quota used up
    .advice = A quota is used up. It is available again after its reset.
failure-membership-lapsed = Membership expired or inactive
    .advice = The membership has ended or could not be verified. Check it on your Kimi account page.
failure-unauthorized = Key invalid
    .advice = The service does not accept this key. It may have been deleted, or it belongs to the other region. Replace it; if the account uses Kimi Code’s login or server, sign in there again.
failure-forbidden = No permission
    .advice = The key is valid but lacks permission. Check its permissions and the IP allowlist on the console.
failure-forbidden-model = Model not included in the plan
    .advice = The plan does not include the model, or not at this size. The key and the quota are fine; choose another model or a higher plan.
failure-forbidden-client = Program not served
    .advice = The service does not serve this program with this key. The key and the quota are fine.
failure-forbidden-account = Account suspended
    .advice = The service has ended the account’s access; another key of it will not help. Ask Kimi’s support for the reason.
failure-not-found = Not found
    .advice = The service has nothing at this address. Check the account’s base URL.
failure-server-error = Service error
    .advice = The service failed. Tidemark retries automatically.
failure-gateway-timeout = Gateway timeout
    .advice = The service’s gateway timed out. Tidemark retries automatically.
failure-content-filtered = Content rejected
    .advice = The service rejected the content of a request.
failure-bad-request = Request rejected
    .advice = The service did not accept the request. If this continues, the service may have changed: check for a newer version of Tidemark.
failure-network = Connection failed
    .advice = The service could not be reached. Check your connection, proxy and firewall. Tidemark retries automatically.
failure-timeout = Timed out
    .advice = The service did not answer in time. Tidemark retries automatically.
failure-not-understood = Answer not understood
    .advice = The answer may come from a proxy or your network’s sign-in page. If not, the service may have changed: check for a newer version of Tidemark.
failure-key-unavailable = Key unavailable
    .advice = Tidemark could not read the key from its storage.
failure-server-not-running = Kimi Code’s local server is not running
    .advice = Start Kimi Code; Tidemark reads the figures again once the server runs. Until then it shows the last ones.
failure-server-token-refused = Kimi Code’s local server did not accept the token
    .advice = The token in Kimi Code’s folder is not the running server’s. Restart Kimi Code; it then writes a new one. The account itself is fine.
failure-server-without-usage = Kimi Code’s local server does not offer the quota
    .advice = Update Kimi Code and Tidemark, or use the login of Kimi Code or a key for this account instead.
failure-server-failed = Kimi Code’s local server failed
    .advice = Tidemark retries automatically. If this continues, restart Kimi Code. The account itself is fine.
failure-server-login-refused = Kimi Code’s login not accepted
    .advice = The service does not accept the login of Kimi Code. Sign in to Kimi Code again; Tidemark needs no new key.
failure-unknown = Unknown failure
    .advice = Tidemark does not recognise this answer. See the details.

# The keyring, as last seen
keyring-ready = Ready
    .advice = Keys are kept in the system keyring.
keyring-absent = Not running
    .advice = No keyring is running on this system. Start one (such as GNOME Keyring, KWallet or KeePassXC), or keep keys in an encrypted file.
keyring-locked = Locked
    .advice = Unlock the keyring in the window that it opens.
keyring-denied = Access denied
    .advice = The keyring did not let Tidemark read its key. Allow it in the keyring’s own program, or enter the key again.
keyring-gone = Stopped
    .advice = The keyring stopped running. Start it again; Tidemark reconnects automatically.
keyring-unknown = Not used yet
    .advice = Nothing has needed the keyring so far.

# Where a key is kept
credential-keyring = System keyring
credential-encrypted-file = Encrypted file
credential-environment = Environment variable
credential-this-run = In memory only
credential-kimi-code-login = Kimi Code login
credential-kimi-code-server = Kimi Code’s local server
credential-none = None (imported)

# Errors of a request, by their stable code
error-name-taken = This name is taken
    .advice = Choose another name.
error-name-reserved = This name is reserved
    .advice = “all” and “this” already mean all machines and this machine. Choose another name.
error-no-such-account = No such account
    .advice = Check the name; the account may also have been removed.
error-no-such-finding = This event no longer exists
    .advice = Its account has been removed.
error-report-changed = Checksum does not match
    .advice = The report was modified after it was made, or this file is not an evidence report.
error-several-failures = Several accounts failed
    .advice = See the details.
error-no-such-machine = No such machine
    .advice = Check the name; the machine may also have been removed.
error-machine-ssh-missing = There is no ssh on this machine
    .advice = Install OpenSSH’s client.
error-machine-host-key = The host’s key is not known, or has changed
    .advice = Connect once with ssh in a terminal and check the key it shows.
error-machine-permission-denied = The host denied access
    .advice = Add your public key there, or load it into your SSH agent: nothing can ask for a password here.
error-machine-unreachable = The host cannot be reached
    .advice = Check its name, that it is on, and your SSH configuration.
error-machine-no-tidemark = There is no tidemark on the host
    .advice = Install it there. If it is not on the path, name its path when you add the machine.
error-machine-older = The host’s tidemark is too old
    .advice = Update it there.
error-machine-time-out = The exchange timed out
    .advice = What was received stays; the next exchange continues from there.
error-machine-too-much = The other machine sent too many records
    .advice = Check that `tidemark` on the host is Tidemark.
error-machine-not-records = The other machine did not answer with records
    .advice = Check that its shell prints nothing by itself, and that the path you named is that of tidemark.
error-machine-far-failed = The other machine’s tidemark failed
    .advice = Run tidemark machine export there to see why.
error-machine-this-machine = This is the same machine
    .advice = Name another host.
error-machine-ignored = The machine is ignored
    .advice = It was removed from a shared folder. To receive its usage again, run: tidemark machine restore NAME
error-machine-added-before = This host or folder was added before
    .advice = Use the exchange that is there, or remove it first.
error-machine-host = This is not a host name that ssh takes
    .advice = Use a name of your SSH configuration, or user@host, without spaces and without a hyphen at its beginning.
error-machine-command = This is not the path of a program
    .advice = Use the path of tidemark on the other machine.
error-channel-bad-address = The channel’s address cannot be used
    .advice = Use https, without a user name or password in the address.
error-channel-private-address = The channel’s address is of a private network or of this machine
    .advice = If it is meant to be, add the channel again with --allow-private.
error-channel-no-answer = The channel’s service does not answer
    .advice = Check the address and the network.
error-channel-redirected = The channel’s address leads elsewhere
    .advice = Redirects are not followed: use the address that it leads to, if you trust it.
error-channel-rate-limited = The channel’s service got too many messages
    .advice = Wait a few minutes. Fewer kinds of alert, or a higher level, help.
error-channel-service-trouble = The channel’s service has a problem
    .advice = Try again later.
error-channel-key-refused = The channel’s service does not accept the address, the token or the signature
    .advice = Get a new one from the service, and add the channel again.
error-channel-refused = The channel’s service refused the message
    .advice = Check the channel’s settings at the service, such as its keywords.
error-channel-not-understood = The answer of the channel’s service cannot be understood
    .advice = Check the address.
error-channel-program-failed = The channel’s program failed
    .advice = Run it in a terminal to see why.
error-channel-key-missing = The channel’s secret cannot be read
    .advice = Unlock the keyring, set the variable where the agent runs, or add the channel again.
error-channel-address-missing = The channel’s address is missing
    .advice = Give it with --url-stdin, --url-env or --url.
error-channel-address-bad = This address cannot be used
    .advice = Use https (or smtps and smtp for mail), without a password in it.
error-channel-address-private = This address is of a private network or of this machine
    .advice = If it is meant to be, use --allow-private.
error-channel-secret-missing = The bot’s token is missing
    .advice = Give it with --secret-stdin or --secret-env.
error-channel-secret-again = The channel’s address is another one now
    .advice = Give its token or password again: the one that is kept goes to no other address.
error-channel-to = The recipient is missing or wrong
    .advice = Use --to with a chat of Telegram such as -1001234 or @channel, or with mail addresses.
error-channel-from = The sender is missing or wrong
    .advice = Use --from with a mail address.
error-channel-program = The program is missing
    .advice = Name it with --program.
error-channel-kind = There is no channel of this kind
error-channel-kinds = This is no kind of alert
    .advice = Kinds are words such as threshold, reset and anomaly.
error-channel-quiet = The quiet hours cannot be understood
    .advice = Write them as 22:00-08:00.
error-channel-level = There is no such level
error-channel-timezone = There is no such time zone
error-channel-digest = There is no such period
error-no-such-channel = There is no such channel
    .advice = Show the channels with: tidemark channel list
error-machine-folder-missing = The shared folder is not there
    .advice = Check its path, and that its disk or syncer is running.
error-machine-folder-failed = The shared folder cannot be read or written
    .advice = Check who may write to it, and its free space.
error-machine-no-passphrase = The shared folder’s passphrase is not set
    .advice = Set its environment variable for the agent, too.
error-machine-wrong-passphrase = The passphrase is not that of the shared folder
    .advice = Use the same passphrase on all machines.
error-machine-short-passphrase = The passphrase of a new shared folder is too short
    .advice = Use at least eight characters; four random words or more are safe.
error-machine-passphrase-unreadable = The shared folder’s passphrase cannot be read from where it is saved
    .advice = Unlock the keyring or the encrypted key file.
error-machine-damaged = A file in the shared folder is damaged or not complete yet
    .advice = The rest was read. The machine that wrote the file writes it again with its next exchange; if that machine is gone, delete the file.
error-machine-store = The exchange could not be saved
    .advice = See the details.
error-machine-other = The exchange failed
    .advice = See the details.
error-hub-unreachable = The hub’s server cannot be reached
    .advice = Check the address and the network. What is to be given stays in the history here.
error-hub-time-out = The hub’s server did not answer in time
    .advice = Try again later. What is to be given stays in the history here.
error-hub-refused = The hub’s server refused the user or the password
    .advice = Check the password; name its environment variable with --password-env. A member who was removed needs a new invitation.
error-hub-not-secret = The connection to the hub’s server cannot be encrypted
    .advice = Turn on TLS in PostgreSQL, with a certificate that this system trusts and that has the host’s name.
error-hub-server-too-old = The server is older than PostgreSQL 15
    .advice = Update it, or use another server.
error-hub-missing = There is no hub in this database
    .advice = Make one with: tidemark hub init URL
error-hub-already = There is a hub in this database already, and this user is not its owner
    .advice = Ask its owner for an invitation, or use another database.
error-hub-newer = The hub needs a newer version of Tidemark
    .advice = Update Tidemark.
error-hub-older = The hub’s tables are of an older version
    .advice = Its owner brings them up to date with: tidemark hub init URL
error-hub-not-a-member = This user is not a member of the hub
    .advice = Ask an owner for an invitation.
error-hub-not-allowed = Your role in the hub does not allow this
    .advice = Ask an owner. To make a hub, the database’s user must be allowed to make roles and a schema.
error-hub-invitation-used = The invitation has been used or has expired
    .advice = Ask for a new one.
error-hub-invitation-damaged = The invitation is not as it was made
    .advice = Copy it again as a whole, or ask for a new one.
error-hub-last-owner = You are the last owner, and there are other members
    .advice = Invite another owner first: tidemark hub invite --role owner
error-hub-full = The disk of the hub’s server is full
    .advice = Ask the server’s administrator to make room. Nothing is lost meanwhile.
error-hub-no-such-member = There is no member of that name
    .advice = List them with: tidemark hub members
error-hub-yourself = You cannot remove yourself
    .advice = Leave with: tidemark hub leave
error-hub-no-such-invitation = There is no open invitation with that id
    .advice = List them with: tidemark hub members
error-hub-password = The hub’s password cannot be read from where it is kept
    .advice = If it is in an environment variable, the background agent needs that variable too; if the keyring is locked, unlock it.
error-hub-store = The history on this machine cannot be read
    .advice = See the details.
error-hub-failed = The hub’s server could not do this
    .advice = See the details.
error-key-empty = The key is empty
    .advice = Paste the key.
error-key-several-words = The key contains white space
    .advice = Paste only the key.
error-key-odd-character = The key contains a character that no key has
    .advice = It may be invisible, or a letter of another script. Copy the key again.
error-variable-name = This is not the name of an environment variable
    .advice = Use letters, digits and underscores, and not the key itself.
error-base-url = This base URL cannot be used
    .advice = It must be https, or http on this machine, without user name, password, query or fragment.
error-foreign-address = The key was not sent to this address
    .advice = A login or an environment variable is only used with Kimi’s own service. For another address, enter a key made for it, or, in a command, use --base-url.
error-name-not-usable = This name cannot be used
    .advice = A name has 1 to 60 characters on one line, without control characters, invisible characters, marks that change the direction of writing, or a key.
error-folder-not-private = Other users can change the data folder
    .advice = The folder, and those above it, must belong to you and be writable only by you. Correct their owner and permissions, or choose another folder with --data-dir.
error-keyring-absent = No keyring is running
    .advice = Start one, or keep the key in an encrypted file or in memory only.
error-keyring-locked = The keyring is locked
    .advice = Unlock it in the window that it opens, then try again.
error-keyring-denied = The keyring denied access
    .advice = Allow Tidemark in the keyring’s own program, then try again.
error-keyring-gone = The keyring stopped running
    .advice = Start it again, then try again.
error-keyring-no-answer = The keyring does not respond
    .advice = It may be waiting for you in a window of its own. Answer there, then try again.
error-keyring-failed = The keyring reported an error
    .advice = Try again, or keep the key elsewhere.
error-key-missing = The key was not found
    .advice = The keyring or file no longer has this entry. Enter the key again.
error-key-forgotten = The key is no longer in memory
    .advice = It was never stored, and the agent has stopped since. Enter it again.
error-no-key = This account has no key
    .advice = It was imported: its history is shown, but it is not polled. Enter its key to start.
error-variable-unset = The environment variable is not set
    .advice = Set it where the agent is started, then start the agent again.
error-login-missing = No Kimi Code login was found
    .advice = Log in with the Kimi Code command line, then try again.
error-login-stale = The Kimi Code login has expired
    .advice = Use the Kimi Code command line once to renew it. Tidemark only reads the login.
error-login-unreadable = The Kimi Code login cannot be read
    .advice = Its file has an unknown format or cannot be opened. Use a key instead.
error-login-other-region = The Kimi Code login belongs to the other region
    .advice = Log in to this region with the Kimi Code command line, or use a key.
error-server-not-running = Kimi Code’s local server is not running
    .advice = Start Kimi Code, then try again.
error-server-token = The token of Kimi Code’s local server cannot be used
    .advice = Its file must be an ordinary file of your own that no one else may read. Restart Kimi Code, which writes it again.
error-server-foreign = Another user’s program answers in place of Kimi Code’s local server
    .advice = Nothing was sent to it. Start Kimi Code on another port, or use its login.
error-file-locked = The key file is locked
    .advice = Enter its passphrase.
error-wrong-passphrase = Wrong passphrase
    .advice = Try again. The file cannot be opened without its passphrase.
error-passphrase-empty = A passphrase is needed
    .advice = Choose a passphrase to protect the key file.
error-passphrase-short = The passphrase is too short
    .advice = Use at least 8 characters; four random words work well.
error-file-damaged = The key file is damaged
    .advice = Restore it from a backup, or remove it and enter your keys again.
error-io = A file could not be read or written
    .advice = Check the data folder’s permissions and free space.
error-disk-full = The disk is full
    .advice = Free some space, then try again.
error-database = The history could not be read or written
    .advice = Check the data folder’s permissions and free space.
error-store-not-there = There is no history yet
    .advice = Add an account first.
error-store-newer = A newer version of Tidemark wrote the history
    .advice = Install the newer version again.
error-store-older = An older version of Tidemark wrote the history
    .advice = Start the background agent once; it upgrades the history.
error-store-not-ours = The database belongs to another program
    .advice = Move it away, or choose another data folder.
error-store-gone = The history was removed or replaced
    .advice = Put it back, or restart the background agent to begin a new history.
error-store-damaged = The history is damaged
    .advice = Restore the data folder from a backup, or move it away to start over.
error-store-read-only = The history cannot be written
    .advice = Check the permissions of the data folder.
error-store-cannot-open = The history cannot be opened
    .advice = Check that the data folder exists and belongs to you.
error-store-busy = Another process is using the history
    .advice = Try again.
error-store-unreadable = Part of the history cannot be read
    .advice = Check that Tidemark is up to date; otherwise restore the data folder from a backup.
error-store-failed = The history did not answer
    .advice = Try again; if this continues, restart the background agent.
error-name-empty = An account needs a name
    .advice = Enter a name.
error-order-incomplete = The order of the accounts could not be saved
    .advice = The list has changed; try again.
error-no-such-reading = This reading is not in the history
    .advice = It may have been removed since.
error-amount-too-large = An amount is too large to be saved
    .advice = Check the value.
error-work-ended = Work on the key file ended early
    .advice = Try again.
error-already-running = Another Tidemark process is using the data folder
    .advice = Stop it first, or choose another folder with --data-dir.
error-input = The request could not be carried out
    .advice = Check what was entered.
error-internal = An internal error occurred
    .advice = Try again. The agent’s log has the details.
error-settings = This setting cannot be used
    .advice = Check the value.
error-start-at-login = Start at login could not be changed
    .advice = Check the permissions of your autostart folder.
error-notifications = The notification was not shown
    .advice = No notification service is running on this desktop.
error-just-now = Checked moments ago
    .advice = Wait a moment, then try again.
error-bad-request = The request was not understood
    .advice = Window and agent may be of different versions. Restart both.
error-no-such-route = The agent does not know this request
    .advice = Window and agent may be of different versions. Restart both.
error-token = Invalid or missing access token
    .advice = Open the full address again, including its token.
error-read-only = This page is read-only
    .advice = Make the change on the machine where Tidemark runs.
error-not-from-afar = This cannot be changed from another machine
    .advice = Make the change on the machine where Tidemark runs.
error-not-from-a-browser = This cannot be done in a browser
    .advice = Use the window or the command line.
error-agent-unreachable = The background agent does not respond
    .advice = It may have stopped. Start it again.
error-agent-missing = The background agent was not found
    .advice = The `tidemark` program is missing. Reinstall Tidemark.
error-agent-failed = The background agent did not start
    .advice = Try again. If it fails again, see the details.
error-not-opened = The page was not opened
    .advice = Check your default browser.
error-code = Error code: { $code }
error-other = Something went wrong
    .advice = See the details.

# Problems of the agent itself
trouble-disk-full = The disk is full
    .advice = Readings cannot be saved. Free some space; Tidemark continues automatically.
trouble-database-damaged = The history is damaged
    .advice = Tidemark still shows current values. Restore the data folder from a backup, or move it away to start over.
trouble-database-read-only = The history cannot be written
    .advice = Check the permissions of the data folder.
trouble-database-gone = The history was removed or replaced
    .advice = Put it back, or restart the background agent to begin a new history. New readings are kept in memory until then.
trouble-clock-jumped = The system clock changed
    .advice = It moved by a large step. Times recorded around then may be wrong.
trouble-settings-reset = Some settings could not be used
    .advice = They have their default values now. Check them on the Settings page.
trouble-database = The history could not be saved
    .advice = Readings are kept in memory for now; Tidemark tries again automatically.
trouble-amount-too-large = An amount cannot be right
    .advice = The last answer has an amount of more than 92,000 million. It is recorded as it came, and left out of the history.
trouble-analysis-failed = A reading could not be analysed
    .advice = It is recorded, and left out of the history. This is an error in Tidemark; please report it.
trouble-lost = { $count ->
        [one] one reading was lost
       *[other] { $count } readings were lost
    }
trouble-other = The agent has a problem
    .advice = See the details.

# Events
finding-anomaly = Anomaly
finding-reset = Reset
finding-credit = Credit
finding-expiry = Voucher expired
finding-limit-change = Limit changed
finding-plan-change = Plan changed
finding-account-change = Account changed
finding-recovered = Given back
finding-withdrawn = Withdrawn
finding-failure = Failure
finding-other = Other
anomaly-wipe-out = Emptied at once
    .about = A quota or balance was emptied, or nearly, in one step that no usage explains.
anomaly-accelerated = Draining faster
    .about = For a while, the same usage cost a multiple of what it cost before.
anomaly-unexplained = Unexplained deduction
    .about = A deduction without matching usage.
anomaly-impossible = Faster than your limits allow
    .about = More was deducted than the account’s rate limits allow in that time.
anomaly-disagreement = Inconsistent figures
    .about = The service’s figures contradict each other.
anomaly-overdue-reset = Reset overdue
    .about = A scheduled reset did not happen.
anomaly-clawback = Credit reversed
    .about = A credit or reset was taken back.
schedule-on-time = on time
schedule-early = early
schedule-late = late
credit-top-up = Top-up
credit-voucher = Voucher
credit-refund = Refund
credit-unknown = Received

# The service’s status page
service-none = All systems operational
service-minor = Minor incident
service-major = Major incident
service-critical = Critical incident
service-maintenance = Maintenance
service-unknown = Status unknown


# The evidence report
report-title = Evidence report
report-kimi-account = Account at Kimi
report-how-much = How much
report-beyond-said = more than expected
report-of-it-back = given back since: { $amount }
report-why = Why it cannot be right
# A day with its year; $month is m1 to m12.
report-date = { $day } { $month ->
    [m1] Jan
    [m2] Feb
    [m3] Mar
    [m4] Apr
    [m5] May
    [m6] Jun
    [m7] Jul
    [m8] Aug
    [m9] Sep
    [m10] Oct
    [m11] Nov
   *[m12] Dec
} { $year }
report-when = When
report-what-happened = What happened
report-reason = Why
report-reason-wipe-out = The quota was emptied in one step. Usage drains it gradually.
report-reason-accelerated = The same usage cost several times as much as before.
report-reason-unexplained = No usage in the logs matches this deduction.
report-reason-impossible = The account’s rate limits do not allow this much usage in that time.
report-reason-disagreement = The account’s own figures contradict each other.
report-reason-overdue-reset = The scheduled time passed without a reset.
report-reason-clawback = A credit or reset was reversed without notice.
report-outcome = Since then
report-outcome-none = Nothing yet
report-more-cases = { $count } more in the appendix.
report-appendix = Appendix
report-times = Times are in { $zone }.
report-lead = What the service reported, what Tidemark recorded, and how much of it local usage explains.
report-span = Time range
report-made = Created
report-seal = Checksum
report-summary = What was deducted, and how much of it usage explains
report-what = Quota or balance
report-deducted = Deducted
report-explained = Explained
report-elsewhere = Used outside Kimi Code
report-not-explained = Unexplained
report-cannot-tell = Cannot tell
report-worth = worth at least { $amount } at open-platform prices (estimated)
report-of-which-code = { $what }: Kimi Code’s share is { $amount }.
report-announced = What the service reported
report-nothing-announced = No resets, credits, announcements or status-page incidents in this time range.
report-reset = { $what }: reset { $schedule }, scheduled for { $due }
report-on-time = Resets on time: { $count }. The data in this file has each of them.
report-limit = Limit { $limit } changed: { $before } → { $after }
report-plan = Plan changed: { $before } → { $after }
report-credit = { $amount } received
report-incident-open = Status page: “{ $title }” ({ $impact })
report-announcement = Kimi Code’s announcement: “{ $text }”
report-incident-over = Status page: “{ $title }” resolved ({ $impact })
report-cases = Anomalies
report-no-case = No anomalies in this time range.
report-chart = { $what }: observed values, and the expected range as a band
report-withdrawn = Withdrawn on { $at }: { $why }
report-given-back = Given back on { $at }: { $amount }.
report-confidence = Confidence { $percent }%
report-mark-mine = Status: the owner says it was their own usage.
report-mark-reported = Status: reported to Kimi.
report-mark-settled = Status: resolved.
report-readings = Readings
report-readings-about = { $shown } of { $all } readings are listed: those that differ from the one before, and failed polls. The data in this file has all of them.
report-method = Method
report-method-observed = Every few minutes Tidemark asks the service for the account’s quotas and balance and keeps the answer. From one answer to the next it notes deductions and resets. A percentage is accurate to half of its last digit; across a gap in polling or a reset the margin is wider.
report-method-explained = Usage is the requests in this machine’s own session logs, each with its tokens. On the open platform it is weighed by the published prices. In a membership it is weighed by the same prices, times one factor per quota that is learned from the account’s own history. What is expected is a range that allows for rounding, late posting, missing logs and other machines.
report-method-found = A deduction is an anomaly if it is outside the expected range, contradicts the account’s other quotas, exceeds its rate limits, or stands out from the account’s own history. The confidence says how certain that is.
report-method-money = Quota is counted in percentage points, money in its currency. A money value given for points is an estimate at open-platform prices; a membership is not billed by token.
report-claim-subject = { $class }: { $what }, { $day }
report-claim-hello = Hello,
report-claim-what = I ask you to check a deduction on my { $product } account ({ $region }).
report-claim-level = Before and after
report-claim-ask = Please check your records for this time and restore what was deducted wrongly. I can send an evidence report with every reading, your service’s raw answers and a checksum.
report-claim-account = My account (the phone number or email that I sign in with):
report-chain = Integrity
report-chain-about = This file carries all readings, the service’s raw answers and the anomalies as data. Each record’s hash is the SHA-256 of the previous hash, a line feed, the record’s text, a line feed and its raw body; the first hash is that of “tidemark-report 1”, a line feed and the head’s text. The last hash is the checksum. `tidemark report --check FILE` recomputes it.
report-chain-limits = Any later change of a record changes the checksum. Note the checksum, or send it to someone, when the report is made: a report that is made again from scratch has a new checksum.
report-bodies = Raw answers
report-bodies-about = The quota part of the service’s answers for the readings above, without keys and personal data. All other answers are in this file’s data.


# Newer versions of Tidemark itself. `update-` and an id is a line; `update-failed-` and a code says why something failed.
check-updates = Check for new versions
    .about = Asks GitHub once a day. Nothing but the version that you run is sent.
update-ask = Check for new versions of Tidemark?
    .about = Once a day, it would ask GitHub for the newest version. Nothing but the version that you run is sent, and nothing is installed unless you say so.
update-allow = Check once a day
update-decline = Don’t check
update-do-check = Check now
update-do-install = Install
update-off = Tidemark does not check for new versions.
update-no-key = This build has no key to verify releases with, so it does not check for new versions.
update-unchecked = Not checked yet.
update-current = This is the newest version, as of { $at }.
update-newer = Version { $version } is available.
update-checking = Checking …
update-downloading = Downloading: { $percent }%
update-installing = Installing. The background agent restarts.
update-updated = Updated to version { $version }. Reopen open windows to use it.
update-by-command = Install it with: { $command }
update-by-deb = Download the .deb from { $page } and install it with: sudo apt install ./FILE
update-by-rpm = Download the .rpm from { $page } and install it with: sudo dnf install ./FILE
update-by-system-package = Install it with your package manager.
update-by-hand = Download it from { $page }.
update-failed-no-key = This build has no key to verify releases with; nothing is installed.
update-failed-bad-key = The release key cannot be used: “{ $said }”.
update-failed-unreachable = No connection to { $host }: “{ $said }”. Check your connection, then try again.
update-failed-timed-out = The server { $host } did not respond in time. Try again later.
update-failed-status = The server { $host } responded with status { $status }. Try again later.
update-failed-redirected = The server { $host } redirected to an address that is not secure; it was not followed.
update-failed-document-too-large = The description of the release is too large; nothing was downloaded.
update-failed-not-understood = The description of the release was not understood: “{ $said }”.
update-failed-format = The release needs a newer updater (format { $format }). Download it by hand.
update-failed-signature = The release is not signed with Tidemark’s key; nothing was downloaded. If this persists, download it by hand and verify it.
update-failed-older = Version { $offered } was offered, which is older than { $known }; it was refused.
update-failed-nothing-newer = Version { $version } is the newest.
update-failed-no-file = Version { $version } has no download for this system.
update-failed-managed = This copy does not replace itself. Update it the way you installed it.
update-failed-interrupted = The download broke off at { $percent }%. Try again; it continues from there.
update-failed-truncated = The server has only { $percent }% of the file; nothing was installed. Try again later.
update-failed-too-much = The server sends more than was signed; the download was discarded.
update-failed-checksum = The downloaded file is not the one that was signed; it was discarded.
update-failed-disk-full = The disk is full ({ $path }); nothing was changed. Free some space, then try again.
update-failed-not-writable = The program { $path } cannot be replaced: “{ $said }”.
update-failed-io = The file { $path } could not be read or written: “{ $said }”.
update-failed-history = The history could not be saved first, so nothing was changed: “{ $said }”.
update-failed-agent-stays = The background agent did not quit, so nothing was changed. Quit it, then try again.
update-failed-busy = Another update is under way. Wait until it is done.
update-failed-not-started = Version { $version } did not start, so the former version was put back: “{ $said }”.
update-failed-not-put-back = Version { $version } did not start, and the former version could not be put back: “{ $said }”. Download Tidemark again.

## Window

page-overview = Overview
page-history = History
page-use = Usage
page-findings = Events
page-accounts = Accounts
page-settings = Settings
page-machines = Machines
page-not-loaded = This page could not be loaded.
pages = Pages
skip = Skip to content
opens-outside = (opens in the browser)
line-connecting = Connecting…
sign-in = Sign in
sign-in-how = This page needs a token. On the machine where Tidemark runs, print it with `tidemark serve token show`, or open the link or code that `tidemark serve` shows.
sign-in-token = Token
sign-in-keep = Stay signed in on this device
sign-in-button = Sign in
line-connected = Background agent connected
line-lost = Background agent disconnected
agent-lost = The figures below are as of its last answer. The window reconnects automatically.
agent-start = Start the background agent

# A window that cannot open, in a box of the system’s. One line each
no-webview = Microsoft Edge WebView2 is missing
no-webview-advice = Tidemark’s window needs it, and it is not installed on this machine. Install it from Microsoft, then open Tidemark again. The command line works without it.
no-webview-ask = Open the download in your browser now?

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
loading = Loading…
new = Unread
account = Account
all-accounts = All accounts
machine = Machine
all-machines = All machines
from = From
to = To

# What a manual refresh did
refresh-polling = { $count ->
    [one] Refreshing { $count } account…
   *[other] Refreshing { $count } accounts…
}
refresh-left-just-now = { $count ->
    [one] Skipped { $name }: checked moments ago.
   *[other] Skipped { $count } accounts: checked moments ago.
}
refresh-left-retry-after = { $count ->
    [one] Skipped { $name }: the service asked to wait.
   *[other] Skipped { $count } accounts: the service asked to wait.
}
refresh-left-polled-through = { $count ->
    [one] Skipped { $name }: polled through another account.
   *[other] Skipped { $count } accounts: polled through another account.
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
between = { $from } – { $to }

# Overview
pause = Pause
pause-hour = For 1 hour
pause-tomorrow = Until tomorrow
paused = Paused until { $time }
    .about = Accounts are not polled until then.
resume = Resume updates
demo = Sample data
    .about = Everything here comes from the built-in simulator.
demo-leave = Leave sample data
notices-folded = { $count } notices
no-tray = No tray on this desktop
    .about = Tidemark keeps running in the background. Its icon appears when a tray is available.
no-notifications = Notifications cannot be shown
    .about = No notification service is running on this desktop. Alerts are kept and shown when one starts.
service-says = Kimi’s status page: { $status }
service-read = Updated { $age }
open-status-page = Status page
open-console = Kimi console
unlock = Unlock
unlock-keyring = Unlock the keyring
replace-key = Replace key
replace-key-of = Replace key of { $name }
next-try = next try { $time }
next-look = next update { $time }
read-age = Updated { $age }
level-near = near the limit
level-high = almost used up
level-full = used up
reset-unknown = reset time unknown
count-of = { $used } of { $limit } used
slice-of = Kimi Code’s share: { $percent }
conflict = Inconsistent figures
    .about = The service gave two figures for this quota that differ by more than one point. The larger is shown.
unconfirmed = Unconfirmed
    .about = The value changed unexpectedly. A later reading confirms or corrects it.
trend-label = Last 24 hours: { $low } – { $high }
no-quota = This account has no quota and no balance.
not-understood = { $count ->
    [one] { $count } part of the answer was not understood
   *[other] { $count } parts of the answer were not understood
}
    .about = Everything else is shown. A newer version of Tidemark may recognise these:
unseen-findings = { $count ->
    [one] { $count } unread event
   *[other] { $count } unread events
}
top-up = Top up
day-bars-odd = anomaly or unexplained
debt-stops = { $amount } owed: requests are refused until you top up.
no-balance-stops = Nothing left to pay from: requests are refused until you top up.
pace = { $percent } of the time gone
more-about = Limits and logs
# Programs in whose logs an account's usage was seen, whose logs show none of it, and of which no logs were found.
programs-seen = Usage seen in the logs of
programs-without = Read, without usage of this account
programs-absent = Looked for, not found
programs-none = none this month
# Accounts that fail for the same reason: $what, such as “Key invalid”.
folded = { $what }: { $count } accounts
unfold = Show one by one
show-fewer = Show fewer
card-actions = Actions for { $name }
card-history = Open history
move-earlier = Move earlier
move-later = Move later
hide-here = Hide on this page
hidden-said = { $name } is hidden on this page
hidden-count = { $count ->
    [one] { $count } account is hidden here.
   *[other] { $count } accounts are hidden here.
}
hidden-in-need = { $count ->
    [one] { $count } of them needs attention.
   *[other] { $count } of them need attention.
}
show-hidden = Show hidden accounts
view = View
view-order = Order
view-order-need = What needs attention first
view-order-own = My order
view-density = Density
view-roomy = Comfortable
view-dense = Compact
view-days = Bars on cards
day-bars = { $what } deducted per day, last { $days } days
# Of money, in its currency.
day-bars-money = Deducted per day, last { $days } days
day-bars-most = highest day { $most }
day-bars-none = { $what }: nothing deducted in the last { $days } days.
day-bars-about = { $what }, deductions by day in the last { $days } days: highest { $most } on { $day }.
day-bars-missing = { $count ->
    [one] No data on { $count } day.
   *[other] No data on { $count } days.
}
day-bars-unexplained = { $count ->
    [one] { $count } day has an unexplained part.
   *[other] { $count } days have an unexplained part.
}

# The overview's head: all accounts in a sentence or a few. Forecasts are likely, never certain.
head-lost = These figures are not current.
head-as-of = They are as of { $time }.
# The verdict: of $total accounts, $count need the user, run low, or have an open anomaly.
head-need = { $total ->
    [one] Your account needs you.
   *[other] { $count } of { $total } accounts { $count ->
        [one] needs
       *[other] need
    } you.
}
head-low = { $total ->
    [one] A quota runs low.
   *[other] { $count } of { $total } accounts { $count ->
        [one] runs
       *[other] run
    } low.
}
head-odd = { $total ->
    [one] Your account has an open anomaly.
   *[other] { $count } of { $total } accounts { $count ->
        [one] has an open anomaly
       *[other] have open anomalies
    }.
}
head-partly = { $total ->
    [one] No current figures.
   *[other] Fine as far as is known; { $count } of { $total } accounts { $count ->
        [one] has
       *[other] have
    } no current figures.
}
head-fine = All is fine.
head-jump = Show the account
# The gravest open anomaly: what was taken, from which account, and how many more there are.
anomaly-in = { $more ->
    [0] { $what } in { $name }
   *[other] { $what } in { $name }, and { $more } more
}
head-debt = { $name } owes { $amount }, so its requests are refused.
head-no-balance = { $name } has no balance left, so its requests are refused.
head-refused = Kimi does not accept the key of { $name }.
head-key = The key of { $name } cannot be read.
head-stopped = { $names ->
    [none] { $count } accounts cannot be used.
   *[other] { $names } cannot be used.
}
head-used-up = { $until ->
    [none] { $name }: { $quota } used up.
   *[other] { $name }: { $quota } used up until { $until }.
}
head-used-up-several = { $names ->
    [none] { $count } accounts have used up a quota.
   *[other] { $names } have used up a quota.
}
# $sure is how likely it is, in words: see the forecast of a quota.
head-runs-out = { $name }: { $quota } { $sure ->
    [rather] more likely than not
    [certain] almost certain
   *[likely] likely
} to run out before its reset ({ $chance }).
head-runs-out-several = { $names ->
    [none] { $count } accounts
   *[other] { $names }
} are { $sure ->
    [rather] more likely than not
    [certain] almost certain
   *[likely] likely
} to run out of quota before a reset.
head-near = { $name }: { $quota } { $percent } used.
head-near-several = { $names ->
    [none] { $count } accounts are near a limit.
   *[other] { $names } are near a limit.
}
head-unknown = No current figures of { $name }.
head-unknown-several = { $names ->
    [none] No current figures of { $count } accounts.
   *[other] No current figures of { $names }.
}
head-last = { $which ->
    [all] All quotas are
   *[others] { $count ->
        [one] The other account is
       *[other] The other { $count } are
    }
} { $sure ->
    [rather] more likely than not
   *[likely] likely
} to last until { $which ->
    [all] their
   *[others] { $count ->
        [one] its
       *[other] their
    }
} resets.
head-calm = { $which ->
    [all] No quota is near its limit.
   *[others] { $count ->
        [one] The other account is not near a limit.
       *[other] The other { $count } are not near a limit.
    }
}
fact-tokens = Tokens today
fact-worth = Value today
fact-spent = Spent from balances today
fact-anomalies = Open anomalies
fact-none = None
fact-month = { $amount } this month
tokens-count = { $count } tokens
worth-about = about { $amount }
worth-least = at least { $amount }
worth =
    .about = Estimated at the open platform’s prices. Tokens without a public price are not part of it.
next-resets = Next resets
# What the marks on the line of time are; each is a reset.
resets-key-calm = reset
resets-key-near = near its limit, or likely to run out
resets-key-over = almost or all used
resets-key-empty = likely empty from here: the higher, the likelier
axis-now = now

# History
span = Time range
span-7d = 7 days
span-30d = 30 days
span-90d = 90 days
span-12m = 12 months
span-custom = Custom
by = Group by
by-hour = Hour
    .column = Hour
by-day = Day
    .column = Day
by-week = Week
    .column = Week
by-month = Month
    .column = Month
by-most = For up to { $days } days
by-least = For longer time ranges
range-of = { $span } · { $zone }
legend = Legend
deducted = Deducted
of-it-code = of which Kimi Code
uncertain = Time uncertain
# What was added: quota restored by a reset, money received.
returned = Restored
received = Received
expired = Expired
restored-or-received = Restored or received
resets = Resets
last-percent = Used at end of period
last-money = Balance at end of period
coverage = Coverage
not-seen = No data
future = Future
show-table = Table
show-chart = Chart
show-all = Show all { $count } charts
chart-keys = Arrow keys move between bars, Enter opens one, + and − zoom, Shift with an arrow key pans, Backspace goes back.
week-of = Week of { $day }
chart-mode = Show
chart-bars = Bars
chart-level = Level
chart-cumulative = Running total
chart-split = Split by
chart-limit = Limit
chart-sum = So far
chart-sum-before = The span before
chart-zoom = Zoom in
chart-back = Back to { $span }
chart-nothing = Nothing was deducted in this time range.
level = Level
save-png = Picture (PNG)
save-svg = Drawing (SVG)
save-csv = Table (CSV)
others = Others
# Shares of a quota over more than one cycle. $count is a decimal.
cycles-5h = { $count } windows
    .unit = 5-hour windows
cycles-week = { $count } weekly quotas
    .unit = weekly quotas
cycles-month = { $count } monthly quotas
    .unit = monthly quotas
cycle-average = Average cycle
cycle-fullest = Peak cycle
cycle-until = Cycle until { $day }
cycle-now = Current cycle
cycle-emptied = Emptied
cycle-times = { $count ->
    [one] once
   *[other] { $count } times
}
# Percentage points of a quota, beside an axis.
points-unit = Points
# A part of a sum.
share-of = { $share } of { $total }
# What anomalies name of the unexplained deductions.
unexplained-events = { $count ->
    [one] ({ $amount } in one event)
   *[other] ({ $amount } in { $count } events)
}
unexplained-whole = { $count ->
    [one] (in one event)
   *[other] (in { $count } events)
}
unexplained-some = { $count ->
    [one] (partly in one event)
   *[other] (partly in { $count } events)
}
unexplained-small = (too little at a time for an event)
# Views of an account's history
closer = View
closer-chart = Chart
closer-series = Quota or balance
closer-calendar = Calendar
closer-cycles = Cycles
closer-compare = Compare
closer-hours = Hours
closer-limits = Emptied by month
calendar-year = Year
calendar-before = Before the first record
cycle-start = Start
cycle-end = End
cycle-peak = Highest
cycle-emptied-at = Emptied at
cycle-unused = Unused
cycle-note = Note
cycle-open = Still running
cycle-gap = Some of it without data
cycle-before = Before { $at }
compare-what = What
compare-change = Change
compare-with = Compare with
compare-before = the span before
compare-4w = 4 weeks earlier
compare-12m = 52 weeks earlier
hours-about = Deductions of the last { $days } days by weekday and hour.
# From a bar to its sessions
session = Session
session-time = Time
session-took = Took about
session-model = Model
sessions-of-quota = Sessions in this time, by their estimated share of the deduction.
sessions-of-usage = Sessions in this time.
sessions-loading = Reading the logs’ sessions…
sessions-none = The logs show no sessions in this time.
sessions-requests = { $count ->
    [one] { $count } request
   *[other] Largest of { $count } requests
}
about-amount = ≈ { $amount }
at-least = ≥ { $amount }
name-amount = { $name } ({ $amount })
worth-cover = At least { $worth }, for { $percent } of the tokens.
worth-unpriced = No public price: { $models }.
worth-saved = The cache saved { $amount }.
worth-plan = { $account }: worth { $partly ->
    [yes] at least { $worth }
   *[no] about { $worth }
}, { $times } × the price of { $plan } ({ $price }).
history-empty = No data in this time range yet.

# Usage
use-tokens = Tokens
use-worth = Value
    .about = Estimated from the open platform’s public prices. A membership is not billed by token.
use-requests = Requests
use-input = Input (cache miss)
use-cache-read = Cache hits
use-cache-write = Cache write
use-output = Output
use-cache-hits = Cache hit rate
use-unpriced = No public price
use-kinds = By kind of token
use-models = By model
use-projects = By project
use-accounts = By account
use-programs = By program
use-machines = By machine
use-busiest = Busiest hours
use-calendar = Tokens by day
use-when = Over time
use-where = Breakdown
use-what-worth = What it is worth
use-sources = Sources
sources-files = { $count ->
    [one] { $count } log file
   *[other] { $count } log files
}
sources-troubles = { $count ->
    [one] { $count } problem
   *[other] { $count } problems
}
folders = { $count } folders
rates-near = Near a limit
rates-unlimited = No limits known
use-rates = Rates and limits
    .about = The peak of any 60 seconds in the last minute, hour and day. The service counts the largest output that a request allows in advance, so its own figures can be higher.
use-row = { $requests ->
    [one] { $requests } request
   *[other] { $requests } requests
} · { $hits } cache hits · { $worth }
use-empty = No usage in this time range.
of-it = of which { $name }
all-of = Show all { $count }
tokens-requests = { $tokens } tokens, { $requests ->
    [one] { $requests } request
   *[other] { $requests } requests
}
unascribed = Unassigned
    .about = The logs do not name an account.
no-project = Unknown project
rate-minute = Minute
rate-hour = Hour
rate-day = Day
rate-limit = Limit
logs = Session logs
logs-reading = Reading session logs. Totals are incomplete.
logs-progress = { $done } of { $files } files
logs-unread = Session logs have not been read yet.
logs-none = No session logs yet
logs-add-folder = Add a folder in Settings
logs-looked = Last full scan
logs-files = Log files
logs-unreadable = Unreadable files
logs-skipped = Unreadable lines
logs-doubtful = Requests with an invalid timestamp
logs-dated = Log files without times (counted when last written)
logs-unpriced = No public price
logs-third = Other providers (not counted)
logs-missing = not found
logs-absent = No logs found from
logs-unwatched = Tidemark cannot watch the logs for changes; it checks them every few minutes.
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
format-otlp = OTLP metrics
format-litellm = LiteLLM
format-import = imports

# Events
kind = Type
all-kinds = All
kind-reset = Resets
kind-credit = Credits
kind-anomaly = Anomalies
kind-change = Changes
kind-failure = Failures
only-unseen = Unread only
mark-all-seen = Mark all as read
marked-all-seen = { $count ->
    [one] { $count } event marked as read
   *[other] { $count } events marked as read
}
undo = Undo
filter-says = { $count ->
    [one] { $count } event: { $what }
   *[other] { $count } events: { $what }
}
filter-clear = Clear filters
attention = Needs attention
attention-none = Nothing needs attention.
attention-more = { $count } more open anomalies
unexplained-in = Unexplained in { $month }
month-before = Month before
month-after = Month after
sum-given-back = { $amount } of it given back
sum-all-given-back = all of it given back
sums-more = and { $count } more, see the list
taken-more = { $amount } more
came-back-within = within a reset or credit of { $amount }
range-short = { $low }–{ $high }
story-step-announced = What was announced
story-step-happened = What happened
story-step-expected = What was expected
story-step-logs = What your logs show
story-step-lacks = What the data lack
story-step-cost = What it cost
story-step-outcome = What came of it
story-scheduled = A reset was scheduled for { $time }.
story-failed = { $count ->
    [one] { $count } poll failed around that time.
   *[other] { $count } polls failed around that time.
}
story-gap = Readings are missing for part of that time.
story-expected = { $most ->
    [yes] At most { $amount }.
   *[no] { $amount }.
}
story-expected-none = { $idle ->
    [yes] Nothing: there was no usage in that time.
   *[no] Nothing.
}
story-expected-reset = A reset, and at most { $high } used since.
story-cost = { $amount } more than expected ({ $what })
story-given-back = It was given back.
story-withdrawn = Withdrawn on { $day }.
story-open = Nothing yet. It is open.
send-to-kimi = Report to Kimi
send-report = Save the evidence report. It has no keys and no personal data.
send-report-save = Save report
send-text = Copy this text, and add the phone number or email of your account.
send-where = Send both to Kimi. Its page lists the current ways to reach support.
send-page = Kimi’s contact page
send-done = Mark the anomaly as reported, so that it no longer counts as open.
send-mark = Mark as reported
copy = Copy
copied = Copied
copy-failed = The text could not be copied. Select it and copy it by hand.
hindsight = Forecasts in hindsight
hindsight-lead = What was forecast half-way through each cycle, and what happened
hindsight-about = Each forecast is worked out again by the current rules from what was known at that time. It may differ from what an older version showed.
hindsight-none = No finished cycle has a forecast yet. That takes a few days of readings.
hindsight-score = { $all } could be checked: { $right } right, { $wrong } wrong.
hindsight-unsure = { $count ->
    [one] 1 was too close to call.
   *[other] { $count } were too close to call.
}
hindsight-cycle = Quota
hindsight-at = At half-time
hindsight-said = Forecast
hindsight-came = What happened
hindsight-open = Too close to call
hindsight-lasts = Lasts, { $chance }
hindsight-empties = Runs out, { $chance }
hindsight-lasted = Lasted, { $percent } used
hindsight-ended = cycle ended { $day }
hindsight-emptied = Used up { $time }
finding-title-reset = { $what } reset { $schedule }
finding-title-anomaly = { $class } · { $what }
finding-title-credit = { $class } { $amount }
finding-title-expiry = Voucher expired: { $amount }
finding-title-limit-change = Limit changed: { $limit }
finding-title-plan-change = Plan changed
finding-title-account-change = Account changed
resets-on-time = { $count ->
    [one] { $count } reset on time
   *[other] { $count } resets on time
}
happened = Time
found = Found
last-at = last { $time }
announced = Scheduled for
amount = Amount
confidence = Confidence
evidence = Evidence
times = { $count ->
    [one] once
   *[other] { $count } times
}
failure-over = Resolved
failure-lasting = Ongoing
findings-empty = No events yet. Resets, credits, failures and anomalies are listed here.
findings-none-such = No matching events.
show-older = Show older events
no-older = No older events.

# How far usage explains a deduction
verdict = Local usage
verdict-fully = Explained
    .about = The usage in your logs explains this deduction.
verdict-partly = Partly explained
    .about = The usage in your logs explains only part of this deduction.
    .figures = The usage in your logs explains { $low } – { $high } of this deduction.
verdict-not = Unexplained
    .about = Your logs usually cover all usage, and none of it explains this.
    .part = { $amount } of this is unexplained; your logs explain { $explained }.
verdict-cannot-tell = Cannot tell
    .about = Your logs don’t cover all usage of this account; it may have happened on another device.
verdict-elsewhere = Used outside Kimi Code
    .about = The monthly quota moved beyond Kimi Code’s share: other Kimi products used it, for example the website, Kimi Work, or a search.
known-use = { $what }: { $percent } of deductions match local usage

# The user's verdict on an anomaly
mark = Status
mark-any = Any status
mark-filter = Status of anomalies
mark-open = Open
    .about = Not dealt with yet; the overview shows it.
mark-mine = Mine
    .about = You used it, though your logs do not show it. Tidemark learns from this; other anomalies are still reported.
mark-reported = Reported
    .about = You reported it to Kimi. It is kept, and no longer counts as open.
mark-settled = Resolved
    .about = It is kept, and no longer counts as open.

# How certain an event is
case-sure = It is { $sure } that this is an anomaly.
sure-certain = certain
sure-almost = almost certain
sure-very = very likely
sure-likely = likely
sure-maybe = possible

# The details of an event
case-chart = { $what }: observed and expected values. See the table for every value.
observed = Observed
expected = Expected range
incident = Incident
announcement = Kimi Code announced ({ $time }):
failed-looks = Failed polls
go-taken = Show the original deduction
go-returned = Show what was given back
go-withdrawn = Show why it is withdrawn
withdrawn-on = Withdrawn on { $day }: { $machine ->
    [none] usage that was read late explains it
   *[other] usage that “{ $machine }” reported late explains it
}
withdrawn-why = { $machine ->
    [none] Usage that was read late explains it
   *[other] Usage that “{ $machine }” reported late explains it
}
more-open = and { $count } more

# Files
report = Evidence report
    .about = A dated document for Kimi’s support: readings, anomalies, matching local usage and raw answers. Keys and personal data are removed.
export = Export
    .about = The recorded history, for a spreadsheet or another program.
format = Format
file-saved = Saved: { $where }

# Accounts
account-add = Add account
account-test = Test
account-name = Name
account-name-auto = generated from the plan
account-added = { $name } added
account-renamed = Renamed to { $name }
account-removed = { $name } removed
account-moved = { $name } is now { $place } of { $of }
account-move = Move { $name }
account-move-hint = Drag, or use the arrow keys
move-up = Move up
move-down = Move down
rename = Rename
remove = Remove
    .about = This also deletes its history and stored key. It cannot be undone.
remove-title = Remove { $name }?
remove-without-key = Remove account, keep key
    .about = The key cannot be reached, so the account was not removed. Try again later, or remove the account now: the key then stays in its storage as “Tidemark: { $name }”, where you can delete it.
account-removed-key-left = { $name } removed; its key is still in its storage
accounts-empty = No accounts yet
# What a page will show once there is an account.
empty-accounts = Your Kimi accounts will be listed here, each with its state, its key and where that is kept.
empty-history = Here you will see what was deducted from each quota and balance, by day and month, and how much of it your usage explains.
empty-use = Once Kimi Code or another supported program has worked on this machine, you will see here how many tokens each project, model and program used.
empty-findings = Resets, top-ups, changes of your plan and deductions that cannot be explained will be listed here.
added-on = added { $day }
key = API key
key-show = Show key
key-hide = Hide key
key-from = Key source
key-from-key = Paste a key
key-from-environment = Environment variable
key-from-kimi-code-login = Kimi Code login
key-from-kimi-code-server = Kimi Code’s local server
key-shape-empty = Tidemark recognises a key by its format. Nothing is sent yet.
key-shape-kimi-code = A Kimi Code key.
key-shape-platform = An open-platform key.
key-shape-several-words = The key contains white space. Paste only the key.
key-shape-odd-character = The key contains a character that no key has, such as an invisible one. Copy the key again.
key-shape-unknown = Unknown key format. Choose the source yourself.
key-place = Key storage
key-place-keyring = Protected by your system login.
key-place-encrypted-file = Protected by a passphrase, which you enter after each start.
key-place-this-run = Kept in memory; cleared when the agent stops.
key-elsewhere = Choose another storage
key-promise = Tidemark sends the key only to Kimi’s service, or to a base URL that you enter, only to read your quota and balance, and stores it only where you choose.
same-account = Same account as { $names }
key-replaced = Key of { $name } replaced
source = Source
region = Region
choose-auto = Detect automatically
choose-both = Try both
variable = Variable
    .wrong = Not a variable’s name. Use letters, digits and underscores, and not the key itself.
    .about = From the agent’s environment. Only its name is stored.
login-found = A login for { $region } was found.
login-fresh = Valid until { $time }.
login =
    .about = Tidemark reads it while it is valid, and never renews or changes it.
server-about = Tidemark asks the server that Kimi Code runs on this machine, with the token in Kimi Code’s folder. The token goes nowhere else and is not stored. Figures are updated while Kimi Code runs.
passphrase = Passphrase
    .about = At least 8 characters; four random words work well. Tidemark does not store it and cannot recover it.
file-passphrase = Passphrase of the encrypted key file
file-passphrase-new = New passphrase of the encrypted key file
advanced = Advanced
base-url = Base URL
    .about = Replaces the official address: https, or http on this machine.
more-choices = More options
add-untested = Add without testing
test-ok = Key works: { $source }, { $region }

# First start
welcome = Welcome to Tidemark
    .about = See how much of your Kimi quota and balance is used, and how much is left.
welcome-key = Paste your API key
welcome-step-paste = Key
welcome-step-test = Test it
welcome-step-numbers = First figures
key-test-and-add = Test and add
key-testing = Asking Kimi…
key-where = Where do I find my key?

# After the first start: what a page is for, in one line
tour = Tip
tour-got-it = Got it
tour-end = No more tips
tour-overview = How all accounts stand, at a glance. Whatever needs you comes first.
tour-history = How much of each quota and balance was used, by hour, day or month.
tour-use = Tokens from the session logs on your machines, by model, project and program.
tour-findings = What happened: resets, top-ups, and deductions that nothing explains.
tour-accounts = Add more accounts here, and drag them into your order.
tour-settings = Search for a setting by what it does.
tour-machines = Add your other machines, so that usage on them explains deductions, too.
welcome-login = Use the Kimi Code login
welcome-login-use = Use login
welcome-server = Use Kimi Code’s local server
welcome-server-use = Use server
welcome-demo = Try it with sample data
    .about = A few simulated accounts show what Tidemark does.
welcome-demo-use = Open sample data

# Settings
settings-look = Appearance
settings-data = Logs and data
settings-search = Search settings
settings-found = { $count ->
    [one] { $count } setting found
   *[other] { $count } settings found
}
settings-none = No setting matches “{ $text }”.
settings-show-all = Show all settings
shortcuts = Single-key shortcuts
    .about = 1 to 6 open pages, r refreshes, ? lists the shortcuts. When off, single keys do nothing.
settings-budgets = Budgets
    .about = Your own limits per day, week or month. You are notified at 80% and at 100%; nothing is stopped.
budget-add = Add a budget
budget-name = { $account }, project { $project }
budget-set = Set budget
budget-remove = Remove
budget-remove-of = Remove the budget of { $name }
budget-for-project = Project
budget-all-projects = All of the account
budget-period = Period
budget-per = { $period ->
    [day] Day
    [week] Week (from Monday)
   *[month] Month
}
budget-unit = Of what
budget-unit-cny = Money (¥)
budget-unit-usd = Money ($)
budget-unit-tokens = Tokens
budget-unit-5h = Percent of the 5-hour quota
budget-unit-week = Percent of the weekly quota
budget-unit-month = Percent of the monthly quota
budget-amount = Limit
budget-wrong = { $unit ->
    [tokens] Enter a number of tokens, such as 5M or 500,000.
   *[other] Enter a number above zero, such as 300.
}
budget-count = { $text } { $count ->
    [one] token
   *[other] tokens
}
budget-of-quota = { $percent } of { $meter }
budget-used = { $used } of { $limit }
budget-unknown = Nothing known yet of { $limit }
budget-part-seen = Tidemark has not watched the whole period: more may have been used.
budget-part-priced = Some of the use has no public price: it cost more.
budget-estimate = Estimated from session logs and public prices.
budget-until = { $period ->
    [day] today
    [week] this week, until { $day }
   *[month] this month, until { $day }
}
settings-polling = Polling
settings-notifications = Notifications
settings-program = Program
language = Language
    .about = Of this window, the tray, notifications and reports.
theme = Theme
    .about = Colours of this window.
theme-light = Light
theme-dark = Dark
as-system = System
zone = Time zone
    .about = Days and months are counted in this zone, also when you travel.
nothing-found = No results
poll-every = Polling interval
    .about = How often each account is polled.
poll-busy = Polling interval while active
    .about = While an account is in use, or a quota is above 80%.
status-page = Read Kimi’s status page
    .about = Shows its incidents, and Kimi Code’s announcements, next to your figures. No key is sent.
notifications = Desktop notifications
    .about = From the background agent, also while this window is closed.
thresholds = Notify when a quota reaches (% used)
    .about = Once per quota and cycle.
thresholds-wrong = Enter at most { $most } whole numbers from { $low } to { $high }.
balance-below = Notify when a balance falls below ({ $currency ->
    [CNY] ¥
    [USD] $
   *[other] { $currency }
})
    .about = Once, until the balance rises above it again.
amount-wrong = Enter an amount such as 10 or 2.50.
never = never
notify-resets = Notify when a quota resets on time
    .about = You know when you can go on.
notify-early = Notify when a quota resets early or late, or money is received
    .about = Also top-ups, vouchers and refunds.
notify-refusals = Notify when a key is rejected or access ends
    .about = Programs with this key stop working then.
notify-anomalies = Notify when an anomaly is found or a wrong deduction is given back
    .about = The events page has the evidence.
notify-likely-empty = Notify when a weekly or monthly quota is likely to be empty before its reset
    .about = Estimated from how you used it before; once per quota and cycle, and taken back if it passes.
notify-likely-empty-from = from { $percent }% probability
notify-extra-usage = Notify when extra usage begins to cost money
    .about = Once per billing month, at the first amount spent beyond the membership.
quiet = Quiet hours
    .about = Notifications are shown afterwards.
notification-try = Test notification
    .about = Shows whether notifications reach you.
notification-test = Send
notification-sent = Test notification sent
start-at-login = Start at login
    .about = Starts only the agent, without the window.
keep-raw = Keep raw readings
    .about = Daily and hourly totals are always kept.
keep-all = Forever
log-homes = Additional folders
    .about = One Kimi Code folder per line. Tidemark only reads its logs.
    .wrong = Enter at most { $most } absolute paths, one per line, such as /home/me/kimi.
hidden-projects = Projects hidden in exports
    .about = One word of the folder’s name per line; * matches any text. Exports write “hidden” instead of the name; the figures still count.
    .wrong = Enter at most { $most } words of at most { $length } characters, one per line.
worth-currency = Currency of prices
    .about = In which the worth of tokens is estimated.
    .auto = Same as account
about = About
about-text = See how much of your Kimi quota and balance is used, and how much is left.
version = Version
keyring = Keyring
tray = Tray
tray-shown = Icon shown
tray-no-host = No tray on this desktop
tray-off = Icon turned off
licence = Licence
not-official = Not an official Moonshot AI or Kimi program.
help = Keyboard shortcuts
shortcuts-off = Single-key shortcuts are switched off in the settings.
help-hint = Press ? for keyboard shortcuts.
help-chart = Move through a chart
help-zoom = Zoom into a day or month

# Machines
settings-machines = Machines
    .about = Usage of your other machines counts, too, each request once.
machines-manage = Manage machines
machines-about = Machines exchange the time, account, model, program and token counts of each request, and the dates that their logs cover; prompts, keys and paths never leave a machine, and names of projects only if you allow it.
machine-this = This machine
machine-others = Other machines
machine-none = No other machines yet. Add one over SSH, or a folder that your machines share.
machine-seen = Last seen { $age }
machine-never-seen = Not seen yet
machine-via = records come from { $name }
machine-via-folder = records come through the folder “{ $name }”
machine-kept = no more records come, its usage stays
card-machines = Tokens by machine
last-days = last { $days } days
machine-no-use = none reported
machine-silent = No usage reported since { $time }. Later deductions cannot be explained from its logs.
machine-unused = No usage reported since { $time }. After two weeks, deductions are analysed without it.
machine-unheard = No usage reported yet. Deductions cannot be explained from its logs.
machine-coverage = Logs known
machine-no-coverage = None yet
machine-gaps = { $count ->
    [one] { $count } gap
   *[other] { $count } gaps
}
machine-id = Id
machine-skipped = { $count ->
    [one] { $count } record is from a newer version of Tidemark and does not count.
   *[other] { $count } records are from a newer version of Tidemark and do not count.
} Update Tidemark on this machine.
machine-share-projects = Share names of projects
    .about = Other machines then see what this machine’s projects are called, never where they are.
machine-renewed = This machine has a new id
machine-renewed-other-host = The history was copied here from another machine.
machine-renewed-clone = Another machine has the same history and uses the old id.
machine-forget = Forget
machine-forget-title = Forget { $name }?
machine-forget-kept = Its usage is removed. Requests that other machines hold stay.
machine-forget-folder = The machine is ignored in “{ $name }” from now on.
machine-forget-ssh = { $name } is no longer asked.
machine-no-logs = No logs found
machines-ignored = Ignored machines
    .about = Their records in the shared folder are ignored.
machine-usage-stays = Its usage stays.
machine-restore = Restore
machine-restored = { $name } is no longer ignored
machine-use-keep = Keep its usage
machine-use-drop = Remove its usage, too
    .about = Requests that other machines hold stay.
machine-removed = { $name } removed. Its usage stays.
machine-removed-use = { $name } and its usage removed

# How records of machines come and go
exchanges = Exchanges
exchange-ssh = SSH
exchange-folder = Shared folder
exchange-other = A newer version of Tidemark added this exchange. Update Tidemark to use it.
exchange-done = Last success { $age }
exchange-never = Never succeeded
exchange-next = next exchange { $time }
exchange-failures = { $count ->
    [one] failed once
   *[other] failed { $count } times in a row
}
exchange-now = Exchange now
exchange-received = { $name }: { $count ->
    [one] { $count } request received
   *[other] { $count } requests received
}
exchange-written = { $count ->
    [one] { $count } request of this machine written
   *[other] { $count } requests of this machine written
}
exchange-failed = { $name }: { $why }
exchange-goes-on = The exchange with { $name } takes long and continues in the background.
exchange-underway = under way, continues in the background
exchange-ended = { $name }: records exchanged
exchange-remove-folder = This machine no longer uses { $name }. The files in it stay.
exchange-remove-ssh = { $name } is no longer asked.

# Adding a machine
machine-add = Add machine
machine-add-way = Connection
machine-add-ssh = SSH
    .about = Tidemark asks the other machine through your own ssh, with its keys and configuration. Tidemark must be installed there; nothing has to run.
machine-add-folder = Shared folder
    .about = Each machine writes encrypted files into a folder that all of them see, such as one of Syncthing or a cloud drive. Add the folder on each machine.
machine-host = Host
    .about = As you write it after ssh.
    .wrong = A host is one word and does not begin with a hyphen.
machine-command = Path of tidemark there
    .about = Only if it is not on the path.
machine-folder = Folder
    .about = Its full path on this machine. The folder must exist.
    .wrong = Enter the full path, from the root or the drive.
machine-passphrase =
    .about = The same on all machines. For a new folder, at least 8 characters; four random words work well.
machine-passphrase-place = Passphrase storage

# Channels and the guard in the settings of the window
settings-channels = Channels
    .about = Alerts on your phone, in a chat, by mail, or to a program.
channels-none = No channels yet. Alerts are shown on this machine only.
channels-about = A channel gets the alerts from when it is added.
channels-elsewhere = Channels are changed in the window on the machine itself, or with tidemark channel.
channels-locked = The keyring is locked: channels whose secret is in it cannot deliver until you unlock it.
channel-add = Add channel
channel-change = Change
channel-try = Send a test
channel-tested = A test message was delivered to { $name }.
channel-removed = Removed { $name }.
channel-remove-about = Its secrets and the alerts that wait for it are removed, too.
channel-failing = Not working.
channel-last-none = Nothing was sent yet.
channel-last-delivered = Last delivery: { $age }, delivered.
channel-last-failed = Last delivery: { $age }, failed. { $why }.
channel-all-alerts = All alerts
channel-quiet-hours = quiet { $from }–{ $to }
channel-kind = Kind
channel-kind-webhook = Webhook
channel-kind-ntfy = ntfy
channel-kind-telegram = Telegram
channel-kind-feishu = Feishu or Lark
channel-kind-dingtalk = DingTalk
channel-kind-wecom = WeCom
channel-kind-slack = Slack
channel-kind-discord = Discord
channel-kind-email = Mail
channel-kind-program = Program
channel-kind-newer = Added by a newer version
channel-field-url = Address
channel-field-url-webhook = Address
    .about = Gets a JSON document by HTTP POST.
channel-field-url-ntfy = Topic
    .about = Such as https://ntfy.sh/my-alerts. Choose a name that is hard to guess.
channel-field-url-email = Mail server
    .about = smtps://user@host:465, or smtp://user@host:587 for STARTTLS.
channel-field-address = Webhook address
channel-field-address-feishu = Webhook address
    .about = From the group’s custom bot. It is kept as a secret.
channel-field-address-dingtalk = Webhook address
    .about = From the group’s custom robot. It is kept as a secret.
channel-field-address-wecom = Webhook address
    .about = From the group’s robot. It is kept as a secret.
channel-field-address-slack = Webhook address
    .about = From the app’s incoming webhooks. It is kept as a secret.
channel-field-address-discord = Webhook address
    .about = From the channel’s integrations. It is kept as a secret.
channel-field-to = To
channel-field-to-telegram = Chat
    .about = A number such as -1001234, or @channel.
channel-field-to-email = To
    .about = Mail addresses, separated by commas.
channel-field-from = From
channel-field-from-email = From
    .about = The sender’s mail address.
channel-field-secret = Signing secret
channel-field-secret-webhook = Signing secret
    .about = Optional. Messages are signed as Standard Webhooks describes.
channel-field-secret-ntfy = Access token
    .about = Optional, for a topic that is protected.
channel-field-secret-telegram = Bot token
    .about = From @BotFather.
channel-field-secret-feishu = Signing secret
    .about = If the bot checks signatures.
channel-field-secret-dingtalk = Signing secret
    .about = If the robot checks signatures.
channel-field-secret-email = Password
    .about = If the server asks for one.
channel-field-kept = Leave empty to keep it.
channel-secret-kept = One is kept. Leave empty to keep it.
channel-secret-none = None is kept.
channel-private = Allow private addresses
    .about = Deliver also to this machine and the local network.
channel-rules = What it gets, and when
channel-kinds = Alerts
channel-none-is-all = Without a choice: all of them.
channel-level = Level
channel-quiet =
    .about = Alerts are sent afterwards.
channel-language-same = As in the settings
channel-digest = Digest
channel-digest-none = None
channel-rule-channel-address-missing = Enter an address.
channel-rule-channel-address-bad = Must begin with https://, without a user name or password. Of mail: smtps:// or smtp://.
channel-rule-channel-address-private = This is an address of a private network or of this machine. If it is meant to be, allow private addresses.
channel-rule-channel-secret-missing = Enter the bot’s token.
channel-rule-channel-secret-again = Enter it again: the one that is kept goes to no other address.
channel-rule-channel-to = Enter a chat such as -1001234 or @channel, or mail addresses.
channel-rule-channel-from = Enter a mail address.
alert-kind-threshold = Quota reaches a threshold
alert-kind-likely-empty = Quota likely to run out
alert-kind-likely-lasts = Quota likely to last again
alert-kind-balance-low = Low balance
alert-kind-reset = Resets
alert-kind-credit = Money received
alert-kind-anomaly = Anomalies
alert-kind-recovered = Wrong deductions given back
alert-kind-withdrawn = Anomalies withdrawn
alert-kind-key-refused = Key refused
alert-kind-budget = Budget nearly or fully used
alert-kind-extra-usage = Extra usage begins to cost money
settings-guard = Guard
    .about = Warns coding agents, and stops them, before a quota is used up.
guard-default = Where no limit is set: warn at 80%, stop at 95%. It runs as a hook, which this installs:
guard-limits = { $quota }: warn { $warn }, stop { $stop }
guard-at = at { $percent }%
guard-wider = as for all
guard-account = Account
guard-quota = Quota
guard-all-quotas = All quotas
guard-warn = Warn at (% used)
guard-stop = Stop at (% used)
guard-add = Set limits
guard-wrong = Enter a whole number from 1 to 100, 0 for never, or nothing to leave it to a wider limit. Up to { $most } limits.
guard-hint = 0: never. Empty: the limit for all accounts or quotas applies.

## Menu bar of the window, on macOS

# Apple’s own words for these commands.
menu-about = About Tidemark
menu-services = Services
menu-hide = Hide Tidemark
menu-hide-others = Hide Others
menu-show-all = Show All
menu-quit = Quit Tidemark
menu-edit = Edit
menu-undo = Undo
menu-redo = Redo
menu-cut = Cut
menu-copy = Copy
menu-paste = Paste
menu-select-all = Select All
menu-window = Window
menu-minimize = Minimize
menu-zoom = Zoom
menu-fullscreen = Enter Full Screen
menu-close = Close

## Tray and notifications

percent-value = { $value }%
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

tray-no-account = No accounts yet
tray-no-reading = No reading yet
tray-tightest = { $account } · { $meter } { $percent }
tray-reset-in = resets in { $length }
tray-paused = Paused until { $moment }
tray-sample = Sample data
tray-old = { $length } old
tray-refresh = Refresh now
tray-pause-hour = Pause updates for 1 hour
tray-pause-tomorrow = Pause updates until tomorrow
tray-resume = Resume updates
tray-open = Open Tidemark
tray-quit = Quit

notify-open = Open
notify-threshold = { $account }: { $percent } of { $meter ->
    [five-hour] the 5-hour quota
    [week] the weekly quota
    [month] the monthly quota
   *[month-code] Kimi Code’s share of the monthly quota
} used
notify-exhausted = { $account }: { $meter ->
    [five-hour] 5-hour quota
    [week] weekly quota
    [month] monthly quota
   *[month-code] Kimi Code’s share of the monthly quota
} used up
notify-used-now = { $percent } now
notify-resets-at = Resets at { $moment }, in { $length }
notify-resets-on = Resets on { $moment }, in { $length }
notify-reset = { $account }: { $meter ->
    [five-hour] 5-hour quota
    [week] weekly quota
    [month] monthly quota
   *[month-code] Kimi Code’s share of the monthly quota
} reset
notify-reset-early = { $account }: { $meter ->
    [five-hour] 5-hour quota
    [week] weekly quota
    [month] monthly quota
   *[month-code] Kimi Code’s share of the monthly quota
} reset early
notify-reset-late = { $account }: { $meter ->
    [five-hour] 5-hour quota
    [week] weekly quota
    [month] monthly quota
   *[month-code] Kimi Code’s share of the monthly quota
} reset late
notify-reset-body = The quota is available again. Used: { $before } → { $after }
notify-reset-good = The quota is available again. Used: { $before } → { $after }
notify-gives-back = This gives back an earlier unexplained deduction
notify-anomaly-wipe-out = { $account }: { $what } was emptied at once
notify-anomaly-accelerated = { $account }: { $what } is draining faster than usual
notify-anomaly-unexplained = { $account }: unexplained deduction from { $what }
notify-anomaly-impossible = { $account }: { $what } drained faster than your rate limits allow
notify-anomaly-disagreement = { $account }: inconsistent figures for { $what }
notify-anomaly-overdue-reset = { $account }: { $what } did not reset on time
notify-anomaly-clawback = { $account }: a credit to { $what } was reversed
notify-recovered = { $account }: an earlier deduction from { $what } was given back
notify-recovered-body = { $amount } given back
notify-withdrawn = { $account }: an anomaly of { $what } is withdrawn
notify-withdrawn-body = Usage that was reported later explains it.
notify-digest = { $count } delayed notifications
said-expected = Deducted { $observed }, expected { $low }–{ $high }
said-expected-most = Deducted { $observed }, expected at most { $high }
said-expected-none = Deducted { $observed }, expected none
said-factor = Deducted about { $low }–{ $high } times as much as expected
said-stands = Still at { $observed } used
said-two-figures = Kimi reports two different figures; the larger is { $observed } used
said-announcement = Kimi Code announced: “{ $text }”
said-incident = Kimi’s status page reports “{ $title }”
the-series = { $series ->
    [five-hour] the 5-hour quota
    [week] the weekly quota
    [month] the monthly quota
    [month-code] Kimi Code’s share of the monthly quota
    [balance] the balance
    [wallet] the extra-usage wallet
   *[account] the account
}
points = { $count ->
    [one] { $value } point
   *[other] { $value } points
}
notify-likely-empty-soon = { $account }: { $meter ->
    [five-hour] 5-hour quota
    [week] weekly quota
    [month] monthly quota
   *[month-code] Kimi Code’s share of the monthly quota
} likely to be empty before its reset
notify-likely-empty-body = { $used } used now; estimated probability about { $percent }
notify-likely-empty-span = Likely empty between { $from } and { $to }
notify-likely-lasts = { $account }: { $meter ->
    [five-hour] 5-hour quota
    [week] weekly quota
    [month] monthly quota
   *[month-code] Kimi Code’s share of the monthly quota
} likely to last until its reset after all
notify-extra-usage-begun = { $account }: extra usage has begun to cost money
notify-extra-usage-body = { $spent } spent this month
notify-extra-usage-cap = monthly cap { $cap }
notify-budget-step = { $what }: { $percent } of { $period ->
    [day] today’s
    [week] this week’s
   *[month] this month’s
} budget used
notify-budget-all = { $what }: { $period ->
    [day] today’s
    [week] this week’s
   *[month] this month’s
} budget is used up
notify-budget-body = { $used } of { $limit }; counted again from { $moment }
budget-project = { $account }, project { $project }
budget-percent = { $percent } of the { $meter ->
    [five-hour] 5-hour
    [week] weekly
   *[month] monthly
} quota
budget-tokens = { $count } { $number ->
    [one] token
   *[other] tokens
}
budget-line = { $what }: { $used } of { $limit } { $period ->
    [day] today
    [week] this week, until { $until }
   *[month] this month, until { $until }
} ({ $percent })
budget-line-unknown = { $what }: nothing is known yet of { $limit } { $period ->
    [day] today
    [week] this week, until { $until }
   *[month] this month, until { $until }
}
cli-budget-none = No budget is set. `tidemark budget set --help` shows how.
cli-budget-no-limit = The limit is missing: money, tokens, or percent of a quota.
cli-budget-no-such = There is no budget { $number }. `tidemark budget list` shows them.
notify-balance = { $account }: balance below { $threshold }
notify-money-left = { $amount } left
notify-credit = { $account }: { $amount } received
notify-refused = { $account }: { $failure }
notify-refused-body = Tidemark retries only occasionally until the key works again
notify-suspended-body = The service has ended the account’s access; another key of this account will not help. Ask Kimi’s support for the reason.
notify-lapsed-body = The service could not verify the membership several times in a row. Check on the membership page whether it is active.
notify-test = Notifications work
notify-test-body = Notifications look like this

notify-update = Tidemark { $version } is available
notify-update-body = Settings shows how to install it.

## Command line

help-usage = Usage:
help-options = Options
help-arguments = Arguments
help-commands = Commands
help-after =
    Exit status: 0 success, 1 failure, 2 wrong usage, 3 access denied (key, permission, membership),
    4 limited (rate limit, overload, quota or balance used up), 5 service or network failure,
    6 answer not understood, 7 less left than asked for (check).
help-common =
    .json = Print JSON
    .data-dir = Folder of the history and settings; also set by TIDEMARK_DATA_DIR
    .timezone = Time zone in which days and months are counted, such as Asia/Shanghai
    .lang = Language of the output: en or zh-CN
    .help = Print help
    .version = Print the version
    .source = Product that the key belongs to: kimi-code or platform
    .region = Region of the service: china or global
    .base-url = Base URL to use instead of the official one: https, or http on this machine
    .account = Only this account
    .from = From this day or time: 2026-11-01 or 2026-11-01T09:00:00+08:00
    .to = Up to and including this day, or up to this time
    .name = Name of the account
    .key-env = Environment variable that holds the key
    .local-server = Ask the server that Kimi Code runs on this machine; no key is needed
    .passphrase-env = Environment variable that holds the passphrase of the encrypted key file; without it, a terminal asks
help-tidemark = See how much of your Kimi quota and balance is used, and how much is left
help-read = Poll an account once, without saving the result
    .name = Name to put into the output
help-explain = Explain an API error response read from standard input
    .status = HTTP status of the response
    .header = Header of the response; can be repeated
    .source = Product that responded: kimi-code or platform
help-account = Add, list, remove, rename and test accounts, and set their keys
help-account-add = Add an account
    .name = A name of your choice
    .key-stdin = Read the key from standard input and store it, in the system keyring unless --keep says otherwise
    .key-env = Store only the name of an environment variable that holds the key
    .local-server = Ask the server that Kimi Code runs on this machine; nothing is stored
    .keep = Where to store a key from standard input: keyring, or encrypted-file (protected by a passphrase)
help-account-list = List accounts
help-account-remove = Remove an account, its history and its stored key
    .keep-key = Remove the account even if its key cannot be reached; the key stays in its storage
help-account-rename = Rename an account
    .new-name = New name
help-account-test = Poll an account now with its stored key; respects Retry-After
help-account-set-key = Replace an account’s key, once the service has accepted the new one
    .key-stdin = Read the key from standard input and store it, in the system keyring unless --keep says otherwise
    .key-env = Store only the name of an environment variable that holds the key
    .base-url = The account’s base URL again, to confirm that the key from the variable may go there
    .local-server = Ask the server that Kimi Code runs on this machine; nothing is stored
    .keep = Where to store a key from standard input: keyring, or encrypted-file (protected by a passphrase)
help-machine = Share usage with your other machines: each request counts once
help-machine-list = Show this machine, the others, and the exchanges with them
help-machine-add = Add another machine over SSH, or a folder that several machines share
    .name = A name of your choice
    .ssh = Host that is asked with your own ssh; tidemark must be installed there, nothing has to run
    .command = Path of tidemark on the host; by default it is found by its name
    .folder = Folder that all machines see, such as one of Syncthing or a cloud drive; files in it are encrypted
    .passphrase-env = Environment variable that holds the folder’s passphrase; only its name is saved
    .keep = Where to save the folder’s passphrase: keyring (the default) or encrypted-file
help-machine-remove = Remove a machine or an exchange; a machine of a shared folder is ignored from then on
    .name = Name of the machine or the exchange
    .keep-use = Keep the usage that came from it (the default)
    .drop-use = Remove the usage that came from it, too; requests that other machines hold stay
help-machine-rename = Rename a machine or an exchange
    .name = Name of the machine or the exchange
    .new-name = New name
help-machine-forget = Remove a machine with all its usage; in a shared folder it is ignored from then on
    .name = Name of the machine
help-machine-restore = Receive the usage of an ignored machine again
    .name = Name of the machine
help-machine-sync = Exchange records now
    .name = Name of the machine or the exchange; all of them if omitted
help-machine-this = Show or change what other machines know of this one
    .name = What this machine is called
    .share-projects = Whether other machines are given the names of projects: yes or no (the default)
help-machine-export = Print this machine’s records as JSON Lines; another machine runs this over SSH
    .since = Only what is new since this cursor, which is in the last line of an earlier export
help-hub = Share usage with your team, in a PostgreSQL database of your own
help-hub-init = Make a hub in a database and join it as its owner; run again, it brings the tables up to date
    .url = Address of the database without a password, such as postgres://lin@db.example.org/team
    .password-env = Environment variable that holds the database user’s password; without it, a terminal asks, and the keyring keeps it
    .share-machine-name = Whether others are given the name of this machine: yes or no (default)
help-hub-invite = Print an invitation that is good once; only owners can
    .role = What the new member may do: member (sees their own usage and their accounts’ totals, default), auditor (sees all) or owner (sees all and invites)
    .hours = For how many hours it is good (default: 72)
help-hub-join = Join a hub by an invitation
    .invitation = The invitation; - reads it from standard input
    .name = What others call you; by default the name of this machine
    .password-env = Environment variable that holds the password to use from now on; without it, a random one is kept in the keyring
    .share-machine-name = Whether others are given the name of this machine: yes or no (default)
help-hub-sync = Read the logs and give the hub all that is new
help-hub-leave = Leave the hub
    .remove-mine = Remove all that you have given; requests that other members’ machines also have count as theirs
help-hub-findings = Show what the team’s audit found in the accounts that you use; owners and auditors see all accounts
help-hub-members = List the members and the open invitations
help-hub-remove = Remove a member and all that they have given; only owners can
    .member = The member’s name, as tidemark hub members lists it
    .keep-usage = Keep what the member has given
help-hub-revoke = Take back an invitation that has not been used; only owners can
    .invitation = The invitation’s id, as tidemark hub members lists it
    .all = All invitations that have not been used
help-hub-keep = Show or set how long single requests and readings are kept; totals by hour and day always stay
    .months = For this many months besides the current one
    .all = As long as there is room
help-hub-status = Show your role, the machines that you may see, and what is still to be given
help-hub-usage = Show the usage that you may see
    .by = What to group by: member, machine, client, model, project, day (default) or month
    .from = From this day: 2026-11-01
    .to = Up to and including this day
    .currency = Currency of the open-platform prices: USD (default) or CNY
help-backup = Back up history and settings, without keys; the agent can keep running
    .file = File to write; only you will be able to read it
    .force = Replace the file if it exists
help-restore = Replace history and settings with a backup; the current ones are kept in a separate file
    .file = Backup to restore; a running agent is restarted
help-intake = Take in what your own programs say of their usage: OTLP metrics, and a LiteLLM proxy’s spend logs
help-intake-list = Show what is turned on, what was counted, and what is wrong
help-intake-otlp = Receive OTLP metrics from programs on this machine
help-intake-otlp-on = Receive metrics from now on, over HTTP on a loopback address
    .listen = Loopback address to listen on, where programs send to
help-intake-otlp-off = Receive no more metrics; what was counted stays
help-intake-litellm = Read the spend logs of a LiteLLM proxy from PostgreSQL; nothing is written there
help-intake-litellm-on = Read the spend logs from now on
    .url = Address of the database without a password, such as postgresql://reader@127.0.0.1:5432/litellm
    .password-env = Name of the environment variable that holds the password, where the agent runs
help-intake-litellm-off = Read no more spend logs; what was counted stays
help-channel = Send alerts to chat services, phones, mail and your own programs
help-channel-list = Show the channels, what they get, and how the last delivery went
help-channel-add = Add a channel; it gets the alerts from then on
    .name = A name of your choice
    .kind = Where messages go: webhook, ntfy, telegram, feishu, dingtalk, wecom, slack, discord, email or program
    .url = Address: of a webhook, of an ntfy topic, or of a mail server such as smtps://me%40example.org@smtp.example.org
    .url-env = Environment variable of the agent that holds the address; only its name is saved
    .url-stdin = Read the address from standard input and store it in the system keyring; for chat services, whose addresses hold a key
    .secret-env = Environment variable of the agent that holds the token, the signing secret or the password; only its name is saved
    .secret-stdin = Read the token, the signing secret or the password from standard input (behind the address) and store it in the system keyring
    .keep = Where to store what is read from standard input: keyring (the default) or encrypted-file
    .to = Who gets it: a chat of Telegram such as -1001234, or mail addresses separated by commas
    .from = Sender of mail
    .program = Program that is given each message as JSON on its standard input
    .allow-private = Allow addresses of private networks and of this machine
    .alerts = Only these kinds of alert, separated by commas, such as threshold,anomaly
    .account = Only alerts of this account; repeat it for several
    .level = Only alerts of at least this level: info, warning or urgent
    .quiet = Hours in which nothing is sent, such as 22:00-08:00
    .zone = Time zone of the quiet hours and of times in messages; by default that of the settings
    .language = Language of the messages: en or zh-CN; by default that of the settings
    .digest = Send a digest each day (day) or on Mondays (week)
help-channel-test = Send a test message now
    .name = Name of the channel
help-channel-remove = Remove a channel and its secrets
    .name = Name of the channel
help-digest = Sum up yesterday or the last week: usage, events, forecasts, and what will go unused
    .period = day (yesterday, the default) or week (the last one, from Monday)
help-update = Check for a newer version, and install it
    .check = Ask for the newest version now
    .install = Download the newest version, verify its signature, and put it in the place of this one
    .on = Check once a day from now on
    .off = Stop checking
help-import = Add exported records to the history; records already present are not added again
    .files = Exports in any format and of any version, in any order; - is standard input
help-poll = Poll every account once and save the results
help-agent = Run the agent, with tray and notifications, until it is stopped
    .no-tray = Show no tray icon
    .demo = Run on sample data: needs no account and no network, and leaves your data untouched
    .listen = Also serve the interface on a loopback address, protected by a token
    .ui = Also serve the web files in this folder
help-serve = Serve the page and metrics to browsers, until it is stopped
    .listen = Address and port to listen on (default: 127.0.0.1:4680)
    .token-file = File of the token that browsers show; made if it is missing (default: serve.token in the data folder)
    .allow-remote = Allow an address that other machines reach; put a proxy with TLS in front of it
    .allow-host = Name under which browsers ask, such as that of a reverse proxy; may be given several times
    .base-path = Path under which a reverse proxy shows the page, such as /tidemark/
    .read-only = Refuse every change, for a wall display
    .ui = Folder of the page’s files, in place of the built-in ones
    .demo = Serve sample data
help-serve-token = Show, change or remove the token that browsers show
help-serve-token-show = Print the token
    .token-file = File of the token (default: serve.token in the data folder)
help-serve-token-rotate = Make a new token and print it; the old one stops working at once
    .token-file = File of the token (default: serve.token in the data folder)
help-serve-token-revoke = Remove the token; no browser is let in until there is a new one
    .token-file = File of the token (default: serve.token in the data folder)
help-status = Show the latest readings (from local data, without polling)
    .line = One short line, for a status bar; the same as --format line
    .format = Format: text, line, json, or that of a status bar: waybar, i3status, polybar, tmux, starship, swiftbar, kimi-code (its status line)
    .width = Maximum width in columns, of the line (default: 160) or of the tables
    .forecast = Also estimate whether each quota lasts until its reset
    .follow = Print it again whenever it changes, and at least once a minute, until the reader stops
help-check = Check whether enough is left, by the exit status: 0 enough, 7 less (from local data, without polling)
    .meter = What to check: 5h, week, month, balance or any (every quota; default)
    .left = How much has to be left: percent of a quota (default: 10), or an amount of a balance (default: any)
    .max-age = How many minutes old a reading may be (default: as for “stale” elsewhere)
help-guard = Stop coding agents before a quota is used up; Kimi Code and Claude Code run it as a hook
    .account = Guard this account only (default: the one that Kimi Code uses on this machine)
    .check = Answer by the exit status instead of reading a hook’s input: 0 go on, 7 stop
    .max-age = How many minutes old a reading may be (default: 60)
help-guard-list = Show from where on each quota is warned about, and where agents are stopped
help-guard-set = Set from where on to warn, and where to stop
    .account = For this account only
    .meter = For this quota only: 5h, week or month
    .warn = Percent used from which agents are warned, or never (default: 80)
    .stop = Percent used from which agents are stopped, or never (default: 95)
    .reset = Forget what was set for this account and quota
help-guard-allow = Let a session that was stopped go on until the quota is reset
    .session = The session, as the stop named it (default: the one that was stopped last)
help-budget = Be notified when so much of an account or a project is used in a day, a week or a month
help-budget-list = Show how the budgets stand
help-budget-set = Set a budget; you are notified at 80% and at 100% of it
    .account = The account
    .project = For one project only: its folder, or the folder’s name (tokens or money; its money is estimated)
    .per = Period: day, week (from Monday) or month, by the calendar
    .money = Amount of money, such as 300 or "300 CNY"; of a membership, what extra usage costs
    .tokens = Number of tokens in the session logs, such as 5M
    .percent = Percent of a quota, which is named as well
    .meter = The quota: 5h, week or month
help-budget-remove = Remove a budget
    .number = Its number in the list
help-kimi-code = Enter Tidemark’s status line and guard in the configuration of Kimi Code or Claude Code, or take them out
help-kimi-code-install = Enter both, or only one; the change is shown, and everything else stays as it is
    .status-line = Only the status line
    .guard = Only the guard, as a hook
    .program = Whose configuration: kimi-code (default) or claude-code
    .account = Account that the program uses, where Tidemark cannot tell
    .dry-run = Show the change without making it
help-kimi-code-uninstall = Take out what was entered, so that the files are as they were
    .program = Whose configuration: kimi-code (default) or claude-code
    .dry-run = Show the change without making it
help-kimi-code-status = Show what is entered
help-mcp = Answer coding agents over the Model Context Protocol, on standard input and output (from local data, without polling)
help-mcp-after =
    Coding agents start it themselves. How to enter it:

    Kimi Code: in ~/.kimi-code/mcp.json, or with /mcp-config
      { $entry }
    Cursor: the same in ~/.cursor/mcp.json
    Claude Code: claude mcp add --scope user tidemark -- tidemark mcp
    Codex: codex mcp add tidemark -- tidemark mcp

    Tools: get_quota, will_it_last, get_usage, get_history, get_findings, explain_error.
    None changes anything or sees a key.
help-history = Show deductions from quotas and balances by hour, day or month
    .by = Size of a time bucket: hour, day or month
    .csv = Print CSV
help-findings = Show events: resets, credits, anomalies, changes
help-replay = Re-run the analysis on an exported history
    .files = JSON Lines files of readings, usage, incidents and failures; standard input if none is given
help-report = Write an evidence report, or check one
    .account = Account of the report; needed if there are several
    .format = Form of the report: html (a page that prints well) or json (also what --json means without --output)
    .language = Language of the page: en or zh-CN
    .output = File to write; standard output if omitted
    .check = Verify the checksum of this report
help-export = Export the recorded history
    .format = csv (a table of quotas and money), json (one array) or jsonl (one document per line); only the JSON formats include requests from session logs
help-logs = Show token usage from local session logs
    .home = Read logs in this folder only, instead of your home folder
    .by = What to group by: day (the default), month, model, project, session, client (the program that sent the requests) or machine (of all known ones); JSON omits the names of hidden projects
    .currency = Currency of the open-platform prices: USD (the default) or CNY
    .machine = Usage in the recorded history instead: the name of a machine, all (each request once) or this
help-completions = Print the completions of a shell
    .shell = bash, zsh, fish, elvish or powershell
help-man-pages = Write the manual pages of all commands
    .folder = Folder to write them into
man-manual = Tidemark Manual
man-name = NAME
man-synopsis = SYNOPSIS
man-notes = NOTES

cli-not-understood = Not understood
cli-resets = resets in { $length } ({ $moment })
cli-reset-unknown = reset time unknown
cli-conflict = inconsistent figures
cli-details = Details: { $text }
cli-retry-after = The service asks to wait { $length }.
cli-explain-hint = Reading the response body from standard input; press Ctrl-D to finish.
cli-explain-limit = Rate limit
cli-explain-meter = Quota
cli-explain-reached = Reached
cli-explain-limit-value = Allowed
cli-explain-whose = Applies to
cli-explain-wait = Wait
cli-explain-message = Message
whose-account = the whole account
whose-project = a project
whose-service = the whole service
cli-key-prompt = Key for { $name } (not shown):
cli-passphrase-prompt = Passphrase of the encrypted key file (not shown):
cli-account-added = Added { $name }.
cli-account-removed = Removed { $name } and its history.
cli-account-removed-key-left = Removed { $name } and its history. Its key could not be reached and is still in its storage.
cli-account-renamed = Renamed { $name } to { $new }.
cli-account-works = The key of { $name } works.
cli-account-key-set = { $name } has its new key.
cli-account-none = No accounts yet. Add one with: tidemark account add NAME --source … --region … --key-stdin
cli-account-same = These names are one account: { $names }. They share a key or user, and each shows the same deductions; do not add them up.
cli-account-env-hint = The key of { $name } is read from its environment variable. Set it in the agent’s environment as well.
cli-account-env-unset = { $variable } is not set in this environment.
cli-machine-this = This machine: { $name }
cli-machine-shares = Other machines are given the names of projects.
cli-machine-shares-not = Other machines are not given the names of projects.
cli-machine-renewed-other-host = This machine has a new id: the history was copied here from another machine.
cli-machine-renewed-clone = This machine has a new id: another machine has the same history and uses the old one.
cli-machine-none = No other machines yet. Add one with: tidemark machine add NAME (--ssh HOST or --folder DIR)
cli-machine-machine = Machine
cli-machine-way = Records come from
cli-machine-seen = Last seen
cli-machine-coverage = Logs known
cli-machine-exchange = Exchange
cli-machine-place = Where
cli-machine-done = Last success
cli-machine-next = Next try
cli-machine-never = never
cli-machine-span = { $from } – { $to }
cli-machine-ssh = SSH: { $place }
cli-machine-folder = folder { $place }
cli-machine-kept = no longer exchanged
cli-machine-ignored = ignored; its usage stays
cli-machine-imported = imports alone
cli-machine-ignored-names = Ignored: { $names }. To receive the usage of one again, run: tidemark machine restore { $name }
cli-machine-now-ignored = Its files in the shared folder are ignored. To undo this, run: tidemark machine restore { $name }
cli-machine-restored = { $name } is no longer ignored.
cli-machine-failed = { $name }: { $why }.
cli-machine-added = Added { $name }.
cli-machine-not-added = Nothing was added.
cli-machine-waiting = Waiting for { $name } …
cli-machine-slow = the exchange with `{ $name }` takes longer than 2 minutes and is no longer waited for; it stays added, and is tried again by the agent or with `tidemark machine sync { $name }`
cli-machine-reserved = `{ $name }` is reserved: `--machine { $name }` does not mean a single machine; choose another name
cli-machine-stays-added = It stays added. To try again, run: tidemark machine sync { $name }
cli-machine-removed = Removed { $name }. Its usage stays.
cli-machine-removed-unused = Removed { $name }. No usage had come from it.
cli-machine-removed-use = Removed { $name } and its usage.
cli-machine-synced = { $name }: { $received ->
        [one] 1 new request received
       *[other] { $received } new requests received
    }.
cli-machine-written = { $count ->
        [one] 1 request of this machine written.
       *[other] { $count } requests of this machine written.
    }
cli-machine-skipped = { $count ->
        [one] 1 record of a newer version was skipped.
       *[other] { $count } records of a newer version were skipped.
    }
cli-machine-passphrase-new = Passphrase of the shared folder, the same on all machines (not shown):
cli-hub-made = The hub is ready. You are { $name }, { $role }. Invite others with: tidemark hub invite
cli-hub-joined = Joined the hub. You are { $name }, { $role }. The background agent gives your usage by itself; to give it now, run: tidemark hub sync
cli-hub-role-owner = owner
cli-hub-role-auditor = auditor
cli-hub-role-member = member
cli-hub-invited = Good once, for a new { $role }, until { $time }. Whoever has it can use it.
cli-hub-invited-local = The hub’s address is one of this machine: the invitation works on this machine only.
cli-hub-given = { $count ->
        [one] 1 request given to the hub.
       *[other] { $count } requests given to the hub.
    }
cli-hub-left = Left the hub. What you gave stays there.
cli-hub-left-removed = Left the hub. What you gave was removed.
cli-hub-status-none = This machine is in no hub. Make one with tidemark hub init URL, or join one with tidemark hub join INVITATION.
cli-hub-status = { $url }: you are { $name }, { $role }; { $members ->
        [one] 1 member.
       *[other] { $members } members.
    }
cli-hub-away = { $url }: { $why }.
cli-hub-outbox = { $count ->
        [0] Nothing is waiting to be given.
        [one] 1 request is waiting to be given.
       *[other] { $count } requests are waiting to be given.
    }
cli-hub-agent = The background agent last sent usage { $time }.
cli-hub-agent-failed = The background agent could not send usage { $time }: { $why }.
cli-hub-findings-none = The team’s audit has found nothing that you may see.
cli-hub-role = Role
cli-hub-machines = Machines
cli-hub-former = { $name } (left)
cli-hub-invitation = Invitation { $id }, for a new { $role }, is good until { $time }.
cli-hub-removed = Removed { $name } and all that they gave.
cli-hub-removed-kept = Removed { $name }. What they gave stays.
cli-hub-revoked = { $count ->
        [0] There was no open invitation.
        [one] Revoked 1 invitation.
       *[other] Revoked { $count } invitations.
    }
cli-hub-keeps = { $count ->
        [one] Single requests and readings are kept for 1 month besides the current one; totals by hour and day stay.
       *[other] Single requests and readings are kept for { $count } months besides the current one; totals by hour and day stay.
    }
cli-hub-keeps-all = Single requests and readings are kept as long as there is room.
cli-hub-machine = Machine
cli-hub-member = Member
cli-hub-seen = Last seen
cli-hub-usage-empty = No usage that you may see.
cli-hub-zone = Days are counted in the hub’s time zone, { $zone }.
cli-hub-password = Password of the database’s user (not shown; leave it empty if there is none):
cli-column-account = Account
cli-column-source = Source
cli-column-region = Region
cli-column-key = Key
cli-column-base-url = Base URL
cli-column-when = Time
cli-column-what = Quota or balance
cli-column-used = Deducted
cli-column-returned = Restored
cli-column-credited = Received
cli-column-expired = Expired
cli-column-coverage = Coverage
cli-column-last = At end
cli-column-resets = Resets
cli-column-finding = Event
cli-poll-nothing = No accounts to poll yet.
cli-poll-left-alone = Skipped { $name }: { $why }. Next poll possible at { $moment }.
cli-poll-left-alone-soon = Skipped { $name }: { $why }. Next poll possible in { $length }.
cli-poll-left-alone-through = Skipped { $name }: { $why }.
cli-key-trouble = { $what }. { $advice }
cli-no-quota = No quota is reported. A free plan has none.
cli-zone-note = Times are in { $zone }.
cli-standard-input = standard input
cli-replay-document = this is one JSON document, not JSON Lines. Export it with: tidemark export --format jsonl
cli-replay-no-record = not a known record: { $why }
cli-poll-found = Events
cli-why-just-now = checked moments ago
cli-why-retry-after = the service asked to wait
cli-why-polled-through = polled through another account
cli-why-ended = the background agent stopped before the service answered
cli-history-left-out = { $count ->
        [one] One row without data is not shown.
       *[other] { $count } rows without data are not shown.
    } --json and --csv list them all.
cli-history-empty = No data in this time range. Readings are recorded while the background agent runs, and at each `tidemark poll`.
cli-logs-empty = No usage of Kimi’s models found ({ $files ->
        [one] one log
       *[other] { $files } logs
    } read).
cli-logs-none = No usage of Kimi’s models found.
cli-logs-by-day = Day
cli-logs-by-month = Month
cli-logs-by-model = Model
cli-logs-by-project = Project
cli-logs-by-session = Session
cli-logs-by-client = Program
cli-logs-by-machine = Machine
cli-logs-all = All
cli-logs-requests = Requests
cli-logs-input = Input
cli-logs-cache-read = Cache hits
cli-logs-cache-write = Cache write
cli-logs-output = Output
cli-logs-total = Total
cli-logs-worth = Worth
cli-logs-estimated = Worth: the price of these tokens on the open platform, estimated. A membership is not billed by token.
cli-logs-unpriced = No public price: { $tokens } tokens ({ $models }).
cli-logs-third = Other providers, not counted: { $tokens } tokens of { $model }.
cli-logs-doubtful = { $count ->
        [one] One request has
       *[other] { $count } requests have
    } an invalid timestamp or none; the day in the log, or of the log file, is used.
cli-logs-skipped = { $count ->
        [one] One line
       *[other] { $count } lines
    } could not be read.
cli-logs-unreadable = { $count ->
        [one] One log file
       *[other] { $count } log files
    } could not be read.
cli-logs-unread-file = { $file } could not be read; the system said: { $said }
cli-logs-real = These are your own session logs. The agent of this data folder runs on sample data, which is not included here.
cli-logs-links = { $count ->
        [one] One link was not followed: it leads
       *[other] { $count } links were not followed: they lead
    } out of your own folders, or to something that is not there, such as a disk that is not mounted. To include what is behind, add the folder in Settings or connect the disk.
cli-report-written = Report written to { $file }. Checksum: { $seal }
cli-report-good = The report matches its own checksum ({ $records } records): { $seal }. Compare it with the one noted when the report was made.
cli-report-page-unknown = The checksum is valid. Another version of Tidemark made this page, so whether it shows its data correctly cannot be checked.
intake-otlp = OTLP metrics
intake-litellm = LiteLLM spend logs
intake-off = off
intake-on = on, { $where }
intake-listening = on, listening on { $address }
intake-received = Last received
intake-read = Last read
intake-since = since { $time }
intake-no-agent = The agent is not running: it alone receives and reads. Start it with: tidemark agent
intake-counted = { $count ->
    [one] { $count } request or span counted since the agent was started
   *[other] { $count } requests or spans counted since the agent was started
}
intake-in-logs = { $count } not counted, because a session log has the same usage
intake-not-kimi = { $count } not counted, because they are not Kimi’s
intake-refused = { $count } refused, because their figures, times or names make no sense, or there are too many series
intake-refused-exports = { $count ->
    [one] { $count } export refused: not understood, larger than 2 MiB, or sent by a web page
   *[other] { $count } exports refused: not understood, larger than 2 MiB, or sent by a web page
}
intake-problem-port-taken = Another program uses this port. End it, or choose another port with --listen.
intake-problem-listen = The system does not allow listening on this address.
intake-problem-unreachable = No PostgreSQL server answers at this address. It is tried again.
intake-problem-timeout = The PostgreSQL server did not answer in time. It is tried again.
intake-problem-refused = The PostgreSQL server refused the user or the password.
intake-problem-not-secret = The PostgreSQL server is on another machine and offers no encryption. Turn on TLS there.
intake-problem-no-table = This database has no table LiteLLM_SpendLogs that this user can read.
intake-problem-failed = The PostgreSQL server failed. It is tried again.
intake-problem-password = The variable with the password is not set where the agent runs.
intake-problem-store = What came could not be stored. It is tried again.
cli-intake-listen = --listen takes a loopback address with a port such as 127.0.0.1:4318, found `{ $found }`; other machines must not send to it
cli-intake-url = --url takes the address of a PostgreSQL database with its user, such as postgresql://reader@127.0.0.1:5432/litellm
cli-intake-url-password = --url must not contain a password, since it is stored as it is. Put the password into an environment variable of the agent and name it with --password-env
cli-update-version = Tidemark { $version }
cli-update-ask = Check for new versions once a day? This asks GitHub, and sends nothing but the version that you run. [y/N]
cli-update-install = Install it with: tidemark update --install
cli-update-on = Check once a day with: tidemark update --on
cli-backup-written = Backup written to { $file } ({ $megabytes } MB).
cli-backup-content = { $accounts ->
        [one] One account
       *[other] { $accounts } accounts
    }, { $readings ->
        [one] one reading
       *[other] { $readings } readings
    }
cli-backup-span = { $content }, history from { $from } to { $to }
cli-backup-content-unknown = A newer version of Tidemark made this history. It was copied as it is.
cli-backup-no-keys = Keys are not in it: they stay where they are.
cli-backup-exists = The file { $file } already exists. Choose another name, or replace it with --force.
cli-backup-own-file = The file { $file } is one of the data folder’s own files. Choose another place.
cli-backup-disk-full = The disk is full, so there is no backup at { $file }. Free some space, or choose another place.
cli-restore-done = Restored { $file }.
cli-restore-kept = The former history is kept in { $file }. To return to it, restore that file.
cli-restore-agent-restarted = The background agent was stopped for this and is running again.
cli-restore-agent-stopped = The background agent was stopped for this and did not start again. Start it with: tidemark agent
cli-restore-keys-missing = No key was found here for: { $names }. Enter each key in the window under Accounts, or with: tidemark account set-key NAME --key-stdin
cli-restore-keys-unknown = Could not check whether these accounts have a key here, because the keyring or key file is locked: { $names }. Unlock it, then check with: tidemark account test NAME
cli-restore-withheld = These accounts send their key to another address than Kimi’s, so their key was not taken over: { $names }. If the address is right, confirm it with: tidemark account set-key NAME --key-env VARIABLE --base-url URL
cli-restore-itself = The file { $file } is the history in use. Nothing was restored.
cli-restore-newer = The file { $file } was made by a newer version of Tidemark. Install that version, then restore it. Nothing was changed.
cli-restore-not-ours = The file { $file } is not a Tidemark backup. Nothing was changed. To add an export to the history, use: tidemark import FILE
cli-restore-damaged = The file { $file } is damaged, or is not a backup (“{ $why }”). Nothing was changed.
cli-restore-busy = Another process is using the history. Nothing was changed. Close that process, then run the command again.
cli-import-account = { $name }: { $readings ->
        [one] one reading
       *[other] { $readings } readings
    }, { $failures ->
        [one] one failed poll
       *[other] { $failures } failed polls
    } and { $requests ->
        [one] one request
       *[other] { $requests } requests
    } added.
cli-import-known = { $name }: { $count ->
        [one] One line was
       *[other] { $count } lines were
    } here already.
cli-import-too-old = { $name }: { $count ->
        [one] One line was
       *[other] { $count } lines were
    } left out. Single readings from before { $since } are not kept here, and what is known of that time stays as it is.
cli-import-requests-too-old = { $name }: { $count ->
        [one] One request was
       *[other] { $count } requests were
    } left out. Single requests of that time are not kept here, and this export does not say which is which.
cli-import-new-account = { $name } is new here and has no key: its history is shown, and it is not polled. To poll it, enter its key in the window, or run: tidemark account set-key NAME --key-stdin
cli-import-renamed = Another account here is named { $other }. The imported one is now { $name }.
cli-import-empty = { $file } is empty.
cli-import-nothing = Nothing new: all of it was here already.
cli-import-service = Incidents and announcements of the service added: { $count }
cli-import-unassigned = Requests of no account added: { $count }
cli-import-unassigned-too-old = { $count ->
        [one] One request of no account was
       *[other] { $count } requests of no account were
    } left out, because single requests of that time are not kept here.
cli-import-future = { $count ->
        [one] One line was
       *[other] { $count } lines were
    } left out, because their time has not come.
cli-import-of-no-account = { $count ->
        [one] One failure or request was
       *[other] { $count } failures and requests were
    } left out, because no reading says whose they are. Import them together with the readings.
cli-import-unknown = { $count ->
        [one] One line was
       *[other] { $count } lines were
    } left out, because this version does not know what they are.
cli-import-csv = A CSV has quotas and money alone. Requests, rate limits and announcements are in the JSON formats.
cli-import-not-an-export = { $file } is not an export of Tidemark. Nothing was imported. Expected JSON Lines, a JSON array or CSV, as “tidemark export” writes them. For a backup, use: tidemark restore FILE
cli-import-utf16 = { $file } is in UTF-16, as some programs write it. Nothing was imported. Save it as UTF-8.
cli-findings-none = No events.
cli-check-enough = { $account }: { $meter }: { $left } left.
cli-check-less = { $account }: { $meter }: { $left } left, less than { $asked }.
cli-check-old = { $account }: { $meter }: unknown; the last reading was { $left } ago.
cli-check-reset = { $account }: { $meter }: unknown; it has been reset since the last reading.
cli-check-other-currency = { $account }: { $meter }: unknown; the balance is in { $left }.
cli-bar-none = No accounts
cli-check-unknown = { $account }: { $meter }: unknown; there is no reading yet.
cli-check-balance = Balance
cli-check-nothing = No account has this quota or balance.
cli-check-wrong-left = “{ $found }” cannot be used with --left here. A quota takes a percentage such as 10; a balance takes an amount such as 5.00 or 5.00 CNY.
cli-guard-stop = Stopped by Tidemark: { $series } of { $account } is { $used } used, and the limit for coding agents is { $limit }.
cli-guard-stop-until = It resets at { $moment }, in { $length }.
cli-guard-stop-go-on = To go on in this session anyway, run: { $command }
cli-guard-stop-tool = End this turn, and tell the user why.
cli-guard-context = Kimi quota, as Tidemark read it { $length } ago: { $quotas }.
cli-guard-quota = { $meter } { $used } used
cli-guard-quota-until = { $meter } { $used } used (resets { $moment })
cli-guard-quota-tight = { $text } – tight, agents are stopped at { $limit }
cli-guard-unknown = Unknown: there is no reading that is new enough.
cli-guard-no-quota = No account has a quota that could be guarded.
cli-guard-never = never
cli-guard-limits = { $account }: { $meter }: warn at { $warn }, stop at { $stop }
cli-guard-no-session = No such session was stopped.
cli-guard-allowed = Session { $session } may go on until { $moment }.
cli-mcp-hint = This is a server for coding agents, which start it themselves. How to enter it there: tidemark mcp --help
mcp-instructions = Tidemark knows how much of the user’s Kimi quotas and balances is used, from readings that its agent takes every few minutes. Ask get_quota before long work and will_it_last before work that takes hours; ask explain_error when Kimi answers 402, 403 or 429. Nothing here changes anything. null means unknown, never zero: pass on what the notes say about age and estimates, and do not add up quotas of different accounts.
mcp-argument =
    .account = Name of the account, as get_quota lists it; all accounts if left out
    .quota = Only this quota
    .from = From this day (2026-11-22) in the answer’s time zone, or this moment (RFC 3339)
    .to = Up to and including this day, or up to this moment
    .limit = At most so many rows
mcp-get-quota = How much of each Kimi account’s quotas is used and left in percent, when each resets, the balance, the rate limits, and why the last poll failed. As last read: age_seconds says when.
mcp-will-it-last = How likely each quota is to last until its reset, estimated from how the account was used before; if it is not likely, between when and when it will be empty. unknown_because says why there is no estimate.
mcp-get-usage = Tokens and requests in the session logs of this machine’s coding agents, with their estimated worth
    .by = What a row is: day (default), month, model, project, session, or client (the program)
mcp-get-history = What was deducted from quotas (percent) and balances (money), what was restored, how far logged usage explains it, and for which share of the time there is data
    .by = Length of a row: hour, day (default) or month
mcp-get-findings = Events, newest first: resets, credits, and anomalies – deductions that usage does not explain – with their evidence
    .kind = Only this kind: anomaly, reset, credit, expiry, limit-change, plan-change, recovered, withdrawn
mcp-explain-error = What an error of the Kimi service means – rate limit, overload, used-up quota, empty balance, lapsed membership, refused key – what to do, and until when it holds
    .text = The error as it was shown: the answer’s body, or the whole message
    .status = HTTP status, if known
    .retry-after = Value of the Retry-After header, if there was one
    .source = Product that answered, if known
mcp-resource = Quotas, balance, limits and state of this account, as last read
mcp-wrong-argument = Argument “{ $name }” cannot be used; expected: { $expected }.
mcp-no-such-argument = There is no argument “{ $name }”.
mcp-note-left-out = { $count ->
    [one] 1 row was left out; ask for a shorter time, one account, or a higher limit.
   *[other] { $count } rows were left out; ask for a shorter time, one account, or a higher limit.
}
mcp-note-never-read = { $account } has not been read yet: what is left is unknown.
mcp-note-stale = { $account }: the last reading is { $length } old. What was used since is unknown.
mcp-note-reset = { $account }: { $meter } was reset since the last reading. How much of it is used is unknown.
mcp-note-estimated = Probabilities and times of emptying are estimates from past usage. They know nothing of what is planned.
mcp-note-this-machine = Counted are the session logs of this machine, of all accounts. Other machines and the website are not in them.
mcp-note-worth = Cost is estimated: the price of these tokens on the open platform. A membership is not billed by token.
mcp-note-coverage = coverage_share is the share of the time for which there is data; null is unknown. Of money, each amount has its currency.
mcp-note-findings = Anomalies are statistical: confidence is from 0 to 1. expected_low and expected_high are what usage explains.
mcp-note-no-status = No HTTP status was given or found, so the text alone was judged.
mcp-note-resets = The times of resets were last read age_seconds ago.
cli-line-resets = { $text } ({ $length })
cli-line-runs-out = → empty in ~{ $length }
cli-line-runs-out-sometime = → likely empty before the reset
cli-line-cache-hits = { $share } cache hits
cli-line-anomalies = { $count ->
    [one] 1 open anomaly
   *[other] { $count } open anomalies
}
cli-kimi-code-not-understood = { $file } is not valid, so it was not changed. Fix it, then try again.
cli-kimi-code-other-shape = { $file } has something else where the status line or the hooks belong, so it was left as it is.
cli-kimi-code-taken = { $file } has another status line already: { $command }. Take it out first, or install only the guard with --guard.
cli-kimi-code-which-account = Several accounts could be the one that the program uses. Name it with --account: { $names }
cli-kimi-code-no-home = The home folder is not known, so neither is the configuration.
cli-kimi-code-changed = { $file } was changed by another program meanwhile, so it was left as it is. Try again.
cli-kimi-code-nothing = Nothing to change.
cli-kimi-code-dry-run = Only shown: nothing was changed.
cli-kimi-code-made = Changed. Start a new session for it to count.
cli-kimi-code-status = { $program }: status line { $line }, guard { $guard }
cli-kimi-code-on = on
cli-kimi-code-off = off
cli-kimi-code-unknown = cannot tell (its file could not be read)
cli-kimi-code-partly = only partly on (run the installation again)
cli-status-more = +{ $count }
cli-status-age = { $length } ago
cli-status-last-reading = last reading { $length } ago
cli-usage-no-command = Unknown command `{ $what }`.
cli-usage-no-option = Unexpected argument `{ $what }`.
cli-usage-no-subcommand = { $what } needs a subcommand.
cli-usage-missing = Missing: { $what }
cli-usage-no-value = { $what } needs a value.
cli-usage-extra-value = { $what } does not take the value `{ $value }`.
cli-usage-value = { $what } cannot be `{ $value }`.
cli-usage-values = Possible values: { $values }
cli-usage-twice = { $what } can be given only once.
cli-usage-conflict = { $what } and { $other } cannot be used together.
cli-usage-similar = Did you mean { $what }?
cli-usage-zone = Use an IANA time zone such as Europe/Berlin.
cli-usage-header = Write a header as `Name: value`.
cli-usage-status = Use an HTTP status from 100 to 999.
cli-usage-address = Use an address and port such as 127.0.0.1:0.
cli-usage-base-path = Use letters, digits, -, _, . and /, such as /tidemark/.
cli-usage-cursor = Use what stands behind "cursor" in the last line of an earlier export, such as 1.0a1b2c3d.42, or that whole line.
cli-usage-width = Use a number of columns from 1 to 65535.
cli-usage-language = Use en or zh-CN.
cli-usage-not-text = An argument is not valid text.
cli-usage-options = [OPTIONS]
cli-usage-command = <COMMAND>
cli-usage-more = For more information, try `--help`.
cli-said = { $what }: { $message }
cli-passphrase-new = New passphrase of the encrypted key file (not shown):
cli-passphrase-again = Repeat the passphrase:
cli-local-server-source = --local-server needs --source kimi-code: Kimi Code’s local server has no figures of the open platform
cli-advice-server-not-running = Start Kimi Code, then run the command again.
cli-advice-rate-limited = Wait, then run the command again.
cli-advice-server-error = Run the command again later.
cli-advice-gateway-timeout = Run the command again later.
cli-advice-network = Check your connection and proxy, then run the command again.
cli-advice-timeout = Run the command again later.
cli-advice-io = Check that the file exists and that you may read or write it.
cli-advice-keyring-absent = Start one, or use --keep encrypted-file or --key-env.
cli-advice-file-locked = Name the variable that holds its passphrase with --passphrase-env, or run this in a terminal.
cli-advice-variable-unset = Set the variable where this command is run.
cli-variable-unset = the environment variable { $name } is not set; it must hold the { $what ->
        [passphrase] passphrase
        [password] password
       *[other] key
    }
cli-variable-no-text = the environment variable { $name } does not hold text
cli-variable-empty = the environment variable { $name } is empty; it must hold the { $what ->
        [passphrase] passphrase
        [password] password
       *[other] key
    }
cli-no-such-account = there is no account named `{ $name }`; `tidemark account list` lists them
cli-account-name-empty = the account’s name is empty
cli-machine-added-before = this host or folder was added before, as { $name }; use that exchange, or remove it first
cli-machine-no-exchange = no records of `{ $name }` are exchanged any more
cli-machine-is-exchange = `{ $name }` is an exchange, not a machine; `tidemark machine list` shows its machines
cli-machine-not-ignored = `{ $name }` is not ignored
cli-machine-host = `{ $found }` is not a host name that ssh takes; a name has no spaces and does not begin with a hyphen
cli-machine-command = `{ $found }` is not the path of a program on the other machine
cli-no-such-machine = there is no machine named `{ $name }`; `tidemark machine list` lists them
cli-machine-path = the folder’s path cannot be written as text
cli-machine-passphrase-where = a shared folder needs its passphrase: name its environment variable with --passphrase-env, or use a terminal
cli-hub-url = expected the address of a database with its user, such as postgres://lin@db.example.org/team
cli-hub-url-password = the address must not contain a password: name an environment variable that holds it with --password-env, or use a terminal
cli-hub-none = this machine is in no hub; make one with `tidemark hub init URL`, or join one with `tidemark hub join INVITATION`
cli-hub-already-joined = this machine is in another hub; leave that first with `tidemark hub leave`
cli-hub-not-an-invitation = this is not an invitation that `tidemark hub invite` printed, or not all of it
cli-hub-file-damaged = { $file } is damaged; remove it, and join the hub again with a new invitation
cli-hub-no-day = expected a day such as 2026-11-01, found `{ $found }`
cli-variable-name = { $option } needs the name of an environment variable: letters, digits and underscores, and not the secret itself
cli-key-not-text = the key is not text
cli-key-nothing = the key is empty
cli-key-one-word = the key contains white space; give only the key
cli-key-odd-character = character { $place } of the key is { $character }, which no key contains; copy the key again
cli-passphrase-where = the encrypted key file needs its passphrase: name its environment variable with --passphrase-env, or use a terminal
cli-passphrase-differs = the two passphrases differ
cli-zone-unknown = TZ is `{ $value }`, which is not a known time zone. Using { $zone }; choose another with --timezone.
cli-no-data-dir = there is no home folder for the history; name a folder with --data-dir or TIDEMARK_DATA_DIR
cli-logs-no-home = there is no home folder; name one with --home
cli-logs-home-machine = usage by machine is in the recorded history, not in the logs of --home
cli-logs-home = expected a folder for --home, found `{ $found }`
cli-base-url-no-url = `{ $found }` is not a URL; expected something like https://api.kimi.com/coding/v1
cli-base-url-not-secure = the base URL must be https, or http on a loopback address; found `{ $found }`
cli-base-url-decorated = the base URL must not contain a user name, password, query or fragment
cli-base-url-key = the base URL seems to contain a key; give the key with --key-stdin or --key-env
cli-base-url-other-product = { $found } serves the other product; use --source { $source }
cli-base-url-other-region = { $found } serves the other region; use --region { $region }
cli-time-range-empty = --from must be earlier than --to
cli-time-range-no-moment = expected a day such as 2026-11-01 or a time such as 2026-11-01T09:00:00+08:00, found `{ $found }`
cli-report-time-range-empty = --from must be earlier than --to, and not in the future
cli-report-which = a report covers one account: name it with --account
cli-report-page-is-no-json = --json prints JSON: omit --format html, or name a file for the page with --output
cli-agent-listen = --listen takes a loopback address such as 127.0.0.1:0, found `{ $found }`; other machines must not reach the interface
cli-agent-already = An agent is already running for { $dir }.
cli-agent-running = Tidemark is running. Press Ctrl-C to stop.
serve-link = Open { $link }
serve-scan = Or scan this code with a phone:
serve-stop = The link lets in whoever has it. Press Ctrl-C to stop.
serve-remote = --listen takes a loopback address such as 127.0.0.1:4680, found `{ $found }`; add --allow-remote to let other machines ask
serve-token-file = The token’s file { $file } cannot be used.
serve-token-none = { $file } does not hold a token: 16 to 512 printable ASCII characters on one line. Make one with `tidemark serve token rotate`.
serve-token-open = Other users of this machine can read the token in { $file }.
serve-token-revoked = Removed the token. No browser is let in until there is a new one: `tidemark serve token rotate`.
serve-token-was-none = There was no token.
cli-replay-too-long = the line is longer than 4 MiB
cli-replay-meter = unknown quota `{ $name }`, left out here and below
cli-replay-late = { $count ->
        [one] One reading
       *[other] { $count } readings
    } skipped: more than { $lines } lines out of order.
cli-replay-more = { $count ->
        [one] One more line was
       *[other] { $count } more lines were
    } not understood.

cli-cause = Details: { $text }
cli-file-missing = { $file } does not exist
cli-file-no-folder = the folder of { $file } does not exist
cli-file-read-denied = you have no permission to read { $file }
cli-file-write-denied = you have no permission to write { $file }
cli-file-is-none = { $file } is not a file
cli-file-not-read = { $file } could not be read
cli-file-not-written = { $file } could not be written
cli-folder-foreign = { $folder } belongs to another user
cli-folder-open = other users can write to { $folder }
cli-folder-is-none = { $folder } is not a folder
cli-folder-not-used = { $folder } cannot be used
cli-folder-in-use = another Tidemark process is using { $folder }
cli-store-not-ours = { $file } belongs to another program; move it away
cli-store-gone = { $file } was removed or replaced while it was in use; nothing can be saved until it is back
cli-no-home = this user has no home folder
cli-agent-cannot-listen = cannot listen on { $address }
cli-prices-unreadable = { $file } is not a valid price list
cli-prices-negative = { $file }: the price of { $name } is negative
cli-prices-twice = { $file }: { $name } has two entries that start at the same time
cli-prices-unknown = { $file }: { $name } is an alias of { $model }, which has no price
cli-report-is-none = this file is not an evidence report
cli-report-newer = a newer version of Tidemark made this report (version { $number })
cli-report-record-changed = the report was changed: record { $number } of { $of }, or one before it, does not match its hash
cli-report-end-changed = the report was changed: records were removed or added at its end
cli-report-page-changed = the report was changed: its page does not show its own data
cli-advice-server-failed = Run the command again later; if it continues, restart Kimi Code.

# What to do about an error of the service, in `tidemark explain`.
advice-overloaded = The service is overloaded. Wait as it asks, or a few minutes, then retry; topping up or a higher tier does not help.
advice-out-of-balance = The balance is insufficient, or the account is suspended for it. Top up on the console, or check there whether a voucher covers the model. A membership’s quota cannot pay for it.
advice-membership-lapsed = The membership could not be verified. Check on the membership page whether it is active; if it is, retry later.
advice-unauthorized = The key is invalid. Check that it is complete, has not been deleted, and is used with the service that issued it: keys of the China and global services are independent, and so are those of Kimi Code and the open platform.
advice-forbidden = The key is valid but lacks permission. On the console, check the account’s state, the IP allowlist, and the models and products that the key may use.
advice-not-found = There is nothing at this address, or the account has no access to it. Check the base URL and the model’s name; models that were withdrawn also give this error.
advice-server-error = The service failed. Retry later; if it continues, check the status page and send the time and message to support.
advice-gateway-timeout = The service’s gateway timed out. Retry later; shorter or streamed requests are more likely to succeed.
advice-content-filtered = The content was rejected as high risk. Change it; sending it again unchanged gives the same result.
advice-bad-request = The request was invalid: its format, a parameter or its length. The message says which; sending it again unchanged gives the same result.
advice-network = The service could not be reached. Check the connection, proxy and base URL. This says nothing about the account.
advice-timeout = The service did not answer in time. Retry later.
advice-not-understood = The answer was not understood. It may come from a proxy or a sign-in page, or the service may have changed; check the base URL and that Tidemark is up to date.
advice-key-unavailable = The key could not be read from its storage. Unlock the keyring, set the variable, or enter the key again.
advice-server-not-running = Kimi Code’s local server is not running. Start Kimi Code; the account itself is fine.
advice-server-token-refused = Kimi Code’s local server did not accept the token in its file. Restart Kimi Code; it then writes a new token. The account itself is fine.
advice-server-without-usage = Kimi Code’s local server does not offer the quota. Update Kimi Code and Tidemark, or add the account with its login or a key instead.
advice-server-failed = Kimi Code’s local server failed. Retry later; if it continues, restart Kimi Code. The account itself is fine.
advice-server-login-refused = The service does not accept the login of Kimi Code. Sign in to Kimi Code again; Tidemark needs no new key.
advice-unknown-cancelled = The caller ended the request before the answer arrived. Key and account are fine; allow more time.
advice-unknown = Tidemark does not recognise this answer. Retry later; if it continues, send the message to support.
advice-rate-limited-concurrency-project = Too many concurrent requests in the project. Let some finish first, or raise the project’s limit on the console. Rejected requests are not charged.
advice-rate-limited-concurrency = Too many concurrent requests. Let some finish first; all keys and devices of the account share the limit. Rejected requests are not charged.
advice-rate-limited-requests-per-minute-project = The project sent too many requests in a minute. Slow down, or raise the project’s limit on the console. Rejected requests are not charged.
advice-rate-limited-requests-per-minute = Too many requests in a minute. Wait as the service asks and slow down; all keys and models of the account share the limit. Rejected requests are not charged.
advice-rate-limited-tokens-per-minute-project = The project sent too many tokens in a minute. Slow down, or raise the project’s limit on the console. Rejected requests are not charged.
advice-rate-limited-tokens-per-minute = Too many tokens in a minute. Wait a minute and slow down; the largest output that a request allows is counted in advance, so a smaller maximum helps. Rejected requests are not charged.
advice-rate-limited-tokens-per-day-project = The project’s tokens for the day are used up. Raise the project’s limit on the console, or wait for the next day; the service does not say in which time zone the day ends.
advice-rate-limited-tokens-per-day = The tokens for the day are used up. The limit resets the next day (the service does not say in which time zone); a higher tier, reached by topping up, has no daily limit.
advice-rate-limited-service = The service receives too many requests overall. Wait a few minutes, then retry; the account’s quota is not used up.
advice-rate-limited = Too many requests. Wait as the service asks, or a minute, and slow down. Rejected requests are not charged.
advice-forbidden-model = The plan does not include this model, or not at this size. Key and account are fine, and so is the quota. Choose another model, or a higher plan.
advice-forbidden-account = The service has ended the account’s access. Another key of this account will not help; ask Kimi’s support for the reason.
advice-forbidden-client = The service does not serve this program with this key. Key and account are fine, and the quota is untouched; use the key in a program that the service names.
advice-window-exhausted-5h = The 5-hour quota is used up. It resets when its 5 hours end; until then, extra usage continues if the wallet is on.
advice-window-exhausted-week = The weekly quota is used up. It resets when its 7 days end; until then, extra usage continues if the wallet is on.
advice-window-exhausted-month = The monthly quota is used up, including Kimi Code’s share. It resets with the next billing cycle; until then, extra usage continues if the wallet is on.
advice-window-exhausted = A quota is used up; the service did not say which. The readings show which one, and when it resets.

## Why a poll or a key failed

# What is known of a failure beyond its kind: facts, without advice. $said is quoted: the words of the service, the
# keyring or the system.
cause-keyring-absent = { $fault ->
        [unsupported] Tidemark supports no keyring on this system
        [ended-while-asking] the keyring stopped while it was asking
        [bus-ended] the session bus, which leads to the keyring, has ended
       *[said] no keyring answers: “{ $said }”
    }
cause-keyring-locked = the keyring is locked
cause-keyring-denied = { $fault ->
        [dismissed] the keyring’s question was dismissed
       *[said] the keyring denied access: “{ $said }”
    }
cause-keyring-gone = { $fault ->
        [ended-while-asking] the keyring stopped while it was asking
        [bus-ended] the session bus, which leads to the keyring, has ended
       *[said] the keyring stopped running: “{ $said }”
    }
cause-keyring-no-answer = the keyring does not respond
cause-keyring-failed = { $fault ->
        [no-readable-key] the keyring’s entry holds no readable key
        [same-name] { $entries } entries of the keyring have the same name
       *[said] the keyring reported an error: “{ $said }”
    }
cause-key-missing = the key was not found in its storage
cause-no-key = the account was imported and has no key here
cause-key-forgotten = the key was kept in memory only and has been cleared
cause-key-empty = the key is empty
cause-key-several-words = the key contains white space
cause-key-odd-character = character { $place } of the key is { $character }, which no key contains
cause-variable-name = this is not the name of an environment variable
cause-variable-unset = variable name: { $name }
cause-foreign-address = the login would have gone to { $host }
cause-login-missing = Kimi Code is not signed in on this machine for this region
cause-login-stale = the Kimi Code login expired at { $at }
cause-login-unreadable = the Kimi Code login file { $path } cannot be used: { $fault ->
        [not-a-file] it is not a file
        [too-large] it is far too large
        [no-token] it has no access token
        [no-expiry] it does not say when its token expires
       *[other-json] it is not the JSON that Kimi Code writes
    }
cause-login-other-region = the Kimi Code login is for the { $found ->
        [china] China
       *[global] global
    } service, the account for the { $expected ->
        [china] China
       *[global] global
    } one
cause-server-not-running = { $address ->
        [none] Kimi Code’s local server is not running
       *[other] nothing answers at { $address }
    }
cause-server-token = the token file { $path } cannot be used: { $fault ->
        [open-to-others] it is another user’s, or open to other users
        [not-a-file] it is not a file
        [too-large] it is far too large
        [not-text] it is not text
        [several-words] it holds more than one word
       *[empty] it is empty
    }
cause-server-foreign = another user’s program listens on port { $port }; nothing was sent to it
cause-file-locked = the encrypted key file is locked
cause-wrong-passphrase = the passphrase does not open the key file
cause-passphrase-empty = the passphrase is empty
cause-passphrase-short = the passphrase is too short
cause-file-damaged = the key file { $path } cannot be used: { $fault ->
        [too-large] it is far too large
        [not-encrypted] it is not an encrypted file, or its beginning is altered or cut off
        [no-passphrase] it is not encrypted with a passphrase
        [too-costly] opening it would take more memory than Tidemark allows
        [head-altered] its beginning is altered or cut off
        [body-altered] it is altered or cut off
        [newer] a newer version of Tidemark wrote it
       *[other-content] its content is not what Tidemark writes
    }
cause-io = { $path } could not be { $task ->
        [write] written
       *[read] read
    }; the system says “{ $said }”
cause-work-ended = work on the key file ended early: “{ $said }”
cause-key-not-sendable = the key has characters that no key has, such as a line break, and cannot be sent
cause-address-refused = no key is sent to the account’s base URL: it is not https, nor http on this machine
cause-token-stays-here = the token of Kimi Code’s local server is sent to this machine only
cause-no-tls = encryption could not be set up: “{ $said }”
cause-no-address = { $host } has no address: “{ $said }”
cause-not-connected = { $host } refused the connection or could not be reached: “{ $said }”
cause-connection-ended = { $host } ended the connection without an answer: “{ $said }”
cause-no-answer-in-time = { $host } did not answer in time
cause-answer-not-finished = { $host } did not finish its answer in time; { $bytes } bytes were received
cause-answer-broke-off = the answer of { $host } broke off after { $bytes } bytes: “{ $said }”
cause-not-http = what { $host } answered is not HTTP: “{ $said }”
cause-body-garbled = the answer is not what its headers say: “{ $said }”
cause-body-too-large = the answer is larger than { $bytes } bytes
cause-redirected = { $host ->
        [none] the service redirected (status { $status }); a key is never sent on
       *[other] the service redirected to { $host } (status { $status }); a key is never sent on
    }
cause-status-alone = the service answered with status { $status } without a message
cause-status-with-word = the service answered with status { $status } and only said “{ $said }”
cause-status-unknown = the service answered with status { $status }: “{ $said }”
cause-answer-is-page = { $said ->
        [none] the answer is a web page
       *[other] the answer is a web page titled “{ $said }”
    }
cause-answer-is-other-json = the answer is JSON of another kind: { $kind ->
        [array] a list
        [string] a text
        [number] a number
        [null] null
       *[truth-value] a truth value
    }
cause-answer-empty = the answer is empty
cause-answer-not-text = the answer is not text (from byte { $byte })
cause-answer-cut-off = the answer is cut off after { $bytes } bytes
cause-answer-not-json = the answer is not JSON (line { $line }, column { $column })
cause-other-parts = the answer has no quota, only these parts: { $said }
cause-other-currency = the balance is in an unknown currency: “{ $said }”
cause-no-amounts = { $said ->
        [none] the answer has no balance
       *[other] the answer has no readable amount in { $said }
    }
cause-server-token-refused = Kimi Code’s local server did not accept the token in its file
cause-server-without-usage = Kimi Code’s local server does not offer the quota (status { $status })
cause-server-failed = { $said ->
        [none] Kimi Code’s local server failed with status { $status }
       *[other] Kimi Code’s local server failed with status { $status }: “{ $said }”
    }
cause-server-login-refused = { $said ->
        [none] the service does not accept the login of Kimi Code
       *[other] the service does not accept the login of Kimi Code: “{ $said }”
    }
cause-not-said-who = Kimi Code’s local server does not say who is signed in; its answer was not saved
cause-not-said-where = Kimi Code’s local server does not say in which region it is signed in; choose the region

## What findings say

# An explanation, sentence by sentence, then the facts behind it. The arguments come from the
# analysis; times are in the reader’s zone. $series and $meter are as in the-series.
says-lost = Between { $from } and { $to }, { $series } lost { $amount }.
says-lost-in-new-cycle = Between { $from } and { $to }, { $series } lost { $amount }; a new cycle began in that time.
says-lost-in-steps = Between { $from } and { $to }, { $series } lost { $amount } in { $steps } small steps.
says-emptied = Between { $from } and { $to }, { $series } was emptied, or nearly, in one step: { $before } before, { $after } after.
says-emptied-in-new-cycle = Between { $from } and { $to }, { $series } began a new cycle and was emptied at once: { $before } before, { $after } after.
says-no-usage = There was no usage on this machine in that time.
says-others-idle = Your other machines that reported showed no usage in that time either.
says-usage-deducted-before = All usage on this machine until then had already been deducted.
says-usage-explains = Usage on this machine accounts for { $at_most } at most.
says-other-quota-allows = { $moved ->
        [no] In that time, { $other } did not change, so nothing should have been deducted from { $series }.
       *[yes] In that time, { $other } moved by { $points }, which accounts for { $at_most } at most.
    }
says-largest-step-so-far = Apart from anomalies, the most this account lost in as much time was { $amount }.
says-nothing-like-it-before = This account has never lost anything like it at once.
says-limits-allow = The account’s rate limits allow { $at_most } at most in that time, at the highest price.
says-taken-back = The credit or reset at { $at } ({ $amount }) was reversed.
says-rest-taken-back = All that was left of the { $amount } received at { $at } was taken away again.
says-reset-taken-back = The reset at { $at } ({ $amount }) was taken back, or the service showed it by mistake.
says-voucher-rest-ended = Between { $from } and { $to }, the rest of a voucher ({ $amount }) probably expired: only the voucher balance fell, no usage explains it, and a voucher of that size could have expired then.
says-costs-more = Since { $since }, the same tokens have cost { $times_low }–{ $times_high } times as much of { $series }: { $deducted } deducted, { $expected } expected.
says-hardly-paused = This machine has hardly been idle since then; another machine without logs, used at the same time, would have the same effect.
says-falls-faster = Since { $since }, { $series } has drained { $times_low }–{ $times_high } times as fast while in use, in { $sessions } sessions on several days. No log on this machine shows what it was used for: a more expensive model or more agents would have the same effect.
says-quotas-disagree = Since { $since }, { $meter } has not matched the 5-hour quota: it should have moved by about { $points_expected }, but moved by { $points }.
says-two-figures = Since { $since }, the service has given two figures for { $meter } that differ by more than one point; the larger is { $used } used.
says-reset-overdue = A reset of { $meter } was scheduled for { $due }; { $minutes } minutes later, { $used } was still used.
says-reset-withheld = Between { $from } and { $to }, a new cycle of { $meter } began without a reset: { $before } before, { $after } after.
says-given-back = Between { $from } and { $to }, { $series } got back { $amount } of the { $lost } in the anomaly found at { $of }.
says-late-usage-explains = { $machine ->
        [none] The anomaly found at { $of } is withdrawn: logs that became known later show usage for up to { $at_most } of the { $amount } deducted.
       *[other] The anomaly found at { $of } is withdrawn: logs of “{ $machine }” that became known later show usage for up to { $at_most } of the { $amount } deducted.
    }
says-log-missing = “{ $machine }” has not reported its usage since { $since }.
says-announcement = Kimi Code’s announcement, in effect from { $since }: “{ $text }”.
says-incident = { $title ->
        [none] The status page has reported an incident since { $since }.
       *[other] { $impact ->
            [none] The status page has reported “{ $title }” since { $since }.
           *[other] The status page has reported “{ $title }” since { $since } (impact: { $impact }).
        }
    }
says-reset = Between { $from } and { $to }, { $meter } was reset { $late ->
        [true] late
       *[false] on time
    }: { $before } before, { $after } after; it was scheduled for { $due }.
says-reset-early = Between { $from } and { $to }, { $meter } was reset early: { $before } before, { $after } after; it was scheduled for { $due }.
says-reset-unscheduled = Between { $from } and { $to }, { $meter } was reset: { $before } before, { $after } after; no time had been scheduled.
says-quota-limit-changed = Between { $from } and { $to }, the limit of { $meter } changed from { $before } to { $after }. Percentages before and after cannot be compared.
says-rate-limit-changed = Between { $from } and { $to }, the account’s { $limit } changed from { $before } to { $after }.
says-plan-changed = Between { $from } and { $to }, the plan changed from { $before } to { $after }.
says-account-changed = Between { $from } and { $to }, the key or login of this name began to belong to another account. A new history begins here; nothing is compared with the account before.
says-paid-in = Between { $from } and { $to }, { $amount } was paid in to { $series }.
says-voucher-granted = Between { $from } and { $to }, a voucher of { $amount } was added to { $series }.
says-refunded = Between { $from } and { $to }, { $amount } was refunded to { $series }.
says-deduction-refunded = Between { $from } and { $to }, { $amount } was refunded to { $series }: as much as the deduction at { $of }.
says-received = Between { $from } and { $to }, { $series } received { $amount }; whether paid in or granted is unknown.
says-usage-taken-off = Usage charged in the same time has lowered this amount, by how much is unknown.
says-voucher-ended = Between { $from } and { $to }, a voucher of { $amount } expired: it disappeared at once, while cash fell by no more than usage explains.
says-level-at = { $at }: { $series }: { $level }
says-deducted-expected = { $expects ->
        [nothing] deducted { $amount }, expected none
       *[something] { $slack ->
            [none] deducted { $amount }, expected between { $low } and { $high }
           *[other] deducted { $amount } (±{ $slack }), expected between { $low } and { $high }
        }
    }
says-failed-polls = failed polls in between: { $count }
says-sessions-since = { $sessions } sessions since { $since }: deducted { $deducted }, expected { $expected }
says-sessions-at-pace = { $sessions } sessions since { $since }: deducted { $deducted }, expected at the earlier pace { $expected }
says-while-paused = while this machine was idle ({ $minutes } minutes): deducted { $amount }
says-factor = factor { $factor } ({ $times_low } to { $times_high }), log-likelihood { $log_likelihood }
says-pace = { $factor } times the usual pace ({ $times_low } to { $times_high }), log-likelihood { $log_likelihood }
says-no-usage-logged = no usage was logged on this machine
says-ratio-of-quotas = ratio of the quotas { $times_low } to { $times_high } times the usual, over { $sessions } sessions
says-readings-in-a-row = { $by_count ->
        [none] { $count } readings in a row, the last with { $used }
       *[other] { $count } readings in a row, the last with { $used } as its percentage but { $by_count } from its used and limit
    }
says-scheduled-end = scheduled for { $at }
says-used-at = { $at }: { $used } of { $meter } used
says-quota-at = { $at }: { $used } of { $meter } used, { $ends ->
        [none] no reset scheduled
       *[other] next reset { $ends }
    }
says-quota-of-limit-at = { $at }: { $used } of { $meter } used (limit { $limit }), { $ends ->
        [none] no reset scheduled
       *[other] next reset { $ends }
    }
says-finding-of = event of { $at }
says-returned-at = { $at }: { $series } +{ $amount }
says-rate-limit-at = { $at }: { $limit } { $value }
says-plan-at = { $at }: plan { $plan }
says-user-at = { $at }: user { $user } (hash of the user ID)
says-money-at = { $at }: { $series } at { $left }
says-money-split = { $cash } in cash and { $voucher } in vouchers
says-deduction-at = { $at }: { $amount } deducted from { $series }
says-limit = { $limit ->
        [concurrency] limit of concurrent requests
        [requests-per-minute] limit of requests per minute
        [tokens-per-minute] limit of tokens per minute
       *[tokens-per-day] limit of tokens per day
    }
# Before a text that only exists in English, as it was recorded.
says-recorded-in-english = Recorded in English: “{ $text }”
    .label = Recorded in English:

# In the panels of GNOME and KDE Plasma (packaging/panel)
panel-about = Quotas and balances of your Kimi accounts, from Tidemark on this machine
panel-no-agent = The background agent is not running. Open Tidemark to start it.
panel-no-program = Tidemark was not found. Install it, or set its command in the settings.
panel-lost = No answer from Tidemark. Retrying automatically.
panel-command = Command of Tidemark
    .about = As in a terminal, for example: flatpak run --command=tidemark dev.tidemark.Tidemark
panel-window-command = Command that opens the window
    .about = If empty, the installed application is opened.
panel-account = Account
    .about = The name of the only account to show. If empty, all are shown.
panel-countdown = Time until the reset in the panel

# Channels: alerts away from the desk
channel-test = This channel works
channel-test-body = Tidemark sends its alerts to “{ $name }” like this
channel-failed = The channel “{ $name }” no longer works
channel-level-info = all levels
channel-level-warning = warnings and above
channel-level-urgent = urgent only
channel-digest-day = daily digest
channel-digest-week = weekly digest
cli-channel-none = No channels yet. Add one with: tidemark channel add NAME --kind KIND
cli-channel-name = Channel
cli-channel-kind = Kind
cli-channel-place = Where
cli-channel-gets = Gets
cli-channel-last = Last delivery
cli-channel-never = none yet
cli-channel-delivered = delivered
cli-channel-all = all alerts
cli-channel-quiet-hours = quiet { $from }–{ $to }
cli-channel-removed = Removed { $name }.
cli-channel-tested = A test message was delivered to { $name }.
cli-channel-url-prompt = Address:
cli-channel-secret-prompt = Token, signing secret or password:
cli-channel-stdin-empty = standard input is empty: the address or the secret is read from it
cli-channel-secret-url = the address of { $kind } holds a key, and a command line can be read by others; give it with --url-stdin or --url-env
cli-channel-quiet = --quiet takes two times such as 22:00-08:00, found `{ $found }`

# Digests
digest-title-day = Usage on { $date }
digest-title-week = Usage in the week from { $date }
digest-nothing = Nothing is known of this time
digest-no-data = no data
digest-used = { $account }: { $quota }, { $amount } used
digest-coverage = coverage { $share }
digest-tokens = { $tokens } tokens in { $requests } requests
digest-by-account = By account: { $list }
digest-by-client = By program: { $list }
digest-by-project = By project: { $list }
digest-by-machine = By machine: { $list }
digest-unnamed = unassigned
digest-events = Events: { $counts }
digest-forecasts = Forecasts: { $right } of { $made } were right
digest-unused = { $account }: { $quota }, { $left } left, reset { $when }
