"""What is said of each file in files/bad, word for word."""

EXPECTED: dict[str, list[str]] = {
    "a-list-instead": ["1:1: a map is needed here, lines of `key: value`"],
    "a-text-instead": ["1:1: a map is needed here, lines of `key: value`"],
    "anchors-and-aliases": [
        "1:4: anchors (`&name`) are not allowed: write the value out where it is needed",
        "2:4: anchors (`&name`) are not allowed: write the value out where it is needed",
        "2:8: aliases (`*name`) are not allowed: write the value out",
        "2:12: aliases (`*name`) are not allowed: write the value out",
    ],
    "bad-escape": ["2:12: an unknown escape in a quoted text: use single quotes, or write \\\\ for one \\"],
    "broken-variable": ["4:18: `${` begins a variable, ${NAME} or ${NAME:-default}: write `$$` for a dollar sign"],
    "colon-in-text": [
        "3:12: a `:` is not allowed here: put a text that contains `: ` in quotes, else look at the indentation"
    ],
    "control-character": ["2:11: a control character stands here: remove it"],
    "crm-incomplete": ["5:1: `secret_key` is missing"],
    "crm-odd-values": [
        "6:15: a text is needed here: put it in quotes",
        "8:8: an address begins with https:// or http://",
        "9:12: give v1 or v1.2",
        "10:15: give a number a second, minute or hour, such as 4/s, 240/min or 5000/h",
    ],
    "crm-old-address": ["5:42: this is the address of v1: say `version: v1` and its `timezone`"],
    "crm-old-version-at-the-new-address": ["5:80: this is the address of v1.2: say `version: v1.2`"],
    "crm-timezone-of-v1-2": ["5:47: v1.2 writes times in UTC: take it out, or say `version: v1`"],
    "crm-unknown-timezone": [
        (
            "5:60: there is no timezone `new york`: give the name of one, such as America/New_York (did you mean "
            "America/New_York?)"
        )
    ],
    "sink-fallbacks": [
        "4:40: it leads back to `sales` (sales → notes → sales): nobody would be told while all of them are dead",
        "5:40: it leads back to `notes` (notes → sales → notes): nobody would be told while all of them are dead",
        "6:40: it leads back to `round` (round → round): nobody would be told while all of them are dead",
        "7:39: there is no sink `ntoes`: known are hasty, lost, notes, round, sales, short (did you mean notes?)",
        "8:53: a duration of at least 1m is needed",
        "9:35: a map is needed here, as in {to: OTHER_SINK, after: 30m}",
        "11:63: the sink `sales` stands twice in this route",
        "11:77: `fallback` belongs to the sink: a route cannot change it; make a second sink",
    ],
    "maps-in-one-word": [
        "3:84: a map is needed here, as in {every: 15m}",
        "3:97: a map is needed here, as in {lead: ID, every: 1h}",
        "4:9: a map is needed here, as in {to: [SINK], every: mon 08:00}",
        "5:57: a map is needed here, as in {leads: 25, per: day}",
        "7:33: a map is needed here, as in {every: 15m, max: 50}",
        "7:45: a map is needed here, as in {for: 3d}",
        "8:32: a map is needed here, as in {over: 20/min, then: digest}",
        "10:23: a map is needed here, as in {per: lead, every: 1d}",
        "10:35: a map is needed here, as in {timeline: {last: 30d}}",
        "11:37: a map is needed here, as in {last: 30d}",
    ],
    "crm-v1-without-a-timezone": [
        "5:46: v1 writes times in the company's timezone: say which, as in `timezone: America/New_York`"
    ],
    "crm-canary-of-no-lead": ["5:37: `lead` is missing"],
    "crm-odd-canary": [
        "7:18: give the lead's id in the CRM, such as 718281920514",
        "7:42: emailAddress is not to be changed for a test: name a text field of your own, or description",
        "7:63: a duration of at least 5m is needed",
        "7:76: there is no source web; there are crm, forms",
        "8:14: give on_start, when_silent or never",
    ],
    "crm-subscribed-on-start-nowhere": [
        "4:48: say in receiver.public_url where the CRM reaches this service",
        "4:48: which of the sources? it is that which `canary` or `reconcile` names as its `source`",
    ],
    "crm-reconcile-of-several-sources": [
        "4:37: say which source's pushes come from this account, as in `source: crm`",
    ],
    "crm-reconcile-of-no-source": [
        "4:56: a duration of at least 1m is needed",
        "4:68: there is no source web; there are crm, forms",
    ],
    "crm-missing-for-read-back": [
        "4:50: `read_back: always` asks the CRM: it needs the section `crm`",
        "6:18: give never, auto or always (did you mean always?)",
    ],
    "dollar-before-template": [
        "6:24: `${` begins a variable, ${NAME} or ${NAME:-default}: write `$$` for a dollar sign"
    ],
    "duplicate-keys": [
        "7:1: `sinks` stands twice in this map, first on line 5",
        "9:3: `log` stands twice in this map, first on line 8",
    ],
    "egress-odd-networks": [
        "5:18: the address has more bits than the network (did you mean 10.1.0.0/16?)",
        "5:31: give a network such as 10.1.0.0/16 or fd00::/8",
    ],
    "email-without-smtp": ["6:13: an e-mail sink needs the section `smtp`"],
    "empty-routes": ["7:9: give at least one route and at most 10000"],
    "empty-section": ["5:6: a value is missing here; a text that begins with # needs quotes"],
    "empty-sources": ["3:12: name at least one source and at most 100"],
    "empty": [
        "1:1: the file is empty: it needs `version`, `receiver` and `routes` (`hookrouter init` writes an example)"
    ],
    "half-a-character": ["2:10: half a character (a surrogate) is written here: write the character itself"],
    "latin-1": ["5:6: the file is not UTF-8 from here on: save it as UTF-8"],
    "lengths": [
        "3:65: `username` is empty: give 1 to 300 characters",
        "3:79: `password` has 1001 characters, and 1000 are the most: shorten it",
        "4:26: name at least one sink and at most 50",
    ],
    "local-tag": ["6:15: tags (`!name`) are not allowed: a text that begins with ! needs quotes"],
    "many-at-once": [
        "4:18: a token has 16 to 256 characters; make a random one as the starter file shows",
        "6:15: there is no sink type `stdot`: give one of email, http, slack, stdout (did you mean stdout?)",
        "9:10: there is no sink `lag` (did you mean log?)",
        "10:5: `stopp` is not known here (did you mean stop?)",
    ],
    "merge-key": [
        "6:8: anchors (`&name`) are not allowed: write the value out where it is needed",
        "7:15: aliases (`*name`) are not allowed: write the value out",
    ],
    "missing-key": ["5:10: a value is missing before this sign, or a text that begins with it needs quotes"],
    "misspelt-section": ["5:1: `retension` is not known here (did you mean retention?)"],
    "no-receiver": ["1:1: `receiver` is missing"],
    "no-routes": ["1:1: `routes` is missing"],
    "no-sources": ["2:1: `sources` is missing"],
    "no-such-character": ["2:9: a character is written by a number that no character has"],
    "no-version": ["1:1: `version` is missing"],
    "odd-replicas": ["5:13: give a whole number from 1 to 10"],
    "odd-receiver-values": [
        "4:15: an address begins with https:// or http://",
        "5:13: give a size with its unit (B, KiB, MiB or GiB), such as 16MiB",
        "6:17: '10' is no duration: give a number with a unit, such as 15m, 1h30m or 3d",
        "7:15: give memory, everysec, fsync or replicated (did you mean fsync?)",
        "8:19: give a whole number from 1 to 100000",
        "8:22: `feilds` is not known here (did you mean fields?)",
        "8:46: give a time from 1s to 5m",
        "8:60: give a whole number from 1 to 10000",
    ],
    "only-comments": [
        "1:1: the file is empty: it needs `version`, `receiver` and `routes` (`hookrouter init` writes an example)"
    ],
    "override-faults": [
        "10:25: `urll` is not known here (did you mean url?)",
        "13:25: `timeout` belongs to the sink: a route cannot change it; make a second sink",
        "13:38: `type` belongs to the sink: a route cannot change it; make a second sink",
        "16:30: a text is needed here: put it in quotes",
    ],
    "override-in-conflict": ["9:10: a GET request has no body"],
    "override-of-a-faulty-sink": ["6:3: `url` is missing", "9:32: a map is needed here, lines of `key: value`"],
    "alerts-odd": [
        "5:20: the sink `log` stands twice here",
        "5:25: there is no sink `op`: known are log",
        "6:29: nothing is told of `lagg` (did you mean lag?)",
        "6:41: `dead` takes no time: write it alone",
        "6:45: say for how long, as in `no_push_for: 2h`",
        "6:58: `no_push_for` stands twice here",
        "6:71: '7' is no duration: give a number with a unit, such as 15m, 1h30m or 3d",
    ],
    "planned-sections": [
        "7:1: `to` is missing",
        "8:1: `to` is missing",
    ],
    "public-url-with-a-password": ["4:15: a name or password does not belong in an address"],
    "python-tag": ["1:10: tags (`!name`) are not allowed: a text that begins with ! needs quotes"],
    "redact-a-hash": ["5:15: a text is needed here: put it in quotes"],
    "retention-odd-durations": [
        "5:21: '7' is no duration: give a number with a unit, such as 15m, 1h30m or 3d",
        "5:30: 'forever' is no duration: give a number with a unit, such as 15m, 1h30m or 3d",
        "5:49: a duration above zero is needed",
        "5:64: '99999d' is longer than ten years",
    ],
    "route-as-a-text": ["8:5: a map is needed here, lines of `key: value`"],
    "route-during-faults": [
        "6:41: there is no timezone `Rome`: give the name of one, such as America/New_York (did you mean Europe/Rome?)",
        "7:3: a name is written in small letters, digits and hyphens (did you mean night?)",
        "11:36: there is no time `sales`: known are Night, sales-desk (did you mean sales-desk?)",
        "12:36: it is open all the time, so this never is",
        "13:61: give hold (deliveries wait until it opens) or drop (the route takes no lead)",
    ],
    "route-enriched-oddly": [
        "9:21: say what is wanted: `timeline: {}`, `lists: true`, or both",
        "10:28: say what is wanted: `timeline: {}`, `lists: true`, or both",
        "11:52: the CRM has no such events (did you mean formSubmit?)",
        "12:36: give true or false",
        "13:52: give wait or deliver",
        "14:69: '5' is no duration: give a number with a unit, such as 15m, 1h30m or 3d",
        "15:42: `deliver_after` is missing",
    ],
    "route-enriched-without-crm": [
        "8:17: `enrich` asks the CRM: it needs the section `crm`",
        "8:43: '30' is no duration: give a number with a unit, such as 15m, 1h30m or 3d",
    ],
    "route-match-timeline-faults": [
        "10:34: the CRM has no such events (did you mean formSubmit?)",
        "11:33: event sources are needed, as in {formSubmit: {count: {gte: 1}, within: 30d}}",
        "12:48: say how often it must have happened, as in {formSubmit: {count: {gte: 1}, within: 30d}}",
        "13:48: write count: {gte: …}",
        "14:56: a number is counted with gt, gte, lt, lte, between, in, not",
        "15:53: a number of events is needed, such as 10; for a span of time there is within",
        "15:65: '7' is no duration: give a number with a unit, such as 15m, 1h30m or 3d",
        "16:49: there are count, last, within (did you mean within?)",
        "17:62: a number is needed",
    ],
    "route-match-timeline-without-crm": ["8:17: `match_timeline` asks the CRM: it needs the section `crm`"],
    "route-from-unknown-source": ["8:25: there is no source `crn` (did you mean crm?)"],
    "route-match-faults": ["8:41: a number is needed"],
    "route-name-not-kebab": ["8:11: a name is written in small letters, digits and hyphens (did you mean hot-lead?)"],
    "route-named-unmatched": [
        "8:12: the name `unmatched` belongs to the leads that no route takes: choose another",
        "10:8: there is no sink `lag` (did you mean log?)",
        "11:3: `match` is not known here; known are to",
    ],
    "route-names-twice": ["9:12: the name `all` is taken by route 1 of the list"],
    "route-once-faults": [
        "8:28: `every` is missing",
        "9:40: give lead (did you mean lead?)",
        "9:54: '1' is no duration: give a number with a unit, such as 15m, 1h30m or 3d",
        "10:55: a duration of at most 366d is needed",
        "11:36: `once` holds back deliveries, and this route makes none",
    ],
    "team-faults": [
        "6:3: `members` is missing",
        "7:20: name at least one member and at most 200",
        "10:17: give the person's id in the CRM, the digits that leads have as their ownerID",
        "10:40: give the person's id in Slack, such as U02ADA: in the profile, under ⋮, `Copy member ID`",
        "10:55: give a whole number from 1 to 100",
        "11:9: `name` is missing",
        (
            "11:26: 2026-12-01 lies before 2026-12-24: the earlier date comes first "
            "(did you mean 2026-12-01 to 2026-12-24?)"
        ),
        "12:37: there is no time `desk`: the section `times` names none",
        "13:17: this person is member 3 of the team already: say `share` there",
        "14:11: give round-robin or fewest-open (did you mean round-robin?)",
        "15:20: give a whole number from 1 to 10000",
        "15:28: give hour or day",
        "16:16: there is no sink and no team `manger`: known are log, both, none, empty, ring",
        "19:16: `both` is the name of a team and of a sink: give one of them another",
        "19:16: it leads back to this team (both → both): name a sink in one of them",
        "22:16: it leads back to this team (ring → ring): name a sink in one of them",
        "27:25: there is no team `esat`: known are none, empty, east, both, ring (did you mean east?)",
        "28:28: nobody would hear of it: name in `to` who is told whom the lead is given to",
    ],
    "report-faults": [
        "10:13: a sink of the type http carries no report: those that do are email, slack, stdout",
        "10:18: there is no sink `manger`: known are api, chain, log, other",
        "10:26: the sink `log` stands twice here",
        "10:31: its fallback `api`, a sink of the type http, carries no report: those that do are email, slack, stdout",
        "11:10: `funday` is no day: a day and a time are needed, such as mon 08:00",
        (
            "12:13: there is no timezone `Europe/Berln`: give the name of one, such as America/New_York "
            "(did you mean Europe/Berlin?)"
        ),
    ],
    "report-odd": [
        "5:14: `to` is empty: give 1 to 20 entries",
        "5:25: a day and a time are needed, such as mon 08:00: a report comes once a week",
        "5:29: `at` is not known here; known are every, timezone, to",
    ],
    "route-objectives": [
        "5:45: '60' is no duration: give a number with a unit, such as 15m, 1h30m or 3d",
        "6:28: give one of p50, p90, p95 and p99, as in {p95: 60s}",
        "7:42: `p42` is not known here; known are p50, p90, p95, p99",
        "8:41: `objective` is of deliveries, and this route makes none",
        "9:40: a map is needed here, as in {p95: 60s}",
    ],
    "route-planned-keys": [
        (
            "8:28: `alerts` is not known here; known are assign, during, enrich, follow_up, match, "
            "match_timeline, name, objective, once, sample, shadow, source, stop, to"
        ),
        "8:56: there is no team `east`: the section `teams` names none",
    ],
    "route-follow-up": [
        "11:17: a duration of at least 1m is needed",
        "12:34: give a sink's name: what the route's `to` says otherwise of it holds here too",
        "13:9: `to` is missing",
        "13:17: two steps are due after 30m: name all their sinks in one",
        "13:40: `changed` names no field",
        "14:47: a number is needed",
        "14:60: there is no sink `sels` (did you mean sales?)",
        "15:17: a duration of at most 30d is needed",
        (
            "15:40: the template speaks of `leed` (did you mean lead?); there is: assigned, changed, event, lead, "
            "link, lists, previous, push, route, say, source, step, timeline"
        ),
        (
            "16:29: there is no condition `nobody`: the section `conditions` names none; a condition itself is a map, "
            "as in {state: CA}"
        ),
        "16:50: `asign` is not known here (did you mean assign?)",
        "17:71: the next of whom? say which team in the `assign` of the route",
        "18:48: `follow_up` reminds those who were told, and this route tells nobody",
    ],
    "route-sample-without-percent": ["8:36: a share above 0% and up to 100% is needed, such as 10%"],
    "route-stop-yes": ["8:34: give true or false"],
    "route-target-without-sink": [
        "8:22: `sink` is missing: the name of the sink that this changes",
        "8:36: give a sink's name, or {sink: name, …} with what this route says otherwise",
        "8:43: give a sink's name, or {sink: name, …} with what this route says otherwise",
    ],
    "route-to-a-sink-twice": ["8:27: the sink `log` stands twice in this route"],
    "route-to-a-text": ["8:21: a list of sinks is needed here (did you mean [log]?)"],
    "route-to-nowhere": ["8:5: `to` is missing: name sinks, or say `stop: true` when its leads go nowhere on purpose"],
    "route-to-unknown-sink": [
        "8:22: there is no sink `lgo` (did you mean log?)",
        "8:34: there is no sink `elsewhere`: known are log",
    ],
    "route-with-no-target": ["8:21: name at least one sink and at most 50"],
    "route-without-name": ["8:5: `name` is missing"],
    "route-words-of-others": [
        "8:17: `receiver` is not known here: where a route leads is called `to` here",
        (
            "8:32: `group_by` is not known here: "
            "several leads share a message by the sink's `digest` here, as in {every: 15m, max: 50, by: ownerID}"
        ),
        "8:47: `continue` is not known here: all matching routes fire: leave it out, or say `stop: true`",
        "8:63: `matchers` is not known here: a route's condition is called `match` here",
        "8:77: `destination` is not known here: where a route leads is called `to` here",
        "8:95: `output` is not known here: where a route leads is called `to` here",
    ],
    "routes-as-a-map": ["8:3: a list is needed here, such as [a, b]"],
    "secret-not-repeated": ["6:51: '(secret)' is no address"],
    "short-token": ["4:18: a token has 16 to 256 characters; make a random one as the starter file shows"],
    "sink-as-a-text": ["6:6: a map is needed here, lines of `key: value`"],
    "sink-hash-without-quotes": ["8:13: a value is missing here; a text that begins with # needs quotes"],
    "sink-key-misspelt": ["6:20: `channell` is not known here (did you mean channel?)"],
    "sink-number-for-text": ["6:29: a text is needed here: put it in quotes"],
    "sink-odd-limits": [
        "4:39: give a whole number from 1 to 1000",
        "5:38: give a whole number from 1 to 1000",
        "6:36: a duration of at most 5m is needed",
    ],
    "sink-odd-shared-values": [
        "6:34: give a whole number from 1 to 1000",
        "6:46: '-1' is no duration: give a number with a unit, such as 15m, 1h30m or 3d",
        "6:63: '1e9' is no duration: give a number with a unit, such as 15m, 1h30m or 3d",
        "6:75: this must not be empty",
    ],
    "sink-odd-timeouts": [
        "4:43: longer than the total of 10s: it would never be reached",
        "5:44: a duration of at most 5m is needed",
        "6:35: `conect` is not known here (did you mean connect?)",
        "7:54: a duration above zero is needed",
        "8:33: \"['3s']\" is no duration: give a number with a unit, such as 15m, 1h30m or 3d",
    ],
    "sink-noise": [
        "6:35: give a number a second, minute or hour, such as 4/s, 240/min or 5000/h",
        "7:35: 1000 is the most",
        "7:49: give digest",
        "8:28: `digest` gathers all leads already: leave one of the two out",
        "9:35: a duration of at least 1m is needed",
        "10:46: there is no `assigned.nam` (did you mean assigned.name?)",
        (
            "11:42: `group_by` is not known here: "
            "several leads share a message by the sink's `digest` here, as in {every: 15m, max: 50, by: ownerID}"
        ),
        "14:35: `burst` belongs to the sink: a route cannot change it; make a second sink",
    ],
    "sink-order-and-rate": [
        "6:42: give strict, latest or none",
        "6:60: give a number a second, minute or hour, such as 4/s, 240/min or 5000/h",
        (
            "7:35: `digest` is not known here: "
            "only sinks that people read gather leads into one message: slack, email and stdout"
        ),
        "10:38: `order` belongs to the sink: a route cannot change it; make a second sink",
    ],
    "sink-planned-keys": [
        (
            "6:35: `digest` is not known here: "
            "only sinks that people read gather leads into one message: slack, email and stdout"
        ),
        (
            "6:47: `burst` is not known here: "
            "only sinks that people read gather leads into one message: slack, email and stdout"
        ),
    ],
    "sink-type-misspelt": [
        "6:13: there is no sink type `slak`: give one of email, http, slack, stdout (did you mean slack?)"
    ],
    "sink-type-of-others": [
        "6:13: there is no sink type `webhook`: give one of email, http, slack, stdout (did you mean http?)"
    ],
    "sink-type-planned": [
        "6:13: the sink type `apprise` is not supported by this version, which has email, http, slack, stdout"
    ],
    "sink-without-type": ["6:3: `type` is missing: one of email, http, slack, stdout"],
    "sizes-and-times-out-of-range": ["4:13: give a size from 1KiB to 64MiB", "5:17: 7d is the longest window"],
    "slack-by-two-ways": [
        "6:3: give `webhook_url`, or `token` and `channel`, not both",
        "7:66: `channel` goes with `token`: a webhook has its channel by itself",
        "8:3: `channel` is missing: where the bot posts",
        "9:3: give `webhook_url`, or `token` and `channel`",
    ],
    "slack-odd-values": [
        "6:27: a bot token is needed, which begins with xoxb-",
        "6:42: give a channel such as #deals, or an id of Slack's: C… of a channel, U… of a person",
        "11:10: an https:// URL is needed (http:// only for this machine, to try things out)",
        (
            "12:11: the template speaks of `leed` (did you mean lead?); "
            "there is: assigned, changed, event, lead, link, lists, previous, push, route, say, source, step, timeline"
        ),
        "15:9: in a `markdown` block a lead's name could make links: use `section` with a text of type mrkdwn",
        "16:9: a block is a map, such as {type: divider}",
    ],
    "slack-claim-alone": [
        "5:50: `claim` needs the sections `slack` and `teams`",
        "6:71: `claim` goes with `token`: a webhook's messages cannot be changed",
        "10:26: `claim` needs the sections `slack` and `teams`",
    ],
    "slack-claim-by-nobody": [
        "4:25: give the signing secret as Slack shows it under Basic Information",
        (
            "8:50: `claim` needs to know people by their Slack ids: give members of `teams` theirs, as in "
            "`slack: U02ADA`"
        ),
    ],
    "slack-claim-of-two": [
        "4:1: `signing_secret` is missing",
        "7:63: this Slack id is that of the owner 313499604 already: one person is one owner in the CRM",
    ],
    "slack-thread-of-a-webhook": [
        "6:72: `thread` goes with `token`: a webhook does not tell which message it made",
        "7:58: give lead, or a map such as {per: lead, later: edit}",
        "8:66: give reply or edit (did you mean edit?)",
    ],
    "slack-override-in-conflict": ["10:28: `channel` goes with `token`: a webhook has its channel by itself"],
    "smtp-half-a-login": ["5:1: `username` and `password` are given together or not at all"],
    "smtp-odd-values": [
        "6:9: give a host's name alone, such as smtp.example.com; its port is `port`",
        "7:9: give a whole number from 1 to 65535",
        "8:8: give starttls, tls or none",
        "9:9: give a mail address such as crm@example.com or The CRM <crm@example.com>",
    ],
    "source-as-a-text": ["4:10: a map is needed here, lines of `key: value`"],
    "source-name-not-kebab": ["4:5: a name is written in small letters, digits and hyphens (did you mean the-crm?)"],
    "source-with-odd-doors": [
        "3:21: give a network such as 10.1.0.0/16 or fd00::/8",
        "5:20: give one token, or a list of up to 5",
        "5:31: name at least one network and at most 100, or leave it out",
        "6:20: a token has 16 to 256 characters; make a random one as the starter file shows",
        "6:63: the address has more bits than the network (did you mean 203.0.113.0/24?)",
    ],
    "source-without-token": ["4:5: `token` is missing"],
    "tab-indentation": ["3:1: a tab stands here: use spaces"],
    "token-as-a-number": ["4:18: a text is needed here: put it in quotes"],
    "token-of-the-example": [
        "4:18: this is the example's token, which everybody knows; make a random one as the starter file shows"
    ],
    "token-with-a-slash": [
        "4:18: a token stands in an address: letters, digits, - and _ only; make a random one as the starter file shows"
    ],
    "too-deep": ["1:23: more than 20 levels deep"],
    "two-documents": ["10:1: a second document begins here: a configuration is one document"],
    "unclosed-bracket": ["3:1: the file ends before a [ or { is closed"],
    "unclosed-quote": ["2:10: the file ends before the quoted text that begins here is closed"],
    "unquoted-at-sign": ["3:9: a text that begins with @, %, ` or another sign of YAML needs quotes"],
    "unquoted-template": ["3:10: a key must be a text; a value that begins with { or [, such as {{ … }}, needs quotes"],
    "unset-variable": ["4:18: the variable NOBODY_SET_THIS is not set, nor is NOBODY_SET_THIS_FILE"],
    "utf-16": ["1:1: the file is not UTF-8 from here on: save it as UTF-8"],
    "variable-not-repeated": ["6:24: '${SMTP_PASSWORD}' is no address"],
    "version-in-quotes": ["1:10: this version reads `version: 1` only"],
    "version-two": ["1:10: this version reads `version: 1` only"],
    "words-of-alertmanager": ["5:1: `receivers` is not known here: targets are called `sinks` here"],
    "wrong-indentation": ["4:3: this does not fit the lines above: look at the indentation and the brackets"],
    "tests-with-faults": [
        "13:13: there is no source `crn` (did you mean crm?)",
        "14:14: there is no route `hot-laed` (did you mean hot-lead?)",
        "14:42: there is no sink `lok` (did you mean log?)",
        "15:11: the name `names that do not exist` is taken by test 1 of the list",
        "16:11: none of id, leadID, whoID, emailAddress says who it is",
        "17:24: give a list of sinks, or one of none, stop, shadow, held (did you mean [log]?)",
        "18:5: `name` is missing",
        "18:30: not a number",
        "20:9: give a time such as 2026-11-18T12:00:00-05:00; without a zone it is in UTC",
        "21:16: the CRM has no such events (did you mean formSubmit?)",
        "21:43: `eventSource` is missing: the kind of event, such as formSubmit",
        '21:85: an event is needed, as in {eventSource: formSubmit, createTimestamp: "…"}',
        "22:13: say where the lead goes, as in {hot-lead: [sales]}; {} means nowhere",
        "23:5: `expects` is not known here (did you mean expect?)",
        "26:34: not a number",
        '27:16: give a time as the CRM does: "2026-11-18 11:58:00", in UTC',
        "28:9: give a time such as 2026-11-18T12:00:00-05:00; without a zone it is in UTC",
        "29:30: the sink `log` stands twice here",
        "29:36: there is no route `1`: known are hot-lead",
        "29:39: give a list of sinks, or one of none, stop, shadow, held (did you mean [nowhere]?)",
        "32:15: it says who the lead is, and cannot have been another",
        "36:15: a new lead has one createTimestamp and updateTimestamp: leave them out",
        "37:24: give a list of sinks, or one of none, stop, shadow, held (did you mean none?)",
        "38:5: `expect` is missing",
        "39:11: a lead's fields are needed, as in {id: 1, leadScore: 91}",
        "40:15: give the fields that differed, as in {leadScore: 40}, or `none` for a new lead",
        "41:5: a map is needed here, lines of `key: value`",
    ],
}
