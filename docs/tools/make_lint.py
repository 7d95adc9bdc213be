"""Writes docs/lint.md from the rules themselves; `--check` only tells whether it is in step."""

from __future__ import annotations

import sys

from generated import write_or_check

from xraytap.protocol.lint import RULES, TOPICS

_HEAD = """# Lint

Made from the code by `make docs`; do not edit.

`xraytap lint SOURCE...` reads the calls of captures or goldens against the data model of the host's API and against
each other, and tells what is wrong or will bite. It says nothing of what is merely unusual.

```
$ xraytap lint old-client
old-client#12 VM.start: error: parameters: 4 parameters where 3 are due (session, vm, start_paused) [wrong-arity]
old-client#13 event.from_: error: method: xend has no event.from_; the nearest is event.from of XAPI [unknown-method]
xraytap: 16 calls read as xend: 2 errors, 0 warnings; 1 note not shown (--severity note)
```

| severity | meaning |
| --- | --- |
| `error` | wrong: the host refuses it, or another one would |
| `warning` | works by luck, or will bite |
| `note` | worth knowing; nothing has to be done |

`--severity` says from which severity on findings are reported; the default is `warning`. The exit code is 1 if anything
was reported, else 0, so `--severity error` lets a CI run pass with warnings and `--severity note` is the strictest.

`--disable RULE` switches a rule off, `--only RULE` all others; both may come several times, and `*` stands for any text
(`--disable 'json-*'`). `XRAYTAP_LINT_DISABLE` holds rules to switch off with blanks between them. `--filter` chooses
the calls whose findings are reported ([filter.md](filter.md)); all calls are looked at all the same, as a session or
a reference has a history. A capture that is still being recorded has no findings about what is left open.

`xraytap lint --rules` lists the rules, `xraytap lint --explain RULE` prints the page of one.

## Output

`--format text` is for people. `--format json`, or `--json`, prints one object a line:

| key | type | meaning |
| --- | --- | --- |
| `capture` | string | the capture's name, or the golden's |
| `seq` | number | the call |
| `method` | string or null | with its `Async.`; null if it is no RPC or not readable |
| `rule` | string | the rule's name, as below |
| `severity` | string | `error`, `warning`, `note`: mostly the rule's own, milder where the host took it |
| `where` | string | the place in the call: `parameter start_paused`, `value.power_state`, `request header Host` |
| `message` | string | what was found, what is due, what to do |

`--format sarif` prints a SARIF 2.1.0 document, `--format junit` JUnit XML with a suite for each source and in it a case
for each rule. Findings come in the order of the calls; those that only the end can tell (leaks) come last. Memory
grows with the sessions of a capture and not with its length: of references the last 100,000 are remembered, and what
was forgotten is never a finding.

"""


def page() -> str:
    """The whole page."""
    parts = [_HEAD]
    parts.append(f"## Rules\n\nThere are {len(RULES)} rules.\n\n")
    for topic, rules in TOPICS:
        parts.append(f"### {topic}\n\n| rule | severity | finds |\n| --- | --- | --- |\n")
        parts += [f"| [{each.id}](#{each.id}) | {each.severity} | {each.title} |\n" for each in rules]
        parts.append("\n")
    parts.append("## Pages\n\n")
    parts += [
        f"### {each.id}\n\n{each.severity.capitalize()}: {each.title}.\n\n{each.page}\n\n" for each in RULES
    ]
    return "".join(parts).rstrip("\n") + "\n"


if __name__ == "__main__":
    sys.exit(write_or_check("lint.md", page()))
