"""What looking at jobs again and again tells, beyond what the API says of each.

`durations`: from `ledger.sightings.of` to when each job was seen live and ended (`courses`), how
long its kind usually takes (`usual`), and which jobs are late, stuck or too quick (`marks`).
`failures`: what failed jobs have in common. Pure functions; all times are UTC.
"""
